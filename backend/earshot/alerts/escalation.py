"""The clock of urgent warnings: who is told next when nobody acknowledges one, or nobody could be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from earshot.alerts import escalation_store, routing, telling_store
from earshot.alerts.model import Escalation, Step, StepWhy, Told, Why
from earshot.alerts.telling_store import Clock
from earshot.core.db import Connection
from earshot.people.matrix import ACTIONS, Role
from earshot.signals.model import ACKNOWLEDGE_HOURS

_MOST = 200
_TRIAGE = tuple(role.value for role in Role if "triage" in ACTIONS[role])


async def begin(connection: Connection, told: Told, subscribers: int, now: datetime) -> None:
    """Start the clock of an urgent warning; where nobody was told, the deputy is told at once."""
    until = told.due_at or now + timedelta(hours=ACKNOWLEDGE_HOURS)
    if not await telling_store.start_clock(connection, told, until):
        return
    if subscribers:
        await telling_store.take_step(connection, told.id, "subscribers", "raised", subscribers, now, until)
    else:
        await _on(connection, told, "subscribers", "nobody_subscribed", now)


async def tick(connection: Connection, now: datetime) -> int:
    """Take the next step of every warning whose time is over; returns how many steps were taken."""
    due = await telling_store.clocks_due(connection, now, _MOST)
    signals = await telling_store.signals(connection, [clock.signal_id for clock in due])
    for clock in due:
        await _on(connection, signals[clock.signal_id], clock.step, "not_acknowledged", now)
    return len(due)


async def hurry(connection: Connection, signal_ids: Sequence[UUID], now: datetime) -> None:
    """Take the next step at once where nobody could be reached."""
    signals = await telling_store.signals(connection, list(signal_ids))
    for signal_id in signal_ids:
        clock: Clock | None = await telling_store.clock(connection, signal_id)
        if clock is not None:
            await _on(connection, signals[signal_id], clock.step, "not_delivered", now)


async def limits(connection: Connection, signal_ids: Sequence[UUID]) -> dict[UUID, timedelta]:
    """How long a message of each urgent warning may take to be proven, by the rule of its place."""
    found = {}
    for told in (await telling_store.signals(connection, list(signal_ids))).values():
        if told.urgent:
            rule = await escalation_store.rule(connection, told.org_id, told.org_name)
            found[told.id] = timedelta(minutes=rule.delivery_minutes)
    return found


async def _on(connection: Connection, told: Told, done: Step, why: StepWhy, now: datetime) -> None:
    """Tell the next people after a step that somebody can be told of; with nobody left the clock stops."""
    rule = await escalation_store.rule(connection, told.org_id, told.org_name)
    already = await telling_store.people_told(connection, told)
    step: Step
    reason: Why
    for step, reason in (("deputy", "deputy"), ("role", "role")):
        if _after(step, done):
            people = [one for one in await _people(connection, told, rule, step) if one not in already]
            if people:
                for one in people:
                    await telling_store.make_step(connection, told, one, reason, now)
                next_at = now + timedelta(minutes=rule.deputy_minutes)
                await telling_store.take_step(connection, told.id, step, why, len(people), now, next_at)
                return
    await telling_store.take_step(connection, told.id, "nobody", why, 0, now, None)


def _after(step: Step, done: Step) -> bool:
    order: tuple[Step, ...] = ("subscribers", "deputy", "role", "nobody")
    return order.index(step) > order.index(done)


async def _people(connection: Connection, told: Told, rule: Escalation, step: Step) -> list[UUID]:
    """The deputy, or everybody with the role; where nobody of it may see the warning, all who may take warnings on."""
    if step == "deputy":
        return await _who_see(connection, told, [rule.deputy_id] if rule.deputy_id is not None else [])
    with_role = await telling_store.people_over(connection, told.org_id, [rule.role])
    found = await _who_see(connection, told, with_role)
    return found or await _who_see(connection, told, await telling_store.people_over(connection, told.org_id, _TRIAGE))


async def _who_see(connection: Connection, told: Told, people: Sequence[UUID]) -> list[UUID]:
    actors = await telling_store.actors(connection, people)
    return [one for one in people if one in actors and routing.sees(actors[one], told)]
