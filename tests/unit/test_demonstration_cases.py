"""The invented cases: complete, varied, told in the order of their days, and with what a screen must show."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest
from earshot.cases.filing import Report
from earshot.cases.model import LEARNINGS, OUTCOMES, SENIORITIES, STAFF_ELEMENTS, WORKER_GROUPS
from earshot.demonstration.case_history import history, unread_after
from earshot.demonstration.cases import Spoken, every_case
from earshot.demonstration.remarks import organisations
from earshot.taxonomy.frameworks import of_stream

LAST = date(2026, 11, 21)
CASES = every_case()


def named(name: str) -> Spoken:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_only_what_forms_and_pages_know(case: Spoken) -> None:
    units = {row.code for row in organisations()}
    themes = {theme.name for theme in of_stream(case.audience).themes}
    elements = set(STAFF_ELEMENTS) if case.audience == "staff" else themes
    assert case.org in units
    assert set(case.elements) <= elements
    assert case.group is None or case.group in WORKER_GROUPS
    assert case.level is None or case.level in SENIORITIES
    assert (case.group is None) == (case.level is None)
    assert case.audience == "staff" or case.group is None
    assert bool(case.contact) == (case.way != "anonymous")
    assert case.closed is None or (case.closed.outcome in OUTCOMES and case.closed.learning in LEARNINGS)
    assert case.closed is None or bool(case.closed.learned) == (case.closed.learning == "shared")
    assert not case.answers or case.closed, "nobody is asked before it is closed"
    assert case.audience in ("patient", "carer") or case.owner != "pals"
    assert case.owner not in case.exclude
    name, reach = case.contact.get("name", ""), case.contact.get("reach", "")
    made = Report(uuid4(), case.audience, case.way, case.text, name, reach)
    assert made.text == case.text, "a text that the form would change is not what its proof of filing says"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_done_comes_in_order_and_none_of_it_in_the_future(case: Spoken) -> None:
    events = history(case, LAST)
    days = [event.day for event in events]
    assert days == sorted(days)
    assert all(case.day(0, LAST) <= day <= LAST for day in days)
    steps = [event.step for event in events]
    if case.closed:
        assert steps.index("thanked") < steps.index("closed")
        assert set(steps[steps.index("closed") + 1 :]) <= {"feedback"}
    done = [event for event in events if event.step in ("action_done", "hand_off_sent")]
    assert all(any(earlier.step in ("action_agreed", "handed_off") for earlier in events) for _ in done)


def test_four_quarters_have_cases_to_count_whatever_the_day() -> None:
    for last in (LAST, date(2027, 1, 3), date(2027, 4, 1)):
        quarters = Counter((case.day(0, last).year, (case.day(0, last).month - 1) // 3) for case in CASES)
        assert len(quarters) >= 4
        assert min(quarters[quarter] for quarter in sorted(quarters)[1:-1]) >= 4


def test_there_is_one_of_each_thing_that_a_screen_must_show() -> None:
    states = Counter("closed" if c.closed else "open" if c.thanked is not None else "new" for c in CASES)
    assert states["closed"] >= 15
    assert states["open"] >= 5
    assert states["new"] >= 4
    assert {case.way for case in CASES} == {"open", "confidential", "anonymous"}
    assert {case.audience for case in CASES} == {"patient", "carer", "staff"}
    assert {draft.kind for case in CASES if (draft := case.hand_off)} == {"pals", "complaint", "lfpse"}
    assert any(draft.sent is None for case in CASES if (draft := case.hand_off))
    assert any(case.note for case in CASES)
    assert any(case.exclude for case in CASES)
    late = [case for case in CASES if case.thanked is None and case.ago >= 6 and not case.closed]
    assert len(late) >= 2, "thanks are overdue, whatever the weekday"
    assert named("corridor_b").same_as == "corridor_a"


def test_what_the_person_wrote_last_waits_unread() -> None:
    events = history(named("heron_chairs"), LAST)
    assert unread_after(events) == len(events) - 1
    assert unread_after(history(named("insulin"), LAST)) >= len(named("insulin").talk)


def test_days_are_counted_from_the_report() -> None:
    case = named("insulin")
    assert case.day(0, LAST) == LAST - timedelta(case.ago)
    assert case.day(10_000, LAST) == LAST
