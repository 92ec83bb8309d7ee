"""Models that learned from corrections: what they were made from, how they did, and which one is in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, LiteralString
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Conflict, NotFound
from earshot.taxonomy.frameworks import PATIENT_EXPERIENCE

State = Literal["candidate", "active", "refused", "rolled_back", "replaced"]
FEWEST = 40  # corrected comments with different wordings that one run needs
SHIPPED = "The model that comes with Earshot."


class TooFew(Conflict):
    """There are too few corrected comments to learn from."""


class NotUsable(Conflict):
    """This model cannot be put to use: it was refused, or it is in use already."""


class NothingBefore(Conflict):
    """There is no earlier model to go back to."""


@dataclass(frozen=True)
class Version:
    """One model, how right its themes were before and after, and its sentiment; None where it did not learn that."""

    id: str
    parent: str | None
    state: State
    reason: str
    scores: dict[str, Any] | None
    sentiment: dict[str, Any] | None
    made_on: date
    made_by_name: str | None


@dataclass(frozen=True)
class Corrected:
    """A comment that people corrected or checked, as they left it; `themes` is None where only its feeling was said."""

    text: str
    question: str
    themes: list[str] | None
    sentiment: int | None
    last: int  # the number of its newest correction


@dataclass(frozen=True)
class Made:
    """A model on its way into the table."""

    id: str
    parent: str
    state: State
    reason: str
    scores: Mapping[str, Any] | None
    thresholds: Mapping[str, float]
    bands: Mapping[str, Sequence[float]]
    last_correction: int
    made_by: UUID | None


@dataclass(frozen=True)
class Material:
    """How many comments can be learned from, and how many of those were corrected since the newest model."""

    corrections: int
    since: int


_VERSION: LiteralString = """
    SELECT v.id, v.parent, v.state, v.reason, CASE WHEN v.scores ? 'macro_f1' THEN v.scores - 'sentiment' END AS scores,
      v.scores -> 'sentiment' AS sentiment, v.made_on, a.name AS made_by_name
    FROM bundle_version v LEFT JOIN account a ON a.id = v.made_by
"""
_VERSIONS = Query(Version, _VERSION + "ORDER BY v.number DESC")
_ACTIVE = Query(str, "SELECT id FROM bundle_version WHERE state = 'active'")
_HELD = Query(Version, _VERSION + "WHERE v.id = $1 FOR UPDATE OF v")
_WAITING = Query(
    bool, "SELECT EXISTS (SELECT FROM pgqueuer WHERE entrypoint = 'learn' AND status IN ('queued', 'picked'))"
)
_MATERIAL = Query(
    Material,
    """
    SELECT count(*)::int AS corrections,
      (count(*) FILTER (WHERE last > (SELECT coalesce(max(last_correction), 0) FROM bundle_version)))::int AS since
    FROM (
      SELECT max(number) AS last FROM correction
      WHERE ended_on IS NULL AND kind IN ('theme', 'sentiment', 'checked') GROUP BY comment_id
    ) one
    """,
)
# Who corrects a theme, or says that all is right, has the whole reading in view: what they left counts as right. Who
# says only what somebody felt may do so by one key, and has said nothing about themes. A comment that another framework
# read has no theme of this one, not even "Not assigned", so that it says nothing about it.
_CORRECTED = Query(
    Corrected,
    """
    SELECT c.text, c.question, k.last,
      CASE WHEN k.about_themes THEN (SELECT array_agg(t.theme ORDER BY t.theme) FROM effective_theme t
                                     WHERE t.comment_id = c.id AND t.framework = $1) END AS themes,
      (SELECT e.sentiment::int FROM effective_sentiment e WHERE e.comment_id = c.id) AS sentiment
    FROM (
      SELECT comment_id, max(number) AS last, bool_or(kind <> 'sentiment') AS about_themes FROM correction
      WHERE ended_on IS NULL AND kind IN ('theme', 'sentiment', 'checked') GROUP BY comment_id
    ) k
    JOIN comment c ON c.id = k.comment_id
    ORDER BY k.last
    """,
)
_SET_STATE = Statement("UPDATE bundle_version SET state = $2 WHERE id = $1")
_RETIRE_SHIPPED = Statement(
    "UPDATE bundle_version SET state = 'replaced' WHERE state = 'active' AND parent IS NULL AND id <> $1"
)
_NOTE_SHIPPED = Statement(
    """
    INSERT INTO bundle_version (id, state, reason, thresholds, bands)
    SELECT $1, CASE WHEN EXISTS (SELECT FROM bundle_version WHERE state = 'active') THEN 'replaced' ELSE 'active' END,
      $2, $3, $4
    ON CONFLICT DO NOTHING
    """
)
_KEEP = Statement(
    """
    INSERT INTO bundle_version (id, parent, state, reason, scores, thresholds, bands, last_correction, made_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
    """
)
_READ_BY_ANOTHER = Query(
    UUID,
    """
    SELECT comment_id FROM analysis
    WHERE bundle <> $1 AND ($2::uuid IS NULL OR comment_id > $2) ORDER BY comment_id LIMIT $3
    """,
)


async def versions(connection: Connection) -> list[Version]:
    """Every model, newest first."""
    return await _VERSIONS.all(connection)


async def active(connection: Connection) -> str | None:
    """The model in use; None before the first comment was read."""
    return await _ACTIVE.maybe(connection)


async def waiting(connection: Connection) -> bool:
    """Whether a run waits or is under way."""
    return await _WAITING.one(connection)


async def material(connection: Connection) -> Material:
    """What there is to learn from, inside the person's scope."""
    return await _MATERIAL.one(connection)


async def corrected(connection: Connection) -> list[Corrected]:
    """Every comment to learn from, the newest correction last."""
    return await _CORRECTED.all(connection, PATIENT_EXPERIENCE)


async def note_shipped(
    connection: Connection, bundle_id: str, thresholds: Mapping[str, float], bands: Mapping[str, Sequence[float]]
) -> None:
    """Write down the model that comes with Earshot; after an upgrade it takes the place of the former one.

    A model that learned stays in use until somebody rolls it back.
    """
    await _RETIRE_SHIPPED.run(connection, bundle_id)
    await _NOTE_SHIPPED.run(connection, bundle_id, SHIPPED, thresholds, bands)


async def keep(connection: Connection, made: Made) -> None:
    """Write a new model down; one that is known stays as it is."""
    await _KEEP.run(
        connection, made.id, made.parent, made.state, made.reason, made.scores, made.thresholds, made.bands,
        made.last_correction, made.made_by,
    )  # fmt: skip


async def activate(connection: Connection, bundle_id: str) -> None:
    """Put a model to use; raises `NotFound` or `NotUsable`."""
    version = await _HELD.one(connection, bundle_id)
    if version.state in ("active", "refused"):
        raise NotUsable
    now = await active(connection)
    if now is not None:
        await _SET_STATE.run(connection, now, "replaced")
    await _SET_STATE.run(connection, bundle_id, "active")


async def roll_back(connection: Connection, bundle_id: str) -> None:
    """Go back from the model in use to the one it was made from; raises `NotFound`, `NotUsable` or `NothingBefore`."""
    version = await _HELD.one(connection, bundle_id)
    if version.state != "active":
        raise NotUsable
    if version.parent is None:
        raise NothingBefore
    try:
        await _HELD.one(connection, version.parent)
    except NotFound:
        raise NothingBefore from None
    await _SET_STATE.run(connection, bundle_id, "rolled_back")
    await _SET_STATE.run(connection, version.parent, "active")


async def read_by_another(connection: Connection, bundle_id: str, after: UUID | None, limit: int) -> list[UUID]:
    """Comments that another model read, by their ids."""
    return await _READ_BY_ANOTHER.all(connection, bundle_id, after, limit)
