"""The demonstration's plan: always the same, varied, and with the three stories that a screen must show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from earshot.demonstration.accounts import passphrase
from earshot.demonstration.model import Remark, Said, Unit
from earshot.demonstration.plan import DAYS, UNSAID_FOR, plan
from earshot.demonstration.remarks import every_remark, organisations
from earshot.demonstration.seasons import WEEKLY, bank_holidays, easter, pace, winter
from earshot.demonstration.stories import MATERNITY, SILENT_FOR, WARD_7, WILLOW
from earshot.intake.forms import form_for
from earshot.people.passwords import SHORTEST

LAST = date(2026, 11, 21)
REMARKS = {remark.text: remark for remark in every_remark()}


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    return [Unit(row.code, row.setting) for row in organisations() if row.setting]


@pytest.fixture(scope="module")
def said(units: list[Unit]) -> list[Said]:
    return plan(units, every_remark(), last=LAST)


def weeks(responses: Iterable[Said], unit: str, *, newest: int, oldest: int, staff: bool = False) -> list[Said]:
    """What was said at a unit from `oldest` to `newest` whole weeks ago."""
    first, last = LAST - timedelta(weeks=oldest, days=-1), LAST - timedelta(weeks=newest)
    return [s for s in responses if s.unit == unit and first <= s.day <= last and (s.audience == "staff") == staff]


def good(responses: list[Said]) -> float:
    """The share of scores that are Very good or Good."""
    scores = [s.fft for s in responses if s.fft is not None]
    return sum(score in (1, 2) for score in scores) / len(scores)


def talking_of(responses: list[Said], tags: set[str], scores: set[int]) -> float:
    """The share of the worded responses that carry one of the tags and one of the scores."""
    heard = [REMARKS[text] for s in responses for text in s.answers.values()]
    return sum(remark.about in tags and remark.fft in scores for remark in heard) / len(heard)


def test_the_same_day_gives_the_same_demonstration(units: list[Unit], said: list[Said]) -> None:
    assert plan(units, every_remark(), last=LAST) == said
    assert plan(units, every_remark(), last=LAST + timedelta(1)) != said


@pytest.mark.parametrize("last", [LAST, date(2027, 1, 3), date(2028, 3, 1)])
def test_it_is_eighteen_months_of_a_trust_with_a_third_of_scores_alone(units: list[Unit], last: date) -> None:
    responses = plan(units, every_remark(), last=last)
    assert 5_800 <= len(responses) <= 7_800
    assert {responses[0].day, responses[-1].day} <= {last - timedelta(DAYS - 1 - i) for i in range(3)} | {last}
    assert 0.28 <= sum(not s.answers for s in responses) / len(responses) <= 0.38
    assert 0.3 <= sum(bool(s.about) for s in responses) / len(responses) <= 0.5
    by_audience = Counter(s.audience for s in responses)
    assert by_audience["patient"] > by_audience["carer"] > 0
    assert by_audience["staff"] > 500


def test_every_response_passes_the_checks_of_its_form(said: list[Said]) -> None:
    for one in said:
        form = form_for(one.audience)
        assert one.fft is not None or one.answers
        assert set(one.answers) <= set(form.texts)
        assert all(value in form.choices[code].values for code, value in one.about.items())


def test_words_fit_the_place_and_the_person_who_says_them(units: list[Unit], said: list[Said]) -> None:
    settings = {unit.code: unit.setting for unit in units}
    by_text: dict[tuple[str, str], Remark] = {(r.text, r.audience): r for r in every_remark()}
    for one in said:
        for text in one.answers.values():
            remark = by_text[text, one.audience]
            assert remark.story or remark.fits(settings[one.unit])
            assert not remark.story or one.unit in (WARD_7, MATERNITY)


def test_nobody_at_a_place_repeats_what_was_said_there_of_late(said: list[Said]) -> None:
    heard: dict[tuple[str, str], date] = {}
    for one in said:
        for text in one.answers.values():
            before = heard.get((one.unit, text), date.min)
            assert (one.day - before).days > UNSAID_FOR
            heard[one.unit, text] = one.day


def test_scores_are_close_to_the_words(said: list[Said]) -> None:
    for one in said:
        for text in one.answers.values():
            meant = REMARKS[text].fft
            if meant is not None and one.fft is not None:
                assert abs(one.fft - meant) <= 1


def test_ward_7_gets_worse_for_patients_and_staff(said: list[Said]) -> None:
    before, now = weeks(said, WARD_7, newest=11, oldest=40), weeks(said, WARD_7, newest=0, oldest=4)
    assert good(before) - good(now) > 0.3
    tags, poor = {"pain", "medication", "staffing"}, {3, 4, 5}
    assert talking_of(before, tags, poor) < 0.15
    assert talking_of(now, tags, poor) > 0.45
    staff_before = weeks(said, WARD_7, newest=11, oldest=40, staff=True)
    staff_now = weeks(said, WARD_7, newest=0, oldest=5, staff=True)
    assert len(staff_now) / 5 > 2 * len(staff_before) / 29
    assert good(staff_now) < good(staff_before)


def test_maternity_listens_better_than_before(said: list[Said]) -> None:
    before, now = weeks(said, MATERNITY, newest=18, oldest=78), weeks(said, MATERNITY, newest=0, oldest=13)
    assert good(now) - good(before) > 0.1
    tags = {"communication", "kindness", "dignity"}
    assert talking_of(before, tags, {3, 4, 5}) > 2 * talking_of(now, tags, {3, 4, 5})
    assert talking_of(now, tags, {1, 2}) > talking_of(before, tags, {1, 2}) + 0.2


def test_willow_ward_falls_silent_and_no_other_place_does(units: list[Unit], said: list[Said]) -> None:
    since = LAST - SILENT_FOR
    heard_now = {s.unit for s in said if s.day > since}
    assert {unit.code for unit in units} - heard_now == {WILLOW}
    assert len(weeks(said, WILLOW, newest=5, oldest=10)) >= 15


def test_elsewhere_nothing_happens_but_chance(said: list[Said]) -> None:
    rest = [s for s in said if s.unit not in (WARD_7, MATERNITY, WILLOW) and s.audience != "staff"]
    late = [s for s in rest if s.day > LAST - timedelta(weeks=10)]
    early = [s for s in rest if LAST - timedelta(weeks=36) < s.day <= LAST - timedelta(weeks=10)]
    assert abs(good(late) - good(early)) < 0.06


def test_a_closed_unit_is_not_heard_any_more(units: list[Unit]) -> None:
    closed_on = LAST - timedelta(weeks=40)
    closed = Unit(units[0].code, units[0].setting, closed_on)
    responses = plan([closed], every_remark(), last=LAST)
    assert responses
    assert max(s.day for s in responses) < closed_on


def test_seasons_follow_the_week_the_winter_and_holidays() -> None:
    span = {"first": date(2025, 1, 1), "last": date(2027, 12, 31)}
    wednesday, sunday = date(2026, 6, 10), date(2026, 6, 14)
    assert pace(sunday, "gp", **span) < 0.2 * pace(wednesday, "gp", **span)
    assert pace(sunday, "emergency", **span) > 0.5 * pace(wednesday, "emergency", **span)
    assert pace(date(2026, 12, 25), "gp", **span) < 0.5 * pace(date(2026, 12, 18), "gp", **span)
    assert winter(date(2026, 1, 12)) == winter(date(2027, 1, 12)) == 1
    assert 0 < winter(date(2026, 12, 12)) < 1
    assert winter(date(2026, 7, 1)) == 0


@pytest.mark.parametrize(
    ("year", "sunday"), [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5))]
)
def test_easter_is_on_its_sunday(year: int, sunday: date) -> None:
    assert easter(year) == sunday


def test_bank_holidays_of_england() -> None:
    assert sorted(bank_holidays(2026)) == [
        *(date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25)),
        *(date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28)),
    ]


def test_every_organisation_says_that_it_is_invented_and_has_a_code_of_its_own() -> None:
    rows = organisations()
    assert all(row.invented and row.ods_code is None for row in rows)
    assert {row.code[:2] for row in rows} == {"EN", "ZZ"}
    assert len({row.code for row in rows}) == len(rows)
    assert sum(row.setting is not None for row in rows) >= 20
    assert all(row.setting in WEEKLY for row in rows if row.setting)


def test_at_least_four_hundred_comments_were_written_by_hand() -> None:
    assert len({remark.text.casefold() for remark in every_remark()}) >= 750


def test_passphrases_are_long_enough_and_differ() -> None:
    made = [passphrase() for _ in range(50)]
    assert len(set(made)) == 50
    assert all(len(one) >= SHORTEST and one.count("-") == 3 for one in made)
