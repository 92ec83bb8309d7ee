"""Fit log-linear trends with seasonal levels to many series at once: quasi-Poisson regression in closed form. Pure.

The model is log mu = level of the week's season + slope × time, with Var(y) = phi × mu. Its only covariate next to the
levels is time, so the levels can be worked out from the slope, and the slope alone is sought by Newton's method on the
profile likelihood (McCullagh, Nelder, "Generalized Linear Models", 2nd ed. 1989, sections 2.5 and 7.2: the fit of the
iteratively reweighted least squares, without a matrix). Information, leverage and errors then have the form of an
analysis of covariance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtr

from earshot.signals.bounds import Numbers, Unwatchable, Weeks

MOST_STEPS = 40
LONGEST_STEP = 2.0  # in log counts over the half span of the weeks
NEAR_ENOUGH = 1e-10

Errors = Literal["pearson", "relative"]
"""What errors come from: "pearson", the squares (y - mu)² / mu, as the papers have it; or "relative", the squares
((y - mu) / mu)², which R's farringtonFlexible uses by a slip of its code and which makes them too small."""


@dataclass(frozen=True, eq=False)
class Design:
    """The weeks that a fit is made of, the same for all series.

    `time` (weeks,) is in weeks and 0 in the week that is watched; `season` (weeks,) names the level of each week,
    0 to `seasons` - 1, and 0 is the level of the week that is watched. Raises Unwatchable where a level has no week, or
    where there are not more weeks than numbers to fit.
    """

    time: Numbers
    season: Weeks
    seasons: int

    def __post_init__(self) -> None:
        if len(self.time) <= self.seasons + 1 or len(np.unique(self.season)) != self.seasons:
            raise Unwatchable("counts", "there are too few weeks for so many seasons.")

    @property
    def membership(self) -> Numbers:
        """1 where a week has a level, else 0; shape (weeks, seasons)."""
        return np.asarray(self.season[:, None] == np.arange(self.seasons), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Fit:
    """One fit for each of n series, and what it says about the week that is watched.

    `fitted` and `leverage` have the shape (n, weeks). The others have the shape (n,): `expected` in counts a week,
    `error` its standard error in counts a week, `dispersion` phi (1 or more), `slope` in log counts a week and
    `slope_chance` the two-sided p-value of its t-test (1 without a trend).
    """

    fitted: Numbers
    leverage: Numbers
    expected: Numbers
    error: Numbers
    dispersion: Numbers
    slope: Numbers
    slope_chance: Numbers


def fit(
    counts: Numbers, design: Design, *, weights: Numbers | None = None, trend: bool = True, errors: Errors = "pearson"
) -> Fit:
    """Fit counts of shape (n, weeks), each week weighted by `weights` (n, weeks), 1 by default.

    `errors` says what the errors of slope and expected count are worked out from; see `Errors`.
    """
    w = np.ones_like(counts) if weights is None else weights
    scale = max(float(np.ptp(design.time)) / 2, 1.0)
    time = design.time / scale  # near 1, so that one length of step suits all
    slope = _slope(counts, w, time, design) if trend else np.zeros(len(counts))
    level, fitted = _levels(counts, w, np.exp(slope[:, None] * time), design)
    centred, heft, spread, middle = _information(w * fitted, time, design)
    free = len(design.time) - design.seasons - int(trend)
    raw = (w * _squares(counts, fitted, fitted, empty=0.0)).sum(axis=1) / free
    phi = np.maximum(raw, 1.0)
    noise, test_noise = phi, raw
    if errors == "relative":
        noise = test_noise = (w * _squares(counts, fitted, fitted**2, empty=1.0)).sum(axis=1) / free
    along = centred**2 * _inverse(spread)[:, None] if trend else np.zeros_like(fitted)
    variance = _inverse(heft[:, 0]) + (middle[:, 0] ** 2 * _inverse(spread) if trend else 0.0)
    return Fit(
        fitted=fitted,
        leverage=np.clip(w * fitted * (_inverse(heft)[:, design.season] + along), 0.0, 1.0),
        expected=level[:, 0],
        error=level[:, 0] * np.sqrt(noise * variance),
        dispersion=phi,
        slope=slope / scale,
        slope_chance=_chance(slope, test_noise * _inverse(spread), free) if trend else np.ones(len(counts)),
    )


def _slope(counts: Numbers, w: Numbers, time: Numbers, design: Design) -> Numbers:
    """Seek the slope of each series, shape (n,); it stays 0 where there is nothing to learn it from."""
    slope = np.zeros(len(counts))
    for _ in range(MOST_STEPS):
        _, fitted = _levels(counts, w, np.exp(slope[:, None] * time), design)
        _, _, spread, _ = _information(w * fitted, time, design)
        step = ((w * (counts - fitted)) @ time) * _inverse(spread)
        slope += np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max(initial=0.0) < NEAR_ENOUGH:
            break
    return slope


def _levels(counts: Numbers, w: Numbers, growth: Numbers, design: Design) -> tuple[Numbers, Numbers]:
    """Work out each season's level in the watched week (n, seasons) and the fitted counts (n, weeks), given growth."""
    level = (w * counts) @ design.membership / ((w * growth) @ design.membership)
    return level, level[:, design.season] * growth


def _information(heft: Numbers, time: Numbers, design: Design) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Sum the weight of what was fitted: time from its season's middle, and the seasons' sums, spread and middles."""
    sums = heft @ design.membership
    middle = ((heft * time) @ design.membership) * _inverse(sums)
    centred = time - middle[:, design.season]
    return centred, sums, (heft * centred**2).sum(axis=1), middle


def _squares(counts: Numbers, fitted: Numbers, by: Numbers, *, empty: float) -> Numbers:
    return np.divide((counts - fitted) ** 2, by, out=np.full_like(fitted, empty), where=by > 0)


def _inverse(values: Numbers) -> Numbers:
    # A season without any comment tells nothing: its share of the variance is multiplied by a fitted count of 0.
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 1e-12)


def _chance(slope: Numbers, variance: Numbers, free: int) -> Numbers:
    t = np.divide(np.abs(slope), np.sqrt(variance), out=np.zeros_like(slope), where=variance > 0)
    return np.asarray(np.clip(2 * stdtr(free, -t), 0.0, 1.0), dtype=np.float64)
