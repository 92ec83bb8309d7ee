"""Promises 9 and 10: no mail is lost or sent twice, whatever a mail server, a scheduler or a worker does."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import make
import pytest
from earshot.core import mail_store
from earshot.core.db import Connection
from earshot.core.mail import STUCK, Letter, post, send_again
from mail_sink import Sink, listening, new_sink
from stack import Stack, new_stack

pytestmark = pytest.mark.fault
ROUND = "INSERT INTO pgqueuer (priority, entrypoint, payload, status) VALUES (0, 'digest_round', '{}', 'queued')"


@pytest.fixture(scope="module")
def sink() -> Sink:
    return new_sink()


@pytest.fixture(scope="module")
def stack(sink: Sink) -> Iterator[Stack]:
    with new_stack(smtp_url=sink.url, mail_from="earshot@trust.example") as made:
        yield made


def start_worker(stack: Stack, sink: Sink, name: str) -> None:
    environment = {
        **stack.parts()["worker"].environment,
        "EARSHOT_SMTP_URL": sink.url,
        "EARSHOT_MAIL_FROM": "earshot@trust.example",
    }
    script = Path(__file__).with_name("mail_worker.py")
    stack.launch(name, (sys.executable, str(script)), environment, stack.settings.home / "log" / f"{name}.log")


def letter(key: str) -> Letter:
    return Letter(key, "ada@trust.example", None, "notice", "Hello", f"About {key}.")


async def posted(db: Connection, key: str) -> UUID:
    async with db.transaction():
        made = await post(db, letter(key))
    assert made is not None
    return made


async def until(db: Connection, letter_id: UUID, *, state: str, attempts: int = 0, seconds: float = 20) -> str | None:
    """Wait until a letter is in a state after so many tries; returns why it is."""
    ends = time.monotonic() + seconds
    while True:
        row = await db.fetchrow("SELECT state, attempts, why FROM letter WHERE id = $1", letter_id)
        if row["state"] == state and row["attempts"] >= attempts:
            why: str | None = row["why"]
            return why
        assert time.monotonic() < ends, f"waited for {state}, found {dict(row)}"
        await asyncio.sleep(0.05)


async def test_promise_09_mail_waits_for_a_server_that_is_down_slow_or_busy_and_goes_once(
    stack: Stack, sink: Sink
) -> None:
    sink.mails.clear()
    start_worker(stack, sink, "post")
    async with stack.owner() as db:
        made = await posted(db, "patient")
        assert await until(db, made, state="waiting", attempts=2) == "The mail server could not be reached."
        sink.mood = "tarpit"
        with listening(sink):
            attempts = await db.fetchval("SELECT attempts FROM letter WHERE id = $1", made)
            why = await until(db, made, state="waiting", attempts=attempts + 2)
            assert why == "The mail server did not answer in time."
            sink.mood = "busy"
            attempts = await db.fetchval("SELECT attempts FROM letter WHERE id = $1", made)
            why = await until(db, made, state="waiting", attempts=attempts + 3)  # the first may still be the slow one
            assert why == "The mail server asked to try again later (451 4.3.0)."
            assert sink.mails == [] and len(sink.offered) >= 2
            assert len(set(sink.offered)) == 1, "the same message with the same Message-ID at every try"
            sink.mood = "takes"
            await until(db, made, state="sent")
            await asyncio.sleep(0.6)  # longer than the longest pause here
            row = await db.fetchrow("SELECT subject, body, html, kept FROM letter WHERE id = $1", made)
            assert tuple(row) == (None, None, None, False), "what it said is dropped once it is sent"
            assert sink.ids() == [f"<{letter('patient').mark}@trust.example>"]
            async with db.transaction():
                assert await post(db, letter("patient")) is None, "a key is posted once, ever"
            sink.mood = "refuses"
            refused = await posted(db, "refused")
            assert await until(db, refused, state="refused") == "The mail server refused it (550 5.1.1)."
            tries = sink.refused
            await asyncio.sleep(0.6)
            assert sink.refused == tries, "what was refused is not tried again"
    stack.kill("post")
    assert all(b"canary" not in log and b"ada@" not in log for log in stack.logs().values())


async def test_promise_10_one_digest_for_each_person_and_period_though_two_schedulers_run_and_a_worker_dies_after_data(
    stack: Stack, sink: Sink
) -> None:
    sink.mails.clear()
    sink.mood = "silent"
    async with stack.owner() as db:
        org_id = await make.org(db, code="OURS")
        people = [await make.account(db, email=f"m{n}@trust.example", roles={"manager": org_id}) for n in range(6)]
        subscribe = (
            "INSERT INTO subscription (account_id, place_id, channels, cadence, at_time, made_on)"
            " SELECT id, $2, '{mail}', 'daily', '00:00', current_date - 9 FROM unnest($1::uuid[]) id"
        )
        await db.execute(subscribe, people, org_id)
        with listening(sink):
            for name in ("first", "second"):
                start_worker(stack, sink, name)
            for _ in range(2):  # the schedule strikes twice
                await db.execute(ROUND)
                await db.execute(ROUND)
                await asyncio.sleep(0.5)
            ends = time.monotonic() + 20
            while len(sink.mails) < 4:
                assert time.monotonic() < ends, "no digest went out"
                await asyncio.sleep(0.05)
            stack.kill("first")
            stack.kill("second")
            sink.mood = "takes"
            start_worker(stack, sink, "third")
            await db.execute(ROUND)
            await stack.settled(60)
            states = await db.fetch(
                "SELECT l.state, count(*) FROM digest d JOIN letter l ON l.id = d.letter_id GROUP BY 1 ORDER BY 1"
            )
            found = {row["state"]: row["count"] for row in states}
            assert sum(found.values()) == 6
            assert set(found) <= {"sending", "sent"}
            assert found["sending"] >= 4, "what a dead worker had handed over is not sent again by itself"
            assert len(sink.ids()) == len(set(sink.ids())) == 6, "everybody got one digest, and nobody two"
            assert await db.fetchval("SELECT count(*) FROM digest") == 6
            await db.execute("UPDATE letter SET tried_at = tried_at - $1::interval", STUCK)
            async with db.transaction():
                assert await mail_store.find_left_behind(db, STUCK) == found["sending"]
            left: UUID = await db.fetchval("SELECT id FROM letter WHERE state = 'maybe_sent' LIMIT 1")
            async with db.transaction():
                assert await send_again(db, left)
            await until(db, left, state="sent")
            assert (len(sink.ids()), len(set(sink.ids()))) == (7, 6), "a person's choice, under the same Message-ID"
    stack.kill("third")
