"""What a signal is, what may become of it, and how a scan's findings are compared. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from earshot.core.errors import EarshotError

Kind = Literal["rise", "fall", "praise", "co_signal", "silence", "emerging", "inequity", "one_comment"]
Meaning = Literal["concern", "improvement", "neutral"]
State = Literal["new", "acknowledged", "watching", "acted_on", "closed", "reopened"]
Action = Literal["acknowledge", "watch", "act", "close", "reopen", "own", "release", "undo"]
What = Literal[
    "raised", "extended", "faded", "acknowledged", "watching", "acted_on", "closed", "reopened", "owned", "released",
    "undone",
]  # fmt: skip

KINDS: tuple[Kind, ...] = (
    "one_comment", "co_signal", "rise", "silence", "emerging", "inequity", "fall", "praise",
)  # fmt: skip
#: Why a signal was closed. The first three are a person's; Earshot closes what faded or lost its comment.
REASONS: dict[str, str] = {
    "dealt_with": "Dealt with",
    "known": "Known already",
    "false_alarm": "A false alarm",
    "faded": "Nothing more was heard for eight weeks",
    "comment_gone": "The comment is no longer there",
}
BY_PEOPLE = ("dealt_with", "known", "false_alarm")
FALSE_ALARMS = 4.0  # a month, until a provider says otherwise
ACKNOWLEDGE_HOURS = 4.0
FEWEST_STAFF = 5  # people behind a signal of staff comments, below which only guardians see it
FADES_AFTER = 56  # days without the alarm after which a signal that nobody took up is closed

_AFTER: dict[Action, State] = {
    "acknowledge": "acknowledged",
    "watch": "watching",
    "act": "acted_on",
    "close": "closed",
    "reopen": "reopened",
}
_FROM: dict[Action, frozenset[State]] = {
    "acknowledge": frozenset({"new", "reopened"}),
    "watch": frozenset({"new", "acknowledged", "acted_on", "reopened"}),
    "act": frozenset({"new", "acknowledged", "watching", "reopened"}),
    "close": frozenset({"new", "acknowledged", "watching", "acted_on", "reopened"}),
    "reopen": frozenset({"closed"}),
}
_EVENT: dict[Action, What] = {
    "acknowledge": "acknowledged",
    "watch": "watching",
    "act": "acted_on",
    "close": "closed",
    "reopen": "reopened",
    "own": "owned",
    "release": "released",
    "undo": "undone",
}


class Stale(EarshotError):
    """Somebody else changed this signal meanwhile. Look at it again, then decide."""

    status = 412


class NotNow(EarshotError):
    """A signal in this state cannot do that. Look at it again."""

    status = 409


class NoReason(EarshotError):
    """Say why the signal is closed: dealt with, known already, or a false alarm."""

    status = 422


@dataclass(frozen=True)
class Subject:
    """What a signal is about: a place with all below it, who spoke, what is counted, and which group of people."""

    kind: Kind
    org_id: UUID
    streams: tuple[str, ...]
    measure: str
    label: str = ""
    about: str = ""

    @property
    def key(self) -> str:
        """One text that two signals about the same thing share."""
        if self.kind == "one_comment":
            raise ValueError("A single comment's signal is known by the comment.")
        return "/".join((self.kind, str(self.org_id), "+".join(self.streams), self.measure, self.label, self.about))


@dataclass(frozen=True)
class Expectation:
    """A week as the detector saw it: the count expected from the past, and the one above or below which it is rare."""

    start: date
    expected: float
    limit: float


@dataclass(frozen=True)
class Finding:
    """What a detector found about a subject: the window, how strong, and how often chance alone would do that.

    `expected` is the count that the window would hold by the past; `weeks_between` is the mean number of weeks between
    two such alarms by chance over everything that is watched, None where no chance is involved.
    """

    subject: Subject
    meaning: Meaning
    since: date
    until: date
    observed: int
    expected: float | None
    statistic: float | None
    weeks_between: float | None
    detector: str
    version: str
    sentence: str
    going_on: bool = True
    expectations: tuple[Expectation, ...] = ()

    @property
    def ratio(self) -> float | None:
        """How many times what was expected."""
        return ratio(self.observed, self.expected)

    def canonical(self) -> list[object]:
        """The finding as a list that is the same for the same finding on any computer."""
        numbers = [None if each is None else round(each, 4) for each in (self.expected, self.statistic)]
        return [
            self.subject.key, self.meaning, self.since.isoformat(), self.until.isoformat(), self.observed, *numbers,
            self.detector, self.version,
        ]  # fmt: skip


@dataclass(frozen=True)
class Signal:
    """A finding with its evidence and its life, as it lies in the database."""

    id: UUID
    subject: str
    kind: Kind
    meaning: Meaning
    org_id: UUID
    org_name: str
    org_level: str
    streams: list[str]
    measure: str
    label: str
    about: str
    since: date
    until: date
    observed: int | None  # None where somebody may not know how few members of staff
    expected: float | None
    statistic: float | None
    weeks_between: float | None
    detector: str
    detector_version: str
    sentence: str
    expectations: list[dict[str, Any]]
    words: list[dict[str, Any]]
    comment_ids: list[UUID]
    respondents: int | None
    state: State
    closed_reason: str | None
    owner_id: UUID | None
    owner_name: str | None
    revision: int
    going_on: bool
    raised_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None
    overdue: bool
    useful: bool | None  # what the one who asks answered


@dataclass(frozen=True)
class Was:
    """What a signal was before an event: enough to take the event back."""

    state: State
    closed_reason: str | None
    owner_id: UUID | None


@dataclass(frozen=True)
class Event:
    """Something that happened to a signal; without a name, Earshot itself did it."""

    id: int
    at: datetime
    what: What
    by_id: UUID | None
    by_name: str | None
    note: str | None
    was: dict[str, Any]
    figures: dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What a person's action makes of a signal."""

    what: What
    state: State
    closed_reason: str | None
    owner_id: UUID | None
    note: str | None


@dataclass(frozen=True)
class Rules:
    """How many false alarms a month a provider can bear, and how soon a possible risk must be acknowledged (hours)."""

    false_alarms: float = FALSE_ALARMS
    acknowledge_hours: float = ACKNOWLEDGE_HOURS
    set_by_name: str | None = field(default=None)
    set_on: date | None = field(default=None)


def ratio(observed: int, expected: float | None) -> float | None:
    """Observed over expected, or None where nothing was expected."""
    return None if not expected else round(observed / expected, 2)


def change(
    now: Was, action: Action, person: UUID, *, reason: str | None = None, note: str | None = None,
    last: Event | None = None,
) -> Change:  # fmt: skip
    """What an action makes of a signal in state `now`; `last` is its newest event, which `undo` takes back.

    Raises `NotNow` where the state does not allow it, and `NoReason` for a closing without a known reason.
    """
    if action == "undo":
        return _undone(last, person)
    if action in ("own", "release"):
        if now.state == "closed":
            raise NotNow
        return Change(_EVENT[action], now.state, None, person if action == "own" else None, note)
    if now.state not in _FROM[action]:
        raise NotNow
    if action == "close" and reason not in BY_PEOPLE:
        raise NoReason
    closed = reason if action == "close" else None
    return Change(_EVENT[action], _AFTER[action], closed, now.owner_id, note)


def _undone(last: Event | None, person: UUID) -> Change:
    """The state before the newest event, where that was this person's own and no undoing itself."""
    if last is None or last.by_id != person or last.what == "undone" or "state" not in last.was:
        raise NotNow("There is nothing of yours to undo here. Only your own newest step can be undone.")
    owner = last.was.get("owner_id")
    return Change("undone", last.was["state"], last.was.get("closed_reason"), UUID(owner) if owner else None, None)


def content_hash(findings: Iterable[Finding]) -> str:
    """A hash of all that a scan found, whatever the order: equal hashes, equal findings (SHA-256 of canonical JSON)."""
    rows = sorted((finding.canonical() for finding in findings), key=json.dumps)
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
