"""Sentiment from 1 (very positive) to 5 (very negative), of a comment and of each of its sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from earshot_nlp.features import Floats
from earshot_nlp.linear import Linear
from earshot_nlp.themes import Scores
from earshot_nlp.types import Matrix, Rating

Ratings = npt.NDArray[np.int8]


BLEND_STRENGTH, BLEND_BALANCE = 0.03, 0.15
"""Inverse regularisation of a blend, and how far it weighs rare ratings up (see RatingModel)."""


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """How the log-odds of two models and a text's manner become one's log-odds: `plain` and `tuned` have shape
    (ratings, ratings), `manner` (ratings, MANNER), `shift` (ratings,).
    """

    plain: Floats
    tuned: Floats
    manner: Floats
    shift: Floats

    def apply(self, plain: npt.ArrayLike, tuned: npt.ArrayLike) -> Scores:
        """Give the log-odds of both models together, from arrays whose last axis holds the ratings."""
        return np.asarray(plain) @ self.plain.T + np.asarray(tuned) @ self.tuned.T + self.shift


def blend(plain: Scores | Matrix, tuned: Scores | Matrix, manners: Matrix, ratings: Ratings) -> Blend:
    """Learn from out-of-fold log-odds (n, ratings) of two models how much each has to say: stacking (Wolpert 1992).

    `manners` has shape (n, MANNER). How a text is put is weighed here and not only in the plain model, since it says
    how far to trust what both make of the words.
    """
    size = plain.shape[1]
    centre = np.eye(size) - 1 / size  # log-odds are known up to a constant a row
    all_three = np.concatenate([plain @ centre, tuned @ centre, manners], axis=1)
    _, which, counts = np.unique(ratings, return_inverse=True, return_counts=True)
    weights = counts[which] ** -BLEND_BALANCE
    model = LogisticRegression(C=BLEND_STRENGTH, max_iter=2000).fit(
        all_three, ratings, sample_weight=weights / weights.mean()
    )
    coef = model.coef_.astype(np.float32)
    ours, theirs, put = np.split(coef, [size, 2 * size], axis=1)
    return Blend(ours @ centre, theirs @ centre, put, model.intercept_.astype(np.float32))


class RatingModel(Linear, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multinomial logistic regression over ratings; its log-odds are those of `classes_`, up to a constant a row.

    Args:
        strength: inverse regularisation.
        balance: how far rare ratings are weighed up: a rating with n texts weighs n to the power of -balance, so that 0
            leaves all texts alike and 1 gives every rating the same say.
    """

    def __init__(self, *, strength: float = 1.0, balance: float = 0.5) -> None:
        self.strength = strength
        self.balance = balance

    def fit(self, features: sparse.csr_matrix, ratings: Ratings) -> RatingModel:
        """Fit on features of shape (n, d) and ratings of shape (n,)."""
        model = LogisticRegression(C=self.strength, solver="lbfgs", max_iter=300, tol=1e-3)
        _, which, counts = np.unique(ratings, return_inverse=True, return_counts=True)
        weights = counts[which] ** -float(self.balance)
        model.fit(features.astype(np.float64), ratings, sample_weight=weights / weights.mean())
        self.classes_: Ratings = np.asarray(model.classes_, dtype=np.int8)
        # Of two classes scikit-learn keeps the difference only; half of it each way gives the same probabilities.
        two = len(model.classes_) == 2
        coef = np.concatenate([-model.coef_, model.coef_]) / 2 if two else model.coef_
        intercept = np.concatenate([-model.intercept_, model.intercept_]) / 2 if two else model.intercept_
        self.coef_: Floats = coef.astype(np.float32)
        self.intercept_: Floats = intercept.astype(np.float32)
        return self

    def predict_proba(self, features: sparse.csr_matrix) -> Scores:
        """Give probabilities of the ratings in `classes_`, shape (n, classes)."""
        scores = self.decision_function(features)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True)) if len(scores) else scores
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def predict(self, features: sparse.csr_matrix) -> Ratings:
        """Give the most probable rating of each row, shape (n,)."""
        best: Ratings = self.classes_[self.predict_proba(features).argmax(axis=1)]
        return best

    def rate(self, features: sparse.csr_matrix) -> list[Rating]:
        """Give the most probable rating of each row with its probability."""
        p = self.predict_proba(features)
        best = p.argmax(axis=1)
        return [Rating(int(self.classes_[k]), round(float(row[k]), 4)) for row, k in zip(p, best, strict=True)]
