"""Weekly and monthly counts of every organisation and all above it: always what a recount from scratch would give."""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import make
import pytest
from alembic import command
from earshot.core.db import Connection, Database, Scope
from earshot.core.migrate import alembic_config, migrate
from earshot.measures.stages import recount, rollup
from house import House

pytestmark = pytest.mark.slow

FIRST = date(2026, 2, 20)  # ten days from here cross a week, a month and the end of a week inside a month
Counts = dict[tuple[bool, UUID, str, date, str, str], int]

KEPT = """
SELECT false AS monthly, org_id, measure, start, label, stream, n FROM weekly_count
UNION ALL SELECT true, org_id, measure, start, label, stream, n FROM monthly_count
"""
FROM_SCRATCH = """
SELECT x.monthly, a.id AS org_id, d.measure, date_trunc(x.period, d.day)::date AS start, d.label, d.stream,
  sum(d.n)::int AS n
FROM daily d JOIN org o ON o.id = d.org_id JOIN org a ON a.path @> o.path
CROSS JOIN (VALUES (false, 'week'), (true, 'month')) AS x (monthly, period) GROUP BY 1, 2, 3, 4, 5, 6
"""


async def counts(db: Connection, sql: str) -> Counts:
    return {tuple(row[:6]): row[6] for row in map(tuple, await db.fetch(sql))}


async def right(db: Connection) -> Counts:
    """What is kept, once it was found to be what counting anew would give."""
    kept = await counts(db, KEPT)
    assert kept == await counts(db, FROM_SCRATCH)
    assert not await db.fetchval("SELECT count(*) FROM rollup_change")
    return kept


async def tree(db: Connection) -> list[UUID]:
    """Two trusts of a region, the first with a site of two wards, the second with one ward: wards come last."""
    region = await make.org(db, code="R", level="region")
    one, two = [await make.org(db, code=code, parent=region) for code in ("A", "B")]
    site = await make.org(db, code="A1", level="site", parent=one)
    wards = [await make.org(db, code=f"A1{n}", level="team", parent=site) for n in (1, 2)]
    return [region, one, two, site, *wards, await make.org(db, code="B1", level="team", parent=two)]


async def say(db: Connection, house: House, ward: UUID, chance: random.Random) -> None:
    """A response with its comment, perhaps understood, perhaps with something about the person."""
    day = FIRST + timedelta(days=chance.randrange(12))
    stream = chance.choice(("patient", "carer", "staff"))
    fft = chance.choice((1, 2, 5, None))
    comment = await make.comment(db, settings=house.settings, org_id=ward, said_on=day, fft=fft, stream=stream)
    about = chance.choice(({}, {"age_band": "25_34", "ethnicity": "prefer_not_to_say"}, {"ethnicity": "asian"}))
    sql = "UPDATE response SET about = $2 WHERE id = (SELECT response_id FROM comment WHERE id = $1)"
    await db.execute(sql, comment, about)
    if chance.random() < 0.7:
        analysis = "INSERT INTO analysis VALUES ($1, $2, $3, 'test', 'en', 1, $4, 0.9, '[]')"
        await db.execute(analysis, comment, ward, stream, chance.choice((1, 3, 5)))
        theme = "INSERT INTO comment_theme VALUES ($1, 'qdc', $2, 0.8, '[]', $3, $4)"
        await db.execute(theme, comment, chance.choice(("Parking", "Discharge")), ward, stream)


async def cells(db: Connection) -> list[list[str]]:
    rows = await db.fetch("SELECT org_id, said_on FROM response UNION SELECT org_id, day FROM daily")
    return [[str(org_id), day.isoformat()] for org_id, day in rows]


async def move(db: Connection, ward: UUID, below: UUID) -> None:
    """Put an organisation and everything under it somewhere else."""
    await db.execute(
        """
        UPDATE org o SET path = b.path || subpath(o.path, nlevel(w.path) - 1),
          parent_id = CASE WHEN o.id = w.id THEN b.id ELSE o.parent_id END
        FROM org w, org b WHERE w.id = $1 AND b.id = $2 AND o.path <@ w.path
        """,
        ward,
        below,
    )


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_history_they_are_what_counting_anew_would_give(house: House, seed: int) -> None:
    """Comments come and go, are read, corrected and erased; places move, and close with what an import added."""
    chance = random.Random(seed)
    worker = Database(house.dsn("worker"))
    await worker.open()
    async with house.owner() as db:
        _region, one, two, site, *wards = await tree(db)
        for _ in range(8):
            for _ in range(chance.randrange(1, 6)):
                await say(db, house, chance.choice([*wards, site]), chance)
            deed = chance.choice(("erase", "correct", "move", "none"))
            if deed == "erase":
                await db.execute("DELETE FROM response WHERE id = (SELECT id FROM response ORDER BY id LIMIT 1)")
            elif deed == "correct":
                await db.execute("UPDATE analysis SET sentiment = 6 - sentiment")
            elif deed == "move":
                await move(db, chance.choice([site, wards[0], wards[2]]), chance.choice((one, two)))
            await rollup(worker, {"cells": await cells(db)})
            assert await right(db)
        await db.execute("DELETE FROM daily WHERE org_id = $1", wards[1])
        await db.execute("UPDATE daily SET n = n + 2 WHERE org_id = $1", wards[2])
        await right(db)
        await db.execute("DELETE FROM response WHERE org_id = $1", wards[2])
        await rollup(worker, {"cells": await cells(db)})
        assert wards[2] not in {key[1] for key in await right(db)}
        await db.execute("TRUNCATE daily")
        assert await right(db) == {}
    await worker.close()


async def test_groups_of_people_are_counted_and_those_who_would_not_say_are_not(house: House) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="W")
        said = await make.comment(db, settings=house.settings, org_id=ward, said_on=FIRST, fft=1)
        about = {"age_band": "25_34", "ethnicity": "prefer_not_to_say", "main_language": "Not a code", "name": "x"}
        await db.execute("UPDATE response SET about = $1", about)
        await db.execute("INSERT INTO analysis VALUES ($1, $2, 'patient', 't', 'en', 1, 4, 1, '[]')", said, ward)
        await recount(db, [(ward, FIRST)])
        rows = await db.fetch("SELECT measure, label, n FROM daily WHERE measure LIKE 'group%'")
        assert {tuple(row) for row in rows} == {
            (measure, "age_band=25_34", 1)
            for measure in ("group", "group_fft", "group_positive", "group_comments", "group_negative")
        }


async def test_many_workers_at_once_agree_and_never_lock_each_other_out(house: House) -> None:
    worker, chance = Database(house.dsn("worker")), random.Random(7)
    await worker.open()
    async with house.owner() as db:
        *_, first, second, third = await tree(db)
        for _ in range(40):
            await say(db, house, chance.choice((first, second, third)), chance)
        all_cells = await cells(db)
        orders = [chance.sample(all_cells, len(all_cells)) for _ in range(4)]
        parts = [order[start : start + 3] for order in orders for start in range(0, len(order), 3)]
        await asyncio.gather(*(rollup(worker, {"cells": part}) for part in parts))
        assert await right(db)
    await worker.close()


async def test_a_place_is_not_moved_while_somebody_counts_there(house: House) -> None:
    async with house.owner() as db, house.owner() as other:
        _region, _one, two, _site, ward, *_ = await tree(db)
        await make.comment(db, settings=house.settings, org_id=ward, said_on=FIRST)
        async with db.transaction():
            await recount(db, [(ward, FIRST)])
            moving = asyncio.create_task(move(other, ward, two))
            done, _ = await asyncio.wait([moving], timeout=0.2)
            assert not done
        await moving
        kept = await right(db)
        assert (False, two, "comments", date(2026, 2, 16), "", "patient") in kept


async def test_they_are_read_in_ones_own_subtree_and_streams_alone(house: House) -> None:
    async with house.owner() as db:
        _region, one, two, _site, ward, *_ = await tree(db)
        rows = [(ward, FIRST, stream, "comments", "", 6) for stream in ("patient", "staff")]
        await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, $5, $6)", rows)
    console = Database(house.dsn("console"))
    await console.open()
    seen = {}
    for place in (ward, one, two):
        async with console.transaction(Scope((place,), ("patient",))) as db:
            rows = await db.fetch("SELECT org_id, stream FROM weekly_count")
            seen[place] = {tuple(row) for row in rows}
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with db.transaction():
                    await db.execute(
                        "INSERT INTO weekly_count VALUES ($1, 'comments', '2026-02-16', '', 'staff', 1)", one
                    )
    await console.close()
    assert (ward, "patient") in seen[one] and (one, "patient") in seen[one] and len(seen[one]) == 3  # the site, too
    assert seen[ward] == {(ward, "patient")}
    assert seen[two] == set()


async def test_what_was_heard_before_is_counted_when_the_tables_are_made(house: House) -> None:
    """Down and up again with comments in the store: also by groups, which nobody counted until then."""
    async with house.owner() as db:
        *_, ward = await tree(db)
        chance = random.Random(3)
        for _ in range(30):
            await say(db, house, ward, chance)
        await recount(db, [(UUID(org_id), date.fromisoformat(day)) for org_id, day in await cells(db)])
        before = await right(db)
        assert any(key[2] == "group" for key in before)
    await asyncio.to_thread(command.downgrade, alembic_config(house.owner_dsn), "0012")
    async with house.owner() as db:
        assert not await db.fetchval("SELECT count(*) FROM daily WHERE measure LIKE 'group%'")
    await migrate(house.owner_dsn, house.settings)
    async with house.owner() as db:
        assert await right(db) == before
