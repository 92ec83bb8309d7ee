"""Many people at once who send something to the public door, each with an Idempotency-Key of their own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import httpx


@dataclass
class Load:
    """Senders and what each was told; `acknowledged` maps a key to the id that its 201 named."""

    address: str
    token: str
    senders: int = 24
    sent: list[str] = field(default_factory=list)
    acknowledged: dict[str, UUID] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    impatient: list[str] = field(default_factory=list)  # 503 without a Retry-After
    _numbers: count[int] = field(default_factory=count)

    def body(self, key: str) -> dict[str, object]:
        """What the person with this key says."""
        return {"link": self.token, "audience": "patient", "fft": 2, "answers": {"why": f"Kind staff, said {key}."}}

    async def send(self, client: httpx.AsyncClient, key: str) -> httpx.Response | None:
        """Send once; None where the connection broke and the sender cannot know."""
        try:
            answer = await client.post("/api/v1/submissions", json=self.body(key), headers={"Idempotency-Key": key})
        except httpx.HTTPError:
            self.answers["broken"] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.status_code == 201:
            self.acknowledged[key] = UUID(answer.json()["id"])
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.impatient.append(key)
        return answer

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client that gives up after twenty seconds."""
        async with httpx.AsyncClient(base_url=self.address, timeout=20) as client:
            yield client

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Everybody sends, one after the other, for as long as the block lasts."""
        senders = [asyncio.create_task(self._keep_sending()) for _ in range(self.senders)]
        try:
            yield
        finally:
            for sender in senders:
                sender.cancel()
            for sender in senders:
                with contextlib.suppress(asyncio.CancelledError):
                    await sender

    async def until(self, status: str, number: int, seconds: float = 30) -> None:
        """Wait until `number` answers had this status."""
        ends = time.monotonic() + seconds
        while self.answers[status] < number:
            assert time.monotonic() < ends, f"waited for {number} answers {status}, got {self.answers}"
            await asyncio.sleep(0.01)

    async def _keep_sending(self) -> None:
        async with self.client() as client:
            while True:
                key = f"load-{next(self._numbers):06}"
                self.sent.append(key)
                if await self.send(client, key) is None:
                    await asyncio.sleep(0.05)
