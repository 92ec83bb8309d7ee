"""Accepting an invitation: somebody who holds its link sets a password. The token travels in bodies only."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from earshot.core import audit
from earshot.people import invitation_store, store
from earshot.people.model import How
from earshot.people.passwords import hash_password
from earshot.people.routes import Me, database, let_in
from earshot.people.tokens import digest

router = APIRouter(prefix="/api/session/invitation", tags=["session"])
OPEN = {"x-action": "open"}


class Token(BaseModel):
    """The token of an invitation."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(min_length=1, max_length=128)


class Accepted(Token):
    """The token of an invitation, and the password that its holder chose."""

    password: str = Field(min_length=1, max_length=512)


class InvitedOut(BaseModel):
    """Whom an invitation is for."""

    name: str
    email: str


@router.post("/look", openapi_extra=OPEN)
async def look(request: Request, given: Token) -> InvitedOut:
    """Whom an invitation is for; raises `InvitationOver`."""
    async with database(request).transaction() as connection:
        invited = await invitation_store.look(connection, digest(given.token))
    if invited is None:
        raise invitation_store.InvitationOver
    return InvitedOut(name=invited.name, email=invited.email)


@router.post("", openapi_extra=OPEN)
async def accept(request: Request, response: Response, given: Accepted) -> Me:
    """Set the password and sign in; older sessions end. A second factor is asked for as at any sign-in."""
    token_hash = digest(given.token)
    async with database(request).transaction() as connection:
        invited = await invitation_store.look(connection, token_hash)
    if invited is None:
        raise invitation_store.InvitationOver
    hashed = await asyncio.to_thread(hash_password, given.password, about=(invited.email, invited.name))
    async with database(request).transaction() as connection:
        account_id = await invitation_store.accept(connection, token_hash)
        await store.set_password(connection, account_id, hashed)
        await audit.record(connection, action="account.password", by=account_id)
    return await let_in(request, response, account_id, how=How.PASSWORD, mfa=False)
