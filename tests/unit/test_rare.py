"""T and G charts: the formulas by hand, what chance alone does, and the rules at their edges."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from earshot.measures import chart
from earshot.measures.rare import days_between, g_chart, t_chart
from earshot.measures.spc import Rules, SeriesRefused, XmrChart


def causes(found: XmrChart) -> list[str]:
    return [point.special_cause for point in found.points]


def test_gaps_are_days_from_one_event_to_the_next_in_any_order() -> None:
    assert days_between([date(2026, 3, 1), date(2026, 1, 30), date(2026, 3, 1)]) == [30, 0]
    assert days_between([date(2026, 3, 1)]) == days_between([]) == []


def test_t_limits_are_those_of_an_xmr_chart_of_the_roots_taken_back() -> None:
    # Roots 1, 2, 1, 2, ...: mean 1.5, mean moving range 1, limits -1.16 (none below 0) and 4.16.
    gaps = [1.0, 2.0**3.6] * 8
    found = t_chart(gaps)
    limits = found.points[0].limits
    assert (limits.mean, limits.lpl, limits.upl) == pytest.approx((1.5**3.6, 0, 4.16**3.6))
    assert [point.value for point in found.points] == gaps
    assert found.variation == "common_cause"


def test_g_limits_are_three_sigma_of_a_geometric_distribution_around_the_median() -> None:
    found = g_chart([10, 20, 60] * 5)
    limits = found.points[0].limits
    assert limits.upl == pytest.approx(30 + 3 * math.sqrt(30 * 31))
    assert limits.mean == 20
    assert (limits.lpl, limits.near_lpl, limits.near_upl) == (None, None, None)


def test_seven_short_gaps_say_that_it_happens_more_often() -> None:
    gaps = [40, 90, 25, 120, 60, 35, 80, 150, 30, 70, 110, 45, 5, 8, 3, 6, 4, 7, 5]
    for found in (t_chart(gaps, Rules(fix_after_n_points=12)), g_chart(gaps, Rules(fix_after_n_points=12))):
        assert {point.point_type for point in found.points[12:]} == {"special_cause_concern"}
    assert set(causes(g_chart(gaps, Rules(fix_after_n_points=12)))[12:]) == {"7 Points Below CL"}


def test_a_long_gap_is_better_unless_the_event_is_good() -> None:
    gaps = [4, 6, 5, 7, 3, 6, 4, 5, 6, 4, 7, 5, 60]
    for found in (t_chart(gaps), g_chart(gaps)):
        assert (causes(found)[-1], found.variation) == ("Above UCL", "special_cause_improvement")
    assert t_chart(gaps, Rules("decrease")).variation == "special_cause_concern"


def test_two_in_three_is_not_read_from_a_lopsided_chart() -> None:
    gaps = [2, 3, 1, 2, 4, 1, 3, 2, 1, 3, 9, 9, 9]
    assert not any(cause.startswith("2 in 3") for cause in causes(g_chart(gaps)))


def test_rebasing_fixing_and_trial_limits_work_as_on_an_xmr_chart() -> None:
    gaps = [10, 12] * 7 + [100, 120] * 7
    assert "Above UCL" in causes(t_chart(gaps, Rules(fix_after_n_points=14)))
    found = t_chart(gaps, Rules(rebase_at=(15,)))
    assert set(causes(found)) == {"Common Cause"}
    assert found.points[0].limits.mean < 13 < found.points[-1].limits.mean
    assert g_chart([3, 4]).warnings[0].startswith("Trial limits: 2 points")


def test_a_target_in_days_is_compared_with_limits_in_days() -> None:
    gaps = [30, 31] * 10
    assert t_chart(gaps, Rules(target=200)).assurance == "consistent_fail"
    assert t_chart(gaps, Rules(target=30)).assurance == "inconsistent"
    assert t_chart(gaps, Rules(target=30)).rules.target == 30


def test_many_events_on_one_day_are_not_rare() -> None:
    assert t_chart([0, 0, 3, 4] * 4).warnings[-1].startswith("8 of 16 gaps are 0")
    assert t_chart([0, 2, 3, 4, 3] * 4).warnings == ()


@pytest.mark.parametrize("gaps", [[], [5], [0, 0, 0], [7] * 20])
def test_short_and_constant_series_have_no_special_cause(gaps: list[int]) -> None:
    for found in (t_chart(gaps), g_chart(gaps)):
        assert set(causes(found)) <= {"Common Cause"}
        assert chart.terminal(found, title="Gaps", colour=False).startswith("Gaps\n")


def test_by_chance_alone_about_one_gap_in_fifty_passes_the_upper_limit_of_a_g_chart() -> None:
    gaps = np.random.default_rng(2).geometric(1 / 41, 4000) - 1
    share = sum(point.special_cause == "Above UCL" for point in g_chart(gaps.tolist()).points) / len(gaps)
    assert 0.012 < share < 0.024
    outside = sum(point.special_cause == "Above UCL" for point in t_chart(gaps.tolist()).points) / len(gaps)
    assert outside < 0.004


@pytest.mark.parametrize(
    ("method", "gaps", "rules"),
    [
        (t_chart, [3, -1], Rules()),
        (t_chart, [3, float("nan")], Rules()),
        (g_chart, [3, float("inf")], Rules()),
        (g_chart, [3, 4], Rules(screen_outliers=True)),
        (g_chart, [3, 4], Rules(rebase_at=(3,))),
    ],
)
def test_what_cannot_be_charted_is_refused(method: Any, gaps: list[float], rules: Rules) -> None:
    with pytest.raises(SeriesRefused):
        method(gaps, rules)
