"""Promises 5, 6 and 7: a row and its job are one transaction, and a job outlives its worker and its database."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from earshot.core.db import Connection, Database
from earshot.core.errors import Unavailable
from earshot.core.work import enqueue, unfinished
from house import House
from stack import Stack, new_stack

pytestmark = pytest.mark.fault
JOBS = 40
TABLES = """
CREATE TABLE runs (key integer, process integer);
CREATE TABLE effects (key integer PRIMARY KEY);
GRANT SELECT, INSERT ON runs, effects TO earshot_worker;
"""


@pytest.fixture
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        yield made


async def queue_jobs(db: Connection) -> None:
    await db.execute(TABLES)
    async with db.transaction():
        for key in range(JOBS):
            await enqueue(db, "slow", {"key": key})


def start_worker(stack: Stack, name: str) -> None:
    script = Path(__file__).with_name("slow_worker.py")
    environment = stack.parts()["worker"].environment
    stack.launch(name, (sys.executable, str(script)), environment, stack.settings.home / "log" / f"{name}.log")


async def until_some_run(db: Connection, count: int) -> None:
    ends = time.monotonic() + 20
    while await db.fetchval("SELECT count(*) FROM runs") < count:
        assert time.monotonic() < ends, "the worker began no job"
        await asyncio.sleep(0.05)


async def effects(db: Connection) -> list[int]:
    return [row[0] for row in await db.fetch("SELECT key FROM effects ORDER BY key")]


async def test_promise_06_a_worker_killed_mid_job_leaves_every_effect_exactly_once(stack: Stack) -> None:
    async with stack.owner() as db:
        await queue_jobs(db)
        start_worker(stack, "first")
        await until_some_run(db, 6)
        stack.kill("first")
        assert await db.fetchval("SELECT count(*) FROM runs") > len(await effects(db)), "it must die in mid-job"
        began = time.monotonic()
        start_worker(stack, "second")
        await stack.settled(50)
        assert await effects(db) == list(range(JOBS))
        assert await db.fetchval("SELECT count(*) FROM pgqueuer") == 0, "nothing is held or left over"
        assert time.monotonic() - began < 40


async def test_promise_06_two_workers_share_the_work_and_do_nothing_twice(stack: Stack) -> None:
    async with stack.owner() as db:
        await queue_jobs(db)
        start_worker(stack, "first")
        start_worker(stack, "second")
        await stack.settled(50)
        assert await effects(db) == list(range(JOBS))
        assert await db.fetchval("SELECT count(*) FROM runs") == JOBS
        assert await db.fetchval("SELECT count(DISTINCT process) FROM runs") == 2


async def test_promise_07_a_database_crash_mid_job_drops_and_parks_nothing(stack: Stack) -> None:
    async with stack.owner() as db:
        await queue_jobs(db)
        start_worker(stack, "only")
        await until_some_run(db, 6)
    stack.crash_postgres()
    await asyncio.sleep(2)
    stack.postgres.start()
    await stack.settled(50)
    async with stack.owner() as db:
        assert await effects(db) == list(range(JOBS))
        assert await db.fetchval("SELECT count(*) FROM pgqueuer") == 0, "nothing is held or left over"
    assert stack.processes["only"].poll() is None, "the same worker process carries on"


async def test_promise_05_a_rolled_back_row_takes_its_job_with_it(house: House) -> None:
    database = Database(house.dsn("worker"))
    await database.open()
    insert = "INSERT INTO vault.sealing_key (key_id) VALUES ('test')"

    async def fail_after_both() -> None:
        async with database.transaction() as db:
            await db.execute(insert)
            await enqueue(db, "deidentify", {"submissions": []})
            assert await unfinished(db) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_both()
    async with database.transaction() as db:
        assert await unfinished(db) == 0
        assert await db.fetchval("SELECT count(*) FROM vault.sealing_key WHERE key_id = 'test'") == 0
        await db.execute(insert)
        await enqueue(db, "deidentify", {"submissions": []})
    async with house.owner() as db:
        assert await unfinished(db) == 1
        assert await db.fetchval("SELECT count(*) FROM vault.sealing_key WHERE key_id = 'test'") == 1
    await database.close()


async def test_promise_05_a_connection_that_breaks_before_the_commit_leaves_neither_row_nor_job(house: House) -> None:
    database = Database(house.dsn("worker"))
    await database.open()
    async with house.owner() as owner:

        async def break_after_both() -> None:
            async with database.transaction() as db:
                await db.execute("INSERT INTO vault.sealing_key (key_id) VALUES ('test')")
                await enqueue(db, "deidentify", {"submissions": []})
                await owner.execute("SELECT pg_terminate_backend($1)", await db.fetchval("SELECT pg_backend_pid()"))

        with pytest.raises(Unavailable):
            await break_after_both()
        assert await unfinished(owner) == 0
        assert await owner.fetchval("SELECT count(*) FROM vault.sealing_key WHERE key_id = 'test'") == 0
    await database.close()
