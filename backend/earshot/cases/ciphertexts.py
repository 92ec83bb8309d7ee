"""Ciphertexts as they travel: base64 in JSON, checked by their lengths, which is all that the server knows of them."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from earshot.core.crypto import PAD_TO

OVERHEAD = 48  # bytes that HPKE adds: an encapsulated key of 32 and a tag of 16
LARGEST = 256 * 1024
_KEY = 32
_LONGEST = (LARGEST + 2) // 3 * 4


def _read(given: Any) -> Any:
    """Bytes from base64; the refused value itself is never quoted."""
    if isinstance(given, bytes):
        return given
    if not isinstance(given, str) or len(given) > _LONGEST:
        raise ValueError("Send base64, of 256 KiB at most.")
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("Send base64.") from None


def _written(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _text(raw: bytes) -> bytes:
    if not OVERHEAD < len(raw) <= LARGEST or (len(raw) - OVERHEAD) % PAD_TO:
        raise ValueError("This is not a padded text sealed with HPKE.")
    return raw


def _exactly(length: int) -> AfterValidator:
    def check(raw: bytes) -> bytes:
        if len(raw) != length:
            raise ValueError(f"This must be {length} bytes long.")
        return raw

    return AfterValidator(check)


def _between(least: int, most: int) -> AfterValidator:
    def check(raw: bytes) -> bytes:
        if not least <= len(raw) <= most:
            raise ValueError(f"This must be {least} to {most} bytes long.")
        return raw

    return AfterValidator(check)


_DECODED = BeforeValidator(_read)
_ENCODED = PlainSerializer(_written, return_type=str)
_SCHEMA = WithJsonSchema({"type": "string", "contentEncoding": "base64", "maxLength": _LONGEST})

#: Anything, as base64: what the server hands out.
Base64 = Annotated[bytes, _DECODED, _ENCODED, _SCHEMA]
#: A padded text sealed to a case or to its notes.
SealedText = Annotated[bytes, _DECODED, AfterValidator(_text), _ENCODED, _SCHEMA]
#: The private key of a case, or of its notes, sealed to one key pair.
SealedKey = Annotated[bytes, _DECODED, _exactly(OVERHEAD + _KEY), _ENCODED, _SCHEMA]
#: The public half of a key pair.
Public = Annotated[bytes, _DECODED, _exactly(_KEY), _ENCODED, _SCHEMA]
#: A private key under a passphrase or a passkey: nonce, key and tag.
LockedKey = Annotated[bytes, _DECODED, _exactly(12 + _KEY + 16), _ENCODED, _SCHEMA]
Salt = Annotated[bytes, _DECODED, _between(16, 64), _ENCODED, _SCHEMA]
CredentialId = Annotated[bytes, _DECODED, _between(1, 1023), _ENCODED, _SCHEMA]
