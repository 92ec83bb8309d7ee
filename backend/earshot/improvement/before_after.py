"""Which weeks count as before a change, which as after, and which are set aside. Pure.

Set aside are the weeks that made people act: those of each signal until it was raised or, where no signal is linked,
the four weeks before the change. A month of bad luck is followed by a better one whatever anybody does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from earshot.improvement.effect import FEWEST_BEFORE, LOOKS, Week

LONGEST_BEFORE = 52  # weeks: a whole year, so that no season is compared with another
WITHOUT_SIGNAL = 4  # weeks before the change that are set aside where no signal says which
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Counted:
    """One week: what was counted, out of how much; `whole` is None where nothing is a part of anything.

    Both are None where no feed came.
    """

    start: date
    part: int | None
    whole: int | None

    @property
    def week(self) -> Week | None:
        """The week as it is judged: a share weighs by what it is a part of; None where there is nothing to say."""
        if self.part is None or self.whole == 0:
            return None
        return Week(float(self.part), 1.0) if self.whole is None else Week(self.part / self.whole, float(self.whole))


@dataclass(frozen=True)
class Parts:
    """The weeks of a series around a change, each list oldest first."""

    before: tuple[Counted, ...]
    set_aside: tuple[Counted, ...]
    after: tuple[Counted, ...]


@dataclass(frozen=True)
class Bad:
    """Days that made people act: from `since` until a signal was raised."""

    since: date
    until: date


def first_week_after(started_on: date) -> date:
    """The Monday of the first whole week of a change."""
    return started_on + timedelta(days=-started_on.weekday() % 7)


def parts(weeks: Sequence[Counted], started_on: date, bad: Sequence[Bad], rebased: Sequence[date] = ()) -> Parts:
    """Sort the weeks of a series, oldest first, around a change that began on a day.

    Before counts from the newest day before the change from which people said that the chart begins anew, and at most a
    year. Where eight weeks or more lie between the raising of a signal and the change, only these count: nobody chose
    them for being bad, and they tell how things stood.
    """
    first = first_week_after(started_on)
    earliest = max([first - LONGEST_BEFORE * _WEEK, *(day for day in rebased if day < started_on)])
    told = [week for week in weeks if week.week is not None]
    after = tuple(week for week in told if week.start >= first)[: LOOKS[-1]]
    ends = first if started_on == first else first - _WEEK  # the week in which it began belongs to neither
    whole = [week for week in told if earliest <= week.start and week.start + _WEEK <= ends]
    aside = bad or [Bad(ends - WITHOUT_SIGNAL * _WEEK, ends)]
    chosen = tuple(week for week in whole if any(_touches(week.start, one) for one in aside))
    aside_starts = {week.start for week in chosen}
    kept = tuple(week for week in whole if week.start not in aside_starts)
    since_raised = tuple(week for week in kept if bad and week.start > max(one.until for one in bad))
    return Parts(since_raised if len(since_raised) >= FEWEST_BEFORE else kept, chosen, after)


def _touches(start: date, bad: Bad) -> bool:
    return start <= bad.until and start + timedelta(days=6) >= bad.since
