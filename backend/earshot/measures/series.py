"""Counts of days as a series of weeks or months with its XmR chart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from earshot.measures.chart import sentences
from earshot.measures.disclosure import added
from earshot.measures.model import FEWEST, Measure, percent
from earshot.measures.periods import Period, end_of, label
from earshot.measures.spc import Assurance, PointType, Rules, SeriesRefused, SpecialCause, XmrChart, xmr

FEWEST_POINTS = 12  # with fewer, limits say too little to put an icon beside a unit ("Making Data Count")


@dataclass(frozen=True)
class Value:
    """One period: its value, None where there is too little to say, and for a percentage what it is a part of."""

    start: date
    y: float | None
    n: int | None


@dataclass(frozen=True)
class SeriesPoint:
    """One period of a charted series; limits and findings are None where there is no value."""

    start: date
    label: str
    y: float | None
    n: int | None
    mean: float | None = None
    lpl: float | None = None
    upl: float | None = None
    special_cause_type: SpecialCause | None = None
    point_type: PointType | None = None


@dataclass(frozen=True)
class ChartedSeries:
    """A series with its chart: the NHS icons, warnings, and the newest finding in a sentence."""

    points: tuple[SeriesPoint, ...]
    variation: PointType | None
    assurance: Assurance | None
    warnings: tuple[str, ...]
    sentence: str


def values(
    measure: Measure,
    counts: Mapping[tuple[date, str], int | None],
    starts: Sequence[date],
    heard: Callable[[date], bool] = lambda _start: True,
) -> list[Value]:
    """A measure's value in each period, from counts by (period's first day, label).

    A count without rows is 0 where somebody was `heard`, and None where no feed came or it is hidden; a percentage of
    fewer than five is None.
    """
    found: dict[date, list[tuple[str, int | None]]] = {start: [] for start in starts}
    for (start, name), n in counts.items():
        if start in found:
            found[start].append((name, n))
    totals = {start: added(n for _, n in rows) for start, rows in found.items()}
    if measure.unit == "count":
        return [Value(start, totals[start] if totals[start] or heard(start) else None, None) for start in starts]
    hits = {start: added(n for name, n in rows if name in measure.hits) for start, rows in found.items()}
    return [Value(start, percent(hits[start], totals[start]), totals[start] or 0) for start in starts]


def charted(
    given: Sequence[Value], rules: Rules, period: Period, *, new_limits_from: Sequence[date] = ()
) -> ChartedSeries:
    """Chart a series; new limits begin at the first value of each period that holds or follows a given day.

    Raises `SeriesRefused` for a day after the last value.
    """
    known = [value for value in given if value.y is not None]
    starts = [value.start for value in known]
    rules = replace(rules, rebase_at=tuple(sorted({_point_at(starts, day, period) for day in new_limits_from})))
    chart = xmr([value.y for value in known if value.y is not None], rules)
    found = iter(chart.points)
    points = []
    for value in given:
        point = SeriesPoint(value.start, label(value.start, period), value.y, value.n)
        if value.y is not None:
            charted = next(found)
            point = replace(
                point, mean=charted.limits.mean, lpl=charted.limits.lpl, upl=charted.limits.upl,
                special_cause_type=charted.special_cause, point_type=charted.point_type,
            )  # fmt: skip
        points.append(point)
    warnings = (*chart.warnings, *_left_out([value for value in given if value.y is None], period))
    return ChartedSeries(tuple(points), chart.variation, chart.assurance, warnings, _sentence(chart))


def icon(chart: ChartedSeries) -> PointType | None:
    """The variation icon, where there are enough points for one."""
    known = sum(1 for point in chart.points if point.y is not None)
    return chart.variation if known >= FEWEST_POINTS else None


def _point_at(starts: Sequence[date], day: date, period: Period) -> int:
    """The number, from 1, of the first period that ends on a day or later."""
    for number, start in enumerate(starts, start=1):
        if end_of(start, period) >= day:
            return number
    raise SeriesRefused("rebase", f"there is nothing to chart from {day.isoformat()} on; choose an earlier day.")


def _left_out(empty: Sequence[Value], period: Period) -> list[str]:
    if not empty:
        return []
    what = f"1 {period}" if len(empty) == 1 else f"{len(empty)} {period}s"
    if empty[0].n is None:
        return [f"No data for {what}: nothing came from the provider, which is not the same as zero."]
    return [f"No percentage for {what}: fewer than {FEWEST} answers are too few to say."]


def _sentence(chart: XmrChart) -> str:
    """What the newest point shows and, with a target, whether it will be met."""
    return " ".join(sentences(chart)[: 2 if chart.assurance else 1])
