"""A small HTTP load: many kept-alive connections, each sending its next request when the answer has come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from earshot.core.errors import EarshotError


class WrongAnswer(EarshotError):
    """The server under test answered with an error, so the measurement means nothing."""


@dataclass
class Result:
    """What one load saw: seconds it took and the latency of each answer in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency in seconds that `share` of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Sender(asyncio.Protocol):
    """One connection: counts whole answers by their Content-Length."""

    def __init__(self, make: Callable[[], bytes], ends: float, latencies: list[float]) -> None:
        self._make, self._ends, self._latencies = make, ends, latencies
        self._buffer = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._make())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 2"):
            self._finish(WrongAnswer(f"{WrongAnswer.__doc__} ({head[:15].decode('latin-1')})"))
            return
        self._buffer = b""
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        if now < self._ends:
            self._send()
        else:
            self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(WrongAnswer("The server under test closed the connection."))

    def _finish(self, error: Exception | None) -> None:
        if not self.done.done():
            self._transport.close()
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)


async def load(port: int, make: Callable[[], bytes], *, seconds: float, connections: int = 32) -> Result:
    """Send requests made by `make` to a port of this machine for a while."""
    loop = asyncio.get_running_loop()
    result = Result()
    began = time.perf_counter()

    async def one() -> None:
        _, sender = await loop.create_connection(
            lambda: _Sender(make, began + seconds, result.latencies), "127.0.0.1", port
        )
        await sender.done

    await asyncio.gather(*(one() for _ in range(connections)))
    result.seconds = time.perf_counter() - began
    return result


def post(path: str, body: bytes, *headers: str) -> bytes:
    """A JSON request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
