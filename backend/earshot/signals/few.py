"""Signals of what staff said, as people who are no guardians get them: numbers as statistics tell them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from earshot.measures.disclosure import told
from earshot.measures.model import FEWEST
from earshot.signals.model import Signal

_OBSERVED = re.compile(r"(?<=: )\d+ (?=in |responses? from )")
_EXPECTED = re.compile(r"(?<=where )(?:fewer than 1|[\d.]+) (?:was|were)?")
_TIMES = re.compile(r" to \d+ times what was usual")


def is_of_staff(kind: str, streams: Sequence[str]) -> bool:
    """Whether a signal counts members of staff; one comment's risk has no count."""
    return "staff" in streams and kind != "one_comment"


def roughly(expected: float | None) -> float | None:
    """An expected count as statistics tell it; the middle of one to four where that is too few to say."""
    if expected is None:
        return None
    shown = told(round(expected))
    return FEWEST / 2 if shown is None else float(shown)


def retold(sentence: str, observed: int, expected: float | None) -> str:
    """The sentence of a finding with its two numbers as statistics tell them."""
    heard, usual = told(observed), None if expected is None else told(round(expected))
    text = _OBSERVED.sub(f"{f'fewer than {FEWEST}' if heard is None else heard} ", sentence)
    were = f"{f'fewer than {FEWEST}' if usual is None else usual} were"
    text = _EXPECTED.sub(lambda found: were if found[0].endswith("e") else were.removesuffix("were"), text)
    return _TIMES.sub("", text)


def as_told(signal: Signal, fewest: int) -> Signal:
    """A signal for somebody who needs `fewest` people behind each; guardians need one, and see it as it is."""
    if fewest <= 1 or not is_of_staff(signal.kind, signal.streams):
        return signal
    return replace(
        signal,
        observed=told(signal.observed or 0),
        expected=roughly(signal.expected),
        respondents=None if signal.respondents is None else told(signal.respondents),
        sentence=retold(signal.sentence, signal.observed or 0, signal.expected),
        words=[
            {**word, "now": told(word.get("now", 0)), "before": told(word.get("before", 0))} for word in signal.words
        ],
    )
