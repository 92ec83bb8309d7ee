"""What a page is about: whose counts, which days, and totals of those days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.analysis.filters import Filter, subtree
from earshot.core.db import Connection
from earshot.measures import store
from earshot.measures.disclosure import added, seen
from earshot.measures.periods import Coverage, Span, earlier, span_in_view, starts
from earshot.measures.store import PeriodCount, Sources, Total, Unit, UnitPeriodCount, UnitTotal

WEEKS_SHOWN = 26


@dataclass(frozen=True)
class View:
    """What a page is about: whose counts, which days, and when anybody was heard at all."""

    sources: Sources
    coverage: Coverage
    span: Span

    @property
    def weeks(self) -> Span:
        """The days of the weekly bars: the period, or half a year where it is shorter."""
        shown = earlier(self.span.until, 7 * WEEKS_SHOWN - 1)
        return Span(min(self.span.since, shown), self.span.until)

    def week_starts(self) -> list[date]:
        """The Mondays of the weekly bars."""
        return starts(self.coverage, "week", since=self.weeks.since, until=self.weeks.until)


class Tally:
    """Totals of a period and of the one before, added up over whatever a question leaves open.

    Unless they are `exact`, counts of staff are told as statistics are, each before anything is added up.
    """

    def __init__(self, totals: Iterable[Total], *, exact: bool) -> None:
        self._totals, self._exact = tuple(totals), exact

    def of(
        self, measure: str, *, labels: frozenset[str] | None = None, stream: str | None = None
    ) -> tuple[int | None, int | None]:
        """How often in the period and in the one before; None where there are too few to say."""
        fitting = [
            total
            for total in self._totals
            if total.measure == measure
            and (labels is None or total.label in labels)
            and (stream is None or total.stream == stream)
        ]
        now, before = ({t.stream: 0 for t in fitting}, {t.stream: 0 for t in fitting})
        for total in fitting:
            now[total.stream] += total.n
            before[total.stream] += total.previous
        return self._shown(now), self._shown(before)

    def _shown(self, by_stream: Mapping[str, int]) -> int | None:
        return added(seen(stream, n, exact=self._exact) for stream, n in by_stream.items())

    def rows(self, measure: str) -> list[Total]:
        """The totals of one measure."""
        return [total for total in self._totals if total.measure == measure]


def unit_tallies(rows: Iterable[UnitTotal], *, exact: bool) -> dict[UUID, Tally]:
    """A tally for each unit in which anything was counted."""
    found: defaultdict[UUID, list[Total]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(Total(row.stream, row.measure, row.label, row.n, row.previous))
    return {unit_id: Tally(totals, exact=exact) for unit_id, totals in found.items()}


def shown_by_label(rows: Iterable[PeriodCount | UnitPeriodCount], *, exact: bool) -> dict[tuple[date, str], int | None]:
    """Counts by (first day, label), over streams the sum of what may be shown."""
    found: defaultdict[tuple[date, str], list[int | None]] = defaultdict(list)
    for row in rows:
        found[row.start, row.label].append(seen(row.stream, row.n, exact=exact))
    return {key: added(counts) for key, counts in found.items()}


async def view(connection: Connection, given: Filter, *, exact: bool) -> View:
    """What a filter means; raises `NotFound` for an organisation out of scope."""
    sources = Sources(await subtree(connection, given.org_id), given.streams, exact)
    coverage = await store.coverage(connection, sources, given.org_id)
    return View(sources, coverage, span_in_view(given.since, given.until, coverage.last_day or date.today()))


def unit_coverage(unit: Unit, around: Coverage) -> Coverage:
    """When a unit was heard: its silence counts up to the horizon of those around it, or until it closed."""
    horizon = around.horizon
    if horizon is not None and unit.closed_on is not None:
        horizon = min(horizon, unit.closed_on)
    return Coverage(unit.first_day, None, horizon)
