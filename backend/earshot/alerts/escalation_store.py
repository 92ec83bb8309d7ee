"""Who answers for urgent warnings of a place, in the database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from earshot.alerts.model import DELIVERY_MINUTES, DEPUTY_MINUTES, ROLE_OTHERWISE, Escalation
from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Candidate:
    """Somebody with roles over a place."""

    account_id: UUID
    name: str
    roles: list[str]


def otherwise(org_id: UUID, org_name: str) -> Escalation:
    """The rule of a place for which nobody made one: no deputy, and the quality leads."""
    return Escalation(org_id, org_name, None, None, ROLE_OTHERWISE, DEPUTY_MINUTES, DELIVERY_MINUTES)


_OF = Query(
    Escalation,
    """
    SELECT org_id, org_name, deputy_id, deputy_name, role, deputy_minutes, delivery_minutes FROM escalation_of($1)
    """,
)
# The same for the worker, which sees every place.
_RULE = Query(
    Escalation,
    """
    SELECT above.id AS org_id, above.name AS org_name, a.id AS deputy_id, a.name AS deputy_name, e.role,
      e.deputy_minutes, e.delivery_minutes
    FROM org o JOIN org above ON above.path @> o.path JOIN escalation e ON e.org_id = above.id
    LEFT JOIN account a ON a.id = e.deputy_id AND a.disabled_on IS NULL
    WHERE o.id = $1 ORDER BY nlevel(above.path) DESC LIMIT 1
    """,
)
_PEOPLE = Query(
    Candidate,
    """
    SELECT account_id, name, array_agg(role ORDER BY role) AS roles FROM people_over($1)
    GROUP BY account_id, name ORDER BY name, account_id
    """,
)
_SET = Statement(
    """
    INSERT INTO escalation (org_id, deputy_id, role, deputy_minutes, delivery_minutes, set_by)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (org_id) DO UPDATE SET deputy_id = excluded.deputy_id, role = excluded.role,
      deputy_minutes = excluded.deputy_minutes, delivery_minutes = excluded.delivery_minutes,
      set_by = excluded.set_by, set_on = current_date
    """
)
_DROP = Statement("DELETE FROM escalation WHERE org_id = $1")


async def rule_in_sight(connection: Connection, place: UUID) -> Escalation | None:
    """The rule that holds for a place that whoever acts sees: its own, the nearest above, or None."""
    return await _OF.maybe(connection, place)


async def rule(connection: Connection, place: UUID, place_name: str) -> Escalation:
    """The rule that holds for a place, for the worker."""
    return await _RULE.maybe(connection, place) or otherwise(place, place_name)


async def people(connection: Connection, place: UUID) -> list[Candidate]:
    """People with a role over a place in sight."""
    return await _PEOPLE.all(connection, place)


async def set_rule(connection: Connection, given: Escalation, by: UUID) -> None:
    """Make a rule for a place, in place of an earlier one."""
    await _SET.run(
        connection, given.org_id, given.deputy_id, given.role, given.deputy_minutes, given.delivery_minutes, by
    )


async def drop(connection: Connection, place: UUID) -> None:
    """Take a place's own rule away, so that the one above it holds."""
    await _DROP.run(connection, place)
