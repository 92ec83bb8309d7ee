"""Find outbreaks as public health agencies do: Farrington's method and its flexible successor. Pure.

Sources: Farrington, Andrews, Beale, Catchpole, "A statistical algorithm for the early detection of outbreaks of
infectious disease", J R Stat Soc A 1996;159:547-563 (model and trend 3.2-3.4, weights 3.5, threshold 3.6, few cases
3.7); Noufaily, Enki, Farrington, Garthwaite, Andrews, Charlett, "An improved algorithm for outbreak detection in
multiple surveillance systems", Stat Med 2013;32:1206-1222 (seasons, weights above 2.58, negative binomial threshold);
Salmon, Schumacher, Höhle, "Monitoring count time series in R", J Stat Softw 2016;70(10), section 3.1. Results equal
those of `farrington` and `farringtonFlexible` in R's `surveillance`; this was written from the papers.

Weeks are counted from 0. Counts have the shape (..., weeks), the oldest week first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import nbinom, poisson

from earshot.signals.bounds import Bound, Bounds, Flags, Numbers, Unwatchable, Weeks, as_counts, exceedance
from earshot.signals.quasipoisson import Design, Errors, Fit, fit

Threshold = Literal["delta", "nbPlugin", "muan"]
WEEKS_A_YEAR = 52
FEWEST_YEARS_FOR_A_TREND = 3


@dataclass(frozen=True)
class Farrington:
    """How to watch one week; the defaults are those of Noufaily et al. 2013.

    `years` of history are used, in `seasons` levels a year of which the first is the weeks at most `half_width` from
    the date in each year (1: only those weeks are used); the last `left_out` weeks are not. Weeks whose Anscombe
    residual is above `outlying` count less (None: all count alike). A trend is kept when its p-value is below
    `trend_chance` (None: no trend), three years are used and it expects no more than was ever seen. `alpha` is the
    chance of a false alarm; `two_sided` halves it. `threshold` is "delta" (a normal distribution of counts to the
    `power`), "nbPlugin" (negative binomial) or "muan" (the same at the upper end of what may be expected). There is
    no alarm with fewer than `fewest` comments in the last `recent` weeks. `errors` is explained in quasipoisson.py.
    Raises Unwatchable for what makes no sense.
    """

    years: int = 5
    half_width: int = 3
    seasons: int = 10
    left_out: int = 26
    outlying: float | None = 2.58
    trend_chance: float | None = 1.0
    alpha: float = 0.005
    two_sided: bool = False
    threshold: Threshold = "nbPlugin"
    power: float = 2 / 3
    errors: Errors = "pearson"
    fewest: int = 5
    recent: int = 4

    def __post_init__(self) -> None:
        if self.years < 1 or self.half_width < 0 or self.seasons < 1:
            raise Unwatchable("years", "use at least 1 year, a half width of 0 or more and 1 season.")
        if self.left_out < 0 or self.recent < 1:
            raise Unwatchable("left_out", "leave out 0 or more weeks, and look at 1 recent week or more.")
        if not 0 < self.power <= 1:
            raise Unwatchable("power", "use a power above 0, and 1 at most.")
        if not 0 < self.alpha < 1:
            raise Unwatchable("alpha", "use a chance between 0 and 1.")

    @property
    def z(self) -> float:
        """The point of the normal distribution that `alpha` names."""
        return float(-ndtri(self.alpha / 2 if self.two_sided else self.alpha))


FLEXIBLE = Farrington()
ORIGINAL = Farrington(
    seasons=1, left_out=3, outlying=1.0, trend_chance=0.05, alpha=0.01, two_sided=True, threshold="delta"
)


def farrington(
    counts: npt.ArrayLike, week: int, rules: Farrington = ORIGINAL, *, first_day: date | None = None
) -> Bound:
    """Judge one week (counted from 0) of one series by Farrington et al. 1996, or by other rules.

    `first_day` is the first day of week 0: with it, "the same week a year ago" goes by the calendar; without, it is
    52 weeks. Raises Unwatchable where the history is too short.
    """
    values = as_counts(counts)
    if values.ndim != 1 or not 0 <= week < len(values):
        raise Unwatchable("week", "use one series, and the number of one of its weeks, counted from 0.")
    found = watch(values, [week], rules, first_day=first_day)
    if np.isnan(found.upper[0]):
        raise Unwatchable("counts", f"week {week} has fewer than {rules.years} years of weeks before it.")
    expected, upper, score, chance = (
        float(part[0]) for part in (found.expected, found.upper, found.score, found.chance)
    )
    return Bound(float(values[week]), expected, upper, score, chance, bool(found.alarm[0]))


def farrington_flexible(
    counts: npt.ArrayLike, week: int, rules: Farrington = FLEXIBLE, *, first_day: date | None = None
) -> Bound:
    """Judge one week (counted from 0) of one series by Noufaily et al. 2013; see `farrington`."""
    return farrington(counts, week, rules, first_day=first_day)


def watch(
    counts: npt.ArrayLike,
    weeks: Iterable[int] | None = None,
    rules: Farrington = FLEXIBLE,
    *,
    first_day: date | None = None,
) -> Bounds:
    """Judge weeks (all by default) of many series at once, counts of shape (..., weeks); gives (..., weeks judged).

    Each week sees only itself and what came before. Where the history is too short the bounds are NaN, and there is
    no alarm. All series share the fits' design, so that 1,000 series cost little more than one.
    """
    values = as_counts(counts)
    rows = values.reshape(-1, values.shape[-1])
    chosen = list(range(rows.shape[1]) if weeks is None else weeks)
    found = np.full((4, len(rows), len(chosen)), np.nan)
    for column, week in enumerate(chosen):
        anchors = reference_weeks(week, rules.years, first_day=first_day)
        if anchors[-1] >= rules.half_width:
            found[:, :, column] = _judge(rows, week, anchors, rules)
    expected, upper, score, chance = found.reshape(4, *values.shape[:-1], len(chosen))
    alarm = values[..., chosen] > upper
    return Bounds(expected, upper, score, chance, alarm & enough(values, rules)[..., chosen])


def alarms(counts: npt.ArrayLike, rules: Farrington = FLEXIBLE, *, first_day: date | None = None) -> Flags:
    """Mark the weeks that raise an alarm; counts and marks have the shape (..., weeks)."""
    return watch(counts, None, rules, first_day=first_day).alarm


def reference_weeks(week: int, years: int, *, first_day: date | None = None, a_year: int = WEEKS_A_YEAR) -> list[int]:
    """Name the week itself and the same week 1, 2, ... `years` years ago, as numbers that may be below 0.

    With `first_day` the years are those of the calendar (see `reference_days`); without, a year has `a_year` steps.
    """
    if first_day is None:
        return [week - a_year * back for back in range(years + 1)]
    days = reference_days(first_day + timedelta(weeks=week), years)
    return [(day - first_day).days // 7 for day in days]


def reference_days(day: date, years: int) -> list[date]:
    """Name the day itself and, for each year back, the same weekday nearest to its date."""
    found = [day]
    for back in range(1, years + 1):
        same = _same_date(day, back)
        ahead = (day.weekday() - same.weekday()) % 7
        found.append(same + timedelta(days=ahead if ahead <= 3 else ahead - 7))
    return found


def design(week: int, anchors: list[int], rules: Farrington) -> tuple[Weeks, Design]:
    """Choose the weeks to learn from, as numbers, and give each its season (0 around the date, then onwards).

    `anchors` is what `reference_weeks` gives. The weeks between two windows are divided into equal parts; the first
    parts take what is left over. Raises Unwatchable where there are more seasons than weeks.
    """
    season = np.full(week + 1, -1)
    season[week - rules.half_width :] = 0
    for later, earlier in pairwise(anchors):
        season[earlier - rules.half_width : earlier + rules.half_width + 1] = 0
        between = np.arange(earlier + rules.half_width + 1, later - rules.half_width)
        if rules.seasons > 1:
            for number, part in enumerate(np.array_split(between, rules.seasons - 1), start=1):
                season[part] = number
    season[max(week - rules.left_out, 0) :] = -1
    used = np.flatnonzero(season >= 0)
    return used, Design((used - week).astype(np.float64), season[used], rules.seasons)


def assign_weights(residuals: Numbers, outlying: float) -> Numbers:
    """Let weeks whose residual s is above `outlying` count s⁻² as much; the weights of a series sum to its weeks.

    Farrington et al. 1996, section 3.5. Residuals and weights have the shape (..., weeks).
    """
    high = residuals > outlying
    share = np.where(high, 1 / np.where(high, residuals, 1.0) ** 2, 1.0)
    return np.asarray(share * residuals.shape[-1] / share.sum(axis=-1, keepdims=True), dtype=np.float64)


def anscombe(counts: Numbers, found: Fit) -> Numbers:
    """Work out standardised Anscombe residuals of a Poisson fit; shape (n, weeks).

    3/2 (y^(2/3) mu^(-1/6) - mu^(1/2)) / sqrt(phi (1 - h)): Farrington et al. 1996, section 3.5.
    """
    mu = found.fitted
    sixth = np.where(mu > 0, mu, 1.0) ** (1 / 6)
    raw = 1.5 * (np.cbrt(counts) ** 2 / sixth - np.sqrt(mu))
    spread = np.sqrt(found.dispersion[:, None] * np.maximum(1 - found.leverage, 1e-9))
    return np.asarray(np.where(mu > 0, raw / spread, 0.0), dtype=np.float64)


def delta_bounds(
    mu: npt.ArrayLike, error: npt.ArrayLike, phi: npt.ArrayLike, *, z: float, power: float
) -> tuple[Numbers, Numbers]:
    """Work out the lower and upper bound (counts a week) where counts to the `power` are taken as normal.

    (mu^p ± z p mu^(p-1) sqrt(phi mu + error²))^(1/p): Farrington et al. 1996, section 3.6, with p = 2/3 against skew.
    A lower bound below 0 is 0.
    """
    centre, spread = _transformed(mu, error, phi, power)
    return np.maximum(centre - z * spread, 0.0) ** (1 / power), (centre + z * spread) ** (1 / power)


def delta_chance(
    count: npt.ArrayLike, mu: npt.ArrayLike, error: npt.ArrayLike, phi: npt.ArrayLike, *, power: float
) -> Numbers:
    """Work out the probability of this count or a higher one in the same normal distribution."""
    centre, spread = _transformed(mu, error, phi, power)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = (np.asarray(count, dtype=np.float64) ** power - centre) / spread
    return np.asarray(np.where(np.isnan(above), 1.0, ndtr(-above)), dtype=np.float64)


def negative_binomial_bounds(mu: npt.ArrayLike, phi: npt.ArrayLike, *, alpha: float) -> tuple[Numbers, Numbers]:
    """Work out the alpha and 1 - alpha quantiles of counts with mean mu and variance phi × mu (Poisson at phi 1).

    Noufaily et al. 2013, section 3.4: size mu / (phi - 1), probability 1 / phi.
    """
    lower, upper = (_quantile(level, *_as_arrays(mu, phi)) for level in (alpha, 1 - alpha))
    return lower, upper


def negative_binomial_chance(count: npt.ArrayLike, mu: npt.ArrayLike, phi: npt.ArrayLike) -> Numbers:
    """Work out the probability of this count or a higher one in the same distribution."""
    below = np.asarray(count, dtype=np.float64) - 1
    mean, spread = _as_arrays(mu, phi)
    size, p = _size(mean, spread)
    chance = np.where(spread > 1, nbinom.sf(below, size, p), poisson.sf(below, mean))
    return np.asarray(np.where(mean > 0, chance, below < 0), dtype=np.float64)


def enough(counts: Numbers, rules: Farrington) -> Flags:
    """Say in which weeks an alarm is possible: enough comments in the last few weeks, that one included."""
    total = np.cumsum(counts, axis=-1)
    before = np.zeros_like(total)
    before[..., rules.recent :] = total[..., : -rules.recent]
    return np.asarray(total - before >= rules.fewest, dtype=np.bool_)


def _judge(rows: Numbers, week: int, anchors: list[int], rules: Farrington) -> Numbers:
    """Give expected, upper, score and chance of one week; shape (4, n)."""
    used, plan = design(week, anchors, rules)
    best = _with_or_without_trend(rows[:, used], plan, rules)
    count, mu, phi = rows[:, week], best.expected, best.dispersion
    if rules.threshold == "delta":
        upper = delta_bounds(mu, best.error, phi, z=rules.z, power=rules.power)[1]
        chance = delta_chance(count, mu, best.error, phi, power=rules.power)
    else:
        ease = np.divide(best.error, mu, out=np.zeros_like(mu), where=mu > 0) if rules.threshold == "muan" else 0.0
        likely = mu * np.exp(rules.z * ease)
        upper = negative_binomial_bounds(likely, phi, alpha=rules.alpha)[1]
        chance = negative_binomial_chance(count, likely, phi)
    return np.stack([mu, upper, exceedance(count, mu, upper), chance])


def _with_or_without_trend(counts: Numbers, plan: Design, rules: Farrington) -> Fit:
    flat = _reweighted(counts, plan, rules, trend=False)
    if rules.trend_chance is None or rules.years < FEWEST_YEARS_FOR_A_TREND:
        return flat
    rising = _reweighted(counts, plan, rules, trend=True)
    keep = (rising.slope_chance < rules.trend_chance) & (rising.expected <= counts.max(axis=1))
    return Fit(**{part: _pick(keep, getattr(rising, part), getattr(flat, part)) for part in Fit.__dataclass_fields__})


def _reweighted(counts: Numbers, plan: Design, rules: Farrington, *, trend: bool) -> Fit:
    first = fit(counts, plan, trend=trend)
    if rules.outlying is None:
        return first
    weights = assign_weights(anscombe(counts, first), rules.outlying)
    return fit(counts, plan, weights=weights, trend=trend, errors=rules.errors)


def _pick(keep: Flags, one: Numbers, other: Numbers) -> Numbers:
    return np.asarray(np.where(keep if one.ndim == 1 else keep[:, None], one, other), dtype=np.float64)


def _transformed(mu: npt.ArrayLike, error: npt.ArrayLike, phi: npt.ArrayLike, power: float) -> tuple[Numbers, Numbers]:
    mean, spread, dispersion = _as_arrays(mu, error, phi)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = power * mean ** (power - 1) * np.sqrt(dispersion * mean + spread**2)
    return mean**power, np.asarray(np.where(mean > 0, sd, 0.0), dtype=np.float64)


def _quantile(level: float, mean: Numbers, phi: Numbers) -> Numbers:
    size, p = _size(mean, phi)
    found = np.where(phi > 1, nbinom.ppf(level, size, p), poisson.ppf(level, mean))
    return np.asarray(np.where(mean > 0, found, 0.0), dtype=np.float64)


def _size(mean: Numbers, phi: Numbers) -> tuple[Numbers, Numbers]:
    over = np.where(phi > 1, phi, 2.0)
    return np.where(mean > 0, mean, 1.0) / (over - 1), 1 / over


def _as_arrays(*values: npt.ArrayLike) -> tuple[Numbers, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)


def _same_date(day: date, years_back: int) -> date:
    try:
        return day.replace(year=day.year - years_back)
    except ValueError:  # 29 February, which most years lack, is taken as 1 March
        return date(day.year - years_back, 3, 1)
