"""A real SMTP server for tests (aiosmtpd): it takes mails, or misbehaves in the ways that promise 9 names."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiosmtpd.controller import Controller
from stack import free_ports

Mood = Literal["takes", "busy", "refuses", "tarpit", "silent"]


@dataclass
class Sink:
    """What came in, as bytes, and how the server behaves now; it may be changed at any time.

    `busy` asks for patience (451) at the end of the data, `refuses` an address (550), `tarpit` answers RCPT after a
    minute, `silent` takes a whole message and never says so.
    """

    port: int
    mood: Mood = "takes"
    mails: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    offered: list[bytes] = field(default_factory=list)
    refused: int = 0

    @property
    def url(self) -> str:
        """For EARSHOT_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def ids(self) -> list[str]:
        """The Message-IDs of what came in."""
        lines = [line for mail in self.mails for line in mail.splitlines() if line.lower().startswith(b"message-id:")]
        return [line.split(b":", 1)[1].strip().decode() for line in lines]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take an address, refuse it, or let somebody wait."""
        if self.mood == "tarpit":
            self.refused += 1
            await asyncio.sleep(60)
        if self.mood == "refuses":
            self.refused += 1
            return "550 5.1.1 No such person here: canary-address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message, or say that there is no room just now."""
        if self.mood == "busy":
            self.offered.append(envelope.original_content)
            return "451 4.3.0 Try again: canary-answer"
        self.mails.append(envelope.original_content)
        self.times.append(time.time())
        if self.mood == "silent":
            await asyncio.sleep(60)
        return "250 OK"


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    """The server, in a thread of its own."""
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)


def new_sink() -> Sink:
    """A server that is not listening yet."""
    return Sink(free_ports(1)[0])
