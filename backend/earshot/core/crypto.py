"""Sealing: what people write is readable only with a key file that lies outside the database.

HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM). The public door holds only the public half, so it cannot
read back what it has sealed. `info` binds a ciphertext to its purpose and row: moved to another row it does not open.

Day keys are for what the worker has to read once: a pair for each day, whose private half is destroyed soon after the
day, so that not even an old backup of database and keys together opens what was sealed with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
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


def hpke_seal(public: bytes, plain: bytes, *, info: bytes) -> bytes:
    """Seal bytes to a public key of 32 bytes, in one shot and without padding: enc (32 bytes), then the ciphertext."""
    return _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(public), info)


def hpke_open(private: bytes, sealed: bytes, *, info: bytes) -> bytes:
    """Open what `hpke_seal` made; raises `Unreadable` for another key, row or purpose."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        raise Unreadable from None


@dataclass(frozen=True)
class SealingKey:
    """The public half: seals, and never opens."""

    key_id: str
    public: X25519PublicKey

    def seal(self, plain: bytes, *, info: bytes) -> bytes:
        """Seal bytes so that only the private half opens them, bound to `info`."""
        return hpke_seal(self.public.public_bytes_raw(), pad(plain), info=info)


@dataclass(frozen=True)
class OpeningKey:
    """The private half, held by the worker, and those before it that something may still be sealed with."""

    key_id: str
    private: X25519PrivateKey
    earlier: tuple[X25519PrivateKey, ...] = ()

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """Open what `SealingKey.seal` made; raises `Unreadable` for another key, row or purpose."""
        for private in (self.private, *self.earlier):
            with suppress(Unreadable, ValueError):
                return unpad(hpke_open(private.private_bytes_raw(), sealed, info=info))
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
    """The key folder: `intake.public` and `blind` for the public door, `intake.private` for the worker.

    Beside them lie the keys of days, `day-2026-03-02.public` and `.private`; a day key's id is its date.
    """

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
        self.make_day_keys(date.today())

    def sealing(self) -> SealingKey:
        """The public half; raises `KeysMissing`."""
        raw = self._read("intake.public")
        return SealingKey(key_id(raw), X25519PublicKey.from_public_bytes(raw))

    def opening(self) -> OpeningKey:
        """The private half; raises `KeysMissing`."""
        private = X25519PrivateKey.from_private_bytes(self._read("intake.private"))
        raws = [self._read(path.name) for path in self.earlier_intake().values()]
        earlier = tuple(X25519PrivateKey.from_private_bytes(raw) for raw in raws)
        return OpeningKey(key_id(private.public_key().public_bytes_raw()), private, earlier)

    def renew_intake(self) -> str:
        """Seal with a new pair from now on and keep the private half of the old one; returns the new key's id.

        Whatever was sealed can be opened at every moment between, also if this stops half-way.
        """
        old, new = self.opening(), X25519PrivateKey.generate()
        with suppress(FileExistsError):
            write_once(self.folder / f"intake-{old.key_id}.private", old.private.private_bytes_raw())
        self._replace("intake.private", new.private_bytes_raw())
        public = new.public_key().public_bytes_raw()
        self._replace("intake.public", public)
        return key_id(public)

    def earlier_intake(self) -> dict[str, Path]:
        """The private halves of intake keys that are no longer sealed with, by their ids, the newest first."""
        found = sorted(self.folder.glob("intake-*.private"), key=lambda path: path.stat().st_mtime, reverse=True)
        return {path.stem.removeprefix("intake-"): path for path in found}

    def destroy_intake(self, key_id: str) -> None:
        """Destroy an earlier intake key: what was sealed with it opens nowhere any more, also in a backup."""
        erase(self.folder / f"intake-{key_id}.private")

    def _replace(self, name: str, raw: bytes) -> None:
        fresh = self.folder / f"{name}.fresh"
        fresh.unlink(missing_ok=True)
        write_once(fresh, raw)
        fresh.replace(self.folder / name)

    def blinding(self) -> BlindingKey:
        """The key of keyed hashes; raises `KeysMissing`."""
        return BlindingKey(self._read("blind"))

    def blind(self, *parts: str | bytes) -> bytes:
        """A keyed hash of the parts with the key that lies here now; raises `KeysMissing`."""
        return self.blinding().blind(*parts)

    def make_day_keys(self, today: date) -> None:
        """Make the pairs of today and tomorrow where they are not there; safe to run at once from two places.

        Raises `KeysMissing` where the other keys are not there.
        """
        if not self.exist():
            raise KeysMissing
        for day in (today, today + timedelta(days=1)):
            private = self.folder / f"day-{day}.private"
            with suppress(FileExistsError):
                write_once(private, X25519PrivateKey.generate().private_bytes_raw())
            with suppress(FileExistsError):
                raw = X25519PrivateKey.from_private_bytes(self._read(private.name)).public_key().public_bytes_raw()
                write_once(self.folder / f"day-{day}.public", raw)

    def day_key(self, day: date) -> SealingKey:
        """The public half of a day; raises `KeysMissing` for a day whose key is not made yet or is gone."""
        return SealingKey(str(day), X25519PublicKey.from_public_bytes(self._read(f"day-{day}.public")))

    def day_opening(self, key_id: str) -> OpeningKey:
        """The private half of a day, for the worker; raises `KeysMissing` once it is destroyed."""
        raw = self._read(f"day-{_as_day(key_id)}.private")
        return OpeningKey(key_id, X25519PrivateKey.from_private_bytes(raw))

    def days_before(self, today: date) -> list[date]:
        """The earlier days of which a half is still here, oldest first."""
        days = {_as_day(path.stem.removeprefix("day-")) for path in self.folder.glob("day-*.p*")}
        return sorted(day for day in days if day < today)

    def destroy_day(self, day: date) -> None:
        """Destroy both halves of a day; the public one goes first, so that nothing more is sealed with it.

        The file is overwritten; a disk that writes elsewhere, or a snapshot of it, may keep the old bytes for a while.
        """
        (self.folder / f"day-{day}.public").unlink(missing_ok=True)
        erase(self.folder / f"day-{day}.private")

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


def _as_day(key_id: str) -> date:
    """The day that a key id names; a name that is none has no key."""
    try:
        return date.fromisoformat(key_id)
    except ValueError:
        raise KeysMissing from None


def erase(path: Path) -> None:
    """Overwrite a key file and remove it; one that is gone already is fine."""
    with suppress(FileNotFoundError), path.open("r+b") as file:
        file.write(bytes(32))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)


def write_once(path: Path, raw: bytes) -> None:
    """Write a new file that only its owner reads; fails where one exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
