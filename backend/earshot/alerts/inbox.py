"""What somebody was told, as their own list shows it: only of signals that they may still see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from earshot.alerts import wording
from earshot.alerts.answers import AlertCounts, AlertList, AlertOut, DeliveryOut
from earshot.alerts.model import Channel, DeliveryState, Told, Why
from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import NotFound
from earshot.signals.answers import MARKS
from earshot.signals.store import Reader


@dataclass(frozen=True)
class _Row(Told):
    """An alert with the signal it is about."""

    alert_id: UUID
    why: Why
    said_urgent: bool
    made_at: datetime
    told_at: datetime | None
    seen_at: datetime | None
    overdue: bool


@dataclass(frozen=True)
class _Counts:
    unseen: int
    urgent: int


@dataclass(frozen=True)
class _Delivery:
    alert_id: UUID
    channel: Channel
    state: DeliveryState
    fallback: bool
    why: str | None
    at: datetime


_FROM: LiteralString = """
    FROM alert a JOIN signal s ON s.id = a.signal_id JOIN org o ON o.id = s.org_id
    WHERE a.account_id = $1
      AND (NOT 'staff' = ANY (s.streams) OR s.respondents IS NULL OR s.respondents >= $2 OR s.kind = 'one_comment')
      AND (a.urgent OR a.told_at IS NOT NULL)
"""
_COLUMNS: LiteralString = """
    SELECT a.id AS alert_id, a.why, a.urgent AS said_urgent, a.made_at, a.told_at, a.seen_at, s.id, s.kind, s.meaning,
      s.org_id, o.name AS org_name, o.level AS org_level, '{}'::uuid[] AS above, s.streams, s.measure, s.label, s.about,
      s.since, s.until, s.observed, s.expected, s.statistic, s.respondents, s.sentence, s.state, s.going_on, s.due_at,
      a.turn, s.state IN ('new', 'reopened') AND coalesce(s.due_at < now(), false) AS overdue
"""
_LIST = Query(
    _Row,
    _COLUMNS
    + _FROM
    + """
      AND ($3::boolean IS NULL OR (a.seen_at IS NOT NULL) = $3) AND ($4::uuid IS NULL OR a.id = $4)
    ORDER BY (a.urgent AND s.state IN ('new', 'reopened')) DESC, a.made_at DESC, a.id LIMIT $5
    """,
)
_DELIVERIES = Query(
    _Delivery,
    """
    SELECT d.alert_id, d.channel, d.state, d.fallback, d.why, coalesce(d.settled_at, d.made_at) AS at
    FROM alert_delivery d JOIN alert a ON a.id = d.alert_id AND a.turn = d.turn
    WHERE d.alert_id = ANY ($1) ORDER BY d.made_at, d.channel
    """,
)
_COUNTS = Query(
    _Counts,
    """
    SELECT (count(*) FILTER (WHERE a.seen_at IS NULL))::int AS unseen,
      (count(*) FILTER (WHERE a.urgent AND s.state IN ('new', 'reopened')))::int AS urgent
    """
    + _FROM,
)
_SEEN = Statement("UPDATE alert SET seen_at = now() WHERE account_id = $1 AND id = $2 AND seen_at IS NULL")
_ALL_SEEN = Statement(
    "UPDATE alert SET seen_at = now() WHERE account_id = $1 AND seen_at IS NULL AND (urgent OR told_at IS NOT NULL)"
)


async def listed(connection: Connection, reader: Reader, *, seen: bool | None, limit: int) -> AlertList:
    """Somebody's alerts: urgent and open first, then the newest."""
    rows = await _LIST.all(connection, reader.account_id, reader.fewest, seen, None, limit)
    return AlertList(items=await _out(connection, rows), counts=await counts(connection, reader))


async def one(connection: Connection, reader: Reader, alert_id: UUID) -> AlertOut:
    """One of somebody's alerts; raises `NotFound`."""
    rows = await _LIST.all(connection, reader.account_id, reader.fewest, None, alert_id, 1)
    if not rows:
        raise NotFound
    return (await _out(connection, rows))[0]


async def counts(connection: Connection, reader: Reader) -> AlertCounts:
    """How many somebody has not seen, and how many urgent ones nobody has taken up."""
    found = await _COUNTS.one(connection, reader.account_id, reader.fewest)
    return AlertCounts(unseen=found.unseen, urgent=found.urgent)


async def see(connection: Connection, reader: Reader, alert_id: UUID) -> AlertOut:
    """Note that somebody saw an alert of theirs; raises `NotFound`."""
    await _SEEN.run(connection, reader.account_id, alert_id)
    return await one(connection, reader, alert_id)


async def see_all(connection: Connection, reader: Reader) -> AlertCounts:
    """Note that somebody saw all alerts that they were told."""
    await _ALL_SEEN.run(connection, reader.account_id)
    return await counts(connection, reader)


async def _out(connection: Connection, rows: list[_Row]) -> list[AlertOut]:
    went: dict[UUID, list[DeliveryOut]] = {}
    for each in await _DELIVERIES.all(connection, [row.alert_id for row in rows]):
        sentence = wording.delivery(each.channel, each.state, each.why, fallback=each.fallback)
        shown = DeliveryOut(
            channel=each.channel, state=each.state, fallback=each.fallback, at=each.at, sentence=sentence
        )
        went.setdefault(each.alert_id, []).append(shown)
    return [_alert(row, went.get(row.alert_id, [])) for row in rows]


def _alert(row: _Row, deliveries: list[DeliveryOut]) -> AlertOut:
    return AlertOut(
        id=row.alert_id, signal_id=row.id, kind=row.kind, meaning=row.meaning,
        mark="!" if row.urgent else MARKS[row.meaning], sentence=wording.told(row), org_id=row.org_id,
        org_name=row.org_name, since=row.since, until=row.until, state=row.state, open=not row.acted_on,
        urgent=row.said_urgent, why=row.why, why_sentence=wording.why(row.why), made_at=row.made_at,
        told_at=row.told_at, seen_at=row.seen_at, due_at=row.due_at, overdue=row.overdue, deliveries=deliveries,
        path=f"/signals/{row.id}",
    )  # fmt: skip
