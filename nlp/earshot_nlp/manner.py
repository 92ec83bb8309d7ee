"""How a text is put, beside what it is about: whether it turns ("lovely staff, but…"), how emphatic it is, how long.

The words alone do not tell a very good comment from a good one with a reservation; these three do it best (the mixed
comments are where sentiment was wrong most often).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from earshot_nlp.types import Matrix

MANNER = 3
"""Columns of `manner`."""

_TURNS = re.compile(
    r"\b(?:but|however|although|though|except|apart from|only|just|yet|despite|unfortunately)\b", re.IGNORECASE
)
_EMPHATIC = re.compile(
    r"\b(?:very|extremely|really|so|absolutely|incredibly|best|worst|excellent|amazing|fantastic|brilliant|outstanding|"
    r"superb|wonderful|exceptional|terrible|appalling|disgusting|awful|dreadful)\b",
    re.IGNORECASE,
)
_WEIGHT = 2.0  # what is there or not varies less than a length does: this makes regularisation treat them alike
_TYPICAL = 3.0  # the log of a usual comment's number of words, 20


def manner(texts: Sequence[str]) -> Matrix:
    """Give whether each text turns, whether it is emphatic, and the log of its number of words; shape (n, 3)."""
    rows = [
        (
            _WEIGHT * (_TURNS.search(text) is not None),
            _WEIGHT * (_EMPHATIC.search(text) is not None),
            np.log1p(len(text.split())) - _TYPICAL,
        )
        for text in texts
    ]
    return np.asarray(rows, dtype=np.float32).reshape(len(texts), MANNER)


def with_manner(features: sparse.csr_matrix, texts: Sequence[str]) -> sparse.csr_matrix:
    """Give what sentiment is read from: a text's features and, in the last columns, its manner."""
    return sparse.hstack([features, sparse.csr_matrix(manner(texts))]).tocsr()
