"""What the database itself keeps of the public page's rules, whatever mistake the application makes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database, Scope
from house import House

pytestmark = pytest.mark.slow

DENIED = (asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError)
APPROVE = (
    "UPDATE publication_version SET state = 'approved', approved_by = $2, approved_on = current_date"
    " WHERE publication_id = $1"
)


@dataclass(frozen=True)
class Desk:
    """A trust with a draft and something published, and people of three roles."""

    house: House
    trust: UUID
    draft: UUID
    public: UUID
    comment: UUID
    writer: UUID
    lead: UUID
    manager: UUID
    acting: Callable[..., AbstractAsyncContextManager[Connection]]


@pytest_asyncio.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS")
        people = [
            await make.account(db, email=f"{uuid4()}@invented.example", roles={role: trust})
            for role in ("quality_lead", "quality_lead", "manager")
        ]
        comment = await make.comment(db, settings=house.settings, org_id=trust)
        draft = await make.publication(db, org_id=trust, title="Draft", state="draft", writer=people[0], quote=comment)
        public = await make.publication(db, org_id=trust, title="Public", quote=comment)
        await make.publication(db, org_id=trust, title="Gone", state="withdrawn", quote=comment)
    console = Database(house.dsn("console"))
    await console.open()

    def acting(person: UUID, *streams: str) -> AbstractAsyncContextManager[Connection]:
        return console.transaction(Scope((trust,), streams or ("patient", "carer"), account_id=person))

    writer, lead, manager = people
    yield Desk(house, trust, draft, public, comment, writer, lead, manager, acting)
    await console.close()


async def test_the_public_door_reads_what_was_approved_and_nothing_else(desk: Desk) -> None:
    async with desk.house.role("public") as public:
        assert [row[0] for row in await public.fetch("SELECT title FROM publication_version")] == ["Public"]
        assert await public.fetchval("SELECT count(*) FROM publication_quote") == 1
        hidden = ("writers", "approved_by", "withdrawn_because")
        for asked in (
            *(f"SELECT {column} FROM publication_version" for column in hidden),
            "SELECT comment_id FROM publication_quote",
            "SELECT * FROM publication",
            "SELECT * FROM publication_step",
            "UPDATE publication_version SET title = 'x'",
            "DELETE FROM publication_quote",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await public.execute(asked)


async def test_a_writer_cannot_approve_and_nobody_in_another_s_name(desk: Desk) -> None:
    for person, named in ((desk.writer, desk.writer), (desk.writer, desk.lead), (desk.manager, desk.manager)):
        with pytest.raises(DENIED):
            async with desk.acting(person) as db:
                await db.execute(APPROVE, desk.draft, named)
    async with desk.acting(desk.lead) as db:
        assert await db.execute(APPROVE, desk.draft, desk.lead) == "UPDATE 1"


async def test_what_was_let_out_stays_as_it_is_and_is_never_deleted(desk: Desk) -> None:
    for column, value in (("title", "'x'"), ("did", "'x'"), ("writers", "'{}'"), ("numbers", "'[]'")):
        sql = f"UPDATE publication_version SET {column} = {value} WHERE publication_id = $1"
        with pytest.raises(DENIED):
            async with desk.acting(desk.lead) as db:
                await db.execute(sql, desk.public)
    async with desk.acting(desk.lead) as db:
        assert await db.execute("DELETE FROM publication WHERE id = $1", desk.public) == "DELETE 0"
        assert await db.execute("DELETE FROM publication_version WHERE publication_id = $1", desk.public) == "DELETE 0"
        assert await db.execute("DELETE FROM publication_quote") == "DELETE 1", "the draft's alone"
        assert await db.execute("DELETE FROM publication_version WHERE publication_id = $1", desk.draft) == "DELETE 1"


async def test_a_step_that_was_taken_stays(desk: Desk) -> None:
    for asked in ("DELETE FROM publication_step", "UPDATE publication_step SET step = 'undone'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with desk.acting(desk.lead) as db:
                await db.execute(asked)


async def test_somebody_s_words_leave_every_version_with_their_comment(desk: Desk) -> None:
    async with desk.house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM publication_quote") == 3
        await db.execute("DELETE FROM comment WHERE id = $1", desk.comment)
        assert await db.fetchval("SELECT count(*) FROM publication_quote") == 0


async def test_words_that_were_taken_out_leave_the_public_page_and_so_does_a_comment_that_may_tell_of_danger(
    desk: Desk,
) -> None:
    change = "UPDATE comment SET text = $2, redactions = redactions + 1 WHERE id = $1"
    async with desk.house.owner() as db:
        await db.execute(change, desk.comment, "[NAME] said: The staff were kind.")
        assert await db.fetchval("SELECT count(*) FROM publication_quote") == 3, "the quoted words still stand there"
        await db.execute(change, desk.comment, "[NAME] said: The [NAME] were kind.")
        assert await db.fetchval("SELECT count(*) FROM publication_quote") == 0
        again = "INSERT INTO publication_quote SELECT id, $1, org_id, streams, 'were kind.' FROM publication_version"
        await db.execute(again, desk.comment)
        await make.safety(db, comment_id=desk.comment, kinds=("danger_now",))
        assert await db.fetchval("SELECT count(*) FROM publication_quote") == 0


async def test_staff_s_words_are_never_kept_for_the_public_and_what_is_about_staff_is_for_those_who_read_them(
    desk: Desk,
) -> None:
    async with desk.house.owner() as db:
        await db.execute("DELETE FROM publication_quote")
        await db.execute("UPDATE publication SET streams = '{staff}'")
        await db.execute("UPDATE publication_version SET streams = '{staff}'")
        version = await db.fetchval("SELECT id FROM publication_version LIMIT 1")
        quote = "INSERT INTO publication_quote VALUES ($1, $2, $3, '{staff}', 'Nobody listens to us.')"
        with pytest.raises(asyncpg.CheckViolationError):
            await db.execute(quote, version, desk.comment, desk.trust)
    async with desk.acting(desk.lead) as db:
        assert await db.fetchval("SELECT count(*) FROM publication_version") == 0
    async with desk.acting(desk.lead, "patient", "carer", "staff") as db:
        assert await db.fetchval("SELECT count(*) FROM publication_version") == 3
