"""Comments that several people code blind, and what each of them saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Conflict


class CodedAlready(Conflict):
    """You have coded this comment already. Codes stay as they are, so that they can be compared."""


@dataclass(frozen=True)
class ToCode:
    """A comment to code: what was said and nothing of what the machine or anybody else made of it."""

    id: UUID
    question: str
    text: str
    stream: str
    org_name: str


@dataclass(frozen=True)
class Progress:
    """How many comments of the sample somebody has coded, and how many are left."""

    done: int
    left: int


@dataclass(frozen=True)
class Coded:
    """One person's themes of one comment."""

    comment_id: UUID
    account_id: UUID
    name: str
    themes: list[str]


# By a hash of the id: as good as a lot, and the same for everybody who draws at the same time.
_DRAW = Statement(
    """
    INSERT INTO coding_sample (comment_id, org_id, stream, drawn_by)
    SELECT c.id, c.org_id, c.stream, $3
    FROM comment c JOIN analysis a ON a.comment_id = c.id
    WHERE a.language = 'en' AND ($1::uuid[] IS NULL OR c.org_id = ANY ($1))
      AND NOT EXISTS (SELECT FROM coding_sample s WHERE s.comment_id = c.id)
    ORDER BY hashtextextended(c.id::text, 20260302), c.id LIMIT $2
    ON CONFLICT DO NOTHING
    """
)
# Comments that another person has coded come first: only what two have read can be compared.
_NEXT = Query(
    ToCode,
    """
    SELECT c.id, c.question, c.text, c.stream, o.name AS org_name
    FROM coding_sample s JOIN comment c ON c.id = s.comment_id JOIN org o ON o.id = c.org_id
    WHERE NOT EXISTS (SELECT FROM coding k WHERE k.comment_id = s.comment_id AND k.account_id = $1)
    ORDER BY (SELECT count(*) FROM coding k WHERE k.comment_id = s.comment_id) DESC,
      hashtextextended(c.id::text, 20260302), c.id LIMIT 1
    """,
)
_PROGRESS = Query(
    Progress,
    """
    SELECT (count(k.comment_id))::int AS done, (count(*) - count(k.comment_id))::int AS left
    FROM coding_sample s LEFT JOIN coding k ON k.comment_id = s.comment_id AND k.account_id = $1
    """,
)
_IN_SAMPLE = Query(UUID, "SELECT comment_id FROM coding_sample WHERE comment_id = $1")
_CODE = Statement(
    """
    INSERT INTO coding (comment_id, account_id, themes, org_id, stream)
    SELECT comment_id, $2, $3, org_id, stream FROM coding_sample WHERE comment_id = $1
    ON CONFLICT DO NOTHING
    """
)
_CODED = Query(
    Coded,
    """
    SELECT k.comment_id, k.account_id, a.name, k.themes FROM coding k JOIN account a ON a.id = k.account_id
    ORDER BY k.comment_id, a.name, k.account_id
    """,
)


async def draw(connection: Connection, org_ids: Sequence[UUID] | None, size: int, account_id: UUID) -> int:
    """Put comments of the person's scope into the sample; returns how many."""
    return await _DRAW.run(connection, org_ids, size, account_id)


async def following(connection: Connection, account_id: UUID) -> ToCode | None:
    """The next comment for a person to code."""
    return await _NEXT.maybe(connection, account_id)


async def progress(connection: Connection, account_id: UUID) -> Progress:
    """How far a person has come."""
    return await _PROGRESS.one(connection, account_id)


async def code(connection: Connection, comment_id: UUID, account_id: UUID, themes: Sequence[str]) -> None:
    """Write a person's themes down, once; raises `NotFound` or `CodedAlready`."""
    await _IN_SAMPLE.one(connection, comment_id)
    if not await _CODE.run(connection, comment_id, account_id, sorted(set(themes))):
        raise CodedAlready


async def coded(connection: Connection) -> list[Coded]:
    """What everybody in the person's scope has coded."""
    return await _CODED.all(connection)
