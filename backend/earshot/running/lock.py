"""One Earshot on one home: the lock that says who runs here, and a gentler one for those who only visit."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from earshot.running.errors import AlreadyRunning, HomeUnusable, NoRoom, NotOurHome

_ROOM = 128_000_000  # bytes: a new database takes 50 MB, and one that stops half-way for want of room needs repair


@dataclass(frozen=True)
class Held:
    """The home is ours; `after_crash` says that the last owner was killed before it could tidy up."""

    after_crash: bool


@contextmanager
def hold(home: Path) -> Iterator[Held]:
    """Be the one who runs in `home`; raises `AlreadyRunning` with the other's process number.

    Raises `NotOurHome`, `HomeUnusable` or `NoRoom` where nothing can be kept in `home`.
    """
    with _opened(home / "earshot.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(home, _words(file) or "unknown") from None
        if shutil.disk_usage(home).free < _ROOM:
            raise NoRoom(home, _ROOM)
        after_crash = bool(_words(file))
        _write(file, str(os.getpid()))
        try:
            yield Held(after_crash)
        finally:
            _write(file, "")  # what is left in the file tells of a crash that never came this way


@contextmanager
def visiting(home: Path) -> Iterator[int]:
    """Use the database of `home` with others; yields the lock's descriptor for `alone`."""
    with _opened(home / "visitors.lock") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield file


def alone(visit: int) -> None:
    """Wait until every other visitor has gone, and keep new ones waiting."""
    fcntl.flock(visit, fcntl.LOCK_EX)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise NotOurHome(path.parent) from None
    except OSError as error:
        raise HomeUnusable(path.parent, error.strerror or "no reason given") from None
    try:
        yield file
    finally:
        os.close(file)


def _words(file: int) -> str:
    return os.pread(file, 32, 0).decode("ascii", "replace").strip()


def _write(file: int, words: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, words.encode("ascii"), 0)
