"""The worker's part of speaking up: read each report once, in memory, and destroy the keys of days that are over.

What is read is sealed to the case at once. In clear stay only whether somebody may be at risk, and how serious it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from earshot.analysis import reading
from earshot.analysis.reading import Heard
from earshot.cases import reading_store as store
from earshot.cases import sealing
from earshot.cases.filing_store import READ_CASE as FIRST_STAGE
from earshot.cases.model import STAFF_ELEMENTS
from earshot.core.config import Settings, settings
from earshot.core.crypto import KeyFiles, Unreadable
from earshot.core.db import Database
from earshot.core.errors import KeysMissing
from earshot.core.work import Payload, Stage, enqueue, ids
from earshot.intake.model import LONGEST_TEXT
from earshot.taxonomy.frameworks import NOT_ASSIGNED

#: What the risk net hears in nearly every report of staff, and what the elements name better than a place in the queue.
NOT_IMMEDIATE = frozenset({"retaliation"})
#: The reading of a report that could not be opened or de-identified: a person must look.
UNREADABLE: Mapping[str, Any] = {
    "text": "", "identifiers": [], "sentences": [], "themes": [], "elements": [], "sentiment": None,
    "criticality": None, "safety": [], "language": None, "embedding": None, "unreadable": True,
}  # fmt: skip


async def read_case(database: Database, payload: Payload) -> None:
    """Reports → readings: open the worker's wrap, de-identify, analyse, seal the reading, destroy the wrap.

    Fails closed: a report that cannot be opened or de-identified gets a reading that says so, and no risk is claimed
    or denied. The payload is {"cases": [ids]}.
    """
    await read(database, ids(payload, "cases"), settings())


async def read(database: Database, case_ids: Sequence[UUID], house: Settings) -> None:
    """The same under given settings; raises `KeysMissing` where the folder of keys is away, and nothing changes."""
    keys = KeyFiles(house.keys)
    async with database.connection() as connection:
        waiting = await store.waiting(connection, case_ids)
    if waiting and not keys.exist():
        raise KeysMissing
    opened = [(one, _opened(one, keys)) for one in waiting]
    heard = iter(await reading.hear([(text, one.stream) for one, text in opened if text is not None]))
    outcomes = [_outcome(one, None if text is None else next(heard)) for one, text in opened]
    await _keep(database, outcomes)


async def give_up(database: Database, payload: Payload) -> None:
    """Let a person look at reports that could not be read at any try."""
    async with database.connection() as connection:
        waiting = await store.waiting(connection, ids(payload, "cases"))
    await _keep(database, [_outcome(one, None) for one in waiting])


async def _keep(database: Database, outcomes: Sequence[store.Outcome]) -> None:
    for outcome in outcomes:
        async with database.transaction() as connection:
            await store.keep(connection, outcome, date.today())


def _opened(waiting: store.Waiting, keys: KeyFiles) -> str | None:
    """The report's text, or None where it cannot be opened or is not what a form sends."""
    try:
        key = keys.day_opening(waiting.key_id)
        document = json.loads(key.open(waiting.sealed, info=sealing.info(waiting.case_id, "wrap")))
        text = document["text"]
    except (KeysMissing, Unreadable, ValueError, TypeError, KeyError):
        return None
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return None
    return text.encode("utf-8", "replace").decode()  # half of a pair of surrogates is no letter


def _outcome(waiting: store.Waiting, heard: Heard | None) -> store.Outcome:
    document = UNREADABLE if heard is None else _document(heard, waiting.stream)
    try:
        sealed = sealing.seal_text(waiting.public, waiting.case_id, "reading", document)
    except ValueError:  # no key of this curve, so that nobody can open this case: its sender made it so
        sealed = None
    if heard is None or sealed is None or heard.analysis.needs_person == "empty":
        return store.Outcome(waiting.case_id, sealed)
    kinds = [risk.kind for risk in heard.analysis.safety.kinds if risk.kind not in NOT_IMMEDIATE]
    return store.Outcome(
        waiting.case_id,
        sealed,
        risk=bool(kinds) or heard.analysis.needs_person is not None,
        risk_kinds=kinds,
        criticality=seriousness(heard),
    )


def seriousness(heard: Heard) -> int | None:
    """How serious a report is, from 0 to 4 (most serious), or None where that cannot be told."""
    rated = heard.analysis.criticality
    return None if rated is None else max(0, -rated.label)


def _document(heard: Heard, stream: str) -> dict[str, Any]:
    """What is sealed as the reading. Offsets count characters of its text."""
    found = heard.analysis
    themes = [
        {
            "label": theme.label,
            "p": theme.p,
            "words": [{"text": w.text, "weight": round(w.weight, 4)} for w in theme.words],
        }
        for theme in found.themes
        if theme.label != NOT_ASSIGNED
    ]
    return {
        "text": heard.text,
        "identifiers": list(heard.identifiers),
        "sentences": [{"start": s.start, "end": s.end, "sentiment": s.sentiment} for s in found.sentences],
        "themes": themes,
        # Patients' reports are recorded by the themes of their framework, staff's by the elements of the returns.
        "elements": [one for one in themes if stream != "staff" or one["label"] in STAFF_ELEMENTS],
        "sentiment": found.sentiment.label,
        "criticality": None
        if found.criticality is None
        else {"label": found.criticality.label, "p": found.criticality.p},
        "safety": [
            {"kind": risk.kind, "p": risk.p, "start": risk.evidence[0], "end": risk.evidence[1]}
            for risk in found.safety.kinds
        ],
        "language": found.language.code,
        "embedding": [round(float(number), 3) for number in found.embedding],
        "unreadable": False,
    }


async def day_keys(database: Database, _payload: Payload) -> None:
    """Make the keys of today and tomorrow, and destroy those of earlier days with which nothing waits any more."""
    await turn_day_keys(database, settings(), date.today())


async def turn_day_keys(database: Database, house: Settings, today: date) -> None:
    """The same under given settings, on a given day.

    A report of an earlier day that still waits keeps its key, and is queued to be read in case that was lost.
    """
    keys = KeyFiles(house.keys)
    keys.make_day_keys(today)
    async with database.transaction() as connection:
        for case_id in await store.left_over(connection, today):
            await enqueue(connection, FIRST_STAGE, {"cases": [case_id]}, key=f"{FIRST_STAGE}/{case_id}")
        in_use = await store.keys_in_use(connection)
    for day in keys.days_before(today):
        if str(day) not in in_use:
            keys.destroy_day(day)


READ_CASE = Stage(FIRST_STAGE, read_case, given_up=give_up)
DAY_KEYS = Stage("day_keys", day_keys, cron="7 * * * *")
