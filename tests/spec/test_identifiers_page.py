"""The page identifiers.md shows clinicians what is taken out of comments, what is missed and what stays; drift fails.

The comments were written for this page and split in halves before any rule was tuned: rules may be improved with
identifiers_tuned.txt, and only identifiers_held_out.txt counts. In both, `{kind|words}` marks an identifier, and a
line without a mark holds none. Write the page anew with `python tests/spec/test_identifiers_page.py`, and read it
before you commit it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from earshot_nlp import bundle
from earshot_nlp.redact import NAME, Redactor
from earshot_nlp.types import Redaction

PAGE = Path(__file__).with_name("identifiers.md")
pytestmark = pytest.mark.slow
MARK = re.compile(r"\{([^{}|]+)\|([^{}]*)\}")
KINDS = {
    "name": "A person's name",
    "NHS number": "NHS number",
    "hospital number": "Hospital, record or complaint number",
    "national insurance number": "National Insurance number",
    "date of birth": "Date of birth",
    "phone": "Phone number",
    "e-mail": "E-mail address",
    "handle": "Name on social media",
    "postcode": "Postcode",
    "address": "Street address",
    "vehicle plate": "Vehicle number plate",
    "bank details": "Bank account or card",
}
OPENING = """# What Earshot takes out of comments

Before anybody reads a comment, Earshot takes out what could tell who wrote it or whom it is about, and puts the kind
in its place. The same person keeps the same number inside one comment. It can be wrong both ways, and people can take
more out.

The comments below were written for this page and kept aside: no rule was tuned on them. "Missed" and "taken out by
mistake" are real mistakes, shown so that you know what to expect. Every name, number and address is made up.
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """One comment and where its identifiers are: `(kind, start, end)` in the text."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One planted comment, and what the redactor made of it."""

    planted: Planted
    redaction: Redaction

    def taken(self, span: tuple[str, int, int]) -> bool:
        """Say whether every letter and digit of an identifier is gone."""
        gone = {at for found in self.redaction.identifiers for at in range(found.start, found.end)}
        return all(at in gone for at in range(span[1], span[2]) if self.planted.text[at].isalnum())


def planted(half: str) -> Iterator[Planted]:
    """Read one half of the comments, "tuned" or "held_out"."""
    for line in PAGE.with_name(f"identifiers_{half}.txt").read_text(encoding="utf-8").splitlines():
        text, spans, at = "", [], 0
        for mark in MARK.finditer(line):
            text += line[at : mark.start()]
            spans.append((mark[1], len(text), len(text) + len(mark[2])))
            text += mark[2]
            at = mark.end()
        yield Planted(text + line[at:], tuple(spans))


@cache
def redactor() -> Redactor:
    """The redactor as shipped; loading it takes a second."""
    return Redactor(bundle.lexicon())


@cache
def seen(half: str) -> tuple[Seen, ...]:
    """De-identify one half."""
    comments = list(planted(half))
    results = redactor().redact([comment.text for comment in comments])
    assert all(isinstance(result, Redaction) for result in results)
    pairs = zip(comments, results, strict=True)
    return tuple(Seen(comment, result) for comment, result in pairs if isinstance(result, Redaction))


def counts(half: str) -> tuple[Counter[str], Counter[str]]:
    """Count identifiers by kind: those there are, and those taken out whole."""
    there: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for one in seen(half):
        for span in one.planted.spans:
            there[span[0]] += 1
            gone[span[0]] += one.taken(span)
    return there, gone


def clean(half: str) -> tuple[list[Seen], list[Seen]]:
    """Give the comments without identifiers, and those of them that were altered."""
    innocent = [one for one in seen(half) if not one.planted.spans]
    return innocent, [one for one in innocent if one.redaction.identifiers]


def quoted(text: str) -> str:
    """A comment as it stands in a table."""
    return text.replace("|", "\\|").replace("@", "\\@")


def page() -> str:
    """The page as it is now."""
    there, gone = counts("held_out")
    innocent, altered = clean("held_out")
    numbers = [kind for kind in KINDS if kind != NAME]
    parts = [OPENING, "## How well it does\n\n| kind | before | after | taken out |\n|---|---|---|---|"]
    for kind, words in KINDS.items():
        alone = (one for one in seen("held_out") if [span[0] for span in one.planted.spans] == [kind])
        shown = next(one for one in alone if one.taken(one.planted.spans[0]))
        before, after = quoted(shown.planted.text), quoted(shown.redaction.text)
        parts.append(f"| {words} | {before} | {after} | {gone[kind]} of {there[kind]} |")
    parts.append(
        f"\nPeople's names: {gone[NAME] / there[NAME]:.1%}. All other kinds together: "
        f"{sum(gone[kind] for kind in numbers) / sum(there[kind] for kind in numbers):.1%}.\n"
        f"Comments that name nobody and were altered all the same: {len(altered)} of {len(innocent)} "
        f"({len(altered) / len(innocent):.1%}), though they were written to mislead it.\n"
    )
    parts.append("## Missed\n\n| kind | what was left |\n|---|---|")
    parts += [
        f"| {KINDS[span[0]]} | {quoted(one.redaction.text)} |"
        for one in seen("held_out")
        for span in one.planted.spans
        if not one.taken(span)
    ]
    parts.append("\n## Taken out by mistake\n\n| before | after |\n|---|---|")
    parts += [f"| {quoted(one.planted.text)} | {quoted(one.redaction.text)} |" for one in altered]
    parts.append("\n## Left as it is\n\n| comment |\n|---|")
    parts += [f"| {quoted(one.planted.text)} |" for one in innocent if one not in altered]
    return "\n".join(parts) + "\n"


def test_the_page_shows_what_is_taken_out_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("half", ["tuned", "held_out"])
def test_identifiers_are_taken_out_and_clean_comments_left_alone(half: str) -> None:
    there, gone = counts(half)
    innocent, altered = clean(half)
    numbers = there.total() - there[NAME]
    assert set(there) == set(KINDS)
    assert gone[NAME] >= 0.90 * there[NAME]
    assert gone.total() - gone[NAME] >= 0.97 * numbers
    assert len(altered) <= 0.02 * len(innocent)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
