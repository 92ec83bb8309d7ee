"""Counts for the Work page."""

from __future__ import annotations

from earshot.core.db import Connection, Query

_WAITING = Query(
    int,
    "SELECT count(*)::int FROM comment c WHERE NOT EXISTS (SELECT FROM analysis a WHERE a.comment_id = c.id)",
)
_HELD = Query(
    int,
    """
    SELECT count(DISTINCT submission_id)::int FROM review_item
    WHERE looked_at_on IS NULL AND reason IN ('redaction', 'unreadable')
    """,
)


async def waiting_comments(connection: Connection) -> int:
    """Comments in scope that nobody has read yet."""
    return await _WAITING.one(connection)


async def held_submissions(connection: Connection) -> int:
    """Submissions in scope that could not be de-identified and wait for a person."""
    return await _HELD.one(connection)
