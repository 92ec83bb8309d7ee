"""Ratings: rare ones are heard, criticality is learned from marks, and each theme has its own sentiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from earshot_nlp.criticality import learn, read_marked
from earshot_nlp.features import TextFeatures
from earshot_nlp.model import Model
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.ratings import RatingModel
from earshot_nlp.train import Columns, fit, read_examples
from earshot_nlp.types import Text
from scipy import sparse


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Comments of our own with marks from -4 to 4, some codes that are no mark, and a repeated wording."""
    path = tmp_path_factory.mktemp("marks") / "marked.csv"
    good = [
        f"The {who} were {how}" for who in ("nurses", "doctors", "staff", "team") for how in ("kind", "lovely", "great")
    ]
    bad = [
        f"The {who} was {how}" for who in ("ward", "toilet", "waiting", "food") for how in ("filthy", "awful", "cruel")
    ]
    lines = ["feedback,criticality", *(f"{text},4" for text in good), *(f"{text},-4" for text in bad)]
    lines += ["The nurses were KIND!,4", "Unclear,-o", "No mark,", "Off the scale,-9", "A letter,A"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_codes_that_are_no_mark_and_repeats_are_left_out(marked: Path) -> None:
    found = read_marked(marked, text="feedback", mark="criticality")
    assert len(found.texts) == 24 and set(found.marks.tolist()) == {-4, 4}


def test_criticality_is_learned_scored_and_kept(
    marked: Path, labelled: Path, pipeline: Pipeline, tmp_path: Path
) -> None:
    examples = read_examples(labelled, Columns("comment", ("Waiting", "Staff"), sentiment="rating"))
    model = fit(examples, pipeline.embed(examples.texts))
    model, found = learn(model, read_marked(marked, text="feedback", mark="criticality"), pipeline.embed)
    assert found.texts == 24 and found.accuracy.value > 0.8 and model.meta["criticality"]["texts"] == 24
    model.save(tmp_path / "marked")
    rude, kind = Pipeline.load(tmp_path / "marked").analyse(
        [Text("The toilet was filthy"), Text("The team were lovely")]
    )
    assert rude.criticality and kind.criticality
    assert rude.criticality.label == -4 and kind.criticality.label == 4


def test_a_rare_rating_is_heard_more_when_balanced() -> None:
    texts = ["good"] * 40 + ["good not"] * 8 + ["not"] * 4
    ratings = np.asarray([1] * 44 + [3] * 8, dtype=np.int8)
    features = sparse.csr_matrix(TextFeatures(min_documents=1).fit(texts).transform(texts))
    chances = [
        RatingModel(balance=share).fit(features, ratings).predict_proba(features[50:])[0, 1] for share in (0, 0.5, 1)
    ]
    assert chances[0] < chances[1] < chances[2]


def test_a_mixed_comment_is_mixed_and_not_neutral(pipeline: Pipeline) -> None:
    text = "The nurses were absolutely lovely and so kind. The food was cold and disgusting, truly awful."
    found = pipeline.analyse([Text(text, "How was it?")])[0]
    assert found.sentences[0].sentiment <= 2 and found.sentences[1].sentiment >= 4
    said = {theme.label: theme.sentiment for theme in found.themes}
    staff, food = said["Staff manner & personal attributes"], said["Food & drink provision & facilities"]
    assert staff is not None and food is not None and staff <= 2 and food >= 4


def test_the_shipped_bundle_tells_serious_comments_from_praise(pipeline: Pipeline) -> None:
    texts = [
        "I was left in pain for hours and nobody came. Disgraceful neglect.",
        "Wonderful, excellent care, thank you all.",
    ]
    worst, best = pipeline.analyse([Text(text) for text in texts])
    assert worst.criticality and best.criticality
    assert worst.criticality.label < 0 <= best.criticality.label
    assert isinstance(pipeline.model, Model) and pipeline.analyse([Text("")])[0].criticality is None
