"""Learning from corrections: towards what people said, no further than they said it, and never for the worse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from earshot_nlp.adapt import (
    Change,
    Corrected,
    Outcome,
    SentimentChange,
    TooFewCorrections,
    adapt,
    features_of,
    held_out,
    learn,
)
from earshot_nlp.bundle import Bundle
from earshot_nlp.manner import with_manner
from earshot_nlp.model import Model
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.train import Columns, fit, out_of_fold, read_examples
from earshot_nlp.types import Matrix, Text

pytestmark = pytest.mark.slow

LABELS = ("Food, drink", "Waiting", "Staff")
PLACES = [
    *("Alder", "Birch", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Larch", "Maple"),
    *("Nettle", "Oak", "Pine", "Rowan", "Sorrel", "Thyme"),
]


@pytest.fixture(scope="module")
def model(labelled: Path, pipeline: Pipeline) -> Model:
    examples = read_examples(labelled, Columns("comment", LABELS, question="question", sentiment="rating"))
    embeddings = pipeline.embed(examples.texts)
    made = fit(examples, embeddings)
    made.themes.calibrate(out_of_fold(examples, embeddings).scores, examples.targets)
    return made


def local(labels: tuple[str, ...] = ("Waiting",)) -> list[Corrected]:
    """How people of one trust say that they waited, which the model was never told; and others about food."""
    said = [
        Corrected(f"The board in {place} said {n} ahead of us", "How was it?", labels)
        for place in PLACES
        for n in (9, 14, 21)
    ]
    return said + [Corrected(f"The food in {place} was lovely", "How was it?", ("Food, drink",)) for place in PLACES]


def embedded(pipeline: Pipeline, corrected: Sequence[Corrected]) -> Matrix:
    return pipeline.embed([one.text for one in corrected])


def test_what_people_said_again_and_again_is_learned_and_helps_on_texts_not_learned_from(
    model: Model, pipeline: Pipeline
) -> None:
    corrected = local()
    learned, outcome = learn(model, corrected, embedded(pipeline, corrected))
    change = outcome.themes
    assert change is not None
    assert outcome.sentiment is None, "nobody said what they felt"
    assert change.learned_from + change.held_out == len(corrected)
    assert change.held_out >= 5
    assert (change.micro_after, change.worse) == (1.0, False)
    assert change.micro_after > change.micro_before
    waiting = next(row for row in change.labels if row.label == "Waiting")
    assert (waiting.before < 0.5, waiting.after) == (True, 1.0)
    new = Text("The board in Willow said 30 ahead of us", "How was it?")
    features = features_of(learned, [new], pipeline.embed([new.text]))
    assert learned.themes.predict(features)[0].tolist() == [0, 1, 0]
    assert learned.meta["parent"] == model.id


def test_the_model_that_was_learned_from_stays_as_it_was(model: Model, pipeline: Pipeline) -> None:
    before = [array.copy() for array in (model.themes.coef_, model.themes.intercept_, model.themes.thresholds_)]
    learn(model, local(), embedded(pipeline, local()))
    after = (model.themes.coef_, model.themes.intercept_, model.themes.thresholds_)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_what_nobody_corrected_is_still_read_as_before(model: Model, pipeline: Pipeline) -> None:
    learned, _ = learn(model, local(), embedded(pipeline, local()))
    old = [
        Text(text, "How was it?") for text in ("Dinner was cold again", "The nurses were kind", "The doctor was rude")
    ]
    features = features_of(model, old, pipeline.embed([text.text for text in old]))
    assert np.array_equal(learned.themes.predict(features), model.themes.predict(features))


def test_the_same_corrections_give_the_same_model(model: Model, pipeline: Pipeline, tmp_path: Path) -> None:
    ids = [learn(model, local(), embedded(pipeline, local()))[0].save(tmp_path / name) for name in ("one", "two")]
    assert ids[0] == ids[1]
    restored = Model.restore(Bundle.load(tmp_path / "one"))
    assert (restored.id, restored.meta["parent"]) == (ids[0], model.id)
    assert re.fullmatch(r"fold-[0-9a-f]{12}", ids[0])


def test_the_same_fifth_of_wordings_is_always_held_out() -> None:
    texts = [f"Comment number {n}" for n in range(500)]
    held = held_out(texts)
    assert 70 < held.sum() < 130
    assert np.array_equal(held_out([text.upper() + "!" for text in texts]), held), "the same words in another dress"
    assert np.array_equal(held_out(texts[::-1])[::-1], held)


def test_a_wording_that_came_twice_counts_once_as_corrected_last(model: Model, pipeline: Pipeline) -> None:
    corrected = [*local(("Staff",)), *local()]
    change = learn(model, corrected, embedded(pipeline, corrected))[1].themes
    assert change is not None
    assert change.learned_from + change.held_out == len(local())
    assert not [row for row in change.labels if row.label == "Staff" and row.n]


def test_too_few_corrections_are_refused(model: Model, pipeline: Pipeline) -> None:
    few = local()[:10] * 20
    with pytest.raises(TooFewCorrections):
        learn(model, few, embedded(pipeline, few))


def test_a_model_that_does_worse_on_either_average_is_refused() -> None:
    def change(macro: float, micro: float) -> Change:
        return Change(100, 25, 0.6, macro, 0.7, micro, ())

    assert not change(0.6, 0.7).worse
    assert not change(0.597, 0.8).worse
    assert change(0.59, 0.9).worse
    assert change(0.9, 0.69).worse


def test_corrections_that_agree_with_the_model_leave_its_decisions(model: Model, pipeline: Pipeline) -> None:
    texts = [
        Text(f"The food in {place} was {how}", "How was it?") for place in PLACES for how in ("cold", "tasty", "late")
    ]
    features = features_of(model, texts, pipeline.embed([text.text for text in texts]))
    said = model.themes.predict(features)
    adapted = adapt(model.themes, features, said, groups=np.arange(len(texts)) % 5)
    assert np.array_equal(adapted.predict(features), said)


def felt(rating: int = 5) -> list[Corrected]:
    """What people of one trust felt when they spoke of a board, in words that the model was never shown."""
    boards = [f"The board in {place} said {n} ahead of us" for place in PLACES for n in (9, 14, 21)]
    kind = [f"The nurses in {place} were kind" for place in PLACES]
    return [
        *(Corrected(text, "How was it?", None, rating) for text in boards),
        *(Corrected(text, "How was it?", None, 1) for text in kind),
    ]


@pytest.mark.parametrize("rating", [1, 5])
def test_sentiment_is_learned_too_and_themes_stay_when_nobody_spoke_of_them(
    model: Model, pipeline: Pipeline, rating: int
) -> None:
    corrected = felt(rating)
    learned, outcome = learn(model, corrected, embedded(pipeline, corrected))
    change = outcome.sentiment
    assert change is not None
    assert (outcome.themes, outcome.worse) == (None, False)
    assert learned.themes is model.themes
    assert (change.learned_from + change.held_out, change.accuracy_after) == (len(corrected), 1.0)
    assert change.accuracy_after >= change.accuracy_before
    assert sum(one.n for one in change.labels) == change.held_out
    new = Text("The board in Willow said 30 ahead of us", "How was it?")
    assert learned.ratings is not None
    heard = with_manner(features_of(learned, [new], pipeline.embed([new.text])), [new.text])
    assert learned.ratings.predict(heard).tolist() == [rating]


def test_a_rating_that_the_model_does_not_know_is_not_learned_from(model: Model, pipeline: Pipeline) -> None:
    corrected = [*local(), *felt(3)[:10], *felt()]
    change = learn(model, corrected, embedded(pipeline, corrected))[1].sentiment
    assert change is not None
    assert {one.label for one in change.labels} <= {"1", "5"}, "the fixture has no other ratings"


def test_a_part_that_did_worse_stays_as_it_was_and_the_other_is_used() -> None:
    good = Change(100, 25, 0.6, 0.7, 0.7, 0.8, ())
    bad = SentimentChange(100, 25, 0.6, 0.5, 0.6, 0.7, ())
    assert (good.worse, bad.worse) == (False, True)
    assert not Outcome(good, bad).worse
    assert Outcome(None, bad).worse


def test_sentiment_that_did_worse_on_held_out_corrections_is_not_used(model: Model, pipeline: Pipeline) -> None:
    """Those to learn from say one thing, those that are held out another."""
    texts = [one.text for one in felt()]
    corrected = [
        Corrected(text, "How was it?", None, rating)
        for text, held, rating in zip(texts, held_out(texts), _said(model, pipeline, texts), strict=True)
        for rating in [rating if held else 6 - rating]
    ]
    learned, outcome = learn(model, corrected, embedded(pipeline, corrected))
    assert outcome.sentiment is not None
    assert (outcome.sentiment.accuracy_before, outcome.worse) == (1.0, True)
    assert learned.ratings is model.ratings


def _said(model: Model, pipeline: Pipeline, texts: Sequence[str]) -> list[int]:
    assert model.ratings is not None
    features = features_of(model, [Text(text, "How was it?") for text in texts], pipeline.embed(texts))
    said: list[int] = model.ratings.predict(with_manner(features, texts)).tolist()
    return said
