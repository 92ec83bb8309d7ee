"""The net for immediate risk: who must not be missed, what must not alarm, and how both are measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from earshot_nlp import bundle
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.safety import RiskNet
from earshot_nlp.safety_model import KINDS
from earshot_nlp.safety_rules import Phrases
from earshot_nlp.safety_train import Example, examples, measured, ordinary, train
from earshot_nlp.types import Safety, Text

EXPORT = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fft_export_two_trusts.csv"
ORDINARY = Path(__file__).with_name("ordinary_comments.csv")

TOLD = [
    ("self_harm", "I took an overdose on Sunday and was sent home with a leaflet"),
    ("self_harm", "i didnt want to be here anymore"),
    ("self_harm", "Everyone would be better off without me"),
    ("abuse_or_neglect", "He was left in his own mess for 6 hours"),
    ("abuse_or_neglect", "Mum has bruises on both arms and nobody can explain them"),
    ("abuse_or_neglect", "they locked my son in a room all evening"),
    ("person_at_risk", "shes 6 and goes home to him"),
    ("person_at_risk", "Dad has dementia and was sent home in a taxi alone at midnight"),
    ("threat_to_others", "he said he'd come back with a knife"),
    ("threat_to_others", "If I see that doctor again I will kill him"),
    ("danger_now", "there's no crash trolley on the ward tonight"),
    ("danger_now", "someone is going to die"),
    ("retaliation", "they made my life hell since I reported it"),
    ("retaliation", "I raised concerns and a week later I was moved off the ward"),
]
NOT_MEANT = [
    "I was bored to death in that waiting room",
    "I am bored to death here",
    "The receptionist has a killer smile",
    "dying for a cuppa and they brought me one",
    "The parking is a killer",
    "the soup was to die for",
    "When I was suicidal last year this team saved my life, thank you",
    "The suicide prevention training should be shorter",
    "dad was never left wet or hungry, they could not do enough for him",
    "I raised a concern and was thanked for it, my manager backed me all the way",
    "I had an operation under the knife in June and all went well",
]


def kinds(found: Safety) -> set[str]:
    return {one.kind for one in found.kinds}


def read(pipeline: Pipeline, text: str) -> Safety:
    return pipeline.analyse([Text(text)])[0].safety


@pytest.mark.parametrize(("kind", "text"), TOLD)
def test_danger_is_heard_with_its_kind_and_its_words(pipeline: Pipeline, kind: str, text: str) -> None:
    found = read(pipeline, text)
    assert found.flag
    assert kind in kinds(found)
    for one in found.kinds:
        start, end = one.evidence
        assert 0 <= start < end <= len(text)
        assert 0 < one.p <= 1


@pytest.mark.parametrize("text", NOT_MEANT)
def test_figures_of_speech_thanks_denials_and_policies_are_no_alarm(pipeline: Pipeline, text: str) -> None:
    assert read(pipeline, text) == Safety(flag=False, kinds=())


def test_one_dangerous_sentence_is_found_in_a_long_kind_comment(pipeline: Pipeline) -> None:
    kind = "The nurses were lovely and the food was hot. The ward was clean and bright. "
    text = kind * 3 + "At night a carer slapped me. " + kind * 3
    found = read(pipeline, text)
    assert "abuse_or_neglect" in kinds(found)
    assert text[slice(*found.kinds[0].evidence)] == "slapped me"


KIND = "The nurses were lovely and the food was hot. The ward was clean and bright. "


def unspoken(pipeline: Pipeline) -> list[str]:
    """Examples of danger kept aside that no phrase hears, written as sentences."""
    aside = [one for name in ("held_out", "fresh") for one in examples(bundle.safety_examples(name)) if one.kinds]
    phrases = pipeline.risks.phrases
    return [one.text.rstrip(".! ") + ". " for one in aside if not phrases.find(phrases.meant(one.text))]


def test_most_danger_is_heard_among_kind_sentences_without_any_phrase_for_it(pipeline: Pipeline) -> None:
    """Measured: .68 of 69; it was .51 when one sentence a text was read, out of its context."""
    texts = [KIND * 2 + text + KIND * 2 for text in unspoken(pipeline)]
    assert len(texts) >= 60
    assert np.mean([found.flag for found in pipeline.risks.read(texts)]) >= 0.6


def test_danger_beyond_what_the_encoders_read_of_a_text_is_heard(pipeline: Pipeline) -> None:
    heard = [text for text in unspoken(pipeline) if pipeline.risks.read([KIND * 2 + text])[0].flag][:5]
    late = [KIND * 20 + text for text in heard]
    assert len(heard) == 5
    assert sum(found.flag for found in pipeline.risks.read(late)) >= 4
    assert not pipeline.risks.read([KIND * 20])[0].flag


@pytest.mark.slow
@pytest.mark.parametrize("name", ["held_out", "fresh"])
def test_held_out_scenarios_are_heard_and_ordinary_comments_are_left_alone(pipeline: Pipeline, name: str) -> None:
    held_out = examples(bundle.safety_examples(name))
    aside, rest = ordinary(EXPORT if EXPORT.exists() else ORDINARY, "FFT answer")
    found = measured(pipeline.risks, held_out, rest if EXPORT.exists() else [*aside, *rest])
    assert found["recall"] >= 0.95
    assert found["precision"] >= 0.7
    assert found["ordinary_flagged"] <= 0.08
    assert min(found["positives"], found["harmless"]) >= 80


@pytest.mark.slow
def test_vivid_praise_and_everyday_complaints_are_mostly_left_alone(pipeline: Pipeline) -> None:
    """Measured: 22 % marked; it was 51 % before such writing, and what warmth is, were learned from."""
    prose = examples(bundle.safety_examples("prose"))
    assert len(prose) > 250 and not any(one.kinds for one in prose)
    assert np.mean([found.flag for found in pipeline.risks.read([one.text for one in prose])]) <= 0.28


def test_the_examples_cover_every_kind_and_audience_and_share_no_scenario_across_the_split() -> None:
    taught, aside, fresh = (examples(bundle.safety_examples(name)) for name in ("train", "held_out", "fresh"))
    assert not {one.scenario for one in taught} & {one.scenario for one in (*aside, *fresh)}
    assert not {one.text for one in taught} & {one.text for one in (*aside, *fresh)}
    assert len(taught) + len(aside) >= 360
    for part in (taught, aside, fresh):
        assert {kind for one in part for kind in one.kinds} == set(KINDS)
        assert {one.audience for one in part} == {"patient", "carer", "staff"}
        assert 0.4 < sum(not one.kinds for one in part) / len(part) < 0.65


def test_a_batch_reads_as_each_comment_alone_and_twice_the_same(pipeline: Pipeline) -> None:
    texts = [text for _, text in TOLD] + NOT_MEANT + ["", " ", "?!", "no.\n\nHe hit me again"]
    together = pipeline.risks.read(texts)
    assert together == pipeline.risks.read(texts)
    assert together == [pipeline.risks.read([text])[0] for text in texts]
    assert pipeline.risks.read([]) == []


def test_training_learns_from_its_examples_alone(pipeline: Pipeline, tmp_path: Path) -> None:
    taught = [
        Example(f"{kind} {word}", "staff", (kind,), f"the {kind.replace('_', ' ')} {word} zebra")
        for kind in KINDS
        for word in ("one", "two", "three")
    ]
    calm = [Example(f"calm {n}", "staff", (), f"lovely lunch number {n}") for n in range(20)]
    phrases = Phrases("[figure of speech]\nnever said\n[self_harm]\nnever said")
    model = train([*taught, *calm], [f"good food on day {n}" for n in range(60)], pipeline.risks.hear, phrases)
    identity = model.save(tmp_path)
    restored = RiskNet(type(model).restore(bundle.Bundle.load(tmp_path)), phrases, pipeline.risks.hear)
    assert identity.startswith("safety-")
    flags = [found.flag for found in restored.read([taught[0].text, "nice lunch number 3", "good food on day 80"])]
    assert flags == [True, False, False]
