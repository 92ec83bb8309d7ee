"""Counts that may leave the house: made from the roll-ups, and read by other programmes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.measures.periods import Period
from earshot.publishing import feed


@dataclass(frozen=True)
class Group:
    """All numbers of one period and stream; `source` says what they were counted from, None where nothing is left."""

    period: Period
    start: date
    stream: str
    source: str | None


@dataclass(frozen=True)
class Row:
    """One number of a feed. `n` is None for too few to say; `id` stays the same whatever the number becomes."""

    id: UUID
    organisation: str
    ods_code: str | None
    first_day: date
    stream: str
    measure: str
    label: str
    n: int | None
    taxonomy: str
    made_on: date

    @property
    def place(self) -> Place:
        """Where it stands among all rows."""
        return Place(self.first_day, self.organisation, self.stream, self.measure, self.label)


@dataclass(frozen=True)
class Place:
    """Where a row stands in the order of a feed."""

    first_day: date
    organisation: str
    stream: str
    measure: str
    label: str


@dataclass(frozen=True)
class FeedOrg:
    """An organisation as a feed names it."""

    code: str
    ods_code: str | None
    name: str
    level: str
    parent: str | None
    closed_on: date | None


@dataclass(frozen=True)
class Wanted:
    """Which numbers: first days of periods from `since` to `until`, below one organisation, of one measure."""

    period: Period
    since: date
    until: date
    org: str | None = None
    measure: str | None = None


@dataclass(frozen=True)
class _Count:
    org_id: UUID
    measure: str
    label: str
    n: int


@dataclass(frozen=True)
class _Parent:
    id: UUID
    parent_id: UUID | None


# Only what is over, and only what changed. A sum of hashes does not mind the order of rows.
_STALE = Query(
    Group,
    """
    WITH counted AS (
      SELECT period, start, stream,
        sum(hashtextextended(concat_ws('|', org_id, measure, label, n), 0)::numeric)::text AS source
      FROM period_count WHERE measure = ANY ($1) AND start + ('1 ' || period)::interval <= current_date
      GROUP BY 1, 2, 3
    )
    SELECT coalesce(c.period, m.period) AS period, coalesce(c.start, m.start) AS start,
      coalesce(c.stream, m.stream) AS stream, c.source
    FROM counted c FULL JOIN statistic_made m USING (period, start, stream)
    WHERE c.source IS DISTINCT FROM m.source ORDER BY 2 DESC, 1, 3
    """,
)
_COUNTS = Query(
    _Count,
    """
    SELECT org_id, measure, label, n FROM period_count
    WHERE period = $1 AND start = $2 AND stream = $3 AND measure = ANY ($4) AND n > 0
    """,
)
_TREE = Query(_Parent, "SELECT id, parent_id FROM org")
_LOCK = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('statistic/' || $1 || '/' || $2::date || '/' || $3, 0))"
)
_CLEAR = Statement(
    """
    DELETE FROM statistic s WHERE (period, start, stream) = ($1, $2, $3) AND NOT EXISTS (
      SELECT FROM unnest($4::uuid[], $5::text[], $6::text[]) AS k (org_id, measure, label)
      WHERE (k.org_id, k.measure, k.label) = (s.org_id, s.measure, s.label))
    """
)
_KEEP = Statement(
    """
    INSERT INTO statistic AS s (period, start, stream, org_id, measure, label, n, taxonomy)
    SELECT $1, $2, $3, k.* FROM unnest($4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[]) AS k
    ON CONFLICT (period, start, org_id, stream, measure, label)
    DO UPDATE SET n = excluded.n, taxonomy = excluded.taxonomy, made_on = current_date
    WHERE (s.n, s.taxonomy) IS DISTINCT FROM (excluded.n, excluded.taxonomy)
    """
)
_MADE = Statement(
    """
    INSERT INTO statistic_made (period, start, stream, source) VALUES ($1, $2, $3, $4)
    ON CONFLICT (period, start, stream) DO UPDATE SET source = excluded.source, made_on = current_date
    """
)
_UNMADE = Statement("DELETE FROM statistic_made WHERE (period, start, stream) = ($1, $2, $3)")
# The id is that of the view `statistics`.
_ROWS = Query(
    Row,
    """
    SELECT md5(concat_ws('|', s.period, s.start, o.code, s.stream, s.measure, s.label))::uuid AS id,
      o.code AS organisation, o.ods_code, s.start AS first_day, s.stream, s.measure, s.label, s.n, s.taxonomy, s.made_on
    FROM statistic s JOIN org o ON o.id = s.org_id
    WHERE s.period = $1 AND s.start BETWEEN $2 AND $3 AND ($5::text IS NULL OR s.measure = $5)
      AND ($4::text IS NULL OR EXISTS (
        SELECT FROM org top WHERE (top.code = $4 OR top.ods_code = $4) AND o.path <@ top.path))
      AND ($6::date IS NULL OR (s.start, o.code, s.stream, s.measure, s.label) > ($6, $7, $8, $9, $10))
    ORDER BY s.start, o.code, s.stream, s.measure, s.label LIMIT $11
    """,
)
_ORGS = Query(
    FeedOrg,
    """
    SELECT o.code, o.ods_code, o.name, o.level, p.code AS parent, o.closed_on
    FROM org o LEFT JOIN org p ON p.id = o.parent_id ORDER BY o.path
    """,
)


async def stale(connection: Connection) -> list[Group]:
    """Periods that are over whose numbers were counted from something else than lies there now, newest first."""
    return await _STALE.all(connection, feed.MEASURES)


async def counted(connection: Connection, group: Group) -> tuple[dict[UUID, UUID | None], dict[feed.Counted, int]]:
    """The tree of organisations, and how often each thing was counted in each of them with all below it."""
    tree = {one.id: one.parent_id for one in await _TREE.all(connection)}
    counts = await _COUNTS.all(connection, group.period, group.start, group.stream, feed.MEASURES)
    return tree, {(one.org_id, one.measure, one.label): one.n for one in counts}


async def hold(connection: Connection, group: Group) -> None:
    """Let nobody else make these numbers until the transaction ends."""
    await _LOCK.run(connection, group.period, group.start, group.stream)


async def keep(connection: Connection, group: Group, told: Mapping[feed.Counted, int | None]) -> None:
    """Replace the numbers of a period and stream; those that stay the same keep their day."""
    lines = list(feed.rows(told))
    columns: list[list[object]] = [[line[place] for line in lines] for place in range(5)]
    of = (group.period, group.start, group.stream)
    await _CLEAR.run(connection, *of, *columns[:3])
    await _KEEP.run(connection, *of, *columns)
    if group.source is None:
        await _UNMADE.run(connection, *of)
    else:
        await _MADE.run(connection, *of, group.source)


async def rows(connection: Connection, wanted: Wanted, *, after: Place | None = None, limit: int) -> Sequence[Row]:
    """The numbers that the transaction's scope shows, oldest first, from behind `after` on."""
    place = (None,) * 5 if after is None else tuple(vars(after).values())
    return await _ROWS.all(
        connection, wanted.period, wanted.since, wanted.until, wanted.org, wanted.measure, *place, limit
    )


async def organisations(connection: Connection) -> list[FeedOrg]:
    """The organisations that the transaction's scope shows, parents first."""
    return await _ORGS.all(connection)
