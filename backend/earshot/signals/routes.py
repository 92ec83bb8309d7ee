"""Signals for the console: the list, one signal, and what people do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery

from earshot.analysis.filters import Filter, filters, subtree
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.signals import page, store
from earshot.signals.answers import (
    ChangeIn,
    SignalCounts,
    SignalDetail,
    SignalList,
    SignalOut,
    UsefulIn,
    UsefulOut,
    signal_out,
)
from earshot.signals.model import FEWEST_STAFF, Kind, Meaning, State, change
from earshot.signals.store import Reader, Wanted

router = APIRouter(prefix="/api/signals", tags=["signals"])

SignalReader = Annotated[Actor, Depends(allowed("signals"))]
Triage = Annotated[Actor, Depends(allowed("triage"))]
Given = Annotated[Filter, Depends(filters)]
_OPEN: tuple[State, ...] = ("new", "acknowledged", "watching", "acted_on", "reopened")


def reader(actor: Actor) -> Reader:
    """How an actor reads signals: guardians see those of a single member of staff, all others those of five or more."""
    return Reader(actor.account_id, 1 if actor.may_everywhere("signals_of_few") else FEWEST_STAFF)


@router.get("")
async def signals(
    request: Request,
    actor: SignalReader,
    given: Given,
    kind: Annotated[Sequence[Kind] | None, FromQuery(description="May be given several times.")] = None,
    state: Annotated[
        Sequence[State] | None, FromQuery(description="May be given several times; all that are not closed by default.")
    ] = None,
    meaning: Annotated[Sequence[Meaning] | None, FromQuery(description="Concern, improvement or neutral.")] = None,
    unowned: Annotated[bool | None, FromQuery(description="Only those that nobody has taken on.")] = None,
    limit: Annotated[int, FromQuery(ge=1, le=500)] = 100,
) -> SignalList:
    """Signals, most pressing first: overdue, then one comment's, then by the weight of the evidence."""
    async with database(request).transaction(actor.scope) as connection:
        wanted = Wanted(
            org_ids=await subtree(connection, given.org_id),
            streams=given.streams,
            kinds=kind,
            states=state or _OPEN,
            meanings=meaning,
            unowned=True if unowned else None,
            since=given.since,
            until=given.until,
        )
        found = await store.listed(connection, reader(actor), wanted, limit)
        counts = await store.counts(connection, reader(actor), wanted)
    return SignalList(
        items=[signal_out(signal) for signal in found], counts=SignalCounts.model_validate(asdict(counts))
    )


@router.get("/{signal_id}")
async def signal(request: Request, actor: SignalReader, signal_id: UUID) -> SignalDetail:
    """One signal with its chart, evidence, related signals and life."""
    async with database(request).transaction(actor.scope) as connection:
        return await page.detail(connection, reader(actor), signal_id, may_triage=actor.may("triage"))


@router.post("/{signal_id}/changes")
async def make_change(request: Request, actor: Triage, signal_id: UUID, given: ChangeIn) -> SignalOut:
    """Acknowledge, watch, note as acted on, close, reopen, take on, hand back, or undo one's own last step.

    412 where somebody changed the signal meanwhile, 409 where its state does not allow the action.
    """
    async with database(request).transaction(actor.scope) as connection:
        found = await store.one(connection, reader(actor), signal_id)
        last = await store.last_step(connection, signal_id)
        made = change(
            page.was(found), given.action, actor.account_id, reason=given.reason, note=given.note or None, last=last
        )
        await store.change(connection, found, made, actor.account_id, given.revision)
        return signal_out(await store.one(connection, reader(actor), signal_id))


@router.post("/{signal_id}/useful")
async def useful(request: Request, actor: SignalReader, signal_id: UUID, given: UsefulIn) -> UsefulOut:
    """Answer "Was this useful?"; a second answer replaces the first."""
    async with database(request).transaction(actor.scope) as connection:
        await store.one(connection, reader(actor), signal_id)
        answers = await store.answer(connection, signal_id, actor.account_id, given.useful)
    return UsefulOut(yes=answers.yes, no=answers.no, mine=given.useful)
