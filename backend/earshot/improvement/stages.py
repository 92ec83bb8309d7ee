"""The worker's nightly step: look whether changes helped, after 4, 8 and 12 weeks, and write each look once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from earshot.core.db import Connection, Database
from earshot.core.work import Payload, Stage
from earshot.improvement import store, wording
from earshot.improvement.before_after import Counted
from earshot.improvement.effect import ERROR_RATE, LOOKS, Judgement, TooFewWeeks, Week, look
from earshot.improvement.measured import Measured, measured
from earshot.improvement.model import Action, Look, Wanted


async def remeasure(database: Database, payload: Payload) -> None:
    """Actions that began at least four weeks ago → looks at their series."""
    del payload
    today = date.today()
    async with database.transaction() as connection:
        due = await store.to_look_at(connection, today)
    for action_id in due:
        async with database.transaction() as connection:
            await look_at(connection, await store.action(connection, action_id), today)


async def look_at(connection: Connection, action: Action, today: date) -> None:
    """Write every look that an action is due, oldest first, until one of them is a verdict."""
    found = await measured(connection, action, today)
    if found is None or action.wanted is None:
        return
    written = {one.weeks: one for one in await store.looks(connection, action.id)}
    for weeks in LOOKS:
        if len(found.parts.after) < weeks or any(one.state != "unproven" for one in written.values()):
            return
        if weeks in written:
            continue
        made = _look(found, action.wanted, weeks, today)
        if await store.keep_look(connection, action.id, made):
            await store.tell(connection, action.id, "judged", None, note=made.sentence)
        written[weeks] = made


def _look(found: Measured, wanted: Wanted, weeks: int, today: date) -> Look:
    after = found.parts.after[:weeks]
    figures = {"first": _day(found.parts.before), "last": _day(found.parts.before[-1:]), "error_rate": ERROR_RATE}
    try:
        judged = look(_weeks(found.parts.before), _weeks(after), wanted, set_aside=_weeks(found.parts.set_aside))
    except TooFewWeeks:
        return Look(weeks, "unproven", wording.nothing_to_compare(weeks), figures, today)
    text = wording.sentence(found.measure, judged, found.parts.before, after)
    return Look(weeks, judged.state, text, figures | _figures(judged), today)


def _figures(judged: Judgement) -> dict[str, object]:
    """What a look rests on, to be kept; numbers of people are not among them."""
    comparison = judged.comparison
    if comparison is None:
        return {}
    kept = asdict(comparison)
    return {
        "weeks_before": kept["weeks_before"],
        "weeks_after": kept["weeks_after"],
        "z": round(comparison.z, 3),
        "bound": None if judged.bound is None else round(judged.bound, 3),
        "information": round(comparison.information, 3),
    }


def _weeks(weeks: Sequence[Counted]) -> list[Week]:
    return [week for each in weeks if (week := each.week) is not None]


def _day(weeks: Sequence[Counted]) -> str | None:
    return weeks[0].start.isoformat() if weeks else None


REMEASURE = Stage("remeasure", remeasure, at_once=1, cron="40 3 * * *")
