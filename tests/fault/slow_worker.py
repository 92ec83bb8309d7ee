"""A worker with one slow stage, to be killed in the middle of a job; the database is the one of EARSHOT_ROLE_DSN."""

import asyncio
import os

from earshot.core.db import Database
from earshot.core.work import Payload, Stage, Worker, quiet_queue_logs


async def slow(database: Database, payload: Payload) -> None:
    """Note that the job began, take half a second, then have an effect: idempotent, as every stage is."""
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO runs VALUES ($1, $2)", payload["key"], os.getpid())
    await asyncio.sleep(0.5)
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO effects VALUES ($1) ON CONFLICT DO NOTHING", payload["key"])


if __name__ == "__main__":
    quiet_queue_logs()
    asyncio.run(Worker(os.environ["EARSHOT_ROLE_DSN"], [Stage("slow", slow)]).run())
