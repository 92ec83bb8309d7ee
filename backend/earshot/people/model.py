"""The actor that a request runs as; what each role may do stands in `matrix.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from earshot.core.db import Scope
from earshot.people.matrix import ACTIONS, HANDLES, STREAMS, TWO_FACTORS, Role, Stream

__all__ = ["ACTIONS", "HANDLES", "STREAMS", "TWO_FACTORS", "Actor", "Grant", "How", "Need", "Role", "Session", "Stream"]


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

    def may_everywhere(self, action: str) -> bool:
        """Whether all of the roles allow an action: for what rows of one scope would show of another."""
        return bool(self.grants) and all(action in ACTIONS[grant.role] for grant in self.grants)

    def places(self, action: str) -> tuple[UUID, ...]:
        """The organisations, each with all below it, over which a role allows an action."""
        return tuple(grant.org_id for grant in self.grants if action in ACTIONS[grant.role])


class How(StrEnum):
    """The last proof that opened a session, or renewed it."""

    PASSWORD = "password"  # noqa: S105 - a name, and nobody's password
    CODE = "code"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single_sign_on"


class Need(StrEnum):
    """What a session still lacks before it is let in."""

    NOTHING = "nothing"
    SECOND_STEP = "second_step"
    ENROLMENT = "enrolment"


@dataclass(frozen=True)
class Session:
    """A session of somebody. `fresh`: who it is was proved minutes ago. `has_factor`: a second factor is set up."""

    id: UUID
    actor: Actor
    how: How
    mfa: bool
    fresh: bool
    has_factor: bool

    @property
    def need(self) -> Need:
        """What is still to do: whoever has a second factor must use it, and some roles must have one."""
        if self.mfa:
            return Need.NOTHING
        if self.has_factor:
            return Need.SECOND_STEP
        return Need.ENROLMENT if self.must_have_factor else Need.NOTHING

    @property
    def must_have_factor(self) -> bool:
        """Whether one of the roles is not let in by a password alone."""
        return any(grant.role in TWO_FACTORS for grant in self.actor.grants)
