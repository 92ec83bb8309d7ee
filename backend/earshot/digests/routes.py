"""Digests for the console: one's own past ones, what the next would say, and which mails one gets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery
from fastapi.responses import HTMLResponse

from earshot.alerts import store as alerts
from earshot.alerts.model import Subscription
from earshot.alerts.schedule import last_due
from earshot.core import mail, mail_stop
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection
from earshot.digests import showing, store
from earshot.digests.answers import DigestCadence, DigestList, DigestOut, DigestPreview, Mail, MailsIn, MailsOut
from earshot.digests.due import by_mail, next_at, together
from earshot.digests.gather import gather
from earshot.digests.html import html
from earshot.digests.model import Digest, Due
from earshot.digests.text import text
from earshot.people.model import Actor
from earshot.people.routes import allowed, database, settings_of

router = APIRouter(prefix="/api/digests", tags=["digests"])
Reader = Annotated[Actor, Depends(allowed("subscribe"))]
Cadence = Annotated[DigestCadence, FromQuery(description="Of which digest.")]
# The mail's own styles stand in it; it runs nothing, loads nothing and sends nothing. The console shows it in a frame,
# out of which its links open in a new tab.
_MAIL_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox",
    "x-frame-options": "SAMEORIGIN",
}
_LISTED = 100


@router.get("")
async def digests(request: Request, actor: Reader) -> DigestList:
    """One's own past digests, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        rows = await store.listed(connection, actor.account_id, _LISTED)
        states = await mail.states(connection, [row.letter_id for row in rows if row.letter_id is not None])
        stopped = await _stopped(connection, actor)
    return DigestList(items=[showing.item(row, states) for row in rows], stopped=stopped)


@router.get("/preview")
async def preview(request: Request, actor: Reader, cadence: Cadence = "weekly") -> DigestPreview:
    """What the next digest of a cadence would say if it were due now. Nothing is sent, and nothing counts as told."""
    async with database(request).transaction(actor.scope) as connection:
        own = await _own(connection, actor, cadence)
        digest = await _next(connection, actor, cadence, own)
        stopped = await _stopped(connection, actor)
    settings = settings_of(request)
    path = mail_stop.unsubscribe_path(KeyFiles(settings.keys), actor.account_id, cadence)
    return DigestPreview(
        digest=showing.shown(digest),
        text=text(digest, console=settings.console_address, unsubscribe=path),
        subscribed=any(by_mail(one) for one in own),
        stopped=cadence in stopped,
        next_at=next_at([one for one in own if by_mail(one)], datetime.now(UTC)),
    )


@router.get("/preview/mail", response_class=HTMLResponse)
async def preview_mail(request: Request, actor: Reader, cadence: Cadence = "weekly") -> HTMLResponse:
    """The same as the HTML mail, as a page of its own that runs and loads nothing."""
    async with database(request).transaction(actor.scope) as connection:
        own = await _own(connection, actor, cadence)
        digest = await _next(connection, actor, cadence, own)
    settings = settings_of(request)
    path = mail_stop.unsubscribe_path(KeyFiles(settings.keys), actor.account_id, cadence)
    page = html(digest, console=settings.console_address, unsubscribe=path)
    return HTMLResponse(page.replace("<head>", '<head><base target="_blank">', 1), headers=_MAIL_HEADERS)


@router.put("/mails")
async def mails(request: Request, actor: Reader, given: MailsIn) -> MailsOut:
    """End a kind of mail, or take it up again. What one would have been told stays in the console."""
    async with database(request).transaction(actor.scope) as connection:
        change = mail_stop.start if given.wanted else mail_stop.stop
        await change(connection, actor.account_id, given.about)
        return MailsOut(stopped=await _stopped(connection, actor))


@router.get("/{digest_id}")
async def digest(request: Request, actor: Reader, digest_id: UUID) -> DigestOut:
    """One of one's own past digests; quotes are not kept."""
    async with database(request).transaction(actor.scope) as connection:
        row = await store.one(connection, actor.account_id, digest_id)
        states = await mail.states(connection, [row.letter_id] if row.letter_id is not None else [])
    return showing.kept(row, states)


async def _own(connection: Connection, actor: Actor, cadence: DigestCadence) -> list[Subscription]:
    own = await alerts.own(connection, actor.account_id)
    return [one for one in own if one.cadence == cadence and one.ended_on is None]


async def _next(connection: Connection, actor: Actor, cadence: DigestCadence, own: list[Subscription]) -> Digest:
    now = datetime.now(UTC)
    if not own:
        due = Due(actor.account_id, cadence, now, "Europe/London", (), (), ())
        return (await gather(connection, actor, due, now)).digest
    return (await gather(connection, actor, together(own, now), last_due(own[0], now))).digest


async def _stopped(connection: Connection, actor: Actor) -> list[Mail]:
    found = {about for _, about in await mail_stop.stopped(connection, [actor.account_id])}
    known: tuple[Mail, ...] = get_args(Mail)
    return [about for about in known if about in found]
