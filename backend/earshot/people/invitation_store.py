"""Invitations: links with which somebody sets their first or a new password, in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import EarshotError
from earshot.people.tokens import digest, new_token

LASTS = timedelta(days=7)


class InvitationOver(EarshotError):
    """This invitation was used, or it is too old. Ask an administrator for a new one."""

    status = 404


@dataclass(frozen=True)
class Invited:
    """Whom an invitation is for."""

    account_id: UUID
    email: str
    name: str


_INVITE = Statement(
    """
    INSERT INTO invitation (account_id, token_hash, made_by, expires_at) VALUES ($1, $2, $3, now() + $4::interval)
    ON CONFLICT (account_id) DO UPDATE
    SET token_hash = excluded.token_hash, made_by = excluded.made_by, expires_at = excluded.expires_at
    """
)
_LOOK = Query(
    Invited,
    """
    SELECT a.id AS account_id, a.email, a.name FROM invitation i JOIN account a ON a.id = i.account_id
    WHERE i.token_hash = $1 AND i.expires_at > now() AND a.disabled_on IS NULL
    """,
)
_ACCEPT = Query(
    UUID,
    """
    DELETE FROM invitation i USING account a
    WHERE i.token_hash = $1 AND i.expires_at > now() AND a.id = i.account_id AND a.disabled_on IS NULL
    RETURNING a.id
    """,
)
_WITHDRAW = Statement("DELETE FROM invitation WHERE account_id = $1")


async def invite(connection: Connection, account_id: UUID, *, by: UUID | None) -> str:
    """A new invitation in place of an older one; returns the token, which is kept nowhere."""
    token = new_token()
    await _INVITE.run(connection, account_id, digest(token), by, LASTS)
    return token


async def look(connection: Connection, token_hash: bytes) -> Invited | None:
    """Whom an invitation is for, where it still counts."""
    return await _LOOK.maybe(connection, token_hash)


async def accept(connection: Connection, token_hash: bytes) -> UUID:
    """Take an invitation, once; raises `InvitationOver`."""
    account_id = await _ACCEPT.maybe(connection, token_hash)
    if account_id is None:
        raise InvitationOver
    return account_id


async def withdraw(connection: Connection, account_id: UUID) -> None:
    """Let an account's invitation count no more."""
    await _WITHDRAW.run(connection, account_id)
