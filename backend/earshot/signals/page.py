"""A signal's page: its chart, the comments behind it, what is related, and its life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from earshot.analysis import browse
from earshot.analysis.answers import comment_out
from earshot.core.db import Connection
from earshot.measures import store as measures
from earshot.measures.disclosure import told
from earshot.measures.periods import Feed, Span, label
from earshot.signals import store, weekly
from earshot.signals.answers import (
    ChartWeek,
    DrivingWord,
    EventOut,
    EvidenceOut,
    SignalChart,
    SignalDetail,
    UsefulOut,
    signal_out,
)
from earshot.signals.few import is_of_staff
from earshot.signals.model import REASONS, Action, Event, NotNow, Signal, Was, change
from earshot.signals.store import Reader
from earshot.signals.weekly import WeekCount, monday
from earshot.signals.wording import Told, what

WEEKS_SHOWN = 52
EVIDENCE_SHOWN = 20
_TRIED: tuple[Action, ...] = ("acknowledge", "watch", "act", "close", "reopen", "own", "release", "undo")
_SAID = {
    "raised": "Earshot raised this signal.",
    "extended": "Earshot heard more of the same and extended this signal.",
    "faded": "The alarm is over for now.",
    "acknowledged": "{} acknowledged it.",
    "watching": "{} is watching it.",
    "acted_on": "{} noted that it was acted on.",
    "closed": "{} closed it.",
    "reopened": "{} opened it again.",
    "owned": "{} took it on.",
    "released": "{} handed it back.",
    "undone": "{} took the last step back.",
}


async def detail(connection: Connection, reader: Reader, signal_id: UUID, *, may_triage: bool) -> SignalDetail:
    """All that a signal's page shows; raises `NotFound`."""
    signal = await store.one(connection, reader, signal_id)
    answers = await store.answers(connection, signal_id)
    last = await store.last_step(connection, signal_id)
    return SignalDetail(
        signal=signal_out(signal),
        chart=await chart(connection, reader, signal),
        words=[DrivingWord.model_validate(word) for word in signal.words],
        evidence=await _evidence(connection, signal),
        related=[signal_out(other) for other in await store.related(connection, reader, signal)],
        events=[_event(event) for event in await store.events(connection, signal_id)],
        useful=UsefulOut(yes=answers.yes, no=answers.no, mine=signal.useful),
        may=possible(signal, last, reader.account_id) if may_triage else [],
    )


def was(signal: Signal) -> Was:
    """The part of a signal that people change."""
    return Was(signal.state, signal.closed_reason, signal.owner_id)


def possible(signal: Signal, last: Event | None, person: UUID) -> list[Action]:
    """The actions that a signal's state allows a person now."""
    found: list[Action] = []
    for action in _TRIED:
        idle = (action == "own" and signal.owner_id == person) or (action == "release" and signal.owner_id is None)
        try:
            change(was(signal), action, person, reason="dealt_with", last=last)
        except NotNow:
            continue
        if not idle:
            found.append(action)
    return found


async def chart(connection: Connection, reader: Reader, signal: Signal) -> SignalChart | None:
    """A year of the signal's series by week, with what the detector expected; None where no series is behind it.

    Who is no guardian gets weeks of staff comments as statistics tell them, and not what the detector worked out from
    the exact ones.
    """
    if signal.kind == "one_comment" or signal.about:
        return None
    newest = max(signal.until, await weekly.last_day(connection, signal.org_id) or signal.until)
    span = Span(monday(newest) - timedelta(weeks=WEEKS_SHOWN), newest)
    labels = signal.label.split("|")
    rows = await weekly.counted(connection, signal.org_id, signal.streams, signal.measure, labels, span)
    feeds = (await measures.feeds(connection, [signal.org_id])).get(signal.org_id, [])
    weeks = _weeks(signal, span, rows, feeds)
    if reader.fewest > 1 and is_of_staff(signal.kind, signal.streams):
        weeks = [_as_told(week) for week in weeks]
    about = Told(
        signal.org_name, signal.org_level, signal.streams, signal.measure, signal.label, signal.since, signal.until,
        signal.observed or 0, signal.expected or 0.0,
    )  # fmt: skip
    name = what(about) if signal.measure != "cluster" else "Comments of this discovered theme"
    return SignalChart(name=name, weeks=weeks, sentence=_in_words(signal))


def _weeks(signal: Signal, span: Span, rows: Sequence[WeekCount], feeds: Sequence[Feed]) -> list[ChartWeek]:
    counted = {row.start: row for row in rows}
    expected = {each["start"]: each for each in signal.expectations}
    found: list[ChartWeek] = []
    start = span.since
    while start + timedelta(days=6) <= span.until or start <= signal.until:
        heard = start in counted or not feeds or any(feed.touches(start, "week") for feed in feeds)
        row, seen = counted.get(start), expected.get(start.isoformat(), {})
        found.append(
            ChartWeek(
                start=start, label=label(start, "week"), n=(row.n if row else 0) if heard else None,
                exposure=(row.exposure if row else 0) if heard else None, expected=seen.get("expected"),
                limit=seen.get("limit"), marked=_marked(signal, start),
            )
        )  # fmt: skip
        start += timedelta(weeks=1)
    return found


def _as_told(week: ChartWeek) -> ChartWeek:
    shown = {"n": _told(week.n), "exposure": _told(week.exposure)}
    return week.model_copy(update={**shown, "expected": None, "limit": None})


def _told(count: int | None) -> int | None:
    return None if count is None else told(count)


def _marked(signal: Signal, start: date) -> bool:
    return start <= signal.until and start + timedelta(days=6) >= signal.since


def _in_words(signal: Signal) -> str:
    going = "The alarm goes on." if signal.going_on else "The alarm is over for now."
    return f"{signal.sentence} The marked weeks are those of the signal. {going}"


async def _evidence(connection: Connection, signal: Signal) -> list[EvidenceOut]:
    """The comments behind a signal that the person may read, most telling first."""
    ids = signal.comment_ids[:EVIDENCE_SHOWN]
    found = {read.id: read for read in await browse.some(connection, ids)}
    return [EvidenceOut(comment=comment_out(found[each])) for each in ids if each in found]


def _event(event: Event) -> EventOut:
    text = _SAID[event.what].format(event.by_name or "Earshot")
    closed = REASONS.get(event.figures.get("reason", "")) if event.what == "closed" else None
    return EventOut(
        at=event.at, what=event.what, by=event.by_name, note=event.note, text=f"{text} {closed}." if closed else text
    )
