"""Themes that were considered: the band in which neither a yes nor a no can be trusted, and what falls into it."""

from __future__ import annotations

import numpy as np
import pytest
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.themes import ThemeModel, above, bands, bands_at_their_word, below
from earshot_nlp.types import Text

SAID = [
    "The nurses were kind but nobody told us when we could go home, and the car park was full",
    "Food was cold again. I asked twice.",
    "Long wait, then they had lost my notes; the doctor explained it all very well though",
    "My mum was moved at night without anybody phoning us",
    "The letter came after the appointment. The ward was clean.",
]


def test_probabilities_that_tell_the_truth_are_in_doubt_between_one_and_four_in_five() -> None:
    draw = np.random.default_rng(1)
    p = draw.random((20_000, 1))
    ((low, high),) = bands(p, (draw.random(p.shape) < p).astype(np.int8), np.asarray([0.4], dtype=np.float32))
    assert (low, high) == (pytest.approx(0.2, abs=0.05), pytest.approx(0.8, abs=0.05))


def test_a_model_that_is_always_right_has_no_doubt() -> None:
    p = np.asarray([[0.1], [0.2], [0.7], [0.9]] * 10)
    found = bands(p, (p > 0.5).astype(np.int8), np.asarray([0.45], dtype=np.float32))
    assert found.tolist() == [[pytest.approx(0.45), pytest.approx(0.45)]]


def test_the_threshold_always_lies_in_its_band() -> None:
    draw = np.random.default_rng(2)
    scores = draw.normal(size=(300, 8))
    targets = (scores + draw.normal(size=scores.shape) > 1.5).astype(np.int8)
    targets[:, 7] = 0
    model = ThemeModel()
    model.slope_, model.offset_ = np.ones(8, dtype=np.float32), np.zeros(8, dtype=np.float32)
    model.thresholds_ = np.zeros(8, dtype=np.float32)
    model.calibrate(scores, targets)
    for low_high, cut in (
        (model.bands_, model.thresholds_),
        (bands_at_their_word(model.thresholds_), model.thresholds_),
    ):
        assert (low_high[:, 0] <= cut).all() and (cut <= low_high[:, 1]).all()


def test_a_label_is_claimed_or_considered_or_neither() -> None:
    p, cuts = np.asarray([0.9, 0.45, 0.5, 0.1, 0.3]), np.full(5, 0.5, dtype=np.float32)
    ends = np.asarray([[0.3, 0.8]] * 4 + [[0.25, 0.8]], dtype=np.float32)
    assert above(p, cuts) == [(0, 0.9)]
    assert below(p, cuts, ends) == [(2, 0.5), (1, 0.45), (4, 0.3)]


def test_what_was_considered_is_told_apart_and_does_not_depend_on_the_batch(pipeline: Pipeline) -> None:
    together = pipeline.analyse([Text(text) for text in SAID])
    assert [one.considered for one in together] == [pipeline.analyse([Text(text)])[0].considered for text in SAID]
    assert any(one.considered for one in together)
    for one in together:
        assert not {theme.label for theme in one.themes} & {theme.label for theme in one.considered}
        assert [theme.p for theme in one.considered] == sorted((theme.p for theme in one.considered), reverse=True)


def test_nothing_is_considered_of_what_cannot_be_read(pipeline: Pipeline) -> None:
    texts = [Text(""), Text("Personel był bardzo miły, ale czekaliśmy cztery godziny na lekarza w zimnej sali")]
    assert [one.considered for one in pipeline.analyse(texts)] == [(), ()]
