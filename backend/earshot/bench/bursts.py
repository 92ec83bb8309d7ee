"""Add bursts of real, held-out comments to real weeks, and score who finds them at equal false alarms. Pure, seeded.

A quarter of the different texts is held out. What remains is the past as it was; a burst adds held-out comments on one
theme to one service for eight weeks, so that they come twice or three times as often as usual there. What a comment
was *read* as is what is counted, what it *is* decides where it is added: misreadings weaken a burst as they would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from earshot.bench.peers import PEERS
from earshot.bench.signals import HISTORY, OURS, calibrate, share
from earshot.core.errors import EarshotError
from earshot.signals.bounds import Numbers
from earshot.signals.budget import rarity
from earshot.signals.detectors import Panel, read
from earshot.signals.farrington import Farrington, enough
from earshot.signals.lifetime import LOWER, beginnings

LASTS = 8  # weeks of a burst; what is found later counts as missed
FACTORS = (2.0, 3.0)
HELD_OUT = 0.25
RAREST = 0.25  # a week: what is heard less often is left out, since doubling it adds nothing to find
OFTEN = 0.5  # a week: from here on a series counts as often heard in the tables
SHUFFLES = 10
AS_IT_WAS, DEALT = "as it was", "dealt anew"
EITHER_WAY = 2  # weeks on both sides that count as the same season
FEWEST_WEEKS = 40
FARRINGTON_FEWEST = 5  # Farrington's own rule: no alarm with fewer in four weeks; tried with every peer, and without


class TooLittleText(EarshotError):
    """There is too little dated text for bursts: 40 weeks, and themes heard once in four weeks. Give a longer file."""


@dataclass(frozen=True)
class Item:
    """One comment: its week from 0, its service, what it was read as, what it is, and which texts are the same."""

    week: int
    group: str
    read: frozenset[str]
    true: frozenset[str]
    text: str


@dataclass(frozen=True)
class Heard:
    """Real comments of `weeks` weeks.

    With `per_comment` themes are counted out of all comments of their service, and false alarms are also told from
    series in which a service's readings are dealt anew among its comments; without, counts stand alone.
    """

    name: str
    weeks: int
    items: tuple[Item, ...]
    per_comment: bool

    @property
    def start(self) -> int:
        """The first week judged: three years on where the file is long enough, else after two fifths of it."""
        return min(HISTORY, self.weeks * 2 // 5)


@dataclass(frozen=True)
class Found:
    """How one detector did on one kind of burst; `median_weeks` is None where fewer than half were found in eight.

    `calm` says on which series its threshold was set: the real ones without any burst (some of whose alarms may be
    real changes), or those with readings dealt anew. `false_alarms` is what it raised there a series and year,
    `as_it_was` what it raises at this threshold in the real ones.
    """

    file: str
    calm: str
    detector: str
    factor: float
    often: bool
    bursts: int
    within_4: float
    within_8: float
    median_weeks: int | None
    false_alarms: float
    as_it_was: float


@dataclass(frozen=True)
class _Burst:
    series: int
    start: int
    factor: float
    added: tuple[Item, ...]


@dataclass(frozen=True, eq=False)
class _Scene:
    """The past without the held-out texts, its series, and what each detector made of it and of every burst."""

    heard: Heard
    names: tuple[tuple[str, str], ...]
    counts: Numbers
    exposure: Numbers
    bursts: tuple[_Burst, ...]


@dataclass(frozen=True, eq=False)
class _Scores:
    """A detector's scores from the first week judged: of calm series, of the past, and one row for each burst."""

    calm: dict[str, Numbers]
    past: Numbers
    planted: Numbers
    lower: float


def score(heard: Heard, *, bursts: int, seed: int) -> list[Found]:
    """Plant `bursts` bursts of each factor and score all detectors; raises `TooLittleText`."""
    if heard.weeks < FEWEST_WEEKS:
        raise TooLittleText
    rng = np.random.default_rng(seed)
    scene = _scene(heard, bursts, rng)
    shuffled = [_counts(_dealt(scene, rng), scene.names, heard)[0] for _ in range(SHUFFLES if heard.per_comment else 0)]
    found = list(_score_cells(scene, OURS, _ours(scene, shuffled)))
    planted = [_counts((*heard.items, *burst.added), [scene.names[burst.series]], heard) for burst in scene.bursts]
    for name, peer in PEERS.items():
        tries = [
            list(_score_cells(scene, name, _theirs(scene, peer, shuffled, planted, rates, fewest)))
            for rates in ((False, True) if heard.per_comment else (False,))
            for fewest in (0, FARRINGTON_FEWEST)
        ]
        for calm in dict.fromkeys(cell.calm for cells in tries for cell in cells):
            found += max(([cell for cell in cells if cell.calm == calm] for cells in tries), key=_bursts_found)
    return found


def _bursts_found(cells: Iterable[Found]) -> float:
    return sum(cell.within_8 * cell.bursts for cell in cells)


def _scene(heard: Heard, bursts: int, rng: np.random.Generator) -> _Scene:
    texts = sorted({item.text for item in heard.items})
    out = {text for text, draw in zip(texts, rng.random(len(texts)), strict=True) if draw < HELD_OUT}
    past = replace(heard, items=tuple(item for item in heard.items if item.text not in out))
    pool = [item for item in heard.items if item.text in out]
    every = sorted({(item.group, theme) for item in past.items for theme in item.read})
    counts, exposure = _counts(past.items, every, past)
    kept = np.flatnonzero(counts.mean(axis=1) >= RAREST)
    if not len(kept):
        raise TooLittleText
    scene = _Scene(past, tuple(every[row] for row in kept), counts[kept], exposure[kept], ())
    return replace(scene, bursts=tuple(_planted(scene, pool, bursts, rng)))


def _counts(items: Sequence[Item], names: Sequence[tuple[str, str]], heard: Heard) -> tuple[Numbers, Numbers]:
    """How often each theme was read in each service and week, and out of how many comments; (series, weeks) both."""
    rows = {name: row for row, name in enumerate(names)}
    counts = np.zeros((len(names), heard.weeks))
    size: dict[str, Numbers] = {group: np.zeros(heard.weeks) for group, _ in names}
    for item in items:
        if item.group in size:
            size[item.group][item.week] += 1
        for theme in item.read:
            if (row := rows.get((item.group, theme))) is not None:
                counts[row, item.week] += 1
    exposure = np.stack([size[group] for group, _ in names]) if heard.per_comment else np.ones(counts.shape)
    return counts, exposure


def _usual(scene: _Scene) -> Numbers:
    """What each series usually brings in each week (series, weeks): its share of comments, or the season's mean."""
    if scene.heard.per_comment:
        rate = scene.counts.sum(axis=1, keepdims=True) / scene.exposure.sum(axis=1, keepdims=True)
        share_of_all: Numbers = rate * scene.exposure
        return share_of_all
    of_year = np.arange(scene.heard.weeks) * 7 / 365.2425 % 1
    apart = np.abs(of_year[:, None] - of_year[None, :])
    near = np.minimum(apart, 1 - apart) <= (EITHER_WAY + 0.5) * 7 / 365.2425
    usual: Numbers = scene.counts @ near / near.sum(axis=0)
    return usual


def _planted(scene: _Scene, pool: Sequence[Item], bursts: int, rng: np.random.Generator) -> Iterator[_Burst]:
    """Bursts in series and weeks drawn by chance, half in often-heard series; redrawn where held-out text runs out."""
    usual = _usual(scene)
    frequent = scene.counts.mean(axis=1) >= OFTEN
    for factor in FACTORS:
        made, tried = 0, 0
        while made < bursts and tried < 50 * bursts:
            tried += 1
            among = np.flatnonzero(frequent == bool(made % 2))
            series = int(rng.choice(among if len(among) else len(frequent)))
            start = int(rng.integers(scene.heard.start, scene.heard.weeks - LASTS + 1))
            more = rng.poisson((factor - 1) * usual[series, start : start + LASTS])
            group, theme = scene.names[series]
            fitting = [item for item in pool if theme in item.true]
            if not 0 < more.sum() <= len(fitting):
                continue
            chosen = rng.choice(len(fitting), more.sum(), replace=False)
            weeks = np.repeat(np.arange(start, start + LASTS), more)
            added = (replace(fitting[at], week=int(week), group=group) for at, week in zip(chosen, weeks, strict=True))
            yield _Burst(series, start, factor, tuple(added))
            made += 1


def _dealt(scene: _Scene, rng: np.random.Generator) -> list[Item]:
    """The same comments with their readings dealt anew within each service: nothing happens at any time."""
    dealt: list[Item] = []
    for group in sorted({group for group, _ in scene.names}):
        items = [item for item in scene.heard.items if item.group == group]
        order = rng.permutation(len(items))
        dealt += [replace(item, read=items[other].read) for item, other in zip(items, order, strict=True)]
    return dealt


def _ours(scene: _Scene, shuffled: Sequence[Numbers]) -> _Scores:
    """The alerting detector reads the whole panel each time, as it does at work."""

    def rare(counts: Numbers, exposure: Numbers) -> Numbers:
        return rarity(read(Panel.of(counts, exposure)), "rise")[:, scene.heard.start :]

    past = rare(scene.counts, scene.exposure)
    calm = {AS_IT_WAS: past}
    if shuffled:
        calm[DEALT] = np.concatenate([rare(counts, scene.exposure) for counts in shuffled])
    planted = np.full((len(scene.bursts), past.shape[1]), -np.inf)
    for row, burst in enumerate(scene.bursts):
        until = burst.start + LASTS
        counts, exposure = _counts((*scene.heard.items, *burst.added), scene.names, scene.heard)
        scores = rare(counts[:, :until], exposure[:, :until])[burst.series]
        planted[row, : len(scores)] = scores
    return _Scores(calm, past, planted, LOWER)


def _theirs(
    scene: _Scene,
    peer: Callable[[Numbers, int], Numbers],
    shuffled: Sequence[Numbers],
    planted: Sequence[tuple[Numbers, Numbers]],
    rates: bool,
    fewest: int,
) -> _Scores:
    """A peer's scores of counts or rates; -inf where it cannot say, or where four weeks brought fewer than `fewest`."""

    def scored(parts: Sequence[tuple[Numbers, Numbers]]) -> Numbers:
        seen = np.concatenate([_as_peers_see(counts, exposure, rates) for counts, exposure in parts])
        able = enough(np.concatenate([counts for counts, _ in parts]), Farrington(fewest=fewest))
        scores = np.nan_to_num(peer(seen, scene.heard.start), nan=-np.inf)
        return np.where(able[:, scene.heard.start :], scores, -np.inf)

    past = scored([(scene.counts, scene.exposure)])
    calm = {AS_IT_WAS: past}
    if shuffled:
        calm[DEALT] = scored([(counts, scene.exposure) for counts in shuffled])
    return _Scores(calm, past, scored(planted), 0.0)


def _as_peers_see(counts: Numbers, exposure: Numbers, rates: bool) -> Numbers:
    """Counts, or what they would be if every week brought as many comments; a week without any is a usual one."""
    if not rates:
        return counts
    usual = counts.sum(axis=1, keepdims=True) / exposure.sum(axis=1, keepdims=True)
    shares = np.where(exposure > 0, counts / np.maximum(exposure, 1), usual)
    even: Numbers = shares * exposure.mean(axis=1, keepdims=True)
    return even


def _score_cells(scene: _Scene, name: str, scores: _Scores) -> Iterator[Found]:
    """Set the threshold on each kind of calm series; nothing where the history is too short to say anything."""
    for calm, quiet in scores.calm.items():
        if np.isfinite(quiet).any():
            threshold, rate = calibrate(quiet, scores.lower)
            past = float(_begun(scores.past, threshold, scores.lower).mean()) * 365.2425 / 7
            cell = Found(scene.heard.name, calm, name, 0, False, 0, 0, 0, None, round(rate, 3), round(past, 3))
            yield from _kinds(scene, cell, _delays(scene, scores, threshold))


def _kinds(scene: _Scene, cell: Found, delays: Numbers) -> Iterator[Found]:
    """One cell for each factor and for series heard seldom and often."""
    often = scene.counts.mean(axis=1) >= OFTEN
    for factor in FACTORS:
        for is_often in (False, True):
            kind = np.array([bool(often[b.series]) == is_often and b.factor == factor for b in scene.bursts])
            if kind.any():
                these = delays[kind]
                median = float(np.median(these))
                yield replace(
                    cell, factor=factor, often=is_often, bursts=len(these), within_4=share(these, 4),
                    within_8=share(these, LASTS), median_weeks=None if median > LASTS else int(np.ceil(median)),
                )  # fmt: skip


def _begun(scores: Numbers, threshold: float, lower: float) -> npt.NDArray[np.bool_]:
    return beginnings(scores, threshold, np.ones(scores.shape, dtype=bool), lower)


def _delays(scene: _Scene, scores: _Scores, threshold: float) -> Numbers:
    """The week, from 1, of each burst's first new alarm; one more than it lasts where there is none.

    An alarm that already stands when a burst begins finds nothing: nobody would learn anything new from it.
    """
    begun = _begun(scores.planted, threshold, scores.lower)
    delays = []
    for row, burst in enumerate(scene.bursts):
        first = burst.start - scene.heard.start
        weeks = begun[row, first : first + LASTS]
        delays.append(weeks.argmax() + 1.0 if weeks.any() else LASTS + 1.0)
    return np.array(delays)
