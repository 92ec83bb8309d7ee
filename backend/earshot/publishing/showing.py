"""Publications as the console shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from earshot.core.db import Connection
from earshot.people.model import Actor
from earshot.publishing import proving, store, writing
from earshot.publishing.answers import (
    NumberOut,
    PublicationOut,
    PublicationRow,
    PublicationStep,
    PublicationVersion,
    QuoteOut,
    reading_out,
)
from earshot.publishing.model import Publication, Version
from earshot.publishing.pages import item_of
from earshot.publishing.public_routes import HOME
from earshot.publishing.reading_age import Reading, read


async def rows(connection: Connection, actor: Actor, found: Sequence[Publication]) -> list[PublicationRow]:
    """Publications as a list shows them, by their newest versions."""
    names = await _names(connection, found)
    return [_row(publication, actor.account_id, names) for publication in found]


async def detail(connection: Connection, actor: Actor, publication: Publication, home: str) -> PublicationOut:
    """One publication with everything about it; `home` is the public door's address."""
    names, steps = await _names(connection, [publication]), await store.steps(connection, publication.id)
    publishes = await writing.allows(connection, "publish", publication.org_id)
    waiting, newest = publication.waiting, publication.versions[0]
    now = await proving.proof_seen(connection, publication.improvement_id)
    return PublicationOut(
        id=publication.id,
        org_id=publication.org_id,
        org_name=publication.org_name,
        whose=publication.whose,
        improvement_id=publication.improvement_id,
        revision=publication.revision,
        address=f"{home}{HOME}/{publication.org_code}#item-{publication.id}",
        proof_changed=now is not None and now.verdict != newest.proof.verdict,
        may_edit=await writing.allows(connection, "improve", publication.org_id),
        may_approve=publishes and waiting is not None and actor.account_id not in waiting.writers,
        may_withdraw=publishes and publication.public is not None,
        may_undo=publishes and writing.undoable(publication, steps) is not None,
        versions=[_version(publication, version, names) for version in publication.versions],
        steps=[PublicationStep(n=step.n, step=step.step, by_name=step.by_name, on_day=step.on_day) for step in steps],
    )


def reading_of(version: Version) -> Reading:
    """How hard the words of a version are to read: its title counts as a sentence."""
    draft = version.draft
    return read("\n".join((draft.title, draft.heard, draft.did, draft.correction)))


async def _names(connection: Connection, found: Sequence[Publication]) -> Mapping[UUID, str]:
    people = {one for publication in found for version in publication.versions for one in version.writers}
    people |= {v.approved_by for publication in found for v in publication.versions if v.approved_by is not None}
    return await store.names(connection, sorted(people))


def _row(publication: Publication, person: UUID, names: Mapping[UUID, str]) -> PublicationRow:
    newest = publication.versions[0]
    return PublicationRow(
        id=publication.id,
        org_id=publication.org_id,
        org_name=publication.org_name,
        title=newest.draft.title,
        state=newest.state,
        public=publication.public is not None,
        verdict=newest.proof.verdict,
        writers=[names.get(writer, "") for writer in newest.writers],
        written_on=newest.written_on,
        reading_age=reading_of(newest).age,
        mine=publication.waiting is not None and person in publication.waiting.writers,
    )


def _version(publication: Publication, version: Version, names: Mapping[UUID, str]) -> PublicationVersion:
    draft, item = version.draft, item_of(publication, version)
    return PublicationVersion(
        n=version.n,
        state=version.state,
        title=draft.title,
        heard=draft.heard,
        did=draft.did,
        correction=draft.correction,
        theme=draft.theme,
        since=draft.since,
        until=draft.until,
        changed_on=draft.changed_on,
        quote=None if draft.quote is None else QuoteOut(comment_id=draft.quote.comment_id, text=draft.quote.text),
        numbers=[NumberOut(since=n.since, until=n.until, about=n.about, heard=n.heard) for n in version.numbers],
        counts=item.counts,
        recounted_on=version.recounted_on,
        verdict=version.proof.verdict,
        helped=item.helped,
        verdict_words=version.proof.words,
        error_rate=version.proof.error_rate,
        reading=reading_out(reading_of(version)),
        writers=[names.get(writer, "") for writer in version.writers],
        written_on=version.written_on,
        approved_by=None if version.approved_by is None else names.get(version.approved_by, ""),
        approved_on=version.approved_on,
        withdrawn_on=version.withdrawn_on,
        withdrawn_because=version.withdrawn_because,
    )
