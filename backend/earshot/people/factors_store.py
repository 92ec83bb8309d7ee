"""Second factors, recovery codes and challenges in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

Purpose = Literal["passkey_sign_in", "passkey_new", "single_sign_on"]
CHALLENGE_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Totp:
    """The sealed secret of codes; `confirmed` once a first code was right."""

    sealed: bytes
    confirmed: bool


@dataclass(frozen=True)
class Passkey:
    """A passkey of an account: its public key, and how often it has signed."""

    id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    made_on: date
    used_on: date | None


@dataclass(frozen=True)
class Challenge:
    """What was asked of a browser."""

    account_id: UUID | None
    about: dict[str, Any]


_TOTP = Query(Totp, "SELECT sealed, confirmed_on IS NOT NULL AS confirmed FROM totp WHERE account_id = $1")
_TOTP_SINCE = Query(date, "SELECT confirmed_on FROM totp WHERE account_id = $1 AND confirmed_on IS NOT NULL")
# Somebody who began and did not finish begins again; a secret in use is never replaced by one that nobody has shown.
_BEGIN_TOTP = Query(
    bool,
    """
    INSERT INTO totp (account_id, sealed) VALUES ($1, $2)
    ON CONFLICT (account_id) DO UPDATE SET sealed = excluded.sealed, last_step = 0, made_on = current_date
    WHERE totp.confirmed_on IS NULL
    RETURNING true
    """,
)
_CONFIRM_TOTP = Statement(
    "UPDATE totp SET confirmed_on = current_date, last_step = $2 WHERE account_id = $1 AND confirmed_on IS NULL"
)
# One statement, so that of two who send the same code at once one is refused.
_USE_STEP = Statement(
    "UPDATE totp SET last_step = $2 WHERE account_id = $1 AND confirmed_on IS NOT NULL AND last_step < $2"
)
_DROP_TOTP = Statement("DELETE FROM totp WHERE account_id = $1")
_KEEP_RECOVERY = Statement("INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)")
_DROP_RECOVERY = Statement("DELETE FROM recovery_code WHERE account_id = $1")
_USE_RECOVERY = Statement(
    "UPDATE recovery_code SET used_on = current_date WHERE account_id = $1 AND code_hash = $2 AND used_on IS NULL"
)
_RECOVERY_LEFT = Query(int, "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND used_on IS NULL")
_PASSKEYS = Query(
    Passkey,
    """
    SELECT id, account_id, credential_id, public_key, sign_count, name, made_on, used_on FROM passkey
    WHERE account_id = $1 ORDER BY made_on, name, id
    """,
)
_PASSKEY = Query(
    Passkey,
    """
    SELECT p.id, account_id, credential_id, public_key, sign_count, p.name, made_on, used_on
    FROM passkey p JOIN account a ON a.id = p.account_id AND a.disabled_on IS NULL WHERE credential_id = $1
    """,
)
_ADD_PASSKEY = Query(
    UUID,
    """
    INSERT INTO passkey (account_id, credential_id, public_key, sign_count, name) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (credential_id) DO NOTHING RETURNING id
    """,
)
# A count that does not rise is a copied passkey; some authenticators do not count, and stay at zero.
_USE_PASSKEY = Statement(
    """
    UPDATE passkey SET sign_count = $2, used_on = current_date
    WHERE id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))
    """
)
_DROP_PASSKEY = Statement("DELETE FROM passkey WHERE account_id = $1 AND id = $2")
_DROP_PASSKEYS = Statement("DELETE FROM passkey WHERE account_id = $1")
_WAYS = Query(
    str,
    """
    SELECT 'code' FROM totp WHERE account_id = $1 AND confirmed_on IS NOT NULL
    UNION ALL SELECT 'passkey' WHERE EXISTS (SELECT FROM passkey WHERE account_id = $1)
    UNION ALL SELECT 'recovery_code' WHERE EXISTS (
      SELECT FROM recovery_code WHERE account_id = $1 AND used_on IS NULL)
    """,
)
_ASK = Statement(
    """
    INSERT INTO sign_in_challenge (token_hash, purpose, account_id, about, expires_at)
    VALUES ($1, $2, $3, $4, now() + $5::interval)
    """
)
_FORGET_CHALLENGES = Statement("DELETE FROM sign_in_challenge WHERE expires_at < now()")
_ANSWER = Query(
    Challenge,
    """
    DELETE FROM sign_in_challenge WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()
    RETURNING account_id, about
    """,
)


async def ways(connection: Connection, account_id: UUID) -> list[str]:
    """The second steps that an account has: `code`, `passkey`, `recovery_code`."""
    return await _WAYS.all(connection, account_id)


async def totp(connection: Connection, account_id: UUID) -> Totp | None:
    """The secret of an account's codes, confirmed or not."""
    return await _TOTP.maybe(connection, account_id)


async def totp_since(connection: Connection, account_id: UUID) -> date | None:
    """The day since which codes are in use."""
    return await _TOTP_SINCE.maybe(connection, account_id)


async def begin_totp(connection: Connection, account_id: UUID, sealed: bytes) -> bool:
    """Keep a secret that is being set up; False where codes are in use already."""
    return bool(await _BEGIN_TOTP.maybe(connection, account_id, sealed))


async def confirm_totp(connection: Connection, account_id: UUID, step: int) -> bool:
    """Put codes into use, the first one being spent; False where nothing was being set up."""
    return await _CONFIRM_TOTP.run(connection, account_id, step) == 1


async def use_step(connection: Connection, account_id: UUID, step: int) -> bool:
    """Spend the code of a step; False where that one or a later one was spent before."""
    return await _USE_STEP.run(connection, account_id, step) == 1


async def drop_totp(connection: Connection, account_id: UUID) -> bool:
    """Take codes out of use; False where there were none."""
    return await _DROP_TOTP.run(connection, account_id) == 1


async def keep_recovery_codes(connection: Connection, account_id: UUID, hashes: list[bytes]) -> None:
    """Replace all recovery codes of an account."""
    await _DROP_RECOVERY.run(connection, account_id)
    await _KEEP_RECOVERY.each(connection, [(account_id, code_hash) for code_hash in hashes])


async def use_recovery_code(connection: Connection, account_id: UUID, code_hash: bytes) -> bool:
    """Spend a recovery code; False where it is none, or was spent before."""
    return await _USE_RECOVERY.run(connection, account_id, code_hash) == 1


async def recovery_codes_left(connection: Connection, account_id: UUID) -> int:
    """How many recovery codes were not spent yet."""
    return await _RECOVERY_LEFT.one(connection, account_id)


async def passkeys(connection: Connection, account_id: UUID) -> list[Passkey]:
    """The passkeys of an account."""
    return await _PASSKEYS.all(connection, account_id)


async def passkey(connection: Connection, credential_id: bytes) -> Passkey | None:
    """A passkey by what the browser calls it, where its account is open."""
    return await _PASSKEY.maybe(connection, credential_id)


async def add_passkey(
    connection: Connection, account_id: UUID, *, credential_id: bytes, public_key: bytes, sign_count: int, name: str
) -> UUID | None:
    """Keep a new passkey; None where it is known already."""
    return await _ADD_PASSKEY.maybe(connection, account_id, credential_id, public_key, sign_count, name)


async def use_passkey(connection: Connection, passkey_id: UUID, sign_count: int) -> bool:
    """Note that a passkey signed; False where its count did not rise, as a copied passkey's does not."""
    return await _USE_PASSKEY.run(connection, passkey_id, sign_count) == 1


async def drop_passkey(connection: Connection, account_id: UUID, passkey_id: UUID) -> bool:
    """Forget a passkey; False where the account has none of that id."""
    return await _DROP_PASSKEY.run(connection, account_id, passkey_id) == 1


async def drop_all_factors(connection: Connection, account_id: UUID) -> None:
    """Forget codes, passkeys and recovery codes of an account."""
    for statement in (_DROP_TOTP, _DROP_PASSKEYS, _DROP_RECOVERY):
        await statement.run(connection, account_id)


async def ask(
    connection: Connection,
    token_hash: bytes,
    purpose: Purpose,
    *,
    account_id: UUID | None = None,
    about: dict[str, Any] | None = None,
    lasts: timedelta = CHALLENGE_LASTS,
) -> None:
    """Keep what was asked of a browser, for five minutes unless told otherwise."""
    await _FORGET_CHALLENGES.run(connection)
    await _ASK.run(connection, token_hash, purpose, account_id, about or {}, lasts)


async def answer(connection: Connection, token_hash: bytes, purpose: Purpose) -> Challenge | None:
    """Take what was asked, once: a second answer, a late one and one to another question find nothing."""
    return await _ANSWER.maybe(connection, token_hash, purpose)
