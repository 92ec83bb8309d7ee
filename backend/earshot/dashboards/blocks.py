"""Blocks out of counts: each protects its counts first and works everything else out from what is left. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earshot.dashboards import interpretation, words
from earshot.dashboards.model import Ago, Cell, Chart, Figure, Point, Row
from earshot.measures.disclosure import share, told
from earshot.measures.periods import Period
from earshot.measures.series import Value, charted, icon
from earshot.measures.spc import Direction, Rules


@dataclass(frozen=True)
class Head:
    """What a chart is called, in which unit, which way is better, and what is behind it."""

    id: str
    title: str
    unit: str
    better: Direction
    opens: str | None = None


def count_chart(head: Head, period: Period, shown: Mapping[date, int | None]) -> Chart:
    """Counts by week or month, which were protected together with all that they add up to."""
    return _chart(head, period, shown)


def share_chart(
    head: Head, period: Period, starts: Sequence[date], parts: Mapping[date, int], wholes: Mapping[date, int]
) -> Chart:
    """Percentages by week or month, each of two protected counts."""
    values = {start: share(told(parts.get(start, 0)), told(wholes.get(start, 0))) for start in starts}
    return _chart(head, period, values)


def _chart(head: Head, period: Period, values: Mapping[date, float | None]) -> Chart:
    series = charted([Value(start, value, None) for start, value in values.items()], Rules(head.better), period)
    variation = icon(series)
    newest = next((point for point in reversed(series.points) if point.y is not None), None)
    limits = newest if newest is not None and variation is not None else None
    return Chart(
        id=head.id,
        title=head.title,
        sentence=interpretation.chart(head.title, head.better, list(values.values()), variation, period),
        unit=head.unit,
        points=tuple(
            Point(point.start, point.y, point.point_type if variation is not None else None) for point in series.points
        ),
        mean=_rounded(limits.mean if limits else None),
        lower=_rounded(limits.lpl if limits else None),
        upper=_rounded(limits.upl if limits else None),
        variation=variation,
        opens=head.opens,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def count_figure(
    id: str, name: str, unit: str, shown: int | None, before: int | None, ago: Ago, *, opens: str | None = None
) -> Figure:
    """A protected count beside the one before, unless there is nothing to compare it with."""
    return Figure(
        id=id,
        name=name,
        value=shown,
        text=words.number(shown),
        unit=unit,
        compared=words.compared(words.number(before), ago),
        sentence=interpretation.count(name, shown, before, ago),
        opens=opens,
    )


def share_figure(
    id: str,
    name: str,
    better: Direction,
    of: tuple[int | None, int | None],
    before: tuple[int | None, int | None],
    ago: Ago,
    *,
    opens: str | None = None,
) -> Figure:
    """A percentage of two protected counts (part, whole) beside the one before, if there is one to compare it with."""
    now, then = share(*of), share(*before)
    return Figure(
        id=id,
        name=name,
        value=now,
        text=words.percent(now),
        unit="percent",
        compared=words.compared(words.percent(then), ago),
        sentence=interpretation.percentage(name, better, of, before, ago),
        opens=opens,
    )


def earlier(cell: Cell, ago: Ago) -> Cell:
    """What a table tells of the period before; "not known" where nobody was heard yet in a part of it."""
    return cell if ago.begun is None else Cell("not known")


def counted(value: int | None) -> Cell:
    """A protected count in a table."""
    return Cell(words.number(value), value)


def shared(value: float | None) -> Cell:
    """A percentage of protected counts in a table."""
    return Cell(words.percent(value), value)


def row(name: str, *cells: Cell, opens: str | None = None) -> Row:
    """A line of a table, headed by a name."""
    return Row((Cell(name), *cells), opens)
