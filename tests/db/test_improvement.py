"""Improvement in the database: looks written once by themselves, praise collected, scopes, and lines for digests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database, Scope
from earshot.improvement import reading, store
from earshot.improvement.recognition import collect
from earshot.improvement.stages import remeasure
from house import House

pytestmark = pytest.mark.slow

TODAY = date.today()
MONDAY = TODAY - timedelta(days=TODAY.weekday())
THEME = "Discharge"
PRAISE = "The nurses were wonderful and kind to me all night."


@dataclass(frozen=True)
class World:
    """A provider with a ward, and the worker's database."""

    house: House
    worker: Database
    provider: UUID
    ward: UUID


@pytest_asyncio.fixture
async def world(house: House) -> AsyncIterator[World]:
    async with house.owner() as db:
        provider = await make.org(db, code="OURS")
        ward = await make.org(db, code="OURS1", name="Oak Ward", level="team", parent=provider)
    worker = Database(house.dsn("worker"))
    await worker.open()
    yield World(house, worker, provider, ward)
    await worker.close()


async def counted(db: Connection, ward: UUID, began: date, before: int, after: int) -> None:
    """Twenty comments in each of the weeks until now, of which so many are about the theme."""
    rows: list[tuple[object, ...]] = []
    for week in range(-40, (MONDAY - began).days // 7):
        day, themes = began + timedelta(weeks=week, days=3), (after if week >= 0 else before) + week % 2
        rows += [(ward, day, "patient", "responses", "", 20), (ward, day, "patient", "comments", "", 20)]
        rows += [(ward, day, "patient", "theme", THEME, themes)]
    await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, $5, $6)", rows)


async def test_whether_a_change_helped_is_looked_at_by_itself_and_written_once(world: World) -> None:
    began = MONDAY - timedelta(weeks=9)
    async with world.house.owner() as db:
        await counted(db, world.ward, began, before=5, after=5)
        action = await make.improvement(
            db, org_id=world.ward, state="under_way", started_on=began, measure=f"theme:{THEME}", wanted="lower"
        )
        await remeasure(world.worker, {})
        first = await store.looks(db, action)
        assert [(look.weeks, look.state) for look in first] == [(4, "unproven"), (8, "unproven")]
        await db.execute("DELETE FROM daily WHERE measure = 'theme' AND day >= $1", began)
        await remeasure(world.worker, {})
        assert await store.looks(db, action) == first, "what was written stays, whatever the counts become"
        told = await store.events(db, action)
        assert [event.what for event in told] == ["made", "judged", "judged"]
        assert (await store.action(db, action)).verdict == "unproven"


async def test_a_series_that_shifts_proves_the_change_and_ends_the_looking(world: World) -> None:
    began = MONDAY - timedelta(weeks=13)
    async with world.house.owner() as db:
        await counted(db, world.ward, began, before=6, after=1)
        action = await make.improvement(
            db, org_id=world.ward, state="finished", started_on=began, measure=f"theme:{THEME}", wanted="lower"
        )
        await remeasure(world.worker, {})
        found = await store.action(db, action)
        assert (found.verdict, found.look_weeks) == ("improved", 4)
        assert "Discharge: 33 in 100 comments before" in found.verdict_sentence
        assert await store.to_look_at(db, TODAY) == []
        changed = await reading.changed(db, [world.ward], TODAY, TODAY)
        assert [(line.state, line.org_name, line.path) for line in changed] == [
            ("improved", "Oak Ward", f"/actions/{action}")
        ]


async def test_nobody_looks_before_four_whole_weeks_have_passed_or_at_what_was_stopped(world: World) -> None:
    async with world.house.owner() as db:
        await counted(db, world.ward, MONDAY - timedelta(weeks=13), before=6, after=1)
        for state, weeks in (("under_way", 3), ("stopped", 13), ("planned", 13)):
            began = MONDAY - timedelta(weeks=weeks)
            await make.improvement(
                db, org_id=world.ward, state=state, started_on=began, measure=f"theme:{THEME}", wanted="lower"
            )
        await remeasure(world.worker, {})
        assert await db.fetchval("SELECT count(*) FROM improvement_look") == 0


async def test_weeks_before_that_are_too_few_leave_it_unproven_and_say_so(world: World) -> None:
    began = MONDAY - timedelta(weeks=5)
    async with world.house.owner() as db:
        await counted(db, world.ward, began, before=6, after=1)
        await db.execute("DELETE FROM daily WHERE day < $1", began - timedelta(weeks=9))
        action = await make.improvement(
            db, org_id=world.ward, state="under_way", started_on=began, measure=f"theme:{THEME}", wanted="lower"
        )
        await remeasure(world.worker, {})
        found = await store.action(db, action)
        assert found.verdict == "unproven" and "fewer than 8" in found.verdict_sentence


async def praised(world: World, org: UUID, text: str, *, stream: str = "patient", sentiment: int = 1) -> UUID:
    async with world.house.owner() as db:
        made = await make.comment(
            db, settings=world.house.settings, org_id=org, text=text, stream=stream, said_on=TODAY
        )
        await make.analysed(db, comment_id=made, sentiment=sentiment)
        sentences = [{"start": 0, "end": len(text), "sentiment": sentiment}]
        await db.execute("UPDATE analysis SET sentences = $2 WHERE comment_id = $1", made, sentences)
    return made


async def test_praise_reaches_the_team_where_it_was_said_and_the_one_that_it_names(world: World) -> None:
    async with world.house.owner() as db:
        clinic = await make.org(db, code="OURS2", name="Eye clinic", level="team", parent=world.provider)
    own = await praised(world, world.ward, PRAISE)
    for n in range(10):
        await praised(world, clinic, f"Letter {n} came late again.", sentiment=4)
    named = await praised(world, clinic, "Oak Ward saved my mother, they were so very kind.")
    risky = await praised(world, world.ward, "Wonderful people, and I want to die.")
    async with world.house.owner() as db:
        await make.safety(db, comment_id=risky, kinds=("self_harm",))
    await collect(world.worker, {})
    await collect(world.worker, {})
    async with world.house.owner() as db:
        rows = await db.fetch("SELECT comment_id, org_id, named, words FROM praise ORDER BY named, org_id")
        found = {(row["comment_id"], row["org_id"], row["named"]) for row in rows}
        assert found == {(own, world.ward, False), (named, clinic, False), (named, world.ward, True)}
        assert {row["words"] for row in rows if row["named"]} == {"Oak Ward saved my mother, they were so very kind."}
        less = "UPDATE comment SET text = replace(text, 'mother', '[NAME]'), redactions = 1 WHERE id = $1"
        await db.execute(less, named)
    await collect(world.worker, {})
    async with world.house.owner() as db:
        left = await db.fetch("SELECT org_id FROM praise WHERE comment_id = $1 AND words <> ''", named)
        assert left == [], "words that a person took out of the comment are gone here, too"


async def test_a_digest_s_praise_is_quoted_only_from_ten_comments_on_and_never_from_staff(world: World) -> None:
    for n in range(4):
        await praised(world, world.ward, f"{PRAISE} Thank you all, number {n}.")
    await praised(world, world.ward, f"{PRAISE} From a colleague.", stream="staff")
    await collect(world.worker, {})
    everyone = ("patient", "carer", "staff")
    async with world.house.owner() as db:
        [few] = await reading.praise(db, [world.ward], everyone, TODAY - timedelta(days=6), TODAY)
        assert (few.org_name, few.quote, few.sentence) == ("Oak Ward", None, "About 5 people praised you.")
    for n in range(6):
        await praised(world, world.ward, f"{PRAISE} Thank you all, once more {n}.")
    await collect(world.worker, {})
    async with world.house.owner() as db:
        [many] = await reading.praise(db, [world.ward], everyone, TODAY - timedelta(days=6), TODAY)
        assert many.quote is not None and "colleague" not in many.quote
        assert many.path == f"/praise?org={world.ward}"
        assert await reading.praise(db, [world.provider], everyone, TODAY, TODAY) == []


async def test_a_scope_shows_no_action_of_other_places_or_of_streams_that_were_not_granted(world: World) -> None:
    async with world.house.owner() as db:
        theirs = await make.org(db, code="THEIRS")
        own = await make.improvement(db, org_id=world.ward)
        staff = await make.improvement(db, org_id=world.ward, streams=("patient", "staff"), title="Rotas")
        foreign = await make.improvement(db, org_id=theirs)
        for action in (own, staff, foreign):
            await db.execute("INSERT INTO improvement_look VALUES ($1, 4, 'unproven', 'x', '{}')", action)
    database = Database(world.house.dsn("console"))
    await database.open()
    for streams, seen in ((("patient",), {own}), (("patient", "staff"), {own, staff})):
        async with database.transaction(Scope((world.provider,), streams)) as db:
            assert {action.id for action in await store.actions(db, None)} == seen
            for table in ("improvement_look", "improvement_event"):
                assert {row[0] for row in await db.fetch(f"SELECT action_id FROM {table}")} == seen, table
    async with database.transaction() as db:
        assert await store.actions(db, None) == []
    await database.close()


async def test_digests_tell_what_is_overdue_and_nothing_of_streams_that_the_reader_may_not_see(world: World) -> None:
    async with world.house.owner() as db:
        late = TODAY - timedelta(days=1)
        await make.improvement(db, org_id=world.ward, due_on=late)
        await make.improvement(db, org_id=world.ward, due_on=late, streams=("staff",), title="Rotas")
        await make.improvement(db, org_id=world.ward, due_on=TODAY)
        everything = await reading.overdue(db, [world.ward], TODAY)
        assert sorted(line.title for line in everything) == ["Quieter nights", "Rotas"]
        [line] = await reading.overdue(db, [world.ward], TODAY, streams=("patient", "carer"))
        assert (line.title, line.org_name, line.owner_name) == ("Quieter nights", "Oak Ward", "Ada Invented")
