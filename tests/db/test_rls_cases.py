"""Promise 35, for cases: the database decides who sees one, by place, by stream and by who must not know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database
from earshot.people.matrix import HANDLES, Role
from earshot.people.model import Actor, Grant
from house import House

pytestmark = pytest.mark.slow

#: What belongs to one case, by its own id.
OF_A_CASE = (
    *("case_text", "case_step", "case_lock", "case_escrow", "case_exclusion", "break_glass", "hand_off"),
    *("case_action", "case_feedback"),
)


@dataclass
class Rows:
    """Cases of staff and of patients at two trusts, with something in every table, and the console's database."""

    house: House
    database: Database
    ours: UUID
    theirs: UUID
    staff: UUID
    patient: UUID
    foreign: UUID

    async def person(self, role: Role, org_id: UUID | None = None) -> Actor:
        """Somebody with a role over a trust: ours, unless said otherwise."""
        place = org_id or self.ours
        async with self.house.owner() as db:
            email = f"{role}-{place}@invented.example"
            found = await db.fetchval("SELECT id FROM account WHERE email = $1", email)
            account = found or await make.account(db, email=email, roles={role.value: place})
        return Actor(account, "Ada", email, (Grant(role, place, "A trust"),))

    async def seen(self, actor: Actor) -> dict[str, set[UUID]]:
        """Of which cases somebody sees anything, table by table."""
        async with self.database.transaction(actor.scope) as db:
            found = {"case_file": {row[0] for row in await db.fetch("SELECT id FROM case_file")}}
            for table in OF_A_CASE:
                found[table] = {row[0] for row in await db.fetch(f"SELECT DISTINCT case_id FROM {table}")}
        return found


@pytest_asyncio.fixture
async def rows(house: House) -> AsyncIterator[Rows]:
    async with house.owner() as db:
        ours, theirs = await make.org(db, code="OURS"), await make.org(db, code="THEIRS")
        ward = await make.org(db, code="OURS1", level="team", parent=ours)
        staff = await case(db, ward, "staff")
        patient = await case(db, ward, "patient")
        foreign = await case(db, theirs, "staff")
    database = Database(house.dsn("console"))
    await database.open()
    yield Rows(house, database, ours, theirs, staff, patient, foreign)
    await database.close()


async def case(db: Connection, org_id: UUID, stream: str) -> UUID:
    """A case with a row in every table that belongs to one; somebody who has no role must not know of it."""
    made = await make.case_file(db, org_id=org_id, stream=stream)
    one, two, nobody = [await make.account(db, email=f"{n}-{made}@invented.example", roles={}) for n in range(3)]
    pairs = [await make.key_pair(db, account_id=account) for account in (one, two)]
    await db.execute("INSERT INTO case_text (case_id, n, kind, sealed) VALUES ($1, 1, 'report', '')", made)
    await db.execute("INSERT INTO case_step (case_id, n, kind) VALUES ($1, 1, 'received')", made)
    await db.execute("INSERT INTO case_lock VALUES ($1, $2, 'case', '')", made, pairs[0])
    await db.execute("INSERT INTO case_escrow VALUES ($1, $2, $3, '')", made, *pairs)
    await db.execute("INSERT INTO case_exclusion VALUES ($1, $2)", made, nobody)
    await db.execute("INSERT INTO break_glass (case_id, asked_by, reason) VALUES ($1, $2, 'x')", made, one)
    await db.execute("INSERT INTO hand_off (case_id, kind, text_n) VALUES ($1, 'pals', 1)", made)
    await db.execute("INSERT INTO case_action (case_id, text_n) VALUES ($1, 1)", made)
    await db.execute("INSERT INTO case_feedback (case_id, question, answer) VALUES ($1, 'again', 'yes')", made)
    return made


async def test_promise_35_every_table_of_cases_and_keys_forces_row_level_security(house: House) -> None:
    async with house.owner() as db:
        every = (
            "SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', 'vault')"
            " AND (EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('case_id', 'pair_id'))"
            " OR c.relname IN ('case_file', 'key_pair'))"
        )
        found = {row["name"]: row["forced"] for row in await db.fetch(every)}
    assert set(found) >= {"case_file", "key_pair", "key_lock", "vault.case_wrap", *OF_A_CASE}
    assert [name for name, forced in found.items() if not forced] == []


async def test_promise_35_no_scope_shows_no_row_of_any_case_or_key(rows: Rows) -> None:
    async with rows.house.role("console") as db:
        for table in ("case_file", "key_pair", "key_lock", *OF_A_CASE):
            assert await db.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_promise_35_a_guardian_sees_the_cases_of_their_own_place_in_every_table(rows: Rows) -> None:
    assert set(map(frozenset, (await rows.seen(await rows.person(Role.GUARDIAN))).values())) == {
        frozenset({rows.staff, rows.patient})
    }
    elsewhere = await rows.seen(await rows.person(Role.GUARDIAN, rows.theirs))
    assert set(map(frozenset, elsewhere.values())) == {frozenset({rows.foreign})}


async def test_promise_35_pals_see_no_case_of_staff_in_any_table(rows: Rows) -> None:
    seen = await rows.seen(await rows.person(Role.PALS))
    assert set(map(frozenset, seen.values())) == {frozenset({rows.patient})}


@pytest.mark.parametrize("role", [role for role in Role if role not in HANDLES])
async def test_promise_35_who_handles_no_cases_sees_none_in_any_table(rows: Rows, role: Role) -> None:
    assert set(map(frozenset, (await rows.seen(await rows.person(role))).values())) == {frozenset()}


async def test_promise_35_a_manager_s_role_beside_a_guardian_s_adds_no_case(rows: Rows) -> None:
    guardian = await rows.person(Role.GUARDIAN)
    both = Actor(guardian.account_id, "Ada", "x", (*guardian.grants, Grant(Role.MANAGER, rows.theirs, "Theirs")))
    assert (await rows.seen(both))["case_text"] == {rows.staff, rows.patient}


async def test_promise_35_somebody_who_must_not_know_sees_the_case_in_no_table(rows: Rows) -> None:
    named, other = await rows.person(Role.GUARDIAN), await rows.person(Role.PALS)
    async with rows.house.owner() as db:
        await db.execute("INSERT INTO case_exclusion VALUES ($1, $2)", rows.patient, named.account_id)
    assert set(map(frozenset, (await rows.seen(named)).values())) == {frozenset({rows.staff})}
    assert (await rows.seen(other))["case_file"] == {rows.patient}


async def test_promise_35_a_role_that_must_not_know_sees_the_case_in_no_table(rows: Rows) -> None:
    async with rows.house.owner() as db:
        await db.execute("UPDATE case_file SET excluded_roles = '{pals}' WHERE id = $1", rows.patient)
    pals = await rows.seen(await rows.person(Role.PALS))
    assert set(map(frozenset, pals.values())) == {frozenset()}
    assert (await rows.seen(await rows.person(Role.GUARDIAN)))["case_file"] == {rows.staff, rows.patient}


async def test_promise_35_nobody_writes_into_a_case_that_they_do_not_see(rows: Rows) -> None:
    actor = await rows.person(Role.GUARDIAN)
    text = "INSERT INTO case_text (case_id, n, kind, sealed) VALUES ($1, 7, 'from_handler', '')"
    async with rows.database.transaction(actor.scope) as db:
        await db.execute(text, rows.staff)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with rows.database.transaction(actor.scope) as db:
            await db.execute(text, rows.foreign)
    async with rows.database.transaction(actor.scope) as db:
        assert await db.execute("UPDATE case_file SET way = 'open' WHERE id = $1", rows.foreign) == "UPDATE 0"
        assert await db.execute("DELETE FROM case_lock WHERE case_id = $1", rows.foreign) == "DELETE 0"


async def test_promise_35_a_key_s_locks_are_for_its_owner_alone(rows: Rows) -> None:
    mine, theirs = await rows.person(Role.GUARDIAN), await rows.person(Role.GUARDIAN, rows.theirs)
    async with rows.house.owner() as db:
        for actor in (mine, theirs):
            pair = await make.key_pair(db, account_id=actor.account_id)
            lock = "INSERT INTO key_lock (pair_id, kind, salt, sealed) VALUES ($1, 'passphrase', $2, '')"
            await db.execute(lock, pair, bytes(16))
    async with rows.database.transaction(mine.scope) as db:
        owners = "SELECT DISTINCT k.account_id FROM key_lock l JOIN key_pair k ON k.id = l.pair_id"
        assert [row[0] for row in await db.fetch(owners)] == [mine.account_id]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("INSERT INTO key_pair (account_id, public) VALUES ($1, $2)", theirs.account_id, bytes(32))


async def test_promise_35_the_public_door_finds_no_case_without_its_receipt(rows: Rows) -> None:
    async with rows.house.role("public") as db:
        for table in ("case_text", "case_step", "case_feedback", "hand_off"):
            assert await db.fetchval(f"SELECT count(case_id) FROM {table}") == 0
        assert await db.fetchval("SELECT count(id) FROM case_file") == 0
        for table in ("case_lock", "key_lock", "case_escrow", "case_exclusion", "break_glass", "vault.case_wrap"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.fetch(f"SELECT 1 FROM {table}")


async def test_promise_35_a_person_with_two_roles_gets_the_cases_that_both_may_handle(rows: Rows) -> None:
    guardian = await rows.person(Role.GUARDIAN)
    both = Actor(guardian.account_id, "Ada", "x", (*guardian.grants, Grant(Role.PALS, rows.ours, "Ours")))
    assert (await rows.seen(both))["case_text"] == {rows.patient}
