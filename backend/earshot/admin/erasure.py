"""Erasing: a case with the keys to it, a response with all that was derived from it. A tombstone without words stays.

Runs as the worker's role and inside the caller's transaction. Counts are made again by the jobs that are queued here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from earshot.core import audit
from earshot.core.db import Connection, Query, Statement
from earshot.core.work import enqueue
from earshot.publishing.stages import REFREEZE_STAGE

Why = Literal["asked", "retention"]


@dataclass(frozen=True)
class _Response:
    id: UUID
    org_id: UUID


@dataclass(frozen=True)
class _Cell:
    org_id: UUID
    said_on: date


@dataclass(frozen=True)
class _Theme:
    id: UUID
    number: int
    name: str
    words: list[str]
    still_said: list[str]


# What is on hold or open is passed over, whoever asked: the page says so before anybody asks.
_ERASABLE_CASE = Query(
    UUID,
    """
    SELECT id FROM case_file
    WHERE id = $1 AND state = 'closed' AND NOT legal_hold AND NOT held_back(org_id) FOR UPDATE
    """,
)
_STONE_OF_CASE = Statement(
    """
    INSERT INTO erasure (subject, kind, why, by_account, org_id)
    SELECT id, 'case', $2, $3, provider_of(org_id) FROM case_file WHERE id = $1 ON CONFLICT DO NOTHING
    """
)
_LET_GO_OF_CASE = Statement(
    """
    UPDATE case_file SET same_as = nullif(same_as, $1), continues_id = nullif(continues_id, $1)
    WHERE same_as = $1 OR continues_id = $1
    """
)
_FORGET_CASE = Statement("DELETE FROM case_file WHERE id = $1")  # its locks, texts and all else go with it

_ERASABLE = Query(
    _Response,
    "SELECT id, org_id FROM response WHERE id = ANY ($1) AND NOT held_back(org_id) ORDER BY id FOR UPDATE",
)
_STONES = Statement(
    """
    INSERT INTO erasure (subject, kind, why, by_account, org_id)
    SELECT id, 'response', $2, $3, org_id FROM response WHERE id = ANY ($1) ON CONFLICT DO NOTHING
    """
)
_CELLS = Query(
    _Cell,
    """
    SELECT org_id, said_on FROM response WHERE id = ANY ($1)
    UNION SELECT org_id, said_on FROM comment WHERE response_id = ANY ($1)
    """,
)
_COMMENTS = Query(UUID, "SELECT id FROM comment WHERE response_id = ANY ($1)")
_CLUSTERS = Query(
    UUID,
    """
    SELECT id FROM cluster WHERE exemplars && $1
    UNION SELECT cluster_id FROM comment_cluster WHERE comment_id = ANY ($1)
    """,
)
_LEARNED_FROM = Query(
    bool,
    """
    SELECT EXISTS (SELECT FROM correction k JOIN bundle_version b ON b.state IN ('active', 'candidate')
      AND b.last_correction >= k.number WHERE k.comment_id = ANY ($1)) AS learned
    """,
)
# The submission's row stays without its text, so that reading the same file in again does not bring it back.
_EMPTY_ORIGINALS = Statement("UPDATE vault.submission SET sealed = '', state = 'done' WHERE response_id = ANY ($1)")
_FORGET_REVIEWS = Statement(
    """
    DELETE FROM review_item v USING vault.submission s WHERE s.id = v.submission_id AND s.response_id = ANY ($1)
    """
)
_FORGET_RESPONSES = Statement("DELETE FROM response WHERE id = ANY ($1)")  # comments and their readings go with it
# Words and comments behind a signal are taken from comments; what was counted then stays what it was.
_LET_GO_OF_SIGNALS = Statement(
    """
    UPDATE signal SET words = '[]', comment_ids = ARRAY (
      SELECT id FROM unnest(comment_ids) WITH ORDINALITY AS e (id, place) WHERE NOT id = ANY ($1) ORDER BY place)
    WHERE comment_ids && $1
    """
)
# The centre is made of its members' vectors: without the erased ones it is made again, and scaled to length one.
_RECENTRE = Statement(
    """
    UPDATE cluster k SET centroid = coalesce(l2_normalize(m.centre), k.centroid), size = m.n,
      ended_on = CASE WHEN m.n = 0 THEN coalesce(k.ended_on, current_date) ELSE k.ended_on END,
      exemplars = ARRAY (SELECT id FROM unnest(k.exemplars) WITH ORDINALITY AS e (id, place)
        WHERE NOT id = ANY ($2) ORDER BY place)
    FROM (
      SELECT c.id, count(e.comment_id)::int AS n, avg(e.vector)::halfvec(384) AS centre
      FROM cluster c LEFT JOIN comment_cluster j ON j.cluster_id = c.id
      LEFT JOIN embedding e ON e.comment_id = j.comment_id
      WHERE c.id = ANY ($1) GROUP BY c.id
    ) m WHERE m.id = k.id
    """
)

# A word of a theme stays where one of its comments still says it.
_THEMES = Query(
    _Theme,
    """
    SELECT k.id, k.number, k.name, k.words, ARRAY (
      SELECT w.word FROM jsonb_array_elements_text(k.words) WITH ORDINALITY AS w (word, place)
      WHERE EXISTS (
        SELECT FROM comment_cluster j JOIN comment c ON c.id = j.comment_id
        WHERE j.cluster_id = k.id AND NOT EXISTS (
          SELECT FROM unnest(string_to_array(lower(w.word), ' ')) t WHERE position(t IN lower(c.text)) = 0))
      ORDER BY w.place) AS still_said
    FROM cluster k WHERE k.id = ANY ($1) ORDER BY k.id
    """,
)
_REWORD = Statement("UPDATE cluster SET words = $2, name = $3 WHERE id = $1")
NAMED_BY = 3  # words that make up a theme's name


async def erase_case(connection: Connection, case_id: UUID, *, why: Why, by: UUID | None) -> bool:
    """Erase a closed case: every key to it, every text, and all that hangs on it; False where it must stay."""
    if await _ERASABLE_CASE.maybe(connection, case_id) is None:
        return False
    await audit.record(connection, action="case.erased", by=by, subject=case_id)
    await _STONE_OF_CASE.run(connection, case_id, why, by)
    await _LET_GO_OF_CASE.run(connection, case_id)
    await _FORGET_CASE.run(connection, case_id)
    return True


async def erase_responses(connection: Connection, response_ids: Sequence[UUID], *, why: Why, by: UUID | None) -> int:
    """Erase responses with their comments and all that was derived from them; returns how many were erased.

    What somebody asked for leaves a tombstone and a line for each; what the schedule removes, none by its id.
    """
    found = await _ERASABLE.all(connection, response_ids)
    if not found:
        return 0
    ids = [response.id for response in found]
    if why == "asked":
        await _STONES.run(connection, ids, why, by)
        for one in found:
            await audit.record(connection, action="response.erased", by=by, subject=one.id, org_id=one.org_id)
    cells = await _CELLS.all(connection, ids)
    await _forget(connection, ids)
    counted = [(cell.org_id, cell.said_on) for cell in cells]
    await enqueue(connection, "rollup", {"cells": counted, "then": REFREEZE_STAGE})  # what was published counts anew
    return len(found)


async def _forget(connection: Connection, response_ids: Sequence[UUID]) -> None:
    comments = await _COMMENTS.all(connection, response_ids)
    clusters = await _CLUSTERS.all(connection, comments)
    learned = await _LEARNED_FROM.one(connection, comments)
    await _LET_GO_OF_SIGNALS.run(connection, comments)
    await _FORGET_REVIEWS.run(connection, response_ids)
    await _EMPTY_ORIGINALS.run(connection, response_ids)
    await _FORGET_RESPONSES.run(connection, response_ids)
    await _RECENTRE.run(connection, clusters, comments)
    await _reword(connection, clusters)
    if learned:  # what a model learned from the comment is not in the one that is made now
        await enqueue(connection, "learn", {}, key="learn")


async def _reword(connection: Connection, clusters: Sequence[UUID]) -> None:
    """Take words out of discovered themes that nobody there says any more, also out of their names."""
    for theme in await _THEMES.all(connection, clusters):
        if len(theme.still_said) < len(theme.words):
            kept = all(word in theme.still_said for word in theme.name.split(", "))
            name = theme.name if kept else ", ".join(theme.still_said[:NAMED_BY]) or f"Theme {theme.number}"
            await _REWORD.run(connection, theme.id, theme.still_said, name)
