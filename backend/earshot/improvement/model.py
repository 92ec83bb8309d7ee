"""An improvement action, what may become of it, and what people may write about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from earshot.core.errors import EarshotError, FieldError, Invalid

State = Literal["planned", "under_way", "finished", "stopped"]
Wanted = Literal["lower", "higher"]
Verdict = Literal["unproven", "improved", "worse"]
Acted = Literal["adopt", "adapt", "abandon"]
What = Literal[
    "made", "changed", "begun", "finished", "stopped", "undone", "cycle", "rebased", "unrebased", "involved", "judged",
    "shared",
]  # fmt: skip

#: Groups that can have been involved; no person is ever named.
WHO: dict[str, str] = {
    "patients": "Patients",
    "carers": "Carers and families",
    "public": "Members of the public",
    "voluntary_sector": "Voluntary and community groups",
    "nursing": "Nursing and midwifery staff",
    "medical": "Medical and dental staff",
    "allied_health": "Allied health professionals",
    "administrative": "Administrative and clerical staff",
    "estates": "Estates and support staff",
    "students": "Students",
    "other_staff": "Other staff",
}
#: How far they could shape the change: Arnstein's ladder (1969) in the words that the NHS uses for co-production.
HOW: dict[str, str] = {
    "informed": "Were told",
    "consulted": "Were asked",
    "involved": "Worked on parts of it",
    "co_designed": "Designed it together with us",
    "led": "Led it",
}
ACTED: dict[Acted, str] = {"adopt": "Keep it", "adapt": "Change it and try again", "abandon": "Give it up"}
STATES: dict[State, str] = {
    "planned": "Planned",
    "under_way": "Under way",
    "finished": "Finished",
    "stopped": "Stopped",
}
OPEN: tuple[State, ...] = ("planned", "under_way")
_NEXT: dict[State, tuple[State, ...]] = {
    "planned": ("planned", "under_way", "stopped"),
    "under_way": ("under_way", "finished", "stopped"),
    "finished": ("finished",),
    "stopped": ("stopped",),
}
_STEP: dict[State, What] = {"planned": "changed", "under_way": "begun", "finished": "finished", "stopped": "stopped"}
#: What would tell who somebody is. Names alone cannot be known here, so the form asks for none.
_IDENTIFYING = (
    (re.compile(r"[^@\s]+@[^@\s]+\.\w+"), "an e-mail address"),
    (re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b"), "a number like an NHS number"),
    (re.compile(r"(?:\+44|\b0)(?:[ -]?\d){9,10}\b"), "a telephone number"),
    (re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx)\.? [A-Z][\w'-]+"), "somebody's name"),
)


class StaleAction(EarshotError):
    """Somebody else changed this meanwhile. Load the page again: your words are still in the form."""

    status = 412


class VersionMissing(EarshotError):
    """Say which version of the action you saw: send its ETag back as If-Match."""

    status = 428


class NotNow(EarshotError):
    """An action in this state cannot do that. Load the page again."""

    status = 409


class Measured(EarshotError):
    """Earshot has already looked whether this helped, so its measure and its first day stay. Agree a new change."""

    status = 409


@dataclass(frozen=True)
class Action:
    """An improvement action as it lies in the database, with the newest look at its series."""

    id: UUID
    org_id: UUID
    org_name: str
    streams: list[str]
    title: str
    what_we_heard: str
    what_we_did: str
    state: State
    owner_id: UUID | None
    owner_name: str | None
    due_on: date | None
    started_on: date | None
    closed_on: date | None
    themes: list[str]
    measure_id: str | None
    wanted: Wanted | None
    risk_reference: str
    risk_address: str
    version: int
    made_by_name: str
    made_on: date
    look_state: Verdict | None
    look_weeks: int | None
    look_sentence: str | None
    looked_on: date | None
    signals: int
    cycles: int

    @property
    def verdict(self) -> Verdict | None:
        """Whether it helped; unproven until the series shifts, and None without a measure or before it began."""
        if self.look_state is not None:
            return self.look_state
        measured = (
            self.measure_id is not None and self.started_on is not None and self.state in ("under_way", "finished")
        )
        return "unproven" if measured else None

    @property
    def verdict_sentence(self) -> str:
        """The verdict in a plain sentence; empty where there is none."""
        if self.look_sentence is not None:
            return self.look_sentence
        return "Not proven yet: too few weeks have passed to look." if self.verdict else ""

    def overdue(self, today: date) -> bool:
        """Whether it should have been finished by now."""
        return self.state in OPEN and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class Given:
    """What people write of an action; everything else follows."""

    title: str
    what_we_heard: str
    what_we_did: str
    state: State
    owner_id: UUID | None
    due_on: date | None
    started_on: date | None
    themes: tuple[str, ...]
    measure_id: str | None
    wanted: Wanted | None
    risk_reference: str
    risk_address: str


@dataclass(frozen=True)
class Cycle:
    """One plan, do, study, act cycle."""

    n: int
    started_on: date
    ended_on: date | None
    plan: str
    did: str
    studied: str
    acted: Acted | None
    by_name: str


@dataclass(frozen=True)
class Rebase:
    """A day from which people say that the chart begins anew, and why."""

    on_day: date
    reason: str
    by_name: str
    said_on: date


@dataclass(frozen=True)
class Involved:
    """A group that was involved, how many of them, and how far."""

    on_day: date
    who: str
    people: int | None
    how: str
    note: str
    by_name: str


@dataclass(frozen=True)
class Look:
    """A look at the series so many weeks after the change began; written once."""

    weeks: int
    state: Verdict
    sentence: str
    figures: dict[str, Any]
    looked_on: date


@dataclass(frozen=True)
class Event:
    """Something that became of an action; without a name, Earshot itself did it."""

    id: int
    at: datetime
    what: What
    by_id: UUID | None
    by_name: str | None
    note: str
    was: dict[str, Any]


def step(was: Action, given: Given, today: date) -> What:
    """What a change is called; raises `NotNow`, `Measured`, and `Invalid` with the fields to put right."""
    if given.state not in _NEXT[was.state]:
        raise NotNow
    if was.look_state is not None and (given.measure_id, given.wanted, given.started_on) != (
        was.measure_id, was.wanted, was.started_on,
    ):  # fmt: skip
        raise Measured
    check(given, today)
    return "changed" if given.state == was.state else _STEP[given.state]


def check(given: Given, today: date) -> None:
    """Let only what makes sense through; raises `Invalid`."""
    wrong: list[FieldError] = []
    if given.state in ("under_way", "finished") and given.started_on is None:
        wrong.append(FieldError("started_on", "Enter the day on which the change began."))
    if given.started_on is not None and given.started_on > today and given.state != "planned":
        wrong.append(FieldError("started_on", "A change that is under way cannot begin in the future."))
    if given.state == "finished" and not given.what_we_did.strip():
        wrong.append(FieldError("what_we_did", "Say what you did before you finish."))
    if (given.measure_id is None) != (given.wanted is None):
        wrong.append(FieldError("wanted", "Choose whether you want the measure to go down or up."))
    if given.risk_address and not given.risk_address.startswith("https://"):
        wrong.append(FieldError("risk_address", "Enter an address that begins with https://"))
    if wrong:
        raise Invalid(fields=wrong)


def keep_nameless(field: str, text: str) -> None:
    """Refuse a text that seems to tell who somebody is; raises `Invalid` without quoting it."""
    found = identifying(text)
    if found is not None:
        raise Invalid(fields=[FieldError(field, f"This seems to hold {found}. Say which group it was, not who.")])


def identifying(text: str) -> str | None:
    """What in a text seems to tell who somebody is, in words, or None."""
    return next((what for pattern, what in _IDENTIFYING if pattern.search(text)), None)


def undone(last: Sequence[Event], person: UUID) -> Event:
    """The closing that a person may take back: the newest step, and their own; raises `NotNow`."""
    closing = next((event for event in reversed(last) if event.what not in ("judged", "involved", "shared")), None)
    if closing is None or closing.what not in ("finished", "stopped") or closing.by_id != person:
        raise NotNow("There is no closing of yours to take back here. Only your own newest step can be taken back.")
    return closing
