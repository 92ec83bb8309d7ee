"""Tokens that only a browser keeps: sessions, invitations and challenges. Pure."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits as text that may stand in an address."""
    return secrets.token_urlsafe(32)


def digest(token: str | bytes) -> bytes:
    """What is kept of a token: its hash, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode() if isinstance(token, str) else token).digest()
