"""Waiting for the worker to finish what is queued, with a line of progress for the person who waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import asyncpg

from earshot.core.work import unfinished

_QUIET = 10.0  # seconds between two lines of progress


def finish_analysis(dsn: str, tend: Callable[[], None], report: Callable[[str], None]) -> None:
    """Return once no work is waiting; calls `tend` meanwhile, which keeps the worker running."""
    first = left = jobs_left(dsn)
    spoken = float("-inf")
    while left:
        if time.monotonic() - spoken > _QUIET:
            report(f"Reading what people wrote: {first - left} of {first} pieces of work done …")
            spoken = time.monotonic()
        tend()
        time.sleep(0.5)
        left = jobs_left(dsn)
        first = max(first, left)


def jobs_left(dsn: str) -> int:
    """How many pieces of work are waiting or under way."""
    return asyncio.run(_jobs_left(dsn))


async def _jobs_left(dsn: str) -> int:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        return await unfinished(connection)
    finally:
        await connection.close()
