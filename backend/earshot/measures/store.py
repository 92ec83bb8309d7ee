"""Counts out of `daily`, for a subtree, streams and days. None means all that the transaction's scope shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.measures.periods import Coverage, Feed, Period, Span


@dataclass(frozen=True)
class Sources:
    """Whose counts to read: organisations, and streams; counts of staff are `exact` for guardians alone."""

    org_ids: Sequence[UUID] | None = None
    streams: Sequence[str] | None = None
    exact: bool = False


@dataclass(frozen=True)
class Unit:
    """An organisation one step below the one in view."""

    id: UUID
    name: str
    level: str
    closed_on: date | None
    first_day: date | None  # the first on which anybody was heard there


@dataclass(frozen=True)
class _UnitFeed:
    unit_id: UUID
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Total:
    """How often something was counted in a span and in the one before."""

    stream: str
    measure: str
    label: str
    n: int
    previous: int


@dataclass(frozen=True)
class PeriodCount:
    """A count in one week or month."""

    start: date
    stream: str
    label: str
    n: int


@dataclass(frozen=True)
class UnitTotal:
    """How often something was counted in a unit and all below it, in a span and in the one before."""

    unit_id: UUID
    stream: str
    measure: str
    label: str
    n: int
    previous: int


@dataclass(frozen=True)
class UnitPeriodCount:
    """A count in one week or month of a unit and all below it."""

    unit_id: UUID
    start: date
    stream: str
    label: str
    n: int


@dataclass(frozen=True)
class BaselineWeek:
    """A count in a week of the baseline; weeks are numbered from 0, the oldest."""

    stream: str
    measure: str
    label: str
    week: int
    n: int


@dataclass(frozen=True)
class _UnitRow:
    id: UUID
    name: str
    level: str
    closed_on: date | None


@dataclass(frozen=True)
class _FirstDay:
    unit_id: UUID
    day: date


_COVERAGE = Query(
    Coverage,
    """
    WITH provider AS (
      SELECT o.id FROM org asked JOIN org p ON p.path @> asked.path AND p.level = 'provider'
      JOIN org o ON o.path <@ p.path WHERE asked.id = $3
    ), heard AS (
      SELECT day, $1::uuid[] IS NULL OR org_id = ANY ($1) AS here FROM daily
      WHERE measure IN ('comments', 'responses') AND ($2::text[] IS NULL OR stream = ANY ($2))
        AND ($1::uuid[] IS NULL OR org_id = ANY ($1) OR org_id IN (SELECT id FROM provider))
    )
    SELECT min(day) FILTER (WHERE here) AS first_day, max(day) FILTER (WHERE here) AS last_day,
      greatest(max(day) FILTER (WHERE here), least(max(day), (SELECT closed_on FROM org WHERE id = $3))) AS horizon
    FROM heard
    """,
)
_TOTALS = Query(
    Total,
    """
    SELECT stream, measure, label, coalesce(sum(n) FILTER (WHERE day >= $5), 0)::int AS n,
      coalesce(sum(n) FILTER (WHERE day < $5), 0)::int AS previous
    FROM daily
    WHERE ($1::uuid[] IS NULL OR org_id = ANY ($1)) AND ($2::text[] IS NULL OR stream = ANY ($2))
      AND measure = ANY ($3) AND day BETWEEN $4 AND $6
    GROUP BY stream, measure, label
    """,
)
_PERIODS = Query(
    PeriodCount,
    """
    SELECT date_trunc($5, day)::date AS start, stream, label, sum(n)::int AS n
    FROM daily
    WHERE ($1::uuid[] IS NULL OR org_id = ANY ($1)) AND ($2::text[] IS NULL OR stream = ANY ($2))
      AND measure = $3 AND ($4::text IS NULL OR label = $4) AND day BETWEEN $6 AND $7
    GROUP BY 1, 2, 3
    """,
)
_BASELINE = Query(
    BaselineWeek,
    """
    SELECT stream, measure, label, (day - $3::date) / 7 AS week, sum(n)::int AS n
    FROM daily
    WHERE ($1::uuid[] IS NULL OR org_id = ANY ($1)) AND ($2::text[] IS NULL OR stream = ANY ($2))
      AND measure IN ('theme', 'sentiment') AND day >= $3 AND day < $4
    GROUP BY 1, 2, 3, 4
    """,
)
_UNIT_TOTALS = Query(
    UnitTotal,
    """
    SELECT u.id AS unit_id, d.stream, d.measure, d.label, coalesce(sum(d.n) FILTER (WHERE d.day >= $4), 0)::int AS n,
      coalesce(sum(d.n) FILTER (WHERE d.day < $4), 0)::int AS previous
    FROM org u JOIN org o ON o.path <@ u.path JOIN daily d ON d.org_id = o.id
    WHERE u.id = ANY ($1) AND ($2::text[] IS NULL OR d.stream = ANY ($2)) AND d.day BETWEEN $3 AND $5
      AND d.measure = ANY ($6) AND ($7::text IS NULL OR d.measure <> 'theme' OR d.label = $7)
    GROUP BY 1, 2, 3, 4
    """,
)
_UNIT_PERIODS = Query(
    UnitPeriodCount,
    """
    SELECT u.id AS unit_id, date_trunc($5, d.day)::date AS start, d.stream, d.label, sum(d.n)::int AS n
    FROM org u JOIN org o ON o.path <@ u.path JOIN daily d ON d.org_id = o.id
    WHERE u.id = ANY ($1) AND ($2::text[] IS NULL OR d.stream = ANY ($2)) AND d.measure = $3
      AND ($4::text IS NULL OR d.label = $4) AND ($6::date IS NULL OR d.day >= $6)
      AND ($7::date IS NULL OR d.day <= $7)
    GROUP BY 1, 2, 3, 4
    """,
)
_UNITS = Query(
    _UnitRow,
    """
    SELECT u.id, u.name, u.level, u.closed_on FROM org u
    WHERE u.parent_id = $1 OR ($1::uuid IS NULL AND NOT EXISTS (SELECT FROM org p WHERE p.id = u.parent_id))
    ORDER BY u.name, u.id
    """,
)
_FIRST_DAYS = Query(
    _FirstDay,
    """
    SELECT u.id AS unit_id, min(d.day) AS day
    FROM org u JOIN org o ON o.path <@ u.path JOIN daily d ON d.org_id = o.id
    WHERE u.id = ANY ($1) AND ($2::text[] IS NULL OR d.stream = ANY ($2)) AND d.measure IN ('comments', 'responses')
    GROUP BY u.id
    """,
)
# Providers above or below each unit, and the stretches of days on which they were heard: a break of more than four
# weeks in everything that a provider says is a feed that stopped, not a silence.
_FEEDS = Query(
    _UnitFeed,
    """
    WITH heard AS (
      SELECT DISTINCT u.id AS unit_id, p.id AS provider_id, d.day
      FROM org u JOIN org p ON p.level = 'provider' AND (p.path @> u.path OR p.path <@ u.path)
      JOIN org o ON o.path <@ p.path JOIN daily d ON d.org_id = o.id
      WHERE u.id = ANY ($1) AND d.measure = 'responses'
    ), marked AS (
      SELECT *, coalesce(day - lag(day) OVER w > 28, true) AS begins FROM heard
      WINDOW w AS (PARTITION BY unit_id, provider_id ORDER BY day)
    ), numbered AS (
      SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY unit_id, provider_id ORDER BY day) AS number
      FROM marked
    )
    SELECT unit_id, min(day) AS first_day, max(day) AS last_day FROM numbered GROUP BY unit_id, provider_id, number
    """,
)
_ROOTS = Query(UUID, "SELECT id FROM org o WHERE NOT EXISTS (SELECT FROM org p WHERE p.id = o.parent_id)")
_COUNTED = ("comments", "responses", "fft", "sentiment", "theme", "theme_negative")


async def coverage(connection: Connection, sources: Sources, org_id: UUID | None) -> Coverage:
    """When the sources were heard; `org_id` is the root of their subtree."""
    return await _COVERAGE.one(connection, sources.org_ids, sources.streams, org_id)


async def feeds(connection: Connection, unit_ids: Sequence[UUID]) -> dict[UUID, list[Feed]]:
    """When the providers of each unit were heard; a unit whose provider is out of sight has no entry."""
    found: dict[UUID, list[Feed]] = {}
    for row in await _FEEDS.all(connection, unit_ids):
        found.setdefault(row.unit_id, []).append(Feed(row.first_day, row.last_day))
    return found


async def roots(connection: Connection) -> list[UUID]:
    """The tops of what the person may see."""
    return await _ROOTS.all(connection)


async def totals(connection: Connection, sources: Sources, span: Span) -> list[Total]:
    """Everything that was counted in a span and in the one before."""
    before = span.before().since
    return await _TOTALS.all(connection, sources.org_ids, sources.streams, _COUNTED, before, span.since, span.until)


async def period_counts(
    connection: Connection,
    sources: Sources,
    period: Period,
    span: Span,
    *,
    measure: str,
    label: str | None = None,
) -> list[PeriodCount]:
    """One measure in each week or month of a span."""
    return await _PERIODS.all(
        connection, sources.org_ids, sources.streams, measure, label, period, span.since, span.until
    )


async def baseline(connection: Connection, sources: Sources, since: date, until: date) -> list[BaselineWeek]:
    """Themes and sentiments of each week from `since` to the day before `until`."""
    return await _BASELINE.all(connection, sources.org_ids, sources.streams, since, until)


async def units(connection: Connection, sources: Sources, org_id: UUID | None) -> list[Unit]:
    """The organisations one step below the one in view, by name.

    Without one, those at the top of the person's scope. Where there is only one, those below it: a chain of
    organisations with one member each tells nobody anything.
    """
    found = await _UNITS.all(connection, org_id)
    top = org_id is None
    while len(found) == 1:
        below = await _UNITS.all(connection, found[0].id)
        if not below and top:
            return []
        if not below:
            break
        found, top = below, False
    days = await _FIRST_DAYS.all(connection, [unit.id for unit in found], sources.streams)
    first = {row.unit_id: row.day for row in days}
    return [Unit(row.id, row.name, row.level, row.closed_on, first.get(row.id)) for row in found]


async def unit_totals(
    connection: Connection,
    unit_ids: Sequence[UUID],
    streams: Sequence[str] | None,
    span: Span,
    measures: Sequence[str],
    *,
    theme: str | None = None,
) -> list[UnitTotal]:
    """Some measures of several units in a span and in the one before; `theme` names the only theme wanted."""
    before = span.before().since
    return await _UNIT_TOTALS.all(connection, unit_ids, streams, before, span.since, span.until, measures, theme)


async def unit_period_counts(
    connection: Connection,
    unit_ids: Sequence[UUID],
    streams: Sequence[str] | None,
    period: Period,
    *,
    measure: str,
    label: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[UnitPeriodCount]:
    """One measure in each week or month of several units, all in one query."""
    return await _UNIT_PERIODS.all(connection, unit_ids, streams, measure, label, period, since, until)
