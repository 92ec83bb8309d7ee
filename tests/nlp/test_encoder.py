"""The tuned encoder: in one pass with the general embedding, heads that add up exactly, and honest refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from earshot_nlp.bundle import Bundle, BundleRefused, load_tuning, shipped
from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.encoder import Tuning
from earshot_nlp.manner import MANNER, manner
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.ratings import Blend
from earshot_nlp.train import (
    TUNED_SAY,
    Columns,
    DataRefused,
    Examples,
    apply,
    fit,
    read_examples,
    train,
    tuned,
)
from earshot_nlp.types import Text
from safetensors.numpy import save_file

TEXTS = [
    Text("The nurse was kind and explained everything.", "What was good?"),
    Text("I waited four hours. Nobody told me why.", "How could we improve?"),
    Text("", "How could we improve?"),
    Text("Nothing"),
]


@pytest.fixture(scope="module")
def examples(labelled: Path) -> Examples:
    columns = Columns("comment", ("Food, drink", "Waiting", "Staff"), None, "question", "rating", "trust")
    return read_examples(labelled, columns)


def tuning_for(pipeline: Pipeline, examples: Examples) -> Tuning:
    assert pipeline.model.encoder
    draw, n = np.random.default_rng(0), len(examples.texts)
    sizes = ((3, DIMENSIONS + 1), (2, DIMENSIONS + 1), (9, DIMENSIONS + 1), (n, 3), (n, 2), (1, 9))
    arrays = [draw.normal(size=size).astype(np.float32) for size in sizes]
    return Tuning(pipeline.model.encoder.graph, examples.labels, *arrays)


def test_both_embeddings_come_from_one_pass_and_each_text_stands_alone(pipeline: Pipeline) -> None:
    vectors = pipeline.vectors(TEXTS)
    assert vectors.shape == (len(TEXTS), 2 * DIMENSIONS)
    assert np.array_equal(vectors[:, :DIMENSIONS], pipeline.embed([text.text for text in TEXTS]))
    assert np.array_equal(vectors, np.concatenate([pipeline.vectors([text]) for text in TEXTS]))
    assert not vectors[2].any(), "an empty text says nothing, whatever was asked"


def test_the_question_changes_the_tuned_embedding_only(pipeline: Pipeline) -> None:
    same = [
        Text("Nothing", asked) for asked in ("What was good?", "How could we improve?", None, "Never asked before?")
    ]
    vectors = pipeline.vectors(same)
    assert np.array_equal(vectors[0, :DIMENSIONS], vectors[1, :DIMENSIONS])
    assert len({row.tobytes() for row in vectors[:, DIMENSIONS:]}) == 4


def test_heads_add_their_log_odds_exactly(pipeline: Pipeline, examples: Examples) -> None:
    embeddings = pipeline.embed(examples.texts)
    plain_model, tuning = fit(examples, embeddings), tuning_for(pipeline, examples)
    eye = np.eye(2, dtype=np.float32)
    put, shift = np.full((2, MANNER), 0.25, dtype=np.float32), np.asarray([0.1, 0.0], dtype=np.float32)
    model = tuned(plain_model, tuning, Blend(0.5 * eye, 2 * eye, put, shift))
    texts = [Text(text, asked) for text, asked in zip(examples.texts, examples.questions, strict=True)]
    vectors = pipeline.vectors(texts)
    extra = np.concatenate([vectors[:, DIMENSIONS:], np.ones((len(texts), 1), np.float32)], axis=1)
    before, after = apply(plain_model, examples, embeddings), apply(model, examples, vectors)
    np.testing.assert_allclose(after.scores, before.scores + TUNED_SAY * extra @ tuning.themes.T, atol=1e-3)
    both = 0.5 * before.ratings + 2 * extra @ tuning.ratings.T + manner(examples.texts) @ put.T + shift
    np.testing.assert_allclose(after.ratings, both, atol=1e-3)


@pytest.mark.slow
def test_a_bundle_brings_its_encoder_along(pipeline: Pipeline, examples: Examples, tmp_path: Path) -> None:
    model, _, _ = train(examples, pipeline.embed, name="small", tuning=tuning_for(pipeline, examples))
    model.save(tmp_path / "small")
    again = Pipeline.load(tmp_path / "small")
    assert again.model.encoder and again.model.dimensions == 2 * DIMENSIONS
    assert np.array_equal(again.vectors(TEXTS), pipeline.vectors(TEXTS))
    (tmp_path / "small" / "encoder.onnx").write_bytes(b"another graph")
    with pytest.raises(BundleRefused):
        Bundle.load(tmp_path / "small")


def test_an_encoder_that_was_tuned_on_something_else_is_refused(pipeline: Pipeline, examples: Examples) -> None:
    fewer = examples.take(np.arange(20, len(examples.texts)))
    with pytest.raises(DataRefused):
        train(fewer, pipeline.embed, name="small", tuning=tuning_for(pipeline, examples))


def test_what_the_recipe_writes_is_read_back(pipeline: Pipeline, examples: Examples, tmp_path: Path) -> None:
    tuning = tuning_for(pipeline, examples)
    (tmp_path / "encoder.onnx").write_bytes(tuning.graph)
    (tmp_path / "labels.json").write_text(json.dumps(examples.labels))
    names = ("themes", "ratings", "marks", "unseen_themes", "unseen_ratings", "unseen_marks")
    save_file({name: getattr(tuning, name) for name in names}, tmp_path / "tuning.safetensors")
    found = load_tuning(tmp_path)
    assert found.labels == tuning.labels and found.graph == tuning.graph
    assert all(np.array_equal(getattr(found, name), getattr(tuning, name)) for name in names)
    (tmp_path / "labels.json").unlink()
    with pytest.raises(BundleRefused):
        load_tuning(tmp_path)


def test_the_shipped_bundle_stays_light() -> None:
    assert sum(path.stat().st_size for path in shipped("patient-experience").iterdir()) < 12_000_000


@pytest.mark.slow
def test_a_framework_without_an_encoder_reads_the_general_embedding_only(
    pipeline: Pipeline, examples: Examples, tmp_path: Path
) -> None:
    model, _, _ = train(examples, Embedder(threads=1).embed, name="plain")
    model.save(tmp_path / "plain")
    own = Pipeline.load(tmp_path / "plain")
    assert own.model.encoder is None and own.vectors(TEXTS).shape == (len(TEXTS), DIMENSIONS)
