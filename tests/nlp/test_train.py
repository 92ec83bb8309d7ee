"""Training from a CSV, scoring, predicting and the command line, on a small file of our own."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from earshot_nlp import evaluate
from earshot_nlp.bundle import Bundle
from earshot_nlp.cli import app
from earshot_nlp.embed import Embedder
from earshot_nlp.features import TextFeatures, normal, plain
from earshot_nlp.model import Model
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.themes import best_thresholds, explain, platt
from earshot_nlp.train import Columns, DataRefused, read_examples, train
from earshot_nlp.types import Text
from typer.testing import CliRunner

pytestmark = pytest.mark.slow

LABELS = '"Food, drink",Waiting,Staff'


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="session")
def trained(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "small"
    options = ["--labels", LABELS, "--sentiment", "rating", "--question", "question", "--across", "trust"]
    said = run("train", "--data", labelled, "--text", "comment", "--out", folder, "--licence", "MIT", *options)
    assert "macro F1" in said and "Food, drink" in said
    return folder


def test_trained_labels_are_predicted_for_new_words(trained: Path) -> None:
    pipeline = Pipeline.load(trained)
    found = pipeline.analyse([Text("The soup was cold"), Text("We waited very long"), Text("The nurse was kind")])
    assert [one.themes[0].label for one in found] == ["Food, drink", "Waiting", "Staff"]
    assert found[0].sentiment.label == 5 and found[2].sentiment.label == 1
    assert found[0].bundle == pipeline.bundle_id == Bundle.load(trained).id


def test_the_card_names_data_licence_and_scores(trained: Path) -> None:
    card = (trained / "MODEL_CARD.md").read_text()
    assert run("card", "--bundle", trained).strip() == card.strip()
    assert all(words in card for words in ("labelled.csv", "MIT", "macro F1", "| Waiting | 32 |", "| A |", "Limits"))


def test_predict_writes_labels_and_probabilities_in_order(trained: Path, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run("predict", "--bundle", trained, "--data", labelled, "--text", "comment", "--out", out)
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 96 and [row["row"] for row in rows] == [str(n) for n in range(1, 97)]
    right = sum(json.loads(row["labels"]) == [label] for row, label in zip(rows, ["Food, drink"] * 32, strict=False))
    assert right >= 30
    assert all(0 <= float(rows[0][f"p: {label}"]) <= 1 for label in ("Food, drink", "Waiting", "Staff"))


def test_evaluate_prints_json_and_a_table(trained: Path, labelled: Path) -> None:
    options = ["--data", labelled, "--text", "comment", "--labels", LABELS, "--sentiment", "rating"]
    first, *table = run("evaluate", "--bundle", trained, *options).splitlines()
    scores = json.loads(first)
    assert scores["themes"]["macro_f1"]["low"] <= scores["themes"]["macro_f1"]["value"]
    assert scores["themes"]["macro_f1"]["value"] > 0.9 and scores["sentiment"]["accuracy"]["value"] > 0.9
    assert any(line.startswith("Food, drink") for line in table)
    crossed = json.loads(run("evaluate", *options, "--across", "trust", "--json"))
    assert set(crossed["across"]) == {"A", "B"} and crossed["themes"]["texts"] == 96
    assert (scores["scored"], table[0]) == (trained.name, trained.name)
    assert "linear models only" in crossed["scored"]


def test_a_single_label_column_gives_one_class_a_text(labelled: Path, tmp_path: Path) -> None:
    run("train", "--data", labelled, "--text", "comment", "--label", "theme", "--out", tmp_path / "one")
    model = Model.restore(Bundle.load(tmp_path / "one"))
    assert model.exclusive and model.labels == ("food", "staff", "wait") and model.ratings is None
    (found,) = Pipeline.load(tmp_path / "one").analyse([Text("The doctor was rude")])
    assert [theme.label for theme in found.themes] == ["staff"]
    assert found.sentiment.label >= 4  # borrowed from the shipped bundle


def test_analyse_reads_and_writes_json_lines(tmp_path: Path) -> None:
    lines = [{"id": 1, "text": "Sarah was so kind"}, {"id": "b", "text": "Nothing", "question": "What was good?"}]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    run("analyse", "--in", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl")
    first, second = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert first["redacted"] == "[name 1] was so kind" and second["id"] == "b"
    assert first["identifiers"] == [{"kind": "name", "start": 0, "end": 5}]
    assert {"language", "sentences", "sentiment", "themes", "considered", "needs_person", "bundle"} <= first.keys()


@pytest.mark.parametrize("line", ["not json", '{"id": 1}', "[]"])
def test_an_unreadable_line_is_named_without_its_text(tmp_path: Path, line: str) -> None:
    (tmp_path / "in.jsonl").write_text(line)
    result = CliRunner().invoke(app, ["analyse", "--in", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "o")])
    assert result.exit_code == 2 and "Line 1" in result.output and "not json" not in result.output


def test_a_missing_column_is_refused(labelled: Path) -> None:
    with pytest.raises(DataRefused, match="'Missing'"):
        read_examples(labelled, Columns("comment", ("Missing",)))
    with pytest.raises(DataRefused, match="--labels"):
        read_examples(labelled, Columns("comment"))


def test_the_same_data_gives_the_same_bundle(labelled: Path, tmp_path: Path) -> None:
    examples = read_examples(labelled, Columns("comment", ("Waiting", "Staff")))
    embed = Embedder(threads=2).embed
    ids = {train(examples, embed, name="same")[0].save(tmp_path / name) for name in ("a", "b")}
    first, second = ((tmp_path / name / "weights.safetensors").read_bytes() for name in ("a", "b"))
    assert len(ids) == 1 and first == second


def test_repeated_answers_are_read_once(tmp_path: Path) -> None:
    rows = ["text,a", *(f"answer number {n},{n % 2}" for n in range(12)), "Answer  NUMBER 3!,1", ",1"]
    (tmp_path / "d.csv").write_text("\n".join(rows))
    assert len(read_examples(tmp_path / "d.csv", Columns("text", ("a",))).texts) == 12


def test_terms_weigh_as_in_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["good food good staff", "the staff waited", "good waiting staff", "cold food"]
    ours = TextFeatures(min_documents=1).fit(texts)
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(texts)
    words = ours.transform(texts).toarray()[:, : len(ours.words_)]
    assert ours.words_ == theirs.get_feature_names_out().tolist()
    assert np.allclose(words, theirs.transform(texts).toarray(), atol=1e-6)
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True).fit(texts)
    letters = ours.transform(texts).toarray()[:, len(ours.words_) :]
    assert ours.grams_ == grams.get_feature_names_out().tolist()
    assert np.allclose(letters, grams.transform(texts).toarray(), atol=1e-6)


def test_words_add_up_to_the_whole_decision() -> None:
    texts = ["cold cold food today", "warm food", "cold staff today"]
    features = TextFeatures(min_documents=1).fit(texts)
    coef = np.random.default_rng(0).uniform(0.1, 1, size=len(features.weights_)).astype(np.float32)
    encoding = features.encode(texts[0])
    columns, values, per_occurrence = features.values(encoding)
    words = explain(encoding, per_occurrence, coef)
    assert {word.text for word in words} == {"cold", "food", "today"}
    assert sum(word.weight for word in words) == pytest.approx(float(values @ coef[columns]), abs=1e-3)


def test_calibration_and_thresholds() -> None:
    draw = np.random.default_rng(0)
    scores = draw.normal(size=4000)
    target = (draw.uniform(size=4000) < 1 / (1 + np.exp(-(2 * scores - 1)))).astype(np.int8)
    slope, offset = platt(scores, target)
    assert slope == pytest.approx(2, abs=0.2) and offset == pytest.approx(-1, abs=0.2)
    assert platt(scores, np.zeros(4000, dtype=np.int8)) == (1.0, 0.0)
    p = np.asarray([[0.9], [0.8], [0.3], [0.1]])
    assert best_thresholds(p, np.asarray([[1], [1], [0], [0]]))[0] == pytest.approx(0.55)


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    draw = np.random.default_rng(0)
    truth, said = (draw.integers(0, 2, size=(200, 4)).astype(np.int8) for _ in range(2))
    assert evaluate.macro_f1(truth, said) == pytest.approx(f1_score(truth, said, average="macro"))
    assert evaluate.micro_f1(truth, said) == pytest.approx(f1_score(truth, said, average="micro"))
    report = evaluate.theme_report(truth, said, list("abcd"), np.arange(200))
    assert report.micro_f1.low < report.micro_f1.value < report.micro_f1.high


def test_plain_and_normal_forms() -> None:
    assert plain("[name 1]  saw\n[postcode] \ud800") == "someone saw someone ?"
    assert normal("  Siân’s—OK!! ") == "sian s ok"
