"""The post: which mails wait, were refused or came back, and ending mails with one click."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery
from fastapi.responses import HTMLResponse, Response

from earshot.core import audit, mail, mail_stop, mail_store
from earshot.core.crypto import KeyFiles
from earshot.core.db import Scope
from earshot.core.mail_letter import State
from earshot.core.mail_stop import Stopping
from earshot.core.mail_store import Posted
from earshot.digests.answers import PostCounts, PostedOut, PostOut
from earshot.digests.html import unsubscribe_page
from earshot.digests.model import CannotSendAgain
from earshot.people.model import Actor
from earshot.people.routes import allowed, database, settings_of

router = APIRouter(prefix="/api/post", tags=["post"])
pages = APIRouter()
Postmaster = Annotated[Actor, Depends(allowed("post"))]


@router.get("")
async def post(
    request: Request,
    actor: Postmaster,
    state: Annotated[State | None, FromQuery(description="Mails in one state only.")] = None,
    limit: Annotated[int, FromQuery(ge=1, le=500)] = 100,
) -> PostOut:
    """The newest mails to people of one's own places, and how many are in each state; never what they say."""
    async with database(request).transaction(actor.scope) as connection:
        rows = await mail_store.listed(connection, state, limit)
        counts = await mail_store.counted(connection)
    settings = settings_of(request)
    return PostOut(
        server=settings.smtp_url is not None,
        sender=settings.mail_from,
        counts=PostCounts(**counts),
        items=[_out(row) for row in rows],
    )


@router.post("/{letter_id}/send-again")
async def send_again(request: Request, actor: Postmaster, letter_id: UUID) -> PostedOut:
    """Try a mail once more that was refused or perhaps sent; 409 where it was sent or what it said is gone."""
    async with database(request).transaction(actor.scope) as connection:
        if not await mail.send_again(connection, letter_id):
            raise CannotSendAgain
        await audit.record(connection, action="post.send_again", by=actor.account_id, subject=letter_id)
        return _out(await mail_store.one(connection, letter_id))


def _out(row: Posted) -> PostedOut:
    again = row.kept and row.state in ("maybe_sent", "refused", "bounced")
    return PostedOut(
        id=row.id, name=row.name, address=row.address, kind=row.kind, state=row.state, why=row.why,
        attempts=row.attempts, posted_at=row.posted_at, due_at=row.due_at, tried_at=row.tried_at,
        settled_at=row.settled_at, may_send_again=again,
    )  # fmt: skip


async def ask(request: Request) -> Response:
    """The page behind the link in a mail: it changes nothing until the button is pressed, as scanners open links."""
    found = _stopping(request)
    if found is None:
        return HTMLResponse(unsubscribe_page("unknown"), 404)
    return HTMLResponse(unsubscribe_page("asks", mail_stop.MAILS[found.about]))


async def end(request: Request) -> Response:
    """End a kind of mail: by the page's button, or by a mail programme in one click (RFC 8058)."""
    found = _stopping(request)
    if found is None:
        return HTMLResponse(unsubscribe_page("unknown"), 404)
    async with database(request).transaction(Scope((), (), account_id=found.account_id)) as connection:
        await mail_stop.stop(connection, found.account_id, found.about)
    return HTMLResponse(unsubscribe_page("stopped", mail_stop.MAILS[found.about]))


def _stopping(request: Request) -> Stopping | None:
    return mail_stop.stopping(KeyFiles(settings_of(request).keys), request.path_params["token"])


pages.add_route("/unsubscribe/{token}", ask, methods=["GET"], include_in_schema=False)
pages.add_route("/unsubscribe/{token}", end, methods=["POST"], include_in_schema=False)
