"""Training a framework's models from labelled comments, with thresholds and calibration from scores out of
fold.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.model_selection import GroupKFold

from earshot_nlp.adapt import adapt
from earshot_nlp.embed import DIMENSIONS
from earshot_nlp.encoder import Encoder, Tuning
from earshot_nlp.evaluate import (
    Groups,
    RatingReport,
    ThemeReport,
    as_json,
    nested_predictions,
    rating_report,
    theme_report,
)
from earshot_nlp.features import TextFeatures, normal, plain, question_key, questions_matrix
from earshot_nlp.manner import MANNER, manner, with_manner
from earshot_nlp.model import Model
from earshot_nlp.ratings import Blend, RatingModel, Ratings, blend
from earshot_nlp.themes import Scores, Targets, ThemeModel
from earshot_nlp.types import Matrix

FOLDS = 5
MIN_QUESTION = 10
"""A question asked less often than this gets no feature of its own."""

TUNED_SAY = 0.65
"""How much the tuned encoder's log-odds of a theme add to those of words and embedding."""

CORRECTIONS = 300
"""Local corrections from which a model learns when its scores elsewhere are told."""

_UNHEARD = -20.0
"""The log-odds of a rating that a fold had no example of."""

Embed = Callable[[Sequence[str]], Matrix]


class DataRefused(Exception):
    """This file cannot be trained on or scored. Name columns that it has, and give at least two texts a fold."""

    status = 422


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Labelled texts, each wording once a question.

    `targets` has shape (n, labels); `ratings` shape (n,), 0 where unknown; texts with equal `groups` read the
    same. `strata` says where a text came from (a trust), for scores across sources.
    """

    texts: tuple[str, ...]
    questions: tuple[str, ...]
    targets: Targets
    ratings: Ratings
    groups: Groups
    strata: tuple[str, ...]
    labels: tuple[str, ...]
    exclusive: bool

    def take(self, rows: np.ndarray) -> Examples:
        """Give some of the examples."""
        return replace(
            self,
            texts=tuple(self.texts[row] for row in rows),
            questions=tuple(self.questions[row] for row in rows),
            targets=self.targets[rows],
            ratings=self.ratings[rows],
            groups=self.groups[rows],
            strata=tuple(self.strata[row] for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a CSV hold what. Give `labels` (0 or 1 each) or `label` (one class a text)."""

    text: str
    labels: tuple[str, ...] = ()
    label: str | None = None
    question: str | None = None
    sentiment: str | None = None
    stratum: str | None = None


def read_examples(path: Path, columns: Columns) -> Examples:
    """Read labelled comments from a CSV file; raises DataRefused when a column is missing or nothing is left."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [columns.text, *columns.labels, columns.label, columns.question, columns.sentiment, columns.stratum]
    missing = [name for name in wanted if name and (not rows or name not in rows[0])]
    if missing or not (columns.labels or columns.label):
        raise DataRefused(f"The file has no column {missing[0]!r}." if missing else "Name --labels or --label.")
    return _examples(_distinct(rows, columns), columns)


def _distinct(rows: Iterable[Mapping[str, str]], columns: Columns) -> list[Mapping[str, str]]:
    """Each wording once a question: repeated answers would sit on both sides of a split and flatter the
    scores.
    """
    kept: dict[tuple[str, str], Mapping[str, str]] = {}
    for row in rows:
        wording = normal(row[columns.text] or "")
        if wording and (columns.label is None or row[columns.label]):
            kept.setdefault((wording, question_key(row[columns.question]) if columns.question else ""), row)
    return list(kept.values())


def _examples(rows: Sequence[Mapping[str, str]], columns: Columns) -> Examples:
    if len(rows) < 2 * FOLDS:
        raise DataRefused(f"The file has {len(rows)} different texts; {2 * FOLDS} are needed.")
    texts = tuple(plain(row[columns.text]) for row in rows)
    labels = columns.labels or tuple(sorted({row[columns.label or ""] for row in rows}))
    known = {wording: number for number, wording in enumerate(dict.fromkeys(normal(text) for text in texts))}
    if columns.label:
        targets = [[row[columns.label] == label for label in labels] for row in rows]
    else:
        targets = [[_number(row[label]) > 0 for label in labels] for row in rows]
    return Examples(
        texts=texts,
        questions=tuple(question_key(row[columns.question]) if columns.question else "" for row in rows),
        targets=np.asarray(targets, dtype=np.int8),
        ratings=np.asarray(
            [_number(row[columns.sentiment]) if columns.sentiment else 0 for row in rows], dtype=np.int8
        ),
        groups=np.asarray([known[normal(text)] for text in texts], dtype=np.int64),
        strata=tuple(row[columns.stratum] if columns.stratum else "" for row in rows),
        labels=labels,
        exclusive=columns.label is not None,
    )


def _number(cell: str | None) -> int:
    try:
        return int(float(cell or 0))
    except ValueError:
        return 0


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """What models said about texts that they had not seen: theme scores (n, labels), and the log-odds of the ratings
    in `scale`, shape (n, ratings).
    """

    scores: Scores
    ratings: Scores
    scale: Ratings

    @property
    def rated(self) -> Ratings:
        """The likeliest rating of each text, shape (n,); 0 where none was learned."""
        if not len(self.scale):
            return np.zeros(len(self.scores), dtype=np.int8)
        best: Ratings = self.scale[self.ratings.argmax(axis=1)]
        return best


def fit(examples: Examples, embeddings: Matrix, *, name: str = "fold", meta: Mapping[str, Any] | None = None) -> Model:
    """Fit features, themes and (where ratings are known) sentiment; not calibrated yet."""
    text = TextFeatures().fit(examples.texts)
    terms = text.transform(examples.texts)
    asked = [key for key in sorted(set(examples.questions)) if key and examples.questions.count(key) >= MIN_QUESTION]
    features = _features(terms, embeddings, examples, asked)
    themes = ThemeModel(threads=os.cpu_count() or 1).fit(features, examples.targets)
    put = with_manner(features, examples.texts)
    rated = examples.ratings > 0
    enough = len(np.unique(examples.ratings[rated])) > 1
    return Model(
        meta={"name": name, "labels": list(examples.labels), "exclusive": examples.exclusive, **(meta or {})},
        text=text,
        questions=tuple(asked),
        themes=themes,
        ratings=RatingModel(balance=1.0).fit(put[rated], examples.ratings[rated]) if enough else None,
        sentences=RatingModel().fit(terms[rated], examples.ratings[rated]) if enough else None,
    )


def train(
    examples: Examples,
    embed: Embed,
    *,
    name: str,
    meta: Mapping[str, Any] | None = None,
    tuning: Tuning | None = None,
    scored: Sequence[str] = (),
) -> tuple[Model, ThemeReport, RatingReport | None]:
    """Train a framework: scores out of fold first (for calibration, thresholds and the report), then a fit on
    everything.

    Args:
        tuning: an encoder that was tuned on these examples, to be added. scored: labels to report on (none: all).
    """
    embeddings = embed(examples.texts)
    unseen = out_of_fold(examples, embeddings)
    blended, unseen = _with_tuning(examples, unseen, _fitting(tuning, examples)) if tuning else (None, unseen)
    themes, ratings = report(examples, unseen, scored=scored)
    facts = {"texts": len(examples.texts), "folds": FOLDS, "scores": as_json(themes, ratings), **(meta or {})}
    model = fit(examples, embeddings, name=name, meta=facts)
    model = tuned(model, tuning, blended) if tuning and blended else model
    model.themes.calibrate(unseen.scores, examples.targets)
    return model, themes, ratings


def _fitting(tuning: Tuning, examples: Examples) -> Tuning:
    if tuning.labels != examples.labels or len(tuning.unseen_themes) != len(examples.texts):
        raise DataRefused("The encoder was tuned on other labels or texts. Tune it on this file.")
    if not (examples.ratings > 0).any():
        raise DataRefused("An encoder was tuned with ratings too: name their column with --sentiment.")
    return tuning


def _with_tuning(examples: Examples, unseen: OutOfFold, tuning: Tuning) -> tuple[Blend, OutOfFold]:
    """Give how both parts are blended, and both together out of fold: each text's blend was learned without it."""
    together = np.zeros_like(tuning.unseen_ratings, dtype=np.float64)
    rated, put = examples.ratings > 0, manner(examples.texts)
    for rows, held in folds(examples):
        rows = rows[rated[rows]]
        found = blend(unseen.ratings[rows], tuning.unseen_ratings[rows], put[rows], examples.ratings[rows])
        together[held] = found.apply(unseen.ratings[held], tuning.unseen_ratings[held]) + put[held] @ found.manner.T
    scores = unseen.scores + TUNED_SAY * tuning.unseen_themes
    everything = blend(unseen.ratings[rated], tuning.unseen_ratings[rated], put[rated], examples.ratings[rated])
    return everything, replace(unseen, scores=scores, ratings=together)


def tuned(model: Model, tuning: Tuning, blended: Blend) -> Model:
    """Add a tuned encoder's own linear heads to a model: log-odds add up, so it all stays linear."""
    assert model.ratings is not None and model.sentences is not None, "checked before training"
    at = len(model.text.weights_) + DIMENSIONS
    themes, ratings, spoken = copy(model.themes), copy(model.ratings), copy(model.sentences)
    heads = TUNED_SAY * tuning.themes
    themes.coef_ = np.insert(themes.coef_, [at], heads[:, :-1], axis=1)
    themes.intercept_ = themes.intercept_ + heads[:, -1]
    ratings.coef_ = np.insert(blended.plain @ ratings.coef_, [at], blended.tuned @ tuning.ratings[:, :-1], axis=1)
    ratings.coef_[:, -MANNER:] += blended.manner
    ratings.intercept_ = blended.apply(model.ratings.intercept_, tuning.ratings[:, -1]).astype(np.float32)
    spoken.coef_ = np.concatenate([spoken.coef_, tuning.ratings[:, :-1]], axis=1)
    spoken.intercept_ = spoken.intercept_ + tuning.ratings[:, -1]
    return replace(model, themes=themes, ratings=ratings, sentences=spoken, encoder=Encoder(tuning.graph))


def out_of_fold(examples: Examples, embeddings: Matrix) -> OutOfFold:
    """Score every text by models fitted, vocabulary included, on the other folds; equal wordings share a
    fold.
    """
    scale = np.unique(examples.ratings[examples.ratings > 0])
    scores = np.zeros(examples.targets.shape, dtype=np.float64)
    ratings = np.full((len(examples.texts), len(scale)), _UNHEARD)
    for rows, held in folds(examples):
        said = apply(fit(examples.take(rows), embeddings[rows]), examples.take(held), embeddings[held])
        scores[held] = said.scores
        ratings[np.ix_(held, np.searchsorted(scale, said.scale))] = said.ratings
    return OutOfFold(scores, ratings, scale)


def folds(examples: Examples) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split rows into (learned from, held out) so that equal wordings stay together."""
    count = min(FOLDS, len(np.unique(examples.groups)))
    return list(GroupKFold(count).split(examples.texts, groups=examples.groups))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How right a model is on a source that it has not seen, and after it learned from some corrections there.

    Both are scored on the source's other texts. `after` is None where the source has too few for both.
    """

    before: ThemeReport
    corrections: int
    after: ThemeReport | None


def across(examples: Examples, embeddings: Matrix, *, scored: Sequence[str] = ()) -> dict[str, Elsewhere]:
    """Score each source by a model that saw only the other sources; thresholds come from those other sources
    too.
    """
    strata = np.asarray(examples.strata)
    return {
        stratum: _elsewhere(examples, embeddings, strata == stratum, scored or examples.labels)
        for stratum in sorted(set(examples.strata))
    }


def _elsewhere(examples: Examples, embeddings: Matrix, there: np.ndarray, scored: Sequence[str]) -> Elsewhere:
    rows, held = np.flatnonzero(~there), np.flatnonzero(there)
    seen = examples.take(rows)
    model = fit(seen, embeddings[rows])
    model.themes.calibrate(out_of_fold(seen, embeddings[rows]).scores, seen.targets)
    corrections = CORRECTIONS if len(held) >= 2 * CORRECTIONS and not examples.exclusive else 0
    held = np.random.default_rng(0).permutation(held)
    learned, rest = held[:corrections], np.sort(held[corrections:])
    columns = [examples.labels.index(label) for label in scored]

    def scores(themes: ThemeModel) -> ThemeReport:
        here = examples.take(rest)
        p = themes.probabilities(apply(replace(model, themes=themes), here, embeddings[rest]).scores)
        predicted = decide(p, themes, here.exclusive)
        return theme_report(here.targets[:, columns], predicted[:, columns], tuple(scored), here.groups)

    if not corrections:
        return Elsewhere(scores(model.themes), 0, None)
    local = examples.take(learned)
    features = _features(model.text.transform(local.texts), embeddings[learned], local, model.questions)
    moved = adapt(model.themes, features, local.targets, groups=local.groups % FOLDS)
    return Elsewhere(scores(model.themes), corrections, scores(moved))


def apply(model: Model, examples: Examples, vectors: Matrix) -> OutOfFold:
    """Give a model's uncalibrated theme scores and its ratings' log-odds for texts whose embeddings are known."""
    terms = model.text.transform(examples.texts)
    features = _features(terms, vectors[:, : model.dimensions], examples, model.questions)
    scores = model.themes.decision_function(features)
    if model.ratings is None:
        return OutOfFold(scores, np.zeros((len(scores), 0)), np.zeros(0, dtype=np.int8))
    put = with_manner(features, examples.texts)
    return OutOfFold(scores, model.ratings.decision_function(put), model.ratings.classes_)


def report(
    examples: Examples, unseen: OutOfFold, *, scored: Sequence[str] = ()
) -> tuple[ThemeReport, RatingReport | None]:
    """Score out-of-fold results on the labels `scored` (none: all); each text's thresholds were chosen without it."""
    if examples.exclusive:
        predicted = _best_only(unseen.scores)
    else:
        predicted = nested_predictions(unseen.scores, examples.targets, examples.groups)
    return _reports(examples, predicted, unseen, scored or examples.labels)


def score(model: Model, examples: Examples, vectors: Matrix) -> tuple[ThemeReport, RatingReport | None]:
    """Score a fitted model on examples that it was not trained on; raises DataRefused for a label it does not
    know.
    """
    unknown = [label for label in examples.labels if label not in model.labels]
    if unknown:
        raise DataRefused(f"The bundle has no label {unknown[0]!r}.")
    said = apply(model, examples, vectors)
    columns = [model.labels.index(label) for label in examples.labels]
    predicted = decide(model.themes.probabilities(said.scores), model.themes, model.exclusive)[:, columns]
    return _reports(examples, predicted, said, examples.labels)


def _reports(
    examples: Examples, predicted: Targets, said: OutOfFold, scored: Sequence[str]
) -> tuple[ThemeReport, RatingReport | None]:
    columns = [examples.labels.index(label) for label in scored]
    themes = theme_report(examples.targets[:, columns], predicted[:, columns], tuple(scored), examples.groups)
    rated = (examples.ratings > 0) & (said.rated > 0)
    if not rated.any():
        return themes, None
    return themes, rating_report(examples.ratings[rated], said.rated[rated], examples.groups[rated])


def decide(p: Scores, themes: ThemeModel, exclusive: bool) -> Targets:
    """Turn probabilities into labels: the best one of an exclusive framework, else those above their
    thresholds.
    """
    return _best_only(p) if exclusive else np.asarray(p > themes.thresholds_, dtype=np.int8)


def _best_only(scores: Scores) -> Targets:
    return np.asarray(np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None], dtype=np.int8)


def _features(
    terms: sparse.csr_matrix, embeddings: Matrix, examples: Examples, asked: Sequence[str]
) -> sparse.csr_matrix:
    questions = questions_matrix(examples.questions, asked)
    return sparse.hstack([terms, sparse.csr_matrix(embeddings), sparse.csr_matrix(questions)]).tocsr()
