"""Tying a process to the one that started it, so that even `kill -9` of the parent leaves nothing running."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(sign: signal.Signals) -> None:
    """Ask the kernel to send `sign` to this process when the thread that started it ends (prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(sign))


def tied(sign: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` for `subprocess.Popen`: the child gets `sign` when this process ends.

    The kernel watches the starting *thread*, so start such children from a thread that lives as long as they
    should.
    """
    parent = os.getpid()

    def before_exec() -> None:
        end_with_parent(sign)
        if os.getppid() != parent:  # the parent ended before the kernel was asked
            os._exit(1)

    return before_exec
