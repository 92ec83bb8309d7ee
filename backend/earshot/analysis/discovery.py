"""Discovered themes: found over stored embeddings, with ids that stay; new comments join as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt

from earshot.analysis import reading
from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage

FEWEST = 60  # fewer comments than this make no themes worth a name
MOST = 50_000  # the newest this many are discovered; older ones are assigned to what was found
#: A comment farther than this (cosine distance) from every centroid stays unassigned.
FARTHEST = 0.6
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
    centroid: str
    first_seen_on: date


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
    SELECT id, number, centroid::text AS centroid, first_seen_on FROM cluster
    WHERE org_id = $1 AND stream = $2 ORDER BY number
    """,
)
_DROP = Statement("DELETE FROM cluster WHERE org_id = $1 AND stream = $2 AND NOT id = ANY ($3)")
_KEEP = Statement(
    """
    INSERT INTO cluster
      (id, org_id, stream, number, name, words, centroid, exemplars, size, first_seen_on, last_seen_on)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::halfvec, $8, $9, $10, $11)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, words = EXCLUDED.words, centroid = EXCLUDED.centroid,
      exemplars = EXCLUDED.exemplars, size = EXCLUDED.size, last_seen_on = EXCLUDED.last_seen_on
    """
)
_CLEAR = Statement("DELETE FROM comment_cluster WHERE cluster_id = ANY ($1)")
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
      WHERE o.path <@ p.path AND k.stream = CASE e.stream WHEN 'staff' THEN 'staff' ELSE 'patient' END
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
    """Find themes again for one provider (`org_id`), or for every provider when none is named."""
    if "org_id" in payload:
        providers = [UUID(payload["org_id"])]
    else:
        async with database.connection() as connection:
            providers = await _PROVIDERS.all(connection)
    for provider in providers:
        run = UUID(payload["discovery_id"]) if "discovery_id" in payload else uuid4()
        await _discover_provider(database, provider, run)


async def _discover_provider(database: Database, provider: UUID, run: UUID) -> None:
    async with database.transaction() as connection:
        await _STATE.run(connection, run, provider, "running", None, None)
    seen = found = 0
    for stream, streams in STREAMS.items():
        async with database.connection() as connection:
            embedded = await _EMBEDDED.all(connection, provider, list(streams), MOST)
            before = await _CLUSTERS.all(connection, provider, stream)
        if len(embedded) < FEWEST:
            continue
        clusters = await asyncio.to_thread(_find, embedded, before)
        seen, found = seen + len(embedded), found + len(clusters)
        async with database.transaction() as connection:
            await _write(connection, provider, stream, clusters)
    async with database.transaction() as connection:
        await _STATE.run(connection, run, provider, "done", seen, found)


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


def _find(embedded: Sequence[_Embedded], before: Sequence[_Cluster]) -> list[_Found]:
    """Cluster, then give each cluster the id of the earlier one that it continues."""
    library = reading.clusters()
    earlier_centroids = _matrix([cluster.centroid for cluster in before]) if before else None
    vectors = _matrix([row.vector for row in embedded])
    discovery = library.discover([row.text for row in embedded], vectors, previous=earlier_centroids)
    same = {} if earlier_centroids is None else library.match(earlier_centroids, discovery.centroids)
    continued = {new: before[old] for new, old in same.items()}
    number = max((cluster.number for cluster in before), default=0)
    found: list[_Found] = []
    for index, cluster in enumerate(discovery.clusters):
        members = [row for row, label in zip(embedded, discovery.assignment, strict=True) if label == index]
        earlier = continued.get(index)
        number += earlier is None
        found.append(_found(cluster, members, embedded, earlier, number))
    return found


def _found(
    cluster: Any, members: Sequence[_Embedded], embedded: Sequence[_Embedded], earlier: _Cluster | None, number: int
) -> _Found:
    days = [member.said_on for member in members]
    return _Found(
        id=earlier.id if earlier else uuid4(),
        number=earlier.number if earlier else number,
        name=", ".join(cluster.words[:3]),
        words=list(cluster.words),
        centroid=_text(cluster.centroid),
        exemplars=[embedded[position].comment_id for position in cluster.exemplars],
        members=[member.comment_id for member in members],
        first_seen_on=min([*days, earlier.first_seen_on]) if earlier else min(days),
        last_seen_on=max(days),
    )


async def _write(connection: Connection, provider: UUID, stream: str, clusters: Sequence[_Found]) -> None:
    await _DROP.run(connection, provider, stream, [cluster.id for cluster in clusters])
    await _CLEAR.run(connection, [cluster.id for cluster in clusters])
    for cluster in clusters:
        await _KEEP.run(
            connection, cluster.id, provider, stream, cluster.number, cluster.name, cluster.words, cluster.centroid,
            cluster.exemplars, len(cluster.members), cluster.first_seen_on, cluster.last_seen_on,
        )  # fmt: skip
    pairs = [(member, cluster.id) for cluster in clusters for member in cluster.members]
    await _JOIN.run(connection, [member for member, _ in pairs], [cluster_id for _, cluster_id in pairs])


def _matrix(vectors: Sequence[str]) -> Matrix:
    """Vectors as pgvector prints them, as a matrix of shape (n, 384)."""
    return np.array([np.fromstring(vector[1:-1], sep=",", dtype=np.float32) for vector in vectors], dtype=np.float32)


def _text(vector: npt.NDArray[np.floating[Any]]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


DISCOVER = Stage("discover", discover, at_once=1, cron="30 2 * * 0")
