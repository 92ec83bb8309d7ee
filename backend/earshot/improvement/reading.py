"""What digests tell of improvement: what is overdue, what changed after what people did, and praise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.improvement import recognition
from earshot.improvement.model import STATES, State
from earshot.improvement.recognition import PraiseLine as PraiseLine


@dataclass(frozen=True)
class OverdueLine:
    """An action that should have been finished; `path` opens it in the console."""

    title: str
    org_name: str
    owner_name: str | None
    due_on: date
    path: str


@dataclass(frozen=True)
class ChangedLine:
    """What became of an action: `state` is a verdict (improved, worse, unproven), finished, or stopped."""

    title: str
    org_name: str
    state: str
    sentence: str
    path: str


@dataclass(frozen=True)
class _Overdue:
    id: UUID
    title: str
    org_name: str
    owner_name: str | None
    due_on: date


@dataclass(frozen=True)
class _Changed:
    id: UUID
    title: str
    org_name: str
    state: State | None
    look: str | None
    sentence: str | None


_OVERDUE = Query(
    _Overdue,
    """
    SELECT a.id, a.title, o.name AS org_name, w.name AS owner_name, a.due_on
    FROM improvement_action a JOIN org o ON o.id = a.org_id LEFT JOIN account w ON w.id = a.owner_id
    WHERE a.org_id = ANY ($1) AND a.state IN ('planned', 'under_way') AND a.due_on < $2
      AND ($3::text[] IS NULL OR a.streams <@ $3)
    ORDER BY a.due_on, a.id LIMIT 50
    """,
)
_CHANGED = Query(
    _Changed,
    """
    SELECT a.id, a.title, o.name AS org_name, CASE WHEN l.state IS NULL THEN a.state END AS state, l.state AS look,
      l.sentence
    FROM improvement_action a JOIN org o ON o.id = a.org_id
    LEFT JOIN LATERAL (
      SELECT k.state, k.sentence, k.weeks FROM improvement_look k
      WHERE k.action_id = a.id AND k.looked_on BETWEEN $2 AND $3 AND (k.state <> 'unproven' OR k.weeks = 12)
      ORDER BY k.weeks DESC LIMIT 1
    ) l ON true
    WHERE a.org_id = ANY ($1) AND (l.state IS NOT NULL OR a.closed_on BETWEEN $2 AND $3)
      AND ($4::text[] IS NULL OR a.streams <@ $4)
    ORDER BY l.state = 'improved' DESC NULLS LAST, l.state NULLS LAST, a.id LIMIT 50
    """,
)


async def overdue(
    connection: Connection, org_ids: Sequence[UUID], today: date, *, streams: Sequence[str] | None = None
) -> list[OverdueLine]:
    """Actions of organisations that should have been finished before `today`, longest overdue first.

    `streams` are those that the reader may see; what answers to anybody else is left out.
    """
    return [
        OverdueLine(row.title, row.org_name, row.owner_name, row.due_on, f"/actions/{row.id}")
        for row in await _OVERDUE.all(connection, org_ids, today, streams)
    ]


async def changed(
    connection: Connection, org_ids: Sequence[UUID], since: date, until: date, *, streams: Sequence[str] | None = None
) -> list[ChangedLine]:
    """What became of actions in the days `since` to `until`: first whether they helped, then what was closed."""
    rows = await _CHANGED.all(connection, org_ids, since, until, streams)
    return [
        ChangedLine(
            row.title, row.org_name, row.look or row.state or "", row.sentence or f"{STATES[row.state]}." if row.state
            else row.sentence or "", f"/actions/{row.id}",
        )
        for row in rows
    ]  # fmt: skip


async def praise(
    connection: Connection, org_ids: Sequence[UUID], streams: Sequence[str], since: date, until: date
) -> list[PraiseLine]:
    """Praise for each organisation that had some in the days `since` to `until`, with a quote where one may show."""
    return await recognition.lines(connection, org_ids, streams, since, until)
