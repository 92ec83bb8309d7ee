"""Rules of improvement that need no database: which weeks count, what may be written, what may travel."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from earshot.core.errors import Invalid
from earshot.improvement import assurance, wording
from earshot.improvement.before_after import Bad, Counted, first_week_after, parts
from earshot.improvement.effect import Judgement
from earshot.improvement.library import EntryRefused, exported, read, title_of
from earshot.improvement.measured import protected
from earshot.improvement.model import Action, Given, Measured, NotNow, State, check, identifying, keep_nameless, step
from earshot.improvement.praise import Names, Team, best
from earshot.improvement.register import render
from earshot.measures.model import FFT_POSITIVE, RESPONSES, measure
from earshot.taxonomy.frameworks import frameworks

MONDAY = date(2026, 6, 1)
TODAY = date(2026, 11, 2)


def series(n: int, start: date = MONDAY, part: int = 4) -> list[Counted]:
    return [Counted(start + timedelta(weeks=i), part, None) for i in range(n)]


def action(**changes: object) -> Action:
    given: dict[str, object] = {
        "id": UUID(int=1), "org_id": UUID(int=2), "org_name": "Oak", "streams": ["patient"], "title": "Quieter nights",
        "what_we_heard": "Noise.", "what_we_did": "Soft bins.", "state": "under_way", "owner_id": None,
        "owner_name": None, "due_on": None, "started_on": MONDAY, "closed_on": None, "themes": [], "measure_id": None,
        "wanted": None, "risk_reference": "", "risk_address": "", "version": 1, "made_by_name": "Ada",
        "made_on": MONDAY, "look_state": None, "look_weeks": None, "look_sentence": None, "looked_on": None,
        "signals": 0, "cycles": 0,
    }  # fmt: skip
    return Action(**{**given, **changes})  # type: ignore[arg-type]


def given(state: State = "under_way", **changes: object) -> Given:
    base: dict[str, object] = {
        "title": "Quieter nights", "what_we_heard": "Noise.", "what_we_did": "", "owner_id": None, "due_on": None,
        "started_on": MONDAY, "themes": (), "measure_id": None, "wanted": None, "risk_reference": "",
        "risk_address": "",
    }  # fmt: skip
    return Given(**{**base, "state": state, **changes})  # type: ignore[arg-type]


def fields(error: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [field.field for field in error.value.fields]


# Which weeks count


def test_the_week_in_which_a_change_begins_counts_neither_before_nor_after() -> None:
    wednesday = MONDAY + timedelta(weeks=20, days=2)
    found = parts(series(30), wednesday, [])
    assert first_week_after(wednesday) == MONDAY + timedelta(weeks=21)
    assert next(week.start for week in found.after) == MONDAY + timedelta(weeks=21)
    assert max(week.start for week in (*found.before, *found.set_aside)) == MONDAY + timedelta(weeks=19)


def test_without_a_signal_the_month_before_the_change_is_set_aside() -> None:
    for day in (0, 3):
        found = parts(series(30), MONDAY + timedelta(weeks=20, days=day), [])
        assert len(found.set_aside) == 4 and len(found.before) == 16


def test_the_weeks_of_a_signal_are_set_aside_until_it_was_raised_and_no_longer() -> None:
    bad = Bad(MONDAY + timedelta(weeks=10), MONDAY + timedelta(weeks=13, days=2))
    found = parts(series(34), MONDAY + timedelta(weeks=20), [bad])
    assert [week.start for week in found.set_aside] == [MONDAY + timedelta(weeks=n) for n in (10, 11, 12, 13)]
    assert len(found.before) == 16, "the six weeks since count beside the ten before"


def test_where_long_enough_has_passed_since_a_signal_only_those_weeks_tell_how_things_stood() -> None:
    bad = Bad(MONDAY + timedelta(weeks=5), MONDAY + timedelta(weeks=7))
    found = parts(series(34), MONDAY + timedelta(weeks=20), [bad])
    assert [week.start for week in found.before] == [MONDAY + timedelta(weeks=n) for n in range(8, 20)]


def test_before_counts_from_where_people_said_that_the_chart_begins_anew_and_at_most_a_year() -> None:
    start = MONDAY + timedelta(weeks=80)
    assert len(parts(series(90), start, []).before) == 52 - 4
    rebased = parts(series(90), start, [], [start - timedelta(weeks=20), start + timedelta(weeks=1)])
    assert len(rebased.before) == 20 - 4


def test_weeks_without_a_feed_are_no_weeks_of_zero() -> None:
    weeks = [Counted(week.start, None, None) if i == 22 else week for i, week in enumerate(series(30))]
    assert MONDAY + timedelta(weeks=22) not in [
        week.start for week in parts(weeks, MONDAY + timedelta(weeks=20), []).after
    ]


# Words of a verdict


def test_a_verdict_tells_levels_from_protected_totals_only() -> None:
    theme = measure(frameworks(), f"theme:{frameworks()[0].names[0]}")
    assert theme is not None
    many = [Counted(MONDAY, 12, 40), Counted(MONDAY, 8, 38)]
    assert wording.level(theme, many) == "25 in 100 comments"
    assert wording.level(theme, [Counted(MONDAY, 3, 40)]) is None, "three people are too few to tell of"
    assert wording.level(RESPONSES, [Counted(MONDAY, 12, None)] * 2) == "about 12 a week"
    assert wording.level(FFT_POSITIVE, many) == "25%"


def test_what_is_not_proven_is_said_to_be_no_more_than_chance() -> None:
    judged = Judgement("unproven", 4, None, None, None, 8)
    said = wording.sentence(RESPONSES, judged, series(10), series(4))
    assert said.startswith("Not proven after 4 weeks.") and "no more than chance explains" in said
    assert "looks again after 8 weeks" in said
    assert "Of 100 changes that do nothing, about 5 at most" in wording.ERROR_SENTENCE


def test_numbers_of_staff_are_rounded_and_few_left_out() -> None:
    weeks = [Counted(MONDAY, 3, 20), Counted(MONDAY, 7, 21), Counted(MONDAY, 0, 22), Counted(MONDAY, None, None)]
    assert [(week.part, week.whole) for week in protected(weeks)] == [(None, None), (5, 20), (0, 20), (None, None)]


# What may become of an action


def test_an_action_that_was_looked_at_keeps_its_measure_and_first_day() -> None:
    was = action(measure_id="comments", wanted="lower", look_state="unproven")
    with pytest.raises(Measured):
        step(was, given(measure_id="responses", wanted="lower"), TODAY)
    with pytest.raises(Measured):
        step(was, given(measure_id="comments", wanted="lower", started_on=MONDAY - timedelta(days=7)), TODAY)
    assert step(was, given(measure_id="comments", wanted="lower", title="Other words"), TODAY) == "changed"


def test_a_closed_action_changes_no_more_and_an_open_one_step_by_step() -> None:
    with pytest.raises(NotNow):
        step(action(state="finished", closed_on=TODAY), given("under_way"), TODAY)
    with pytest.raises(NotNow):
        step(action(state="planned"), given("finished", what_we_did="Bins."), TODAY)
    assert step(action(state="planned"), given("under_way"), TODAY) == "begun"


def test_what_must_be_said_before_an_action_begins_or_ends() -> None:
    with pytest.raises(Invalid) as wrong:
        check(given("finished", started_on=None, measure_id="comments", risk_address="javascript:alert(1)"), TODAY)
    assert fields(wrong) == ["started_on", "what_we_did", "wanted", "risk_address"]
    with pytest.raises(Invalid) as future:
        check(given(started_on=TODAY + timedelta(days=1)), TODAY)
    assert fields(future) == ["started_on"]


def test_you_said_we_did_is_unproven_until_the_series_shifts() -> None:
    measured = action(measure_id="comments", wanted="lower")
    assert (measured.verdict, action().verdict, action(state="planned", measure_id="comments").verdict) == (
        "unproven", None, None,
    )  # fmt: skip
    assert action(look_state="improved", look_sentence="It fell.").verdict_sentence == "It fell."


@pytest.mark.parametrize(
    "text", ["Mrs Smith told us", "ring 07700 900123", "write to a.b@example.org", "NHS number 943 476 5919"]
)
def test_the_log_of_who_was_involved_names_nobody(text: str) -> None:
    with pytest.raises(Invalid) as wrong:
        keep_nameless("note", text)
    assert fields(wrong) == ["note"] and text not in str(wrong.value.fields)


def test_groups_and_numbers_of_people_may_be_written() -> None:
    assert identifying("12 patients and 3 carers met on 14 March 2026 at 10:30 in room 101") is None


# Praise


def test_praise_finds_the_team_that_it_names_and_no_other() -> None:
    oak, elm, oakham, a, b = uuid4(), uuid4(), uuid4(), uuid4(), uuid4()
    names = Names(
        [Team(oak, "Oak Ward (invented)"), Team(elm, "Elm Ward"), Team(oakham, "Oakham Ward"), Team(a, "Reception"),
         Team(b, "reception")]
    )  # fmt: skip
    text = "In A&E they were kind. Then the nurses on OAK ward saved me. Reception too."
    assert names.named(text) == [oak]
    sentences = [{"start": 0, "end": 22, "sentiment": 1}, {"start": 23, "end": 58, "sentiment": 1}]
    assert names.sentence(oak, text, sentences) == "Then the nurses on OAK ward saved m"


def test_the_best_sentence_praises_and_stands_alone() -> None:
    text = "Thanks. The night nurse sat with me until I slept. Parking was dear and far away from it."
    sentences = [
        {"start": 0, "end": 7, "sentiment": 1}, {"start": 8, "end": 50, "sentiment": 1},
        {"start": 51, "end": 89, "sentiment": 4},
    ]  # fmt: skip
    assert best(text, sentences) == "The night nurse sat with me until I slept."
    assert best("Thanks.", [{"start": 0, "end": 7, "sentiment": 1}]) is None


# The library and its file


RAW: dict[str, object] = {
    "source": "Other Trust", "title": "Soft bins", "what_we_heard": "Noise at night.", "what_we_did": "New bins.",
    "themes": ["Sleep"], "measure": "Theme: Sleep", "result": "Improved after 8 weeks.", "weeks": 8,
    "finished_on": "2026-05-01",
}  # fmt: skip


def test_what_was_exported_is_read_again_as_it_was() -> None:
    entry = read(RAW)
    file = exported([entry], "Other Trust")
    assert read(file["entries"][0]) == entry
    assert set(file["entries"][0]) == set(RAW), "no id, no comment, nobody's name"
    assert file["entries"][0]["finished_on"] == "2026-05-01"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": ""}, "title"),
        ({"weeks": 400}, "weeks"),
        ({"comments": ["We were cold."]}, "comments"),
        ({"what_we_did": "Mr Jones bought bins."}, "somebody's name"),
        ({"themes": "Sleep"}, "themes"),
    ],
)
def test_an_entry_that_cannot_be_taken_says_why(change: dict[str, object], why: str) -> None:
    with pytest.raises(EntryRefused, match=why):
        read(RAW | change)


def test_a_refused_entry_is_called_by_its_title_if_it_has_one() -> None:
    assert (title_of({"title": "x" * 200}), title_of({"title": 3}), title_of({})) == ("x" * 80, "", "")


def test_the_register_s_cells_are_inert() -> None:
    text = render([action(title="=HYPERLINK(1)", risk_reference="@x", due_on=MONDAY)], TODAY).decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["title"], row["risk register reference"], row["overdue"]) == ("'=HYPERLINK(1)", "'@x", "yes")


def test_the_levels_come_from_a_pack_that_says_what_to_check() -> None:
    pack = assurance.pack()
    assert [level.code for level in pack.levels] == ["routine", "enhanced", "intensive"]
    assert pack.check and all(level.triggers and level.does and level.leaves_when for level in pack.levels)
    assert assurance.name_of(pack.id, "enhanced") == "Enhanced"
    assert assurance.name_of("an older pack", "level 2") == "level 2"
