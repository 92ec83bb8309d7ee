"""Learning from corrections for the console: history, a new run, putting a model to use and going back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from earshot.analysis import learning
from earshot.core import audit
from earshot.core.work import enqueue
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/learning", tags=["learning"])
May = Annotated[Actor, Depends(allowed("learn"))]
BundleId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,120}$")]


class BeforeAfter(BaseModel):
    """An F1 before and after."""

    before: float
    after: float


class LabelChangeOut(BaseModel):
    """One label on the held-out corrections: how many have it, and its F1 before and after."""

    label: str
    n: int
    before: float
    after: float


class ScoresOut(BaseModel):
    """What learning did to the themes of corrections that were held out, and whether that is used."""

    learned_from: int
    held_out: int
    macro_f1: BeforeAfter
    micro_f1: BeforeAfter
    labels: list[LabelChangeOut]
    used: bool = True


class SentimentScoresOut(BaseModel):
    """What learning did to the sentiment of corrections that were held out; the labels are the ratings 1 to 5.

    `accuracy` is the share of ratings all right, `macro_f1` the mean F1 of positive, neutral and negative.
    """

    learned_from: int
    held_out: int
    accuracy: BeforeAfter
    macro_f1: BeforeAfter
    labels: list[LabelChangeOut]
    used: bool


class VersionOut(BaseModel):
    """One model."""

    id: str
    parent: str | None
    state: learning.State
    reason: str
    made_on: date
    made_by_name: str | None
    scores: ScoresOut | None
    sentiment: SentimentScoresOut | None


class LearningOut(BaseModel):
    """Every model, the one in use, and what there is to learn from."""

    active: str | None
    waiting: bool
    corrections: int
    needed: int
    since: int
    versions: list[VersionOut]


class QueuedOut(BaseModel):
    """Work was queued."""

    state: Literal["waiting"] = "waiting"


@router.get("")
async def history(request: Request, actor: Annotated[Actor, Depends(allowed("comments"))]) -> LearningOut:
    """Every model and how it did, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        versions = await learning.versions(connection)
        material = await learning.material(connection)
        waiting = await learning.waiting(connection)
    return LearningOut(
        active=next((version.id for version in versions if version.state == "active"), None),
        waiting=waiting,
        corrections=material.corrections,
        needed=learning.FEWEST,
        since=material.since,
        versions=[VersionOut.model_validate(asdict(version)) for version in versions],
    )


@router.post("/retrain", status_code=202)
async def retrain(request: Request, actor: May) -> QueuedOut:
    """Learn from all corrections, in the background."""
    async with database(request).transaction(actor.scope) as connection:
        found = (await learning.material(connection)).corrections
        if found < learning.FEWEST:
            raise learning.TooFew(
                f"{learning.TooFew.__doc__} There are {found}; correct or check {learning.FEWEST - found} more."
            )
        await enqueue(connection, "learn", {"account_id": actor.account_id}, key="learn", priority=1)
        await audit.record(connection, action="learning.asked", by=actor.account_id)
    return QueuedOut()


@router.post("/read-again", status_code=202)
async def read_again(request: Request, actor: May) -> QueuedOut:
    """Read older comments again with the model in use, behind everything that is new."""
    async with database(request).transaction(actor.scope) as connection:
        await enqueue(connection, "read_again", {}, key="read_again", priority=-5)
        await audit.record(connection, action="learning.read_again", by=actor.account_id)
    return QueuedOut()


@router.post("/{bundle_id}/activate", status_code=204)
async def activate(request: Request, actor: May, bundle_id: BundleId) -> Response:
    """Put a model to use: comments that come from now on are read with it."""
    async with database(request).transaction(actor.scope) as connection:
        await learning.activate(connection, bundle_id)
        await audit.record(connection, action="learning.activated", by=actor.account_id)
    return Response(status_code=204)


@router.post("/{bundle_id}/roll-back", status_code=204)
async def roll_back(request: Request, actor: May, bundle_id: BundleId) -> Response:
    """Go back to the model that this one was made from."""
    async with database(request).transaction(actor.scope) as connection:
        await learning.roll_back(connection, bundle_id)
        await audit.record(connection, action="learning.rolled_back", by=actor.account_id)
    return Response(status_code=204)
