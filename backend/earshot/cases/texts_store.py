"""What lies in a case: sealed texts, locks, steps, and how far each handler has read. None of it opens here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core import audit
from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Unavailable

_TRIES = 20  # somebody else may take the next number meanwhile


@dataclass(frozen=True)
class SealedText:
    """One text, sealed; `by` names the handler who wrote it."""

    n: int
    kind: str
    on_day: date
    by: str | None
    sealed: bytes


@dataclass(frozen=True)
class Step:
    """Something that happened; nobody did it where Earshot or the person who spoke did."""

    n: int
    kind: str
    on_day: date
    by: str | None


@dataclass(frozen=True)
class Lock:
    """The private key of a case, or of its notes, sealed to a key pair."""

    case_id: UUID
    pair_id: UUID
    opens: str
    sealed: bytes


@dataclass(frozen=True)
class Reading:
    """What the computer heard in a case, sealed."""

    case_id: UUID
    sealed: bytes


@dataclass(frozen=True)
class Feedback:
    """What the person answered at the receipt page."""

    question: str
    answer: str
    on_day: date


_TEXTS = Query(
    SealedText,
    """
    SELECT t.n, t.kind, t.on_day, a.name AS by, t.sealed FROM case_text t LEFT JOIN account a ON a.id = t.by_account
    WHERE t.case_id = $1 AND ($2::text[] IS NULL OR t.kind <> ALL ($2)) ORDER BY t.n
    """,
)
_STEPS = Query(
    Step,
    """
    SELECT s.n, s.kind, s.on_day, a.name AS by FROM case_step s LEFT JOIN account a ON a.id = s.by_account
    WHERE s.case_id = $1 ORDER BY s.n
    """,
)
_FEEDBACK = Query(
    Feedback, "SELECT question, answer, on_day FROM case_feedback WHERE case_id = $1 ORDER BY on_day, question"
)
_READINGS = Query(
    Reading,
    """
    SELECT DISTINCT ON (case_id) case_id, sealed FROM case_text WHERE case_id = ANY ($1) AND kind = 'reading'
    ORDER BY case_id, n DESC
    """,
)
# A lock of the key pair in use comes first: it is the one that the browser most likely has open.
_LOCKS = Query(
    Lock,
    """
    SELECT l.case_id, l.pair_id, l.opens, l.sealed FROM case_lock l JOIN key_pair k ON k.id = l.pair_id
    WHERE l.case_id = ANY ($1) AND k.account_id = $2
    ORDER BY k.retired_on IS NOT NULL, k.retired_on DESC, l.pair_id, l.opens
    """,
)
_ADD_TEXT = Query(
    int,
    """
    INSERT INTO case_text (case_id, n, kind, on_day, by_account, sealed)
    SELECT $1, texts + 1, $2, $3, $4, $5 FROM last_of_case($1) ON CONFLICT DO NOTHING RETURNING n
    """,
)
# Says nothing about a number that is taken, so that people who may only leave a mark need not be able to look.
_ADD_STEP = Statement(
    """
    INSERT INTO case_step (case_id, n, kind, on_day, by_account)
    SELECT $1, steps + 1, $2, $3, $4 FROM last_of_case($1) ON CONFLICT DO NOTHING
    """
)
_ADD_LOCK = Statement(
    "INSERT INTO case_lock (case_id, pair_id, opens, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
)
_SEEN = Statement(
    """
    INSERT INTO case_seen (case_id, account_id, text_n, given_on)
    SELECT $1, $2, texts, $3 FROM last_of_case($1)
    ON CONFLICT (case_id, account_id) DO UPDATE SET text_n = EXCLUDED.text_n, given_on = EXCLUDED.given_on
    """
)
_GIVEN = Query(
    UUID,
    """
    INSERT INTO case_seen (case_id, account_id, given_on) SELECT id, $2, $3 FROM unnest($1::uuid[]) AS id ORDER BY id
    ON CONFLICT (case_id, account_id) DO UPDATE SET given_on = EXCLUDED.given_on
      WHERE case_seen.given_on IS DISTINCT FROM EXCLUDED.given_on
    RETURNING case_id
    """,
)


async def texts(connection: Connection, case_id: UUID, *, without: Sequence[str] = ()) -> list[SealedText]:
    """The sealed texts of a case in the order they came."""
    return await _TEXTS.all(connection, case_id, without or None)


async def steps(connection: Connection, case_id: UUID) -> list[Step]:
    """What happened to a case, oldest first."""
    return await _STEPS.all(connection, case_id)


async def feedback(connection: Connection, case_id: UUID) -> list[Feedback]:
    """What the person answered."""
    return await _FEEDBACK.all(connection, case_id)


async def readings(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The newest reading of each case that has one."""
    return {row.case_id: row.sealed for row in await _READINGS.all(connection, ids)}


async def locks(connection: Connection, ids: Sequence[UUID], person: UUID) -> list[Lock]:
    """The locks that a person's key pairs open, those of the pair in use first."""
    return await _LOCKS.all(connection, ids, person)


async def add_text(connection: Connection, case_id: UUID, kind: str, sealed: bytes, by: UUID) -> int:
    """Keep a sealed text; returns its number in the case."""
    for _ in range(_TRIES):
        n = await _ADD_TEXT.maybe(connection, case_id, kind, date.today(), by, sealed)
        if n is not None:
            return n
    raise Unavailable


async def add_step(connection: Connection, case_id: UUID, kind: str, by: UUID | None) -> None:
    """Keep that something happened."""
    for _ in range(_TRIES):
        if await _ADD_STEP.run(connection, case_id, kind, date.today(), by):
            return
    raise Unavailable


async def add_lock(connection: Connection, lock: Lock) -> None:
    """Give a key pair its way into a case; one that has it keeps it."""
    await _ADD_LOCK.run(connection, lock.case_id, lock.pair_id, lock.opens, lock.sealed)


async def opened(connection: Connection, case_id: UUID, person: UUID) -> None:
    """Note that a person was given everything in a case, in the audit trail too."""
    await _SEEN.run(connection, case_id, person, date.today())
    await audit.record(connection, action="case.read", by=person, subject=case_id)


async def given(connection: Connection, ids: Sequence[UUID], person: UUID) -> None:
    """Note that a person was given the readings of cases, once a day for each, in the audit trail too."""
    for case_id in await _GIVEN.all(connection, ids, person, date.today()):
        await audit.record(connection, action="case.read", by=person, subject=case_id)
