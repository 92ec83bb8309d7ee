"""The forms and the submission: wording that must be exact, and what is refused at birth."""

from __future__ import annotations

from uuid import uuid4

import pytest
from earshot.core.errors import Invalid
from earshot.intake.forms import CURRENT, every_form, form_for, wording
from earshot.intake.model import AUDIENCES, Audience, Form, Question, Submission
from hypothesis import given
from hypothesis import strategies as st

ORG = uuid4()


def said(audience: Audience = "patient", **given: object) -> Submission:
    return Submission(org_id=ORG, form=form_for(audience), **given)  # type: ignore[arg-type]


def wrong_fields(audience: Audience = "patient", **given: object) -> list[str]:
    with pytest.raises(Invalid) as refused:
        said(audience, **given)
    return [error.field for error in refused.value.fields]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_form_asks_the_fft_question_in_its_exact_words(audience: Audience) -> None:
    score = form_for(audience).score
    assert score.wording == "Overall, how was your experience of our service?"
    assert [(option.value, option.label) for option in score.options] == [
        ("1", "Very good"),
        ("2", "Good"),
        ("3", "Neither good nor poor"),
        ("4", "Poor"),
        ("5", "Very poor"),
        ("6", "Don't know"),
    ]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_form_asks_for_words_and_lets_people_not_say_who_they_are(audience: Audience) -> None:
    form = form_for(audience)
    assert form.texts["why"].wording == "Please can you tell us why you gave your answer?"
    assert set(form.choices) == {"age_band", "ethnicity", "disability", "main_language"}
    for question in form.choices.values():
        assert "prefer_not_to_say" in question.values
        assert not [option.label for option in question.options if option.label.startswith("Other")]


def test_every_audience_has_a_current_form_and_no_id_is_used_twice() -> None:
    assert {every_form()[form_id].audience for form_id in CURRENT.values()} == set(AUDIENCES)


def test_a_form_that_asks_personal_questions_first_is_refused() -> None:
    score, words, age = (Question(kind, kind, "?") for kind in ("score", "text", "choice"))
    with pytest.raises(ValueError, match="asks the score first"):
        Form("x-1", "patient", "en", "ltr", "", "", "", "", (score, age, words))


def test_the_wording_of_an_old_answer_is_found_and_an_import_brings_its_own() -> None:
    assert wording("staff-1", "know") == "What should we know?"
    assert wording("import", "What was good?") == "What was good?"


def test_a_score_alone_or_words_alone_are_enough() -> None:
    assert said(fft=6).answers == {}
    assert said(answers={"why": "Kind."}).fft is None


def test_nothing_said_is_refused() -> None:
    assert wrong_fields() == ["fft"]
    assert wrong_fields(answers={"why": " \r\n\t "}, about={"age_band": "16_24"}) == ["fft"]


@pytest.mark.parametrize("score", [0, 7, -1])
def test_a_score_that_is_no_answer_is_refused(score: int) -> None:
    assert wrong_fields(fft=score) == ["fft"]


def test_questions_that_the_form_does_not_ask_are_refused_by_name() -> None:
    assert wrong_fields(fft=1, answers={"know": "x"}, about={"shoe_size": "9"}) == ["answers.know", "about.shoe_size"]
    assert said("staff", answers={"know": "x"}).answers == {"know": "x"}


def test_a_choice_that_is_not_in_the_list_is_refused() -> None:
    assert wrong_fields(fft=1, about={"age_band": "ancient"}) == ["about.age_band"]


def test_ten_thousand_characters_are_kept_and_one_more_is_refused() -> None:
    assert len(said(answers={"why": "é" * 10_000}).answers["why"]) == 10_000
    assert wrong_fields(answers={"why": "é" * 10_001}) == ["answers.why"]


def test_control_characters_go_and_line_ends_become_plain() -> None:
    assert said(answers={"why": "\x1b[31mone\r\ntwo\rthree\tend\x07\x9f "}).answers["why"] == "[31mone\ntwo\nthree\tend"


def test_nul_is_refused_with_its_field() -> None:
    assert wrong_fields(answers={"why": "a\0b"}) == ["answers.why"]


def test_the_same_content_has_the_same_canonical_bytes_whatever_its_order() -> None:
    one = said("staff", answers={"why": "a", "know": "b"}, fft=1)
    other = said("staff", answers={"know": "b", "why": "a\r\n"}, fft=1)
    assert one.id != other.id
    assert one.canonical == other.canonical
    assert one.canonical != said("staff", answers={"why": "a"}, fft=1).canonical


@given(st.dictionaries(st.sampled_from(["why", "better"]), st.text(max_size=300)), st.none() | st.integers(-1, 8))
def test_whatever_is_typed_is_either_kept_whole_or_refused_by_field(answers: dict[str, str], fft: int | None) -> None:
    try:
        kept = said(answers=answers, fft=fft).answers
    except Invalid as refused:
        named, kept = refused.fields, {}
    else:
        named = ()
    unkeepable = any("\0" in text for text in answers.values())
    assert bool(named) == (unkeepable or fft in (-1, 0, 7, 8) or (fft is None and not kept))
    assert all(text == text.strip() and "\0" not in text for text in kept.values())
