"""The demonstration's whole loop: changes that were agreed, whether they helped, who is told, what the public reads.

It waits until everything was read and looked at once, since a change is judged by the comments and answers signals that
are only found then. Each step is one transaction that leaves what it made behind and is not made twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from earshot.alerts import store as alerts
from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage, enqueue, unfinished_of
from earshot.demonstration.changes import CHANGES, LISTENING, SUBSCRIBED_FOR, WISHES, Changed
from earshot.improvement import store as improvements
from earshot.improvement.stages import look_at
from earshot.people import store as accounts
from earshot.people.model import Actor
from earshot.publishing import store as publications
from earshot.publishing import writing
from earshot.publishing.model import Draft
from earshot.signals import store as signals
from earshot.signals.model import change as changed
from earshot.signals.page import was
from earshot.signals.store import Reader

_BUSY = ("deidentify", "analyse", "rollup", "scan", "raise_one")
_AGAIN = timedelta(seconds=5)
_SOON = timedelta(seconds=20)  # until alerts and praise are there to be told
_BRIEF = 1
_STREAMS = ("patient", "carer")
_PUBLISHED_WEEKS = 20  # before the change, of what the public page compares


@dataclass(frozen=True)
class _Cast:
    """Who does what in the loop, and the last day of the demonstration."""

    people: Mapping[str, UUID]
    places: Mapping[str, UUID]
    last: date


_BEGUN = Query(bool, "SELECT EXISTS (SELECT FROM improvement_action WHERE org_id = ANY ($1))")
_PUBLISHED = Query(bool, "SELECT EXISTS (SELECT FROM publication WHERE improvement_id = $1)")
_SUBSCRIBED = Query(bool, "SELECT EXISTS (SELECT FROM subscription WHERE account_id = ANY ($1))")
_AGREED = Statement("UPDATE improvement_action SET made_on = $2, closed_on = $3 WHERE id = $1")
_SINCE = Statement("UPDATE subscription SET made_on = $2 WHERE account_id = ANY ($1)")
# What a change answers: everything that stands out at its place about one of its themes.
_ANSWERED = Query(
    UUID,
    """
    SELECT id FROM signal
    WHERE org_id = $1 AND label = ANY ($2) AND state IN ('new', 'acknowledged') AND streams <@ $3
    ORDER BY id
    """,
)
_GOING_ON = Query(
    UUID,
    "SELECT id FROM signal WHERE state IN ('new', 'reopened') AND raised_at > now() - interval '35 days' ORDER BY id",
)


async def plan_loop(connection: Connection, people: Mapping[str, UUID], places: Mapping[str, UUID], last: date) -> None:
    """Queue the loop inside the caller's transaction; `people` by their short names, `places` by their codes."""
    payload = {"people": people, "places": places, "last": last.isoformat()}
    await enqueue(connection, LOOP.name, payload, priority=-4)


async def loop(database: Database, payload: Payload) -> None:
    """Invented changes, subscriptions and a publication, once all was read; comes back until then."""
    cast = _Cast(
        {name: UUID(account) for name, account in payload["people"].items()},
        {code: UUID(place) for code, place in payload["places"].items()},
        date.fromisoformat(payload["last"]),
    )
    async with database.transaction() as connection:
        if await unfinished_of(connection, _BUSY):
            await enqueue(connection, LOOP.name, payload, priority=_BRIEF, later=_AGAIN)
            return
        if not await _BEGUN.one(connection, [cast.places[change.org] for change in CHANGES]):
            for change in CHANGES:
                await _agree(connection, change, cast)
    await _publish(database, cast)
    async with database.transaction() as connection:
        await _subscribe(connection, cast)


async def _agree(connection: Connection, change: Changed, cast: _Cast) -> None:
    """An action as it stands now, with its cycles and people, judged by its series."""
    owner, org_id = cast.people[change.owner], cast.places[change.org]
    given = change.given(owner, cast.last)
    closed = None if change.closed is None else cast.last - timedelta(change.closed)
    made = await improvements.add(connection, org_id, _STREAMS, given, owner, closed)
    await _AGREED.run(connection, made, cast.last - timedelta(change.agreed), closed)
    for n in range(1, len(change.cycles) + 1):
        await improvements.keep_cycle(connection, made, change.cycle(n, cast.last), owner)
    for group in change.people(cast.last):
        await improvements.involve(connection, made, group, owner)
    if change.answers_signals:
        await _answer(connection, made, change, owner, org_id)
    await look_at(connection, await improvements.action(connection, made), date.today())


async def _answer(connection: Connection, action: UUID, change: Changed, owner: UUID, org_id: UUID) -> None:
    """Link the signals that a change answers, and say that they were acted on."""
    found = await _ANSWERED.all(connection, org_id, list(change.themes), list(_STREAMS))
    await improvements.link(connection, action, found)
    for signal_id in found:
        signal = await signals.one(connection, Reader(owner, 1), signal_id)
        made = changed(was(signal), "act", owner, note=change.title)
        await signals.change(connection, signal, made, owner, signal.revision)


async def _publish(database: Database, cast: _Cast) -> None:
    """The proven change on the public page: written by one of the invented people, let out by another."""
    writer, approver = [await _actor(database, cast.people[name]) for name in ("manager", "quality")]
    async with database.transaction(writer.scope) as connection:
        proven = await _proven(connection, cast)
        if proven is None or await _PUBLISHED.one(connection, proven):
            return
        draft = _draft(cast.last)
        made = await writing.begin(connection, writer.account_id, cast.places[LISTENING.org], "patients", proven, draft)
    async with database.transaction(approver.scope) as connection:
        waiting = await publications.one(connection, made)
        await writing.approve(connection, approver.account_id, waiting, waiting.revision)


async def _proven(connection: Connection, cast: _Cast) -> UUID | None:
    actions = await improvements.actions(connection, [cast.places[LISTENING.org]], ["finished"])
    return next((action.id for action in actions if action.title == LISTENING.title), None)


def _draft(last: date) -> Draft:
    began = last - timedelta(LISTENING.began or 0)
    return Draft(
        title="Listening on the maternity ward",
        heard="Some women told us that nobody listened to them, and that we made choices without asking.",
        did="Now every ward round starts with one question: what matters to you today? We write your answer on a board "
        "by your bed. The next nurse or midwife reads it first.",
        theme=None,
        since=began - timedelta(weeks=_PUBLISHED_WEEKS),
        until=last,
        changed_on=began,
    )


async def _subscribe(connection: Connection, cast: _Cast) -> None:
    """What the invented people want to be told of, and all that goes on now told to them."""
    wanting = list({cast.people[wanted.who] for wanted in WISHES})
    if await _SUBSCRIBED.one(connection, wanting):
        return
    for wanted in WISHES:
        await alerts.add(connection, cast.people[wanted.who], wanted.wish(cast.places))
    await _SINCE.run(connection, wanting, date.today() - SUBSCRIBED_FOR)
    going_on: Sequence[UUID] = await _GOING_ON.all(connection)
    await enqueue(connection, "route_signals", {"signals": going_on})
    await enqueue(connection, "praise", {}, key="praise")
    await enqueue(connection, "digest_round", {}, key="digest_round", later=_SOON)


async def _actor(database: Database, account_id: UUID) -> Actor:
    async with database.transaction() as connection:
        account = await accounts.account(connection, account_id)
        grants = await accounts.grants(connection, account_id)
    return Actor(account.id, account.name, account.email, grants)


LOOP = Stage("demonstration_loop", loop, at_once=1)
