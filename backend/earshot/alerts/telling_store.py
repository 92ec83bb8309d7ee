"""Alerts, deliveries and clocks in the database, for the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from earshot.alerts.model import Cadence, DeliveryState, Step, StepWhy, Told, Why
from earshot.alerts.routing import Planned
from earshot.core.db import Connection, Query, Statement
from earshot.people.model import Actor, Grant, Role


@dataclass(frozen=True)
class Waiting:
    """An alert that is to be told. `ended` and `snoozed_until` are the subscription's; a rule of ours has neither."""

    id: UUID
    account_id: UUID
    signal_id: UUID
    subscription_id: UUID | None
    why: Why
    cadence: Cadence
    channels: list[str]
    urgent: bool
    turn: int
    ended: bool
    snoozed_until: datetime | None
    weekly_cap: int | None
    webhook_url: str | None
    told_this_week: int


@dataclass(frozen=True)
class Delivery:
    """One way that an alert went, as far as is known; `seen` and `open` are the alert's and its signal's."""

    id: UUID
    alert_id: UUID
    signal_id: UUID
    account_id: UUID
    turn: int
    channel: str
    state: DeliveryState
    letter_id: UUID | None
    attempts: int
    made_at: datetime
    urgent: bool
    seen: bool
    open: bool


@dataclass(frozen=True)
class Call:
    """A webhook to call: the delivery, whose secret signs it, and how often it was called before."""

    delivery_id: UUID
    alert_id: UUID
    signal_id: UUID
    subscription_id: UUID
    url: str
    attempts: int


@dataclass(frozen=True)
class Clock:
    """Whose turn an urgent warning is at."""

    signal_id: UUID
    step: Step
    turn: int


@dataclass(frozen=True)
class _Grants:
    account_id: UUID
    name: str
    email: str
    roles: list[str]
    org_ids: list[UUID]


# How often a signal was opened again by Earshot itself is its turn: each begins a telling of its own.
_TOLD = Query(
    Told,
    """
    SELECT s.id, s.kind, s.meaning, s.org_id, o.name AS org_name, o.level AS org_level, above_of(s.org_id) AS above,
      s.streams, s.measure, s.label, s.about, s.since, s.until, s.observed, s.expected, s.statistic, s.respondents,
      s.sentence, s.state, s.going_on, s.due_at,
      1 + (SELECT count(*)::int FROM signal_event e WHERE e.signal_id = s.id AND e.what = 'reopened'
           AND e.by_id IS NULL) AS turn
    FROM signal s JOIN org o ON o.id = s.org_id WHERE s.id = ANY ($1) ORDER BY s.id
    """,
)
_ACTORS = Query(
    _Grants,
    """
    SELECT a.id AS account_id, a.name, a.email, array_agg(g.role ORDER BY g.role, g.org_id) AS roles,
      array_agg(g.org_id ORDER BY g.role, g.org_id) AS org_ids
    FROM account a JOIN role_grant g ON g.account_id = a.id
    WHERE a.disabled_on IS NULL AND a.id = ANY ($1) GROUP BY a.id
    """,
)
_OVER = Query(
    UUID,
    """
    SELECT DISTINCT g.account_id FROM org o JOIN org above ON above.path @> o.path
    JOIN role_grant g ON g.org_id = above.id JOIN account a ON a.id = g.account_id AND a.disabled_on IS NULL
    WHERE o.id = $1 AND g.role = ANY ($2) ORDER BY g.account_id
    """,
)
_MAKE = Query(
    UUID,
    """
    INSERT INTO alert AS a (account_id, signal_id, subscription_id, why, cadence, channels, urgent, turn, made_at,
      due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (account_id, signal_id) DO UPDATE SET subscription_id = excluded.subscription_id, why = excluded.why,
      cadence = excluded.cadence, channels = excluded.channels, urgent = excluded.urgent, turn = excluded.turn,
      made_at = excluded.made_at, due_at = excluded.due_at, state = 'waiting', told_at = NULL, seen_at = NULL
      WHERE a.turn < excluded.turn
    RETURNING a.id
    """,
)
_TOLD_PEOPLE = Query(UUID, "SELECT account_id FROM alert WHERE signal_id = $1 AND turn >= $2")
_SETTLE = Statement(
    """
    UPDATE alert a SET state = 'settled' FROM signal s
    WHERE s.id = a.signal_id AND a.state = 'waiting' AND (s.state NOT IN ('new', 'reopened')
      OR EXISTS (SELECT FROM subscription b WHERE b.id = a.subscription_id AND b.ended_on IS NOT NULL))
    """
)
_SETTLE_ONE = Statement("UPDATE alert SET state = 'settled' WHERE id = $1 AND state = 'waiting'")
_WAITING: LiteralString = """
    SELECT a.id, a.account_id, a.signal_id, a.subscription_id, a.why, a.cadence, a.channels, a.urgent, a.turn,
      coalesce(b.ended_on IS NOT NULL, false) AS ended, b.snoozed_until, b.weekly_cap, b.webhook_url,
      (SELECT count(*)::int FROM alert t WHERE t.subscription_id = a.subscription_id AND NOT t.urgent
        AND t.told_at > $1::timestamptz - interval '7 days') AS told_this_week
    FROM alert a LEFT JOIN subscription b ON b.id = a.subscription_id
"""
# Locked, so that of two rounds at once only one tells an alert.
_DUE = Query(
    Waiting,
    _WAITING
    + """
    WHERE a.state = 'waiting' AND (a.due_at <= $1 OR (a.due_at IS NULL AND b.cadence = 'at_once'))
    ORDER BY a.urgent DESC, a.due_at, a.id LIMIT $2 FOR UPDATE OF a SKIP LOCKED
    """,
)
_FOR_DIGEST = Query(
    Waiting,
    _WAITING
    + """
    WHERE a.state = 'waiting' AND a.account_id = $2 AND a.subscription_id = ANY ($3) AND NOT a.urgent
    ORDER BY a.id FOR UPDATE OF a
    """,
)
_MARK_TOLD = Statement("UPDATE alert SET state = 'told', told_at = $2 WHERE id = ANY ($1) AND state = 'waiting'")
_PUT_OFF = Statement("UPDATE alert SET due_at = $2 WHERE id = $1 AND state = 'waiting'")
_DELIVER = Query(
    UUID,
    """
    INSERT INTO alert_delivery (alert_id, turn, channel, fallback, letter_id, made_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (alert_id, turn, channel) DO NOTHING RETURNING id
    """,
)
_OPEN_DELIVERIES: LiteralString = """
    SELECT d.id, d.alert_id, a.signal_id, a.account_id, d.turn, d.channel, d.state, d.letter_id, d.attempts, d.made_at,
      a.urgent, a.seen_at IS NOT NULL AS seen, s.state IN ('new', 'reopened') AS open
    FROM alert_delivery d JOIN alert a ON a.id = d.alert_id AND a.turn = d.turn JOIN signal s ON s.id = a.signal_id
"""
# A mail that left may still come back: those of urgent warnings that are open are looked at for five days. What waits
# in Earshot to be seen is only looked at while it is urgent, or once it was seen.
_UNPROVEN = Query(
    Delivery,
    _OPEN_DELIVERIES
    + """
    WHERE d.made_at > $1::timestamptz - interval '35 days' AND CASE
      WHEN d.channel = 'in_app' THEN (d.state <> 'delivered' AND a.seen_at IS NOT NULL)
        OR (d.state = 'waiting' AND a.urgent AND s.state IN ('new', 'reopened'))
      WHEN d.state = 'waiting' THEN d.made_at > $1::timestamptz - interval '6 days'
      ELSE d.channel = 'mail' AND d.state = 'delivered' AND a.urgent AND s.state IN ('new', 'reopened')
        AND d.settled_at > $1::timestamptz - interval '5 days' END
    ORDER BY a.urgent DESC, d.made_at DESC, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED
    """,
)
_OF_ALERT = Query(Delivery, _OPEN_DELIVERIES + " WHERE d.alert_id = $1 ORDER BY d.made_at, d.id")
_CALL = Query(
    Call,
    """
    SELECT d.id AS delivery_id, a.id AS alert_id, a.signal_id, b.id AS subscription_id, b.webhook_url AS url, d.attempts
    FROM alert_delivery d JOIN alert a ON a.id = d.alert_id AND a.turn = d.turn
    JOIN subscription b ON b.id = a.subscription_id AND b.ended_on IS NULL AND b.webhook_url IS NOT NULL
    WHERE d.id = $1 AND d.channel = 'webhook' AND d.state = 'waiting'
    """,
)
_SETTLE_DELIVERY = Statement(
    "UPDATE alert_delivery SET state = $2, why = $3, settled_at = $4 WHERE id = $1 AND state <> $2"
)
_TRIED = Statement("UPDATE alert_delivery SET attempts = attempts + 1 WHERE id = $1")
# Of the people whose turn it is: proof that somebody before them was told does not help to reach these.
_REACHABLE = Query(
    bool,
    """
    SELECT EXISTS (SELECT FROM alert_clock c JOIN alert a ON a.signal_id = c.signal_id AND a.turn = c.turn
        AND a.why = CASE c.step WHEN 'subscribers' THEN 'subscribed' ELSE c.step END
      LEFT JOIN alert_delivery d ON d.alert_id = a.id AND d.turn = a.turn
      WHERE c.signal_id = $1 AND (a.state = 'waiting' OR a.seen_at IS NOT NULL OR d.state = 'delivered'
        OR (d.state = 'waiting' AND d.channel <> 'in_app')))
    """,
)
_START_CLOCK = Query(
    UUID,
    """
    INSERT INTO alert_clock AS c (signal_id, step, next_at, turn) VALUES ($1, 'subscribers', $2, $3)
    ON CONFLICT (signal_id) DO UPDATE SET step = 'subscribers', next_at = excluded.next_at, turn = excluded.turn
      WHERE c.turn < excluded.turn
    RETURNING c.signal_id
    """,
)
_STOP_CLOCKS = Statement(
    """
    UPDATE alert_clock c SET next_at = NULL FROM signal s
    WHERE s.id = c.signal_id AND c.next_at IS NOT NULL AND s.state NOT IN ('new', 'reopened')
    """
)
_CLOCKS_DUE = Query(
    Clock,
    """
    SELECT signal_id, step, turn FROM alert_clock WHERE next_at <= $1 ORDER BY next_at, signal_id LIMIT $2
    FOR UPDATE SKIP LOCKED
    """,
)
_CLOCK = Query(
    Clock,
    "SELECT signal_id, step, turn FROM alert_clock WHERE signal_id = $1 AND next_at IS NOT NULL FOR UPDATE",
)
_SET_CLOCK = Statement("UPDATE alert_clock SET step = $2, next_at = $3 WHERE signal_id = $1")
_STEP = Statement("INSERT INTO alert_step (signal_id, at, step, why, told) VALUES ($1, $2, $3, $4, $5)")


async def signals(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Told]:
    """Signals as routing needs them, by their ids."""
    return {told.id: told for told in await _TOLD.all(connection, list(ids))}


async def actors(connection: Connection, accounts: Sequence[UUID]) -> dict[UUID, Actor]:
    """Those of some people whose account is open and who have a role."""
    found = {}
    for row in await _ACTORS.all(connection, list(accounts)):
        grants = tuple(Grant(Role(role), org_id, "") for role, org_id in zip(row.roles, row.org_ids, strict=True))
        found[row.account_id] = Actor(row.account_id, row.name, row.email, grants)
    return found


async def people_over(connection: Connection, place: UUID, roles: Sequence[str]) -> list[UUID]:
    """Everybody with one of some roles at a place or above it."""
    return await _OVER.all(connection, place, list(roles))


async def make(connection: Connection, told: Told, planned: Planned, now: datetime) -> UUID | None:
    """The alert of a subscription; None where that person is told already."""
    return await _MAKE.maybe(
        connection, planned.account_id, told.id, planned.subscription_id, "subscribed", planned.cadence,
        list(planned.channels), planned.urgent, told.turn, now, planned.due_at,
    )  # fmt: skip


async def make_step(connection: Connection, told: Told, account_id: UUID, why: Why, now: datetime) -> UUID | None:
    """The alert of an escalation: at once, in Earshot and by mail; None where that person is told already."""
    return await _MAKE.maybe(
        connection, account_id, told.id, None, why, "at_once", ["in_app", "mail"], True, told.turn, now, now
    )


async def people_told(connection: Connection, told: Told) -> set[UUID]:
    """Who has an alert of a signal's present turn."""
    return set(await _TOLD_PEOPLE.all(connection, told.id, told.turn))


async def settle_acted_on(connection: Connection) -> int:
    """Settle what waits of signals that somebody took up, or of subscriptions that ended: it is not told any more."""
    await _STOP_CLOCKS.run(connection)
    return await _SETTLE.run(connection)


async def settle(connection: Connection, alert_id: UUID) -> None:
    """Settle one alert that is not to be told."""
    await _SETTLE_ONE.run(connection, alert_id)


async def due(connection: Connection, now: datetime, most: int) -> list[Waiting]:
    """Alerts to tell one by one, locked until the transaction ends."""
    return await _DUE.all(connection, now, most)


async def for_digest(
    connection: Connection, account_id: UUID, subscriptions: Sequence[UUID], now: datetime
) -> list[Waiting]:
    """Alerts of some subscriptions that wait for a digest, locked until the transaction ends."""
    return await _FOR_DIGEST.all(connection, now, account_id, list(subscriptions))


async def mark_told(connection: Connection, alerts: Sequence[UUID], at: datetime) -> None:
    """Note that alerts were told."""
    await _MARK_TOLD.run(connection, list(alerts), at)


async def put_off(connection: Connection, alert_id: UUID, until: datetime) -> None:
    """Let an alert wait until later."""
    await _PUT_OFF.run(connection, alert_id, until)


async def deliver(
    connection: Connection, alert: Waiting | Delivery, channel: str, now: datetime, *, letter: UUID | None = None,
    fallback: bool = False,
) -> UUID | None:  # fmt: skip
    """Note one way that an alert goes; None where it went that way already."""
    alert_id = alert.alert_id if isinstance(alert, Delivery) else alert.id
    return await _DELIVER.maybe(connection, alert_id, alert.turn, channel, fallback, letter, now)


async def unproven(connection: Connection, now: datetime, most: int) -> list[Delivery]:
    """Deliveries of which it is not known what became, locked until the transaction ends."""
    return await _UNPROVEN.all(connection, now, most)


async def deliveries(connection: Connection, alert_id: UUID) -> list[Delivery]:
    """Every way that an alert went in its present turn."""
    return await _OF_ALERT.all(connection, alert_id)


async def call_of(connection: Connection, delivery_id: UUID) -> Call | None:
    """The webhook that a delivery calls; None where it was called, or the subscription has ended."""
    return await _CALL.maybe(connection, delivery_id)


async def settle_delivery(
    connection: Connection, delivery_id: UUID, state: DeliveryState, why: str | None, at: datetime
) -> None:
    """Note what became of a delivery."""
    await _SETTLE_DELIVERY.run(connection, delivery_id, state, why, at)


async def tried(connection: Connection, delivery_id: UUID) -> None:
    """Count a try of a delivery."""
    await _TRIED.run(connection, delivery_id)


async def reachable(connection: Connection, signal_id: UUID) -> bool:
    """Whether one of those whose turn it is has a warning for sure, or a message to one is still on its way."""
    return await _REACHABLE.one(connection, signal_id)


async def start_clock(connection: Connection, told: Told, until: datetime) -> bool:
    """Start the clock of an urgent warning; False where it runs already."""
    return await _START_CLOCK.maybe(connection, told.id, until, told.turn) is not None


async def clocks_due(connection: Connection, now: datetime, most: int) -> list[Clock]:
    """Urgent warnings whose next step is due, locked until the transaction ends."""
    return await _CLOCKS_DUE.all(connection, now, most)


async def clock(connection: Connection, signal_id: UUID) -> Clock | None:
    """The clock of an urgent warning, locked; None where it has stopped."""
    return await _CLOCK.maybe(connection, signal_id)


async def take_step(
    connection: Connection, signal_id: UUID, step: Step, why: StepWhy, told: int, now: datetime,
    next_at: datetime | None,
) -> None:  # fmt: skip
    """Note a step of an urgent warning, and when the next is due."""
    await _SET_CLOCK.run(connection, signal_id, step, next_at)
    await _STEP.run(connection, signal_id, now, step, why, told)
