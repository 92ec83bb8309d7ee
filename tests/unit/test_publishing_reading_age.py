"""How old somebody must be to read a text: the formula against known grades, and words counted by hand."""

from __future__ import annotations

import pytest
from earshot.publishing.reading_age import ADVISED, grade, read, syllables

#: Syllables as a dictionary gives them.
BY_HAND = {
    "people": 2, "waiting": 2, "hospital": 3, "doctor": 2, "medicine": 3, "utilise": 3, "appointment": 3, "patient": 2,
    "nurses": 2, "night": 1, "table": 2, "commence": 2, "information": 4, "quiet": 2, "staff": 1, "asked": 1,
    "changed": 1, "moved": 1, "little": 2, "comfortable": 4, "operation": 4, "being": 2, "wanted": 2, "needed": 2,
    "care": 1, "there": 1, "noises": 2, "places": 2, "lights": 1, "safely": 2, "whole": 1, "themselves": 2, "the": 1,
    "she": 1, "you": 1, "beds": 1, "used": 1, "tables": 2, "called": 1, "cancelled": 2, "discharge": 2, "creature": 2,
    "created": 3, "equal": 2, "conceived": 2, "heard": 1, "visiting": 3, "worse": 1, "better": 2, "area": 3, "idea": 3,
    "every": 2, "sometimes": 2, "reliable": 4, "really": 2, "2026": 1, "ward's": 1,
}  # fmt: skip


def test_syllables_are_those_that_a_dictionary_counts_for_nearly_all_words() -> None:
    wrong = {word: (count, syllables(word)) for word, count in BY_HAND.items() if syllables(word) != count}
    assert len(wrong) <= 6 and all(abs(ours - right) == 1 for right, ours in wrong.values()), wrong
    assert sum(map(syllables, BY_HAND)) == pytest.approx(sum(BY_HAND.values()), rel=0.02)


def test_the_formula_gives_the_grade_of_its_authors() -> None:
    # 13 words and 24 syllables in one sentence, and six words of one syllable: both worked by hand.
    assert grade(13, 1, 24) == pytest.approx(11.26, abs=0.01)
    assert grade(6, 1, 6) == pytest.approx(-1.45, abs=0.01)


def test_a_sentence_whose_grade_is_well_known_is_read_as_such() -> None:
    platypus = read("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.")
    assert platypus.age == pytest.approx(11.3 + 5, abs=0.5)
    assert not platypus.plain
    assert read("The cat sat on the mat.").age == 5  # no text is for children below five


def test_plain_words_pass_and_officialese_does_not() -> None:
    plain = read(
        "You told us that the ward was loud at night. We moved the bins away from the beds. We dim the lights at ten."
    )
    stiff = read(
        "Following the receipt of numerous communications regarding nocturnal disturbance, the organisation commenced"
        " implementation of a comprehensive environmental improvement initiative."
    )
    assert plain.plain and plain.age is not None and plain.age < ADVISED[1] and not plain.hard_words
    assert not stiff.plain and stiff.age is not None and stiff.age > 18
    assert [hard.word for hard in stiff.hard_words[:4]] == ["initiative", "improvement", "numerous", "regarding"]
    assert {hard.word: hard.instead for hard in stiff.hard_words}["commenced"] == "started"


def test_sentences_end_with_a_mark_or_with_a_line_and_numbers_are_words() -> None:
    found = read("We fixed 3.5 taps\nWe asked Ms. Osei: it helped! Did it? Yes…")
    assert (found.words, found.sentences) == (13, 5)
    assert read("  … 😀 ").age is None and read("").words == 0
    assert read("راتیں اب پرسکون ہیں۔ Ward 7").age is None, "the formula is for English"


def test_a_name_is_no_hard_word_and_each_word_is_told_once() -> None:
    found = read("On Alexandra Ward physiotherapy is physiotherapy. Physiotherapy helps.")
    assert [hard.word for hard in found.hard_words] == ["physiotherapy"]
