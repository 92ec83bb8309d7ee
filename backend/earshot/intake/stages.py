"""The worker's part of imports: carry one out, and take one back."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from uuid import UUID

from earshot.core.config import Settings, settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import Invalid, NotFound
from earshot.core.work import Payload
from earshot.intake import imports_store as store
from earshot.intake.columns import Mapping
from earshot.intake.importing import ImportMoved, Run, undo
from earshot.intake.imports import prepare
from earshot.intake.spool import Spool, UploadLost


async def run_import(database: Database, payload: Payload) -> None:
    """Carry out the import that the console queued, or go on where an earlier worker stopped."""
    await carry_out(database, UUID(payload["import_id"]), settings())


async def undo_import(database: Database, payload: Payload) -> None:
    """Take back everything that an import brought; doing so again changes nothing."""
    import_id = UUID(payload["import_id"])
    Spool(settings()).forget(import_id)
    async with database.transaction() as connection:
        await undo(connection, import_id)


async def carry_out(database: Database, import_id: UUID, house: Settings) -> None:
    """The same under given settings; a file that cannot be imported closes the import as failed, with the reason."""
    spool = Spool(house)
    async with database.transaction() as connection:
        try:
            plan = await store.plan(connection, import_id)
        except NotFound:
            return
    if plan.state == "running":
        try:
            content = await asyncio.to_thread(spool.take, import_id)
            mapping = Mapping.from_json(json.dumps(plan.mapping["mapping"]))
            prepared = await asyncio.to_thread(prepare, content, plan.file_name, mapping)
            await Run(database, plan, prepared, KeyFiles(house.keys), date.today()).carry_out()
        except ImportMoved:
            return
        except (Invalid, UploadLost) as error:
            async with database.transaction() as connection:
                await store.finish(connection, import_id, "failed", [error.message])
    spool.forget(import_id)
