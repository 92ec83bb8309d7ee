"""Whose words may be shown in public: of patients or carers, in a large enough group, without a flag.

A quote is a comment's own words or an unbroken part of them. It lies beside the version that shows it and goes with its
comment, so that an erased comment is off the public page at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.core.errors import FieldError, Invalid
from earshot.measures.disclosure import quotes_may_show
from earshot.orgs import store as orgs
from earshot.publishing import counting
from earshot.publishing.model import LONGEST_QUOTE, STREAMS, Draft, Whose

SHORTEST, OFFERED = 15, 12  # letters of a quote; comments to choose from


class MayNotBeQuoted(Invalid):
    """These words may not be shown in public. Choose others, or leave the quote out."""


@dataclass(frozen=True)
class Quotable:
    """A comment that may be quoted."""

    id: UUID
    text: str
    said_on: date


_QUOTABLE = Query(
    Quotable,
    """
    SELECT c.id, c.text, c.said_on FROM comment c
    WHERE c.org_id = ANY ($1) AND c.stream = ANY ($2) AND c.stream <> 'staff' AND c.said_on BETWEEN $4 AND $5
      AND ($3::text IS NULL OR EXISTS (SELECT FROM effective_theme t WHERE t.comment_id = c.id AND t.theme = $3))
      AND ($6::uuid IS NULL OR c.id = $6) AND char_length(c.text) >= $7
      AND NOT EXISTS (SELECT FROM safety_flag f WHERE f.comment_id = c.id)
      AND NOT EXISTS (SELECT FROM review_item v WHERE v.comment_id = c.id AND v.looked_at_on IS NULL)
    ORDER BY char_length(c.text) > $8, c.said_on DESC, c.id LIMIT $9
    """,
)


async def quotable(
    connection: Connection, org_id: UUID, whose: Whose, theme: str | None, since: date, until: date
) -> Sequence[Quotable]:
    """Comments that may be quoted, short ones first; none where the group is too small."""
    return await _found(connection, org_id, whose, theme, since, until, None)


async def check(connection: Connection, org_id: UUID, whose: Whose, draft: Draft) -> None:
    """Raise `MayNotBeQuoted` where a draft shows words that it may not show now."""
    if draft.quote is None:
        return
    words = draft.quote.text
    found = await _found(connection, org_id, whose, draft.theme, draft.since, draft.until, draft.quote.comment_id)
    if len(words) > LONGEST_QUOTE or len(words) < SHORTEST or not any(words in one.text for one in found):
        raise MayNotBeQuoted(fields=[FieldError("quote", MayNotBeQuoted.__doc__ or "")])


async def _found(
    connection: Connection,
    org_id: UUID,
    whose: Whose,
    theme: str | None,
    since: date,
    until: date,
    comment_id: UUID | None,
) -> Sequence[Quotable]:
    below, streams = await orgs.below(connection, org_id), STREAMS[whose]
    about, heard = await counting.heard(connection, below, streams, theme, since, until)
    if not quotes_may_show(about if theme is not None else heard):
        return ()
    return await _QUOTABLE.all(
        connection, below, list(streams), theme, since, until, comment_id, SHORTEST, LONGEST_QUOTE, OFFERED
    )
