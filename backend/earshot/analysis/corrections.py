"""What people say about the machine's reading of a comment: each correction is a row of its own, and can be undone.

Only a redaction cannot: what was taken out of a text never comes back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Conflict, FieldError, Invalid
from earshot.taxonomy.frameworks import of_stream

Kind = Literal["theme", "sentiment", "risk", "redaction", "checked"]
Identifier = Literal[
    "name", "phone", "e-mail", "address", "postcode", "date of birth", "NHS number", "hospital number", "other"
]
LONGEST_SPAN = 200  # characters that one redaction may take out
_NAMED = re.compile(r"\[name (\d{1,4})\]")


class CannotUndo(Conflict):
    """This cannot be undone: it has ended already, or it took something out of the text for good."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ThemeGiven(_Given):
    """A theme is there, or is not."""

    kind: Literal["theme"]
    theme: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    present: bool


class SentimentGiven(_Given):
    """The sentiment, 1 (very positive) to 5 (very negative)."""

    kind: Literal["sentiment"]
    sentiment: Annotated[int, Field(ge=1, le=5)]


class RiskGiven(_Given):
    """Whether the comment tells of an immediate risk to somebody."""

    kind: Literal["risk"]
    present: bool


class RedactionGiven(_Given):
    """A stretch of the comment's text, in code points, that identifies somebody."""

    kind: Literal["redaction"]
    start: Annotated[int, Field(ge=0, le=100_000)]
    end: Annotated[int, Field(ge=1, le=100_000)]
    identifier: Identifier


class CheckedGiven(_Given):
    """Everything that is shown of the comment is right."""

    kind: Literal["checked"]


Given = Annotated[ThemeGiven | SentimentGiven | RiskGiven | RedactionGiven | CheckedGiven, Field(discriminator="kind")]


@dataclass(frozen=True)
class Correction:
    """One correction as people see it."""

    id: UUID
    comment_id: UUID
    kind: Kind
    framework: str | None
    theme: str | None
    present: bool | None
    sentiment: int | None
    identifier: str | None
    made_by_name: str
    made_on: date
    ended_on: date | None

    @property
    def may_be_undone(self) -> bool:
        """Whether it still counts and took nothing out of the text."""
        return self.ended_on is None and self.kind != "redaction"


@dataclass(frozen=True)
class Place:
    """Where a comment belongs, and its text."""

    comment_id: UUID
    org_id: UUID
    stream: str
    said_on: date
    text: str


_COLUMNS = """
    SELECT k.id, k.comment_id, k.kind, k.framework, k.theme, k.present, k.sentiment, k.identifier,
      a.name AS made_by_name, k.made_on, k.ended_on
    FROM correction k JOIN account a ON a.id = k.made_by
"""
_OF = Query(Correction, _COLUMNS + "WHERE k.comment_id = $1 ORDER BY k.number DESC")
_ONE = Query(Correction, _COLUMNS + "WHERE k.id = $1")
_PLACE = Query(
    Place, "SELECT id AS comment_id, org_id, stream, said_on, text FROM comment WHERE id = $1 FOR NO KEY UPDATE"
)
_END_OLDER = Statement(
    """
    UPDATE correction SET ended_by = $2, ended_on = current_date
    WHERE comment_id = $1 AND kind = $3 AND framework IS NOT DISTINCT FROM $4 AND theme IS NOT DISTINCT FROM $5
      AND ended_on IS NULL AND kind <> 'redaction'
    """
)
_ADD = Statement(
    """
    INSERT INTO correction
      (id, comment_id, org_id, stream, kind, framework, theme, present, sentiment, identifier, span, made_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
      CASE WHEN $11::int IS NULL THEN NULL ELSE int4range($11, $12::int) END, $13)
    """
)
_TAKE_OUT = Statement("UPDATE comment SET text = $2, redactions = redactions + $3 WHERE id = $1")
# The audit of what nothing was heard in asks the same question, so one answer serves both.
_ANSWER_SAMPLE = Statement(
    """
    UPDATE safety_sample SET risk = $2, looked_at_by = CASE WHEN $2::boolean IS NOT NULL THEN $3::uuid END,
      looked_at_on = CASE WHEN $2::boolean IS NOT NULL THEN current_date END
    WHERE comment_id = $1
    """
)
_END = Statement(
    """
    UPDATE correction SET ended_by = $2, ended_on = current_date
    WHERE id = $1 AND ended_on IS NULL AND kind <> 'redaction'
    """
)


async def of(connection: Connection, comment_id: UUID) -> list[Correction]:
    """Every correction of a comment, newest first."""
    return await _OF.all(connection, comment_id)


async def place(connection: Connection, comment_id: UUID) -> Place:
    """A comment, held until the transaction ends; raises `NotFound`."""
    return await _PLACE.one(connection, comment_id)


async def make(connection: Connection, at: Place, given: Given, account_id: UUID) -> Correction:
    """Correct a comment; a correction of the same thing ends. Raises `Invalid`."""
    values = _values(given, at.stream)
    if isinstance(given, RedactionGiven):
        text, times = without(at.text, given.start, given.end, given.identifier)
        await _TAKE_OUT.run(connection, at.comment_id, text, times)
    if isinstance(given, RiskGiven):
        await _ANSWER_SAMPLE.run(connection, at.comment_id, given.present, account_id)
    await _END_OLDER.run(connection, at.comment_id, account_id, given.kind, values["framework"], values["theme"])
    made = uuid4()
    await _ADD.run(
        connection, made, at.comment_id, at.org_id, at.stream, given.kind, values["framework"], values["theme"],
        values["present"], values["sentiment"], values["identifier"], values["start"], values["end"], account_id,
    )  # fmt: skip
    return await _ONE.one(connection, made)


async def undo(connection: Connection, correction_id: UUID, account_id: UUID) -> Place:
    """End a correction and give its comment; raises `NotFound` or `CannotUndo`."""
    correction = await _ONE.one(connection, correction_id)
    if not await _END.run(connection, correction_id, account_id):
        raise CannotUndo
    if correction.kind == "risk":
        await _ANSWER_SAMPLE.run(connection, correction.comment_id, None, account_id)
    return await place(connection, correction.comment_id)


def _values(given: Given, stream: str) -> dict[str, Any]:
    """What is stored of a correction; raises `Invalid` for a theme that the stream's framework does not have."""
    sent = given.model_dump()
    if isinstance(given, ThemeGiven):
        framework = of_stream(stream)
        if given.theme not in framework.names:
            raise Invalid(fields=[FieldError("theme", "Choose a theme of the framework.")])
        sent["framework"] = framework.id
    names = ("framework", "theme", "present", "sentiment", "identifier", "start", "end")
    return {name: sent.get(name) for name in names}


def without(text: str, start: int, end: int, identifier: Identifier) -> tuple[str, int]:
    """The text with a stretch, and every other place that reads the same, replaced by its kind; and how many.

    Raises `Invalid` for a stretch that is empty, outside the text, too long, or part of something already taken out.
    """
    words = text[start:end].strip()
    inside = any(m.start() < end and start < m.end() for m in re.finditer(r"\[[^\[\]]{1,40}\]", text))
    if not words or end > len(text) or end - start > LONGEST_SPAN or inside:
        raise Invalid(fields=[FieldError("start", "Mark some words of the comment, up to 200 characters.")])
    return _replaced(text, start, end, words, _label(text, identifier))


def _replaced(text: str, start: int, end: int, words: str, label: str) -> tuple[str, int]:
    """Elsewhere only whole words count: to take "Ann" out must not open "Anna" or "planning"."""
    same = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    before, here = same.subn(label, text[:start])
    after, there = same.subn(label, text[end:])
    lead = text[start:end][: len(text[start:end]) - len(text[start:end].lstrip())]
    tail = text[start:end][len(text[start:end].rstrip()) :]
    return before + lead + label + tail + after, here + there + 1


def _label(text: str, identifier: Identifier) -> str:
    if identifier == "other":
        return "[Redacted]"
    if identifier != "name":
        return f"[{identifier}]"
    return f"[name {max((int(number) for number in _NAMED.findall(text)), default=0) + 1}]"


def touched(places: Sequence[Place]) -> dict[str, Any]:
    """The organisation-days to count anew, as the roll-up stage takes them."""
    return {"cells": sorted({(str(at.org_id), at.said_on.isoformat()) for at in places})}
