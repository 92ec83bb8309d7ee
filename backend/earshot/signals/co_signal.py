"""Hear two streams of one unit move together: one stronger and earlier signal than either alone. Pure.

If staff and patients of a ward both begin to speak of related things, the evidence of both counts: their Bayes factors
for a change that began in the same week and is as large are multiplied, which is what the likelihood of two
independent streams comes to. Windows in which only one of the two moved are left out, so that one loud stream alone
is not called a joint one.
"""

from __future__ import annotations

import numpy as np

from earshot.signals.bounds import Flags, Unwatchable
from earshot.signals.detectors import NOT_JUDGED, Panel, Readings
from earshot.signals.evidence import SIDES, Side, Small, Sums, bayes_factors, combine

_NOT_BOTH = np.float32(-60.0)


def together(first: Readings, second: Readings) -> Readings:
    """Read two streams as one; row i of `first` and row i of `second` belong to the same unit, columns are weeks.

    The answer is as for one series that adds up both: its counts and what was expected are sums, its evidence is that
    of a joint change, and `earshot.signals.budget.alarms` takes it like any other. A pair is judged in weeks in which
    both streams are. Raises Unwatchable when the shapes differ.
    """
    if first.expected.shape != second.expected.shape:
        raise Unwatchable("counts", "give as many series and weeks of one stream as of the other.")
    judged = first.judged & second.judged
    pair = _added(first, second, judged)
    sums = _sums(first), _sums(second)
    for week in range(judged.shape[1]):
        rows = judged[:, week]
        if not rows.any():
            continue
        for side in SIDES:
            factors = [
                _factors(part, readings, week, side) for part, readings in zip(sums, (first, second), strict=True)
            ]
            both = _moved(sums[0], week, side) & _moved(sums[1], week, side)
            found = combine(np.where(both, factors[0] + factors[1], _NOT_BOTH))
            pair.evidence[side][:, week] = np.where(rows, found.log, NOT_JUDGED)
            pair.since[side][:, week] = np.where(rows, np.maximum(week + 1 - found.weeks, 0), week)
    return pair


def _added(first: Readings, second: Readings, judged: Flags) -> Readings:
    """Both as one series, without evidence: spread and uncertainty are those of the sum."""
    expected = first.expected + second.expected
    some = np.maximum(expected, 1e-12)
    spread = (first.spread * first.expected + second.spread * second.expected) / some
    sd = np.sqrt((first.sd * first.expected) ** 2 + (second.sd * second.expected) ** 2) / some
    mean_sd = np.sqrt((first.sd**2 + second.sd**2) / 4)
    panel = Panel(
        first.panel.counts + second.panel.counts, first.panel.exposure + second.panel.exposure,
        first.panel.observed & second.panel.observed,
    )  # fmt: skip
    weeks = np.tile(np.arange(expected.shape[1]), (expected.shape[0], 1))
    return Readings(
        panel,
        expected,
        np.where(expected > 0, sd, mean_sd),
        np.where(expected > 0, spread, 1.0),
        judged,
        {side: np.full(expected.shape, NOT_JUDGED) for side in SIDES},
        {side: weeks.copy() for side in SIDES},
    )


def _sums(readings: Readings) -> Sums:
    """Running totals from the first week in which a series is judged on, as when it was read alone."""
    known = np.maximum.accumulate(readings.judged, axis=1)
    sums = Sums(*readings.expected.shape)
    for week in range(readings.expected.shape[1]):
        now = known[:, week]
        sums.add(week, np.where(now, readings.panel.counts[:, week], 0), np.where(now, readings.expected[:, week], 0))
    return sums


def _factors(sums: Sums, readings: Readings, week: int, side: Side) -> Small:
    heard, usual = sums.windows(week)
    spread, sd = readings.spread[:, week].astype(np.float32), readings.sd[:, week].astype(np.float32)
    return bayes_factors(heard, usual, spread, sd, side)


def _moved(sums: Sums, week: int, side: Side) -> Flags:
    """In which windows (windows, series) a stream moved to this side at all."""
    heard, usual = sums.windows(week)
    moved: Flags = heard > usual if side == "rise" else heard < usual
    return moved
