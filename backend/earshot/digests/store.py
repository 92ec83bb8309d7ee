"""Digests in the database, and the few queries that composing one needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import NotFound
from earshot.digests.model import DigestState
from earshot.measures.disclosure import quotes_may_show
from earshot.measures.periods import start_of

SPARK_WEEKS = 12


@dataclass(frozen=True)
class Kept:
    """A digest as it lies in the database, with its mail where one was sent."""

    id: UUID
    cadence: str
    period: datetime
    state: DigestState
    composed_at: datetime
    content: dict[str, Any]
    letter_id: UUID | None


@dataclass(frozen=True)
class Period:
    """A person's period that was looked after."""

    account_id: UUID
    cadence: str
    period: datetime


@dataclass(frozen=True)
class Before:
    """What became of somebody's last digest of a cadence, and when they were last told that there is nothing new."""

    period: datetime
    told_nothing_new: bool
    nothing_new_at: datetime | None


@dataclass(frozen=True)
class Place:
    """An organisation that somebody subscribed to and may see."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Quote:
    """A de-identified comment of no member of staff and of no risk, and how many comments its group has."""

    signal_id: UUID
    group: int
    text: str


@dataclass(frozen=True)
class Guardian:
    """A Freedom to Speak Up guardian who may sign in, and where mail reaches them."""

    account_id: UUID
    email: str


@dataclass(frozen=True)
class _Week:
    signal_id: UUID
    start: date
    n: int


_COLUMNS: LiteralString = "SELECT id, cadence, period, state, composed_at, content, letter_id FROM digest"
_LISTED = Query(
    Kept,
    _COLUMNS + " WHERE account_id = $1 AND state <> 'silent' ORDER BY period DESC, cadence LIMIT $2",
)
_ONE = Query(Kept, _COLUMNS + " WHERE account_id = $1 AND id = $2 AND state <> 'silent'")
_ADD = Statement(
    """
    INSERT INTO digest (id, account_id, cadence, period, state, content) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    """
)
_SENT_BY = Statement("UPDATE digest SET letter_id = $2 WHERE id = $1")
_DONE = Query(Period, "SELECT account_id, cadence, period FROM digest WHERE account_id = ANY ($1) AND period >= $2")
_BEFORE = Query(
    Before,
    """
    SELECT d.period, coalesce((SELECT l.state = 'nothing_new' FROM digest l
        WHERE l.account_id = $1 AND l.cadence = $2 AND l.state <> 'silent' ORDER BY l.period DESC LIMIT 1), false)
        AS told_nothing_new,
      (SELECT max(n.period) FROM digest n WHERE n.account_id = $1 AND n.cadence = $2 AND n.state = 'nothing_new')
        AS nothing_new_at
    FROM digest d WHERE d.account_id = $1 AND d.cadence = $2 AND d.period < $3 ORDER BY d.period DESC LIMIT 1
    """,
)
_FORGET = Statement(
    """
    DELETE FROM digest WHERE (state = 'silent' AND period < now() - interval '40 days')
      OR period < now() - interval '400 days'
    """
)
_PLACES = Query(
    Place,
    """
    SELECT DISTINCT p.id, p.name FROM org p JOIN org r ON r.path @> p.path
    WHERE p.id = ANY ($1) AND r.id = ANY ($2) ORDER BY p.name, p.id
    """,
)
_BELOW = Query(
    UUID,
    """
    SELECT o.id FROM org o
    WHERE EXISTS (SELECT FROM org p WHERE p.id = ANY ($1) AND p.path @> o.path)
      AND EXISTS (SELECT FROM org r WHERE r.id = ANY ($2) AND r.path @> o.path)
    """,
)
# A comment that a person still has to look at is not quoted.
_QUOTES = Query(
    Quote,
    """
    SELECT DISTINCT ON (s.id) s.id AS signal_id, s.observed AS group, c.text
    FROM signal s CROSS JOIN LATERAL unnest(s.comment_ids) WITH ORDINALITY AS e (comment_id, place)
    JOIN comment c ON c.id = e.comment_id AND c.stream <> 'staff'
    WHERE s.id = ANY ($1) AND NOT 'staff' = ANY (s.streams) AND c.stream = ANY ($2) AND length(c.text) >= 15
      AND NOT EXISTS (SELECT FROM safety_flag f WHERE f.comment_id = c.id)
      AND NOT EXISTS (SELECT FROM review_item i WHERE i.comment_id = c.id AND i.looked_at_on IS NULL)
    ORDER BY s.id, e.place
    """,
)
# What a signal counts, in terms of the weekly counts; see `signals.weekly`.
_WEEKS = Query(
    _Week,
    """
    SELECT s.id AS signal_id, w.start, sum(CASE
        WHEN s.measure = 'positive' AND w.measure = 'theme_negative' THEN -w.n ELSE w.n END)::int AS n
    FROM signal s JOIN weekly_count w ON w.org_id = s.org_id AND w.stream = ANY (s.streams)
      AND w.start BETWEEN date_trunc('week', s.until)::date - $2::int * 7 + 7 AND s.until
      AND CASE
        WHEN s.measure IN ('theme', 'theme_negative') THEN
          w.measure = s.measure AND w.label = ANY (string_to_array(s.label, '|'))
        WHEN s.measure = 'positive' THEN
          w.measure IN ('theme', 'theme_negative') AND w.label = ANY (string_to_array(s.label, '|'))
        WHEN s.measure = 'negative' THEN w.measure = 'sentiment' AND w.label IN ('4', '5')
        WHEN s.measure = 'fft_poor' THEN w.measure = 'fft' AND w.label IN ('4', '5')
        ELSE s.measure IN ('comments', 'responses') AND w.measure = s.measure AND w.label = '' END
    WHERE s.id = ANY ($1) AND s.kind <> 'one_comment' AND s.about = '' AND s.measure <> 'cluster'
    GROUP BY 1, 2
    """,
)


_GUARDIANS = Query(
    Guardian,
    """
    SELECT a.id AS account_id, a.email FROM account a
    WHERE a.disabled_on IS NULL AND EXISTS (SELECT FROM role_grant g WHERE g.account_id = a.id AND g.role = 'guardian')
      AND NOT EXISTS (SELECT FROM mail_stop s WHERE s.account_id = a.id AND s.about = 'notice')
      AND NOT EXISTS (SELECT FROM letter l WHERE l.key = $1 || a.id)
    ORDER BY a.email
    """,
)


async def listed(connection: Connection, account_id: UUID, limit: int) -> list[Kept]:
    """What somebody was told, newest first."""
    return await _LISTED.all(connection, account_id, limit)


async def one(connection: Connection, account_id: UUID, digest_id: UUID) -> Kept:
    """One of somebody's digests; raises `NotFound`."""
    found = await _ONE.maybe(connection, account_id, digest_id)
    if found is None:
        raise NotFound
    return found


async def add(
    connection: Connection, account_id: UUID, cadence: str, period: datetime, state: DigestState, content: object
) -> UUID | None:
    """Note what a person is told of a period; None where that period was noted before, whoever did it."""
    made = uuid4()
    added = await _ADD.run(connection, made, account_id, cadence, period, state, content)
    return made if added else None


async def sent_by(connection: Connection, digest_id: UUID, letter_id: UUID) -> None:
    """Note the mail of a digest."""
    await _SENT_BY.run(connection, digest_id, letter_id)


async def done(connection: Connection, account_ids: Sequence[UUID], since: datetime) -> set[tuple[UUID, str, datetime]]:
    """The periods since a moment that were looked after, as account, cadence and moment."""
    rows = await _DONE.all(connection, account_ids, since)
    return {(row.account_id, row.cadence, row.period) for row in rows}


async def before(connection: Connection, account_id: UUID, cadence: str, period: datetime) -> Before | None:
    """Somebody's digest before a period, or None for the first."""
    return await _BEFORE.maybe(connection, account_id, cadence, period)


async def forget(connection: Connection) -> None:
    """Drop old digests: those that said nothing sooner than the others."""
    await _FORGET.run(connection)


async def places(connection: Connection, asked: Sequence[UUID], granted: Sequence[UUID]) -> list[Place]:
    """Those of some places that lie below what somebody was granted."""
    return await _PLACES.all(connection, asked, granted)


async def below(connection: Connection, asked: Sequence[UUID], granted: Sequence[UUID]) -> list[UUID]:
    """Everything at and below some places that somebody may see."""
    return await _BELOW.all(connection, asked, granted)


async def quotes(connection: Connection, signal_ids: Sequence[UUID], streams: Sequence[str]) -> dict[UUID, str]:
    """The most telling comment that may be quoted for each signal."""
    rows = await _QUOTES.all(connection, signal_ids, streams)
    return {row.signal_id: row.text for row in rows if quotes_may_show(row.group)}


async def weeks(connection: Connection, untils: dict[UUID, date]) -> dict[UUID, list[int]]:
    """The weekly counts of signals, twelve weeks up to the one in which each ends; for signals that have a series."""
    counted: defaultdict[UUID, dict[date, int]] = defaultdict(dict)
    for row in await _WEEKS.all(connection, list(untils), SPARK_WEEKS):
        counted[row.signal_id][row.start] = max(0, row.n)
    return {signal: [counts.get(start, 0) for start in _mondays(untils[signal])] for signal, counts in counted.items()}


def _mondays(until: date) -> list[date]:
    last = start_of(until, "week")
    return [last - timedelta(weeks=back) for back in range(SPARK_WEEKS - 1, -1, -1)]


async def guardians(connection: Connection, day_prefix: str) -> list[Guardian]:
    """Guardians who want the daily reminder and have not got the one whose key begins so."""
    return await _GUARDIANS.all(connection, day_prefix)
