"""What the detectors that others use make of weekly counts: a score for each week, the higher the stranger. Pure.

Each is given what serves it best, and its threshold is set afterwards so that all raise as many false alarms. Scores
are (series, weeks from `start`); arrays of counts (series, weeks) begin three years before `start`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from earshot.signals.bounds import Numbers
from earshot.signals.ears import Ears, c2
from earshot.signals.farrington import Farrington, watch

LEAST_SD = 0.5  # EARS: seven quiet weeks would else make any comment an alarm, at any threshold
WARM_WEEKS = 26  # the CUSUM has been running for so long when it is first looked at
DOUBLING = 2.0


def xmr(counts: Numbers, start: int) -> Numbers:
    """XmR, weekly: how far above the mean of all weeks before `start`, in mean moving ranges."""
    before = counts[:, :start]
    ranges = np.abs(np.diff(before, axis=1)).mean(axis=1, keepdims=True)
    score: Numbers = (counts[:, start:] - before.mean(axis=1, keepdims=True)) / np.maximum(ranges, 1e-9)
    return score


def ears(counts: Numbers, start: int) -> Numbers:
    """EARS C2: how far above the mean of seven weeks that end three weeks before, in their standard deviations."""
    rules = Ears(min_sigma=LEAST_SD)
    bounds = c2(counts, rules)
    sd = (bounds.upper - bounds.expected) / rules.z
    score: Numbers = ((counts - bounds.expected) / sd)[:, start:]
    return score


def farrington(counts: Numbers, start: int) -> Numbers:
    """Farrington flexible with three years: how unlikely a count so high is, as minus the logarithm of its chance."""
    bounds = watch(counts, range(start, counts.shape[1]), Farrington(years=3, fewest=0))
    score: Numbers = -np.log(np.maximum(bounds.chance, 1e-300))
    return score


def poisson_cusum(counts: Numbers, start: int) -> Numbers:
    """A plain Poisson CUSUM made for doublings, against the mean of all weeks before `start`."""
    usual = np.maximum(counts[:, :start].mean(axis=1), 1e-9)
    total = np.zeros(len(counts))
    scores = []
    for week in range(start - WARM_WEEKS, counts.shape[1]):
        total = np.maximum(0, total + counts[:, week] * np.log(DOUBLING) - usual * (DOUBLING - 1))
        scores.append(total)
    return np.stack(scores[WARM_WEEKS:], axis=1)


PEERS: dict[str, Callable[[Numbers, int], Numbers]] = {
    "XmR weekly": xmr,
    "EARS C2": ears,
    "Farrington flexible": farrington,
    "Poisson CUSUM": poisson_cusum,
}
