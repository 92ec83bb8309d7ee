"""Signals of staff comments, as people who are no guardians get them: no exact number is left in a sentence."""

from __future__ import annotations

import re
from datetime import date
from typing import get_args

import pytest
from earshot.signals.few import is_of_staff, retold, roughly
from earshot.signals.model import Kind
from earshot.signals.wording import Told, sentence

SINCE, UNTIL = date(2026, 3, 2), date(2026, 3, 15)


def said(kind: Kind, observed: int, expected: float) -> str:
    told = Told(
        "Ward 7", "team", ("staff",), "theme_negative", "Discharge", SINCE, UNTIL, observed, expected, words="a"
    )
    return sentence(kind, told)


@pytest.mark.parametrize("kind", [kind for kind in get_args(Kind) if kind not in ("one_comment", "inequity")])
@pytest.mark.parametrize(("observed", "expected"), [(0, 12.4), (3, 11.0), (7, 1.0), (7, 0.4), (38, 6.2), (12, 12.0)])
def test_a_sentence_keeps_its_sense_and_loses_its_exact_numbers(kind: Kind, observed: int, expected: float) -> None:
    text = retold(said(kind, observed, expected), observed, expected)
    numbers = [float(found) for found in re.findall(r"[\d.]*\d", text.replace("Ward 7", "").replace("2 March", ""))]
    assert all(number % 5 == 0 for number in numbers), text
    assert "times" not in text
    assert "since 2 March" in text and text.endswith(".")
    if observed == 3:
        assert "fewer than 5" in text


def test_a_sentence_is_told_again_in_whole_words() -> None:
    assert retold(said("rise", 38, 6.2), 38, 6.2) == (
        "Negative comments from staff about ‘Discharge’ on Ward 7 have risen since 2 March: 40 in two weeks where 5"
        " were expected."
    )
    assert retold(said("silence", 3, 1.0), 3, 1.0) == (
        "Ward 7 is heard much less: fewer than 5 responses from staff since 2 March, where fewer than 5 were expected"
        " in two weeks."
    )


def test_expected_numbers_are_rounded_and_small_ones_stand_for_the_middle() -> None:
    assert [roughly(value) for value in (None, 0.2, 3.0, 6.2, 38.0)] == [None, 0.0, 2.5, 5.0, 40.0]


def test_one_comments_risk_has_no_count_to_hide() -> None:
    assert not is_of_staff("one_comment", ["staff"])
    assert is_of_staff("co_signal", ["patient", "staff"])
    assert not is_of_staff("rise", ["patient", "carer"])
