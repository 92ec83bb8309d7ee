"""The weekly step writes each week that is over once, with bands from the thirteenth on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.analysis import drift_stages, learning_stages
from earshot.core.db import Connection, Database
from house import House

MONDAY = date(2024, 3, 4)


@pytest_asyncio.fixture
async def worker(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(learning_stages, "settings", lambda: house.settings)
    database = Database(house.dsn("worker"))
    await database.open()
    yield database
    await database.close()


async def say(db: Connection, house: House, ward: UUID, week: int, n: int, *, theme: str = "Parking") -> None:
    for _ in range(n):
        day = MONDAY + timedelta(weeks=week)
        comment = await make.comment(db, settings=house.settings, org_id=ward, said_on=day)
        await make.analysed(db, comment_id=comment, theme=theme)


async def test_weeks_are_worked_out_once_and_a_strange_one_stands_out(house: House, worker: Database) -> None:
    async with house.owner() as db:
        trust = await make.org(db, code="T")
        ward = await make.org(db, code="W", level="team", parent=trust)
        for week in range(13):
            await say(db, house, ward, week, 10)
        await say(db, house, ward, 13, 10, theme="Not assigned")
        await say(db, house, ward, 14, 9)  # too few to say anything
        for _ in range(2):
            await drift_stages.log_drift(worker, {})
        rows = await db.fetch("SELECT * FROM drift ORDER BY week_start")
    assert [row["week_start"] for row in rows] == [MONDAY + timedelta(weeks=week) for week in range(14)]
    assert {(row["org_id"], row["stream"], row["comments"]) for row in rows} == {(trust, "patient", 10)}
    assert [bool(row["bands"]) for row in rows] == [False] * 12 + [True, True]
    ordinary, strange = rows[-2:]
    assert ordinary["figures"]["not_assigned"] == 0
    assert (strange["figures"]["not_assigned"], strange["bands"]["not_assigned"]) == (1, [0, 0])
    assert ordinary["figures"]["shift"] == pytest.approx(0, abs=1e-6)
    assert ordinary["languages"] == {"en": 10}


async def test_a_provider_that_was_heard_for_less_than_twelve_weeks_has_no_bands(
    house: House, worker: Database
) -> None:
    async with house.owner() as db:
        trust = await make.org(db, code="T")
        await say(db, house, trust, 0, 10)
        await say(db, house, trust, 1, 10, theme="Not assigned")
        await drift_stages.log_drift(worker, {})
        assert [row["bands"] for row in await db.fetch("SELECT bands FROM drift")] == [{}, {}]
