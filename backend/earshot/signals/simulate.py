"""Make weekly counts whose truth is known: season, trend and extra scatter, with or without a rise. Seeded, pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earshot.signals.baseline import WEEKS_PER_YEAR
from earshot.signals.bounds import Numbers

SLOW_WEEKS = 8


@dataclass(frozen=True)
class World:
    """What is usual: mean count a week, the strongest season and trend that a series may have, and its scatter.

    Half of the series are Poisson; the variance of the others is `spread` times their mean, drawn evenly between the
    two numbers. `season` 0.3 is up to ±30 % over the year, `trend` 0.1 up to ±10 % a year.
    """

    baseline: float
    season: float = 0.3
    trend: float = 0.0
    spread: tuple[float, float] = (1.3, 2.5)
    overdispersed: float = 0.5


@dataclass(frozen=True)
class Change:
    """From week `week` (from 0) the mean is `factor` times as high; a slow change takes eight weeks to get there."""

    week: int
    factor: float
    slow: bool = False

    def course(self, weeks: int) -> Numbers:
        """By what the mean is multiplied in each week."""
        since = np.arange(weeks) - self.week + 1
        share = np.clip(since / (SLOW_WEEKS if self.slow else 1), 0, 1)
        course: Numbers = 1 + (self.factor - 1) * share
        return course


def counts(
    world: World, series: int, weeks: int, rng: np.random.Generator, change: Change | None = None
) -> tuple[Numbers, Numbers]:
    """Draw counts (series, weeks) and tell each series' true spread (series,)."""
    spread = np.ones(series)
    scattered = np.arange(series) < round(world.overdispersed * series)
    spread[scattered] = rng.uniform(*world.spread, scattered.sum())
    mean = means(world, series, weeks, rng)
    return draw(mean * (1 if change is None else change.course(weeks)), spread, rng), spread


def means(world: World, series: int, weeks: int, rng: np.random.Generator) -> Numbers:
    """The usual mean of every week, each series with a season and a trend of its own."""
    time = np.arange(weeks)
    season = rng.uniform(0, world.season, (series, 1))
    phase = rng.uniform(0, 2 * np.pi, (series, 1))
    wave = 1 + season * np.sin(2 * np.pi * time / WEEKS_PER_YEAR + phase)
    slope = rng.uniform(-world.trend, world.trend, (series, 1))
    mean: Numbers = world.baseline * wave * np.exp(slope * time / WEEKS_PER_YEAR)
    return mean


def draw(mean: Numbers, spread: Numbers, rng: np.random.Generator) -> Numbers:
    """Counts with these means (series, weeks): Poisson where spread is 1, else negative binomial."""
    scale = np.where(spread > 1, spread - 1, 1.0)[:, None]
    rate = np.where(spread[:, None] > 1, rng.gamma(mean / scale, scale), mean)
    return rng.poisson(rate).astype(np.float64)
