"""Organisations in the database. A code is never used again, and nothing is deleted: it closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.orgs.model import Org, OrgProblem, OrgRow, above


@dataclass(frozen=True)
class _Known:
    id: UUID
    level: str
    path: str
    parent_code: str | None


@dataclass(frozen=True)
class Loaded:
    """What loading a file did."""

    added: int
    changed: int
    problems: tuple[OrgProblem, ...]


_TREE = Query(
    Org,
    """
    SELECT id, parent_id, level, code, ods_code, name, setting, invented, closed_on, successor_id
    FROM org ORDER BY path
    """,
)
_ONE = Query(
    Org,
    """
    SELECT id, parent_id, level, code, ods_code, name, setting, invented, closed_on, successor_id
    FROM org WHERE id = $1
    """,
)
_BY_CODE = Query(
    Org,
    """
    SELECT id, parent_id, level, code, ods_code, name, setting, invented, closed_on, successor_id
    FROM org WHERE code = $1 OR ods_code = $1
    """,
)
_KNOWN = Query(
    _Known,
    """
    SELECT id, level, path::text AS path, (SELECT code FROM org parent WHERE parent.id = org.parent_id) AS parent_code
    FROM org WHERE code = $1
    """,
)
_ADD = Statement(
    """
    INSERT INTO org
      (id, parent_id, path, level, code, ods_code, name, setting, invented, opened_on, closed_on, import_id)
    VALUES ($1, $2, text2ltree($3), $4, $5, $6, $7, $8, $9, $10, $11, $12)
    """
)
_CHANGE = Statement(
    """
    UPDATE org SET name = $2, ods_code = coalesce($3, ods_code), setting = coalesce($4, setting),
      closed_on = $5, opened_on = coalesce($6, opened_on)
    WHERE id = $1 AND (name, ods_code, setting, closed_on, opened_on) IS DISTINCT FROM
      ($2, coalesce($3, ods_code), coalesce($4, setting), $5, coalesce($6, opened_on))
    """
)
_SUCCEED = Statement(
    """
    UPDATE org SET successor_id = (SELECT id FROM org WHERE code = $2)
    WHERE code = $1 AND successor_id IS DISTINCT FROM (SELECT id FROM org WHERE code = $2)
    """
)
_PATH = Query(str, "SELECT path::text FROM org WHERE id = $1")
_BELOW = Query(UUID, "SELECT o.id FROM org o JOIN org r ON o.path <@ r.path WHERE r.id = $1")


async def tree(connection: Connection) -> list[Org]:
    """Every organisation in scope, parents before children."""
    return await _TREE.all(connection)


async def org(connection: Connection, org_id: UUID) -> Org:
    """One organisation in scope; raises `NotFound`."""
    return await _ONE.one(connection, org_id)


async def by_code(connection: Connection, code: str) -> Org | None:
    """The organisation with a code or an ODS code."""
    return await _BY_CODE.maybe(connection, code)


async def below(connection: Connection, org_id: UUID) -> list[UUID]:
    """An organisation and everything under it, as far as the scope reaches."""
    return await _BELOW.all(connection, org_id)


async def add(
    connection: Connection,
    *,
    code: str,
    name: str,
    level: str,
    parent_id: UUID | None,
    ods_code: str | None = None,
    setting: str | None = None,
    invented: bool = False,
    opened_on: date | None = None,
    closed_on: date | None = None,
    import_id: UUID | None = None,
) -> UUID:
    """A new organisation below `parent_id`."""
    org_id = uuid4()
    parent_path = "" if parent_id is None else await _PATH.one(connection, parent_id) + "."
    await _ADD.run(
        connection, org_id, parent_id, parent_path + org_id.hex, level, code, ods_code, name, setting, invented,
        opened_on, closed_on, import_id,
    )  # fmt: skip
    return org_id


async def load(connection: Connection, rows: Sequence[OrgRow]) -> Loaded:
    """Add and change organisations from a file's rows; a row that breaks a rule is left out with its reason."""
    added = changed = 0
    problems: list[OrgProblem] = []
    for row in rows:
        known = await _KNOWN.maybe(connection, row.code)
        problem = await _check(connection, row, known)
        if problem is not None:
            problems.append(problem)
        elif known is None:
            parent = await _KNOWN.maybe(connection, row.parent_code) if row.parent_code else None
            await add(
                connection, code=row.code, name=row.name, level=row.level, parent_id=parent.id if parent else None,
                ods_code=row.ods_code, setting=row.setting, invented=row.invented, opened_on=row.opened_on,
                closed_on=row.closed_on,
            )  # fmt: skip
            added += 1
        else:
            changed += await _CHANGE.run(
                connection, known.id, row.name, row.ods_code, row.setting, row.closed_on, row.opened_on
            )
    for row in rows:  # a successor may stand further down in the file
        if row.successor_code is not None:
            await _SUCCEED.run(connection, row.code, row.successor_code)
    return Loaded(added, changed, tuple(problems))


async def _check(connection: Connection, row: OrgRow, known: _Known | None) -> OrgProblem | None:
    if known is not None and known.level != row.level:
        return OrgProblem(
            row.line, "code", f"The code {row.code} belongs to a {known.level}; codes are never used again."
        )
    if known is not None and known.parent_code != row.parent_code:
        return OrgProblem(
            row.line, "parent_code", f"{row.code} lies below {known.parent_code}. Close it and open a new one."
        )
    if row.ods_code is not None:
        holder = await by_code(connection, row.ods_code)
        if holder is not None and holder.code != row.code:
            return OrgProblem(
                row.line, "ods_code", f"{row.ods_code} belongs to {holder.name}; codes are never used again."
            )
    if known is None and row.parent_code is not None:
        parent = await _KNOWN.maybe(connection, row.parent_code)
        if parent is None:
            return OrgProblem(row.line, "parent_code", f"No organisation has the code {row.parent_code}.")
        if not above(row.level, parent.level):
            return OrgProblem(row.line, "level", f"A {row.level} cannot lie below a {parent.level}.")
    return None
