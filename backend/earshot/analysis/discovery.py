"""Discovered themes: found over stored embeddings, with ids that stay; new comments join as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt

from earshot.analysis import clusters, reading
from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage

FEWEST = 60  # fewer comments than this make no themes worth a name
MOST = 50_000  # the newest this many are discovered; older ones are assigned to what was found
#: A comment farther than this (cosine distance) from every centroid stays unassigned, as when themes are found.
FARTHEST = 0.75
#: The share of a theme's oldest comments that may only be like it by chance: it is heard since those.
STRAY = 0.05
DIMENSIONS = 384
#: The space of names from which a new theme's id is made, so that the same data gives the same ids.
DISCOVERED = UUID("6f1c5b3e-7f0d-5d0a-9d53-0b7c1f2a9e44")
STREAMS: dict[str, tuple[str, ...]] = {"patient": ("patient", "carer"), "staff": ("staff",)}

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Embedded:
    comment_id: UUID
    text: str
    said_on: date
    vector: str


@dataclass(frozen=True)
class _Cluster:
    id: UUID
    number: int
    name: str
    centroid: str
    first_seen_on: date


@dataclass(frozen=True)
class _Member:
    comment_id: UUID
    cluster_id: UUID


_PROVIDERS = Query(UUID, "SELECT id FROM org WHERE level = 'provider' AND closed_on IS NULL ORDER BY id")
_EMBEDDED = Query(
    _Embedded,
    """
    SELECT e.comment_id, c.text, c.said_on, e.vector::text AS vector
    FROM embedding e JOIN comment c ON c.id = e.comment_id
    JOIN org o ON o.id = e.org_id JOIN org p ON o.path <@ p.path
    JOIN analysis a ON a.comment_id = e.comment_id
    WHERE p.id = $1 AND e.stream = ANY ($2) AND a.language = 'en' AND length(c.text) >= 15
    ORDER BY c.said_on DESC, e.comment_id LIMIT $3
    """,
)
_CLUSTERS = Query(
    _Cluster,
    """
    SELECT id, number, name, centroid::text AS centroid, first_seen_on FROM cluster
    WHERE org_id = $1 AND stream = $2 AND ended_on IS NULL ORDER BY number
    """,
)
_MEMBERS = Query(
    _Member, "SELECT comment_id, cluster_id FROM comment_cluster WHERE cluster_id = ANY ($1) ORDER BY comment_id"
)
_LAST_NUMBER = Query(
    int, "SELECT coalesce(max(number), 0)::int AS number FROM cluster WHERE org_id = $1 AND stream = $2"
)
_END = Statement(
    """
    UPDATE cluster SET ended_on = current_date, exemplars = '{}', size = 0
    WHERE org_id = $1 AND stream = $2 AND ended_on IS NULL AND NOT id = ANY ($3)
    """
)
_LINK = Statement(
    """
    INSERT INTO cluster_lineage (org_id, stream, discovery_id, kind, earlier_id, later_id, share)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
    """
)
_KEEP = Statement(
    """
    INSERT INTO cluster
      (id, org_id, stream, number, name, words, centroid, exemplars, size, first_seen_on, last_seen_on)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::halfvec, $8, $9, $10, $11)
    ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words, centroid = EXCLUDED.centroid,
      exemplars = EXCLUDED.exemplars, size = EXCLUDED.size, first_seen_on = EXCLUDED.first_seen_on,
      last_seen_on = EXCLUDED.last_seen_on
    """
)
_CLEAR = Query(
    UUID,
    """
    DELETE FROM comment_cluster m USING cluster k
    WHERE k.id = m.cluster_id AND k.org_id = $1 AND k.stream = $2
      AND (k.ended_on IS NOT NULL OR m.comment_id = ANY ($3))
    RETURNING m.comment_id
    """,
)
_JOIN = Statement(
    """
    INSERT INTO comment_cluster (comment_id, cluster_id, org_id, stream)
    SELECT c.id, j.cluster_id, c.org_id, c.stream
    FROM unnest($1::uuid[], $2::uuid[]) AS j (comment_id, cluster_id) JOIN comment c ON c.id = j.comment_id
    ON CONFLICT (comment_id) DO UPDATE SET cluster_id = EXCLUDED.cluster_id
    """
)
_ASSIGN = Statement(
    """
    INSERT INTO comment_cluster (comment_id, cluster_id, org_id, stream)
    SELECT e.comment_id, nearest.id, e.org_id, e.stream
    FROM embedding e
    JOIN comment c ON c.id = e.comment_id AND length(c.text) >= 15
    JOIN analysis a ON a.comment_id = e.comment_id AND a.language = 'en'
    JOIN LATERAL (
      SELECT k.id, k.centroid <=> e.vector AS distance
      FROM cluster k JOIN org p ON p.id = k.org_id JOIN org o ON o.id = e.org_id
      WHERE o.path <@ p.path AND k.ended_on IS NULL
        AND k.stream = CASE e.stream WHEN 'staff' THEN 'staff' ELSE 'patient' END
      ORDER BY k.centroid <=> e.vector LIMIT 1
    ) nearest ON nearest.distance < $2
    WHERE e.comment_id = ANY ($1)
    ON CONFLICT (comment_id) DO UPDATE SET cluster_id = EXCLUDED.cluster_id
    """
)
_STATE = Statement(
    """
    INSERT INTO discovery (id, org_id, state, comments, clusters) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state, comments = EXCLUDED.comments, clusters = EXCLUDED.clusters
    """
)


async def assign_new(connection: Connection, comment_ids: Sequence[UUID]) -> None:
    """Put new comments with the discovered theme that they are nearest to, without a refit."""
    await _ASSIGN.run(connection, comment_ids, FARTHEST)


async def discover(database: Database, payload: Payload) -> None:
    """Find themes again for one provider; without a `discovery_id`, ask for it, for every provider if none is named."""
    if "discovery_id" in payload:
        await _discover_provider(database, UUID(payload["org_id"]), UUID(payload["discovery_id"]))
        return
    async with database.transaction() as connection:
        named = [UUID(payload["org_id"])] if "org_id" in payload else await _PROVIDERS.all(connection)
        for provider in named:
            await clusters.ask(connection, provider)


async def failed(database: Database, payload: Payload) -> None:
    """Say that a look for themes did not end, once its job is held for a person."""
    if "discovery_id" in payload:
        async with database.transaction() as connection:
            run, provider = UUID(payload["discovery_id"]), UUID(payload["org_id"])
            await _STATE.run(connection, run, provider, "failed", None, None)


async def _discover_provider(database: Database, provider: UUID, run: UUID) -> None:
    async with database.transaction() as connection:
        await _STATE.run(connection, run, provider, "running", None, None)
    seen = found = 0
    for stream, streams in STREAMS.items():
        async with database.connection() as connection:
            embedded = await _EMBEDDED.all(connection, provider, list(streams), MOST)
            before = await _CLUSTERS.all(connection, provider, stream)
            members = await _MEMBERS.all(connection, [cluster.id for cluster in before])
            last = await _LAST_NUMBER.one(connection, provider, stream)
        if len(embedded) < FEWEST:
            continue
        name = f"{provider}/{stream}"
        themes, steps = await asyncio.to_thread(_find, embedded, _Before(name, before, members, last))
        seen, found = seen + len(embedded), found + len(themes)
        async with database.transaction() as connection:
            await _write(connection, provider, stream, themes, [row.comment_id for row in embedded])
            for step in steps:
                await _LINK.run(
                    connection, provider, stream, run, step.kind, step.earlier_id, step.later_id, step.share
                )  # fmt: skip
    async with database.transaction() as connection:
        await _STATE.run(connection, run, provider, "done", seen, found)


@dataclass(frozen=True)
class _Before:
    """What was found earlier among a provider's patients or staff (`name`), and the last number given away."""

    name: str
    clusters: Sequence[_Cluster]
    members: Sequence[_Member]
    last_number: int


@dataclass(frozen=True)
class _Found:
    """A discovered theme with its members."""

    id: UUID
    number: int
    name: str
    words: list[str]
    centroid: str
    exemplars: list[UUID]
    members: list[UUID]
    first_seen_on: date
    last_seen_on: date


@dataclass(frozen=True)
class _Step:
    """A step of a theme's history by the themes' ids."""

    kind: str
    earlier_id: UUID | None
    later_id: UUID | None
    share: float | None


def _find(embedded: Sequence[_Embedded], before: _Before) -> tuple[list[_Found], list[_Step]]:
    """Cluster, and give each cluster the identity of the earlier one that it continues."""
    library = reading.clusters()
    earlier = _matrix([cluster.centroid for cluster in before.clusters])
    vectors = _matrix([row.vector for row in embedded])
    discovery = library.discover([row.text for row in embedded], vectors, previous=earlier)
    links = library.lineage(_places(embedded, before), discovery.assignment, discovery.centroids @ earlier.T)
    continued = {link.later: before.clusters[link.earlier] for link in links if link.kind == "kept"}
    number = before.last_number
    found: list[_Found] = []
    for index, cluster in enumerate(discovery.clusters):
        members = [row for row, label in zip(embedded, discovery.assignment, strict=True) if label == index]
        number += index not in continued
        new = uuid5(DISCOVERED, f"{before.name}/{number}")
        found.append(_found(cluster, members, embedded, continued.get(index), (new, number)))
    return found, [_step(link, before.clusters, found) for link in links]


def _places(embedded: Sequence[_Embedded], before: _Before) -> npt.NDArray[np.int64]:
    """Where each comment was: the place of its earlier cluster in the list, or -1."""
    place = {cluster.id: index for index, cluster in enumerate(before.clusters)}
    was = {member.comment_id: place[member.cluster_id] for member in before.members}
    return np.array([was.get(row.comment_id, -1) for row in embedded], dtype=np.int64)


def _step(link: Any, before: Sequence[_Cluster], found: Sequence[_Found]) -> _Step:
    earlier = None if link.earlier is None else before[link.earlier].id
    later = None if link.later is None else found[link.later].id
    return _Step(link.kind, earlier, later, link.share)


def _found(
    cluster: Any,
    members: Sequence[_Embedded],
    embedded: Sequence[_Embedded],
    earlier: _Cluster | None,
    new: tuple[UUID, int],
) -> _Found:
    days = sorted(member.said_on for member in members)
    since = days[int(STRAY * len(days))]
    return _Found(
        id=earlier.id if earlier else new[0],
        number=earlier.number if earlier else new[1],
        name=earlier.name if earlier else ", ".join(cluster.words[:3]),
        words=list(cluster.words),
        centroid=_text(cluster.centroid),
        exemplars=[embedded[position].comment_id for position in cluster.exemplars],
        members=[member.comment_id for member in members],
        first_seen_on=min(since, earlier.first_seen_on) if earlier else since,
        last_seen_on=days[-1],
    )


async def _write(
    connection: Connection, provider: UUID, stream: str, found: Sequence[_Found], looked_at: Sequence[UUID]
) -> None:
    await _END.run(connection, provider, stream, [theme.id for theme in found])
    cleared = await _CLEAR.all(connection, provider, stream, looked_at)
    for theme in found:
        await _KEEP.run(
            connection, theme.id, provider, stream, theme.number, theme.name, theme.words, theme.centroid,
            theme.exemplars, len(theme.members), theme.first_seen_on, theme.last_seen_on,
        )  # fmt: skip
    pairs = [(member, theme.id) for theme in found for member in theme.members]
    await _JOIN.run(connection, [member for member, _ in pairs], [cluster_id for _, cluster_id in pairs])
    await assign_new(connection, sorted(set(cleared) - set(looked_at)))  # older ones, whose theme ended


def _matrix(vectors: Sequence[str]) -> Matrix:
    """Vectors as pgvector prints them, as a matrix of shape (n, 384)."""
    rows = [np.fromstring(vector[1:-1], sep=",", dtype=np.float32) for vector in vectors]
    return np.array(rows, dtype=np.float32).reshape(len(rows), DIMENSIONS)


def _text(vector: npt.NDArray[np.floating[Any]]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


DISCOVER = Stage(clusters.STAGE, discover, at_once=1, cron="30 2 * * 0", given_up=failed)
