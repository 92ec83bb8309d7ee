"""The phrases of danger: notation, spelling, denials, offsets, and time that grows with length only."""

from __future__ import annotations

import re
import time

import pytest
from earshot_nlp import bundle
from earshot_nlp.safety_model import KINDS
from earshot_nlp.safety_rules import Phrases, spans
from earshot_nlp.safety_sieve import Sieve, needles
from earshot_nlp.safety_train import examples


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return Phrases(bundle.safety_phrases())


def found(phrases: Phrases, text: str) -> list[tuple[str, str]]:
    return [(kind, text[start:end]) for kind, start, end in spans(phrases.find(text))]


def test_gaps_lists_of_words_and_kinds_are_read_as_they_are_written() -> None:
    small = Phrases(
        "# a note\nWHO = (?:him|her)\n[figure of speech]\nhit it off\n[one]\n\\bhit<2>WHO\n[two]\nhit\\b<<4>>run"
    )
    assert small.kinds == ("one", "two")
    assert found(small, "They hit poor old him. Then run") == [
        ("one", "hit poor old him"),
        ("two", "hit poor old him. Then run"),
    ]
    assert found(small, "They hit a very poor old him") == []
    assert small.meant("We hit it off") == "We good      "


def test_a_line_that_is_no_list_and_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="NAME = words"):
        Phrases("just words")


def test_the_shipped_phrases_cover_every_kind(phrases: Phrases) -> None:
    assert phrases.kinds == KINDS


@pytest.mark.parametrize(
    "text",
    ["I don’t want to be here anymore", "i dont want to be here anymore", "I DON'T\nWANT to be here ANYMORE"],
)
def test_spelling_capitals_and_lines_make_no_difference(phrases: Phrases, text: str) -> None:
    assert found(phrases, "Sorry. " + text) == [("self_harm", text[2:].split(" any")[0].split(" ANY")[0])]


def test_offsets_hold_where_apostrophes_are_missing_and_letters_are_rare(phrases: Phrases) -> None:
    text = "İ wasnt asked 🙂 and Zoë doesnt know: the nurse slapped him"
    assert found(phrases, text) == [("abuse_or_neglect", "slapped him")]


@pytest.mark.parametrize(
    "text",
    [
        "Nobody ever hit me and nobody shouted at me",
        "I never wanted to die",
        "In 2019 I was suicidal and you saved my life",
        "Leaflets about domestic abuse should be in every toilet",
    ],
)
def test_denials_thanks_and_general_talk_take_a_phrase_back(phrases: Phrases, text: str) -> None:
    assert found(phrases, text) == []


def test_a_denial_in_another_sentence_takes_nothing_back(phrases: Phrases) -> None:
    assert found(phrases, "I have no complaints. A nurse slapped me.") == [("abuse_or_neglect", "slapped me")]


@pytest.mark.parametrize("unit", ["i was left ", "hit ", "don't want to ", "a" * 500, "no . ", "bruise nobody "])
def test_time_grows_with_length_only(phrases: Phrases, unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        begun = time.process_time()
        phrases.find(phrases.meant(text))
        return time.process_time() - begun

    seconds(1_000)
    assert seconds(40_000) < 30 * max(seconds(4_000), 0.01)


@pytest.mark.parametrize(
    ("phrase", "needed"),
    [
        (r"\bhang(?:ed|ing)? himself", {" himself"}),
        (r"(?:slapp?|kick)ed", {"slap", "kick"}),
        (r"\b(?:no|not) (?:food|water)\b", {"food", "water"}),
        (r"bruises?(?! easily)", {"bruise"}),
        (r"a{3}b?c", None),
        (r"(?:food|[a-z]+)", None),
        (r"(?:harm)?", None),
    ],
)
def test_what_every_match_must_hold_is_told_from_the_notation(phrase: str, needed: set[str] | None) -> None:
    assert needles(phrase) == needed


@pytest.mark.parametrize("phrase", ["(hit)", "hit)"])
def test_brackets_that_cannot_be_read_are_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        Sieve([phrase])


def test_the_quick_look_loses_no_match_of_the_shipped_phrases() -> None:
    written = [line for line in bundle.safety_phrases().splitlines() if line.startswith("\\b") and "<" not in line]
    plain = [line for line in written if not re.search("[A-Z]{3}", line)]
    texts = [
        one.text.lower() for name in ("train", "held_out", "fresh") for one in examples(bundle.safety_examples(name))
    ]
    sieve, patterns = Sieve(plain), [re.compile(line) for line in plain]
    searched = 0
    for text in texts:
        matched = {number for number, pattern in enumerate(patterns) if pattern.search(text)}
        candidates = sieve.candidates(text)
        assert matched <= set(candidates)
        searched += len(candidates)
    assert searched < len(plain) * len(texts) / 10
