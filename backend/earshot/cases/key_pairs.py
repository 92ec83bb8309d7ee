"""Key pairs of people who handle cases: the private half leaves its owner's hands only locked. Pure.

The browser does the same (`frontend/src/keys/keyPair.ts`); there a passkey can be the lock instead of a passphrase.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from earshot.core.crypto import Unreadable

#: Argon2id of RFC 9106's second recommendation (64 MiB, 3 passes) with one lane, so that browsers compute it too.
ARGON2ID: Mapping[str, int] = {"m": 65_536, "t": 3, "p": 1}
_SALT = 16
_NONCE = 12


@dataclass(frozen=True)
class PassphraseLock:
    """A private key under a passphrase: salt (16 bytes), settings of Argon2id, and nonce (12) with ciphertext."""

    salt: bytes
    settings: Mapping[str, int]
    sealed: bytes


@dataclass(frozen=True)
class HandlerKeys:
    """The key pair of one handler; `private` is 32 bytes."""

    private: bytes = field(repr=False)

    @classmethod
    def new(cls) -> HandlerKeys:
        """A fresh pair."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> bytes:
        """The half that only seals (32 bytes)."""
        return X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()

    def lock(self, passphrase: str, settings: Mapping[str, int] = ARGON2ID) -> PassphraseLock:
        """Lock the private half under a passphrase; takes about 0.2 s and 64 MiB."""
        salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
        sealed = AESGCM(_stretched(passphrase, salt, settings)).encrypt(nonce, self.private, _bound(self.public))
        return PassphraseLock(salt, dict(settings), nonce + sealed)


def unlock(lock: PassphraseLock, passphrase: str, public: bytes) -> HandlerKeys:
    """The pair that `HandlerKeys.lock` locked; raises `Unreadable` for another passphrase or public half."""
    key = _stretched(passphrase, lock.salt, lock.settings)
    try:
        return HandlerKeys(AESGCM(key).decrypt(lock.sealed[:_NONCE], lock.sealed[_NONCE:], _bound(public)))
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _bound(public: bytes) -> bytes:
    return b"earshot/keypair/v1/" + public


def _stretched(passphrase: str, salt: bytes, settings: Mapping[str, int]) -> bytes:
    """Argon2id (RFC 9106) of the passphrase in Unicode's form NFKC, so that every keyboard types the same one."""
    stretch = Argon2id(salt=salt, length=32, iterations=settings["t"], lanes=settings["p"], memory_cost=settings["m"])
    return stretch.derive(unicodedata.normalize("NFKC", passphrase).encode())
