"""Accounts, grants and sessions in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Conflict
from earshot.people.model import Actor, Grant, How, Role, Session
from earshot.people.tokens import digest, new_token

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FRESH = timedelta(minutes=10)  # how long a proof of who it is serves for changes of the sign-in itself


class LastKeys(Conflict):
    """Nobody else could then open some cases. Give a colleague access first; a new password shuts them out at once."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; without a password hash, only by an invitation or single sign-on."""

    id: UUID
    email: str
    name: str
    password_hash: str | None
    disabled: bool
    invented: bool


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it in a list: the day, and how it was opened."""

    id: UUID
    opened_on: date
    how: str
    mfa: bool


@dataclass(frozen=True)
class _GrantRow:
    role: str
    org_id: UUID
    org_name: str


@dataclass(frozen=True)
class _SessionRow:
    id: UUID
    how: str
    mfa: bool
    fresh: bool
    has_factor: bool
    account_id: UUID
    email: str
    name: str


_BY_EMAIL = Query(
    Account,
    """
    SELECT id, email, name, password_hash, disabled_on IS NOT NULL AS disabled, invented FROM account
    WHERE email = lower($1)
    """,
)
_BY_ID = Query(
    Account,
    "SELECT id, email, name, password_hash, disabled_on IS NOT NULL AS disabled, invented FROM account WHERE id = $1",
)
_ALL = Query(
    Account,
    """
    SELECT id, email, name, password_hash, disabled_on IS NOT NULL AS disabled, invented FROM account ORDER BY email
    """,
)
_ANYBODY_INVENTED = Query(bool, "SELECT EXISTS (SELECT FROM account WHERE invented AND disabled_on IS NULL)")
_ADD = Query(
    UUID, "INSERT INTO account (email, name, password_hash, place_id) VALUES (lower($1), $2, $3, $4) RETURNING id"
)
_INVENT = Statement("UPDATE account SET invented = true WHERE id = $1")
_SET_PASSWORD = Statement("UPDATE account SET password_hash = $2 WHERE id = $1")
_DISABLE = Statement("UPDATE account SET disabled_on = current_date WHERE id = $1 AND disabled_on IS NULL")
_ENABLE = Statement("UPDATE account SET disabled_on = NULL WHERE id = $1")
_GIVE = Statement("INSERT INTO role_grant (account_id, role, org_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
_GRANTS = Query(
    _GrantRow,
    """
    SELECT role, org_id, coalesce((SELECT name FROM org WHERE id = org_id), '') AS org_name
    FROM role_grant WHERE account_id = $1 ORDER BY role, org_id
    """,
)
_OPEN_SESSION = Statement("INSERT INTO session (token_hash, account_id, how, mfa) VALUES ($1, $2, $3, $4)")
# One statement finds the session and says that it was used: an idle or old one is not found.
_USE_SESSION = Query(
    _SessionRow,
    """
    UPDATE session SET last_seen_at = now()
    FROM account
    WHERE session.token_hash = $1 AND account.id = session.account_id AND account.disabled_on IS NULL
      AND session.last_seen_at > now() - $2::interval AND session.created_at > now() - $3::interval
    RETURNING session.id, session.how, session.mfa, session.proved_at > now() - $4::interval AS fresh,
      account.id AS account_id, account.email, account.name,
      EXISTS (SELECT FROM totp t WHERE t.account_id = account.id AND t.confirmed_on IS NOT NULL)
      OR EXISTS (SELECT FROM passkey p WHERE p.account_id = account.id) AS has_factor
    """,
)
# The session stays as old as it is: renewing its token proves who it is, and lengthens nothing.
_RENEW = Statement(
    "UPDATE session SET token_hash = $2, id = gen_random_uuid(), how = $3, mfa = $4, proved_at = now() WHERE id = $1"
)
_SESSIONS = Query(
    OpenSession,
    """
    SELECT id, created_at::date AS opened_on, how, mfa FROM session
    WHERE account_id = $1 AND last_seen_at > now() - $2::interval AND created_at > now() - $3::interval
    ORDER BY created_at DESC
    """,
)
_END_SESSION = Statement("DELETE FROM session WHERE token_hash = $1")
_END_ONE = Statement("DELETE FROM session WHERE account_id = $1 AND id = $2")
_END_ALL = Statement("DELETE FROM session WHERE account_id = $1 AND ($2::uuid IS NULL OR id <> $2)")
_FORGET_OLD = Statement("DELETE FROM session WHERE created_at < now() - $1::interval")


async def account_by_email(connection: Connection, email: str) -> Account | None:
    """The account of an e-mail address."""
    return await _BY_EMAIL.maybe(connection, email)


async def account(connection: Connection, account_id: UUID) -> Account:
    """An account; raises `NotFound`."""
    return await _BY_ID.one(connection, account_id)


async def accounts(connection: Connection) -> list[Account]:
    """Every account."""
    return await _ALL.all(connection)


async def anybody_invented(connection: Connection) -> bool:
    """Whether this is a demonstration: somebody who may sign in was invented."""
    return bool(await _ANYBODY_INVENTED.maybe(connection))


async def add_account(
    connection: Connection, *, email: str, name: str, password_hash: str | None, place_id: UUID | None = None
) -> UUID:
    """A new account without any role; without a password it waits for an invitation.

    Administrators of `place_id` see it also when it has no role.
    """
    return await _ADD.one(connection, email, name, password_hash, place_id)


async def say_invented(connection: Connection, account_id: UUID) -> None:
    """Note that an account belongs to nobody real."""
    await _INVENT.run(connection, account_id)


async def set_password(
    connection: Connection, account_id: UUID, password_hash: str, *, keep: UUID | None = None
) -> None:
    """Replace a password and end every session but the one to keep."""
    await end_sessions(connection, account_id, keep=keep)
    await _SET_PASSWORD.run(connection, account_id, password_hash)


async def disable(connection: Connection, account_id: UUID) -> None:
    """Close an account, end its sessions and take its keys to cases; raises `LastKeys`, and then nothing changes."""
    try:
        await _DISABLE.run(connection, account_id)
    except asyncpg.RestrictViolationError:  # the database's own rule about keys
        raise LastKeys from None
    await end_sessions(connection, account_id)


async def enable(connection: Connection, account_id: UUID) -> None:
    """Open a closed account again."""
    await _ENABLE.run(connection, account_id)


async def give_role(connection: Connection, account_id: UUID, role: Role, org_id: UUID) -> None:
    """Give a role over an organisation and all below it."""
    await _GIVE.run(connection, account_id, role.value, org_id)


async def grants(connection: Connection, account_id: UUID) -> tuple[Grant, ...]:
    """The roles of an account."""
    rows = await _GRANTS.all(connection, account_id)
    return tuple(Grant(Role(row.role), row.org_id, row.org_name) for row in rows)


async def open_session(connection: Connection, account_id: UUID, *, how: How, mfa: bool) -> str:
    """A new session, opened in one way, with two factors or one; returns the token that only the browser keeps."""
    await _FORGET_OLD.run(connection, LONGEST)
    token = new_token()
    await _OPEN_SESSION.run(connection, digest(token), account_id, how.value, mfa)
    return token


async def use_session(connection: Connection, token: str) -> Session | None:
    """The session behind a token, where it is neither idle nor old."""
    row = await _USE_SESSION.maybe(connection, digest(token), IDLE, LONGEST, FRESH)
    if row is None:
        return None
    actor = Actor(row.account_id, row.name, row.email, await grants(connection, row.account_id))
    return Session(row.id, actor, How(row.how), mfa=row.mfa, fresh=row.fresh, has_factor=row.has_factor)


async def renew_session(connection: Connection, session_id: UUID, *, how: How, mfa: bool) -> str:
    """A new token for a session whose owner has proved again who they are; the old token opens nothing any more."""
    token = new_token()
    await _RENEW.run(connection, session_id, digest(token), how.value, mfa)
    return token


async def sessions(connection: Connection, account_id: UUID) -> list[OpenSession]:
    """The open sessions of an account, newest first."""
    return await _SESSIONS.all(connection, account_id, IDLE, LONGEST)


async def end_session(connection: Connection, token: str) -> None:
    """Sign out."""
    await _END_SESSION.run(connection, digest(token))


async def end_one_session(connection: Connection, account_id: UUID, session_id: UUID) -> bool:
    """End a session of an account by the name it has in the list; False where there is none."""
    return await _END_ONE.run(connection, account_id, session_id) == 1


async def end_sessions(connection: Connection, account_id: UUID, *, keep: UUID | None = None) -> None:
    """End every session of an account but the one to keep."""
    await _END_ALL.run(connection, account_id, keep)
