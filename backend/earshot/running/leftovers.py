"""What a killed Earshot may have left behind: a Postgres still closing down, files of nobody."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_PATIENCE = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # fast, immediate, at once


def postgres_processes(data: Path) -> list[int]:
    """The numbers of the Postgres processes that work in the folder `data`, the postmaster first."""
    found = [pid for pid in _processes() if _name(pid) == "postgres" and _works_in(pid, data)]
    first = _recorded(data)
    return sorted(found, key=lambda pid: (pid != first, pid))


def clear(data: Path, sockets: Path) -> None:
    """End a Postgres that outlived its Earshot, then remove the files that only a running one may own.

    Call it while holding the home's lock. A fast shutdown comes first, and a harder signal only when that
    takes too long; Postgres then repairs itself from its log at the next start.
    """
    for sign, seconds in _PATIENCE:
        if not (left := postgres_processes(data)):
            break
        _send(left, sign)
        _wait_until_gone(data, seconds)
    if (pid := _recorded(data)) and _name(pid) == "postgres" and not _folder(pid):
        return  # it may be ours, but this container does not let us see: Postgres itself decides
    # In a restarted container that number often belongs to another process, and would keep Postgres out.
    (data / "postmaster.pid").unlink(missing_ok=True)
    for path in sockets.glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _name(pid: int) -> str:
    """What runs under that number; nothing does once it is dead, though its parent may not have taken note yet."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(") ")
    except OSError:
        return ""
    return "" if rest[:1] in "ZX" else name


def _folder(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def _works_in(pid: int, data: Path) -> bool:
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        return False


def _recorded(data: Path) -> int:
    """The process number in Postgres's own file, or 0."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def _send(pids: list[int], sign: signal.Signals) -> None:
    """Tell the first process, which tells the others; a SIGKILL goes to each of them."""
    for pid in pids if sign == signal.SIGKILL else pids[:1]:
        with suppress(ProcessLookupError):
            os.kill(pid, sign)


def _wait_until_gone(data: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while postgres_processes(data) and time.monotonic() < end:
        time.sleep(0.05)
