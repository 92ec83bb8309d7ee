"""Single sign-on at the console: to the provider and back, to sign in, accept an invitation or link an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from earshot.core import audit
from earshot.core.errors import EarshotError, NotFound
from earshot.people import factors_store, invitation_store, single_sign_on_store
from earshot.people.model import How, Session
from earshot.people.oidc import BACK, Identity, Provider, SignOnAway, SignOnRefused
from earshot.people.routes import WrongSignIn, database, just_proved, let_in, settings_of
from earshot.people.tokens import digest

router = APIRouter(prefix="/api/session/single-sign-on", tags=["session"])
COOKIE = "earshot_sign_on"  # ties the answer to the browser that asked; it goes after a quarter of an hour
LASTS = timedelta(minutes=15)
Text = Annotated[str, StringConstraints(max_length=4_096, pattern=r"^[ -~]*$")] | None  # ASCII: RFC 6749, appendix A


class Start(BaseModel):
    """Where to go afterwards, inside the console; or the token of an invitation that is accepted this way."""

    model_config = ConfigDict(extra="forbid")
    next: str = Field(default="/", max_length=2_000)
    invitation: str | None = Field(default=None, max_length=128)


class Leave(BaseModel):
    """The provider's address to send the browser to."""

    address: str


@router.post("", openapi_extra={"x-action": "open"})
async def start(request: Request, response: Response, given: Start) -> Leave:
    """Begin to sign in with the provider; raises `NotFound` where none is set up."""
    about: dict[str, Any] = {"next": _inside(given.next)}
    if given.invitation is not None:
        async with database(request).transaction() as connection:
            if await invitation_store.look(connection, digest(given.invitation)) is None:
                raise invitation_store.InvitationOver
        about["invitation"] = digest(given.invitation).hex()
    return await _begin(request, response, account_id=None, about=about)


@router.post("/link")
async def link(request: Request, response: Response, session: Annotated[Session, Depends(just_proved)]) -> Leave:
    """Begin to link one's own account with the provider."""
    about = {"next": "/account"}
    return await _begin(request, response, account_id=session.actor.account_id, about=about)


async def _begin(request: Request, response: Response, *, account_id: UUID | None, about: dict[str, Any]) -> Leave:
    begun = await _provider(request).begin()
    about |= {"nonce": begun.nonce, "verifier": begun.verifier}
    async with database(request).transaction() as connection:
        await factors_store.ask(
            connection, digest(begun.state), "single_sign_on", account_id=account_id, about=about, lasts=LASTS
        )
    secure = settings_of(request).secure_cookies
    response.set_cookie(  # Lax: the provider's site sends the browser back, so that Strict would keep it away
        *(COOKIE, begun.state),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
        path=BACK,
    )
    return Leave(address=begun.address)


@router.get("/back", status_code=303, response_class=RedirectResponse, openapi_extra={"x-action": "open"})
async def back(request: Request, code: Text = None, state: Text = None, iss: Text = None) -> Response:
    """The provider's answer, taken once and only from the browser that asked; then on to a page of the console."""
    try:
        if not code or not state or request.cookies.get(COOKIE) != state:
            raise SignOnRefused
        async with database(request).transaction() as connection:
            asked = await factors_store.answer(connection, digest(state), "single_sign_on")
        if asked is None:
            raise SignOnRefused
        found = await _provider(request).finish(
            code=code, issuer=iss, nonce=asked.about["nonce"], verifier=asked.about["verifier"]
        )
        response = await _arrive(request, asked, found)
    except _REFUSALS as error:
        response = _to(f"/sign-in?wrong={_WORDS.get(type(error), 'refused')}")
    response.delete_cookie(COOKIE, path=BACK)
    return response


class NobodyKnown(EarshotError):
    """Nobody here is linked to that sign-in. Sign in with your password and link it on the page of your account."""

    status = 403


class Taken(EarshotError):
    """That sign-in, or this account, is linked already."""

    status = 409


_REFUSALS = (SignOnRefused, SignOnAway, NotFound, WrongSignIn, invitation_store.InvitationOver, NobodyKnown, Taken)
_WORDS: dict[type[Exception], str] = {
    SignOnAway: "away",
    NobodyKnown: "unknown",
    Taken: "taken",
    invitation_store.InvitationOver: "invitation",
}


async def _arrive(request: Request, asked: factors_store.Challenge, found: Identity) -> Response:
    """Let somebody in whom the provider named, after linking them where that was asked for."""
    account_id = asked.account_id
    async with database(request).transaction() as connection:
        if account_id is None and "invitation" in asked.about:
            account_id = await invitation_store.accept(connection, bytes.fromhex(asked.about["invitation"]))
        if account_id is None:
            account_id = await single_sign_on_store.account_of(connection, found.issuer, found.subject)
        elif await single_sign_on_store.link(connection, account_id, issuer=found.issuer, subject=found.subject):
            await audit.record(connection, action="account.single_sign_on_added", by=account_id)
        else:
            raise Taken
    if account_id is None:
        raise NobodyKnown
    response = _to(asked.about["next"])
    if asked.account_id is None:
        await let_in(request, response, account_id, how=How.SINGLE_SIGN_ON, mfa=found.mfa)
    return response


def _provider(request: Request) -> Provider:
    provider = Provider.of(settings_of(request))
    if provider is None:
        raise NotFound
    return provider


def _inside(address: str) -> str:
    """An address inside the console, or its first page: never a way to another site."""
    return address if address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable() else "/"


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303)
