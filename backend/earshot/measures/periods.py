"""Spans of days, weeks from Monday and calendar months. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Period = Literal["week", "month"]

USUAL_DAYS = 28  # four whole weeks: every weekday counts four times on both sides of a comparison


@dataclass(frozen=True)
class Span:
    """Days from `since` to `until`, both of which count."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1

    def before(self) -> Span:
        """The span of the same length just before this one."""
        return Span(earlier(self.since, self.days), earlier(self.since, 1))


@dataclass(frozen=True)
class Coverage:
    """When an organisation has been heard.

    `horizon` is the last day on which anybody of its provider was heard: up to there a silence is a silence, and not
    merely data that have yet to come. All are None where nothing was heard yet.
    """

    first_day: date | None
    last_day: date | None
    horizon: date | None


@dataclass(frozen=True)
class Feed:
    """Days over which a provider was heard without a long break. Outside of its feeds there is no data, not zero."""

    first_day: date
    last_day: date

    def touches(self, start: date, period: Period) -> bool:
        """Whether some of a period lies inside."""
        return self.first_day <= end_of(start, period) and start <= self.last_day


def span_in_view(since: date | None, until: date | None, last_day: date) -> Span:
    """The days that a page is about: as asked, or else the 28 days that end at the last day with data."""
    end = until or (last_day if since is None else max(since, last_day))
    return Span(since or earlier(end, USUAL_DAYS - 1), end)


def earlier(day: date, days: int) -> date:
    """The day that lies `days` before another, or the first day that there is."""
    return date.fromordinal(max(1, day.toordinal() - days))


def start_of(day: date, period: Period) -> date:
    """The first day of the week or month that a day lies in."""
    return day - timedelta(days=day.weekday()) if period == "week" else day.replace(day=1)


def next_start(start: date, period: Period) -> date:
    """The first day of the following week or month."""
    step = 7 if period == "week" else 32
    return start_of(start + timedelta(days=step), period)


def end_of(start: date, period: Period) -> date:
    """The last day of the week or month that begins on `start`."""
    return next_start(start, period) - timedelta(days=1)


def starts(coverage: Coverage, period: Period, *, since: date | None = None, until: date | None = None) -> list[date]:
    """The first days of the periods to show, oldest first.

    They run from the first day with data to the horizon, inside `since` and `until`. A last period that is not over
    yet is left out, since a part of a week looks like a fall; so is a first one that `since` cuts. Where no whole
    period is left, those that were begun are shown, so that a first day of listening shows something.
    """
    if coverage.first_day is None or coverage.horizon is None:
        return []
    first = max(coverage.first_day, since or coverage.first_day)
    last = min(coverage.horizon, until or coverage.horizon)
    begun: list[date] = []
    start = start_of(first, period)
    while start <= last:
        begun.append(start)
        start = next_start(start, period)
    cut = since if since is not None and since > coverage.first_day else None
    whole = [start for start in begun if end_of(start, period) <= last and (cut is None or start >= cut)]
    return whole or begun


def label(start: date, period: Period) -> str:
    """A period as people write it: "2 Mar 2026" for the week that begins then, "Mar 2026" for a month."""
    return f"{start.day} {start:%b %Y}" if period == "week" else f"{start:%b %Y}"
