"""The staff framework: heard by likeness to written examples and by words, for staff only, with its reasons."""

from __future__ import annotations

import json

import numpy as np
import pytest
from earshot.taxonomy.frameworks import STAFF, frameworks
from earshot_nlp import bundle as files
from earshot_nlp.bundle import Bundle
from earshot_nlp.card import described_card
from earshot_nlp.evaluate import macro_f1, micro_f1
from earshot_nlp.features import plain
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.sentences import sentences
from earshot_nlp.types import Sentence, Text, ThemeScore
from earshot_nlp.zero_shot import ZeroShot, described
from earshot_nlp.zero_shot_fit import examples, features_of, fit, labels, targets_of

HELD_OUT = examples(files.framework_examples("staff", "held_out"))
SHIFTS = "I asked for fixed days because of childcare and was refused. Then my rota was changed at short notice."


@pytest.fixture(scope="module")
def staff(pipeline: Pipeline) -> ZeroShot:
    return pipeline.staff


def read(framework: ZeroShot, *texts: str) -> list[tuple[ThemeScore, ...]]:
    spoken = [[Sentence(*span, sentiment) for sentiment, span in enumerate(sentences(text), 1)] for text in texts]
    return framework.read(texts, framework.embedder.embed([plain(text) for text in texts]), spoken)


def test_the_bundle_is_the_description_that_ships_and_the_console_knows_its_labels() -> None:
    shipped, written = Bundle.load(files.shipped(STAFF)), labels(json.loads(files.framework(STAFF)))
    assert described(shipped) == tuple(written)
    known = next(framework for framework in frameworks() if framework.id == STAFF)
    assert known.names == shipped.labels
    assert (files.shipped(STAFF) / "MODEL_CARD.md").read_text() == described_card(shipped.id, shipped.meta) + "\n"


def test_the_comments_kept_aside_were_not_tuned_on() -> None:
    tuned = {plain(one.text) for one in examples(files.framework_examples(STAFF, "tune"))}
    assert len(tuned) == 240
    assert not tuned & {plain(one.text) for one in HELD_OUT}
    known = set(Bundle.load(files.shipped(STAFF)).labels)
    assert all(set(one.labels) <= known for one in HELD_OUT)


@pytest.mark.slow
def test_what_the_card_says_is_what_is_measured(staff: ZeroShot) -> None:
    said = staff.head.predict(features_of(staff, [one.text for one in HELD_OUT]))
    truth, scores = targets_of(HELD_OUT, staff.labels), Bundle.load(files.shipped(STAFF)).meta["scores"]
    assert micro_f1(truth, said) == pytest.approx(scores["micro_f1"]["value"], abs=0.02)
    assert macro_f1(truth, said) == pytest.approx(scores["macro_f1"]["value"], abs=0.02)
    by_chance = np.random.default_rng(0).permutation(said)
    assert micro_f1(truth, said) > micro_f1(truth, by_chance) + 0.2


@pytest.mark.slow
def test_a_theme_says_which_words_and_which_example_spoke_for_it_and_how_it_was_felt(staff: ZeroShot) -> None:
    (themes,) = read(staff, SHIFTS)
    flexible = themes[0]
    assert flexible.label == "We work flexibly"
    told = [word.text for word in flexible.words if not word.anchor]
    assert set(told) <= {"fixed days", "childcare", "rota", "short notice"}
    assert len(told) >= 3
    (anchor,) = [word for word in flexible.words if word.anchor]
    assert anchor.text in next(label.anchors for label in staff.labels if label.name == flexible.label)
    assert all(word.weight > 0 for word in flexible.words)
    assert flexible.sentiment in (1, 2)


@pytest.mark.slow
def test_words_count_whole_and_without_regard_to_case_or_kind_of_apostrophe(staff: ZeroShot) -> None:
    found = staff.evidence(["PAYROLL again. Don’t feel safe. Bandaged."], np.zeros((1, 384), np.float32), [[]]).words[0]
    by_label = {label.name: hits for label, hits in zip(staff.labels, found, strict=True)}
    assert by_label["We are recognised and rewarded"] == ("payroll",)
    assert by_label["Worker safety or wellbeing"] == ("don't feel safe",)
    assert by_label["We work flexibly"] == ()


@pytest.mark.slow
def test_nothing_said_is_nothing_heard_and_neighbours_change_nothing(staff: ZeroShot) -> None:
    texts = ["", "n/a", SHIFTS, "🙂", "The vending machine takes coins."]
    together = read(staff, *texts)
    assert together[0] == together[1] == together[3] == ()
    assert together == [read(staff, text)[0] for text in texts]


@pytest.mark.slow
def test_every_label_begins_with_the_same_constants(pipeline: Pipeline) -> None:
    written = labels(json.loads(files.framework(STAFF)))[:2]
    known = {label.name for label in written}
    taught = [one for one in examples(files.framework_examples(STAFF, "tune")) if set(one.labels) <= known][:30]
    model = fit(written, taught, pipeline.embedder)
    own = model.coef_[np.arange(2), np.arange(2)]
    words = model.coef_[np.arange(2), 2 + np.arange(2)]
    assert np.ptp(own) == np.ptp(words) == np.ptp(model.intercept_) == 0
    assert own[0] > 0 < words[0]
    assert not model.coef_[:, 4:].any()


@pytest.mark.slow
def test_only_staff_are_read_by_the_staff_framework(pipeline: Pipeline) -> None:
    asked = [Text(SHIFTS, None, audience) for audience in ("staff", "patient", None)]
    staff, patient, unknown = pipeline.analyse(asked)
    assert (staff.framework, patient.framework, unknown.framework) == (
        "staff",
        "patient-experience",
        "patient-experience",
    )
    assert staff.themes[0].label == "We work flexibly"
    assert {theme.label for theme in patient.themes} <= set(pipeline.labels)
    assert staff.sentiment == patient.sentiment
    assert pipeline.analyse(asked[:1])[0].themes == staff.themes


@pytest.mark.slow
def test_staff_comments_that_cannot_be_read_claim_nothing(pipeline: Pipeline) -> None:
    (polish,) = pipeline.analyse(
        [Text("Pracuję tu jako sprzątaczka od pięciu lat. Koleżanki są dobre.", None, "staff")]
    )
    assert (polish.needs_person, polish.themes, polish.framework) == ("language", (), "staff")
