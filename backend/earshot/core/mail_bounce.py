"""Mails that came back: reading a delivery status notification (RFC 3464), which a mail server hands to us."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from earshot.core import mail_store
from earshot.core.db import Connection

LARGEST = 2 * 1024 * 1024  # bytes of a notification that are read
_MARK = re.compile(r"<([0-9a-f]{32})@[^<>\s]*>")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Bounce:
    """A letter that came back for good: the mark of its Message-ID, and the receiving side's number ("5.1.1")."""

    mark: str
    status: str

    @property
    def why(self) -> str:
        """The same in words; nothing of what the other side wrote."""
        reason = _REASONS.get(self.status[:3], "It could not be delivered")
        return f"{reason} ({self.status})."


#: RFC 3463: the second number says what is at fault.
_REASONS = {
    "5.1": "The address is not known there",
    "5.2": "The mailbox takes no mail",
    "5.4": "No way was found to the address",
    "5.7": "The receiving side does not let it in",
}


def read_bounce(raw: bytes) -> Bounce | None:
    """What a notification says, or None for any other mail: an answer, a delay, or something that is no mail at all."""
    message = email.message_from_bytes(raw[:LARGEST], policy=email.policy.compat32)
    parts = list(message.walk())
    status = next((found for part in parts if (found := _failed(part)) is not None), None)
    mark = next((found for part in parts if (found := _original(part)) is not None), None)
    return Bounce(mark, status) if status is not None and mark is not None else None


def _failed(part: Message) -> str | None:
    """The status of the first recipient for whom it failed for good."""
    if part.get_content_type() != "message/delivery-status":
        return None
    for block in _blocks(part):
        status = _STATUS.match(str(block.get("Status", "")).strip())
        if str(block.get("Action", "")).strip().lower() == "failed":
            return status[0] if status is not None else "5.0.0"
    return None


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status: one for the message, then one for each recipient."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))


def _original(part: Message) -> str | None:
    """The mark of the letter that came back, from its headers, as the notification carries them."""
    if part.get_content_type() == "message/rfc822":
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        headers = str(inner.get("Message-ID", "")) if isinstance(inner, Message) else ""
    elif part.get_content_type() == "text/rfc822-headers":
        text = part.get_payload(decode=True)
        inner = email.message_from_bytes(text) if isinstance(text, bytes) else None
        headers = str(inner.get("Message-ID", "")) if inner is not None else ""
    else:
        return None
    found = _MARK.search(headers)
    return None if found is None else found[1]


async def note(connection: Connection, raw: bytes) -> bool:
    """Note that a letter came back; False where the mail tells of none that was sent."""
    bounce = read_bounce(raw)
    return bounce is not None and await mail_store.bounced(connection, bounce.mark, bounce.why)
