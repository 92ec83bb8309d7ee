"""What the net for immediate risk heard that nobody has looked at, and what a random sample says it missed."""

from __future__ import annotations

from dataclasses import dataclass

from earshot.analysis.browse import Search
from earshot.core.db import Connection, Query


@dataclass(frozen=True)
class Watch:
    """Comments by what became of them: flagged, flagged and not looked at, and the sample of the unflagged."""

    flagged: int
    waiting: int
    drawn: int
    looked_at: int
    missed: int


_WATCH = Query(
    Watch,
    """
    WITH asked AS NOT MATERIALIZED (
      SELECT c.id FROM comment c
      WHERE ($1::uuid[] IS NULL OR c.org_id = ANY ($1)) AND ($2::date IS NULL OR c.said_on >= $2)
        AND ($3::date IS NULL OR c.said_on <= $3) AND ($4::text[] IS NULL OR c.stream = ANY ($4))
    )
    SELECT
      (SELECT count(DISTINCT f.comment_id) FROM safety_flag f JOIN asked ON asked.id = f.comment_id)::int AS flagged,
      (SELECT count(DISTINCT v.comment_id) FROM review_item v JOIN asked ON asked.id = v.comment_id
       WHERE v.reason = 'safety' AND v.looked_at_on IS NULL)::int AS waiting,
      count(s.comment_id)::int AS drawn,
      (count(*) FILTER (WHERE s.looked_at_on IS NOT NULL))::int AS looked_at,
      (count(*) FILTER (WHERE s.risk))::int AS missed
    FROM safety_sample s JOIN asked ON asked.id = s.comment_id
    """,
)


async def watch(connection: Connection, search: Search) -> Watch:
    """Count what was heard under a search's organisations, days and streams."""
    return await _WATCH.one(connection, search.org_ids, search.since, search.until, search.streams)
