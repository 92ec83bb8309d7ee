"""Say a change once, at the level of the tree that tells most. Pure.

A ward's rise lifts its site's and its provider's counts, too. A place keeps its alarm only where the rest of it,
without the places below that have an alarm of their own, has changed as well; and where it does, a place below keeps
its own only if it has changed clearly more than the whole.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

REST_RATIO, REST_SDS = 1.25, 2.0  # how far the rest must be from what is usual to have changed itself
CLEARLY_MORE = 1.5  # times the whole's ratio

Alike = TypeVar("Alike")  # what two alarms must share to be about the same thing: stream, measure, label and side
Window = Callable[[UUID, int, int], tuple[int, float]]


@dataclass(frozen=True)
class Stands(Generic[Alike]):
    """An alarm that stands: where, about what, the weeks of its window, and the counts of that window."""

    org_id: UUID
    alike: Alike
    since: int
    until: int
    heard: int
    expected: float

    @property
    def ratio(self) -> float:
        """How many times what was expected."""
        return self.heard / max(self.expected, 1e-9)


def attributed(
    alarms: Sequence[Stands[Alike]],
    above: Mapping[UUID, Sequence[UUID]],
    window: Callable[[Alike], Window],
) -> list[Stands[Alike]]:
    """The alarms that say something of their own.

    `above` lists for each place those from the top down to itself; `window` gives for what two alarms share a function
    from a place, a first and a last week to what was heard and expected there.
    """
    groups: defaultdict[Alike, list[Stands[Alike]]] = defaultdict(list)
    for alarm in alarms:
        groups[alarm.alike].append(alarm)
    return [alarm for alike, group in groups.items() for alarm in _own(group, above, window(alike))]


def _own(group: Sequence[Stands[Alike]], above: Mapping[UUID, Sequence[UUID]], window: Window) -> list[Stands[Alike]]:
    """One thing's alarms, from the bottom of the tree to the top."""
    kept: list[Stands[Alike]] = []
    for alarm in sorted(group, key=lambda alarm: (-len(above[alarm.org_id]), str(alarm.org_id))):
        below = [other for other in kept if alarm.org_id in above[other.org_id]]
        if below and not _rest_changed(alarm, below, above, window):
            continue
        kept = [other for other in kept if other not in below or _clearly_more(other, alarm)]
        kept.append(alarm)
    return kept


def _rest_changed(
    alarm: Stands[Alike], below: Sequence[Stands[Alike]], above: Mapping[UUID, Sequence[UUID]], window: Window
) -> bool:
    """Whether what is left of a place without those below that have an alarm is far from usual, to the same side."""
    outermost = [one for one in below if not any(o is not one and o.org_id in above[one.org_id] for o in below)]
    counted = [window(one.org_id, alarm.since, alarm.until) for one in outermost]
    heard = alarm.heard - sum(n for n, _ in counted)
    expected = max(alarm.expected - sum(usual for _, usual in counted), 1e-9)
    far = REST_SDS * math.sqrt(expected)
    if alarm.ratio >= 1:
        return heard >= expected * REST_RATIO and heard - expected >= far
    return heard * REST_RATIO <= expected and expected - heard >= far


def _clearly_more(part: Stands[Alike], whole: Stands[Alike]) -> bool:
    if whole.ratio >= 1:
        return part.ratio >= CLEARLY_MORE * whole.ratio
    return part.ratio * CLEARLY_MORE <= whole.ratio
