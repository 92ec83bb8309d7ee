"""Filling returns in: what is counted, what is missing, which rules hold, and what stays hidden."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from importlib.resources import files

import openpyxl  # type: ignore[import-untyped]
import pytest
from earshot.analysis.export import Kind
from earshot.cases.model import SENIORITIES, STAFF_ELEMENTS, WORKER_GROUPS
from earshot.cases.returns import Fact, Filled, as_sent, cell_names, checked, fill, kept_small, missing, restated
from earshot.cases.returns_file import ReturnFile, render
from earshot.cases.returns_pack import Pack, packs
from earshot.cases.returns_period import Window, period_of
from earshot.measures.disclosure import small
from earshot.people.matrix import MATRIX
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

ALL = pytest.mark.parametrize("pack", packs().values(), ids=packs())


def case(
    n: int = 1,
    *,
    way: str = "confidential",
    group: str = "nursing_midwifery",
    level: str = "worker",
    element: tuple[str, ...] = (STAFF_ELEMENTS[0],),
    again: str = "not_asked",
    state: str = "open",
    detriment: tuple[str, ...] = (),
) -> Fact:
    alone = {"way": way, "group": group, "level": level, "again": again, "state": state}
    more = {"element": frozenset(element), "detriment": frozenset(detriment)}
    return Fact(n, {**{name: frozenset({value}) for name, value in alone.items()}, **more})


def answer(n: int, value: int, *, unit: str = "w4", setting: str = "inpatient") -> Fact:
    of = {"answer": str(value), "unit": unit, "setting": setting}
    return Fact(n, {name: frozenset({one}) for name, one in of.items()})


def as_file(filled: Filled, *, hidden: frozenset[str] = frozenset(), exact: bool = True) -> ReturnFile:
    period = period_of(filled.pack.period, filled.pack.first)
    return ReturnFile(filled, "=Invented Trust", "ZZF", period, hidden, exact)


@ALL
def test_every_pack_says_where_it_comes_from_and_what_to_check(pack: Pack) -> None:
    assert pack.sources and pack.check
    actions = {action.name for action in MATRIX}
    assert {pack.action, pack.sends} <= actions
    filled = fill(pack, [], {}, [("w4", "Ward 4")])
    assert len(filled.cells) == sum(len(row.cells) for table in filled.tables for row in table.rows), "codes are unique"
    assert all(check.holds for check in checked(filled)), "nothing adds up to nothing"
    # A rule that names no cell would hold for ever and say nothing.
    for rule in pack.rules:
        names = {part.split(".")[0] for part in (rule.total, *rule.parts)}
        assert names <= {section.code for section in pack.sections}


def test_a_pack_with_a_field_that_nobody_knows_is_refused() -> None:
    text = json.loads((files("earshot.cases") / "packs" / "ngo-2024.json").read_text())
    with pytest.raises(ValidationError, match="wherre"):
        TypeAdapter(Pack).validate_python({**text, "wherre": 1})


def test_the_speak_up_packs_know_every_code_that_a_guardian_can_choose() -> None:
    for pack in (packs()["ngo-2024"], packs()["nhse-2026"]):
        asked: dict[str, set[str]] = {}
        for section in pack.sections:
            for line in section.rows:
                for name, values in line.where.items():
                    asked.setdefault(name, set()).update(values)
        assert asked["group"] == set(WORKER_GROUPS)
        assert asked["level"] == set(SENIORITIES)
        assert asked["element"] == set(STAFF_ELEMENTS)


def test_one_return_follows_the_other_without_a_gap() -> None:
    last = packs()["ngo-2024"].last
    assert last is not None
    assert period_of("quarter", packs()["nhse-2026"].first).before().last == last


def test_a_case_with_two_elements_counts_once_in_all_and_once_for_each() -> None:
    filled = fill(packs()["ngo-2024"], [case(7, element=STAFF_ELEMENTS[:2]), case(5, way="anonymous")], {})
    numbers = filled.numbers
    assert numbers["total.cases.n"] == 12
    assert numbers["elements.patient_safety.n"] == 12 and numbers["elements.worker_safety.n"] == 7
    assert numbers["elements.anonymous.n"] == 5
    assert numbers["groups.nursing_midwifery.n"] == 12 and numbers["groups.students.n"] == 0
    assert all(check.holds for check in checked(filled))


def test_worse_treatment_counts_a_case_once_however_often_it_was_asked_about() -> None:
    facts = [case(6, detriment=("no", "yes")), case(8, detriment=("no",)), case(9)]
    numbers = fill(packs()["nhse-2026"], facts, {}).numbers
    assert numbers["detriment.answered.n"] == 14 and numbers["detriment.yes.n"] == 6


def test_what_earshot_cannot_know_is_named_in_plain_words_until_it_is_typed_in() -> None:
    pack = packs()["ngo-2024"]
    words = "People who work here (headcount on the last day of the quarter): not recorded in Earshot; type it in."
    assert missing(fill(pack, [case(9)], {})) == (words,)
    assert missing(fill(pack, [case(9)], {"total.workers.n": 4_000})) == ()
    assert missing(fill(pack, [case(9, group="not_known")], {"total.workers.n": 4_000})) == (
        "The worker group is not known for some cases. Say it in Cases, or leave it as not known.",
    )


def test_a_rule_that_does_not_hold_says_where() -> None:
    pack = packs()["fft-monthly"]
    filled = fill(pack, [answer(9, 1)], {"modes.sms.n": 12}, [("w4", "Ward 4")])
    broken = [check for check in checked(filled) if not check.holds]
    assert [check.says for check in broken] == ["The ways in which answers came add up to all answers."]
    assert broken[0].where == ("The whole organisation: All answers, All answers",)


def test_the_six_answers_are_counted_by_place_and_by_kind_of_service() -> None:
    facts = [answer(30, 1), answer(6, 5), answer(20, 2, unit="ae", setting="emergency")]
    numbers = fill(packs()["fft-monthly"], facts, {}, [("w4", "Ward 4"), ("ae", "A&E")]).numbers
    assert numbers["total.all.responses"] == 56 and numbers["total.all.very_good"] == 30
    assert numbers["units.w4.very_poor"] == 6 and numbers["units.ae.responses"] == 20
    assert numbers["settings.inpatient.responses"] == 36 and numbers["settings.emergency.good"] == 20


def test_a_number_of_one_to_four_people_is_hidden_and_so_is_what_would_give_it_away() -> None:
    filled = fill(packs()["ngo-2024"], [case(30), case(3, group="students"), case(8, group="estates")], {})
    out = kept_small(filled)
    assert {"groups.students.n", "groups.estates.n"} <= out
    assert "total.cases.n" not in out and "groups.nursing_midwifery.n" not in out


def test_all_but_a_few_says_as_much_as_a_few_and_is_hidden_too() -> None:
    out = kept_small(fill(packs()["ngo-2024"], [case(30, way="anonymous"), case(2)], {}))
    assert "elements.anonymous.n" in out


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            case,
            st.integers(1, 9),
            way=st.sampled_from(["open", "anonymous"]),
            group=st.sampled_from(["students", "estates", "not_known"]),
            level=st.sampled_from(["worker", "manager"]),
            element=st.sets(st.sampled_from(STAFF_ELEMENTS), max_size=2).map(tuple),
            again=st.sampled_from(["yes", "no", "not_asked"]),
        ),
        max_size=6,
    )
)
def test_no_return_shows_a_small_number_or_lets_one_be_worked_out(facts: list[Fact]) -> None:
    for pack in (packs()["ngo-2024"], packs()["nhse-2026"]):
        filled = fill(pack, facts, {})
        out, numbers = kept_small(filled), filled.numbers
        assert not any(small(n) for code, n in numbers.items() if code not in out)
        total = numbers["total.cases.n"]
        for table in ("groups", "levels"):
            parts = [code for code in numbers if code.startswith(table)]
            gone = [code for code in parts if code in out]
            if "total.cases.n" not in out and gone:
                assert len(gone) > 1 and sum(numbers[code] for code in gone) >= 5
        for code in (code for code in numbers if code.startswith("elements")):
            if not {code, "total.cases.n"} & out:
                assert not small(total - numbers[code])


def test_what_changed_since_it_was_sent_is_told_and_a_few_people_are_not_counted_out() -> None:
    sent, now = {"a": 12, "b": 40, "c": 7, "d": 9}, {"a": 13, "b": 50, "c": 7, "d": 20}
    exact = {one.code: (one.sent, one.now) for one in restated(sent, now, None)}
    assert exact == {"a": (12, 13), "b": (40, 50), "d": (9, 20)}
    shared = {one.code: (one.sent, one.now) for one in restated(sent, now, frozenset({"d"}))}
    assert shared == {"a": (None, None), "b": (40, 50), "d": (None, None)}


def test_a_return_that_was_sent_is_filled_in_as_it_was() -> None:
    first = fill(packs()["fft-monthly"], [answer(9, 1)], {"total.all.eligible": 90}, [("w4", "Ward 4")])
    again = as_sent(first.pack, first.numbers, [("w4", "Ward 4")])
    assert again == first


def test_the_csv_has_every_number_with_a_star_for_what_is_hidden_and_runs_no_formula() -> None:
    filled = fill(packs()["ngo-2024"], [case(30), case(3, group="students"), case(8, group="estates")], {})
    body = render(as_file(filled, hidden=kept_small(filled), exact=False), Kind.CSV)
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    by_cell = {line["cell"]: line for line in lines}
    assert set(by_cell) == set(filled.cells)
    assert by_cell["groups.students.n"]["value"] == "*" and by_cell["groups.nursing_midwifery.n"]["value"] == "30"
    assert by_cell["total.workers.n"] | {"value": "", "where from": "typed in"} == by_cell["total.workers.n"]
    assert lines[0]["organisation"] == "'=Invented Trust"


@ALL
def test_the_workbook_opens_again_with_the_same_numbers_and_no_formula(pack: Pack) -> None:
    filled = fill(pack, [case(9), answer(9, 1)], {}, [("w4", "=HYPERLINK(1)")])
    book = openpyxl.load_workbook(io.BytesIO(render(as_file(filled), Kind.XLSX)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    numbers = sorted(cell.value for cell in cells if isinstance(cell.value, int))
    assert numbers == sorted(filled.numbers.values())
    assert all(any(cell.value == table.section.title for cell in cells) for table in filled.tables)


def test_every_cell_has_words_of_its_own() -> None:
    filled = fill(packs()["fft-monthly"], [], {}, [("w4", "Ward 4")])
    names = cell_names(filled)
    assert names["units.w4.poor"] == "By place: Ward 4, Poor"
    assert len(set(names.values())) == len(names)


def test_quarters_follow_the_financial_year() -> None:
    third = period_of("quarter", date(2026, 11, 22))
    assert (third.first, third.last, third.quarter) == (date(2026, 10, 1), date(2026, 12, 31), 3)
    assert third.label == "Quarter 3 of 2026/27 (1 October to 31 December 2026)"
    last = period_of("quarter", date(2027, 3, 31))
    assert last.quarter == 4 and last.label == "Quarter 4 of 2026/27 (1 January to 31 March 2027)"
    assert [period.first for period in last.earlier_in_year()] == [
        date(2026, 4, 1),
        date(2026, 7, 1),
        date(2026, 10, 1),
    ]
    assert period_of("quarter", date(2026, 4, 1)).earlier_in_year() == ()


def test_years_begin_in_april_and_months_on_the_first() -> None:
    year = period_of("year", date(2026, 3, 31))
    assert (year.first, year.last) == (date(2025, 4, 1), date(2026, 3, 31))
    assert year.label == "2025/26 (1 April 2025 to 31 March 2026)"
    month = period_of("month", date(2028, 2, 11))
    assert (month.first, month.last, month.label) == (date(2028, 2, 1), date(2028, 2, 29), "February 2028")


def test_a_quarterly_collection_opens_on_the_second_monday_for_three_weeks() -> None:
    period = period_of("quarter", date(2026, 9, 30))
    window = Window(nth=2, weekday=0, days=21)
    assert period.opens(window) == date(2026, 10, 12) and period.closes(window) == date(2026, 11, 1)
    assert period.opens(Window(nth=1, weekday=3, days=1)) == date(2026, 10, 1), "the first day may be the day itself"
