"""The budget of false alarms: it is kept, shared, and every alarm can say what it would be by chance."""

from __future__ import annotations

import numpy as np
import pytest
from earshot.signals.bounds import Numbers, Unwatchable
from earshot.signals.budget import RAREST, WEEKS_PER_MONTH, alarms, chance, rarity, thresholds, weeks_between
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.evidence import SIDES, Side
from earshot.signals.lifetime import LOWER, QUIET_WEEKS, beginnings, spells
from earshot.signals.simulate import Change, World, counts
from earshot.signals.surface import HIGHEST, LOWEST, features, fit, powers

KINDS = (World(1, season=0, overdispersed=0), World(1, season=0, overdispersed=1), World(1, overdispersed=0))


def readings(series: int = 40, weeks: int = 120, change: Change | None = None) -> Readings:
    return read(Panel.of(counts(World(2.0), series, weeks, np.random.default_rng(4), change)[0]))


@pytest.mark.slow
@pytest.mark.parametrize("a_year", [0.05, 0.2, 1.0])
def test_a_thousand_series_in_which_nothing_changes_raise_what_was_promised(a_year: float) -> None:
    rng = np.random.default_rng(2026)
    parts = [
        counts(World(base, kind.season, 0, (1.3, 2.5), kind.overdispersed), 84, 260, rng)[0]
        for base in (0.25, 1.0, 3.0, 8.0)
        for kind in KINDS
    ]
    found = read(Panel.of(np.concatenate(parts)))
    budget = a_year / 12 * len(found.expected)
    months = found.judged.any(axis=0).sum() / WEEKS_PER_MONTH
    assert len(alarms(found, budget)) == pytest.approx(budget * months, rel=0.2)


def test_a_larger_budget_raises_earlier_and_more() -> None:
    found = readings(change=Change(100, 3.0))
    small, large = alarms(found, 0.1), alarms(found, 5)
    assert len(small) < len(large)
    for alarm in small:
        assert any(one.series == alarm.series and one.week <= alarm.week <= one.last for one in large)


def test_the_budget_is_shared_among_sides_and_series() -> None:
    found = readings()
    both, one = alarms(found, 4, ("rise", "fall")), alarms(found, 2, ("rise",))
    assert [alarm for alarm in both if alarm.side == "rise"] == one
    half = Readings(
        found.panel, found.expected, found.sd, found.spread, found.judged & (np.arange(40) < 20)[:, None],
        found.evidence, found.since,
    )  # fmt: skip
    assert (thresholds(half, 0.2, "rise")[:20, 13:] < thresholds(found, 0.2, "rise")[:20, 13:]).all()


def test_an_alarm_says_what_it_would_be_by_chance() -> None:
    found = readings(change=Change(100, 3.0))
    for alarm in alarms(found, 1.0):
        assert alarm.false_alarms_a_month <= 1.0 + 1e-6
        assert alarm.weeks_between == weeks_between(found, "rise", alarm.series, alarm.week)
        assert alarm.weeks_between_any == alarm.weeks_between / 40
        assert np.exp(rarity(found, "rise")[alarm.series, alarm.week]).clip(1, RAREST) == pytest.approx(
            alarm.weeks_between
        )
        assert alarm.heard > alarm.expected


@pytest.mark.parametrize("budget", [0, -1, float("nan")])
def test_a_budget_is_above_zero(budget: float) -> None:
    with pytest.raises(Unwatchable):
        alarms(readings(2, 20), budget)


# The surface


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("expected", [0.05, 0.5, 3, 40])
def test_stronger_evidence_is_rarer_by_chance(side: Side, expected: float) -> None:
    found = features(np.full(3, expected), np.full(3, 1.4), np.full(3, 0.15))
    wanted = np.log(np.array([0.02, 0.004, 0.0005]))
    levels = [float(chance(side).level(found[:1], each)[0]) for each in wanted]
    assert levels == sorted(levels)


def test_a_level_and_its_rate_belong_together() -> None:
    found = features(np.array([0.3, 1, 5, 20]), np.array([1, 1.2, 2, 1.5]), np.array([0.3, 0.15, 0.1, 0.06]))
    for a_week in (1 / 100, 1 / 260, 1 / 3000):
        level = chance("rise").level(found, float(np.log(a_week)))
        assert chance("rise").log_rate(found, level).tolist() == pytest.approx([np.log(a_week)] * 4, abs=0.1)


def test_above_the_highest_level_the_rate_falls_on() -> None:
    found = features(np.array([2.0, 2.0]), np.array([1.1, 1.1]), np.array([0.1, 0.1]))
    rates = chance("rise").log_rate(found, np.array([HIGHEST, HIGHEST + 2]))
    assert rates[1] < rates[0] - 1


def test_a_surface_is_found_again_from_what_it_gives() -> None:
    rng = np.random.default_rng(1)
    expected = np.exp(rng.uniform(-2, 3, 300))
    found = features(expected, np.ones(300), 0.3 / np.sqrt(expected))
    levels = np.arange(LOWEST, HIGHEST + 0.1, 1.0)
    rate = np.exp(-3 - levels[None, :] + 0.2 * np.log(expected)[:, None])
    weeks = np.full(300, 1e5)
    fitted = fit(found, weeks, levels, np.round(rate * weeks[:, None]))
    again = (found @ fitted.coefficients) @ powers(levels).T
    assert np.abs(again - np.log(rate))[:, :5].max() < 0.1


# An alarm's life


def life(*evidence: float) -> Numbers:
    return np.array([evidence])


def test_an_alarm_that_goes_on_is_the_same_alarm() -> None:
    row = life(0, 3, 1, 1, 1, 3, 1, 0, 0, 0, 0, 3)
    judged = np.ones(row.shape, dtype=bool)
    assert np.flatnonzero(beginnings(row, 2.5, judged)).tolist() == [1, 11]
    found = list(spells(row, np.array(2.5), judged))
    assert [(spell.week, spell.last) for spell in found] == [(1, 8), (11, 11)]


def test_close_under_the_threshold_is_not_quiet() -> None:
    close = 2.5 - LOWER + 0.01
    row = life(3, *[close] * (QUIET_WEEKS + 2), 3)
    assert np.flatnonzero(beginnings(row, 2.5, np.ones(row.shape, dtype=bool))).tolist() == [0]


def test_weeks_without_data_do_not_end_an_alarm() -> None:
    row = life(3, *[0] * 10, 3)
    judged = np.ones(row.shape, dtype=bool)
    judged[0, 1:11] = False
    assert np.flatnonzero(beginnings(row, 2.5, judged)).tolist() == [0]
