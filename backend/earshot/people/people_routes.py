"""People and their roles, for administrators of their part of the tree, and changes that need two people."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import Conflict, NotFound
from earshot.people import invitation_store, people_store, store
from earshot.people.matrix import TWO_FACTORS
from earshot.people.model import Actor, Role
from earshot.people.routes import allowed, database, settings_of

router = APIRouter(prefix="/api/people", tags=["people"])
looks_router = APIRouter(prefix="/api/second-looks", tags=["people"])
MayPeople = Annotated[Actor, Depends(allowed("people"))]
MayLook = Annotated[Actor, Depends(allowed("second_look"))]
Line = StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
Email = StringConstraints(
    strip_whitespace=True, to_lower=True, min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"
)


class RoleOut(BaseModel):
    """A role over a place; `managed` where one may take it away."""

    role: Role
    org_id: UUID
    org_name: str
    managed: bool


class AccountListed(BaseModel):
    """Somebody's account; `managed` where one may change it."""

    id: UUID
    name: str
    email: str
    closed: bool
    invited: bool
    has_password: bool
    single_sign_on: bool
    two_factors: bool
    managed: bool
    me: bool
    roles: list[RoleOut]


class RoleIn(BaseModel):
    """A role over a place and all below it."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    org_id: UUID


class PersonIn(RoleIn):
    """Somebody to invite, with their first role."""

    email: Annotated[str, Email]
    name: Annotated[str, Line]


class Invitation(BaseModel):
    """A link to hand to the person, shown this once, and the day on which it ends.

    `waiting` where the role counts only when a second person has agreed.
    """

    id: UUID
    link: str
    until: date
    waiting: bool


class Outcome(BaseModel):
    """Whether it is done, or waits for a second person."""

    waiting: bool


class SecondLookOut(BaseModel):
    """A change that waits for a second person; `mine` where one may not agree oneself."""

    id: UUID
    kind: str
    account_id: UUID
    name: str
    email: str
    role: Role | None
    org_name: str | None
    asked_by_name: str
    asked_on: date
    mine: bool


class Decision(BaseModel):
    """Agree to a change, or refuse it."""

    model_config = ConfigDict(extra="forbid")
    agree: bool = Field(description="Only somebody else than who asked may agree; who asked may take it back.")


@router.get("")
async def everybody(request: Request, actor: MayPeople) -> list[AccountListed]:
    """Everybody with a role in the part that one administers."""
    async with database(request).transaction(actor.scope) as connection:
        people, given = await people_store.people(connection)
    roles: dict[UUID, list[RoleOut]] = {}
    for g in given:
        out = RoleOut(role=Role(g.role), org_id=g.org_id, org_name=g.org_name, managed=g.managed)
        roles.setdefault(g.account_id, []).append(out)
    return [AccountListed(**vars(p), me=p.id == actor.account_id, roles=roles.get(p.id, [])) for p in people]


@router.post("", status_code=201)
async def invite(request: Request, actor: MayPeople, given: PersonIn) -> Invitation:
    """Open an account and invite its owner to set a password; raises `Conflict` where the address is in use."""
    async with database(request).transaction(actor.scope) as connection:
        await people_store.administers(connection, given.org_id)
        if await store.account_by_email(connection, given.email) is not None:
            raise Conflict("Somebody uses this address already. Whoever runs Earshot can give them a role there.")
        made = await store.add_account(
            connection, email=given.email, name=given.name, password_hash=None, place_id=given.org_id
        )
        await audit.record(connection, action="people.invite", by=actor.account_id, subject=made, org_id=given.org_id)
        waiting = await _give(connection, actor, made, given)
        return await _link(request, connection, actor, made, waiting=waiting)


@router.post("/{account_id}/link")
async def new_link(request: Request, actor: MayPeople, account_id: UUID) -> Invitation:
    """A new link with which somebody sets a new password; their second factor stays, and is asked for."""
    async with database(request).transaction(actor.scope) as connection:
        person = await people_store.managed(connection, account_id)
        if person.closed:
            raise Conflict("This account is closed. Open it first.")
        await audit.record(connection, action="people.link", by=actor.account_id, subject=account_id)
        return await _link(request, connection, actor, account_id, waiting=False)


@router.post("/{account_id}/close", status_code=204)
async def close(request: Request, actor: MayPeople, account_id: UUID) -> Response:
    """Close an account; its sessions end at once. Raises `LastAdministrator`."""
    async with database(request).transaction(actor.scope) as connection:
        await people_store.managed(connection, account_id)
        await people_store.close(connection, account_id)
        await invitation_store.withdraw(connection, account_id)
        await audit.record(connection, action="people.close", by=actor.account_id, subject=account_id)
    return Response(status_code=204)


@router.post("/{account_id}/open", status_code=204)
async def reopen(request: Request, actor: MayPeople, account_id: UUID) -> Response:
    """Open a closed account again, with the roles that it has."""
    async with database(request).transaction(actor.scope) as connection:
        await people_store.managed(connection, account_id)
        await store.enable(connection, account_id)
        await audit.record(connection, action="people.open", by=actor.account_id, subject=account_id)
    return Response(status_code=204)


@router.post("/{account_id}/roles")
async def give_role(request: Request, actor: MayPeople, account_id: UUID, given: RoleIn) -> Outcome:
    """Give a role; one that needs two factors counts when a second person has agreed."""
    async with database(request).transaction(actor.scope) as connection:
        await people_store.managed(connection, account_id)
        await people_store.administers(connection, given.org_id)
        return Outcome(waiting=await _give(connection, actor, account_id, given))


@router.delete("/{account_id}/roles/{role}/{org_id}", status_code=204)
async def take_role(request: Request, actor: MayPeople, account_id: UUID, role: Role, org_id: UUID) -> Response:
    """Take a role away, at once; raises `LastAdministrator`."""
    async with database(request).transaction(actor.scope) as connection:
        await people_store.administers(connection, org_id)
        if account_id == actor.account_id:
            raise NotFound
        await people_store.take_role(connection, account_id, role, org_id)
        await audit.record(
            connection, action="people.take_role", by=actor.account_id, subject=account_id, org_id=org_id
        )
    return Response(status_code=204)


@router.post("/{account_id}/reset")
async def reset(request: Request, actor: MayPeople, account_id: UUID) -> Outcome:
    """Ask for somebody's second factors to be forgotten, since they lost them; it waits for a second person."""
    async with database(request).transaction(actor.scope) as connection:
        await people_store.managed(connection, account_id)
        await people_store.ask(connection, "reset_factors", account_id, by=actor.account_id)
        await audit.record(connection, action="people.ask_reset", by=actor.account_id, subject=account_id)
    return Outcome(waiting=True)


@looks_router.get("")
async def waiting(request: Request, actor: MayLook) -> list[SecondLookOut]:
    """Changes that wait for a second person."""
    async with database(request).transaction(actor.scope) as connection:
        return [_look(look, actor) for look in await people_store.waiting(connection)]


@looks_router.post("/{look_id}", status_code=204)
async def decide(request: Request, actor: MayLook, look_id: UUID, given: Decision) -> Response:
    """Agree to a change, which is then done at once, or refuse it."""
    async with database(request).transaction(actor.scope) as connection:
        look = await people_store.decide(connection, look_id, by=actor.account_id, agreed=given.agree)
        action = f"people.{look.kind}" if given.agree else "people.refuse"
        await audit.record(connection, action=action, by=actor.account_id, subject=look.account_id)
    return Response(status_code=204)


async def _give(connection: Connection, actor: Actor, account_id: UUID, given: RoleIn) -> bool:
    """Give a role, or ask for it where it takes two people; returns whether it waits."""
    place = {"by": actor.account_id, "subject": account_id, "org_id": given.org_id}
    if given.role in TWO_FACTORS:
        await people_store.ask(
            connection, "give_role", account_id, by=actor.account_id, role=given.role, org_id=given.org_id
        )
        await audit.record(connection, action="people.ask_role", **place)
        return True
    await store.give_role(connection, account_id, given.role, given.org_id)
    await audit.record(connection, action="people.give_role", **place)
    return False


async def _link(
    request: Request, connection: Connection, actor: Actor, account_id: UUID, *, waiting: bool
) -> Invitation:
    token = await invitation_store.invite(connection, account_id, by=actor.account_id)
    # After the "#": browsers send that part to nobody, so that no log and no proxy sees it.
    link = f"{settings_of(request).console_address}/welcome#{token}"
    return Invitation(id=account_id, link=link, until=date.today() + invitation_store.LASTS, waiting=waiting)


def _look(look: people_store.SecondLook, actor: Actor) -> SecondLookOut:
    return SecondLookOut(
        id=look.id,
        kind=look.kind,
        account_id=look.account_id,
        name=look.name,
        email=look.email,
        role=None if look.role is None else Role(look.role),
        org_name=look.place_name,
        asked_by_name=look.asked_by_name,
        asked_on=look.asked_on,
        mine=actor.account_id in (look.asked_by, look.account_id),
    )
