"""The worker's part: who is due, one digest per person and period, and the guardians' daily reminder.

A digest, its letter, the letter's job and the note that its alerts were told are one transaction, and a person's period
stands in the database once: a second scheduler, a job that runs twice or a worker that dies leave one mail.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from earshot.alerts import store as alerts
from earshot.alerts.model import Subscription
from earshot.alerts.schedule import last_due
from earshot.core import mail, mail_stop
from earshot.core.config import Settings, settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Database
from earshot.core.mail import Letter
from earshot.core.work import Payload, Stage, enqueue, held_keys
from earshot.digests import notice, showing, store
from earshot.digests.compose import subject
from earshot.digests.due import by_mail, due, earlier, together
from earshot.digests.gather import Gathered, gather
from earshot.digests.html import html
from earshot.digests.model import Digest, DigestState, Due
from earshot.digests.store import Before
from earshot.digests.text import text
from earshot.people import store as people
from earshot.people.model import Actor

_NOTHING_NEW_AGAIN = timedelta(days=7)  # "nothing new" is not said more often than this


async def digest_round(database: Database, payload: Payload) -> None:
    """Subscriptions whose time has come → a job for each person and period that was not looked after yet."""
    async with database.transaction() as connection:
        await store.forget(connection)
        found = due(await alerts.subscriptions(connection), datetime.now(UTC))
        if not found:
            return
        people_due = list({one.account_id for one in found})
        stopped = await mail_stop.stopped(connection, people_due)
        done = await store.done(connection, people_due, min(one.period for one in found))
        held = await held_keys(connection, DIGEST.name)
        for one in found:
            looked_after = (one.account_id, one.cadence, one.period) in done or _key(one) in held
            if (one.account_id, one.cadence) not in stopped and not looked_after:
                await _queue(connection, one)


async def _queue(connection: Connection, one: Due) -> None:
    payload = {"account": one.account_id, "cadence": one.cadence, "period": one.period.isoformat()}
    await enqueue(connection, DIGEST.name, payload, key=_key(one), priority=-1)


def _key(one: Due) -> str:
    return f"digest/{one.account_id}/{one.cadence}/{one.period.isoformat()}"


async def write_digest(database: Database, payload: Payload) -> None:
    """One person's digest of one period → its row and its letter, or nothing where that was done before."""
    period = datetime.fromisoformat(payload["period"])
    async with database.transaction() as connection:
        await write(connection, settings(), UUID(payload["account"]), payload["cadence"], period)


async def write(connection: Connection, config: Settings, account_id: UUID, cadence: str, period: datetime) -> None:
    """The same in the caller's transaction."""
    actor = await _actor(connection, account_id)
    own = await _own(connection, account_id, cadence, period)
    if actor is None or not own:
        return
    one, before = together(own, period), await store.before(connection, account_id, cadence, period)
    gathered = await gather(connection, actor, one, before.period if before else earlier(one, own[0]))
    state = state_of(gathered.digest, before, period)
    made = await store.add(connection, account_id, cadence, period, state, showing.content(gathered.digest))
    if made is None:
        return
    if state != "silent":
        letter_id = await mail.post(connection, _letter(gathered.digest, one, actor, config))
        if letter_id is not None:
            await store.sent_by(connection, made, letter_id)
    await _tell(connection, gathered)


def state_of(digest: Digest, before: Before | None, period: datetime) -> DigestState:
    """What becomes of a digest: "nothing new" is said once, and then nothing until there is something to tell."""
    if not digest.places:  # what was subscribed to is no longer theirs to see
        return "silent"
    if digest.news:
        return "news"
    if before is None:
        return "nothing_new"
    recently = before.nothing_new_at is not None and before.nothing_new_at > period - _NOTHING_NEW_AGAIN
    return "silent" if before.told_nothing_new or recently else "nothing_new"


async def _tell(connection: Connection, gathered: Gathered) -> None:
    if gathered.alert_ids:
        await alerts.mark_told(connection, gathered.alert_ids, gathered.digest.period)


async def _actor(connection: Connection, account_id: UUID) -> Actor | None:
    """Whoever a digest is for, where they may still sign in and have a role."""
    account = await people.account(connection, account_id)
    grants = await people.grants(connection, account_id)
    return None if account.disabled or not grants else Actor(account.id, account.name, account.email, grants)


async def _own(connection: Connection, account_id: UUID, cadence: str, period: datetime) -> list[Subscription]:
    """The subscriptions of a person that are due at a moment."""
    now = datetime.now(UTC)
    return [
        one
        for one in await alerts.own(connection, account_id)
        if one.cadence == cadence and by_mail(one) and one.ended_on is None and not one.asleep(now)
        if last_due(one, period) == period
    ]


def _letter(digest: Digest, one: Due, actor: Actor, config: Settings) -> Letter:
    console = config.console_address
    path = mail_stop.unsubscribe_path(KeyFiles(config.keys), actor.account_id, digest.cadence)
    return Letter(
        key=_key(one),
        to=actor.email,
        account_id=actor.account_id,
        kind="digest",
        subject=subject(digest),
        text=text(digest, console=console, unsubscribe=path),
        html=html(digest, console=console, unsubscribe=path),
        unsubscribe=f"{console}{path}",
    )


async def remind_guardians(database: Database, payload: Payload) -> None:
    """Each guardian's reminder of today, once, from its hour on."""
    day = notice.day_of(datetime.now(UTC))
    if day is None:
        return
    config = settings()
    async with database.transaction() as connection:
        for guardian in await store.guardians(connection, notice.day_prefix(day)):
            path = mail_stop.unsubscribe_path(KeyFiles(config.keys), guardian.account_id, "notice")
            letter = notice.letter(
                guardian.account_id, guardian.email, day, console=config.console_address, unsubscribe=path
            )
            await mail.post(connection, letter)


DIGEST_ROUND = Stage("digest_round", digest_round, cron="*/5 * * * *")
DIGEST = Stage("digest", write_digest, at_once=4)
REMIND_GUARDIANS = Stage("remind_guardians", remind_guardians, cron="*/5 * * * *")
