"""What every look at a provider's series found: scans with their hashes, and the providers they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.signals.model import Kind, Meaning


@dataclass(frozen=True)
class Provider:
    """A provider in sight."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Scan:
    """One look: the last day that counted, the budget in false alarms a month, and a hash of all that was found."""

    id: UUID
    as_of: date
    first_week: date
    budget: float
    series: int
    comments: int
    content_hash: str
    ran_at: datetime


@dataclass(frozen=True)
class Found:
    """One finding of a scan, as it was recorded."""

    signal_id: UUID
    kind: Kind
    meaning: Meaning
    org_id: UUID
    org_name: str
    streams: list[str]
    since: date
    until: date
    observed: int
    expected: float | None
    weeks_between: float | None
    sentence: str


@dataclass(frozen=True)
class Extent:
    """The first and the last day that any scan of a provider counted up to."""

    first: date | None
    last: date | None


_PROVIDERS = Query(
    Provider,
    """
    SELECT p.id, p.name FROM visible_providers($1) p
    ORDER BY (SELECT max(k.as_of) FROM signal_scan k WHERE k.org_id = p.id) DESC NULLS LAST, p.name, p.id
    """,
)
_BEFORE = Query(
    Scan,
    """
    SELECT id, as_of, first_week, budget, series, comments, content_hash, ran_at FROM signal_scan
    WHERE org_id = $1 AND as_of <= $2 ORDER BY as_of DESC, number DESC LIMIT 1
    """,
)
_EXTENT = Query(Extent, "SELECT min(as_of) AS first, max(as_of) AS last FROM signal_scan WHERE org_id = $1")
_FOUND = Query(
    Found,
    """
    SELECT f.signal_id, f.kind, f.meaning, f.org_id, o.name AS org_name, f.streams, f.since, f.until, f.observed,
      f.expected, f.weeks_between, f.sentence
    FROM signal_finding f JOIN org o ON o.id = f.org_id
    WHERE f.scan_id = $1 AND ($2::uuid IS NULL OR f.org_id IN (
        SELECT o.id FROM org o JOIN org r ON o.path <@ r.path WHERE r.id = $2))
      AND (NOT 'staff' = ANY (f.streams) OR f.respondents IS NULL OR f.respondents >= $3)
    ORDER BY f.meaning = 'concern' DESC, f.weeks_between DESC NULLS LAST, f.since, f.signal_id
    """,
)
_COMMENTS = Query(
    int,
    """
    SELECT coalesce(sum(d.n), 0)::int FROM daily d JOIN org o ON o.id = d.org_id JOIN org p ON o.path <@ p.path
    WHERE p.id = $1 AND d.measure = 'comments' AND d.day <= $2
    """,
)


async def providers(connection: Connection, org_id: UUID | None) -> list[Provider]:
    """The providers above or below an organisation, as far as the scope reaches; the newest scanned first."""
    return await _PROVIDERS.all(connection, org_id)


async def newest_until(connection: Connection, provider: UUID, on: date) -> Scan | None:
    """The newest scan of a provider that counted up to a day or earlier."""
    return await _BEFORE.maybe(connection, provider, on)


async def extent(connection: Connection, provider: UUID) -> Extent:
    """From when to when a provider was scanned."""
    return await _EXTENT.one(connection, provider)


async def found(connection: Connection, scan_id: UUID, org_id: UUID | None, fewest: int) -> list[Found]:
    """What a scan found, in an organisation and below it; staff signals of fewer than `fewest` people are left out."""
    return await _FOUND.all(connection, scan_id, org_id, fewest)


async def comments_until(connection: Connection, provider: UUID, day: date) -> int:
    """How many comments of a provider are counted up to a day, as known now."""
    return await _COMMENTS.one(connection, provider, day)
