"""Drift: figures of a week, what the first weeks give by chance, and the sentence that people read."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import numpy as np
import pytest
from earshot.analysis.drift import Week, sentence
from earshot.analysis.drift_stages import Sample, band, figures_of

TRUST = uuid4()


def week(figures: dict[str, float], bands: dict[str, list[float]]) -> Week:
    return Week(TRUST, "Our Trust", "patient", date(2026, 6, 1), 40, figures, bands)


def sample(seed: int, *, unassigned: float = 0.2, towards: int = 0, n: int = 60) -> Sample:
    draw = np.random.default_rng(seed)
    rows = np.column_stack(
        [draw.random(n) < unassigned, draw.uniform(0.5, 0.9, n), draw.random(n) < 0.05, draw.uniform(0, 0.2, n)]
    ).astype(float)
    rows[rows[:, 0] == 1, 1] = np.nan
    vectors = draw.normal(size=(n, 8)) * 0.3 + np.eye(8)[towards]
    return Sample(rows, vectors)


def test_figures_are_means_and_the_distance_from_the_centre() -> None:
    rows = np.asarray([[0, 0.6, 0, 0.1], [1, np.nan, 1, 0.3]])
    found = figures_of(Sample(rows, np.asarray([[1.0, 0.0], [1.0, 0.0]])), np.asarray([0.0, 2.0]))
    assert found == {"not_assigned": 0.5, "mean_p": 0.6, "not_english": 0.5, "unknown_words": 0.2, "shift": 1.0}


def test_a_figure_without_anything_to_work_it_out_from_is_left_out() -> None:
    found = figures_of(Sample(np.asarray([[1, np.nan, 0, 0.0]]), np.asarray([[1.0, 0.0]])), np.asarray([1.0, 0.0]))
    assert "mean_p" not in found
    assert found["shift"] == 0


def test_an_ordinary_week_lies_within_the_band_and_a_strange_one_beyond_it() -> None:
    first = [sample(seed) for seed in range(12)]
    bands = band(first, 60)
    centre = np.concatenate([one.vectors for one in first]).mean(axis=0)
    ordinary = week(figures_of(sample(99), centre), bands)
    strange = week(figures_of(sample(99, unassigned=0.9, towards=3), centre), bands)
    assert ordinary.moved == []
    assert strange.moved == ["not_assigned", "shift"]
    assert band(first, 60) == bands, "the same weeks must give the same band"


def test_few_comments_make_a_wide_band() -> None:
    first = [sample(seed) for seed in range(12)]
    few, many = band(first, 10)["not_assigned"], band(first, 200)["not_assigned"]
    assert few[1] - few[0] > many[1] - many[0]


def test_the_sentence_names_what_moved_and_what_to_do() -> None:
    bands = {"not_assigned": [0.1, 0.3], "not_english": [0.0, 0.1]}
    calm = week({"not_assigned": 0.2, "not_english": 0.05}, bands)
    moved = week({"not_assigned": 0.6, "not_english": 0.4}, bands)
    assert sentence([]) == sentence([week({"not_assigned": 0.2}, {})])
    assert "as it was" in sentence([moved, calm])
    assert sentence([calm, moved]) == (
        "In the week of 1 June 2026 more comments than usual fit no theme"
        " and more comments than usual are not in English."
        " Correct some of the newest comments, then let the model learn."
    )


@pytest.mark.parametrize("name", ["not_assigned", "mean_p", "not_english", "shift", "unknown_words"])
def test_every_measure_can_be_said(name: str) -> None:
    assert sentence([week({name: 0.9}, {name: [0.1, 0.2]})]) != sentence([week({name: 0.05}, {name: [0.1, 0.2]})])
