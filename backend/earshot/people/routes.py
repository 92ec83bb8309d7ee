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

from earshot.core.budget import take
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import EarshotError, NotAllowed, NotSignedIn
from earshot.people import store
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


class TooManyTries(EarshotError):
    """There were too many tries for this address. Wait a minute and try again."""

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


#: What each guard of a route lets through, by its action in the matrix of roles.
GUARDS: dict[Callable[..., Any], str] = {session_of: "account", signed_in: "account"}


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
    """Who signed in, what they may see and what they may do."""

    account_id: UUID
    name: str
    email: str
    roles: list[GrantOut]
    streams: list[str]
    may: list[str]
    home_org_id: UUID | None


def _me(actor: Actor) -> Me:
    return Me(
        account_id=actor.account_id,
        name=actor.name,
        email=actor.email,
        roles=[GrantOut(role=g.role, org_id=g.org_id, org_name=g.org_name) for g in actor.grants],
        streams=list(actor.streams),
        may=sorted(actor.actions),
        home_org_id=actor.grants[0].org_id if actor.grants else None,
    )


async def _named(request: Request, actor: Actor) -> Me:
    """The grants again, inside the person's own scope, where the organisations' names can be read."""
    async with database(request).transaction(actor.scope) as connection:
        grants = await store.grants(connection, actor.account_id)
    return _me(Actor(actor.account_id, actor.name, actor.email, grants))


@router.post("", openapi_extra={"x-action": "open"})
async def sign_in(request: Request, response: Response, given: SignIn) -> Me:
    """Sign in with an e-mail address and a password."""
    settings = settings_of(request)
    key = KeyFiles(settings.keys).blind("sign-in", given.email.lower(), date.today().isoformat())
    async with database(request).transaction() as connection:
        if not await take(connection, key, per_second=1 / 30, burst=10):
            raise TooManyTries
        account = await store.account_by_email(connection, given.email)
    right = await matches(given.password, account.password_hash if account and not account.disabled else None)
    if account is None or not right:
        raise WrongSignIn
    async with database(request).transaction() as connection:
        token = await store.open_session(connection, account.id, how=How.PASSWORD, mfa=False)
        session = await store.use_session(connection, token)
    if session is None:
        raise WrongSignIn  # the account was closed in between
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=settings.secure_cookies, path="/")
    return await _named(request, session.actor)


@router.get("")
async def who(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> Me:
    """Who is signed in."""
    return await _named(request, actor)


@router.delete("", status_code=204, openapi_extra={"x-action": "open"})
async def sign_out(request: Request) -> Response:
    """Sign out; the browser is asked to forget everything."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        async with database(request).transaction() as connection:
            await store.end_session(connection, token)
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "cookies", "storage"'})
    response.delete_cookie(COOKIE, path="/")
    return response
