"""The detector that alerts: the evidence by hand, what it learns and what not, no data, and no look ahead."""

from __future__ import annotations

import numpy as np
import pytest
from earshot.signals.baseline import Baseline
from earshot.signals.bounds import Numbers, Unwatchable
from earshot.signals.detectors import NEW_USUAL_WEEKS, Panel, read
from earshot.signals.evidence import SHIFTS, WINDOWS, Sums, bayes_factors
from earshot.signals.simulate import Change, World, counts
from scipy.stats import nbinom, poisson

FIRST_JUDGED = 12  # counted from 0: the 13th


def drawn(world: World, series: int, weeks: int, seed: int = 1, change: Change | None = None) -> Numbers:
    return counts(world, series, weeks, np.random.default_rng(seed), change)[0]


# Evidence


def small(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


def test_the_bayes_factor_is_the_ratio_of_two_negative_binomials() -> None:
    heard, usual, spread, sd = 9, 4.0, 1.6, 0.2
    size = 1 / ((spread - 1) / usual + sd**2)
    found = bayes_factors(small(heard)[None], small(usual)[None], small(spread), small(sd), "rise")[:, 0, 0]
    by_hand = [
        nbinom.logpmf(heard, size, size / (size + shift * usual)) - nbinom.logpmf(heard, size, size / (size + usual))
        for shift in SHIFTS["rise"]
    ]
    assert found.tolist() == pytest.approx(by_hand, abs=1e-4)


def test_without_scatter_and_doubt_it_is_poissons() -> None:
    found = bayes_factors(small(7)[None], small(3)[None], small(1), small(1e-3), "fall")[:, 0, 0]
    by_hand = [poisson.logpmf(7, shift * 3) - poisson.logpmf(7, 3) for shift in SHIFTS["fall"]]
    assert found.tolist() == pytest.approx(by_hand, rel=1e-3)


def test_evidence_averages_one_where_nothing_changes() -> None:
    heard = np.arange(200, dtype=np.float32)
    usual, sure = np.full((1, 200), 4.0, np.float32), np.full(200, 0.2, np.float32)
    logs = bayes_factors(heard[None], usual, np.full(200, 1.6, np.float32), sure, "rise")[:, 0]
    size = 1 / (0.6 / 4 + 0.04)
    assert (np.exp(logs.astype(float)) * nbinom.pmf(heard, size, size / (size + 4))).sum(axis=1) == pytest.approx(
        [1, 1, 1], abs=1e-3
    )


def test_windows_are_sums_of_the_last_weeks() -> None:
    sums = Sums(1, 30)
    for week in range(30):
        sums.add(week, np.array([float(week)]), np.array([1.0]))
    heard, usual = sums.windows(29)
    assert [heard[0, 0], heard[2, 0], heard[-1, 0]] == [29, 29 + 28 + 27, sum(range(4, 30))]
    assert usual[:, 0].tolist() == WINDOWS.tolist()


def test_the_most_telling_window_says_when_it_began() -> None:
    heard = [2.0, 2, 1, 2, 3, 2, 2, 1, 2, 2] * 12
    row = np.array([[*heard, 9.0, 8.0, 10.0]])
    readings = read(Panel.of(row))
    assert readings.since["rise"][0, -1] == row.shape[1] - 3
    told, expected = readings.window(0, row.shape[1] - 1, row.shape[1] - 3)
    assert told == 27
    assert expected == pytest.approx(5.7, abs=0.6)


# What is usual


def test_level_season_and_slope_are_learnt() -> None:
    weeks = np.arange(208)
    mean = 20 * (1 + 0.3 * np.sin(2 * np.pi * weeks / 52.18)) * np.exp(0.06 * weeks / 52.18)
    readings = read(Panel.of(np.random.default_rng(2).poisson(mean, (30, 208))))
    error = np.log(readings.expected[:, 156:] / mean[156:])
    assert np.abs(error.mean(axis=0)).max() < 0.12
    assert error.std() < 0.1


def test_the_spread_is_told_apart_from_poisson() -> None:
    world = World(2.0, season=0, spread=(2.0, 2.0))
    readings = read(Panel.of(drawn(world, 80, 170)))
    assert readings.spread[:40, -1].mean() == pytest.approx(2, abs=0.25)
    assert readings.spread[40:, -1].mean() == pytest.approx(1, abs=0.1)


def test_what_is_expected_is_out_of_how_many_were_heard() -> None:
    rng = np.random.default_rng(3)
    exposure = rng.integers(20, 200, (20, 150)).astype(float)
    readings = read(Panel.of(rng.poisson(0.05 * exposure), exposure))
    assert np.log(readings.expected[:, 100:] / (0.05 * exposure[:, 100:])).std() < 0.25
    assert abs(np.log(readings.expected[:, 100:] / (0.05 * exposure[:, 100:])).mean()) < 0.05


def test_a_busy_week_alone_is_no_evidence() -> None:
    counts_, exposure = np.full((1, 80), 4.0), np.full((1, 80), 50.0)
    counts_[0, -1], exposure[0, -1] = 16, 200
    assert read(Panel.of(counts_, exposure)).evidence["rise"][0, -1] < 1
    assert read(Panel.of(counts_)).evidence["rise"][0, -1] > 4


def test_a_rise_is_not_learnt_as_usual_until_it_has_lasted() -> None:
    readings = read(Panel.of(drawn(World(6.0, season=0, overdispersed=0), 30, 200, change=Change(100, 3.0))))
    at = readings.expected.mean(axis=0)
    assert at[120] == pytest.approx(6, rel=0.15)
    assert at[100 + NEW_USUAL_WEEKS + 20] == pytest.approx(18, rel=0.15)


def test_a_series_is_judged_once_enough_is_learnt() -> None:
    readings = read(Panel.of(np.ones((2, 30))))
    assert readings.judged[0].tolist() == [week >= FIRST_JUDGED for week in range(30)]
    assert np.isneginf(readings.evidence["rise"][0, :FIRST_JUDGED]).all()


def test_one_series_that_unsettles_does_not_touch_another() -> None:
    baseline = Baseline(2)
    before = baseline.covariance.copy()
    baseline.unsettle(np.array([True, False]), 1.0)
    assert (baseline.covariance[1] == before[1]).all()
    assert baseline.covariance[0, 0, 0] == before[0, 0, 0] + 1


# No data


def test_no_data_is_not_zero() -> None:
    row = drawn(World(5.0, season=0, overdispersed=0), 1, 120)
    missing = np.ones((1, 120), dtype=bool)
    missing[0, 100:110] = False
    with_gap, with_zeros = read(Panel.of(row, None, missing)), read(Panel.of(np.where(missing, row, 0)))
    assert with_gap.evidence["fall"][0, 110:].max() < 1
    assert with_zeros.evidence["fall"][0, 103:110].min() > 8
    assert not with_gap.judged[0, 100:110].any()


def test_nan_and_no_exposure_are_no_data() -> None:
    panel = Panel.of([[1, np.nan, 3]], [[1.0, 1.0, 0.0]])
    assert panel.observed.tolist() == [[True, False, False]]
    assert panel.counts.tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(
    ("given", "exposure"),
    [([1, 2], None), ([[1, -2]], None), ([[1.5, 2]], None), ([[1, 2]], [[1, -1]]), ([[1, 2]], [[1]])],
)
def test_what_cannot_be_counted_is_refused(given: list[float], exposure: list[float] | None) -> None:
    with pytest.raises(Unwatchable):
        Panel.of(given, exposure)


def test_nothing_observed_is_never_judged() -> None:
    readings = read(Panel.of(np.zeros((2, 40)), None, np.zeros((2, 40), dtype=bool)))
    assert not readings.judged.any()


# No look ahead


@pytest.mark.parametrize("weeks", [14, 40, 77])
def test_what_comes_later_changes_nothing_earlier(weeks: int) -> None:
    whole = np.concatenate([drawn(World(base), 6, 90, seed=8, change=Change(50, 4.0)) for base in (0.3, 3.0)])
    long, short = read(Panel.of(whole)), read(Panel.of(whole[:, :weeks]))
    for side in ("rise", "fall"):
        assert (long.evidence[side][:, :weeks] == short.evidence[side]).all()
        assert (long.since[side][:, :weeks] == short.since[side]).all()
    assert (long.expected[:, :weeks] == short.expected).all()
