"""Promise 43: the audit trail is only added to, and an edit or a removal is found, whoever made it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import make
import pytest
import pytest_asyncio
from earshot.admin import trail
from earshot.core import audit
from earshot.core.db import Connection, Database, Scope
from house import House

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Trail:
    """A house with six lines in its trail, and an anchor of the third and of the last."""

    house: House
    org_id: UUID
    person: UUID

    def anchors(self) -> trail.Anchors:
        return trail.Anchors(self.house.settings.home)

    async def verdict(self) -> trail.Verdict:
        async with self.house.role("worker") as db:
            return await trail.verify(db, self.anchors().read())


@pytest_asyncio.fixture
async def written(house: House) -> AsyncIterator[Trail]:
    async with house.owner() as db:
        org_id = await make.org(db, code="OURS")
        person = await make.account(db, email="a@invented.example", roles={"guardian": org_id, "administrator": org_id})
    made = Trail(house, org_id, person)
    async with house.role("worker") as db:
        for n in range(6):
            await audit.record(db, action="test.done", by=person if n % 2 else None, subject=uuid4())
            if n in (2, 5):
                await made.anchors().drop(db)
    yield made


async def chained_anew(db: Connection) -> None:
    """What a forger who knows the chain does: compute every hash again."""
    before = audit.START
    for n in [row[0] for row in await db.fetch("SELECT n FROM audit_line ORDER BY n")]:
        sql = """
        UPDATE audit_line SET previous = $2, hash = sha256($2 || audit_fields(n, on_day, action, by_account, by_roles,
          subject, org_id)) WHERE n = $1 RETURNING hash"""
        before = await db.fetchval(sql, n, before)


async def test_promise_43_an_untouched_trail_holds(written: Trail) -> None:
    verdict = await written.verdict()
    assert verdict == trail.Verdict(lines=6, anchors=2, broken=None)


FORGERIES: tuple[tuple[str, int, trail.Why], ...] = (
    ("UPDATE audit_line SET action = 'test.undone' WHERE n = 4", 4, "edited"),
    ("UPDATE audit_line SET by_account = gen_random_uuid() WHERE n = 1", 1, "edited"),
    ("UPDATE audit_line SET by_roles = 'analyst' WHERE n = 2", 2, "edited"),
    ("UPDATE audit_line SET on_day = on_day - 1 WHERE n = 6", 6, "edited"),
    ("UPDATE audit_line SET hash = sha256(hash) WHERE n = 5", 5, "edited"),
    ("DELETE FROM audit_line WHERE n = 3", 3, "removed"),
    ("DELETE FROM audit_line WHERE n = 1", 1, "removed"),
    ("DELETE FROM audit_line WHERE n > 4", 5, "removed_at_the_end"),
    ("DELETE FROM audit_line", 1, "removed_at_the_end"),
)


async def test_promise_43_an_edit_or_a_removal_by_a_superuser_is_found(written: Trail) -> None:
    anchors, found = written.anchors().read(), []
    async with written.house.owner() as db:
        for change, _, _ in FORGERIES:
            forged = db.transaction()
            await forged.start()
            await db.execute("ALTER TABLE audit_line DISABLE TRIGGER USER")
            await db.execute(change)
            found.append((await trail.verify(db, anchors)).broken)
            await forged.rollback()
        assert (await trail.verify(db, anchors)).broken is None
    assert found == [trail.Break(n, why) for _, n, why in FORGERIES]


async def test_promise_43_a_forger_who_computes_every_hash_again_is_found_by_the_anchors(written: Trail) -> None:
    async with written.house.owner() as db, db.transaction():
        await db.execute("ALTER TABLE audit_line DISABLE TRIGGER USER")
        await db.execute("UPDATE audit_line SET action = 'test.undone' WHERE n = 2")
        await chained_anew(db)
    assert (await written.verdict()).broken == trail.Break(3, "anchored_otherwise")
    async with written.house.role("worker") as db:
        assert (await trail.verify(db, [])).broken is None, "without the anchors nobody could know"


CHANGES = ("UPDATE audit_line SET n = n + 10", "DELETE FROM audit_line", "TRUNCATE audit_line")


async def test_promise_43_nobody_changes_a_line(written: Trail) -> None:
    roles = [written.house.role(role) for role in ("worker", "console", "public")]
    for door in (written.house.owner(), *roles):
        async with door as db:
            for change in CHANGES:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await db.execute(change)
    assert (await written.verdict()).broken is None


async def test_promise_43_nobody_writes_a_line_but_through_the_one_function(written: Trail) -> None:
    for role in ("worker", "console", "public"):
        async with written.house.role(role) as db:
            for table in ("audit_line", "audit_pending"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await db.execute(f"INSERT INTO {table} DEFAULT VALUES")
            await audit.record(db, action="test.door", by=None)
    assert (await written.verdict()).lines == 9


async def test_a_line_goes_with_its_transaction(written: Trail) -> None:
    async with written.house.role("console") as db:
        undone = db.transaction()
        await undone.start()
        await audit.record(db, action="test.undone", by=None)
        await undone.rollback()
        async with db.transaction():
            await audit.record(db, action="test.one", by=None)
            await audit.record(db, action="test.two", by=None)
    assert await written.verdict() == trail.Verdict(lines=8, anchors=2, broken=None)


async def test_a_line_takes_no_words(written: Trail) -> None:
    async with written.house.role("console") as db:
        for action in ("words somebody wrote", "Case.read", "case", "a.b; c", ""):
            with pytest.raises(asyncpg.CheckViolationError):
                await audit.record(db, action=action, by=None)


async def test_two_hundred_writers_at_once_make_one_chain_and_never_lock_each_other_out(written: Trail) -> None:
    database = Database(written.house.dsn("console"), max_size=20)
    await database.open()
    shared = (uuid4().bytes, uuid4().bytes)
    async with written.house.owner() as db:
        await db.executemany("INSERT INTO bucket (key, tokens) VALUES ($1, 0)", [(key,) for key in shared])

    async def write(n: int) -> None:
        # A row that others want, before and after the line: with a lock held from the line on, these would deadlock.
        async with database.transaction() as db:
            if n % 2:
                await db.execute("UPDATE bucket SET tokens = tokens + 1 WHERE key = $1", shared[0])
            await audit.record(db, action="test.crowd", by=written.person)
            await db.execute("UPDATE bucket SET tokens = tokens + 1 WHERE key = $1", shared[1])

    await asyncio.wait_for(asyncio.gather(*(write(n) for n in range(200))), 50)
    await database.close()
    assert await written.verdict() == trail.Verdict(lines=206, anchors=2, broken=None)


async def test_a_line_says_what_the_person_was_and_belongs_to_their_place(written: Trail) -> None:
    async with written.house.role("worker") as db:
        lines = [line async for line in audit.lines(db, batch=2)]
    assert [line.n for line in lines] == [1, 2, 3, 4, 5, 6]
    assert (lines[1].by_roles, lines[1].org_id) == ("administrator,guardian", written.org_id)
    assert (lines[0].by_roles, lines[0].org_id) == ("", None)
    assert all(line.hash == line.right_hash() for line in lines)


async def test_the_trail_of_a_case_names_the_provider_and_never_the_ward(written: Trail) -> None:
    async with written.house.owner() as db:
        ward = await make.org(db, code="OURS7", level="team", parent=written.org_id)
        case = await make.case_file(db, org_id=ward)
        await audit.record(db, action="case.read", by=written.person, subject=case, org_id=ward)
        line = await audit.last(db)
    assert line is not None
    assert line.org_id == written.org_id


async def read_as(house: House, scope: Scope | None, case: UUID, receipt: bytes = b"") -> list[audit.Reading]:
    database = Database(house.dsn("public" if receipt else "console"))
    await database.open()
    async with database.transaction(scope) as db:
        if receipt:
            await db.execute("SELECT set_config('earshot.receipt', $1, true)", receipt.hex())
        found = await audit.readers_of(db, case)
    await database.close()
    return found


async def test_who_read_a_case_is_told_to_the_holder_of_its_receipt_and_its_handlers(written: Trail) -> None:
    async with written.house.owner() as db:
        case = await make.case_file(db, org_id=written.org_id)
        other = await make.case_file(db, org_id=written.org_id)
        await audit.record(db, action="case.read", by=written.person, subject=case)
        await audit.record(db, action="case.read", by=written.person, subject=case)
        today = await db.fetchval("SELECT current_date")
        receipts = dict(await db.fetch("SELECT id, receipt_hash FROM case_file"))
    once = [audit.Reading(today, "guardian")]
    handler = Scope((), (), case_org_ids=(written.org_id,), case_streams=("staff",), case_roles=("guardian",))
    assert await read_as(written.house, None, case, receipts[case]) == once
    assert await read_as(written.house, None, case, receipts[other]) == []
    assert await read_as(written.house, handler, case) == once
    assert await read_as(written.house, handler, other) == []
    assert await read_as(written.house, Scope((written.org_id,), ("staff",)), case) == [], "an administrator's scope"


async def seen(house: House, scope: Scope) -> list[str]:
    database = Database(house.dsn("console"))
    await database.open()
    async with database.transaction(scope) as db:
        found = [row[0] for row in await db.fetch("SELECT action FROM audit_line ORDER BY n")]
    await database.close()
    return found


async def test_an_administrator_sees_the_trail_of_their_own_subtree(written: Trail) -> None:
    async with written.house.owner() as db:
        hospital = await make.org(db, code="SITE", level="site", parent=written.org_id)
        theirs = await make.org(db, code="THEIRS")
        for name, place in (("hospital", hospital), ("theirs", theirs), ("nowhere", None)):
            await audit.record(db, action=f"at.{name}", by=None, org_id=place)
    at: Callable[[list[str]], list[str]] = lambda lines: [line for line in lines if line.startswith("at.")]  # noqa: E731
    assert at(await seen(written.house, Scope((hospital,), ()))) == ["at.hospital"]
    assert at(await seen(written.house, Scope((written.org_id,), ()))) == ["at.hospital", "at.nowhere"]
    assert at(await seen(written.house, Scope((), ()))) == []


async def test_whom_a_case_excludes_sees_no_trail_of_it(written: Trail) -> None:
    async with written.house.owner() as db:
        named = await make.account(db, email="n@invented.example", roles={"administrator": written.org_id})
        case = await make.case_file(db, org_id=written.org_id)
        await db.execute("INSERT INTO case_exclusion VALUES ($1, $2)", case, named)
        await audit.record(db, action="case.read", by=written.person, subject=case)
    assert "case.read" not in await seen(written.house, Scope((written.org_id,), (), account_id=named))
    assert "case.read" in await seen(written.house, Scope((written.org_id,), (), account_id=written.person))
