"""Other people's accounts, as far as an administrator's part of the tree goes, and changes that need two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Conflict, NotFound
from earshot.people import factors_store, store
from earshot.people.model import Role

Kind = Literal["give_role", "reset_factors"]


class LastAdministrator(Conflict):
    """This is the last administrator there. Make somebody else administrator first."""


@dataclass(frozen=True)
class Person:
    """Somebody's account in the list; `managed` where all of their roles lie in the part that one administers."""

    id: UUID
    name: str
    email: str
    closed: bool
    invited: bool
    has_password: bool
    single_sign_on: bool
    two_factors: bool
    managed: bool


@dataclass(frozen=True)
class Given:
    """A role of somebody in the list; without a name where the place is out of sight."""

    account_id: UUID
    role: str
    org_id: UUID
    org_name: str
    managed: bool


@dataclass(frozen=True)
class SecondLook:
    """A change that waits for a second person."""

    id: UUID
    kind: str
    account_id: UUID
    name: str
    email: str
    role: str | None
    place_id: UUID | None
    place_name: str | None
    asked_by: UUID
    asked_by_name: str
    asked_on: date


_ADMINISTERS = Query(bool, "SELECT administers($1)")
_PEOPLE = Query(
    Person,
    """
    SELECT a.id, a.name, a.email, a.disabled_on IS NOT NULL AS closed,
      EXISTS (SELECT FROM invitation i WHERE i.account_id = a.id AND i.expires_at > now()) AS invited,
      a.password_hash IS NOT NULL AS has_password,
      EXISTS (SELECT FROM single_sign_on s WHERE s.account_id = a.id) AS single_sign_on,
      EXISTS (SELECT FROM totp t WHERE t.account_id = a.id AND t.confirmed_on IS NOT NULL)
        OR EXISTS (SELECT FROM passkey p WHERE p.account_id = a.id) AS two_factors,
      a.id <> acting_account() AND coalesce((SELECT bool_and(administers(g.org_id)) FROM role_grant g
        WHERE g.account_id = a.id), administers(a.place_id)) AS managed
    FROM account a
    WHERE ($1::uuid IS NULL OR a.id = $1)
      AND (administers(a.place_id) OR EXISTS (
        SELECT FROM role_grant g WHERE g.account_id = a.id AND administers(g.org_id)))
    ORDER BY a.disabled_on IS NOT NULL, lower(a.name), a.id
    """,
)
_GIVEN = Query(
    Given,
    """
    SELECT g.account_id, g.role, g.org_id, o.name AS org_name,
      administers(g.org_id) AND g.account_id <> acting_account() AS managed
    FROM role_grant g JOIN org o ON o.id = g.org_id
    ORDER BY g.role, o.name, g.org_id
    """,
)
_TAKE_ROLE = Statement("DELETE FROM role_grant WHERE account_id = $1 AND role = $2 AND org_id = $3")
# One at a time, so that two administrators who close each other at once do not both succeed.
_ALONE = Statement("SELECT pg_advisory_xact_lock(7239120420)")
_ABANDONED = Query(
    bool,
    """
    SELECT EXISTS (
      SELECT FROM role_grant mine JOIN org place ON place.id = mine.org_id
      WHERE mine.account_id = $1 AND mine.role = 'administrator' AND ($2::uuid IS NULL OR mine.org_id = $2)
        AND NOT EXISTS (
          SELECT FROM org above JOIN role_grant g ON g.org_id = above.id AND g.role = 'administrator'
          JOIN account a ON a.id = g.account_id AND a.disabled_on IS NULL
          WHERE above.path @> place.path AND (a.id <> $1 OR ($2 IS NOT NULL AND g.org_id <> $2))))
    """,
)
_ASK = Query(
    UUID,
    """
    INSERT INTO second_look (kind, account_id, role, place_id, asked_by) VALUES ($1, $2, $3, $4, $5) RETURNING id
    """,
)
_ASKED = Query(
    bool,
    """
    SELECT EXISTS (SELECT FROM second_look WHERE kind = $1 AND account_id = $2 AND role IS NOT DISTINCT FROM $3
      AND place_id IS NOT DISTINCT FROM $4 AND decided_by IS NULL)
    """,
)
_WAITING = Query(
    SecondLook,
    """
    SELECT s.id, s.kind, s.account_id, a.name, a.email, s.role, s.place_id, o.name AS place_name, s.asked_by,
      b.name AS asked_by_name, s.asked_on
    FROM second_look s JOIN account a ON a.id = s.account_id JOIN account b ON b.id = s.asked_by
    LEFT JOIN org o ON o.id = s.place_id
    WHERE s.decided_by IS NULL AND ($1::uuid IS NULL OR s.id = $1) AND a.disabled_on IS NULL
    ORDER BY s.asked_on, a.name, s.id
    """,
)
_DECIDE = Statement(
    """
    UPDATE second_look SET decided_by = $2, decided_on = current_date, agreed = $3
    WHERE id = $1 AND decided_by IS NULL
    """
)


async def administers(connection: Connection, org_id: UUID) -> None:
    """Return where whoever acts is administrator of a place; raises `NotFound` as for a place that does not exist."""
    if not await _ADMINISTERS.one(connection, org_id):
        raise NotFound


async def people(connection: Connection) -> tuple[list[Person], list[Given]]:
    """Everybody whom an administrator sees, and what they were given."""
    return await _PEOPLE.all(connection, None), await _GIVEN.all(connection)


async def managed(connection: Connection, account_id: UUID) -> Person:
    """Somebody whose account the administrator may change; raises `NotFound` for anybody else, also for oneself."""
    found = await _PEOPLE.maybe(connection, account_id)
    if found is None or not found.managed:
        raise NotFound
    return found


async def close(connection: Connection, account_id: UUID) -> None:
    """Close an account and end its sessions, at once; raises `LastAdministrator`."""
    await _ALONE.run(connection)
    if await _ABANDONED.one(connection, account_id, None):
        raise LastAdministrator
    await store.disable(connection, account_id)


async def take_role(connection: Connection, account_id: UUID, role: Role, org_id: UUID) -> None:
    """Take a role away; raises `NotFound` where it was not given, and `LastAdministrator`."""
    await _ALONE.run(connection)
    if role is Role.ADMINISTRATOR and await _ABANDONED.one(connection, account_id, org_id):
        raise LastAdministrator
    if await _TAKE_ROLE.run(connection, account_id, role.value, org_id) == 0:
        raise NotFound


async def reset_factors(connection: Connection, account_id: UUID) -> None:
    """Forget every second factor and end every session: the next sign-in sets up new ones."""
    await factors_store.drop_all_factors(connection, account_id)
    await store.end_sessions(connection, account_id)


async def ask(
    connection: Connection,
    kind: Kind,
    account_id: UUID,
    *,
    by: UUID,
    role: Role | None = None,
    org_id: UUID | None = None,
) -> None:
    """Ask for a change that needs a second person, unless that was asked for already."""
    if not await _ASKED.one(connection, kind, account_id, role, org_id):
        await _ASK.one(connection, kind, account_id, role, org_id, by)


async def waiting(connection: Connection) -> list[SecondLook]:
    """Every change that waits and that whoever acts may see."""
    return await _WAITING.all(connection, None)


async def decide(connection: Connection, look_id: UUID, *, by: UUID, agreed: bool) -> SecondLook:
    """Decide about a change as its second person; raises `NotFound`, and `Conflict` for one's own change.

    Whoever asked may still take it back.
    """
    look = await _WAITING.one(connection, look_id)
    if agreed and by in (look.asked_by, look.account_id):
        raise Conflict("This needs somebody else: neither the person who asked nor the person it is about.")
    if await _DECIDE.run(connection, look_id, by, agreed) == 0:
        raise NotFound
    if agreed and look.kind == "reset_factors":
        await reset_factors(connection, look.account_id)
    elif agreed and look.role is not None and look.place_id is not None:
        await store.give_role(connection, look.account_id, Role(look.role), look.place_id)
    return look
