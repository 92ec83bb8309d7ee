"""Quality reports in the database: what was asked for, how far it is, and the frozen files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

STAGE = "report"  # the job that makes one


@dataclass(frozen=True)
class Report:
    """A report of a place and period; `n` is its version and None until it is made, `done` of `steps` are done.

    `unchanged` means that nothing was different from the version `same_as`; `outdated` that a later one was made.
    """

    id: UUID
    org_id: UUID
    org_name: str
    since: date
    until: date
    streams: list[str]
    n: int | None
    state: str
    done: int
    steps: int
    same_as: UUID | None
    late: bool
    asked_by: UUID
    asked_by_name: str
    asked_on: date
    made_on: date | None
    newest: bool


@dataclass(frozen=True)
class FileMark:
    """A frozen file without its bytes."""

    report_id: UUID
    kind: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class FrozenFile:
    """A frozen file; `hash` is the SHA-256 of its bytes."""

    content: bytes
    hash: bytes


@dataclass(frozen=True)
class Made:
    """A version that was made before."""

    id: UUID
    n: int
    content: bytes


@dataclass(frozen=True)
class Asked:
    """What a report is of."""

    org_id: UUID
    since: date
    until: date
    streams: list[str]
    asked_by: UUID


_REPORTS = Query(
    Report,
    """
    SELECT r.id, r.org_id, o.name AS org_name, r.since, r.until, r.streams, r.n, r.state, r.done, r.steps, r.same_as,
      r.late, r.asked_by, a.name AS asked_by_name, r.asked_on, r.made_on,
      r.state = 'ready' AND NOT EXISTS (SELECT FROM report l WHERE (l.org_id, l.since, l.until, l.streams)
        = (r.org_id, r.since, r.until, r.streams) AND l.n > r.n) AS newest
    FROM report r JOIN org o ON o.id = r.org_id JOIN account a ON a.id = r.asked_by
    WHERE ($1::uuid[] IS NULL OR EXISTS (SELECT FROM org top WHERE top.id = ANY ($1) AND o.path <@ top.path))
      AND ($2::uuid IS NULL OR r.id = $2) AND ($3::uuid[] IS NULL OR r.org_id = ANY ($3))
    ORDER BY r.asked_on DESC, r.until DESC, o.name, r.n DESC NULLS FIRST, r.id LIMIT $4
    """,
)
_FILES = Query(
    FileMark,
    """
    SELECT report_id, kind, length(content)::int AS size, encode(hash, 'hex') AS sha256 FROM report_file
    WHERE report_id = ANY ($1) ORDER BY kind
    """,
)
_FILE = Query(FrozenFile, "SELECT content, hash FROM report_file WHERE report_id = $1 AND kind = $2")
_ASK = Query(
    UUID, "INSERT INTO report (org_id, since, until, streams, asked_by) VALUES ($1, $2, $3, $4, $5) RETURNING id"
)
_ASK_AGAIN = Query(
    UUID,
    """
    INSERT INTO report (org_id, since, until, streams, asked_by, late)
    SELECT DISTINCT ON (org_id, since, until, streams) org_id, since, until, streams, asked_by, true FROM report r
    WHERE state = 'ready' AND until >= $1 AND made_on < current_date AND NOT EXISTS (
      SELECT FROM report w WHERE (w.org_id, w.since, w.until, w.streams) = (r.org_id, r.since, r.until, r.streams)
        AND (w.state IN ('waiting', 'making') OR w.made_on >= current_date))
    ORDER BY org_id, since, until, streams, n DESC
    RETURNING id
    """,
)
_BEGIN = Statement("UPDATE report SET state = 'making', steps = $2, done = 0 WHERE id = $1")
_STEP = Statement("UPDATE report SET done = $2 WHERE id = $1")
_LOCK = Statement(
    """
    SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'report', org_id, since, until, streams), 0))
    FROM report WHERE id = $1
    """
)
_LAST = Query(
    Made,
    """
    SELECT l.id, l.n, l.content FROM report r JOIN report l ON (l.org_id, l.since, l.until, l.streams)
      = (r.org_id, r.since, r.until, r.streams)
    WHERE r.id = $1 AND l.state = 'ready' ORDER BY l.n DESC LIMIT 1
    """,
)
_READY = Statement(
    """
    UPDATE report SET state = 'ready', n = $2, content = $3, made_on = $4, done = steps
    WHERE id = $1 AND state <> 'ready'
    """
)
_KEEP = Statement("INSERT INTO report_file (report_id, kind, content, hash) VALUES ($1, $2, $3, $4)")
_UNCHANGED = Statement(
    "UPDATE report SET state = 'unchanged', same_as = $2, done = steps WHERE id = $1 AND state <> 'ready'"
)
_DROP = Statement("DELETE FROM report WHERE id = $1 AND late AND state IN ('waiting', 'making')")
_FAILED = Statement("UPDATE report SET state = 'failed' WHERE id = $1 AND state IN ('waiting', 'making')")
_LISTED = 200


async def reports(
    connection: Connection, places: Sequence[UUID], org_ids: Sequence[UUID] | None = None
) -> list[Report]:
    """The newest reports of and below some places, or only those of some organisations."""
    return await _REPORTS.all(connection, places, None, org_ids, _LISTED)


async def report(connection: Connection, places: Sequence[UUID] | None, report_id: UUID) -> Report:
    """One report; raises `NotFound`. Without places, whatever the transaction's scope shows."""
    return await _REPORTS.one(connection, places, report_id, None, 1)


async def files(connection: Connection, report_ids: Sequence[UUID]) -> list[FileMark]:
    """What files there are of some reports."""
    return await _FILES.all(connection, report_ids)


async def file(connection: Connection, report_id: UUID, kind: str) -> FrozenFile:
    """The frozen bytes; raises `NotFound` where there are none."""
    return await _FILE.one(connection, report_id, kind)


async def ask(connection: Connection, asked: Asked) -> UUID:
    """Ask for a report; the caller queues its job in the same transaction."""
    return await _ASK.one(connection, asked.org_id, asked.since, asked.until, asked.streams, asked.asked_by)


async def ask_again(connection: Connection, until: date) -> list[UUID]:
    """Ask once more for every report whose period ended on or after a day, to see whether data came late."""
    return await _ASK_AGAIN.all(connection, until)


async def begin(connection: Connection, report_id: UUID, steps: int) -> None:
    """Note that a report is being made, in so many steps."""
    await _BEGIN.run(connection, report_id, steps)


async def step(connection: Connection, report_id: UUID, done: int) -> None:
    """Note how far it is."""
    await _STEP.run(connection, report_id, done)


async def last(connection: Connection, report_id: UUID) -> Made | None:
    """The newest version of the same report; holds others who make one back until the transaction ends."""
    await _LOCK.run(connection, report_id)
    return await _LAST.maybe(connection, report_id)


async def freeze(
    connection: Connection, report_id: UUID, *, n: int, content: bytes, on: date, made: Sequence[tuple[str, FrozenFile]]
) -> None:
    """Keep the files of a version and call it ready; done twice, the second changes nothing."""
    if await _READY.run(connection, report_id, n, content, on):
        await _KEEP.each(connection, [(report_id, kind, each.content, each.hash) for kind, each in made])


async def unchanged(connection: Connection, report_id: UUID, same_as: UUID) -> None:
    """Note that nothing is different; a report that was made again by itself is forgotten."""
    await _DROP.run(connection, report_id)
    await _UNCHANGED.run(connection, report_id, same_as)


async def failed(connection: Connection, report_id: UUID) -> None:
    """Note that a report could not be made."""
    await _FAILED.run(connection, report_id)
