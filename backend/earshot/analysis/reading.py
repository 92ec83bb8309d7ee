"""The language library inside the worker: loaded once, one batch at a time, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

from earshot_nlp.pipeline import Pipeline
from earshot_nlp.types import Analysis, Redaction, RedactionFailed, Text

# The models use every core they are given, so two batches at once would only slow each other down.
_turn = asyncio.Lock()


@cache
def pipeline() -> Pipeline:
    """The pipeline of this process."""
    return Pipeline.load()


async def redact(texts: Sequence[str]) -> list[Redaction | RedactionFailed]:
    """De-identify a batch."""
    async with _turn:
        return await asyncio.to_thread(lambda: pipeline().redact(texts))


async def analyse(texts: Sequence[Text]) -> list[Analysis]:
    """Analyse a batch of de-identified texts."""
    async with _turn:
        return await asyncio.to_thread(lambda: pipeline().analyse(texts))


def clusters() -> ModuleType:
    """The part that finds themes; imported on first use, since BERTopic takes seconds and only one stage needs it."""
    return import_module("earshot_nlp.clusters")
