"""The public door: choose a place, fill in its form, be thanked; and the same for programmes (`api.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from earshot.core.db import Database
from earshot.core.errors import Invalid, NotFound, Unavailable
from earshot.intake import pages, store
from earshot.intake.acceptance import Acceptance
from earshot.intake.api import SubmissionsApi
from earshot.intake.doors import Doors
from earshot.intake.forms import form_for
from earshot.intake.model import AUDIENCES, Audience, Door, Form, Submission
from earshot.intake.pages import FormPage

_MOST_FIELDS = 40  # of a posted form; ours has about ten


def public_router(database: Database, acceptance: Acceptance) -> APIRouter:
    """Every route of the public door; its pages are plain HTML and stay out of the OpenAPI document."""
    router, doors = APIRouter(), Doors(database)
    SubmissionsApi(doors, acceptance).add_to(router)  # first: routes are tried in turn, and this one is in a hurry
    public = PublicPages(database, doors, acceptance)
    router.add_route("/", public.choose, methods=["GET"], include_in_schema=False)
    router.add_route("/", public.find, methods=["POST"], include_in_schema=False)
    router.add_route("/f/{token:path}", public.show, methods=["GET"], include_in_schema=False)
    router.add_route("/f/{token:path}", public.send, methods=["POST"], include_in_schema=False)
    router.add_route("/thanks/{audience}", public.thank, methods=["GET"], include_in_schema=False)
    return router


@dataclass(frozen=True)
class PublicPages:
    """The pages that people see. None sets a cookie, and no address ever carries what somebody wrote."""

    database: Database
    doors: Doors
    acceptance: Acceptance

    async def choose(self, _request: Request) -> Response:
        """The start page: open organisations with a form."""
        return await self._chooser()

    async def find(self, request: Request) -> Response:
        """The start page with the places whose names hold what was typed; posted, so that no address keeps it."""
        return await self._chooser(typed=(await _fields(request)).get("place", "").replace("\0", "")[:100])

    async def show(self, request: Request) -> Response:
        """An empty form. A link that nobody knows leads to the start page, never to an error."""
        token = request.path_params["token"].strip("/")
        try:
            self.acceptance.ready()
            door = await self._door(token)
        except Unavailable as error:
            return HTMLResponse(pages.closed(), error.status, headers=dict(error.headers))
        if door is None:
            return await self._chooser(unknown=True)
        form = form_for(_audience(request.query_params.get("as")) or door.audience)
        return HTMLResponse(FormPage(form, token, door).html())

    async def send(self, request: Request) -> Response:
        """Keep what was sent and thank, or show the same form with what was typed and what is to be put right."""
        token, fields = request.path_params["token"].strip("/"), await _fields(request)
        audience, door = _audience(fields.get("audience")), None
        try:
            door = await self._door(token)
            if door is None:
                return await self._chooser(unknown=True)
            form = form_for(audience or door.audience)
            submission = _submission(door, form, fields)
            await self.acceptance.accept(submission, channel="form", once=_once(fields))
        except Invalid as error:
            page = FormPage(form, token, door, fields, error.fields, once=_once(fields) or pages.fresh_once())
            return HTMLResponse(page.html(), error.status)
        except Unavailable as error:
            form = form_for(audience or (door.audience if door is not None else "patient"))
            page = FormPage(form, token, door, fields, once=_once(fields) or pages.fresh_once(), closed=True)
            return HTMLResponse(page.html(), error.status, headers=dict(error.headers))
        return RedirectResponse(f"/thanks/{form.audience}", 303)

    async def thank(self, request: Request) -> Response:
        """The answer page: the same for everybody of one audience."""
        audience = _audience(request.path_params["audience"])
        if audience is None:
            raise NotFound
        return HTMLResponse(pages.thanks(audience))

    async def _door(self, token: str) -> Door | None:
        return None if "\0" in token else await self.doors.by_token(token)

    async def _chooser(self, *, typed: str = "", unknown: bool = False) -> Response:
        try:
            async with self.database.transaction() as connection:
                places = await store.places(connection, typed.split())
        except Unavailable as error:
            return HTMLResponse(pages.closed(), error.status, headers=dict(error.headers))
        return HTMLResponse(pages.chooser(places, typed=typed, unknown=unknown))


async def _fields(request: Request) -> dict[str, str]:
    """The text fields of a posted form; files are refused."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _submission(door: Door, form: Form, fields: Mapping[str, str]) -> Submission:
    score = fields.get(form.score.code, "")
    return Submission(
        org_id=door.org_id,
        form=form,
        answers={code: fields[code] for code in form.texts if code in fields},
        fft=None if score == "" else int(score) if score in form.score.values else 0,
        about={code: fields[code] for code in form.choices if fields.get(code)},
    )


def _audience(named: str | None) -> Audience | None:
    return next((audience for audience in AUDIENCES if audience == named), None)


def _once(fields: Mapping[str, str]) -> str | None:
    """The form's hidden field, which makes a second click on Send the same submission."""
    once = fields.get("once", "")
    return once if 8 <= len(once) <= 64 and once.isascii() and once.isprintable() else None
