"""The demonstration's whole loop: a change that its ward's own comments prove, who is told, and what is public."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.core.db import Database
from earshot.core.work import enqueue
from earshot.demonstration.changes import CHANGES, LISTENING, WISHES
from earshot.demonstration.loop import LOOP, loop, plan_loop
from earshot.demonstration.stories import BETTER_FOR, MATERNITY, PROVIDER, WARD_7
from house import House

pytestmark = pytest.mark.slow
LAST = date.today() - timedelta(days=1)
PLACES = {"ENG": ("nation", None), PROVIDER: ("provider", "ENG"), "ZZF01": ("site", PROVIDER)}
WARDS = {change.org for change in CHANGES}
ROLES = {
    "quality": ("quality_lead", "ENG"), "manager": ("manager", "ZZF01"), "guardian": ("guardian", PROVIDER),
    "pals": ("pals", PROVIDER),
}  # fmt: skip


@dataclass(frozen=True)
class Demonstration:
    """The invented places and people; maternity's comments became kinder when its change began."""

    house: House
    worker: Database
    payload: dict[str, Any]
    places: dict[str, UUID]

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        async with self.house.owner() as db:
            return [tuple(row) for row in await db.fetch(sql, *args)]


@pytest_asyncio.fixture
async def demonstration(house: House) -> AsyncIterator[Demonstration]:
    worker = Database(house.dsn("worker"))
    await worker.open()
    async with house.owner() as db:
        places: dict[str, UUID] = {}
        for code, (level, above) in PLACES.items():
            places[code] = await make.org(db, code=code, level=level, parent=places.get(above or ""))
        for code in WARDS:
            places[code] = await make.org(db, code=code, level="team", parent=places["ZZF01"])
        people = {
            name: await make.account(db, email=f"{name}@fenmoor.example", roles={role: places[org]})
            for name, (role, org) in ROLES.items()
        }
        await db.executemany("INSERT INTO daily VALUES ($1, $2, 'patient', $3, $4, $5)", list(_maternity(places)))
        await make.signal(db, org_id=places[WARD_7], theme="Pain management")
        await db.execute("UPDATE signal SET raised_at = now() - interval '20 days'")
    async with worker.transaction() as connection:
        await plan_loop(connection, people, places, LAST)
    async with house.owner() as db:
        body = await db.fetchval("DELETE FROM pgqueuer WHERE entrypoint = $1 RETURNING payload", LOOP.name)
    yield Demonstration(house, worker, json.loads(body), places)
    await worker.close()


def _maternity(places: dict[str, UUID]) -> list[tuple[object, ...]]:
    """Ten comments a week, of which five or six are negative before the change, and one or two since."""
    rows: list[tuple[object, ...]] = []
    for week in range(60):
        day = LAST - timedelta(weeks=week)
        negative = (1 if week < BETTER_FOR.days // 7 else 5) + week % 2
        for measure, label, n in (
            ("comments", "", 10),
            ("sentiment", "2", 10 - negative),
            ("sentiment", "4", negative),
        ):
            rows.append((places[MATERNITY], day, measure, label, n))
    return rows


async def test_the_loop_waits_for_all_that_is_still_being_read(demonstration: Demonstration) -> None:
    async with demonstration.worker.transaction() as connection:
        await enqueue(connection, "analyse", {})
    await loop(demonstration.worker, demonstration.payload)
    assert await demonstration.rows("SELECT FROM improvement_action") == []
    assert await demonstration.rows("SELECT FROM pgqueuer WHERE entrypoint = $1", LOOP.name)


async def test_the_loop_closes_once_and_not_twice(demonstration: Demonstration) -> None:
    await loop(demonstration.worker, demonstration.payload)
    await loop(demonstration.worker, demonstration.payload)
    actions = await demonstration.rows("SELECT title, state, made_on FROM improvement_action ORDER BY made_on")
    assert len(actions) == len(CHANGES)
    assert actions[0] == (LISTENING.title, "finished", LAST - timedelta(days=LISTENING.agreed))
    verdicts = dict(
        await demonstration.rows(
            "SELECT a.title, l.state FROM improvement_action a JOIN improvement_look l ON l.action_id = a.id"
            " ORDER BY l.weeks"
        )
    )
    assert verdicts == {LISTENING.title: "improved"}
    published = await demonstration.rows(
        "SELECT o.code, v.state, v.verdict FROM publication p JOIN org o ON o.id = p.org_id"
        " JOIN publication_version v ON v.publication_id = p.id"
    )
    assert published == [(MATERNITY, "approved", "improved")]
    assert len(await demonstration.rows("SELECT FROM subscription WHERE made_on < current_date")) == len(WISHES)


async def test_the_signals_that_a_change_answers_are_acted_on_and_the_others_are_told(
    demonstration: Demonstration,
) -> None:
    async with demonstration.house.owner() as db:
        other = await make.signal(db, org_id=demonstration.places[WARD_7], theme="Transport to/ from services")
    await loop(demonstration.worker, demonstration.payload)
    linked = await demonstration.rows(
        "SELECT s.label, s.state FROM improvement_signal i JOIN signal s ON s.id = i.signal_id"
    )
    assert linked == [("Pain management", "acted_on")]
    jobs = await demonstration.rows("SELECT payload FROM pgqueuer WHERE entrypoint = 'route_signals'")
    assert str(other) in json.loads(jobs[-1][0])["signals"]
