"""The worker's steps of the public page."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from earshot.core.db import Database
from earshot.core.work import Payload, Stage
from earshot.publishing import recounting

REFREEZE_STAGE = "refreeze"


async def refreeze(database: Database, payload: Payload) -> None:
    """Erased organisation-days, once they are counted anew → published counts without what was erased."""
    cells = sorted({(UUID(org_id), date.fromisoformat(day)) for org_id, day in payload["cells"]})
    async with database.transaction() as connection:
        await recounting.refreeze(connection, cells)


REFREEZE = Stage(REFREEZE_STAGE, refreeze)
