"""How often evidence reaches a level by chance: a smooth surface over what is expected, its scatter and its certainty.

The logarithm of the rate is a polynomial in the level of evidence, whose coefficients each are a sum of straight-line
pieces in the logarithms of the expected count, of the spread, and of how uncertain the usual rate is for that count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.signals.bounds import Numbers

EXPECTED_KNOTS = np.log([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 8, 20, 60])
SPREAD_KNOTS = np.array([0, 0.015, 0.05, 0.12, 0.25, 0.45, 0.8, 1.5])
CERTAINTY_KNOTS = np.array([-2.2, -1.5, -1.1, -0.7, -0.2])
#: Levels between which the surface was fitted; above, the logarithm falls on in a straight line.
LOWEST, HIGHEST, TAIL = -1.0, 7.0, -0.8
STEP = 0.25
_MIDDLE, _SCALE, _POWERS = 3.0, 4.0, 5
_GRID = np.arange(LOWEST, HIGHEST + STEP / 2, STEP)


def features(expected: npt.ArrayLike, spread: npt.ArrayLike, sd: npt.ArrayLike) -> Numbers:
    """The features of series (n,) as (n, 35): counts a week, variance over mean, log-scale sd of the usual rate."""
    size = np.log(np.maximum(np.asarray(expected, dtype=np.float64), 1e-9)).clip(EXPECTED_KNOTS[0], EXPECTED_KNOTS[-1])
    scatter = np.log(np.asarray(spread, dtype=np.float64)).clip(0, SPREAD_KNOTS[-1])
    certainty = np.log(sd) + (size - scatter) / 2  # about half the logarithm of 1 / weeks learnt
    certainty = certainty.clip(CERTAINTY_KNOTS[0], CERTAINTY_KNOTS[-1])
    sizes = _hats(size, EXPECTED_KNOTS)
    return np.column_stack(
        [
            sizes,
            _hats(scatter, SPREAD_KNOTS)[:, 1:],
            _hats(certainty, CERTAINTY_KNOTS)[:, 1:],
            sizes * scatter[:, None],
            size * certainty,
            scatter * certainty,
        ]
    )


def powers(level: npt.ArrayLike) -> Numbers:
    """The powers 0 to 4 of a level of evidence, (..., 5), centred so that they are of like size."""
    centred = (np.clip(level, LOWEST, HIGHEST) - _MIDDLE) / _SCALE
    return np.stack([centred**power for power in range(_POWERS)], axis=-1)


def _hats(values: Numbers, knots: Numbers) -> Numbers:
    """The share of each knot in straight lines drawn from knot to knot, (n, knots)."""
    return np.stack([np.interp(values, knots, row) for row in np.eye(knots.size)], axis=-1)


@dataclass(frozen=True, eq=False)
class Surface:
    """The fitted surface; `coefficients` are (features, powers)."""

    coefficients: Numbers

    def log_rate(self, found: Numbers, level: Numbers) -> Numbers:
        """The log rate of new chance alarms a week for features (n, 35), at levels (n,), or at a higher one if more."""
        curve, rows = self._curve(found), np.arange(len(found))
        place = np.clip((level - LOWEST) / STEP, 0, _GRID.size - 1)
        index = np.minimum(place.astype(int), _GRID.size - 2)
        left, right = curve[rows, index], curve[rows, index + 1]
        rate: Numbers = left + (place - index) * (right - left) + TAIL * np.maximum(level - HIGHEST, 0)
        return rate

    def level(self, found: Numbers, log_rate: float) -> Numbers:
        """The lowest level of evidence, (n,), from which on chance raises no more alarms than a log rate allows.

        Alarms that stand cannot begin again, so there is a most that chance can raise; where that is less than is
        allowed, it is the level with most.
        """
        curve, rows = self._curve(found), np.arange(len(found))
        above = (curve > log_rate).sum(axis=1)
        index = above.clip(1, _GRID.size - 1)
        left, right = curve[rows, index - 1], curve[rows, index]
        share = ((left - log_rate) / np.maximum(left - right, 1e-9)).clip(0, 1)
        beyond = HIGHEST + (log_rate - curve[:, -1]) / TAIL
        most = _GRID[_GRID.size - 1 - curve[:, ::-1].argmax(axis=1)]
        inside = _GRID[index - 1] + share * STEP
        solved: Numbers = np.where(above == _GRID.size, beyond, np.where(above == 0, most, inside))
        return solved

    def _curve(self, found: Numbers) -> Numbers:
        """The log rate at each level of the grid or above it, (n, levels): it never rises with the level."""
        rates = (found @ self.coefficients) @ powers(_GRID).T
        curve: Numbers = np.maximum.accumulate(rates[:, ::-1], axis=1)[:, ::-1]
        return curve


def fit(found: Numbers, weeks: Numbers, levels: Numbers, begun: Numbers, *, ridge: float = 3.0) -> Surface:
    """Fit the surface to how many alarms began, (n, levels), in so many weeks (n,): a Poisson regression with ridge."""
    design = np.einsum("nf,lp->nlfp", found, powers(levels)).reshape(begun.size, -1)
    usual, heard = np.repeat(np.log(weeks), levels.size), begun.ravel()
    start = np.zeros((found.shape[1], _POWERS))
    start[: EXPECTED_KNOTS.size, 0] = np.log(begun.mean() * levels.size / weeks.mean() / levels.size)
    beta = start.ravel()
    for _ in range(100):
        mean = np.exp(np.clip(design @ beta + usual, -30, 30))
        slope = design.T @ (heard - mean) - ridge * (beta - start.ravel())
        curvature = (design * mean[:, None]).T @ design + ridge * np.eye(beta.size)
        step = np.linalg.solve(curvature, slope)
        step *= min(1, 2 / np.abs(step).max())
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    return Surface(beta.reshape(start.shape))
