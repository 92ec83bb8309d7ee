"""Comments for the console."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as FromQuery

from earshot.analysis import browse, export
from earshot.analysis.answers import CommentOut, CommentPage, comment_out
from earshot.analysis.browse import Cursor, Search
from earshot.analysis.filters import Filter, filters, subtree
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.taxonomy.frameworks import themes_under

router = APIRouter(prefix="/api", tags=["comments"])
_NO_NUL = r"^[^\x00]*$"  # Postgres keeps no text with a zero byte, so none can be asked for


def searched(
    given: Annotated[Filter, Depends(filters)],
    theme: Annotated[str | None, FromQuery(pattern=_NO_NUL, max_length=200)] = None,
    cluster: UUID | None = None,
    sentiment: Annotated[list[Annotated[int, FromQuery(ge=1, le=5)]] | None, FromQuery()] = None,
    fft: Annotated[list[Annotated[int, FromQuery(ge=1, le=6)]] | None, FromQuery()] = None,
    language: Annotated[str | None, FromQuery(pattern=_NO_NUL, max_length=8)] = None,
    needs_person: bool | None = None,
    safety: bool | None = None,
    dimension: Annotated[
        str | None,
        FromQuery(pattern=_NO_NUL, max_length=60, description="A dimension of themes, such as `cqc:safe`."),
    ] = None,
    q: Annotated[str | None, FromQuery(max_length=200)] = None,
) -> tuple[UUID | None, Search]:
    """The filters of the comments page; the subtree is looked up inside the person's scope. Raises `Invalid`."""
    themes = None if dimension is None else themes_under(dimension)
    if dimension is not None and themes is None:
        raise Invalid(fields=[FieldError("dimension", "Choose a dimension that `/api/frameworks` names.")])
    query = None if q is None else q.replace("\0", "")
    search = Search(
        since=given.since, until=given.until, streams=given.streams, theme=theme, cluster=cluster,
        sentiments=sentiment, fft=fft, language=language, needs_person=needs_person, query=query, safety=safety,
        themes=themes,
    )  # fmt: skip
    return given.org_id, search


Searched = Annotated[tuple[UUID | None, Search], Depends(searched)]


async def within(connection: Connection, asked: tuple[UUID | None, Search]) -> Search:
    """The search with its subtree; raises `NotFound` for an organisation out of scope."""
    org_id, search = asked
    return replace(search, org_ids=await subtree(connection, org_id))


@router.get("/comments")
async def comments(
    request: Request,
    actor: Annotated[Actor, Depends(allowed("comments"))],
    asked: Searched,
    after: str | None = None,
    limit: Annotated[int, FromQuery(ge=1, le=100)] = 25,
) -> CommentPage:
    """Comments, newest day first."""
    cursor = Cursor.parse(after) if after else None
    async with database(request).transaction(actor.scope) as connection:
        search = await within(connection, asked)
        rows = await browse.page(connection, search, after=cursor, limit=limit + 1)
        total = await browse.count(connection, search)
    more = rows[limit - 1] if len(rows) > limit else None
    return CommentPage(
        items=[comment_out(row) for row in rows[:limit]],
        next=str(Cursor(more.said_on, more.id)) if more else None,
        total=total,
    )


@router.get("/comments/export.{kind}", response_class=Response)
async def export_comments(
    request: Request, actor: Annotated[Actor, Depends(allowed("export"))], asked: Searched, kind: export.Kind
) -> Response:
    """The comments that the filters find, as CSV or XLSX; cells are inert when a spreadsheet opens them."""
    async with database(request).transaction(actor.scope) as connection:
        rows = await browse.page(connection, await within(connection, asked), limit=export.MOST)
        await audit.record(connection, action="comments.exported", by=actor.account_id)
    return Response(
        export.render(rows, kind),
        media_type=export.MEDIA[kind],
        headers={"Content-Disposition": f'attachment; filename="comments.{kind}"'},
    )


@router.get("/comments/{comment_id}")
async def comment(
    request: Request, actor: Annotated[Actor, Depends(allowed("comments"))], comment_id: UUID
) -> CommentOut:
    """One comment."""
    async with database(request).transaction(actor.scope) as connection:
        return comment_out(await browse.one(connection, comment_id))


@router.post("/comments/{comment_id}/looked-at", status_code=204)
async def looked_at(
    request: Request, actor: Annotated[Actor, Depends(allowed("review"))], comment_id: UUID
) -> Response:
    """Say that a person has looked at a comment that needed one."""
    async with database(request).transaction(actor.scope) as connection:
        await browse.one(connection, comment_id)
        await browse.looked_at(connection, comment_id, actor.account_id)
    return Response(status_code=204)
