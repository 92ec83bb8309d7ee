"""The comments behind the counts: examples and telling words of a theme, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.analysis import browse
from earshot.analysis.browse import Read
from earshot.core.db import Connection, Query
from earshot.measures.disclosure import added, seen
from earshot.measures.periods import Span
from earshot.measures.store import Sources

EXEMPLARS, WORDS = 5, 20


@dataclass(frozen=True)
class WeighedWord:
    """A word and how much it spoke for a theme, added up over comments."""

    text: str
    weight: float


@dataclass(frozen=True)
class _Waiting:
    stream: str
    n: int


# The same words sent twice are shown once; what can be taken in at a glance comes first.
_EXEMPLARS = Query(
    UUID,
    """
    WITH best AS (
      SELECT DISTINCT ON (c.text) c.id, c.said_on, t.p, char_length(c.text) BETWEEN 30 AND 400 AS readable
      FROM effective_theme t JOIN comment c ON c.id = t.comment_id
      WHERE t.theme = $3 AND ($1::uuid[] IS NULL OR c.org_id = ANY ($1)) AND ($2::text[] IS NULL OR c.stream = ANY ($2))
        AND c.said_on BETWEEN $4 AND $5
      ORDER BY c.text, t.p DESC, c.said_on DESC, c.id
    )
    SELECT id FROM best ORDER BY readable DESC, p DESC, said_on DESC, id LIMIT $6
    """,
)
_WORDS = Query(
    WeighedWord,
    """
    SELECT lower(word ->> 'text') AS text, round(sum((word ->> 'weight')::numeric), 3)::float8 AS weight
    FROM comment_theme t JOIN comment c ON c.id = t.comment_id CROSS JOIN jsonb_array_elements(t.words) AS word
    WHERE t.theme = $3 AND ($1::uuid[] IS NULL OR c.org_id = ANY ($1)) AND ($2::text[] IS NULL OR c.stream = ANY ($2))
      AND c.said_on BETWEEN $4 AND $5 AND word ->> 'anchor' IS NULL
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $6
    """,
)
_NEEDS_PERSON = Query(
    _Waiting,
    """
    SELECT stream, count(DISTINCT comment_id)::int AS n FROM review_item
    WHERE looked_at_on IS NULL AND ($1::uuid[] IS NULL OR org_id = ANY ($1))
      AND ($2::text[] IS NULL OR stream = ANY ($2)) AND ($3::date IS NULL OR said_on >= $3)
      AND ($4::date IS NULL OR said_on <= $4)
    GROUP BY stream
    """,
)


async def exemplars(connection: Connection, sources: Sources, theme: str, span: Span) -> list[Read]:
    """A few comments that are most surely about a theme, no two with the same words."""
    ids = await _EXEMPLARS.all(connection, sources.org_ids, sources.streams, theme, span.since, span.until, EXEMPLARS)
    return [await browse.one(connection, comment_id) for comment_id in ids]


async def words(connection: Connection, sources: Sources, theme: str, span: Span) -> Sequence[WeighedWord]:
    """The words that spoke most for a theme, heaviest first."""
    return await _WORDS.all(connection, sources.org_ids, sources.streams, theme, span.since, span.until, WORDS)


async def needing_a_person(
    connection: Connection, sources: Sources, since: date | None, until: date | None
) -> int | None:
    """How many comments a person has yet to look at; None where these are a few of staff."""
    rows = await _NEEDS_PERSON.all(connection, sources.org_ids, sources.streams, since, until)
    return added(seen(row.stream, row.n, exact=sources.exact) for row in rows)
