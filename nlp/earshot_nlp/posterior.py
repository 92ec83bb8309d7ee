"""Moving linear models towards what people said: the most probable weights under a normal prior around the old ones.

Log-odds z₀ become z = z₀ + δ·x + b (MAP transfer: Chelba and Acero 2006, "Adaptation of maximum entropy capitalizer").
With few texts and many features δ lies in the span of the texts, so it is found in as many dimensions as there are
texts, in seconds for a thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from earshot_nlp.themes import Scores, Targets, logistic

Folds: TypeAlias = npt.NDArray[np.int64]

Loss: TypeAlias = Callable[[Scores, Targets], tuple[float, Scores]]
"""From log-odds and targets, shape (n, labels), to the summed loss in nats and its gradient."""

_STRENGTHS = (30.0, 10.0, 3.0, 1.0, 0.3)
"""Strengths of the prior that are tried, strongest first: a tie goes to the model that moves least."""


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """How weights moved: `delta` (labels, d) and `shift` (labels,); and the log-odds (n, labels) that each text has by
    a model that learned from the other folds.
    """

    delta: Scores
    shift: Scores
    unseen: Scores


def each_alone(z: Scores, targets: Targets) -> tuple[float, Scores]:
    """Labels that do not touch each other: binary cross-entropy of each."""
    return float((np.logaddexp(0, z) - targets * z).sum()), logistic(z) - targets


def one_of_all(z: Scores, targets: Targets) -> tuple[float, Scores]:
    """Exactly one label a text: multinomial cross-entropy."""
    top = z - z.max(axis=1, keepdims=True)
    log_p = top - np.log(np.exp(top).sum(axis=1, keepdims=True))
    return -float((targets * log_p).sum()), np.exp(log_p) - targets


def move(features: sparse.csr_matrix, before: Scores, targets: Targets, *, folds: Folds, loss: Loss) -> Moved:
    """Find how far the evidence moves a model; the strength of the prior is chosen on the folds.

    Args:
        features: shape (n, d). before: log-odds of the old model, shape (n, labels). targets: (n, labels) in {0, 1}.
    """
    with threadpool_limits(1):  # on a busy machine threads that wait for each other take a hundred times as long
        space, back = _space(features)
        tried = [_unseen(space, before, targets, folds, strength, loss) for strength in _STRENGTHS]
        best = min(range(len(tried)), key=lambda one: round(loss(tried[one], targets)[0] / targets.size, 4))
        weights, shift = _fit(space, before, targets, _STRENGTHS[best], loss)
    return Moved(np.asarray((features.T @ (back @ weights)).T), shift, tried[best])


def logit(p: Scores) -> Scores:
    """Turn probabilities into log-odds, none beyond one in a thousand."""
    inside = np.clip(p, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(inside / (1 - inside)))


def _space(features: sparse.csr_matrix) -> tuple[Scores, Scores]:
    """Coordinates of the texts in their own span, shape (n, r), and what turns weights there into weights of texts."""
    products = np.asarray((features @ features.T).todense(), dtype=np.float64)
    values, vectors = np.linalg.eigh(products)
    kept = values > values[-1] * 1e-9
    root = np.sqrt(values[kept])
    return vectors[:, kept] * root, vectors[:, kept] / root


def _fit(space: Scores, before: Scores, targets: Targets, strength: float, loss: Loss) -> tuple[Scores, Scores]:
    """Weights of shape (r, labels) and shifts of shape (labels,) with the highest posterior."""
    n, labels = targets.shape
    size = space.shape[1]

    def posterior(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(size + 1, labels)
        value, error = loss(before + space @ weights[:size] + weights[size], targets)
        slope = np.concatenate([space.T @ error, error.sum(axis=0)[None]]) + strength * weights
        return value + strength / 2 * float(np.square(weights).sum()), slope.ravel()

    found = minimize(
        posterior,
        np.zeros((size + 1) * labels),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 200, "gtol": 1e-3 * n**0.5},
    )
    weights = found.x.reshape(size + 1, labels)
    return weights[:size], weights[size]


def _unseen(space: Scores, before: Scores, targets: Targets, folds: Folds, strength: float, loss: Loss) -> Scores:
    out = before.copy()
    for fold in np.unique(folds):
        here = folds == fold
        if not here.all():
            weights, shift = _fit(space[~here], before[~here], targets[~here], strength, loss)
            out[here] = before[here] + space[here] @ weights + shift
    return out
