"""Response times: how soon somebody answered a warning or a case, and how soon it was settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from earshot.core.db import Connection, Query
from earshot.dashboards import interpretation, words
from earshot.dashboards.blocks import count_figure, row
from earshot.dashboards.blocks import counted as cell
from earshot.dashboards.model import Block, Cell, Column, Figure, Row, Table
from earshot.dashboards.reading import Seen
from earshot.measures.disclosure import SCORE_FEWEST, TOO_FEW, told

_COLUMNS = (
    Column("who", "Who"),
    Column("cases", "Cases", numeric=True),
    Column("answered", "Answered", numeric=True),
    Column("answer", "Half were answered within"),
    Column("closed", "Closed", numeric=True),
    Column("closure", "Half were closed within"),
)


@dataclass(frozen=True)
class Warnings:
    """Signals raised in a period, and after how many days half of them were acknowledged and closed.

    `before` is how many there were in the period before; the medians are None for fewer than five.
    """

    raised: int
    before: int
    acknowledged: int
    acknowledged_after: float | None
    closed: int
    closed_after: float | None


@dataclass(frozen=True)
class CaseTime:
    """One case: after how many days it was answered first, and closed."""

    stream: str
    answered_after: int | None
    closed_after: int | None


# Staff must not be recognised by how few they are: as in the list of signals.
_WARNINGS = Query(
    Warnings,
    """
    WITH raised AS (
      SELECT s.raised_at >= $4::date AS now,
        extract(epoch FROM s.acknowledged_at - s.raised_at) / 86400 AS acknowledged,
        CASE WHEN s.state = 'closed' THEN (
          SELECT extract(epoch FROM max(e.at) - s.raised_at) / 86400 FROM signal_event e
          WHERE e.signal_id = s.id AND e.what = 'closed') END AS closed
      FROM signal s
      WHERE s.org_id IN (SELECT o.id FROM org r JOIN org o ON o.path <@ r.path WHERE r.id = ANY ($1))
        AND ($2::text[] IS NULL OR s.streams && $2) AND s.raised_at >= $3::date AND s.raised_at < $5::date + 1
        AND ($6::text[] IS NULL OR s.kind = ANY ($6))
        AND (NOT 'staff' = ANY (s.streams) OR s.respondents IS NULL OR s.respondents >= 5 OR s.kind = 'one_comment')
    ), counted AS (
      SELECT (count(*) FILTER (WHERE now))::int AS raised, (count(*) FILTER (WHERE NOT now))::int AS before,
        (count(acknowledged) FILTER (WHERE now))::int AS acknowledged,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY acknowledged::float8) FILTER (WHERE now) AS acknowledged_after,
        (count(closed) FILTER (WHERE now))::int AS closed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY closed::float8) FILTER (WHERE now) AS closed_after
      FROM raised
    )
    SELECT raised, before, acknowledged, CASE WHEN acknowledged >= $7 THEN acknowledged_after END AS acknowledged_after,
      closed, CASE WHEN closed >= $7 THEN closed_after END AS closed_after
    FROM counted
    """,
)
_CASES = Query(
    CaseTime,
    """
    SELECT c.stream, c.answered_after, c.closed_after
    FROM unnest($1::uuid[]) AS place (id) CROSS JOIN LATERAL case_times(place.id, $2, $3) AS c
    WHERE $4::text[] IS NULL OR c.stream = ANY ($4)
    """,
)


async def warnings(connection: Connection, seen: Seen, kinds: Sequence[str] | None = None) -> Warnings:
    """Signals that were raised in the period of a page, of some kinds or all."""
    span, before = seen.when.span, seen.when.before().span.since
    return await _WARNINGS.one(
        connection, seen.org_ids, seen.streams, before, span.since, span.until, kinds, SCORE_FEWEST
    )


async def cases(connection: Connection, seen: Seen, since: date, until: date) -> list[CaseTime]:
    """Cases that were received in some days and that the reader may have counted."""
    return await _CASES.all(connection, seen.org_ids, since, until, seen.streams)


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """Warnings and cases in two queries."""
    found = await warnings(connection, seen)
    opens = seen.signals(state="all")
    return [
        count_figure(
            "raised", "Warnings raised", "warnings", told(found.raised), told(found.before), seen.ago,
            opens=opens,
        ),
        _time("acknowledged", "Until a warning was seen", found.acknowledged_after, found.acknowledged, opens),
        _time("closed", "Until a warning was closed", found.closed_after, found.closed, seen.signals(state="closed")),
        _cases(seen, await cases(connection, seen, seen.when.span.since, seen.when.span.until)),
    ]  # fmt: skip


def _time(id: str, name: str, days: float | None, n: int, opens: str) -> Figure:
    text = TOO_FEW if days is None else interpretation.days_in_words(days)
    value = None if days is None else round(days, 2)
    return Figure(id, name, value, text, "days", None, interpretation.times(name, days, told(n)), opens)


def _cases(seen: Seen, found: Sequence[CaseTime]) -> Table:
    rows = [_row(stream, [one for one in found if one.stream == stream]) for stream in seen.visible]
    sentence = interpretation.CASES_OF_A_PART if seen.below_provider else interpretation.CASES
    return Table("cases", "Cases", sentence, _COLUMNS, () if seen.below_provider else tuple(rows))


def _row(stream: str, found: Sequence[CaseTime]) -> Row:
    answered = [one.answered_after for one in found if one.answered_after is not None]
    closed = [one.closed_after for one in found if one.closed_after is not None]
    return row(
        words.STREAMS[stream], cell(told(len(found))), cell(told(len(answered))), _half(answered),
        cell(told(len(closed))), _half(closed), opens="/cases",
    )  # fmt: skip


def _half(days: Sequence[int]) -> Cell:
    if len(days) < SCORE_FEWEST:
        return Cell(TOO_FEW)
    half = float(median(days))
    return Cell("the same day" if half < 1 else interpretation.days_in_words(half), half)
