"""Signals in the database: lists as people read them, changes of state with their events, answers and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.signals.few import as_told
from earshot.signals.model import (
    ACKNOWLEDGE_HOURS,
    FALSE_ALARMS,
    Change,
    Event,
    Rules,
    Signal,
    Stale,
)


@dataclass(frozen=True)
class Reader:
    """Who asks, and how many people must stand behind a signal of staff comments for them to see it."""

    account_id: UUID
    fewest: int


@dataclass(frozen=True)
class Wanted:
    """Which signals to list; None means any. `since` is the first day on which the window may end."""

    org_ids: Sequence[UUID] | None = None
    streams: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    states: Sequence[str] | None = None
    meanings: Sequence[str] | None = None
    unowned: bool | None = None
    since: date | None = None
    until: date | None = None
    measures: Sequence[str] | None = None
    label: str | None = None

    def arguments(self) -> tuple[object, ...]:
        """The values of $3 to $12."""
        return (
            self.org_ids, self.streams, self.kinds, self.states, self.meanings, self.unowned, self.since, self.until,
            self.measures, self.label,
        )  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """How many signals a list has, and how many of them press."""

    total: int
    open: int
    new: int
    unowned: int
    overdue: int
    at_once: int
    concerns: int
    improvements: int


@dataclass(frozen=True)
class Answers:
    """What people answered to "Was this useful?" for one signal."""

    yes: int
    no: int


@dataclass(frozen=True)
class Precision:
    """Signals of one detector and kind by what people said of them."""

    detector: str
    kind: str
    signals: int
    useful: int
    not_useful: int


_COLUMNS: LiteralString = """
    SELECT s.id, s.subject, s.kind, s.meaning, s.org_id, o.name AS org_name, o.level AS org_level, s.streams, s.measure,
      s.label, s.about, s.since, s.until, s.observed, s.expected, s.statistic, s.weeks_between, s.detector,
      s.detector_version, s.sentence, s.expectations, s.words, s.comment_ids, s.respondents, s.state,
      s.closed_reason, s.owner_id, a.name AS owner_name, s.revision, s.going_on, s.raised_at,
      s.due_at, s.acknowledged_at, s.state IN ('new', 'reopened') AND coalesce(s.due_at < now(), false) AS overdue,
      (SELECT w.useful FROM signal_answer w WHERE w.signal_id = s.id AND w.account_id = $1) AS useful
    FROM signal s JOIN org o ON o.id = s.org_id LEFT JOIN account a ON a.id = s.owner_id
"""
# Staff must not be recognised by how few they are. A possible risk to somebody is told all the same: who may read staff
# comments finds the comment itself in Review.
_SEEN: LiteralString = """
    (NOT 'staff' = ANY (s.streams) OR s.respondents IS NULL OR s.respondents >= $2 OR s.kind = 'one_comment')
"""
_WHERE: LiteralString = (
    " WHERE "
    + _SEEN
    + """
      AND ($3::uuid[] IS NULL OR s.org_id = ANY ($3))
      AND ($4::text[] IS NULL OR s.streams && $4)
      AND ($5::text[] IS NULL OR s.kind = ANY ($5))
      AND ($6::text[] IS NULL OR s.state = ANY ($6))
      AND ($7::text[] IS NULL OR s.meaning = ANY ($7))
      AND ($8::boolean IS NULL OR (s.owner_id IS NULL AND s.state <> 'closed') = $8)
      AND ($9::date IS NULL OR s.until >= $9)
      AND ($10::date IS NULL OR s.since <= $10)
      AND ($11::text[] IS NULL OR s.measure = ANY ($11))
      AND ($12::text IS NULL OR s.label = $12)
"""
)
# What waits too long first, then what one comment says; then what goes on, by the weight of the evidence.
_ORDER: LiteralString = """
    ORDER BY s.state = 'closed', (s.state IN ('new', 'reopened') AND coalesce(s.due_at < now(), false)) DESC,
      (s.kind = 'one_comment' AND s.state IN ('new', 'reopened')) DESC, s.going_on DESC, s.meaning = 'concern' DESC,
      s.statistic DESC NULLS LAST, s.until DESC, s.id
"""
_LIST = Query(Signal, _COLUMNS + _WHERE + _ORDER + " LIMIT $13")
_ONE = Query(Signal, _COLUMNS + " WHERE " + _SEEN + " AND s.id = $3")
_RELATED = Query(
    Signal,
    _COLUMNS
    + " WHERE "
    + _SEEN
    + """
      AND s.id <> $3 AND s.since <= $6 AND s.until >= $5 AND s.kind <> 'one_comment'
      AND (s.org_id = $4 OR (s.label <> '' AND s.label = $7))
    """
    + _ORDER
    + " LIMIT 12",
)
_COUNTED: LiteralString = """
    SELECT count(*)::int AS total, (count(*) FILTER (WHERE s.state <> 'closed'))::int AS open,
      (count(*) FILTER (WHERE s.state IN ('new', 'reopened')))::int AS new,
      (count(*) FILTER (WHERE s.owner_id IS NULL AND s.state <> 'closed'))::int AS unowned,
      (count(*) FILTER (WHERE s.state IN ('new', 'reopened') AND s.due_at < now()))::int AS overdue,
      (count(*) FILTER (WHERE s.kind = 'one_comment' AND s.state <> 'closed'))::int AS at_once,
      (count(*) FILTER (WHERE s.meaning = 'concern' AND s.state <> 'closed'))::int AS concerns,
      (count(*) FILTER (WHERE s.meaning = 'improvement' AND s.state <> 'closed'))::int AS improvements
"""
_COUNTS = Query(Counts, _COUNTED + " FROM signal s " + _WHERE + " AND $1::uuid IS NOT NULL")
_CHANGE = Statement(
    """
    UPDATE signal SET state = $3, closed_reason = $4, owner_id = $5, revision = revision + 1,
      acknowledged_at = CASE WHEN $3 IN ('new', 'reopened') THEN NULL ELSE coalesce(acknowledged_at, now()) END
    WHERE id = $1 AND revision = $2
    """
)
_TOLD = Statement(
    """
    INSERT INTO signal_event (signal_id, org_id, streams, what, by_id, note, was, figures)
    SELECT id, org_id, streams, $2, $3, $4, $5, $6 FROM signal WHERE id = $1
    """
)
_EVENTS = Query(
    Event,
    """
    SELECT e.id, e.at, e.what, e.by_id, a.name AS by_name, e.note, e.was, e.figures
    FROM signal_event e LEFT JOIN account a ON a.id = e.by_id WHERE e.signal_id = $1 ORDER BY e.id
    """,
)
_LAST_STEP = Query(
    Event,
    """
    SELECT e.id, e.at, e.what, e.by_id, NULL::text AS by_name, e.note, e.was, e.figures
    FROM signal_event e WHERE e.signal_id = $1 AND e.what NOT IN ('raised', 'extended', 'faded')
    ORDER BY e.id DESC LIMIT 1
    """,
)
_ANSWER = Statement(
    """
    INSERT INTO signal_answer (signal_id, account_id, org_id, streams, useful)
    SELECT id, $2, org_id, streams, $3 FROM signal WHERE id = $1
    ON CONFLICT (signal_id, account_id) DO UPDATE SET useful = EXCLUDED.useful, answered_on = current_date
    """
)
_ANSWERS = Query(
    Answers,
    """
    SELECT (count(*) FILTER (WHERE useful))::int AS yes, (count(*) FILTER (WHERE NOT useful))::int AS no
    FROM signal_answer WHERE signal_id = $1
    """,
)
# A signal counts once: by most of its answers, a tie for useful; closed as a false alarm without answers, against.
_PRECISION = Query(
    Precision,
    """
    WITH judged AS (
      SELECT s.id, s.detector, s.kind,
        coalesce((SELECT 2 * count(*) FILTER (WHERE a.useful) >= count(*) FROM signal_answer a
                  WHERE a.signal_id = s.id HAVING count(*) > 0),
                 CASE WHEN s.closed_reason = 'false_alarm' THEN false END) AS useful
      FROM signal s
      WHERE ($1::uuid[] IS NULL OR s.org_id = ANY ($1))
    )
    SELECT detector, kind, count(*)::int AS signals, (count(*) FILTER (WHERE useful))::int AS useful,
      (count(*) FILTER (WHERE NOT useful))::int AS not_useful
    FROM judged GROUP BY detector, kind ORDER BY detector, kind
    """,
)
_RULES = Query(
    Rules,
    """
    SELECT r.false_alarms, r.acknowledge_hours, a.name AS set_by_name, r.set_on
    FROM signal_rules r LEFT JOIN account a ON a.id = r.set_by WHERE r.org_id = $1
    """,
)
_SET_RULES = Statement(
    """
    INSERT INTO signal_rules (org_id, false_alarms, acknowledge_hours, set_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT (org_id) DO UPDATE SET false_alarms = EXCLUDED.false_alarms,
      acknowledge_hours = EXCLUDED.acknowledge_hours, set_by = EXCLUDED.set_by, set_on = current_date
    """
)


async def listed(connection: Connection, reader: Reader, wanted: Wanted, limit: int) -> list[Signal]:
    """Signals, most pressing first."""
    found = await _LIST.all(connection, reader.account_id, reader.fewest, *wanted.arguments(), limit)
    return [as_told(signal, reader.fewest) for signal in found]


async def counts(connection: Connection, reader: Reader, wanted: Wanted) -> Counts:
    """How many signals a list has."""
    return await _COUNTS.one(connection, reader.account_id, reader.fewest, *wanted.arguments())


async def one(connection: Connection, reader: Reader, signal_id: UUID) -> Signal:
    """One signal; raises `NotFound`."""
    return as_told(await _ONE.one(connection, reader.account_id, reader.fewest, signal_id), reader.fewest)


async def related(connection: Connection, reader: Reader, signal: Signal) -> list[Signal]:
    """Signals of the same place, or about the same theme elsewhere, at the same time."""
    found = await _RELATED.all(
        connection, reader.account_id, reader.fewest, signal.id, signal.org_id, signal.since, signal.until, signal.label
    )
    return [as_told(other, reader.fewest) for other in found]


async def events(connection: Connection, signal_id: UUID) -> list[Event]:
    """The life of a signal, oldest first."""
    return await _EVENTS.all(connection, signal_id)


async def last_step(connection: Connection, signal_id: UUID) -> Event | None:
    """The newest event that changed what becomes of a signal."""
    return await _LAST_STEP.maybe(connection, signal_id)


async def change(connection: Connection, signal: Signal, made: Change, person: UUID, revision: int) -> None:
    """Carry a change out and write its event; raises `Stale` where the signal has moved on since `revision`."""
    was: dict[str, Any] = {"state": signal.state}
    if signal.closed_reason is not None:
        was["closed_reason"] = signal.closed_reason
    if signal.owner_id is not None:
        was["owner_id"] = str(signal.owner_id)
    if not await _CHANGE.run(connection, signal.id, revision, made.state, made.closed_reason, made.owner_id):
        raise Stale
    figures = {"reason": made.closed_reason} if made.closed_reason else {}
    await _TOLD.run(connection, signal.id, made.what, person, made.note, was, figures)


async def answer(connection: Connection, signal_id: UUID, account_id: UUID, useful: bool) -> Answers:
    """Keep what somebody answered to "Was this useful?"; a second answer replaces the first."""
    await _ANSWER.run(connection, signal_id, account_id, useful)
    return await answers(connection, signal_id)


async def answers(connection: Connection, signal_id: UUID) -> Answers:
    """What people answered about one signal."""
    return await _ANSWERS.one(connection, signal_id)


async def precision(connection: Connection, org_ids: Sequence[UUID] | None) -> list[Precision]:
    """How useful people found the signals of each detector."""
    return await _PRECISION.all(connection, org_ids)


async def rules(connection: Connection, provider: UUID) -> Rules:
    """What a provider has set, or what holds until it does."""
    return await _RULES.maybe(connection, provider) or Rules(FALSE_ALARMS, ACKNOWLEDGE_HOURS)


async def set_rules(connection: Connection, provider: UUID, given: Rules, account_id: UUID) -> None:
    """Set the alarm budget and the time to acknowledge."""
    await _SET_RULES.run(connection, provider, given.false_alarms, given.acknowledge_hours, account_id)
