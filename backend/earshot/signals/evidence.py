"""Weigh a change against chance: how much likelier the last weeks are if the rate had changed.

For a window of the last k weeks with `heard` comments where `usual` were expected, and a shift of the rate by a
factor ρ, the Bayes factor of "changed" against "as usual" is

    ρ^heard · ((size + usual) / (size + ρ·usual))^(size + heard)

which is the ratio of two negative binomials of one size. `size` holds both how much the counts scatter and how well
the usual rate is known: 1/size = (spread − 1)/usual + sd². With size → ∞ it is the Poisson likelihood ratio, so the sum
over windows and shifts is a Shiryaev–Roberts statistic (Shiryaev 1963; Pollak 1985) that looks back a limited time,
forgets slowly and need not be told how large a change to look for. Its mean is one as long as nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from earshot.signals.bounds import Numbers, Weeks

Side = Literal["rise", "fall"]
Small = npt.NDArray[np.float32]

SIDES: tuple[Side, ...] = ("rise", "fall")
#: How far back a change may have begun, in weeks. Older ones are left to charts, and to a baseline that learns.
WINDOWS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 20, 26])
FORGETTING = 0.9  # a week: a change is believed to have begun lately rather than long ago
SHIFTS: dict[Side, tuple[float, ...]] = {"rise": (1.5, 2.0, 3.0), "fall": (0.67, 0.5, 0.25, 0.05)}

_LOG_WINDOWS = WINDOWS * np.log(FORGETTING)
_LOG_WEIGHTS = (_LOG_WINDOWS - np.logaddexp.reduce(_LOG_WINDOWS)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Weighed:
    """The evidence of one week: its logarithm, and the length in weeks of the window that tells most, (series,)."""

    log: Numbers
    weeks: Weeks


def bayes_factors(heard: Small, usual: Small, spread: Small, sd: Small, side: Side) -> Small:
    """The log Bayes factors, (shifts, windows, series), of windows (windows, series); spread and sd are (series,)."""
    size = 1 / ((spread - 1) / np.maximum(usual, np.float32(1e-6)) + sd**2)
    shifts = np.array(SHIFTS[side], dtype=np.float32)[:, None, None]
    share = usual / (size + usual)
    factors = heard * np.log(shifts) - (size + heard) * np.log1p((shifts - 1) * share)
    return factors.astype(np.float32, copy=False)


def combine(factors: Small) -> Weighed:
    """Average Bayes factors over windows and shifts; the log of the average and the most telling window."""
    logs = factors + _LOG_WEIGHTS[:, None] - np.float32(np.log(factors.shape[0]))
    best_shift = logs.max(axis=0)
    highest = best_shift.max(axis=0)
    total = np.log(np.exp(logs - highest).sum(axis=(0, 1))) + highest
    return Weighed(total.astype(np.float64), WINDOWS[best_shift.argmax(axis=0)])


class Sums:
    """Running totals of what was heard and what was usual, so that the sum of any window is one subtraction."""

    def __init__(self, series: int, weeks: int) -> None:
        self._heard = np.zeros((weeks + 1, series))
        self._usual = np.zeros((weeks + 1, series))

    def add(self, week: int, heard: Numbers, usual: Numbers) -> None:
        """Add the week that follows the last one added."""
        self._heard[week + 1] = self._heard[week] + heard
        self._usual[week + 1] = self._usual[week] + usual

    def windows(self, week: int) -> tuple[Small, Small]:
        """What was heard and what was usual in every window that ends with `week`, (windows, series)."""
        start = np.maximum(week + 1 - WINDOWS, 0)
        heard = self._heard[week + 1] - self._heard[start]
        usual = self._usual[week + 1] - self._usual[start]
        return heard.astype(np.float32), usual.astype(np.float32)
