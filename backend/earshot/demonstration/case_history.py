"""What becomes of an invented case: who did what on which day, in the order of the days. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from earshot.cases.sealing import TextKind
from earshot.demonstration.cases import Handler, Message, Spoken

_DETRIMENT = {"detriment_30": 30, "detriment_90": 90, "detriment_180": 180}  # days after the report
_ANSWERED_AFTER = 2  # days between closing and "would you speak up again?"


@dataclass(frozen=True)
class Event:
    """One thing that happened, and the text that came with it; nobody's where the person who spoke did it."""

    day: date
    step: str
    by: Handler | None = None
    kind: TextKind | None = None
    document: Mapping[str, str] | None = None


def history(spoken: Spoken, last: date) -> list[Event]:
    """Everything after the report itself, as it would have happened by the last day."""
    return sorted(_events(spoken, last), key=lambda event: event.day)


def answered_on(spoken: Spoken, question: str, last: date) -> date:
    """The day on which a question was answered at the receipt page."""
    closed = spoken.closed.after if spoken.closed else 0
    return spoken.day(_DETRIMENT.get(question, closed + _ANSWERED_AFTER), last)


def unread_after(events: list[Event]) -> int:
    """How many of the events were there when a handler last looked: all up to the last one by a handler."""
    return max((at for at, event in enumerate(events, 1) if event.by is not None), default=0)


def _events(spoken: Spoken, last: date) -> Iterator[Event]:
    owner = spoken.owner
    if spoken.thanked is not None:
        yield Event(spoken.day(spoken.thanked, last), "thanked", owner or "guardian")
    if owner is not None:
        yield Event(spoken.day(spoken.owned, last), "owned", owner)
        if spoken.elements:
            yield Event(spoken.day(spoken.owned, last), "triaged", owner)
        if spoken.note is not None:
            yield Event(spoken.day(spoken.owned, last), "noted", owner, "note", {"text": spoken.note})
    for message in spoken.talk:
        yield _said(spoken, message, last)
    yield from _done(spoken, owner or "guardian", last)
    for question in spoken.answers:
        yield Event(answered_on(spoken, question, last), "feedback")


def _said(spoken: Spoken, message: Message, last: date) -> Event:
    day, document = spoken.day(message.after, last), {"text": message.text}
    if message.by == "person":
        return Event(day, "from_person", None, "from_person", document)
    return Event(day, "answered", message.by, "from_handler", document)


def _done(spoken: Spoken, by: Handler, last: date) -> Iterator[Event]:
    """Hand-off, action and closing."""
    draft, action, closed = spoken.hand_off, spoken.action, spoken.closed
    if draft is not None:
        yield Event(spoken.day(draft.after, last), "handed_off", by, "hand_off", {"text": draft.text})
        if draft.sent is not None:
            yield Event(spoken.day(draft.sent, last), "hand_off_sent", by)
    if action is not None:
        yield Event(spoken.day(action.after, last), "action_agreed", by, "action", {"text": action.text})
        if action.done is not None:
            yield Event(spoken.day(action.done, last), "action_done", by)
    if closed is not None:
        told = {"text": closed.text, "learning": closed.learned}
        yield Event(spoken.day(closed.after, last), "closed", by, "outcome", told)
