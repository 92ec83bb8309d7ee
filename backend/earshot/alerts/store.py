"""Subscriptions in the database, and what waits for a digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import LiteralString
from uuid import UUID

from earshot.alerts import routing, telling_store, wording
from earshot.alerts.model import Cadence, DueAlert, Subscription, Told, Wish
from earshot.core.db import Connection, Query, Statement

_COLUMNS: LiteralString = """
    SELECT s.id, s.account_id, s.place_id AS org_id, coalesce(o.name, '') AS org_name, s.streams, s.themes, s.kinds,
      s.least_ratio, s.channels, s.cadence, s.at_time, s.weekday, s.month_day, s.time_zone, s.quiet_from,
      s.quiet_until, s.weekly_cap, s.webhook_url, s.snoozed_until, s.made_on, s.ended_on
    FROM subscription s LEFT JOIN org o ON o.id = s.place_id
"""
_OWN = Query(
    Subscription,
    _COLUMNS
    + " WHERE s.account_id = $1 AND ($2::uuid IS NULL OR s.id = $2) ORDER BY s.ended_on NULLS FIRST, o.name, s.id",
)
_ACTIVE = Query(
    Subscription,
    _COLUMNS
    + """
    JOIN account a ON a.id = s.account_id AND a.disabled_on IS NULL
    WHERE s.ended_on IS NULL AND (s.snoozed_until IS NULL OR s.snoozed_until <= now())
      AND ($1::text IS NULL OR s.cadence = $1) ORDER BY s.account_id, s.id
    """,
)
_AT = Query(
    Subscription,
    _COLUMNS
    + """
    JOIN account a ON a.id = s.account_id AND a.disabled_on IS NULL
    WHERE s.ended_on IS NULL AND s.place_id = ANY ($1) ORDER BY s.account_id, s.id
    """,
)
_ADD = Query(
    UUID,
    """
    INSERT INTO subscription (account_id, place_id, streams, themes, kinds, least_ratio, channels, cadence, at_time,
      weekday, month_day, time_zone, quiet_from, quiet_until, weekly_cap, webhook_url)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id
    """,
)
_CHANGE = Statement(
    """
    UPDATE subscription SET place_id = $2, streams = $3, themes = $4, kinds = $5, least_ratio = $6, channels = $7,
      cadence = $8, at_time = $9, weekday = $10, month_day = $11, time_zone = $12, quiet_from = $13, quiet_until = $14,
      weekly_cap = $15, webhook_url = $16
    WHERE id = $1
    """
)
_END = Statement("UPDATE subscription SET ended_on = current_date WHERE id = $1 AND ended_on IS NULL")
_RESTORE = Statement("UPDATE subscription SET ended_on = NULL WHERE id = $1")
_SNOOZE = Statement("UPDATE subscription SET snoozed_until = $2 WHERE id = $1")


async def own(connection: Connection, account_id: UUID) -> list[Subscription]:
    """Somebody's subscriptions; those that ended come last."""
    return await _OWN.all(connection, account_id, None)


async def own_one(connection: Connection, account_id: UUID, subscription_id: UUID) -> Subscription:
    """One of somebody's own subscriptions; raises `NotFound`."""
    return await _OWN.one(connection, account_id, subscription_id)


async def subscriptions(connection: Connection, *, cadence: str | None = None) -> list[Subscription]:
    """Everybody's subscriptions that neither ended nor sleep, for the worker."""
    return await _ACTIVE.all(connection, cadence)


async def subscriptions_at(connection: Connection, places: Sequence[UUID]) -> list[Subscription]:
    """Everybody's subscriptions to one of some places, those that sleep too, for the worker."""
    return await _AT.all(connection, places)


async def add(connection: Connection, account_id: UUID, wish: Wish) -> UUID:
    """Subscribe; returns the subscription's id."""
    return await _ADD.one(connection, account_id, *_values(wish))


async def change(connection: Connection, subscription_id: UUID, wish: Wish) -> None:
    """Replace what a subscription asks for."""
    await _CHANGE.run(connection, subscription_id, *_values(wish))


async def end(connection: Connection, subscription_id: UUID) -> None:
    """End a subscription; it can be restored."""
    await _END.run(connection, subscription_id)


async def restore(connection: Connection, subscription_id: UUID) -> None:
    """Take up a subscription that ended."""
    await _RESTORE.run(connection, subscription_id)


async def snooze(connection: Connection, subscription_id: UUID, until: datetime | None) -> None:
    """Let a subscription sleep until a moment; None wakes it."""
    await _SNOOZE.run(connection, subscription_id, until)


def _values(wish: Wish) -> tuple[object, ...]:
    return (
        wish.org_id, list(wish.streams), list(wish.themes), list(wish.kinds), wish.least_ratio, list(wish.channels),
        wish.cadence, wish.at_time, wish.weekday, wish.month_day, wish.time_zone, wish.quiet_from, wish.quiet_until,
        wish.weekly_cap, wish.webhook_url,
    )  # fmt: skip


async def due_alerts(
    connection: Connection, account_id: UUID, subscription_ids: Sequence[UUID], now: datetime | None = None
) -> list[DueAlert]:
    """What waits for somebody's digest, for the worker: most telling first, and no more than each weekly cap allows.

    Left out is what somebody has taken up meanwhile, and what the person may no longer see. The alerts are locked until
    the transaction ends; those that were told are to be given to `mark_told`.
    """
    at = now or datetime.now(UTC)
    waiting = await telling_store.for_digest(connection, account_id, subscription_ids, at)
    signals = await telling_store.signals(connection, [alert.signal_id for alert in waiting])
    actor = (await telling_store.actors(connection, [account_id])).get(account_id)
    done: dict[UUID | None, int] = {}
    found = []
    for alert in sorted(waiting, key=lambda alert: routing.telling(signals[alert.signal_id])):
        told, mine = signals[alert.signal_id], alert.subscription_id
        left = routing.left_this_week(alert.weekly_cap, alert.told_this_week + done.get(mine, 0))
        if actor is None or told.acted_on or left == 0 or mine is None or not routing.sees(actor, told):
            continue
        done[mine] = done.get(mine, 0) + 1
        found.append(_due(alert.id, mine, told))
    return found


async def mark_told(connection: Connection, alert_ids: Sequence[UUID], at: datetime) -> None:
    """Note that alerts were told, in the transaction that posts what tells them."""
    await telling_store.mark_told(connection, alert_ids, at)


def _due(alert_id: UUID, subscription_id: UUID, told: Told) -> DueAlert:
    observed, expected = wording.protected(told)
    return DueAlert(
        alert_id, subscription_id, told.id, told.kind, told.meaning, told.org_id, told.org_name, told.label,
        list(told.streams), wording.headline(told), wording.numbers(told), told.since, told.until, observed, expected,
        f"/signals/{told.id}",
    )  # fmt: skip


def digest_cadence(cadence: Cadence) -> bool:
    """Whether a cadence gathers alerts for a digest, rather than telling each."""
    return cadence != "at_once"
