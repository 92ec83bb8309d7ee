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
from earshot.core.work import Payload, Stage
from earshot.intake import imports_store as store
from earshot.intake.columns import Mapping
from earshot.intake.importing import ImportMoved, Run, undo
from earshot.intake.imports import prepare
from earshot.intake.spool import Spool, UploadLost


async def run_import(database: Database, payload: Payload) -> None:
    """Carry out the import that the console queued, go on where an earlier worker stopped, or take it back."""
    await carry_out(database, UUID(payload["import_id"]), settings())


#: The payload is {"import_id": …}; what is to be done follows from the import's state.
IMPORT = Stage("import", run_import)


async def carry_out(database: Database, import_id: UUID, house: Settings) -> None:
    """The same under given settings.

    A file that cannot be imported closes the import as failed, with the reason; doing anything twice changes nothing.
    """
    spool = Spool(house)
    async with database.transaction() as connection:
        try:
            plan = await store.plan(connection, import_id)
        except NotFound:
            return
    if plan.state == "undone":
        async with database.transaction() as connection:
            await undo(connection, import_id)
    elif plan.state == "running":
        try:
            await _run(database, plan, spool.take(import_id), house)
        except ImportMoved:
            return  # whoever moved it takes care of its file, too
        except (Invalid, UploadLost) as error:
            async with database.transaction() as connection:
                await store.finish(connection, import_id, "failed", [error.message])
    spool.forget(import_id)


async def _run(database: Database, plan: store.Plan, content: bytes, house: Settings) -> None:
    mapping = Mapping.from_json(json.dumps(plan.mapping["mapping"]))
    prepared = await asyncio.to_thread(prepare, content, plan.file_name, mapping)
    await Run(database, plan, prepared, KeyFiles(house.keys), date.today()).carry_out()
