"""The worker's SQL: reports that wait to be read once, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Waiting:
    """A report that the worker may read once: its wrap, and the public key that its reading is sealed to."""

    case_id: UUID
    stream: str
    public: bytes
    key_id: str
    sealed: bytes


@dataclass(frozen=True)
class Outcome:
    """What is kept of a reading: its sealed words and, in clear, only what orders the queue.

    `risk` is None where a person must look, `criticality` from 0 to 4 (most serious) or None, `sealed` None where even
    the reading could not be sealed.
    """

    case_id: UUID
    sealed: bytes | None
    risk: bool | None = None
    risk_kinds: Sequence[str] = ()
    criticality: int | None = None


_WAITING = Query(
    Waiting,
    """
    SELECT f.id AS case_id, f.stream, f.public, w.key_id, w.sealed
    FROM vault.case_wrap w JOIN case_file f ON f.id = w.case_id WHERE f.id = ANY ($1) ORDER BY f.id
    """,
)
# Whoever takes the wrap away writes the reading: a second worker waits here, and finds it gone.
_DESTROY_WRAP = Query(UUID, "DELETE FROM vault.case_wrap WHERE case_id = $1 RETURNING case_id")
# Numbers of texts and steps are given under this row's lock.
_READ = Statement("UPDATE case_file SET read_on = $2, risk = $3, risk_kinds = $4, criticality = $5 WHERE id = $1")
_WRITE = Statement(
    """
    INSERT INTO case_text (case_id, n, kind, on_day, sealed)
    SELECT $1, coalesce(max(n), 0) + 1, 'reading', $2, $3 FROM case_text WHERE case_id = $1
    """
)
_STEP = Statement(
    """
    INSERT INTO case_step (case_id, n, kind, on_day)
    SELECT $1, coalesce(max(n), 0) + 1, 'read', $2 FROM case_step WHERE case_id = $1
    """
)
_LEFT_OVER = Query(UUID, "SELECT case_id FROM vault.case_wrap WHERE key_id < $1 ORDER BY case_id")
_KEYS_IN_USE = Query(str, "SELECT DISTINCT key_id FROM vault.case_wrap ORDER BY key_id")


async def waiting(connection: Connection, case_ids: Sequence[UUID]) -> list[Waiting]:
    """Those of some cases that nobody has read yet."""
    return await _WAITING.all(connection, case_ids)


async def keep(connection: Connection, outcome: Outcome, today: date) -> None:
    """Destroy a case's wrap and keep what was read in its place, once; does nothing where the wrap is gone."""
    if await _DESTROY_WRAP.maybe(connection, outcome.case_id) is None:
        return
    found = (outcome.risk, outcome.risk_kinds, outcome.criticality)
    await _READ.run(connection, outcome.case_id, today, *found)
    if outcome.sealed is not None:
        await _WRITE.run(connection, outcome.case_id, today, outcome.sealed)
    await _STEP.run(connection, outcome.case_id, today)


async def left_over(connection: Connection, today: date) -> list[UUID]:
    """Cases of earlier days that still wait to be read."""
    return await _LEFT_OVER.all(connection, str(today))


async def keys_in_use(connection: Connection) -> set[str]:
    """The ids of day keys with which something waits to be read."""
    return set(await _KEYS_IN_USE.all(connection))
