"""The web boundary: limits, headers and errors that every answer of both doors shares.

Pure ASGI middleware, so that a streamed body is counted as it arrives. Nothing here writes an address, a user agent, a
referrer or a body anywhere.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from earshot.core.db import DATABASE_AWAY
from earshot.core.errors import (
    CrossSite,
    EarshotError,
    FieldError,
    Invalid,
    NotFound,
    TooLarge,
    TooSlow,
    Unavailable,
    WrongEncoding,
)

ASGIMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[ASGIMessage]]
Send = Callable[[ASGIMessage], Awaitable[None]]
ASGIApp = Callable[[ASGIMessage, Receive, Send], Awaitable[None]]

log = logging.getLogger("earshot")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types vue"
)
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        "x-frame-options": "DENY",
    }.items()
)


#: What every error looks like, for the OpenAPI documents.
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong and what to do, in plain words."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def problem_documented(description: str) -> dict[str, Any]:
    """An error answer as an OpenAPI document describes it."""
    return {"description": description, "content": {"application/problem+json": {"schema": _PROBLEM}}}


def problem_response(error: EarshotError) -> Response:
    """An error as application/problem+json (RFC 9457)."""
    return JSONResponse(
        error.problem(), error.status, headers=dict(error.headers), media_type="application/problem+json"
    )


@dataclass(frozen=True)
class Boundary:
    """Wraps an app: limits on size, time and encoding, same-origin writes, headers, and a 500 that quotes nobody."""

    app: ASGIApp
    limit: int  # bytes
    deadline: float  # seconds until the whole body must be here
    larger: tuple[tuple[str, int], ...] = ()  # (path prefix, bytes) where more is allowed
    check_origin: bool = True
    free_of_origin: tuple[str, ...] = ()  # path prefixes that programmes, not pages, write to

    async def __call__(self, scope: ASGIMessage, receive: Receive, send: Send) -> None:
        """Serve one request, or pass a lifespan through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _Guarded(scope, send)
        body = _Body(receive, guarded, limit=self._limit(scope["path"]), deadline=self.deadline)
        del receive, send  # see `let_go`
        try:
            self._refuse_early(scope)
            await self.app(scope, body, guarded)
        except EarshotError as error:
            await guarded.fail(error)
        except DATABASE_AWAY:
            await guarded.fail(Unavailable())
        except Exception as error:
            if guarded.refusal is None:
                _log(error)
            await guarded.fail(guarded.refusal or EarshotError())
        try:
            await body.drain()
        finally:
            body.let_go()
            guarded.let_go()

    def _refuse_early(self, scope: ASGIMessage) -> None:
        headers = dict(scope["headers"])
        if headers.get(b"content-encoding", b"identity") not in (b"", b"identity"):
            raise WrongEncoding
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._limit(scope["path"]):
            raise TooLarge
        if self.check_origin and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            self._refuse_cross_site(scope["path"], headers)

    def _refuse_cross_site(self, path: str, headers: dict[bytes, bytes]) -> None:
        """Browsers say where a write comes from (Sec-Fetch-Site, else Origin); programmes without either pass."""
        if path.startswith(self.free_of_origin or ("\0",)):
            return
        site = headers.get(b"sec-fetch-site")
        if site is not None and site not in (b"same-origin", b"none"):
            raise CrossSite
        origin = headers.get(b"origin")
        if site is None and origin is not None and urlsplit(origin).netloc != headers.get(b"host", b""):
            raise CrossSite

    def _limit(self, path: str) -> int:
        return next((limit for prefix, limit in self.larger if path.startswith(prefix)), self.limit)


class _Body:
    """The request's body as it arrives, cut off where it is too large or too slow."""

    def __init__(self, receive: Receive, guarded: _Guarded, *, limit: int, deadline: float) -> None:
        self._receive, self._guarded, self._limit = receive, guarded, limit
        self._ends = time.monotonic() + deadline
        self._seen, self._done, self._cut = 0, False, False

    async def __call__(self) -> ASGIMessage:
        if self._done:
            return await self._receive()  # after the body only a disconnect can come, whenever it does
        message = await self._in_time()
        if message is None:
            raise self._refused(TooSlow())
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise self._refused(TooLarge())
        self._done = not message.get("more_body", False)
        return message

    async def _in_time(self) -> ASGIMessage | None:
        try:
            return await asyncio.wait_for(self._receive(), max(0.0, self._ends - time.monotonic()))
        except TimeoutError:
            return None

    def _refused(self, error: EarshotError) -> EarshotError:
        self._guarded.refusal, self._cut = error, True
        return error

    async def drain(self) -> None:
        """Take what is left of a body that was answered early: a server that hangs up on a sender drops the answer."""
        with suppress(TooSlow, TooLarge):
            while not self._done and not self._cut:
                await self()

    def let_go(self) -> None:
        """Forget the server's side of the request, once it is answered.

        The server hangs up on a body that was cut when nothing holds it any longer, and the error that cut it may be
        caught in a ring of frames (FastAPI's) that only the garbage collector opens, whenever it next comes.
        """
        self._receive = _nothing


def _log(error: Exception) -> None:
    """The class and the place only: a message may quote what somebody wrote."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame is not None else "?"
    log.error("request failed: %s at %s", type(error).__name__, where)


class _Guarded:
    """Adds the security headers to an answer, and answers an error if none has begun.

    `refusal` says why the body was cut. FastAPI takes that for a body that cannot be read; the true answer wins.
    """

    def __init__(self, scope: ASGIMessage, send: Send) -> None:
        self._scope, self._send, self._begun = scope, send, False
        self.refusal: EarshotError | None = None

    async def __call__(self, message: ASGIMessage) -> None:
        if message["type"] == "http.response.start":
            if self.refusal is not None:
                raise self.refusal
            self._begun = True
            given = {name.lower() for name, _ in message.get("headers", ())}
            extra = [pair for pair in SECURITY_HEADERS if pair[0] not in given]
            if b"cache-control" not in given:
                extra.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*message.get("headers", ()), *extra]}
        await self._send(message)

    async def fail(self, error: EarshotError) -> None:
        if self._begun:
            return  # the server closes a connection whose answer was cut short
        self.refusal = None
        await problem_response(error)(self._scope, _nothing, self)

    def let_go(self) -> None:
        """Forget the server's side of the request, as `_Body.let_go` does."""
        self._send = _unheard


async def _nothing() -> ASGIMessage:
    return {"type": "http.disconnect"}


async def _unheard(_message: ASGIMessage) -> None:
    return


def speak_plainly(app: FastAPI) -> None:
    """Make an app answer every error as a problem document in plain words, without quoting what was sent."""

    @app.exception_handler(EarshotError)
    async def _named(_request: Request, error: EarshotError) -> Response:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> Response:
        return problem_response(Invalid(fields=plain_fields(error.errors())))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem_response(NotFound())
        named = EarshotError(str(error.detail))
        named.status = error.status_code
        response = problem_response(named)
        response.headers.update(error.headers or {})
        return response


def plain_fields(errors: Iterable[Any]) -> list[FieldError]:
    """Validation errors as field and sentence; the refused value itself is left out."""
    return [
        FieldError(
            field=".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path")) or "body",
            message=str(error["msg"]),
        )
        for error in errors
    ]
