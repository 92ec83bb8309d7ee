"""Turning Ctrl-C, SIGTERM and a closed terminal into one exception that unwinds everything in order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop(KeyboardInterrupt):
    """Somebody asked Earshot to stop. A KeyboardInterrupt, since asyncio lets no other such exception through."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Within the block the first signal raises `Stop`; later ones are ignored, so that stopping is not disturbed."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        deaf()
        raise Stop

    before = {number: signal.signal(number, on_signal) for number in _signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deaf() -> None:
    """From now on ignore the signals that ask to stop: we are stopping."""
    for number in _signals():
        signal.signal(number, signal.SIG_IGN)


def _signals() -> list[signal.Signals]:
    """What asks to stop; a closed terminal only where nobody said `nohup`."""
    asks = [signal.SIGINT, signal.SIGTERM]
    return asks if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [*asks, signal.SIGHUP]
