"""Signals in plain sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from earshot.signals.model import Kind
from earshot.signals.wording import Told, chance, group, one_comment, sentence, where

RISE = Told(
    place="Ward 7 (respiratory and general medicine)",
    level="team",
    streams=("patient",),
    measure="theme_negative",
    label="Pain management",
    since=date(2026, 3, 2),
    until=date(2026, 3, 15),
    observed=9,
    expected=4.1,
)


@pytest.mark.parametrize(
    ("kind", "told", "says"),
    [
        (
            "rise",
            RISE,
            "Negative comments from patients about ‘Pain management’ on Ward 7 have doubled since 2 March: 9 in two "
            "weeks where 4 were expected.",
        ),
        (
            "rise",
            replace(RISE, observed=12, expected=0.4),
            "Negative comments from patients about ‘Pain management’ on Ward 7 have risen to 30 times what was usual "
            "since 2 March: 12 in two weeks where fewer than 1 were expected.",
        ),
        (
            "fall",
            replace(
                RISE, observed=0, expected=6, place="Maternity", since=date(2025, 12, 22), measure="negative", label=""
            ),
            "Negative comments from patients in Maternity have stopped since 22 December 2025: 0 in twelve weeks where "
            "6 were expected.",
        ),
        (
            "praise",
            replace(RISE, observed=8, expected=3, measure="positive", label="Discharge", streams=("patient", "carer")),
            "Comments from patients and carers about ‘Discharge’ without a complaint on Ward 7 have tripled since "
            "2 March: 8 in two weeks where 3 were expected.",
        ),
        (
            "silence",
            replace(RISE, observed=0, expected=21, place="Willow Ward", measure="responses", label=""),
            "Willow Ward has fallen silent: nothing was heard from patients since 2 March, where 21 responses were "
            "expected in two weeks.",
        ),
        (
            "silence",
            replace(RISE, observed=1, expected=8.6, place="Willow Ward", measure="responses", label=""),
            "Willow Ward is heard much less: 1 response from patients since 2 March, where 9 were expected in two "
            "weeks.",
        ),
        (
            "co_signal",
            replace(RISE, streams=("staff", "patient"), measure="negative", label="", observed=24, expected=7),
            "Patients and staff on Ward 7 both complain more: negative comments have tripled since 2 March: 24 in two "
            "weeks where 7 were expected.",
        ),
        (
            "emerging",
            replace(RISE, place="Our Trust", level="provider", measure="cluster", words="ticket, barrier, queue"),
            "Something new or growing is said at Our Trust that fits no theme of the framework, in words such as "
            "‘ticket, barrier, queue’ since 2 March: 9 in two weeks where 4 were expected.",
        ),
        (
            "inequity",
            replace(RISE, place="Our Trust", level="provider", about="age_band=75_84", observed=14, expected=6.2),
            "People aged 75 to 84 complain about ‘Pain management’ at Our Trust more than others: 14 since 2 March, "
            "where 6 would be expected of their number.",
        ),
    ],
)
def test_a_finding_says_what_where_since_when_and_how_much(kind: Kind, told: Told, says: str) -> None:
    assert sentence(kind, told) == says


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ("ethnicity=asian", "people who gave their ethnic group as ‘Asian or Asian British’"),
        ("age_band=under_16", "people aged under 16"),
        ("disability=limits_a_lot", "people whose health condition or disability makes daily life a lot harder"),
        ("main_language=pl", "people whose main language is Polish"),
        ("shoe_size=very_large", "people who answered ‘very large’"),
    ],
)
def test_a_group_is_named_in_the_words_of_the_form(about: str, says: str) -> None:
    assert group(about) == says


def test_one_comment_is_told_without_a_word_of_it() -> None:
    assert one_comment("Ward 7", "team", "carer", ["abuse_or_neglect"]) == (
        "A carer’s comment on Ward 7 may tell of immediate risk: somebody may be abused or neglected."
    )


@pytest.mark.parametrize(
    ("weeks", "says"),
    [
        (0.4, "every week"),
        (14.2, "every 14 weeks"),
        (260.0, "every 5 years"),
        (9e6, "every thousand years or more"),
    ],
)
def test_every_alarm_says_how_often_chance_would_raise_it(weeks: float, says: str) -> None:
    assert chance("rise", weeks).startswith(f"One alarm this strong {says} is expected by chance")


def test_where_no_statistics_are_behind_it_that_is_said() -> None:
    assert "a person must judge it" in chance("one_comment", None)
    assert "about one is expected to be chance" in chance("inequity", None)


@pytest.mark.parametrize(
    ("place", "level", "says"),
    [
        ("Ward 7", "team", "on Ward 7"),
        ("Maternity", "team", "in Maternity"),
        ("St Brannoc's", "site", "at St Brannoc's"),
        ("(unnamed)", "site", "at (unnamed)"),
    ],
)
def test_a_place_stands_with_the_word_that_goes_before_it(place: str, level: str, says: str) -> None:
    assert where(place, level) == says
