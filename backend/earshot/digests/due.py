"""Whose digest is due: pure, from subscriptions and the clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from earshot.alerts.model import Cadence, Subscription
from earshot.alerts.schedule import last_due, next_due
from earshot.digests.model import Due


def by_mail(subscription: Subscription) -> bool:
    """Whether a subscription is gathered for a digest that goes out by mail."""
    return subscription.cadence != "at_once" and "mail" in subscription.channels


def due(subscriptions: Iterable[Subscription], now: datetime) -> list[Due]:
    """The newest period of each person and cadence; subscriptions of one moment are one digest.

    What was subscribed to on the day of that moment or later waits for the next one, so that nobody gets a digest of
    a time before they asked.
    """
    groups: defaultdict[tuple[UUID, Cadence, datetime], list[Subscription]] = defaultdict(list)
    for one in subscriptions:
        if by_mail(one):
            period = last_due(one, now)
            if one.cadence == "hourly" or one.made_on < period.date():
                groups[one.account_id, one.cadence, period].append(one)
    return [together(found, period) for (_, _, period), found in groups.items()]


def together(found: list[Subscription], period: datetime) -> Due:
    """Subscriptions of one person and cadence that are due at one moment, as one digest."""
    first = found[0]
    return Due(
        first.account_id,
        first.cadence,
        period,
        first.time_zone,
        tuple(one.id for one in found),
        tuple(dict.fromkeys(one.org_id for one in found)),
        tuple(frozenset(one.streams) for one in found),
    )


def earlier(due: Due, subscription: Subscription) -> datetime:
    """The period before one that is due, by its subscription's clock."""
    return last_due(subscription, due.period - timedelta(seconds=1))


def next_at(subscriptions: Iterable[Subscription], now: datetime) -> datetime | None:
    """When the next digest of some subscriptions is due."""
    return min((next_due(one, now) for one in subscriptions), default=None)
