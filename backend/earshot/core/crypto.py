"""Sealing: what people write is readable only with a key file that lies outside the database.

HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM). The public door holds only the public half, so it cannot
read back what it has sealed. `info` binds a ciphertext to its purpose and row: moved to another row it does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from earshot.core.errors import EarshotError, KeysMissing

PAD_TO = 256  # a ciphertext's length says how long a text is only to the nearest 256 bytes
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Unreadable(EarshotError):
    """A sealed text could not be opened with the key in use. It is kept; look for the key file it was sealed with."""


def pad(plain: bytes) -> bytes:
    """Pad as ISO/IEC 7816-4: a marker byte and zeros, up to a multiple of 256 bytes."""
    return plain + b"\x80" + b"\x00" * (-(len(plain) + 1) % PAD_TO)


def unpad(padded: bytes) -> bytes:
    """Undo `pad`."""
    return padded[: padded.rindex(b"\x80")]


@dataclass(frozen=True)
class SealingKey:
    """The public half: seals, and never opens."""

    key_id: str
    public: X25519PublicKey

    def seal(self, plain: bytes, *, info: bytes) -> bytes:
        """Seal bytes so that only the private half opens them, bound to `info`."""
        return _SUITE.encrypt(pad(plain), self.public, info)


@dataclass(frozen=True)
class OpeningKey:
    """The private half, held by the worker."""

    key_id: str
    private: X25519PrivateKey

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """Open what `SealingKey.seal` made; raises `Unreadable` for another key, row or purpose."""
        try:
            return unpad(_SUITE.decrypt(sealed, self.private, info))
        except (InvalidTag, ValueError):
            raise Unreadable from None


@dataclass(frozen=True)
class BlindingKey:
    """Compares values without keeping them."""

    raw: bytes

    def blind(self, *parts: str | bytes) -> bytes:
        """A keyed hash (HMAC-SHA256) of the parts."""
        raws = [part.encode() if isinstance(part, str) else part for part in parts]
        # Lengths keep ("ab","c") apart from ("a","bc").
        return hmac.digest(self.raw, b"".join(len(raw).to_bytes(4, "big") + raw for raw in raws), "sha256")


@dataclass(frozen=True)
class KeyFiles:
    """The key folder: `intake.public` and `blind` for the public door, `intake.private` for the worker."""

    folder: Path

    def exist(self) -> bool:
        """Whether every key file is there."""
        return all((self.folder / name).is_file() for name in ("intake.public", "intake.private", "blind"))

    def create(self) -> None:
        """Make new keys; refuses to touch ones that are there, since older texts need them."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = X25519PrivateKey.generate()
        write_once(self.folder / "intake.private", private.private_bytes_raw())
        write_once(self.folder / "intake.public", private.public_key().public_bytes_raw())
        write_once(self.folder / "blind", secrets.token_bytes(32))

    def sealing(self) -> SealingKey:
        """The public half; raises `KeysMissing`."""
        raw = self._read("intake.public")
        return SealingKey(key_id(raw), X25519PublicKey.from_public_bytes(raw))

    def opening(self) -> OpeningKey:
        """The private half; raises `KeysMissing`."""
        private = X25519PrivateKey.from_private_bytes(self._read("intake.private"))
        return OpeningKey(key_id(private.public_key().public_bytes_raw()), private)

    def blinding(self) -> BlindingKey:
        """The key of keyed hashes; raises `KeysMissing`."""
        return BlindingKey(self._read("blind"))

    def blind(self, *parts: str | bytes) -> bytes:
        """A keyed hash of the parts with the key that lies here now; raises `KeysMissing`."""
        return self.blinding().blind(*parts)

    def _read(self, name: str) -> bytes:
        """Read a key each time it is used: a key that was taken away closes the form at once."""
        try:
            raw = (self.folder / name).read_bytes()
        except OSError:
            raise KeysMissing from None
        if len(raw) != 32:
            raise KeysMissing
        return raw


def key_id(public: bytes) -> str:
    """A short name for a key that gives nothing away."""
    return hashlib.sha256(b"earshot key" + public).hexdigest()[:16]


def write_once(path: Path, raw: bytes) -> None:
    """Write a new file that only its owner reads; fails where one exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
