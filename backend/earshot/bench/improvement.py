"""How often a change that does nothing is called an improvement, and how soon a real one is recognised.

Series are made by chance: years of ordinary weeks, and then a change that does nothing, or that shifts the series by
one standard deviation. Neighbouring weeks may be alike, counts may vary more than counting alone would, and a signal
may have led to the change: the hardest case, since a bad spell ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np
from numpy.random import Generator

from earshot.improvement.before_after import Bad, Counted, parts
from earshot.improvement.effect import ERROR_RATE, LOOKS, Week, judge
from earshot.improvement.model import Verdict

WEEKS_BEFORE = 52
SHIFT = 1.0  # standard deviations of a week
AFTER = LOOKS[-1]
#: A series of `n` weeks whose last `after` are lower by `shift` standard deviations.
Series = Callable[[Generator, int, int, float], list[Week]]


@dataclass(frozen=True)
class Rates:
    """What became of simulated changes: the share that was called improved, worse, and neither."""

    improved: float
    worse: float
    unproven: float


def alike(memory: float) -> Series:
    """Measurements around a mean, of which neighbours correlate by `memory`."""

    def made(chance: Generator, n: int, after: int, shift: float) -> list[Week]:
        noise = chance.normal(size=n)
        values = np.empty(n)
        values[0] = noise[0]
        for i in range(1, n):
            values[i] = memory * values[i - 1] + sqrt(1 - memory**2) * noise[i]
        values[n - after :] -= shift
        return [Week(float(value), 1.0) for value in values]

    return made


def counts(mean: float, dispersion: float = 1.0) -> Series:
    """Counts with `dispersion` times the variance of Poisson's (negative binomial where that is over one)."""

    def made(chance: Generator, n: int, after: int, shift: float) -> list[Week]:
        means = np.full(n, mean)
        means[n - after :] = max(mean - shift * sqrt(mean * dispersion), 0.02)
        spread = means / (dispersion - 1) if dispersion > 1 else means
        drawn = chance.negative_binomial(spread, 1 / dispersion) if dispersion > 1 else chance.poisson(means)
        return [Week(float(value), 1.0) for value in drawn]

    return made


def shares(share: float, heard: float) -> Series:
    """How many of about `heard` comments a week are about something."""

    def made(chance: Generator, n: int, after: int, shift: float) -> list[Week]:
        likely = np.full(n, share)
        likely[n - after :] = max(share - shift * sqrt(share * (1 - share) / heard), 0.005)
        weights = chance.poisson(heard, n)
        drawn = chance.binomial(weights, likely)
        return [Week(float(hit / max(of, 1)), float(of)) for hit, of in zip(drawn, weights, strict=True)]

    return made


KINDS: dict[str, Series] = {
    "measurements": alike(0.0),
    "measurements, neighbours alike (.2)": alike(0.2),
    "measurements, neighbours alike (.3)": alike(0.3),
    "counts, 1 a week": counts(1),
    "counts, 4 a week": counts(4),
    "counts, 4 a week, overdispersed (twice)": counts(4, 2),
    "shares of about 20 comments a week": shares(0.2, 20),
}


def simulate(series: Series, shift: float, runs: int, *, before: int = WEEKS_BEFORE, seed: int = 1) -> Rates:
    """Judge `runs` changes of a kind of series; the same seed gives the same figures."""
    chance = np.random.default_rng(seed)
    found: list[Verdict] = []
    for _ in range(runs):
        weeks = series(chance, before + AFTER, AFTER, shift)
        found.append(judge(weeks[:before], weeks[before:], "lower").state)
    return _rates(found)


def after_a_bad_spell(runs: int, *, set_aside: bool, seed: int = 1) -> Rates:
    """Changes that do nothing, each made because the four weeks before were the worst of two years, by chance alone.

    With `set_aside` those weeks do not count, as Earshot does it; without, as one would by eye.
    """
    chance = np.random.default_rng(seed)
    monday, spell = date(2024, 1, 1), 4
    found: list[Verdict] = []
    for _ in range(runs):
        counted = chance.poisson(4, 104 + AFTER)
        sums = np.convolve(counted[WEEKS_BEFORE : 104 - spell + 1], np.ones(spell), "valid")
        worst = WEEKS_BEFORE + int(np.argmax(sums))
        start = monday + timedelta(weeks=worst + spell)
        weeks = [Counted(monday + timedelta(weeks=i), int(n), None) for i, n in enumerate(counted)]
        bad = Bad(monday + timedelta(weeks=worst), start - timedelta(days=1))
        around = parts(weeks, start, [bad])
        kept = around.before if set_aside else (*around.before, *around.set_aside)
        found.append(judge(_weeks(kept), _weeks(around.after), "lower", set_aside=_weeks(around.set_aside)).state)
    return _rates(found)


def allowed(runs: int) -> float:
    """The largest share of errors that chance makes of the stated rate in so many runs (upper 99 % of the binomial)."""
    return ERROR_RATE + 2.33 * sqrt(ERROR_RATE * (1 - ERROR_RATE) / runs)


def _weeks(weeks: Sequence[Counted]) -> list[Week]:
    return [week for each in sorted(weeks, key=lambda one: one.start) if (week := each.week) is not None]


def _rates(found: Sequence[Verdict]) -> Rates:
    return Rates(*(found.count(state) / len(found) for state in ("improved", "worse", "unproven")))


def table(runs: int) -> str:
    """Every figure, as the command prints it."""
    lines = [
        f"Stated error rate {ERROR_RATE:.0%}; with {runs} runs at most {allowed(runs):.1%} by chance.",
        f"{WEEKS_BEFORE} weeks before, looks after {', '.join(map(str, LOOKS))} weeks.",
        "",
        f"{'series':42} {'nothing changed':>22} {'lower by 1 s.d.':>16}",
        f"{'':42} {'improved':>11}{'worse':>11} {'recognised':>16}",
    ]
    for name, series in KINDS.items():
        none, real = simulate(series, 0.0, runs), simulate(series, SHIFT, runs)
        lines.append(f"{name:42} {none.improved:>11.1%}{none.worse:>11.1%} {real.improved:>16.1%}")
    aside, kept = after_a_bad_spell(runs, set_aside=True), after_a_bad_spell(runs, set_aside=False)
    lines += [
        "",
        "Nothing changed, but the worst month of a year led to it (4 a week):",
        f"{'  those weeks set aside':42} {aside.improved:>11.1%}{aside.worse:>11.1%}",
        f"{'  those weeks counted':42} {kept.improved:>11.1%}{kept.worse:>11.1%}",
    ]
    return "\n".join(lines)
