"""How many people answer on a day: the week, the seasons, holidays and slow growth. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

#: Responses a week at an open place of this kind, before anything else is taken into account: patients, carers, staff.
WEEKLY: dict[str, tuple[float, float, float]] = {
    "ward": (3.2, 1.0, 0.6),
    "surgical_ward": (2.8, 0.6, 0.5),
    "emergency": (3.8, 0.7, 0.6),
    "maternity": (5.8, 0.5, 0.5),
    "children": (1.4, 1.4, 0.3),
    "outpatients": (3.6, 0.5, 0.4),
    "mental_health": (1.6, 0.4, 0.4),
    "community": (2.2, 0.7, 0.5),
    "gp": (2.8, 0.4, 0.3),
    "theatres": (1.1, 0.2, 0.4),
    "pharmacy": (1.3, 0.2, 0.3),
    "discharge_lounge": (1.1, 0.3, 0.1),
    "estates": (0.0, 0.0, 0.5),
    "corporate": (0.0, 0.0, 0.6),
}
_OFFICE_HOURS = frozenset({"outpatients", "gp", "community", "pharmacy", "theatres", "estates", "corporate"})
_WEEK = (1.15, 1.12, 1.08, 1.05, 1.0, 0.85, 0.75)  # Monday to Sunday, where the doors never close
_OFFICE_WEEK = (1.45, 1.4, 1.35, 1.35, 1.25, 0.12, 0.08)
_PRESSED_BY_WINTER = frozenset({"emergency", "ward", "discharge_lounge", "gp"})


def pace(day: date, setting: str, *, first: date, last: date) -> float:
    """How busy a day is against an average one: the product of weekday, season, holidays and growth."""
    week = _OFFICE_WEEK if setting in _OFFICE_HOURS else _WEEK
    grown = 0.8 + 0.3 * (day - first).days / max(1, (last - first).days)
    pressed = 1 + 0.3 * winter(day) if setting in _PRESSED_BY_WINTER else 1.0
    return week[day.weekday()] * grown * pressed * _rest(day, setting)


def winter(day: date) -> float:
    """How hard winter presses: 1 in mid-January, 0 from April to October, straight between."""
    peak = min((abs((day - date(year, 1, 12)).days) for year in (day.year, day.year + 1)), default=0)
    return max(0.0, 1 - peak / 75)


def _rest(day: date, setting: str) -> float:
    """What holidays leave of a day's answers."""
    if day in bank_holidays(day.year):
        return 0.15 if setting in _OFFICE_HOURS else 0.5
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 2):
        return 0.6
    return 0.9 if day.month == 8 else 1.0


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays; one that falls on a weekend is kept on the next free weekday."""
    sunday = easter(year)
    days = {sunday - timedelta(2), sunday + timedelta(1), _monday(date(year, 5, 1)), _monday(date(year, 8, 25))}
    days.add(_monday(date(year, 5, 25)))
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.weekday() > 4 or fixed in days:
            fixed += timedelta(1)
        days.add(fixed)
    return frozenset(days)


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian algorithm, Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    correction = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * correction) // 433
    month = (h + correction - 7 * m + 90) // 25
    return date(year, month, (h + correction - 7 * m + 33 * month + 19) % 32)


def _monday(day: date) -> date:
    """The first Monday on or after a day."""
    return day + timedelta(-day.weekday() % 7)
