"""Units compared: a funnel plot with honest limits instead of a league table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from earshot.core.db import Connection
from earshot.dashboards import interpretation, store
from earshot.dashboards.limits import curve, spread, where
from earshot.dashboards.model import Block, Funnel, FunnelPoint
from earshot.dashboards.reading import Seen
from earshot.dashboards.store import Unit
from earshot.measures.disclosure import Sum, protect, share, told
from earshot.measures.model import FFT_POSITIVE, NEGATIVE_SHARE

_ALL, _REST = "all", "rest"


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """Two funnels in three queries: good answers, and negative comments, of each unit."""
    units = await store.units(connection, seen.org_ids, seen.when.span.since)
    rows = await store.unit_totals(
        connection, [*(unit.id for unit in units), *seen.org_ids], seen.streams, seen.when, ("fft", "sentiment")
    )
    wholes: dict[str, Counter[UUID]] = {"fft": Counter(), "sentiment": Counter()}
    parts: dict[str, Counter[UUID]] = {"fft": Counter(), "sentiment": Counter()}
    for one in rows:
        hits = FFT_POSITIVE.hits if one.measure == "fft" else NEGATIVE_SHARE.hits
        wholes[one.measure][one.org_id] += one.n
        parts[one.measure][one.org_id] += one.n if one.label in hits else 0
    return [
        _funnel(
            seen, units, "fft", "Good or very good answers", "more people were content", parts["fft"], wholes["fft"]
        ),
        _funnel(
            seen, units, "negative", "Negative comments", "more people were not content", parts["sentiment"],
            wholes["sentiment"],
        ),
    ]  # fmt: skip


def _funnel(
    seen: Seen,
    units: Sequence[Unit],
    id: str,
    title: str,
    more_is: str,
    parts: Mapping[UUID, int],
    wholes: Mapping[UUID, int],
) -> Funnel:
    shown = _protected(seen, units, wholes)
    every = sum(wholes[org_id] for org_id in seen.org_ids)
    overall = share(told(sum(parts[org_id] for org_id in seen.org_ids)), told(every))
    points = tuple(_point(unit, told(parts[unit.id]), shown[str(unit.id)], overall) for unit in units)
    pairs = [(told(parts[point.org_id]) or 0, point.n) for point in points if point.n and point.value is not None]
    found = spread(pairs, overall) if overall is not None else 1.0
    limits = curve([n for _, n in pairs], overall) if overall is not None else ()
    return Funnel(
        id, title, interpretation.funnel(points, found, more_is), overall, points, limits,
        seen.comments(fft=("1", "2")) if id == "fft" else seen.comments(sentiment=("4", "5")),
    )  # fmt: skip


def _protected(seen: Seen, units: Sequence[Unit], wholes: Mapping[UUID, int]) -> dict[str, int | None]:
    """How many answers each unit has; together, with what no unit has, they are those of all."""
    counts = {str(unit.id): wholes[unit.id] for unit in units}
    every = sum(wholes[org_id] for org_id in seen.org_ids)
    rest = every - sum(counts.values())
    named = {**counts, _ALL: every, **({_REST: rest} if rest > 0 else {})}
    return protect(named, [Sum(_ALL, tuple(name for name in named if name != _ALL))] if counts else [])


def _point(unit: Unit, part: int | None, n: int | None, overall: float | None) -> FunnelPoint:
    return FunnelPoint(unit.id, unit.name, n, share(part, n), where(part, n, overall))
