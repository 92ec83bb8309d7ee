"""Counts out of the weekly and monthly roll-ups, a few hundred rows a page however many comments there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.dashboards.model import Whole

MOST_UNITS = 300


@dataclass(frozen=True)
class Place:
    """What a page is about: an organisation, and the first and last week in which anybody was heard there."""

    id: UUID
    name: str
    level: str
    first_week: date | None
    last_week: date | None
    streams: Sequence[str] | None  # that the transaction shows; None for all


@dataclass(frozen=True)
class Total:
    """How often something was counted in a period and in the one before."""

    stream: str
    measure: str
    label: str
    n: int
    previous: int


@dataclass(frozen=True)
class PeriodTotal:
    """How often something was counted in one week or month."""

    start: date
    measure: str
    label: str
    stream: str
    n: int


@dataclass(frozen=True)
class Unit:
    """An organisation to be set beside others."""

    id: UUID
    name: str
    level: str


@dataclass(frozen=True)
class UnitTotal:
    """How often something was counted in a unit and all below it."""

    org_id: UUID
    measure: str
    label: str
    n: int


@dataclass(frozen=True)
class UnitPeriod:
    """How many answers a unit gave in one week."""

    org_id: UUID
    start: date
    n: int


_PLACES = Query(
    Place,
    """
    SELECT o.id, o.name, o.level, heard.first_week, heard.last_week, visible_streams() AS streams
    FROM org o LEFT JOIN LATERAL (
      SELECT min(start) AS first_week, max(start) AS last_week FROM weekly_count
      WHERE org_id = o.id AND measure = 'responses' AND ($2::text[] IS NULL OR stream = ANY ($2))
    ) heard ON true
    WHERE CASE WHEN $1::uuid IS NULL THEN NOT EXISTS (SELECT FROM org p WHERE p.id = o.parent_id) ELSE o.id = $1 END
    ORDER BY o.name, o.id
    """,
)
_TOTALS = Query(
    Total,
    """
    SELECT stream, measure, label, coalesce(sum(n) FILTER (WHERE start >= $6), 0)::int AS n,
      coalesce(sum(n) FILTER (WHERE start < $6), 0)::int AS previous
    FROM period_count
    WHERE period = $1 AND org_id = ANY ($2) AND ($3::text[] IS NULL OR stream = ANY ($3)) AND measure = ANY ($4)
      AND start BETWEEN $5 AND $7
    GROUP BY 1, 2, 3
    """,
)
_SERIES = Query(
    PeriodTotal,
    """
    SELECT start, measure, label, stream, sum(n)::int AS n
    FROM period_count
    WHERE period = $1 AND org_id = ANY ($2) AND ($3::text[] IS NULL OR stream = ANY ($3)) AND measure = ANY ($4)
      AND start BETWEEN $5 AND $6 AND ($7::text[] IS NULL OR label = ANY ($7))
    GROUP BY 1, 2, 3, 4
    """,
)
# Wards and teams up to a provider, providers above it: what somebody could walk to and ask.
_UNITS = Query(
    Unit,
    """
    SELECT DISTINCT o.id, o.name, o.level FROM org r JOIN org o ON o.path <@ r.path
    WHERE r.id = ANY ($1) AND o.id <> r.id AND (o.closed_on IS NULL OR o.closed_on >= $2)
      AND CASE WHEN r.level IN ('nation', 'region', 'icb') THEN o.level = 'provider'
        ELSE NOT EXISTS (SELECT FROM org c WHERE c.parent_id = o.id) END
    ORDER BY o.name, o.id LIMIT $3
    """,
)
_UNIT_TOTALS = Query(
    UnitTotal,
    """
    SELECT org_id, measure, label, sum(n)::int AS n
    FROM period_count
    WHERE period = $1 AND org_id = ANY ($2) AND ($3::text[] IS NULL OR stream = ANY ($3)) AND measure = ANY ($4)
      AND start BETWEEN $5 AND $6
    GROUP BY 1, 2, 3
    """,
)
_UNIT_WEEKS = Query(
    UnitPeriod,
    """
    SELECT org_id, start, sum(n)::int AS n
    FROM weekly_count
    WHERE org_id = ANY ($1) AND ($2::text[] IS NULL OR stream = ANY ($2)) AND measure = 'responses'
      AND start BETWEEN $3 AND $4
    GROUP BY 1, 2
    """,
)


async def places(connection: Connection, org_id: UUID | None, streams: Sequence[str] | None) -> list[Place]:
    """The organisation asked about, or those at the top of the person's scope; none where it is out of scope."""
    return await _PLACES.all(connection, org_id, streams)


async def totals(
    connection: Connection, org_ids: Sequence[UUID], streams: Sequence[str] | None, when: Whole, measures: Sequence[str]
) -> list[Total]:
    """Some measures in a period and in the one of the same length before it."""
    before = when.before().span.since
    return await _TOTALS.all(
        connection, when.period, org_ids, streams, measures, before, when.span.since, when.span.until
    )


async def series(
    connection: Connection,
    org_ids: Sequence[UUID],
    streams: Sequence[str] | None,
    when: Whole,
    measures: Sequence[str],
    labels: Sequence[str] | None = None,
) -> list[PeriodTotal]:
    """Some measures in each week or month of a period; `labels` names the only ones wanted."""
    return await _SERIES.all(
        connection, when.period, org_ids, streams, measures, when.span.since, when.span.until, labels
    )


async def units(connection: Connection, org_ids: Sequence[UUID], open_on: date) -> list[Unit]:
    """The wards of a provider, or the providers of what is above one, open on a day or later; at most 300."""
    return await _UNITS.all(connection, org_ids, open_on, MOST_UNITS)


async def unit_totals(
    connection: Connection,
    unit_ids: Sequence[UUID],
    streams: Sequence[str] | None,
    when: Whole,
    measures: Sequence[str],
) -> list[UnitTotal]:
    """Some measures of several units in a period."""
    return await _UNIT_TOTALS.all(
        connection, when.period, unit_ids, streams, measures, when.span.since, when.span.until
    )


async def unit_weeks(
    connection: Connection, unit_ids: Sequence[UUID], streams: Sequence[str] | None, since: date, until: date
) -> list[UnitPeriod]:
    """How many answers each unit gave in each week that had any."""
    return await _UNIT_WEEKS.all(connection, unit_ids, streams, since, until)
