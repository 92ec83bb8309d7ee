"""Guessing receipts is slow for everybody together, and an answer's time tells nothing about it.

Tries are counted by network and for all networks together. Who comes too early waits for a turn; where too many wait,
the answer is "too often, come back". Every answer leaves at a whole multiple of a quarter second after its turn.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from earshot.core.budget import Budget
from earshot.core.db import Database
from earshot.core.visitors import Visitors

BEAT = 0.25  # seconds


@dataclass(frozen=True)
class Limits:
    """What one network and what everybody together may do."""

    network: Budget
    everybody: Budget


#: A hospital is one network, with every page that waits for a reply in it; forty guesses a second are none at all
#: against 2¹²⁰ receipts, and leave the server time for everything else.
LOOKUPS = Limits(Budget(2, 60, longest_wait=10), Budget(40, 80, longest_wait=10))
FILINGS = Limits(Budget(1 / 10, 30), Budget(10, 60, longest_wait=5))


@dataclass(frozen=True)
class Turns:
    """Gives turns to whoever comes to one kind of address; `purpose` keeps their counts apart."""

    database: Database
    visitors: Visitors
    purpose: str
    limits: Limits

    async def wait(self, request: Request) -> None:
        """Come back when it is this network's turn; raises `TooOften`. The address is used in memory only."""
        address = request.client.host if request.client is not None else None
        async with self.database.transaction() as connection:
            own = await self.limits.network.turn(connection, self.visitors.mark(address, self.purpose))
            all_together = await self.limits.everybody.turn(connection, self.visitors.mark_of_all(self.purpose))
        await asyncio.sleep(max(own, all_together))

    @asynccontextmanager
    async def evenly(self, request: Request) -> AsyncIterator[None]:
        """Wait for a turn, run what is inside, and leave on the beat whatever was found; raises `TooOften`."""
        await self.wait(request)
        began = time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - began
            await asyncio.sleep(math.ceil(spent / BEAT + 1e-9) * BEAT - spent)
