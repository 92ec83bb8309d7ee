"""What goes between the stages: opened submissions, comments, and what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID, uuid5

Reason = Literal["language", "unreadable", "redaction", "empty", "safety"]

#: Names under which ids are derived, so that a stage that runs twice makes the same rows.
_COMMENTS = UUID("6f3a1c52-6ab0-4f0f-9f66-0d9d6a7c1b01")
_REVIEWS = UUID("6f3a1c52-6ab0-4f0f-9f66-0d9d6a7c1b02")


@dataclass(frozen=True)
class SealedSubmission:
    """A submission as it lies in the vault."""

    id: UUID
    org_id: UUID
    audience: str
    form: str
    channel: str
    import_id: UUID | None
    response_id: UUID
    received_on: date
    sealed: bytes


@dataclass(frozen=True)
class Response:
    """That somebody answered, where, when and with which score; never what they wrote."""

    id: UUID
    org_id: UUID
    stream: str
    said_on: date
    fft: int | None
    about: dict[str, str]
    channel: str
    import_id: UUID | None


@dataclass(frozen=True)
class Comment:
    """One answer in words, de-identified."""

    id: UUID
    submission_id: UUID
    response_id: UUID
    org_id: UUID
    stream: str
    question: str
    text: str
    redactions: int
    said_on: date


@dataclass(frozen=True)
class ReviewItem:
    """Something that a person must look at, and why."""

    id: UUID
    submission_id: UUID
    comment_id: UUID | None
    org_id: UUID
    stream: str
    reason: Reason
    said_on: date


def comment_id(submission_id: UUID, question: str) -> UUID:
    """The id of an answer: the same each time, so that nothing is counted twice."""
    return uuid5(_COMMENTS, f"{submission_id}/{question}")


def review_id(submission_id: UUID, question: str, reason: Reason) -> UUID:
    """The id of a review item: the same each time."""
    return uuid5(_REVIEWS, f"{submission_id}/{question}/{reason}")
