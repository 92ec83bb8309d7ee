"""Keys for other programmes: shown once, kept as a hash, over one place, for some streams, until a day. Pure."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from earshot.core.db import Scope
from earshot.measures.periods import Period

May = Literal["counts", "send"]

LONGEST = timedelta(days=366)  # a key that nobody looks after ends by itself
_PREFIX = "earshot_"  # by which a scan for lost secrets finds one
_SHOWN = len(_PREFIX) + 4


@dataclass(frozen=True)
class FreshKey:
    """A key just made. `secret` is for its one showing; only `hash` (SHA-256, of 256 random bits) is kept."""

    secret: str
    hash: bytes
    begins: str


@dataclass(frozen=True)
class FeedKey:
    """A key as people see it; the secret itself is nowhere."""

    id: UUID
    begins: str
    name: str
    org_id: UUID
    org_name: str
    streams: list[str]
    may: list[str]
    period: str
    made_by: str
    made_on: date
    expires_on: date
    revoked_on: date | None
    last_used_on: date | None

    def state(self, today: date) -> Literal["live", "expired", "revoked"]:
        """Whether it still opens anything."""
        if self.revoked_on is not None:
            return "revoked"
        return "expired" if self.expires_on < today else "live"


@dataclass(frozen=True)
class Programme:
    """Another programme that showed its key, and what that lets it do."""

    id: UUID
    org_id: UUID
    streams: list[str]
    may: list[str]
    period: Period

    @property
    def scope(self) -> Scope:
        """What a transaction on its behalf may see."""
        return Scope((self.org_id,), tuple(self.streams))


def fresh_key() -> FreshKey:
    """A new key with 256 bits of the system's randomness."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    return FreshKey(secret, hash_of(secret), secret[:_SHOWN])


def hash_of(secret: str) -> bytes:
    """What is kept of a key (32 bytes). No salt and no slow hash: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
