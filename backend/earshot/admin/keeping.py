"""What the night removes: everything whose time is over and that nobody ordered to be kept, and keys without use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from earshot.admin import erasure
from earshot.admin import retention_store as store
from earshot.admin.retention import schedule
from earshot.admin.retention_store import Planned
from earshot.core import audit
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Database, Query, Statement

AT_ONCE = 500  # responses of one transaction
RENEW_AFTER = 30  # days for which one intake key seals
_DAY = 86_400.0  # seconds: a key is destroyed a day after its last use at the earliest

_SEALED_SINCE = Query(date, "SELECT max(created_on) AS day FROM vault.sealing_key")
_NOTE_KEY = Statement("INSERT INTO vault.sealing_key (key_id, created_on) VALUES ($1, $2) ON CONFLICT DO NOTHING")
_STILL_NEEDED = Query(bool, "SELECT EXISTS (SELECT FROM vault.submission WHERE key_id = $1 AND sealed <> '') AS needed")


@dataclass(frozen=True)
class Removed:
    """How much of each kind was removed, and how many keys were destroyed."""

    kinds: dict[str, int]
    keys: int


async def count(connection: Connection, today: date) -> list[Planned]:
    """What is due today, and what comes next; changes nothing but the plan that the page shows."""
    kinds = schedule()
    plan = [
        *await store.plan_cases(connection, "cases_patients", kinds["cases_patients"].days, today),
        *await store.plan_cases(connection, "cases_staff", kinds["cases_staff"].days, today),
        *await store.plan_responses(connection, kinds["responses"].days, today),
        *await store.plan_originals(connection, kinds["originals"].days, today),
    ]
    await store.keep_plan(connection, plan, today)
    return plan


async def remove(database: Database, house: Settings, today: date) -> Removed:
    """Remove what is due; each kind that lost anything leaves a line in the audit trail."""
    kinds = schedule()
    removed = {
        "cases_patients": await _cases(database, "cases_patients", today),
        "cases_staff": await _cases(database, "cases_staff", today),
        "responses": await _responses(database, today),
    }
    async with database.transaction() as connection:
        removed["originals"] = await store.empty_originals(connection, kinds["originals"].days, today)
        removed["sessions"] = await store.forget_sessions(connection, kinds["sessions"].before(today))
        removed["work"] = await store.forget_work(connection, kinds["work"].before(today))
        removed["uploads"] = _uploads(house, kinds["uploads"].before(today))
        for kind in ("responses", "originals", "uploads"):
            if removed[kind]:
                await audit.record(connection, action=f"retention.{kind}", by=None)
    destroyed = await turn_intake_keys(database, house, today)
    async with database.transaction() as connection:
        await count(connection, today)
    return Removed({kind: n for kind, n in removed.items() if n}, destroyed)


async def _cases(database: Database, kind: str, today: date) -> int:
    n = 0
    days = schedule()[kind].days
    while True:
        async with database.transaction() as connection:
            due = await store.due_cases(connection, kind, days, today, AT_ONCE)
            for case_id in due:
                n += await erasure.erase_case(connection, case_id, why="retention", by=None)
        if len(due) < AT_ONCE:
            return n


async def _responses(database: Database, today: date) -> int:
    n = 0
    days = schedule()["responses"].days
    while True:
        async with database.transaction() as connection:
            due = await store.due_responses(connection, days, today, AT_ONCE)
            n += await erasure.erase_responses(connection, due, why="retention", by=None)
        if len(due) < AT_ONCE:
            return n


def _uploads(house: Settings, before: date) -> int:
    """Sealed uploads whose import never came to read them."""
    old = [path for path in _waiting_uploads(house) if date.fromtimestamp(path.stat().st_mtime) < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _waiting_uploads(house: Settings) -> list[Path]:
    return list((house.home / "spool").glob("*.sealed"))


async def turn_intake_keys(database: Database, house: Settings, today: date) -> int:
    """Seal with a new key every month, and destroy earlier ones that nothing is sealed with any more."""
    keys, destroyed = KeyFiles(house.keys), 0
    async with database.transaction() as connection:
        since = await _SEALED_SINCE.maybe(connection)
        if keys.exist() and since is not None and (today - since).days >= RENEW_AFTER:
            await _NOTE_KEY.run(connection, keys.renew_intake(), today)
            await audit.record(connection, action="key.renewed", by=None)
    # A sender's request may still hold the old key for a moment, and an upload that waits may be sealed with it.
    now = max(time.time(), datetime.combine(today, datetime.min.time()).timestamp())
    for key_id, path in keys.earlier_intake().items():
        async with database.transaction() as connection:
            fresh = now - path.stat().st_mtime < _DAY
            if fresh or _waiting_uploads(house) or await _STILL_NEEDED.one(connection, key_id):
                continue
            await audit.record(connection, action="key.destroyed", by=None)
            keys.destroy_intake(key_id)
            destroyed += 1
    return destroyed
