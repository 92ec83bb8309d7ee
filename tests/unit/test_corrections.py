"""Taking something out of a text: all of it that reads the same, whole words, and never what is a placeholder."""

from __future__ import annotations

import pytest
from earshot.analysis.corrections import Identifier, without
from earshot.core.errors import Invalid


def taken(text: str, words: str, identifier: Identifier = "name") -> tuple[str, int]:
    start = text.index(words)
    return without(text, start, start + len(words), identifier)


def test_every_place_that_reads_the_same_is_taken_out() -> None:
    assert taken("Siân was kind. Thank you, SIÂN!", "Siân") == ("[name 1] was kind. Thank you, [name 1]!", 2)


def test_part_of_another_word_stays() -> None:
    assert taken("Ann and Anna were planning.", "Ann") == ("[name 1] and Anna were planning.", 1)


def test_a_further_name_gets_a_number_of_its_own() -> None:
    assert taken("[name 1] and [name 4] met Jo.", "Jo")[0] == "[name 1] and [name 4] met [name 5]."


def test_other_kinds_are_named_and_the_last_one_says_only_redacted() -> None:
    assert taken("Ring 01632 960 123 now", "01632 960 123", "phone")[0] == "Ring [phone] now"
    assert taken("The one with the parrot", "parrot", "other")[0] == "The one with the [Redacted]"


def test_spaces_at_the_ends_of_what_was_marked_stay() -> None:
    assert taken("I saw Jo today", " Jo ")[0] == "I saw [name 1] today"


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 4), (8, 9_999), (0, 9), (40, 41), (0, 250)])
def test_what_cannot_be_taken_out_is_refused(start: int, end: int) -> None:
    with pytest.raises(Invalid):
        without("[name 1] was here." + " " * 30 + "x" * 300, start, end, "name")
