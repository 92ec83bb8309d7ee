"""From what there is to tell to a digest: praise first, one screen, nothing of few people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from earshot.alerts.model import Cadence
from earshot.digests.model import Digest, Line, Section, SectionId
from earshot.measures.disclosure import told

ON_ONE_SCREEN: dict[SectionId, int] = {"praise": 2, "signals": 4, "overdue": 3, "changed": 3}
_BARS = "▁▂▃▄▅▆▇█"
_HIDDEN = "·"
_LONGEST_QUOTE = 220  # letters
_EVERY: dict[Cadence, str] = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}


@dataclass(frozen=True)
class Material:
    """What there is to tell somebody: lines ready to be read, and whether something became overdue in the period."""

    praise: Sequence[Line] = ()
    signals: Sequence[Line] = ()
    overdue: Sequence[Line] = ()
    changed: Sequence[Line] = ()
    newly_overdue: bool = False


def compose(
    material: Material,
    *,
    name: str,
    cadence: Cadence,
    period: datetime,
    since: date,
    until: date,
    places: Sequence[str],
) -> Digest:
    """The digest of one person and period; it is news where anything but old overdue work stands in it."""
    order: tuple[tuple[SectionId, Sequence[Line]], ...] = (
        ("praise", material.praise),
        ("signals", material.signals),
        ("overdue", material.overdue),
        ("changed", material.changed),
    )
    sections = tuple(
        Section(id, tuple(lines[: ON_ONE_SCREEN[id]]), max(0, len(lines) - ON_ONE_SCREEN[id]))
        for id, lines in order
        if lines
    )
    news = bool(material.praise or material.signals or material.changed or material.newly_overdue)
    return Digest(name, cadence, period, since, until, tuple(places), sections, news)


def sparkline(counts: Sequence[int | None]) -> tuple[str, str]:
    """Weekly counts as a row of bars and in words; ("", "") where none of them may be told.

    The bars stand for protected counts (to the nearest five), so they tell no more than those do.
    """
    shown = [None if count is None else told(count) for count in counts]
    known = [count for count in shown if count is not None]
    if not known or max(known) == 0:
        return "", ""
    top = max(known)
    bars = "".join(_HIDDEN if n is None else _BARS[round(n / top * (len(_BARS) - 1))] for n in shown)
    last = "too few to say" if shown[-1] is None else f"about {shown[-1]}" if shown[-1] else "none"
    hidden = ", a dot for too few to say" if None in shown else ""
    return bars, f"{len(shown)} weeks, the last: {last}{hidden}"


def shortened(quote: str) -> str:
    """A quote on one line, cut at a word where it is long."""
    line = " ".join(quote.split())
    if len(line) <= _LONGEST_QUOTE:
        return line
    return line[:_LONGEST_QUOTE].rsplit(" ", 1)[0].rstrip(" ,.;:") + " …"


def subject(digest: Digest) -> str:
    """The subject line: what kind of digest it is, and what of, without anything that somebody said."""
    places = _places(digest.places)
    if not digest.news:
        return f"Nothing new this {_EVERY[digest.cadence]}: {places}"
    counts = {section.id: len(section.lines) + section.more for section in digest.sections}
    said = [
        _several(counts.get("signals", 0), "new signal"),
        _several(counts.get("overdue", 0), "overdue action"),
        "praise" if "praise" in counts else "",
        "changes" if "changed" in counts else "",
    ]
    return f"Your {digest.cadence} digest, {places}: {_list([part for part in said if part])}"


def intro(digest: Digest) -> str:
    """The first sentence: of what and of when; or that there is nothing new, and when the next one comes."""
    if digest.news:
        return f"{_list(list(digest.places)) or 'Your places'}, {days(digest.since, digest.until)}."
    return (
        f"Nothing new was heard about {_list(list(digest.places)) or 'your places'}"
        f"{' from' if digest.since < digest.until else ''} {days(digest.since, digest.until)}."
        " You will get the next digest when there is something to tell."
    )


def days(since: date, until: date) -> str:
    """A period as people say it."""
    if since >= until:
        return f"on {until.day} {until:%B %Y}"
    start = f"{since.day} {since:%B}" if since.month != until.month or since.year != until.year else f"{since.day}"
    year = f" {since.year}" if since.year != until.year else ""
    return f"{start}{year} to {until.day} {until:%B %Y}"


def _places(names: Sequence[str]) -> str:
    if not names:
        return "your places"
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _several(n: int, what: str) -> str:
    return "" if n == 0 else f"{n} {what}" + ("" if n == 1 else "s")


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
