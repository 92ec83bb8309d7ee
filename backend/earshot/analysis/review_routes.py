"""Corrections and the review queue for the console."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as FromQuery
from pydantic import BaseModel

from earshot.analysis import browse, corrections, review
from earshot.analysis.answers import CommentOut, comment_out
from earshot.analysis.corrections import Correction, Given, Place
from earshot.analysis.filters import Filter, filters, subtree
from earshot.core.db import Connection
from earshot.core.work import enqueue
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api", tags=["review"])
May = Annotated[Actor, Depends(allowed("review"))]
SOON = 5  # the priority of work that somebody waits for


class CorrectionOut(BaseModel):
    """A correction, who made it, and whether it still counts."""

    id: UUID
    comment_id: UUID
    kind: corrections.Kind
    framework: str | None
    theme: str | None
    present: bool | None
    sentiment: int | None
    identifier: str | None
    made_by_name: str
    made_on: date
    ended_on: date | None
    may_be_undone: bool


def _out(correction: Correction) -> CorrectionOut:
    return CorrectionOut(**asdict(correction), may_be_undone=correction.may_be_undone)


@router.get("/comments/{comment_id}/corrections")
async def of_comment(
    request: Request, actor: Annotated[Actor, Depends(allowed("comments"))], comment_id: UUID
) -> list[CorrectionOut]:
    """What people corrected in a comment, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        await browse.one(connection, comment_id)
        return [_out(correction) for correction in await corrections.of(connection, comment_id)]


@router.post("/comments/{comment_id}/corrections", status_code=201)
async def correct(request: Request, actor: May, comment_id: UUID, given: Given) -> CorrectionOut:
    """Correct what the machine made of a comment; the person has looked at it then, too."""
    async with database(request).transaction(actor.scope) as connection:
        place = await corrections.place(connection, comment_id)
        made = await corrections.make(connection, place, given, actor.account_id)
        judged = given.kind in ("risk", "checked")  # who corrects a theme has not said anything about a risk
        await browse.looked_at(connection, comment_id, actor.account_id, risk=judged)
        await _follow(connection, place, reread=given.kind == "redaction")
        return _out(made)


@router.delete("/corrections/{correction_id}", status_code=204)
async def undo(request: Request, actor: May, correction_id: UUID) -> Response:
    """Undo a correction, unless it took something out of the text."""
    async with database(request).transaction(actor.scope) as connection:
        place = await corrections.undo(connection, correction_id, actor.account_id)
        await _follow(connection, place, reread=False)
    return Response(status_code=204)


async def _follow(connection: Connection, place: Place, *, reread: bool) -> None:
    """Counts follow the corrected state; a text that changed is read again."""
    await enqueue(connection, "rollup", corrections.touched([place]), priority=SOON)
    if reread:
        await enqueue(connection, "analyse", {"comments": [place.comment_id]}, priority=SOON)


class ItemOut(BaseModel):
    """Something to look at; a submission that could not be de-identified has no comment.

    `risk` is the probability of the likeliest immediate risk, 0 where none was heard.
    """

    id: UUID
    comment: CommentOut | None
    reasons: list[str]
    urgent: bool
    risk: float
    uncertainty: float
    org_id: UUID
    org_name: str
    stream: str
    said_on: date
    previous: UUID | None
    next: UUID | None


class CountsOut(BaseModel):
    """How many items there are, by what they are for."""

    person: int
    safety: int
    unsure: int
    sample: int
    held: int


class QueueOut(BaseModel):
    """One page of the queue."""

    items: list[ItemOut]
    next: str | None
    total: int
    counts: CountsOut


@router.get("/review")
async def queue(
    request: Request,
    actor: May,
    given: Annotated[Filter, Depends(filters)],
    kind: review.Kind | None = None,
    after: str | None = None,
    limit: Annotated[int, FromQuery(ge=1, le=100)] = 25,
) -> QueueOut:
    """What people should look at, most pressing first."""
    cursor = review.Cursor.parse(after) if after else None
    async with database(request).transaction(actor.scope) as connection:
        org_ids = await subtree(connection, given.org_id)
        wanted = review.Wanted(org_ids, given.streams, given.since, given.until, kind)
        items = await review.page(connection, wanted, after=cursor, limit=limit)
        counted = await review.counts(connection, wanted)
        reads = await browse.some(connection, [item.comment_id for item in items if item.comment_id])
    comments = {read.id: comment_out(read) for read in reads}
    return QueueOut(
        items=[
            ItemOut.model_validate({**asdict(item), "comment": comments.get(item.comment_id or item.id)})
            for item in items
        ],
        next=str(review.Cursor.of(items[-1])) if items and items[-1].next else None,
        total=counted.total,
        counts=CountsOut.model_validate(asdict(counted)),
    )
