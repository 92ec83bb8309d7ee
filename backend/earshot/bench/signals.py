"""`earshot bench signals`: what share of planted rises each detector finds, and how soon, at equal false alarms.

Each baseline is a world of its own: half of its series are Poisson and half have more scatter, all have a season of up
to ±30 % and a trend of up to ±10 % a year, and three years pass before anything is judged. Every detector's threshold
is set on series in which nothing changes, so that each raises 0.2 false alarms per series and year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from earshot.bench.peers import PEERS
from earshot.signals.bounds import Numbers
from earshot.signals.budget import alarms, rarity
from earshot.signals.co_signal import together
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.lifetime import LOWER, beginnings
from earshot.signals.severity import with_serious
from earshot.signals.simulate import Change, World, counts

OURS = "Earshot"
HISTORY = 160  # three years, and the four weeks more that Farrington's windows need
NULL_WEEKS, FOLLOWED = 52, 26
FALSE_ALARMS_A_YEAR = 0.2
WEEKS_BETWEEN = 365.2425 / 7 / FALSE_ALARMS_A_YEAR
BASELINES = (0.25, 1.0, 3.0, 8.0)
CHANGES = tuple(Change(HISTORY, factor, slow) for factor in (2.0, 3.0) for slow in (False, True))
TREND = 0.1
SERIOUS_SHARE = 0.15


@dataclass(frozen=True)
class Cell:
    """How one detector did on one kind of rise; `median_weeks` is None where fewer than half were found in 26 weeks."""

    detector: str
    baseline: float
    factor: float
    slow: bool
    within_4: float
    within_8: float
    median_weeks: int | None
    false_alarms_a_year: float


@dataclass(frozen=True)
class Limit:
    """Lorden's bound for a sudden doubling of Poisson counts, and the mean delay of ours, both in weeks.

    The bound is ln(weeks between false alarms) / Kullback–Leibler information a week; delays count 26 where nothing was
    found in 26 weeks, so that the mean of ours is a little too kind where the bound is near that.
    """

    baseline: float
    bound: float
    ours: float


@dataclass(frozen=True)
class Added:
    """What more evidence adds: the share found within 4 and 8 weeks from counts alone, and with it."""

    what: str
    alone_4: float
    alone_8: float
    with_4: float
    with_8: float


@dataclass(frozen=True)
class SignalFigures:
    """Everything that `earshot bench signals` measured."""

    series: int
    seed: int
    cells: list[Cell]
    limits: list[Limit]
    added: list[Added]
    promised: float
    kept: float
    worse: list[str]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """One world's series: those in which nothing changes come first, then `each` of every change."""

    counts: Numbers
    spread: Numbers
    nulls: int
    each: int

    def rows(self, change: int) -> slice:
        """The series of one change."""
        return slice(self.nulls + change * self.each, self.nulls + (change + 1) * self.each)


def measure(*, series: int, seed: int, report: Callable[[str], None]) -> SignalFigures:
    """Simulate and score; `series` of each kind of rise, and three times as many in which nothing changes."""
    rng = np.random.default_rng(seed)
    cells: list[Cell] = []
    limits, raised, allowed = [], 0, 0.0
    for baseline in BASELINES:
        drawn = _draw(World(baseline, trend=TREND), series, rng)
        readings = read(Panel.of(drawn.counts))
        ours = rarity(readings, "rise")[:, HISTORY:]
        cells += _cells(OURS, baseline, drawn, ours, LOWER)
        for name, peer in PEERS.items():
            cells += _cells(name, baseline, drawn, _peer_scores(peer, drawn), 0.0)
        limits.append(_limit(baseline, drawn, ours))
        raised += _raised_at_budget(readings, drawn)
        allowed += FALSE_ALARMS_A_YEAR * drawn.nulls * NULL_WEEKS * 7 / 365.2425
        report(f"{baseline:g} a week: done")
    added = [*_co_signals(series, rng), *_serious(series, rng)]
    return SignalFigures(series, seed, cells, limits, added, round(allowed, 1), float(raised), _worse(cells, series))


def _draw(world: World, each: int, rng: np.random.Generator) -> _Drawn:
    weeks, nulls = HISTORY + NULL_WEEKS, 3 * each
    drawn = [counts(world, nulls, weeks, rng), *(counts(world, each, weeks, rng, change) for change in CHANGES)]
    return _Drawn(np.concatenate([part[0] for part in drawn]), np.concatenate([part[1] for part in drawn]), nulls, each)


def _peer_scores(peer: Callable[[Numbers, int], Numbers], drawn: _Drawn) -> Numbers:
    """A peer's scores; rises are followed for 26 weeks only, and what it cannot say is no alarm."""
    scores = np.full((len(drawn.counts), NULL_WEEKS), -np.inf)
    scores[: drawn.nulls] = peer(drawn.counts[: drawn.nulls], HISTORY)
    scores[drawn.nulls :, :FOLLOWED] = peer(drawn.counts[drawn.nulls :, : HISTORY + FOLLOWED], HISTORY)
    return np.where(np.isnan(scores), -np.inf, scores)


def _cells(name: str, baseline: float, drawn: _Drawn, scores: Numbers, lower: float) -> Iterator[Cell]:
    threshold, rate = calibrate(scores[: drawn.nulls], lower)
    for index, change in enumerate(CHANGES):
        delays = first_alarm(scores[drawn.rows(index), :FOLLOWED], threshold, lower)
        median = float(np.median(delays))
        yield Cell(
            name, baseline, change.factor, change.slow, share(delays, 4), share(delays, 8),
            None if median > FOLLOWED else int(np.ceil(median)), round(rate, 3),
        )  # fmt: skip


def calibrate(scores: Numbers, lower: float) -> tuple[float, float]:
    """The lowest threshold with no more false alarms than wanted, and how many a series and year it gives."""
    weekly = 1 / WEEKS_BETWEEN
    finite = scores[np.isfinite(scores)]
    steps = np.unique(finite[finite >= np.quantile(finite, 0.8)])  # far below, one alarm would stand all the time
    low, high = 0, len(steps)  # the highest step is high enough; none at all is what remains
    while low < high:
        middle = (low + high) // 2
        if _rate(scores, float(steps[middle]), lower) > weekly:
            low = middle + 1
        else:
            high = middle
    threshold = float(steps[low]) if low < len(steps) else np.inf
    return threshold, _rate(scores, threshold, lower) * 365.2425 / 7


def _rate(scores: Numbers, threshold: float, lower: float) -> float:
    return float(beginnings(scores, threshold, np.ones(scores.shape, dtype=bool), lower).mean())


def first_alarm(scores: Numbers, threshold: float, lower: float) -> Numbers:
    """The week, from 1, of the first new alarm of each series, (series,); 27 or more where there is none."""
    begun = beginnings(scores, threshold, np.ones(scores.shape, dtype=bool), lower)
    return np.where(begun.any(axis=1), begun.argmax(axis=1) + 1.0, FOLLOWED + 1.0)


def share(delays: Numbers, weeks: int) -> float:
    """The share found within so many weeks."""
    return round(float((delays <= weeks).mean()), 3)


def _limit(baseline: float, drawn: _Drawn, scores: Numbers) -> Limit:
    """Lorden's bound for the first change, a sudden doubling, over its Poisson series."""
    rows = np.arange(len(drawn.counts))[drawn.rows(0)]
    plain = rows[drawn.spread[rows] == 1]
    threshold, _ = calibrate(scores[: drawn.nulls], LOWER)
    delays = np.minimum(first_alarm(scores[plain, :FOLLOWED], threshold, LOWER), FOLLOWED)
    information = baseline * (2 * np.log(2) - 1)
    return Limit(baseline, round(float(np.log(WEEKS_BETWEEN) / information), 1), round(float(delays.mean()), 1))


def _raised_at_budget(readings: Readings, drawn: _Drawn) -> int:
    """How many false alarms the shipped thresholds raise in series where nothing changes, in the weeks looked at."""
    budget = FALSE_ALARMS_A_YEAR / 12 * len(drawn.counts)
    return sum(alarm.week >= HISTORY and alarm.series < drawn.nulls for alarm in alarms(readings, budget))


def _worse(cells: list[Cell], series: int) -> list[str]:
    """Where a peer found more of the rises within 8 weeks than ours, by more than two standard errors of both."""
    ours = {(cell.baseline, cell.factor, cell.slow): cell for cell in cells if cell.detector == OURS}
    found = []
    for cell in cells:
        own = ours[cell.baseline, cell.factor, cell.slow]
        for weeks, theirs, mine in ((4, cell.within_4, own.within_4), (8, cell.within_8, own.within_8)):
            error = np.sqrt((theirs * (1 - theirs) + mine * (1 - mine)) / series)
            if theirs - mine > 2 * error:
                kind = f"×{cell.factor:g} {'slow' if cell.slow else 'sudden'} from {cell.baseline:g} a week"
                found.append(f"{cell.detector} within {weeks} weeks, {kind}: {theirs:.2f} against {mine:.2f}")
    return found


def _co_signals(series: int, rng: np.random.Generator) -> Iterator[Added]:
    """Patients double, and staff of the same unit double too: patients alone, and both together."""
    for patients, staff in ((1.0, 0.5), (3.0, 1.0)):
        first = _draw(World(patients, trend=TREND), series, rng)
        second = _draw(World(staff, trend=TREND), series, rng)
        alone = read(Panel.of(first.counts))
        both = together(alone, read(Panel.of(second.counts)))
        what = f"staff ({staff:g} a week) double as patients ({patients:g} a week) do"
        yield _added(what, first, rarity(alone, "rise"), rarity(both, "rise"))


def _serious(series: int, rng: np.random.Generator) -> Iterator[Added]:
    """All further comments are serious: half as many again in all, which is four times as many serious ones."""
    for baseline in (1.0, 3.0):
        grows = 1 + 0.5 / SERIOUS_SHARE
        mild = _draw_one(World(baseline * (1 - SERIOUS_SHARE), trend=TREND), series, rng, None)
        serious = _draw_one(World(baseline * SERIOUS_SHARE, trend=TREND), series, rng, Change(HISTORY, grows))
        alone = read(Panel.of(mild.counts + serious.counts))
        told = with_serious(alone, read(Panel.of(serious.counts)))
        what = f"half as many again from {baseline:g} a week, all of them serious"
        yield _added(what, mild, rarity(alone, "rise"), rarity(told, "rise"))


def _draw_one(world: World, each: int, rng: np.random.Generator, change: Change | None) -> _Drawn:
    """Series in which nothing changes, and after them as many as wanted with one change."""
    weeks, nulls = HISTORY + NULL_WEEKS, 3 * each
    parts = [counts(world, nulls, weeks, rng), counts(world, each, weeks, rng, change)]
    return _Drawn(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]), nulls, each)


def _added(what: str, drawn: _Drawn, alone: Numbers, more: Numbers) -> Added:
    shares = []
    for scores in (alone[:, HISTORY:], more[:, HISTORY:]):
        threshold, _ = calibrate(scores[: drawn.nulls], LOWER)
        delays = first_alarm(scores[drawn.rows(0), :FOLLOWED], threshold, LOWER)
        shares += [share(delays, 4), share(delays, 8)]
    return Added(what, *shares)
