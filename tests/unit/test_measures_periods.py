"""Spans, weeks and months: where they begin, and which are left out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from earshot.measures.periods import (
    Coverage,
    Period,
    Span,
    end_of,
    label,
    next_start,
    span_in_view,
    start_of,
    starts,
)
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
PERIODS: st.SearchStrategy[Period] = st.sampled_from(["week", "month"])


def heard(first: date, last: date) -> Coverage:
    return Coverage(first, last, last)


@given(DAYS, PERIODS)
def test_every_day_lies_in_exactly_the_period_that_its_start_names(day: date, period: Period) -> None:
    start = start_of(day, period)
    assert start <= day <= end_of(start, period)
    assert start_of(start, period) == start
    assert next_start(start, period) == end_of(start, period) + timedelta(days=1)
    assert start_of(next_start(start, period), period) == next_start(start, period)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert start_of(date(2026, 3, 8), "week") == date(2026, 3, 2)
    assert start_of(date(2024, 2, 29), "month") == date(2024, 2, 1)
    assert end_of(date(2024, 2, 1), "month") == date(2024, 2, 29)
    assert next_start(date(2025, 12, 1), "month") == date(2026, 1, 1)


def test_a_span_is_compared_with_the_one_of_the_same_length_before() -> None:
    span = Span(date(2026, 3, 1), date(2026, 3, 28))
    assert (span.days, span.before()) == (28, Span(date(2026, 2, 1), date(2026, 2, 28)))


def test_without_days_asked_for_the_last_28_days_with_data_are_in_view() -> None:
    last = date(2019, 6, 30)
    assert span_in_view(None, None, last) == Span(date(2019, 6, 3), last)
    assert span_in_view(date(2019, 6, 20), None, last) == Span(date(2019, 6, 20), last)
    assert span_in_view(None, date(2019, 5, 28), last) == Span(date(2019, 5, 1), date(2019, 5, 28))
    assert span_in_view(date(2020, 1, 1), None, last) == Span(date(2020, 1, 1), date(2020, 1, 1))


@given(st.dates(), st.dates())
def test_no_day_is_too_early_or_too_late_to_ask_for(first: date, second: date) -> None:
    since, until = sorted((first, second))
    for span in (span_in_view(since, None, until), span_in_view(None, until, since), Span(since, until)):
        assert span.before().until <= span.since <= span.until


def test_a_week_that_is_not_over_is_left_out() -> None:
    wednesday = heard(date(2026, 3, 2), date(2026, 3, 18))
    assert starts(wednesday, "week") == [date(2026, 3, 2), date(2026, 3, 9)]
    sunday = heard(date(2026, 3, 2), date(2026, 3, 22))
    assert starts(sunday, "week") == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]


def test_silence_counts_up_to_the_last_day_on_which_the_neighbours_were_heard() -> None:
    quiet = Coverage(date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 22))
    assert starts(quiet, "week") == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]


def test_weeks_that_the_days_asked_for_cut_are_left_out_at_both_ends() -> None:
    coverage = heard(date(2026, 1, 5), date(2026, 5, 31))
    cut = starts(coverage, "week", since=date(2026, 3, 4), until=date(2026, 3, 25))
    assert cut == [date(2026, 3, 9), date(2026, 3, 16)]
    assert starts(coverage, "month", since=date(2025, 1, 1), until=date(2026, 3, 30)) == [
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]


def test_the_first_days_of_listening_show_something() -> None:
    assert starts(heard(date(2026, 3, 3), date(2026, 3, 5)), "week") == [date(2026, 3, 2)]


@pytest.mark.parametrize("period", ["week", "month"])
def test_nothing_heard_gives_no_periods(period: Period) -> None:
    assert starts(Coverage(None, None, None), period) == []
    assert starts(heard(date(2026, 3, 3), date(2026, 3, 5)), period, since=date(2030, 1, 1)) == []


def test_periods_are_written_as_people_write_them() -> None:
    assert label(date(2026, 3, 2), "week") == "2 Mar 2026"
    assert label(date(2026, 3, 1), "month") == "Mar 2026"
