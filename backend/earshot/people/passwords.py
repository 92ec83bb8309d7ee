"""Passwords: Argon2id, 15 characters or more, no rules about their composition (NIST SP 800-63B, section 3.1.1)."""

from __future__ import annotations

import asyncio

from pwdlib import PasswordHash

from earshot.core.errors import FieldError, Invalid

SHORTEST, LONGEST = 15, 256
_hash = PasswordHash.recommended()
# Compared against when nobody has the address, so that an unknown address takes as long as a known one.
_NOBODY = _hash.hash("nobody has this password, and nobody ever will")


def hash_password(password: str) -> str:
    """Hash a new password; raises `Invalid` for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"Choose a password of {SHORTEST} to {LONGEST} characters. A few unrelated words work well."
        raise Invalid(fields=[FieldError("password", message)])
    return _hash.hash(password)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether a password is the right one; takes as long when there is no account."""
    right = await asyncio.to_thread(_hash.verify, password[:LONGEST], password_hash or _NOBODY)
    return right and password_hash is not None
