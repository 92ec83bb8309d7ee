"""The library of what worked, in the database; entries are seen once the worker has taken names out and read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import FieldError, Invalid, NotFound
from earshot.improvement.library import Entry

#: Nearer than this (cosine) to what people said, an entry is worth a look: see tests/nlp/test_improvement_library.py.
NEAR = 0.4
SUGGESTED = 5


@dataclass(frozen=True)
class Provider:
    """A provider whose library one may read."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Kept:
    """An entry as it lies in the database; `near` is the cosine to what was asked, None where nothing was."""

    id: UUID
    source: str
    title: str
    what_we_heard: str
    what_we_did: str
    themes: list[str]
    measure: str
    result: str
    weeks: int
    finished_on: date | None
    imported: bool
    added_on: date
    near: float | None

    @property
    def entry(self) -> Entry:
        """What of it may travel."""
        return Entry(
            self.source, self.title, self.what_we_heard, self.what_we_did, tuple(self.themes), self.measure,
            self.result, self.weeks, self.finished_on,
        )  # fmt: skip


_COLUMNS: LiteralString = """
    SELECT l.id, l.source, l.title, l.what_we_heard, l.what_we_did, l.themes, l.measure, l.result, l.weeks,
      l.finished_on, l.imported, l.added_on,
"""
_LIST = Query(
    Kept,
    _COLUMNS
    + """
      NULL::float8 AS near FROM library_entry l WHERE l.vector IS NOT NULL AND ($1::uuid IS NULL OR l.org_id = $1)
    ORDER BY l.added_on DESC, l.title, l.id LIMIT 1000
    """,
)
_WAITING = Query(int, "SELECT count(*)::int FROM library_entry WHERE vector IS NULL")
_SOME = Query(Kept, _COLUMNS + " NULL::float8 AS near FROM library_entry l WHERE l.id = ANY ($1) AND l.vector IS NULL")
_OF_ACTION = Query(bool, "SELECT EXISTS (SELECT FROM library_entry WHERE action_id = $1)")
# What people said of a theme ($1), or in some comments ($4), as one vector: the mean of the embeddings.
_BY_THEME: LiteralString = """
      1 - (l.vector <=> asked.vector) AS near
    FROM library_entry l CROSS JOIN (
      SELECT avg(n.vector) AS vector FROM (
        SELECT e.vector FROM comment_theme t JOIN embedding e ON e.comment_id = t.comment_id
        JOIN comment c ON c.id = t.comment_id WHERE t.theme = $1 ORDER BY c.said_on DESC, c.id LIMIT 200
      ) n
    ) asked
"""
_BY_COMMENTS: LiteralString = """
      1 - (l.vector <=> asked.vector) AS near
    FROM library_entry l CROSS JOIN (
      SELECT avg(e.vector) AS vector FROM embedding e WHERE e.comment_id = ANY ($4)
    ) asked
"""
_NEAREST: LiteralString = """
    WHERE l.vector IS NOT NULL AND ($1 = ANY (l.themes) OR 1 - (l.vector <=> asked.vector) >= $2)
    ORDER BY $1 = ANY (l.themes) DESC, near DESC NULLS LAST, l.id LIMIT $3
"""
_NEAR_THEME = Query(Kept, _COLUMNS + _BY_THEME + _NEAREST)
_NEAR_COMMENTS = Query(Kept, _COLUMNS + _BY_COMMENTS + _NEAREST)
_ADD = Query(
    UUID,
    """
    INSERT INTO library_entry (id, org_id, source, title, what_we_heard, what_we_did, themes, measure, result, weeks,
      finished_on, imported, action_id, added_by, content_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING RETURNING id
    """,
)
_READ = Statement(
    """
    UPDATE library_entry SET title = $2, what_we_heard = $3, what_we_did = $4, result = $5, vector = $6::text::halfvec
    WHERE id = $1
    """
)
_DROP = Statement("DELETE FROM library_entry WHERE id = $1 AND vector IS NULL")
_PROVIDERS = Query(Provider, "SELECT id, name FROM visible_providers($1) ORDER BY name, id")


async def provider(connection: Connection, org_id: UUID | None) -> Provider:
    """The provider whose library is meant; raises `NotFound`, and `Invalid` where there are several to choose from."""
    found = await _PROVIDERS.all(connection, org_id)
    if not found:
        raise NotFound
    if len(found) > 1:
        raise Invalid(fields=[FieldError("org", "Choose the provider whose library you mean.")])
    return found[0]


async def entries(connection: Connection, provider_id: UUID | None) -> list[Kept]:
    """Entries in sight, newest first."""
    return await _LIST.all(connection, provider_id)


async def waiting(connection: Connection) -> int:
    """How many entries the worker has not read yet."""
    return await _WAITING.one(connection)


async def unread(connection: Connection, ids: Sequence[UUID]) -> list[Kept]:
    """Those of some entries that the worker has not read yet."""
    return await _SOME.all(connection, ids)


async def of_action(connection: Connection, action_id: UUID) -> bool:
    """Whether an action is in the library."""
    return await _OF_ACTION.one(connection, action_id)


async def near_theme(connection: Connection, theme: str) -> list[Kept]:
    """Entries about a theme, or close to what people said of it, nearest first."""
    return await _NEAR_THEME.all(connection, theme, NEAR, SUGGESTED)


async def near_comments(connection: Connection, comment_ids: Sequence[UUID], theme: str) -> list[Kept]:
    """Entries about a theme, or close to what some comments say, nearest first."""
    return await _NEAR_COMMENTS.all(connection, theme, NEAR, SUGGESTED, comment_ids)


async def add(
    connection: Connection,
    provider_id: UUID,
    entry: Entry,
    person: UUID,
    *,
    imported: bool = False,
    action_id: UUID | None = None,
) -> UUID | None:
    """Keep an entry until the worker has read it; returns its id, or None where it is there already."""
    return await _ADD.maybe(
        connection, uuid4(), provider_id, entry.source, entry.title, entry.what_we_heard, entry.what_we_did,
        list(entry.themes), entry.measure, entry.result, entry.weeks, entry.finished_on, imported, action_id, person,
        entry.content_hash,
    )  # fmt: skip


async def keep_read(connection: Connection, entry_id: UUID, entry: Entry, vector: str) -> None:
    """Write an entry as the worker read it, names taken out, with its embedding; it is seen from now on."""
    await _READ.run(connection, entry_id, entry.title, entry.what_we_heard, entry.what_we_did, entry.result, vector)


async def drop(connection: Connection, entry_id: UUID) -> None:
    """Let an entry go that could not be read."""
    await _DROP.run(connection, entry_id)
