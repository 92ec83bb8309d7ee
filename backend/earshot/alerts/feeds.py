"""Somebody's alerts as an Atom feed and as a calendar: headlines and times, nobody's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree

from icalendar import Calendar
from icalendar import Event as CalendarEvent

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_A_WHILE = timedelta(minutes=30)


@dataclass(frozen=True)
class Entry:
    """One alert in a feed; `path` is the page of its evidence in the console."""

    id: UUID
    title: str
    summary: str
    at: datetime
    path: str


@dataclass(frozen=True)
class Event:
    """Something in a calendar: at a moment, or on a day. `id` stays the same while the event moves."""

    id: str
    title: str
    at: datetime | date
    changed_at: datetime
    path: str


def atom(owner: UUID, entries: Sequence[Entry], *, console: str, now: datetime) -> bytes:
    """An Atom feed (RFC 4287), newest first; everything in it is text, so that no reader takes it for markup."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", f"urn:uuid:{owner}")
    _add(feed, "title", "Earshot: your alerts")
    _add(feed, "updated", _moment(max((entry.at for entry in entries), default=now)))
    ElementTree.SubElement(_add(feed, "author", None), f"{{{ATOM}}}name").text = "Earshot"
    for entry in entries:
        one = _add(feed, "entry", None)
        _add(one, "id", f"urn:uuid:{entry.id}")
        _add(one, "title", entry.title)
        _add(one, "summary", entry.summary)
        _add(one, "updated", _moment(entry.at))
        ElementTree.SubElement(one, f"{{{ATOM}}}link", href=f"{console}{entry.path}")
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def calendar(events: Sequence[Event], *, console: str) -> bytes:
    """A calendar (RFC 5545) of what is due."""
    made = Calendar()
    made.add("prodid", "-//Earshot//Alerts//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Earshot: what is due")
    made.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for event in events:
        one = CalendarEvent()
        one.add("uid", f"{event.id}@earshot")
        one.add("dtstamp", event.changed_at.astimezone(UTC))
        one.add("dtstart", event.at.astimezone(UTC) if isinstance(event.at, datetime) else event.at)
        if isinstance(event.at, datetime):
            one.add("duration", _A_WHILE)
        one.add("summary", _plain(event.title))
        one.add("url", f"{console}{event.path}")
        one.add("class", "PRIVATE")
        made.add_component(one)
    return bytes(made.to_ical())


def _add(parent: ElementTree.Element, name: str, text: str | None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}")
    if text is not None:
        made.text = _plain(text)
    return made


def _plain(text: str) -> str:
    """A text without the characters that XML cannot carry."""
    return _NOT_XML.sub(" ", text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
