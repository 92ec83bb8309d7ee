"""A framework's fitted models together, and how they are laid out in a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earshot_nlp.bundle import Arrays, Bundle, save_bundle
from earshot_nlp.embed import DIMENSIONS
from earshot_nlp.encoder import Encoder
from earshot_nlp.features import Floats, TextFeatures
from earshot_nlp.manner import MANNER
from earshot_nlp.ratings import RatingModel
from earshot_nlp.themes import ThemeModel, bands_at_their_word

_HALF = frozenset({"themes.coef", "ratings.coef", "sentences.coef", "criticality.coef"})
"""Kept in half precision: it halves the bundle and moves no probability by more than a thousandth."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything fitted: features, themes, sentiment of comments and of sentences, criticality, the tuned encoder.

    A framework trained without ratings has no sentiment of its own.
    Columns of `themes` are: terms, embedding, tuned embedding (where there is an encoder), questions; `ratings` has
    the same and a text's manner; those of `criticality` are terms, embedding and tuned embedding; those of `sentences`
    terms and the sentence's own tuned embedding.
    """

    meta: Mapping[str, Any]
    text: TextFeatures
    questions: tuple[str, ...]
    themes: ThemeModel
    ratings: RatingModel | None
    sentences: RatingModel | None
    criticality: RatingModel | None = None
    encoder: Encoder | None = None
    id: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The framework's labels in the order of the theme model's rows."""
        return tuple(self.meta["labels"])

    @property
    def exclusive(self) -> bool:
        """Whether each text has exactly one label."""
        return bool(self.meta.get("exclusive", False))

    @property
    def dimensions(self) -> int:
        """How many columns the embeddings of a text take: 384, or 768 with a tuned encoder."""
        return DIMENSIONS * (2 if self.encoder else 1)

    def save(self, folder: Path) -> str:
        """Write the bundle and give its id."""
        arrays: Arrays = {
            "text.weights": self.text.weights_,
            "themes.coef": self.themes.coef_,
            "themes.intercept": self.themes.intercept_,
            "themes.slope": self.themes.slope_,
            "themes.offset": self.themes.offset_,
            "themes.thresholds": self.themes.thresholds_,
            "themes.bands": self.themes.bands_,
        }
        rated = (("ratings", self.ratings), ("sentences", self.sentences), ("criticality", self.criticality))
        for name, ratings in rated:
            if ratings is None:
                continue
            arrays[f"{name}.coef"] = ratings.coef_
            arrays[f"{name}.intercept"] = ratings.intercept_
            arrays[f"{name}.classes"] = ratings.classes_
        stored = {name: array.astype(np.float16) if name in _HALF else array for name, array in arrays.items()}
        terms = {"words": self.text.words_, "grams": self.text.grams_, "questions": list(self.questions)}
        meta = {**self.meta, "gram_sizes": list(self.text.gram_sizes), "embedding": DIMENSIONS}
        return save_bundle(folder, meta, stored, terms, self.encoder.graph if self.encoder else None)

    @classmethod
    def restore(cls, bundle: Bundle) -> Model:
        """Build the models from a bundle's arrays."""
        arrays = {name: array.astype(np.float32) if name in _HALF else array for name, array in bundle.arrays.items()}
        shortest, longest = bundle.meta["gram_sizes"]
        text = TextFeatures(gram_sizes=(shortest, longest)).restore(
            bundle.vocabulary["words"], bundle.vocabulary["grams"], arrays["text.weights"]
        )
        return cls(
            meta=bundle.meta,
            text=text,
            questions=tuple(bundle.vocabulary["questions"]),
            themes=_themes(arrays),
            ratings=_with_manner(_ratings(arrays, "ratings"), like=arrays["themes.coef"]),
            sentences=_ratings(arrays, "sentences"),
            criticality=_ratings(arrays, "criticality"),
            encoder=Encoder(bundle.encoder) if bundle.encoder else None,
            id=bundle.id,
        )


def _themes(arrays: Arrays) -> ThemeModel:
    model = ThemeModel()
    model.coef_, model.intercept_ = arrays["themes.coef"], arrays["themes.intercept"]
    model.slope_, model.offset_ = arrays["themes.slope"], arrays["themes.offset"]
    model.thresholds_ = arrays["themes.thresholds"]
    model.bands_ = arrays.get("themes.bands", bands_at_their_word(model.thresholds_))
    return model


def _with_manner(ratings: RatingModel | None, *, like: Floats) -> RatingModel | None:
    """Ratings that were learned before a text's manner was read do not mind it."""
    if ratings is not None and ratings.coef_.shape[1] == like.shape[1]:
        ratings.coef_ = np.pad(ratings.coef_, ((0, 0), (0, MANNER)))
    return ratings


def _ratings(arrays: Arrays, name: str) -> RatingModel | None:
    if f"{name}.coef" not in arrays:
        return None
    model = RatingModel()
    model.coef_, model.intercept_ = arrays[f"{name}.coef"], arrays[f"{name}.intercept"]
    model.classes_ = arrays[f"{name}.classes"].astype(np.int8)
    return model
