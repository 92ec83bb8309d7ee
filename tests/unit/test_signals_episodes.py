"""When an alarm goes on, is over, and comes back: from counts written by hand."""

from __future__ import annotations

import numpy as np
from earshot.signals.budget import Alarm, alarms
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.episodes import episode

USUAL = [2, 3, 2, 1, 2, 3, 2, 2] * 6  # 48 weeks


def watched(later: list[int]) -> tuple[Readings, Alarm]:
    """A series that is usual for 48 weeks and then as given, with its first alarm after that."""
    readings = read(Panel.of([[*USUAL, *later]]))
    found = [alarm for alarm in alarms(readings, 0.05) if alarm.week >= len(USUAL)]
    return readings, found[0]


def test_an_alarm_goes_on_while_the_last_weeks_are_away_from_what_is_usual() -> None:
    readings, alarm = watched([9, 9, 9, 9, 9, 9])
    for week in range(alarm.week, len(USUAL) + 6):
        now = episode(readings, alarm, week)
        assert now is not None
        assert abs(now.since - len(USUAL)) <= 1
        assert now.best <= week


def test_it_is_over_after_four_quiet_weeks_however_long_the_evidence_is_remembered() -> None:
    readings, alarm = watched([9] * 6 + [2] * 12)
    after = len(USUAL) + 6
    assert alarm.last > after + 8, "the detector itself remembers"
    assert episode(readings, alarm, after + 1) is not None
    assert all(episode(readings, alarm, week) is None for week in range(after + 7, alarm.last + 1))


def test_what_comes_back_is_a_new_episode_with_a_window_of_its_own() -> None:
    readings, _ = watched([9] * 6 + [2] * 12 + [12] * 4)
    again = len(USUAL) + 18
    week = again + 3
    found = [episode(readings, one, week) for one in alarms(readings, 0.05)]
    [now] = [one for one in found if one is not None]
    assert now.since >= again - 3
    assert now.best >= again


def test_what_is_found_as_of_a_week_does_not_change_with_what_comes_later() -> None:
    later = [9] * 6 + [2] * 12 + [12] * 4
    whole, alarm = watched(later)
    for length in range(alarm.week - len(USUAL) + 1, len(later)):
        cut = read(Panel.of([[*USUAL, *later[:length]]]))
        week = len(USUAL) + length - 1
        known = [episode(cut, one, week) for one in alarms(cut, 0.05)]
        later_known = [episode(whole, one, week) for one in alarms(whole, 0.05)]
        assert [one for one in known if one] == [one for one in later_known if one]
        assert np.array_equal(cut.expected[:, week], whole.expected[:, week])
