"""Promise 35: even a mistake in the application cannot cross from one trust to another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import make
import pytest
import pytest_asyncio
from earshot.core.db import ROLES, Connection, Database, Scope
from house import House

WITH_ORG = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'vault')
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped)
"""


@dataclass(frozen=True)
class Two:
    """Two trusts with one of everything each; `ours` has a ward below it."""

    house: House
    ours: UUID
    ward: UUID
    theirs: UUID


@pytest_asyncio.fixture
async def two(house: House) -> AsyncIterator[Two]:
    async with house.owner() as db:
        ours = await make.org(db, code="OURS")
        ward = await make.org(db, code="OURS1", level="team", parent=ours)
        theirs = await make.org(db, code="THEIRS")
        for org_id in (ours, theirs):
            await make.one_of_everything(db, settings=house.settings, org_id=org_id)
        await make.comment(db, settings=house.settings, org_id=ours, stream="staff", text="Nobody listens to us.")
    yield Two(house, ours, ward, theirs)


async def scoped_tables(db: Connection) -> list[str]:
    return [row[0] for row in await db.fetch(WITH_ORG)]


async def readable(db: Connection, role: str, tables: list[str]) -> list[str]:
    """Those of `tables` that `role` may select from at all."""
    sql = "SELECT t FROM unnest($1::text[]) t WHERE has_any_column_privilege($2, t, 'SELECT')"
    return [row[0] for row in await db.fetch(sql, tables, role)]


async def test_promise_35_every_table_of_an_organisation_forces_row_level_security(house: House) -> None:
    async with house.owner() as db:
        tables = [*await scoped_tables(db), "org"]
        loose = (
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE oid = ANY ($1::regclass[]) AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        assert len(tables) >= 15
        assert [row[0] for row in await db.fetch(loose, tables)] == []


async def test_promise_35_application_roles_own_nothing_and_pass_no_policy(house: House) -> None:
    async with house.owner() as db:
        owned = "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = ANY ($1)"
        assert await db.fetch(owned, list(ROLES)) == []
        powers = (
            "SELECT rolname FROM pg_roles"
            " WHERE rolname = ANY ($1) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"
        )
        assert await db.fetch(powers, list(ROLES)) == []
        assert await db.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = ANY ($1)", list(ROLES)) == 3


async def test_promise_35_no_scope_shows_the_console_no_row_of_anybody(two: Two) -> None:
    async with two.house.owner() as db:
        tables = await readable(db, "earshot_console", [*await scoped_tables(db), "org"])
        filled = [table for table in tables if await db.fetchval(f"SELECT count(*) FROM {table}")]
    assert sorted(filled) == sorted(tables), "every table must hold something, or emptiness would prove nothing"
    # Grants are read while somebody signs in, before there is any scope; they name no respondent.
    async with two.house.role("console") as console:
        seen = {table: await console.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
    assert {table for table, n in seen.items() if n} == {"role_grant"}


async def test_promise_35_a_scope_shows_its_own_subtree_and_nothing_else(two: Two) -> None:
    async with two.house.owner() as db:
        tables = await readable(db, "earshot_console", await scoped_tables(db))
    database = Database(two.house.dsn("console"))
    await database.open()
    everyone = ("patient", "carer", "staff")
    scope = Scope((two.ours,), everyone, case_org_ids=(two.ours,), case_streams=everyone, case_roles=("guardian",))
    async with database.transaction(scope) as db:
        for table in set(tables) - {"role_grant"}:
            assert {row[0] for row in await db.fetch(f"SELECT DISTINCT org_id FROM {table}")} == {two.ours}, table
        assert {row[0] for row in await db.fetch("SELECT id FROM org")} == {two.ours, two.ward}
    async with database.connection() as db:
        assert await db.fetchval("SELECT count(*) FROM comment") == 0, "the scope must end with its transaction"
    await database.close()


async def test_promise_35_a_stream_that_was_not_granted_stays_hidden(two: Two) -> None:
    database = Database(two.house.dsn("console"))
    await database.open()
    seen = {}
    for streams in (("patient",), ("staff",), ("patient", "staff"), ()):
        async with database.transaction(Scope((two.ours,), streams)) as db:
            seen[streams] = {row[0] for row in await db.fetch("SELECT stream FROM comment")}
    await database.close()
    assert seen == {
        ("patient",): {"patient"},
        ("staff",): {"staff"},
        ("patient", "staff"): {"patient", "staff"},
        (): set(),
    }


async def test_promise_35_the_console_cannot_write_into_another_trust(two: Two) -> None:
    database = Database(two.house.dsn("console"))
    await database.open()
    scope = Scope((two.ours,), ("patient",))
    link = "INSERT INTO form_link (token, org_id, audience, label) VALUES ($1, $2, 'patient', 'x')"
    async with database.transaction(scope) as db:
        await db.execute(link, "mine", two.ours)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(scope) as db:
            await db.execute(link, "theirs", two.theirs)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(scope) as db:
            await db.execute(
                "INSERT INTO discovery (id, org_id, state) VALUES (gen_random_uuid(), $1, 'waiting')", two.theirs
            )
    async with database.transaction(scope) as db:
        assert await db.execute("UPDATE form_link SET label = 'y' WHERE org_id = $1", two.theirs) == "UPDATE 0"
    await database.close()


@pytest.mark.parametrize(
    "action", ["SELECT 1 FROM vault.submission", "DELETE FROM vault.submission", "TABLE vault.sealing_key"]
)
async def test_promise_35_the_console_has_no_way_into_the_vault(two: Two, action: str) -> None:
    async with two.house.role("console") as console:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await console.fetch(action)


@pytest.mark.parametrize(
    "table",
    [
        "comment",
        "response",
        "analysis",
        "comment_theme",
        "embedding",
        "cluster",
        "daily",
        "review_item",
        "account",
        "session",
    ],
)
async def test_promise_35_the_public_door_cannot_read_what_was_heard(two: Two, table: str) -> None:
    async with two.house.role("public") as public:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await public.fetch(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize("column", ["sealed", "audience", "org_id", "state", "form", "response_id"])
async def test_promise_35_the_public_door_cannot_read_back_what_was_sent(two: Two, column: str) -> None:
    async with two.house.role("public") as public:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await public.fetch(f"SELECT {column} FROM vault.submission")
        for change in ("DELETE FROM vault.submission", "UPDATE vault.submission SET state = 'done'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await public.execute(change)


async def test_promise_35_the_public_door_cannot_pass_itself_off_as_an_import(two: Two) -> None:
    sql = (
        "INSERT INTO vault.submission (id, org_id, audience, form, channel, response_id, received_on, sealed, key_id)"
        " VALUES (gen_random_uuid(), $1, 'patient', 'f', $2, gen_random_uuid(), current_date, 'x', 'k')"
    )
    async with two.house.role("public") as public:
        await public.execute(sql, two.ours, "form")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await public.execute(sql, two.ours, "import")


async def test_promise_35_no_role_reads_another_role_s_files_or_runs_programs(house: House) -> None:
    for role in ("public", "console", "worker"):
        async with house.role(role) as db:
            for action in (
                "SELECT pg_read_file('PG_VERSION')",
                "COPY org TO PROGRAM 'cat'",
                "CREATE TABLE mine (a int)",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await db.execute(action)
