"""Themes of a framework: one calibrated linear model a label, each with its own threshold, and the words
behind a decision.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from earshot_nlp.features import Encoding, Floats
from earshot_nlp.linear import Linear
from earshot_nlp.types import Word

Scores = npt.NDArray[np.float64]
Targets = npt.NDArray[np.int8]

CERTAIN = 0.8
"""A yes or a no that is right less often than this is in doubt."""

EXPECTED = 0.7
"""How much of a label's hits is counted as expected from its probabilities when its threshold is chosen."""

_NEVER = -10.0
"""The score of a label that has no example: a probability of about nothing."""


class ThemeModel(Linear, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One logistic regression a label (one against the rest), calibrated and cut by scores it was not trained
    on.

    Args:
        strength: inverse regularisation. balanced: weigh the rare side up. threads: labels fitted at once.
    """

    def __init__(self, *, strength: float = 2.0, balanced: bool = True, threads: int = 2) -> None:
        self.strength = strength
        self.balanced = balanced
        self.threads = threads

    def fit(self, features: sparse.csr_matrix, targets: Targets) -> ThemeModel:
        """Fit on features of shape (n, d) and targets of shape (n, labels) in {0, 1}."""
        features = features.astype(np.float64)
        features.sum_duplicates()  # the solver would do it itself, in place, in several threads at once
        with ThreadPoolExecutor(self.threads) as pool:
            fitted = list(pool.map(lambda label: self._one(features, targets[:, label]), range(targets.shape[1])))
        self.coef_: Floats = np.asarray([coef for coef, _ in fitted], dtype=np.float32)
        self.intercept_: Floats = np.asarray([intercept for _, intercept in fitted], dtype=np.float32)
        labels = targets.shape[1]
        self.slope_: Floats = np.ones(labels, dtype=np.float32)
        self.offset_: Floats = np.zeros(labels, dtype=np.float32)
        self.thresholds_: Floats = np.full(labels, 0.5, dtype=np.float32)
        self.bands_: Floats = bands_at_their_word(self.thresholds_)
        return self

    def calibrate(self, scores: Scores, targets: Targets) -> ThemeModel:
        """Turn scores into probabilities and choose thresholds and bands, from out-of-fold scores of shape
        (n, labels).
        """
        self.slope_, self.offset_ = calibration(scores, targets)
        p = self.probabilities(scores)
        self.thresholds_ = best_thresholds(p, targets).astype(np.float32)
        self.bands_ = bands(p, targets, self.thresholds_)
        return self

    def predict_proba(self, features: sparse.csr_matrix) -> Scores:
        """Give calibrated probabilities, shape (n, labels)."""
        return self.probabilities(self.decision_function(features))

    def probabilities(self, scores: Scores) -> Scores:
        """Turn log-odds of `decision_function` into calibrated probabilities."""
        return logistic(self.slope_ * scores + self.offset_)

    def predict(self, features: sparse.csr_matrix) -> Targets:
        """Give the labels above their thresholds as 0 and 1, shape (n, labels)."""
        return (self.predict_proba(features) > self.thresholds_).astype(np.int8)

    def _one(self, features: sparse.csr_matrix, target: Targets) -> tuple[Floats, float]:
        if target.min() == target.max():
            return np.zeros(features.shape[1], dtype=np.float32), _NEVER if target.max() == 0 else -_NEVER
        model = LogisticRegression(
            C=self.strength,
            solver="liblinear",
            class_weight="balanced" if self.balanced else None,
            tol=1e-2,  # a third of the time of 1e-3, and no score moves by more than 0.03
            random_state=0,
        ).fit(features, target)
        return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def platt(scores: Scores, target: Targets) -> tuple[float, float]:
    """Fit p = 1 / (1 + exp(-(slope·score + offset))) to out-of-fold scores; Platt (1999), with his smoothed
    targets.

    The smoothing is what keeps labels with few examples from certainty: a target of (n₊ + 1) / (n₊ + 2) in
    place of 1.
    """
    positives, negatives = int(target.sum()), int((1 - target).sum())
    if not positives or not negatives:
        return 1.0, 0.0
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    doubled = np.concatenate([scores, scores])[:, None]
    sides = np.concatenate([np.ones(len(scores)), np.zeros(len(scores))])
    smooth = np.where(target == 1, high, low)
    model = LogisticRegression(C=1e6).fit(doubled, sides, sample_weight=np.concatenate([smooth, 1 - smooth]))
    return max(float(model.coef_[0][0]), 0.05), float(model.intercept_[0])


def calibration(scores: Scores, targets: Targets) -> tuple[Floats, Floats]:
    """Give each label's slope and offset that turn out-of-fold scores (n, labels) into probabilities."""
    fitted = [platt(scores[:, label], targets[:, label]) for label in range(targets.shape[1])]
    return (
        np.asarray([slope for slope, _ in fitted], dtype=np.float32),
        np.asarray([offset for _, offset in fitted], dtype=np.float32),
    )


def best_thresholds(p: Scores, targets: Targets) -> Scores:
    """Give for each label the threshold with the best F1 on these calibrated probabilities, halfway between two
    neighbours.

    With few examples the best cut is a matter of luck. Hits are therefore counted partly as expected from the
    probabilities (Lewis 1995, SIGIR, on expected F), which all scores together have shaped.
    """
    return np.asarray([_best_threshold(p[:, label], targets[:, label]) for label in range(targets.shape[1])])


def _best_threshold(p: Scores, target: Targets) -> float:
    if not target.any():
        return 0.5
    order = np.argsort(-p, kind="stable")
    hits = (1 - EXPECTED) * target[order] + EXPECTED * p[order]
    f1 = 2 * np.cumsum(hits) / (np.arange(1, len(p) + 1) + hits.sum())
    best = int(f1.argmax())
    after = p[order[min(best + 1, len(p) - 1)]]
    return float((p[order[best]] + after) / 2)


def bands(p: Scores, targets: Targets, thresholds: Floats) -> Floats:
    """Give for each label the band around its threshold in which neither a yes nor a no can be trusted: shape
    (labels, 2), from and to.

    How often texts with some probability have the label is read from out-of-fold probabilities by isotonic regression
    (Zadrozny and Elkan 2002); in the band that is between 1 - CERTAIN and CERTAIN. The threshold always lies inside.
    """
    found = [_band(p[:, label], targets[:, label], float(thresholds[label])) for label in range(targets.shape[1])]
    return np.asarray(found, dtype=np.float32)


def _band(p: Scores, target: Targets, threshold: float) -> tuple[float, float]:
    share = IsotonicRegression(y_min=0, y_max=1).fit_transform(p, target)
    doubtful = p[(share >= 1 - CERTAIN) & (share <= CERTAIN)]
    return min([threshold, *doubtful.tolist()]), max([threshold, *doubtful.tolist()])


def bands_at_their_word(thresholds: Floats) -> Floats:
    """Give the bands of a model whose out-of-fold probabilities are gone, from 1 - CERTAIN to CERTAIN as calibrated."""
    low, high = np.minimum(thresholds, 1 - CERTAIN), np.maximum(thresholds, CERTAIN)
    return np.stack([low, high], axis=1).astype(np.float32)


def explain(encoding: Encoding, per_occurrence: Floats, coef: Floats, *, top: int = 5) -> tuple[Word, ...]:
    """Give the words that spoke most for a label with their exact shares of its log-odds (pairs are split
    between both).

    Args:
        encoding: the text's terms. per_occurrence: value of each occurrence, from `TextFeatures.values`.
        coef: the label's coefficients, shape (terms or more,), already times the calibration's slope.
    """
    weights = per_occurrence * encoding.share * coef[encoding.columns]
    by_word = np.bincount(encoding.word_of, weights=weights, minlength=len(encoding.words))
    total: dict[str, float] = {}
    for word, weight in zip(encoding.words, by_word, strict=True):
        surface = word.strip("\"'’‘“”.,;:!?()[]-…")
        if surface and surface != "someone":
            total[surface] = total.get(surface, 0.0) + float(weight)
    ranked = sorted(((weight, word) for word, weight in total.items() if weight > 0), reverse=True)
    return tuple(Word(word, round(weight, 4)) for weight, word in ranked[:top])


def logistic(scores: Scores) -> Scores:
    """Turn log-odds into probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -60, 60))))


def below(p: Scores, thresholds: Floats, bands: Floats) -> list[tuple[int, float]]:
    """Give (label index, probability) of the labels in the lower part of their bands, likeliest first."""
    near = [(index, float(p[index])) for index in range(len(p)) if bands[index, 0] <= p[index] <= thresholds[index]]
    return sorted(near, key=lambda pair: (-pair[1], pair[0]))


def above(p: Scores, thresholds: Floats) -> list[tuple[int, float]]:
    """Give (label index, probability) of the labels above their thresholds, best first."""
    chosen = [(index, float(p[index])) for index in range(len(p)) if p[index] > thresholds[index]]
    return sorted(chosen, key=lambda pair: (-pair[1], pair[0]))
