"""Whether the audit trail is whole: the chain of hashes, and anchors that lie outside the database.

The chain alone shows an edit or a removal in the middle. Who owns the database could compute the chain anew, or cut off
its end; so the worker writes the newest hash to `audit/anchors` of the home folder every hour in which something
happened. A copy of that file in other hands convicts even somebody who owns the whole computer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import EarshotError

Why = Literal["edited", "removed", "removed_at_the_end", "anchored_otherwise"]
_ANCHOR = re.compile(r"(\d{4}-\d\d-\d\d) (\d+) ([0-9a-f]{64})")


class AnchorsUnreadable(EarshotError):
    """The file of anchors holds a line that is none. Somebody changed it, or it is another file: look at a copy."""


@dataclass(frozen=True)
class Anchor:
    """What the newest line was when somebody looked."""

    n: int
    hash: bytes


@dataclass(frozen=True)
class Break:
    """The first line that is not as it was written, and what happened to it."""

    n: int
    why: Why


@dataclass(frozen=True)
class Verdict:
    """How many lines were read, how many anchors they were held against, and the first break."""

    lines: int
    anchors: int
    broken: Break | None


@dataclass(frozen=True)
class Anchors:
    """The file of anchors in the home folder: a line with day, number and hash each."""

    home: Path

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.home / "audit" / "anchors"

    def read(self) -> list[Anchor]:
        """Every anchor; none where the file is not there yet. Raises `AnchorsUnreadable`."""
        return read_anchors(self.path) if self.path.exists() else []

    async def drop(self, connection: Connection) -> None:
        """Write down the newest line, unless the newest anchor has it."""
        line = await audit.last(connection)
        if line is None or any(anchor.n == line.n for anchor in self.read()[-1:]):
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{line.on_day.isoformat()} {line.n} {line.hash.hex()}\n")
            file.flush()
            os.fsync(file.fileno())


def read_anchors(path: Path) -> list[Anchor]:
    """The anchors of a file; raises `AnchorsUnreadable`."""
    try:
        found = [_ANCHOR.fullmatch(line) for line in path.read_text(encoding="ascii").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise AnchorsUnreadable from None
    if not all(found):
        raise AnchorsUnreadable
    return [Anchor(int(match[2]), bytes.fromhex(match[3])) for match in found if match]


async def verify(connection: Connection, anchors: Iterable[Anchor]) -> Verdict:
    """Read the whole trail and find the first line that is not as it was written."""
    known = {anchor.n: anchor.hash for anchor in anchors}
    count, before = 0, audit.START
    async for line in audit.lines(connection):
        why = _wrong(line, count + 1, before)
        if why is not None:
            return Verdict(count, len(known), why)
        if known.get(line.n, line.hash) != line.hash:
            return Verdict(count, len(known), Break(line.n, "anchored_otherwise"))
        count, before = line.n, line.hash
    cut = Break(count + 1, "removed_at_the_end") if max(known, default=0) > count else None
    return Verdict(count, len(known), cut)


def _wrong(line: audit.Line, number: int, before: bytes) -> Break | None:
    """What is wrong with a line that must have `number` and follow the hash `before`."""
    if line.n != number:
        return Break(number, "removed")
    if line.hash != line.right_hash():
        return Break(number, "edited")
    if line.previous != before:  # this one is whole: the one before it was edited and its own hash computed again
        return Break(max(number - 1, 1), "edited")
    return None
