"""A letter, and what can become of it. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Kind = Literal["alert", "digest", "notice"]
State = Literal["waiting", "sending", "sent", "maybe_sent", "refused", "bounced"]

# One mailbox, as RFC 5321 has it, without quoted names: nothing that a header or an SMTP command could be ended with.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Letter:
    """A mail to one person, posted once under its `key`, ever; the Message-ID follows from the key.

    `unsubscribe` is the whole address of a page that ends such mails with one click (RFC 8058). A `padded` letter is as
    long as every other padded letter to the same address, whatever it says.
    """

    key: str
    to: str
    account_id: UUID | None
    kind: Kind
    subject: str
    text: str
    html: str | None = None
    unsubscribe: str | None = None
    padded: bool = False

    @property
    def mark(self) -> str:
        """32 letters that name the letter to the outside and say nothing about its key."""
        return hashlib.sha256(b"earshot letter" + self.key.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class MailState:
    """How far a letter has come, since when, and in words why it came no further."""

    state: State
    why: str | None
    since: datetime


def is_address(text: str) -> bool:
    """Whether mail can be sent to a text: one address, ASCII, in which nothing can hide."""
    return _ADDRESS.fullmatch(text) is not None


def on_one_line(text: str) -> str:
    """A text for a header: control characters and line ends become spaces, so that it begins no header of its own."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
