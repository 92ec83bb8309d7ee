"""Publications in the database: the only SQL about them, except for the public door's (`public_store.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import NotFound
from earshot.publishing.model import (
    STREAMS,
    Draft,
    Number,
    Proof,
    Publication,
    Quote,
    StalePublication,
    State,
    Step,
    Verdict,
    Version,
    Whose,
)


@dataclass(frozen=True)
class _Row:
    publication_id: UUID
    org_id: UUID
    org_name: str
    org_code: str
    streams: list[str]
    improvement_id: UUID | None
    revision: int
    id: UUID
    n: int
    state: State
    title: str
    heard: str
    did: str
    correction: str
    theme: str | None
    since: date
    until: date
    changed_on: date | None
    numbers: list[dict[str, Any]]
    recounted_on: date | None
    verdict: Verdict | None
    verdict_words: str
    error_rate: float | None
    writers: list[UUID]
    written_on: date
    approved_by: UUID | None
    approved_on: date | None
    withdrawn_on: date | None
    withdrawn_because: str
    quote_comment_id: UUID | None
    quote_text: str | None


@dataclass(frozen=True)
class TakenStep:
    """Something that was done with a publication; `by_name` is None where Earshot did it itself."""

    n: int
    step: Step
    by_account: UUID | None
    by_name: str | None
    on_day: date


@dataclass(frozen=True)
class _Name:
    id: UUID
    name: str


_LISTED = Query(
    _Row,
    """
    SELECT p.id AS publication_id, p.org_id, o.name AS org_name, o.code AS org_code, p.streams, p.improvement_id,
      p.revision, v.id, v.n, v.state, v.title, v.heard, v.did, v.correction, v.theme, v.since, v.until,
      v.changed_on, v.numbers, v.recounted_on, v.verdict, v.verdict_words, v.error_rate, v.writers, v.written_on,
      v.approved_by, v.approved_on, v.withdrawn_on, v.withdrawn_because, q.comment_id AS quote_comment_id,
      q.text AS quote_text
    FROM publication p JOIN org o ON o.id = p.org_id JOIN publication_version v ON v.publication_id = p.id
    LEFT JOIN publication_quote q ON q.version_id = v.id
    WHERE ($1::uuid IS NULL OR p.id = $1) AND ($2::uuid[] IS NULL OR p.org_id = ANY ($2))
    ORDER BY max(v.written_on) OVER (PARTITION BY p.id) DESC, p.id, v.n DESC LIMIT 1000
    """,
)
_STEPS = Query(
    TakenStep,
    """
    SELECT s.n, s.step, s.by_account, a.name AS by_name, s.on_day
    FROM publication_step s LEFT JOIN account a ON a.id = s.by_account WHERE s.publication_id = $1 ORDER BY s.id DESC
    """,
)
_NAMES = Query(_Name, "SELECT id, name FROM account WHERE id = ANY ($1)")
_ADD = Query(UUID, "INSERT INTO publication (org_id, streams, improvement_id) VALUES ($1, $2, $3) RETURNING id")
_TOUCH = Statement("UPDATE publication SET revision = revision + 1 WHERE id = $1 AND revision = $2")
_DROP = Statement("DELETE FROM publication WHERE id = $1")
_DROP_DRAFT = Statement("DELETE FROM publication_version WHERE publication_id = $1 AND state = 'draft'")
_ADD_VERSION = Query(
    UUID,
    """
    INSERT INTO publication_version (publication_id, org_id, streams, n, title, heard, did, correction, theme, since,
      until, changed_on, numbers, verdict, verdict_words, error_rate, writers)
    VALUES ($1, $2, $3, (SELECT coalesce(max(n), 0) + 1 FROM publication_version WHERE publication_id = $1), $4, $5,
      $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, ARRAY[$16::uuid]) RETURNING id
    """,
)
_REWRITE = Statement(
    """
    UPDATE publication_version SET title = $2, heard = $3, did = $4, correction = $5, theme = $6, since = $7,
      until = $8, changed_on = $9, numbers = $10, verdict = $11, verdict_words = $12, error_rate = $13,
      written_on = current_date,
      writers = CASE WHEN $14::uuid = ANY (writers) THEN writers ELSE writers || $14::uuid END
    WHERE id = $1 AND state = 'draft'
    """
)
_UNQUOTE = Statement("DELETE FROM publication_quote WHERE version_id = $1")
_QUOTE = Statement(
    """
    INSERT INTO publication_quote (version_id, comment_id, org_id, streams, text)
    SELECT id, $2, org_id, streams, $3 FROM publication_version WHERE id = $1
    """
)
_TAKE_STEP = Statement(
    """
    INSERT INTO publication_step (publication_id, org_id, streams, n, step, by_account)
    SELECT id, org_id, streams, $2, $3, $4 FROM publication WHERE id = $1
    """
)
_APPROVE = Statement(
    """
    UPDATE publication_version SET state = 'approved', approved_by = $2, approved_on = current_date
    WHERE id = $1 AND state = 'draft'
    """
)
_BACK_TO_DRAFT = Statement(
    """
    UPDATE publication_version SET state = 'draft', approved_by = NULL, approved_on = NULL
    WHERE id = $1 AND state = 'approved'
    """
)
_WITHDRAW = Statement(
    """
    UPDATE publication_version SET state = 'withdrawn', withdrawn_on = current_date, withdrawn_because = $2
    WHERE id = $1 AND state = 'approved'
    """
)
_LET_OUT_AGAIN = Statement(
    """
    UPDATE publication_version SET state = 'approved', withdrawn_on = NULL, withdrawn_because = ''
    WHERE id = $1 AND state IN ('replaced', 'withdrawn')
    """
)
_REPLACE = Statement(
    "UPDATE publication_version SET state = 'replaced' WHERE publication_id = $1 AND state = 'approved'"
)
# What an organisation-day counts for: publications of which a version's weeks and subtree hold it.
_COUNTING = Query(
    UUID,
    """
    SELECT DISTINCT v.publication_id FROM publication_version v JOIN org place ON place.id = v.org_id
    WHERE EXISTS (
      SELECT FROM unnest($1::uuid[], $2::date[]) AS gone (org_id, day) JOIN org o ON o.id = gone.org_id
      WHERE place.path @> o.path AND gone.day BETWEEN v.since - 6 AND v.until + 6)
    ORDER BY v.publication_id
    """,
)
_RECOUNT = Statement("UPDATE publication_version SET numbers = $2, recounted_on = current_date WHERE id = $1")


async def listed(connection: Connection, org_ids: Sequence[UUID] | None) -> list[Publication]:
    """Publications in scope with all their versions, those written last first."""
    return _publications(await _LISTED.all(connection, None, org_ids))


async def one(connection: Connection, publication_id: UUID) -> Publication:
    """One publication in scope; raises `NotFound`."""
    found = _publications(await _LISTED.all(connection, publication_id, None))
    if not found:
        raise NotFound
    return found[0]


async def steps(connection: Connection, publication_id: UUID) -> list[TakenStep]:
    """What was done with a publication, newest first."""
    return await _STEPS.all(connection, publication_id)


async def names(connection: Connection, account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What people are called."""
    return {row.id: row.name for row in await _NAMES.all(connection, account_ids)}


async def add(connection: Connection, org_id: UUID, whose: Whose, improvement_id: UUID | None) -> UUID:
    """A new publication, as yet without words."""
    return await _ADD.one(connection, org_id, list(STREAMS[whose]), improvement_id)


async def touch(connection: Connection, publication_id: UUID, seen: int) -> None:
    """Count a change; raises `StalePublication` where somebody made another one since."""
    if not await _TOUCH.run(connection, publication_id, seen):
        raise StalePublication


async def drop(connection: Connection, publication_id: UUID) -> None:
    """Take away a publication that was never let out."""
    await _DROP.run(connection, publication_id)


async def drop_draft(connection: Connection, publication_id: UUID) -> None:
    """Take away the draft; what was let out stays."""
    await _DROP_DRAFT.run(connection, publication_id)


async def add_version(
    connection: Connection,
    publication: UUID,
    org_id: UUID,
    whose: Whose,
    draft: Draft,
    numbers: Sequence[Number],
    proof: Proof,
    writer: UUID,
) -> UUID:
    """A new draft, the next version of a publication."""
    made = await _ADD_VERSION.one(
        connection, publication, org_id, list(STREAMS[whose]), draft.title, draft.heard, draft.did, draft.correction,
        draft.theme, draft.since, draft.until, draft.changed_on, _json(numbers), proof.verdict, proof.words,
        proof.error_rate, writer,
    )  # fmt: skip
    await _keep_quote(connection, made, draft)
    return made


async def rewrite(
    connection: Connection, version_id: UUID, draft: Draft, numbers: Sequence[Number], proof: Proof, writer: UUID
) -> None:
    """Other words for a draft; whoever changes it is one of its writers from then on."""
    await _REWRITE.run(
        connection, version_id, draft.title, draft.heard, draft.did, draft.correction, draft.theme, draft.since,
        draft.until, draft.changed_on, _json(numbers), proof.verdict, proof.words, proof.error_rate, writer,
    )  # fmt: skip
    await unquote(connection, version_id)
    await _keep_quote(connection, version_id, draft)


async def unquote(connection: Connection, version_id: UUID) -> bool:
    """Take somebody's words off a version; whether there were any."""
    return bool(await _UNQUOTE.run(connection, version_id))


async def take_step(connection: Connection, publication_id: UUID, n: int, step: Step, by: UUID | None) -> None:
    """Note what was done with a version, and by whom."""
    await _TAKE_STEP.run(connection, publication_id, n, step, by)


async def approve(connection: Connection, publication_id: UUID, version_id: UUID, by: UUID) -> None:
    """Let a draft out in the place of the version before."""
    await _REPLACE.run(connection, publication_id)
    await _APPROVE.run(connection, version_id, by)


async def back_to_draft(connection: Connection, version_id: UUID) -> None:
    """Take an approval back."""
    await _BACK_TO_DRAFT.run(connection, version_id)


async def withdraw(connection: Connection, version_id: UUID, because: str) -> None:
    """Take what is public off the page."""
    await _WITHDRAW.run(connection, version_id, because)


async def let_out_again(connection: Connection, version_id: UUID) -> None:
    """Put back what was withdrawn or replaced."""
    await _LET_OUT_AGAIN.run(connection, version_id)


async def counting(connection: Connection, cells: Sequence[tuple[UUID, date]]) -> list[UUID]:
    """Publications that counted something of these organisation-days."""
    return await _COUNTING.all(connection, [org_id for org_id, _ in cells], [day for _, day in cells])


async def recount(connection: Connection, version_id: UUID, numbers: Sequence[Number]) -> None:
    """Put other counts in the place of those that held what was erased."""
    await _RECOUNT.run(connection, version_id, _json(numbers))


async def _keep_quote(connection: Connection, version_id: UUID, draft: Draft) -> None:
    if draft.quote is not None:
        await _QUOTE.run(connection, version_id, draft.quote.comment_id, draft.quote.text)


def _publications(rows: Sequence[_Row]) -> list[Publication]:
    found: dict[UUID, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.publication_id, []).append(row)
    return [_publication(versions) for versions in found.values()]


def _publication(rows: Sequence[_Row]) -> Publication:
    first = rows[0]
    return Publication(
        id=first.publication_id,
        org_id=first.org_id,
        org_name=first.org_name,
        org_code=first.org_code,
        whose=whose_of(first.streams),
        improvement_id=first.improvement_id,
        revision=first.revision,
        versions=tuple(_version(row) for row in rows),
    )


def _version(row: _Row) -> Version:
    quote = (
        None if row.quote_text is None or row.quote_comment_id is None else Quote(row.quote_comment_id, row.quote_text)
    )
    return Version(
        id=row.id,
        n=row.n,
        state=row.state,
        draft=Draft(
            title=row.title, heard=row.heard, did=row.did, theme=row.theme, since=row.since, until=row.until,
            changed_on=row.changed_on, correction=row.correction, quote=quote,
        ),
        numbers=numbers_of(row.numbers),
        proof=Proof(row.verdict, row.verdict_words, row.error_rate),
        writers=tuple(row.writers),
        written_on=row.written_on,
        recounted_on=row.recounted_on,
        approved_by=row.approved_by,
        approved_on=row.approved_on,
        withdrawn_on=row.withdrawn_on,
        withdrawn_because=row.withdrawn_because,
    )  # fmt: skip


def whose_of(streams: Sequence[str]) -> Whose:
    """Whose comments some streams are."""
    return "staff" if "staff" in streams else "patients"


def numbers_of(kept: Sequence[dict[str, Any]]) -> tuple[Number, ...]:
    """Counts as they lie in the database."""
    day = date.fromisoformat
    return tuple(Number(day(each["since"]), day(each["until"]), each["about"], each["heard"]) for each in kept)


def _json(numbers: Sequence[Number]) -> list[dict[str, Any]]:
    return [{**asdict(each), "since": str(each.since), "until": str(each.until)} for each in numbers]
