"""An action's series by week, out of the daily counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from earshot.core.db import Connection
from earshot.improvement import store
from earshot.improvement.before_after import LONGEST_BEFORE, Bad, Counted, Parts, first_week_after, parts
from earshot.improvement.model import Action, Rebase
from earshot.measures import store as counts
from earshot.measures.disclosure import told
from earshot.measures.model import Measure, measure
from earshot.measures.periods import Feed, Span, end_of, start_of, starts
from earshot.measures.store import Sources
from earshot.orgs import store as orgs
from earshot.taxonomy.frameworks import frameworks

WEEKS_AFTER = 26  # as many weeks are drawn after a change


@dataclass(frozen=True)
class Measured:
    """An action's series, the weeks sorted around the change, and the days from which the chart begins anew."""

    measure: Measure
    weeks: tuple[Counted, ...]
    parts: Parts
    rebases: tuple[Rebase, ...]


def measured_by(action: Action) -> Measure | None:
    """The measure of an action, better in the direction that people want of it."""
    found = None if action.measure_id is None else measure(frameworks(), action.measure_id)
    if found is None or action.wanted is None:
        return found
    return replace(found, improvement_direction="decrease" if action.wanted == "lower" else "increase")


async def measured(connection: Connection, action: Action, today: date) -> Measured | None:
    """The series of an action by whole weeks, a year before it began to half a year after; None without a measure.

    A theme is judged by its share of all comments, so that hearing from fewer people is no improvement.
    """
    found = measured_by(action)
    if found is None:
        return None
    began = action.started_on or today
    first = first_week_after(began)
    span = Span(
        start_of(first - timedelta(weeks=LONGEST_BEFORE + 1), "week"), min(today, first + timedelta(weeks=WEEKS_AFTER))
    )
    weeks = await _weeks(connection, action, found, span)
    rebases = tuple(await store.rebases(connection, action.id))
    bad = [Bad(one.since, min(one.raised_on, began)) for one in await store.windows(connection, action.id)]
    return Measured(found, weeks, parts(weeks, began, bad, [one.on_day for one in rebases]), rebases)


async def _weeks(connection: Connection, action: Action, asked: Measure, span: Span) -> tuple[Counted, ...]:
    sources = Sources(await orgs.below(connection, action.org_id), action.streams)
    coverage = await counts.coverage(connection, sources, action.org_id)
    wanted = [
        start
        for start in starts(coverage, "week", since=span.since, until=span.until)
        if _over(start, coverage.horizon)
    ]
    if not wanted:
        return ()
    feeds = (await counts.feeds(connection, [action.org_id])).get(action.org_id, [])
    part, whole = await _counted(connection, sources, asked, Span(wanted[0], end_of(wanted[-1], "week")))
    heard = _heard(feeds)
    return tuple(
        Counted(start, part[start], None if whole is None else whole[start])
        if heard(start) or part[start]
        else Counted(start, None, None)
        for start in wanted
    )


async def _counted(
    connection: Connection, sources: Sources, asked: Measure, span: Span
) -> tuple[Counter[date], Counter[date] | None]:
    """What was counted in each week, and out of how much."""
    part: Counter[date] = Counter()
    whole: Counter[date] = Counter()
    for row in await counts.period_counts(connection, sources, "week", span, measure=asked.source, label=asked.label):
        whole[row.start] += row.n
        part[row.start] += row.n if asked.unit == "count" or row.label in asked.hits else 0
    if asked.label is not None:
        whole = Counter()
        for row in await counts.period_counts(connection, sources, "week", span, measure="comments"):
            whole[row.start] += row.n
    return part, whole if asked.unit == "percent" or asked.label is not None else None


def _heard(feeds: Sequence[Feed]) -> Callable[[date], bool]:
    return lambda start: not feeds or any(feed.touches(start, "week") for feed in feeds)


def _over(start: date, horizon: date | None) -> bool:
    """Whether a week is over: a part of one looks like a fall."""
    return horizon is not None and end_of(start, "week") <= horizon


def protected(weeks: Sequence[Counted]) -> list[Counted]:
    """The same weeks as people without the right to single cases may see them; weeks of too few are left out."""
    shown = []
    for week in weeks:
        part = None if week.part is None else told(week.part)
        whole = None if week.whole is None else told(week.whole)
        hidden = part is None or (week.whole is not None and whole is None)
        shown.append(replace(week, part=None, whole=None) if hidden else replace(week, part=part, whole=whole))
    return shown
