"""The outbox: a letter and its job are one transaction, and a letter is never handed to a mail server twice by itself.

    waiting ─▶ sending ─▶ sent ─▶ bounced (the receiving side sent it back later)
       ▲          ├─▶ waiting      the server asked for patience, or was away: tried again with growing pauses
       └──────────┼─▶ refused      the server refused it, or nobody took it for five days
                  └─▶ maybe_sent   the worker or the line died between the text and the answer: a person decides

`sending` is committed before the first byte of the text goes out. Whatever fails before that is tried again; whatever
dies after it is shown and not repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from earshot.core import mail_store
from earshot.core.config import settings
from earshot.core.db import Connection, Database
from earshot.core.errors import Unavailable
from earshot.core.mail_letter import Kind, Letter, MailState, State
from earshot.core.mail_message import as_bytes
from earshot.core.mail_server import END_OF_DATA, MailServer, Outcome, mail_server
from earshot.core.mail_store import Try
from earshot.core.work import Payload, Stage, enqueue

__all__ = ["SEND_MAIL", "Kind", "Letter", "MailState", "State", "post", "send_again", "states"]

PRIORITY: Final[dict[Kind, int]] = {"alert": 20, "notice": 10, "digest": 0}
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP = timedelta(days=5)  # RFC 5321, 4.5.4.1: at least four to five days
STUCK = timedelta(seconds=2 * END_OF_DATA + 60)  # no living worker waits this long for a server's answer
_OVERLOOKED = timedelta(minutes=2)
_TEXTS, _ADDRESSES = timedelta(days=30), timedelta(days=92)
_ROUND = 1000
_WHILE_AWAY = (0.2, 0.5, 1, 2, 4, 8, 15, 30)  # seconds


async def post(connection: Connection, letter: Letter) -> UUID | None:
    """Post a letter in the caller's transaction; None, and nothing happens, where its key was posted before."""
    made = await mail_store.add(connection, letter)
    if made is not None:
        await _queue(connection, made, letter.kind, 0)
    return made


async def states(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, MailState]:
    """How far letters have come, by their ids."""
    return await mail_store.states(connection, ids)


async def send_again(connection: Connection, letter_id: UUID) -> bool:
    """Let a letter that was refused or perhaps sent be tried once more; False where it cannot be. A person's choice."""
    found = await mail_store.one(connection, letter_id)
    if not await mail_store.again(connection, letter_id):
        return False
    await _queue(connection, letter_id, found.kind, found.attempts)
    return True


async def _queue(
    connection: Connection, letter_id: UUID, kind: Kind, attempts: int, later: timedelta | None = None
) -> None:
    key = f"letter-{letter_id}-{attempts}"
    await enqueue(connection, SEND_MAIL.name, {"letter": letter_id}, key=key, priority=PRIORITY[kind], later=later)


async def send_mail(database: Database, payload: Payload) -> None:
    """Try to hand one letter over; without a mail server it waits, and a round finds it once there is one."""
    server = mail_server(settings())
    if server is None:
        return
    async with database.transaction() as connection:
        trying = await mail_store.take_in_hand(connection, UUID(payload["letter"]))
    if trying is not None:
        await _note_patiently(database, trying, await _deliver(database, server, trying))


async def _deliver(database: Database, server: MailServer, trying: Try) -> Outcome:
    async def about_to() -> bool:
        async with database.transaction() as connection:
            return await mail_store.sending(connection, trying)

    sender = settings().mail_from
    message = as_bytes(trying.letter, sender=sender, at=trying.posted_at)
    return await server.deliver(message, sender=sender, to=trying.letter.to, about_to=about_to)


async def _note_patiently(database: Database, trying: Try, outcome: Outcome) -> None:
    """Note what became of a try, also where the database is away for a minute: nobody else knows."""
    for pause in _WHILE_AWAY:
        try:
            async with database.transaction() as connection:
                await _note(connection, trying, outcome)
            return
        except Unavailable:
            await asyncio.sleep(pause)
    raise Unavailable


async def _note(connection: Connection, trying: Try, outcome: Outcome) -> None:
    if outcome.state == "sent":
        await mail_store.sent(connection, trying)
    elif outcome.state in ("refused", "maybe_sent"):
        await mail_store.settle(connection, trying, outcome.state, outcome.why)
    elif outcome.state == "later" and trying.since_first > GIVE_UP:
        await mail_store.settle(connection, trying, "refused", f"Given up after five days. {outcome.why}")
    elif outcome.state == "later":
        pause = pause_after(trying.attempts)
        if await mail_store.later(connection, trying, outcome.why, pause):
            await _queue(connection, trying.id, trying.letter.kind, trying.attempts, later=pause)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: half a minute, doubled each time, up to an hour."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)


async def mail_round(database: Database, payload: Payload) -> None:
    """Find letters that a dead worker left, queue those that nobody has in hand, and forget old ones."""
    async with database.transaction() as connection:
        await mail_store.find_left_behind(connection, STUCK)
        await mail_store.forget(connection, texts=_TEXTS, addresses=_ADDRESSES)
        if mail_server(settings()) is not None:
            for letter in await mail_store.due(connection, _OVERLOOKED, _ROUND):
                await _queue(connection, letter.id, letter.kind, letter.attempts)


SEND_MAIL = Stage("send_mail", send_mail, at_once=4)
MAIL_ROUND = Stage("mail_round", mail_round, cron="* * * * *")
