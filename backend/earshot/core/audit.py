"""The audit trail: who did what, on which day, in lines that are only added and each carry the hash of the one before.

A line belongs to the caller's transaction: what is rolled back leaves none, and nothing is done without its line. The
database chains lines when a transaction commits. Lines hold ids and dotted words, never anybody's words or an address.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

START = bytes(32)  # what the first line carries in place of a hash before it


@dataclass(frozen=True)
class Line:
    """One line of the trail, as it lies in the database."""

    n: int
    on_day: date
    action: str
    by_account: UUID | None
    by_roles: str
    subject: UUID | None
    org_id: UUID | None
    previous: bytes
    hash: bytes

    def right_hash(self) -> bytes:
        """The hash that this line must carry: SHA-256 over the hash before it and every field."""
        fields: Sequence[object] = (
            self.n,
            self.on_day.isoformat(),
            self.action,
            self.by_account or "",
            self.by_roles,
            self.subject or "",
            self.org_id or "",
        )
        return hashlib.sha256(self.previous + "|".join(map(str, fields)).encode()).digest()


@dataclass(frozen=True)
class Reading:
    """A day on which a case was read, and by whom in one word: `guardian`, `pals` or `other`."""

    on_day: date
    role: str


_RECORD = Statement("SELECT audit_record($1, $2, $3, $4)")
_READERS = Query(Reading, "SELECT on_day, role FROM audit_readers($1)")
_AFTER = Query(
    Line,
    """
    SELECT n, on_day, action, by_account, by_roles, subject, org_id, previous, hash
    FROM audit_line WHERE n > $1 ORDER BY n LIMIT $2
    """,
)
_LAST = Query(
    Line,
    """
    SELECT n, on_day, action, by_account, by_roles, subject, org_id, previous, hash
    FROM audit_line ORDER BY n DESC LIMIT 1
    """,
)


async def record(
    connection: Connection, *, action: str, by: UUID | None, subject: UUID | None = None, org_id: UUID | None = None
) -> None:
    """Add a line in the caller's transaction; `action` is a dotted lower-case word such as "case.read".

    Where `org_id` is left out, the line belongs to the provider of the case, or to the place of the person.
    """
    await _RECORD.run(connection, action, by, subject, org_id)


async def readers_of(connection: Connection, case_id: UUID) -> list[Reading]:
    """The days on which a case was read, oldest first, for the holder of its receipt and for its handlers."""
    return await _READERS.all(connection, case_id)


async def last(connection: Connection) -> Line | None:
    """The newest line."""
    return await _LAST.maybe(connection)


async def lines(connection: Connection, *, batch: int = 5_000) -> AsyncIterator[Line]:
    """Every line, oldest first, a batch at a time."""
    seen = 0
    while found := await _AFTER.all(connection, seen, batch):
        for line in found:
            yield line
        seen = found[-1].n
