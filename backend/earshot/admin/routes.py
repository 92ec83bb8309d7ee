"""The Work page: what the workers have to do, and jobs that wait for a person."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from earshot.admin import store
from earshot.core import work
from earshot.core.errors import NotFound
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/work", tags=["work"])
May = Annotated[Actor, Depends(allowed("work"))]


class StageOut(BaseModel):
    """How much of one stage waits, runs, is held and was done in the last hour."""

    entrypoint: str
    queued: int
    picked: int
    held: int
    done_recently: int


class HeldOut(BaseModel):
    """A job that failed to the last try; `error` names a class and lines of code, never a text."""

    id: int
    entrypoint: str
    attempts: int
    error: str | None
    since: datetime


class WorkOut(BaseModel):
    """Everything that the workers have to do."""

    stages: list[StageOut]
    held: list[HeldOut]
    waiting_comments: int
    held_submissions: int
    workers: int


@router.get("")
async def overview(request: Request, actor: May) -> WorkOut:
    """What waits, what runs and what is held."""
    async with database(request).transaction(actor.scope) as connection:
        return WorkOut(
            stages=[StageOut(**asdict(stage)) for stage in await work.status(connection)],
            held=[HeldOut(**asdict(job)) for job in await work.held(connection)],
            waiting_comments=await store.waiting_comments(connection),
            held_submissions=await store.held_submissions(connection),
            workers=await work.busy_workers(connection),
        )


@router.post("/retry-all", status_code=204)
async def retry_all(request: Request, actor: May) -> Response:
    """Try every held job again."""
    async with database(request).transaction(actor.scope) as connection:
        await work.retry(connection)
    return Response(status_code=204)


@router.post("/{job_id}/retry", status_code=204)
async def retry(request: Request, actor: May, job_id: Annotated[int, Path(ge=0, le=2**63 - 1)]) -> Response:
    """Try one held job again."""
    async with database(request).transaction(actor.scope) as connection:
        if not await work.retry(connection, job_id):
            raise NotFound
    return Response(status_code=204)
