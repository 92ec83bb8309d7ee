"""Codes for the second step: six digits that change every 30 seconds (RFC 6238), and recovery codes. Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets

import pyotp
import segno

STEP = 30  # seconds that a code stands for
_AROUND = (0, -1, 1)  # steps that are accepted, since clocks differ: this one first
RECOVERY_CODES = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O or U
_SYMBOLS = 24  # of a recovery code: 120 bits
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_secret() -> bytes:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32().encode()


def code_at(secret: bytes, seconds: float) -> str:
    """The six digits for a moment, in seconds since 1970."""
    return str(pyotp.TOTP(secret.decode()).at(int(seconds)))


def matching_step(secret: bytes, code: str, seconds: float) -> int | None:
    """The step of 30 seconds that a code belongs to, if it is right around a moment; the caller lets it pass once."""
    now = int(seconds) // STEP
    right = [now + around for around in _AROUND if hmac.compare_digest(code_at(secret, (now + around) * STEP), code)]
    return right[0] if right else None


def address(secret: bytes, email: str) -> str:
    """The `otpauth:` address that an authenticator app reads."""
    return str(pyotp.TOTP(secret.decode()).provisioning_uri(name=email, issuer_name="Earshot"))


def picture(text: str) -> str:
    """A text as a QR code: the `data:` address of an SVG (error correction M)."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))


def new_recovery_codes() -> list[str]:
    """Ten codes of 120 random bits, in groups of four symbols."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_SYMBOLS))) for _ in range(RECOVERY_CODES)]


def recovery_hash(typed: str) -> bytes | None:
    """What is kept of a recovery code, however it was typed; None where it cannot be one.

    SHA-256 serves, since nobody can try 2^120 codes: a slow hash is for what people make up.
    """
    symbols = "".join(filter(str.isalnum, typed.upper())).translate(_READ_AS)
    if len(symbols) != _SYMBOLS or not set(symbols) <= set(_ALPHABET):
        return None
    return hashlib.sha256(b"earshot/recovery/v1/" + symbols.encode()).digest()


def six_digits(typed: str) -> str | None:
    """The digits of a code, however they were spaced; None where it cannot be one."""
    digits = "".join(typed.split())
    return digits if len(digits) == 6 and digits.isascii() and digits.isdigit() else None


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + 4] for start in range(0, len(symbols), 4))
