"""Did it help? Whether a series shifted after a change, with a stated chance of being wrong. Pure.

A change stays *unproven* until the weeks after it differ from those before by more than chance explains. People look
every week, and looking often finds something in the end; so only three looks count, after 4, 8 and 12 weeks, and the
early ones ask for more (O'Brien and Fleming, Biometrics 1979, 35:549; the constants are from Jennison and Turnbull,
Group Sequential Methods, 2000, table 2.3).

Neighbouring weeks are often alike: a bad week follows a bad week. How much so cannot be known from few weeks, so it is
not estimated but averaged over: each strength of memory from none to .6 counts by how well it fits the weeks. A plug-in
estimate is too low in short series and called 8 % of no-effect changes an improvement where neighbours correlate by .3;
this calls 5 % (`earshot bench improvement`).

What made people act was partly chance, and chance does not last: weeks that raised a signal are set aside by the
caller, or every change would seem to help (regression to the mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

from earshot.improvement.model import Verdict, Wanted

ERROR_RATE = 0.05  # how often a change without any effect is called an improvement, over all looks together
LOOKS = (4, 8, 12)  # weeks after the change
FEWEST_BEFORE = 8  # weeks that there must be to compare with
_BOUND = 1.710  # O'Brien and Fleming's constant for three looks and a one-sided error rate of .05
_MEMORIES = np.arange(7) / 10  # correlations of neighbouring weeks that are believed, all equally likely beforehand
_SURE = 8.0  # the z of a difference without any spread around it

Vector = npt.NDArray[np.float64]


class TooFewWeeks(ValueError):
    """There are too few weeks before the change to compare with."""


@dataclass(frozen=True)
class Week:
    """One week of a series: a rate or a mean, and how much it rests on (comments heard, or 1)."""

    value: float
    weight: float


@dataclass(frozen=True)
class Comparison:
    """Weeks after against weeks before: means, their difference with a 90 % interval, and z (positive: as wanted).

    `information` is the share of what will be known at the last look.
    """

    weeks_before: int
    weeks_after: int
    mean_before: float
    mean_after: float
    difference: float
    low: float
    high: float
    z: float
    information: float


@dataclass(frozen=True)
class Judgement:
    """What may be said of a change at a look. `p` is the chance of so much or more if nothing changed, at one look.

    `next_look` is the number of weeks after the change at which to look again, or None after the last.
    """

    state: Verdict
    at_week: int
    comparison: Comparison | None
    bound: float | None
    p: float | None
    next_look: int | None
    error_rate: float = ERROR_RATE


@dataclass(frozen=True)
class _Fits:
    """For each strength of memory: the difference of two stretches, its standard error, and how well it fits (0 to 1).

    All of shape (memories,); the last adds up to 1.
    """

    differences: Vector
    errors: Vector
    shares: Vector


def compare(
    before: Sequence[Week], after: Sequence[Week], wanted: Wanted, *, fewest: int = FEWEST_BEFORE
) -> Comparison:
    """Compare two stretches of weeks, oldest first; raises `TooFewWeeks`.

    The difference is that of generalised least squares with errors of the first order: weeks weigh by exposure, and the
    probability and the interval are averaged over the strengths of memory, each by its restricted likelihood
    (Harville, JASA 1977, 72:320). Student's t with n - 2 degrees of freedom.
    """
    before, after = [[week for week in weeks if week.weight > 0] for weeks in (before, after)]
    if len(before) < max(2, fewest) or not after:
        raise TooFewWeeks
    degrees = len(before) + len(after) - 2
    fits = _fitted([*before, *after], len(before))
    sign = -1 if wanted == "lower" else 1
    p = float(fits.shares @ _chances(sign * fits.differences, fits.errors, degrees))
    difference = float(fits.shares @ fits.differences)
    margin = float(t.ppf(0.95, degrees)) * sqrt(float(fits.shares @ fits.errors**2))
    planned = _one_over(before) + 1 / LOOKS[-1]
    return Comparison(
        weeks_before=len(before),
        weeks_after=len(after),
        mean_before=_mean(before),
        mean_after=_mean(after),
        difference=difference,
        low=difference - margin,
        high=difference + margin,
        z=float(np.clip(norm.isf(p), -_SURE, _SURE)),
        information=min(1.0, planned / (_one_over(before) + _one_over(after))),
    )


def look(before: Sequence[Week], after: Sequence[Week], wanted: Wanted, *, set_aside: Sequence[Week] = ()) -> Judgement:
    """What may be said at one look, `after` being exactly the weeks until it; raises `TooFewWeeks`.

    A change is called worse only where it is also worse than the weeks that were set aside: what made people act may
    have been there to stay, and it is not the change's doing.
    """
    found = compare(before, after, wanted)
    bound = _BOUND / sqrt(found.information)
    state: Verdict = "improved" if found.z >= bound else "worse" if found.z <= -bound else "unproven"
    if state == "worse" and len(set_aside) > 1 and compare(set_aside, after, wanted, fewest=2).z > -bound:
        state = "unproven"
    p = float(norm.sf(abs(found.z)))
    at_week = len(after)
    later = next((each for each in LOOKS if each > at_week), None) if state == "unproven" else None
    return Judgement(state, at_week, found, bound, p, later)


def judge(
    before: Sequence[Week], after: Sequence[Week], wanted: Wanted, *, set_aside: Sequence[Week] = ()
) -> Judgement:
    """What may be said of a change from the weeks since: looks only when 4, 8 and 12 of them are there.

    A verdict that was reached stays, whatever later weeks bring: `improved` and `worse` are each wrong with at most
    `ERROR_RATE` where nothing changed. Raises `TooFewWeeks`.
    """
    if len(before) < FEWEST_BEFORE:
        raise TooFewWeeks
    seen = Judgement("unproven", len(after), None, None, None, LOOKS[0])
    for weeks in LOOKS:
        if len(after) < weeks or seen.state != "unproven":
            break
        seen = look(before, after[:weeks], wanted, set_aside=set_aside)
    return seen


def _fitted(weeks: Sequence[Week], before: int) -> _Fits:
    """Fit two means, the second from week `before` on, for each strength of memory; light weeks are less certain."""
    count, memories = len(weeks), _MEMORIES[:, None, None]
    weights = np.array([week.weight for week in weeks])
    values = np.array([week.value for week in weeks])
    columns = np.stack([np.ones(count), np.arange(count) >= before, values]) * np.sqrt(weights / weights.mean())
    white = np.broadcast_to(columns, (len(_MEMORIES), 3, count)).copy()
    white[:, :, 1:] = (columns[:, 1:] - memories * columns[:, :-1]) / np.sqrt(1 - memories**2)
    crossed = white[:, :2] @ white[:, :2].transpose(0, 2, 1)
    inverse = np.linalg.inv(crossed)
    means = (inverse @ white[:, :2] @ white[:, 2, :, None])[:, :, 0]
    rest = ((white[:, 2] - (means[:, None] @ white[:, :2])[:, 0]) ** 2).sum(axis=1)
    degrees = count - 2
    fits = -0.5 * (
        (count - 1) * np.log(1 - _MEMORIES**2)
        + np.log(np.linalg.det(crossed))
        + degrees * np.log(np.maximum(rest, 1e-12))
    )
    shares = np.exp(fits - fits.max())
    return _Fits(means[:, 1], np.sqrt(rest / degrees * inverse[:, 1, 1]), shares / shares.sum())


def _chances(towards: Vector, errors: Vector, degrees: int) -> Vector:
    """The probability of differences of so much or more in the wanted direction, if there were none."""
    exact = errors < 1e-9
    found = t.sf(towards / np.where(exact, 1.0, errors), degrees)
    certain = norm.sf(_SURE * np.sign(np.where(np.abs(towards) > 1e-9, towards, 0.0)))
    return np.asarray(np.where(exact, certain, found), dtype=np.float64)


def _mean(weeks: Sequence[Week]) -> float:
    return sum(week.value * week.weight for week in weeks) / sum(week.weight for week in weeks)


def _one_over(weeks: Sequence[Week]) -> float:
    """One over the number of weeks that these are worth (Kish's effective size for unequal weights)."""
    return sum(week.weight**2 for week in weeks) / sum(week.weight for week in weeks) ** 2
