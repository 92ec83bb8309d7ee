"""Breaking the glass: two named people open together what its handlers cannot, and everybody concerned can see it.

The first asks and says why; the second agrees by taking the outer layer off the key. Neither can open it alone.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request

from earshot.cases import glass_store, showing, store, texts_store
from earshot.cases.glass_store import Glass
from earshot.cases.keys_answers import AgreeIn, AskIn, GlassGive, GlassList, GlassOpened, GlassOut
from earshot.cases.keys_routes import KeyKeeper
from earshot.cases.routes import LocksMissing, for_handlers
from earshot.cases.texts_store import Lock
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import Conflict, NotAllowed
from earshot.people.model import Actor
from earshot.people.routes import database

router = APIRouter(prefix="/api/break-glass", tags=["break-glass"])


class AskedAlready(Conflict):
    """Somebody has asked for this case already, and that is not settled yet."""


class NotWaiting(Conflict):
    """This was settled already. Load the page again."""


class NotYours(NotAllowed):
    """Only the second of the two people can settle this, and never the one who asked."""


class NotOpen(NotAllowed):
    """Only the person who asked can open this, once the other has agreed, for a week."""


@router.get("")
async def requests(request: Request, actor: KeyKeeper) -> GlassList:
    """The requests that one has a part in, and those about cases that one handles, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        found = await glass_store.listed(connection)
        return GlassList(
            items=[_out(one, actor) for one in found], may_ask=await glass_store.may_ask(connection)
        )  # fmt: skip


@router.post("", status_code=201)
async def ask(request: Request, actor: KeyKeeper, given: AskIn) -> GlassOut:
    """Ask the second person to open a case with you; 404 for one whose escrow you are not the first person of."""
    async with database(request).transaction(actor.scope) as connection:
        case_id = await glass_store.escrowed(connection, given.reference)
        asked = await glass_store.ask(connection, case_id, actor.account_id, given.reason)
        if asked is None:
            raise AskedAlready
        await _mark(connection, case_id, "ask", "break_glass_asked", actor)
        return _out(await glass_store.one(connection, asked), actor)


@router.post("/{glass_id}/agree")
async def agree(request: Request, actor: KeyKeeper, glass_id: UUID, given: AgreeIn) -> GlassOut:
    """Agree, as the second person, by taking the outer layer off the key."""
    async with database(request).transaction(actor.scope) as connection:
        found = await _second(connection, actor, glass_id)
        if not await glass_store.agree(connection, glass_id, actor.account_id, given.inner_sealed):
            raise NotWaiting
        await _mark(connection, found.case_id, "agree", "break_glass_agreed", actor)
        return _out(await glass_store.one(connection, glass_id), actor)


@router.post("/{glass_id}/refuse")
async def refuse(request: Request, actor: KeyKeeper, glass_id: UUID) -> GlassOut:
    """Refuse, as the second person."""
    async with database(request).transaction(actor.scope) as connection:
        found = await _second(connection, actor, glass_id)
        if not await glass_store.refuse(connection, glass_id):
            raise NotWaiting
        await _mark(connection, found.case_id, "refuse", "break_glass_refused", actor)
        return _out(await glass_store.one(connection, glass_id), actor)


@router.get("/{glass_id}")
async def look(request: Request, actor: KeyKeeper, glass_id: UUID) -> GlassOpened:
    """Open the case, as the first person, once the second has agreed: its sealed texts without private notes."""
    async with database(request).transaction(actor.scope) as connection:
        found = await _opened(connection, actor, glass_id)
        case = await store.one(connection, actor.account_id, found.case_id)
        if await glass_store.opened(connection, glass_id):
            await texts_store.add_step(connection, case.id, "break_glass_opened", actor.account_id)
        await audit.record(connection, action="break_glass.open", by=actor.account_id, subject=case.id)
        texts = await texts_store.texts(connection, case.id, without=("note",))
        return GlassOpened(
            glass=_out(await glass_store.one(connection, glass_id), actor),
            stream=case.stream,
            way=case.way,
            received_on=case.received_on,
            texts=[showing.text_out(text) for text in texts],
            handlers=[showing.handler_out(one) for one in await store.handlers(connection, case.id)],
        )


@router.post("/{glass_id}/locks", status_code=201)
async def give(request: Request, actor: KeyKeeper, glass_id: UUID, given: GlassGive) -> GlassOut:
    """Give handlers who could not open the case its key, as the first person, once the second has agreed."""
    async with database(request).transaction(actor.scope) as connection:
        found = await _opened(connection, actor, glass_id)
        if any(lock.opens != "case" for lock in given.locks):
            raise LocksMissing("Private notes are not part of the escrow.")
        for_handlers(await store.handlers(connection, found.case_id), given.locks)
        for lock in given.locks:
            await texts_store.add_lock(connection, Lock(found.case_id, lock.pair_id, lock.opens, lock.sealed))
        await _mark(connection, found.case_id, "give", "break_glass_given", actor)
        return _out(found, actor)


async def _second(connection: Connection, actor: Actor, glass_id: UUID) -> Glass:
    """A request that the person may settle; raises `NotFound`, or `NotYours`."""
    found = await glass_store.one(connection, glass_id)
    if found.part != "second" or found.asked_by_id == actor.account_id:
        raise NotYours
    return found


async def _opened(connection: Connection, actor: Actor, glass_id: UUID) -> Glass:
    """A request that the person asked and the other agreed to; raises `NotFound`, or `NotOpen`."""
    found = await glass_store.one(connection, glass_id)
    if found.asked_by_id != actor.account_id or found.part != "first":
        raise NotOpen
    if found.state(date.today()) not in ("agreed", "opened"):
        raise NotOpen
    return found


async def _mark(connection: Connection, case_id: UUID, action: str, step: str, actor: Actor) -> None:
    """Leave a mark on the case, which its handlers and the person who spoke see, and a line in the audit trail."""
    await texts_store.add_step(connection, case_id, step, actor.account_id)
    await audit.record(connection, action=f"break_glass.{action}", by=actor.account_id, subject=case_id)


def _out(one: Glass, actor: Actor) -> GlassOut:
    state = one.state(date.today())
    opens = one.asked_by_id == actor.account_id and state in ("agreed", "opened")
    return GlassOut.model_validate(
        {
            **{name: getattr(one, name) for name in GlassOut.model_fields if hasattr(one, name)},
            "state": state,
            "part": one.part or "handler",
            "outer_sealed": one.outer_sealed if state == "waiting" else None,
            "inner_sealed": one.inner_sealed if opens else None,
        }
    )
