"""One child process: started in a group of its own, started again when it ends, stopped with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress

from earshot.running.lifeline import tied
from earshot.running.logs import open_log
from earshot.running.parts import Part


class BackOff:
    """How long to wait before the next try: half a second, doubled up to 30, and from the start after a good minute."""

    def __init__(self) -> None:
        self.failures = 0
        self._since = time.monotonic()
        self._next = 0.0

    def began(self) -> None:
        """Something was started now."""
        self._since = time.monotonic()

    def failed(self) -> float:
        """It ended: note it and return the seconds to wait."""
        now = time.monotonic()
        self.failures = 1 if now - self._since > 60 else self.failures + 1
        wait: float = min(0.5 * 2 ** (self.failures - 1), 30.0)
        self._next = now + wait
        return wait

    @property
    def due(self) -> bool:
        """Whether the wait is over."""
        return time.monotonic() >= self._next


class Child:
    """A part of Earshot and the process that plays it now."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.back_off = BackOff()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def started(self) -> bool:
        """Whether there is a process, living or newly ended."""
        return self._process is not None

    def start(self) -> None:
        """Start the process; its output goes to its log."""
        self.back_off.began()
        with open_log(self.part.log) as log:
            self._process = subprocess.Popen(
                self.part.command,
                env=dict(self.part.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is for the supervisor, which stops parts in order
                preexec_fn=tied(signal.SIGTERM),
            )

    def ask_to_stop(self) -> None:
        """Ask the process to finish what it does and end."""
        if self._process is not None and self.running:
            self._process.terminate()

    def finish(self, until: float) -> None:
        """Wait until the monotonic time `until`, then end whatever is left of its group."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
