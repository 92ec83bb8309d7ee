"""Which of a cluster's words name it: those that are its own, and that people say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

WORD = r"(?u)\b[^\W\d_]{2,}(?:['’]\w+)?"
_FILLERS = (
    "came come coming did does doing getting goes going got just let like lot make makes making maybe really said say "
    "saying says sort thing things think thought told took try trying used want wanted way went"
)
FILLERS = frozenset(_FILLERS.split())
"""Words that say nothing of what a comment is about, beside the usual stop words."""

TOGETHER = 0.8
"""How much being said together counts beside being the cluster's own."""

BEGINNINGS = 5
"""So many of a cluster's heaviest words are tried as the first."""

Numbers = npt.NDArray[np.float64]
Weighted = Sequence[tuple[str, float]]


def vocabulary(documents: Sequence[str]) -> list[str]:
    """Give the words that may name a cluster: no stop words, no contractions, and none so rare that only chance put
    it there.
    """
    least = 2 if len(documents) < 500 else max(5, len(documents) // 5000)
    words = CountVectorizer(stop_words="english", token_pattern=WORD, min_df=min(least, len(documents)))
    try:
        words.fit(documents)
    except ValueError:  # nothing but stop words and rare ones
        return []
    found = [str(word) for word in words.get_feature_names_out()]
    return [word for word in found if word not in FILLERS and "'" not in word and "’" not in word]


def together(candidates: Sequence[Weighted], documents: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """Choose each cluster's `count` words among its weighted candidates, heaviest first.

    A word weighs less where it weighs more in another cluster. Words are chosen that are heavy and that occur with
    each other more than chance would have it (normalised pointwise mutual information over documents, Bouma 2009).
    """
    words = sorted({word for weighted in candidates for word, _ in weighted})
    if not words:
        return [() for _ in candidates]
    likeness = _said_together(words, documents)
    places = {word: place for place, word in enumerate(words)}
    most = {word: max(weight, 0.0) for word, weight in sorted(pair for one in candidates for pair in one)}
    owned = [[(word, weight * (weight / most[word]) ** 0.5) for word, weight in one] for one in candidates]
    ranked = [sorted(one, key=lambda pair: (-pair[1], pair[0])) for one in owned]
    return [_chosen([places[word] for word, _ in one], one, likeness, count) for one in ranked]


def _said_together(words: Sequence[str], documents: Sequence[str]) -> npt.NDArray[np.float64]:
    """NPMI of each pair of words, -1 (never together) to 1 (always), shape (words, words)."""
    counted = CountVectorizer(vocabulary=list(words), token_pattern=WORD, binary=True, dtype=np.int64)
    held: csr_matrix = counted.transform(documents)
    both = np.asarray((held.T @ held).todense(), dtype=np.float64)
    alone = np.maximum(both.diagonal(), 1.0)
    total = float(len(documents))
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log(both * total / np.outer(alone, alone)) / -np.log(both / total)
    npmi[both == 0] = -1.0
    npmi[both == total] = 1.0
    return np.asarray(npmi.round(6))


def _chosen(
    places: Sequence[int], weighted: Weighted, likeness: npt.NDArray[np.float64], count: int
) -> tuple[str, ...]:
    """The best of several choices, each of which begins with another heavy word."""
    if not weighted:
        return ()
    own = np.array([weight for _, weight in weighted]) / weighted[0][1]
    like = likeness[np.ix_(places, places)]
    choices = [_from(begin, own, like, count) for begin in range(min(BEGINNINGS, len(weighted)))]
    worths = [_worth(choice, own, like) for choice in choices]
    return tuple(weighted[one][0] for one in sorted(choices[worths.index(max(worths))]))


def _from(begin: int, own: Numbers, like: Numbers, count: int) -> list[int]:
    """Add the word that is worth most beside those before it, until there are enough."""
    chosen = [begin]
    while len(chosen) < min(count, len(own)):
        worth = ((1 - TOGETHER) * own + TOGETHER * like[:, chosen].mean(axis=1)).round(6)
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return chosen


def _worth(chosen: Sequence[int], own: Numbers, like: Numbers) -> float:
    pairs = max(len(chosen) * (len(chosen) - 1), 1)
    agree = float(like[np.ix_(chosen, chosen)].sum() - len(chosen)) / pairs
    return round((1 - TOGETHER) * float(own[chosen].mean()) + TOGETHER * agree, 6)
