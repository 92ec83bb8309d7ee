"""The worker's steps that look after the house."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from earshot.admin import erasure, keeping
from earshot.admin.trail import Anchors
from earshot.core.config import settings
from earshot.core.db import Database
from earshot.core.work import Payload, Stage

ERASE_STAGE, RETENTION_STAGE = "erase", "retention"


async def anchor(database: Database, _payload: Payload) -> None:
    """The newest line of the audit trail → a file outside the database, so that a cut end is found."""
    async with database.connection() as connection:
        await Anchors(settings().home).drop(connection)


async def retention(database: Database, payload: Payload) -> None:
    """What is past its time → nothing; with {"dry_run": true} it is only counted, for the page."""
    today = date.today()
    if payload.get("dry_run"):
        async with database.transaction() as connection:
            await keeping.count(connection, today)
        return
    await keeping.remove(database, settings(), today)


async def erase(database: Database, payload: Payload) -> None:
    """A case or a response that somebody asked to erase → a tombstone; asked twice, it is erased once."""
    by = None if payload.get("by") is None else UUID(payload["by"])
    async with database.transaction() as connection:
        if payload["kind"] == "case":
            await erasure.erase_case(connection, UUID(payload["id"]), why="asked", by=by)
        else:
            await erasure.erase_responses(connection, [UUID(payload["id"])], why="asked", by=by)


ANCHOR = Stage("anchor", anchor, at_once=1, cron="17 * * * *")
RETENTION = Stage(RETENTION_STAGE, retention, at_once=1, cron="40 1 * * *")
ERASE = Stage(ERASE_STAGE, erase)
