"""Read a provider's series out of the daily counts and look at them, as of any day and with nothing later."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from earshot.core.db import Connection
from earshot.measures import store as measures
from earshot.measures.periods import Feed
from earshot.signals import weekly
from earshot.signals.findings import Looks, look
from earshot.signals.watched import Tree, whole_weeks


async def read_until(connection: Connection, provider: UUID, first: date, until: date, budget: float) -> Looks:
    """Everything that is watched of a provider, from the counts of the days `first` to `until` alone.

    `first` is a Monday; `budget` the number of false alarms a month.
    """
    weeks = whole_weeks(first, until)
    places = await weekly.places(connection, provider)
    rows = await weekly.all_counted(connection, provider, first, until)
    feeds = [
        Feed(feed.first_day, min(feed.last_day, until))
        for feed in (await measures.feeds(connection, [provider])).get(provider, [])
        if feed.first_day <= until
    ]
    return await asyncio.to_thread(lambda: look(Tree(places, rows, feeds, weeks), budget))  # seconds of arithmetic


def weeks_until(weeks: Sequence[date], as_of: date) -> int:
    """How many of the weeks were over by a day."""
    return sum(1 for week in weeks if week + timedelta(days=6) <= as_of)
