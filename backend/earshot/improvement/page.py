"""What an action's page shows: the action, all that belongs to it, and its chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.improvement import library_store, store, wording
from earshot.improvement.answers import (
    ActionCounts,
    ActionDetail,
    ActionEvent,
    ActionOut,
    AnsweredSignal,
    CycleOut,
    Effect,
    EffectMark,
    EffectWeek,
    InvolvedOut,
    LookOut,
    RebaseOut,
    WeekPart,
)
from earshot.improvement.before_after import Counted, first_week_after
from earshot.improvement.effect import ERROR_RATE, LOOKS
from earshot.improvement.measured import Measured, measured, measured_by, protected
from earshot.improvement.model import ACTED, Action, Event, Look, NotNow, undone
from earshot.measures.answers import MeasureOut, PointOut
from earshot.measures.model import Measure
from earshot.measures.series import ChartedSeries, Value, charted
from earshot.measures.spc import Rules
from earshot.signals import store as signals
from earshot.signals.store import Reader

_SAID = {
    "made": "{} wrote this action down.",
    "changed": "{} changed it.",
    "begun": "{} noted that the change has begun.",
    "finished": "{} finished it.",
    "stopped": "{} stopped it.",
    "undone": "{} took the closing back.",
    "cycle": "{} wrote a cycle.",
    "rebased": "{} let the chart begin anew.",
    "unrebased": "{} took back that the chart begins anew.",
    "involved": "{} noted who was involved.",
    "judged": "{} looked whether it helped.",
    "shared": "{} put it into the library of what worked.",
}


def action_out(action: Action, today: date) -> ActionOut:
    """An action as the console gets it."""
    found = measured_by(action)
    names = [name for name in ActionOut.model_fields if name not in ("overdue", "measure_name")]
    return ActionOut.model_validate(
        {
            **{name: getattr(action, name) for name in names},
            "overdue": action.overdue(today),
            "measure_name": found.name if found else None,
        }
    )


def counts(actions: Sequence[Action], today: date) -> ActionCounts:
    """How many of some actions are open, overdue, and so on."""
    verdicts = [action.verdict for action in actions]
    return ActionCounts(
        open=sum(action.state in ("planned", "under_way") for action in actions),
        overdue=sum(action.overdue(today) for action in actions),
        improved=verdicts.count("improved"),
        unproven=verdicts.count("unproven"),
        worse=verdicts.count("worse"),
    )


async def detail(connection: Connection, reader: Reader, action_id: UUID, *, may_improve: bool) -> ActionDetail:
    """All that an action's page shows; raises `NotFound`."""
    action = await store.action(connection, action_id)
    events = await store.events(connection, action_id)
    shared = await library_store.of_action(connection, action_id)
    return ActionDetail(
        action=action_out(action, date.today()),
        cycles=[CycleOut.model_validate(cycle) for cycle in await store.cycles(connection, action_id)],
        rebases=[RebaseOut.model_validate(rebase) for rebase in await store.rebases(connection, action_id)],
        involved=[InvolvedOut.model_validate(one) for one in await store.involved(connection, action_id)],
        signals=await _signals(connection, reader, action_id),
        events=[_event(event) for event in events],
        may_change=may_improve,
        may_undo=may_improve and _may_undo(action, events, reader.account_id),
        may_share=may_improve and not shared and action.state == "finished" and action.verdict == "improved",
        shared=shared,
    )


def _may_undo(action: Action, events: Sequence[Event], person: UUID) -> bool:
    if action.state not in ("finished", "stopped"):
        return False
    try:
        undone(events, person)
    except NotNow:
        return False
    return True


async def _signals(connection: Connection, reader: Reader, action_id: UUID) -> list[AnsweredSignal]:
    """The signals that an action answers, as far as the person may see them."""
    found = []
    for signal_id in await store.linked(connection, action_id):
        try:
            signal = await signals.one(connection, reader, signal_id)
        except NotFound:
            continue
        found.append(AnsweredSignal(id=signal.id, sentence=signal.sentence, state=signal.state))
    return found


def _event(event: Event) -> ActionEvent:
    text = _SAID[event.what].format(event.by_name or "Earshot")
    return ActionEvent(at=event.at, what=event.what, by=event.by_name, note=event.note, text=text)


async def effect(connection: Connection, action_id: UUID, *, exact: bool) -> Effect:
    """Whether an action helped; without `exact`, numbers are protected as statistics are. Raises `NotFound`."""
    today = date.today()
    action = await store.action(connection, action_id)
    looks = await store.looks(connection, action_id)
    found = await measured(connection, action, today)
    waits = _waiting(action, found, looks)
    return Effect(
        measure=None if found is None else MeasureOut.model_validate(found.measure),
        weeks=[] if found is None else _weeks(found, exact=exact),
        marks=await _marks(connection, action, looks),
        looks=_looks(action, looks),
        verdict=action.verdict,
        verdict_sentence=waits or action.verdict_sentence,
        sentence="" if found is None else _chart(found, exact=exact).sentence,
        judged_by="" if found is None else _judged_by(found.measure),
        set_aside="" if found is None else _set_aside(found, action),
        error_rate=ERROR_RATE,
        error_sentence=wording.ERROR_SENTENCE,
        small_numbers=not exact,
    )


def _waiting(action: Action, found: Measured | None, looks: Sequence[Look]) -> str | None:
    if found is None or looks or action.started_on is None or action.verdict is None:
        return None
    return wording.waiting(first_week_after(action.started_on), LOOKS[0], len(found.parts.after))


def _judged_by(asked: Measure) -> str:
    if asked.label is None:
        return f"Judged by: {asked.name}."
    return (
        f"Judged by how many of 100 comments are about {asked.label}, so that hearing from fewer people does not look"
        " like an improvement."
    )


def _set_aside(found: Measured, action: Action) -> str:
    weeks = len(found.parts.set_aside)
    if action.started_on is None or not weeks:
        return ""
    said = "1 week is" if weeks == 1 else f"{weeks} weeks are"
    why = "of the signal" if action.signals else "just before the change"
    return (
        f"{said} set aside: those {why}. People act when things look bad, and a bad spell often ends by itself, so it"
        " would make any change look good."
    )


def _chart(found: Measured, *, exact: bool) -> ChartedSeries:
    """The XmR chart of the measure, begun anew from the days that people said."""
    weeks = list(found.weeks) if exact else protected(found.weeks)
    values = [Value(week.start, _shown(found.measure, week), week.whole) for week in weeks]
    known = [value.start for value in values if value.y is not None]
    days = [one.on_day for one in found.rebases if known and one.on_day < known[-1] + timedelta(weeks=1)]
    return charted(values, Rules(found.measure.improvement_direction), "week", new_limits_from=days)


def _shown(asked: Measure, week: Counted) -> float | None:
    """A week's value as the measures' pages draw it: a count, or a percentage of at least five."""
    if week.part is None:
        return None
    if asked.unit == "count":
        return float(week.part)
    return round(100 * min(week.part, week.whole) / week.whole, 1) if week.whole and week.whole >= 5 else None


def _weeks(found: Measured, *, exact: bool) -> list[EffectWeek]:
    part: dict[date, WeekPart] = {}
    for name, weeks in (
        ("before", found.parts.before), ("set_aside", found.parts.set_aside), ("after", found.parts.after),
    ):  # fmt: skip
        part |= {week.start: name for week in weeks}  # type: ignore[misc]
    return [
        EffectWeek(**PointOut.model_validate(point).model_dump(), part=part.get(point.start))
        for point in _chart(found, exact=exact).points
    ]


async def _marks(connection: Connection, action: Action, looks: Sequence[Look]) -> list[EffectMark]:
    """What to draw on the chart, in the order of the days."""
    marks = [
        EffectMark(kind="signal", on_day=one.since, letter="S", text="A signal that this action answers began.")
        for one in await store.windows(connection, action.id)
    ]
    if action.started_on is not None:
        marks.append(EffectMark(kind="begun", on_day=action.started_on, letter="A", text="The change began."))
    for cycle in await store.cycles(connection, action.id):
        ended = "" if cycle.acted is None else f" {ACTED[cycle.acted]}."
        text = f"Cycle {cycle.n} began.{ended}"
        marks.append(EffectMark(kind="cycle", on_day=cycle.started_on, letter=str(cycle.n), text=text))
    for rebase in await store.rebases(connection, action.id):
        text = f"The chart begins anew: {rebase.reason}"
        marks.append(EffectMark(kind="rebased", on_day=rebase.on_day, letter="R", text=text))
    first = None if action.started_on is None else first_week_after(action.started_on)
    for one in looks if first is not None else ():
        last = first + timedelta(weeks=one.weeks - 1) if first else one.looked_on
        marks.append(EffectMark(kind="look", on_day=last, letter="L", text=one.sentence))
    return sorted(marks, key=lambda mark: mark.on_day)


def _looks(action: Action, looks: Sequence[Look]) -> list[LookOut]:
    """The looks that were written and, until one is a verdict, those that are still to come."""
    written = [
        LookOut(weeks=one.weeks, state=one.state, sentence=one.sentence, looked_on=one.looked_on) for one in looks
    ]
    if action.verdict != "unproven":
        return written
    seen = {one.weeks for one in looks}
    return written + [LookOut(weeks=n, state=None, sentence="", looked_on=None) for n in LOOKS if n not in seen]
