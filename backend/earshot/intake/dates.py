"""Dates in other people's files: read, and where they could mean two days, said so rather than guessed.

Files come from programmes set to British, American or ISO dates, and some mix them. A value such as 03/04/2022 is
settled only by what else stands in the same provider's rows (a 25 that can only be a day), or by a person's choice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

DateOrder: TypeAlias = Literal["auto", "dmy", "mdy", "ymd"]
Cell: TypeAlias = str | float | date | datetime | None

EARLIEST = date(1990, 1, 1)
_SERIAL_ZERO = date(1899, 12, 30)  # Excel's day 0, which keeps its invented 29 February 1900
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_NUMBERS = re.compile(rf"(\d{{1,4}})[-/. ](\d{{1,2}})[-/. ](\d{{1,4}}){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[,.]?\s+)?"
_DAY_MONTH = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[-/. ]+([a-z]+)\.?,?[-/. ]+(\d{{2}}|\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"{_WEEKDAY}([a-z]+)\.?[-/. ]+(\d{{1,2}})(?:st|nd|rd|th)?,?[-/. ]+(\d{{2}}|\d{{4}}){_TIME}", re.IGNORECASE
)


@dataclass(frozen=True)
class Reading:
    """What a cell could mean: the day if the day, the month or (with two digits only) the year comes first.

    `plain` has one reading, `dmy` and `mdy` have one and tell the order of their file, `either` has two.
    """

    kind: Literal["missing", "impossible", "plain", "dmy", "mdy", "either"]
    day_first: date | None = None
    month_first: date | None = None
    year_first: date | None = None

    def under(self, order: DateOrder | None) -> date | None:
        """The day under an order; where that makes no day, the one that it can be."""
        asked = {"dmy": self.day_first, "mdy": self.month_first, "ymd": self.year_first}.get(order or "auto")
        return asked or self.day_first or self.month_first


MISSING = Reading("missing")
IMPOSSIBLE = Reading("impossible")


@dataclass(frozen=True)
class Settled:
    """A day, or the reason why there is none."""

    day: date | None
    reason: str | None = None


def read(value: Cell) -> Reading:
    """Read a cell: a real date, an Excel serial number, ISO, a month's name, or three numbers."""
    if isinstance(value, datetime):
        return _plain(value.date())
    if isinstance(value, date):
        return _plain(value)
    text = " ".join(str(value if value is not None else "").split())
    if not text:
        return MISSING
    if _SERIAL.fullmatch(text):
        return _plain(_SERIAL_ZERO + timedelta(days=int(float(text))))
    if found := _COMPACT.fullmatch(text):
        return _plain(_day(*(int(part) for part in found.groups())))
    if found := _NUMBERS.fullmatch(text):
        return _read_numbers(*found.groups())
    return _read_words(text)


def settle(reading: Reading, order: DateOrder | None, *, today: date) -> Settled:
    """The day that a reading means under an order of the file; `order` None means that it is not known.

    Days after `today` or before 1990 are refused, since they are slips of a keyboard.
    """
    if reading.kind == "missing":
        return Settled(None, "the date is missing")
    unsettled = order is None or order == "auto" or (order == "ymd" and reading.year_first is None)
    if reading.kind == "either" and unsettled:
        return Settled(None, f"could be {say(reading.day_first)} or {say(reading.month_first, year=True)}")
    day = reading.under(order)
    if day is None:
        return Settled(None, "is not a date")
    if day > today:
        return Settled(None, f"{say(day, year=True)} is in the future")
    if day < EARLIEST:
        return Settled(None, f"{say(day, year=True)} is before 1990")
    return Settled(day)


def order_seen(seen: Mapping[str, int]) -> DateOrder | None:
    """The one order that the unambiguous dates of a provider are written in; None where both or neither were seen."""
    if seen.get("dmy") and not seen.get("mdy"):
        return "dmy"
    if seen.get("mdy") and not seen.get("dmy"):
        return "mdy"
    return None


def say_evidence(name: str, seen: Counter[str]) -> str | None:
    """A sentence on the order of a provider's dates, or None where nothing needs saying."""
    if not seen["either"]:
        return None
    whose = f"In the rows of {name}" if name else "In this file"
    unclear = f"{seen['either']:,} date{'s' if seen['either'] != 1 else ''} could be day-month or month-day"
    if order := order_seen(seen):
        first = "the day" if order == "dmy" else "the month"
        return f"{whose}, {unclear}; {first} was taken first, because all {seen[order]:,} clear dates are written so."
    if seen["dmy"]:
        return (
            f"{whose}, dates come in both orders ({seen['dmy']:,} clearly day first, {seen['mdy']:,} clearly month "
            f"first) and {unclear}, so rows that depend on them were refused. Ask who made the file, then import it "
            "again with the date order set: only the refused rows are added."
        )
    return (
        f"{whose}, {unclear} and no date shows which, so rows that depend on them were refused. "
        "Import again with the date order set."
    )


def say(day: date | None, *, year: bool = False) -> str:
    """A day as people say it: "3 April", or "3 April 2022"."""
    if day is None:
        return "no day"
    return f"{day.day} {day:%B}" + (f" {day.year}" if year else "")


def _plain(day: date | None) -> Reading:
    return IMPOSSIBLE if day is None else Reading("plain", day, day)


def _read_numbers(first: str, second: str, third: str) -> Reading:
    if len(first) == 4:
        return _plain(_day(int(first), int(second), int(third)))
    if len(first) > 2 or len(third) not in (2, 4):
        return IMPOSSIBLE
    year = _year(third)
    day_first, month_first = _day(year, int(second), int(first)), _day(year, int(first), int(second))
    year_first = _day(_year(first), int(second), int(third)) if len(third) == len(first) == 2 else None
    if day_first and month_first:
        kind: Literal["plain", "either"] = "plain" if day_first == month_first else "either"
        return Reading(kind, day_first, month_first, year_first)
    if day_first:
        return Reading("dmy", day_first, None, year_first)
    return Reading("mdy", None, month_first, year_first) if month_first else IMPOSSIBLE


def _read_words(text: str) -> Reading:
    if found := _DAY_MONTH.fullmatch(text):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.fullmatch(text):
        month, day, year = found.groups()
    else:
        return IMPOSSIBLE
    number = _MONTHS.get(month.lower())
    return _plain(_day(_year(year), number, int(day))) if number else IMPOSSIBLE


def _year(text: str) -> int:
    """Two digits are of this century: comments before 2000 do not come with short years."""
    return int(text) + 2000 if len(text) == 2 else int(text)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
