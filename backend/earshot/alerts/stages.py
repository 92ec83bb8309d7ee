"""The worker's steps: signals become alerts, alerts are told, and what is urgent goes on until somebody has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from earshot.alerts import escalation, routing, sending, store, telling_store, webhooks
from earshot.alerts.model import DeliveryState, Told
from earshot.alerts.routing import Planned
from earshot.alerts.telling_store import Call
from earshot.core.config import Settings, settings
from earshot.core.db import Connection, Database
from earshot.core.work import Payload, Stage, enqueue, ids

WEBHOOK_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)


async def route_signals(database: Database, payload: Payload) -> None:
    """Signals → alerts of everybody who subscribed and may see them; the clock of what is urgent begins."""
    now = datetime.now(UTC)
    async with database.transaction() as connection:
        signals = await telling_store.signals(connection, ids(payload, "signals"))
        news = [told for told in signals.values() if told.going_on and not told.acted_on]
        places = list({place for told in news for place in told.above})
        subscriptions = await store.subscriptions_at(connection, places)
        actors = await telling_store.actors(connection, list({given.account_id for given in subscriptions}))
        for told in news:
            await _route(connection, told, routing.plan(told, subscriptions, actors, now), now)
        if news:
            await enqueue(connection, ALERT_ROUND.name, {}, priority=10)


async def _route(connection: Connection, told: Told, planned: Sequence[Planned], now: datetime) -> None:
    for one in planned:
        await telling_store.make(connection, told, one, now)
    if told.urgent:
        await escalation.begin(connection, told, len(planned), now)


async def alert_round(database: Database, payload: Payload) -> None:
    """Settle what somebody acted on, tell what is due, prove deliveries, and let clocks run."""
    await one_round(database, settings(), datetime.now(UTC))


async def one_round(database: Database, config: Settings, now: datetime) -> None:
    """One round as of a moment; what it tells newly goes out within it."""
    async with database.transaction() as connection:
        await telling_store.settle_acted_on(connection)
        await sending.tell_due(connection, config, now)
    async with database.transaction() as connection:
        failed = await sending.learn(connection, now)
        await escalation.hurry(connection, await sending.another_way(connection, config, failed, now), now)
        await escalation.tick(connection, now)
        await sending.tell_due(connection, config, now)


async def call_webhook(database: Database, payload: Payload) -> None:
    """Call one webhook; where it is not taken, it is called again after growing pauses, and given up in the end."""
    config, now = settings(), datetime.now(UTC)
    async with database.transaction() as connection:
        found = await telling_store.call_of(connection, UUID(payload["delivery"]))
        if found is None:
            return
        told = (await telling_store.signals(connection, [found.signal_id]))[found.signal_id]
        await telling_store.tried(connection, found.delivery_id)
    if not webhooks.permitted(found.url, config.webhook_host_list):
        await _called(database, found, "failed", "not_allowed")
        return
    text = webhooks.body(found.alert_id, told, f"{config.console_address}/signals/{told.id}", now)
    secret = webhooks.WebhookKey(config.keys).secret(found.subscription_id)
    if await webhooks.call(found.url, secret, found.delivery_id, text, now):
        await _called(database, found, "delivered", None)
    elif found.attempts + 1 >= WEBHOOK_TRIES:
        await _called(database, found, "failed", "unanswered")
    else:
        await _again(database, found)


async def _called(database: Database, call: Call, state: DeliveryState, why: str | None) -> None:
    async with database.transaction() as connection:
        await telling_store.settle_delivery(connection, call.delivery_id, state, why, datetime.now(UTC))


async def _again(database: Database, call: Call) -> None:
    pause = min(FIRST_PAUSE * 2**call.attempts, LONGEST_PAUSE)
    key = f"webhook-{call.delivery_id}-{call.attempts + 1}"
    async with database.transaction() as connection:
        await enqueue(connection, sending.CALL_WEBHOOK, {"delivery": call.delivery_id}, key=key, later=pause)


ROUTE_SIGNALS = Stage("route_signals", route_signals)
ALERT_ROUND = Stage("alert_round", alert_round, at_once=1, cron="* * * * *")
CALL_WEBHOOK = Stage(sending.CALL_WEBHOOK, call_webhook, at_once=4)
