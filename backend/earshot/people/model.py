"""Roles, what each may see and do, and the actor that a request runs as."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from earshot.core.db import Scope


class Role(StrEnum):
    """What somebody is here for."""

    ADMINISTRATOR = "administrator"
    GUARDIAN = "guardian"
    PALS = "pals"
    MANAGER = "manager"
    QUALITY_LEAD = "quality_lead"
    ANALYST = "analyst"


class Stream(StrEnum):
    """Who spoke."""

    PATIENT = "patient"
    CARER = "carer"
    STAFF = "staff"


_READING = frozenset({"comments", "measures", "themes", "signals"})
#: The one table of roles: streams that may be read, and actions that may be taken.
STREAMS: dict[Role, frozenset[Stream]] = {
    Role.ADMINISTRATOR: frozenset({Stream.PATIENT, Stream.CARER}),
    Role.GUARDIAN: frozenset(Stream),
    Role.PALS: frozenset({Stream.PATIENT, Stream.CARER}),
    Role.MANAGER: frozenset({Stream.PATIENT, Stream.CARER}),
    Role.QUALITY_LEAD: frozenset(Stream),
    Role.ANALYST: frozenset({Stream.PATIENT, Stream.CARER}),
}
ACTIONS: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: _READING | {"import", "forms", "work", "discover", "export", "learn", "budget"},
    Role.GUARDIAN: _READING | {"review", "triage", "cases", "returns"},
    Role.PALS: _READING | {"review", "triage", "cases", "returns"},
    Role.MANAGER: _READING | {"review", "triage", "forms"},
    Role.QUALITY_LEAD: _READING
    | {"review", "triage", "import", "forms", "work", "discover", "export", "learn", "budget"},
    Role.ANALYST: _READING | {"discover", "export"},
}
#: Whose cases a role handles: it holds keys to them. Every other role handles none.
HANDLES: dict[Role, frozenset[Stream]] = {
    Role.GUARDIAN: frozenset(Stream),
    Role.PALS: frozenset({Stream.PATIENT, Stream.CARER}),
}


@dataclass(frozen=True)
class Grant:
    """A role over one organisation and all below it."""

    role: Role
    org_id: UUID
    org_name: str


@dataclass(frozen=True)
class Actor:
    """Somebody who signed in, with what they were given."""

    account_id: UUID
    name: str
    email: str
    grants: tuple[Grant, ...]

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams that may be read: only those that every part of the scope allows.

        Row-level security checks subtree and stream apart, so a manager of one ward who is a guardian of another gets
        what both roles allow, and never more than either.
        """
        allowed = [STREAMS[grant.role] for grant in self.grants]
        return tuple(stream for stream in Stream if allowed and all(stream in streams for streams in allowed))

    @property
    def actions(self) -> frozenset[str]:
        """Everything that one of the roles allows."""
        return frozenset().union(*(ACTIONS[grant.role] for grant in self.grants))

    @property
    def scope(self) -> Scope:
        """What a transaction on this person's behalf may see."""
        handling = [grant for grant in self.grants if grant.role in HANDLES]
        return Scope(
            tuple(grant.org_id for grant in self.grants),
            tuple(self.streams),
            account_id=self.account_id,
            case_org_ids=tuple(grant.org_id for grant in handling),
            # Subtree and stream are checked apart: only what every handling role allows, as for `streams`.
            case_streams=tuple(s for s in Stream if handling and all(s in HANDLES[g.role] for g in handling)),
            case_roles=tuple(sorted({grant.role.value for grant in handling})),
        )

    def may(self, action: str) -> bool:
        """Whether one of the roles allows an action."""
        return action in self.actions
