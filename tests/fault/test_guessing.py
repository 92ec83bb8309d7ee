"""Promises 22 and 23 on a real server: guessing receipts is slow, tells nothing by its time, and keeps nobody out."""

from __future__ import annotations

import asyncio
import json
import secrets
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import make
import pytest
import pytest_asyncio
from scipy.stats import mannwhitneyu
from speaking import Browser, b64, handler
from stack import Stack, new_stack

pytestmark = pytest.mark.fault
GUESSES, NETWORKS, AT_ONCE = 10_000, 500, 500
TRIES = 2_000  # of right and of wrong receipts, in each round of measuring
ROUNDS = 4
BATCH = 40  # of each, at once: fewer together than may come without waiting for a turn


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        made.start("public")
        yield made


@pytest_asyncio.fixture
async def nurse(stack: Stack) -> AsyncIterator[Browser]:
    """Somebody who filed a report and holds its receipt."""
    async with stack.owner() as db:
        await db.execute("DELETE FROM bucket")
        org_id = await make.org(db, code=f"T{secrets.token_hex(4)}")
        token = await make.link(db, org_id=org_id)
        await handler(db, org_id=org_id)
    async with httpx.AsyncClient(base_url=stack.public.replace("localhost", "127.0.0.1"), timeout=60) as client:
        made = Browser(client, token)
        assert (await made.file()).status_code == 201
        yield made


async def ask(address: str, lookup: bytes, source: str) -> tuple[int, bytes, float]:
    """One lookup over a connection of its own from an address: status, body, and seconds."""
    parts, began = urlsplit(address), time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port, local_addr=(source, 0))
    try:
        body = json.dumps({"lookup": b64(lookup)}).encode()
        head = (
            f"POST /api/v1/receipts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.read(-1)
        spent = time.perf_counter() - began
        return int(answer[9:12]), answer.partition(b"\r\n\r\n")[2], spent
    finally:
        writer.close()


async def test_promise_23_ten_thousand_guesses_are_slowed_and_the_honest_holder_gets_in(
    stack: Stack, nurse: Browser
) -> None:
    """From 500 networks of 127.0.0.0/8; the holder comes from a network of her own while they guess."""
    statuses: Counter[int] = Counter()
    guesses = iter(range(GUESSES))

    async def guess() -> None:
        for number in guesses:
            network = number % NETWORKS
            source = f"127.{1 + network // 250}.{1 + network % 250}.{1 + number % 250}"
            status, _, _ = await ask(stack.public, secrets.token_bytes(32), source)
            statuses[status] += 1

    async def get_in() -> float:
        began = time.monotonic()
        while True:
            status, body, _ = await ask(stack.public, nurse.lookup, "127.99.0.1")
            if status == 200:
                assert nurse.opened(body)["status"] == "We have your report"
                return time.monotonic() - began
            assert status == 429
            await asyncio.sleep(10)

    async def form_answers() -> float:
        began = time.monotonic()
        assert (await nurse.client.get("/receipt")).status_code == 200
        return time.monotonic() - began

    began = time.monotonic()
    attack = [asyncio.create_task(guess()) for _ in range(AT_ONCE)]
    await asyncio.sleep(5)
    in_after, form_after = await asyncio.gather(get_in(), form_answers())
    going_on = not all(task.done() for task in attack)
    await asyncio.gather(*attack)
    seconds = time.monotonic() - began
    print(f"{dict(statuses)} in {seconds:.0f} s; she was in after {in_after:.1f} s, a page came in {form_after:.2f} s")
    assert set(statuses) <= {200, 429}
    assert statuses[200] <= 100 + 50 + (50 + 10) * (seconds + 1), "no more than the budgets allow"
    assert statuses[429] > GUESSES / 4, "who goes on and on is told to wait"
    assert going_on, "she came while they were guessing"
    assert in_after < 60
    assert form_after < 5


async def test_promise_22_right_and_wrong_receipts_take_the_same_time(stack: Stack, nurse: Browser) -> None:
    """Means differ by less than 5 % of the standard deviation, over 2,000 tries of each and more.

    With 2,000 tries the means of two equal things differ by more than that in one round of nine, by chance alone; then
    more tries are added, which only makes a true difference show more clearly.
    """
    right: list[float] = []
    wrong: list[float] = []
    in_turn = asyncio.Semaphore(24)

    async def measure(number: int, lookup: bytes, into: list[float]) -> None:
        async with in_turn:
            status, _, seconds = await ask(stack.public, lookup, f"127.3.{number}.1")
            assert status == 200
            into.append(seconds)

    for _ in range(ROUNDS):
        for _ in range(TRIES // BATCH):
            async with stack.owner() as db:
                await db.execute("DELETE FROM bucket")
            mixed = [(nurse.lookup, right)] * BATCH + [(secrets.token_bytes(32), wrong) for _ in range(BATCH)]
            secrets.SystemRandom().shuffle(mixed)
            await asyncio.gather(*(measure(number, *one) for number, one in enumerate(mixed)))
        apart = abs(statistics.fmean(right) - statistics.fmean(wrong)) / statistics.pstdev(right + wrong)
        p = float(mannwhitneyu(right, wrong).pvalue)
        print(f"{len(right)} tries each: means apart {apart:.3f} standard deviations, Mann-Whitney p = {p:.3f}")
        if apart < 0.05 and p > 0.01:
            break
    assert apart < 0.05
    assert p > 0.01
