"""Ending a kind of mail: with one click, without signing in, and without anybody else being able to do it.

The address in a mail carries the account, the kind of mail, and a keyed hash of both under the key that lies outside
the database: whoever has the mail may end such mails, and whoever guesses an address or steals the database may not.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Query, Statement

#: The kinds of mail that somebody can end, in words.
MAILS: Final[dict[str, str]] = {
    "hourly": "your hourly digest",
    "daily": "your daily digest",
    "weekly": "your weekly digest",
    "monthly": "your monthly digest",
    "alerts": "mails about single warnings",
    "notice": "the daily reminder for guardians",
}
_PROOF = 16  # bytes of the keyed hash


@dataclass(frozen=True)
class Stopping:
    """What an address ends: a kind of mail to one account."""

    account_id: UUID
    about: str


@dataclass(frozen=True)
class _Stopped:
    account_id: UUID
    about: str
    stopped_on: date


_STOP = Statement("INSERT INTO mail_stop (account_id, about) VALUES ($1, $2) ON CONFLICT DO NOTHING")
_START = Statement("DELETE FROM mail_stop WHERE account_id = $1 AND about = $2")
_STOPPED = Query(
    _Stopped, "SELECT account_id, about, stopped_on FROM mail_stop WHERE account_id = ANY ($1) ORDER BY about"
)


def unsubscribe_path(keys: KeyFiles, account_id: UUID, about: str) -> str:
    """The path of the console's page that ends a kind of mail; raises `KeysMissing`."""
    body = account_id.bytes + about.encode()
    return f"/unsubscribe/{base64.urlsafe_b64encode(_proof(keys, body) + body).decode().rstrip('=')}"


def stopping(keys: KeyFiles, token: str) -> Stopping | None:
    """What the last part of such a path ends, or None where it was not made here."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        proof, body = raw[:_PROOF], raw[_PROOF:]
        about = body[16:].decode("ascii")
    except (ValueError, binascii.Error):
        return None
    if about not in MAILS or not hmac.compare_digest(proof, _proof(keys, body)):
        return None
    return Stopping(UUID(bytes=body[:16]), about)


def _proof(keys: KeyFiles, body: bytes) -> bytes:
    return keys.blind("unsubscribe", body)[:_PROOF]


async def stop(connection: Connection, account_id: UUID, about: str) -> None:
    """End a kind of mail; ending it again changes nothing."""
    await _STOP.run(connection, account_id, about)


async def start(connection: Connection, account_id: UUID, about: str) -> None:
    """Send a kind of mail again."""
    await _START.run(connection, account_id, about)


async def stopped(connection: Connection, account_ids: list[UUID]) -> set[tuple[UUID, str]]:
    """Which kinds of mail were ended, as pairs of account and kind."""
    return {(row.account_id, row.about) for row in await _STOPPED.all(connection, account_ids)}
