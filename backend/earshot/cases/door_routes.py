"""The public pages of speaking up. None sets a cookie, and no address, title or log ever carries a receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from earshot.cases import filing, pages, sealing
from earshot.cases.door_api import Filing, Place, SpeakUpClosed
from earshot.cases.filing import EXCLUDABLE_ROLES, Excluded, NobodyLeft, Report
from earshot.cases.guessing import FILINGS, LOOKUPS, Turns
from earshot.cases.model import Way
from earshot.cases.pages import SpeakUpPage
from earshot.cases.receipts import proof_of_filing
from earshot.cases.receipts_api import Receipts
from earshot.cases.receipts_routes import ReceiptPages
from earshot.core.budget import TooOften
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import FieldError, Invalid, Unavailable
from earshot.core.visitors import Visitors
from earshot.intake import store
from earshot.intake.doors import Doors
from earshot.intake.model import AUDIENCES, Audience
from earshot.intake.pages import fresh_once

_MOST_FIELDS = 300  # of a posted form: one for each person who may be ticked


def speak_up_router(database: Database, keys: KeyFiles, visitors: Visitors) -> APIRouter:
    """Every route of speaking up at the public door; the pages are plain HTML and stay out of the OpenAPI document."""
    router, doors = APIRouter(), Doors(database)
    filing_ = Filing(database, keys, doors, Turns(database, visitors, "file", FILINGS))
    receipts = Receipts(database, keys, Turns(database, visitors, "receipt", LOOKUPS))
    filing_.add_to(router)
    receipts.add_to(router)
    ReceiptPages(receipts).add_to(router)
    SpeakUpPages(filing_).add_to(router)
    return router


@dataclass(frozen=True)
class SpeakUpPages:
    """Choosing a place, the form, and the receipt that answers it."""

    filing: Filing

    def add_to(self, router: APIRouter) -> None:
        """Add the pages."""
        for path, page, method in (
            ("/s", self.choose, "GET"),
            ("/s", self.find, "POST"),
            ("/s/{token:path}", self.show, "GET"),
            ("/s/{token:path}", self.send, "POST"),
        ):
            router.add_route(path, page, methods=[method], include_in_schema=False)

    async def choose(self, _request: Request) -> Response:
        """Where is it about?"""
        return await self._places()

    async def find(self, request: Request) -> Response:
        """The places whose names hold what was typed; posted, so that no address keeps it."""
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            return await self._places(typed=_line(form, "place").replace("\0", "")[:100])

    async def show(self, request: Request) -> Response:
        """An empty form; a link that nobody knows leads to the places."""
        token, asked = request.path_params["token"].strip("/"), _audience(request.query_params.get("as"))
        try:
            place = await self.filing.place(token, asked)
        except Unavailable as error:
            return HTMLResponse(pages.shut(error), error.status, headers=dict(error.headers))
        if place is None:
            return await self._places(unknown=True)
        return HTMLResponse(SpeakUpPage(token, place.audience, place).html())

    async def send(self, request: Request) -> Response:
        """Seal and keep a report for a browser that cannot seal, and answer with its receipt.

        The receipt is in the answer itself: behind a redirect it would have to travel in an address.
        """
        token = request.path_params["token"].strip("/")
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            given = _Given(form)
        place = None
        try:
            place = await self.filing.place(token, given.audience)
            if place is None:
                return await self._places(unknown=True)
            await self.filing.turns.wait(request)
            return HTMLResponse(await self._file(given, place))
        except Invalid as error:
            page = given.page(token, place, errors=error.fields, nobody=isinstance(error, NobodyLeft))
            return HTMLResponse(page.html(), error.status)
        except (Unavailable, TooOften) as error:
            trouble = error.message if isinstance(error, TooOften | SpeakUpClosed) else _NOT_SAFE
            page = given.page(token, place, trouble=trouble)
            return HTMLResponse(page.html(), error.status, headers=dict(error.headers))

    async def _file(self, given: _Given, place: Place) -> str:
        once, today = f"{given.once}/{given.digest}", date.today()
        # Drawn from the form's own word and a key, so that a second press on Send shows the same receipt and the same
        # proof once more. The word itself is random and not kept: without it, the key finds neither.
        receipt = filing.receipt_from(self.filing.keys.blind("receipt", once))
        report = given.report(place, salt=self.filing.keys.blind("salt", once)[: sealing.SALT])
        day = self.filing.keys.day_key(today)
        case = filing.seal(report, place.recipients, day, receipt=receipt, today=today)
        kept = await self.filing.keep(case, place.door, once=once)
        proof = proof_of_filing(
            kept.id, kept.received_on, salt=report.salt, text=report.text, content_hash=kept.content_hash
        )
        return pages.filed(sealing.shown(receipt), proof)

    async def _places(self, *, typed: str = "", unknown: bool = False) -> Response:
        try:
            async with self.filing.database.transaction() as connection:
                found = await store.places(connection, typed.split())
        except Unavailable as error:
            return HTMLResponse(pages.shut(error), error.status, headers=dict(error.headers))
        return HTMLResponse(pages.places(found, typed=typed, unknown=unknown))


_NOT_SAFE = "We cannot keep what you wrote safely just now. Wait a minute, then select Send again."
_TYPED = ("way", "text", "name", "reach", "not_to", "earlier")


class _Given:
    """A posted form, as it came."""

    def __init__(self, form: FormData) -> None:
        self.audience = _audience(_line(form, "audience"))
        self.typed: Mapping[str, str] = {name: _line(form, name) for name in _TYPED}
        self.excluded = sorted({value for value in form.getlist("exclude") if isinstance(value, str)})
        once = _line(form, "once")
        self.once = once if 8 <= len(once) <= 64 and once.isascii() and once.isprintable() else fresh_once()

    @property
    def digest(self) -> str:
        """What tells other words from the same form sent twice."""
        return hashlib.sha256(json.dumps([self.audience, self.typed, self.excluded]).encode()).hexdigest()

    def report(self, place: Place, *, salt: bytes) -> Report:
        """What was said; raises `Invalid` naming each field that is wrong."""
        typed = self.typed
        return Report(
            org_id=place.door.org_id,
            audience=place.audience,
            way=cast(Way, typed["way"]),  # checked with the rest, so that every error is named at once
            text=typed["text"],
            name=typed["name"],
            reach=typed["reach"],
            not_to=typed["not_to"],
            earlier=typed["earlier"],
            excluded=self._excluded(),
            salt=salt,
        )

    def _excluded(self) -> Excluded:
        roles = frozenset(self.excluded) & frozenset(EXCLUDABLE_ROLES)
        try:
            return Excluded(frozenset(UUID(value) for value in self.excluded if value not in roles), roles)
        except ValueError:
            raise Invalid(fields=[FieldError("exclude", "Choose from the people on this page")]) from None

    def page(self, token: str, place: Place | None, **shown: object) -> SpeakUpPage:
        """The form once more, with everything that was typed."""
        audience = self.audience or (place.audience if place is not None else "staff")
        return SpeakUpPage(  # what is shown beside: errors, trouble, nobody
            token,
            audience,
            place,
            self.typed,
            self.excluded,
            once=self.once,
            **shown,  # type: ignore[arg-type]
        )


def _line(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _audience(named: str | None) -> Audience | None:
    return next((audience for audience in AUDIENCES if audience == named), None)
