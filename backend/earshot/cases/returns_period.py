"""The periods of returns: months, and quarters and years of the financial year that begins in April. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PeriodKind = Literal["month", "quarter", "year"]
_MONTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "year": 12}
_APRIL = 4


@dataclass(frozen=True)
class Window:
    """When a collection is open: from the nth weekday (0 is Monday) of the month after a period, for some days."""

    nth: int
    weekday: int
    days: int


@dataclass(frozen=True)
class ReturnPeriod:
    """The days of a return, both of which count, and what people call it."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def label(self) -> str:
        """As people say it: "Quarter 3 of 2026/27 (1 October to 31 December 2026)"."""
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        days = f"{_day(self.first, with_year=self.first.year != self.last.year)} to {_day(self.last)}"
        year = f"{self.year}/{(self.year + 1) % 100:02}"
        return f"Quarter {self.quarter} of {year} ({days})" if self.kind == "quarter" else f"{year} ({days})"

    @property
    def year(self) -> int:
        """The calendar year in which its financial year began."""
        return self.first.year if self.first.month >= _APRIL else self.first.year - 1

    @property
    def quarter(self) -> int:
        """Which quarter of the financial year it begins in, from 1 to 4."""
        return (self.first.month - _APRIL) % 12 // 3 + 1

    def opens(self, window: Window) -> date:
        """The first day on which it can be sent."""
        after = self.last + timedelta(days=1)
        return after + timedelta(days=(window.weekday - after.weekday()) % 7 + 7 * (window.nth - 1))

    def closes(self, window: Window) -> date:
        """The last day on which it can be sent."""
        return self.opens(window) + timedelta(days=window.days - 1)

    def before(self) -> ReturnPeriod:
        """The period just before this one."""
        return period_of(self.kind, self.first - timedelta(days=1))

    def earlier_in_year(self) -> tuple[ReturnPeriod, ...]:
        """The periods of the same financial year that came before it, oldest first."""
        found: list[ReturnPeriod] = []
        period = self.before()
        while period.year == self.year:
            found.insert(0, period)
            period = period.before()
        return tuple(found)


def period_of(kind: PeriodKind, day: date) -> ReturnPeriod:
    """The period that a day lies in."""
    months = _MONTHS[kind]
    index = day.year * 12 + day.month - 1
    begins = index - (index - (_APRIL - 1)) % months
    return ReturnPeriod(kind, _first(begins), _first(begins + months) - timedelta(days=1))


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _day(day: date, *, with_year: bool = True) -> str:
    return f"{day.day} {day:%B %Y}" if with_year else f"{day.day} {day:%B}"
