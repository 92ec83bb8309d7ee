"""What a page is about: whose counts, which days, and totals of those days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from earshot.analysis.filters import Filter, subtree
from earshot.core.db import Connection
from earshot.measures import store
from earshot.measures.periods import Coverage, Span, earlier, span_in_view, starts
from earshot.measures.store import Sources, Total, Unit

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
    """Totals of a period and of the one before, added up over whatever a question leaves open."""

    def __init__(self, totals: Iterable[Total]) -> None:
        self._totals = tuple(totals)

    def of(self, measure: str, *, labels: frozenset[str] | None = None, stream: str | None = None) -> tuple[int, int]:
        """How often in the period and in the one before."""
        n = previous = 0
        for total in self._totals:
            fits = labels is None or total.label in labels
            if total.measure == measure and fits and (stream is None or total.stream == stream):
                n, previous = n + total.n, previous + total.previous
        return n, previous

    def rows(self, measure: str) -> list[Total]:
        """The totals of one measure."""
        return [total for total in self._totals if total.measure == measure]


async def view(connection: Connection, given: Filter) -> View:
    """What a filter means; raises `NotFound` for an organisation out of scope."""
    sources = Sources(await subtree(connection, given.org_id), given.streams)
    coverage = await store.coverage(connection, sources, given.org_id)
    return View(sources, coverage, span_in_view(given.since, given.until, coverage.last_day or date.today()))


def unit_coverage(unit: Unit, around: Coverage) -> Coverage:
    """When a unit was heard: its silence counts up to the horizon of those around it, or until it closed."""
    horizon = around.horizon
    if horizon is not None and unit.closed_on is not None:
        horizon = min(horizon, unit.closed_on)
    return Coverage(unit.first_day, None, horizon)
