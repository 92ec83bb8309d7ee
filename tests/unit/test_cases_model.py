"""Rules of cases: working days, clocks, the order of the queue, and who may take a case on."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from earshot.cases.model import (
    STAFF_ELEMENTS,
    CannotOwn,
    CaseClosed,
    CaseFile,
    Handler,
    NotClosed,
    deputy_takes_over,
    due,
    in_order,
    known_elements,
    may_own,
    must_be_closed,
    must_be_open,
    owner_overdue,
    thanks_overdue,
)
from earshot.cases.working_days import WorkingDays, england
from earshot.core.errors import Invalid
from earshot.taxonomy import frameworks
from hypothesis import given
from hypothesis import strategies as st

PLAIN = WorkingDays(frozenset())
MONDAY = date(2026, 3, 2)
FRIDAY = MONDAY + timedelta(days=4)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def case(**given: Any) -> CaseFile:
    """A new case that the computer has read without hearing a risk."""
    empty: dict[str, Any] = {each.name: None for each in fields(CaseFile)}
    plain = {"id": uuid4(), "reference": "T", "received_on": MONDAY, "state": "new", "risk": False, "criticality": 0}
    return CaseFile(**{**empty, **plain, **given})


def handler(account: UUID, *, has_lock: bool = True) -> Handler:
    return Handler(account, "Ada Invented", "guardian", uuid4(), bytes(32), has_lock, False)


def test_weekends_and_bank_holidays_do_not_count() -> None:
    assert PLAIN.between(FRIDAY, MONDAY + timedelta(days=7)) == 1
    assert PLAIN.after(FRIDAY, 3) == date(2026, 3, 11)
    good_friday, easter_tuesday = date(2026, 4, 3), date(2026, 4, 7)
    assert england().between(date(2026, 4, 2), easter_tuesday) == 1
    assert england().after(date(2026, 4, 2), 1) == easter_tuesday
    assert not england().works(good_friday)
    assert not england().works(date(2026, 12, 28)), "Boxing Day is a Saturday, so the Monday is free"
    assert not england().works(date(2027, 12, 28))


@given(DAYS, st.integers(0, 30))
def test_counting_working_days_and_going_on_by_them_agree(since: date, days: int) -> None:
    until = england().after(since, days)
    assert england().between(since, until) == days
    assert days == 0 or england().works(until)


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_working_days_add_up(since: date, first: int, second: int) -> None:
    middle = since + timedelta(days=first)
    end = middle + timedelta(days=second)
    assert england().between(since, end) == england().between(since, middle) + england().between(middle, end)


def test_every_year_that_is_listed_has_its_eight_bank_holidays() -> None:
    years = [day.year for day in england().holidays]
    assert {year: years.count(year) for year in set(years)} == dict.fromkeys(range(2024, 2029), 8)
    assert all(day.weekday() < 5 for day in england().holidays)


@pytest.mark.parametrize(("after", "late"), [(2, False), (3, True), (30, True)])
def test_thanks_are_late_after_two_working_days_unless_given_or_closed(after: int, late: bool) -> None:
    today = MONDAY + timedelta(days=after)
    assert thanks_overdue(case(), today, PLAIN) is late
    assert not thanks_overdue(case(thanked_on=MONDAY), today, PLAIN)
    assert not thanks_overdue(case(state="closed"), today, PLAIN)


@pytest.mark.parametrize(("after", "late"), [(3, False), (4, True)])
def test_an_owner_is_late_after_three_working_days(after: int, late: bool) -> None:
    today = MONDAY + timedelta(days=after)
    assert owner_overdue(case(), today, PLAIN) is late
    assert not owner_overdue(case(owner_id=uuid4()), today, PLAIN)
    assert not owner_overdue(case(state="closed"), today, PLAIN)


def test_the_deputy_takes_over_after_five_working_days_without_a_step() -> None:
    assert not deputy_takes_over(MONDAY, FRIDAY + timedelta(days=2), PLAIN)
    assert deputy_takes_over(MONDAY, MONDAY + timedelta(days=7), PLAIN)


def test_a_complaint_is_due_in_three_working_days_and_other_hand_offs_have_no_clock() -> None:
    assert due("complaint", FRIDAY, PLAIN) == date(2026, 3, 11)
    assert due("pals", FRIDAY, PLAIN) is None


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_queue_does_not_depend_on_how_cases_come(random: Any) -> None:
    today = MONDAY + timedelta(days=2)
    wanted = [
        case(reference="A", risk=True, received_on=MONDAY - timedelta(days=9)),
        case(reference="B", risk=None, received_on=MONDAY),
        case(reference="C", received_on=MONDAY - timedelta(days=9)),
        case(reference="D", criticality=4),
        case(reference="E", criticality=1, thanked_on=MONDAY, received_on=MONDAY - timedelta(days=30)),
        case(reference="F", criticality=None, received_on=MONDAY - timedelta(days=1), thanked_on=MONDAY),
        case(reference="G"),
        case(reference="H", state="closed", risk=True, received_on=MONDAY),
        case(reference="I", state="closed", received_on=MONDAY - timedelta(days=1)),
    ]
    # Among what must be looked at, what waits too long comes first.
    shuffled = list(wanted)
    random.shuffle(shuffled)
    assert "".join(one.reference for one in in_order(shuffled, today, PLAIN)) == "ABCDEFGHI"


def test_a_closed_case_rests_and_an_open_one_cannot_be_opened_again() -> None:
    must_be_open(case())
    must_be_closed(case(state="closed"))
    with pytest.raises(CaseClosed):
        must_be_open(case(state="closed"))
    with pytest.raises(NotClosed):
        must_be_closed(case())


def test_only_a_handler_with_a_lock_whom_the_case_does_not_exclude_may_own_it() -> None:
    able, locked_out, named = uuid4(), uuid4(), uuid4()
    people = [handler(able), handler(locked_out, has_lock=False), handler(named)]
    may_own(able, people, frozenset({named}), "owner")
    for person, reason in ((named, "must not see"), (locked_out, "access first"), (uuid4(), "does not handle")):
        with pytest.raises(CannotOwn, match=reason):
            may_own(person, people, frozenset({named}), "deputy")


def test_elements_are_kept_once_and_only_from_the_list() -> None:
    assert known_elements(["b", "a", "b"], ["a", "b"]) == ("b", "a")
    with pytest.raises(Invalid):
        known_elements(["c"], ["a", "b"])


def test_the_elements_of_staff_cases_are_those_that_the_computer_suggests() -> None:
    staff = frameworks.of_stream("staff")
    assert tuple(theme.name for theme in staff.themes if theme.group == "Speaking up") == STAFF_ELEMENTS


def test_a_case_without_a_reading_is_never_behind_one_without_a_risk() -> None:
    safe = case(criticality=5, received_on=MONDAY - timedelta(days=99))
    unread = replace(case(), risk=None)
    assert in_order([safe, unread], MONDAY, PLAIN)[0] is unread
