"""The first guess of a mapping, the levels of organisation columns, and what counts as words or as a score."""

from __future__ import annotations

import pytest
from earshot.intake.answers import audience, clean, fft_answer, has_words, is_old_fft
from earshot.intake.columns import Mapping, MappingInvalid, guess, profile
from earshot.intake.placing import levels

EXPORT = ["Comment ID", "Trust", "Respondent ID", "Date", "Service type 1", "FFT categorical answer", "FFT question"]


def guessed(columns: list[str], rows: list[list[str]]) -> Mapping:
    return guess(profile(columns, rows)[0])


def test_an_fft_export_is_understood() -> None:
    rows = [
        [
            f"A-{n}",
            "North",
            f"R{n // 2}",
            f"{n % 28 + 1:02}/03/2022",
            "111",
            str(n % 6 + 1),
            "Why?",
            f"It was good {n} times",
        ]
        for n in range(40)
    ]
    mapping = guessed([*EXPORT, "FFT answer"], rows)
    assert mapping.text == ("FFT answer",)
    assert mapping.source_id == "Comment ID"
    assert mapping.respondent == "Respondent ID"
    assert mapping.date == "Date"
    assert mapping.fft == "FFT categorical answer"
    assert mapping.fft_values == {str(n): n for n in range(1, 7)}
    assert mapping.question == "FFT question"
    assert mapping.org == ("Trust", "Service type 1")


def test_a_wide_survey_has_several_texts_and_an_audience() -> None:
    rows = [
        ["2022-03-01", "Very good", "Patient", "Ward 5", f"Kind staff on day {n}", f"More parking spaces, {n} at least"]
        for n in range(20)
    ]
    heading = ["Submitted", "Overall experience", "Completed by", "Ward", "What was good?", "What could be better?"]
    mapping = guessed(heading, rows)
    assert mapping.text == ("What was good?", "What could be better?")
    assert (mapping.date, mapping.fft, mapping.audience) == ("Submitted", "Overall experience", "Completed by")
    assert mapping.org == ("Ward",)


def test_a_rating_in_numbers_is_not_taken_for_the_friends_and_family_test() -> None:
    rows = [["2022-03-01", str(n % 5 + 1), f"We were seen {n} hours late"] for n in range(20)]
    assert guessed(["Date", "Rating", "Comment"], rows).fft is None


def test_a_date_of_birth_is_not_the_day_it_was_said() -> None:
    rows = [["1950-01-02", "2022-03-01", f"We were seen {n} hours late"] for n in range(20)]
    assert guessed(["Date of birth", "Received", "Comment"], rows).date == "Received"


def test_a_column_of_labels_is_neither_text_nor_organisation() -> None:
    rows = [["2022-03-01", str(n % 2), f"We were seen {n} hours late"] for n in range(20)]
    mapping = guessed(["Date", "Organisation & efficiency", "Comment"], rows)
    assert mapping.org == ()
    assert mapping.text == ("Comment",)


def test_a_mapping_must_fit_the_file() -> None:
    with pytest.raises(MappingInvalid) as caught:
        Mapping(text=("Words",), org=("Ward",)).check(["Comment"])
    assert [error.field for error in caught.value.fields] == ["text", "org", "date"]


@pytest.mark.parametrize("raw", ["{", "[]", '{"text": "Comment"}', '{"fft_values": {"9": 9}}', '{"colour": "Ward"}'])
def test_a_mapping_that_cannot_be_read_is_refused(raw: str) -> None:
    with pytest.raises(MappingInvalid):
        Mapping.from_json(raw)


@pytest.mark.parametrize(
    ("columns", "base", "expected"),
    [
        (["Trust", "Service type 1", "Service type 2"], "nation", ["provider", "service", "team"]),
        (["Hospital", "Ward"], "provider", ["site", "team"]),
        (["Area", "Part"], "icb", ["provider", "service"]),
        (["Ward"], "provider", ["team"]),
        (["Ward", "Bay"], "provider", ["team", None]),
        (["Trust", "Ward"], "provider", ["provider", "team"]),
    ],
)
def test_each_column_is_a_level_below_the_one_before(columns: list[str], base: str, expected: list[str | None]) -> None:
    assert levels(columns, base) == expected


@pytest.mark.parametrize(
    "text", ["", "  ", "-", "...", "N/A", "n/a", "Did not answer", "No comment.", "NIL", "\x00", "___"]
)
def test_no_words(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize("text", ["Nothing", "None.", "No", "👍", "谢谢", "ok"])
def test_words(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize(
    ("raw", "score"),
    [("1", 1), ("6", 6), ("2.0", 2), ("Very good", 1), ("5 - Very poor", 5), ("Don’t know", 6), ("7", None),
     ("0", None),      ("Extremely likely", None), ("terrible", None)],
)  # fmt: skip
def test_scores(raw: str, score: int | None) -> None:
    assert fft_answer(raw) == score


def test_the_older_question_is_recognised() -> None:
    assert is_old_fft("1. Extremely likely")
    assert not is_old_fft("Very good")


def test_who_spoke() -> None:
    assert [audience(raw) for raw in ("Parent/Carer", "Service User", "Staff member", "Robot")] == [
        "carer",
        "patient",
        "staff",
        None,
    ]


def test_control_characters_go_and_line_breaks_stay() -> None:
    assert clean(" a\x00b\r\nc\x07 ") == "ab\nc"
