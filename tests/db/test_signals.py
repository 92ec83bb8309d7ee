"""Looks at a provider's series: what is raised, extended, faded, opened again and recorded, and what a replay finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database
from earshot.core.work import enqueue
from earshot.measures.stages import rollup
from earshot.people.model import Stream
from earshot.signals import known as looking_back
from earshot.signals.stages import dates, look_at, raise_one, scan
from earshot.signals.store import Reader
from house import House

pytestmark = pytest.mark.slow

MONDAY = date(2025, 3, 3)
WEEKS, RISE = 40, 34  # Ward 7's complaints rise in week 34
THEME = "Pain management"
LABELS = {
    "responses": ("responses", ""),
    "comments": ("comments", ""),
    "kind": ("sentiment", "1"),
    "negative": ("sentiment", "4"),
    "theme": ("theme", THEME),
    "theme_negative": ("theme_negative", THEME),
}
Row = tuple[int, int, str, int]  # ward, week, what, how many


@dataclass
class Trust:
    """A trust of three wards with steady answers, and a rise of complaints on one of them."""

    house: House
    worker: Database
    id: UUID
    wards: list[UUID] = field(default_factory=list)

    async def look(self) -> None:
        async with self.worker.transaction() as db:
            await look_at(db, self.id)

    async def rows(self, sql: str, *arguments: object) -> list[Any]:
        async with self.house.owner() as db:
            return [tuple(row.values()) for row in await db.fetch(sql, *arguments)]

    async def add(self, rows: list[Row]) -> None:
        """Add to the counts of wards, each on the Sunday of a week."""
        sql = (
            "INSERT INTO daily VALUES ($1, $2, 'patient', $3, $4, $5)"
            " ON CONFLICT (org_id, day, stream, measure, label) DO UPDATE SET n = daily.n + $5"
        )
        found = [
            (self.wards[ward], MONDAY + timedelta(weeks=week, days=6), *LABELS[name], n) for ward, week, name, n in rows
        ]
        async with self.house.owner() as db:
            await db.executemany(sql, found)

    async def weeks(self, first: int, number: int, *, loud: bool = False, silent: tuple[int, ...] = ()) -> None:
        """Ordinary weeks: about eight answers on each ward, one or two of them complaints about pain."""
        rows: list[Row] = []
        for week in range(first, first + number):
            chance = Random(week)
            for ward in range(len(self.wards)):
                bad, said = chance.choice((1, 1, 2)), chance.choice((7, 8, 9))
                if loud and ward == 0:
                    bad = 6
                if ward not in silent:
                    rows += [(ward, week, name, said) for name in ("responses", "comments")]
                    rows += [(ward, week, name, bad) for name in ("negative", "theme", "theme_negative")]
                    rows.append((ward, week, "kind", said - bad))
        await self.add(rows)


@pytest_asyncio.fixture
async def trust(house: House) -> AsyncIterator[Trust]:
    worker = Database(house.dsn("worker"))
    await worker.open()
    async with house.owner() as db:
        made = Trust(house, worker, await make.org(db, code="T", name="Our Trust"))
        for number in (7, 8, 9):
            ward = await make.org(db, code=f"W{number}", name=f"Ward {number}", level="team", parent=made.id)
            made.wards.append(ward)
    await made.weeks(0, RISE)
    await made.weeks(RISE, WEEKS - RISE, loud=True)
    yield made
    await worker.close()


async def test_a_rise_on_one_ward_is_raised_there_and_said_once(trust: Trust) -> None:
    await trust.look()
    found = await trust.rows(
        "SELECT org_id, kind, meaning, measure, label, since, going_on, state FROM signal WHERE state <> 'closed'"
    )
    assert {row[0] for row in found} == {trust.wards[0]}
    assert {(row[3], row[4]) for row in found} == {("negative", ""), ("theme_negative", THEME)}
    assert {row[1:3] for row in found} == {("rise", "concern")}
    assert all(abs((row[5] - MONDAY).days // 7 - RISE) <= 1 for row in found)
    [sentence] = [
        row[0] for row in await trust.rows("SELECT sentence FROM signal WHERE label = $1 AND state <> 'closed'", THEME)
    ]
    assert sentence.startswith(f"Negative comments from patients about ‘{THEME}’ on Ward 7 have ")
    assert "where" in sentence and "were expected." in sentence


async def test_looking_twice_changes_nothing(trust: Trust) -> None:
    await trust.look()
    everything = [
        await trust.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("signal", "signal_event", "signal_scan", "signal_finding")
    ]
    await trust.look()
    assert everything == [
        await trust.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("signal", "signal_event", "signal_scan", "signal_finding")
    ]


async def test_a_first_look_records_what_would_have_been_found_each_week_and_nothing_before_the_rise(
    trust: Trust,
) -> None:
    await trust.look()
    assert await trust.rows("SELECT count(*) FROM signal_scan") == [(27,)]
    first = await trust.rows("SELECT min(as_of) FROM signal_finding WHERE org_id = $1", trust.wards[0])
    week_found = ((first[0][0] - MONDAY).days - 6) // 7
    assert RISE <= week_found <= RISE + 3
    notes = await trust.rows("SELECT DISTINCT note FROM signal_event WHERE what = 'raised'")
    assert notes == [("Found when Earshot looked back over the weeks before it watched.",)]


@pytest.mark.slow
async def test_more_of_the_same_extends_a_signal_and_a_quiet_time_lets_it_rest(trust: Trust) -> None:
    await trust.look()
    before = await trust.rows("SELECT count(*) FROM signal")
    await trust.weeks(WEEKS, 1, loud=True)
    await trust.look()
    assert await trust.rows("SELECT count(*) FROM signal") == before
    await trust.weeks(WEEKS + 1, 17)
    await trust.look()
    rested = await trust.rows("SELECT DISTINCT state, closed_reason, going_on FROM signal WHERE kind = 'rise'")
    assert rested == [("closed", "faded", False)]
    life = "SELECT DISTINCT what FROM signal_event e JOIN signal s ON s.id = e.signal_id WHERE s.kind = 'rise'"
    assert {row[0] for row in await trust.rows(life)} == {"raised", "extended", "faded", "closed"}


@pytest.mark.slow
async def test_what_somebody_closed_stays_closed_while_the_alarm_goes_on_and_reopens_with_a_new_one(
    trust: Trust,
) -> None:
    await trust.look()
    close = "UPDATE signal SET state = 'closed', closed_reason = 'dealt_with' WHERE state <> 'closed'"
    async with trust.house.owner() as db:
        await db.execute(close)
    await trust.weeks(WEEKS, 1, loud=True)
    await trust.look()
    assert await trust.rows("SELECT DISTINCT state FROM signal WHERE org_id = $1", trust.wards[0]) == [("closed",)]
    await trust.weeks(WEEKS + 1, 16)
    await trust.weeks(WEEKS + 17, 4, loud=True)
    await trust.look()
    again = await trust.rows(
        "SELECT state, going_on FROM signal WHERE label = $1 AND org_id = $2", THEME, trust.wards[0]
    )
    assert again == [("reopened", True)]


@pytest.mark.slow
async def test_a_ward_that_falls_silent_is_told_and_a_feed_that_stops_is_not(trust: Trust) -> None:
    await trust.weeks(WEEKS, 5, silent=(2,))
    await trust.look()
    silent = "SELECT org_id, going_on, respondents FROM signal WHERE kind = 'silence'"
    assert await trust.rows(silent) == [(trust.wards[2], True, None)]
    await trust.weeks(WEEKS + 8, 1, silent=(2,))  # three weeks without any feed lie between
    await trust.look()
    assert await trust.rows("SELECT DISTINCT org_id FROM signal WHERE kind = 'silence'") == [(trust.wards[2],)]


@pytest.mark.slow
async def test_a_replay_of_any_recorded_look_has_its_hash_until_a_late_comment_comes(trust: Trust) -> None:
    await trust.look()
    reader = Reader(trust.id, 5)

    async def known(db: Connection, on: date) -> Any:
        return await looking_back.known(db, reader, tuple(Stream), on, None)

    async with trust.house.owner() as db:
        await db.execute("SELECT set_config('earshot.scope', $1, false)", str(trust.id))
        for week in (RISE - 6, RISE + 1, RISE + 3, WEEKS - 1):
            told = await known(db, MONDAY + timedelta(weeks=week, days=8))
            assert told.replay is not None and told.replay.equal, told.explanation
            assert bool(told.found) == (week >= RISE + 1)
        await trust.add([(0, RISE - 1, name, 3) for name in LABELS if name != "kind"])
        late = await known(db, MONDAY + timedelta(weeks=WEEKS))
        assert late.replay is not None and not late.replay.equal
        assert late.replay.late == 3
        assert "3 comments of those days came later" in late.explanation
        part = await looking_back.known(db, reader, (Stream.PATIENT,), MONDAY + timedelta(weeks=WEEKS), None)
        assert part.replay is None and part.found


async def test_the_evidence_is_what_was_said_there_then_most_telling_first(trust: Trust) -> None:
    day = MONDAY + timedelta(weeks=RISE + 1)
    async with trust.house.owner() as db:
        texts = ["The pain relief came hours late.", "I asked for pain relief and nobody came.", "Cold soup."]
        for text in texts:
            made = await make.comment(
                db, settings=trust.house.settings, org_id=trust.wards[0], text=text, said_on=day, fft=5
            )
            await make.analysed(db, comment_id=made, theme=THEME, sentiment=5)
        await make.comment(
            db, settings=trust.house.settings, org_id=trust.wards[1], text="The pain relief!", said_on=day
        )
        for _ in range(30):
            await make.comment(
                db, settings=trust.house.settings, org_id=trust.wards[0], said_on=day - timedelta(days=60), text="Kind."
            )
    await trust.look()
    [(ids, words, people)] = await trust.rows(
        "SELECT comment_ids, words, respondents FROM signal WHERE label = $1 AND state <> 'closed'", THEME
    )
    ordered = [(await trust.rows("SELECT text FROM comment WHERE id = $1", each))[0][0] for each in ids]
    assert ordered[-1] == "Cold soup."
    assert set(ordered) == set(texts)
    assert people == 3
    assert {word["text"] for word in words} == {"pain", "relief"}


async def test_one_flagged_comment_is_a_signal_at_once_and_only_once(trust: Trust) -> None:
    today = date.today()
    async with trust.house.owner() as db:
        await db.execute("INSERT INTO signal_rules VALUES ($1, 4, 2)", trust.id)
        flagged, old = [
            await make.comment(db, settings=trust.house.settings, org_id=trust.wards[0], said_on=day)
            for day in (today, today - timedelta(days=90))
        ]
        for comment in (flagged, old):
            await make.safety(db, comment_id=comment, kinds=("danger_now", "self_harm"))
    for _ in range(2):
        await raise_one(trust.worker, {"comments": [str(flagged), str(old)]})
    [(sentence, due, ids, state, p)] = await trust.rows(
        "SELECT sentence, due_at, comment_ids, state, statistic FROM signal"
    )
    assert sentence == (
        "A patient’s comment on Ward 7 may tell of immediate risk: somebody may be in danger now or somebody may harm "
        "themselves."
    )
    assert timedelta(hours=1.9) < due - datetime.now(UTC) < timedelta(hours=2.1)
    assert (ids, state, p) == ([flagged], "new", 0.9)
    async with trust.house.owner() as db:
        await db.execute("DELETE FROM comment WHERE id = $1", flagged)
        await db.execute("DELETE FROM pgqueuer")
    await scan(trust.worker, {})
    gone = "SELECT state, closed_reason FROM signal WHERE kind = 'one_comment'"
    assert await trust.rows(gone) == [("closed", "comment_gone")]


async def test_no_look_is_taken_while_a_heap_of_comments_is_being_read(trust: Trust) -> None:
    async with trust.house.owner() as db:
        await enqueue(db, "analyse", {"comments": []})
    await scan(trust.worker, {})
    await scan(trust.worker, {})
    assert await trust.rows("SELECT count(*) FROM signal_scan") == [(0,)]
    queued = await trust.rows("SELECT execute_after > now() FROM pgqueuer WHERE entrypoint = 'scan'")
    assert queued == [(True,)]
    await scan(trust.worker, {"tries": 20})
    assert (await trust.rows("SELECT count(*) FROM signal_scan"))[0][0] > 0


async def test_many_recounts_ask_for_one_look(trust: Trust) -> None:
    for _ in range(3):
        await rollup(trust.worker, {"cells": [[str(trust.wards[1]), MONDAY.isoformat()]]})
    assert await trust.rows("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'scan'") == [(1,)]


def test_looks_are_recorded_for_each_week_since_the_last_one() -> None:
    weeks = [MONDAY + timedelta(weeks=number) for number in range(3)]
    sundays = [week + timedelta(days=6) for week in weeks]
    wednesday = MONDAY + timedelta(weeks=3, days=2)
    assert dates(weeks, None, wednesday) == [*sundays, wednesday]
    assert dates(weeks, sundays[1], wednesday) == [sundays[2], wednesday]
    assert dates(weeks, wednesday, wednesday) == [wednesday]
    assert dates(weeks, None, sundays[2]) == sundays
