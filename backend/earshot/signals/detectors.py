"""Hear a change in many small counts at once, without knowing how large it is or when it began. Pure.

`read` walks through the weeks once. For each week it says what was to be expected from the past (`baseline`), weighs
the last weeks against that (`evidence`), and only then, some weeks later, learns from the week: nothing looks ahead, so
cutting the data at any week gives the same readings up to it. What was clearly unusual is not learnt as usual, until it
has lasted for half a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.signals.baseline import GUARD, Baseline
from earshot.signals.bounds import Flags, Numbers, Unwatchable, Weeks
from earshot.signals.evidence import SIDES, Side, Sums, Weighed, bayes_factors, combine

#: Weeks that must have been learnt before a series is judged; with the guard, judging starts in its 13th week.
FEWEST_WEEKS = 8
#: Log evidence from which weeks are held aside and not learnt from: chance does this about once in 500 years.
CLEARLY_UNUSUAL = 6.0
#: Weeks after which what was held aside counts as the new usual, and by how much its level is then doubted.
NEW_USUAL_WEEKS = 26
NEW_USUAL_SD = 1.0
NOT_JUDGED = -np.inf


@dataclass(frozen=True, eq=False)
class Panel:
    """Weekly counts of many series, all arrays (series, weeks), oldest week first.

    `exposure` is out of how much was counted (responses, say), any positive unit, one where None. `observed` says where
    there was data: a week without is left out and never read as zero.

    Raises Unwatchable when shapes differ, or where an observed count is not a whole number from 0 or an exposure is
    negative.
    """

    counts: Numbers
    exposure: Numbers
    observed: Flags

    @staticmethod
    def of(
        counts: npt.ArrayLike, exposure: npt.ArrayLike | None = None, observed: npt.ArrayLike | None = None
    ) -> Panel:
        """Check and complete what was counted; a week without exposure holds no data."""
        heard = np.asarray(counts, dtype=np.float64)
        if heard.ndim != 2:
            raise Unwatchable("counts", "give one row a series and one column a week.")
        seen = np.isfinite(heard) if observed is None else np.asarray(observed, dtype=bool) & np.isfinite(heard)
        size = np.ones(heard.shape) if exposure is None else np.asarray(exposure, dtype=np.float64)
        if seen.shape != heard.shape or size.shape != heard.shape:
            raise Unwatchable("counts", "counts, exposure and observed must have the same shape.")
        if (heard[seen] < 0).any() or (heard[seen] % 1 != 0).any():
            raise Unwatchable("counts", "use whole numbers from 0.")
        if (size[seen] < 0).any():
            raise Unwatchable("exposure", "use numbers from 0.")
        seen = seen & (np.nan_to_num(size) > 0)
        return Panel(np.where(seen, heard, 0.0), np.where(seen, size, 0.0), seen)


@dataclass(frozen=True, eq=False)
class Readings:
    """What was expected and how much each week's past speaks for a change; all arrays (series, weeks).

    `expected` is the count that the past foretold, `sd` how well the usual rate is known (log scale), `spread` the
    variance divided by the mean. `evidence[side]` is a logarithm, -inf where a series is not judged yet or has no
    data; `since[side]` is the week in which the change most likely began, counted from 0.
    """

    panel: Panel
    expected: Numbers
    sd: Numbers
    spread: Numbers
    judged: Flags
    evidence: dict[Side, Numbers]
    since: dict[Side, Weeks]

    def window(self, series: int, week: int, since: int) -> tuple[int, float]:
        """How many were heard from `since` to `week`, both included, and how many were expected."""
        span = slice(since, week + 1)
        return int(self.panel.counts[series, span].sum()), float(self.expected[series, span].sum())


def read(panel: Panel) -> Readings:
    """Read every week of every series, both for rises and for falls; time grows with series × weeks."""
    return _Walk(panel).readings()


class _Walk:
    """One walk through the weeks; everything known so far."""

    def __init__(self, panel: Panel) -> None:
        shape = panel.counts.shape
        self.panel = panel
        self.baseline = Baseline(shape[0])
        self.sums = Sums(*shape)
        self.expected, self.sd, self.spread = np.zeros(shape), np.zeros(shape), np.ones(shape)
        self.judged = np.zeros(shape, dtype=bool)
        self.evidence: dict[Side, Numbers] = {side: np.full(shape, NOT_JUDGED) for side in SIDES}
        self.since: dict[Side, Weeks] = {side: np.tile(np.arange(shape[1]), (shape[0], 1)) for side in SIDES}
        self.aside = np.zeros(shape, dtype=bool)
        self.waiting = np.zeros(shape[0], dtype=np.int64)  # weeks held aside one after the other
        self.relearning = np.zeros(shape[0], dtype=np.int64)  # weeks still to be learnt whatever they hold

    def readings(self) -> Readings:
        for week in range(self.panel.counts.shape[1]):
            if week > GUARD:
                self._learn(week - GUARD - 1, now=week)
            self._expect(week)
            for side in SIDES:
                self._judge(week, side)
        return Readings(self.panel, self.expected, self.sd, self.spread, self.judged, self.evidence, self.since)

    def _learn(self, past: int, *, now: int) -> None:
        seen = self.panel.observed[:, past]
        self._begin(seen & (self.baseline.learnt == 0), now)
        held = self.aside[:, past] & (self.relearning == 0)
        self.waiting = np.where(held, self.waiting + 1, np.where(seen, 0, self.waiting))
        settled = self.waiting >= NEW_USUAL_WEEKS
        if settled.any():
            self.baseline.unsettle(settled, NEW_USUAL_SD)
            self.relearning[settled] = NEW_USUAL_WEEKS
            self.waiting[settled] = 0
        self.baseline.learn(past, self.panel.counts[:, past], self.panel.exposure[:, past], seen & (~held | settled))
        self.relearning = np.maximum(self.relearning - 1, 0)
        self.baseline.share()

    def _begin(self, new: Flags, now: int) -> None:
        if new.any():
            heard, out_of = self.panel.counts[:, :now].sum(), self.panel.exposure[:, :now].sum()
            self.baseline.begin(new, float((heard + 0.5) / out_of))

    def _expect(self, week: int) -> None:
        usual = self.baseline.usual(week)
        self.expected[:, week] = usual.rate * self.panel.exposure[:, week]
        self.sd[:, week], self.spread[:, week] = usual.sd, usual.spread
        known = self.baseline.learnt >= FEWEST_WEEKS
        self.judged[:, week] = known & self.panel.observed[:, week]
        self.sums.add(week, np.where(known, self.panel.counts[:, week], 0), np.where(known, self.expected[:, week], 0))

    def _judge(self, week: int, side: Side) -> None:
        judged = self.judged[:, week]
        if not judged.any():
            return
        found = weigh(self.sums, week, self.spread[:, week], self.sd[:, week], side)
        since = np.maximum(week + 1 - found.weeks, 0)
        self.evidence[side][:, week] = np.where(judged, found.log, NOT_JUDGED)
        self.since[side][:, week] = np.where(judged, since, week)
        for series in np.flatnonzero(judged & (found.log > CLEARLY_UNUSUAL)):
            self.aside[series, since[series] : week + 1] = True


def weigh(sums: Sums, week: int, spread: Numbers, sd: Numbers, side: Side) -> Weighed:
    """The evidence at one week, all windows and shifts together."""
    heard, usual = sums.windows(week)
    return combine(bayes_factors(heard, usual, spread.astype(np.float32), sd.astype(np.float32), side))
