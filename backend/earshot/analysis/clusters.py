"""Discovered themes as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from earshot.analysis.browse import Search
from earshot.core.db import Connection, Query, Statement


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


@dataclass(frozen=True)
class Run:
    """A look for themes."""

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
    ), newest AS (SELECT max(said_on) AS day FROM comment)
    SELECT k.id, k.number, k.name, k.stream, k.words, k.size, sum(h.n)::int AS n, k.first_seen_on, k.last_seen_on,
      k.first_seen_on > (SELECT day FROM newest) - 56 AS is_new,
      jsonb_agg(jsonb_build_object('week_start', h.week_start, 'n', h.n) ORDER BY h.week_start) AS weekly,
      coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.id, 'text', c.text, 'said_on', c.said_on) ORDER BY x.place)
                FROM unnest(k.exemplars) WITH ORDINALITY AS x (id, place) JOIN comment c ON c.id = x.id), '[]')
        AS exemplars
    FROM cluster k JOIN heard h ON h.cluster_id = k.id
    GROUP BY k.id ORDER BY n DESC, k.number
    """,
)
_LAST = Query(
    Run, "SELECT state, asked_on, comments, clusters FROM discovery ORDER BY asked_on DESC, state DESC LIMIT 1"
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


async def found(connection: Connection, search: Search) -> Sequence[ClusterRow]:
    """Discovered themes heard under a search's organisations, days and streams."""
    return await _FOUND.all(connection, search.org_ids, search.since, search.until, search.streams)


async def last_run(connection: Connection) -> Run | None:
    """The newest look for themes, a running one first."""
    return await _LAST.maybe(connection)


async def providers_of(connection: Connection, org_id: UUID | None) -> list[UUID]:
    """The providers above or below an organisation, as far as the scope reaches."""
    return await _PROVIDERS.all(connection, org_id)


async def ask(connection: Connection, run: UUID, provider: UUID) -> None:
    """Note that themes are to be found again."""
    await _ASK.run(connection, run, provider)
