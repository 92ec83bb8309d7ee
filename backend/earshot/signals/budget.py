"""Turn evidence into how often chance alone raises such an alarm, and a budget of false alarms into thresholds.

How often evidence crosses a level while nothing has changed depends on the level, and a little on how many are
expected, how much they scatter and how well the usual rate is known. `chance.json` holds that rate as a smooth surface
(`surface`), fitted to simulated series in which nothing changes by `python -m earshot.bench.chance`. So every alarm can
say what it would be by chance, and every series, small or large, gets an equal share of the budget.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from earshot.signals.bounds import Flags, Numbers, Unwatchable
from earshot.signals.detectors import Readings
from earshot.signals.evidence import Side
from earshot.signals.lifetime import Spell, spells
from earshot.signals.surface import Surface, features

DETECTOR = "earshot-cumulative"
VERSION = "1"
WEEKS_PER_MONTH = 365.2425 / 12 / 7
#: Weeks between chance alarms beyond which the surface is not believed: "more than that" is all that can be said.
RAREST = 1e6


@dataclass(frozen=True)
class Alarm:
    """One alarm of one series: when it was raised, until when it stood, and what it was in the week it was raised.

    Weeks count from 0. `since` is the week in which the change most likely began; `heard` and `expected` add up the
    weeks from then to `week`. `weeks_between` is the mean number of weeks between two chance alarms this strong in this
    one series (1,000,000 stands for that or more), `watched` how many series were judged then.
    """

    series: int
    side: Side
    week: int
    last: int
    since: int
    heard: int
    expected: float
    evidence: float
    weeks_between: float
    watched: int

    @property
    def false_alarms_a_month(self) -> float:
        """Chance alarms this strong a month on this side, over all series watched when it was raised."""
        return WEEKS_PER_MONTH * self.watched / self.weeks_between

    @property
    def weeks_between_any(self) -> float:
        """Weeks between two chance alarms this strong on this side, among all series watched when it was raised."""
        return self.weeks_between / self.watched


@cache
def chance(side: Side) -> Surface:
    """How often chance alone raises alarms, as shipped."""
    shipped = json.loads(files("earshot.signals").joinpath("chance.json").read_text(encoding="utf-8"))
    return Surface(np.array(shipped[side], dtype=np.float64))


def alarms(readings: Readings, false_alarms_a_month: float, sides: Sequence[Side] = ("rise",)) -> list[Alarm]:
    """Every alarm within a budget of false alarms a month over all series together, in the order of their weeks.

    The budget is shared equally among sides, and in each week among all series that are judged in it.
    Raises Unwatchable when the budget is not above zero.
    """
    if not false_alarms_a_month > 0:
        raise Unwatchable("budget", "use a number of false alarms a month above 0.")
    found: list[Alarm] = []
    for side in sides:
        limits = thresholds(readings, false_alarms_a_month / len(sides), side)
        raised = spells(readings.evidence[side], limits, readings.judged)
        found += [alarm_at(readings, side, spell) for spell in raised]
    return sorted(found, key=lambda alarm: (alarm.week, alarm.series, alarm.side))


def alarm_at(readings: Readings, side: Side, spell: Spell, *, week: int | None = None) -> Alarm:
    """Describe an alarm as it was in the week it was raised, or in another week of its life."""
    at = spell.week if week is None else week
    since = int(readings.since[side][spell.series, at])
    heard, expected = readings.window(spell.series, at, since)
    return Alarm(
        series=spell.series,
        side=side,
        week=spell.week,
        last=spell.last,
        since=since,
        heard=heard,
        expected=expected,
        evidence=float(readings.evidence[side][spell.series, at]),
        weeks_between=weeks_between(readings, side, spell.series, at),
        watched=int(readings.judged[:, at].sum()),
    )


def thresholds(readings: Readings, false_alarms_a_month: float, side: Side) -> Numbers:
    """The evidence, (series, weeks), from which an alarm is raised so that the budget is kept; inf where not judged."""
    limits: Numbers = np.full_like(readings.expected, np.inf)
    for week in range(limits.shape[1]):
        judged = readings.judged[:, week]
        if judged.any():
            share = false_alarms_a_month / WEEKS_PER_MONTH / judged.sum()
            limits[judged, week] = chance(side).level(_features(readings, week, judged), float(np.log(share)))
    return limits


def weeks_between(readings: Readings, side: Side, series: int, week: int) -> float:
    """The mean number of weeks between two chance alarms as strong as this week's evidence, in this one series."""
    only = np.zeros(readings.expected.shape[0], dtype=bool)
    only[series] = True
    level: Numbers = readings.evidence[side][only, week]
    log_rate = chance(side).log_rate(_features(readings, week, only), level)
    return float(min(np.exp(min(-log_rate[0], 30.0)), RAREST))


def rarity(readings: Readings, side: Side) -> Numbers:
    """The logarithm of the weeks between two chance alarms as strong as each week's evidence; -inf where not judged."""
    found: Numbers = np.full_like(readings.expected, -np.inf)
    for week in range(found.shape[1]):
        judged = readings.judged[:, week]
        if judged.any():
            level = readings.evidence[side][judged, week]
            found[judged, week] = -chance(side).log_rate(_features(readings, week, judged), level)
    return found


def _features(readings: Readings, week: int, which: Flags) -> Numbers:
    """What the surface needs to know of the series in `which`; what is expected in a usual week, without a gap."""
    return features(readings.expected[which, week], readings.spread[which, week], readings.sd[which, week])
