"""Discovered themes as people see them, and asking for them to be found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from earshot.analysis.browse import Search
from earshot.core.db import Connection, Query, Statement
from earshot.core.work import enqueue

STAGE = "discover"
NEW_FOR = 31  # days before the end of the period: a theme first heard within them is new
TOLD_FOR = 56  # days for which it is told what became of a theme


@dataclass(frozen=True)
class ClusterRow:
    """A discovered theme with its counts under the filters."""

    id: UUID
    number: int
    name: str
    stream: str
    words: list[str]
    size: int
    n: int
    first_seen_on: date
    last_seen_on: date
    is_new: bool
    weekly: list[dict[str, Any]]
    exemplars: list[dict[str, str]]
    history: list[dict[str, Any]]


@dataclass(frozen=True)
class Ended:
    """A discovered theme that is heard no more by itself, and the name of the one that took it in."""

    number: int
    name: str
    into: str | None
    ended_on: date


@dataclass(frozen=True)
class Run:
    """The newest look for themes: over several providers the one that is least far."""

    state: str
    asked_on: date
    comments: int | None
    clusters: int | None


_FOUND = Query(
    ClusterRow,
    """
    WITH heard AS (
      SELECT m.cluster_id, date_trunc('week', c.said_on)::date AS week_start, count(*)::int AS n
      FROM comment_cluster m JOIN comment c ON c.id = m.comment_id
      WHERE ($1::uuid[] IS NULL OR c.org_id = ANY ($1)) AND ($2::date IS NULL OR c.said_on >= $2)
        AND ($3::date IS NULL OR c.said_on <= $3) AND ($4::text[] IS NULL OR c.stream = ANY ($4))
      GROUP BY 1, 2
    ), newest AS (SELECT coalesce($3, max(said_on)) AS day FROM comment)
    SELECT k.id, k.number, k.name, k.stream, k.words, sum(h.n)::int AS n, k.first_seen_on, k.last_seen_on,
      (SELECT count(*) FROM comment_cluster m WHERE m.cluster_id = k.id)::int AS size,
      k.first_seen_on > (SELECT day FROM newest) - $5::int AS is_new,
      jsonb_agg(jsonb_build_object('week_start', h.week_start, 'n', h.n) ORDER BY h.week_start) AS weekly,
      coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.id, 'text', c.text, 'said_on', c.said_on) ORDER BY x.place)
                FROM unnest(k.exemplars) WITH ORDINALITY AS x (id, place) JOIN comment c ON c.id = x.id), '[]')
        AS exemplars,
      coalesce((SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'number', e.number, 'name', e.name,
                  'share', l.share, 'noted_on', l.noted_on) ORDER BY l.number DESC)
                FROM cluster_lineage l JOIN cluster e ON e.id = l.earlier_id
                WHERE l.later_id = k.id AND l.kind IN ('split', 'merged') AND l.noted_on > current_date - $6::int),
        '[]')
        AS history
    FROM cluster k JOIN heard h ON h.cluster_id = k.id
    GROUP BY k.id ORDER BY n DESC, k.number
    """,
)
_ENDED = Query(
    Ended,
    """
    SELECT k.number, k.name, l.name AS into, k.ended_on
    FROM cluster k
    LEFT JOIN LATERAL (
      SELECT later.name FROM cluster_lineage s JOIN cluster later ON later.id = s.later_id
      WHERE s.earlier_id = k.id AND s.kind = 'merged' ORDER BY s.number DESC LIMIT 1
    ) l ON true
    WHERE k.ended_on > current_date - $1::int ORDER BY k.ended_on DESC, k.number LIMIT 20
    """,
)
_LAST = Query(
    Run,
    """
    WITH newest AS (SELECT DISTINCT ON (org_id) * FROM discovery ORDER BY org_id, number DESC)
    SELECT (array_agg(state ORDER BY array_position(ARRAY['running', 'waiting', 'failed', 'done'], state)))[1] AS state,
      max(asked_on) AS asked_on, sum(comments)::int AS comments, sum(clusters)::int AS clusters
    FROM newest HAVING count(*) > 0
    """,
)
_PROVIDERS = Query(
    UUID,
    """
    SELECT p.id FROM org p
    WHERE p.level = 'provider' AND ($1::uuid IS NULL OR EXISTS (
      SELECT FROM org o WHERE o.id = $1 AND (o.path <@ p.path OR p.path <@ o.path)))
    ORDER BY p.id
    """,
)
_ASK = Statement("INSERT INTO discovery (id, org_id, state) VALUES ($1, $2, 'waiting')")
_ONE_AT_A_TIME = Statement("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
_ASKED = Query(
    bool,
    "SELECT EXISTS (SELECT FROM pgqueuer WHERE dedupe_key = $1 AND status IN ('queued', 'picked')) AS asked",
)


async def found(connection: Connection, search: Search) -> Sequence[ClusterRow]:
    """Discovered themes heard under a search's organisations, days and streams.

    Counts come from which comment belongs where alone, and what is new is told from the day it was first heard: a
    period shows the same whatever is heard after it.
    """
    return await _FOUND.all(connection, search.org_ids, search.since, search.until, search.streams, NEW_FOR, TOLD_FOR)


async def ended(connection: Connection) -> Sequence[Ended]:
    """Discovered themes that ended of late, newest first."""
    return await _ENDED.all(connection, TOLD_FOR)


async def last_run(connection: Connection) -> Run | None:
    """How the newest look for themes goes, or None where nobody ever looked."""
    return await _LAST.maybe(connection)


async def providers_of(connection: Connection, org_id: UUID | None) -> list[UUID]:
    """The providers above or below an organisation, as far as the scope reaches."""
    return await _PROVIDERS.all(connection, org_id)


async def ask(connection: Connection, provider: UUID) -> None:
    """Queue a look for a provider's themes and note that it waits, unless one waits or runs already."""
    key = f"{STAGE}/{provider}"
    await _ONE_AT_A_TIME.run(connection, key)
    if await _ASKED.one(connection, key):
        return
    run = uuid4()
    await _ASK.run(connection, run, provider)
    await enqueue(connection, STAGE, {"org_id": provider, "discovery_id": run}, key=key)
