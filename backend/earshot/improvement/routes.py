"""Improvement actions for the console: agree them, write down what was done, and see whether it helped.

Every change says which version of the action it is about (If-Match), so that nobody's words are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi import Query as FromQuery

from earshot.analysis.filters import Filter, filters, subtree
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid, NotFound
from earshot.core.work import enqueue
from earshot.improvement import library_stages, library_store, page, register, store
from earshot.improvement.answers import (
    ActionChoices,
    ActionDetail,
    ActionIn,
    ActionList,
    ActionOut,
    CodeName,
    CycleIn,
    Effect,
    InvolvedIn,
    LibraryEntry,
    NewActionIn,
    OwnerChoice,
    RebaseIn,
    ShareIn,
)
from earshot.improvement.library import Entry
from earshot.improvement.measured import measured_by
from earshot.improvement.model import (
    HOW,
    OPEN,
    WHO,
    Action,
    Cycle,
    Given,
    Involved,
    NotNow,
    StaleAction,
    State,
    VersionMissing,
    What,
    check,
    keep_nameless,
    step,
    undone,
)
from earshot.measures.model import measure
from earshot.people.model import Actor, Stream
from earshot.people.routes import allowed, database
from earshot.signals import store as signals
from earshot.signals.model import FEWEST_STAFF, Signal, Was
from earshot.signals.model import NotNow as SignalNotNow
from earshot.signals.model import change as signal_change
from earshot.signals.store import Reader
from earshot.taxonomy.frameworks import frameworks, of_theme

router = APIRouter(prefix="/api/actions", tags=["improvement"])
register_router = APIRouter(prefix="/api", tags=["improvement"])

Seer = Annotated[Actor, Depends(allowed("improvements"))]
Improver = Annotated[Actor, Depends(allowed("improve"))]
Given_ = Annotated[Filter, Depends(filters)]


def version_seen(
    if_match: Annotated[str | None, Header(description='The ETag of the action that was seen, such as "3".')] = None,
) -> int:
    """The version of an action that a change is about; raises `VersionMissing`, and `StaleAction` where it is none."""
    if if_match is None:
        raise VersionMissing
    number = if_match.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise StaleAction
    return int(number)


Version = Annotated[int, Depends(version_seen)]


def reader(actor: Actor) -> Reader:
    """How an actor reads the signals that an action answers."""
    return Reader(actor.account_id, 1 if exact(actor) else FEWEST_STAFF)


def exact(actor: Actor) -> bool:
    """Whether an actor may see single members of staff behind a number."""
    return actor.may_everywhere("signals_of_few")


@router.get("")
async def actions(
    request: Request,
    actor: Seer,
    given: Given_,
    state: Annotated[
        Sequence[State] | None, FromQuery(description="May be given several times; all by default.")
    ] = None,
    theme: Annotated[str | None, FromQuery(max_length=200, pattern=r"^[^\x00]+$")] = None,
    signal: Annotated[UUID | None, FromQuery(description="Only those that answer a signal.")] = None,
) -> ActionList:
    """Actions in view: open ones first, by the day on which they are due."""
    today = date.today()
    async with database(request).transaction(actor.scope) as connection:
        places = await subtree(connection, given.org_id)
        everything = await store.actions(connection, places, streams=given.streams, theme=theme, signal_id=signal)
    shown = [action for action in everything if state is None or action.state in state]
    return ActionList(items=[page.action_out(action, today) for action in shown], counts=page.counts(everything, today))


@router.get("/choices")
async def choices(
    request: Request, actor: Improver, org: Annotated[UUID, FromQuery(description="Where the action is.")]
) -> ActionChoices:
    """What an action's form offers: who can own it, and how people can be involved."""
    async with database(request).transaction(actor.scope) as connection:
        await subtree(connection, org)
        owners = await store.owners(connection, org)
    return ActionChoices(
        owners=[OwnerChoice.model_validate(owner) for owner in owners],
        who=[CodeName(code=code, name=name) for code, name in WHO.items()],
        how=[CodeName(code=code, name=name) for code, name in HOW.items()],
    )


@router.get("/suggested")
async def suggested(
    request: Request,
    actor: Seer,
    theme: Annotated[str | None, FromQuery(max_length=200, pattern=r"^[^\x00]+$")] = None,
    signal: Annotated[UUID | None, FromQuery(description="A signal that something is wanted for.")] = None,
) -> list[LibraryEntry]:
    """What worked elsewhere for a theme or a signal: by the theme's name, or by how close it is to what people say."""
    async with database(request).transaction(actor.scope) as connection:
        if signal is not None:
            found = await signals.one(connection, reader(actor), signal)
            kept = await library_store.near_comments(connection, found.comment_ids, theme or found.label)
            theme = theme or found.label
        elif theme is not None:
            kept = await library_store.near_theme(connection, theme)
        else:
            kept = []
    return [_suggested(one, theme or "") for one in kept]


def _suggested(one: library_store.Kept, theme: str) -> LibraryEntry:
    entry = LibraryEntry.model_validate(one)
    why = f"About the same theme: {theme}." if theme in one.themes else "Close to what people say here."
    return entry.model_copy(update={"near": None if one.near is None else round(one.near, 3), "why": why})


@router.post("", status_code=201)
async def agree(request: Request, response: Response, actor: Improver, given: NewActionIn) -> ActionOut:
    """Agree an action; a signal that it answers counts as acted on."""
    today = date.today()
    wanted = _given(given)
    check(wanted, today)
    async with database(request).transaction(actor.scope) as connection:
        await subtree(connection, given.org_id)
        await _owned(connection, given.org_id, given.owner_id)
        answered = [await signals.one(connection, reader(actor), one) for one in dict.fromkeys(given.signal_ids)]
        streams = _streams(actor, given, answered)
        closed_on = today if given.state in ("finished", "stopped") else None
        made = await store.add(connection, given.org_id, streams, wanted, actor.account_id, closed_on)
        await store.link(connection, made, [signal.id for signal in answered])
        for signal in answered:
            await _acted_on(connection, signal, actor.account_id, given.title)
        await audit.record(
            connection, action="improvement.made", by=actor.account_id, subject=made, org_id=given.org_id
        )
        return _tagged(response, await store.action(connection, made), today)


@router.get("/{improvement_id}")
async def action(request: Request, response: Response, actor: Seer, improvement_id: UUID) -> ActionDetail:
    """One action with its cycles, who was involved, and what became of it; its version in the ETag."""
    async with database(request).transaction(actor.scope) as connection:
        found = await page.detail(connection, reader(actor), improvement_id, may_improve=actor.may("improve"))
    response.headers["ETag"] = f'"{found.action.version}"'
    return found


@router.put("/{improvement_id}")
async def change(
    request: Request, response: Response, actor: Improver, improvement_id: UUID, version: Version, given: ActionIn
) -> ActionOut:
    """Write an action anew, and begin, finish or stop it with its state.

    412 where somebody changed it meanwhile; 409 where its state does not allow that, or where Earshot has already
    looked whether it helped and the measure or the first day would change.
    """
    today = date.today()
    wanted = _given(given)
    async with database(request).transaction(actor.scope) as connection:
        was = await store.action(connection, improvement_id)
        what = step(was, wanted, today)
        if given.owner_id != was.owner_id:
            await _owned(connection, was.org_id, given.owner_id)
        closing = given.state in ("finished", "stopped")
        await store.change(connection, was, version, wanted, (was.closed_on or today) if closing else None)
        await store.tell(connection, improvement_id, what, actor.account_id, was={"state": was.state})
        if what != "changed":
            await audit.record(
                connection, action=f"improvement.{what}", by=actor.account_id, subject=was.id, org_id=was.org_id
            )
        return _tagged(response, await store.action(connection, improvement_id), today)


@router.post("/{improvement_id}/undo")
async def undo(
    request: Request, response: Response, actor: Improver, improvement_id: UUID, version: Version
) -> ActionOut:
    """Take one's own closing back: the action is as it was before."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.action(connection, improvement_id)
        if was.state in OPEN:
            raise NotNow
        closing = undone(await store.events(connection, improvement_id), actor.account_id)
        await store.reopen(connection, improvement_id, version, closing.was["state"])
        await store.tell(connection, improvement_id, "undone", actor.account_id)
        return _tagged(response, await store.action(connection, improvement_id), date.today())


@router.post("/{improvement_id}/cycles")
async def cycle(
    request: Request, response: Response, actor: Improver, improvement_id: UUID, version: Version, given: CycleIn
) -> ActionOut:
    """Write a plan, do, study, act cycle: a new one, or one anew by its number."""
    if given.ended_on is not None and given.ended_on < given.started_on:
        raise Invalid(fields=[FieldError("ended_on", "A cycle cannot end before it begins.")])
    async with database(request).transaction(actor.scope) as connection:
        was = await _open(connection, improvement_id)
        await store.touch(connection, improvement_id, version)
        known = [one.n for one in await store.cycles(connection, improvement_id)]
        if given.n is not None and given.n not in known:
            raise NotFound
        n = given.n or max(known, default=0) + 1
        written = Cycle(**given.model_dump(exclude={"n"}), n=n, by_name=actor.name)
        await store.keep_cycle(connection, was.id, written, actor.account_id)
        await store.tell(connection, improvement_id, "cycle", actor.account_id, note=f"Cycle {n}")
        return _tagged(response, await store.action(connection, improvement_id), date.today())


@router.post("/{improvement_id}/rebase")
async def rebase(
    request: Request, response: Response, actor: Improver, improvement_id: UUID, version: Version, given: RebaseIn
) -> ActionOut:
    """Let the chart begin anew from a day, with a reason, or take such a day back. Looks that were written stay."""
    async with database(request).transaction(actor.scope) as connection:
        await store.action(connection, improvement_id)
        _can_rebase(given)
        await store.touch(connection, improvement_id, version)
        if given.take_back:
            if not await store.unrebase(connection, improvement_id, given.on_day):
                raise NotNow("The chart does not begin anew on that day. Load the page again.")
        else:
            await store.rebase(connection, improvement_id, given.on_day, given.reason, actor.account_id)
        what: What = "unrebased" if given.take_back else "rebased"
        await store.tell(connection, improvement_id, what, actor.account_id, note=given.on_day.isoformat())
        return _tagged(response, await store.action(connection, improvement_id), date.today())


def _can_rebase(given: RebaseIn) -> None:
    """Let a chart begin anew only from a day that has been, with a reason; raises `Invalid`."""
    if given.on_day > date.today():
        raise Invalid(fields=[FieldError("on_day", "Choose a day that has been.")])
    if not given.take_back and not given.reason:
        raise Invalid(fields=[FieldError("reason", "Say why the chart begins anew.")])


@router.post("/{improvement_id}/log")
async def involve(
    request: Request, response: Response, actor: Improver, improvement_id: UUID, version: Version, given: InvolvedIn
) -> ActionOut:
    """Note which group was involved and how far; never who. What tells who somebody is, is refused."""
    keep_nameless("note", given.note)
    async with database(request).transaction(actor.scope) as connection:
        await store.action(connection, improvement_id)
        await store.touch(connection, improvement_id, version)
        noted = Involved(**given.model_dump(), by_name=actor.name)
        await store.involve(connection, improvement_id, noted, actor.account_id)
        await store.tell(connection, improvement_id, "involved", actor.account_id, note=WHO[given.who])
        return _tagged(response, await store.action(connection, improvement_id), date.today())


@router.get("/{improvement_id}/effect")
async def effect(request: Request, actor: Seer, improvement_id: UUID) -> Effect:
    """Whether an action helped: its chart with what happened, the looks at it, and how often such a look is wrong.

    Numbers of members of staff are protected for everybody but guardians.
    """
    async with database(request).transaction(actor.scope) as connection:
        staff = Stream.STAFF.value in (await store.action(connection, improvement_id)).streams
        return await page.effect(connection, improvement_id, exact=not staff or exact(actor))


@router.post("/{improvement_id}/share")
async def share(request: Request, actor: Improver, improvement_id: UUID, given: ShareIn) -> ActionDetail:
    """Put a finished action that helped into the library, in words that somebody read over and that hold no comment.

    The worker takes out names that it still finds before anybody sees the entry.
    """
    for name in ("title", "what_we_heard", "what_we_did"):
        keep_nameless(name, getattr(given, name))
    async with database(request).transaction(actor.scope) as connection:
        was = await store.action(connection, improvement_id)
        asked = measured_by(was)
        if was.state != "finished" or was.verdict != "improved" or asked is None:
            raise NotNow("Only a finished action whose series shifted goes into the library.")
        provider = await library_store.provider(connection, was.org_id)
        entry = Entry(
            provider.name, given.title, given.what_we_heard, given.what_we_did, tuple(was.themes), asked.name,
            was.verdict_sentence, was.look_weeks or 0, was.closed_on,
        )  # fmt: skip
        added = await library_store.add(connection, provider.id, entry, actor.account_id, action_id=was.id)
        if added is None:
            raise NotNow("This is in the library already.")
        await enqueue(connection, "library", library_stages.job([added]))
        await store.tell(connection, improvement_id, "shared", actor.account_id)
        return await page.detail(connection, reader(actor), improvement_id, may_improve=True)


@register_router.get("/register.csv", response_class=Response)
async def register_csv(request: Request, actor: Seer, given: Given_) -> Response:
    """Actions in view as lines for a risk register; cells are inert in a spreadsheet."""
    today = date.today()
    async with database(request).transaction(actor.scope) as connection:
        places = await subtree(connection, given.org_id)
        found = await store.actions(connection, places, streams=given.streams)
    headers = {"Content-Disposition": f'attachment; filename="register-{today.isoformat()}.csv"'}
    return Response(register.render(found, today), media_type="text/csv; charset=utf-8", headers=headers)


def _given(given: ActionIn) -> Given:
    """What was sent, checked against the themes and measures that there are; raises `Invalid`."""
    wrong: list[FieldError] = []
    known = {name for framework in frameworks() for name in framework.names}
    if set(given.themes) - known:
        wrong.append(FieldError("themes", "Choose themes from the list."))
    if given.measure_id is not None and measure(frameworks(), given.measure_id) is None:
        wrong.append(FieldError("measure_id", "Choose a measure from the list."))
    if wrong:
        raise Invalid(fields=wrong)
    return Given(
        given.title, given.what_we_heard, given.what_we_did, given.state, given.owner_id, given.due_on,
        given.started_on, tuple(dict.fromkeys(given.themes)), given.measure_id, given.wanted, given.risk_reference,
        given.risk_address,
    )  # fmt: skip


async def _owned(connection: Connection, org_id: UUID, owner_id: UUID | None) -> None:
    """Let only somebody own an action who can change it; raises `Invalid`."""
    if owner_id is not None and owner_id not in {one.id for one in await store.owners(connection, org_id)}:
        raise Invalid(fields=[FieldError("owner_id", "Choose somebody from the list.")])


def _streams(actor: Actor, given: NewActionIn, answered: Sequence[Signal]) -> list[str]:
    """Whose words an action answers: as said, or those of its signals, or those of its themes; raises `Invalid`."""
    asked = [str(stream) for stream in given.streams or ()]
    found = asked or sorted({stream for signal in answered for stream in signal.streams})
    found = found or sorted({stream for theme in given.themes for stream in of_theme(theme).streams})
    wanted = found or ["carer", "patient"]
    if set(wanted) - {str(stream) for stream in actor.streams}:
        raise Invalid(fields=[FieldError("streams", "Choose among those whose comments you may read.")])
    return list(dict.fromkeys(wanted))


async def _acted_on(connection: Connection, signal: Signal, person: UUID, title: str) -> None:
    """Note on a signal that it was acted on, where its state allows that."""
    now = Was(signal.state, signal.closed_reason, signal.owner_id)
    try:
        made = signal_change(now, "act", person, note=f"A change was agreed: {title}")
    except SignalNotNow:
        return
    await signals.change(connection, signal, made, person, signal.revision)


async def _open(connection: Connection, improvement_id: UUID) -> Action:
    """An action that is still worked on; raises `NotFound`, and `NotNow` for one that is closed."""
    found = await store.action(connection, improvement_id)
    if found.state not in OPEN:
        raise NotNow("This action is closed. Take the closing back first.")
    return found


def _tagged(response: Response, found: Action, today: date) -> ActionOut:
    """An action after a change, its new version in the ETag."""
    response.headers["ETag"] = f'"{found.version}"'
    return page.action_out(found, today)
