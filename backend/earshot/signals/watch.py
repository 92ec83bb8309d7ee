"""What pages show beside the list: the Overview's top, marks on charts, precision, and what could be known when."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from earshot.analysis.filters import Filter, subtree
from earshot.analysis.missed import missed
from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.measures import store as measures
from earshot.measures.model import Measure
from earshot.orgs import store as orgs
from earshot.signals import scans, store
from earshot.signals.answers import (
    MarkOut,
    PrecisionOut,
    RulesOut,
    TopSignal,
    TopSignals,
    mark,
    signal_out,
)
from earshot.signals.model import Signal
from earshot.signals.scans import Provider
from earshot.signals.store import Precision, Reader, Wanted

OPEN = ("new", "acknowledged", "watching", "acted_on", "reopened")
TOP_CONCERNS, TOP_IMPROVEMENTS, MOST = 5, 3, 500
_THEME = ("theme", "theme_negative", "positive")
_DRAWN_ON = {
    "comments": ("comments",),
    "responses": ("responses",),
    "negative_share": ("negative",),
    "fft_positive": ("fft_poor",),
}


async def top(connection: Connection, reader: Reader, given: Filter) -> TopSignals:
    """The most telling signals of the whole subtree, one a place, and what cannot wait."""
    wanted = Wanted(org_ids=await subtree(connection, given.org_id), streams=given.streams, states=OPEN)
    counts = await store.counts(connection, reader, wanted)
    going = [signal for signal in await store.listed(connection, reader, wanted, MOST) if signal.going_on]
    statistical = [signal for signal in going if signal.kind != "one_comment"]
    return TopSignals(
        concerns=by_place([s for s in statistical if s.meaning == "concern"], TOP_CONCERNS),
        improvements=by_place([s for s in statistical if s.meaning == "improvement"], TOP_IMPROVEMENTS),
        at_once=counts.at_once,
        overdue=counts.overdue,
        open=counts.open,
    )


def by_place(signals: Sequence[Signal], most: int) -> list[TopSignal]:
    """The first signal of each place, and how many others that place has."""
    places: dict[UUID, list[Signal]] = {}
    for signal in signals:
        places.setdefault(signal.org_id, []).append(signal)
    return [TopSignal(signal=signal_out(of[0]), more=len(of) - 1) for of in list(places.values())[:most]]


async def marks(connection: Connection, reader: Reader, given: Filter, measure: Measure) -> list[MarkOut]:
    """The signals to draw on the chart of a measure: those of the organisation itself, not of units below it."""
    own = await measures.roots(connection) if given.org_id is None else [given.org_id]
    wanted = Wanted(
        org_ids=own, streams=given.streams, since=given.since, until=given.until, label=measure.label,
        measures=_DRAWN_ON.get(measure.id, _THEME),
    )  # fmt: skip
    found = await store.listed(connection, reader, wanted, MOST)
    return [
        MarkOut(
            signal_id=signal.id, kind=signal.kind, meaning=signal.meaning, mark=mark(signal), since=signal.since,
            until=signal.until, sentence=signal.sentence,
        )
        for signal in sorted(found, key=lambda signal: (signal.since, signal.id))
    ]  # fmt: skip


async def precision(connection: Connection, given: Filter) -> list[PrecisionOut]:
    """How useful people found each detector's signals, with Wilson's 95 % interval."""
    rows = await store.precision(connection, await subtree(connection, given.org_id))
    return [_precise(row) for row in rows]


def _precise(row: Precision) -> PrecisionOut:
    answered = row.useful + row.not_useful
    estimate = missed(row.useful, answered)
    return PrecisionOut.model_validate(
        {
            **vars(row),
            "unanswered": row.signals - answered,
            "precision": estimate.rate if estimate else None,
            "low": estimate.low if estimate else None,
            "high": estimate.high if estimate else None,
        }
    )


async def provider(connection: Connection, org_id: UUID | None) -> Provider:
    """The provider that a page is about; of several, the newest scanned. Raises `NotFound` where none is in sight."""
    found = await scans.providers(connection, org_id)
    if not found:
        raise NotFound("No provider is in sight here. Choose an organisation at or above a provider.")
    return found[0]


async def rules(connection: Connection, org_id: UUID | None, *, may_change: bool) -> RulesOut:
    """A provider's rules; only who has the whole provider in scope may change them."""
    found = await provider(connection, org_id)
    rules = await store.rules(connection, found.id)
    a_month = f"{rules.false_alarms:g} false alarm{'' if rules.false_alarms == 1 else 's'} a month"
    return RulesOut(
        provider_id=found.id,
        provider_name=found.name,
        false_alarms=rules.false_alarms,
        acknowledge_hours=rules.acknowledge_hours,
        sentence=(
            f"Earshot may raise about {a_month} over everything it watches here: a larger number warns earlier and is "
            "wrong more often."
        ),
        set_by=rules.set_by_name,
        set_on=rules.set_on,
        may_change=may_change and bool(await orgs.below(connection, found.id)),
    )
