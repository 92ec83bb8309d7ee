"""Silence: a muted ward is noticed in weeks, and a feed that stopped is none."""

from __future__ import annotations

import numpy as np
import pytest
from earshot.signals.bounds import Flags, Numbers
from earshot.signals.budget import WEEKS_PER_MONTH, alarms
from earshot.signals.detectors import Panel, read
from earshot.signals.findings import SILENT_BELOW
from earshot.signals.simulate import World, counts

WARDS, WEEKS, MUTED = 60, 130, 110
A_MONTH = 1.0  # over sixty wards: one false alarm a ward in five years


def responses(baseline: float, seed: int) -> Numbers:
    return counts(World(baseline), WARDS, WEEKS, np.random.default_rng(seed))[0]


def silent(heard: Numbers, observed: Flags | None = None, *, within: int = WEEKS - MUTED) -> set[int]:
    """The wards that are told to have fallen silent so many weeks after they were muted, or earlier."""
    found = [a for a in alarms(read(Panel.of(heard, None, observed)), A_MONTH, ("fall",)) if a.last >= MUTED]
    return {a.series for a in found if a.heard <= SILENT_BELOW * a.expected and MUTED <= a.week < MUTED + within}


@pytest.mark.parametrize(("baseline", "seed"), [(3.0, 1), (5.0, 2), (12.0, 3)])
def test_nine_of_ten_muted_wards_are_noticed_within_four_weeks(baseline: float, seed: int) -> None:
    heard = responses(baseline, seed)
    heard[:, MUTED:] = 0
    assert len(silent(heard, within=4)) >= 0.9 * WARDS


def test_a_feed_that_stopped_is_no_silence() -> None:
    heard, there = responses(5.0, 4), np.ones((WARDS, WEEKS), dtype=bool)
    heard[:, MUTED:], there[:, MUTED:] = 0, False
    assert not silent(heard, there)


def test_wards_that_go_on_as_before_are_silent_no_more_often_than_the_budget_allows() -> None:
    found = [silent(responses(5.0, seed)) for seed in range(5, 9)]
    allowed = 4 * A_MONTH * (WEEKS - MUTED) / WEEKS_PER_MONTH
    assert sum(map(len, found)) <= 1.3 * allowed


def test_a_third_less_is_a_fall_and_seldom_a_silence() -> None:
    heard = responses(40.0, 6)
    heard[:, MUTED:] = np.round(heard[:, MUTED:] * 0.67)
    falls = {a.series for a in alarms(read(Panel.of(heard)), A_MONTH, ("fall",)) if a.week >= MUTED}
    assert len(falls) > 0.5 * WARDS
    assert len(silent(heard)) < len(falls) / 5
