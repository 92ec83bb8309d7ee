"""What a digest is: a few sections of lines, each of which opens what it speaks of. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from earshot.alerts.model import Cadence
from earshot.core.errors import EarshotError

SectionId = Literal["praise", "signals", "overdue", "changed"]
DigestState = Literal["news", "nothing_new", "silent"]

TITLES: dict[SectionId, str] = {
    "praise": "What people praised",
    "signals": "New warnings and good news",
    "overdue": "Overdue",
    "changed": "What changed after what you did",
}
ALL_OF: dict[SectionId, str] = {
    "praise": "/praise",
    "signals": "/signals",
    "overdue": "/actions",
    "changed": "/actions",
}
CADENCE_WORDS: dict[Cadence, str] = {"hourly": "hourly", "daily": "daily", "weekly": "weekly", "monthly": "monthly"}


class CannotSendAgain(EarshotError):
    """This mail cannot be sent again: it was sent, or what it said is no longer kept."""

    status = 409


@dataclass(frozen=True)
class Line:
    """A sentence, and the console's path that opens its evidence.

    `numbers` says how many, protected. `spark` is a row of bars and `spark_words` the same in words; `quote` is a
    de-identified comment of a large enough group.
    """

    text: str
    path: str
    numbers: str = ""
    spark: str = ""
    spark_words: str = ""
    quote: str | None = None


@dataclass(frozen=True)
class Section:
    """Lines under one heading; `more` is how many did not fit on one screen."""

    id: SectionId
    lines: tuple[Line, ...]
    more: int = 0

    @property
    def title(self) -> str:
        """Its heading."""
        return TITLES[self.id]

    @property
    def all_of(self) -> str:
        """The console's path of everything that the section speaks of."""
        return ALL_OF[self.id]


@dataclass(frozen=True)
class Digest:
    """What one person is told in one period: the days `since` to `until` of `places`."""

    name: str
    cadence: Cadence
    period: datetime
    since: date
    until: date
    places: tuple[str, ...]
    sections: tuple[Section, ...]
    news: bool


@dataclass(frozen=True)
class Due:
    """A person's digest whose time has come: its subscriptions, all due at `period` by the clock of `time_zone`."""

    account_id: UUID
    cadence: Cadence
    period: datetime
    time_zone: str
    subscription_ids: tuple[UUID, ...]
    places: tuple[UUID, ...]
    streams: tuple[frozenset[str], ...]  # of each subscription; empty: all that its owner may read


def all_streams(asked: Sequence[frozenset[str]], readable: Sequence[str]) -> list[str]:
    """The streams that subscriptions ask for, of those that somebody may read."""
    wanted: set[str] = set(readable) if any(not one for one in asked) else set().union(*asked)
    return [stream for stream in readable if stream in wanted]
