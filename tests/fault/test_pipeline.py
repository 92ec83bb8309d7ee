"""Promises 6 and 7 with the real pipeline: whatever is killed, every comment is read and counted exactly once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from uuid import UUID

import make
import pytest
from earshot.core.db import Connection
from load import Load
from stack import Stack, new_stack

pytestmark = pytest.mark.fault
PEOPLE = 240


@pytest.fixture
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        yield made


async def heard(stack: Stack) -> Load:
    """Many people have said something, in many small batches, and no worker has read it yet."""
    async with stack.owner() as db:
        token = await make.link(db, org_id=await make.org(db, code="WARD4", level="team"))
    stack.start("public")
    load = Load(stack.public, token)
    async with load.sending():
        await load.until("201", PEOPLE)
    return load


async def until_reading(db: Connection) -> None:
    ends = time.monotonic() + 60
    while not await db.fetchval("SELECT count(*) FROM comment"):
        assert time.monotonic() < ends, "the worker reads nothing"
        await asyncio.sleep(0.02)


async def check_everything_counts_once(stack: Stack, load: Load) -> None:
    async with stack.owner() as db:
        sent: set[UUID] = {row[0] for row in await db.fetch("SELECT id FROM vault.submission WHERE state = 'done'")}
        assert set(load.acknowledged.values()) - sent == set(), "acknowledged and never read"
        for table in ("response", "comment", "analysis", "embedding"):
            assert await db.fetchval(f"SELECT count(*) FROM {table}") == len(sent), table
        counted = {row[0]: row[1] for row in await db.fetch("SELECT measure, sum(n) FROM daily GROUP BY measure")}
        assert (counted["comments"], counted["responses"], counted["fft"]) == (len(sent),) * 3
        assert await db.fetchval("SELECT count(*) FROM pgqueuer") == 0, "nothing is held or left over"


async def test_promise_06_a_killed_worker_leaves_every_comment_read_and_counted_once(stack: Stack) -> None:
    load = await heard(stack)
    stack.start("worker")
    async with stack.owner() as db:
        await until_reading(db)
        stack.kill("worker")
        assert await db.fetchval("SELECT count(*) FROM pgqueuer") > 0, "it must die in the middle of its work"
    stack.start("worker")
    await stack.settled(90)
    await check_everything_counts_once(stack, load)


async def test_promise_07_a_crashed_database_leaves_every_comment_read_and_counted_once(stack: Stack) -> None:
    load = await heard(stack)
    stack.start("worker")
    async with stack.owner() as db:
        await until_reading(db)
    stack.crash_postgres()
    await asyncio.sleep(1)
    stack.postgres.start()
    await stack.settled(90)
    await check_everything_counts_once(stack, load)
    assert stack.processes["worker"].poll() is None, "the same worker process carries on"
