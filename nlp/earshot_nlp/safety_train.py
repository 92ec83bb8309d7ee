"""Trains the risk net from examples and from ordinary comments, and measures it on scenarios kept aside.

Run as `python -m earshot_nlp.safety_train --ordinary FILE --text COLUMN --out DIR`. Half of the ordinary comments (by a
hash of their text) teach what is harmless and set the threshold; the other half is only measured.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from sklearn.model_selection import GroupKFold

from earshot_nlp import bundle as files
from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.features import Ints, TextFeatures, normal, plain
from earshot_nlp.hearing import Hear
from earshot_nlp.safety import RiskNet, shipped_hearing
from earshot_nlp.safety_model import ANY, KINDS, SafetyModel, features, likeness
from earshot_nlp.safety_rules import Phrases
from earshot_nlp.themes import Scores, Targets, ThemeModel
from earshot_nlp.types import Matrix

HEARD = 0.97
"""The share of the risky examples that phrases and model must hear together, out of fold."""

FLAGGED = 0.035
"""The share of ordinary comments that the model may send to a person at most; phrases and single sentences come on
top, and all together must stay under a tenth."""

GATE = 0.5
"""The probability, by its words alone, from which a sentence is looked at by itself. With this and `safety.SPOKEN` most
examples are heard among kind sentences, for as many false alarms in ordinary comments as one sentence a text, embedded
out of its context, raised.
"""

FOLDS = 5
REPEATED = 3
"""How often each example counts beside one ordinary comment, so that hard harmless talk is heard."""

STRENGTH = 0.5
"""Inverse regularisation; a quarter of the themes' own, which tells harmless talk apart better (AUC .938 for .934)."""

Chances = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Example:
    """A text that somebody might write, the kinds of risk it tells of (none: harmless), and its scenario."""

    scenario: str
    audience: str
    kinds: tuple[str, ...]
    text: str


def examples(lines: str) -> list[Example]:
    """Read examples from JSON lines."""
    found = [json.loads(line) for line in lines.splitlines()]
    return [Example(one["scenario"], one["audience"], tuple(one["kinds"]), one["text"]) for one in found]


def ordinary(path: Path, column: str) -> tuple[list[str], list[str]]:
    """Read ordinary comments, each once, as two halves: one to train on and one to measure."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = {normal(row[column] or ""): (row[column] or "").strip() for row in csv.DictReader(file)}
    halves: tuple[list[str], list[str]] = ([], [])
    for key, text in sorted(texts.items()):
        if key:
            halves[hashlib.sha256(key.encode()).digest()[0] % 2].append(text)
    return halves


def train(taught: Sequence[Example], background: Sequence[str], hear: Hear, phrases: Phrases) -> SafetyModel:
    """Fit the model; thresholds come from five folds grouped by scenario, at the share of ordinary comments allowed.

    Comments of the background in which a phrase speaks of danger are left out: they may be real.
    """
    calm = [text for text in background if not phrases.find(phrases.meant(text))]
    texts = [plain(phrases.meant(text)) for text in [*(one.text for one in taught), *calm]]
    targets = _targets(taught, len(texts))
    ordinary_numbers = range(100_000, 100_000 + len(calm))  # above every scenario's number
    groups = np.asarray([*(scenario_number(one.scenario) for one in taught), *ordinary_numbers])
    vectors = hear(texts).vectors
    embeddings = vectors[:, :DIMENSIONS]
    exemplars, kind_of, scenario_of = _exemplars(taught, embeddings)
    left_out = [np.flatnonzero(scenario_of == group).astype(np.int32) for group in groups]
    likenesses = likeness(embeddings, exemplars, kind_of, left_out)
    scores, gate_scores = _out_of_fold(texts, vectors, likenesses, targets, groups, len(taught))
    text = _words().fit(texts)
    terms = text.transform(texts)
    rows = _repeated(np.arange(len(texts), dtype=np.int32), len(taught))
    risks = _linear().fit(features(terms, vectors, likenesses)[rows], targets[rows]).calibrate(scores, targets)
    gate = _linear().fit(terms[rows], targets[rows, ANY:]).calibrate(gate_scores, targets[:, ANY:])
    unspoken = np.asarray([bool(one.kinds) and not phrases.find(phrases.meant(one.text)) for one in taught])
    risky = sum(bool(one.kinds) for one in taught)
    risks.thresholds_[ANY] = _threshold(risks.probabilities(scores)[:, ANY], unspoken, risky)
    return SafetyModel(text, risks, gate, exemplars, kind_of, GATE, {"examples": len(taught), "ordinary": len(calm)})


def _threshold(chances: Chances, unspoken: Chosen, risky: int) -> float:
    """Give the probability from which a person looks: the highest at which `HEARD` of the examples are heard, unless
    that would flag more than `FLAGGED` of the ordinary comments.

    Args:
        chances: of any risk, out of fold, shape (n,); examples first, then ordinary comments. unspoken: whether an
            example is risky and no phrase hears it. risky: how many examples are.
    """
    allowed = int((1 - HEARD) * risky)
    missable = np.sort(chances[: len(unspoken)][unspoken])
    enough = float(missable[allowed]) if allowed < len(missable) else 1.0
    return max(enough, float(np.quantile(chances[len(unspoken) :], 1 - FLAGGED)))


def scenario_number(scenario: str) -> int:
    """Give a scenario's number, the same everywhere."""
    return int.from_bytes(hashlib.sha256(scenario.encode()).digest()[:2], "big")


def _linear() -> ThemeModel:
    return ThemeModel(strength=STRENGTH)


def _words() -> TextFeatures:
    return TextFeatures(max_words=3_000, max_grams=6_000, gram_sizes=(3, 5))


def _targets(taught: Sequence[Example], rows: int) -> Targets:
    targets = np.zeros((rows, ANY + 1), dtype=np.int8)
    for row, one in enumerate(taught):
        for kind in one.kinds:
            targets[row, [KINDS.index(kind), ANY]] = 1
    return targets


def _exemplars(taught: Sequence[Example], embeddings: Matrix) -> tuple[Matrix, Ints, Ints]:
    """The examples as something to be like: embeddings, kinds, and scenarios as numbers."""
    kinds = [KINDS.index(one.kinds[0]) if one.kinds else ANY for one in taught]
    groups = [scenario_number(one.scenario) for one in taught]
    return embeddings[: len(taught)], np.asarray(kinds, dtype=np.int32), np.asarray(groups, dtype=np.int32)


def _repeated(rows: Ints, taught: int) -> Ints:
    """The rows to fit on: examples (which come first) several times, ordinary comments once."""
    return np.repeat(rows, np.where(rows < taught, REPEATED, 1))


def _out_of_fold(
    texts: Sequence[str], vectors: Matrix, likenesses: Matrix, targets: Targets, groups: Ints, taught: int
) -> tuple[Scores, Scores]:
    scores, gate_scores = np.zeros(targets.shape), np.zeros((len(texts), 1))
    for fitted, tested in GroupKFold(FOLDS).split(texts, groups=groups):
        words = _words().fit([texts[row] for row in fitted])
        terms = words.transform(texts)
        every = features(terms, vectors, likenesses)
        rows = _repeated(fitted, taught)
        scores[tested] = _linear().fit(every[rows], targets[rows]).decision_function(every[tested])
        gate = _linear().fit(terms[rows], targets[rows, ANY:])
        gate_scores[tested] = gate.decision_function(terms[tested])
    return scores, gate_scores


def main(
    source: Annotated[Path, typer.Option("--ordinary", help="A CSV file of ordinary comments.")],
    text: Annotated[str, typer.Option("--text", help="The column that holds them.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for the bundle.")],
) -> None:
    """Train the risk net and print how it does on the scenarios and comments kept aside."""
    hear, phrases = shipped_hearing(Embedder(threads=2)), Phrases(files.safety_phrases())
    background, aside = ordinary(source, text)
    model = train(examples(files.safety_examples("train")), background, hear, phrases)
    typer.echo(model.save(out))
    net = RiskNet(SafetyModel.restore(files.Bundle.load(out)), phrases, hear)
    for name in ("held_out", "fresh", "prose"):
        typer.echo(json.dumps({name: measured(net, examples(files.safety_examples(name)), aside)}, indent=1))


def measured(net: RiskNet, held_out: Sequence[Example], aside: Sequence[str]) -> dict[str, float]:
    """Measure a net: recall and precision on examples, and the share of ordinary comments that it flags."""
    flags = [found.flag for found in net.read([one.text for one in held_out])]
    risky = [bool(one.kinds) for one in held_out]
    caught = sum(flag and risk for flag, risk in zip(flags, risky, strict=True))
    ordinary_flags = sum(found.flag for found in net.read(aside))
    return {
        "positives": sum(risky),
        "recall": round(caught / max(sum(risky), 1), 4),
        "precision": round(caught / max(sum(flags), 1), 4),
        "harmless": len(risky) - sum(risky),
        "harmless_flagged": round((sum(flags) - caught) / max(len(risky) - sum(risky), 1), 4),
        "ordinary": len(aside),
        "ordinary_flagged": round(ordinary_flags / max(len(aside), 1), 4),
    }


if __name__ == "__main__":
    typer.run(main)
