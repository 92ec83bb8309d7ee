"""Reading a return's facts from the database, each kind in the dimensions by which packs ask for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from earshot.cases import returns_store as store
from earshot.cases.returns import Fact, Filled, Restated, as_sent, fill, kept_small, restated
from earshot.cases.returns_pack import Pack
from earshot.cases.returns_period import ReturnPeriod
from earshot.core.db import Connection

#: How answers came, as far as Earshot can tell; of imported ones and of programmes it cannot.
_MODES = {"form": "online", "demonstration": "online"}
_COMPLAINT = ("outcome", "age", "status", "service", "subject", "profession")
_Units = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reconciled:
    """An earlier period of the year: what was sent, and what would be counted otherwise today."""

    period: ReturnPeriod
    sent: store.Sent | None
    changes: tuple[Restated, ...]
    now: Filled


async def read(connection: Connection, pack: Pack, org_id: UUID, period: ReturnPeriod) -> tuple[Filled, _Units]:
    """A return as it stands now, with the places that its lines stand for."""
    typed = await store.typed(connection, org_id, pack.id, period.first)
    facts = await _facts(connection, pack, org_id, period)
    heard = {UUID(unit) for fact in facts for unit in fact.of.get("unit", ())}
    units = await store.names(connection, heard)
    return fill(pack, facts, typed, units), units


async def _facts(connection: Connection, pack: Pack, org_id: UUID, period: ReturnPeriod) -> list[Fact]:
    days = (org_id, period.first, period.last)
    if pack.counts == "speak_up":
        return [_case(row, pack) for row in await store.speak_up(connection, *days)]
    if pack.counts == "complaints":
        return [_complaint(row, pack) for row in await store.complaints(connection, *days)]
    answers = [_answer(row, pack) for row in await store.answers(connection, *days)]
    return [*answers, *(_channel(row) for row in await store.channels(connection, *days))]


def _case(row: store.SpeakUpCount, pack: Pack) -> Fact:
    return Fact(
        row.n,
        {
            "way": frozenset({row.way}),
            "group": _known(pack, "group", [row.worker_group], "not_known"),
            "level": _known(pack, "level", [row.seniority], "not_disclosed"),
            "element": frozenset(row.elements),
            "state": frozenset({row.state}),
            "again": frozenset({row.again}),
            "detriment": frozenset(row.detriment),
        },
    )


def _complaint(row: store.ComplaintCount, pack: Pack) -> Fact:
    """Codes as the hand-off has them; several of a kind are numbered: `subject`, `subject_2`."""
    given: dict[str, list[str]] = {}
    for name, code in row.about.items():
        given.setdefault(re.sub(r"_\d+$", "", name), []).append(code)
    of = {name: _known(pack, name, given.get(name, []), "not_known") for name in _COMPLAINT}
    return Fact(row.n, {**of, "unit": frozenset({str(row.unit_id)})})


def _answer(row: store.AnswerCount, pack: Pack) -> Fact:
    setting = _known(pack, "setting", [row.setting or ""], "other")
    return Fact(row.n, {"unit": frozenset({str(row.unit_id)}), "setting": setting, "answer": frozenset({row.answer})})


def _channel(row: store.ChannelCount) -> Fact:
    return Fact(row.n, {"mode": frozenset({_MODES.get(row.channel, "unknown")})})


def _known(pack: Pack, dimension: str, values: Iterable[str], otherwise: str) -> frozenset[str]:
    """Those values that the pack asks for, or what it calls all others: everything must be counted somewhere."""
    asked = {one for section in pack.sections for line in section.rows for one in line.where.get(dimension, ())}
    return frozenset(values) & frozenset(asked) or frozenset({otherwise})


def digest(pack: Pack, org_id: UUID, period: ReturnPeriod, numbers: Mapping[str, int], units: _Units) -> bytes:
    """SHA-256 over everything in a return, as JSON with sorted names, by which two copies can be compared."""
    body = {
        "return": pack.id,
        "version": pack.version,
        "organisation": str(org_id),
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "numbers": dict(numbers),
        "places": [list(unit) for unit in units],
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).digest()


async def keep_sent(connection: Connection, pack: Pack, org_id: UUID, period: ReturnPeriod, by: UUID) -> UUID:
    """Keep a return as it stands now, as sent."""
    filled, units = await read(connection, pack, org_id, period)
    numbers = filled.numbers
    mark = digest(pack, org_id, period, numbers, units)
    row = (
        *(org_id, pack.id, pack.version, pack.counts, period.first, period.last),
        *(numbers, [list(unit) for unit in units], mark, by),
    )
    return await store.send(connection, row=row)


def sent_again(pack: Pack, sent: store.Sent) -> Filled:
    """A return that was sent, filled in as it was."""
    return as_sent(pack, sent.numbers, [(code, name) for code, name in sent.units])


async def reconciled(
    connection: Connection, pack: Pack, org_id: UUID, period: ReturnPeriod, *, exact: bool
) -> list[Reconciled]:
    """For the last quarter of a year, its first three: what was sent then against what is counted now."""
    if not pack.reconciles or period.quarter != 4:
        return []
    found = []
    for earlier in (one for one in period.earlier_in_year() if pack.covers(one)):
        now, _ = await read(connection, pack, org_id, earlier)
        sent = next(iter(await store.sent(connection, org_id, pack.id, earlier.first)), None)
        found.append(Reconciled(earlier, sent, _changes(sent, now, exact=exact) if sent else (), now))
    return found


def _changes(sent: store.Sent, now: Filled, *, exact: bool) -> tuple[Restated, ...]:
    hidden = None if exact else kept_small(now) | kept_small(sent_again(now.pack, sent))
    return restated(sent.numbers, now.numbers, hidden)
