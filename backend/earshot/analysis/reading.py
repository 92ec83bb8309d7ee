"""The language library inside the worker: loaded once, one batch at a time, off the event loop."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from uuid import uuid4

from earshot_nlp import adapt
from earshot_nlp.adapt import Change, Corrected
from earshot_nlp.features import folded
from earshot_nlp.pipeline import Pipeline
from earshot_nlp.types import Analysis, Redaction, RedactionFailed, Text

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


async def use(bundle_id: str | None, bundles: Path) -> tuple[str, dict[str, float]]:
    """Read with a model from now on, and give the id and thresholds of the one in use.

    A model whose files are not in `bundles` gives way to the one that comes with Earshot, so that after a restore
    without them comments are read all the same; files that were altered raise `BundleRefused`.
    """
    folder = bundles / bundle_id if bundle_id else None
    async with _turn:
        _in_use["folder"] = folder if folder is not None and folder.is_dir() else None
        now = await asyncio.to_thread(pipeline)
    return now.bundle_id, thresholds(now)


def thresholds(of: Pipeline) -> dict[str, float]:
    """The probability from which each theme is claimed."""
    return {label: round(float(p), 4) for label, p in zip(of.labels, of.model.themes.thresholds_, strict=True)}


async def redact(texts: Sequence[str]) -> list[Redaction | RedactionFailed]:
    """De-identify a batch."""
    async with _redacting:
        return await asyncio.to_thread(lambda: pipeline().redact(texts))


async def analyse(texts: Sequence[Text]) -> list[Analysis]:
    """Analyse a batch of de-identified texts."""
    async with _turn:
        return await asyncio.to_thread(lambda: pipeline().analyse(texts))


def clusters() -> ModuleType:
    """The part that finds themes; imported on first use, since BERTopic takes seconds and only one stage needs it."""
    return import_module("earshot_nlp.clusters")


@dataclass(frozen=True)
class Learned:
    """A model that learned: its id, its thresholds, and what changed on corrections that it had not seen."""

    id: str
    thresholds: dict[str, float]
    change: Change


async def learn(corrected: Iterable[tuple[str, str, Sequence[str]]], bundles: Path, *, fewest: int) -> Learned | None:
    """Learn from (text, question, themes) and keep the new model in `bundles`, unless it is worse.

    None where there are too few different wordings.
    """
    given = [Corrected(text, question, tuple(themes)) for text, question, themes in corrected]
    async with _turn:
        return await asyncio.to_thread(_learn, given, bundles, fewest)


def _learn(given: Sequence[Corrected], bundles: Path, fewest: int) -> Learned | None:
    now = pipeline()
    try:
        vectors = now.vectors([Text(one.text, one.question) for one in given])
        model, change = adapt.learn(now.model, given, vectors, fewest=fewest)
    except adapt.TooFewCorrections:
        return None
    fresh = bundles / f"new-{uuid4()}"
    made = model.save(fresh)
    if change.worse or (bundles / made).exists():
        shutil.rmtree(fresh)
    else:
        fresh.rename(bundles / made)
    themes = zip(now.labels, model.themes.thresholds_, strict=True)
    return Learned(made, {label: round(float(p), 4) for label, p in themes}, change)


def unknown_words(texts: Sequence[str]) -> list[float]:
    """The share of each text's words that the model in use was never shown (0 to 1; 0 for a text without words)."""
    known = frozenset(pipeline().model.text.words_)
    found = [_WORD.findall(folded(text)) for text in texts]
    return [sum(word not in known for word in words) / max(len(words), 1) for words in found]
