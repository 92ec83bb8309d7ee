"""The worker's weekly step that works out whether comments have moved away from the first weeks."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import numpy.typing as npt

from earshot.analysis import drift, reading
from earshot.analysis.drift import BASELINE, Figures, Said
from earshot.analysis.learning_stages import use_active
from earshot.core.db import Connection, Database
from earshot.core.work import Payload, Stage

STREAMS = ("patient", "carer", "staff")
MOST = 300  # comments of one week that are looked at
AT_ONCE = 26  # weeks of one transaction
_DRAWS = 500
_BAND = (0.002, 0.998)

Table = npt.NDArray[np.float64]
Worked = tuple[dict[str, int], dict[str, float], dict[str, list[float]]]


@dataclass(frozen=True, eq=False)
class Sample:
    """Comments of one week: a row of figures each (not assigned, p, not English, unknown words) and a vector each."""

    rows: Table
    vectors: Table


async def log_drift(database: Database, payload: Payload) -> None:
    """Comments → figures of each week that is over, for every provider and stream."""
    async with database.transaction() as connection:
        await use_active(connection)
        providers = await drift.providers(connection)
    for provider in providers:
        for stream in STREAMS:
            async with database.transaction() as connection:
                await _work_out(connection, provider, stream)


async def _work_out(connection: Connection, provider: UUID, stream: str) -> None:
    heard = await drift.heard(connection, provider, stream)
    first = [week.week_start for week in heard[:BASELINE]]
    wanted = [week for week in heard if not week.known]
    if not wanted:
        return
    base = list(_samples(await drift.said(connection, provider, stream, first, MOST)).values())
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        said = await drift.said(connection, provider, stream, [week.week_start for week in part], MOST)
        full = [] if len(first) < BASELINE else [week.week_start for week in part if week.week_start not in first]
        rows = await asyncio.to_thread(_figures, said, base, full)  # seconds of arithmetic: others go on meanwhile
        kept = [Figures(provider, stream, week.week_start, week.comments, *rows[week.week_start]) for week in part]
        await drift.keep(connection, kept)


def _figures(said: Sequence[Said], base: Sequence[Sample], full: Sequence[date]) -> dict[date, Worked]:
    """Languages, figures and bands of each week; only weeks in `full` come after the baseline and have bands."""
    spoken, centre = _languages(said), _centre(base)
    return {
        week: (spoken[week], figures_of(sample, centre), band(base, len(sample.rows)) if week in full else {})
        for week, sample in _samples(said).items()
    }


def _languages(said: Sequence[Said]) -> dict[date, dict[str, int]]:
    counts: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for one in said:
        counts[one.week_start][one.language] += 1
    return {week: dict(languages) for week, languages in counts.items()}


def _samples(said: Sequence[Said]) -> dict[date, Sample]:
    unknown = reading.unknown_words([one.text for one in said])
    grouped: defaultdict[date, list[tuple[Said, float]]] = defaultdict(list)
    for one, share in zip(said, unknown, strict=True):
        grouped[one.week_start].append((one, share))
    return {week: _sample(rows) for week, rows in grouped.items()}


def _sample(rows: Sequence[tuple[Said, float]]) -> Sample:
    nothing = float("nan")
    figures = [(one.p is None, nothing if one.p is None else one.p, one.language != "en", share) for one, share in rows]
    vectors = [np.fromstring(one.vector.strip("[]"), sep=",") for one, _ in rows]
    return Sample(np.asarray(figures, dtype=np.float64), np.asarray(vectors, dtype=np.float64))


def _centre(weeks: Sequence[Sample]) -> Table:
    return np.asarray(np.concatenate([week.vectors for week in weeks]).mean(axis=0))


def figures_of(sample: Sample, centre: Table) -> dict[str, float]:
    """The figures of a week; `shift` is the cosine distance of its mean embedding from `centre`, shape (384,)."""
    means = _means(sample.rows)
    named = dict(zip(("not_assigned", "mean_p", "not_english", "unknown_words"), means, strict=True))
    named["shift"] = _distance(sample.vectors.mean(axis=0), centre)
    return {name: round(float(value), 5) for name, value in named.items() if np.isfinite(value)}


def band(weeks: Sequence[Sample], n: int) -> dict[str, list[float]]:
    """What `n` comments of a week of the baseline give by chance: the low and high end of each figure.

    The week drawn is kept out of the centre that it is measured from, as a later week is.
    """
    draw = np.random.default_rng(0)
    drawn: defaultdict[str, list[float]] = defaultdict(list)
    centres = [_centre([*weeks[:at], *weeks[at + 1 :]]) for at in range(len(weeks))]
    for _ in range(_DRAWS):
        at = int(draw.integers(len(weeks)))
        rows = draw.integers(len(weeks[at].rows), size=n)
        again = Sample(weeks[at].rows[rows], weeks[at].vectors[rows])
        for name, value in figures_of(again, centres[at]).items():
            drawn[name].append(value)
    ends = {name: np.quantile(values, _BAND) for name, values in drawn.items()}
    return {
        name: [0.0 if name == "shift" else round(float(low), 5), round(float(high), 5)]
        for name, (low, high) in ends.items()
    }


def _means(rows: Table) -> Table:
    known = np.isfinite(rows)
    return np.asarray(np.where(known, rows, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan))


def _distance(one: Table, other: Table) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return 1 - float(one @ other) / lengths if lengths else float("nan")


DRIFT = Stage("drift", log_drift, at_once=1, cron="15 3 * * 1")
