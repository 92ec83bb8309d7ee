"""Who is not heard: units by weeks, from protected counts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from uuid import UUID

from earshot.core.db import Connection
from earshot.dashboards import interpretation, store
from earshot.dashboards.model import Block, Map, MapRow, State
from earshot.dashboards.reading import Seen
from earshot.measures.disclosure import told

WEEKS = 26  # columns at most
USUAL = 12  # weeks before each that say what is usual
FEWEST = 4  # weeks with anything that it takes to say what is usual
_FEW = 2.5  # what "too few to say" counts as: the middle of one to four


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """The map in three queries; at most the last 26 weeks of the period."""
    weeks = _weeks(seen)
    units = await store.units(connection, seen.org_ids, weeks[0] if weeks else seen.when.span.since)
    ids = [unit.id for unit in units]
    counts: defaultdict[UUID, dict[date, int]] = defaultdict(dict)
    if weeks:
        first = weeks[0] - timedelta(weeks=USUAL)
        for one in await store.unit_weeks(connection, [*ids, *seen.org_ids], seen.streams, first, weeks[-1]):
            counts[one.org_id][one.start] = one.n
    heard = {week for org_id in seen.org_ids for week in counts[org_id]}
    rows = tuple(MapRow(unit.id, unit.name, tuple(states(counts[unit.id], weeks, heard))) for unit in units)
    sentence = interpretation.silence([(one.name, one.cells) for one in rows])
    return [Map("silence", "Who was heard in which week", sentence, tuple(weeks), rows)]


def _weeks(seen: Seen) -> list[date]:
    """The Mondays of the map, up to the last week in which anybody was heard."""
    if seen.last_week is None:
        return []
    last = min(seen.last_week, seen.when.span.until - timedelta(days=seen.when.span.until.weekday()))
    first = seen.when.span.since - timedelta(days=seen.when.span.since.weekday())
    number = min(WEEKS, (last - first).days // 7 + 1)
    return [last - timedelta(weeks=back) for back in reversed(range(number))]


def states(counts: Mapping[date, int], weeks: Sequence[date], heard: set[date]) -> list[State]:
    """A unit in each week, from protected counts alone; a week in which nobody at all was `heard` has no data.

    "Fewer" is below the usual number (the median of twelve weeks before) by more than two of its square roots, as
    Poisson noise would be one time in forty. A unit never heard before has no data either.
    """
    first = min(counts, default=None)
    return [
        "no_data" if week not in heard or first is None or week < first else _state(counts, week, heard)
        for week in weeks
    ]


def _state(counts: Mapping[date, int], week: date, heard: set[date]) -> State:
    now = _value(counts.get(week, 0))
    if now == 0:
        return "silent"
    before = [week - timedelta(weeks=back) for back in range(1, USUAL + 1)]
    known = [_value(counts.get(one, 0)) for one in before if one in heard]
    if sum(value > 0 for value in known) < FEWEST:
        return "heard"
    usual = median(known)
    return "fewer" if now < usual - 2 * math.sqrt(usual) else "heard"


def _value(count: int) -> float:
    shown = told(count)
    return _FEW if shown is None else float(shown)
