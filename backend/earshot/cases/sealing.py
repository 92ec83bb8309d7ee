"""The formats of speaking up: who can open what. Pure; `frontend/src/keys` does the same, byte for byte.

A case has a key pair of its own. Its private half is given to nobody in clear: it is sealed to each handler's public
key, under the receipt, and (optionally) to two people of whom neither can open it alone. Every text is JSON, padded to
a multiple of 256 bytes and sealed to the case's public key. `info` binds each of them to its case and its purpose.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from earshot.core.crypto import SealingKey, Unreadable, hpke_open, hpke_seal, pad, unpad
from earshot.core.errors import EarshotError

TextKind = Literal[
    "report", "contact", "reading", "from_person", "from_handler", "note", "hand_off", "action", "outcome"
]
LockKind = Literal["lock-case", "lock-notes"]

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O or U
RECEIPT_SYMBOLS = 24  # of 5 bits each: 120 bits
SALT = 16  # bytes of what is hashed before a report's text
_NONCE = 12


class NotAReceipt(EarshotError):
    """This is not a receipt code: it has 24 letters and digits, in six groups of four. Please check what you typed."""

    status = 422


class BundleTooLarge(EarshotError):
    """There is more to show than the page can carry. Tell the person who runs Earshot."""


def info(case_id: UUID, kind: str) -> bytes:
    """What a ciphertext is bound to: a case and a purpose in ASCII letters."""
    return b"earshot/case/v1/" + case_id.bytes + b"/" + kind.encode("ascii")


# --- receipts --------------------------------------------------------------------------------------------------------


def new_receipt() -> str:
    """A receipt of 24 symbols, 120 bits from the system's generator: what `normalise` gives for it."""
    return "".join(secrets.choice(SYMBOLS) for _ in range(RECEIPT_SYMBOLS))


def shown(receipt: str) -> str:
    """A receipt as people read it: six groups of four with hyphens."""
    return "-".join(receipt[start : start + 4] for start in range(0, len(receipt), 4))


def normalise(typed: str) -> str:
    """The 24 symbols behind what somebody typed: with any spaces, hyphens or small letters, O for 0 and I or L for 1.

    Raises `NotAReceipt`, which does not repeat what was typed.
    """
    symbols = re.sub("[^0-9A-Za-z]", "", typed).upper().translate(str.maketrans("OIL", "011"))
    if len(symbols) != RECEIPT_SYMBOLS or not set(symbols) <= set(SYMBOLS):
        raise NotAReceipt
    return symbols


def lookup(receipt: str) -> bytes:
    """What is sent to find the case (32 bytes): it opens nothing that is sealed under the receipt."""
    return _derived(receipt.encode("ascii"), b"earshot/receipt/lookup/v1")


def receipt_hash(lookup: bytes) -> bytes:
    """What is stored of a lookup (32 bytes); 120 bits of chance behind it need no slow hash."""
    return hashlib.sha256(lookup).digest()


def receipt_key(receipt: str) -> bytes:
    """The key (32 bytes) under which a receipt holds the case's private key."""
    return _derived(receipt.encode("ascii"), b"earshot/receipt/key/v1")


def seal_bundle(lookup: bytes, document: Mapping[str, Any], *, length: int) -> bytes:
    """The answer to a lookup, `length` bytes whatever it says: nonce (12), ciphertext of padded JSON, tag (16).

    Raises `BundleTooLarge`. For a lookup that finds nothing, seal `{}` with random bytes as the lookup: without the key
    the two cannot be told apart, and they take as long.
    """
    body = _json(document) + b"\x80"
    room = length - _NONCE - 16
    if len(body) > room:
        raise BundleTooLarge
    return _under(_derived(lookup, b"earshot/receipt/bundle/v1"), body.ljust(room, b"\x00"), b"")


def open_bundle(lookup: bytes, bundle: bytes) -> dict[str, Any]:
    """What `seal_bundle` made; raises `Unreadable` for another lookup."""
    return _document(_from_under(_derived(lookup, b"earshot/receipt/bundle/v1"), bundle, b""))


# --- the key pair of a case ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseKeys:
    """The key pair of a case (or of its notes); `private` is 32 bytes and never stored as it is."""

    case_id: UUID
    private: bytes = field(repr=False)

    @classmethod
    def new(cls, case_id: UUID) -> CaseKeys:
        """A fresh pair."""
        return cls(case_id, X25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> bytes:
        """The half that only seals (32 bytes)."""
        return X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()

    def lock_for(self, handler_public: bytes, kind: LockKind = "lock-case") -> bytes:
        """The private key, sealed to one handler."""
        return hpke_seal(handler_public, self.private, info=info(self.case_id, kind))

    def escrow(self, first_public: bytes, second_public: bytes) -> bytes:
        """The private key, sealed to the first of two people and that to the second: neither opens it alone."""
        inner = hpke_seal(first_public, self.private, info=info(self.case_id, "escrow-first"))
        return hpke_seal(second_public, inner, info=info(self.case_id, "escrow-second"))

    def under_receipt(self, receipt: str) -> bytes:
        """The private key under the receipt: nonce (12), ciphertext, tag (16)."""
        return _under(receipt_key(receipt), self.private, info(self.case_id, "receipt"))

    def open(self, kind: TextKind, sealed: bytes) -> dict[str, Any]:
        """A text of this case; raises `Unreadable`."""
        return open_text(self.private, self.case_id, kind, sealed)


def open_lock(case_id: UUID, sealed: bytes, handler_private: bytes, kind: LockKind = "lock-case") -> CaseKeys:
    """What `CaseKeys.lock_for` made; raises `Unreadable`."""
    return CaseKeys(case_id, hpke_open(handler_private, sealed, info=info(case_id, kind)))


def open_under_receipt(case_id: UUID, sealed: bytes, receipt: str) -> CaseKeys:
    """What `CaseKeys.under_receipt` made; raises `Unreadable`."""
    return CaseKeys(case_id, _from_under(receipt_key(receipt), sealed, info(case_id, "receipt")))


def escrow_inner(case_id: UUID, sealed: bytes, second_private: bytes) -> bytes:
    """The outer layer of an escrow taken off by the second person; raises `Unreadable`."""
    return hpke_open(second_private, sealed, info=info(case_id, "escrow-second"))


def open_escrow(case_id: UUID, inner: bytes, first_private: bytes) -> CaseKeys:
    """The inner layer of an escrow opened by the first person; raises `Unreadable`."""
    return CaseKeys(case_id, hpke_open(first_private, inner, info=info(case_id, "escrow-first")))


# --- texts -----------------------------------------------------------------------------------------------------------


def seal_text(public: bytes, case_id: UUID, kind: TextKind, document: Mapping[str, Any]) -> bytes:
    """A text of a case, sealed to its public key (of a note: to the notes' one); its length is a multiple of 256
    and 48 bytes, whatever is said in it."""
    return hpke_seal(public, pad(_json(document)), info=info(case_id, kind))


def open_text(private: bytes, case_id: UUID, kind: TextKind, sealed: bytes) -> dict[str, Any]:
    """What `seal_text` made; raises `Unreadable`."""
    return _document(hpke_open(private, sealed, info=info(case_id, kind)))


def seal_wrap(day: SealingKey, case_id: UUID, *, text: str, audience: str) -> bytes:
    """The worker's own way to read a report, once, sealed to the key of the day."""
    return day.seal(_json({"text": text, "audience": audience}), info=info(case_id, "wrap"))


# --- the proof of filing ---------------------------------------------------------------------------------------------


def new_salt() -> bytes:
    """What makes a report's words unlike any guess at them: 16 random bytes, sealed with them, never kept in clear."""
    return secrets.token_bytes(SALT)


def salt_from(shown: str) -> bytes:
    """The 16 bytes behind 32 hexadecimal digits; raises `ValueError`.

    Another length is refused: with it, the first words of a report could be passed off as the end of its salt.
    """
    salt = bytes.fromhex(shown)
    if len(salt) != SALT:
        raise ValueError(f"a salt has {SALT} bytes")
    return salt


def text_hash(salt: bytes, text: str) -> bytes:
    """SHA-256 (32 bytes) of the salt and a report's text in UTF-8."""
    return hashlib.sha256(salt + text.encode()).digest()


def content_hash(case_id: UUID, day: date, text_hash: bytes) -> bytes:
    """The proof of filing (32 bytes): SHA-256 over the case's id, the day and what `text_hash` gives."""
    return hashlib.sha256(b"earshot/filing/v2" + case_id.bytes + day.isoformat().encode() + text_hash).digest()


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _document(padded: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(unpad(padded)))
    except (ValueError, TypeError):
        raise Unreadable from None


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869) without salt, 32 bytes."""
    return HKDF(SHA256(), 32, salt=b"", info=purpose).derive(secret)


def _under(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _from_under(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise Unreadable from None
