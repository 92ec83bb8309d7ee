"""Promise 6 for reports: whatever becomes of the worker, each is read once and its wrap is destroyed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import make
import pytest
import speaking
from earshot.cases import filing, filing_store, sealing
from earshot.cases.filing import Report
from earshot.cases.key_pairs import HandlerKeys
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection
from stack import Stack, new_stack

pytestmark = pytest.mark.fault
REPORTS = 40
TOLD = "On night {n} there was one nurse for two bays, and the charts were filled in as if everything was on time."


@pytest.fixture
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        yield made


async def spoken(stack: Stack) -> HandlerKeys:
    """Many people have spoken up, and no worker has read it yet; returns the keys of the one handler."""
    keys, today = KeyFiles(stack.settings.keys), date.today()
    async with stack.owner() as db:
        org_id = await make.org(db, code="P")
        handler = await speaking.handler(db, org_id=org_id)
        to = await filing_store.recipients(db, org_id, "staff")
        for n in range(REPORTS):
            report = Report(org_id, "staff", "anonymous", TOLD.format(n=n))
            case = filing.seal(report, to, keys.day_key(today), receipt=sealing.new_receipt(), today=today)
            async with db.transaction():
                await filing_store.file(db, case, once_hash=uuid4().bytes)
    return handler.keys


async def until_reading(db: Connection) -> None:
    ends = time.monotonic() + 60
    while not await db.fetchval("SELECT count(*) FROM case_text WHERE kind = 'reading'"):
        assert time.monotonic() < ends, "the worker reads nothing"
        await asyncio.sleep(0.02)


async def test_promise_06_a_killed_worker_leaves_every_report_read_once_and_no_wrap(stack: Stack) -> None:
    handler = await spoken(stack)
    stack.start("worker")
    async with stack.owner() as db:
        await until_reading(db)
        stack.kill("worker")
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") > 0, "it must die in the middle of its work"
    stack.start("worker")
    await stack.settled(90)
    async with stack.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") == 0
        assert await db.fetchval("SELECT count(*) FROM case_step WHERE kind = 'read'") == REPORTS
        rows = await db.fetch(
            "SELECT t.case_id, t.sealed, l.sealed AS lock FROM case_text t JOIN case_lock l USING (case_id)"
            " WHERE t.kind = 'reading'"
        )
    assert len(rows) == REPORTS
    read = {
        sealing.open_lock(row["case_id"], row["lock"], handler.private).open("reading", row["sealed"])["text"]
        for row in rows
    }
    assert read == {TOLD.format(n=n) for n in range(REPORTS)}
    assert not any(b"charts were filled" in log for log in stack.logs().values())


async def test_a_worker_that_starts_makes_the_keys_of_today_so_that_the_form_is_open(stack: Stack) -> None:
    keys, today = KeyFiles(stack.settings.keys), date.today()
    for day in (today, today + timedelta(days=1)):
        keys.destroy_day(day)
    stack.start("worker")
    ends = time.monotonic() + 60
    while not (keys.folder / f"day-{today + timedelta(days=1)}.public").exists():
        assert time.monotonic() < ends, "no key was made"
        await asyncio.sleep(0.1)
    assert keys.day_key(today).key_id == str(today)
