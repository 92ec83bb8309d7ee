"""The level at which each organisation is watched, in the database; levels are only added, so the history stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Step:
    """A level that was given to an organisation."""

    id: int
    org_id: UUID
    org_name: str
    pack: str
    level: str
    reasons: str
    review_on: date | None
    set_by_name: str | None
    set_on: date


_HISTORY = Query(
    Step,
    """
    SELECT a.id, a.org_id, o.name AS org_name, a.pack, a.level, a.reasons, a.review_on, p.name AS set_by_name, a.set_on
    FROM assurance a JOIN org o ON o.id = a.org_id LEFT JOIN account p ON p.id = a.set_by
    WHERE ($1::uuid[] IS NULL OR a.org_id = ANY ($1)) ORDER BY a.id DESC LIMIT 500
    """,
)
_SET = Statement(
    """
    INSERT INTO assurance (org_id, pack, level, reasons, review_on, set_by) VALUES ($1, $2, $3, $4, $5, $6)
    """
)


async def history(connection: Connection, org_ids: Sequence[UUID] | None) -> list[Step]:
    """Every level that was given, newest first; None means all that is in scope."""
    return await _HISTORY.all(connection, org_ids)


def now(history: Sequence[Step]) -> list[Step]:
    """The newest level of each organisation, by name."""
    newest: dict[UUID, Step] = {}
    for step in history:
        newest.setdefault(step.org_id, step)
    return sorted(newest.values(), key=lambda step: (step.org_name, step.org_id))


async def give(
    connection: Connection, org_id: UUID, pack: str, level: str, reasons: str, review_on: date | None, person: UUID
) -> None:
    """Give an organisation a level from today on."""
    await _SET.run(connection, org_id, pack, level, reasons, review_on, person)
