"""Weekly counts of what a signal is about, out of the daily roll-ups, and for discovered themes out of comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.measures.periods import Span


@dataclass(frozen=True)
class WeekCount:
    """A week from Monday: how often something was counted, and out of how much."""

    start: date
    n: int
    exposure: int


@dataclass(frozen=True)
class UnitTheme:
    """How often a theme was heard in a unit and all below it."""

    org_id: UUID
    stream: str
    theme: str
    n: int


# What a signal may count, in terms of `daily`; a theme is one of $4, exposure is what could have been counted.
_COUNTED = Query(
    WeekCount,
    """
    SELECT date_trunc('week', day)::date AS start,
      (coalesce(sum(n) FILTER (WHERE
        ($3 IN ('theme', 'positive') AND measure = 'theme' AND label = ANY ($4))
        OR ($3 = 'theme_negative' AND measure = 'theme_negative' AND label = ANY ($4))
        OR ($3 = 'negative' AND measure = 'sentiment' AND label IN ('4', '5'))
        OR ($3 = 'fft_poor' AND measure = 'fft' AND label IN ('4', '5'))
        OR ($3 IN ('comments', 'responses') AND measure = $3)), 0)
      - coalesce(sum(n) FILTER (WHERE $3 = 'positive' AND measure = 'theme_negative' AND label = ANY ($4)), 0)
      )::int AS n,
      coalesce(sum(n) FILTER (WHERE measure = CASE WHEN $3 = 'fft_poor' THEN 'fft'
        WHEN $3 IN ('comments', 'responses') THEN 'responses' ELSE 'sentiment' END), 0)::int AS exposure
    FROM daily
    WHERE org_id IN (SELECT o.id FROM org o JOIN org r ON o.path <@ r.path WHERE r.id = $1)
      AND stream = ANY ($2) AND day BETWEEN $5 AND $6
    GROUP BY 1 ORDER BY 1
    """,
)
_CLUSTER = Query(
    WeekCount,
    """
    SELECT date_trunc('week', c.said_on)::date AS start,
      (count(*) FILTER (WHERE m.cluster_id::text = ANY ($3)))::int AS n, count(*)::int AS exposure
    FROM comment c LEFT JOIN comment_cluster m ON m.comment_id = c.id
    WHERE c.org_id IN (SELECT o.id FROM org o JOIN org r ON o.path <@ r.path WHERE r.id = $1)
      AND c.stream = ANY ($2) AND c.said_on BETWEEN $4 AND $5
    GROUP BY 1 ORDER BY 1
    """,
)
_LAST_DAY = Query(
    date,
    """
    SELECT max(day) FROM daily
    WHERE measure = 'responses' AND org_id IN (
      SELECT o.id FROM org o JOIN org p ON o.path <@ p.path AND p.level = 'provider'
      JOIN org r ON p.path @> r.path OR p.path <@ r.path WHERE r.id = $1)
    """,
)
_UNIT_THEMES = Query(
    UnitTheme,
    """
    SELECT u.id AS org_id, d.stream, d.label AS theme, sum(d.n)::int AS n
    FROM org u JOIN org o ON o.path <@ u.path JOIN daily d ON d.org_id = o.id
    WHERE u.id = ANY ($1) AND ($2::text[] IS NULL OR d.stream = ANY ($2)) AND d.measure = 'theme'
      AND d.day BETWEEN $3 AND $4
    GROUP BY 1, 2, 3
    """,
)


async def counted(
    connection: Connection, org_id: UUID, streams: Sequence[str], measure: str, labels: Sequence[str], span: Span
) -> list[WeekCount]:
    """What a signal is about in each week of a span in which anything was counted."""
    if measure == "cluster":
        return await _CLUSTER.all(connection, org_id, streams, labels, span.since, span.until)
    return await _COUNTED.all(connection, org_id, streams, measure, labels, span.since, span.until)


async def last_day(connection: Connection, org_id: UUID) -> date | None:
    """The last day on which the provider of an organisation was heard."""
    return await _LAST_DAY.maybe(connection, org_id)


async def unit_themes(
    connection: Connection, org_ids: Sequence[UUID], streams: Sequence[str] | None, span: Span
) -> list[UnitTheme]:
    """How often each theme was heard in several units."""
    return await _UNIT_THEMES.all(connection, org_ids, streams, span.since, span.until)


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Place:
    """An organisation of a provider's tree; `above` are the ids from the provider down to itself."""

    id: UUID
    name: str
    level: str
    above: list[UUID]
    closed_on: date | None


@dataclass(frozen=True)
class Counted:
    """A weekly count as the roll-ups hold it, of one organisation without those below it."""

    org_id: UUID
    stream: str
    measure: str
    label: str
    week: date
    n: int


_PLACES = Query(
    Place,
    """
    SELECT o.id, o.name, o.level, o.closed_on,
      ARRAY (SELECT a.id FROM org a WHERE a.path @> o.path AND a.path <@ p.path ORDER BY nlevel(a.path)) AS above
    FROM org p JOIN org o ON o.path <@ p.path WHERE p.id = $1 ORDER BY o.path
    """,
)
_ALL_COUNTED = Query(
    Counted,
    """
    SELECT d.org_id, d.stream, d.measure, d.label, date_trunc('week', d.day)::date AS week, sum(d.n)::int AS n
    FROM daily d JOIN org o ON o.id = d.org_id JOIN org p ON o.path <@ p.path
    WHERE p.id = $1 AND d.day BETWEEN $2 AND $3
      AND d.measure IN ('responses', 'fft', 'sentiment', 'theme', 'theme_negative')
    GROUP BY 1, 2, 3, 4, 5
    """,
)
_FIRST_DAY = Query(
    date,
    """
    SELECT min(d.day) FROM daily d JOIN org o ON o.id = d.org_id JOIN org p ON o.path <@ p.path
    WHERE p.id = $1 AND d.measure = 'responses' AND d.day >= $2
    """,
)


async def places(connection: Connection, provider: UUID) -> list[Place]:
    """A provider and all below it, parents first."""
    return await _PLACES.all(connection, provider)


async def all_counted(connection: Connection, provider: UUID, since: date, until: date) -> list[Counted]:
    """Every weekly count of a provider's tree, each organisation for itself."""
    return await _ALL_COUNTED.all(connection, provider, since, until)


async def first_day(connection: Connection, provider: UUID, since: date) -> date | None:
    """The first day, not before `since`, on which a provider was heard."""
    return await _FIRST_DAY.maybe(connection, provider, since)
