"""What is watched: from weekly counts of each organisation to panels of series for the whole tree. Pure.

Series are organisation × stream × theme or measure, each organisation with all below it. Comments of patients and
carers are weighed by how many there were that week, since more of them are asked in a busy week. Staff are not asked
after every shift: that they speak up more often is itself the sign, so theirs are counted as they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from earshot.measures.periods import Feed
from earshot.signals.bounds import Flags, Numbers, Weeks
from earshot.signals.detectors import Panel
from earshot.signals.weekly import Counted, Place
from earshot.taxonomy.frameworks import frameworks
from earshot.taxonomy.model import Framework

NEGATIVE = POOR = frozenset({"4", "5"})
FEED_WEEKS, FEED_SHARE = 8, 0.2
#: A theme that says no more than that something was bad: all negative comments together say it better.
_SAYS_ONLY_BAD = "Negative experience & dissatisfaction"


@dataclass(frozen=True)
class Key:
    """Which series: a place with all below it, who spoke (several joined by +), and what is counted."""

    org_id: UUID
    stream: str
    measure: str
    label: str = ""

    @property
    def streams(self) -> tuple[str, ...]:
        """Who spoke."""
        return tuple(self.stream.split("+"))


@dataclass(frozen=True, eq=False)
class Watched:
    """Series and their panel; a row of the panel for each key, a column for each week."""

    keys: tuple[Key, ...]
    weeks: tuple[date, ...]
    panel: Panel

    def chosen(self, wanted: Sequence[bool]) -> Watched:
        """Some of the series, in the same order."""
        rows = np.flatnonzero(np.array(wanted, dtype=bool))
        panel = Panel(self.panel.counts[rows], self.panel.exposure[rows], self.panel.observed[rows])
        return Watched(tuple(self.keys[row] for row in rows), self.weeks, panel)


@dataclass(frozen=True, eq=False)
class _Part:
    """One thing counted over all places, for the streams that speak of it: counts and exposure (pairs, weeks)."""

    measure: str
    label: str
    counts: Numbers
    exposure: Numbers
    streams: tuple[str, ...] = ("patient", "carer", "staff")


class Tree:
    """The weekly counts of a provider's tree, added up from the bottom to the top."""

    def __init__(
        self, places: Sequence[Place], rows: Sequence[Counted], feeds: Sequence[Feed], weeks: Sequence[date]
    ) -> None:
        self.places = {place.id: place for place in places}
        self.name = places[0].name if places else ""
        self.weeks = tuple(weeks)
        number = {week: column for column, week in enumerate(weeks)}
        self._rows = [row for row in rows if row.week in number]
        self.pairs = self._pairs()
        self._cells, self._from = self._spread(number)
        self._n = np.array([row.n for row in self._rows], dtype=np.float64)
        self.responses = self._sum("responses")
        self._feed = np.array([any(feed.touches(week, "week") for feed in feeds) for week in weeks], dtype=bool)
        self._feed &= _came(self._heard_at_the_top(places))
        self.comments = self._sum("sentiment")
        self.negative = self._sum("sentiment", NEGATIVE)

    def _pairs(self) -> dict[tuple[UUID, str], int]:
        """A number for every organisation and stream that anybody was ever heard in, itself or below."""
        found = {(above, row.stream) for row in self._rows for above in self.places[row.org_id].above}
        order = {org_id: place for place, org_id in enumerate(self.places)}
        return {pair: number for number, pair in enumerate(sorted(found, key=lambda pair: (order[pair[0]], pair[1])))}

    def _heard_at_the_top(self, places: Sequence[Place]) -> Numbers:
        """How many answered in all, (weeks,)."""
        rows = [row for (org_id, _), row in self.pairs.items() if places and org_id == places[0].id]
        return np.asarray(self.responses[rows].sum(axis=0))

    def _spread(self, number: dict[date, int]) -> tuple[Weeks, Weeks]:
        """Where each row counts: the cells of (pairs, weeks), flat, of its place and of all above; and which row."""
        width = len(self.weeks)
        cells, rows = [], []
        for index, row in enumerate(self._rows):
            for above in self.places[row.org_id].above:
                cells.append(self.pairs[above, row.stream] * width + number[row.week])
                rows.append(index)
        return np.array(cells, dtype=np.int64), np.array(rows, dtype=np.int64)

    def _sum(self, measure: str, labels: frozenset[str] | None = None) -> Numbers:
        """Counts (pairs, weeks) of one measure, of all or some of its labels."""
        wanted = [row.measure == measure and (labels is None or row.label in labels) for row in self._rows]
        return self._added(np.array(wanted, dtype=bool))

    def _added(self, wanted: Flags) -> Numbers:
        shape = (len(self.pairs), len(self.weeks))
        weights = np.where(wanted, self._n, 0.0)[self._from] if self._from.size else np.zeros(0)
        return np.bincount(self._cells, weights, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)

    def _themed(self, measure: str) -> list[tuple[Framework, str, Numbers]]:
        """Each framework's themes with their counts (pairs, weeks)."""
        labels = np.array([row.label if row.measure == measure else "" for row in self._rows], dtype=object)
        return [
            (framework, theme, self._added(np.asarray(labels == theme, dtype=bool)))
            for framework in frameworks()
            for theme in framework.names
            if theme != _SAYS_ONLY_BAD
        ]

    def observed(self) -> Flags:
        """Where a zero is a zero (pairs, weeks): the provider was heard, the unit had begun and was not closed."""
        begun = np.maximum.accumulate(self.responses > 0, axis=1)
        open_then = np.ones_like(begun)
        for (org_id, _), number in self.pairs.items():
            closed = self.places[org_id].closed_on
            if closed is not None:
                open_then[number] = [week < closed for week in self.weeks]
        return np.asarray(begun & open_then & self._feed[None, :])

    def panels(self) -> dict[str, Watched]:
        """All that is watched, by what is looked for."""
        heard = self._stacked([_Part("responses", "", self.responses, np.ones_like(self.responses))])
        complaints = self.complaints()
        return {
            "in_all": complaints.chosen([not key.label for key in complaints.keys]),
            "themes": complaints.chosen([bool(key.label) for key in complaints.keys]),
            "praise": self.praise(),
            "speaking_up": heard.chosen([key.stream == "staff" for key in heard.keys]),
            "silence": heard,
        }

    def complaints(self) -> Watched:
        """Negative comments about each theme and in all, and poor scores."""
        exposure = self._exposure()
        parts = [
            _Part("theme_negative", theme, counts, exposure, framework.streams)
            for framework, theme, counts in self._themed("theme_negative")
            if framework.theme(theme).polarity != "good"
        ]
        parts.append(_Part("negative", "", self.negative, exposure))
        parts.append(_Part("fft_poor", "", self._sum("fft", POOR), self._sum("fft")))
        return self._stacked(parts)

    def praise(self) -> Watched:
        """Comments about each theme that are not negative."""
        exposure = self._exposure()
        negative = {theme: counts for _, theme, counts in self._themed("theme_negative")}
        parts = [
            _Part("positive", theme, np.maximum(counts - negative[theme], 0), exposure, framework.streams)
            for framework, theme, counts in self._themed("theme")
            if framework.theme(theme).polarity != "bad"
        ]
        return self._stacked(parts)

    def mostly_negative(self, org_id: UUID, stream: str, since: int, week: int) -> bool:
        """Whether half or more of what was said somewhere in some weeks was negative."""
        row = self.pairs[org_id, stream]
        said = self.comments[row, since : week + 1].sum()
        return bool(said > 0 and 2 * self.negative[row, since : week + 1].sum() >= said)

    def _exposure(self) -> Numbers:
        """How many comments could have been about it; of staff, the week itself."""
        staff = np.array([stream == "staff" for _, stream in self.pairs], dtype=bool)
        return np.where(staff[:, None], 1.0, self.comments)

    def _stacked(self, parts: Sequence[_Part]) -> Watched:
        """The series of some parts, each for the places and streams that it can be heard in."""
        keys: list[Key] = []
        rows: list[tuple[Numbers, Numbers, Flags]] = []
        observed = self.observed()
        for part in parts:
            here = [(pair, number) for pair, number in self.pairs.items() if pair[1] in part.streams]
            chosen = [number for _, number in here]
            keys += [Key(org_id, stream, part.measure, part.label) for (org_id, stream), _ in here]
            rows.append((part.counts[chosen], part.exposure[chosen], observed[chosen]))
        counts, exposure, seen = (np.concatenate(columns) for columns in zip(*rows, strict=True))
        return Watched(tuple(keys), self.weeks, Panel.of(counts, exposure, seen))


def _came(heard: Numbers) -> Flags:
    """Whether a feed came in each week: hardly anything from a whole provider is a feed that stopped, not a silence.

    Hardly anything is less than a fifth of the median of the last eight weeks in which it came.
    """
    came = np.zeros(heard.size, dtype=bool)
    for week in range(heard.size):
        before = heard[:week][came[:week]][-FEED_WEEKS:]
        usual = float(np.median(before)) if before.size else 0.0
        came[week] = heard[week] > 0 and heard[week] >= FEED_SHARE * usual
    return came


def whole_weeks(first: date, until: date) -> list[date]:
    """The Mondays from the week of `first` to the last week that ends by `until`."""
    start = first - timedelta(days=first.weekday())
    return [start + timedelta(weeks=number) for number in range(((until - start).days + 1) // 7)]
