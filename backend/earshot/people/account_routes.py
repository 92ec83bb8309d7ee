"""One's own account: password, second factors, recovery codes and sessions. Changes need a proof of minutes ago."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from webauthn.helpers import base64url_to_bytes

from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import Conflict, FieldError, Invalid, NotFound
from earshot.people import codes, factors_store, single_sign_on_store, store
from earshot.people.factor_key import FactorKey
from earshot.people.model import Actor, How, Session
from earshot.people.passkeys import PasskeyRefused, challenge_of
from earshot.people.passwords import hash_password, matches
from earshot.people.routes import Me, database, just_proved, let_in_again, settings_of, signed_in, within_budget
from earshot.people.routes import session_of as any_session
from earshot.people.step_routes import Asked, CodeIn, CredentialIn, WrongCode, site
from earshot.people.tokens import digest

router = APIRouter(prefix="/api/account", tags=["account"])
Proved = Annotated[Session, Depends(just_proved)]
InSession = Annotated[Session, Depends(any_session)]
Within = Annotated[Actor, Depends(signed_in)]


class LastFactor(Conflict):
    """Your role needs a second factor, and this is the only one. Add another one first."""


class PasskeyOut(BaseModel):
    """A passkey in the list."""

    id: UUID
    name: str
    made_on: date
    used_on: date | None


class SessionOut(BaseModel):
    """A session in the list; nothing tells from where it was opened. `here` is the one that asks."""

    id: UUID
    opened_on: date
    how: How
    mfa: bool
    here: bool


class AccountOut(BaseModel):
    """How somebody signs in."""

    name: str
    email: str
    has_password: bool
    codes_since: date | None
    passkeys: list[PasskeyOut]
    recovery_codes_left: int
    single_sign_on_since: date | None
    single_sign_on_name: str | None
    sessions: list[SessionOut]
    must_have_factor: bool
    fresh: bool


class PasswordChange(BaseModel):
    """The present password, and the new one."""

    model_config = ConfigDict(extra="forbid")
    present: str = Field(default="", max_length=256)
    password: str = Field(min_length=1, max_length=512)


class NewCodes(BaseModel):
    """A secret for an authenticator app: as text, as its address, and as a picture of that (an SVG's data address)."""

    secret: str
    address: str
    picture: str


class RecoveryCodes(BaseModel):
    """Recovery codes, shown this once; none where there were some already."""

    recovery_codes: list[str]


class NewPasskeyIn(CredentialIn):
    """A new passkey, and what its owner calls it."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]


@router.get("")
async def read(request: Request, session: InSession, actor: Within) -> AccountOut:
    """How one signs in, and which sessions are open."""
    async with database(request).transaction() as connection:
        account = await store.account(connection, actor.account_id)
        return AccountOut(
            name=account.name,
            email=account.email,
            has_password=account.password_hash is not None,
            codes_since=await factors_store.totp_since(connection, account.id),
            passkeys=[
                PasskeyOut(id=p.id, name=p.name, made_on=p.made_on, used_on=p.used_on)
                for p in await factors_store.passkeys(connection, account.id)
            ],
            recovery_codes_left=await factors_store.recovery_codes_left(connection, account.id),
            single_sign_on_since=await single_sign_on_store.linked_since(connection, account.id),
            single_sign_on_name=settings_of(request).oidc_name if settings_of(request).oidc_issuer else None,
            sessions=[
                SessionOut(id=s.id, opened_on=s.opened_on, how=How(s.how), mfa=s.mfa, here=s.id == session.id)
                for s in await store.sessions(connection, account.id)
            ],
            must_have_factor=session.must_have_factor,
            fresh=session.fresh,
        )


@router.put("/password")
async def change_password(request: Request, response: Response, session: Proved, given: PasswordChange) -> Me:
    """Set a new password; every other session ends, and this one gets a new id."""
    await within_budget(request, session.actor.email)
    async with database(request).transaction(session.actor.scope) as connection:
        account = await store.account(connection, session.actor.account_id)
        places = [grant.org_name for grant in await store.grants(connection, account.id)]
    if account.password_hash is not None and not await matches(given.present, account.password_hash):
        raise Invalid(fields=[FieldError("present", "This is not your present password.")])
    hashed = await asyncio.to_thread(hash_password, given.password, about=(account.email, account.name, *places))
    async with database(request).transaction() as connection:
        await store.set_password(connection, account.id, hashed, keep=session.id)
        await audit.record(connection, action="account.password", by=account.id)
    return await let_in_again(request, response, session, how=session.how, mfa=session.mfa)


@router.post("/codes")
async def begin_codes(request: Request, session: Proved) -> NewCodes:
    """Begin to set up codes; they are asked for once a first one was right. Raises `Conflict` where they are in use."""
    account_id, secret = session.actor.account_id, codes.new_secret()
    sealed = FactorKey(settings_of(request).keys).seal(secret, account_id=account_id)
    async with database(request).transaction() as connection:
        if not await factors_store.begin_totp(connection, account_id, sealed):
            raise Conflict("You use codes already. Remove them first, to set them up on another device.")
    address = codes.address(secret, session.actor.email)
    return NewCodes(secret=secret.decode(), address=address, picture=codes.picture(address))


@router.post("/codes/confirm")
async def confirm_codes(request: Request, response: Response, session: Proved, given: CodeIn) -> RecoveryCodes:
    """Put codes into use with a first right one; the session then counts as opened with two factors."""
    account_id = session.actor.account_id
    await within_budget(request, "second-step", account_id.bytes)
    async with database(request).transaction() as connection:
        kept = await factors_store.totp(connection, account_id)
        digits = codes.six_digits(given.code)
        if kept is None or kept.confirmed or digits is None:
            raise WrongCode
        secret = FactorKey(settings_of(request).keys).open(kept.sealed, account_id=account_id)
        step = codes.matching_step(secret, digits, time.time())
        if step is None or not await factors_store.confirm_totp(connection, account_id, step):
            raise WrongCode
        await audit.record(connection, action="account.codes_added", by=account_id)
        fresh = await _first_recovery_codes(connection, account_id)
    await let_in_again(request, response, session, how=How.CODE, mfa=True)
    return RecoveryCodes(recovery_codes=fresh)


@router.delete("/codes", status_code=204)
async def remove_codes(request: Request, session: Proved) -> Response:
    """Take codes out of use; raises `LastFactor` where nothing else would be left."""
    async with database(request).transaction() as connection:
        if not await factors_store.drop_totp(connection, session.actor.account_id):
            raise NotFound
        await _still_enough(connection, session)
        await audit.record(connection, action="account.codes_removed", by=session.actor.account_id)
    return Response(status_code=204)


@router.post("/passkeys/options")
async def passkey_options(request: Request, session: Proved) -> Asked:
    """Ask the browser for a new passkey."""
    actor = session.actor
    async with database(request).transaction() as connection:
        known = [passkey.credential_id for passkey in await factors_store.passkeys(connection, actor.account_id)]
        options = site(request).ask_new(account_id=actor.account_id, email=actor.email, name=actor.name, known=known)
        challenge = digest(base64url_to_bytes(options["challenge"]))
        await factors_store.ask(connection, challenge, "passkey_new", account_id=actor.account_id)
    return Asked(options=options)


@router.post("/passkeys", status_code=201)
async def add_passkey(request: Request, response: Response, session: Proved, given: NewPasskeyIn) -> RecoveryCodes:
    """Keep a new passkey; the session then counts as opened with two factors. Raises `PasskeyRefused`."""
    account_id, challenge = session.actor.account_id, challenge_of(given.credential)
    async with database(request).transaction() as connection:
        asked = await factors_store.answer(connection, digest(challenge), "passkey_new")
    if asked is None or asked.account_id != account_id:
        raise PasskeyRefused
    made = site(request).check_new(given.credential, challenge)
    async with database(request).transaction() as connection:
        kept = await factors_store.add_passkey(
            connection,
            account_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=given.name,
        )
        if kept is None:
            raise PasskeyRefused
        await audit.record(connection, action="account.passkey_added", by=account_id)
        fresh = await _first_recovery_codes(connection, account_id)
    await let_in_again(request, response, session, how=How.PASSKEY, mfa=True)
    return RecoveryCodes(recovery_codes=fresh)


@router.delete("/passkeys/{passkey_id}", status_code=204)
async def remove_passkey(request: Request, session: Proved, passkey_id: UUID) -> Response:
    """Forget a passkey; raises `LastFactor` where nothing else would be left."""
    async with database(request).transaction() as connection:
        if not await factors_store.drop_passkey(connection, session.actor.account_id, passkey_id):
            raise NotFound
        await _still_enough(connection, session)
        await audit.record(connection, action="account.passkey_removed", by=session.actor.account_id)
    return Response(status_code=204)


@router.post("/recovery-codes")
async def new_recovery_codes(request: Request, session: Proved) -> RecoveryCodes:
    """Ten new recovery codes; the old ones open nothing any more. Raises `Conflict` where there is no second factor."""
    if not session.has_factor:
        raise Conflict("Set up a second factor first: recovery codes stand in for it.")
    fresh = codes.new_recovery_codes()
    async with database(request).transaction() as connection:
        await _keep(connection, session.actor.account_id, fresh)
        await audit.record(connection, action="account.recovery_codes", by=session.actor.account_id)
    return RecoveryCodes(recovery_codes=fresh)


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(request: Request, actor: Within, session_id: UUID) -> Response:
    """End one of one's own sessions, at once."""
    async with database(request).transaction() as connection:
        if not await store.end_one_session(connection, actor.account_id, session_id):
            raise NotFound
        await audit.record(connection, action="session.ended", by=actor.account_id)
    return Response(status_code=204)


@router.delete("/sessions", status_code=204)
async def end_other_sessions(request: Request, session: InSession, actor: Within) -> Response:
    """End all of one's own sessions but this one, at once."""
    async with database(request).transaction() as connection:
        await store.end_sessions(connection, actor.account_id, keep=session.id)
        await audit.record(connection, action="session.others_ended", by=actor.account_id)
    return Response(status_code=204)


@router.delete("/single-sign-on", status_code=204)
async def unlink(request: Request, session: Proved) -> Response:
    """Forget whom the provider of single sign-on means; raises `Conflict` where no password would be left."""
    async with database(request).transaction() as connection:
        account = await store.account(connection, session.actor.account_id)
        if account.password_hash is None:
            raise Conflict("Set a password first, or you could not sign in any more.")
        if not await single_sign_on_store.unlink(connection, account.id):
            raise NotFound
        await audit.record(connection, action="account.single_sign_on_removed", by=account.id)
    return Response(status_code=204)


async def _first_recovery_codes(connection: Connection, account_id: UUID) -> list[str]:
    """Recovery codes for the first factor of an account; none where there are some."""
    if await factors_store.recovery_codes_left(connection, account_id):
        return []
    fresh = codes.new_recovery_codes()
    await _keep(connection, account_id, fresh)
    return fresh


async def _keep(connection: Connection, account_id: UUID, fresh: list[str]) -> None:
    hashes = [code_hash for each in fresh if (code_hash := codes.recovery_hash(each)) is not None]
    await factors_store.keep_recovery_codes(connection, account_id, hashes)


async def _still_enough(connection: Connection, session: Session) -> None:
    """After a factor was removed: roll that back where the role needs one, and forget recovery codes of none."""
    left = set(await factors_store.ways(connection, session.actor.account_id)) - {"recovery_code"}
    if not left and session.must_have_factor:
        raise LastFactor
    if not left:
        await factors_store.keep_recovery_codes(connection, session.actor.account_id, [])
