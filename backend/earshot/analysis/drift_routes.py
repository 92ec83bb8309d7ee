"""The drift log for the console."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from earshot.analysis import drift
from earshot.analysis.filters import Filter, filters, subtree
from earshot.core.work import enqueue
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/drift", tags=["learning"])


class WeekFigures(BaseModel):
    """One week: shares from 0 to 1, and how far its mean embedding lies from that of the first weeks (0 to 2)."""

    week_start: date
    comments: int
    not_assigned: float | None
    mean_p: float | None
    not_english: float | None
    shift: float | None
    unknown_words: float | None
    moved: list[drift.Measure]


class BandOut(BaseModel):
    """Between which figures the newest week would lie if nothing had changed."""

    measure: drift.Measure
    low: float
    high: float


class ProviderDrift(BaseModel):
    """One stream of one provider, weeks oldest first, with a sentence about the newest."""

    org_id: UUID
    org_name: str
    stream: str
    sentence: str
    weeks: list[WeekFigures]
    bands: list[BandOut]


class DriftOut(BaseModel):
    """The drift log."""

    providers: list[ProviderDrift]


class LookOut(BaseModel):
    """The work was queued."""

    state: Literal["waiting"] = "waiting"


def _week(week: drift.Week) -> WeekFigures:
    figures = {measure: week.figures.get(measure) for measure in drift.MEASURES}
    return WeekFigures.model_validate(
        {"week_start": week.week_start, "comments": week.comments, "moved": week.moved, **figures}
    )


def _provider(weeks: list[drift.Week]) -> ProviderDrift:
    last = weeks[-1]
    bands = [BandOut(measure=name, low=last.bands[name][0], high=last.bands[name][1])
             for name in drift.MEASURES if name in last.bands]  # fmt: skip
    return ProviderDrift(
        org_id=last.org_id,
        org_name=last.org_name,
        stream=last.stream,
        sentence=drift.sentence(weeks),
        weeks=[_week(week) for week in weeks],
        bands=bands,
    )


@router.get("")
async def log(
    request: Request,
    actor: Annotated[Actor, Depends(allowed("measures"))],
    given: Annotated[Filter, Depends(filters)],
) -> DriftOut:
    """Whether what is said, or how well it is read, has moved, for each provider and stream."""
    async with database(request).transaction(actor.scope) as connection:
        org_ids = await subtree(connection, given.org_id)
        rows = await drift.weeks(connection, org_ids, given.streams, given.since, given.until)
    grouped = groupby(rows, key=lambda week: (week.org_id, week.stream))
    return DriftOut(providers=[_provider(list(weeks)) for _, weeks in grouped])


@router.post("", status_code=202)
async def look(request: Request, actor: Annotated[Actor, Depends(allowed("learn"))]) -> LookOut:
    """Work the weeks out that are over, now instead of on Monday night."""
    async with database(request).transaction(actor.scope) as connection:
        await enqueue(connection, "drift", {}, key="drift", priority=-1)
    return LookOut()
