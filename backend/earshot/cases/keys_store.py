"""Key pairs of handlers, what locks their private halves, and the couples of the escrow, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from earshot.cases.texts_store import Lock
from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class KeyPair:
    """One of a person's key pairs; `cases` counts those that it opens."""

    id: UUID
    public: bytes
    made_on: date
    retired_on: date | None
    cases: int


@dataclass(frozen=True)
class KeyLock:
    """A private key under a passphrase or a passkey."""

    id: UUID
    pair_id: UUID
    kind: str
    credential_id: bytes | None
    salt: bytes
    settings: dict[str, Any]
    sealed: bytes
    made_on: date


@dataclass(frozen=True)
class KeyHolder:
    """Somebody who holds a key pair, with their roles."""

    account_id: UUID
    name: str
    roles: Sequence[str]
    pair_id: UUID
    public: bytes
    made_on: date


@dataclass(frozen=True)
class Couple:
    """The two people of an organisation's escrow, by their key pairs."""

    org_id: UUID
    org_name: str
    first_pair_id: UUID
    second_pair_id: UUID
    set_on: date


_PAIRS = Query(
    KeyPair,
    """
    SELECT k.id, k.public, k.made_on, k.retired_on,
      (SELECT count(*)::int FROM case_lock l WHERE l.pair_id = k.id AND l.opens = 'case') AS cases
    FROM key_pair k WHERE k.account_id = $1 ORDER BY k.retired_on IS NOT NULL, k.retired_on DESC, k.made_on DESC, k.id
    """,
)
_KEY_LOCKS = Query(
    KeyLock,
    """
    SELECT l.id, l.pair_id, l.kind, l.credential_id, l.salt, l.settings, l.sealed, l.made_on
    FROM key_lock l JOIN key_pair k ON k.id = l.pair_id WHERE k.account_id = $1 ORDER BY l.made_on, l.id
    """,
)
_HOLDER: LiteralString = """
    SELECT a.id AS account_id, a.name, k.id AS pair_id, k.public, k.made_on,
      ARRAY (SELECT DISTINCT g.role FROM role_grant g WHERE g.account_id = a.id ORDER BY g.role) AS roles
    FROM key_pair k JOIN account a ON a.id = k.account_id AND a.disabled_on IS NULL
"""
# Those of the transaction's places, and those above who handle cases of them.
_NEAR: LiteralString = """
    WHERE k.retired_on IS NULL AND (
      EXISTS (SELECT FROM role_grant g JOIN org o ON o.id = g.org_id WHERE g.account_id = a.id)
      OR a.id IN (SELECT h.account_id FROM unnest($1::uuid[]) place, LATERAL handlers_of(place, 'patient') h))
    ORDER BY a.name, a.id
"""
_COLLEAGUES = Query(KeyHolder, _HOLDER + _NEAR)
_HOLDERS = Query(KeyHolder, _HOLDER + " WHERE k.id = ANY ($1)")
_HOLDER_OF = Query(KeyHolder, _HOLDER + " WHERE a.id = $1 AND k.retired_on IS NULL")
_ADD_PAIR = Query(
    UUID, "INSERT INTO key_pair (account_id, public, made_on) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id"
)
_RETIRE = Statement("UPDATE key_pair SET retired_on = $2 WHERE account_id = $1 AND retired_on IS NULL")
_ADD_KEY_LOCK = Query(
    UUID,
    """
    INSERT INTO key_lock (pair_id, kind, credential_id, salt, settings, sealed) VALUES ($1, $2, $3, $4, $5, $6)
    RETURNING id
    """,
)
_DROP_KEY_LOCK = Statement("DELETE FROM key_lock WHERE id = $1")
_CASE_LOCKS = Query(
    Lock,
    """
    SELECT l.case_id, l.pair_id, l.opens, l.sealed FROM case_lock l JOIN key_pair k ON k.id = l.pair_id
    WHERE k.account_id = $1 ORDER BY l.case_id, l.opens, k.retired_on IS NOT NULL, l.pair_id
    """,
)
_FORGET_LOCKS = Statement(
    "DELETE FROM case_lock WHERE pair_id IN (SELECT id FROM key_pair WHERE account_id = $1 AND id <> $2)"
)
_COUPLES = Query(
    Couple,
    """
    SELECT e.org_id, o.name AS org_name, e.first_pair_id, e.second_pair_id, e.set_on
    FROM escrow e JOIN org o ON o.id = e.org_id ORDER BY o.path
    """,
)
_SET_COUPLE = Statement(
    """
    INSERT INTO escrow (org_id, first_pair_id, second_pair_id, set_on) VALUES ($1, $2, $3, $4)
    ON CONFLICT (org_id) DO UPDATE SET first_pair_id = EXCLUDED.first_pair_id,
      second_pair_id = EXCLUDED.second_pair_id, set_on = EXCLUDED.set_on
    """
)
_FOLLOW = Statement(
    """
    UPDATE escrow e SET first_pair_id = CASE WHEN k.id = e.first_pair_id THEN $2 ELSE e.first_pair_id END,
      second_pair_id = CASE WHEN k.id = e.second_pair_id THEN $2 ELSE e.second_pair_id END
    FROM key_pair k WHERE k.id IN (e.first_pair_id, e.second_pair_id) AND k.account_id = $1
    """
)
_DROP_COUPLE = Statement("DELETE FROM escrow WHERE org_id = $1")


async def pairs(connection: Connection, person: UUID) -> list[KeyPair]:
    """A person's key pairs, the one in use first."""
    return await _PAIRS.all(connection, person)


async def key_locks(connection: Connection, person: UUID) -> list[KeyLock]:
    """What a person's private keys are locked with, oldest first."""
    return await _KEY_LOCKS.all(connection, person)


async def colleagues(connection: Connection, places: Sequence[UUID]) -> list[KeyHolder]:
    """People of the transaction's places, and handlers above them, who hold a key pair."""
    return await _COLLEAGUES.all(connection, places)


async def holders(connection: Connection, pair_ids: Sequence[UUID]) -> dict[UUID, KeyHolder]:
    """Who holds some key pairs."""
    return {one.pair_id: one for one in await _HOLDERS.all(connection, pair_ids)}


async def holder(connection: Connection, account_id: UUID) -> KeyHolder | None:
    """A person with their key pair in use."""
    return await _HOLDER_OF.maybe(connection, account_id)


async def add_pair(connection: Connection, person: UUID, public: bytes) -> UUID | None:
    """Keep the public half of a new key pair; None where the person has one, or somebody has this one."""
    return await _ADD_PAIR.maybe(connection, person, public, date.today())


async def retire(connection: Connection, person: UUID) -> None:
    """Take the key pair in use out of use; it still opens what was sealed to it."""
    await _RETIRE.run(connection, person, date.today())


async def add_key_lock(
    connection: Connection, pair_id: UUID, kind: str, credential_id: bytes | None, salt: bytes,
    settings: dict[str, int], sealed: bytes,
) -> UUID:  # fmt: skip
    """Keep another way to open a private key."""
    return await _ADD_KEY_LOCK.one(connection, pair_id, kind, credential_id, salt, settings, sealed)


async def drop_key_lock(connection: Connection, lock_id: UUID) -> None:
    """Take one way to open a private key away."""
    await _DROP_KEY_LOCK.run(connection, lock_id)


async def case_locks(connection: Connection, person: UUID) -> list[Lock]:
    """Every lock that a person's key pairs open."""
    return await _CASE_LOCKS.all(connection, person)


async def forget_old_locks(connection: Connection, person: UUID, pair_id: UUID) -> None:
    """Remove the locks of a person's other key pairs."""
    await _FORGET_LOCKS.run(connection, person, pair_id)


async def couples(connection: Connection) -> list[Couple]:
    """The escrows of the transaction's places."""
    return await _COUPLES.all(connection)


async def set_couple(connection: Connection, org_id: UUID, first_pair_id: UUID, second_pair_id: UUID) -> None:
    """Name the two people of an organisation."""
    await _SET_COUPLE.run(connection, org_id, first_pair_id, second_pair_id, date.today())


async def follow_couples(connection: Connection, person: UUID, pair_id: UUID) -> None:
    """Let the escrows that a person has a part in be sealed to a new key pair from now on."""
    await _FOLLOW.run(connection, person, pair_id)


async def drop_couple(connection: Connection, org_id: UUID) -> bool:
    """Do without an escrow from now on; False where there was none."""
    return bool(await _DROP_COUPLE.run(connection, org_id))
