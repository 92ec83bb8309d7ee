"""Sign-in, sign-out and who is asking; `signed_in` guards every other route of the console."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from earshot.core import audit
from earshot.core.budget import take
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import EarshotError, NotAllowed, NotSignedIn
from earshot.people import factors_store, store
from earshot.people.matrix import MATRIX
from earshot.people.model import Actor, How, Need, Session
from earshot.people.passwords import matches

COOKIE = "earshot_session"
router = APIRouter(prefix="/api/session", tags=["session"])


class WrongSignIn(EarshotError):
    """The e-mail address or the password is not right. Check both and try again."""

    status = 401


class MfaNeeded(EarshotError):
    """Your role needs a second step. Sign in again and follow the page."""

    status = 403


class ProveAgain(EarshotError):
    """Show again who you are before you change how you sign in."""

    status = 403


class TooManyTries(EarshotError):
    """There were too many tries. Wait a minute and try again."""

    status = 429


def database(request: Request) -> Database:
    """The pool of the app that serves this request."""
    found: Database = request.app.state.database
    return found


def settings_of(request: Request) -> Settings:
    """The settings of the app that serves this request."""
    found: Settings = request.app.state.settings
    return found


async def session_of(request: Request) -> Session:
    """The session of whoever asks, whatever it still lacks; raises `NotSignedIn`."""
    token = request.cookies.get(COOKIE)
    if token is None:
        raise NotSignedIn
    async with database(request).transaction() as connection:
        session = await store.use_session(connection, token)
    if session is None:
        raise NotSignedIn
    return session


async def signed_in(session: Annotated[Session, Depends(session_of)]) -> Actor:
    """The person who signed in; raises `NotSignedIn`, or `MfaNeeded` where a second factor was not shown yet."""
    if session.need is not Need.NOTHING:
        raise MfaNeeded
    return session.actor


async def just_proved(session: Annotated[Session, Depends(session_of)]) -> Session:
    """A session that may change how its owner signs in; raises `MfaNeeded` or `ProveAgain`.

    Whoever must set up a second factor may do so; whoever has one must have shown it.
    """
    if session.need is Need.SECOND_STEP:
        raise MfaNeeded
    if not session.fresh:
        raise ProveAgain
    return session


#: What each guard of a route lets through, by its action in the matrix of roles.
GUARDS: dict[Callable[..., Any], str] = {
    session_of: "account",
    just_proved: "account",
    signed_in: "account",
}


def allowed(action: str) -> Callable[[Actor], Coroutine[Any, Any, Actor]]:
    """A dependency: the person who signed in, where their role allows `action`; raises `NotAllowed`."""
    assert any(action == known.name for known in MATRIX), f"{action} is not in the matrix of roles"

    async def guard(actor: Annotated[Actor, Depends(signed_in)]) -> Actor:
        if not actor.may(action):
            raise NotAllowed
        return actor

    GUARDS[guard] = action
    return guard


def declared(router: APIRouter) -> APIRouter:
    """The same router, each of its routes naming its action as `x-action` in the OpenAPI document.

    A route that anybody may ask says `open` itself; one that says nothing and has no guard fails a test.
    """
    for route in router.routes:
        if isinstance(route, APIRoute) and (action := _action(route.dependant)) is not None:
            route.openapi_extra = {"x-action": action, **(route.openapi_extra or {})}
    return router


def _action(dependant: Dependant) -> str | None:
    """The action of the innermost guard: `signed_in` alone only where no narrower one stands before it."""
    if dependant.call in GUARDS:
        return GUARDS[dependant.call]
    found = {action for each in dependant.dependencies if (action := _action(each)) is not None}
    return next(iter(sorted(found - {"account"})), None) or next(iter(found), None)


class SignIn(BaseModel):
    """What the sign-in page sends."""

    model_config = ConfigDict(extra="forbid")
    email: str = Field(min_length=3, max_length=254)
    password: str = Field(min_length=1, max_length=256)


class GrantOut(BaseModel):
    """A role over an organisation."""

    role: str
    org_id: UUID
    org_name: str


class Me(BaseModel):
    """Who signed in, what they may see and do, and what their session still lacks: until then they may do nothing.

    `ways` are the second steps that are set up: `code`, `passkey`, `recovery_code`.
    """

    account_id: UUID
    name: str
    email: str
    roles: list[GrantOut]
    streams: list[str]
    may: list[str]
    home_org_id: UUID | None
    need: Need
    ways: list[str]


async def me(request: Request, session: Session) -> Me:
    """A session in words; the grants are read again in the person's own scope, where organisations have names."""
    scope = session.actor.scope if session.need is Need.NOTHING else None
    async with database(request).transaction(scope) as connection:
        grants = await store.grants(connection, session.actor.account_id) if scope else ()
        ways = await factors_store.ways(connection, session.actor.account_id)
    actor = Actor(session.actor.account_id, session.actor.name, session.actor.email, grants)
    return Me(
        account_id=actor.account_id,
        name=actor.name,
        email=actor.email,
        roles=[GrantOut(role=g.role, org_id=g.org_id, org_name=g.org_name) for g in grants],
        streams=list(actor.streams),
        may=sorted(actor.actions),
        home_org_id=grants[0].org_id if grants else None,
        need=session.need,
        ways=ways,
    )


async def let_in(request: Request, response: Response, account_id: UUID, *, how: How, mfa: bool) -> Me:
    """Open a new session and end the one that the browser came with; raises `WrongSignIn` for a closed account."""
    old = request.cookies.get(COOKIE)
    async with database(request).transaction() as connection:
        if old is not None:
            await store.end_session(connection, old)
        token = await store.open_session(connection, account_id, how=how, mfa=mfa)
        session = await store.use_session(connection, token)
        if session is None:
            raise WrongSignIn
        await audit.record(connection, action=f"session.{how.value}", by=account_id)
    give_cookie(request, response, token)
    return await me(request, session)


async def let_in_again(request: Request, response: Response, session: Session, *, how: How, mfa: bool) -> Me:
    """Give a session whose owner proved again who they are a new token."""
    async with database(request).transaction() as connection:
        token = await store.renew_session(connection, session.id, how=how, mfa=mfa)
        renewed = await store.use_session(connection, token)
        if renewed is None:
            raise NotSignedIn
        await audit.record(connection, action=f"session.{how.value}", by=session.actor.account_id)
    give_cookie(request, response, token)
    return await me(request, renewed)


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Let the browser keep a session's token; no script can read it, and no other site can have it sent."""
    secure = settings_of(request).secure_cookies
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")


async def within_budget(request: Request, *what: str | bytes) -> None:
    """Count a try to guess something; raises `TooManyTries` after ten, and lets one more through every half minute."""
    key = KeyFiles(settings_of(request).keys).blind("sign-in", *what, date.today().isoformat())
    async with database(request).transaction() as connection:
        if not await take(connection, key, per_second=1 / 30, burst=10):
            raise TooManyTries


@router.post("", openapi_extra={"x-action": "open"})
async def sign_in(request: Request, response: Response, given: SignIn) -> Me:
    """Sign in with an e-mail address and a password; `need` then says whether a second step is missing."""
    await within_budget(request, given.email.lower())
    async with database(request).transaction() as connection:
        account = await store.account_by_email(connection, given.email)
    right = await matches(given.password, account.password_hash if account and not account.disabled else None)
    if account is None or not right:
        await _refused(request, None if account is None else account.id)
        raise WrongSignIn
    return await let_in(request, response, account.id, how=How.PASSWORD, mfa=False)


async def _refused(request: Request, account_id: UUID | None) -> None:
    """Keep that somebody was not let in, without the address typed.

    One budget for addresses that are known and those that are not: neither how long it takes nor a flood tells them
    apart, and a flood does not fill the trail.
    """
    key = KeyFiles(settings_of(request).keys).blind("refused", date.today().isoformat())
    async with database(request).transaction() as connection:
        if await take(connection, key, per_second=1 / 60, burst=1_000):
            await audit.record(connection, action="session.refused", by=None, subject=account_id)


@router.get("")
async def who(request: Request, session: Annotated[Session, Depends(session_of)]) -> Me:
    """Who is signed in, and what their session still lacks."""
    return await me(request, session)


@router.delete("", status_code=204, openapi_extra={"x-action": "open"})
async def sign_out(request: Request) -> Response:
    """Sign out; the browser is asked to forget everything."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        async with database(request).transaction() as connection:
            if (session := await store.use_session(connection, token)) is not None:
                await audit.record(connection, action="session.ended", by=session.actor.account_id)
            await store.end_session(connection, token)
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "cookies", "storage"'})
    response.delete_cookie(COOKIE, path="/")
    return response
