"""Cases as their receipts open them: found by the receipt's hash alone, which row-level security checks once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.cases.receipts import Answer, Asked, Feedback, Held, Person, Sent, Step, Text, Told
from earshot.core import audit
from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class _Last:
    texts: int
    steps: int


_HOLD = Statement("SELECT set_config('earshot.receipt', encode($1::bytea, 'hex'), true)")
_HELD = Query(
    Held,
    """
    SELECT f.id, o.name AS org_name, f.way, f.received_on, f.public, f.receipt_sealed, f.content_hash, f.sealed_by,
      f.state, f.thanked_on, f.closed_on, f.outcome, f.learning
    FROM case_file f JOIN org o ON o.id = f.org_id WHERE f.receipt_hash = $1
    """,
)
_TEXTS = Query(
    Text,
    """
    SELECT n, kind, on_day, by_account, sealed FROM case_text
    WHERE case_id = $1 AND kind IN ('report', 'from_person', 'from_handler', 'outcome') ORDER BY n
    """,
)
_STEPS = Query(Step, "SELECT kind, on_day, by_account FROM case_step WHERE case_id = $1 ORDER BY n")
_SENT = Query(Sent, "SELECT kind, sent_on FROM hand_off WHERE case_id = $1 AND state = 'sent' ORDER BY sent_on, kind")
_PEOPLE = Query(Person, "SELECT account_id, name, role FROM people_of_case()")
_FEEDBACK = Query(Feedback, "SELECT question, answer FROM case_feedback WHERE case_id = $1")
# Also keeps two messages from taking one number: the second waits here until the first is kept.
_CHANGED = Statement("UPDATE case_file SET version = version + 1 WHERE id = $1")
_LAST = Query(_Last, "SELECT texts, steps FROM last_of_case($1)")
_KNOWN = Query(int, "SELECT n FROM case_text WHERE case_id = $1 AND once_hash = $2")
_WRITE = Statement(
    """
    INSERT INTO case_text (case_id, n, kind, on_day, sealed, once_hash) VALUES ($1, $2, 'from_person', $3, $4, $5)
    """
)
_STEP = Statement("INSERT INTO case_step (case_id, n, kind, on_day) VALUES ($1, $2, $3, $4)")
_ANSWER = Statement(
    """
    INSERT INTO case_feedback (case_id, question, answer, on_day) VALUES ($1, $2, $3, $4)
    ON CONFLICT (case_id, question) DO UPDATE SET answer = excluded.answer, on_day = excluded.on_day
    """
)
_NOBODY = UUID(int=0)


async def told(connection: Connection, receipt_hash: bytes) -> Told | None:
    """What a receipt's holder is shown; None where no case has it. Both run the same statements."""
    held = await hold(connection, receipt_hash)
    case_id = _NOBODY if held is None else held.id
    texts = await _TEXTS.all(connection, case_id)
    steps = await _STEPS.all(connection, case_id)
    sent = await _SENT.all(connection, case_id)
    people = await _PEOPLE.all(connection)
    readings = await audit.readers_of(connection, case_id)
    feedback = await _FEEDBACK.all(connection, case_id)
    return None if held is None else Told(held, texts, steps, sent, people, readings, feedback)


async def hold(connection: Connection, receipt_hash: bytes) -> Held | None:
    """The case of a receipt, which the rest of the transaction may now see; None where no case has it."""
    await _HOLD.run(connection, receipt_hash)
    return await _HELD.maybe(connection, receipt_hash)


async def write(connection: Connection, case_id: UUID, sealed: bytes, *, once_hash: bytes, today: date) -> None:
    """Keep a message of the person who spoke up; the same `once_hash` again changes nothing."""
    await _CHANGED.run(connection, case_id)
    if await _KNOWN.maybe(connection, case_id, once_hash) is not None:
        return
    last = await _LAST.one(connection, case_id)
    await _WRITE.run(connection, case_id, last.texts + 1, today, sealed, once_hash)
    await _STEP.run(connection, case_id, last.steps + 1, "from_person", today)


async def answer(connection: Connection, case_id: UUID, question: Asked, answer: Answer, *, today: date) -> None:
    """Keep the answer to one of our questions; a later one takes its place."""
    await _CHANGED.run(connection, case_id)
    await _ANSWER.run(connection, case_id, question, answer, today)
    last = await _LAST.one(connection, case_id)
    await _STEP.run(connection, case_id, last.steps + 1, "feedback", today)
