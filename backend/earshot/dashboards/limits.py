"""Funnel limits: which units differ from all together by more than chance. Pure.

Exact binomial limits with interpolation, as in Spiegelhalter, "Funnel plots for comparing institutional performance",
Statistics in Medicine 2005;24:1185-1202, section A.1.1: for a unit with n answers and an overall share p, the limit at
q is (r - a) / n with r the least count at which the binomial distribution reaches q, and
a = (F(r) - q) / (F(r) - F(r - 1)). The 95 % limits are at q = 0.025 and 0.975, the 99.8 % limits at 0.001 and 0.999.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from earshot.dashboards.model import FunnelLimit, Where
from earshot.measures.disclosure import ROUNDED_TO

_QUANTILES = (0.025, 0.975, 0.001, 0.999)
_DRAWN = 40  # numbers of answers at which limits are worked out; between them a line is straight enough
_SLACK = ROUNDED_TO // 2  # by how much a protected count may differ from the real one
_WINSORISED = 0.1  # of the units at each end, so that a few real outliers do not make all look spread
OVERDISPERSED = 1.5


def limits(n: int, overall: float) -> FunnelLimit:
    """The limits in per cent for a unit with `n` answers (at least 1), where `overall` per cent is the share of all."""
    low95, high95, low998, high998 = _limits(n, round(min(max(overall, 0.0), 100.0), 3))
    return FunnelLimit(n, low95, high95, low998, high998)


def curve(ns: Sequence[int], overall: float) -> tuple[FunnelLimit, ...]:
    """The limits from the least to the most answers of some units, to be drawn as four lines."""
    if not ns:
        return ()
    low, high = max(1, min(ns)), max(ns)
    drawn = sorted({round(low + (high - low) * (step / _DRAWN) ** 2) for step in range(_DRAWN + 1)})
    return tuple(limits(n, overall) for n in drawn)


def where(part: int | None, whole: int | None, overall: float | None) -> Where:
    """Where a unit lies among the limits, from protected counts.

    Rounding must not make anybody stand out: a unit is outside only where it would be with every count that the two
    protected numbers may stand for.
    """
    if part is None or not whole or overall is None:
        return "too_few"
    least = 100 * max(0, part - _SLACK) / (whole + _SLACK)
    most = 100 * min(1.0, (part + _SLACK) / max(1, whole - _SLACK))
    found = limits(whole, overall)
    if least > found.high95:
        return "above_998" if least > found.high998 else "above_95"
    if most < found.low95:
        return "below_998" if most < found.low998 else "below_95"
    return "inside"


def spread(pairs: Sequence[tuple[int, int]], overall: float) -> float:
    """How much more units differ than chance alone explains: 1 for chance, from (part, whole) of each.

    The mean square of the standardised differences, winsorised at 10 %, as in section 3.3 of the source above.
    """
    p = overall / 100
    if len(pairs) < 2 or not 0 < p < 1:
        return 1.0
    z = np.sort([(part / whole - p) / math.sqrt(p * (1 - p) / whole) for part, whole in pairs])
    edge = int(_WINSORISED * len(z))
    z = np.clip(z, z[edge], z[len(z) - 1 - edge])
    return float(np.mean(z**2))


@lru_cache(maxsize=4096)
def _limits(n: int, overall: float) -> tuple[float, ...]:
    p = overall / 100
    if p in (0.0, 1.0):
        return (overall,) * len(_QUANTILES)
    first, mass = _masses(n, p)
    reached = np.cumsum(mass)
    return tuple(round(100 * _limit(first, mass, reached, q) / n, 2) for q in _QUANTILES)


def _limit(first: int, mass: np.ndarray, reached: np.ndarray, q: float) -> float:
    place = min(int(np.searchsorted(reached, q)), len(mass) - 1)
    back = (reached[place] - q) / mass[place] if mass[place] > 0 else 0.0
    return max(0.0, first + place - float(back))


def _masses(n: int, p: float) -> tuple[int, np.ndarray]:
    """The binomial distribution where it is not nothing: from which count, and the chance of each."""
    width = 8 * math.sqrt(n * p * (1 - p)) + 12
    first, last = max(0, math.floor(n * p - width)), min(n, math.ceil(n * p + width))
    counts = np.arange(first, last + 1)
    steps = np.log((n - counts[:-1]) / (counts[:-1] + 1.0)) + math.log(p / (1 - p))
    start = math.lgamma(n + 1) - math.lgamma(first + 1) - math.lgamma(n - first + 1)
    start += first * math.log(p) + (n - first) * math.log1p(-p)
    return first, np.exp(start + np.concatenate(([0.0], np.cumsum(steps))))
