"""The public page's desk in the console: drafts, their reading age, approving, withdrawing and taking back.

Every change says which version of the publication it is about (If-Match), so that nobody's work is lost.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi import Query as FromQuery
from fastapi.responses import HTMLResponse

from earshot.analysis.filters import subtree
from earshot.core.db import Connection
from earshot.measures.disclosure import QUOTES_FEWEST
from earshot.orgs import store as orgs
from earshot.people.model import Actor
from earshot.people.routes import allowed, database, settings_of
from earshot.publishing import pages, quotes, showing, store, suggesting, writing
from earshot.publishing.answers import (
    PublicationIn,
    PublicationOut,
    PublicationRow,
    QuotableOut,
    QuotablesOut,
    ReadingOut,
    SuggestionOut,
    TextIn,
    WithdrawIn,
    WordsIn,
    reading_out,
)
from earshot.publishing.model import StalePublication, VersionMissing, Whose
from earshot.publishing.reading_age import read

router = APIRouter(prefix="/api/publications", tags=["publications"])

Writer = Annotated[Actor, Depends(allowed("improve"))]
Publisher = Annotated[Actor, Depends(allowed("publish"))]
ThemeName = Annotated[str | None, FromQuery(max_length=200, pattern=r"^[^\x00]*$")]


def version_seen(
    if_match: Annotated[str | None, Header(description='The revision that was seen, such as "3".')] = None,
) -> int:
    """The revision that a change is about; raises `VersionMissing`, and `StalePublication` where it is none."""
    if if_match is None:
        raise VersionMissing
    number = if_match.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise StalePublication
    return int(number)


Seen = Annotated[int, Depends(version_seen)]


@router.get("")
async def publications(
    request: Request,
    actor: Writer,
    org: Annotated[UUID | None, FromQuery(description="An organisation: it and all below it.")] = None,
) -> list[PublicationRow]:
    """Everything written for the public page, those written last first."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.listed(connection, await subtree(connection, org))
        return await showing.rows(connection, actor, found)


@router.post("", status_code=201)
async def begin(request: Request, actor: Writer, given: PublicationIn) -> PublicationOut:
    """Write a first draft; its counts are frozen now."""
    async with database(request).transaction(actor.scope) as connection:
        await orgs.org(connection, given.org_id)
        writing.may_read(actor, given.whose)
        made = await writing.begin(
            connection, actor.account_id, given.org_id, given.whose, given.improvement_id, given.draft()
        )
        return await showing.detail(connection, actor, await store.one(connection, made), _home(request))


@router.post("/reading-age")
async def reading_age(_actor: Writer, given: TextIn) -> ReadingOut:
    """How old somebody must be to read a text with ease, and which of its words are hard. Nothing is kept."""
    return reading_out(read(given.text))


@router.get("/quotes")
async def quotables(
    request: Request,
    actor: Writer,
    org: UUID,
    since: Annotated[date, FromQuery(alias="from")],
    until: Annotated[date, FromQuery(alias="to")],
    whose: Whose = "patients",
    theme: ThemeName = None,
) -> QuotablesOut:
    """Comments that may be quoted in public, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        await orgs.org(connection, org)
        writing.may_read(actor, whose)
        found = await quotes.quotable(connection, org, whose, theme, since, until)
    items = [QuotableOut(id=one.id, text=one.text, said_on=one.said_on) for one in found]
    return QuotablesOut(fewest=QUOTES_FEWEST, items=items)


@router.get("/suggestion")
async def suggestion(
    request: Request,
    actor: Writer,
    improvement: Annotated[UUID | None, FromQuery(description="An improvement action to tell of.")] = None,
    org: Annotated[UUID | None, FromQuery(description="A place to tell of, where there is no action.")] = None,
    theme: ThemeName = None,
) -> SuggestionOut:
    """A first draft made from an improvement action, or from a theme's counts in a place."""
    async with database(request).transaction(actor.scope) as connection:
        if org is not None:
            await orgs.org(connection, org)
        if improvement is not None:
            return await suggesting.from_action(connection, improvement)
        return await suggesting.from_theme(connection, org, theme)


@router.get("/{publication_id}")
async def publication(request: Request, actor: Writer, publication_id: UUID, response: Response) -> PublicationOut:
    """One publication with all its versions and what was done with it."""
    async with database(request).transaction(actor.scope) as connection:
        return await _shown(request, response, connection, actor, publication_id)


@router.get("/{publication_id}/preview", response_class=HTMLResponse)
async def preview(request: Request, actor: Writer, publication_id: UUID) -> Response:
    """The newest version exactly as the public page will show it."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.one(connection, publication_id)
        place = await orgs.org(connection, found.org_id)
    items = [pages.item_of(found, found.versions[0])]
    return HTMLResponse(pages.place_page(place, items, home=_home(request), preview=True))


@router.put("/{publication_id}")
async def change(
    request: Request, actor: Writer, publication_id: UUID, seen: Seen, given: WordsIn, response: Response
) -> PublicationOut:
    """Change the draft, or begin a correction of what is public; counts are frozen anew."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.one(connection, publication_id)
        await writing.change(connection, actor.account_id, found, given.draft(), seen)
        return await _shown(request, response, connection, actor, publication_id)


@router.delete("/{publication_id}/draft", status_code=204)
async def discard(request: Request, actor: Writer, publication_id: UUID, seen: Seen) -> None:
    """Throw the draft away."""
    async with database(request).transaction(actor.scope) as connection:
        await writing.discard(connection, await store.one(connection, publication_id), seen)


@router.post("/{publication_id}/approve")
async def approve(
    request: Request, actor: Publisher, publication_id: UUID, seen: Seen, response: Response
) -> PublicationOut:
    """Let the draft onto the public page; 403 for whoever wrote some of it."""
    async with database(request).transaction(actor.scope) as connection:
        await writing.approve(connection, actor.account_id, await store.one(connection, publication_id), seen)
        return await _shown(request, response, connection, actor, publication_id)


@router.post("/{publication_id}/withdraw")
async def withdraw(
    request: Request, actor: Publisher, publication_id: UUID, seen: Seen, given: WithdrawIn, response: Response
) -> PublicationOut:
    """Take it off the public page at once."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.one(connection, publication_id)
        await writing.withdraw(connection, actor.account_id, found, given.because, seen)
        return await _shown(request, response, connection, actor, publication_id)


@router.post("/{publication_id}/undo")
async def undo(
    request: Request, actor: Publisher, publication_id: UUID, seen: Seen, response: Response
) -> PublicationOut:
    """Take the last approval or withdrawal back."""
    async with database(request).transaction(actor.scope) as connection:
        await writing.undo(connection, actor.account_id, await store.one(connection, publication_id), seen)
        return await _shown(request, response, connection, actor, publication_id)


async def _shown(
    request: Request, response: Response, connection: Connection, actor: Actor, publication_id: UUID
) -> PublicationOut:
    found = await store.one(connection, publication_id)
    response.headers["ETag"] = f'"{found.revision}"'
    return await showing.detail(connection, actor, found, _home(request))


def _home(request: Request) -> str:
    return settings_of(request).public_address
