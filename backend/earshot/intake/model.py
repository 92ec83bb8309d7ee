"""What a form asks, what somebody answered, and where it belongs. Pure: nothing here reads or writes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal
from uuid import UUID, uuid4

from earshot.core.errors import EarshotError, FieldError, Invalid

Audience = Literal["patient", "carer", "staff"]
Channel = Literal["form", "api"]

AUDIENCES: tuple[Audience, ...] = ("patient", "carer", "staff")
LONGEST_TEXT = 10_000  # characters of one answer
FFT_ANSWERS = range(1, 7)  # 1 Very good … 5 Very poor, 6 Don't know
SEALED_FOR = b"earshot/submission/v1/"  # with the submission's id: what a sealed payload is bound to

# Everything of C0 and C1 that is no tab or line end, but not NUL, which is refused.
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?")


class NotJson(EarshotError):
    """This is not JSON that Earshot can read. Send one JSON object in UTF-8."""

    status = 400


class OtherBody(EarshotError):
    """This Idempotency-Key was used before with another body. Use a new key for a new submission."""

    status = 409


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen."""

    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """One question: `score` is the Friends and Family Test, `text` is free, `choice` is optional."""

    code: str
    kind: Literal["score", "text", "choice"]
    wording: str
    hint: str | None = None
    options: tuple[Option, ...] = ()

    @cached_property
    def values(self) -> frozenset[str]:
        """The values that may be chosen."""
        return frozenset(option.value for option in self.options)


@dataclass(frozen=True)
class Form:
    """One version of the form for one audience."""

    id: str
    audience: Audience
    lang: str
    dir: Literal["ltr", "rtl"]
    label: str
    title: str
    intro: str
    about_intro: str
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        kinds = [question.kind for question in self.questions]
        if kinds[:1] != ["score"] or "text" not in kinds or kinds != sorted(kinds, key=_ORDER.index):
            raise ValueError(f"{self.id}: a form asks the score first, then for words, then what is optional")

    @cached_property
    def score(self) -> Question:
        """The Friends and Family Test question."""
        return self.questions[0]

    @cached_property
    def texts(self) -> Mapping[str, Question]:
        """Free-text questions by code."""
        return {question.code: question for question in self.questions if question.kind == "text"}

    @cached_property
    def choices(self) -> Mapping[str, Question]:
        """Optional questions by code."""
        return {question.code: question for question in self.questions if question.kind == "choice"}


_ORDER = ("score", "text", "choice")


@dataclass(frozen=True)
class Submission:
    """What one person sent in one go, checked when it is made; raises `Invalid` naming each field that is wrong.

    `answers` maps codes of text questions to texts of at most 10,000 characters, `about` maps codes of optional
    questions to chosen values, `fft` is 1 (Very good) to 6 (Don't know). Texts are tidied; empty answers are left out.
    """

    org_id: UUID
    form: Form
    answers: Mapping[str, str] = field(default_factory=dict)
    fft: int | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        wrong: list[FieldError] = []
        object.__setattr__(self, "answers", _tidied(self.answers, self.form, wrong))
        object.__setattr__(self, "about", _chosen(self.about, self.form, wrong))
        if self.fft is not None and self.fft not in FFT_ANSWERS:
            wrong.append(FieldError("fft", "Choose one of the 6 answers"))
        if not wrong and self.fft is None and not self.answers:
            wrong.append(FieldError("fft", "Choose an answer, or tell us something in your own words"))
        if wrong:
            raise Invalid(fields=wrong)

    @property
    def audience(self) -> Audience:
        """Who speaks."""
        return self.form.audience

    @cached_property
    def payload(self) -> bytes:
        """What is sealed: answers, score and optional answers as JSON."""
        return _json({"answers": self.answers, "fft": self.fft, "about": self.about})

    @cached_property
    def canonical(self) -> bytes:
        """The same bytes for the same content, wherever it was sent from: what tells a replay from another body."""
        return b"%s\n%s\n%s" % (self.org_id.bytes, self.audience.encode(), self.payload)

    @property
    def info(self) -> bytes:
        """What the sealed payload is bound to."""
        return SEALED_FOR + self.id.bytes


@dataclass(frozen=True)
class Accepted:
    """The answer to a submission that is kept."""

    id: UUID
    received_on: date
    replayed: bool = False


@dataclass(frozen=True)
class Door:
    """Where a submission goes: an open organisation, and who the link was made for.

    `moved` says that it is not the organisation that was asked for: the link has expired, or that one is closed.
    """

    org_id: UUID
    org_name: str
    provider_name: str | None
    audience: Audience
    moved: bool = False
    invented: bool = False

    @property
    def name(self) -> str:
        """The organisation, with its provider where that says more."""
        if self.provider_name is None or self.provider_name == self.org_name:
            return self.org_name
        return f"{self.org_name}, {self.provider_name}"


@dataclass(frozen=True)
class Place:
    """An open organisation with a form, as the start page lists it."""

    token: str
    name: str
    site_name: str | None
    provider_name: str | None


@dataclass(frozen=True)
class Link:
    """A printable way to one organisation's form. Its token is no secret: it hangs on the wall."""

    id: UUID
    token: str
    org_id: UUID
    org_name: str
    audience: Audience
    label: str
    created_on: date
    expires_on: date | None

    def expired(self, today: date) -> bool:
        """Whether the link now leads to the provider's form."""
        return self.expires_on is not None and self.expires_on < today


def _tidied(answers: Mapping[str, str], form: Form, wrong: list[FieldError]) -> dict[str, str]:
    tidied: dict[str, str] = {}
    for code in sorted(answers):
        if code not in form.texts:
            wrong.append(FieldError(f"answers.{code[:40]}", "This form does not ask this question"))
        elif "\0" in answers[code]:
            wrong.append(
                FieldError(f"answers.{code}", "Type this answer again: it has a character in it that we cannot keep")
            )
        elif text := _CONTROLS.sub("", _LINE_ENDS.sub("\n", answers[code])).strip():
            tidied[code] = text
            if len(text) > LONGEST_TEXT:
                over = len(text) - LONGEST_TEXT
                wrong.append(FieldError(f"answers.{code}", f"Make this answer shorter by {over:,} characters"))
    return tidied


def _chosen(about: Mapping[str, str], form: Form, wrong: list[FieldError]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for code in sorted(about):
        question = form.choices.get(code)
        if question is None:
            wrong.append(FieldError(f"about.{code[:40]}", "This form does not ask this question"))
        elif about[code] not in question.values:
            wrong.append(FieldError(f"about.{code}", "Choose an answer from the list, or leave this out"))
        else:
            chosen[code] = about[code]
    return chosen


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
