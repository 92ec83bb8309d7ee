"""The measure that intake is held against: a bare FastAPI handler that inserts one row through the same pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from fastapi import FastAPI
from pydantic import BaseModel

from earshot.core.config import settings
from earshot.core.db import Database


class Body(BaseModel):
    """The same fields as a submission."""

    link: str
    audience: str
    fft: int
    answers: dict[str, str]


def app() -> FastAPI:
    """The bare app, for granian's `--factory`."""
    database = Database(settings().role_dsn or "", max_size=8)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        yield
        await database.close()

    bare = FastAPI(lifespan=lifespan, openapi_url=None)

    @bare.post("/bare", status_code=201)
    async def insert(body: Body) -> dict[str, str]:
        row = uuid4()
        await database.pool.execute(
            "INSERT INTO bare (id, link, audience, fft, answer) VALUES ($1, $2, $3, $4, $5)",
            row, body.link, body.audience, body.fft, next(iter(body.answers.values())),
        )  # fmt: skip
        return {"id": str(row)}

    return bare
