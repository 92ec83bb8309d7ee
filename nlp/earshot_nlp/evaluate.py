"""How right the models are: F1 by label, exact match, sentiment, with bootstrap intervals; all on texts not
trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold

from earshot_nlp.ratings import Ratings
from earshot_nlp.themes import Scores, Targets, best_thresholds, calibration, logistic

RESAMPLES = 500
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label: how often it occurs, and how precise and complete its predictions are (0 to 1)."""

    label: str
    support: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ThemeReport:
    """A framework's scores: F1 averaged over labels (macro) and over decisions (micro), and the share of
    texts all right.
    """

    texts: int
    macro_f1: Interval
    micro_f1: Interval
    exact_match: Interval
    labels: tuple[LabelScore, ...]


@dataclass(frozen=True, slots=True)
class RatingReport:
    """Sentiment's scores on five classes, and on three (1–2 positive, 3 neutral, 4–5 negative)."""

    texts: int
    accuracy: Interval
    macro_f1: Interval
    three_class_accuracy: Interval
    three_class_macro_f1: Interval


def theme_report(targets: Targets, predicted: Targets, labels: Sequence[str], groups: Groups) -> ThemeReport:
    """Score predictions of shape (n, labels) in {0, 1}; texts of one group are drawn together in the
    bootstrap.
    """
    precision, recall, f1 = _by_label(targets, predicted)
    rows = tuple(
        LabelScore(label, int(targets[:, k].sum()), *(round(float(value[k]), 4) for value in (precision, recall, f1)))
        for k, label in enumerate(labels)
    )
    macro, micro, exact = intervals([macro_f1, micro_f1, exact_match], targets, predicted, groups)
    return ThemeReport(len(targets), macro, micro, exact, rows)


def rating_report(truth: Ratings, predicted: Ratings, groups: Groups) -> RatingReport:
    """Score sentiment predictions of shape (n,) in 1 to 5."""
    five = intervals([accuracy, classes_f1], truth, predicted, groups)
    three = intervals([accuracy, classes_f1], three_classes(truth), three_classes(predicted), groups)
    return RatingReport(len(truth), *five, *three)


def three_classes(ratings: Ratings) -> Ratings:
    """Fold five ratings into positive (1), neutral (2) and negative (3)."""
    return np.asarray(np.select([ratings < 3, ratings == 3], [1, 2], 3), dtype=np.int8)


def nested_predictions(scores: Scores, targets: Targets, groups: Groups, *, folds: int = 5) -> Targets:
    """Cut out-of-fold scores by calibrations and thresholds that were each chosen on the other folds only."""
    predicted = np.zeros_like(targets)
    for train, test in GroupKFold(folds).split(scores, groups=groups):
        slope, offset = calibration(scores[train], targets[train])
        thresholds = best_thresholds(logistic(slope * scores[train] + offset), targets[train])
        predicted[test] = logistic(slope * scores[test] + offset) > thresholds
    return predicted


def macro_f1(targets: Targets, predicted: Targets) -> float:
    """Mean over labels of F1; a label without example or prediction counts 0, as in scikit-learn."""
    return float(_by_label(targets, predicted)[2].mean())


def micro_f1(targets: Targets, predicted: Targets) -> float:
    """F1 over all decisions together."""
    both = float((targets & predicted).sum())
    return 2 * both / max(float(targets.sum() + predicted.sum()), 1.0)


def exact_match(targets: Targets, predicted: Targets) -> float:
    """Share of texts whose labels are all right."""
    return float((targets == predicted).all(axis=1).mean())


def readable(themes: ThemeReport, ratings: RatingReport | None, *, title: str = "") -> str:
    """Give the reports as a table that people read in a terminal."""
    lines = [title] if title else []
    lines += [
        f"{themes.texts} texts, {len(themes.labels)} labels",
        f"  macro F1     {_shown(themes.macro_f1)}",
        f"  micro F1     {_shown(themes.micro_f1)}",
        f"  exact match  {_shown(themes.exact_match)}",
    ]
    if ratings:
        lines += [
            f"sentiment, {ratings.texts} texts",
            f"  5 classes: accuracy {_shown(ratings.accuracy)}, macro F1 {_shown(ratings.macro_f1)}",
            f"  3 classes: accuracy {_shown(ratings.three_class_accuracy)}, "
            f"macro F1 {_shown(ratings.three_class_macro_f1)}",
        ]
    lines.append(f"{'label':<60} {'n':>5} {'prec.':>6} {'recall':>6} {'F1':>6}")
    for row in themes.labels:
        figures = " ".join(f"{figure:>6.3f}" for figure in (row.precision, row.recall, row.f1))
        lines.append(f"{row.label[:60]:<60} {row.support:>5} {figures}")
    return "\n".join(lines)


def as_json(themes: ThemeReport, ratings: RatingReport | None) -> dict[str, object]:
    """Give the reports as plain values for JSON."""
    return {"themes": asdict(themes), "sentiment": asdict(ratings) if ratings else None}


def _shown(figure: Interval) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _by_label(targets: Targets, predicted: Targets) -> tuple[Scores, Scores, Scores]:
    both = (targets & predicted).sum(axis=0)
    said, there = predicted.sum(axis=0), targets.sum(axis=0)
    return both / np.maximum(said, 1), both / np.maximum(there, 1), 2 * both / np.maximum(said + there, 1)


def accuracy(truth: Ratings, predicted: Ratings) -> float:
    """Share of ratings that are all right."""
    return float((truth == predicted).mean())


def classes_f1(truth: Ratings, predicted: Ratings) -> float:
    """Mean over the ratings that occur of their F1."""
    classes = np.unique(np.concatenate([truth, predicted]))
    return macro_f1(_one_hot(truth, classes), _one_hot(predicted, classes))


def _one_hot(values: Ratings, classes: Ratings) -> Targets:
    return np.asarray(values[:, None] == classes[None, :], dtype=np.int8)


def intervals(
    measures: Sequence[Callable[[npt.NDArray[np.int8], npt.NDArray[np.int8]], float]],
    truth: npt.NDArray[np.int8],
    predicted: npt.NDArray[np.int8],
    groups: Groups,
) -> list[Interval]:
    """95 % percentile intervals; whole groups are drawn with replacement (Efron and Tibshirani 1993, chapter
    13).
    """
    draw = np.random.default_rng(0)
    names, group = np.unique(groups, return_inverse=True)
    drawn: list[list[float]] = []
    for _ in range(RESAMPLES):
        times = np.bincount(draw.integers(len(names), size=len(names)), minlength=len(names))
        rows = np.repeat(np.arange(len(groups)), times[group])
        drawn.append([measure(truth[rows], predicted[rows]) for measure in measures])
    low, high = np.quantile(np.asarray(drawn), [0.025, 0.975], axis=0)
    values = [measure(truth, predicted) for measure in measures]
    rounded = [[round(float(figure), 4) for figure in figures] for figures in (values, low, high)]
    return [Interval(*figures) for figures in zip(*rounded, strict=True)]
