"""Letters in the database. Each change says which states it starts from: of two workers only one gets through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.core.mail_letter import Kind, Letter, MailState, State, is_address


@dataclass(frozen=True)
class Try:
    """A letter that a worker has in hand; `attempts` tells its try from those of others."""

    id: UUID
    attempts: int
    since_first: timedelta
    letter: Letter
    posted_at: datetime


@dataclass(frozen=True)
class Posted:
    """A letter as the Post page lists it: never what it says. `kept`: it could be sent again."""

    id: UUID
    account_id: UUID | None
    name: str | None
    address: str | None
    kind: Kind
    state: State
    why: str | None
    attempts: int
    posted_at: datetime
    due_at: datetime
    tried_at: datetime | None
    settled_at: datetime | None
    kept: bool


@dataclass(frozen=True)
class StateCount:
    """How many letters are in one state."""

    state: State
    n: int


@dataclass(frozen=True)
class Due:
    """A letter that nobody has in hand though its time has come."""

    id: UUID
    kind: Kind
    attempts: int


@dataclass(frozen=True)
class _TryRow:
    id: UUID
    attempts: int
    since_first: timedelta
    key: str
    address: str
    account_id: UUID | None
    kind: Kind
    subject: str
    body: str
    html: str | None
    unsubscribe: str | None
    padded: bool
    posted_at: datetime


@dataclass(frozen=True)
class _StateRow:
    id: UUID
    state: State
    why: str | None
    since: datetime


NO_ADDRESS = "This is not an address that mail can be sent to."
_POST = Statement(
    """
    INSERT INTO letter (id, key, mark, account_id, address, kind, subject, body, html, unsubscribe, padded, state, why)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING
    """
)
_TRY = Query(
    _TryRow,
    """
    UPDATE letter SET attempts = attempts + 1, tried_at = now(), first_tried_at = coalesce(first_tried_at, now())
    WHERE id = $1 AND state = 'waiting' AND due_at <= now() + interval '1 s' AND kept
    RETURNING id, attempts, now() - first_tried_at AS since_first, key, address, account_id, kind, subject, body, html,
      unsubscribe, padded, posted_at
    """,
)
_SENDING = Statement(
    "UPDATE letter SET state = 'sending', tried_at = now() WHERE id = $1 AND attempts = $2 AND state = 'waiting'"
)
_SENT = Statement(
    """
    UPDATE letter SET state = 'sent', why = NULL, settled_at = now(), subject = NULL, body = NULL, html = NULL
    WHERE id = $1 AND attempts = $2 AND state IN ('sending', 'maybe_sent', 'waiting')
    """
)
_SETTLE = Statement(
    """
    UPDATE letter SET state = $3, why = $4, settled_at = now()
    WHERE id = $1 AND attempts = $2 AND state IN ('sending', 'waiting')
    """
)
_LATER = Statement(
    """
    UPDATE letter SET state = 'waiting', why = $3, due_at = now() + $4::interval
    WHERE id = $1 AND attempts = $2 AND state IN ('sending', 'waiting')
    """
)
_STATES = Query(
    _StateRow,
    "SELECT id, state, why, coalesce(settled_at, tried_at, posted_at) AS since FROM letter WHERE id = ANY ($1)",
)
_LISTED = Query(
    Posted,
    """
    SELECT l.id, l.account_id, a.name, l.address, l.kind, l.state, l.why, l.attempts, l.posted_at, l.due_at, l.tried_at,
      l.settled_at, l.kept
    FROM letter l LEFT JOIN account a ON a.id = l.account_id
    WHERE ($1::text IS NULL OR l.state = $1) AND ($2::uuid IS NULL OR l.id = $2)
    ORDER BY l.posted_at DESC, l.id LIMIT $3
    """,
)
_COUNTED = Query(StateCount, "SELECT state, count(*)::int AS n FROM letter GROUP BY state ORDER BY state")
_AGAIN = Statement(
    """
    UPDATE letter SET state = 'waiting', why = NULL, due_at = now(), first_tried_at = NULL
    WHERE id = $1 AND state IN ('maybe_sent', 'refused', 'bounced') AND kept
    """
)
_BOUNCED = Statement(
    """
    UPDATE letter SET state = 'bounced', why = $2, settled_at = now()
    WHERE mark = $1 AND state IN ('sending', 'sent', 'maybe_sent')
    """
)
_LEFT_BEHIND = Statement(
    """
    UPDATE letter SET state = 'maybe_sent', settled_at = now(),
      why = 'Earshot was stopped while it handed this letter over, so it may have been sent.'
    WHERE state = 'sending' AND tried_at < now() - $1::interval
    """
)
_DUE = Query(
    Due,
    """
    SELECT id, kind, attempts FROM letter WHERE state = 'waiting' AND kept AND due_at < now() - $1::interval
    ORDER BY due_at LIMIT $2
    """,
)
_EMPTY_OLD = Statement(
    """
    UPDATE letter SET subject = NULL, body = NULL, html = NULL,
      state = CASE WHEN state = 'waiting' THEN 'refused' ELSE state END,
      why = CASE WHEN state = 'waiting' THEN 'It was too old to be sent.' ELSE why END
    WHERE kept AND posted_at < now() - $1::interval
    """
)
_FORGET_OLD = Statement(
    """
    UPDATE letter SET address = NULL, unsubscribe = NULL
    WHERE address IS NOT NULL AND posted_at < now() - $1::interval
    """
)


async def add(connection: Connection, letter: Letter) -> UUID | None:
    """A new letter, waiting; None where its key was posted before. An address that is none is refused at once."""
    made, good = uuid4(), is_address(letter.to)
    added = await _POST.run(
        connection, made, letter.key, letter.mark, letter.account_id, letter.to, letter.kind, letter.subject,
        letter.text, letter.html, letter.unsubscribe, letter.padded,
        "waiting" if good else "refused", None if good else NO_ADDRESS,
    )  # fmt: skip
    return made if added else None


async def take_in_hand(connection: Connection, letter_id: UUID) -> Try | None:
    """A waiting letter whose time has come, with one more try noted; None for any other."""
    row = await _TRY.maybe(connection, letter_id)
    if row is None:
        return None
    letter = Letter(
        row.key, row.address, row.account_id, row.kind, row.subject, row.body, row.html, row.unsubscribe, row.padded
    )
    return Try(row.id, row.attempts, row.since_first, letter, row.posted_at)


async def sending(connection: Connection, trying: Try) -> bool:
    """Note that the text goes out now; False where another try of the letter has begun meanwhile."""
    return await _SENDING.run(connection, trying.id, trying.attempts) == 1


async def sent(connection: Connection, trying: Try) -> None:
    """Note that a server has the letter, and drop what it says."""
    await _SENT.run(connection, trying.id, trying.attempts)


async def settle(connection: Connection, trying: Try, state: State, why: str | None) -> None:
    """Note that a letter will not be tried again."""
    await _SETTLE.run(connection, trying.id, trying.attempts, state, why)


async def later(connection: Connection, trying: Try, why: str | None, pause: timedelta) -> bool:
    """Note that a letter waits; False where it is no longer ours."""
    return await _LATER.run(connection, trying.id, trying.attempts, why, pause) == 1


async def states(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, MailState]:
    """How far letters have come, by their ids."""
    rows = await _STATES.all(connection, ids)
    return {row.id: MailState(row.state, row.why, row.since) for row in rows}


async def listed(connection: Connection, state: State | None, limit: int) -> list[Posted]:
    """Letters, newest first, of one state or of all."""
    return await _LISTED.all(connection, state, None, limit)


async def one(connection: Connection, letter_id: UUID) -> Posted:
    """One letter; raises `NotFound`."""
    return await _LISTED.one(connection, None, letter_id, 1)


async def counted(connection: Connection) -> dict[State, int]:
    """How many letters are in each state."""
    return {row.state: row.n for row in await _COUNTED.all(connection)}


async def again(connection: Connection, letter_id: UUID) -> bool:
    """Let a letter wait again that was refused or perhaps sent; False where that cannot be."""
    return await _AGAIN.run(connection, letter_id) == 1


async def bounced(connection: Connection, mark: str, why: str) -> bool:
    """Note that a letter came back; False where no letter of that mark was sent."""
    return await _BOUNCED.run(connection, mark, why) == 1


async def find_left_behind(connection: Connection, after: timedelta) -> int:
    """Letters that a worker died with while their text went out: perhaps sent, and not sent again by itself."""
    return await _LEFT_BEHIND.run(connection, after)


async def due(connection: Connection, since: timedelta, limit: int) -> list[Due]:
    """Waiting letters whose time came a while ago."""
    return await _DUE.all(connection, since, limit)


async def forget(connection: Connection, *, texts: timedelta, addresses: timedelta) -> None:
    """Drop what old letters say, and later to whom they went; their keys stay, so that nothing is posted twice."""
    await _EMPTY_OLD.run(connection, texts)
    await _FORGET_OLD.run(connection, addresses)
