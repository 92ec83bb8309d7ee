"""What people should look at next: what may be urgent first, then what the machine was least sure of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, LiteralString
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.core.errors import FieldError, Invalid

Kind = Literal["person", "safety", "unsure", "sample"]

#: The reasons that each kind of the queue stands for.
REASONS: dict[Kind, tuple[str, ...]] = {
    "person": ("language", "unreadable", "redaction", "empty"),
    "safety": ("safety",),
    "unsure": ("uncertain_theme", "unsure"),
    "sample": ("sample",),
}


@dataclass(frozen=True)
class Wanted:
    """Which part of the queue; None means any."""

    org_ids: Sequence[UUID] | None = None
    streams: Sequence[str] | None = None
    since: date | None = None
    until: date | None = None
    kind: Kind | None = None

    def arguments(self) -> tuple[object, ...]:
        """The values of $1 to $5."""
        reasons = None if self.kind is None else list(REASONS[self.kind])
        return (self.org_ids, self.streams, self.since, self.until, reasons)


@dataclass(frozen=True)
class Item:
    """One thing to look at. `id` is the comment's, or the review item's where de-identification failed.

    `risk` is the probability of the likeliest immediate risk that was heard, 0 where none was.
    """

    id: UUID
    comment_id: UUID | None
    reasons: list[str]
    urgent: bool
    risk: float
    uncertainty: float
    org_id: UUID
    org_name: str
    stream: str
    said_on: date
    previous: UUID | None
    next: UUID | None


@dataclass(frozen=True)
class Counts:
    """How long the queue is, by what it is for; one comment may count more than once."""

    total: int
    person: int
    safety: int
    unsure: int
    sample: int
    held: int


# Uncertain theme: one that was claimed, or nearly claimed, in the tenth of its band that lies next to the threshold;
# doubt is 1 at the threshold and 0 where the band ends. Unsure: a comment of some length about which nothing was
# claimed. A correction, and "everything is right" is one, is the answer, so those are not asked again.
_QUEUE: LiteralString = """
    WITH corrected AS (SELECT comment_id FROM correction WHERE ended_on IS NULL),
    cuts AS (
      SELECT v.id AS bundle, e.key AS theme, (v.thresholds ->> e.key)::float8 AS cut,
        ARRAY[(e.value ->> 0)::float8, (e.value ->> 1)::float8] AS ends
      FROM bundle_version v CROSS JOIN jsonb_each(v.bands) e
    ),
    near AS (
      SELECT t.comment_id, (b.ends[2] - t.p) / greatest(b.ends[2] - b.cut, 0.01) AS doubt
      FROM comment_theme t JOIN analysis a ON a.comment_id = t.comment_id
      JOIN cuts b ON b.bundle = a.bundle AND b.theme = t.theme
      WHERE t.theme <> 'Not assigned'
      UNION ALL
      SELECT t.comment_id, (t.p - b.ends[1]) / greatest(b.cut - b.ends[1], 0.01)
      FROM comment_considered t JOIN analysis a ON a.comment_id = t.comment_id
      JOIN cuts b ON b.bundle = a.bundle AND b.theme = t.theme
    ), unsure AS (
      SELECT comment_id, 'uncertain_theme' AS reason, max(doubt) AS doubt FROM near WHERE doubt >= 0.9 GROUP BY 1
      UNION ALL
      SELECT t.comment_id, 'unsure', 1 - a.sentiment_p
      FROM comment_theme t JOIN analysis a ON a.comment_id = t.comment_id JOIN comment c ON c.id = t.comment_id
      WHERE t.theme = 'Not assigned' AND a.language = 'en' AND length(c.text) >= 60
    ), asked AS (
      SELECT coalesce(v.comment_id, v.id) AS id, v.comment_id, v.reason, v.org_id, v.stream, v.said_on,
        1::float8 AS doubt,
        CASE WHEN v.reason = 'safety' THEN
          coalesce((SELECT max(f.p) FROM safety_flag f WHERE f.comment_id = v.comment_id), 0)::float8 ELSE 0 END AS risk
      FROM review_item v WHERE v.looked_at_on IS NULL
      UNION ALL
      SELECT s.comment_id, s.comment_id, 'sample', s.org_id, s.stream, c.said_on, 0::float8, 0::float8
      FROM safety_sample s JOIN comment c ON c.id = s.comment_id WHERE s.looked_at_on IS NULL
      UNION ALL
      SELECT c.id, c.id, u.reason, c.org_id, c.stream, c.said_on, u.doubt, 0::float8
      FROM (SELECT * FROM unsure WHERE comment_id NOT IN (SELECT comment_id FROM corrected)
            ORDER BY doubt DESC, comment_id, reason LIMIT 500) u
      JOIN comment c ON c.id = u.comment_id
    ), items AS (
      SELECT a.id, (array_agg(a.comment_id))[1] AS comment_id, array_agg(DISTINCT a.reason) AS reasons,
        bool_or(a.reason = 'safety') AS urgent,
        max(a.risk) AS risk, round(least(max(a.doubt), 1)::numeric, 4)::float8 AS uncertainty,
        a.org_id, a.stream, a.said_on
      FROM asked a
      WHERE ($1::uuid[] IS NULL OR a.org_id = ANY ($1)) AND ($2::text[] IS NULL OR a.stream = ANY ($2))
        AND ($3::date IS NULL OR a.said_on >= $3) AND ($4::date IS NULL OR a.said_on <= $4)
      GROUP BY a.id, a.org_id, a.stream, a.said_on
    )
"""
_ORDERED: LiteralString = """
    , ordered AS (
      SELECT i.*, lag(i.id) OVER w AS previous, lead(i.id) OVER w AS next
      FROM items i WHERE $5::text[] IS NULL OR i.reasons && $5
      WINDOW w AS (ORDER BY i.urgent DESC, i.risk DESC, i.uncertainty DESC, i.said_on DESC, i.id DESC)
    )
    SELECT r.id, r.comment_id, r.reasons, r.urgent, r.risk, r.uncertainty, r.org_id, o.name AS org_name, r.stream,
      r.said_on, r.previous, r.next
    FROM ordered r JOIN org o ON o.id = r.org_id
    WHERE $6::boolean IS NULL
      OR (r.urgent, r.risk, r.uncertainty, r.said_on, r.id) < ($6, $7::float8, $8::float8, $9::date, $10::uuid)
    ORDER BY r.urgent DESC, r.risk DESC, r.uncertainty DESC, r.said_on DESC, r.id DESC LIMIT $11
"""
_COUNTED: LiteralString = """
    SELECT (count(*) FILTER (WHERE $5::text[] IS NULL OR reasons && $5))::int AS total,
      (count(*) FILTER (WHERE reasons && ARRAY['language', 'unreadable', 'redaction', 'empty']))::int AS person,
      (count(*) FILTER (WHERE 'safety' = ANY (reasons)))::int AS safety,
      (count(*) FILTER (WHERE reasons && ARRAY['uncertain_theme', 'unsure']))::int AS unsure,
      (count(*) FILTER (WHERE 'sample' = ANY (reasons)))::int AS sample,
      (count(*) FILTER (WHERE comment_id IS NULL))::int AS held
    FROM items
"""
_PAGE = Query(Item, _QUEUE + _ORDERED)
_COUNTS = Query(Counts, _QUEUE + _COUNTED)


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: after this item, whether it is still in the queue or not."""

    urgent: bool
    risk: float
    uncertainty: float
    said_on: date
    id: UUID

    @classmethod
    def of(cls, item: Item) -> Cursor:
        """The place after an item."""
        return cls(item.urgent, item.risk, item.uncertainty, item.said_on, item.id)

    def __str__(self) -> str:
        parts = (str(int(self.urgent)), repr(self.risk), repr(self.uncertainty), self.said_on.isoformat(), str(self.id))
        return base64.urlsafe_b64encode("/".join(parts).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read a cursor from a URL; raises `Invalid`."""
        try:
            urgent, risk, doubt, day, item = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("/")
            return cls(urgent == "1", float(risk), float(doubt), date.fromisoformat(day), UUID(item))
        except (ValueError, binascii.Error):
            raise Invalid(fields=[FieldError("after", "Leave this out to begin at the first page.")]) from None


async def page(connection: Connection, wanted: Wanted, *, after: Cursor | None, limit: int) -> list[Item]:
    """Things to look at, most pressing first, each with its neighbours in the whole queue."""
    place = (after.urgent, after.risk, after.uncertainty, after.said_on, after.id) if after else (None,) * 5
    return await _PAGE.all(connection, *wanted.arguments(), *place, limit)


async def counts(connection: Connection, wanted: Wanted) -> Counts:
    """How long the queue is."""
    return await _COUNTS.one(connection, *wanted.arguments())
