"""Returns for the console: which there are, one as it stands, typing in, exporting, and noting it as sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as FromPath
from fastapi import Query as FromQuery

from earshot.analysis.export import MEDIA, Kind
from earshot.cases import returns_reading as reading
from earshot.cases import returns_store as store
from earshot.cases.returns import Filled, checked, kept_small, missing
from earshot.cases.returns_answers import (
    CodesOut,
    PackOut,
    ReturnOut,
    SendIn,
    SentOut,
    TypedIn,
    check_out,
    pack_out,
    period_out,
    place_out,
    reconciled_out,
    section_out,
    sent_out,
    typed_codes,
)
from earshot.cases.returns_file import ReturnFile, render
from earshot.cases.returns_pack import Pack, complaint_codes, packs
from earshot.cases.returns_period import ReturnPeriod, period_of
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid, NotAllowed, NotFound
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/returns", tags=["returns"])
SHOWN = 16  # periods to choose from
Reader = Annotated[Actor, Depends(allowed("returns"))]
PackId = Annotated[str, FromPath(max_length=60, pattern=r"^[a-z0-9-]+$")]


@dataclass(frozen=True)
class Asked:
    """Which return: of whom, for when, whether as it was sent, and whether small numbers are shown."""

    org_id: UUID
    period: date
    sent_id: UUID | None
    exact: bool


def asked(
    org: Annotated[UUID, FromQuery(description="A provider.")],
    period: Annotated[date, FromQuery(description="Any day of the period.")],
    sent: Annotated[UUID | None, FromQuery(description="As it was sent, and not as it stands now.")] = None,
    exact: Annotated[bool, FromQuery(description="Show small numbers: only for those who send the return.")] = False,
) -> Asked:
    """Read what the address asks for."""
    return Asked(org, period, sent, exact)


Given = Annotated[Asked, Depends(asked)]


@dataclass(frozen=True)
class Made:
    """A return, read for one person."""

    pack: Pack
    place: store.Place
    period: ReturnPeriod
    filled: Filled
    hidden: frozenset[str]
    sent: store.Sent | None


def _pack(actor: Actor, pack_id: str) -> Pack:
    found = packs().get(pack_id)
    if found is None:
        raise NotFound
    if not actor.may(found.action):
        raise NotAllowed
    return found


def _period(pack: Pack, day: date) -> ReturnPeriod:
    period = period_of(pack.period, day) if 1 < day.year < 9999 else None
    if period is None or not pack.covers(period) or period.first > date.today():
        raise Invalid(fields=[FieldError("period", "This return is not made for that time. Choose another period.")])
    return period


def _periods(pack: Pack) -> list[ReturnPeriod]:
    """Those that may be looked at, newest first: the one that runs, and those before it."""
    found = [period_of(pack.period, min(date.today(), pack.last or date.max))]
    while len(found) < SHOWN:
        found.append(found[-1].before())
    return [period for period in found if pack.covers(period)]


async def _make(connection: Connection, actor: Actor, pack_id: str, given: Asked) -> Made:
    """Read a return inside the person's scope; raises `NotFound`, `NotAllowed` and `Invalid`."""
    pack = _pack(actor, pack_id)
    if given.exact and not actor.may(pack.sends):
        raise NotAllowed
    place = await store.place(connection, actor.places(pack.sends if given.exact else pack.action), given.org_id)
    if given.sent_id is not None:
        sent = await store.one_sent(connection, place.id, pack.id, given.sent_id)
        period, filled = period_of(pack.period, sent.period), reading.sent_again(pack, sent)
    else:
        sent, period = None, _period(pack, given.period)
        filled, _ = await reading.read(connection, pack, place.id, period)
    if given.exact:
        await audit.record(connection, action="return.exact", by=actor.account_id, org_id=place.id)
    return Made(pack, place, period, filled, frozenset() if given.exact else kept_small(filled), sent)


@router.get("")
async def returns(request: Request, actor: Reader) -> list[PackOut]:
    """The returns that one may see, each with its periods and the providers it is made for."""
    async with database(request).transaction(actor.scope) as connection:
        seen = [pack for pack in packs().values() if actor.may(pack.action)]
        seen.sort(key=lambda pack: pack.last is not None)  # what is collected no more comes last
        return [
            pack_out(
                pack,
                _periods(pack),
                await store.places(connection, actor.places(pack.action)),
                may_send=actor.may(pack.sends),
            )
            for pack in seen
        ]


@router.get("/complaint-codes")
async def codes(_actor: Annotated[Actor, Depends(allowed("cases"))]) -> list[CodesOut]:
    """What to note of a complaint that is handed on, so that the yearly return can count it."""
    return [
        CodesOut(name=section.code, title=section.title, codes={line.code: line.label for line in section.rows})
        for section in complaint_codes()
    ]


@router.get("/{pack}")
async def one_return(request: Request, actor: Reader, pack: PackId, given: Given) -> ReturnOut:
    """A return as it stands now or as it was sent, with what is missing and which rules hold."""
    async with database(request).transaction(actor.scope) as connection:
        made = await _make(connection, actor, pack, given)
        earlier = await reading.reconciled(connection, made.pack, made.place.id, made.period, exact=given.exact)
        return ReturnOut(
            pack=made.pack.id,
            title=made.pack.title,
            place=place_out(made.place),
            period=period_out(made.period, made.pack),
            exact=given.exact,
            may_send=made.place.id in await _sendable(connection, actor, made.pack),
            sent=sent_out(made.sent, made.period, made.pack) if made.sent else None,
            sections=[section_out(table, made.hidden) for table in made.filled.tables],
            missing=list(missing(made.filled)),
            checks=[check_out(check) for check in checked(made.filled)],
            reconciles=[reconciled_out(one) for one in earlier],
        )


async def _sendable(connection: Connection, actor: Actor, pack: Pack) -> set[UUID]:
    return {place.id for place in await store.places(connection, actor.places(pack.sends))}


@router.get("/{pack}/export.{kind}", response_class=Response)
async def export_return(request: Request, actor: Reader, pack: PackId, kind: Kind, given: Given) -> Response:
    """A return as CSV or XLSX."""
    async with database(request).transaction(actor.scope) as connection:
        made = await _make(connection, actor, pack, given)
        await audit.record(connection, action="return.exported", by=actor.account_id, org_id=made.place.id)
    file = ReturnFile(
        filled=made.filled,
        org_name=made.place.name,
        ods_code=made.place.ods_code,
        period=made.period,
        hidden=made.hidden,
        exact=given.exact,
        mark=made.sent.hash.hex() if made.sent else None,
    )
    name = f"{made.pack.id}-{made.period.first}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(render(file, kind), media_type=MEDIA[kind], headers=headers)


@router.put("/{pack}/values", status_code=204)
async def type_in(request: Request, actor: Reader, pack: PackId, given: TypedIn) -> Response:
    """Type in numbers that Earshot cannot know; only for those who send the return."""
    async with database(request).transaction(actor.scope) as connection:
        made = await _make(connection, actor, pack, Asked(given.org, given.period, None, True))
        if set(given.values) - typed_codes(made.filled):
            raise Invalid(fields=[FieldError("values", "Some of these numbers are not ones that can be typed in.")])
        await store.type_in(connection, made.place.id, made.pack.id, made.period.first, given.values, actor.account_id)
        await audit.record(connection, action="return.typed", by=actor.account_id, org_id=made.place.id)
    return Response(status_code=204)


@router.get("/{pack}/sent")
async def all_sent(
    request: Request, actor: Reader, pack: PackId, org: Annotated[UUID, FromQuery(description="A provider.")]
) -> list[SentOut]:
    """The returns that were noted as sent, newest period first."""
    async with database(request).transaction(actor.scope) as connection:
        seen = _pack(actor, pack)
        place = await store.place(connection, actor.places(seen.action), org)
        found = await store.sent(connection, place.id, seen.id)
        return [sent_out(sent, period_of(seen.period, sent.period), seen) for sent in found]


@router.post("/{pack}/sent", status_code=201)
async def note_as_sent(request: Request, actor: Reader, pack: PackId, given: SendIn) -> SentOut:
    """Keep the return as it stands now, with its hash, as the one that was sent. Earshot itself sends nothing."""
    async with database(request).transaction(actor.scope) as connection:
        made = await _make(connection, actor, pack, Asked(given.org, given.period, None, True))
        kept = await reading.keep_sent(connection, made.pack, made.place.id, made.period, actor.account_id)
        await audit.record(connection, action="return.sent", by=actor.account_id, subject=kept, org_id=made.place.id)
        sent = await store.one_sent(connection, made.place.id, made.pack.id, kept)
        return sent_out(sent, made.period, made.pack)
