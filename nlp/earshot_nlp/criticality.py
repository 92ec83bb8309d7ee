"""Criticality: how serious a comment is, from -4 (very serious) over 0 to 4 (warm praise), learned from marks.

The scale and the marks are those of the NHS's patient experience project, phase 1. What the tuned encoder says is added
to what words and the general embedding say; scores use encoders that had not seen the comment.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.model_selection import GroupKFold

from earshot_nlp.encoder import Tuning
from earshot_nlp.evaluate import Groups, Interval, intervals
from earshot_nlp.features import normal, plain
from earshot_nlp.model import Model
from earshot_nlp.ratings import RatingModel, Ratings
from earshot_nlp.types import Matrix

FOLDS = 5
MARKS = range(-4, 5)
PLAIN_SAY = 0.35
"""How much the log-odds that words and embedding give a mark add to the tuned encoder's."""


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """Comments and how serious each is: `marks` and `groups` have shape (n,); texts of one group read the same."""

    texts: tuple[str, ...]
    marks: Ratings
    groups: Groups


@dataclass(frozen=True, slots=True)
class CriticalityReport:
    """Five-fold scores: the share of comments all right, its mean over the nine classes (class-balance accuracy), and
    the share that is right or one step off.
    """

    texts: int
    accuracy: Interval
    balanced_accuracy: Interval
    within_one: Interval


def read_marked(path: Path, *, text: str, mark: str) -> Marked:
    """Read marked comments from a CSV file, each wording once; codes that are no mark are left out."""
    kept: dict[str, tuple[str, int]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            wording, value = normal(row[text] or ""), _mark(row[mark])
            if wording and value is not None:
                kept.setdefault(wording, (plain(row[text]), value))
    return Marked(
        tuple(one for one, _ in kept.values()),
        np.asarray([value for _, value in kept.values()], dtype=np.int8),
        np.arange(len(kept), dtype=np.int64),
    )


def _mark(cell: str | None) -> int | None:
    try:
        value = int(cell or "")
    except ValueError:
        return None
    return value if value in MARKS else None


def learn(
    model: Model, marked: Marked, embed: Callable[[Sequence[str]], Matrix], tuning: Tuning | None = None
) -> tuple[Model, CriticalityReport]:
    """Give the model with criticality learned, and what five-fold cross-validation says of it.

    The words are those that the model already knows; they were chosen without these marks.

    Args:
        tuning: the encoder of the model, which learned from these marked comments.
    """
    features = sparse.hstack([model.text.transform(marked.texts), sparse.csr_matrix(embed(marked.texts))]).tocsr()
    said = np.zeros((len(marked.texts), len(MARKS)))
    for rows, held in GroupKFold(FOLDS).split(marked.texts, groups=marked.groups):
        fold = RatingModel().fit(features[rows], marked.marks[rows])
        said[np.ix_(held, fold.classes_ - MARKS.start)] = fold.decision_function(features[held])
    if tuning:
        said = PLAIN_SAY * said + tuning.unseen_marks
    best = (said.argmax(axis=1) + MARKS.start).astype(np.int8)
    found = CriticalityReport(
        len(said), *intervals([_accuracy, _balanced, _within_one], marked.marks, best, marked.groups)
    )
    facts: dict[str, Any] = {**model.meta, "criticality": asdict(found)}
    learned = RatingModel().fit(features, marked.marks)
    return replace(model, meta=facts, criticality=_tuned(learned, tuning) if tuning else learned), found


def _tuned(model: RatingModel, tuning: Tuning) -> RatingModel:
    """Add the tuned encoder's head: its columns follow those of the general embedding."""
    added = copy(model)
    head = tuning.marks[model.classes_ - MARKS.start]
    added.coef_ = np.concatenate([PLAIN_SAY * model.coef_, head[:, :-1]], axis=1)
    added.intercept_ = PLAIN_SAY * model.intercept_ + head[:, -1]
    return added


def _accuracy(truth: Ratings, said: Ratings) -> float:
    return float((truth == said).mean())


def _balanced(truth: Ratings, said: Ratings) -> float:
    return float(np.mean([(said[truth == mark] == mark).mean() for mark in np.unique(truth)]))


def _within_one(truth: Ratings, said: Ratings) -> float:
    return float((np.abs(truth.astype(int) - said) <= 1).mean())
