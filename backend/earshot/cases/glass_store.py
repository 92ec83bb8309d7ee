"""Breaking the glass in the database: two people open together what its handlers cannot.

Row-level security lets the two see what was asked and leave their marks. It shows the case itself only to the first,
for a week after the second agreed; the key in between can be used by nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, LiteralString
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

OPEN_FOR = timedelta(days=7)  # as `glass_opened` in the database has it
GlassState = Literal["waiting", "agreed", "opened", "refused", "over"]


@dataclass(frozen=True)
class Glass:
    """A request. `part` is the person's own: `first` or `second` of the two, or None for a handler of the case."""

    id: UUID
    case_id: UUID
    reference: str
    org_name: str
    asked_by_id: UUID
    asked_by: str
    asked_on: date
    reason: str
    agreed_by: str | None
    agreed_on: date | None
    opened_on: date | None
    refused_on: date | None
    part: str | None
    pair_id: UUID | None
    outer_sealed: bytes | None
    inner_sealed: bytes | None

    @property
    def ends_on(self) -> date | None:
        """The first day on which the case is shut again."""
        return None if self.agreed_on is None else self.agreed_on + OPEN_FOR

    @property
    def latest(self) -> date | None:
        """The day of the last thing that happened after it was asked."""
        return self.refused_on or self.opened_on or self.agreed_on

    def state(self, today: date) -> GlassState:
        """How far it went."""
        if self.refused_on is not None:
            return "refused"
        if self.ends_on is None:
            return "waiting"
        if today >= self.ends_on:
            return "over"
        return "agreed" if self.opened_on is None else "opened"


_COLUMNS: LiteralString = """
    SELECT b.id, b.case_id, coalesce(x.reference, f.reference, '') AS reference,
      coalesce(x.org_name, o.name, '') AS org_name, b.asked_by AS asked_by_id, a.name AS asked_by, b.asked_on, b.reason,
      g.name AS agreed_by, b.agreed_on, b.opened_on, b.refused_on, x.part, x.pair_id, x.outer_sealed, b.inner_sealed
    FROM break_glass b LEFT JOIN LATERAL glass_case(b.case_id) x ON true
    LEFT JOIN case_file f ON f.id = b.case_id LEFT JOIN org o ON o.id = f.org_id
    JOIN account a ON a.id = b.asked_by LEFT JOIN account g ON g.id = b.agreed_by
"""
_ALL = Query(Glass, _COLUMNS + " ORDER BY b.asked_on DESC, b.id LIMIT 500")
_OF_CASE = Query(Glass, _COLUMNS + " WHERE b.case_id = $1 ORDER BY b.asked_on, b.id")
_ONE = Query(Glass, _COLUMNS + " WHERE b.id = $1")
_MAY_ASK = Query(bool, "SELECT holds_escrow()")
_ESCROWED = Query(UUID, "SELECT c FROM escrowed_case($1) c WHERE c IS NOT NULL")
_ASK = Query(
    UUID,
    """
    INSERT INTO break_glass (case_id, asked_by, asked_on, reason) SELECT $1, $2, $3, $4
    WHERE NOT EXISTS (SELECT FROM break_glass WHERE case_id = $1 AND refused_on IS NULL
      AND (agreed_on IS NULL OR agreed_on > $3::date - 7))
    RETURNING id
    """,
)
_AGREE = Statement(
    """
    UPDATE break_glass SET agreed_by = $2, agreed_on = $3, inner_sealed = $4
    WHERE id = $1 AND agreed_on IS NULL AND refused_on IS NULL AND asked_by <> $2
    """
)
_REFUSE = Statement("UPDATE break_glass SET refused_on = $2 WHERE id = $1 AND agreed_on IS NULL AND refused_on IS NULL")
_OPENED = Statement("UPDATE break_glass SET opened_on = $2 WHERE id = $1 AND opened_on IS NULL")


async def listed(connection: Connection) -> list[Glass]:
    """The requests that a person has a part in, or whose case they handle, newest first."""
    return await _ALL.all(connection)


async def of_case(connection: Connection, case_id: UUID) -> list[Glass]:
    """The requests about one case, oldest first."""
    return await _OF_CASE.all(connection, case_id)


async def one(connection: Connection, glass_id: UUID) -> Glass:
    """One request; raises `NotFound`."""
    return await _ONE.one(connection, glass_id)


async def may_ask(connection: Connection) -> bool:
    """Whether the person is the first of the two for any case."""
    return await _MAY_ASK.one(connection)


async def escrowed(connection: Connection, reference: str) -> UUID:
    """The case of a reference, where the person is the first of its two; raises `NotFound`."""
    return await _ESCROWED.one(connection, reference)


async def ask(connection: Connection, case_id: UUID, by: UUID, reason: str) -> UUID | None:
    """Keep a request; None where one about the same case waits or is under way."""
    return await _ASK.maybe(connection, case_id, by, date.today(), reason)


async def agree(connection: Connection, glass_id: UUID, by: UUID, inner_sealed: bytes) -> bool:
    """Keep what the second person took the outer layer from; False where it no longer waits."""
    return bool(await _AGREE.run(connection, glass_id, by, date.today(), inner_sealed))


async def refuse(connection: Connection, glass_id: UUID) -> bool:
    """Keep that the second person refused; False where it no longer waits."""
    return bool(await _REFUSE.run(connection, glass_id, date.today()))


async def opened(connection: Connection, glass_id: UUID) -> bool:
    """Note that the first person opened the case; False where they did before."""
    return bool(await _OPENED.run(connection, glass_id, date.today()))
