"""Counts of discovered themes of staff: what somebody who is no guardian can work out from them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from earshot.analysis.clusters import ClusterRow
from earshot.measures.discovered import as_seen, in_order

MONDAY = date(2026, 3, 2)


def theme(weeks: list[int], size: int, stream: str = "staff") -> ClusterRow:
    weekly = [{"week_start": (MONDAY + timedelta(weeks=number)).isoformat(), "n": n} for number, n in enumerate(weeks)]
    n = sum(weeks)
    return ClusterRow(uuid4(), n, "pay", stream, ["pay"], size, n, MONDAY, MONDAY, False, weekly, [], [])


@pytest.mark.parametrize(
    ("weeks", "size", "shown"),
    [
        ([1] * 7, 7, (5, 5, [])),  # seven weeks beside 5 (5 to 7) would be one comment each
        ([1] * 4, 4, (None, None, [])),
        ([5, 1, 1], 7, (5, 5, [None, None, None])),
        ([6, 7], 15, (None, 15, [])),  # two others outside the days
        ([20, 30, 3, 2], 55, (55, 55, [20, 30, None, None])),
        ([20, 30], 100, (50, 100, [20, 30])),
    ],
)
def test_weeks_and_totals_of_staff_give_no_few_away(
    weeks: list[int], size: int, shown: tuple[int | None, int | None, list[int | None]]
) -> None:
    out = as_seen(theme(weeks, size), exact=False)
    assert (out.n, out.size, [week.n for week in out.weekly]) == shown
    for row, exact in ((theme(weeks, size), True), (theme(weeks, size, "patient"), False)):
        out = as_seen(row, exact=exact)
        assert (out.n, out.size, [week.n for week in out.weekly]) == (sum(weeks), size, weeks)


def test_the_order_tells_no_more_than_the_numbers() -> None:
    rows = [as_seen(theme([n], n), exact=False) for n in (9, 3, 8, 10, 4)]
    assert [row.number for row in in_order(rows)] == [8, 9, 10, 3, 4]
