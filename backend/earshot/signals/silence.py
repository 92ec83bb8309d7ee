"""Hear that somebody has gone quiet: far fewer than expected from a unit or group whose feed is intact. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scipy.stats import nbinom

from earshot.signals.budget import Alarm, alarm_at, thresholds
from earshot.signals.detectors import Readings
from earshot.signals.lifetime import Spell, spells

#: At least this share of what was expected must be missing for a fall to be called a silence.
MISSING = 0.5


@dataclass(frozen=True)
class Silence:
    """A series that has gone quiet; `chance` is the probability of hearing so few in exactly these weeks by chance."""

    alarm: Alarm
    chance: float

    @property
    def missing(self) -> float:
        """The share of what was expected that did not come."""
        return 1 - self.alarm.heard / self.alarm.expected


def silences(readings: Readings, false_alarms_a_month: float) -> list[Silence]:
    """Every silence, in the order of the weeks in which each was noticed; weeks without data are never silent.

    These are the alarms of falls, at the budget given, in which half of what was expected is missing; chance raises no
    more of them than of falls. A shallow fall that deepens is told in the week in which it is deep.
    """
    limits = thresholds(readings, false_alarms_a_month, "fall")
    told = (_deep(readings, spell) for spell in spells(readings.evidence["fall"], limits, readings.judged))
    found = [Silence(alarm, chance_of_so_few(readings, alarm)) for alarm in told if alarm is not None]
    return sorted(found, key=lambda silence: (silence.alarm.week, silence.alarm.series))


def _deep(readings: Readings, spell: Spell) -> Alarm | None:
    """The alarm in the first week of its life by which half of what was expected since its beginning is missing."""
    raised = alarm_at(readings, "fall", spell)
    for week in range(spell.week, spell.last + 1):
        heard, expected = readings.window(spell.series, week, raised.since)
        if readings.judged[spell.series, week] and heard < (1 - MISSING) * expected:
            now = alarm_at(readings, "fall", spell, week=week)
            return replace(now, week=week, since=raised.since, heard=heard, expected=expected)
    return None


def chance_of_so_few(readings: Readings, alarm: Alarm) -> float:
    """The probability, by the negative binomial, of hearing as few in an alarm's window if nothing had changed."""
    spread, sd = readings.spread[alarm.series, alarm.week], readings.sd[alarm.series, alarm.week]
    size = 1 / ((spread - 1) / alarm.expected + sd**2)
    return float(nbinom.cdf(alarm.heard, size, size / (size + alarm.expected)))
