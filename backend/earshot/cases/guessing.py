"""Guessing receipts is slow for everybody together, and an answer's time tells nothing about it.

Tries are counted by network, and for all networks together in two lanes: the wide one is for networks that have hardly
tried, so that the holder of a receipt does not stand behind those who guess on and on. Who comes too early waits for a
turn; where too many wait, the answer is "too often, come back". Every answer leaves at a whole multiple of a quarter
second after its turn.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request

from earshot.core.budget import Budget, take
from earshot.core.db import Database
from earshot.core.visitors import Visitors

BEAT = 0.25  # seconds
_CONNECTIONS = 3  # of the door's eight


@dataclass(frozen=True)
class Limits:
    """What one network may do, and everybody together: networks that have hardly tried, and all others."""

    network: Budget
    newcomers: Budget
    others: Budget


#: How often a network may come as one that has hardly tried: a page that looks for replies every minute stays one.
_OFTEN, _FEW = 1 / 60, 5
#: A hospital is one network, with every page that waits for a reply in it. Fifty guesses a second are none at all
#: against 2¹²⁰ receipts; the queues hold fewer requests than the server has places, so that forms are still answered.
LOOKUPS = Limits(Budget(1, 60, longest_wait=10), Budget(50, 100, longest_wait=10), Budget(10, 50, longest_wait=10))
FILINGS = Limits(Budget(1 / 10, 30), Budget(20, 60, longest_wait=10), Budget(5, 30, longest_wait=10))


@dataclass(frozen=True)
class Turns:
    """Gives turns to whoever comes to one kind of address; `purpose` keeps their counts apart."""

    database: Database
    visitors: Visitors
    purpose: str
    limits: Limits
    # Who comes in crowds waits here, and leaves the door's other connections to the database to everybody else.
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CONNECTIONS))

    async def wait(self, request: Request) -> None:
        """Come back when it is this network's turn; raises `TooOften`. The address is used in memory only."""
        address = self.visitors.address(request)
        async with self._gate, self.database.transaction() as connection:
            own = await self.limits.network.turn(connection, self._mark(address, "network"))
            if await take(connection, self._mark(address, "newcomer"), per_second=_OFTEN, burst=_FEW):
                shared = await self.limits.newcomers.turn(connection, self._mark_of_all("newcomers"))
            else:
                shared = await self.limits.others.turn(connection, self._mark_of_all("others"))
        await asyncio.sleep(max(own, shared))

    def _mark(self, address: str | None, name: str) -> bytes:
        return self.visitors.mark(address, f"{self.purpose}/{name}")

    def _mark_of_all(self, name: str) -> bytes:
        return self.visitors.mark_of_all(f"{self.purpose}/{name}")

    @asynccontextmanager
    async def evenly(self, request: Request) -> AsyncIterator[None]:
        """Wait for a turn, run what is inside, and leave on the beat whatever was found; raises `TooOften`."""
        await self.wait(request)
        began = time.monotonic()
        try:
            async with self._gate:
                yield
        finally:
            spent = time.monotonic() - began
            await asyncio.sleep(math.ceil(spent / BEAT + 1e-9) * BEAT - spent)
