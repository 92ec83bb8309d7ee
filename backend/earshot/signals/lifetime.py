"""Begin and end alarms: one that goes on is the same alarm, and a new one may come only after it has ended. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from earshot.signals.bounds import Flags, Numbers

#: An alarm ends when its evidence has been this much (log scale: to a half) under the threshold …
LOWER = 0.7
#: … for so many weeks with data, one after the other.
QUIET_WEEKS = 4


@dataclass(frozen=True)
class Spell:
    """One alarm of one series: the week it was raised and the last week in which it still stood, counted from 0."""

    series: int
    week: int
    last: int


class Standing:
    """Which series have an alarm standing; feed it weeks in order."""

    def __init__(self, series: int, lower: float = LOWER) -> None:
        self._lower = lower
        self.on: Flags = np.zeros(series, dtype=bool)
        self._quiet = np.zeros(series, dtype=np.int64)

    def step(self, evidence: Numbers, threshold: Numbers, judged: Flags) -> Flags:
        """Take one week, all (series,), and say where a new alarm begins; weeks without data change nothing."""
        up = judged & (evidence >= threshold)
        new = up & ~self.on
        low = evidence < threshold - self._lower
        self._quiet = np.where(judged, np.where(self.on & low, self._quiet + 1, 0), self._quiet)
        self.on = up | (self.on & (self._quiet < QUIET_WEEKS))
        return new


def beginnings(evidence: Numbers, threshold: Numbers | float, judged: Flags, lower: float = LOWER) -> Flags:
    """Where new alarms begin; everything is (series, weeks), and the threshold anything that fits that shape."""
    limits = np.broadcast_to(threshold, evidence.shape)
    standing = Standing(evidence.shape[0], lower)
    columns = [standing.step(evidence[:, week], limits[:, week], judged[:, week]) for week in range(evidence.shape[1])]
    return np.stack(columns, axis=1) if columns else np.zeros(evidence.shape, dtype=bool)


def spells(evidence: Numbers, threshold: Numbers, judged: Flags) -> Iterator[Spell]:
    """Every alarm with its end, in the order of the weeks in which they were raised."""
    threshold = np.broadcast_to(threshold, evidence.shape)
    standing = Standing(evidence.shape[0])
    began: dict[int, int] = {}
    last: dict[int, int] = {}
    found: list[Spell] = []
    for week in range(evidence.shape[1]):
        new = standing.step(evidence[:, week], threshold[:, week], judged[:, week])
        ended = [series for series in began if not standing.on[series]]
        found += [Spell(series, began.pop(series), last.pop(series)) for series in ended]
        began.update(dict.fromkeys(np.flatnonzero(new).tolist(), week))
        last.update(dict.fromkeys(np.flatnonzero(standing.on).tolist(), week))
    found += [Spell(series, began[series], last[series]) for series in began]
    yield from sorted(found, key=lambda spell: (spell.week, spell.series))
