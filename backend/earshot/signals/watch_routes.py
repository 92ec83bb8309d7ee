"""What stands beside the list of signals: the Overview's top, the map, charts' marks, the budget, and looking back."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery

from earshot.core import audit
from earshot.core.errors import NotAllowed, NotFound
from earshot.measures.model import measure
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.signals import grid, store, watch
from earshot.signals import known as looking_back
from earshot.signals.answers import Known, MarkOut, PrecisionOut, RulesIn, RulesOut, SignalMap, TopSignals
from earshot.signals.model import Rules
from earshot.signals.routes import Given, SignalReader, reader
from earshot.taxonomy.frameworks import frameworks

router = APIRouter(prefix="/api/signals", tags=["signals"])
Budgeter = Annotated[Actor, Depends(allowed("budget"))]
Org = Annotated[UUID | None, FromQuery(description="An organisation; the provider that it belongs to is meant.")]
MeasureId = Annotated[
    str, FromQuery(alias="measure", max_length=200, pattern=r"^[^\x00]+$", description="The id of a measure.")
]


@router.get("/top")
async def top(request: Request, actor: SignalReader, given: Given) -> TopSignals:
    """What the Overview shows: the most telling open signal of each place in view, concerns and improvements apart."""
    async with database(request).transaction(actor.scope) as connection:
        return await watch.top(connection, reader(actor), given)


@router.get("/map")
async def signal_map(request: Request, actor: SignalReader, given: Given) -> SignalMap:
    """Units by themes, each with its strongest open signal."""
    async with database(request).transaction(actor.scope) as connection:
        return await grid.grid(connection, reader(actor), given)


@router.get("/on-chart")
async def on_chart(request: Request, actor: SignalReader, given: Given, measure_id: MeasureId) -> list[MarkOut]:
    """The signals to draw on a measure's chart, closed ones too."""
    asked = measure(frameworks(), measure_id)
    if asked is None:
        raise NotFound
    async with database(request).transaction(actor.scope) as connection:
        return await watch.marks(connection, reader(actor), given, asked)


@router.get("/known")
async def known(
    request: Request,
    actor: SignalReader,
    on: Annotated[date, FromQuery(description="The day to look back to.")],
    org: Org = None,
) -> Known:
    """When could we have known? What Earshot had found by a day, and the same look made again from today's counts."""
    async with database(request).transaction(actor.scope) as connection:
        return await looking_back.known(connection, reader(actor), actor.streams, on, org)


@router.get("/precision")
async def precision(request: Request, actor: SignalReader, given: Given) -> list[PrecisionOut]:
    """How useful people found the signals of each detector."""
    async with database(request).transaction(actor.scope) as connection:
        return await watch.precision(connection, given)


@router.get("/rules")
async def rules(request: Request, actor: SignalReader, org: Org = None) -> RulesOut:
    """How many false alarms a month the provider bears, and how soon a possible risk must be acknowledged."""
    async with database(request).transaction(actor.scope) as connection:
        return await watch.rules(connection, org, may_change=actor.may("budget"))


@router.put("/rules")
async def set_rules(request: Request, actor: Budgeter, given: RulesIn, org: Org = None) -> RulesOut:
    """Set both; they hold from the next look on. Only for those who see the whole provider."""
    async with database(request).transaction(actor.scope) as connection:
        now = await watch.rules(connection, org, may_change=True)
        if not now.may_change:
            raise NotAllowed
        wanted = Rules(given.false_alarms, given.acknowledge_hours)
        await store.set_rules(connection, now.provider_id, wanted, actor.account_id)
        await audit.record(connection, action="signals.rules", by=actor.account_id, org_id=now.provider_id)
        return await watch.rules(connection, org, may_change=True)
