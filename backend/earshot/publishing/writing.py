"""From a draft to the public page and back: written by one person, let out by another, each step noted.

All of it runs inside the caller's transaction; the database keeps the same rules once more.
"""

from __future__ import annotations

from uuid import UUID

from earshot.core import audit
from earshot.core.db import Connection, Query
from earshot.core.errors import FieldError, Invalid, NotAllowed
from earshot.improvement.model import keep_nameless
from earshot.people.matrix import ACTIONS, Role
from earshot.people.model import Actor
from earshot.publishing import counting, proving, quotes, store
from earshot.publishing.model import (
    LONGEST_NOTE,
    STREAMS,
    Draft,
    NothingPublic,
    NothingToUndo,
    NothingWaits,
    Publication,
    Step,
    Version,
    Whose,
    may_approve,
)

_ACTS_OVER = Query(bool, "SELECT acts_over($1, $2)")


async def allows(connection: Connection, action: str, org_id: UUID) -> bool:
    """Whether the person acting may do something at this very place."""
    roles = [role.value for role in Role if action in ACTIONS[role]]
    return await _ACTS_OVER.one(connection, org_id, roles)


async def allow(connection: Connection, action: str, org_id: UUID) -> None:
    """Raise `NotAllowed` where the person acting may not do something at this very place."""
    if not await allows(connection, action, org_id):
        raise NotAllowed


def may_read(actor: Actor, whose: Whose) -> None:
    """Raise `NotAllowed` where somebody would publish counts of comments that they may not read."""
    if not set(STREAMS[whose]) <= set(actor.streams):
        raise NotAllowed


def nameless(draft: Draft) -> None:
    """Raise `Invalid` where a text seems to tell who somebody is."""
    for field in ("title", "heard", "did", "correction"):
        keep_nameless(field, getattr(draft, field))


async def begin(
    connection: Connection, by: UUID, org_id: UUID, whose: Whose, improvement_id: UUID | None, draft: Draft
) -> UUID:
    """A new publication with its first draft; its counts are frozen now. Returns its id."""
    await allow(connection, "improve", org_id)
    nameless(draft)
    proof = await proving.proof(connection, improvement_id, org_id)
    await quotes.check(connection, org_id, whose, draft)
    numbers = await counting.numbers(connection, org_id, STREAMS[whose], draft.theme, draft.stretches)
    made = await store.add(connection, org_id, whose, improvement_id)
    await store.add_version(connection, made, org_id, whose, draft, numbers, proof, by)
    await store.take_step(connection, made, 1, "written", by)
    return made


async def change(connection: Connection, by: UUID, publication: Publication, draft: Draft, seen: int) -> None:
    """Other words for the draft, or where there is none a new version that corrects what was let out."""
    await allow(connection, "improve", publication.org_id)
    await store.touch(connection, publication.id, seen)
    out = publication.last_out
    if out is not None and not draft.correction:
        raise Invalid(fields=[FieldError("correction", "Say what you correct, so that readers can see it.")])
    nameless(draft)
    await quotes.check(connection, publication.org_id, publication.whose, draft)
    proof = await proving.proof(connection, publication.improvement_id, publication.org_id)
    streams = STREAMS[publication.whose]
    numbers = await counting.numbers(connection, publication.org_id, streams, draft.theme, draft.stretches)
    waiting = publication.waiting
    if waiting is not None:
        await store.rewrite(connection, waiting.id, draft, numbers, proof, by)
        return
    await store.add_version(
        connection, publication.id, publication.org_id, publication.whose, draft, numbers, proof, by
    )
    await store.take_step(connection, publication.id, publication.versions[0].n + 1, "written", by)


async def discard(connection: Connection, publication: Publication, seen: int) -> None:
    """Take the draft away, and all of it where nothing was ever let out; raises `NothingWaits`."""
    await allow(connection, "improve", publication.org_id)
    await store.touch(connection, publication.id, seen)
    if publication.waiting is None:
        raise NothingWaits
    if len(publication.versions) == 1:
        await store.drop(connection, publication.id)
    else:
        await store.drop_draft(connection, publication.id)


async def approve(connection: Connection, by: UUID, publication: Publication, seen: int) -> None:
    """Let the draft onto the public page; raises `OwnWords` for whoever wrote some of it, and `NothingWaits`."""
    await allow(connection, "publish", publication.org_id)
    await store.touch(connection, publication.id, seen)
    waiting = publication.waiting
    if waiting is None:
        raise NothingWaits
    may_approve(waiting, by)
    await quotes.check(connection, publication.org_id, publication.whose, waiting.draft)
    await store.approve(connection, publication.id, waiting.id, by)
    await _note(connection, publication, waiting, "approved", by)


async def withdraw(connection: Connection, by: UUID, publication: Publication, because: str, seen: int) -> None:
    """Take it off the public page at once; raises `NothingPublic`."""
    await allow(connection, "publish", publication.org_id)
    await store.touch(connection, publication.id, seen)
    public = publication.public
    if public is None:
        raise NothingPublic
    await store.withdraw(connection, public.id, because[:LONGEST_NOTE])
    await _note(connection, publication, public, "withdrawn", by)


async def undo(connection: Connection, by: UUID, publication: Publication, seen: int) -> None:
    """Take the last approval or withdrawal back; raises `NothingToUndo`."""
    await allow(connection, "publish", publication.org_id)
    await store.touch(connection, publication.id, seen)
    last = undoable(publication, await store.steps(connection, publication.id))
    if last is None:
        raise NothingToUndo
    if last.state == "withdrawn":
        await store.let_out_again(connection, last.id)
    else:
        await store.back_to_draft(connection, last.id)
        before = next((v for v in publication.versions if v.n < last.n and v.state in ("replaced", "withdrawn")), None)
        if before is not None and before.state == "replaced":
            await store.let_out_again(connection, before.id)
    await _note(connection, publication, last, "undone", by)


def undoable(publication: Publication, steps: list[store.TakenStep]) -> Version | None:
    """The version whose approval or withdrawal was the last thing that a person did; None where nothing can go back."""
    last = next((step for step in steps if step.step != "recounted"), None)
    if last is None or last.step not in ("approved", "withdrawn") or publication.waiting is not None:
        return None
    return next((version for version in publication.versions if version.n == last.n), None)


async def _note(connection: Connection, publication: Publication, version: Version, step: Step, by: UUID) -> None:
    await store.take_step(connection, publication.id, version.n, step, by)
    await audit.record(
        connection, action=f"publication.{step}", by=by, subject=publication.id, org_id=publication.org_id
    )
