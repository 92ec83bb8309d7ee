"""What a cell of an import says: words or none, a Friends and Family Test answer, who spoke."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, TypeAlias

Audience: TypeAlias = Literal["patient", "carer", "staff"]

LONGEST_TEXT = 10_000  # characters of one answer, as on the form

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SHORT = 40  # characters; no phrase that says nothing is longer

# A cell that says only that nothing was said. "Nothing" and "None" are not among them: they are real answers to
# "What could we do better?", and good news.
_NO_WORDS = frozenset(
    (
        "did not answer",
        "didnt answer",
        "did not respond",
        "no answer",
        "no answer given",
        "not answered",
        "no response",
        "no reply",
        "blank",
        "n a",
        "na",
        "not applicable",
        "no comment",
        "no comments",
        "no comment given",
        "no comments given",
        "nil",
        "null",
        "nan",
        "skipped",
        "left blank",
        "question not asked",
        "prefer not to say",
        "none given",
        "nothing entered",
    )
)
_FFT = {
    "very good": 1,
    "good": 2,
    "neither good nor poor": 3,
    "neither good or poor": 3,
    "neither": 3,
    "poor": 4,
    "very poor": 5,
    "dont know": 6,
    "do not know": 6,
}
#: The question asked until March 2020 ("would you recommend…"): its answers are not answers of today's question.
_OLD_FFT = frozenset(
    ("extremely likely", "likely", "neither likely nor unlikely", "neither likely or unlikely", "unlikely",
     "extremely unlikely")
)  # fmt: skip
_AUDIENCES: dict[str, Audience] = {
    **dict.fromkeys(
        ("patient", "patients", "service user", "client", "the patient", "i am the patient", "user", "parent to be"),
        "patient",
    ),
    **dict.fromkeys(
        ("carer", "carers",
         "parent", "parent carer", "parent or carer", "relative", "family", "family member", "friend",
         "family or friend", "family friend", "relative or carer", "relative carer", "guardian", "unpaid carer",
         "family carer"),
        "carer",
    ),
    **dict.fromkeys(("staff", "staff member", "member of staff", "employee", "worker", "colleague"), "staff"),
}  # fmt: skip


def clean(text: str) -> str:
    """Text without control characters (NUL among them) and without white space at its ends; line breaks stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """Text with every run of white space as one space: names and questions are compared like this."""
    return " ".join(clean(text).split())


def simple(text: str) -> str:
    """The bare words of a cell, in small letters, to compare it with a list."""
    return " ".join(re.sub(r"[^\w]+", " ", one_line(text).lower().replace("'", "").replace("’", "")).split())


def has_words(text: str) -> bool:
    """Whether somebody said something: not empty, not only punctuation, not "Did not answer"."""
    if len(text) <= _SHORT:
        return _short_has_words(text)
    return any(c.isalnum() for c in text) or _short_has_words(text)


@lru_cache(maxsize=4096)  # files repeat their short cells
def _short_has_words(text: str) -> bool:
    bare = simple(text).replace("_", "")
    if bare in _NO_WORDS:
        return False
    return bool(bare) or any(unicodedata.category(c) == "So" for c in text)  # a lone emoji is an answer


def fft_answer(raw: str) -> int | None:
    """The Friends and Family Test answer, 1 (very good) to 6 (don't know), or None where it is none of the six."""
    number = re.fullmatch(r"([1-6])(?:\.0+)?", raw.strip())
    if number:
        return int(number[1])
    return _FFT.get(re.sub(r"^\d+ ", "", simple(raw)))


def is_old_fft(raw: str) -> bool:
    """Whether this answers the older question "would you recommend us", which has another scale."""
    return re.sub(r"^\d+ ", "", simple(raw)) in _OLD_FFT


def audience(raw: str) -> Audience | None:
    """Who spoke, or None where the words are not known."""
    return _AUDIENCES.get(simple(raw))
