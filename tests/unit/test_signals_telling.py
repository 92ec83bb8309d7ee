"""Which words drive a signal and which comments tell most, from comments written by hand."""

from __future__ import annotations

from uuid import UUID

from earshot.signals.telling import Candidate, Word, driving, most_telling, words_in, z_score

BEFORE = ["The nurses were kind.", "The food was cold.", "Parking is dear.", "We waited for the doctor."] * 6


def test_words_are_lower_case_each_once_without_common_ones_or_what_was_taken_out() -> None:
    assert words_in("[Name] said the PAIN was the same pain, and didn’t stop") == {"said", "pain", "didn’t", "stop"}


def test_the_words_that_are_new_come_first_and_those_that_were_always_said_do_not() -> None:
    now = ["Pain relief came late.", "No pain relief all night.", "The nurses were kind but the pain was bad."]
    found = driving(now, BEFORE)
    assert [word.text for word in found] == ["pain", "relief"]
    assert (found[0].now, found[0].before) == (3, 0)
    assert found[0].z > found[1].z > 1


def test_one_comment_that_repeats_a_word_does_not_make_it_telling() -> None:
    assert driving(["pain pain pain pain", "It was good."], BEFORE) == []
    assert driving([], []) == []


def test_the_same_share_now_and_before_tells_nothing() -> None:
    assert abs(z_score(5, 50, 10, 100)) < 0.3
    assert z_score(20, 50, 10, 100) > 2
    assert z_score(1, 50, 60, 100) < -2


def test_the_surest_worst_and_newest_comment_comes_first() -> None:
    words = [Word("pain", 3.0, 5, 0)]

    def said(number: int, text: str, p: float = 0.9, sentiment: int | None = 5) -> Candidate:
        return Candidate(UUID(int=number), UUID(int=number), text, p, sentiment)

    telling, mild, unsure, old = (
        said(1, "The pain was dreadful."),
        said(2, "Some pain.", sentiment=2),
        said(3, "The pain was dreadful.", p=0.3),
        said(4, "The food was cold."),
    )
    ordered = most_telling([old, unsure, mild, telling], words, good=False)
    assert [one.id.int for one in ordered][:1] == [1]
    assert ordered[-1] is old
    assert most_telling([telling, mild], words, good=True)[0] is mild
