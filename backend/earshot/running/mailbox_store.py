"""The mails of the demonstration's mail box: one file each, the newest five hundred."""

from __future__ import annotations

import email
import email.policy
import re
import time
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

KEPT = 500
_NAME = re.compile(r"\d{20}")


@dataclass(frozen=True)
class Mail:
    """A mail as it is shown."""

    name: str
    sender: str
    to: str
    subject: str
    at: datetime | None
    text: str
    html: str | None
    unsubscribe: str | None

    @property
    def when(self) -> str:
        """Its date in words."""
        return "" if self.at is None else f"{self.at.day} {self.at:%B %Y, %H:%M}"


class MailStore:
    """A folder of mails, each named for the moment at which it came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def add(self, raw: bytes) -> None:
        """Keep a mail; the oldest go when there are too many."""
        fresh = self._folder / "coming"
        fresh.write_bytes(raw)
        fresh.rename(self._folder / f"{time.time_ns():020d}.eml")
        for old in self._files()[KEPT:]:
            old.unlink(missing_ok=True)

    def mails(self) -> list[Mail]:
        """Every mail, newest first."""
        return [_read(path.stem, path.read_bytes()) for path in self._files()]

    def mail(self, name: str) -> Mail | None:
        """One mail, or None."""
        raw = self.source(name)
        return None if raw is None else _read(name, raw)

    def source(self, name: str) -> bytes | None:
        """One mail as it came, or None; a name that is none leads out of the folder nowhere."""
        path = self._folder / f"{name}.eml"
        return path.read_bytes() if _NAME.fullmatch(name) and path.is_file() else None

    def empty(self) -> None:
        """Delete every mail."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.eml"), reverse=True)


class Sink:
    """What aiosmtpd hands each mail to."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail; the answer is given once it is on the disk."""
        self._store.add(envelope.original_content)
        return "250 OK"


def _read(name: str, raw: bytes) -> Mail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    unsubscribe = str(message["List-Unsubscribe"] or "").strip("<>")
    return Mail(
        name=name,
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or "(no subject)"),
        at=_moment(message),
        text=_content(message, "plain") or "",
        html=_content(message, "html"),
        unsubscribe=unsubscribe if unsubscribe.startswith(("https://", "http://")) else None,
    )


def _moment(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone()
    except ValueError:
        return None


def _content(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    content = None if part is None else part.get_content()
    return content.replace("\r\n", "\n") if isinstance(content, str) else None
