"""The pipeline on one screen.

    submission ─ deidentify ─▶ comment ─ analyse ─▶ analysis ─ rollup ─▶ daily counts
    file ─ import ─▶ submissions          embeddings ─ discover ─▶ discovered themes

Each stage writes its rows and queues the next in one transaction, and can run twice without harm.
"""

from __future__ import annotations

import asyncio
import signal

import uvloop

from earshot.analysis.stages import ANALYSE, DEIDENTIFY, DISCOVER
from earshot.core.config import Settings
from earshot.core.work import Worker, quiet_queue_logs
from earshot.intake.stages import IMPORT
from earshot.measures.stages import ROLLUP

STAGES = (IMPORT, DEIDENTIFY, ANALYSE, ROLLUP, DISCOVER)


def work(dsn: str, settings: Settings, *, drain: bool = False) -> None:
    """Run a worker until it is told to stop, or with `drain` until nothing waits."""
    quiet_queue_logs()
    uvloop.run(_work(dsn, drain=drain))


async def _work(dsn: str, *, drain: bool) -> None:
    worker = Worker(dsn, STAGES)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, worker.stop)
    await (worker.drain() if drain else worker.run())
