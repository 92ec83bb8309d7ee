"""Add up what weeks have above what is usual, as a plain standardised CUSUM does. Pure.

Source: Rossi, Lampugnani, Marchi, "An approximate CUSUM procedure for surveillance of health events", Stat Med 1999;18:
2111-2122, section 2, with the simple standardisation (y - m) / sqrt(m). It knows no trend, season or overdispersion and
does not start anew after an alarm: it is here to compare with, as R's `surveillance` computes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.signals.bounds import Bounds, Numbers, Unwatchable, as_counts, exceedance


@dataclass(frozen=True)
class Cusum:
    """How to watch: each week adds its standardised count less `reference`, and an alarm is a sum of `decision`.

    Both are in standard deviations. Raises Unwatchable for what is not above 0.
    """

    reference: float = 1.04
    decision: float = 2.26

    def __post_init__(self) -> None:
        if not (self.reference > 0 and self.decision > 0):
            raise Unwatchable("reference", "use numbers above 0.")


def cusum(counts: npt.ArrayLike, first: int, rules: Cusum | None = None) -> Bounds:
    """Watch the weeks from `first` (counted from 0) on; the weeks before it say what is usual.

    Counts have the shape (..., weeks). The bounds have the same, NaN before `first`; `upper` is the count with which
    the sum reaches the decision, which is an alarm. Raises Unwatchable where no week comes before `first`, or none
    from it on.
    """
    values, rules = as_counts(counts), rules or Cusum()
    if not 0 < first < values.shape[-1]:
        raise Unwatchable("first", "use the number of a week with at least one week before it.")
    usual = values[..., :first].mean(axis=-1)
    total, upper = np.zeros_like(usual), np.full_like(values, np.nan)
    alarm = np.zeros(values.shape, dtype=np.bool_)
    for week in range(first, values.shape[-1]):
        room = np.where(usual > 0, rules.decision + rules.reference - total, 0.0)
        upper[..., week] = usual + np.sqrt(usual) * room
        total = np.maximum(total + _standardised(values[..., week], usual) - rules.reference, 0)
        alarm[..., week] = total >= rules.decision
    expected = np.where(np.isnan(upper), np.nan, usual[..., None])
    return Bounds(expected, upper, exceedance(values, expected, upper), np.full_like(values, np.nan), alarm)


def _standardised(counts: Numbers, usual: Numbers) -> Numbers:
    # Where nothing was ever heard, one comment is endlessly many standard deviations more, and no comment is none.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(counts == usual, 0.0, (counts - usual) / np.sqrt(usual)), dtype=np.float64)
