"""Where sentences begin and end in hasty writing: full stops, question marks, new lines, bullets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from earshot_nlp.features import plain
from earshot_nlp.redact_rules import Span

# A run of stops is entered at its start only and never given back: a thousand of them take no longer than one.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'’”)]{0,2}(?=\s)|\n")
_ABBREVIATION = re.compile(r"\b(?:dr|mr|mrs|ms|prof|st|e\.g|i\.e|approx|no|vs)\.$", re.IGNORECASE)
_LETTER = re.compile(r"[^\W_]")


def sentences(text: str) -> list[Span]:
    """Give the spans of a text's sentences, trimmed, in order; a stretch without letter or digit is none."""
    out: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match[0] == "." and _ABBREVIATION.search(text, max(0, match.end() - 8), match.end()):
            continue
        _add(out, text, start, match.end())
        start = match.end()
    _add(out, text, start, len(text))
    return out


def places(text: str, spans: Sequence[Span], written: str) -> list[Span]:
    """Give the places of a text's sentences in `written`, the text as the models read it (`features.plain`)."""
    out: list[Span] = []
    at = 0
    for start, end in spans:
        piece = plain(text[start:end])
        found = written.find(piece, at)
        first = found if found >= 0 else at
        at = first + len(piece)
        out.append((first, at))
    return out


def _add(out: list[Span], text: str, start: int, end: int) -> None:
    body = text[start:end]
    left = len(body) - len(body.lstrip())
    if _LETTER.search(body):
        out.append((start + left, start + len(body.rstrip())))
