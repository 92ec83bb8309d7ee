"""The worker's step that counts: organisation-days are recounted whole, so counting twice changes nothing.

Weekly and monthly counts of each organisation and all above it follow in the same transaction, whoever writes to
`daily`: its triggers note what a statement changed, and the commit folds that in (migration 0013).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from earshot.core.db import Connection, Database, Statement
from earshot.core.work import Payload, Stage, enqueue, unfinished_of

Cell = tuple[UUID, date]

AT_ONCE = 200  # cells of one transaction: each holds one lock until it ends
A_WHILE = timedelta(seconds=10)  # until signals are looked for: more recounts may follow

# Two workers that recount one cell take turns. The counting is a later statement, so the second one sees all that
# the first one saw. Locks are taken in one order everywhere, so that nobody waits in a ring.
_LOCK = Statement(
    """
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended('daily/' || c.org_id || '/' || c.day, 0) AS key
      FROM unnest($1::uuid[], $2::date[]) AS c (org_id, day) ORDER BY key
    ) AS keys
    """
)
_CLEAR = Statement(
    """
    DELETE FROM daily d USING unnest($1::uuid[], $2::date[]) AS c (org_id, day)
    WHERE d.org_id = c.org_id AND d.day = c.day
    """
)
_COUNT = Statement(
    """
    WITH cell AS (SELECT * FROM unnest($1::uuid[], $2::date[]) AS c (org_id, day)),
    answered AS (
      SELECT r.id, r.org_id, r.said_on AS day, r.stream, r.fft, r.about
      FROM cell JOIN response r ON r.org_id = cell.org_id AND r.said_on = cell.day
    ), said AS (
      SELECT c.id, c.response_id, c.org_id, c.said_on AS day, c.stream, e.sentiment
      FROM cell JOIN comment c ON c.org_id = cell.org_id AND c.said_on = cell.day
      LEFT JOIN effective_sentiment e ON e.comment_id = c.id
    ), about AS (
      SELECT DISTINCT s.id, s.org_id, s.day, s.stream, s.sentiment, t.theme
      FROM said s JOIN LATERAL (  -- OFFSET 0: look up each comment's themes, rather than join all there are
        SELECT e.theme FROM effective_theme e WHERE e.comment_id = s.id OFFSET 0
      ) t ON true
    ), grouped AS (  -- who answered, as far as people said: a question and its answer
      SELECT a.id, a.org_id, a.day, a.stream, a.fft, g.key || '=' || g.value AS label
      FROM answered a CROSS JOIN jsonb_each_text(a.about) AS g
      WHERE g.key IN ('age_band', 'ethnicity', 'disability', 'main_language') AND g.value ~ '^[a-z0-9_]{1,40}$'
        AND g.value <> 'prefer_not_to_say'
    ), heard AS (
      SELECT g.org_id, g.day, g.stream, g.label, s.sentiment
      FROM grouped g JOIN said s ON s.response_id = g.id WHERE s.sentiment IS NOT NULL
    )
    INSERT INTO daily (org_id, day, stream, measure, label, n)
    SELECT org_id, day, stream, 'responses', '', count(*) FROM answered GROUP BY 1, 2, 3
    UNION ALL
    SELECT org_id, day, stream, 'fft', fft::text, count(*) FROM answered WHERE fft IS NOT NULL GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'comments', '', count(*) FROM said GROUP BY 1, 2, 3
    UNION ALL
    SELECT org_id, day, stream, 'sentiment', sentiment::text, count(*)
    FROM said WHERE sentiment IS NOT NULL GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'theme', theme, count(*) FROM about GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'theme_negative', theme, count(*) FROM about WHERE sentiment >= 4 GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'group', label, count(*) FROM grouped GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'group_fft', label, count(*) FROM grouped WHERE fft IS NOT NULL GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'group_positive', label, count(*) FROM grouped WHERE fft <= 2 GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'group_comments', label, count(*) FROM heard GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT org_id, day, stream, 'group_negative', label, count(*) FROM heard WHERE sentiment >= 4 GROUP BY 1, 2, 3, 5
    """
)


async def rollup(database: Database, payload: Payload) -> None:
    """Comments and Responses → daily counts, for the organisation-days in `cells` and no others.

    `then` may name a stage that is told of the same cells once they are counted.
    """
    cells = sorted({(UUID(org_id), date.fromisoformat(day)) for org_id, day in payload["cells"]})
    for start in range(0, len(cells), AT_ONCE):
        async with database.transaction() as connection:
            await recount(connection, cells[start : start + AT_ONCE])
    async with database.transaction() as connection:
        if await unfinished_of(connection, ["scan"], running_too=False) == 0:  # one look for many recounts is enough
            await enqueue(connection, "scan", {}, priority=-3, later=A_WHILE)
        if payload.get("then"):
            await enqueue(connection, payload["then"], {"cells": cells})


async def recount(connection: Connection, cells: Sequence[Cell]) -> None:
    """Count different organisation-days anew inside the caller's transaction."""
    org_ids, days = [org_id for org_id, _ in cells], [day for _, day in cells]
    for statement in (_LOCK, _CLEAR, _COUNT):
        await statement.run(connection, org_ids, days)


ROLLUP = Stage("rollup", rollup)
