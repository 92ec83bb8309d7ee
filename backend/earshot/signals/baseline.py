"""Say what a week should bring if nothing has changed, from the past alone: level, slope, season and spread.

Every series follows a log-linear model of its own, `rate = exp(level + slope·years + season)`, learnt week by week as
a dynamic generalised linear model: the rate is gamma, a count updates it exactly, and the correction is passed back to
level, slope and season by linear Bayes (West, Harrison and Migon 1985, doi:10.1080/01621459.1985.10477131). What the
spread (variance divided by mean) is, is weighed over a few values by the negative-binomial likelihood, with
weights shared among all series, so that short and rare series borrow from the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from earshot.signals.bounds import Flags, Numbers

WEEKS_PER_YEAR = 365.2425 / 7
#: Weeks between the last week learnt from and the week judged, so that a change does not teach itself away.
GUARD = 4
#: Standard deviations, on the log scale, of what is believed before a series is heard.
LEVEL_SD = 2.0
SLOPE_SD = 0.08  # a year
SEASON_SD = 0.14  # of each half of the yearly wave: ±30 % is then a strong season and ±10 % a common one
DRIFT_SD = 0.006  # a week: what is usual may wander by about 4 % a year
SPREADS = np.array([1.0, 1.2, 1.5, 2.0, 3.0, 5.0])
#: What is believed of slope and season before any is heard counts as much as this many series that were heard.
BELIEF_SERIES = 20.0
#: Half of all series are taken for plain Poisson before any is heard.
SPREAD_BELIEF = np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])


def covariates(week: int) -> Numbers:
    """The four regressors of a week counted from 0: level, years, and the yearly wave's two halves."""
    angle = 2 * np.pi * week / WEEKS_PER_YEAR
    return np.array([1.0, week / WEEKS_PER_YEAR, np.sin(angle), np.cos(angle)])


@dataclass(frozen=True)
class Usual:
    """What one week should bring: mean count a unit of exposure, log-scale sd of that mean, and spread, (series,)."""

    rate: Numbers
    sd: Numbers
    spread: Numbers


class Baseline:
    """The running belief about every series; teach it weeks in order, then ask what a later week should bring."""

    def __init__(self, series: int) -> None:
        self.mean = np.zeros((series, 4))
        self.covariance = np.zeros((series, 4, 4))
        self.covariance[:] = np.diag([LEVEL_SD**2, SLOPE_SD**2, SEASON_SD**2, SEASON_SD**2])
        self._prior = np.array([SLOPE_SD**2, SEASON_SD**2])  # variances of slope and season that series share
        self.learnt = np.zeros(series, dtype=np.int64)
        self._spread_likelihood = np.zeros((series, SPREADS.size))
        self._spread_weight = SPREAD_BELIEF.copy()
        self.spread: Numbers = np.full(series, float(SPREAD_BELIEF @ SPREADS))

    def usual(self, week: int) -> Usual:
        """What `week` should bring, as far as is known now."""
        rate, sd = self._predict(week)
        return Usual(rate, sd, self.spread)

    def begin(self, new: Flags, rate: float) -> None:
        """Let series that were never heard begin near the rate that all of them have."""
        self.mean[new, 0] = np.log(rate)

    def share(self) -> None:
        """Learn from all series together how strong slopes and seasons commonly are, and believe it of each.

        One step of expectation and maximisation: each series' slope and season squared, with their uncertainty, are
        averaged over series, and the beliefs are changed as if that had been known from the start.
        """
        heard = self.learnt > 0
        if not heard.any():
            return
        square = self.mean[heard] ** 2 + self.covariance[heard][:, range(4), range(4)]
        slope, season = square[:, 1].sum(), square[:, 2:].sum() / 2
        believed = np.array([SLOPE_SD**2, SEASON_SD**2]) * BELIEF_SERIES
        prior = (believed + np.array([slope, season])) / (BELIEF_SERIES + heard.sum())
        change = 1 / prior - 1 / self._prior
        self._prior = prior
        precision = np.linalg.inv(self.covariance)
        pull = np.einsum("sij,sj->si", precision, self.mean)
        precision[:, 1, 1] += change[0]
        precision[:, 2, 2] += change[1]
        precision[:, 3, 3] += change[1]
        self.covariance = np.linalg.inv(precision)
        self.mean = np.einsum("sij,sj->si", self.covariance, pull)

    def unsettle(self, which: Flags, sd: float) -> None:
        """Doubt the level of some series, so that what they do next is learnt quickly as the new usual."""
        self.covariance[which, 0, 0] += sd**2

    def learn(self, week: int, counts: Numbers, exposure: Numbers, which: Flags) -> None:
        """Learn one week of the series in `which`; `counts` and `exposure` are (series,)."""
        x = covariates(week)
        rate, sd = self._predict(week)
        variance = sd**2
        self._learn_spread(counts, rate * exposure, variance, which)
        shape = 1 / variance
        shape_after = shape + counts / self.spread
        rate_after = shape_after / (shape / rate + exposure / self.spread)
        gain = np.einsum("sij,j->si", self.covariance, x) / variance[:, None]
        step = np.where(which, np.log(rate_after / rate), 0.0)
        shrink = np.where(which, variance - 1 / shape_after, 0.0)
        self.mean += gain * step[:, None]
        self.covariance -= gain[:, :, None] * gain[:, None, :] * shrink[:, None, None]
        self.covariance[:, 0, 0] += DRIFT_SD**2
        self.learnt += which

    def _predict(self, week: int) -> tuple[Numbers, Numbers]:
        x = covariates(week)
        variance = np.einsum("i,sij,j->s", x, self.covariance, x)
        return np.exp(np.clip(self.mean @ x, -25, 25)), np.sqrt(np.maximum(variance, 1e-8))

    def _learn_spread(self, counts: Numbers, expected: Numbers, variance: Numbers, which: Flags) -> None:
        """Weigh each spread by how well it foretold this week; series share what spreads are common."""
        for column, spread in enumerate(SPREADS):
            size = np.maximum(expected, 1e-9) / (spread - 1 + variance * expected + 1e-9)
            self._spread_likelihood[:, column] += np.where(which, _log_likelihood(counts, expected, size), 0.0)
        weight = np.exp(self._spread_likelihood - self._spread_likelihood.max(axis=1, keepdims=True))
        weight *= self._spread_weight
        weight /= weight.sum(axis=1, keepdims=True)
        shared = BELIEF_SERIES * SPREAD_BELIEF + weight[self.learnt > 0].sum(axis=0)
        self._spread_weight = shared / shared.sum()
        self.spread = weight @ SPREADS


def _log_likelihood(counts: Numbers, mean: Numbers, size: Numbers) -> Numbers:
    """The negative-binomial log-likelihood but for its factorial; `size` is mean²/(variance − mean)."""
    mean = np.maximum(mean, 1e-9)
    gammas = gammaln(counts + size) - gammaln(size)
    likelihood: Numbers = gammas - size * np.log1p(mean / size) - counts * np.log1p(size / mean)
    return likelihood
