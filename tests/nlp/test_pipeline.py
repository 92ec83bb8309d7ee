"""The shipped bundle, end to end: what people would expect it to hear, and that batches change nothing."""

from __future__ import annotations

import dataclasses
import socket
import time
from pathlib import Path

import numpy as np
import pytest
from earshot_nlp import bundle
from earshot_nlp.bundle import BundleRefused
from earshot_nlp.embed import Embedder
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.types import Analysis, Redaction, Text

COMMENTS = [
    Text("The staff were so kind and caring, nothing was too much trouble.", "What was good?"),
    Text("I waited four hours to be seen and nobody told me why. The food was cold.", "How could we improve?"),
    Text("Nothing"),
    Text(""),
    Text("El personal fue muy amable y el médico me explicó todo con mucha paciencia."),
    Text("[name 1] explained my tablets. Dr [name 2] was rude!\nParking is expensive", None, "patient"),
]


def same(first: Analysis, second: Analysis) -> bool:
    plain = [field.name for field in dataclasses.fields(Analysis) if field.name != "embedding"]
    fields = [[getattr(one, name) for name in plain] for one in (first, second)]
    return fields[0] == fields[1] and first.embedding.tobytes() == second.embedding.tobytes()


def themes(analysis: Analysis) -> set[str]:
    return {theme.label for theme in analysis.themes}


def test_batch_equals_single_byte_for_byte(pipeline: Pipeline) -> None:
    batch = pipeline.analyse(COMMENTS * 3)
    singles = [pipeline.analyse([text])[0] for text in COMMENTS]
    assert all(same(one, batch[at]) and same(one, batch[at + 6]) for at, one in enumerate(singles))
    assert pipeline.analyse([]) == []


@pytest.mark.parametrize(
    ("text", "question", "theme"),
    [
        ("The staff were friendly, kind and caring", "What was good?", "Staff manner & personal attributes"),
        ("I waited four hours for the ambulance", "How could we improve?", "Timeliness of care"),
        (
            "The food was cold and the portions are small",
            "How could we improve?",
            "Food & drink provision & facilities",
        ),
        ("Could not get through on the phone, on hold for an hour", None, "Contacting services"),
        ("Thank you so much, excellent service", "FFT Why?", "Positive experience & gratitude"),
    ],
)
def test_obvious_themes_are_heard(pipeline: Pipeline, text: str, question: str | None, theme: str) -> None:
    (found,) = pipeline.analyse([Text(text, question)])
    assert theme in themes(found)
    assert themes(found) <= set(pipeline.labels)
    assert [score.p for score in found.themes] == sorted((score.p for score in found.themes), reverse=True)


def test_a_theme_shows_the_words_that_spoke_for_it(pipeline: Pipeline) -> None:
    (found,) = pipeline.analyse(
        [Text("On Tuesday the food was cold and the meals were small", "How could we improve?")]
    )
    words = {score.label: score.words for score in found.themes}["Food & drink provision & facilities"]
    assert {"food", "meals"} <= {word.text for word in words}
    assert all(word.weight > 0 for word in words) and len(words) <= 5


def test_sentiment_of_a_comment_and_of_its_sentences(pipeline: Pipeline) -> None:
    good, bad, mixed = pipeline.analyse(
        [
            Text("Excellent, friendly and caring staff, thank you", "What was good?"),
            Text("Terrible. Rude and left in agony for hours, disgusting service", "How could we improve?"),
            Text("The nurses were wonderful and very kind. The waiting time was far too long and awful."),
        ]
    )
    assert good.sentiment.label <= 2 and bad.sentiment.label >= 4
    first, second = mixed.sentences
    assert first.sentiment < second.sentiment
    assert (
        (
            "The nurses were wonderful and very kind. The waiting time was far too long and awful."[
                first.start : first.end
            ]
        )
        == "The nurses were wonderful and very kind."
    )


def test_what_it_cannot_read_goes_to_a_person(pipeline: Pipeline) -> None:
    english, empty, spanish, arabic = pipeline.analyse(
        [COMMENTS[0], COMMENTS[3], COMMENTS[4], Text("كان الطاقم لطيفا جدا وشرحوا لي كل شيء")]
    )
    assert english.needs_person is None
    assert (empty.needs_person, empty.themes, empty.sentences) == ("empty", (), ())
    assert (spanish.needs_person, spanish.language.code, spanish.themes) == ("language", "es", ())
    assert (arabic.needs_person, arabic.language.code) == ("language", "ar")


@pytest.mark.parametrize("text", ["Nothing", "Good", "Super", "N/a", "ok ta", "Brill", "👍", "10/10", "no complaints"])
def test_very_short_english_is_english(pipeline: Pipeline, text: str) -> None:
    assert pipeline.languages([text])[0].code == "en"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Roedd y staff yn garedig iawn ac esboniodd y meddyg bopeth", "cy"),
        ("Pielęgniarki były bardzo miłe i pomocne", "pl"),
        ("स्टाफ बहुत दयालु था", "hi"),
        ("نرس بہت مہربان تھی", "ur"),
        ("Asistentele au fost foarte amabile cu mine", "ro"),
    ],
)
def test_other_languages_are_known(pipeline: Pipeline, text: str, code: str) -> None:
    assert pipeline.languages([text])[0].code == code


def test_embeddings_put_like_with_like(pipeline: Pipeline) -> None:
    nurse, staff, wait, empty = pipeline.embed(
        ["The nurse was lovely", "Such kind and caring nurses", "I waited four hours in A&E", ""]
    )
    assert nurse @ staff > nurse @ wait + 0.2
    assert np.linalg.norm(nurse) == pytest.approx(1, abs=1e-5) and not empty.any()


def test_embeddings_do_not_depend_on_neighbours_or_threads(pipeline: Pipeline) -> None:
    texts = ["short", "a much longer comment about waiting " * 10, "medium length comment", "short"]
    batch = pipeline.embed(texts)
    alone = Embedder(threads=1)
    assert batch.tobytes() == np.concatenate([alone.embed([text]) for text in texts]).tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍⚕️" * 1250,
        "\u200b\u202e" * 2500,
        "a" * 10_000,
        "Ab. " * 2500,
        "word " * 2000,
        "\ud800 x",
        "?!" * 5000,
        "é" * 9999,
    ],
    ids=lambda text: f"{text[:4]!a}",
)
def test_hostile_text_is_analysed_in_a_second(pipeline: Pipeline, text: str) -> None:
    pipeline.analyse([Text("warm up")])
    started = time.process_time()
    (found,) = pipeline.analyse([Text(text)])
    assert time.process_time() - started < 1
    assert found.embedding.shape == (384,)


def test_nothing_asks_the_network(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the language library opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    fresh = Pipeline.load(threads=1)
    (redaction,) = fresh.redact(["Sarah Jones was kind"])
    assert isinstance(redaction, Redaction)
    assert fresh.analyse([Text(redaction.text)])[0].bundle == pipeline.bundle_id


def copy(folder: Path) -> Path:
    source = Path(bundle.__file__).parent / "bundles" / bundle.SHIPPED
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.mark.parametrize("name", [bundle.WEIGHTS, bundle.VOCABULARY])
def test_an_altered_bundle_is_refused(tmp_path: Path, name: str) -> None:
    folder = copy(tmp_path)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(bytes(data))
    with pytest.raises(BundleRefused, match=name):
        Pipeline.load(folder)


def test_a_missing_or_strange_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="missing"):
        Pipeline.load(tmp_path)
    (tmp_path / bundle.MANIFEST).write_text('{"format": 99}')
    with pytest.raises(BundleRefused, match="format 99"):
        Pipeline.load(tmp_path)
