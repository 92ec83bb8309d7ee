"""Learning from corrections: linear theme models moved towards what people said, no further than the evidence goes.

Each label's log-odds z₀ of the active model become z = z₀ + δ·x + b, where δ and b maximise the posterior under a
normal prior around nothing (MAP transfer: Chelba and Acero 2006, "Adaptation of maximum entropy capitalizer"). With few
texts and many features δ lies in the span of the texts, so it is found in as many dimensions as there are texts, in
seconds for a thousand corrections. A fifth of the texts, chosen by a hash of their wording, is never learned from and
says whether it helped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from earshot_nlp.evaluate import macro_f1, micro_f1
from earshot_nlp.features import normal, plain, questions_matrix
from earshot_nlp.model import Model
from earshot_nlp.themes import Scores, Targets, ThemeModel, best_thresholds
from earshot_nlp.types import Matrix, Text

FOLDS = 5
FEWEST = 40
"""Different wordings below this say too little to learn from and to test with."""

MARGIN = 0.005
"""A held-out F1 (macro or micro) lower by more than this refuses the model: noise of single texts is no loss."""

_STRENGTHS = (30.0, 10.0, 3.0, 1.0, 0.3)
"""Strengths of the prior that are tried, strongest first: a tie goes to the model that moves least."""

_TRUST = 10.0
"""A threshold moves half of the way when this many corrected texts have the label."""

Rows = npt.NDArray[np.bool_]


class TooFewCorrections(Exception):
    """There are too few corrected comments to learn from. Correct some more, then try again."""

    status = 409


@dataclass(frozen=True, slots=True)
class Corrected:
    """A comment and all its themes as people left them."""

    text: str
    question: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One label on the held-out corrections: how many have it, and its F1 before and after."""

    label: str
    n: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Change:
    """What learning did to the held-out corrections; macro F1 is over the labels that occur there."""

    learned_from: int
    held_out: int
    macro_before: float
    macro_after: float
    micro_before: float
    micro_after: float
    labels: tuple[LabelChange, ...]

    @property
    def worse(self) -> bool:
        """Whether one of the two averages fell by more than noise."""
        return self.macro_after < self.macro_before - MARGIN or self.micro_after < self.micro_before - MARGIN


def learn(
    model: Model, corrected: Sequence[Corrected], vectors: Matrix, *, fewest: int = FEWEST
) -> tuple[Model, Change]:
    """Give the model that learned and what that did; raises TooFewCorrections.

    Args:
        corrected: comments with their themes; a wording that came several times counts once, as corrected last.
        vectors: what `Pipeline.vectors` gives for them, shape (n, 384), or (n, 768) with a tuned encoder.
        fewest: different wordings that are needed.
    """
    rows = _distinct(corrected)
    texts = [corrected[row] for row in rows]
    held = held_out([one.text for one in texts])
    if len(rows) < fewest or not held.any() or held.all():
        raise TooFewCorrections
    features = features_of(model, [Text(one.text, one.question) for one in texts], vectors[rows])
    targets = np.asarray([[label in one.labels for label in model.labels] for one in texts], dtype=np.int8)
    themes = adapt(model.themes, features[~held], targets[~held], groups=_folds([one.text for one in texts])[~held])
    change = compare(model.themes, themes, features[held], targets[held], model.labels, learned_from=int((~held).sum()))
    meta = {**model.meta, "parent": model.id, "learned": asdict(change)}
    return replace(model, meta=meta, themes=themes, id=""), change


def features_of(model: Model, texts: Sequence[Text], vectors: Matrix) -> sparse.csr_matrix:
    """Give the theme model's features of texts whose vectors are known, shape (n, d)."""
    terms = model.text.transform([plain(text.text) for text in texts])
    asked = questions_matrix((text.question for text in texts), model.questions)
    return sparse.hstack([terms, sparse.csr_matrix(vectors[:, : model.dimensions]), sparse.csr_matrix(asked)]).tocsr()


def held_out(texts: Sequence[str]) -> Rows:
    """Say which texts are never learned from: by a hash of the wording, so that it is always the same fifth."""
    return np.asarray([_hash(text) % 5 == 0 for text in texts], dtype=np.bool_)


def adapt(
    base: ThemeModel, features: sparse.csr_matrix, targets: Targets, *, groups: npt.NDArray[np.int64]
) -> ThemeModel:
    """Move a theme model towards corrections.

    Args:
        features: shape (n, d). targets: shape (n, labels) in {0, 1}.
        groups: folds 0 to FOLDS - 1 of the texts, for the strength of the prior and the thresholds.
    """
    before = base.slope_ * base.decision_function(features) + base.offset_
    with threadpool_limits(1):  # on a busy machine threads that wait for each other take a hundred times as long
        space, back = _space(features)
        tried = [_unseen(space, before, targets, groups, strength) for strength in _STRENGTHS]
        best = min(range(len(tried)), key=lambda one: round(_loss(tried[one], targets), 4))
        moved, shift = _fit(space, before, targets, _STRENGTHS[best])
    delta = np.asarray((features.T @ (back @ moved)).T)  # (labels, d), in calibrated log-odds
    model = copy(base)
    model.coef_ = (base.coef_ + delta / base.slope_[:, None]).astype(np.float32)
    model.intercept_ = (base.intercept_ + shift / base.slope_).astype(np.float32)
    model.thresholds_ = _thresholds(base.thresholds_, _logistic(tried[best]), targets)
    return model


def compare(
    before: ThemeModel,
    after: ThemeModel,
    features: sparse.csr_matrix,
    targets: Targets,
    labels: Sequence[str],
    *,
    learned_from: int,
) -> Change:
    """Score two models on corrections that neither has seen."""
    old, new = before.predict(features), after.predict(features)
    heard = np.flatnonzero(targets.any(axis=0))
    return Change(
        learned_from=learned_from,
        held_out=len(targets),
        macro_before=round(macro_f1(targets[:, heard], old[:, heard]), 4),
        macro_after=round(macro_f1(targets[:, heard], new[:, heard]), 4),
        micro_before=round(micro_f1(targets, old), 4),
        micro_after=round(micro_f1(targets, new), 4),
        labels=tuple(
            LabelChange(labels[k], int(targets[:, k].sum()), *(_f1(targets[:, k], said[:, k]) for said in (old, new)))
            for k in range(len(labels))
            if targets[:, k].any() or old[:, k].any() or new[:, k].any()
        ),
    )


def _distinct(corrected: Sequence[Corrected]) -> npt.NDArray[np.int64]:
    last = {(normal(one.text), one.question or ""): row for row, one in enumerate(corrected) if normal(one.text)}
    return np.asarray(sorted(last.values()), dtype=np.int64)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(normal(text).encode()).digest()[:8], "big")


def _folds(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.asarray([_hash(text) // 5 % FOLDS for text in texts], dtype=np.int64)


def _space(features: sparse.csr_matrix) -> tuple[Scores, Scores]:
    """Coordinates of the texts in their own span, shape (n, r), and what turns weights there into weights of texts."""
    products = np.asarray((features @ features.T).todense(), dtype=np.float64)
    values, vectors = np.linalg.eigh(products)
    kept = values > values[-1] * 1e-9
    root = np.sqrt(values[kept])
    return vectors[:, kept] * root, vectors[:, kept] / root


def _fit(space: Scores, before: Scores, targets: Targets, strength: float) -> tuple[Scores, Scores]:
    """Weights of shape (r, labels) and shifts of shape (labels,) with the highest posterior."""
    n, labels = targets.shape
    size = space.shape[1]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(size + 1, labels)
        z = before + space @ weights[:size] + weights[size]
        value = float((np.logaddexp(0, z) - targets * z).sum() + strength / 2 * np.square(weights).sum())
        error = _logistic(z) - targets
        slope = np.concatenate([space.T @ error, error.sum(axis=0)[None]]) + strength * weights
        return value, slope.ravel()

    found = minimize(
        loss,
        np.zeros((size + 1) * labels),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 200, "gtol": 1e-3 * n**0.5},
    )
    weights = found.x.reshape(size + 1, labels)
    return weights[:size], weights[size]


def _unseen(space: Scores, before: Scores, targets: Targets, groups: npt.NDArray[np.int64], strength: float) -> Scores:
    """Log-odds of each text by a model that learned from the other folds."""
    out = before.copy()
    for fold in np.unique(groups):
        here = groups == fold
        if not here.all():
            weights, shift = _fit(space[~here], before[~here], targets[~here], strength)
            out[here] = before[here] + space[here] @ weights + shift
    return out


def _loss(z: Scores, targets: Targets) -> float:
    return float((np.logaddexp(0, z) - targets * z).mean())


def _thresholds(base: npt.NDArray[np.float32], p: Scores, targets: Targets) -> npt.NDArray[np.float32]:
    """Best thresholds on corrections not learned from, drawn towards a prior: few examples choose badly.

    The prior lies halfway between the old threshold and the one with the best expected F1 if the probabilities are
    right (Lipton, Elkan and Naryanaswamy 2014), since probabilities that moved must take their threshold along.
    """
    share = targets.sum(axis=0) / (targets.sum(axis=0) + _TRUST)
    prior = (_logit(base.astype(np.float64)) + _logit(_expected_best(p))) / 2
    return _logistic(share * _logit(best_thresholds(p, targets)) + (1 - share) * prior).astype(np.float32)


def _expected_best(p: Scores) -> Scores:
    ranked = -np.sort(-p, axis=0)
    f1 = 2 * np.cumsum(ranked, axis=0) / (np.arange(1, len(p) + 1)[:, None] + p.sum(axis=0))
    best = f1.argmax(axis=0)
    labels = np.arange(p.shape[1])
    return np.asarray((ranked[best, labels] + ranked[np.minimum(best + 1, len(p) - 1), labels]) / 2)


def _f1(target: Targets, said: Targets) -> float:
    return round(2 * float((target & said).sum()) / max(float(target.sum() + said.sum()), 1.0), 4)


def _logit(p: Scores) -> Scores:
    inside = np.clip(p, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(inside / (1 - inside)))


def _logistic(z: Scores) -> Scores:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -60, 60))))
