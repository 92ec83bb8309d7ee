"""The audit trail as an administrator reads it: the lines of their own subtree, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query

PAGE = 50  # lines of one page


@dataclass(frozen=True)
class Wanted:
    """Which lines to show; None means any."""

    since: date | None = None
    until: date | None = None
    action: str | None = None
    person: UUID | None = None

    def arguments(self) -> tuple[object, ...]:
        """The values of $1 to $4."""
        return (self.since, self.until, self.action, self.person)


@dataclass(frozen=True)
class Shown:
    """One line. It has no number: a gap would tell of lines that this person may not see."""

    on_day: date
    action: str
    by_id: UUID | None
    by_name: str | None
    by_roles: str
    subject: UUID | None
    subject_name: str | None  # where the subject is a person who signs in
    org_name: str | None


@dataclass(frozen=True)
class Person:
    """Somebody who did something."""

    id: UUID
    name: str


_LINES = Query(
    Shown,
    """
    SELECT l.on_day, l.action, l.by_account AS by_id, a.name AS by_name, l.by_roles, l.subject,
      s.name AS subject_name, o.name AS org_name
    FROM audit_line l LEFT JOIN account a ON a.id = l.by_account LEFT JOIN account s ON s.id = l.subject
    LEFT JOIN org o ON o.id = l.org_id
    WHERE ($1::date IS NULL OR l.on_day >= $1) AND ($2::date IS NULL OR l.on_day <= $2)
      AND ($3::text IS NULL OR l.action = $3) AND ($4::uuid IS NULL OR l.by_account = $4)
    ORDER BY l.n DESC LIMIT $5 OFFSET $6
    """,
)
_COUNT = Query(
    int,
    """
    SELECT count(*)::int FROM audit_line l
    WHERE ($1::date IS NULL OR l.on_day >= $1) AND ($2::date IS NULL OR l.on_day <= $2)
      AND ($3::text IS NULL OR l.action = $3) AND ($4::uuid IS NULL OR l.by_account = $4)
    """,
)
_ACTIONS = Query(str, "SELECT DISTINCT action FROM audit_line ORDER BY action")
_PEOPLE = Query(
    Person, "SELECT id, name FROM account WHERE id IN (SELECT by_account FROM audit_line) ORDER BY name, id"
)


async def lines(connection: Connection, wanted: Wanted, page: int = 1) -> list[Shown]:
    """One page of lines in scope, the newest first; pages are counted from 1."""
    return await _LINES.all(connection, *wanted.arguments(), PAGE, (page - 1) * PAGE)


async def total(connection: Connection, wanted: Wanted) -> int:
    """How many lines in scope there are."""
    return await _COUNT.one(connection, *wanted.arguments())


async def actions(connection: Connection) -> list[str]:
    """Every action that a line in scope names."""
    return await _ACTIONS.all(connection)


async def people(connection: Connection) -> list[Person]:
    """Everybody whom a line in scope names as the one who acted."""
    return await _PEOPLE.all(connection)
