"""The demonstration's mail box: it takes every mail that this Earshot sends and shows it, and lets none out.

A real SMTP server (aiosmtpd) on a port of this computer alone, and pages that need no script. An HTML mail stands in a
frame of its own that runs nothing, loads nothing and sends nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from earshot.apps import built_pages
from earshot.core.config import Settings, settings
from earshot.core.errors import NotFound
from earshot.core.web import Boundary, speak_plainly
from earshot.running.mailbox_store import MailStore, Sink

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Links open in a new tab, out of the frame.
_MAIL_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox",
    "x-frame-options": "SAMEORIGIN",
}
LARGEST = 2 * 1024 * 1024  # bytes of one mail


def mailbox(given: Settings | None = None) -> Boundary:
    """The pages; the SMTP server that fills them lives as long as they do, on the port of EARSHOT_SMTP_URL."""
    config = given or settings()
    store = MailStore(config.home / "mailbox")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sink = _sink(config, store)
        sink.start()
        yield
        sink.stop(no_assert=True)

    app = FastAPI(title="Earshot: mail box", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    speak_plainly(app)
    app.mount("/public", StaticFiles(directory=built_pages() / "public", check_dir=False))
    pages = _Pages(store)
    app.add_route("/healthz", _healthz, methods=["GET"])
    app.add_route("/", pages.every, methods=["GET"])
    app.add_route("/empty", pages.empty, methods=["POST"])
    app.add_route("/mails/{name}", pages.one, methods=["GET"])
    app.add_route("/mails/{name}/html", pages.html, methods=["GET"])
    app.add_route("/mails/{name}/source", pages.source, methods=["GET"])
    # Nobody is signed in here; see the public door for why a check of the origin would turn people away.
    return Boundary(app, limit=config.body_limit_bytes, deadline=config.body_deadline_seconds, free_of_origin=("/",))


def _sink(config: Settings, store: MailStore) -> Controller:
    where = urlsplit(config.smtp_url or "")
    return Controller(Sink(store), hostname="127.0.0.1", port=where.port or 0, data_size_limit=LARGEST)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


class _Pages:
    """What people see."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def every(self, request: Request) -> Response:
        """All mails, newest first, or those to one person."""
        to = request.query_params.get("to", "")
        mails = self._store.mails()
        shown = [mail for mail in mails if to in ("", mail.to)]
        return _page("mailbox.html", mails=shown, people=sorted({mail.to for mail in mails}), to=to, all=len(mails))

    async def one(self, request: Request) -> Response:
        """One mail: as HTML where it has any, or in plain text."""
        mail = self._store.mail(request.path_params["name"])
        if mail is None:
            raise NotFound
        as_text = mail.html is None or request.query_params.get("as") == "text"
        return _page("mail.html", mail=mail, as_text=as_text)

    async def html(self, request: Request) -> Response:
        """A mail's HTML, for the frame."""
        mail = self._store.mail(request.path_params["name"])
        if mail is None or mail.html is None:
            raise NotFound
        return HTMLResponse(mail.html.replace("<head>", '<head><base target="_blank">', 1), headers=_MAIL_HEADERS)

    async def source(self, request: Request) -> Response:
        """A mail as it came, headers and all."""
        raw = self._store.source(request.path_params["name"])
        if raw is None:
            raise NotFound
        return PlainTextResponse(raw.decode("utf-8", "replace"))

    async def empty(self, _request: Request) -> Response:
        """Delete every mail."""
        self._store.empty()
        return RedirectResponse("/", 303)


def _page(template: str, **context: object) -> Response:
    page = _templates().get_template(template).render(**context)
    return HTMLResponse(page, headers={"content-security-policy": _PAGE_POLICY})


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("earshot.running"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
