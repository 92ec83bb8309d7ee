"""Dates are read where they are clear, and never guessed where they are not."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest
from earshot.intake.dates import DateOrder, order_seen, read, say_evidence, settle

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "raw",
    [
        "2022-04-25",
        "2022-04-25T10:15:00Z",
        "2022/04/25 10:15",
        "25/04/2022",
        "25.4.22",
        "25-04-2022 23:59:59",
        "04/25/2022",
        "25 April 2022",
        "Monday 25th of April 2022",
        "Apr 25, 2022",
        "25-Apr-22",
        "20220425",
        "44676",
        44676.75,
        datetime(2022, 4, 25, 10, 15),
        date(2022, 4, 25),
    ],
)
def test_a_clear_date_needs_no_order(raw: str | float | date) -> None:
    assert settle(read(raw), None, today=TODAY).day == date(2022, 4, 25)


@pytest.mark.parametrize(
    ("order", "day"),
    [("dmy", date(2022, 4, 3)), ("mdy", date(2022, 3, 4)), ("auto", None), (None, None), ("ymd", None)],
)
def test_a_date_with_two_readings_follows_the_order_or_is_refused(order: DateOrder | None, day: date | None) -> None:
    settled = settle(read("03/04/2022"), order, today=TODAY)
    assert settled.day == day
    if day is None:
        assert settled.reason == "could be 3 April or 4 March 2022"


def test_two_digit_years_first_need_a_person_to_say_so() -> None:
    assert settle(read("21-04-03"), "ymd", today=TODAY).day == date(2021, 4, 3)
    assert settle(read("21-04-03"), None, today=TODAY).day == date(2003, 4, 21)


def test_the_same_day_either_way_is_not_ambiguous() -> None:
    assert settle(read("05/05/2022"), None, today=TODAY).day == date(2022, 5, 5)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "the date is missing"),
        (None, "the date is missing"),
        ("31/02/2022", "is not a date"),
        ("yesterday", "is not a date"),
        ("12/13/14/15", "is not a date"),
        ("123/1/2022", "is not a date"),
        ("23/11/2026", "23 November 2026 is in the future"),
        ("31/12/1989", "31 December 1989 is before 1990"),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason(raw: str | None, reason: str) -> None:
    settled = settle(read(raw), "dmy", today=TODAY)
    assert settled.day is None
    assert settled.reason == reason


@pytest.mark.parametrize(
    ("seen", "order"),
    [
        ({"dmy": 3, "either": 9}, "dmy"),
        ({"mdy": 1}, "mdy"),
        ({"dmy": 900, "mdy": 1}, None),
        ({"either": 5, "plain": 9}, None),
    ],
)
def test_one_order_is_evidence_and_two_are_none(seen: dict[str, int], order: str | None) -> None:
    assert order_seen(seen) == order


def test_people_are_told_what_was_found() -> None:
    assert say_evidence("Dale", Counter(dmy=5)) is None
    both = say_evidence("Dale", Counter(dmy=5, mdy=2, either=7)) or ""
    assert "both orders (5 clearly day first, 2 clearly month first)" in both
    assert "with the date order set" in both
    assert "the day was taken first" in (say_evidence("Dale", Counter(dmy=5, either=7)) or "")
    assert "no date shows which" in (say_evidence("", Counter(either=1)) or "")
