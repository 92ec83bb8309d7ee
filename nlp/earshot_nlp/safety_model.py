"""The learned part of the risk net: a linear model over words, character n-grams, the embedding and the likeness to
examples of danger and of harmless talk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from earshot_nlp.bundle import Arrays, Bundle, save_bundle
from earshot_nlp.embed import DIMENSIONS
from earshot_nlp.features import Floats, Ints, TextFeatures
from earshot_nlp.themes import Scores, ThemeModel
from earshot_nlp.types import Matrix

KINDS = ("self_harm", "abuse_or_neglect", "person_at_risk", "threat_to_others", "danger_now", "retaliation")
ANY = len(KINDS)
"""The column that says whether there is any risk; the columns before it are the kinds."""

NEAREST = 2
_WEIGHT = 3.0
"""How much a likeness counts beside a word; embeddings and TF-IDF rows have length 1."""

_TUNED = 0.3
"""The same for the tuned embedding, whose rows have a length of about 12. What it knows of warmth and of criticality is
what tells vivid praise and everyday complaint from danger.
"""

NAME = "safety"


@dataclass(frozen=True, slots=True, eq=False)
class SafetyModel:
    """Everything fitted.

    Attributes:
        text: the features of the words. risks: one linear model a kind and one for any, over words, embedding
            and likenesses. gate: the same for any, over words alone.
        exemplars: embeddings of shape (n, 384), laid out column by column, as `likeness` reads them.
        kind_of: for each its kind's index, or `ANY` for harmless talk.
        gate_threshold: the probability from which a sentence is looked at by itself.
    """

    text: TextFeatures
    risks: ThemeModel
    gate: ThemeModel
    exemplars: Matrix
    kind_of: Ints
    gate_threshold: float
    meta: dict[str, object]
    id: str = ""

    @property
    def threshold(self) -> float:
        """The probability of any risk from which a person is asked to look."""
        return float(self.risks.thresholds_[ANY])

    def probabilities(self, terms: sparse.csr_matrix, vectors: Matrix) -> Scores:
        """Give the probability of each kind and of any, shape (n, 7), from both embeddings of shape (n, 768)."""
        likenesses = likeness(vectors[:, :DIMENSIONS], self.exemplars, self.kind_of)
        return self.risks.predict_proba(features(terms, vectors, likenesses))

    def worth_reading(self, terms: sparse.csr_matrix) -> list[int]:
        """Give the rows whose words may speak of risk."""
        found: list[int] = np.flatnonzero(self.gate.predict_proba(terms)[:, 0] >= self.gate_threshold).tolist()
        return found

    def save(self, folder: Path) -> str:
        """Write the bundle and give its id."""
        arrays: Arrays = {
            "text.weights": self.text.weights_,
            "risks.coef": self.risks.coef_.astype(np.float16),
            "gate.coef": self.gate.coef_.astype(np.float16),
            "exemplars": self.exemplars.astype(np.float16),
            "kind_of": self.kind_of.astype(np.int32),
            "gate.threshold": np.asarray([self.gate_threshold], dtype=np.float32),
        }
        for name, model in (("risks", self.risks), ("gate", self.gate)):
            for part in ("intercept", "slope", "offset", "thresholds"):
                arrays[f"{name}.{part}"] = np.asarray(getattr(model, f"{part}_"), dtype=np.float32)
        terms = {"words": self.text.words_, "grams": self.text.grams_}
        meta = {**self.meta, "name": NAME, "labels": list(KINDS), "gram_sizes": list(self.text.gram_sizes)}
        return save_bundle(folder, meta, arrays, terms)

    @classmethod
    def restore(cls, bundle: Bundle) -> SafetyModel:
        """Build the model from a bundle's arrays."""
        arrays = bundle.arrays
        shortest, longest = bundle.meta["gram_sizes"]
        text = TextFeatures(gram_sizes=(shortest, longest)).restore(
            bundle.vocabulary["words"], bundle.vocabulary["grams"], arrays["text.weights"]
        )
        models = {}
        for name in ("risks", "gate"):
            model = ThemeModel()
            model.coef_ = arrays[f"{name}.coef"].astype(np.float32)
            for part in ("intercept", "slope", "offset", "thresholds"):
                setattr(model, f"{part}_", arrays[f"{name}.{part}"])
            models[name] = model
        return cls(
            text=text,
            risks=models["risks"],
            gate=models["gate"],
            exemplars=np.asfortranarray(arrays["exemplars"], dtype=np.float32),
            kind_of=arrays["kind_of"],
            gate_threshold=float(arrays["gate.threshold"][0]),
            meta=dict(bundle.meta),
            id=bundle.id,
        )


def likeness(embeddings: Matrix, exemplars: Matrix, kind_of: Ints, left_out: Sequence[Ints] = ()) -> Matrix:
    """Give the mean cosine to the nearest two examples of each kind and of harmless talk, shape (n, 7).

    Args:
        left_out: for each row the examples that it must not be compared with (its own scenario, in training).
    """
    # a sparse product goes row by row, so that a text's numbers do not depend on its neighbours
    cosines = np.asarray(sparse.csr_matrix(embeddings) @ exemplars.T, dtype=np.float32)
    for row, columns in enumerate(left_out):
        cosines[row, columns] = -1.0
    out = np.zeros((len(cosines), ANY + 1), dtype=np.float32)
    for kind in range(ANY + 1):
        own = cosines[:, kind_of == kind]
        out[:, kind] = np.partition(own, -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1)
    return out


def features(terms: sparse.csr_matrix, vectors: Matrix, likenesses: Matrix) -> sparse.csr_matrix:
    """Put words, both embeddings and likenesses side by side."""
    weighed = np.concatenate([vectors[:, :DIMENSIONS], vectors[:, DIMENSIONS:] * _TUNED, likenesses * _WEIGHT], axis=1)
    return sparse.hstack([terms, sparse.csr_matrix(weighed)]).tocsr()


def word_weights(model: SafetyModel, label: int) -> Floats:
    """Give the weight of each word feature for one kind, or for any."""
    size = len(model.text.weights_)
    weights: Floats = model.risks.coef_[label][:size]
    return weights
