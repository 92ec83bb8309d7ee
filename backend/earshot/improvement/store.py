"""Improvement actions in the database, with all that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.improvement.model import Action, Cycle, Event, Given, Involved, Look, Rebase, StaleAction, What


@dataclass(frozen=True)
class Person:
    """Somebody who can own an action."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Window:
    """A linked signal's weeks: from `since` until it was raised."""

    since: date
    raised_on: date


_COLUMNS: LiteralString = """
    SELECT a.id, a.org_id, o.name AS org_name, a.streams, a.title, a.what_we_heard, a.what_we_did, a.state, a.owner_id,
      w.name AS owner_name, a.due_on, a.started_on, a.closed_on, a.themes, a.measure_id, a.wanted, a.risk_reference,
      a.risk_address, a.version, m.name AS made_by_name, a.made_on, l.state AS look_state, l.weeks AS look_weeks,
      l.sentence AS look_sentence, l.looked_on,
      (SELECT count(*)::int FROM improvement_signal s WHERE s.action_id = a.id) AS signals,
      (SELECT count(*)::int FROM improvement_cycle c WHERE c.action_id = a.id) AS cycles
    FROM improvement_action a JOIN org o ON o.id = a.org_id JOIN account m ON m.id = a.made_by
    LEFT JOIN account w ON w.id = a.owner_id
    LEFT JOIN LATERAL (
      SELECT k.state, k.weeks, k.sentence, k.looked_on FROM improvement_look k
      WHERE k.action_id = a.id ORDER BY k.weeks DESC LIMIT 1
    ) l ON true
"""
_ONE = Query(Action, _COLUMNS + " WHERE a.id = $1")
_LIST = Query(
    Action,
    _COLUMNS
    + """
    WHERE ($1::uuid[] IS NULL OR a.org_id = ANY ($1)) AND ($2::text[] IS NULL OR a.state = ANY ($2))
      AND ($3::text[] IS NULL OR a.streams <@ $3) AND ($4::text IS NULL OR $4 = ANY (a.themes))
      AND ($5::uuid IS NULL OR EXISTS (
        SELECT FROM improvement_signal s WHERE s.action_id = a.id AND s.signal_id = $5))
    ORDER BY a.state IN ('finished', 'stopped'), a.due_on NULLS LAST, a.closed_on DESC NULLS LAST, a.made_on DESC, a.id
    LIMIT 1000
    """,
)
_ADD = Statement(
    """
    INSERT INTO improvement_action (id, org_id, streams, title, what_we_heard, what_we_did, state, owner_id, due_on,
      started_on, closed_on, themes, measure_id, wanted, risk_reference, risk_address, made_by)
    VALUES ($1, $2, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $4)
    """
)
_CHANGE = Statement(
    """
    UPDATE improvement_action SET title = $3, what_we_heard = $4, what_we_did = $5, state = $6, owner_id = $7,
      due_on = $8, started_on = $9, closed_on = $10, themes = $11, measure_id = $12, wanted = $13, risk_reference = $14,
      risk_address = $15, version = version + 1
    WHERE id = $1 AND version = $2
    """
)
_REOPEN = Statement(
    """
    UPDATE improvement_action SET state = $3, closed_on = NULL, version = version + 1 WHERE id = $1 AND version = $2
    """
)
_TOUCH = Statement("UPDATE improvement_action SET version = version + 1 WHERE id = $1 AND version = $2")
_LINK = Statement("INSERT INTO improvement_signal (action_id, signal_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
_LINKED = Query(UUID, "SELECT signal_id FROM improvement_signal WHERE action_id = $1")
_WINDOWS = Query(
    Window,
    """
    SELECT s.since, s.raised_at::date AS raised_on FROM improvement_signal l JOIN signal s ON s.id = l.signal_id
    WHERE l.action_id = $1
    """,
)
_EVENT = Statement("INSERT INTO improvement_event (action_id, what, by_id, note, was) VALUES ($1, $2, $3, $4, $5)")
_EVENTS = Query(
    Event,
    """
    SELECT e.id, e.at, e.what, e.by_id, p.name AS by_name, e.note, e.was
    FROM improvement_event e LEFT JOIN account p ON p.id = e.by_id WHERE e.action_id = $1 ORDER BY e.id
    """,
)
_CYCLES = Query(
    Cycle,
    """
    SELECT c.n, c.started_on, c.ended_on, c.plan, c.did, c.studied, c.acted, p.name AS by_name
    FROM improvement_cycle c JOIN account p ON p.id = c.by_id WHERE c.action_id = $1 ORDER BY c.n
    """,
)
_KEEP_CYCLE = Statement(
    """
    INSERT INTO improvement_cycle (action_id, n, started_on, ended_on, plan, did, studied, acted, by_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (action_id, n) DO UPDATE SET started_on = EXCLUDED.started_on, ended_on = EXCLUDED.ended_on,
      plan = EXCLUDED.plan, did = EXCLUDED.did, studied = EXCLUDED.studied, acted = EXCLUDED.acted
    """
)
_REBASES = Query(
    Rebase,
    """
    SELECT r.on_day, r.reason, p.name AS by_name, r.said_on FROM improvement_rebase r JOIN account p ON p.id = r.by_id
    WHERE r.action_id = $1 AND r.taken_back_on IS NULL ORDER BY r.on_day
    """,
)
_REBASE = Statement(
    """
    INSERT INTO improvement_rebase (action_id, on_day, reason, by_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT (action_id, on_day) DO UPDATE SET reason = EXCLUDED.reason, by_id = EXCLUDED.by_id,
      said_on = current_date, taken_back_on = NULL
    """
)
_UNREBASE = Statement(
    """
    UPDATE improvement_rebase SET taken_back_on = current_date
    WHERE action_id = $1 AND on_day = $2 AND taken_back_on IS NULL
    """
)
_INVOLVED = Query(
    Involved,
    """
    SELECT i.on_day, i.who, i.people, i.how, i.note, p.name AS by_name
    FROM improvement_involved i JOIN account p ON p.id = i.by_id WHERE i.action_id = $1 ORDER BY i.on_day, i.id
    """,
)
_INVOLVE = Statement(
    """
    INSERT INTO improvement_involved (id, action_id, on_day, who, people, how, note, by_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """
)
_LOOKS = Query(
    Look,
    "SELECT weeks, state, sentence, figures, looked_on FROM improvement_look WHERE action_id = $1 ORDER BY weeks",
)
_KEEP_LOOK = Statement(
    """
    INSERT INTO improvement_look (action_id, weeks, state, sentence, figures) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
    """
)
_OWNERS = Query(Person, "SELECT account_id AS id, name FROM improvers_of($1)")
# Changes that began long enough ago for a look that is not written yet, unless the series has already spoken.
_TO_LOOK_AT = Query(
    UUID,
    """
    SELECT a.id FROM improvement_action a
    WHERE a.measure_id IS NOT NULL AND a.state IN ('under_way', 'finished') AND a.started_on <= $1::date - 28
      AND NOT EXISTS (
        SELECT FROM improvement_look l WHERE l.action_id = a.id AND (l.weeks = 12 OR l.state <> 'unproven'))
    ORDER BY a.id
    """,
)


async def action(connection: Connection, action_id: UUID) -> Action:
    """One action in scope; raises `NotFound`."""
    return await _ONE.one(connection, action_id)


async def actions(
    connection: Connection,
    org_ids: Sequence[UUID] | None,
    states: Sequence[str] | None = None,
    *,
    streams: Sequence[str] | None = None,
    theme: str | None = None,
    signal_id: UUID | None = None,
) -> list[Action]:
    """Actions in scope, open ones first by the day on which they are due; None means any.

    `streams` leaves out what answers to anybody else.
    """
    return await _LIST.all(connection, org_ids, states, streams, theme, signal_id)


async def add(
    connection: Connection, org_id: UUID, streams: Sequence[str], given: Given, person: UUID, closed_on: date | None
) -> UUID:
    """Keep a new action; returns its id."""
    made = uuid4()
    await _ADD.run(connection, made, org_id, list(streams), person, *_written(given, closed_on))
    await tell(connection, made, "made", person)
    return made


async def change(connection: Connection, was: Action, version: int, given: Given, closed_on: date | None) -> None:
    """Write an action anew; raises `StaleAction` where it has moved on since `version`."""
    if not await _CHANGE.run(connection, was.id, version, *_written(given, closed_on)):
        raise StaleAction


def _written(given: Given, closed_on: date | None) -> tuple[object, ...]:
    return (
        given.title, given.what_we_heard, given.what_we_did, given.state, given.owner_id, given.due_on,
        given.started_on, closed_on, list(given.themes), given.measure_id, given.wanted, given.risk_reference,
        given.risk_address,
    )  # fmt: skip


async def reopen(connection: Connection, action_id: UUID, version: int, state: str) -> None:
    """Take a closing back; raises `StaleAction`."""
    if not await _REOPEN.run(connection, action_id, version, state):
        raise StaleAction


async def touch(connection: Connection, action_id: UUID, version: int) -> None:
    """Count a change to what belongs to an action as one of the action; raises `StaleAction`."""
    if not await _TOUCH.run(connection, action_id, version):
        raise StaleAction


async def tell(
    connection: Connection,
    action_id: UUID,
    what: What,
    person: UUID | None,
    *,
    note: str = "",
    was: dict[str, Any] | None = None,
) -> None:
    """Write what became of an action."""
    await _EVENT.run(connection, action_id, what, person, note, was or {})


async def events(connection: Connection, action_id: UUID) -> list[Event]:
    """The life of an action, oldest first."""
    return await _EVENTS.all(connection, action_id)


async def link(connection: Connection, action_id: UUID, signal_ids: Sequence[UUID]) -> None:
    """Say which signals an action answers."""
    await _LINK.each(connection, [(action_id, signal_id) for signal_id in signal_ids])


async def linked(connection: Connection, action_id: UUID) -> list[UUID]:
    """The signals that an action answers."""
    return await _LINKED.all(connection, action_id)


async def windows(connection: Connection, action_id: UUID) -> list[Window]:
    """The weeks of the signals that an action answers, each until it was raised."""
    return await _WINDOWS.all(connection, action_id)


async def cycles(connection: Connection, action_id: UUID) -> list[Cycle]:
    """An action's cycles, oldest first."""
    return await _CYCLES.all(connection, action_id)


async def keep_cycle(connection: Connection, action_id: UUID, cycle: Cycle, person: UUID) -> None:
    """Add a cycle, or write one anew."""
    await _KEEP_CYCLE.run(
        connection, action_id, cycle.n, cycle.started_on, cycle.ended_on, cycle.plan, cycle.did, cycle.studied,
        cycle.acted, person,
    )  # fmt: skip


async def rebases(connection: Connection, action_id: UUID) -> list[Rebase]:
    """The days from which the chart begins anew."""
    return await _REBASES.all(connection, action_id)


async def rebase(connection: Connection, action_id: UUID, on_day: date, reason: str, person: UUID) -> None:
    """Let the chart begin anew from a day."""
    await _REBASE.run(connection, action_id, on_day, reason, person)


async def unrebase(connection: Connection, action_id: UUID, on_day: date) -> bool:
    """Take such a day back; returns whether there was one."""
    return bool(await _UNREBASE.run(connection, action_id, on_day))


async def involved(connection: Connection, action_id: UUID) -> list[Involved]:
    """Who was involved, in the order of the days."""
    return await _INVOLVED.all(connection, action_id)


async def involve(connection: Connection, action_id: UUID, given: Involved, person: UUID) -> None:
    """Note who was involved."""
    await _INVOLVE.run(
        connection, uuid4(), action_id, given.on_day, given.who, given.people, given.how, given.note, person
    )


async def looks(connection: Connection, action_id: UUID) -> list[Look]:
    """The looks that were written."""
    return await _LOOKS.all(connection, action_id)


async def keep_look(connection: Connection, action_id: UUID, look: Look) -> bool:
    """Write a look; returns whether it is new, for it is written once whatever comes later."""
    return bool(await _KEEP_LOOK.run(connection, action_id, look.weeks, look.state, look.sentence, look.figures))


async def to_look_at(connection: Connection, today: date) -> list[UUID]:
    """Actions whose series may be due for a look."""
    return await _TO_LOOK_AT.all(connection, today)


async def owners(connection: Connection, org_id: UUID) -> list[Person]:
    """People who can own an action of an organisation, by name."""
    return await _OWNERS.all(connection, org_id)
