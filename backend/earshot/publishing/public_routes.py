"""The public door's pages of what was heard and done: a list, a place, and the same as open data."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from earshot.core.db import Database
from earshot.orgs import store as orgs
from earshot.orgs.model import Org
from earshot.publishing import open_data, pages, public_store
from earshot.publishing.pages import Item

HOME = "/what-we-heard"


def heard_router(database: Database) -> APIRouter:
    """Every route; plain pages stay out of the OpenAPI document."""
    router, public = APIRouter(), PublicPages(database)
    router.add_route(HOME, public.all_places, methods=["GET"], include_in_schema=False)
    router.add_route(HOME + "/{code}", public.one_place, methods=["GET"], include_in_schema=False)
    router.add_route(HOME + "/{code}/open-data.csv", public.open_data, methods=["GET"], include_in_schema=False)
    return router


@dataclass(frozen=True)
class PublicPages:
    """The pages that anybody reads, under a database role that sees approved versions alone."""

    database: Database

    async def all_places(self, _request: Request) -> Response:
        """Providers that published something."""
        return await self._list()

    async def one_place(self, request: Request) -> Response:
        """What an organisation published, with all below it; an address that nobody knows leads to the list."""
        place, items = await self._published(request)
        if place is None:
            return await self._list(unknown=True)
        return HTMLResponse(pages.place_page(place, items))

    async def open_data(self, request: Request) -> Response:
        """The same as a table."""
        place, items = await self._published(request)
        if place is None:
            return await self._list(unknown=True)
        name = {"content-disposition": 'attachment; filename="what-we-heard.csv"'}
        return Response(open_data.table(items), media_type=open_data.MEDIA, headers=name)

    async def _published(self, request: Request) -> tuple[Org | None, list[Item]]:
        code = request.path_params["code"]
        if "\0" in code:
            return None, []
        async with self.database.transaction() as connection:
            place = await orgs.by_code(connection, code)
            return place, [] if place is None else await public_store.items(connection, place.id)

    async def _list(self, *, unknown: bool = False) -> Response:
        async with self.database.transaction() as connection:
            places = await public_store.providers(connection)
        return HTMLResponse(pages.list_page(places, unknown=unknown), 404 if unknown else 200)
