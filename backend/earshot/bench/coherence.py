"""How well the words of themes go together, and how many of them are a theme's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

WINDOW = 10  # words: two words occur together when a window of so many holds both
_TINY = 1e-12
_WORD = re.compile(r"(?u)\b\w\w+\b")  # as scikit-learn and so BERTopic split words

Topics = Sequence[Sequence[str]]


def npmi(topics: Topics, texts: Sequence[str]) -> list[float]:
    """Each topic's c_npmi, -1 to 1: normalised pointwise mutual information over all pairs of its words.

    Probabilities are shares of the windows of ten words that slide over the texts (Röder, Both and Hinneburg, WSDM
    2015). A topic of fewer than two words counts as 0.
    """
    places = {word: place for place, word in enumerate(sorted({word for topic in topics for word in topic}))}
    held = _windows(texts, places)
    alone = np.asarray(held.sum(axis=0)).ravel() / held.shape[0]
    together = (held.T @ held).toarray() / held.shape[0]
    scores = []
    for topic in topics:
        pairs = np.array(list(combinations([places[word] for word in topic], 2)), dtype=np.int64).reshape(-1, 2)
        first, second = pairs.T
        joint = together[first, second] + _TINY
        score = np.log(joint / np.maximum(alone[first] * alone[second], _TINY)) / -np.log(joint)
        scores.append(float(score.mean()) if len(pairs) else 0.0)
    return scores


def diversity(topics: Topics) -> float:
    """The share of different words among all the topics' words, 0 to 1 (Dieng, Ruiz and Blei, TACL 2020)."""
    words = [word for topic in topics for word in topic]
    return len(set(words)) / max(len(words), 1)


def _windows(texts: Sequence[str], places: dict[str, int]) -> csr_matrix:
    """Which window holds which word: shape (windows, words), each entry 1."""
    rows: list[npt.NDArray[np.int64]] = []
    columns: list[npt.NDArray[np.int64]] = []
    total = 0
    for text in texts:
        words = _WORD.findall(text.lower())
        windows = max(1, len(words) - WINDOW + 1)
        for position, word in enumerate(words):
            if (place := places.get(word)) is not None:
                first, last = max(0, position - WINDOW + 1), min(position, windows - 1)
                rows.append(np.arange(total + first, total + last + 1))
                columns.append(np.full(last - first + 1, place))
        total += windows
    here = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    there = np.concatenate(columns) if columns else np.zeros(0, np.int64)
    held = csr_matrix((np.ones(len(here), np.float32), (here, there)), shape=(max(total, 1), len(places)))
    held.data[:] = 1  # a word twice in a window counts once
    return held
