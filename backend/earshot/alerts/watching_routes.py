"""Who is told of what at a place, which units nobody watches, and who answers for what is urgent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery

from earshot.alerts import escalation_store, watching, watching_store, wording
from earshot.alerts.answers import (
    Choice,
    EscalationIn,
    EscalationOut,
    EscalationRole,
    PersonOut,
    StepOut,
    Unreached,
    Watcher,
    WatchingOut,
)
from earshot.alerts.model import Escalation
from earshot.alerts.watching import Watch
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid, NotAllowed, NotFound
from earshot.orgs import store as orgs
from earshot.orgs.model import Org
from earshot.people.matrix import ACTIONS, MATRIX, Role
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.signals import scans
from earshot.signals import store as signals
from earshot.signals.model import ACKNOWLEDGE_HOURS

router = APIRouter(prefix="/api", tags=["alerts"])
MayWatch = Annotated[Actor, Depends(allowed("watching"))]
MayEscalate = Annotated[Actor, Depends(allowed("escalation"))]
_STEPS = 20


@router.get("/watching")
async def watching_page(
    request: Request,
    actor: MayWatch,
    org: Annotated[UUID | None, FromQuery(description="A place: it and all below it; the whole of one's own.")] = None,
) -> WatchingOut:
    """Who subscribes to what, which units nobody watches, and urgent warnings that reached nobody."""
    async with database(request).transaction(actor.scope) as connection:
        tree = await orgs.tree(connection)
        top = _top(tree, org)
        if not await watching_store.acts_over(connection, top.id, _roles("watching")):
            raise NotAllowed
        found = await watching_store.watches(connection, top.id)
        stranded = await watching_store.stranded(connection, await orgs.below(connection, top.id))
    now = datetime.now(UTC)
    units = watching.watched(tree, top.id, found, actor.streams, now)
    unwatched = sum(unit.state == "nobody" for unit in units)
    return WatchingOut(
        org_id=top.id,
        org_name=top.name,
        streams=list(actor.streams),
        watchers=[_watcher(watch, now) for watch in found],
        units=units,
        unwatched=unwatched,
        unreached=[
            Unreached(
                signal_id=each.signal_id, org_name=each.org_name, since=each.since, path=f"/signals/{each.signal_id}"
            )
            for each in stranded
        ],
        sentence=wording.watching(len({watch.account_id for watch in found}), len(units), unwatched),
    )


@router.get("/escalation/{org_id}")
async def escalation(request: Request, actor: MayEscalate, org_id: UUID) -> EscalationOut:
    """Who is told when nobody answers an urgent warning of a place, and whom one may choose."""
    async with database(request).transaction(actor.scope) as connection:
        return await _escalation(connection, org_id)


@router.put("/escalation/{org_id}")
async def set_escalation(request: Request, actor: MayEscalate, org_id: UUID, given: EscalationIn) -> EscalationOut:
    """Make a rule for a place and all below it that have none of their own."""
    async with database(request).transaction(actor.scope) as connection:
        place = await _changeable(connection, org_id)
        able = {each.id for each in await _people(connection, org_id)}
        if given.deputy_id is not None and given.deputy_id not in able:
            message = "Choose somebody who may take warnings on at this place."
            raise Invalid(fields=[FieldError("deputy_id", message)])
        made = Escalation(
            org_id, place.name, given.deputy_id, None, given.role, given.deputy_minutes, given.delivery_minutes
        )
        await escalation_store.set_rule(connection, made, actor.account_id)
        await audit.record(connection, action="alert.escalation_set", by=actor.account_id, org_id=org_id)
        return await _escalation(connection, org_id)


@router.delete("/escalation/{org_id}")
async def drop_escalation(request: Request, actor: MayEscalate, org_id: UUID) -> EscalationOut:
    """Take a place's own rule away, so that the one above it holds."""
    async with database(request).transaction(actor.scope) as connection:
        await _changeable(connection, org_id)
        await escalation_store.drop(connection, org_id)
        await audit.record(connection, action="alert.escalation_dropped", by=actor.account_id, org_id=org_id)
        return await _escalation(connection, org_id)


def _top(tree: list[Org], org_id: UUID | None) -> Org:
    """The place asked for, or the first of one's own; raises `NotFound` for one out of sight."""
    found = next((org for org in tree if org_id in (None, org.id)), None)
    if found is None:
        raise NotFound
    return found


def _roles(action: str) -> list[str]:
    """The roles that may do something."""
    return [role.value for role in Role if action in ACTIONS[role]]


def _watcher(watch: Watch, now: datetime) -> Watcher:
    return Watcher.model_validate(
        {
            **vars(watch),
            "org_id": watch.place_id,
            "org_name": watch.place_name,
            "streams": watch.heard,
            "snoozed": not watch.awake(now),
            "whole": watch.whole,
            "sentence": wording.watch(watch.kinds, watch.themes, watch.heard, watch.least_ratio, watch.cadence),
        }
    )


async def _changeable(connection: Connection, org_id: UUID) -> Org:
    """A place in sight, over which whoever acts may make rules; raises `NotFound` or `NotAllowed`."""
    place = await orgs.org(connection, org_id)
    if not await watching_store.acts_over(connection, org_id, _roles("escalation")):
        raise NotAllowed
    return place


async def _people(connection: Connection, org_id: UUID) -> list[PersonOut]:
    """Who may take warnings on at a place."""
    able = set(next(action.roles for action in MATRIX if action.name == "triage"))
    found = await escalation_store.people(connection, org_id)
    return [PersonOut(id=each.account_id, name=each.name, roles=each.roles) for each in found if able & set(each.roles)]


async def _escalation(connection: Connection, org_id: UUID) -> EscalationOut:
    place = await orgs.org(connection, org_id)
    known = await escalation_store.rule_in_sight(connection, org_id)
    rule = known or escalation_store.otherwise(org_id, place.name)
    hours = await _acknowledge_hours(connection, org_id)
    people = await _people(connection, org_id)
    deputy = next((each for each in people if each.id == rule.deputy_id), None)
    recent = await watching_store.steps(connection, await orgs.below(connection, org_id), _STEPS)
    return EscalationOut.model_validate(
        {
            **vars(rule),
            "org_id": org_id,
            "org_name": place.name,
            "own": known is not None and known.org_id == org_id,
            "from_id": known.org_id if known else None,
            "from_name": known.org_name if known else None,
            "deputy": deputy,
            "acknowledge_hours": hours,
            "steps": wording.chain(rule, hours),
            "people": people,
            "roles": [Choice(id=role, name=wording.ROLE_NAMES[role]) for role in get_args(EscalationRole)],
            "may_change": await watching_store.acts_over(connection, org_id, _roles("escalation")),
            "recent": [StepOut(**vars(each), sentence=wording.step(each.step, each.why, each.told)) for each in recent],
        }
    )


async def _acknowledge_hours(connection: Connection, org_id: UUID) -> float:
    providers = await scans.providers(connection, org_id)
    return (await signals.rules(connection, providers[0].id)).acknowledge_hours if providers else ACKNOWLEDGE_HOURS
