"""Hand-offs and actions of a case in the database. Their words are sealed texts of the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class HandOff:
    """A draft for somebody else; `about` holds codes, never words."""

    id: UUID
    kind: str
    state: str
    text_n: int
    due_on: date | None
    made_on: date
    sent_on: date | None
    sent_by: str | None
    about: dict[str, Any]


@dataclass(frozen=True)
class Agreed:
    """An action of a case."""

    id: UUID
    text_n: int
    made_on: date
    due_on: date | None
    done_on: date | None


_HAND_OFFS = Query(
    HandOff,
    """
    SELECT h.id, h.kind, h.state, h.text_n, h.due_on, h.made_on, h.sent_on, a.name AS sent_by, h.about
    FROM hand_off h LEFT JOIN account a ON a.id = h.sent_by
    WHERE h.case_id = $1 AND ($2::uuid IS NULL OR h.id = $2) ORDER BY h.text_n, h.id
    """,
)
_ADD_HAND_OFF = Statement(
    "INSERT INTO hand_off (case_id, kind, text_n, due_on, made_on, about) VALUES ($1, $2, $3, $4, $5, $6)"
)
_REWRITE = Statement("UPDATE hand_off SET text_n = $2, about = $3 WHERE id = $1")
_SETTLE = Statement("UPDATE hand_off SET state = $2, sent_on = $3, sent_by = $4 WHERE id = $1")
_ACTIONS = Query(
    Agreed,
    """
    SELECT id, text_n, made_on, due_on, done_on FROM case_action
    WHERE case_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY text_n, id
    """,
)
_ADD_ACTION = Statement("INSERT INTO case_action (case_id, text_n, made_on, due_on) VALUES ($1, $2, $3, $4)")
_DONE = Statement("UPDATE case_action SET done_on = $2 WHERE id = $1")


async def hand_offs(connection: Connection, case_id: UUID) -> list[HandOff]:
    """The hand-offs of a case, oldest first."""
    return await _HAND_OFFS.all(connection, case_id, None)


async def hand_off(connection: Connection, case_id: UUID, hand_off_id: UUID) -> HandOff:
    """One hand-off of a case; raises `NotFound`."""
    return await _HAND_OFFS.one(connection, case_id, hand_off_id)


async def add_hand_off(
    connection: Connection, case_id: UUID, kind: str, text_n: int, due_on: date | None, about: dict[str, str]
) -> None:
    """Keep a draft."""
    await _ADD_HAND_OFF.run(connection, case_id, kind, text_n, due_on, date.today(), about)


async def rewrite(connection: Connection, hand_off_id: UUID, text_n: int, about: dict[str, Any]) -> None:
    """Put a newer draft in place of an older one."""
    await _REWRITE.run(connection, hand_off_id, text_n, about)


async def settle(connection: Connection, hand_off_id: UUID, state: str, by: UUID) -> None:
    """Note that a draft was sent by a person, or withdrawn."""
    sent = state == "sent"
    await _SETTLE.run(connection, hand_off_id, state, date.today() if sent else None, by if sent else None)


async def actions(connection: Connection, case_id: UUID) -> list[Agreed]:
    """The actions of a case, oldest first."""
    return await _ACTIONS.all(connection, case_id, None)


async def action(connection: Connection, case_id: UUID, action_id: UUID) -> Agreed:
    """One action of a case; raises `NotFound`."""
    return await _ACTIONS.one(connection, case_id, action_id)


async def add_action(connection: Connection, case_id: UUID, text_n: int, due_on: date | None) -> None:
    """Keep an action."""
    await _ADD_ACTION.run(connection, case_id, text_n, date.today(), due_on)


async def done(connection: Connection, action_id: UUID, *, done: bool) -> None:
    """Note that an action is done, or is not after all."""
    await _DONE.run(connection, action_id, date.today() if done else None)
