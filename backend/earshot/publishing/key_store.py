"""Keys of other programmes in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import NotFound
from earshot.publishing.key import FeedKey, FreshKey, Programme, hash_of

_KEYS = Query(
    FeedKey,
    """
    SELECT k.id, k.begins, k.name, k.org_id, o.name AS org_name, k.streams, k.may, k.period, a.name AS made_by,
      k.made_on, k.expires_on, k.revoked_on, k.last_used_on
    FROM feed_key k JOIN org o ON o.id = k.org_id JOIN org top ON o.path <@ top.path AND top.id = ANY ($1)
    JOIN account a ON a.id = k.made_by
    WHERE $2::uuid IS NULL OR k.id = $2
    GROUP BY k.id, o.name, a.name
    ORDER BY k.revoked_on IS NOT NULL, k.expires_on, k.name, k.id
    """,
)
_ADD = Query(
    UUID,
    """
    INSERT INTO feed_key (key_hash, begins, name, org_id, streams, may, period, made_by, expires_on)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
    """,
)
_REVOKE = Statement("UPDATE feed_key SET revoked_on = coalesce(revoked_on, current_date) WHERE id = $1")
_USE = Query(Programme, "SELECT id, org_id, streams, may, period FROM use_feed_key($1)")
_WITHIN = Query(
    UUID, "SELECT o.id FROM org o JOIN org top ON o.path <@ top.path WHERE o.id = $1 AND top.id = ANY ($2) LIMIT 1"
)


async def keys(connection: Connection, places: Sequence[UUID]) -> list[FeedKey]:
    """The keys below some places, those that still open something first."""
    return await _KEYS.all(connection, places, None)


async def key(connection: Connection, places: Sequence[UUID], key_id: UUID) -> FeedKey:
    """One key below some places; raises `NotFound`."""
    return await _KEYS.one(connection, places, key_id)


async def add(
    connection: Connection,
    fresh: FreshKey,
    *,
    name: str,
    org_id: UUID,
    streams: Sequence[str],
    may: Sequence[str],
    period: str,
    made_by: UUID,
    expires_on: date,
) -> UUID:
    """Keep the hash of a new key."""
    return await _ADD.one(connection, fresh.hash, fresh.begins, name, org_id, streams, may, period, made_by, expires_on)


async def revoke(connection: Connection, key_id: UUID) -> None:
    """Let a key open nothing from now on."""
    await _REVOKE.run(connection, key_id)


async def use(connection: Connection, secret: str) -> Programme | None:
    """Whose key this is; None for one that is unknown, revoked or past its day. Notes that it was used today."""
    return await _USE.maybe(connection, hash_of(secret))


async def within(connection: Connection, org_id: UUID, places: Sequence[UUID]) -> UUID:
    """The organisation, where it lies at or below one of the places; raises `NotFound`."""
    found = await _WITHIN.maybe(connection, org_id, places)
    if found is None:
        raise NotFound
    return found
