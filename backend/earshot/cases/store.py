"""Cases in the database, for the people who handle them: the queue, one case, and a change that loses nobody's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from earshot.cases import texts_store
from earshot.cases.model import CaseFile, Handler, StaleCase
from earshot.core import audit
from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Wanted:
    """Which cases a queue has: in these states, of these places and streams; `mine`: which one owns or deputises.

    Without `states` it has all that wait: those that are not closed, and closed ones whose person wrote again.
    """

    states: Sequence[str] | None = None
    org_ids: Sequence[UUID] | None = None
    streams: Sequence[str] | None = None
    mine: bool = False


@dataclass(frozen=True)
class Named:
    """Another case by its reference."""

    id: UUID
    reference: str


MOST = 2_000  # cases that one queue is put in order from

_COLUMNS: LiteralString = """
    SELECT f.id, f.org_id, o.name AS org_name, f.stream, f.way, f.reference, f.received_on, f.sealed_by, f.public,
      f.excluded_roles, f.read_on, f.risk, f.risk_kinds, f.criticality, f.state, f.version,
      f.owner_id, w.name AS owner_name, f.deputy_id, d.name AS deputy_name, f.owned_on, f.thanked_on,
      f.triaged_on, f.triaged_by, f.elements, f.worker_group, f.seniority, f.suggestion,
      (SELECT s.id FROM case_file s WHERE s.id = f.same_as) AS same_as,
      (SELECT s.id FROM case_file s WHERE s.id = f.continues_id) AS continues_id,
      f.notes_public, f.closed_on, f.outcome, f.learning, f.legal_hold,
      (SELECT min(h.due_on) FROM hand_off h WHERE h.case_id = f.id AND h.state = 'draft') AS hand_off_due,
      said.unread, said.awaits_answer,
      EXISTS (SELECT FROM case_lock l JOIN key_pair k ON k.id = l.pair_id
        WHERE l.case_id = f.id AND l.opens = 'case' AND k.account_id = $1) AS has_lock
    FROM case_file f LEFT JOIN org o ON o.id = f.org_id
    LEFT JOIN account w ON w.id = f.owner_id LEFT JOIN account d ON d.id = f.deputy_id
    LEFT JOIN case_seen s ON s.case_id = f.id AND s.account_id = $1
    CROSS JOIN LATERAL (
      SELECT (count(*) FILTER (WHERE t.kind = 'from_person' AND t.n > coalesce(s.text_n, 0)))::int AS unread,
        coalesce(max(t.n) FILTER (WHERE t.kind = 'from_person') >
          coalesce(max(t.n) FILTER (WHERE t.kind <> 'from_person'), 0), false) AS awaits_answer
      FROM case_text t WHERE t.case_id = f.id AND t.kind IN ('from_person', 'from_handler', 'outcome')
    ) said
"""
_LIST = Query(
    CaseFile,
    _COLUMNS
    + """
    WHERE CASE WHEN $2::text[] IS NULL THEN f.state <> 'closed' OR said.awaits_answer ELSE f.state = ANY ($2) END
      AND ($3::uuid[] IS NULL OR f.org_id = ANY ($3))
      AND ($4::text[] IS NULL OR f.stream = ANY ($4)) AND (NOT $5 OR $1 IN (f.owner_id, f.deputy_id))
    ORDER BY f.state = 'closed' AND NOT said.awaits_answer, coalesce(f.risk, true) DESC, f.received_on, f.id LIMIT $6
    """,
)
_SOME = Query(CaseFile, _COLUMNS + " WHERE f.id = ANY ($2) ORDER BY f.received_on, f.id")
_ONE = Query(CaseFile, _COLUMNS + " WHERE f.id = $2")
_CHANGE = Statement(
    """
    UPDATE case_file SET version = version + 1, way = $3, state = $4, owner_id = $5, deputy_id = $6, owned_on = $7,
      triaged_on = $8, triaged_by = $9, elements = $10, worker_group = $11, seniority = $12, suggestion = $13,
      notes_public = $14, closed_on = $15, outcome = $16, learning = $17,
      same_as = CASE WHEN $18 THEN $19 ELSE same_as END, continues_id = coalesce($20, continues_id)
    WHERE id = $1 AND version = $2
    """
)
# Locked in the order of their ids, so that two people who thank at once wait for each other instead of dying.
_THANK = Query(
    UUID,
    """
    WITH due AS (SELECT id FROM case_file WHERE id = ANY ($1) AND thanked_on IS NULL AND state <> 'closed'
      ORDER BY id FOR UPDATE)
    UPDATE case_file f SET thanked_on = $2, state = 'open', version = version + 1
    FROM due WHERE f.id = due.id AND f.thanked_on IS NULL AND f.state <> 'closed' RETURNING f.id
    """,
)
_HANDLERS = Query(
    Handler,
    """
    SELECT h.account_id, h.name, h.role, h.pair_id, h.public,
      EXISTS (SELECT FROM case_lock l WHERE (l.case_id, l.pair_id, l.opens) = (f.id, h.pair_id, 'case')) AS has_lock,
      EXISTS (SELECT FROM case_lock l WHERE (l.case_id, l.pair_id, l.opens) = (f.id, h.pair_id, 'notes')) AS has_notes
    FROM case_file f, LATERAL handlers_of(f.org_id, f.stream) h
    WHERE f.id = $1 AND NOT EXISTS (SELECT FROM case_exclusion e WHERE e.case_id = f.id AND e.account_id = h.account_id)
      AND NOT EXISTS (SELECT FROM role_grant g WHERE g.account_id = h.account_id AND g.role = ANY (f.excluded_roles))
    ORDER BY h.name, h.account_id
    """,
)
_EXCLUDED = Query(
    UUID,
    """
    SELECT account_id FROM case_exclusion WHERE case_id = $1
    UNION SELECT g.account_id FROM role_grant g JOIN case_file f ON g.role = ANY (f.excluded_roles) WHERE f.id = $1
    """,
)
# Links go both ways, and on to others that tell of the same.
_SAME = Query(
    Named,
    """
    SELECT s.id, s.reference FROM case_file f JOIN case_file s ON s.id <> f.id
      AND (s.same_as = f.id OR s.id = f.same_as OR s.same_as = f.same_as)
    WHERE f.id = $1 ORDER BY s.reference
    """,
)
_CONTINUED_BY = Query(Named, "SELECT id, reference FROM case_file WHERE continues_id = $1 ORDER BY reference")
_NAMED = Query(Named, "SELECT id, reference FROM case_file WHERE id = $1")
_BY_REFERENCE = Query(Named, "SELECT id, reference FROM case_file WHERE reference = upper($1)")


async def listed(connection: Connection, person: UUID, wanted: Wanted) -> list[CaseFile]:
    """The cases of a queue, in no order that matters yet."""
    return await _LIST.all(
        connection, person, wanted.states, wanted.org_ids, wanted.streams, wanted.mine, MOST
    )  # fmt: skip


async def some(connection: Connection, person: UUID, ids: Sequence[UUID]) -> list[CaseFile]:
    """Those of some cases that the person may see."""
    return await _SOME.all(connection, person, ids)


async def one(connection: Connection, person: UUID, case_id: UUID) -> CaseFile:
    """One case; raises `NotFound`, also for one that excludes the person."""
    return await _ONE.one(connection, person, case_id)


async def change(
    connection: Connection, was: CaseFile, now: CaseFile, version: int, by: UUID, *, step: str, relink: bool = False
) -> None:
    """Write what changed between `was` and `now`, a step and a line of the audit trail.

    `version` is the one that the person saw: raises `StaleCase` where the case has moved on since. `relink` says that
    `same_as` was decided, also that it tells of the same as none.
    """
    if was.version != version or not await _CHANGE.run(
        connection, was.id, version, now.way, now.state, now.owner_id, now.deputy_id, now.owned_on, now.triaged_on,
        now.triaged_by, list(now.elements), now.worker_group, now.seniority, now.suggestion, now.notes_public,
        now.closed_on, now.outcome, now.learning, relink, now.same_as, now.continues_id,
    ):  # fmt: skip
        raise StaleCase
    await mark(connection, was.id, step, by)


async def mark(connection: Connection, case_id: UUID, step: str, by: UUID) -> None:
    """Keep that somebody did something to a case, in its own steps and in the audit trail."""
    await texts_store.add_step(connection, case_id, step, by)
    await audit.record(connection, action=f"case.{step}", by=by, subject=case_id)


async def thank(connection: Connection, ids: Sequence[UUID], today: date, by: UUID) -> list[UUID]:
    """Note that persons were thanked; returns the cases for which nobody had done so."""
    thanked = await _THANK.all(connection, ids, today)
    for case_id in thanked:
        await mark(connection, case_id, "thanked", by)
    return thanked


async def handlers(connection: Connection, case_id: UUID) -> list[Handler]:
    """Who may handle a case: handlers of its place with a key, without those whom it excludes."""
    return await _HANDLERS.all(connection, case_id)


async def excluded(connection: Connection, case_id: UUID) -> frozenset[UUID]:
    """The people who must not see a case: by name, or by a role that they have."""
    return frozenset(await _EXCLUDED.all(connection, case_id))


async def same(connection: Connection, case_id: UUID) -> list[Named]:
    """Cases that tell of the same event, whichever of them was linked to the other."""
    return await _SAME.all(connection, case_id)


async def continued_by(connection: Connection, case_id: UUID) -> list[Named]:
    """Later cases of a person who lost the receipt of this one."""
    return await _CONTINUED_BY.all(connection, case_id)


async def named(connection: Connection, case_id: UUID) -> Named | None:
    """A case by its id, if the person may see it."""
    return await _NAMED.maybe(connection, case_id)


async def by_reference(connection: Connection, reference: str) -> Named:
    """A case by the name that staff use; raises `NotFound`."""
    return await _BY_REFERENCE.one(connection, reference)
