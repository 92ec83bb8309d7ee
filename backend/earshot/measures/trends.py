"""One measure over time: for the organisation in view, and for each of those below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from earshot.analysis.filters import Filter, subtree
from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.measures import store
from earshot.measures.answers import MeasureUnit
from earshot.measures.model import Measure
from earshot.measures.periods import Coverage, Feed, Period, Span, end_of, starts
from earshot.measures.series import ChartedSeries, charted, icon, values
from earshot.measures.spc import Rules
from earshot.measures.store import Sources, Unit, UnitPeriodCount
from earshot.measures.view import shown_by_label, unit_coverage
from earshot.taxonomy.frameworks import of_theme


async def series(
    connection: Connection,
    given: Filter,
    measure: Measure,
    period: Period,
    rules: Rules,
    *,
    new_limits_from: Sequence[date] = (),
    exact: bool,
) -> ChartedSeries:
    """A measure's XmR chart; counts of staff are told as statistics are, unless the reader may have them `exact`.

    Raises `NotFound` for an organisation out of scope and for a theme that nobody has heard of, and `SeriesRefused`
    for rules that make no sense.
    """
    sources = Sources(await subtree(connection, given.org_id), given.streams)
    coverage = await store.coverage(connection, sources, given.org_id)
    wanted = starts(coverage, period, since=given.since, until=given.until)
    counts: dict[tuple[date, str], int | None] = {}
    if wanted:
        span = _days(wanted, period, given.until)
        rows = await store.period_counts(connection, sources, period, span, measure=measure.source, label=measure.label)
        counts = shown_by_label(rows, exact=exact)
    if not counts and not _known(measure):
        raise NotFound
    shown = [given.org_id] if given.org_id else await store.roots(connection)
    feeds = [feed for found in (await store.feeds(connection, shown)).values() for feed in found]
    return charted(
        values(measure, counts, wanted, _heard(feeds, period)), rules, period, new_limits_from=new_limits_from
    )


async def units(
    connection: Connection, given: Filter, measure: Measure, period: Period, rules: Rules, *, exact: bool
) -> list[MeasureUnit]:
    """The newest value and the icons of each organisation below the one in view; all their counts come in one query."""
    sources = Sources(await subtree(connection, given.org_id), given.streams)
    around = await store.coverage(connection, sources, given.org_id)
    found = await store.units(connection, sources, given.org_id)
    charts = await unit_charts(connection, found, around, given, measure, period, rules, exact=exact)
    return [_row(unit, charts[unit.id]) for unit in found if unit.closed_on is None or charts[unit.id].points]


async def unit_charts(
    connection: Connection,
    units: Sequence[Unit],
    around: Coverage,
    given: Filter,
    measure: Measure,
    period: Period,
    rules: Rules,
    *,
    exact: bool,
) -> Mapping[UUID, ChartedSeries]:
    """The chart of each of several units."""
    rows = await store.unit_period_counts(
        connection, [unit.id for unit in units], given.streams, period,
        measure=measure.source, label=measure.label, since=given.since, until=given.until,
    )  # fmt: skip
    counts: defaultdict[UUID, list[UnitPeriodCount]] = defaultdict(list)
    for row in rows:
        counts[row.unit_id].append(row)
    feeds = await store.feeds(connection, [unit.id for unit in units])
    charts = {}
    for unit in units:
        wanted = starts(unit_coverage(unit, around), period, since=given.since, until=given.until)
        heard = _heard(feeds.get(unit.id, ()), period)
        charts[unit.id] = charted(
            values(measure, shown_by_label(counts[unit.id], exact=exact), wanted, heard), rules, period
        )
    return charts


def _heard(feeds: Sequence[Feed], period: Period) -> Callable[[date], bool]:
    """Whether anybody's feed touches a period; without any feed in sight there is nothing to say against a zero."""
    return lambda start: not feeds or any(feed.touches(start, period) for feed in feeds)


def _row(unit: Unit, chart: ChartedSeries) -> MeasureUnit:
    known = [point for point in chart.points if point.y is not None]
    newest, shown = (known[-1] if known else None), icon(chart)
    return MeasureUnit(
        org_id=unit.id,
        name=unit.name,
        level=unit.level,
        last=newest.y if newest else None,
        mean=newest.mean if newest else None,
        variation=shown,
        assurance=chart.assurance if shown else None,
        points=len(known),
    )


def _days(wanted: Sequence[date], period: Period, until: date | None) -> Span:
    """The days of the periods shown, but none after `until`."""
    last = end_of(wanted[-1], period)
    return Span(wanted[0], last if until is None else min(last, until))


def _known(measure: Measure) -> bool:
    return measure.label is None or measure.label in of_theme(measure.label).names
