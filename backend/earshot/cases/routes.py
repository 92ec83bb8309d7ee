"""Cases for the people who handle them: the queue, one case, and what is done with it.

Every change says which version of the case it is about (If-Match), so that nobody's work is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi import Query as FromQuery

from earshot.analysis.filters import subtree
from earshot.cases import showing, store, texts_store
from earshot.cases.answers import (
    CaseChoices,
    CaseDetail,
    CaseIn,
    CaseOut,
    CaseQueue,
    CloseIn,
    GiveIn,
    LinkIn,
    LockIn,
    MessageIn,
    NoteIn,
    OwnerIn,
    ThankedOut,
    ThankIn,
)
from earshot.cases.model import (
    LEARNINGS,
    OUTCOMES,
    SENIORITIES,
    STAFF_ELEMENTS,
    WORKER_GROUPS,
    CaseFile,
    Handler,
    NoLock,
    StaleCase,
    State,
    VersionMissing,
    in_order,
    known_elements,
    may_own,
    must_be_closed,
    must_be_open,
)
from earshot.cases.texts_store import Lock
from earshot.cases.working_days import england
from earshot.core.db import Connection
from earshot.core.errors import Conflict, FieldError, Invalid
from earshot.people.model import Actor, Stream
from earshot.people.routes import allowed, database
from earshot.taxonomy import frameworks

router = APIRouter(prefix="/api/cases", tags=["cases"])

CaseHandler = Annotated[Actor, Depends(allowed("cases"))]
_SORTED = {"elements", "worker_group", "seniority", "suggestion"}


class LocksMissing(Conflict):
    """Send a lock of the notes for everybody who can open this case, and for nobody else. Load the case again first."""


class NotAHandler(Conflict):
    """One of these key pairs is of nobody who may handle this case, or is no longer in use. Load the case again."""


def version_seen(
    if_match: Annotated[str | None, Header(description='The ETag of the case that was seen, such as "3".')] = None,
) -> int:
    """The version of a case that a change is about; raises `VersionMissing`, and `StaleCase` where it is none."""
    if if_match is None:
        raise VersionMissing
    number = if_match.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise StaleCase
    return int(number)


Version = Annotated[int, Depends(version_seen)]


@router.get("")
async def queue(
    request: Request,
    actor: CaseHandler,
    state: Annotated[
        Sequence[State] | None,
        FromQuery(description="May be given several times; by default all that wait, also closed ones written to."),
    ] = None,
    mine: Annotated[bool, FromQuery(description="Only those that one owns or is the deputy of.")] = False,
    org_id: Annotated[UUID | None, FromQuery(description="An organisation: it and all below it.")] = None,
    stream: Annotated[Sequence[Stream] | None, FromQuery(description="Who spoke; may be given several times.")] = None,
    limit: Annotated[int, FromQuery(ge=1, le=500)] = 200,
) -> CaseQueue:
    """Cases, most pressing first: what a person must look at, overdue thanks, criticality, age."""
    today, person = date.today(), actor.account_id
    async with database(request).transaction(actor.scope) as connection:
        places = await subtree(connection, org_id)
        wanted = store.Wanted(state, places, stream, mine)
        found = in_order(await store.listed(connection, person, wanted), today, england())
        shown = await showing.cases_out(connection, person, found[:limit])
    return CaseQueue(items=shown, counts=showing.counts(found, person, today))


@router.get("/choices")
async def choices(actor: CaseHandler) -> CaseChoices:
    """The codes that cases are sorted and closed with, and their words."""
    del actor
    return CaseChoices(
        elements={stream.value: list(_elements(stream)) for stream in Stream},
        worker_groups=dict(WORKER_GROUPS),
        seniorities=dict(SENIORITIES),
        outcomes=dict(OUTCOMES),
        learnings=dict(LEARNINGS),
    )


@router.post("/thank")
async def thank(request: Request, actor: CaseHandler, given: ThankIn) -> ThankedOut:
    """Note that the persons of several cases were thanked; those thanked before stay as they are."""
    async with database(request).transaction(actor.scope) as connection:
        thanked = await store.thank(connection, given.ids, date.today(), actor.account_id)
        found = await store.some(connection, actor.account_id, thanked)
        return ThankedOut(items=await showing.cases_out(connection, actor.account_id, found))


@router.get("/{case_id}")
async def case(request: Request, response: Response, actor: CaseHandler, case_id: UUID) -> CaseDetail:
    """One case with its sealed texts. Every look at it is kept in the audit trail."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.one(connection, actor.account_id, case_id)
        _tag(response, found)
        return await showing.detail(connection, actor.account_id, found)


@router.patch("/{case_id}")
async def sort(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: CaseIn
) -> CaseOut:
    """Sort a case, or say that it tells of the same as another; what is left out stays."""
    sent = given.model_fields_set
    if not sent:
        raise Invalid(fields=[FieldError("body", "Say what to change.")])
    async with database(request).transaction(actor.scope) as connection:
        was = await opened(connection, actor, case_id)
        now = replace(was, **_sorted(actor, was, given), state="open")
        if now.same_as is not None and "same_as" in sent:
            await _another(connection, was, now.same_as)
        step, relink = _step(sent), "same_as" in sent
        await store.change(connection, was, now, version, actor.account_id, step=step, relink=relink)
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/owner")
async def own(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: OwnerIn
) -> CaseOut:
    """Settle who looks after a case, and who if they cannot.

    409 with the reason for somebody whom the case excludes, who has no key to it, or who does not handle its place.
    """
    async with database(request).transaction(actor.scope) as connection:
        was = await opened(connection, actor, case_id)
        _two_people(given)
        people, excluded = await store.handlers(connection, case_id), await store.excluded(connection, case_id)
        for person, role in ((given.account_id, "owner"), (given.deputy_id, "deputy")):
            if person is not None:
                may_own(person, people, excluded, role)
        owned_on = None if given.account_id is None else date.today()
        now = replace(was, owner_id=given.account_id, deputy_id=given.deputy_id, owned_on=owned_on, state="open")
        step = "released" if given.account_id is None else "owned"
        await store.change(connection, was, now, version, actor.account_id, step=step)
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/messages", status_code=201)
async def write(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: MessageIn
) -> CaseOut:
    """Write to the person; who holds the receipt reads it, also when the case is closed."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        now = replace(was, state="open" if was.state == "new" else was.state)
        await store.change(connection, was, now, version, actor.account_id, step="answered")
        await texts_store.add_text(connection, case_id, "from_handler", given.sealed, actor.account_id)
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/notes", status_code=201)
async def note(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: NoteIn
) -> CaseOut:
    """Keep a private note under the notes' own key, which the first note brings along; the person never sees it."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        if was.notes_public is None:
            _locks_for_all(await store.handlers(connection, case_id), given, actor.account_id)
        elif given.locks or given.notes_public not in (None, was.notes_public):
            raise StaleCase
        now = replace(was, notes_public=was.notes_public or given.notes_public)
        await store.change(connection, was, now, version, actor.account_id, step="noted")
        await texts_store.add_text(connection, case_id, "note", given.sealed, actor.account_id)
        await _give(connection, case_id, given.locks)
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/close")
async def close(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: CloseIn
) -> CaseOut:
    """Close a case and tell the person what came of it."""
    async with database(request).transaction(actor.scope) as connection:
        was = await opened(connection, actor, case_id)
        now = replace(was, state="closed", closed_on=date.today(), outcome=given.outcome, learning=given.learning)
        await store.change(connection, was, now, version, actor.account_id, step="closed")
        await texts_store.add_text(connection, case_id, "outcome", given.sealed, actor.account_id)
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/reopen")
async def reopen(request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version) -> CaseOut:
    """Open a closed case again."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        must_be_closed(was)
        now = replace(was, state="open", closed_on=None, outcome=None, learning=None)
        await store.change(connection, was, now, version, actor.account_id, step="reopened")
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/link")
async def link(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: LinkIn
) -> CaseOut:
    """Note that a case goes on from an earlier one whose receipt was lost; 404 for a reference that one cannot see."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        earlier = await store.by_reference(connection, given.reference)
        await _another(connection, was, earlier.id)
        now = replace(was, continues_id=earlier.id)
        await store.change(connection, was, now, version, actor.account_id, step="continues")
        return await changed(connection, response, actor, case_id)


@router.post("/{case_id}/locks", status_code=201)
async def give(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: GiveIn
) -> CaseOut:
    """Give colleagues access: locks for their key pairs, made where the case is open."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        if not was.has_lock:
            raise NoLock
        if was.notes_public is None and any(lock.opens == "notes" for lock in given.locks):
            raise LocksMissing("This case has no notes yet.")
        for_handlers(await store.handlers(connection, case_id), given.locks)
        await store.change(connection, was, was, version, actor.account_id, step="access_given")
        await _give(connection, case_id, given.locks)
        return await changed(connection, response, actor, case_id)


def for_handlers(people: Sequence[Handler], locks: Sequence[LockIn]) -> None:
    """Let locks be kept only for key pairs of those who may handle the case; raises `NotAHandler`."""
    if {lock.pair_id for lock in locks} - {one.pair_id for one in people}:
        raise NotAHandler


async def opened(connection: Connection, actor: Actor, case_id: UUID) -> CaseFile:
    """A case that can be worked on; raises `NotFound`, and `CaseClosed`."""
    found = await store.one(connection, actor.account_id, case_id)
    must_be_open(found)
    return found


async def changed(connection: Connection, response: Response, actor: Actor, case_id: UUID) -> CaseOut:
    """A case as it stands after a change, its new version in the ETag."""
    found = await store.one(connection, actor.account_id, case_id)
    _tag(response, found)
    return (await showing.cases_out(connection, actor.account_id, [found]))[0]


def _tag(response: Response, found: CaseFile) -> None:
    response.headers["ETag"] = f'"{found.version}"'


def _elements(stream: str) -> Sequence[str]:
    return STAFF_ELEMENTS if stream == "staff" else frameworks.of_stream(stream).names


def _sorted(actor: Actor, was: CaseFile, given: CaseIn) -> dict[str, Any]:
    """What a change puts in place of what was."""
    sent = given.model_fields_set
    found = {name: getattr(given, name) for name in sent & {"worker_group", "seniority", "suggestion", "same_as"}}
    if "elements" in sent:
        found["elements"] = known_elements(given.elements or (), _elements(was.stream))
    if given.way is not None:
        found["way"] = given.way
    if sent & _SORTED and was.triaged_on is None:
        found |= {"triaged_on": date.today(), "triaged_by": actor.account_id}
    return found


def _two_people(given: OwnerIn) -> None:
    """Let an owner have a deputy, but nobody be both; raises `Invalid`."""
    if given.deputy_id is not None and given.account_id in (None, given.deputy_id):
        raise Invalid(fields=[FieldError("deputy_id", "Choose an owner first, and then somebody else as the deputy.")])


def _step(sent: set[str]) -> str:
    """What a change is called, by the most telling of its parts."""
    if sent & _SORTED:
        return "triaged"
    if "same_as" in sent:
        return "linked"
    return "way_changed" if "way" in sent else "opened"


async def _another(connection: Connection, was: CaseFile, other: UUID) -> None:
    """Let a case be linked to another that the person may see; raises `Invalid` for itself or none."""
    if other == was.id or await store.named(connection, other) is None:
        raise Invalid(fields=[FieldError("same_as", "Choose another case.")])


def _locks_for_all(people: Sequence[Handler], given: NoteIn, writer: UUID) -> None:
    """Let the first note be kept only where everybody who can open the case, its writer too, can open its notes."""
    if not any(one.account_id == writer and one.has_lock for one in people):
        raise NoLock
    if given.notes_public is None or any(lock.opens != "notes" for lock in given.locks):
        raise LocksMissing
    if {lock.pair_id for lock in given.locks} != {one.pair_id for one in people if one.has_lock}:
        raise LocksMissing


async def _give(connection: Connection, case_id: UUID, locks: Sequence[LockIn]) -> None:
    for lock in locks:
        await texts_store.add_lock(connection, Lock(case_id, lock.pair_id, lock.opens, lock.sealed))
