"""Accounts, grants and sessions in the database."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.people.model import Actor, Grant, Role

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in."""

    id: UUID
    email: str
    name: str
    password_hash: str
    disabled: bool


@dataclass(frozen=True)
class _GrantRow:
    role: str
    org_id: UUID
    org_name: str


@dataclass(frozen=True)
class _SessionRow:
    account_id: UUID
    email: str
    name: str


_BY_EMAIL = Query(
    Account,
    "SELECT id, email, name, password_hash, disabled_on IS NOT NULL AS disabled FROM account WHERE email = lower($1)",
)
_ALL = Query(
    Account, "SELECT id, email, name, password_hash, disabled_on IS NOT NULL AS disabled FROM account ORDER BY email"
)
_ADD = Query(UUID, "INSERT INTO account (email, name, password_hash) VALUES (lower($1), $2, $3) RETURNING id")
_SET_PASSWORD = Statement("UPDATE account SET password_hash = $2 WHERE email = lower($1)")
_DISABLE = Statement("UPDATE account SET disabled_on = current_date WHERE email = lower($1)")
_GIVE = Statement("INSERT INTO role_grant (account_id, role, org_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
_GRANTS = Query(
    _GrantRow,
    """
    SELECT role, org_id, coalesce((SELECT name FROM org WHERE id = org_id), '') AS org_name
    FROM role_grant WHERE account_id = $1 ORDER BY role, org_id
    """,
)
_OPEN_SESSION = Statement("INSERT INTO session (token_hash, account_id) VALUES ($1, $2)")
# One statement finds the session and says that it was used: an idle or old one is not found.
_USE_SESSION = Query(
    _SessionRow,
    """
    UPDATE session SET last_seen_at = now()
    FROM account
    WHERE session.token_hash = $1 AND account.id = session.account_id AND account.disabled_on IS NULL
      AND session.last_seen_at > now() - $2::interval AND session.created_at > now() - $3::interval
    RETURNING account.id AS account_id, account.email, account.name
    """,
)
_END_SESSION = Statement("DELETE FROM session WHERE token_hash = $1")
_END_ALL = Statement("DELETE FROM session WHERE account_id = (SELECT id FROM account WHERE email = lower($1))")
_FORGET_OLD = Statement("DELETE FROM session WHERE created_at < now() - $1::interval")
# A token bucket: refills by $2 tokens a second up to $3, and takes one if there is one.
_TAKE = Query(
    bool,
    """
    INSERT INTO bucket (key, tokens) VALUES ($1, $3::float8 - 1)
    ON CONFLICT (key) DO UPDATE SET at = clock_timestamp(),
      tokens = least($3, bucket.tokens + $2::float8 * extract(epoch FROM clock_timestamp() - bucket.at)) - 1
    WHERE least($3, bucket.tokens + $2::float8 * extract(epoch FROM clock_timestamp() - bucket.at)) >= 1
    RETURNING true
    """,
)


def _digest(token: str) -> bytes:
    """Sessions are stored by their hash, so that a stolen table opens none."""
    return hashlib.sha256(token.encode()).digest()


async def account_by_email(connection: Connection, email: str) -> Account | None:
    """The account of an e-mail address."""
    return await _BY_EMAIL.maybe(connection, email)


async def accounts(connection: Connection) -> list[Account]:
    """Every account."""
    return await _ALL.all(connection)


async def add_account(connection: Connection, *, email: str, name: str, password_hash: str) -> UUID:
    """A new account without any role."""
    return await _ADD.one(connection, email, name, password_hash)


async def set_password(connection: Connection, email: str, password_hash: str) -> bool:
    """Replace a password and end every session; False where nobody has that address."""
    await _END_ALL.run(connection, email)
    return await _SET_PASSWORD.run(connection, email, password_hash) == 1


async def disable(connection: Connection, email: str) -> bool:
    """Close an account and end its sessions; False where nobody has that address."""
    await _END_ALL.run(connection, email)
    return await _DISABLE.run(connection, email) == 1


async def give_role(connection: Connection, account_id: UUID, role: Role, org_id: UUID) -> None:
    """Give a role over an organisation and all below it."""
    await _GIVE.run(connection, account_id, role.value, org_id)


async def grants(connection: Connection, account_id: UUID) -> tuple[Grant, ...]:
    """The roles of an account."""
    rows = await _GRANTS.all(connection, account_id)
    return tuple(Grant(Role(row.role), row.org_id, row.org_name) for row in rows)


async def open_session(connection: Connection, account_id: UUID) -> str:
    """A new session; returns the token that only the browser keeps."""
    await _FORGET_OLD.run(connection, LONGEST)
    token = secrets.token_urlsafe(32)
    await _OPEN_SESSION.run(connection, _digest(token), account_id)
    return token


async def use_session(connection: Connection, token: str) -> Actor | None:
    """The person behind a session that is neither idle nor old."""
    row = await _USE_SESSION.maybe(connection, _digest(token), IDLE, LONGEST)
    if row is None:
        return None
    return Actor(row.account_id, row.name, row.email, await grants(connection, row.account_id))


async def end_session(connection: Connection, token: str) -> None:
    """Sign out."""
    await _END_SESSION.run(connection, _digest(token))


async def take(connection: Connection, key: bytes, *, per_second: float, burst: float) -> bool:
    """Take one token from a bucket; False when it is empty."""
    return bool(await _TAKE.maybe(connection, key, per_second, burst))
