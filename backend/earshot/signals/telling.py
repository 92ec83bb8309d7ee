"""Which words drive a signal, and which comments tell most. Pure.

A word is weighed by how much oftener comments hold it now than before: the log-odds ratio with an informative Dirichlet
prior, divided by its standard deviation (Monroe, Colaresi and Quinn, Political Analysis 16, 2008, 372-403, equations
16 and 22), counted once a comment.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

WORDS, FEWEST = 12, 2  # words shown; comments that must hold a word
LEAST_Z = 1.0
PRIOR = 4.0  # comments that the prior weighs as much as
_WORD = re.compile(r"[a-z][a-z’'-]+[a-z]")
_COMMON_WORDS = (
    "about after again all also and any are because been before being both but came can could did does doing don't "
    "down each even ever every few for from get got had has have having her here him his how i'm i've into its it's "
    "just like made make many may more most much must not now off once one only other our out over own same she "
    "should since some still such than that the their them then there these they this those though through time too "
    "took under until upon very was way were what when where which while who whom why will with would you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Word:
    """A word with its z-score, and how many comments hold it now and held it before."""

    text: str
    z: float
    now: int
    before: int


@dataclass(frozen=True)
class Candidate:
    """A comment that may be shown as evidence: how surely it is about the theme, and sentiment 1 to 5 if known."""

    id: UUID
    response_id: UUID
    text: str
    p: float
    sentiment: int | None


def words_in(text: str) -> frozenset[str]:
    """The words of a comment that say something, each once, in lower case; never a redaction's mark."""
    plain = re.sub(r"\[[^\]]*\]", " ", text.lower())
    return frozenset(word for word in _WORD.findall(plain) if word not in _COMMON)


def driving(now: Sequence[str], before: Sequence[str], most: int = WORDS) -> list[Word]:
    """The words that are heard oftener in comments of now than of before, most telling first."""
    here = Counter(word for text in now for word in words_in(text))
    there = Counter(word for text in before for word in words_in(text))
    size, earlier = len(now), len(before)
    found = [
        Word(word, round(z, 2), n, there[word])
        for word, n in here.items()
        if n >= FEWEST and (z := z_score(n, size, there[word], earlier)) >= LEAST_Z
    ]
    return sorted(found, key=lambda word: (-word.z, word.text))[:most]


def z_score(now: int, size: int, before: int, earlier: int) -> float:
    """How surely a word is in a larger share of `size` comments now than of `earlier` ones before."""
    share = (now + before + 1) / (size + earlier + 2)
    a, b = PRIOR * share, PRIOR * (1 - share)
    odds_now = math.log((now + a) / (size - now + b))
    odds_before = math.log((before + a) / (earlier - before + b))
    return (odds_now - odds_before) / math.sqrt(1 / (now + a) + 1 / (before + a))


def most_telling(candidates: Sequence[Candidate], words: Sequence[Word], *, good: bool) -> list[Candidate]:
    """Comments by the product of the theme's probability, how bad (or, of good news, good) they are, and how much they
    say what is new: the driving words in them.
    """
    weights = {word.text: word.z for word in words}

    def score(one: Candidate) -> float:
        how_bad = (3 if one.sentiment is None else one.sentiment) / 5
        strength = 1.2 - how_bad if good else how_bad
        new = sum(weights.get(word, 0.0) for word in words_in(one.text))
        return one.p * strength * (1 + new) / (1 + len(one.text) / 2000)

    return sorted(candidates, key=lambda one: (-score(one), one.id))
