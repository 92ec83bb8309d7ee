"""Comments as people read them: filtered, searched, page by page, with what was understood of each."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import FieldError, Invalid

_OPEN, _CLOSE = "\x02", "\x03"  # around a search hit: no comment holds control characters


@dataclass(frozen=True)
class Search:
    """What to look for; None means anything. `org_ids` is a subtree, `query` is what a person typed."""

    org_ids: Sequence[UUID] | None = None
    since: date | None = None
    until: date | None = None
    streams: Sequence[str] | None = None
    theme: str | None = None
    cluster: UUID | None = None
    sentiments: Sequence[int] | None = None
    fft: Sequence[int] | None = None
    language: str | None = None
    needs_person: bool | None = None
    query: str | None = None
    safety: bool | None = None
    themes: Sequence[str] | None = None  # any of them

    def arguments(self) -> tuple[object, ...]:
        """The values of $1 to $13."""
        return (
            self.org_ids, self.since, self.until, self.streams, self.theme, self.cluster, self.sentiments, self.fft,
            self.language, self.needs_person, self.query or None, self.safety,
            self.themes,
        )  # fmt: skip


@dataclass(frozen=True)
class Read:
    """A comment with everything that a reader sees of it; json columns come as lists and dicts."""

    id: UUID
    org_id: UUID
    org_name: str
    stream: str
    question: str
    text: str
    said_on: date
    fft: int | None
    language: str | None
    sentiment: int | None
    sentiment_p: float | None
    sentiment_by_person: bool
    sentences: list[dict[str, int]] | None
    themes: list[dict[str, Any]]
    considered: list[dict[str, Any]]
    cluster: dict[str, str] | None
    needs_person: str | None
    safety: list[dict[str, Any]]
    risk_by_person: bool | None
    bundle: str | None
    corrected: bool
    headline: str | None


_COLUMNS: LiteralString = """
    SELECT c.id, c.org_id, o.name AS org_name, c.stream, c.question, c.text, c.said_on, r.fft, a.language, e.sentiment,
      a.sentiment_p, coalesce(e.by_person, false) AS sentiment_by_person, a.sentences,
      coalesce((SELECT jsonb_agg(jsonb_build_object('theme', t.theme, 'p', t.p, 'words', t.words,
                                                    'by_person', t.by_person) ORDER BY t.p DESC, t.theme)
                FROM effective_theme t WHERE t.comment_id = c.id), '[]') AS themes,
      coalesce((SELECT jsonb_agg(jsonb_build_object('theme', n.theme, 'p', n.p) ORDER BY n.p DESC, n.theme)
                FROM comment_considered n WHERE n.comment_id = c.id AND NOT EXISTS (
                  SELECT FROM correction k WHERE k.comment_id = c.id AND k.ended_on IS NULL
                    AND (k.kind = 'checked' OR (k.framework = n.framework AND k.theme = n.theme)))), '[]')
        AS considered,
      (SELECT jsonb_build_object('id', k.id, 'name', k.name)
       FROM comment_cluster m JOIN cluster k ON k.id = m.cluster_id WHERE m.comment_id = c.id) AS cluster,
      (SELECT v.reason FROM review_item v WHERE v.comment_id = c.id AND v.looked_at_on IS NULL
       ORDER BY v.reason <> 'safety' LIMIT 1) AS needs_person,
      coalesce((SELECT jsonb_agg(jsonb_build_object(
                  'kind', s.kind, 'p', s.p, 'start', least(s.evidence_start, length(c.text)),
                  'end', least(s.evidence_end, length(c.text))) ORDER BY s.p DESC, s.kind)
                FROM safety_flag s WHERE s.comment_id = c.id), '[]') AS safety,
      (SELECT k.present FROM correction k WHERE k.comment_id = c.id AND k.kind = 'risk' AND k.ended_on IS NULL
       ORDER BY k.number DESC LIMIT 1) AS risk_by_person,
      a.bundle,
      EXISTS (SELECT FROM correction k WHERE k.comment_id = c.id AND k.ended_on IS NULL AND k.kind <> 'checked')
        AS corrected,
"""
_FROM: LiteralString = """
    FROM comment c
    JOIN org o ON o.id = c.org_id
    JOIN response r ON r.id = c.response_id
    LEFT JOIN analysis a ON a.comment_id = c.id
    LEFT JOIN effective_sentiment e ON e.comment_id = c.id
"""
_WHERE: LiteralString = """
    WHERE ($1::uuid[] IS NULL OR c.org_id = ANY ($1))
      AND ($2::date IS NULL OR c.said_on >= $2)
      AND ($3::date IS NULL OR c.said_on <= $3)
      AND ($4::text[] IS NULL OR c.stream = ANY ($4))
      AND ($5::text IS NULL OR EXISTS (SELECT FROM effective_theme t WHERE t.comment_id = c.id AND t.theme = $5))
      AND ($6::uuid IS NULL OR EXISTS (SELECT FROM comment_cluster m WHERE m.comment_id = c.id AND m.cluster_id = $6))
      AND ($7::int[] IS NULL OR e.sentiment = ANY ($7))
      AND ($8::int[] IS NULL OR r.fft = ANY ($8))
      AND ($9::text IS NULL OR a.language = $9)
      AND ($10::boolean IS NOT TRUE
           OR EXISTS (SELECT FROM review_item v WHERE v.comment_id = c.id AND v.looked_at_on IS NULL))
      AND ($11::text IS NULL OR c.search @@ websearch_to_tsquery('english', $11))
      AND ($12::boolean IS NOT TRUE
           OR EXISTS (SELECT FROM safety_flag s WHERE s.comment_id = c.id)
           OR EXISTS (SELECT FROM safety_sample s WHERE s.comment_id = c.id AND s.risk))
      AND ($13::text[] IS NULL
           OR EXISTS (SELECT FROM effective_theme t WHERE t.comment_id = c.id AND t.theme = ANY ($13)))
"""
_PAGE = Query(
    Read,
    _COLUMNS
    + """
      CASE WHEN $11::text IS NULL THEN NULL ELSE
        ts_headline('english', c.text, websearch_to_tsquery('english', $11),
          'HighlightAll=true, StartSel=' || chr(2) || ', StopSel=' || chr(3)) END AS headline
    """
    + _FROM
    + _WHERE
    + """
      AND ($14::date IS NULL OR (c.said_on, c.id) < ($14, $15::uuid))
    ORDER BY c.said_on DESC, c.id DESC LIMIT $16
    """,
)
_COUNT = Query(int, "SELECT count(*)::int" + _FROM + _WHERE)
_ONE = Query(Read, _COLUMNS + " NULL::text AS headline " + _FROM + " WHERE c.id = $1")
_SOME = Query(Read, _COLUMNS + " NULL::text AS headline " + _FROM + " WHERE c.id = ANY ($1)")
_LOOKED_AT = Statement(
    """
    UPDATE review_item SET looked_at_by = $2, looked_at_on = current_date
    WHERE comment_id = $1 AND looked_at_on IS NULL AND ($3::boolean OR reason <> 'safety')
    """
)


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: after this comment."""

    said_on: date
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.said_on.isoformat()}/{self.id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read a cursor from a URL; raises `Invalid`."""
        try:
            day, _, comment_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("/")
            return cls(date.fromisoformat(day), UUID(comment_id))
        except (ValueError, binascii.Error):
            raise Invalid(fields=[FieldError("after", "Leave this out to begin at the first page.")]) from None


async def page(connection: Connection, search: Search, *, after: Cursor | None = None, limit: int) -> list[Read]:
    """Comments, newest day first; the order within a day says nothing about when they came."""
    place = (after.said_on, after.id) if after else (None, None)
    return await _PAGE.all(connection, *search.arguments(), *place, limit)


async def count(connection: Connection, search: Search) -> int:
    """How many comments a search finds."""
    return await _COUNT.one(connection, *search.arguments())


async def one(connection: Connection, comment_id: UUID) -> Read:
    """One comment; raises `NotFound`."""
    return await _ONE.one(connection, comment_id)


async def some(connection: Connection, comment_ids: Sequence[UUID]) -> list[Read]:
    """Comments by their ids, in no order; one that is gone or out of scope is left out."""
    return await _SOME.all(connection, comment_ids)


async def looked_at(connection: Connection, comment_id: UUID, account_id: UUID, *, risk: bool = True) -> None:
    """A person has looked at what needed one; without `risk`, at everything but a possible risk to somebody."""
    await _LOOKED_AT.run(connection, comment_id, account_id, risk)


def snippet(headline: str | None) -> list[tuple[str, bool]] | None:
    """A search headline as pieces of text, each a hit or not."""
    if headline is None:
        return None
    pieces: list[tuple[str, bool]] = []
    for part in headline.split(_OPEN):
        hit, closed, rest = part.partition(_CLOSE)
        pieces.extend([(hit, True), (rest, False)] if closed else [(part, False)])
    return [(text, is_hit) for text, is_hit in pieces if text]
