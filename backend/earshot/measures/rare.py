"""Find special causes in rare events with T charts (time between) and G charts (number between). Pure.

Where something happens a few times a year, counts are mostly 0 and an XmR chart of them says nothing. The gaps between
events do: short gaps mean that it happens more often. A gap of days goes on a T chart, a number of comments or patients
between two events on a G chart. A longer gap is "increase", which is better wherever the event is bad.

Sources: Nelson, "A control chart for parts-per-million nonconforming items", J Qual Technol 1994;26:239-240 (T);
Benneyan, "Number-between g-type statistical quality control charts for monitoring adverse events", Health Care Manag
Sci 2001;4:305-318, sections 3-4 (G); both as in Provost, Murray, "The Health Care Data Guide", 2011, chapter 7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from statistics import median

from earshot.measures.spc import Limits, Rules, SeriesRefused, XmrChart, assurance, judge, xmr

NELSON = 3.6  # gaps between random events have an exponential distribution; their 3.6th root is nearly normal
SIGMAS = 3
MANY_SAME_DAY = 0.2


def days_between(days: Sequence[date]) -> list[int]:
    """Count the days from each event to the next; n events, in any order, give n - 1 gaps."""
    return [(later - earlier).days for earlier, later in pairwise(sorted(days))]


def t_chart(gaps: Sequence[float], rules: Rules | None = None) -> XmrChart:
    """Chart n gaps of time between events, oldest first, in any unit; gives n points.

    The limits are those of an XmR chart of gap^(1/3.6), taken back to the unit; all rules of the XmR chart hold.
    The centre line is the 3.6th power of the mean root, and lies near the median. Raises SeriesRefused for a gap that
    is below 0 or no ordinary number, and as `xmr` does.
    """
    _check(gaps)
    rules = rules or Rules()
    found = xmr([gap ** (1 / NELSON) for gap in gaps], replace(rules, target=None))
    points = [
        replace(point, value=float(gap), limits=_taken_back(point.limits))
        for point, gap in zip(found.points, gaps, strict=True)
    ]
    return replace(
        found,
        points=tuple(points),
        rules=rules,
        assurance=assurance(points[-1].limits, rules.target, rules.improvement_direction) if points else None,
        warnings=(*found.warnings, *_same_day(gaps)),
    )


def g_chart(gaps: Sequence[int], rules: Rules | None = None) -> XmrChart:
    """Chart n numbers of comments (patients, bed days) between events, not counting the events; gives n points.

    The limits are g ± 3 sqrt(g (g + 1)), with g the mean, of which the lower is below 0 and so never there: more
    frequent events show as seven gaps below the centre line. That line is the median of the gaps, since most are below
    their mean, and seven below a mean would be nothing special. Two-in-three is not used: it needs symmetry. By chance
    alone about 1 gap in 50 is above the upper limit. Raises SeriesRefused as `t_chart` does.
    """
    _check(gaps)
    rules = rules or Rules()
    if rules.screen_outliers:
        raise SeriesRefused("screen_outliers", "a G chart has no moving ranges to screen.")
    return judge(gaps, rules, geometric_limits)


def geometric_limits(gaps: Sequence[float]) -> Limits:
    """Work out the centre line (median) and upper limit of one group of numbers between events."""
    mean = math.fsum(gaps) / len(gaps)
    return Limits(float(median(gaps)), None, mean + SIGMAS * math.sqrt(mean * (mean + 1)), None, None)


def _check(gaps: Sequence[float]) -> None:
    for number, gap in enumerate(gaps, start=1):
        if not gap >= 0:
            raise SeriesRefused("gaps", f"gap {number} is below 0 or not a number.")


def _taken_back(limits: Limits) -> Limits:
    others = (limits.lpl, limits.upl, limits.near_lpl, limits.near_upl)
    return Limits(limits.mean**NELSON, *(None if value is None else max(value, 0.0) ** NELSON for value in others))


def _same_day(gaps: Sequence[float]) -> tuple[str, ...]:
    zeros = sum(gap == 0 for gap in gaps)
    if zeros <= MANY_SAME_DAY * len(gaps):
        return ()
    return (f"{zeros} of {len(gaps)} gaps are 0: these events are not rare. Chart how many there are a week instead.",)
