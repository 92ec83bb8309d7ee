"""Series: zeros, percentages that small numbers do not get, and charts whose gaps stay gaps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from earshot.measures.model import (
    COMMENTS,
    FFT_POSITIVE,
    NEGATIVE_SHARE,
    catalogue,
    measure,
    percent,
)
from earshot.measures.series import Value, charted, icon, values
from earshot.measures.spc import Rules, SeriesRefused, xmr
from earshot.taxonomy.frameworks import frameworks

MONDAYS = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(20)]


def weekly(numbers: list[float | None]) -> list[Value]:
    return [Value(start, y, None) for start, y in zip(MONDAYS, numbers, strict=False)]


def test_a_count_without_rows_is_zero_and_weeks_outside_are_ignored() -> None:
    counts = {(MONDAYS[0], ""): 4, (MONDAYS[2], ""): 1, (MONDAYS[5], ""): 9}
    assert [value.y for value in values(COMMENTS, counts, MONDAYS[:3])] == [4, 0, 1]


def test_positive_is_very_good_and_good_of_all_six_answers_with_dont_know_among_them() -> None:
    counts = {(MONDAYS[0], str(answer)): n for answer, n in zip(range(1, 7), (5, 3, 4, 2, 1, 1), strict=True)}
    assert values(FFT_POSITIVE, counts, MONDAYS[:1]) == [Value(MONDAYS[0], 50.0, 16)]


def test_fewer_than_five_answers_give_no_percentage_but_say_how_many() -> None:
    counts = {(MONDAYS[0], "5"): 4, (MONDAYS[1], "4"): 2, (MONDAYS[1], "1"): 3}
    assert values(NEGATIVE_SHARE, counts, MONDAYS[:3]) == [
        Value(MONDAYS[0], None, 4),
        Value(MONDAYS[1], 40.0, 5),
        Value(MONDAYS[2], None, 0),
    ]
    assert (percent(4, 4), percent(5, 5), percent(1, 3), percent(2, 3)) == (None, 100.0, None, None)


def test_a_gap_has_no_limits_and_the_chart_is_that_of_the_known_values() -> None:
    numbers: list[float | None] = [10, 12, None, 11, 9, 13, None, 30]
    series = charted(weekly(numbers), Rules("decrease"), "week")
    known = [number for number in numbers if number is not None]
    direct = xmr(known, Rules("decrease"))
    assert [point.special_cause_type for point in series.points if point.y is not None] == [
        point.special_cause for point in direct.points
    ]
    gap = series.points[2]
    assert (gap.y, gap.mean, gap.upl, gap.point_type, gap.label) == (None, None, None, None, "19 Jan 2026")
    assert series.variation == direct.variation == "special_cause_concern"
    assert series.warnings[-1] == (
        "No data for 2 weeks: nothing came from the provider, which is not the same as zero."
    )


def test_new_limits_begin_with_the_week_that_holds_the_day() -> None:
    numbers: list[float | None] = [5, 6, 5, 6, 5, 6, None, 15, 16, 15, 16]
    series = charted(weekly(numbers), Rules(), "week", new_limits_from=[MONDAYS[6] + timedelta(days=3)])
    assert [point.mean for point in series.points] == [5.5] * 6 + [None] + [15.5] * 4


def test_new_limits_after_the_last_week_are_refused_by_field() -> None:
    with pytest.raises(SeriesRefused) as refused:
        charted(weekly([1, 2, 3]), Rules(), "week", new_limits_from=[date(2030, 1, 1)])
    assert [error.field for error in refused.value.fields] == ["rebase"]


def test_an_empty_series_says_so() -> None:
    series = charted([], Rules(), "month")
    assert (series.points, series.variation, series.sentence) == ((), None, "There are no points to show.")


def test_the_sentence_speaks_of_the_target_where_there_is_one() -> None:
    with_target = charted(weekly([5, 6, 5, 6]), Rules("increase", target=50), "week").sentence
    assert with_target.endswith("The target will not be met unless something changes.")
    assert charted(weekly([5, 6, 5, 6]), Rules("increase"), "week").sentence in with_target


def test_an_icon_needs_twelve_points() -> None:
    steady: list[float | None] = [5, 6] * 6
    assert icon(charted(weekly(steady[:11]), Rules(), "week")) is None
    assert icon(charted(weekly(steady), Rules(), "week")) == "common_cause"


def test_measures_know_which_way_is_better() -> None:
    better = {found.id: found.improvement_direction for found in catalogue(frameworks())}
    assert better["fft_positive"] == better["theme:Positive experience & gratitude"] == "increase"
    assert better["negative_share"] == better["theme:Negative experience & dissatisfaction"] == "decrease"
    assert better["comments"] == better["responses"] == better["theme:Discharge"] == "neutral"
    assert better["theme:Bullying or harassment"] == "decrease"
    assert better["theme:We are a team"] == "neutral"
    assert "theme:Not assigned" not in better
    assert all(measure(frameworks(), found.id) == found for found in catalogue(frameworks()))
    assert measure(frameworks(), "theme:") is measure(frameworks(), "nothing") is None
