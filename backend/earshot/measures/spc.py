"""Find special causes in a series with an XmR chart, as NHS "Making Data Count" does it.

The rules are those of NHSRplotthedots (https://github.com/nhs-r-community/NHSRplotthedots, commit 050b07d,
MIT). Everything here is pure: numbers in, frozen dataclasses out. Values keep the unit that they came in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

from earshot.core.errors import FieldError, Invalid

Direction = Literal["increase", "decrease", "neutral"]
SpecialCause = Literal[
    "Common Cause",
    "Above UCL",
    "Below LCL",
    "7 Point Trend (Increasing)",
    "7 Point Trend (Decreasing)",
    "2 in 3 Above CL",
    "2 in 3 Below CL",
    "7 Points Above CL",
    "7 Points Below CL",
]
PointType = Literal[
    "common_cause",
    "special_cause_improvement",
    "special_cause_concern",
    "special_cause_neutral_high",
    "special_cause_neutral_low",
]
Assurance = Literal["consistent_pass", "consistent_fail", "inconsistent"]

LIMIT = 2.66  # 3 / d2 for moving ranges of two points, rounded as the NHS tools round it
NEAR_LIMIT = 2 * LIMIT / 3
OUTLYING_RANGE = 3.267  # D4 for moving ranges of two points
RUN = 7
LARGEST_VALUE = 1e100  # sums and squares of anything smaller stay finite
MOST_POINTS = 100_000
TRIAL_BELOW = 13
FIRM_FIX = 12

DIRECTIONS: tuple[Direction, ...] = ("increase", "decrease", "neutral")
LOW_CAUSES: frozenset[SpecialCause] = frozenset(
    {"Below LCL", "7 Point Trend (Decreasing)", "2 in 3 Below CL", "7 Points Below CL"}
)


class SeriesRefused(Invalid):
    """This series cannot be charted. Each field below says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}", fields=[FieldError(field, message)])


@dataclass(frozen=True)
class Rules:
    """How to read one series.

    `screen_outliers` is off, as in the NHS Excel tool; NHSRplotthedots has it on. `rebase_at` names the
    points (counted from 1) at which new limits start, and `fix_after_n_points` says how many of the first
    points of each such group set its limits (all when None).

    Raises SeriesRefused when an option makes no sense.
    """

    improvement_direction: Direction = "increase"
    screen_outliers: bool = False
    fix_after_n_points: int | None = None
    rebase_at: tuple[int, ...] = ()
    target: float | None = None

    def __post_init__(self) -> None:
        if self.improvement_direction not in DIRECTIONS:
            raise SeriesRefused("improvement_direction", "use increase, decrease or neutral.")
        if self.fix_after_n_points is not None and self.fix_after_n_points < 2:
            raise SeriesRefused("fix_after_n_points", "use a whole number of at least 2.")
        if self.target is not None and not usable(self.target):
            raise SeriesRefused("target", "use an ordinary number.")


@dataclass(frozen=True)
class Limits:
    """The mean and the process limits of one group of points, in the series' unit.

    A chart of rare events (rare.py) has its own centre line in the place of the mean, and may have no near limits.
    The limits are None where there is no moving range to work them out from: a group of one point, or a
    group whose ranges were all screened out because the values never change. R gives NaN for both.
    """

    mean: float
    lpl: float | None
    upl: float | None
    near_lpl: float | None
    near_upl: float | None


@dataclass(frozen=True)
class Point:
    """One point of the chart: its number (from 1), value, limits and what was found."""

    number: int
    value: float
    group: int
    limits: Limits
    special_cause: SpecialCause
    point_type: PointType

    @property
    def letter(self) -> Literal["H", "L", "•"]:
        """H for unusually high or rising, L for unusually low or falling, a dot for common cause."""
        if self.special_cause == "Common Cause":
            return "•"
        return "L" if self.special_cause in LOW_CAUSES else "H"


@dataclass(frozen=True)
class XmrChart:
    """A series with its limits, special causes, the two NHS icons and warnings in plain words.

    `variation` is the type of the last point (None for an empty series); `assurance` compares the target
    with the last point's limits (None without a target, a direction or limits).
    """

    points: tuple[Point, ...]
    rules: Rules
    variation: PointType | None
    assurance: Assurance | None
    warnings: tuple[str, ...]


def xmr(values: Sequence[float], rules: Rules | None = None) -> XmrChart:
    """Chart a series of n values, oldest first; gives n points.

    Raises SeriesRefused for a value that is not an ordinary number, more than 100,000 values, or a
    `rebase_at` that is not a point of the series.
    """
    rules = rules or Rules()
    return judge(values, rules, partial(process_limits, screen_outliers=rules.screen_outliers))


def judge(values: Sequence[float], rules: Rules, limits_of: Callable[[Sequence[float]], Limits]) -> XmrChart:
    """Chart a series as `xmr` does, with limits that a function works out from each group of points."""
    _check(values, rules)
    points: list[Point] = []
    for group, (start, end) in enumerate(_groups(len(values), rules.rebase_at), start=1):
        part = values[start:end]
        limits = limits_of(part[: rules.fix_after_n_points])
        for offset, (value, cause) in enumerate(zip(part, special_causes(part, limits), strict=True)):
            kind = point_type(cause, rules.improvement_direction)
            points.append(Point(start + offset + 1, float(value), group, limits, cause, kind))
    last = points[-1] if points else None
    return XmrChart(
        points=tuple(points),
        rules=rules,
        variation=last.point_type if last else None,
        assurance=assurance(last.limits, rules.target, rules.improvement_direction) if last else None,
        warnings=_warnings(points, rules),
    )


def usable(value: float) -> bool:
    """Say whether a value is finite and small enough to sum and square."""
    return math.isfinite(value) and abs(value) < LARGEST_VALUE


def process_limits(values: Sequence[float], *, screen_outliers: bool = False) -> Limits:
    """Work out mean ± 2.66 × mean moving range of one group of at least one value.

    Near limits are two thirds of the way. Screening drops moving ranges of 3.267 × their mean or more, once;
    the points themselves stay in the mean.
    """
    mean = _mean(values)
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    if screen_outliers and ranges:
        too_wide = OUTLYING_RANGE * _mean(ranges)
        ranges = [size for size in ranges if size < too_wide]
    if not ranges:
        return Limits(mean, None, None, None, None)
    average = _mean(ranges)
    far, near = LIMIT * average, NEAR_LIMIT * average
    return Limits(mean, mean - far, mean + far, mean - near, mean + near)


def special_causes(values: Sequence[float], limits: Limits) -> list[SpecialCause]:
    """Name what is found at each of the n points of one group; where several rules hold, the first counts.

    In order: outside a limit, a trend of seven, two in three close to a limit, seven on one side of the
    mean. A point where a rise of seven ends and a fall of seven begins counts to the rise.
    """
    sides = [_sign(value - limits.mean) for value in values]
    trend = seven_point_trend(values)
    rising = part_of_seven([int(step > 0) for step in trend])
    falling = part_of_seven([int(step < 0) for step in trend])
    close = [_close(value, limits) for value in values]
    pair = part_of_two_in_three(close, sides)
    run = part_of_seven(seven_on_one_side(sides))
    return [
        _first_rule(_outside(value, limits), rising[i] - falling[i] * (1 - rising[i]), pair[i], run[i], sides[i])
        for i, value in enumerate(values)
    ]


def seven_on_one_side(sides: Sequence[int]) -> list[int]:
    """Mark (1) each point that ends seven or more in a row on one side of the mean; sides are -1, 0 or 1."""
    marks, length = [], 0
    for before, side in zip([0, *sides], sides, strict=False):
        length = 0 if side == 0 else length + 1 if side == before else 1
        marks.append(int(length >= RUN))
    return marks


def seven_point_trend(values: Sequence[float]) -> list[int]:
    """Mark each point that ends seven strictly rising (1) or falling (-1) values."""
    steps = [0, *(_sign(later - earlier) for earlier, later in pairwise(values))][: len(values)]
    marks, length = [], 0
    for before, step in zip([0, *steps], steps, strict=False):
        length = 0 if step == 0 else length + 1 if step == before else 1
        marks.append(step if length >= RUN - 1 else 0)
    return marks


def part_of_seven(marks: Sequence[int]) -> list[int]:
    """Mark (1) every point of the runs of seven whose last points are marked (not 0)."""
    result, left = [0] * len(marks), 0
    for i in range(len(marks) - 1, -1, -1):
        left = RUN if marks[i] else max(left - 1, 0)
        result[i] = int(left > 0)
    return result


def two_in_three(close: Sequence[int], sides: Sequence[int]) -> list[int]:
    """Mark (1) all three points where at least two of three are close to a limit and all lie on one side."""
    result = [0] * len(close)
    for i in range(len(close) - 2):
        if sum(close[i : i + 3]) >= 2 and abs(sum(sides[i : i + 3])) == 3:
            result[i : i + 3] = [1, 1, 1]
    return result


def part_of_two_in_three(close: Sequence[int], sides: Sequence[int]) -> list[int]:
    """Mark (1) the points that are themselves close to a limit and belong to a two-in-three."""
    return [int(found and near) for found, near in zip(two_in_three(close, sides), close, strict=True)]


def point_type(cause: SpecialCause, direction: Direction) -> PointType:
    """Say whether a special cause is an improvement or a concern, given which direction is better."""
    if cause == "Common Cause":
        return "common_cause"
    low = cause in LOW_CAUSES
    if direction == "neutral":
        return "special_cause_neutral_low" if low else "special_cause_neutral_high"
    better = low == (direction == "decrease")
    return "special_cause_improvement" if better else "special_cause_concern"


def assurance(limits: Limits, target: float | None, direction: Direction) -> Assurance | None:
    """Say whether the process meets its target: always, never or (target between the limits) sometimes."""
    if target is None or direction == "neutral" or limits.lpl is None or limits.upl is None:
        return None
    if limits.lpl <= target <= limits.upl:
        return "inconsistent"
    above = target > limits.upl
    return "consistent_fail" if above == (direction == "increase") else "consistent_pass"


def _check(values: Sequence[float], rules: Rules) -> None:
    if len(values) > MOST_POINTS:
        raise SeriesRefused("y", "there are more than 100,000 points; send fewer.")
    for number, value in enumerate(values, start=1):
        if not usable(value):
            raise SeriesRefused("y", f"point {number} is not an ordinary number.")
    if any(not 1 <= point <= len(values) for point in rules.rebase_at):
        raise SeriesRefused("rebase_at", f"use numbers of points of y, which has {_count(len(values))}.")


def _groups(count: int, rebase_at: Sequence[int]) -> list[tuple[int, int]]:
    starts = sorted({0, *(point - 1 for point in rebase_at)})
    return list(pairwise([*starts, count])) if count else []


def _mean(values: Sequence[float]) -> float:
    # The second pass corrects the rounding of the first, as in R: equal values have exactly their mean.
    first = math.fsum(values) / len(values)
    return first + math.fsum(value - first for value in values) / len(values)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _outside(value: float, limits: Limits) -> int:
    above = limits.upl is not None and value > limits.upl
    below = limits.lpl is not None and value < limits.lpl
    return above - below


def _close(value: float, limits: Limits) -> int:
    # "Close" lies strictly beyond the near limit and not beyond the limit itself.
    if limits.near_lpl is None or limits.near_upl is None or _outside(value, limits):
        return 0
    return int(value > limits.near_upl or value < limits.near_lpl)


def _first_rule(outside: int, trend: int, pair: int, run: int, side: int) -> SpecialCause:
    if outside:
        return "Above UCL" if outside > 0 else "Below LCL"
    if trend:
        return "7 Point Trend (Increasing)" if trend > 0 else "7 Point Trend (Decreasing)"
    if pair:
        return "2 in 3 Above CL" if side > 0 else "2 in 3 Below CL"
    if run:
        return "7 Points Above CL" if side > 0 else "7 Points Below CL"
    return "Common Cause"


def _warnings(points: Sequence[Point], rules: Rules) -> tuple[str, ...]:
    sizes: dict[int, int] = {}
    limits: dict[int, Limits] = {}
    for point in points:
        sizes[point.group] = sizes.get(point.group, 0) + 1
        limits[point.group] = point.limits
    lines = []
    for group, size in sizes.items():
        where = "" if len(sizes) == 1 else f" in group {group}"
        if size < TRIAL_BELOW:
            lines.append(f"Trial limits{where}: {_count(size)}, fewer than {TRIAL_BELOW}. The limits may move.")
        if limits[group].upl is None:
            why = "one point has" if size == 1 else "values that never change, once screened, have"
            lines.append(f"No limits{where}: {why} no moving range to work them out from.")
    if rules.fix_after_n_points is not None and rules.fix_after_n_points < FIRM_FIX:
        lines.append(f"Limits fixed on {rules.fix_after_n_points} points: at least {FIRM_FIX} are advised.")
    return tuple(lines)


def _count(size: int) -> str:
    return "1 point" if size == 1 else f"{size} points"
