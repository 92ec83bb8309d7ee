"""Returns in the database: what is counted, what was typed in and what was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Place:
    """A provider that returns are made for."""

    id: UUID
    name: str
    ods_code: str | None


@dataclass(frozen=True)
class SpeakUpCount:
    """So many cases of staff that are alike."""

    way: str
    worker_group: str
    seniority: str
    elements: Sequence[str]
    state: str
    again: str
    detriment: Sequence[str]
    n: int


@dataclass(frozen=True)
class ComplaintCount:
    """So many complaints that were handed on with the same codes."""

    unit_id: UUID
    about: Mapping[str, str]
    n: int


@dataclass(frozen=True)
class AnswerCount:
    """So many equal answers to the Friends and Family Test at a place; `setting` may be that of a place above."""

    unit_id: UUID
    setting: str | None
    answer: str
    n: int


@dataclass(frozen=True)
class ChannelCount:
    """So many answers to the Friends and Family Test that came by one channel."""

    channel: str
    n: int


@dataclass(frozen=True)
class _Unit:
    id: UUID
    name: str


@dataclass(frozen=True)
class _Typed:
    field: str
    value: int


@dataclass(frozen=True)
class Sent:
    """A return as it was sent; `hash` is SHA-256 over everything in it."""

    id: UUID
    org_id: UUID
    pack: str
    version: str
    period: date
    until: date
    n: int
    numbers: Mapping[str, int]
    units: Sequence[Sequence[str]]
    hash: bytes
    by_name: str
    on_day: date


_PLACES = Query(
    Place,
    """
    SELECT DISTINCT o.id, o.name, o.ods_code FROM org r JOIN org o ON o.path <@ r.path
    WHERE r.id = ANY ($1::uuid[]) AND o.level = 'provider' AND ($2::uuid IS NULL OR o.id = $2) ORDER BY o.name, o.id
    """,
)
_SPEAK_UP = Query(
    SpeakUpCount,
    "SELECT way, worker_group, seniority, elements, state, again, detriment, n FROM speak_up_facts($1, $2, $3)",
)
_COMPLAINTS = Query(ComplaintCount, "SELECT unit_id, about, n FROM complaint_facts($1, $2, $3)")
_ANSWERS = Query(
    AnswerCount,
    """
    SELECT o.id AS unit_id, (
        SELECT s.setting FROM org s WHERE s.path @> o.path AND s.setting IS NOT NULL
        ORDER BY nlevel(s.path) DESC LIMIT 1
      ) AS setting, d.label AS answer, sum(d.n)::int AS n
    FROM org r JOIN org o ON o.path <@ r.path JOIN daily d ON d.org_id = o.id
    WHERE r.id = $1 AND d.measure = 'fft' AND d.stream IN ('patient', 'carer') AND d.day BETWEEN $2 AND $3
    GROUP BY o.id, o.path, d.label
    """,
)
_CHANNELS = Query(
    ChannelCount,
    """
    SELECT a.channel, count(*)::int AS n
    FROM org r JOIN org o ON o.path <@ r.path JOIN response a ON a.org_id = o.id
    WHERE r.id = $1 AND a.fft IS NOT NULL AND a.stream IN ('patient', 'carer') AND a.said_on BETWEEN $2 AND $3
    GROUP BY a.channel
    """,
)
_UNITS = Query(_Unit, "SELECT id, name FROM org WHERE id = ANY ($1::uuid[]) ORDER BY path")
_TYPED = Query(_Typed, "SELECT field, value FROM return_value WHERE org_id = $1 AND pack = $2 AND period = $3")
_TYPE = Statement(
    """
    INSERT INTO return_value (org_id, pack, period, field, value, by_account) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (org_id, pack, period, field)
    DO UPDATE SET value = EXCLUDED.value, by_account = EXCLUDED.by_account, on_day = current_date
    """
)
_UNTYPE = Statement(
    "DELETE FROM return_value WHERE org_id = $1 AND pack = $2 AND period = $3 AND field = ANY ($4::text[])"
)
_SENT = Query(
    Sent,
    """
    SELECT f.id, f.org_id, f.pack, f.version, f.period, f.until, f.n, f.numbers, f.units, f.hash, a.name AS by_name,
      f.on_day
    FROM return_frozen f JOIN account a ON a.id = f.by_account
    WHERE f.org_id = $1 AND f.pack = $2 AND ($3::date IS NULL OR f.period = $3) AND ($4::uuid IS NULL OR f.id = $4)
    ORDER BY f.period DESC, f.n DESC
    """,
)
_SEND = Query(
    UUID,
    """
    INSERT INTO return_frozen (org_id, pack, version, counts, period, until, numbers, units, hash, by_account)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
    """,
)


async def places(connection: Connection, roots: Collection[UUID]) -> list[Place]:
    """The providers at or below some organisations."""
    return await _PLACES.all(connection, list(roots), None)


async def place(connection: Connection, roots: Collection[UUID], org_id: UUID) -> Place:
    """One of them; raises `NotFound`."""
    return await _PLACES.one(connection, list(roots), org_id)


async def speak_up(connection: Connection, org_id: UUID, first: date, last: date) -> list[SpeakUpCount]:
    """Cases of staff received in some days, without those that the person acting must not know of."""
    return await _SPEAK_UP.all(connection, org_id, first, last)


async def complaints(connection: Connection, org_id: UUID, first: date, last: date) -> list[ComplaintCount]:
    """Complaints handed on in some days."""
    return await _COMPLAINTS.all(connection, org_id, first, last)


async def answers(connection: Connection, org_id: UUID, first: date, last: date) -> list[AnswerCount]:
    """Answers to the Friends and Family Test, from the daily counts."""
    return await _ANSWERS.all(connection, org_id, first, last)


async def channels(connection: Connection, org_id: UUID, first: date, last: date) -> list[ChannelCount]:
    """By which ways those answers came."""
    return await _CHANNELS.all(connection, org_id, first, last)


async def names(connection: Connection, org_ids: Collection[UUID]) -> list[tuple[str, str]]:
    """Places as (id, name), in the order of the tree."""
    return [(str(unit.id), unit.name) for unit in await _UNITS.all(connection, list(org_ids))]


async def typed(connection: Connection, org_id: UUID, pack: str, period: date) -> dict[str, int]:
    """What people typed in, by the codes of cells."""
    return {row.field: row.value for row in await _TYPED.all(connection, org_id, pack, period)}


async def type_in(
    connection: Connection, org_id: UUID, pack: str, period: date, values: Mapping[str, int | None], by: UUID
) -> None:
    """Keep what somebody typed in; None takes a number away."""
    await _UNTYPE.run(connection, org_id, pack, period, [code for code, value in values.items() if value is None])
    given = [(org_id, pack, period, code, value, by) for code, value in values.items() if value is not None]
    await _TYPE.each(connection, given)


async def sent(connection: Connection, org_id: UUID, pack: str, period: date | None = None) -> list[Sent]:
    """What was sent, newest period first, the last one of a period before those that it replaced."""
    return await _SENT.all(connection, org_id, pack, period, None)


async def one_sent(connection: Connection, org_id: UUID, pack: str, sent_id: UUID) -> Sent:
    """One of them; raises `NotFound`."""
    return await _SENT.one(connection, org_id, pack, None, sent_id)


async def send(connection: Connection, *, row: Sequence[Any]) -> UUID:
    """Keep a return as it was sent: the columns of `return_frozen` in the order of `_SEND`."""
    return await _SEND.one(connection, *row)
