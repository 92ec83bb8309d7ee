"""Farrington's methods: the reference numbers, the fit against a plain one, and the rules at their edges."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from earshot.signals import farrington as methods
from earshot.signals.bounds import Numbers, Unwatchable, exceedance
from earshot.signals.farrington import FLEXIBLE, ORIGINAL, Farrington, farrington, farrington_flexible, watch
from earshot.signals.quasipoisson import Design, fit
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "vectors" / "outbreak_detection.json"
FILES = [HERE / "fixtures" / "outbreaks.json", *([SHARED] if SHARED.exists() else [])]
FIXTURE: dict[str, Any] = json.loads(FILES[0].read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8"))["documented"] for path in FILES]

R_FLEXIBLE = Farrington(alpha=0.01, trend_chance=0.05, threshold="delta", errors="relative")
RULES = {
    "original": ORIGINAL,
    "original3": replace(ORIGINAL, years=3, half_width=2, outlying=None, power=0.5),
    "flexible_nb": Farrington(alpha=0.01),
    "flexible_muan": Farrington(alpha=0.01, threshold="muan", errors="relative"),
    "flexible_delta": replace(R_FLEXIBLE, years=4),
    "flexible_windows": replace(R_FLEXIBLE, years=3, half_width=4, seasons=1, left_out=2, alpha=0.05),
}
RUNS = [run for run in FIXTURE["runs"] if run["method"] in RULES]


# Reference numbers


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run['series']}-{run['method']}")
def test_bounds_and_alarms_equal_those_of_r(run: dict[str, Any]) -> None:
    first, last = FIXTURE["weeks_0based"]
    found = watch(
        FIXTURE["series"][run["series"]],
        range(first, last + 1),
        RULES[run["method"]],
        first_day=date.fromisoformat(FIXTURE["start"]),
    )
    assert found.alarm.tolist() == run["alarm"]
    for part in {"upper", "expected", "chance"} & run.keys():
        for ours, theirs in zip(getattr(found, part), run[part], strict=True):
            if theirs is not None:  # R says nothing where too little was heard of late
                assert ours == pytest.approx(theirs, rel=2e-4, abs=1e-5)


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize("name", ["Farrington", "FarringtonFlexible"])
def test_documented_alarms(vectors: dict[str, Any], name: str) -> None:
    known = vectors["epysurv_salmonella"]
    p, first = known["alarms"][name]["params"], known["first_test_index_1based"] - 1
    rules = Farrington(
        years=p["years_back"],
        half_width=p["window_half_width"],
        seasons=1,
        left_out=p.get("past_weeks_not_included", p["window_half_width"]),
        outlying=p.get("weights_threshold", 1.0),
        trend_chance=0.05,
        alpha=p["alpha"],
        two_sided=name == "Farrington",
        threshold="delta",
        errors="relative" if name == "FarringtonFlexible" else "pearson",
        fewest=p["min_cases_in_past_periods"],
        recent=p["past_period_cutoff"],
    )
    weeks = range(first, len(known["series"]))
    found = watch(known["series"], weeks, rules, first_day=date.fromisoformat(known["dates"][0]))
    assert (np.flatnonzero(found.alarm) + 1).tolist() == known["alarms"][name]["alarm_index_in_test_1based"]


@pytest.mark.parametrize("vectors", VECTORS)
def test_weights_equal_the_reference_numbers(vectors: dict[str, Any]) -> None:
    for case in vectors["farrington_weights"]["cases"]:
        found = methods.assign_weights(np.array(case["s"], dtype=float), case["threshold"])
        assert found == pytest.approx(case["weights"], rel=1e-9)


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize(("name", "power"), [("none", 1), ("1/2", 1 / 2), ("2/3", 2 / 3)])
def test_farrington_thresholds_equal_the_reference_numbers(vectors: dict[str, Any], name: str, power: float) -> None:
    case = vectors["farrington_threshold"]
    given = case["in"]
    model = (given["predFit"], given["predSeFit"], given["phi"])
    z = Farrington(alpha=given["alpha"]).z
    lower, upper = methods.delta_bounds(*model, z=z, power=power)
    chance = methods.delta_chance(given["y"], *model, power=power)
    score = exceedance(given["y"], given["predFit"], upper)
    assert [lower, upper, chance, score] == pytest.approx(case[name], abs=case["tol"])


@pytest.mark.parametrize("vectors", VECTORS)
def test_noufaily_thresholds_equal_the_reference_numbers(vectors: dict[str, Any]) -> None:
    given = vectors["noufaily_threshold"]["in"]
    centre, error, alpha = logarithm(given["predFit"]), logarithm(given["predSeFit"]), given["alpha"]
    for case in vectors["noufaily_threshold"]["cases"]:
        ease = error if case["method"] == "muan" else 0.0
        likely = math.exp(centre + Farrington(alpha=alpha).z * ease)
        lower, upper = methods.negative_binomial_bounds(likely, case["phi"], alpha=alpha)
        chance = methods.negative_binomial_chance(given["y"], likely, case["phi"])
        # The documented score takes the logarithm of what is expected for the expected count; ours does not.
        score = exceedance(given["y"], centre, upper)
        assert [lower, upper, chance, score] == pytest.approx(case["out"], abs=vectors["noufaily_threshold"]["tol"])


def logarithm(text: str) -> float:
    return math.log(float(text[4:-1])) if text.startswith("log(") else float(text)


@pytest.mark.parametrize("vectors", VECTORS)
def test_reference_weeks_equal_the_reference_numbers(vectors: dict[str, Any]) -> None:
    case = vectors["reference_time_points"]["weekly"]
    found = methods.reference_days(date.fromisoformat(case["day"]), case["b"])
    assert sorted(day.isoformat() for day in found) == case["out"]
    case = vectors["reference_time_points"]["monthly"]
    assert methods.reference_weeks(case["t"], case["b"], a_year=case["freq"]) == case["out"]


def test_29_february_is_1_march_in_most_years_and_the_weekday_stays() -> None:
    found = methods.reference_days(date(2024, 2, 29), 4)  # R: 2 March 2023, 3 March 2022, 4 March 2021, 27 February
    assert found[1:] == [date(2023, 3, 2), date(2022, 3, 3), date(2021, 3, 4), date(2020, 2, 27)]
    assert {day.weekday() for day in found} == {3}


# The fit


def plain_fit(counts: Numbers, design: Design, weights: Numbers, *, trend: bool) -> tuple[float, float, Numbers]:
    """Fit one series with iteratively reweighted least squares on a matrix; gives expected, error and leverage."""
    columns = [design.membership] + ([design.time[:, None]] if trend else [])
    x, now = np.hstack(columns), np.zeros(design.seasons + trend)
    now[0] = 1.0
    eta = np.log(np.maximum(counts, 0.5))
    for _ in range(60):
        mu = np.exp(eta)
        root = np.sqrt(weights * mu)[:, None]
        beta = np.linalg.lstsq(root * x, root[:, 0] * (eta + (counts - mu) / mu), rcond=None)[0]
        eta = x @ beta
    mu = np.exp(eta)
    inverse = np.linalg.inv((x.T * (weights * mu)) @ x)
    phi = max(float((weights * (counts - mu) ** 2 / mu).sum() / (len(counts) - x.shape[1])), 1.0)
    expected = math.exp(now @ beta)
    leverage = weights * mu * np.einsum("ij,jk,ik->i", x, inverse, x)
    return expected, expected * math.sqrt(phi * float(now @ inverse @ now)), leverage


@pytest.mark.parametrize("trend", [True, False])
@pytest.mark.parametrize("seasons", [1, 4])
def test_the_fit_equals_one_by_matrices(seasons: int, trend: bool) -> None:
    rng = np.random.default_rng(7)
    design = Design(np.arange(-70.0, -10.0), np.arange(60) // 5 % seasons, seasons)
    counts = rng.poisson(np.exp(1.2 + 0.3 * (design.season == 1) + 0.01 * design.time), (3, 60)).astype(float)
    weights = rng.uniform(0.3, 1.5, (3, 60))
    found = fit(counts, design, weights=weights, trend=trend)
    for row in range(3):
        expected, error, leverage = plain_fit(counts[row], design, weights[row], trend=trend)
        assert (found.expected[row], found.error[row]) == pytest.approx((expected, error), rel=1e-6)
        assert found.leverage[row] == pytest.approx(leverage, rel=1e-6)
    assert found.leverage.sum(axis=1) == pytest.approx([seasons + trend] * 3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=14, max_size=14), min_size=1, max_size=4))
def test_any_counts_give_finite_fits(rows: list[list[int]]) -> None:
    design = Design(np.arange(-20.0, -6.0), np.arange(14) % 2, 2)
    found = fit(np.array(rows, dtype=float), design)
    for part in (found.fitted, found.leverage, found.expected, found.error, found.dispersion, found.slope_chance):
        assert np.isfinite(part).all()


def test_too_few_weeks_for_the_seasons_are_refused() -> None:
    with pytest.raises(Unwatchable):
        Design(np.arange(4.0), np.array([0, 1, 2, 0]), 3)
    with pytest.raises(Unwatchable):
        Design(np.arange(9.0), np.zeros(9, dtype=int), 2)


# The rules


def history(weeks: int = 320, mean: float = 4.0) -> list[int]:
    return [int(y) for y in np.random.default_rng(11).poisson(mean, weeks)]


def test_a_week_far_above_the_bound_raises_an_alarm_and_says_how_far() -> None:
    counts = [*history(), 14]
    found = farrington_flexible(counts, 320)
    assert found.alarm and found.count == 14 and found.upper < 14 < found.upper * 2
    assert found.score == pytest.approx((14 - found.expected) / (found.upper - found.expected))
    assert found.chance < FLEXIBLE.alpha
    assert farrington(counts, 320).alarm
    assert not farrington_flexible([*history(), 4], 320).alarm


def test_nothing_is_raised_while_fewer_than_five_were_heard_in_four_weeks() -> None:
    counts = [0] * 320 + [0, 0, 0, 4]
    assert not farrington_flexible(counts, 323).alarm
    assert farrington_flexible([*counts[:-1], 5], 323).alarm
    assert farrington_flexible(counts, 323, replace(FLEXIBLE, fewest=4)).alarm


def test_series_of_nothing_raise_nothing() -> None:
    found = farrington_flexible([0] * 330, 329)
    assert (found.expected, found.upper, found.chance, found.alarm) == (0, 0, 1, False)
    for rules in (ORIGINAL, replace(ORIGINAL, power=0.5), replace(FLEXIBLE, threshold="muan")):
        assert not watch([0] * 330, [329], rules).alarm.any()


def test_a_trend_is_kept_only_when_it_expects_no_more_than_was_seen() -> None:
    falling = [round(30 * math.exp(-0.006 * week)) for week in range(330)]
    flat = replace(FLEXIBLE, trend_chance=None)
    assert farrington_flexible(falling, 329).expected < farrington_flexible(falling, 329, flat).expected * 0.7
    rising = falling[::-1]  # half a year after the last week that is used, its trend would pass all that was counted
    assert farrington_flexible(rising, 329) == farrington_flexible(rising, 329, flat)


def test_two_years_of_history_carry_no_trend() -> None:
    falling = [round(30 * math.exp(-0.01 * week)) for week in range(180)]
    rules = replace(FLEXIBLE, years=2)
    plain = farrington_flexible(falling, 179, replace(rules, trend_chance=None))
    assert farrington_flexible(falling, 179, rules) == plain


def test_a_past_outbreak_counts_less_once_reweighted() -> None:
    counts = history()
    counts[160:166] = [40] * 6
    assert (
        farrington_flexible(counts, 319).upper
        < farrington_flexible(counts, 319, replace(FLEXIBLE, outlying=None)).upper
    )


def test_the_weeks_of_a_year_are_divided_into_seasons_around_the_date() -> None:
    used, plan = methods.design(320, methods.reference_weeks(320, 5), FLEXIBLE)
    assert (used[0], used[-1]) == (320 - 5 * 52 - 3, 320 - 27)
    assert plan.season[:7].tolist() == [0] * 7  # three weeks to each side of the date
    assert np.bincount(plan.season[:52]).tolist() == [7, 5, 5, 5, 5, 5, 5, 5, 5, 5]
    used, plan = methods.design(320, methods.reference_weeks(320, 2), replace(ORIGINAL, years=2))
    assert (used - 320).tolist() == [*range(-107, -100), *range(-55, -48)]


def test_later_weeks_change_nothing_and_many_series_give_what_each_gives_alone() -> None:
    counts = np.random.default_rng(5).poisson([[0.3], [2.0], [9.0]], (3, 330))
    found = watch(counts, [280, 300])
    shorter = watch(counts[:, :301], [280, 300])
    assert found.upper.shape == (3, 2)
    assert found.upper == pytest.approx(shorter.upper)
    for row in range(3):
        alone = farrington_flexible(counts[row], 300)
        assert (found.expected[row, 1], found.upper[row, 1]) == pytest.approx((alone.expected, alone.upper))


def test_all_weeks_are_judged_once_there_is_enough_history() -> None:
    rules = replace(ORIGINAL, years=1)
    counts = [*history(70), 30]
    found = watch(counts, None, rules)
    assert np.isnan(found.upper[:55]).all() and np.isfinite(found.upper[55:]).all()
    assert np.flatnonzero(methods.alarms(counts, rules)).tolist() == [70]


def test_alarms_are_exactly_the_counts_above_the_bound() -> None:
    counts = np.random.default_rng(9).negative_binomial(1, 0.2, (20, 300))
    found = watch(counts, range(280, 300), replace(FLEXIBLE, alpha=0.1, fewest=0))
    assert (found.alarm == (counts[:, 280:] > found.upper)).all() and found.alarm.any()
    assert (found.alarm == (found.chance <= 0.1)).all()


def test_the_chance_of_a_false_alarm_is_near_alpha_over_series_without_any_change() -> None:
    counts = np.random.default_rng(1).negative_binomial(12, 2 / 3, (400, 290))  # mean 6, variance 9
    for rules in (replace(FLEXIBLE, alpha=0.05), replace(R_FLEXIBLE, alpha=0.05, errors="pearson")):
        share = float(watch(counts, [288], rules).alarm.mean())
        assert 0.02 < share < 0.08


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"years": 0}, "years"),
        ({"seasons": 0}, "years"),
        ({"left_out": -1}, "left_out"),
        ({"recent": 0}, "left_out"),
        ({"power": 0}, "power"),
        ({"alpha": 0}, "alpha"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Unwatchable) as refused:
        Farrington(**settings)
    assert refused.value.fields[0].field == field


def test_a_week_without_its_years_of_history_is_refused() -> None:
    with pytest.raises(Unwatchable, match="fewer than 5 years"):
        farrington_flexible(history(262), 261)
    assert not farrington_flexible(history(264), 263).alarm
    for counts, week in (([1] * 9, 9), ([[1] * 400], 399)):
        with pytest.raises(Unwatchable, match="week"):
            farrington(counts, week)


def test_the_calendar_moves_the_same_week_of_other_years() -> None:
    first = date(2018, 1, 1)
    weeks = methods.reference_weeks(330, 5, first_day=first)
    assert weeks == [330, 278, 226, 173, 121, 69]
    dates = [(first + timedelta(weeks=week)).isoformat() for week in weeks]
    assert dates == ["2024-04-29", "2023-05-01", "2022-05-02", "2021-04-26", "2020-04-27", "2019-04-29"]
