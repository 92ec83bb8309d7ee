"""EARS C1, C2 and C3: the reference numbers, both readings of C3, and the rules at their edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from earshot.signals.bounds import Bounds, Unwatchable
from earshot.signals.ears import Ears, c1, c2, c3
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "vectors" / "outbreak_detection.json"
FILES = [HERE / "fixtures" / "outbreaks.json", *([SHARED] if SHARED.exists() else [])]
REFERENCES: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
FIXTURE = REFERENCES[0]
RUNS = [run for run in FIXTURE["runs"] if run["method"] in {"C1", "C2", "C3"}]
COUNTS = st.lists(st.integers(0, 30), min_size=12, max_size=30)


def as_r(method: str, counts: list[int], rules: Ears) -> Bounds:
    """Watch as R's earsC does, whose C3 puts the week's own count where its manual has the mean."""
    return {"C1": c1, "C2": c2}[method](counts, rules) if method != "C3" else c3(counts, rules, centre="count")


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run['series']}-{run['method']}")
def test_bounds_and_alarms_equal_those_of_r(run: dict[str, Any]) -> None:
    first, last = FIXTURE["weeks_0based"]
    found = as_r(run["method"], FIXTURE["series"][run["series"]], Ears())
    assert found.upper[first : last + 1] == pytest.approx(run["upper"], rel=1e-6)
    assert found.alarm[first : last + 1].tolist() == run["alarm"]


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("method", ["C1", "C2", "C3"])
def test_documented_alarms(reference: dict[str, Any], method: str) -> None:
    known = reference["documented"]["epysurv_salmonella"]
    first, listed = known["first_test_index_1based"] - 1, known["alarms"][f"Ears{method}"]
    p = listed["params"]
    rules = Ears(alpha=p["alpha"], baseline=p["baseline"], min_sigma=p["min_sigma"])
    alarm = as_r(method, known["series"], rules).alarm[first:]
    assert (np.flatnonzero(alarm) + 1).tolist() == listed["alarm_index_in_test_1based"]


@pytest.mark.parametrize("reference", REFERENCES)
def test_c3_follows_the_printed_formula_unless_asked(reference: dict[str, Any]) -> None:
    warning, known = reference["c3_warning"], reference["documented"]["epysurv_salmonella"]
    first, rules = known["first_test_index_1based"] - 1, Ears(alpha=warning["alpha"])
    alarm = c3(known["series"], rules).alarm[first:]
    assert (np.flatnonzero(alarm) + 1).tolist() == warning["alarm_index_with_man_page_formula_1based"]
    alarm = c3(known["series"], rules, centre="count").alarm[first:]
    assert (np.flatnonzero(alarm) + 1).tolist() == warning["alarm_index_in_test_R_1based"]


@pytest.mark.parametrize("reference", REFERENCES)
def test_documented_bounds_of_a_year(reference: dict[str, Any]) -> None:
    case = reference["documented"]["earsC_newport_2011"]
    known = reference["documented"]["epysurv_salmonella"]  # the same weeks of the same infection, on to 2012
    first = known["first_test_index_1based"] - 1
    found = c1(known["series"], Ears(alpha=case["alpha"], baseline=case["baseline"]))
    assert found.upper[first : first + 4] == pytest.approx(case["first_four_upperbounds_2011"], abs=case["tol"])
    claimed = reference["documented"]["earsC_vignette"]["our_run_alarm_weeks_2011_1based"]
    assert (np.flatnonzero(found.alarm[first : first + 52]) + 1).tolist() == claimed


# By hand


CALM = [2, 4, 2, 4, 2, 4, 3]  # mean 3, squares 6 / 6: sd 1


def test_c1_looks_at_the_weeks_just_before_and_c2_leaves_two_out() -> None:
    z = 3.090232306167813
    found = c1([*CALM, 6])
    assert np.isnan(found.upper[:7]).all() and not found.alarm[:7].any()
    assert (found.expected[7], found.upper[7]) == pytest.approx((3, 3 + z))
    assert found.alarm.tolist() == [False] * 7 + [False]
    assert c1([*CALM, 7]).alarm.tolist() == [False] * 7 + [True]
    found = c2([*CALM, 90, 90, 7])
    assert np.isnan(found.upper[:9]).all()
    assert (found.expected[9], found.upper[9], found.score[9]) == pytest.approx((3, 3 + z, 4 / z))
    assert found.alarm[9]


def test_c3_adds_what_the_two_weeks_before_had_above_one_standard_deviation() -> None:
    # C2 of the weeks 9 and 10 is (y - 3) / 1 with the baseline 0 to 6, then with 1 to 7 (4 2 4 2 4 3 2: mean 3, sd 1).
    counts = [*CALM, 2, 4, 5, 6, 4]
    found = c3(counts)
    mean, sd = np.mean(counts[2:9]), np.std(counts[2:9], ddof=1)
    assert found.upper[11] == pytest.approx(mean + sd * (3.090232306167813 - 1 - 2))
    assert found.alarm[11] and not c1(counts).alarm[11] and not c2(counts).alarm[11]
    assert not c3(counts, centre="count").alarm[9]
    assert np.isnan(found.upper[:11]).all()


@pytest.mark.parametrize("method", [c1, c2, c3])
def test_a_baseline_that_never_changed_is_above_itself_only(method: Any) -> None:
    counts = [2] * 12
    assert not method(counts).alarm.any()
    assert method([*counts, 3]).alarm.tolist() == [False] * 12 + [True]
    assert not method([*counts, 3], Ears(min_sigma=1)).alarm.any()


@settings(max_examples=40, deadline=None)
@given(COUNTS)
def test_no_alarm_without_a_comment_and_alarms_exactly_above_the_bound(counts: list[int]) -> None:
    for found in (c1(counts), c2(counts), c3(counts), c3(counts, centre="count")):
        above = [y > 0 and y > bound for y, bound in zip(counts, found.upper.tolist(), strict=True)]
        assert found.alarm.tolist() == above


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.integers(0, 30))
def test_later_weeks_change_nothing_before(counts: list[int], later: int) -> None:
    for method in (c1, c2, c3):
        assert method([*counts, later]).upper[:-1].tolist() == pytest.approx(method(counts).upper.tolist(), nan_ok=True)


def test_many_series_at_once_give_what_each_gives_alone() -> None:
    counts = np.random.default_rng(3).poisson(2, (4, 5, 40))
    for method in (c1, c2, c3):
        found = method(counts)
        assert found.upper.shape == found.alarm.shape == (4, 5, 40)
        assert found.upper[2, 3] == pytest.approx(method(counts[2, 3]).upper, nan_ok=True)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"baseline": 2}, "baseline"),
        ({"min_sigma": -0.1}, "min_sigma"),
        ({"alpha": 0}, "alpha"),
        ({"alpha": 1}, "alpha"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Unwatchable) as refused:
        Ears(**settings)
    assert (refused.value.status, refused.value.fields[0].field) == (422, field)


@pytest.mark.parametrize(("method", "shortest"), [(c1, 8), (c2, 10), (c3, 12)])
def test_a_history_shorter_than_the_baseline_is_refused(method: Any, shortest: int) -> None:
    found = method([1] * shortest)
    assert int((~np.isnan(found.upper)).sum()) == 1  # for C1: the length less the baseline
    with pytest.raises(Unwatchable, match=f"at least {shortest}"):
        method([1] * (shortest - 1))


@pytest.mark.parametrize("counts", [3, [-1] * 9, [float("nan")] * 9, [float("inf")] * 9])
def test_what_is_no_count_is_refused(counts: Any) -> None:
    with pytest.raises(Unwatchable):
        c1(counts)
