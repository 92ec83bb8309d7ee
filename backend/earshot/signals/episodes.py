"""When an alarm still goes on: evidence remembers half a year, people want to know whether it is still so. Pure.

An alarm goes on while the last four weeks together are still away from what is usual. Once four weeks, one after the
other, end without that, it is over. Within the same long memory a new episode begins only where they are away again and
the detector, too, dates the change after the end of the last one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earshot.signals.bounds import Flags, Weeks
from earshot.signals.budget import Alarm
from earshot.signals.detectors import Readings

RECENT_WEEKS = QUIET_WEEKS = 4
STILL_RISEN, STILL_FALLEN = 1.4, 0.7  # times what is usual, over the last four weeks


@dataclass(frozen=True)
class Episode:
    """The part of an alarm that goes on at a week: its most telling week, and the first week of its window."""

    since: int
    best: int


def episode(readings: Readings, alarm: Alarm, week: int) -> Episode | None:
    """The episode that goes on at a week, counted from 0, or None where the alarm is over; looks no further ahead."""
    if not alarm.week <= week <= alarm.last:
        return None
    away = _still_away(readings, alarm, week)
    dated = readings.since[alarm.side][alarm.series, alarm.week : week + 1] - alarm.week
    began = _began(away, dated)
    if began is None:
        return None
    first = alarm.week + began
    course = readings.evidence[alarm.side][alarm.series, first : week + 1]
    best = first + int(np.argmax(course))
    since = int(readings.since[alarm.side][alarm.series, best])
    return Episode(max(since, first - RECENT_WEEKS + 1) if began else since, best)


def _still_away(readings: Readings, alarm: Alarm, week: int) -> Flags:
    """For each week of the alarm until `week`, whether the last four weeks were still away from what is usual."""
    found = []
    for at in range(alarm.week, week + 1):
        heard, usual = readings.window(alarm.series, at, max(0, at + 1 - RECENT_WEEKS))
        found.append(heard >= STILL_RISEN * usual if alarm.side == "rise" else heard <= STILL_FALLEN * usual)
    return np.array(found, dtype=bool)


def _began(away: Flags, dated: Weeks) -> int | None:
    """Where the episode that goes on at the end began, or None where it is over; weeks count from the alarm's first.

    `dated` is when, by each week, the detector takes the change to have begun.
    """
    began: int | None = 0
    quiet = ended = 0
    for at, still in enumerate(away):
        if began is None:
            if still and dated[at] > ended:
                began, quiet = at, 0
            continue
        quiet = 0 if still else quiet + 1
        if quiet >= QUIET_WEEKS:
            began, ended = None, at - QUIET_WEEKS
    return began
