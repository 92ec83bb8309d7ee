"""Replay a file of weekly counts: what would have been raised, and when, had Earshot watched it week by week. Pure."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np

from earshot.core.errors import Invalid
from earshot.signals import budget
from earshot.signals.bounds import Flags, Numbers
from earshot.signals.detectors import Panel, read
from earshot.signals.evidence import Side

COLUMNS = ("series", "week_start", "count")
EXPOSURE = "exposure"
LARGEST = 1_000_000_000


class NothingToRead(Invalid):
    """This file holds no weekly counts. Use a CSV with the columns series,week_start,count and, if known, exposure."""


@dataclass(frozen=True)
class BadRow:
    """A row that was left out: its line in the file, from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Row:
    """One good row; the week is named by its Monday, and kept as it was written too."""

    series: str
    monday: date
    written: str
    count: int
    exposure: float


@dataclass(frozen=True, eq=False)
class Table:
    """The good rows as arrays (series, weeks), the rows that were left out, and each cell's date as it was written."""

    series: tuple[str, ...]
    mondays: tuple[date, ...]
    panel: Panel
    written: dict[tuple[int, int], str]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True)
class Raised:
    """One new alarm: the week it was raised in, and how many so strong a month chance raises in the whole file."""

    series: str
    week_start: str
    detector: str
    expected_false_alarms: float
    direction: Side
    since: str
    heard: int
    expected: float
    weeks_between_by_chance: float


@dataclass(frozen=True)
class Summary:
    """The whole replay: `expected_false_alarms` is the budget times the months in which anything was judged."""

    series: int
    first_week: str
    last_week: str
    weeks: int
    weeks_watched: int
    alarms: int
    budget: float
    expected_false_alarms: float
    rows: int
    bad_rows: int


def table(lines: Iterable[str]) -> Table:
    """Read a CSV file's lines; a row that cannot be used is left out with its reason. Raises NothingToRead.

    A week of a series without a row holds no data; it is not read as zero.
    """
    reader = csv.reader(lines)
    names = [name.strip().lower() for name in next(reader, [])]
    if not set(COLUMNS) <= set(names):
        raise NothingToRead
    rows: dict[tuple[str, date], Row] = {}
    bad: list[BadRow] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(dict(zip(names, (cell.strip() for cell in cells), strict=False)), has_exposure=EXPOSURE in names)
        if isinstance(row, Row) and (row.series, row.monday) in rows:
            row = "this series already has a row for this week"
        if isinstance(row, str):
            bad.append(BadRow(reader.line_num, row))
        else:
            rows[row.series, row.monday] = row
    if not rows:
        raise NothingToRead
    return _arrays(list(rows.values()), bad)


def replay(
    found: Table, false_alarms_a_month: float, sides: Sequence[Side] = ("rise",)
) -> tuple[list[Raised], Summary]:
    """Every alarm that would have been raised within a budget, in the order of their weeks, and the summary."""
    readings = read(found.panel)
    alarms = budget.alarms(readings, false_alarms_a_month, sides)
    watched = int(readings.judged.any(axis=0).sum())
    summary = Summary(
        series=len(found.series),
        first_week=found.mondays[0].isoformat(),
        last_week=found.mondays[-1].isoformat(),
        weeks=len(found.mondays),
        weeks_watched=watched,
        alarms=len(alarms),
        budget=false_alarms_a_month,
        expected_false_alarms=round(false_alarms_a_month * watched / budget.WEEKS_PER_MONTH, 2),
        rows=len(found.written),
        bad_rows=len(found.bad),
    )
    return [_raised(found, alarm) for alarm in alarms], summary


def as_document(summary: Summary, bad: Sequence[BadRow]) -> dict[str, object]:
    """The summary with its bad rows, for JSON."""
    return {"summary": True, **asdict(summary), "bad": [asdict(row) for row in bad]}


def _raised(found: Table, alarm: budget.Alarm) -> Raised:
    return Raised(
        series=found.series[alarm.series],
        week_start=found.written[alarm.series, alarm.week],
        detector=budget.DETECTOR,
        expected_false_alarms=float(f"{alarm.false_alarms_a_month:.3g}"),
        direction=alarm.side,
        since=found.written.get((alarm.series, alarm.since), found.mondays[alarm.since].isoformat()),
        heard=alarm.heard,
        expected=round(alarm.expected, 2),
        weeks_between_by_chance=round(alarm.weeks_between, 1),
    )


def _row(cells: dict[str, str], *, has_exposure: bool) -> Row | str:
    """The row, or why it cannot be used."""
    if not cells.get("series"):
        return "series is empty"
    written = cells.get("week_start", "")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return "week_start is not a date such as 2026-11-16"
    count = _number(cells.get("count", ""))
    if count is None or count % 1:
        return "count is not a whole number from 0; leave the row out where there is no data"
    exposure = _number(cells.get(EXPOSURE, "")) if has_exposure else 1.0
    if exposure is None:
        return "exposure is not a number from 0"
    if count and not exposure:
        return "something was counted where the exposure is 0"
    return Row(cells["series"], day - timedelta(days=day.weekday()), written, int(count), exposure)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= LARGEST else None


def _arrays(rows: list[Row], bad: list[BadRow]) -> Table:
    names = sorted({row.series for row in rows})
    first, last = min(row.monday for row in rows), max(row.monday for row in rows)
    weeks = (last - first).days // 7 + 1
    place = {name: index for index, name in enumerate(names)}
    counts: Numbers = np.zeros((len(names), weeks))
    exposure: Numbers = np.zeros((len(names), weeks))
    observed: Flags = np.zeros((len(names), weeks), dtype=bool)
    written = {}
    for row in rows:
        cell = place[row.series], (row.monday - first).days // 7
        counts[cell], exposure[cell], observed[cell] = row.count, row.exposure, True
        written[cell] = row.written
    mondays = tuple(first + timedelta(weeks=week) for week in range(weeks))
    return Table(tuple(names), mondays, Panel.of(counts, exposure, observed), written, tuple(bad))
