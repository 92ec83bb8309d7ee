"""Hear that a theme is told more often by one group of people than by others, beyond chance and honest about few. Pure.

A group is compared with everybody else in the same place and time (a stratum), so that a group that mostly meets one
ward is not blamed or excused for that ward. Chance is the exact conditional test of several 2×2 tables (the
hypergeometric distributions of all strata, added up; Gart 1970), p-values are the mid-p, and the share of false
findings among all that are shown is held by Benjamini and Hochberg's procedure (1995). The ratio is drawn towards "no
difference" by a gamma prior, the more so the fewer were expected, so that three comments never make a headline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import gamma, hypergeom

from earshot.signals.bounds import Numbers, Unwatchable

#: Fewest people of a group that must have been heard, and fewest tellings of a theme in all, to compare at all.
FEWEST_HEARD = 20
FEWEST_TOLD = 5
FALSE_SHARE = 0.1
#: Ratios are believed to lie around one as a gamma distribution of this shape: two in three within 0.65 and 1.35.
PRIOR = 8.0


@dataclass(frozen=True)
class Difference:
    """How often one group tells of one theme, against what others in the same places and times would lead to expect.

    `told` of the group's `heard` comments were about it, where `expected` would be if there were no difference.
    `ratio` is shrunk, with its 95 % interval. `chance` is the two-sided mid-p-value; `false_share` the share of
    findings at least this clear that is expected to be wrong (the q-value). `beyond_chance` says whether it is shown,
    `too_few` that no answer would be honest: then there is neither chance nor ratio.
    """

    group: int
    theme: int
    told: int
    heard: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None
    chance: float | None
    false_share: float | None
    beyond_chance: bool

    @property
    def too_few(self) -> bool:
        """Whether too few were heard to compare."""
        return self.chance is None


def differences(told: npt.ArrayLike, heard: npt.ArrayLike, *, false_share: float = FALSE_SHARE) -> list[Difference]:
    """Compare every group with everybody else, theme by theme.

    `told` holds comments about a theme as (groups, themes, strata), `heard` all comments as (groups, strata); groups
    are told apart by one trait (age bands, say) and together hold everybody. Raises Unwatchable when shapes differ or
    a theme is told more often than anything.
    """
    counts, total = np.asarray(told, dtype=np.int64), np.asarray(heard, dtype=np.int64)
    if counts.ndim != 3 or total.shape != (counts.shape[0], counts.shape[2]):
        raise Unwatchable("told", "give (groups, themes, strata) and (groups, strata).")
    if (counts < 0).any() or (counts > total[:, None, :]).any():
        raise Unwatchable("told", "a theme cannot be told more often than comments were heard.")
    own, expected = counts.sum(axis=2), expectations(counts, total)
    enough = (total.sum(axis=1) >= FEWEST_HEARD)[:, None] & (counts.sum(axis=(0, 2)) >= FEWEST_TOLD)[None, :]
    enough &= expected > 0
    chances = np.full(own.shape, np.nan)
    for group, theme in np.argwhere(enough):
        chances[group, theme] = mid_p(counts[:, theme], total, int(group))
    wrong = q_values(chances)
    return [
        _difference(group, theme, int(own[group, theme]), total, expected, chances, wrong, false_share)
        for group in range(own.shape[0])
        for theme in range(own.shape[1])
    ]


def expectations(told: npt.NDArray[np.int64], heard: npt.NDArray[np.int64]) -> Numbers:
    """How many of each group would tell of each theme if it were like everybody in its strata, (groups, themes)."""
    rate = told.sum(axis=0) / np.maximum(heard.sum(axis=0), 1)
    expected: Numbers = np.einsum("ts,gs->gt", rate, heard)
    return expected


def mid_p(told: npt.NDArray[np.int64], heard: npt.NDArray[np.int64], group: int) -> float:
    """The two-sided mid-p-value of one group's tellings, exact given each stratum's totals; arrays (groups, strata)."""
    distribution, lowest = np.ones(1), 0
    for stratum in range(heard.shape[1]):
        everybody, about, own = int(heard[:, stratum].sum()), int(told[:, stratum].sum()), int(heard[group, stratum])
        if about == 0 or own == 0:
            continue  # nothing of theirs can be told here, whatever chance does
        least, most = max(0, about + own - everybody), min(about, own)
        pieces = hypergeom.pmf(np.arange(least, most + 1), everybody, about, own)
        distribution, lowest = np.convolve(distribution, pieces), lowest + least
    at = int(told[group].sum()) - lowest
    above, below = distribution[at + 1 :].sum(), distribution[:at].sum()
    return float(min(1.0, 2 * (min(above, below) + distribution[at] / 2)))


def q_values(chances: Numbers) -> Numbers:
    """Benjamini and Hochberg's share of false findings at each p-value; NaN stays NaN. Any shape."""
    flat = chances.ravel()
    known = np.flatnonzero(~np.isnan(flat))
    order = known[np.argsort(flat[known])]
    raw = flat[order] * order.size / np.arange(1, order.size + 1)
    found = np.full(flat.shape, np.nan)
    found[order] = np.minimum.accumulate(raw[::-1])[::-1]
    return found.reshape(chances.shape).clip(max=1.0)


def _difference(
    group: int,
    theme: int,
    told: int,
    heard: npt.NDArray[np.int64],
    expected: Numbers,
    chances: Numbers,
    wrong: Numbers,
    false_share: float,
) -> Difference:
    usual, chance, q = float(expected[group, theme]), float(chances[group, theme]), float(wrong[group, theme])
    answers = int(heard[group].sum())
    if np.isnan(chance):
        return Difference(group, theme, told, answers, usual, None, None, None, None, None, False)
    after = gamma(told + PRIOR, scale=1 / (usual + PRIOR))
    low, high = (float(edge) for edge in after.ppf([0.025, 0.975]))
    return Difference(
        group, theme, told, answers, usual, (told + PRIOR) / (usual + PRIOR), low, high, chance, q, q <= false_share
    )
