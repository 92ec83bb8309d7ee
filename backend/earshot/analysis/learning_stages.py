"""The worker's steps of learning: make a model from corrections, and read older comments again."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from earshot.analysis import learning, reading
from earshot.analysis.reading import Change, Corrected, Outcome, SentimentChange
from earshot.core.config import settings
from earshot.core.db import Connection, Database
from earshot.core.work import Payload, Stage, enqueue
from earshot.taxonomy.frameworks import PATIENT_EXPERIENCE

LATER = -5  # the priority of reading again: whoever speaks now is heard first
_BATCH, _PAGE = 100, 1_000

_BETTER = "On corrections that it had not seen it was at least as right as the model before it."
_ONLY_THEMES = f"{_BETTER} What it learned about feelings was less right, so those are read as before."
_ONLY_SENTIMENT = f"{_BETTER} What it learned about themes was less right, so those are found as before."
_WORSE = "Refused: on corrections that it had not seen it was less right than the model in use."
_TOO_FEW = "Refused: there were too few corrected comments with different wordings."


async def use_active(connection: Connection) -> str:
    """Read with the model that is active, and write down which one comes with Earshot; gives the id in use."""
    active = await learning.active(connection)
    now = await reading.use(active, settings().home / "bundles")
    if now.id != active:
        await learning.note_shipped(connection, now.id, now.thresholds, now.bands)
    return now.id


async def learn(database: Database, payload: Payload) -> None:
    """Corrections → a candidate, or a refused model with its reason."""
    async with database.transaction() as connection:
        parent = await use_active(connection)
        corrected = await learning.corrected(connection)
    given = [
        Corrected(one.text, one.question, None if one.themes is None else tuple(one.themes), one.sentiment)
        for one in corrected
    ]
    learned = await reading.learn(given, settings().home / "bundles", fewest=learning.FEWEST)
    async with database.transaction() as connection:
        await learning.keep(connection, _made(parent, corrected, learned, payload))


def _made(
    parent: str, corrected: list[learning.Corrected], learned: reading.Learned | None, payload: Payload
) -> learning.Made:
    by = payload.get("account_id")
    last, made_by = max((one.last for one in corrected), default=0), None if by is None else UUID(by)
    if learned is None:
        nothing = f"{PATIENT_EXPERIENCE}-refused-{uuid4().hex[:12]}"
        return learning.Made(nothing, parent, "refused", _TOO_FEW, None, {}, {}, last, made_by)
    model, outcome = learned.model, learned.outcome
    state: learning.State = "refused" if outcome.worse else "candidate"
    return learning.Made(
        model.id, parent, state, _reason(outcome), _scores(outcome), model.thresholds, model.bands, last, made_by
    )


def _reason(outcome: Outcome) -> str:
    if outcome.worse:
        return _WORSE
    if outcome.sentiment and outcome.sentiment.worse:
        return _ONLY_THEMES
    return _ONLY_SENTIMENT if outcome.themes and outcome.themes.worse else _BETTER


def _scores(outcome: Outcome) -> dict[str, Any]:
    """The themes' scores, and under "sentiment" those of what people felt."""
    themes, felt = outcome.themes, outcome.sentiment
    return {
        **({"micro_f1": {"before": themes.micro_before, "after": themes.micro_after}} if themes else {}),
        **(_part(themes) if themes else {}),
        **({"sentiment": _felt(felt)} if felt else {}),
    }


def _felt(felt: SentimentChange) -> dict[str, Any]:
    return {**_part(felt), "accuracy": {"before": felt.accuracy_before, "after": felt.accuracy_after}}


def _part(change: Change | SentimentChange) -> dict[str, Any]:
    return {
        "learned_from": change.learned_from,
        "held_out": change.held_out,
        "macro_f1": {"before": change.macro_before, "after": change.macro_after},
        "used": not change.worse,
        "labels": [{"label": one.label, "n": one.n, "before": one.before, "after": one.after} for one in change.labels],
    }


async def read_again(database: Database, payload: Payload) -> None:
    """Queue comments that another model read, a page at a time, behind everything that is new."""
    after = payload.get("after")
    async with database.transaction() as connection:
        bundle_id = await use_active(connection)
        found = await learning.read_by_another(connection, bundle_id, None if after is None else UUID(after), _PAGE)
        for start in range(0, len(found), _BATCH):
            await enqueue(connection, "analyse", {"comments": found[start : start + _BATCH]}, priority=LATER)
        if len(found) == _PAGE:
            await enqueue(connection, "read_again", {"after": found[-1]}, priority=LATER)


LEARN = Stage("learn", learn, at_once=1)
READ_AGAIN = Stage("read_again", read_again, at_once=1)
