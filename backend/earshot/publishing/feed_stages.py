"""The worker's step that makes the numbers other programmes read: every night, of periods that are over."""

from __future__ import annotations

import asyncio

from earshot.core.db import Database
from earshot.core.work import Payload, Stage
from earshot.publishing import feed_store as store
from earshot.publishing.feed import protected


async def make_statistics(database: Database, _payload: Payload) -> None:
    """Daily counts → `statistic`, for whatever period came to its end or got late data since."""
    async with database.transaction() as connection:
        groups = await store.stale(connection)
    for group in groups:
        async with database.transaction() as connection:
            await store.hold(connection, group)
            tree, counts = await store.counted(connection, group)
            told = await asyncio.to_thread(protected, tree, counts)
            await store.keep(connection, group, told)


#: At night and not at once: whoever watches a number grow by the minute learns who came when.
STATISTICS = Stage("statistics", make_statistics, at_once=1, cron="40 3 * * *")
