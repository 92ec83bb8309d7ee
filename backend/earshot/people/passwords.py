"""Passwords: Argon2id, 15 characters or more, no rules about their composition (NIST SP 800-63B, section 3.1.1)."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable

from pwdlib import PasswordHash

from earshot.core.errors import FieldError, Invalid
from earshot.people.guessing import is_common

SHORTEST, LONGEST = 15, 256
_hash = PasswordHash.recommended()
# Compared against when nobody has the address, so that an unknown address takes as long as a known one.
_NOBODY = _hash.hash("nobody has this password, and nobody ever will")
_OURS = ("earshot", "freedom to speak up", "nhs")


def hash_password(password: str, *, about: Iterable[str] = (), field: str = "password") -> str:
    """Hash a new password; raises `Invalid` for one that is too short, too long, or easy to guess.

    `about` are words of the person: name, e-mail address, organisation. They make a password no harder to guess.
    """
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        message = f"Choose a password of {SHORTEST} to {LONGEST} characters. A few unrelated words work well."
        raise Invalid(fields=[FieldError(field, message)])
    if is_common(normal, (*about, *_OURS)):
        message = "This password is easy to guess. Choose a few words that have nothing to do with each other."
        raise Invalid(fields=[FieldError(field, message)])
    return _hash.hash(normal)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether a password is the right one; takes as long when there is no account, or none that a password opens."""
    known = password_hash is not None and password_hash.startswith("$argon2")
    right = await asyncio.to_thread(
        _hash.verify, _normal(password)[:LONGEST], (password_hash if known else None) or _NOBODY
    )
    return right and known


def _normal(password: str) -> str:
    """One form of letters that keyboards type in several ways (NFKC)."""
    return unicodedata.normalize("NFKC", password)
