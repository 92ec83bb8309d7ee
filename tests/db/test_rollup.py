"""Daily counts: recounted whole, once, whoever counts and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database
from earshot.measures.stages import recount, rollup
from house import House

pytestmark = pytest.mark.slow

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
Counts = dict[tuple[str, str, str], int]


async def counts(db: Connection, org_id: UUID, day: date = MONDAY) -> Counts:
    rows = await db.fetch("SELECT stream, measure, label, n FROM daily WHERE org_id = $1 AND day = $2", org_id, day)
    return {(row["stream"], row["measure"], row["label"]): row["n"] for row in rows}


async def say(db: Connection, house: House, ward: UUID, *, fft: int | None, stream: str = "patient") -> UUID:
    return await make.comment(db, settings=house.settings, org_id=ward, said_on=MONDAY, fft=fft, stream=stream)


async def understand(db: Connection, comment: UUID, *, sentiment: int, themes: tuple[str, ...]) -> None:
    """What the analyse stage writes, without touching the counts."""
    org_id, stream = await db.fetchrow("SELECT org_id, stream FROM comment WHERE id = $1", comment)
    analysis = "INSERT INTO analysis VALUES ($1, $2, $3, 'test', 'en', 1, $4, 0.9, '[]')"
    await db.execute(analysis, comment, org_id, stream, sentiment)
    theme = "INSERT INTO comment_theme VALUES ($1, $2, $3, 0.8, '[]', $4, $5)"
    await db.executemany(theme, [(comment, "patient-experience", name, org_id, stream) for name in themes])


@pytest_asyncio.fixture
async def worker(house: House) -> AsyncIterator[Database]:
    database = Database(house.dsn("worker"))
    await database.open()
    yield database
    await database.close()


async def test_every_measure_is_counted_by_stream(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="WARD")
        first = await say(db, house, ward, fft=1)
        second = await say(db, house, ward, fft=5)
        await say(db, house, ward, fft=None, stream="carer")
        await understand(db, first, sentiment=1, themes=("Discharge", "Parking"))
        await understand(db, second, sentiment=4, themes=("Discharge",))
        await rollup(worker, {"cells": [[str(ward), MONDAY.isoformat()]]})
        assert await counts(db, ward) == {
            ("patient", "responses", ""): 2,
            ("patient", "comments", ""): 2,
            ("patient", "fft", "1"): 1,
            ("patient", "fft", "5"): 1,
            ("patient", "sentiment", "1"): 1,
            ("patient", "sentiment", "4"): 1,
            ("patient", "theme", "Discharge"): 2,
            ("patient", "theme", "Parking"): 1,
            ("patient", "theme_negative", "Discharge"): 1,
            ("carer", "responses", ""): 1,
            ("carer", "comments", ""): 1,
        }


async def test_a_theme_that_two_frameworks_name_counts_once_for_a_comment(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="WARD")
        comment = await say(db, house, ward, fft=2)
        await understand(db, comment, sentiment=2, themes=("Discharge",))
        await db.execute(
            "INSERT INTO comment_theme VALUES ($1, 'other', 'Discharge', 1, '[]', $2, 'patient')", comment, ward
        )
        await rollup(worker, {"cells": [[str(ward), MONDAY.isoformat()]]})
        assert (await counts(db, ward))["patient", "theme", "Discharge"] == 1


async def test_counting_twice_changes_nothing_and_other_cells_stay(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward, other = await make.org(db, code="WARD"), await make.org(db, code="OTHER")
        await say(db, house, ward, fft=2)
        for org_id, day in ((other, MONDAY), (ward, TUESDAY)):
            await db.execute("INSERT INTO daily VALUES ($1, $2, 'patient', 'comments', '', 7)", org_id, day)
        cell = [str(ward), MONDAY.isoformat()]
        await rollup(worker, {"cells": [cell, cell]})
        once = await counts(db, ward)
        await rollup(worker, {"cells": [cell]})
        assert await counts(db, ward) == once != {}
        assert await counts(db, other) == {("patient", "comments", ""): 7}
        assert await counts(db, ward, TUESDAY) == {("patient", "comments", ""): 7}


async def test_what_is_gone_is_no_longer_counted(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="WARD")
        await say(db, house, ward, fft=2)
        cells = {"cells": [[str(ward), MONDAY.isoformat()]]}
        await rollup(worker, cells)
        await db.execute("DELETE FROM response WHERE org_id = $1", ward)
        await rollup(worker, cells)
        assert await counts(db, ward) == {}


async def test_a_worker_that_waits_for_another_counts_what_was_said_meanwhile(house: House, worker: Database) -> None:
    """The second counts after the first has committed, so a stale count never overwrites a newer one."""
    async with house.owner() as db:
        ward = await make.org(db, code="WARD")
        await say(db, house, ward, fft=2)
        async with worker.transaction() as first:
            await recount(first, [(ward, MONDAY)])
            second = asyncio.create_task(rollup(worker, {"cells": [[str(ward), MONDAY.isoformat()]]}))
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not await db.fetchval(waiting):
                assert not second.done()
                await asyncio.sleep(0.01)
            await say(db, house, ward, fft=3)
        await second
        assert (await counts(db, ward))["patient", "comments", ""] == 2


async def test_many_workers_on_overlapping_cells_agree_and_never_lock_each_other_out(
    house: House, worker: Database
) -> None:
    async with house.owner() as db:
        wards = [await make.org(db, code=f"W{number}") for number in range(12)]
        for ward in wards:
            await say(db, house, ward, fft=1)
        cells = [[str(ward), MONDAY.isoformat()] for ward in wards]
        orders = [cells, cells[::-1], cells[6:] + cells[:6], cells[3:9]]
        await asyncio.gather(*(rollup(worker, {"cells": order}) for order in orders))
        for ward in wards:
            assert (await counts(db, ward))["patient", "comments", ""] == 1
