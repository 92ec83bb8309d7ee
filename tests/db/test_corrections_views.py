"""The reading as corrected: what the views show, what is counted, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database, Scope
from earshot.measures.stages import recount
from earshot.taxonomy.frameworks import NOT_ASSIGNED, PATIENT_EXPERIENCE
from house import House

pytestmark = pytest.mark.slow

ADD = (
    "INSERT INTO correction (id, comment_id, org_id, stream, kind, framework, theme, present, sentiment, made_by)"
    " VALUES (gen_random_uuid(), $1, $2, 'patient', $3, $4, $5, $6, $7, $8) RETURNING id"
)


@dataclass(frozen=True)
class Ward:
    """A ward with one comment that the machine heard Parking in, and a person who corrects."""

    house: House
    db: Connection
    org_id: UUID
    comment: UUID
    person: UUID

    async def theme(self, theme: str, present: bool) -> UUID:
        made: UUID = await self.db.fetchval(
            ADD, self.comment, self.org_id, "theme", PATIENT_EXPERIENCE, theme, present, None, self.person
        )
        return made

    async def sentiment(self, sentiment: int) -> None:
        await self.db.execute(ADD, self.comment, self.org_id, "sentiment", None, None, None, sentiment, self.person)

    async def seen(self) -> dict[str, bool]:
        rows = await self.db.fetch("SELECT theme, by_person FROM effective_theme WHERE comment_id = $1", self.comment)
        assert len({row["theme"] for row in rows}) == len(rows), "no theme may come twice"
        return {row["theme"]: row["by_person"] for row in rows}


@pytest_asyncio.fixture
async def ward(house: House) -> AsyncIterator[Ward]:
    async with house.owner() as db:
        org_id = await make.org(db, code="W")
        comment = await make.comment(db, settings=house.settings, org_id=org_id)
        await make.analysed(db, comment_id=comment, theme="Parking", sentiment=2)
        await db.execute("UPDATE comment_theme SET framework = $1", PATIENT_EXPERIENCE)
        person = await make.account(db, email="lead@invented.example", roles={"quality_lead": org_id})
        yield Ward(house, db, org_id, comment, person)


async def test_without_corrections_the_views_show_the_machine_s_reading(ward: Ward) -> None:
    assert await ward.seen() == {"Parking": False}
    assert await ward.db.fetchrow("SELECT sentiment, by_person FROM effective_sentiment") == (2, False)


async def test_a_theme_that_is_confirmed_is_the_person_s(ward: Ward) -> None:
    await ward.theme("Parking", True)
    assert await ward.seen() == {"Parking": True}


async def test_themes_are_added_and_taken_away(ward: Ward) -> None:
    await ward.theme("Discharge", True)
    assert await ward.seen() == {"Parking": False, "Discharge": True}
    await ward.theme("Parking", False)
    assert await ward.seen() == {"Discharge": True}


async def test_where_every_theme_was_taken_away_none_is_assigned(ward: Ward) -> None:
    await ward.theme("Parking", False)
    await ward.theme("Discharge", False)
    assert await ward.seen() == {NOT_ASSIGNED: True}


async def test_a_theme_that_is_added_to_none_takes_its_place(ward: Ward) -> None:
    await ward.db.execute("UPDATE comment_theme SET theme = $1", NOT_ASSIGNED)
    await ward.theme("Discharge", False)
    assert await ward.seen() == {NOT_ASSIGNED: False}
    await ward.theme("Parking", True)
    assert await ward.seen() == {"Parking": True}


async def test_a_correction_that_has_ended_counts_no_more(ward: Ward) -> None:
    made = await ward.theme("Parking", False)
    await ward.db.execute("UPDATE correction SET ended_on = current_date, ended_by = made_by WHERE id = $1", made)
    assert await ward.seen() == {"Parking": False}
    await ward.theme("Parking", True)
    with pytest.raises(asyncpg.UniqueViolationError):
        await ward.theme("Parking", False)


async def test_charts_count_the_corrected_state(ward: Ward) -> None:
    await ward.theme("Parking", False)
    await ward.theme("Discharge", True)
    await ward.sentiment(5)
    await recount(ward.db, [(ward.org_id, make.DAY)])
    rows = await ward.db.fetch(
        "SELECT measure, label, n FROM daily WHERE measure LIKE 'theme%' OR measure = 'sentiment'"
    )
    assert sorted(tuple(row) for row in rows) == [
        ("sentiment", "5", 1), ("theme", "Discharge", 1), ("theme_negative", "Discharge", 1),
    ]  # fmt: skip


async def test_the_views_show_nobody_more_than_the_tables_do(ward: Ward) -> None:
    await ward.theme("Discharge", True)
    database = Database(ward.house.dsn("console"))
    await database.open()
    for streams, expected in ((("patient",), 2), (("staff",), 0)):
        async with database.transaction(Scope((ward.org_id,), streams)) as connection:
            assert await connection.fetchval("SELECT count(*) FROM effective_theme") == expected
            assert await connection.fetchval("SELECT count(*) FROM effective_sentiment") == expected // 2
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM effective_theme") == 0
    await database.close()


async def test_a_comment_s_text_can_only_lose_words(ward: Ward) -> None:
    database = Database(ward.house.dsn("console"))
    await database.open()
    scope = Scope((ward.org_id,), ("patient",))
    async with database.transaction(scope) as connection:
        await connection.execute("UPDATE comment SET text = 'The [name 1] were kind.', redactions = redactions + 1")
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction(scope) as connection:
            await connection.execute("UPDATE comment SET text = 'The staff were kind.'")
    await database.close()


async def test_a_redaction_never_ends(ward: Ward) -> None:
    add = (
        "INSERT INTO correction (id, comment_id, org_id, stream, kind, identifier, span, made_by)"
        " VALUES (gen_random_uuid(), $1, $2, 'patient', 'redaction', 'name', int4range(0, 4), $3)"
    )
    await ward.db.execute(add, ward.comment, ward.org_id, ward.person)
    with pytest.raises(asyncpg.CheckViolationError):
        await ward.db.execute("UPDATE correction SET ended_on = current_date")
