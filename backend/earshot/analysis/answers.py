"""What the console gets of comments and discovered themes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from earshot.analysis import browse
from earshot.analysis.browse import Read


class WordOut(BaseModel):
    """A word and its share of a theme's log-odds."""

    text: str
    weight: float


class ReasonOut(WordOut):
    """What spoke for a theme of a comment: a word or, as an `anchor`, an example sentence that the comment is like."""

    anchor: bool = False


class ThemeOut(BaseModel):
    """A theme, its probability and the words that spoke for it; a theme that a person added may have neither."""

    theme: str
    p: float
    words: list[ReasonOut]
    by_person: bool


class ConsideredOut(BaseModel):
    """A theme that the computer was not sure enough of to claim; it is counted nowhere."""

    theme: str
    p: float


class SentenceOut(BaseModel):
    """A sentence by its offsets, with sentiment 1 (very positive) to 5 (very negative)."""

    start: int
    end: int
    sentiment: int


class RiskOut(BaseModel):
    """An immediate risk that a comment may tell of: its kind, probability, and where its words stand."""

    kind: str
    p: float
    start: int
    end: int


class ClusterName(BaseModel):
    """The discovered theme that a comment belongs to."""

    id: UUID
    name: str


class Piece(BaseModel):
    """A piece of a comment, and whether it is a search hit."""

    text: str
    hit: bool


class CommentOut(BaseModel):
    """A comment with what was understood of it."""

    id: UUID
    org_id: UUID
    org_name: str
    stream: str
    question: str
    text: str
    language: str | None
    said_on: date
    fft: int | None
    sentiment: int | None
    sentiment_p: float | None
    sentiment_by_person: bool
    sentences: list[SentenceOut]
    themes: list[ThemeOut]
    considered: list[ConsideredOut]
    cluster: ClusterName | None
    needs_person: str | None
    safety: list[RiskOut]
    risk_by_person: bool | None
    snippet: list[Piece] | None
    bundle: str | None
    corrected: bool


class CommentPage(BaseModel):
    """One page of comments."""

    items: list[CommentOut]
    next: str | None
    total: int


def comment_out(read: Read) -> CommentOut:
    """A comment as the console gets it."""
    pieces = browse.snippet(read.headline)
    return CommentOut.model_validate(
        {
            **{name: getattr(read, name) for name in Read.__dataclass_fields__ if name != "headline"},
            "sentences": read.sentences or [],
            "snippet": None if pieces is None else [{"text": text, "hit": hit} for text, hit in pieces],
        }
    )


class WeekOut(BaseModel):
    """Comments of one week, from Monday."""

    week_start: date
    n: int | None
