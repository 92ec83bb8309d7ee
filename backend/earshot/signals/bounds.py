"""What detectors of one count at a time take and give: weekly counts in, an expected count and a bound out. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.core.errors import FieldError, Invalid

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Weeks = npt.NDArray[np.int64]


class Unwatchable(Invalid):
    """These counts cannot be watched in this way. Each field below says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}", fields=[FieldError(field, message)])


@dataclass(frozen=True, eq=False)
class Bounds:
    """What was expected, how much is still ordinary, and where there was more; arrays of one shape.

    The shape is (..., weeks): the leading axes are those of the counts. `expected` and `upper` are counts a week, NaN
    where there is too little history. `score` is how far the count went on the way from `expected` (0) to `upper` (1),
    NaN where no way is defined; `chance` is the probability of a count this high or higher, NaN where a method names
    none.
    """

    expected: Numbers
    upper: Numbers
    score: Numbers
    chance: Numbers
    alarm: Flags


@dataclass(frozen=True)
class Bound:
    """One week of one series: see `Bounds` for what the numbers mean."""

    count: float
    expected: float
    upper: float
    score: float
    chance: float
    alarm: bool


def as_counts(counts: npt.ArrayLike) -> Numbers:
    """Give counts as an array of shape (..., weeks), oldest week first.

    Raises Unwatchable for anything that is not a finite number of at least 0.
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim == 0:
        raise Unwatchable("counts", "send one count a week.")
    if not np.isfinite(values).all() or (values < 0).any():
        raise Unwatchable("counts", "use ordinary numbers of at least 0.")
    return values


def exceedance(count: npt.ArrayLike, expected: npt.ArrayLike, upper: npt.ArrayLike) -> Numbers:
    """Score how far counts go from what is expected (0) to the bound (1): (y - mu) / (U - mu).

    Noufaily et al. 2013, section 3.1. NaN where the bound does not lie above what is expected.
    """
    mu, bound = np.asarray(expected, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    room = np.where(bound > mu, bound - mu, np.nan)
    return np.asarray((np.asarray(count, dtype=np.float64) - mu) / room, dtype=np.float64)
