"""A digest in plain text, for readers of mail that show no HTML and for people who like it better. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from earshot.digests.compose import intro
from earshot.digests.model import Digest, Section

_WIDTH = 72


def text(digest: Digest, *, console: str, unsubscribe: str) -> str:
    """The mail's text; each line is followed by the address that opens its evidence."""
    lines = [heading(digest), "", *wrap(intro(digest), _WIDTH), ""]
    for section in digest.sections if digest.news else ():
        lines += [*_section(section, console), ""]
    lines += [*(part for sentence in foot(digest) for part in wrap(sentence, _WIDTH)), ""]
    lines += ["See this in Earshot:", f"{console}/digest"]
    lines += ["Stop these mails:", f"{console}{unsubscribe}", ""]
    return "\n".join(lines)


def heading(digest: Digest) -> str:
    """What it is."""
    return f"Your {digest.cadence} digest" if digest.news else "Nothing new"


def foot(digest: Digest) -> list[str]:
    """How to read it."""
    if not digest.news:
        return []
    return [
        "Numbers are rounded to the nearest 5, and numbers of fewer than five people are not told.",
        "A signal is evidence, not proof: open it to read what speaks for it.",
    ]


def _section(section: Section, console: str) -> Iterator[str]:
    yield section.title.upper()
    for line in section.lines:
        yield from wrap(line.text, _WIDTH, initial_indent="- ", subsequent_indent="  ")
        if line.numbers:
            yield from _indented(line.numbers)
        if line.spark:
            yield from _indented(f"{line.spark}  ({line.spark_words})")
        if line.quote:
            yield from _indented(f"“{line.quote}”")
        yield f"  {console}{line.path}"
    if section.more:
        yield f"- And {section.more} more"
        yield f"  {console}{section.all_of}"


def _indented(words: str) -> list[str]:
    return wrap(words, _WIDTH, initial_indent="  ", subsequent_indent="  ")
