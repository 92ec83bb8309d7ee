"""The comments behind a finding: who stands behind it, which tell most, and which words drive it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.signals.model import Finding
from earshot.signals.telling import Candidate, driving, most_telling

MOST, KEPT = 400, 50
BEFORE_DAYS = 182  # what was said before, to compare words with
FEWEST_BEFORE = 20  # comments about the same; with fewer, words are compared with all that was said there before

_COMMENTS = Query(
    Candidate,
    """
    SELECT c.id, c.response_id, c.text, coalesce(max(t.p), 1)::float8 AS p, max(e.sentiment) AS sentiment
    FROM comment c
    LEFT JOIN effective_sentiment e ON e.comment_id = c.id
    LEFT JOIN LATERAL (  -- OFFSET 0: look up each comment's themes, rather than join all there are
      SELECT a.theme, a.p FROM effective_theme a WHERE a.comment_id = c.id AND a.theme = ANY ($4) OFFSET 0
    ) t ON true
    LEFT JOIN response r ON r.id = c.response_id
    LEFT JOIN comment_cluster m ON m.comment_id = c.id
    WHERE c.org_id IN (SELECT o.id FROM org o JOIN org a ON o.path <@ a.path WHERE a.id = $1) AND c.stream = ANY ($2)
      AND c.said_on BETWEEN $5 AND $6
      AND CASE $3
        WHEN 'theme_negative' THEN t.theme IS NOT NULL AND e.sentiment >= 4
        WHEN 'positive' THEN t.theme IS NOT NULL AND e.sentiment < 4
        WHEN 'theme' THEN t.theme IS NOT NULL
        WHEN 'negative' THEN e.sentiment >= 4
        WHEN 'fft_poor' THEN r.fft IN (4, 5)
        WHEN 'cluster' THEN m.cluster_id::text = ANY ($4)
        ELSE true END
      AND ($7 = '' OR r.about ->> split_part($7, '=', 1) = split_part($7, '=', 2))
    GROUP BY c.id ORDER BY c.said_on DESC, c.id LIMIT $8
    """,
)
_RESPONDENTS = Query(
    int,
    """
    SELECT count(DISTINCT c.response_id)::int FROM comment c
    LEFT JOIN effective_sentiment e ON e.comment_id = c.id
    WHERE c.org_id IN (SELECT o.id FROM org o JOIN org a ON o.path <@ a.path WHERE a.id = $1) AND c.stream = ANY ($2)
      AND c.said_on BETWEEN $5 AND $6
      AND ($3 NOT IN ('theme_negative', 'negative') OR e.sentiment >= 4) AND ($3 <> 'positive' OR e.sentiment < 4)
      AND ($3 NOT IN ('theme_negative', 'positive', 'theme') OR EXISTS (
        SELECT FROM effective_theme t WHERE t.comment_id = c.id AND t.theme = ANY ($4)))
    """,
)


@dataclass(frozen=True)
class Behind:
    """What stands behind a finding: people where anybody's words do, comments most telling first, driving words."""

    respondents: int | None
    comment_ids: list[UUID]
    words: list[dict[str, Any]]


async def behind(connection: Connection, finding: Finding) -> Behind:
    """Look up a finding's comments; a silence has none."""
    if finding.subject.kind == "silence":
        return Behind(None, [], [])
    now = await _comments(connection, finding, 0)
    before = await _comments(connection, finding, BEFORE_DAYS)
    if len(before) < FEWEST_BEFORE and finding.subject.kind != "fall":
        before = await _comments(connection, _about_anything(finding), BEFORE_DAYS)
    texts = [one.text for one in now], [one.text for one in before]
    words = driving(*(texts[::-1] if finding.subject.kind == "fall" else texts))  # of a fall, what is not said any more
    ranked = most_telling(now, words, good=finding.subject.kind == "praise")
    return Behind(
        respondents=len({one.response_id for one in now}),
        comment_ids=[one.id for one in ranked[:KEPT]],
        words=[asdict(word) for word in words],
    )


async def respondents(connection: Connection, finding: Finding) -> int | None:
    """How many people stand behind a finding of staff comments; None where no staff or nobody's words do."""
    subject = finding.subject
    if subject.kind == "silence" or "staff" not in subject.streams:
        return None
    return await _RESPONDENTS.one(
        connection, subject.org_id, subject.streams, subject.measure, subject.label.split("|"), finding.since,
        finding.until,
    )  # fmt: skip


def _about_anything(finding: Finding) -> Finding:
    """The same place, people and time, whatever was said."""
    return replace(finding, subject=replace(finding.subject, measure="comments", label="", about=""))


async def _comments(connection: Connection, finding: Finding, days_before: int) -> Sequence[Candidate]:
    """The comments of the finding's window or, with `days_before`, of so many days before it."""
    since, until, subject = finding.since, finding.until, finding.subject
    if days_before:
        since, until = since - timedelta(days=days_before), since - timedelta(days=1)
    return await _COMMENTS.all(
        connection, subject.org_id, subject.streams, subject.measure, subject.label.split("|"), since, until,
        subject.about, MOST,
    )  # fmt: skip
