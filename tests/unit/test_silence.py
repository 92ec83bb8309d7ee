"""Silence: a muted ward is noticed in weeks, a feed that stopped is none."""

from __future__ import annotations

import numpy as np
import pytest
from earshot.signals.bounds import Numbers
from earshot.signals.budget import alarms
from earshot.signals.detectors import Panel, read
from earshot.signals.silence import chance_of_so_few, silences
from earshot.signals.simulate import World, counts
from scipy.stats import poisson

WARDS, WEEKS, MUTED = 60, 130, 110
A_MONTH = 1.0


def responses(baseline: float, seed: int) -> Numbers:
    return counts(World(baseline), WARDS, WEEKS, np.random.default_rng(seed))[0]


@pytest.mark.parametrize(("baseline", "seed"), [(3.5, 1), (5.0, 2), (12.0, 3)])
def test_nine_of_ten_muted_wards_are_noticed_within_four_weeks(baseline: float, seed: int) -> None:
    heard = responses(baseline, seed)
    heard[:, MUTED:] = 0
    found = {s.alarm.series for s in silences(read(Panel.of(heard)), A_MONTH) if MUTED <= s.alarm.week < MUTED + 4}
    assert len(found) >= 0.9 * WARDS


def test_a_feed_that_stopped_is_no_silence() -> None:
    heard, there = responses(5.0, 4), np.ones((WARDS, WEEKS), dtype=bool)
    heard[:, MUTED:], there[:, MUTED:] = 0, False
    assert not [s for s in silences(read(Panel.of(heard, None, there)), A_MONTH) if s.alarm.week >= MUTED]


def test_a_third_less_is_a_fall_and_no_silence() -> None:
    heard = responses(40.0, 5)
    heard[:, MUTED:] = np.round(heard[:, MUTED:] * 0.67)
    readings = read(Panel.of(heard))
    falls = {alarm.series for alarm in alarms(readings, A_MONTH, ("fall",)) if alarm.week >= MUTED}
    silent = {silence.alarm.series for silence in silences(readings, A_MONTH) if silence.alarm.week >= MUTED}
    assert len(falls) > 0.5 * WARDS
    assert len(silent) < len(falls) / 2  # a few that scatter widely had half as many for a while


def test_a_fall_that_deepens_is_told_when_it_is_deep() -> None:
    heard = np.full((1, WEEKS), 30.0)
    heard[0, MUTED - 8 : MUTED] = 20
    heard[0, MUTED:] = 0
    told = silences(read(Panel.of(heard)), 0.1)
    assert [silence.alarm.week for silence in told] and told[0].alarm.week >= MUTED


def test_the_chance_is_that_of_hearing_so_few() -> None:
    heard = np.full((1, WEEKS), 6.0)
    heard[0, -5:] = (0, 1, 0, 0, 0)
    readings = read(Panel.of(heard))
    told = silences(readings, 0.2)[-1]
    plain = poisson.cdf(told.alarm.heard, told.alarm.expected)
    assert plain < chance_of_so_few(readings, told.alarm) == told.chance < 0.01
