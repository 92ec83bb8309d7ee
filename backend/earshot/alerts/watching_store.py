"""Who watches what in the database, and urgent warnings that reached nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from earshot.alerts.model import Step, StepWhy
from earshot.alerts.watching import Watch
from earshot.core.db import Connection, Query


@dataclass(frozen=True)
class Stranded:
    """An urgent warning that was told to everybody there was, and that nobody has taken up."""

    signal_id: UUID
    org_name: str
    since: datetime


@dataclass(frozen=True)
class Taken:
    """A step that an urgent warning took."""

    at: datetime
    signal_id: UUID
    org_name: str
    step: Step
    why: StepWhy
    told: int


_ACTS_OVER = Query(bool, "SELECT acts_over($1, $2)")
_WATCHES = Query(
    Watch,
    """
    SELECT s.id, s.account_id, s.name, s.place_id, s.place_name, s.streams, s.themes, s.kinds, s.least_ratio,
      s.channels, s.cadence, s.snoozed_until,
      ARRAY (SELECT DISTINCT g.role FROM role_grant g WHERE g.account_id = s.account_id ORDER BY g.role) AS roles
    FROM subscribers_of($1) s ORDER BY s.place_name, s.name, s.id
    """,
)
_STRANDED = Query(
    Stranded,
    """
    SELECT c.signal_id, o.name AS org_name, s.raised_at AS since
    FROM alert_clock c JOIN signal s ON s.id = c.signal_id JOIN org o ON o.id = s.org_id
    WHERE c.step = 'nobody' AND s.state IN ('new', 'reopened') AND s.org_id = ANY ($1) ORDER BY s.raised_at, s.id
    """,
)
_STEPS = Query(
    Taken,
    """
    SELECT t.at, t.signal_id, o.name AS org_name, t.step, t.why, t.told
    FROM alert_step t JOIN signal s ON s.id = t.signal_id JOIN org o ON o.id = s.org_id
    WHERE s.org_id = ANY ($1) ORDER BY t.id DESC LIMIT $2
    """,
)


async def acts_over(connection: Connection, place: UUID, roles: Sequence[str]) -> bool:
    """Whether whoever acts has one of these roles over a place in sight."""
    return await _ACTS_OVER.one(connection, place, roles)


async def watches(connection: Connection, place: UUID) -> list[Watch]:
    """Everybody's subscriptions at a place, below it or above it, for the roles that may know of them."""
    return await _WATCHES.all(connection, place)


async def stranded(connection: Connection, places: Sequence[UUID]) -> list[Stranded]:
    """Urgent warnings of some places that were told to everybody there was."""
    return await _STRANDED.all(connection, places)


async def steps(connection: Connection, places: Sequence[UUID], limit: int) -> list[Taken]:
    """The newest steps that urgent warnings of some places took."""
    return await _STEPS.all(connection, places, limit)
