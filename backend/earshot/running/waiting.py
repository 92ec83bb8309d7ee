"""Waiting for the worker to finish what is queued, with a line of progress for the person who waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import asyncpg

from earshot.core.work import StageStatus, status
from earshot.running.errors import WorkHeld

_QUIET = 10.0  # seconds between two lines of progress


def finish_analysis(dsn: str, tend: Callable[[], None], report: Callable[[str], None]) -> None:
    """Return once no work is waiting; calls `tend` meanwhile, which keeps the worker running.

    Raises `WorkHeld` when some of it was tried again and again and now waits for a person.
    """
    stages = _stages(dsn)
    left, before = _left(stages), _done(stages)
    spoken = float("-inf")
    while left:
        if time.monotonic() - spoken > _QUIET:
            done = max(0, _done(stages) - before)  # work makes work, so what is left may grow for a while
            report(f"Reading what people wrote: {done} pieces of work done, {left} to go …")
            spoken = time.monotonic()
        tend()
        time.sleep(0.5)
        stages = _stages(dsn)
        left = _left(stages)
    if held := sum(stage.held for stage in stages):
        raise WorkHeld(held)


def _left(stages: list[StageStatus]) -> int:
    return sum(stage.queued + stage.picked for stage in stages)


def _done(stages: list[StageStatus]) -> int:
    return sum(stage.done_recently for stage in stages)


def _stages(dsn: str) -> list[StageStatus]:
    return asyncio.run(_ask(dsn))


async def _ask(dsn: str) -> list[StageStatus]:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        return await status(connection)
    finally:
        await connection.close()
