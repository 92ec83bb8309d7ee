"""The worker's steps that look after the house."""

from __future__ import annotations

from earshot.admin.trail import Anchors
from earshot.core.config import settings
from earshot.core.db import Database
from earshot.core.work import Payload, Stage


async def anchor(database: Database, _payload: Payload) -> None:
    """The newest line of the audit trail → a file outside the database, so that a cut end is found."""
    async with database.connection() as connection:
        await Anchors(settings().home).drop(connection)


ANCHOR = Stage("anchor", anchor, at_once=1, cron="17 * * * *")
