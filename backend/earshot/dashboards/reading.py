"""What a page is about, worked out once: which organisations, which whole weeks or months, and totals of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.dashboards import store
from earshot.dashboards.model import USUAL_WEEKS, Ago, Asked, Whole, whole
from earshot.dashboards.store import Place, Total
from earshot.dashboards.words import STREAMS, day
from earshot.dashboards.words import span as length
from earshot.measures.periods import Span

EVERYTHING = "Everything you may see"


@dataclass(frozen=True)
class Seen:
    """What a page is about."""

    places: tuple[Place, ...]
    asked: Asked
    when: Whole

    @property
    def org_ids(self) -> list[UUID]:
        """The organisations whose counts, added up, are those of the page."""
        return [place.id for place in self.places]

    @property
    def streams(self) -> tuple[str, ...] | None:
        """The streams asked for; None for all that may be seen."""
        return self.asked.streams

    @property
    def visible(self) -> tuple[str, ...]:
        """The streams whose counts the page holds: those asked for that the reader may see."""
        shown = next((place.streams for place in self.places if place.streams is not None), tuple(STREAMS))
        return tuple(name for name in STREAMS if name in shown and (self.streams is None or name in self.streams))

    @property
    def below_provider(self) -> bool:
        """Whether the page is about a part of a provider: cases are never counted for one."""
        return any(place.level not in ("nation", "region", "icb", "provider") for place in self.places)

    @property
    def org_id(self) -> UUID | None:
        """The one organisation, where there is only one."""
        return self.places[0].id if len(self.places) == 1 else self.asked.org_id

    @property
    def org_name(self) -> str:
        """What the page is headed with."""
        return self.places[0].name if len(self.places) == 1 else EVERYTHING

    @property
    def first_week(self) -> date | None:
        """The Monday of the first week in which anybody was heard."""
        return min((place.first_week for place in self.places if place.first_week is not None), default=None)

    @property
    def last_week(self) -> date | None:
        """The Monday of the last such week."""
        return max((place.last_week for place in self.places if place.last_week is not None), default=None)

    @property
    def ago(self) -> Ago:
        """What the period is compared with: the one before, unless nobody was heard yet in a part of it."""
        first, start = self.first_week, self.when.before().span.since
        return Ago(length(self.when), first if first is not None and first > start else None)

    @property
    def starts(self) -> list[date]:
        """The weeks or months of the page in which there can have been anything: from the first heard to the last."""
        if self.first_week is None or self.last_week is None:
            return []
        last = self.last_week + timedelta(days=6)
        later = [start for start in self.when.starts if start <= last]
        return [start for number, start in enumerate(later) if self._end(later, number) >= self.first_week]

    def _end(self, starts: list[date], number: int) -> date:
        return starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else self.when.span.until

    def comments(self, **more: str | Collection[str]) -> str:
        """The address in the console of the comments behind a number."""
        return self._address("/comments", more)

    def signals(self, **more: str | Collection[str]) -> str:
        """The address in the console of the signals behind a number."""
        return self._address("/signals", more)

    def _address(self, path: str, more: dict[str, str | Collection[str]]) -> str:
        base = self._base if "stream" not in more and self.streams is not None else self._everybody
        return f"{path}?{base}{'&' if more else ''}{urlencode(more, doseq=True)}"

    @cached_property
    def _everybody(self) -> str:
        span = self.when.span
        asked = {} if self.org_id is None else {"org": str(self.org_id)}
        return urlencode({**asked, "from": span.since.isoformat(), "to": span.until.isoformat()})

    @cached_property
    def _base(self) -> str:
        return f"{self._everybody}&{urlencode({'stream': self.streams}, doseq=True)}"


class Tally:
    """Totals of a period and of the one before, added up over whatever a question leaves open."""

    def __init__(self, totals: Iterable[Total]) -> None:
        self._of: defaultdict[str, defaultdict[str, list[Total]]] = defaultdict(lambda: defaultdict(list))
        for row in totals:
            self._of[row.measure][row.label].append(row)

    def of(self, measure: str, labels: Collection[str] | None = None, stream: str | None = None) -> int:
        """How often in the period."""
        return sum(row.n for row in self._fitting(measure, labels, stream))

    def before(self, measure: str, labels: Collection[str] | None = None, stream: str | None = None) -> int:
        """How often in the period before."""
        return sum(row.previous for row in self._fitting(measure, labels, stream))

    def labels(self, measure: str) -> list[str]:
        """The labels of a measure that were counted in either period, in order."""
        return sorted(self._of[measure])

    def only(self, streams: Collection[str]) -> Tally:
        """The totals of some streams."""
        by_label = (rows for labels in self._of.values() for rows in labels.values())
        return Tally(row for rows in by_label for row in rows if row.stream in streams)

    def _fitting(self, measure: str, labels: Collection[str] | None, stream: str | None) -> Iterator[Total]:
        of = self._of[measure]
        for label in of if labels is None else dict.fromkeys(labels):
            for row in of.get(label, ()):
                if stream in (None, row.stream):
                    yield row


async def seen(connection: Connection, asked: Asked, today: date) -> Seen:
    """What a page is about; raises `NotFound` for an organisation out of scope.

    Without days these are the last 13 weeks that were heard and are over.
    """
    places = await store.places(connection, asked.org_id, asked.streams)
    if not places and asked.org_id is not None:
        raise NotFound
    heard = [place.last_week for place in places if place.last_week is not None]
    last = _last_over(max(heard), today) if heard else today
    until = asked.until or max(last, asked.since or last)
    since = asked.since or max(date.min + timedelta(days=800), until - timedelta(weeks=USUAL_WEEKS - 1))
    return Seen(tuple(places), asked, whole(since, until))


def _last_over(last_week: date, today: date) -> date:
    """A day of the last week heard, or of the one before it where that one is not over yet."""
    return last_week if last_week + timedelta(days=6) < today else last_week - timedelta(days=7)


async def tally(connection: Connection, page: Seen, *measures: str) -> Tally:
    """Totals of some measures."""
    return Tally(await store.totals(connection, page.org_ids, page.streams, page.when, measures))


def widened(asked: Asked, when: Whole) -> str:
    """A sentence that says which whole weeks or months a page shows, where that is not what was asked for."""
    span = when.span
    wanted = Span(asked.since or span.since, asked.until or span.until)
    if wanted == span:
        return ""
    return f"Statistics are for whole {when.period}s: this page shows {day(span.since)} to {day(span.until)}."
