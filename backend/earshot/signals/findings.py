"""From a provider's weekly counts to what stands out as of any week: detectors, budget, attribution, sentences. Pure.

Everything is read once from the oldest week to the newest and nothing looks ahead, so that what is found as of a past
week is what would have been found then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np

from earshot.signals.attribution import Stands, attributed
from earshot.signals.budget import DETECTOR, VERSION, Alarm, alarms, weeks_between
from earshot.signals.co_signal import together
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.episodes import episode
from earshot.signals.evidence import Side
from earshot.signals.model import Expectation, Finding, Kind, Meaning, Subject
from earshot.signals.watched import Key, Tree, Watched
from earshot.signals.wording import Told, sentence

#: What series can tell of; single comments, discovered themes and groups of people are looked at elsewhere.
SERIES_KINDS: tuple[Kind, ...] = ("rise", "fall", "praise", "co_signal", "silence")
#: Half or more of what was heard must have gone for a fall in answers to be a silence.
SILENT_BELOW = 0.5
#: What people are asked to look at: the weight of evidence (a Bayes factor of 4.5), and what must have been expected
#: for a fall. Both only ever lower the number of false alarms.
LEAST_EVIDENCE, FEWEST_TO_FALL = 1.5, 4.0
WEEKS_KEPT = 52  # of what was expected, for the chart
ORDINARY_SDS = 3.0

Alike = tuple[str, str, str, Side]  # stream, measure, label, side


@dataclass(frozen=True)
class Watch:
    """One thing to look for: which panel, which sides, and its share of the budget."""

    name: str
    sides: tuple[Side, ...]
    share: float


#: What is watched in few series may speak earlier: each part has its own share of the false alarms.
WATCHES = (
    Watch("in_all", ("rise", "fall"), 0.3),
    Watch("themes", ("rise", "fall"), 0.3),
    Watch("praise", ("rise",), 0.1),
    Watch("speaking_up", ("rise",), 0.1),
    Watch("silence", ("fall",), 0.1),
)
TOGETHER = Watch("together", ("rise",), 0.1)


@dataclass(frozen=True, eq=False)
class Look:
    """One panel with its readings and every alarm that it ever raised."""

    watched: Watched
    readings: Readings
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, eq=False)
class Looks:
    """All that was looked at for one provider."""

    tree: Tree
    looks: tuple[Look, ...]

    @property
    def series(self) -> int:
        """How many series were looked at."""
        return sum(len(one.watched.keys) for one in self.looks)


def look(tree: Tree, budget: float) -> Looks:
    """Read everything that is watched; `budget` is the number of false alarms a month over all of it."""
    panels = tree.panels()
    alone = [_look(panels[watch.name], budget * watch.share, watch.sides) for watch in WATCHES]
    return Looks(tree, (*alone, _together(alone[0], budget * TOGETHER.share)))


def _look(watched: Watched, budget: float, sides: Sequence[Side]) -> Look:
    readings = read(watched.panel)
    return Look(watched, readings, tuple(alarms(readings, budget, sides)))


def _together(one: Look, budget: float) -> Look:
    """Complaints of patients and of staff of the same place, heard as one where both move."""
    rows = {(key.org_id, key.stream): row for row, key in enumerate(one.watched.keys) if key.measure == "negative"}
    places = [org_id for org_id, stream in rows if stream == "staff" and (org_id, "patient") in rows]
    pairs = [_some(one.readings, [rows[org_id, stream] for org_id in places]) for stream in ("patient", "staff")]
    joint = together(*pairs)
    keys = tuple(Key(org_id, "patient+staff", "negative") for org_id in places)
    return Look(Watched(keys, one.watched.weeks, joint.panel), joint, tuple(alarms(joint, budget, TOGETHER.sides)))


def _some(readings: Readings, rows: Sequence[int]) -> Readings:
    """The readings of some series."""
    panel = Panel(readings.panel.counts[rows], readings.panel.exposure[rows], readings.panel.observed[rows])
    tables = (readings.expected[rows], readings.sd[rows], readings.spread[rows], readings.judged[rows])
    evidence = {side: table[rows] for side, table in readings.evidence.items()}
    return Readings(panel, *tables, evidence, {side: table[rows] for side, table in readings.since.items()})


def found(looks: Looks, week: int) -> list[Finding]:
    """What stood out at the end of a week, counted from 0, said once at the level of the tree that tells most."""
    return [finding for one in looks.looks for finding in _found(looks.tree, one, week)]


@dataclass(frozen=True)
class _Standing:
    """An alarm that stands at a week, as it was in its most telling week until then."""

    series: int
    side: Side
    since: int
    until: int
    evidence: float
    weeks_between: float


def _found(tree: Tree, one: Look, week: int) -> Iterator[Finding]:
    keys, readings = one.watched.keys, one.readings
    rows = {(key.org_id, key.stream, key.measure, key.label): row for row, key in enumerate(keys)}
    standing: dict[Stands[Alike], _Standing] = {}
    for alarm in one.alarms:
        most = _most_telling(readings, alarm, week)
        if most is not None:
            key = keys[alarm.series]
            heard, expected = readings.window(alarm.series, most.until, most.since)
            alike = (key.stream, key.measure, key.label, alarm.side)
            stands = Stands(key.org_id, alike, most.since, most.until, heard, expected)
            if _worth(most, stands):
                standing[stands] = most

    def window(alike: Alike) -> Callable[[UUID, int, int], tuple[int, float]]:
        return lambda org_id, since, until: readings.window(rows[org_id, alike[0], alike[1], alike[2]], until, since)

    above = {place.id: place.above for place in tree.places.values()}
    for stands in attributed(list(standing), above, window):
        finding = _finding(tree, one, standing[stands], stands, week)
        if finding is not None:
            yield finding


def _most_telling(readings: Readings, alarm: Alarm, week: int) -> _Standing | None:
    """An alarm in the week, until a given one, in which chance explains it least; None where it is over."""
    now = episode(readings, alarm, week)
    if now is None:
        return None
    by_chance = weeks_between(readings, alarm.side, alarm.series, now.best) / int(readings.judged[:, now.best].sum())
    evidence = float(readings.evidence[alarm.side][alarm.series, now.best])
    return _Standing(alarm.series, alarm.side, now.since, now.best, evidence, by_chance)


def _worth(most: _Standing, stands: Stands[Alike]) -> bool:
    """Whether an alarm is worth a person's time: too little that could fall, or too little evidence, is not."""
    if most.side == "fall" and stands.expected < FEWEST_TO_FALL:
        return False
    return most.evidence >= LEAST_EVIDENCE and (stands.ratio > 1) == (most.side == "rise")


def _finding(tree: Tree, one: Look, most: _Standing, stands: Stands[Alike], week: int) -> Finding | None:
    key = one.watched.keys[most.series]
    kind, meaning = kind_of(key, most.side)
    place = tree.places[key.org_id]
    if kind == "silence" and (stands.ratio > SILENT_BELOW or place.level == "provider"):
        return None
    if meaning == "neutral" and tree.mostly_negative(key.org_id, key.stream, most.since, most.until):
        meaning = "concern"
    since, until = tree.weeks[most.since], tree.weeks[most.until] + timedelta(days=6)
    told = Told(
        place.name, place.level, key.streams, key.measure, key.label, since, until, stands.heard, stands.expected
    )
    return Finding(
        subject=Subject(kind, key.org_id, key.streams, key.measure, key.label),
        meaning=meaning,
        since=since,
        until=until,
        observed=stands.heard,
        expected=round(stands.expected, 4),
        statistic=round(most.evidence, 4),
        weeks_between=round(most.weeks_between, 2),
        detector=DETECTOR,
        version=VERSION,
        sentence=sentence(kind, told),
        expectations=_expectations(one, most, week),
    )


def kind_of(key: Key, side: Side) -> tuple[Kind, Meaning]:
    """What an alarm on a series is: complaints that rise are a concern, that fall an improvement.

    That staff speak up more is neither by itself.
    """
    if len(key.streams) > 1:
        return "co_signal", "concern"
    if key.measure == "responses":
        return ("silence", "concern") if side == "fall" else ("rise", "neutral")
    if key.measure == "positive":
        return "praise", "improvement"
    return ("rise", "concern") if side == "rise" else ("fall", "improvement")


def _expectations(one: Look, alarm: _Standing, week: int) -> tuple[Expectation, ...]:
    """What each week should have brought, and a bound that an ordinary week rarely passes."""
    first = max(0, week + 1 - WEEKS_KEPT)
    mean, sd, spread = (
        table[alarm.series, first : week + 1] for table in (one.readings.expected, one.readings.sd, one.readings.spread)
    )
    far = ORDINARY_SDS * np.sqrt(mean * spread + (mean * sd) ** 2)
    limit = mean + far if alarm.side == "rise" else np.maximum(mean - far, 0)
    starts = one.watched.weeks[first : week + 1]
    judged = one.readings.judged[alarm.series, first : week + 1]
    return tuple(
        Expectation(start, round(float(usual), 2), round(float(bound), 2))
        for start, usual, bound, known in zip(starts, mean, limit, judged, strict=True)
        if known
    )
