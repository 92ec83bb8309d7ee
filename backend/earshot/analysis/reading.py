"""The language library inside the worker: loaded once, one batch at a time, off the event loop."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeAlias
from uuid import uuid4

from earshot_nlp import adapt
from earshot_nlp.features import folded
from earshot_nlp.model import Model
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.types import Analysis, Redaction, RedactionFailed, Text

# The nouns of learning, for the stage that may not know the language library itself.
Corrected: TypeAlias = adapt.Corrected
Change: TypeAlias = adapt.Change
SentimentChange: TypeAlias = adapt.SentimentChange
Outcome: TypeAlias = adapt.Outcome

# The models use every core they are given, so two batches at once would only slow each other down. De-identifying
# keeps to one core, and goes on beside them.
_turn = asyncio.Lock()
_redacting = asyncio.Lock()


_WORD = re.compile(r"[^\W\d_]{2,}")
_in_use: dict[str, Path | None] = {"folder": None}  # None: the model that comes with Earshot


@lru_cache(maxsize=1)
def _loaded(folder: Path | None) -> Pipeline:
    return Pipeline.load(folder)


def pipeline() -> Pipeline:
    """The pipeline of this process."""
    return _loaded(_in_use["folder"])


@dataclass(frozen=True)
class InUse:
    """The model that reads: its id, the probability from which each theme is claimed, and the band around it."""

    id: str
    thresholds: dict[str, float]
    bands: dict[str, list[float]]

    @classmethod
    def of(cls, bundle_id: str, model: Model) -> InUse:
        """What is known of a model."""
        themes = model.themes
        cuts = {label: round(float(p), 4) for label, p in zip(model.labels, themes.thresholds_, strict=True)}
        ends = {
            label: [round(float(p), 4) for p in ends] for label, ends in zip(model.labels, themes.bands_, strict=True)
        }
        return cls(bundle_id, cuts, ends)


async def use(bundle_id: str | None, bundles: Path) -> InUse:
    """Read with a model from now on, and say what is known of the one in use.

    A model whose files are not in `bundles` gives way to the one that comes with Earshot, so that after a restore
    without them comments are read all the same; files that were altered raise `BundleRefused`.
    """
    folder = bundles / bundle_id if bundle_id else None
    async with _turn:
        _in_use["folder"] = folder if folder is not None and folder.is_dir() else None
        now = await asyncio.to_thread(pipeline)
    return InUse.of(now.bundle_id, now.model)


async def redact(texts: Sequence[str]) -> list[Redaction | RedactionFailed]:
    """De-identify a batch."""
    async with _redacting:
        return await asyncio.to_thread(lambda: pipeline().redact(texts))


async def analyse(texts: Sequence[Text]) -> list[Analysis]:
    """Analyse a batch of de-identified texts."""
    async with _turn:
        return await asyncio.to_thread(lambda: pipeline().analyse(texts))


@dataclass(frozen=True)
class Heard:
    """A text without what identifies people, the kinds of what was taken out, and what was understood of it."""

    text: str
    identifiers: tuple[str, ...]
    analysis: Analysis


async def hear(texts: Sequence[tuple[str, str]]) -> list[Heard | None]:
    """De-identify and analyse texts, each with who spoke (patient, carer, staff); nothing of it is kept here.

    None stands in the place of a text that could not be de-identified.
    """
    if not texts:
        return []  # without loading the models
    redactions = await redact([text for text, _ in texts])
    clean = [
        (number, redaction) for number, redaction in enumerate(redactions) if not isinstance(redaction, RedactionFailed)
    ]
    analyses = await analyse([Text(redaction.text, None, texts[number][1]) for number, redaction in clean])
    heard: list[Heard | None] = [None] * len(texts)
    for (number, redaction), analysis in zip(clean, analyses, strict=True):
        heard[number] = Heard(redaction.text, tuple(one.kind for one in redaction.identifiers), analysis)
    return heard


def clusters() -> ModuleType:
    """The part that finds themes; imported on first use, since BERTopic takes seconds and only one stage needs it."""
    return import_module("earshot_nlp.clusters")


@dataclass(frozen=True)
class Learned:
    """A model that learned, and what changed on corrections that it had not seen."""

    model: InUse
    outcome: Outcome


async def learn(corrected: Sequence[Corrected], bundles: Path, *, fewest: int) -> Learned | None:
    """Learn from corrections and keep the new model in `bundles`, unless all that was learned is worse.

    None where there are too few different wordings.
    """
    async with _turn:
        return await asyncio.to_thread(_learn, corrected, bundles, fewest)


def _learn(given: Sequence[Corrected], bundles: Path, fewest: int) -> Learned | None:
    now = pipeline()
    try:
        vectors = now.vectors([Text(one.text, one.question) for one in given])
        model, outcome = adapt.learn(now.model, given, vectors, fewest=fewest)
    except adapt.TooFewCorrections:
        return None
    fresh = bundles / f"new-{uuid4()}"
    made = model.save(fresh)
    if outcome.worse or (bundles / made).exists():
        shutil.rmtree(fresh)
    else:
        fresh.rename(bundles / made)
    return Learned(InUse.of(made, model), outcome)


def unknown_words(texts: Sequence[str]) -> list[float]:
    """The share of each text's words that the model in use was never shown (0 to 1; 0 for a text without words)."""
    known = frozenset(pipeline().model.text.words_)
    found = [_WORD.findall(folded(text)) for text in texts]
    return [sum(word not in known for word in words) / max(len(words), 1) for words in found]
