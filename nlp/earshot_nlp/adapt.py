"""Learning from corrections: linear models moved towards what people said, no further than the evidence goes.

Themes and sentiment each move by `posterior.move`. A fifth of the texts, chosen by a hash of their wording, is never
learned from and says whether it helped; a part that does worse there stays as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from earshot_nlp.evaluate import accuracy, classes_f1, macro_f1, micro_f1, three_classes
from earshot_nlp.features import normal, plain, questions_matrix
from earshot_nlp.manner import with_manner
from earshot_nlp.model import Model
from earshot_nlp.posterior import each_alone, logit, move, one_of_all
from earshot_nlp.ratings import RatingModel, Ratings
from earshot_nlp.themes import Scores, Targets, ThemeModel, best_thresholds, logistic
from earshot_nlp.types import Matrix, Text

FOLDS = 5
FEWEST = 40
"""Different wordings below this say too little to learn from and to test with."""

MARGIN = 0.005
"""A held-out average lower by more than this refuses what was learned: noise of single texts is no loss."""

_TRUST = 10.0
"""A threshold moves half of the way when this many corrected texts have the label."""

Rows = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


class TooFewCorrections(Exception):
    """There are too few corrected comments to learn from. Correct some more, then try again."""

    status = 409


@dataclass(frozen=True, slots=True)
class Corrected:
    """A comment as people left it: all its themes, and its sentiment from 1 to 5; None is what nobody has said."""

    text: str
    question: str | None
    labels: tuple[str, ...] | None
    sentiment: int | None = None


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


@dataclass(frozen=True, slots=True)
class SentimentChange:
    """What learning did to the sentiment of the held-out corrections: the share of ratings (1 to 5) all right, and the
    mean F1 of positive, neutral and negative; `labels` are the ratings.
    """

    learned_from: int
    held_out: int
    accuracy_before: float
    accuracy_after: float
    macro_before: float
    macro_after: float
    labels: tuple[LabelChange, ...]

    @property
    def worse(self) -> bool:
        """Whether one of the two averages fell by more than noise."""
        return self.accuracy_after < self.accuracy_before - MARGIN or self.macro_after < self.macro_before - MARGIN


@dataclass(frozen=True, slots=True)
class Outcome:
    """What learning did to themes and to sentiment; None where too little was said to learn from."""

    themes: Change | None
    sentiment: SentimentChange | None

    @property
    def worse(self) -> bool:
        """Whether nothing that was learned may be used."""
        return all(part is None or part.worse for part in (self.themes, self.sentiment))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows to learn one thing from: each wording once, which of them are held out, and the folds of the rest."""

    rows: Indices
    held: Rows
    folds: Indices


def learn(
    model: Model, corrected: Sequence[Corrected], vectors: Matrix, *, fewest: int = FEWEST
) -> tuple[Model, Outcome]:
    """Give the model that learned and what that did; raises TooFewCorrections. A part that did worse stays as it was.

    Args:
        corrected: comments as people left them; a wording that came several times counts once, as corrected last.
        vectors: what `Pipeline.vectors` gives for them, shape (n, 384), or (n, 768) with a tuned encoder.
        fewest: different wordings that are needed for themes, and for sentiment.
    """
    about = _part(corrected, [one.labels is not None for one in corrected], fewest)
    known = () if model.ratings is None else tuple(model.ratings.classes_.tolist())
    felt = _part(corrected, [one.sentiment in known for one in corrected], fewest)
    if about is None and felt is None:
        raise TooFewCorrections
    features = features_of(model, [Text(one.text, one.question) for one in corrected], vectors)
    themes, change = _learn_themes(model, corrected, features, about) if about else (model.themes, None)
    put = with_manner(features, [plain(one.text) for one in corrected])
    ratings, feeling = _learn_ratings(model.ratings, corrected, put, felt) if felt else (model.ratings, None)
    outcome = Outcome(change, feeling)
    learned = replace(
        model,
        meta={**model.meta, "parent": model.id, "learned": asdict(outcome)},
        themes=model.themes if change and change.worse else themes,
        ratings=model.ratings if feeling and feeling.worse else ratings,
        id="",
    )
    return learned, outcome


def _part(corrected: Sequence[Corrected], known: Sequence[bool], fewest: int) -> _Part | None:
    last = {
        (normal(one.text), one.question or ""): row
        for row, one in enumerate(corrected)
        if known[row] and normal(one.text)
    }
    rows = np.asarray(sorted(last.values()), dtype=np.int64)
    texts = [corrected[row].text for row in rows]
    held = held_out(texts)
    if len(rows) < fewest or not held.any() or held.all():
        return None
    return _Part(rows, held, np.asarray([_hash(text) // 5 % FOLDS for text in texts], dtype=np.int64))


def _learn_themes(
    model: Model, corrected: Sequence[Corrected], features: sparse.csr_matrix, part: _Part
) -> tuple[ThemeModel, Change]:
    said = [corrected[row].labels or () for row in part.rows]
    targets = np.asarray([[label in one for label in model.labels] for one in said], dtype=np.int8)
    features, held = features[part.rows], part.held
    themes = adapt(model.themes, features[~held], targets[~held], groups=part.folds[~held])
    change = compare(model.themes, themes, features[held], targets[held], model.labels, learned_from=int((~held).sum()))
    return themes, change


def _learn_ratings(
    base: RatingModel | None, corrected: Sequence[Corrected], features: sparse.csr_matrix, part: _Part
) -> tuple[RatingModel, SentimentChange]:
    assert base is not None, "without ratings no sentiment is known"
    said = np.asarray([corrected[row].sentiment for row in part.rows], dtype=np.int8)
    features, held = features[part.rows], part.held
    ratings = adapt_ratings(base, features[~held], said[~held], groups=part.folds[~held])
    change = compare_ratings(base, ratings, features[held], said[held], learned_from=int((~held).sum()))
    return ratings, change


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
    moved = move(features, before, targets, folds=groups, loss=each_alone)
    model = copy(base)  # what moved is in calibrated log-odds
    model.coef_ = (base.coef_ + moved.delta / base.slope_[:, None]).astype(np.float32)
    model.intercept_ = (base.intercept_ + moved.shift / base.slope_).astype(np.float32)
    model.thresholds_ = _thresholds(base.thresholds_, logistic(moved.unseen), targets)
    ends = base.bands_.copy()  # corrections are too few to choose bands by; the threshold stays inside
    ends[:, 0], ends[:, 1] = np.minimum(ends[:, 0], model.thresholds_), np.maximum(ends[:, 1], model.thresholds_)
    model.bands_ = ends
    return model


def adapt_ratings(base: RatingModel, features: sparse.csr_matrix, ratings: Ratings, *, groups: Indices) -> RatingModel:
    """Move a sentiment model towards corrections.

    Args:
        features: shape (n, d). ratings: shape (n,), each in `base.classes_`. groups: as for `adapt`.
    """
    targets = np.asarray(ratings[:, None] == base.classes_[None, :], dtype=np.int8)
    moved = move(features, base.decision_function(features), targets, folds=groups, loss=one_of_all)
    model = copy(base)
    model.coef_ = (base.coef_ + moved.delta).astype(np.float32)
    model.intercept_ = (base.intercept_ + moved.shift).astype(np.float32)
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


def compare_ratings(
    before: RatingModel, after: RatingModel, features: sparse.csr_matrix, truth: Ratings, *, learned_from: int
) -> SentimentChange:
    """Score two sentiment models on corrections that neither has seen."""
    old, new = before.predict(features), after.predict(features)
    scores = [
        (round(accuracy(truth, said), 4), round(classes_f1(three_classes(truth), three_classes(said)), 4))
        for said in (old, new)
    ]
    return SentimentChange(
        learned_from=learned_from,
        held_out=len(truth),
        accuracy_before=scores[0][0],
        accuracy_after=scores[1][0],
        macro_before=scores[0][1],
        macro_after=scores[1][1],
        labels=tuple(_rating_change(rating, truth, old, new) for rating in np.unique([truth, old, new])),
    )


def _rating_change(rating: np.int8, truth: Ratings, old: Ratings, new: Ratings) -> LabelChange:
    there = np.asarray(truth == rating, dtype=np.int8)
    before, after = (_f1(there, np.asarray(said == rating, dtype=np.int8)) for said in (old, new))
    return LabelChange(str(rating), int(there.sum()), before, after)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(normal(text).encode()).digest()[:8], "big")


def _thresholds(base: npt.NDArray[np.float32], p: Scores, targets: Targets) -> npt.NDArray[np.float32]:
    """Best thresholds on corrections not learned from, drawn towards a prior: few examples choose badly.

    The prior lies halfway between the old threshold and the one with the best expected F1 if the probabilities are
    right (Lipton, Elkan and Naryanaswamy 2014), since probabilities that moved must take their threshold along.
    """
    share = targets.sum(axis=0) / (targets.sum(axis=0) + _TRUST)
    prior = (logit(base.astype(np.float64)) + logit(_expected_best(p))) / 2
    return logistic(share * logit(best_thresholds(p, targets)) + (1 - share) * prior).astype(np.float32)


def _expected_best(p: Scores) -> Scores:
    ranked = -np.sort(-p, axis=0)
    f1 = 2 * np.cumsum(ranked, axis=0) / (np.arange(1, len(p) + 1)[:, None] + p.sum(axis=0))
    best = f1.argmax(axis=0)
    labels = np.arange(p.shape[1])
    return np.asarray((ranked[best, labels] + ranked[np.minimum(best + 1, len(p) - 1), labels]) / 2)


def _f1(target: Targets, said: Targets) -> float:
    return round(2 * float((target & said).sum()) / max(float(target.sum() + said.sum()), 1.0), 4)
