"""Working days in England: clocks of cases stand still on weekends and bank holidays."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

_ONE = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """A calendar: every day but Saturdays, Sundays and `holidays` is a working day."""

    holidays: AbstractSet[date]

    def works(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day.weekday() < 5 and day not in self.holidays

    def between(self, since: date, until: date) -> int:
        """How many working days lie after `since`, up to and with `until`."""
        return sum(self.works(since + n * _ONE) for n in range(1, (until - since).days + 1))

    def after(self, since: date, days: int) -> date:
        """The working day that is `days` working days after `since`."""
        day = since
        while days > 0:
            day += _ONE
            days -= self.works(day)
        return day


@cache
def england() -> WorkingDays:
    """England's working days, by the list of bank holidays that is shipped."""
    raw = json.loads((files("earshot.cases") / "bank_holidays.json").read_text("utf-8"))
    return WorkingDays(frozenset(date.fromisoformat(day) for day in raw["days"]))
