"""What is due to be removed, for how long an organisation keeps things, and holds: the SQL of retention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

CASE_STREAMS = {"cases_patients": ["patient", "carer"], "cases_staff": ["staff"]}


@dataclass(frozen=True)
class Planned:
    """How much of a kind is due at a place, how much would be but is on hold, and the day the next comes due."""

    org_id: UUID
    kind: str
    due: int
    held: int
    next_on: date | None


@dataclass(frozen=True)
class Sum:
    """The same over all places in scope."""

    kind: str
    due: int
    held: int
    next_on: date | None
    counted_on: date


@dataclass(frozen=True)
class Rule:
    """Days that an organisation set for itself."""

    org_id: UUID
    org_name: str
    kind: str
    days: int
    set_on: date


@dataclass(frozen=True)
class Hold:
    """An order that nothing of a place be removed."""

    id: UUID
    org_id: UUID
    org_name: str
    reason: str
    set_by: str | None
    set_on: date


@dataclass(frozen=True)
class Stone:
    """That something was here and was erased."""

    subject: UUID
    kind: str
    why: str
    by_name: str | None
    on_day: date


@dataclass(frozen=True)
class HeldCase:
    """A case that must be kept, as its handlers see it."""

    reference: str
    org_name: str
    state: str


# Days and holds are looked up once for each place, not for each row.
_CASES = Query(
    Planned,
    """
    WITH place AS MATERIALIZED (
      SELECT id, provider_of(id) AS provider, kept_days(id, $1, $2) AS days, held_back(id) AS held FROM org
    ), old AS (
      SELECT p.provider, f.closed_on + p.days AS due_on, p.held OR f.legal_hold AS held
      FROM case_file f JOIN place p ON p.id = f.org_id WHERE f.state = 'closed' AND f.stream = ANY ($3)
    )
    SELECT provider AS org_id, $1::text AS kind, count(*) FILTER (WHERE due_on < $4 AND NOT held)::int AS due,
      count(*) FILTER (WHERE due_on < $4 AND held)::int AS held,
      min(due_on) FILTER (WHERE due_on >= $4 AND NOT held) + 1 AS next_on
    FROM old GROUP BY provider
    """,
)
_DUE_CASES = Query(
    UUID,
    """
    WITH place AS MATERIALIZED (SELECT id, kept_days(id, $1, $2) AS days, held_back(id) AS held FROM org)
    SELECT f.id FROM case_file f JOIN place p ON p.id = f.org_id AND NOT p.held
    WHERE f.state = 'closed' AND f.stream = ANY ($3) AND f.closed_on + p.days < $4 AND NOT f.legal_hold
    ORDER BY f.id LIMIT $5
    """,
)
_RESPONSES = Query(
    Planned,
    """
    WITH place AS MATERIALIZED (SELECT id, kept_days(id, $1, $2) AS days, held_back(id) AS held FROM org)
    SELECT p.id AS org_id, $1::text AS kind,
      count(*) FILTER (WHERE r.said_on + p.days < $3 AND NOT p.held)::int AS due,
      count(*) FILTER (WHERE r.said_on + p.days < $3 AND p.held)::int AS held,
      min(r.said_on + p.days) FILTER (WHERE r.said_on + p.days >= $3 AND NOT p.held) + 1 AS next_on
    FROM response r JOIN place p ON p.id = r.org_id GROUP BY p.id
    """,
)
_DUE_RESPONSES = Query(
    UUID,
    """
    WITH place AS MATERIALIZED (SELECT id, kept_days(id, $1, $2) AS days, held_back(id) AS held FROM org)
    SELECT r.id FROM response r JOIN place p ON p.id = r.org_id AND NOT p.held
    WHERE r.said_on + p.days < $3 ORDER BY r.said_on, r.id LIMIT $4
    """,
)
_ORIGINALS = Query(
    Planned,
    """
    WITH place AS MATERIALIZED (SELECT id, kept_days(id, $1, $2) AS days, held_back(id) AS held FROM org)
    SELECT p.id AS org_id, $1::text AS kind,
      count(*) FILTER (WHERE s.received_on + p.days < $3 AND NOT p.held)::int AS due,
      count(*) FILTER (WHERE s.received_on + p.days < $3 AND p.held)::int AS held,
      min(s.received_on + p.days) FILTER (WHERE s.received_on + p.days >= $3 AND NOT p.held) + 1 AS next_on
    FROM vault.submission s JOIN place p ON p.id = s.org_id WHERE s.sealed <> '' AND s.state = 'done' GROUP BY p.id
    """,
)
_EMPTY_ORIGINALS = Statement(
    """
    WITH place AS MATERIALIZED (SELECT id, kept_days(id, $1, $2) AS days, held_back(id) AS held FROM org)
    UPDATE vault.submission s SET sealed = '' FROM place p
    WHERE p.id = s.org_id AND NOT p.held AND s.sealed <> '' AND s.state = 'done' AND s.received_on + p.days < $3
    """
)
_FORGET_SESSIONS = Statement("DELETE FROM session WHERE created_at::date < $1")
_FORGET_WORK = Statement("DELETE FROM pgqueuer_log WHERE created::date < $1")
_FORGET_PLAN = Statement("DELETE FROM retention_plan")
_PLAN = Statement(
    "INSERT INTO retention_plan (org_id, kind, due, held, next_on, counted_on) VALUES ($1, $2, $3, $4, $5, $6)"
)
_SUMS = Query(
    Sum,
    """
    SELECT kind, sum(due)::int AS due, sum(held)::int AS held, min(next_on) AS next_on, max(counted_on) AS counted_on
    FROM retention_plan GROUP BY kind
    """,
)
_RULES = Query(
    Rule,
    """
    SELECT r.org_id, o.name AS org_name, r.kind, r.days, r.set_on FROM retention_rule r JOIN org o ON o.id = r.org_id
    ORDER BY r.kind, o.path
    """,
)
_SET_RULE = Statement(
    """
    INSERT INTO retention_rule (org_id, kind, days, set_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT (org_id, kind) DO UPDATE SET days = EXCLUDED.days, set_by = EXCLUDED.set_by, set_on = current_date
    """
)
_DROP_RULE = Statement("DELETE FROM retention_rule WHERE org_id = $1 AND kind = $2")
_HOLDS = Query(
    Hold,
    """
    SELECT h.id, h.org_id, o.name AS org_name, h.reason, a.name AS set_by, h.set_on
    FROM retention_hold h JOIN org o ON o.id = h.org_id LEFT JOIN account a ON a.id = h.set_by
    WHERE h.lifted_on IS NULL ORDER BY h.set_on DESC, h.id
    """,
)
_SET_HOLD = Query(UUID, "INSERT INTO retention_hold (org_id, reason, set_by) VALUES ($1, $2, $3) RETURNING id")
_LIFT = Query(
    UUID,
    """
    UPDATE retention_hold SET lifted_by = $2, lifted_on = current_date WHERE id = $1 AND lifted_on IS NULL
    RETURNING org_id
    """,
)
_STONES = Query(
    Stone,
    """
    SELECT e.subject, e.kind, e.why, a.name AS by_name, e.on_day
    FROM erasure e LEFT JOIN account a ON a.id = e.by_account ORDER BY e.on_day DESC, e.subject LIMIT 100
    """,
)
_SEEN_ORG = Query(UUID, "SELECT id FROM org WHERE id = $1")
_HOLD_CASE = Query(UUID, "UPDATE case_file SET legal_hold = $2 WHERE reference = $1 RETURNING id")
_HELD_CASES = Query(
    HeldCase,
    """
    SELECT f.reference, o.name AS org_name, f.state FROM case_file f JOIN org o ON o.id = f.org_id
    WHERE f.legal_hold ORDER BY f.reference
    """,
)


@dataclass(frozen=True)
class Erasable:
    """What must be known before something is erased."""

    id: UUID
    on_hold: bool
    closed: bool


_CASE = Query(
    Erasable,
    """
    SELECT id, legal_hold OR held_back(org_id) AS on_hold, state = 'closed' AS closed
    FROM case_file WHERE reference = $1
    """,
)
_RESPONSE_OF = Query(
    Erasable,
    """
    SELECT response_id AS id, held_back(org_id) AS on_hold, true AS closed FROM comment
    WHERE id = $1 OR response_id = $1 LIMIT 1
    """,
)


async def plan_cases(connection: Connection, kind: str, days: int, today: date) -> list[Planned]:
    """Closed cases of a kind, for each provider."""
    return await _CASES.all(connection, kind, days, CASE_STREAMS[kind], today)


async def due_cases(connection: Connection, kind: str, days: int, today: date, most: int) -> list[UUID]:
    """Cases past their time and on no hold."""
    return await _DUE_CASES.all(connection, kind, days, CASE_STREAMS[kind], today, most)


async def plan_responses(connection: Connection, days: int, today: date) -> list[Planned]:
    """Responses, for each place."""
    return await _RESPONSES.all(connection, "responses", days, today)


async def due_responses(connection: Connection, days: int, today: date, most: int) -> list[UUID]:
    """Responses past their time and on no hold, the oldest first."""
    return await _DUE_RESPONSES.all(connection, "responses", days, today, most)


async def plan_originals(connection: Connection, days: int, today: date) -> list[Planned]:
    """Sealed originals that were read, for each place."""
    return await _ORIGINALS.all(connection, "originals", days, today)


async def empty_originals(connection: Connection, days: int, today: date) -> int:
    """Remove sealed originals past their time; their rows stay, so that nothing is read in twice."""
    return await _EMPTY_ORIGINALS.run(connection, "originals", days, today)


async def forget_sessions(connection: Connection, before: date) -> int:
    """Remove sessions that began before a day."""
    return await _FORGET_SESSIONS.run(connection, before)


async def forget_work(connection: Connection, before: date) -> int:
    """Remove the work log from before a day."""
    return await _FORGET_WORK.run(connection, before)


async def keep_plan(connection: Connection, plan: Sequence[Planned], today: date) -> None:
    """Write down what is due, in place of what was counted before."""
    await _FORGET_PLAN.run(connection)
    await _PLAN.each(connection, [(one.org_id, one.kind, one.due, one.held, one.next_on, today) for one in plan])


async def sums(connection: Connection) -> dict[str, Sum]:
    """What was counted last, by kind, over all places in scope."""
    return {one.kind: one for one in await _SUMS.all(connection)}


async def rules(connection: Connection) -> list[Rule]:
    """Days that organisations in scope set for themselves."""
    return await _RULES.all(connection)


async def sees_org(connection: Connection, org_id: UUID) -> None:
    """Raise `NotFound` for a place that is out of scope."""
    await _SEEN_ORG.one(connection, org_id)


async def set_rule(connection: Connection, org_id: UUID, kind: str, days: int, by: UUID) -> None:
    """Set an organisation's own days."""
    await _SET_RULE.run(connection, org_id, kind, days, by)


async def drop_rule(connection: Connection, org_id: UUID, kind: str) -> bool:
    """Go back to the days of the schedule; False where none were set."""
    return await _DROP_RULE.run(connection, org_id, kind) == 1


async def holds(connection: Connection) -> list[Hold]:
    """Holds that last, in scope."""
    return await _HOLDS.all(connection)


async def set_hold(connection: Connection, org_id: UUID, reason: str, by: UUID) -> UUID:
    """Order that nothing of a place and below be removed."""
    return await _SET_HOLD.one(connection, org_id, reason, by)


async def lift_hold(connection: Connection, hold_id: UUID, by: UUID) -> UUID:
    """End a hold; returns its place, or raises `NotFound`."""
    return await _LIFT.one(connection, hold_id, by)


async def stones(connection: Connection) -> list[Stone]:
    """The newest hundred erasures in scope."""
    return await _STONES.all(connection)


async def hold_case(connection: Connection, reference: str, held: bool) -> UUID:
    """Order that a case be kept, or end that; raises `NotFound` for one out of scope."""
    return await _HOLD_CASE.one(connection, reference, held)


async def held_cases(connection: Connection) -> list[HeldCase]:
    """Cases in scope that must be kept."""
    return await _HELD_CASES.all(connection)


async def erasable_case(connection: Connection, reference: str) -> Erasable:
    """A case in scope by its reference; raises `NotFound`."""
    return await _CASE.one(connection, reference)


async def erasable_response(connection: Connection, comment_id: UUID) -> Erasable:
    """The response of a comment in scope; raises `NotFound`."""
    return await _RESPONSE_OF.one(connection, comment_id)
