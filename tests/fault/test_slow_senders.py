"""Promise 48: hundreds of senders who stop half way are cut off, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import make
import pytest
from stack import Stack, new_stack

pytestmark = pytest.mark.fault
SENDERS = 300
#: Ten seconds, and one for a busy computer to get round to it.
PATIENCE = 11.0
HALF_SENT = {
    "headers": b"POST /api/v1/submissions HTTP/1.1\r\nHost: earshot.test\r\nContent-Le",
    "body": b"POST /api/v1/submissions HTTP/1.1\r\nHost: earshot.test\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"audience": "pat',
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        made.start("public")
        made.start("console")
        yield made


async def stay_half_way(address: str, half: bytes) -> float:
    """Send the half, then wait; returns the seconds until the server hung up, with 408 or without words."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    began = time.monotonic()
    try:
        writer.write(half)
        await writer.drain()
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while got := await reader.read(65_536):
                answer += got
        assert answer[:12] in (b"", b"HTTP/1.1 408"), answer
        return time.monotonic() - began
    finally:
        writer.close()


@pytest.mark.parametrize("door", ["public", "console"])
@pytest.mark.parametrize("part", list(HALF_SENT))
async def test_promise_48_half_sent_requests_are_cut_off(stack: Stack, door: str, part: str) -> None:
    address, half = stack.public, HALF_SENT[part]
    if door == "console":
        address, half = stack.console, half.replace(b"/api/v1/submissions", b"/api/session")
    slow = [asyncio.create_task(stay_half_way(address, half)) for _ in range(SENDERS)]
    await asyncio.sleep(1)
    took = []
    async with httpx.AsyncClient(base_url=address, timeout=5) as client:
        while not all(task.done() for task in slow):
            began = time.monotonic()
            assert (await client.get("/healthz")).status_code == 200
            took.append(time.monotonic() - began)
            await asyncio.sleep(0.2)
            assert len(took) < 100, "the slow senders are still there"
    assert max(took) < 1
    assert max(await asyncio.gather(*slow)) < PATIENCE


async def test_promise_48_a_form_can_be_sent_while_others_hang(stack: Stack) -> None:
    async with stack.owner() as db:
        token = await make.link(db, org_id=await make.org(db, code="WARD4", level="team"))
    slow = [asyncio.create_task(stay_half_way(stack.public, half)) for half in HALF_SENT.values() for _ in range(150)]
    await asyncio.sleep(1)
    async with httpx.AsyncClient(base_url=stack.public, timeout=5) as client:
        body = {"link": token, "audience": "patient", "fft": 1}
        began = time.monotonic()
        assert (await client.post("/api/v1/submissions", json=body)).status_code == 201
        assert time.monotonic() - began < 1
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_promise_48_a_body_larger_than_the_limit_is_refused_before_it_is_sent(stack: Stack) -> None:
    parts = urlsplit(stack.public)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(HALF_SENT["body"].replace(b"500", b"60000000"))
    assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 413")
    writer.close()
