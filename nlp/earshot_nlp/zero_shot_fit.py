"""Fits the few constants of a described framework on comments written for it, and measures it on others kept aside.

Run as `python -m earshot_nlp.zero_shot_fit --out DIR`. Five numbers are learned, the same for every label: how much a
likeness counts, a likeness over that of the other labels, and a word; the intercept; and the threshold. The comments
kept aside come from another writer, and nobody had read them when the anchors and words were written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from earshot_nlp import bundle as files
from earshot_nlp.bundle import save_bundle
from earshot_nlp.card import described_card
from earshot_nlp.embed import Embedder
from earshot_nlp.evaluate import micro_f1, readable, theme_report
from earshot_nlp.features import plain
from earshot_nlp.sentences import sentences
from earshot_nlp.themes import Scores, Targets, ThemeModel
from earshot_nlp.types import Matrix, Sentence
from earshot_nlp.zero_shot import STAFF, Described, ZeroShot, columns

FOLDS = 10
"""Folds of the tuning half by which the threshold is chosen."""

UNKNOWN = 3
"""The sentiment given to sentences here, where it plays no part."""


@dataclass(frozen=True, slots=True)
class Example:
    """A comment that staff might write, and the labels it speaks of (none: nothing that the framework knows)."""

    text: str
    labels: tuple[str, ...]


def examples(lines: str) -> list[Example]:
    """Read examples from JSON lines."""
    found = [json.loads(line) for line in lines.splitlines()]
    return [Example(one["text"], tuple(one["labels"])) for one in found]


def labels(framework: dict[str, Any]) -> list[Described]:
    """Read the labels of a framework's description."""
    return [Described(one["name"], tuple(one["anchors"]), tuple(one["words"])) for one in framework["labels"]]


def targets_of(written: Sequence[Example], known: Sequence[Described]) -> Targets:
    """Give which example has which label, shape (n, labels) in {0, 1}."""
    return np.asarray([[label.name in one.labels for label in known] for one in written], dtype=np.int8)


def features_of(framework: ZeroShot, texts: Sequence[str]) -> Matrix:
    """Give `Evidence.features` of texts, dense, shape (n, 2 · labels + 384)."""
    spoken = [[Sentence(*span, UNKNOWN) for span in sentences(text)] for text in texts]
    vectors = framework.embedder.embed([plain(text) for text in texts])
    return np.asarray(framework.evidence(texts, vectors, spoken).features.toarray(), dtype=np.float32)


def fit(known: Sequence[Described], written: Sequence[Example], embedder: Embedder) -> ThemeModel:
    """Fit the shared constants and lay them out as a linear model, one row a label."""
    size = len(known)
    features = features_of(ZeroShot(known, _blank(size), embedder), [one.text for one in written])
    pairs, targets = _pairs(features, size), targets_of(written, known)
    found = _logistic(pairs, targets)
    model = _blank(size)
    alike, over, word = found.coef_[0]
    model.coef_[:, :size] = alike * np.eye(size) + over * (np.eye(size) - 1 / size)
    model.coef_[:, size : 2 * size] = word * np.eye(size)
    model.intercept_[:] = found.intercept_[0]
    model.thresholds_[:] = _threshold(_unseen(pairs, targets), targets)
    return model


def _blank(size: int) -> ThemeModel:
    model = ThemeModel()
    model.coef_ = np.zeros((size, columns(size)), dtype=np.float32)
    model.intercept_, model.offset_ = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
    model.slope_, model.thresholds_ = np.ones(size, dtype=np.float32), np.full(size, 0.5, dtype=np.float32)
    return model


def _pairs(features: Matrix, size: int) -> Matrix:
    """For each text and label: its likeness, its likeness over the mean of all labels, the share of its words."""
    alike, words = features[:, :size], features[:, size : 2 * size]
    return np.stack([alike, alike - alike.mean(axis=1, keepdims=True), words], axis=2)


def _logistic(pairs: Matrix, targets: Targets) -> LogisticRegression:
    return LogisticRegression(C=10.0).fit(pairs.reshape(-1, pairs.shape[2]), targets.ravel())


def _unseen(pairs: Matrix, targets: Targets) -> Scores:
    """Probabilities of texts by constants fitted without them."""
    p = np.zeros(targets.shape)
    for train, test in KFold(FOLDS, shuffle=True, random_state=0).split(pairs):
        model = _logistic(pairs[train], targets[train])
        p[test] = model.predict_proba(pairs[test].reshape(-1, pairs.shape[2]))[:, 1].reshape(len(test), -1)
    return p


def _threshold(p: Scores, targets: Targets) -> float:
    """The probability from which claiming gives the best micro F1."""
    tried = np.arange(0.1, 0.6, 0.02)
    return float(max(tried, key=lambda one: micro_f1(targets, (p > one).astype(np.int8))))


def main(out: Annotated[Path, typer.Option("--out", help="The folder for the bundle.")]) -> None:
    """Fit the staff framework, print how it does on the comments kept aside, and write its bundle and card."""
    framework, embedder = json.loads(files.framework(STAFF)), Embedder(threads=2)
    known = labels(framework)
    tuned, kept = (examples(files.framework_examples(STAFF, half)) for half in ("tune", "held_out"))
    model = fit(known, tuned, embedder)
    said = model.predict(features_of(ZeroShot(known, model, embedder), [one.text for one in kept]))
    report = theme_report(targets_of(kept, known), said, [one.name for one in known], np.arange(len(kept)))
    meta = {
        "name": STAFF,
        "labels": [one.name for one in known],
        "version": framework["version"],
        "source": framework["source"],
        "tuned_on": len(tuned),
        "scores": asdict(report),
    }
    arrays = {
        "themes.coef": model.coef_,
        "themes.intercept": model.intercept_,
        "themes.slope": model.slope_,
        "themes.offset": model.offset_,
        "themes.thresholds": model.thresholds_,
    }
    vocabulary = {
        key: list(value)
        for one in known
        for key, value in ((f"anchors: {one.name}", one.anchors), (f"words: {one.name}", one.words))
    }
    identity = save_bundle(out, meta, arrays, vocabulary)
    (out / "MODEL_CARD.md").write_text(described_card(identity, meta) + "\n", encoding="utf-8")
    typer.echo(readable(report, None, title=identity))


if __name__ == "__main__":
    typer.run(main)
