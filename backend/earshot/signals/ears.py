"""Find jumps in short weekly counts with EARS C1, C2 and C3, which need seven to eleven weeks of history. Pure.

Sources: Hutwagner, Thompson, Seeman, Treadwell, "The bioterrorism preparedness and response Early Aberration Reporting
System (EARS)", J Urban Health 2003;80(2 Suppl 1):i89-i96, pages i91-i92; Fricker, Hegler, Dunfee, "Comparing syndromic
surveillance detection methods", Stat Med 2008;27:3407-3429, section 2.1. EARS counts days; here one step is one week.

**C3 has two readings.** The manual of R's `surveillance` (earsC) prints U = mean + sd × (z - earlier excesses), but its
code puts the week's own count in the place of the mean, so that the week itself can never raise the alarm, only the two
before it. Earshot follows the printed formula; `centre="count"` gives what R computes, for comparison with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from earshot.signals.bounds import Bounds, Numbers, Unwatchable, as_counts, exceedance

SHORTEST_BASELINE = 3
GAP = 2  # C2 and C3 leave out the two weeks before, so that the start of a rise does not hide its end


@dataclass(frozen=True)
class Ears:
    """How to watch: `alpha` is the chance of a false alarm that sets the bound, if counts were normal.

    `baseline` is how many weeks the mean and the standard deviation come from; `min_sigma` is the least standard
    deviation in counts a week. Raises Unwatchable when a setting makes no sense.
    """

    alpha: float = 0.001
    baseline: int = 7
    min_sigma: float = 0.0

    def __post_init__(self) -> None:
        if self.baseline < SHORTEST_BASELINE:
            raise Unwatchable("baseline", "use at least 3 weeks.")
        if not self.min_sigma >= 0:
            raise Unwatchable("min_sigma", "use 0 or more.")
        if not 0 < self.alpha < 1:
            raise Unwatchable("alpha", "use a chance between 0 and 1.")

    @property
    def z(self) -> float:
        """The one-sided point of the normal distribution: 3.09 for an alpha of 0.001."""
        return float(-ndtri(self.alpha))


def c1(counts: npt.ArrayLike, rules: Ears | None = None) -> Bounds:
    """Watch each week against the `baseline` weeks just before it: alarm where y > mean + z × sd.

    Counts have the shape (..., weeks); the bounds have the same, NaN in the first `baseline` weeks.
    Raises Unwatchable when there is no week with a whole baseline.
    """
    return _shewhart(as_counts(counts), rules or Ears(), gap=0)


def c2(counts: npt.ArrayLike, rules: Ears | None = None) -> Bounds:
    """Watch each week as C1 does, but against a baseline that ends three weeks before it.

    The bounds are NaN in the first `baseline` + 2 weeks. Raises Unwatchable as `c1` does.
    """
    return _shewhart(as_counts(counts), rules or Ears(), gap=GAP)


def c3(
    counts: npt.ArrayLike, rules: Ears | None = None, *, centre: Literal["baseline", "count"] = "baseline"
) -> Bounds:
    """Watch three weeks together: U = mean + sd × (z - max(0, C2 of last week - 1) - max(0, C2 two weeks ago - 1)).

    C2 of a week is (y - mean) / sd, with C2's baseline. The bounds are NaN in the first `baseline` + 4 weeks. See the
    head of this file for `centre`. Raises Unwatchable as `c1` does.
    """
    values, rules = as_counts(counts), rules or Ears()
    mean, sigma = _baseline(values, rules, GAP, first=rules.baseline + 2 * GAP)
    excess = np.maximum(_standardised(values, mean, sigma) - 1, 0)
    before = np.full_like(values, np.nan)
    before[..., 2:] = excess[..., 1:-1] + excess[..., :-2]
    middle = mean if centre == "baseline" else np.where(np.isnan(mean), np.nan, values)
    with np.errstate(invalid="ignore"):
        upper = middle + np.where(sigma > 0, sigma * (rules.z - before), 0 * before)
    return _bounds(values, np.where(np.isnan(upper), np.nan, mean), upper)


def _shewhart(values: Numbers, rules: Ears, gap: int) -> Bounds:
    mean, sigma = _baseline(values, rules, gap, first=rules.baseline + gap)
    return _bounds(values, mean, mean + rules.z * sigma)


def _baseline(values: Numbers, rules: Ears, gap: int, *, first: int) -> tuple[Numbers, Numbers]:
    """Work out mean and standard deviation (n - 1) of the weeks t-gap-baseline to t-gap-1; NaN for the first weeks."""
    weeks = values.shape[-1]
    if weeks <= first:
        raise Unwatchable("counts", f"there are {weeks} weeks; this needs at least {first + 1}.")
    n, start = rules.baseline, rules.baseline + gap
    total, squares = _sums(values, n, weeks - start), _sums(values**2, n, weeks - start)
    variance = np.maximum(n * squares - total**2, 0) / (n * (n - 1))  # whole counts make this exact: 0 is 0
    mean, sigma = np.full_like(values, np.nan), np.full_like(values, np.nan)
    mean[..., start:] = total / n
    sigma[..., start:] = np.maximum(np.sqrt(variance), rules.min_sigma)
    return mean, sigma


def _sums(values: Numbers, length: int, windows: int) -> Numbers:
    """Add up the first `windows` windows of `length` weeks."""
    before = np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(values, axis=-1)], axis=-1)
    return np.asarray(before[..., length : length + windows] - before[..., :windows], dtype=np.float64)


def _standardised(values: Numbers, mean: Numbers, sigma: Numbers) -> Numbers:
    # Any rise above a baseline that never changed is endlessly many standard deviations; as many counts are none.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(values == mean, 0.0, (values - mean) / sigma), dtype=np.float64)


def _bounds(values: Numbers, mean: Numbers, upper: Numbers) -> Bounds:
    alarm = (values > upper) & (values > 0)
    return Bounds(mean, upper, exceedance(values, mean, upper), np.full_like(values, np.nan), alarm)
