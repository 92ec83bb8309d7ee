"""The library of what worked, praise, and how closely organisations are watched, for the console."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as FromQuery

from earshot.analysis.filters import Filter, filters, subtree
from earshot.core import audit
from earshot.core.errors import FieldError, Invalid
from earshot.core.work import enqueue
from earshot.improvement import assurance, assurance_store, library, library_stages, library_store, recognition
from earshot.improvement.answers import (
    Assurance,
    AssuranceIn,
    AssurancePackOut,
    AssuranceStep,
    ImportedLibrary,
    Library,
    LibraryEntry,
    LibraryFile,
    PraisedTeamOut,
    PraiseList,
    PraiseOut,
    RefusedEntry,
)
from earshot.improvement.assurance_store import Step
from earshot.improvement.recognition import Praised
from earshot.people.model import Actor, Stream
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api", tags=["improvement"])

Seer = Annotated[Actor, Depends(allowed("improvements"))]
Improver = Annotated[Actor, Depends(allowed("improve"))]
Given = Annotated[Filter, Depends(filters)]
Org = Annotated[UUID | None, FromQuery(description="An organisation; the provider that it belongs to is meant.")]
USUAL = timedelta(days=27)


@router.get("/library")
async def entries(request: Request, actor: Seer) -> Library:
    """What worked, newest first; `waiting` entries are still being read for names."""
    async with database(request).transaction(actor.scope) as connection:
        found = await library_store.entries(connection, None)
        waiting = await library_store.waiting(connection)
    return Library(items=[LibraryEntry.model_validate(one) for one in found], waiting=waiting)


@router.get("/library/export")
async def export(request: Request, response: Response, actor: Seer, org: Org = None) -> dict[str, Any]:
    """A provider's library as a file for another organisation: text that people wrote, and no comment."""
    async with database(request).transaction(actor.scope) as connection:
        provider = await library_store.provider(connection, org)
        found = await library_store.entries(connection, provider.id)
    response.headers["Content-Disposition"] = 'attachment; filename="what-worked.json"'
    return library.exported([one.entry for one in found], provider.name)


@router.post("/library/import")
async def take(request: Request, actor: Improver, given: LibraryFile, org: Org = None) -> ImportedLibrary:
    """Take another organisation's library in; every entry that is refused is told with its reason."""
    refused: list[RefusedEntry] = []
    added: list[UUID] = []
    known = 0
    async with database(request).transaction(actor.scope) as connection:
        provider = await library_store.provider(connection, org)
        if given.format != library.FORMAT or given.version != library.VERSION:
            raise library.WrongFile
        for number, raw in enumerate(given.entries, start=1):
            try:
                entry = library.read(raw)
            except library.EntryRefused as why:
                refused.append(RefusedEntry(number=number, title=library.title_of(raw), reason=str(why)))
                continue
            made = await library_store.add(connection, provider.id, entry, actor.account_id, imported=True)
            added += [] if made is None else [made]
            known += made is None
        if added:
            await enqueue(connection, "library", library_stages.job(added))
        await audit.record(connection, action="library.imported", by=actor.account_id, org_id=provider.id)
    return ImportedLibrary(added=len(added), known=known, refused=refused)


@router.get("/praise")
async def praise(
    request: Request, actor: Seer, given: Given, limit: Annotated[int, FromQuery(ge=1, le=500)] = 100
) -> PraiseList:
    """Praise of the period, by default the last 28 days: for each team, and in people's own words.

    Words about a team that were said elsewhere show only where that place had ten comments or more. Staff's praise of
    colleagues is counted, and shown to those who may read it.
    """
    until = given.until or date.today()
    since = given.since or until - USUAL
    async with database(request).transaction(actor.scope) as connection:
        places = await subtree(connection, given.org_id)
        found = await recognition.listed(connection, places, given.streams, since, until, limit)
        teams = await recognition.by_team(connection, places, given.streams, since, until)
    return PraiseList(
        since=since,
        until=until,
        teams=[PraisedTeamOut.model_validate(team) for team in teams],
        items=[_praise(one) for one in found],
    )


def _praise(one: Praised) -> PraiseOut:
    return PraiseOut(
        org_id=one.org_id,
        org_name=one.org_name,
        stream=Stream(one.stream),
        said_on=one.said_on,
        words=one.text if one.text is not None else one.words,
        full=one.text is not None,
        named=one.named,
        comment_id=one.comment_id if one.text is not None else None,
    )


@router.get("/assurance")
async def levels(request: Request, actor: Seer, given: Given) -> Assurance:
    """At which level organisations in view are watched, why, and how that came to be."""
    async with database(request).transaction(actor.scope) as connection:
        history = await assurance_store.history(connection, await subtree(connection, given.org_id))
    return _assurance(history, actor)


@router.put("/assurance")
async def give_level(request: Request, actor: Improver, given: AssuranceIn) -> Assurance:
    """Give an organisation a level from today on, with reasons; earlier levels stay in the history."""
    pack = assurance.pack()
    async with database(request).transaction(actor.scope) as connection:
        await subtree(connection, given.org_id)
        if pack.level(given.level) is None:
            raise Invalid(fields=[FieldError("level", "Choose a level from the list.")])
        if given.review_on is not None and given.review_on < date.today():
            raise Invalid(fields=[FieldError("review_on", "Choose a day that is still to come.")])
        await assurance_store.give(
            connection, given.org_id, pack.id, given.level, given.reasons, given.review_on, actor.account_id
        )
        await audit.record(connection, action="assurance.level", by=actor.account_id, org_id=given.org_id)
        return _assurance(await assurance_store.history(connection, None), actor)


def _assurance(history: list[Step], actor: Actor) -> Assurance:
    now = assurance_store.now(history)
    return Assurance(
        pack=AssurancePackOut.model_validate(assurance.pack()),
        now=[_step(one) for one in now],
        history=[_step(one) for one in history],
        may_set=actor.may("improve"),
    )


def _step(one: Step) -> AssuranceStep:
    return AssuranceStep(
        org_id=one.org_id,
        org_name=one.org_name,
        level=one.level,
        level_name=assurance.name_of(one.pack, one.level),
        reasons=one.reasons,
        review_on=one.review_on,
        review_due=one.review_on is not None and one.review_on <= date.today(),
        set_by_name=one.set_by_name,
        set_on=one.set_on,
        pack=one.pack,
    )
