"""Which subscriptions a signal meets, who is told, when, and in which order where not all may be told. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from earshot.alerts.model import CADENCES, Cadence, Subscription, Told
from earshot.alerts.schedule import quiet
from earshot.people.model import Actor
from earshot.signals.model import FEWEST_STAFF, ratio

_SENT = ("in_app", "mail", "webhook")  # the other channels are fetched, and need nothing sent


@dataclass(frozen=True)
class Planned:
    """One person who is to be told of one signal; without `due_at` the next digest tells it."""

    account_id: UUID
    subscription_id: UUID
    cadence: Cadence
    channels: tuple[str, ...]
    urgent: bool
    due_at: datetime | None


def sees(actor: Actor, told: Told) -> bool:
    """Whether somebody may see a signal: by place, by streams, and not by how few members of staff they are.

    The same that row-level security and the list of signals say, for the worker, whom no policy holds back.
    """
    if not actor.may("signals") or not any(grant.org_id in told.above for grant in actor.grants):
        return False
    if not {str(stream) for stream in actor.streams} >= set(told.streams):
        return False
    few = "staff" in told.streams and told.respondents is not None and told.respondents < FEWEST_STAFF
    return not few or told.urgent or actor.may_everywhere("signals_of_few")


def meets(given: Subscription, told: Told) -> bool:
    """Whether a signal is what a subscription asks for. No theme and no strength keeps immediate risk back."""
    if given.org_id not in told.above or (given.streams and not set(given.streams) & set(told.streams)):
        return False
    if given.kinds and told.kind not in given.kinds:
        return False
    if told.urgent:
        return True
    if given.themes and not set(given.themes) & set(told.label.split("|")):
        return False
    return given.least_ratio is None or strength(told) >= given.least_ratio


def strength(told: Told) -> float:
    """How many times as much, or as little, as expected; beyond all bounds where nothing was expected or heard."""
    times = ratio(told.observed, told.expected)
    if times is None or times == 0:
        return math.inf
    return max(times, 1 / times)


def plan(
    told: Told, subscriptions: Sequence[Subscription], actors: Mapping[UUID, Actor], now: datetime
) -> list[Planned]:
    """Everybody who is told of a signal, each once: by the quickest of their subscriptions that it meets.

    What sleeps is told when it wakes; what is urgent cannot wait for that, and goes to others.
    """
    met: dict[UUID, list[Subscription]] = {}
    for given in subscriptions:
        actor = actors.get(given.account_id)
        late = told.urgent and given.asleep(now)
        if actor is not None and not late and meets(given, told) and sees(actor, told):
            met.setdefault(given.account_id, []).append(given)
    return [_once(told, given, now) for given in met.values()]


def _once(told: Told, met: Sequence[Subscription], now: datetime) -> Planned:
    """One telling for several subscriptions of one person, over the channels of those that count."""
    awake = [given for given in met if not given.asleep(now)] or met
    quickest = min(CADENCES.index(given.cadence) for given in awake)
    counting = [given for given in awake if told.urgent or CADENCES.index(given.cadence) == quickest]
    # A webhook belongs to its subscription; of others the first stands for all.
    chosen = next((given for given in counting if "webhook" in given.channels), counting[0])
    channels = tuple(channel for channel in _SENT if any(channel in given.channels for given in counting))
    if told.urgent:
        return Planned(chosen.account_id, chosen.id, "at_once", channels, True, now)
    due = None
    if chosen.cadence == "at_once":
        wakes = max(now, chosen.snoozed_until or now)
        due = quiet(wakes, chosen.time_zone, chosen.quiet_from, chosen.quiet_until) or wakes
    return Planned(chosen.account_id, chosen.id, chosen.cadence, channels, False, due)


def telling(told: Told) -> tuple[bool, bool, float, str]:
    """A key that puts the most telling first: what is urgent, then concerns, by the weight of the evidence."""
    weight = -math.inf if told.statistic is None else told.statistic
    return (not told.urgent, told.meaning != "concern", -weight, str(told.id))


def left_this_week(cap: int | None, told_already: int) -> int | None:
    """How many more somebody may be told this week; None for any number."""
    return None if cap is None else max(0, cap - told_already)
