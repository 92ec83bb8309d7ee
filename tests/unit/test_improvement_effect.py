"""Did it help? Unproven until the series shifts, with no more errors than stated."""

from __future__ import annotations

import pytest
from earshot.bench.improvement import KINDS, SHIFT, after_a_bad_spell, allowed, simulate
from earshot.improvement.effect import FEWEST_BEFORE, TooFewWeeks, Week, compare, judge, look


def weeks(*values: float, weight: float = 1.0) -> list[Week]:
    return [Week(value, weight) for value in values]


BEFORE = weeks(4, 5, 3, 6, 4, 5, 4, 3, 5, 6, 4, 4)
SAME = weeks(5, 4, 4, 6, 3, 5, 4, 5, 3, 4, 6, 4)
LOWER = weeks(1, 0, 1, 2, 1, 0, 1, 1, 2, 0, 1, 1)


def test_a_series_that_does_not_shift_stays_unproven_after_every_look() -> None:
    assert [judge(BEFORE, SAME[:n], "lower").state for n in (0, 4, 8, 12)] == ["unproven"] * 4
    assert judge(BEFORE, SAME[:3], "lower").comparison is None, "before four weeks nobody looks"
    assert [judge(BEFORE, SAME[:n], "lower").next_look for n in (0, 4, 8, 12)] == [4, 8, 12, None]


def test_a_shift_as_wanted_is_an_improvement_and_the_other_way_worse() -> None:
    assert judge(BEFORE, LOWER, "lower").state == "improved"
    assert judge(BEFORE, LOWER, "higher").state == "worse"


def test_a_verdict_that_was_reached_stays_whatever_comes_later() -> None:
    early = judge(BEFORE, [*LOWER[:8], *weeks(9, 9, 9, 9)], "lower")
    assert (early.state, early.at_week, early.next_look) == ("improved", 4, None)


def test_early_looks_ask_for_more() -> None:
    bounds = [found.bound for n in (4, 8, 12) if (found := look(BEFORE, SAME[:n], "lower")).bound is not None]
    assert bounds == sorted(bounds, reverse=True) and bounds[-1] == pytest.approx(1.71)


def test_too_few_weeks_before_prove_nothing() -> None:
    with pytest.raises(TooFewWeeks):
        judge(BEFORE[: FEWEST_BEFORE - 1], LOWER, "lower")
    with pytest.raises(TooFewWeeks):
        compare([*BEFORE[:7], Week(0.0, 0.0)], LOWER, "lower")


def test_weeks_count_by_how_many_people_were_heard() -> None:
    heavy = [Week(0.5, 100.0), *weeks(*[0.1] * 11, weight=1.0)]
    assert compare(heavy, weeks(0.1, 0.1), "lower").mean_before == pytest.approx(51.1 / 111)


def test_neighbours_that_are_alike_prove_less() -> None:
    alternating = weeks(*[4, 6] * 6), weeks(*[3, 5] * 6)
    runs = weeks(*[6] * 6, *[4] * 6), weeks(*[5] * 6, *[3] * 6)
    assert compare(*alternating, "lower").z > compare(*runs, "lower").z


def test_a_problem_that_was_there_before_is_not_the_change_s_doing() -> None:
    lasting = weeks(8, 9, 8, 9)  # the weeks that raised a signal, set aside; afterwards things stayed as bad
    assert judge(BEFORE, weeks(*[8, 9] * 6), "lower").state == "worse"
    assert judge(BEFORE, weeks(*[8, 9] * 6), "lower", set_aside=lasting).state == "unproven"


def test_a_series_without_any_spread_is_judged_all_the_same() -> None:
    assert judge(weeks(*[3] * 10), weeks(*[3] * 12), "lower").state == "unproven"
    assert judge(weeks(*[3] * 10), weeks(*[1] * 12), "lower").state == "improved"


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    ["measurements", "measurements, neighbours alike (.3)", "counts, 4 a week, overdispersed (twice)"],
)
def test_of_1000_changes_without_effect_no_more_are_called_an_improvement_than_stated(kind: str) -> None:
    found = simulate(KINDS[kind], 0.0, 1000)
    assert found.improved <= allowed(1000), kind
    assert found.worse <= allowed(1000), kind
    assert found.improved > 0, "a test that can never be wrong would prove nothing either"


@pytest.mark.slow
def test_a_bad_spell_that_ends_by_itself_is_no_improvement() -> None:
    aside = after_a_bad_spell(300, set_aside=True)
    assert aside.improved <= allowed(300)
    assert after_a_bad_spell(300, set_aside=False).improved > aside.improved


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["measurements", "shares of about 20 comments a week"])
def test_real_shifts_of_one_standard_deviation_are_recognised_within_12_weeks_in_8_of_10(kind: str) -> None:
    assert simulate(KINDS[kind], SHIFT, 300).improved >= 0.8, kind
