"""Two streams of one unit heard together, and serious comments beside all of them."""

from __future__ import annotations

import numpy as np
import pytest
from earshot.signals.bounds import Unwatchable
from earshot.signals.budget import WEEKS_PER_MONTH, Alarm, alarms, rarity
from earshot.signals.co_signal import together
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.lifetime import beginnings
from earshot.signals.severity import with_serious
from earshot.signals.simulate import Change, World, counts

pytestmark = pytest.mark.slow

SERIES, WEEKS, RISE = 60, 140, 120


def stream(baseline: float, seed: int, change: Change | None = None, series: int = SERIES) -> Readings:
    return read(Panel.of(counts(World(baseline), series, WEEKS, np.random.default_rng(seed), change)[0]))


def found_within(readings: Readings, quiet: Readings, weeks: int, a_week: float = 0.005) -> float:
    """The share of series in which an alarm begins, at a threshold that quiet series cross as often as wanted."""
    steps = np.linspace(5, 12, 141)
    calm = rarity(quiet, "rise")
    rates = [beginnings(calm, float(step), quiet.judged)[:, 20:].mean() for step in steps]
    threshold = float(steps[next(index for index, rate in enumerate(rates) if rate <= a_week)])
    begun = beginnings(rarity(readings, "rise"), threshold, readings.judged)
    return float(begun[:, RISE : RISE + weeks].any(axis=1).mean())


def test_a_joint_rise_is_found_earlier_than_by_either_stream_alone() -> None:
    change = Change(RISE, 2.0)
    patients, staff = stream(2.0, 1, change), stream(1.0, 2, change)
    calm_patients, calm_staff = stream(2.0, 3), stream(1.0, 4)
    joint = found_within(together(patients, staff), together(calm_patients, calm_staff), 6)
    alone = found_within(patients, calm_patients, 6), found_within(staff, calm_staff, 6)
    assert joint > max(alone) + 0.05


@pytest.mark.slow
def test_joint_alarms_keep_the_budget() -> None:
    pair = together(stream(2.0, 5, series=700), stream(0.8, 6, series=700))
    months = pair.judged.any(axis=0).sum() / WEEKS_PER_MONTH
    assert 0.6 <= len(alarms(pair, 12)) / (12 * months) <= 1.2


def test_one_loud_stream_alone_is_no_joint_signal() -> None:
    loud, calm = stream(2.0, 7, Change(RISE, 4.0)), stream(2.0, 8)
    pair = together(loud, calm)
    sums_alone, sums_pair = loud.evidence["rise"][:, -1], pair.evidence["rise"][:, -1]
    assert np.median(sums_alone) > 10
    assert np.median(sums_pair) < np.median(sums_alone) - 5


def test_a_pair_counts_both_and_needs_both() -> None:
    first, second = stream(2.0, 9), stream(1.0, 10)
    hidden = np.ones((SERIES, WEEKS), dtype=bool)
    hidden[:, 130] = False
    partly = read(Panel.of(second.panel.counts, None, hidden))
    pair = together(first, partly)
    assert (pair.panel.counts == first.panel.counts + partly.panel.counts).all()
    assert not pair.judged[:, 130].any()
    assert np.isneginf(pair.evidence["rise"][:, 130]).all()
    raised: list[Alarm] = alarms(pair, 5)
    assert all(alarm.week != 130 for alarm in raised)


def test_streams_of_different_shapes_are_refused() -> None:
    with pytest.raises(Unwatchable):
        together(stream(1.0, 1), read(Panel.of(np.zeros((2, WEEKS)))))
    with pytest.raises(Unwatchable):
        with_serious(stream(1.0, 1), read(Panel.of(np.zeros((2, WEEKS)))))


# Serious comments


def serious_and_all(seed: int, change: Change | None) -> tuple[Readings, Readings]:
    rng = np.random.default_rng(seed)
    mild = counts(World(1.7), SERIES, WEEKS, rng)[0]
    serious = counts(World(0.3), SERIES, WEEKS, rng, change)[0]
    return read(Panel.of(mild + serious)), read(Panel.of(serious))


def test_serious_comments_speak_earlier_than_the_number_of_all() -> None:
    everything, serious = serious_and_all(1, Change(RISE, 4.0))
    calm, calm_serious = serious_and_all(2, None)
    weighed = found_within(with_serious(everything, serious), with_serious(calm, calm_serious), 8)
    assert weighed > found_within(everything, calm, 8) + 0.1


def test_the_evidence_is_the_average_of_both() -> None:
    everything, serious = serious_and_all(3, None)
    both = with_serious(everything, serious)
    parts = [np.exp(one.evidence["rise"][4, 60]) for one in (everything, serious)]
    assert np.exp(both.evidence["rise"][4, 60]) == pytest.approx(sum(parts) / 2)
    louder = serious if parts[1] > parts[0] else everything
    assert both.since["rise"][4, 60] == louder.since["rise"][4, 60]
    assert both.expected is everything.expected
