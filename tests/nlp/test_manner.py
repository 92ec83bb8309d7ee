"""How a text is put tells a good comment from a good one with a reservation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from earshot_nlp.bundle import Bundle
from earshot_nlp.manner import MANNER, manner
from earshot_nlp.model import Model
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.ratings import blend
from earshot_nlp.train import Columns, fit, read_examples
from earshot_nlp.types import Text


def test_what_turns_what_is_emphatic_and_how_long_it_is() -> None:
    turns, strong, short = manner(["Kind staff, but a long wait", "Absolutely wonderful", "ok"])
    assert turns[0] > 0 == turns[1] and strong[1] > 0 == strong[0] and not short[:2].any()
    assert turns[2] > strong[2] > short[2]


def test_words_that_only_look_like_a_turn_are_none() -> None:
    assert not manner(["The butter was hard", "Thorough nurses", ""])[:, 0].any()
    assert manner([]).shape == (0, MANNER)


def test_a_blend_learns_that_a_turn_moves_a_rating() -> None:
    ratings = np.asarray([1, 2] * 60, dtype=np.int8)
    alike = np.tile([1.0, 0.0], (120, 1))  # both models say the same of every text
    put = np.zeros((120, MANNER), dtype=np.float32)
    put[1::2, 0] = 2.0
    found = blend(alike, alike, put, ratings)
    said = found.apply(alike[:2], alike[:2]) + put[:2] @ found.manner.T
    # scikit-learn keeps one row for two ratings: the log-odds of the second
    assert said[0, 0] < 0 < said[1, 0]


def test_a_bundle_from_before_manner_was_read_still_reads_as_it_did(
    labelled: Path, pipeline: Pipeline, tmp_path: Path
) -> None:
    examples = read_examples(labelled, Columns("comment", ("Waiting", "Staff"), sentiment="rating"))
    model = fit(examples, pipeline.embed(examples.texts))
    assert model.ratings is not None
    model.ratings.coef_ = model.ratings.coef_[:, :-MANNER]
    model.save(tmp_path / "older")
    ratings = Model.restore(Bundle.load(tmp_path / "older")).ratings
    assert ratings is not None and not ratings.coef_[:, -MANNER:].any()
    assert Pipeline.load(tmp_path / "older").analyse([Text("Kind staff, but a long wait")])[0].sentiment is not None
