"""The net for immediate risk as the console sees it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from earshot.analysis import safety
from earshot.analysis.browse import Search
from earshot.analysis.filters import Filter, filters, subtree
from earshot.analysis.missed import missed
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api", tags=["comments"])


class MissedOut(BaseModel):
    """The share of comments without a flag that tell of risk all the same, with its 95 % interval."""

    rate: float
    low: float
    high: float


class SampleOut(BaseModel):
    """The random sample of comments without a flag: drawn, looked at, and found to tell of risk."""

    drawn: int
    looked_at: int
    missed: int
    estimate: MissedOut | None


class WatchOut(BaseModel):
    """How many comments may tell of immediate risk, how many of them wait for a person, and what is missed."""

    flagged: int
    waiting: int
    sample: SampleOut


@router.get("/safety")
async def watch(
    request: Request,
    actor: Annotated[Actor, Depends(allowed("comments"))],
    given: Annotated[Filter, Depends(filters)],
) -> WatchOut:
    """What the net for immediate risk heard, and how much it misses, under the filters."""
    async with database(request).transaction(actor.scope) as connection:
        within = await subtree(connection, given.org_id)
        search = Search(org_ids=within, since=given.since, until=given.until, streams=given.streams)
        found = await safety.watch(connection, search)
    estimate = missed(found.missed, found.looked_at)
    sample = SampleOut(
        drawn=found.drawn,
        looked_at=found.looked_at,
        missed=found.missed,
        estimate=MissedOut(rate=estimate.rate, low=estimate.low, high=estimate.high) if estimate else None,
    )
    return WatchOut(flagged=found.flagged, waiting=found.waiting, sample=sample)
