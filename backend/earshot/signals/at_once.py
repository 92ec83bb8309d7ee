"""One comment is a signal at once where it may tell of immediate risk; it starts a clock until somebody has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.core.work import enqueue
from earshot.signals.model import ACKNOWLEDGE_HOURS
from earshot.signals.wording import one_comment

#: An older comment, such as one of a file, still waits in Review; a clock of hours makes no sense for it.
LATEST = timedelta(days=7)
DETECTOR, VERSION = "risk net", "1"


@dataclass(frozen=True)
class Flagged:
    """A comment that may tell of immediate risk and is no signal yet."""

    comment_id: UUID
    org_id: UUID
    place: str
    level: str
    stream: str
    said_on: date
    risks: list[str]
    p: float
    acknowledge_hours: float


_FLAGGED = Query(
    Flagged,
    """
    SELECT c.id AS comment_id, c.org_id, o.name AS place, o.level, c.stream, c.said_on,
      array_agg(f.kind ORDER BY f.p DESC, f.kind) AS risks, max(f.p)::float8 AS p,
      coalesce((SELECT r.acknowledge_hours FROM signal_rules r JOIN org p ON p.id = r.org_id
                WHERE p.level = 'provider' AND (p.path @> o.path OR p.path <@ o.path) LIMIT 1), $3) AS acknowledge_hours
    FROM comment c JOIN safety_flag f ON f.comment_id = c.id JOIN org o ON o.id = c.org_id
    WHERE ($1::uuid[] IS NULL OR c.id = ANY ($1)) AND c.said_on >= $2
      AND NOT EXISTS (SELECT FROM signal s WHERE s.subject = 'one_comment/' || c.id)
    GROUP BY c.id, o.id ORDER BY c.id
    """,
)
_RAISE = Statement(
    """
    WITH made AS (
      INSERT INTO signal (id, subject, kind, meaning, org_id, streams, measure, label, since, until, observed,
        statistic, detector, detector_version, sentence, comment_ids, respondents, due_at)
      VALUES ($1, 'one_comment/' || $2::uuid, 'one_comment', 'concern', $3, ARRAY[$4], 'safety', $5, $6, $6, 1,
        $11, $7, $8, $9, ARRAY[$2::uuid], 1, now() + make_interval(secs => $10))
      ON CONFLICT (subject) WHERE state <> 'closed' OR kind = 'one_comment' DO NOTHING
      RETURNING id, org_id, streams
    )
    INSERT INTO signal_event (signal_id, org_id, streams, what) SELECT id, org_id, streams, 'raised' FROM made
    """
)
# Somebody looked at the comment in Review before its signal was raised.
_SEEN_ALREADY = Statement(
    """
    WITH met AS (
      UPDATE signal s SET state = 'acknowledged', acknowledged_at = now(), revision = s.revision + 1
      FROM review_item v
      WHERE s.kind = 'one_comment' AND s.state = 'new' AND s.comment_ids = ARRAY[v.comment_id]
        AND v.reason = 'safety' AND v.looked_at_on IS NOT NULL
        AND NOT EXISTS (SELECT FROM review_item w WHERE w.comment_id = v.comment_id AND w.reason = 'safety'
          AND w.looked_at_on IS NULL)
      RETURNING s.id, s.org_id, s.streams, v.looked_at_by
    )
    INSERT INTO signal_event (signal_id, org_id, streams, what, by_id, note, was)
    SELECT id, org_id, streams, 'acknowledged', looked_at_by, 'Looked at in Review.', '{"state": "new"}' FROM met
    """
)
_GONE = Statement(
    """
    WITH met AS (
      UPDATE signal s SET state = 'closed', closed_reason = 'comment_gone', revision = s.revision + 1
      FROM signal b
      WHERE b.id = s.id AND s.kind = 'one_comment' AND s.state <> 'closed'
        AND NOT EXISTS (SELECT FROM comment c WHERE c.id = ANY (s.comment_ids))
      RETURNING s.id, s.org_id, s.streams, b.state AS was
    )
    INSERT INTO signal_event (signal_id, org_id, streams, what, was, figures)
    SELECT id, org_id, streams, 'closed', jsonb_build_object('state', was), '{"reason": "comment_gone"}' FROM met
    """
)


async def raise_flagged(connection: Connection, comment_ids: Sequence[UUID] | None, today: date) -> int:
    """Raise a signal for each flagged comment of the last weeks that has none; returns how many.

    `comment_ids` names the comments to look at; all of them where it is None.
    """
    flagged = {uuid4(): one for one in await _FLAGGED.all(connection, comment_ids, today - LATEST, ACKNOWLEDGE_HOURS)}
    for signal_id, one in flagged.items():
        sentence = one_comment(one.place, one.level, one.stream, one.risks)
        await _RAISE.run(
            connection, signal_id, one.comment_id, one.org_id, one.stream, "|".join(one.risks), one.said_on, DETECTOR,
            VERSION, sentence, one.acknowledge_hours * 3600, round(one.p, 4),
        )  # fmt: skip
    await _SEEN_ALREADY.run(connection)
    if flagged:
        await enqueue(connection, "route_signals", {"signals": list(flagged)}, priority=10)
    return len(flagged)


async def let_go(connection: Connection) -> None:
    """Close the signals of comments that are no longer there."""
    await _GONE.run(connection)
