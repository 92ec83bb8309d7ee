"""Counts for the public page: whole weeks of one organisation and all below it, protected before anybody sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.measures.disclosure import Sum, protect
from earshot.orgs import store as orgs
from earshot.publishing.model import Number, Stretch


@dataclass(frozen=True)
class _Count:
    measure: str
    n: int


_COUNTS = Query(
    _Count,
    """
    SELECT measure, sum(n)::int AS n FROM daily
    WHERE org_id = ANY ($1) AND stream = ANY ($2) AND day BETWEEN $3 AND $4
      AND (measure = 'comments' OR (measure = 'theme' AND label = $5))
    GROUP BY measure
    """,
)


async def heard(
    connection: Connection, org_ids: Sequence[UUID], streams: Sequence[str], theme: str | None, since: date, until: date
) -> tuple[int, int]:
    """How many comments were about a theme, and how many there were; exact, so for rules only and for nobody's eyes."""
    rows = {row.measure: row.n for row in await _COUNTS.all(connection, org_ids, streams, since, until, theme)}
    return rows.get("theme", 0), rows.get("comments", 0)


async def numbers(
    connection: Connection, org_id: UUID, streams: Sequence[str], theme: str | None, stretches: Sequence[Stretch]
) -> tuple[Number, ...]:
    """The protected counts of each stretch. The comments about other things stand beside them as a sum's other part."""
    below = await orgs.below(connection, org_id)
    exact = [await heard(connection, below, streams, theme, each.since, each.until) for each in stretches]
    counts = {
        f"{name}:{place}": n
        for place, (about, all_of_them) in enumerate(exact)
        for name, n in (("about", about), ("other", max(0, all_of_them - about)), ("heard", all_of_them))
    }
    sums = [Sum(f"heard:{place}", (f"about:{place}", f"other:{place}")) for place in range(len(exact))]
    told = protect(counts, sums)
    return tuple(
        Number(each.since, each.until, told[f"about:{place}"] if theme is not None else None, told[f"heard:{place}"])
        for place, each in enumerate(stretches)
    )
