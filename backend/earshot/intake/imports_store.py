"""Imports in the database: batches, what became of their rows, and the sealed submissions they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from asyncpg.exceptions import ForeignKeyViolationError

from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Batch:
    """One import as people see it."""

    id: UUID
    file_name: str
    state: str
    total: int | None
    rows: int
    imported: int
    duplicate: int
    blank: int
    refused: int
    notes: list[str]
    created_on: date
    undone_on: date | None
    created_by_name: str | None


@dataclass(frozen=True)
class Plan:
    """What the worker needs to know to carry an import out or to go on with it."""

    id: UUID
    org_id: UUID
    file_name: str
    mapping: dict[str, Any]
    state: str
    rows: int


@dataclass(frozen=True)
class Issue:
    """A row that was not imported, its line in the file, and why."""

    line: int
    outcome: str
    field: str | None
    reason: str


@dataclass(frozen=True)
class Sealed:
    """One submission ready to be kept; the fields are the columns of `vault.submission`."""

    id: UUID
    org_id: UUID
    audience: str
    response_id: UUID
    source_hash: bytes | None
    received_on: date
    sealed: bytes


@dataclass(frozen=True)
class Cell:
    """One organisation and day whose counts change."""

    org_id: UUID
    day: date


@dataclass(frozen=True)
class Earlier:
    """An import of the same file."""

    created_on: date


_BATCHES = Query(
    Batch,
    """
    SELECT b.id, b.file_name, b.state, b.total, b.rows, b.imported, b.duplicate, b.blank, b.refused, b.notes,
           b.created_on, b.undone_on, a.name AS created_by_name
    FROM import_batch b LEFT JOIN account a ON a.id = b.created_by
    WHERE $1::uuid IS NULL OR b.id = $1
    ORDER BY b.created_on DESC, b.id LIMIT 200
    """,
)
_PLAN = Query(Plan, "SELECT id, org_id, file_name, mapping, state, rows FROM import_batch WHERE id = $1")
_HOLD = Query(Plan, "SELECT id, org_id, file_name, mapping, state, rows FROM import_batch WHERE id = $1 FOR UPDATE")
_EARLIER = Query(
    Earlier,
    """
    SELECT created_on FROM import_batch
    WHERE mapping ->> 'file' = $1 AND state <> 'undone' AND imported > 0 AND id IS DISTINCT FROM $2::uuid
    ORDER BY created_on DESC LIMIT 1
    """,
)
_BEGIN = Statement("INSERT INTO import_batch (id, org_id, file_name, mapping, created_by) VALUES ($1, $2, $3, $4, $5)")
_ADVANCE = Statement(
    """
    UPDATE import_batch SET rows = rows + $2, imported = imported + $3, duplicate = duplicate + $4, blank = blank + $5,
      refused = refused + $6 WHERE id = $1
    """
)
_TOTAL = Statement("UPDATE import_batch SET total = $2 WHERE id = $1")
_FINISH = Statement("UPDATE import_batch SET state = $2, notes = $3 WHERE id = $1 AND state = 'running'")
_MARK_UNDONE = Statement("UPDATE import_batch SET state = 'undone' WHERE id = $1")
_DATE_UNDONE = Statement("UPDATE import_batch SET state = 'undone', undone_on = current_date WHERE id = $1")
_ADD_ISSUE = Statement(
    "INSERT INTO import_row (import_id, line, outcome, field, reason, org_id) VALUES ($1, $2, $3, $4, $5, $6)"
)
_ISSUES = Query(
    Issue,
    """
    SELECT line, outcome, field, reason FROM import_row WHERE import_id = $1
    ORDER BY CASE WHEN $2::integer IS NULL THEN 1 WHEN outcome = 'refused' THEN 1 WHEN outcome = 'duplicate' THEN 2
             ELSE 3 END, line
    LIMIT $2
    """,
)
_KNOWN = Query(bytes, "SELECT source_hash FROM vault.submission WHERE source_hash = ANY ($1::bytea[])")
_NEW_ORGS = Query(str, "SELECT name FROM org WHERE import_id = $1 ORDER BY path")
_CELLS = Query(
    Cell,
    """
    SELECT org_id, received_on AS day FROM vault.submission WHERE import_id = $1
    UNION SELECT org_id, said_on FROM response WHERE import_id = $1
    """,
)
_FORGET_SUBMISSIONS = Statement("DELETE FROM vault.submission WHERE import_id = $1")
_FORGET_RESPONSES = Statement(
    """
    DELETE FROM response r WHERE r.import_id = $1
      AND NOT EXISTS (SELECT 1 FROM vault.submission s WHERE s.response_id = r.id)
    """
)
_FORGET_COUNTS = Statement(
    """
    DELETE FROM daily d USING org o WHERE o.id = d.org_id AND o.import_id = $1
      AND NOT EXISTS (SELECT 1 FROM response r WHERE r.org_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM vault.submission s WHERE s.org_id = o.id)
    """
)
_ADDED_ORGS = Query(UUID, "SELECT id FROM org WHERE import_id = $1 ORDER BY nlevel(path) DESC")
_FORGET_ORG = Statement("DELETE FROM org WHERE id = $1")
_ROOT = Query(UUID, "SELECT id FROM org WHERE parent_id IS NULL AND closed_on IS NULL ORDER BY invented, path LIMIT 1")
_ALONE = Statement("SELECT pg_advisory_xact_lock(5160238714)")  # any constant: one import at a time adds places

# Row-level security forbids COPY into vault.submission itself, also where a policy allows every row. So rows are
# copied into a table of this session and moved on from there, which also settles duplicates in one step.
_STAGING: LiteralString = """
    CREATE TEMPORARY TABLE IF NOT EXISTS arriving (id uuid, org_id uuid, audience text, response_id uuid,
      source_hash bytea, received_on date, sealed bytea) ON COMMIT DELETE ROWS
"""
_MOVE: LiteralString = """
    INSERT INTO vault.submission (id, org_id, audience, form, channel, import_id, response_id, source_hash, received_on,
      sealed, key_id)
    SELECT id, org_id, audience, 'import', 'import', $1, response_id, source_hash, received_on, sealed, $2
    FROM arriving ON CONFLICT (source_hash) DO NOTHING RETURNING id
"""
_COLUMNS = ("id", "org_id", "audience", "response_id", "source_hash", "received_on", "sealed")


async def batches(connection: Connection) -> list[Batch]:
    """Imports in scope, newest first, no more than 200."""
    return await _BATCHES.all(connection, None)


async def batch(connection: Connection, import_id: UUID) -> Batch:
    """One import in scope; raises `NotFound`."""
    return await _BATCHES.one(connection, import_id)


async def plan(connection: Connection, import_id: UUID) -> Plan:
    """What was asked for; raises `NotFound`."""
    return await _PLAN.one(connection, import_id)


async def hold(connection: Connection, import_id: UUID) -> Plan:
    """The same, locked until the transaction ends."""
    return await _HOLD.one(connection, import_id)


async def earlier(connection: Connection, file_hash: str, besides: UUID | None) -> Earlier | None:
    """The newest other import of a file with the same content."""
    return await _EARLIER.maybe(connection, file_hash, besides)


async def begin(
    connection: Connection, import_id: UUID, org_id: UUID, file_name: str, mapping: dict[str, Any], by: UUID | None
) -> None:
    """A new import, running."""
    await _BEGIN.run(connection, import_id, org_id, file_name, mapping, by)


async def set_total(connection: Connection, import_id: UUID, total: int) -> None:
    """How many rows the file has."""
    await _TOTAL.run(connection, import_id, total)


async def advance(connection: Connection, import_id: UUID, counts: Sequence[int]) -> None:
    """Add to the counters: rows, imported, duplicate, blank, refused."""
    await _ADVANCE.run(connection, import_id, *counts)


async def finish(connection: Connection, import_id: UUID, state: str, notes: list[str]) -> None:
    """Close a running import as `done` or `failed`."""
    await _FINISH.run(connection, import_id, state, notes)


async def mark_undone(connection: Connection, import_id: UUID) -> None:
    """Say that an import is to be undone; the worker then takes its rows away."""
    await _MARK_UNDONE.run(connection, import_id)


async def add_issues(connection: Connection, import_id: UUID, org_id: UUID, issues: Sequence[Issue]) -> None:
    """Keep what became of rows that were not imported."""
    await _ADD_ISSUE.each(
        connection, [(import_id, one.line, one.outcome, one.field, one.reason, org_id) for one in issues]
    )


async def issues(connection: Connection, import_id: UUID, most: int | None = None) -> list[Issue]:
    """Rows of an import that were not imported: all in the file's order, or the refused ones first up to `most`."""
    return await _ISSUES.all(connection, import_id, most)


async def known(connection: Connection, hashes: Sequence[bytes]) -> set[bytes]:
    """Which source hashes are in the database already."""
    return set(await _KNOWN.all(connection, list(hashes))) if hashes else set()


async def keep(connection: Connection, import_id: UUID, key_id: str, rows: Sequence[Sealed]) -> set[UUID]:
    """Copy submissions into the vault; returns the ids that are new, without those whose source hash exists."""
    await connection.execute(_STAGING)
    records = [tuple(getattr(row, name) for name in _COLUMNS) for row in rows]
    await connection.copy_records_to_table("arriving", records=records, columns=_COLUMNS)
    return {record[0] for record in await connection.fetch(_MOVE, import_id, key_id)}


async def new_orgs(connection: Connection, import_id: UUID) -> list[str]:
    """Names of the organisations that an import added."""
    return await _NEW_ORGS.all(connection, import_id)


async def root(connection: Connection) -> UUID | None:
    """The nation that everything lies below, or None in an empty house."""
    return await _ROOT.maybe(connection)


async def alone(connection: Connection) -> None:
    """Wait until no other import is adding organisations; holds until the transaction ends."""
    await _ALONE.run(connection)


async def forget(connection: Connection, import_id: UUID) -> list[Cell]:
    """Take away all that an import brought; returns the organisations and days whose counts must be made again.

    A response that also has answers from another import stays, and so does an organisation that holds anything else.
    """
    await hold(connection, import_id)
    await _DATE_UNDONE.run(connection, import_id)
    cells = await _CELLS.all(connection, import_id)
    await _FORGET_SUBMISSIONS.run(connection, import_id)
    await _FORGET_RESPONSES.run(connection, import_id)
    await _FORGET_COUNTS.run(connection, import_id)
    gone = {org_id for org_id in await _ADDED_ORGS.all(connection, import_id) if await _forget_org(connection, org_id)}
    return [cell for cell in cells if cell.org_id not in gone]


async def _forget_org(connection: Connection, org_id: UUID) -> bool:
    try:
        async with connection.transaction():
            return await _FORGET_ORG.run(connection, org_id) > 0
    except ForeignKeyViolationError:
        return False  # it holds something else by now
