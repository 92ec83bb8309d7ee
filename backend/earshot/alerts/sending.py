"""Telling alerts over their channels, learning what became of that, and going another way where one fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from earshot.alerts import escalation, routing, telling_store
from earshot.alerts.letters import letter
from earshot.alerts.model import DeliveryState, Told
from earshot.alerts.telling_store import Delivery, Waiting
from earshot.core import mail, mail_stop
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection
from earshot.core.errors import KeysMissing
from earshot.core.work import enqueue
from earshot.people.model import Actor

CALL_WEBHOOK = "call_webhook"
MOST = 500
_WEIGHED_AGAIN = timedelta(hours=6)  # with what came meanwhile, for what a cap held back
_LOST = {"refused": "refused", "bounced": "bounced", "maybe_sent": "maybe_sent"}


async def tell_due(connection: Connection, settings: Settings, now: datetime) -> None:
    """Tell what is due, the most telling first where a cap does not let all through."""
    waiting = await telling_store.due(connection, now, MOST)
    told = await telling_store.signals(connection, list({alert.signal_id for alert in waiting}))
    actors = await telling_store.actors(connection, list({alert.account_id for alert in waiting}))
    stopped = await mail_stop.stopped(connection, list(actors))
    done: dict[UUID | None, int] = {}
    for alert in sorted(waiting, key=lambda alert: routing.telling(told[alert.signal_id])):
        actor = actors.get(alert.account_id)
        if alert.ended or actor is None or not routing.sees(actor, told[alert.signal_id]):
            await telling_store.settle(connection, alert.id)
        elif (later := _later(alert, done.get(alert.subscription_id, 0), now)) is not None:
            await telling_store.put_off(connection, alert.id, later)
        else:
            mails = alert.urgent or (alert.account_id, "alerts") not in stopped
            await _tell(connection, settings, alert, told[alert.signal_id], actor, now, mails=mails)
            done[alert.subscription_id] = done.get(alert.subscription_id, 0) + (not alert.urgent)


def _later(alert: Waiting, done: int, now: datetime) -> datetime | None:
    """Until when an alert waits on: its subscription sleeps, or has told as much this week as it may."""
    if alert.urgent:
        return None
    if alert.snoozed_until is not None and alert.snoozed_until > now:
        return alert.snoozed_until
    left = routing.left_this_week(alert.weekly_cap, alert.told_this_week + done)
    return now + _WEIGHED_AGAIN if left == 0 else None


async def _tell(
    connection: Connection, settings: Settings, alert: Waiting, told: Told, actor: Actor, now: datetime, *,
    mails: bool,
) -> None:  # fmt: skip
    if "in_app" in alert.channels or alert.urgent:
        await telling_store.deliver(connection, alert, "in_app", now)
    if "mail" in alert.channels and mails:
        await _mail(connection, settings, alert, told, actor, now)
    if "webhook" in alert.channels and alert.webhook_url is not None:
        await call_webhook(connection, alert, now)
    await telling_store.mark_told(connection, [alert.id], now)


async def _mail(
    connection: Connection, settings: Settings, alert: Waiting, told: Told, actor: Actor, now: datetime, *,
    fallback: bool = False,
) -> None:  # fmt: skip
    """Post the mail; where it was posted before, in this turn, nothing happens."""
    wanted = letter(
        told, actor, alert.why, alert_id=alert.id, turn=alert.turn, console=settings.console_address,
        unsubscribe=None if alert.urgent else _stop_address(settings, alert.account_id),
    )  # fmt: skip
    posted = await mail.post(connection, wanted)
    if posted is not None:
        await telling_store.deliver(connection, alert, "mail", now, letter=posted, fallback=fallback)


def _stop_address(settings: Settings, account_id: UUID) -> str | None:
    """Where one click ends such mails; None without the keys, since no missing key may hold a warning back."""
    try:
        return settings.console_address + mail_stop.unsubscribe_path(KeyFiles(settings.keys), account_id, "alerts")
    except KeysMissing:
        return None


async def call_webhook(connection: Connection, alert: Waiting, now: datetime) -> None:
    """Queue the call of an alert's webhook."""
    delivery = await telling_store.deliver(connection, alert, "webhook", now)
    if delivery is not None:
        await enqueue(connection, CALL_WEBHOOK, {"delivery": delivery}, key=f"webhook-{delivery}")


async def learn(connection: Connection, now: datetime) -> list[Delivery]:
    """Note what became of deliveries; returns those of open urgent warnings that failed just now."""
    unproven = await telling_store.unproven(connection, now, MOST)
    limits = await escalation.limits(connection, [each.signal_id for each in unproven if each.urgent])
    states = await mail.states(connection, [each.letter_id for each in unproven if each.letter_id is not None])
    failed = []
    for each in unproven:
        state = None if each.letter_id is None else states.get(each.letter_id)
        late = each.signal_id in limits and each.open and now - each.made_at > limits[each.signal_id]
        became = _became(each, None if state is None else state.state, late=late)
        outcome: DeliveryState = "delivered" if became == "delivered" else "failed"
        if became is None or outcome == each.state:
            continue
        why = None if became == "delivered" else became
        await telling_store.settle_delivery(connection, each.id, outcome, why, now)
        if outcome == "failed" and each.urgent and each.open:
            failed.append(each)
    return failed


def _became(each: Delivery, letter_state: str | None, *, late: bool) -> str | None:
    """ "delivered", a word for how it failed, or None for not known yet."""
    if each.channel == "in_app":
        return "delivered" if each.seen else "not_seen" if late else None
    if each.channel == "mail":
        if letter_state == "sent":
            return "delivered"
        if letter_state is None or letter_state in _LOST:
            return _LOST.get(letter_state or "", "refused")
    return "late" if late and each.state == "waiting" else None


async def another_way(
    connection: Connection, settings: Settings, failed: Sequence[Delivery], now: datetime
) -> list[UUID]:
    """Send failed urgent alerts another way; returns the signals of which nobody can be reached any more."""
    told = await telling_store.signals(connection, list({each.signal_id for each in failed}))
    actors = await telling_store.actors(connection, list({each.account_id for each in failed}))
    for each in failed:
        went = {one.channel for one in await telling_store.deliveries(connection, each.alert_id)}
        actor = actors.get(each.account_id)
        if "mail" not in went and actor is not None:
            await _mail(connection, settings, _again(each), told[each.signal_id], actor, now, fallback=True)
        elif "in_app" not in went:
            await telling_store.deliver(connection, each, "in_app", now, fallback=True)
    signals = dict.fromkeys(each.signal_id for each in failed)
    return [signal for signal in signals if not await telling_store.reachable(connection, signal)]


def _again(failed: Delivery) -> Waiting:
    """An alert that was told, as the mail needs it."""
    return Waiting(
        failed.alert_id, failed.account_id, failed.signal_id, None, "subscribed", "at_once", ["mail"], True,
        failed.turn, False, None, None, None, 0,
    )  # fmt: skip
