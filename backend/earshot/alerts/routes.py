"""Subscriptions and alerts for the console: each person's own."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery

from earshot.alerts import choices, feeds_store, inbox, store, wording
from earshot.alerts.answers import (
    AlertCounts,
    AlertList,
    AlertOut,
    Choices,
    FeedOut,
    SnoozeIn,
    SubscriptionIn,
    SubscriptionMade,
    SubscriptionOut,
)
from earshot.alerts.model import Subscription, SubscriptionEnded, Wish
from earshot.alerts.schedule import next_due
from earshot.alerts.webhooks import WebhookKey, permitted
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid
from earshot.orgs import store as orgs
from earshot.people.model import Actor
from earshot.people.routes import allowed, database, settings_of
from earshot.signals.model import FEWEST_STAFF
from earshot.signals.store import Reader

router = APIRouter(prefix="/api", tags=["alerts"])
Subscriber = Annotated[Actor, Depends(allowed("subscribe"))]


def reader(actor: Actor) -> Reader:
    """How an actor reads alerts: as they read signals."""
    return Reader(actor.account_id, 1 if actor.may_everywhere("signals_of_few") else FEWEST_STAFF)


@router.get("/subscriptions")
async def subscriptions(request: Request, actor: Subscriber) -> list[SubscriptionOut]:
    """One's own subscriptions; those that ended come last, and can be restored."""
    async with database(request).transaction(actor.scope) as connection:
        return [_out(each) for each in await store.own(connection, actor.account_id)]


@router.post("/subscriptions", status_code=201)
async def subscribe(request: Request, actor: Subscriber, given: SubscriptionIn) -> SubscriptionMade:
    """Subscribe. A webhook's secret is in this answer, and in no other."""
    wish = _wish(request, given)
    async with database(request).transaction(actor.scope) as connection:
        await orgs.org(connection, given.org_id)
        made = await store.add(connection, actor.account_id, wish)
        await audit.record(connection, action="alert.subscribed", by=actor.account_id, subject=made)
        found = _out(await store.own_one(connection, actor.account_id, made))
    secret = WebhookKey(settings_of(request).keys).secret(made) if wish.webhook_url is not None else None
    return SubscriptionMade(**found.model_dump(), webhook_secret=secret)


@router.get("/subscriptions/choices")
async def subscription_choices(request: Request, actor: Subscriber) -> Choices:
    """What the form offers, and subscriptions that fit one's roles, for one click."""
    async with database(request).transaction(actor.scope) as connection:
        made_on = await feeds_store.made_on(connection, actor.account_id)
        names = {org.id: org.name for org in await orgs.tree(connection)}
    return choices.choices(actor, names, settings_of(request).webhook_host_list, made_on)


@router.post("/subscriptions/feed", status_code=201)
async def make_feed(request: Request, actor: Subscriber) -> FeedOut:
    """Make addresses for one's calendar and Atom feed; earlier ones stop working."""
    async with database(request).transaction(actor.scope) as connection:
        token = await feeds_store.make(connection, actor.account_id)
        await audit.record(connection, action="alert.feed_made", by=actor.account_id)
    base = f"{settings_of(request).console_address}/feeds/{token}"
    return FeedOut(calendar=f"{base}/calendar.ics", atom=f"{base}/atom.xml")


@router.delete("/subscriptions/feed", status_code=204)
async def drop_feed(request: Request, actor: Subscriber) -> None:
    """Let the addresses of one's calendar and Atom feed stop working."""
    async with database(request).transaction(actor.scope) as connection:
        await feeds_store.drop(connection, actor.account_id)
        await audit.record(connection, action="alert.feed_dropped", by=actor.account_id)


@router.put("/subscriptions/{subscription_id}")
async def change(request: Request, actor: Subscriber, subscription_id: UUID, given: SubscriptionIn) -> SubscriptionOut:
    """Change a subscription; 409 where it has ended."""
    wish = _wish(request, given)
    async with database(request).transaction(actor.scope) as connection:
        await _active(connection, actor, subscription_id)
        await orgs.org(connection, given.org_id)
        await store.change(connection, subscription_id, wish)
        return _out(await store.own_one(connection, actor.account_id, subscription_id))


@router.delete("/subscriptions/{subscription_id}", status_code=204)
async def unsubscribe(request: Request, actor: Subscriber, subscription_id: UUID) -> None:
    """End a subscription; what waits for it is not told. It can be restored."""
    async with database(request).transaction(actor.scope) as connection:
        await store.own_one(connection, actor.account_id, subscription_id)
        await store.end(connection, subscription_id)
        await audit.record(connection, action="alert.unsubscribed", by=actor.account_id, subject=subscription_id)


@router.post("/subscriptions/{subscription_id}/snooze")
async def snooze(request: Request, actor: Subscriber, subscription_id: UUID, given: SnoozeIn) -> SubscriptionOut:
    """Let a subscription sleep until a moment, or wake it: the rest is told then, immediate risk goes to others."""
    async with database(request).transaction(actor.scope) as connection:
        await _active(connection, actor, subscription_id)
        await store.snooze(connection, subscription_id, given.until)
        return _out(await store.own_one(connection, actor.account_id, subscription_id))


@router.post("/subscriptions/{subscription_id}/restore")
async def restore(request: Request, actor: Subscriber, subscription_id: UUID) -> SubscriptionOut:
    """Take up a subscription that ended."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.own_one(connection, actor.account_id, subscription_id)
        await orgs.org(connection, found.org_id)
        await store.restore(connection, subscription_id)
        return _out(await store.own_one(connection, actor.account_id, subscription_id))


@router.get("/alerts")
async def alerts(
    request: Request,
    actor: Subscriber,
    seen: Annotated[bool | None, FromQuery(description="Only those seen, or not seen; all when left out.")] = None,
    limit: Annotated[int, FromQuery(ge=1, le=200)] = 50,
) -> AlertList:
    """What one was told: urgent and open first, then the newest."""
    async with database(request).transaction(actor.scope) as connection:
        return await inbox.listed(connection, reader(actor), seen=seen, limit=limit)


@router.get("/alerts/count")
async def alert_count(request: Request, actor: Subscriber) -> AlertCounts:
    """The numbers on the bell."""
    async with database(request).transaction(actor.scope) as connection:
        return await inbox.counts(connection, reader(actor))


@router.post("/alerts/seen-all")
async def see_all(request: Request, actor: Subscriber) -> AlertCounts:
    """Note that one has seen all of them. That acknowledges nothing."""
    async with database(request).transaction(actor.scope) as connection:
        return await inbox.see_all(connection, reader(actor))


@router.post("/alerts/{alert_id}/seen")
async def see(request: Request, actor: Subscriber, alert_id: UUID) -> AlertOut:
    """Note that one has seen an alert. The signal itself is acknowledged on its own page."""
    async with database(request).transaction(actor.scope) as connection:
        return await inbox.see(connection, reader(actor), alert_id)


async def _active(connection: Connection, actor: Actor, subscription_id: UUID) -> Subscription:
    found = await store.own_one(connection, actor.account_id, subscription_id)
    if found.ended_on is not None:
        raise SubscriptionEnded
    return found


def _wish(request: Request, given: SubscriptionIn) -> Wish:
    """What is asked for; raises `Invalid`, also for a webhook to a host that is not listed."""
    wish = Wish(**{name: getattr(given, name) for name in SubscriptionIn.model_fields})
    if wish.webhook_url is not None and not permitted(wish.webhook_url, settings_of(request).webhook_host_list):
        message = "Earshot may not call this host. Ask the person who runs Earshot to list it."
        raise Invalid(fields=[FieldError("webhook_url", message)])
    return wish


def _out(given: Subscription) -> SubscriptionOut:
    now = datetime.now(UTC)
    due = next_due(given, now) if store.digest_cadence(given.cadence) and given.ended_on is None else None
    return SubscriptionOut.model_validate(
        {
            **asdict(given),
            "in_sight": given.org_name != "",
            "next_due": due,
            "sentence": wording.subscription(given),
        }
    )
