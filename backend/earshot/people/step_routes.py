"""The second step, passkeys, and proving again who one is: all that comes after, or in place of, the password."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from webauthn.helpers import base64url_to_bytes

from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid
from earshot.people import codes, factors_store, store
from earshot.people.factor_key import FactorKey
from earshot.people.model import How, Need, Session
from earshot.people.passkeys import PasskeyRefused, Site, challenge_of, id_of
from earshot.people.passwords import matches
from earshot.people.routes import Me, database, let_in, let_in_again, session_of, settings_of, within_budget
from earshot.people.tokens import digest

router = APIRouter(prefix="/api/session", tags=["session"])
OPEN = {"x-action": "open"}
AnySession = Annotated[Session, Depends(session_of)]


class WrongCode(Invalid):
    """This code is not right, or it was used before. Wait for the next one and try again."""

    def __init__(self) -> None:
        super().__init__(fields=[FieldError("code", (WrongCode.__doc__ or "").strip())])


class Ways(BaseModel):
    """What the sign-in page offers: single sign-on by its name, and a word about the demonstration."""

    single_sign_on: str | None
    demonstration: bool


class CodeIn(BaseModel):
    """Six digits of an authenticator app, or a recovery code."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=6, max_length=64)


class PasswordIn(BaseModel):
    """The password, once more."""

    model_config = ConfigDict(extra="forbid")
    password: str = Field(min_length=1, max_length=256)


class Asked(BaseModel):
    """What to hand to the browser's `navigator.credentials`."""

    options: dict[str, Any]


class CredentialIn(BaseModel):
    """What the browser's `navigator.credentials` gave back."""

    model_config = ConfigDict(extra="forbid")
    credential: dict[str, Any]


@router.get("/ways", openapi_extra=OPEN)
async def ways(request: Request) -> Ways:
    """How people may sign in here."""
    settings = settings_of(request)
    async with database(request).transaction() as connection:
        invented = await store.anybody_invented(connection)
    return Ways(single_sign_on=settings.oidc_name if settings.oidc_issuer else None, demonstration=invented)


@router.post("/code")
async def code(request: Request, response: Response, session: AnySession, given: CodeIn) -> Me:
    """The second step, by a code that works once; for an open session, a proof that it is still its owner's."""
    await within_budget(request, "second-step", session.actor.account_id.bytes)
    async with database(request).transaction() as connection:
        how = await _spend(request, connection, session.actor.account_id, given.code)
        if how is None:
            await audit.record(connection, action="session.wrong_code", by=session.actor.account_id)
    if how is None:
        raise WrongCode
    return await let_in_again(request, response, session, how=how, mfa=True)


async def _spend(
    request: Request, connection: Connection, account_id: UUID, typed: str
) -> Literal[How.CODE, How.RECOVERY_CODE] | None:
    """Spend a code of either kind; None where it is wrong or was spent."""
    digits = codes.six_digits(typed)
    if digits is not None:
        kept = await factors_store.totp(connection, account_id)
        if kept is None or not kept.confirmed:
            return None
        secret = FactorKey(settings_of(request).keys).open(kept.sealed, account_id=account_id)
        step = codes.matching_step(secret, digits, time.time())
        spent = step is not None and await factors_store.use_step(connection, account_id, step)
        return How.CODE if spent else None
    code_hash = codes.recovery_hash(typed)
    spent = code_hash is not None and await factors_store.use_recovery_code(connection, account_id, code_hash)
    return How.RECOVERY_CODE if spent else None


@router.post("/password")
async def password(request: Request, response: Response, session: AnySession, given: PasswordIn) -> Me:
    """Prove again who it is by the password, where no second factor is set up."""
    await within_budget(request, session.actor.email)
    async with database(request).transaction() as connection:
        account = await store.account(connection, session.actor.account_id)
    if session.need is Need.SECOND_STEP or session.has_factor:
        raise Invalid(fields=[FieldError("password", "Use your second factor here, not your password.")])
    if not await matches(given.password, account.password_hash):
        raise Invalid(fields=[FieldError("password", "The password is wrong.")])
    return await let_in_again(request, response, session, how=How.PASSWORD, mfa=session.mfa)


@router.post("/passkey/options", openapi_extra=OPEN)
async def passkey_options(request: Request) -> Asked:
    """Ask a browser for any passkey of this site."""
    options = site(request).ask_known()
    async with database(request).transaction() as connection:
        await factors_store.ask(connection, digest(base64url_to_bytes(options["challenge"])), "passkey_sign_in")
    return Asked(options=options)


@router.post("/passkey", openapi_extra=OPEN)
async def passkey(request: Request, response: Response, given: CredentialIn) -> Me:
    """Sign in with a passkey alone: it is two factors by itself. An answer is taken once."""
    challenge, credential_id = challenge_of(given.credential), id_of(given.credential)
    async with database(request).transaction() as connection:
        asked = await factors_store.answer(connection, digest(challenge), "passkey_sign_in")
        known = await factors_store.passkey(connection, credential_id)
    if asked is None or known is None:
        raise PasskeyRefused
    count = site(request).check_known(given.credential, challenge, known)
    async with database(request).transaction() as connection:
        if not await factors_store.use_passkey(connection, known.id, count):
            raise PasskeyRefused
    return await let_in(request, response, known.account_id, how=How.PASSKEY, mfa=True)


def site(request: Request) -> Site:
    """The console's address as browsers must name it."""
    return Site(settings_of(request).console_address)
