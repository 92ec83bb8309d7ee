"""The key under which second factors lie: a file beside the other keys, so that a stolen database tells no codes."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from earshot.core.crypto import write_once
from earshot.core.errors import EarshotError

_NONCE = 12  # bytes


class FactorUnreadable(EarshotError):
    """Codes cannot be checked now. Use a passkey or a recovery code, and tell the person who runs Earshot."""

    status = 503


@dataclass(frozen=True)
class FactorKey:
    """The file `factors` of the key folder: 32 bytes for AES-256-GCM, made when the first secret is kept."""

    folder: Path

    def seal(self, secret: bytes, *, account_id: UUID) -> bytes:
        """Seal a secret for one account; moved to another one it does not open."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self._made()).encrypt(nonce, secret, _info(account_id))

    def open(self, sealed: bytes, *, account_id: UUID) -> bytes:
        """Open what `seal` made; raises `FactorUnreadable` where the key is another one or not there."""
        try:
            key = AESGCM(self._path.read_bytes())
            return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], _info(account_id))
        except (OSError, ValueError, InvalidTag):
            raise FactorUnreadable from None

    @property
    def _path(self) -> Path:
        return self.folder / "factors"

    def _made(self) -> bytes:
        if not self._path.exists():
            with suppress(FileExistsError):  # another process made it between our look and our write
                write_once(self._path, secrets.token_bytes(32))
        return self._path.read_bytes()


def _info(account_id: UUID) -> bytes:
    return b"earshot/totp/v1/" + account_id.bytes
