"""A page of the quality dashboards: figures, charts, tables, funnels and maps, each with what it says. Pure.

Console, reports and feeds show the same page, so it holds everything that they need and no number that is not
protected: every count in it went through `measures.disclosure` before anything was worked out from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from earshot.measures.disclosure import QUOTES_FEWEST, TOO_FEW
from earshot.measures.model import FEWEST
from earshot.measures.periods import Period, Span, end_of, next_start, start_of
from earshot.measures.spc import Assurance, PointType

PageId = Literal[
    "overview",
    "safe",
    "effective",
    "experience",
    "cqc",
    "speaking-up",
    "response",
    "funnel",
    "triangulation",
    "silence",
]
Where = Literal["inside", "above_95", "below_95", "above_998", "below_998", "too_few"]
State = Literal["heard", "fewer", "silent", "no_data"]

USUAL_WEEKS = 13  # a quarter
EARLIEST = date(1948, 7, 5)  # the day the NHS began
LONGEST = timedelta(days=366 * 5)
WEEKS_AT_MOST = 53  # beyond these, months: more points cannot be told apart
SMALL_NUMBERS = (
    f"One to {FEWEST - 1} people are never shown as a number: it says “{TOO_FEW}”. Every other number is rounded to the"
    f" nearest 5, and percentages come from the rounded numbers. Sometimes a larger number is left out too, because it"
    f" would give a small one away. Nothing is quoted from a group of fewer than {QUOTES_FEWEST} comments."
)


@dataclass(frozen=True)
class Asked:
    """What a page is asked about; None means all that may be seen, and the last quarter that was heard."""

    org_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    streams: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Whole:
    """Whole weeks or months, and the days that they are."""

    period: Period
    span: Span

    @property
    def starts(self) -> list[date]:
        """The first day of each week or month, oldest first."""
        found, start = [], self.span.since
        while start <= self.span.until:
            found.append(start)
            start = next_start(start, self.period)
        return found

    def before(self) -> Whole:
        """As many weeks or months just before."""
        start = self.span.since
        for _ in self.starts:
            start = start_of(start - timedelta(days=1), self.period)
        return Whole(self.period, Span(start, self.span.since - timedelta(days=1)))


@dataclass(frozen=True)
class Ago:
    """The period before, which figures are compared with: how long it was ("13 weeks").

    `begun` is the Monday of the first week heard where that is later than the period's start: then there is nothing to
    compare with, since a part of it is empty for no other reason than that nobody was asked yet.
    """

    length: str
    begun: date | None = None


def whole(since: date, until: date) -> Whole:
    """Days widened to whole weeks, or to whole months where they are months already or more than 53 weeks."""
    months = since == start_of(since, "month") and until == end_of(start_of(until, "month"), "month")
    period: Period = "month" if months or until - since > timedelta(weeks=WEEKS_AT_MOST) else "week"
    return Whole(period, Span(start_of(since, period), end_of(start_of(until, period), period)))


@dataclass(frozen=True)
class Figure:
    """One number in large type. `value` is None and `text` says why where it cannot be told."""

    id: str
    name: str
    value: float | None
    text: str
    unit: str
    compared: str | None
    sentence: str
    opens: str | None = None
    kind: Literal["figure"] = "figure"


@dataclass(frozen=True)
class Point:
    """One week or month of a chart; `value` is None where it cannot be told."""

    start: date
    value: float | None
    type: PointType | None = None


@dataclass(frozen=True)
class Chart:
    """A measure over time with the limits of its XmR chart, where there are points enough."""

    id: str
    title: str
    sentence: str
    unit: str
    points: tuple[Point, ...]
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    variation: PointType | None = None
    assurance: Assurance | None = None
    opens: str | None = None
    kind: Literal["chart"] = "chart"


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    key: str
    name: str
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in a table, and the number where it is one."""

    text: str
    number: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of a table, its cells in the order of the columns."""

    cells: tuple[Cell, ...]
    opens: str | None = None


@dataclass(frozen=True)
class Table:
    """A table."""

    id: str
    title: str
    sentence: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class FunnelPoint:
    """A unit: how many answers, their percentage, and where it lies among the limits."""

    org_id: UUID
    name: str
    n: int | None
    value: float | None
    where: Where


@dataclass(frozen=True)
class FunnelLimit:
    """Between which percentages a unit with `n` answers lies in 95 and in 99.8 of a hundred cases by chance alone."""

    n: int
    low95: float
    high95: float
    low998: float
    high998: float


@dataclass(frozen=True)
class Funnel:
    """Units beside each other without a league table: only those outside the limits differ by more than chance."""

    id: str
    title: str
    sentence: str
    overall: float | None
    points: tuple[FunnelPoint, ...]
    limits: tuple[FunnelLimit, ...]
    opens: str | None = None
    kind: Literal["funnel"] = "funnel"


@dataclass(frozen=True)
class MapRow:
    """A unit, and its state in each week."""

    org_id: UUID
    name: str
    cells: tuple[State, ...]


@dataclass(frozen=True)
class Map:
    """Units by weeks: who was heard, who less than usual, and who not at all."""

    id: str
    title: str
    sentence: str
    columns: tuple[date, ...]
    rows: tuple[MapRow, ...]
    kind: Literal["map"] = "map"


Block: TypeAlias = Figure | Chart | Table | Funnel | Map


@dataclass(frozen=True)
class Page:
    """One page: where, when, what was found, and what holds for small numbers. `note` says how days were widened."""

    id: PageId
    title: str
    org_id: UUID | None
    org_name: str
    since: date
    until: date
    period: Period
    note: str
    blocks: Sequence[Block]
    small_numbers: str = SMALL_NUMBERS


@dataclass(frozen=True)
class PageName:
    """A page on offer."""

    id: PageId
    title: str
    about: str
