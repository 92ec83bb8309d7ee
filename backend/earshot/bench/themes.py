"""`earshot bench themes`: themes discovered here and by BERTopic as it comes, from the same embeddings in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from earshot_nlp.clusters import WORDS, Discovery, discover, lineage
from earshot_nlp.embed import Embedder

from earshot.bench.coherence import Topics, diversity, npmi
from earshot.bench.corpus import composed, from_file
from earshot.core.errors import EarshotError

FEWEST = 500
MORE = 0.1  # the share of comments that come later
WARM = 4_200  # comments of the uncounted first run: from 4,096 on, UMAP looks for neighbours in another way
_BATCH = 2_000

Report = Callable[[str], None]
Matrix = npt.NDArray[np.float32]


class TooFewComments(EarshotError):
    """The file has too few different comments to compare anything. Give one with at least 550."""


@dataclass(frozen=True)
class ThemeFigures:
    """Seconds on the clock and of the processor, and quality on the same comments with as many words a theme.

    `ids_kept` is the share of comments whose theme stays the same one when a tenth more comments come.
    """

    comments: int
    ours_seconds: float
    stock_seconds: float | None
    times_faster: float | None
    ours_processor_seconds: float
    stock_processor_seconds: float | None
    ours_themes: int
    stock_themes: int | None
    ours_coherence: float
    stock_coherence: float | None
    ours_diversity: float
    stock_diversity: float | None
    ours_outliers: float
    stock_outliers: float | None
    again_seconds: float
    ids_kept: float


@dataclass(frozen=True)
class _Side:
    """One side's time and what it found."""

    seconds: float
    processor: float
    topics: Topics
    outliers: float


def measure(*, comments: int, file: Path | None, column: str, compare: bool, report: Report) -> ThemeFigures:
    """Discover themes on both sides, then again here with a tenth more comments; raises `TooFewComments`."""
    wanted = round(comments * (1 + MORE))
    texts = composed(wanted) if file is None else from_file(file, column, wanted)
    first = round(len(texts) / (1 + MORE))
    if first < FEWEST:
        raise TooFewComments
    vectors = _embedded(texts, report)
    found, ours = _ours(texts[:first], vectors[:first])
    report(f"here: {len(ours.topics)} themes in {ours.seconds:.1f} s")
    stock = _stock(texts[:first], vectors[:first]) if compare else None
    if stock is not None:
        report(f"BERTopic as it comes: {len(stock.topics)} themes in {stock.seconds:.1f} s")
    began = time.perf_counter()
    later = discover(texts, vectors, previous=found.centroids)
    again = time.perf_counter() - began
    report(f"again with {len(texts) - first} more: {len(later.clusters)} themes in {again:.1f} s")
    return _figures(texts[:first], ours, stock, again, _kept(found, later))


def _embedded(texts: Sequence[str], report: Report) -> Matrix:
    embedder = Embedder()
    parts = []
    for start in range(0, len(texts), _BATCH):
        parts.append(embedder.embed(texts[start : start + _BATCH]))
        report(f"embedded {min(start + _BATCH, len(texts)):,} of {len(texts):,} comments")
    return np.concatenate(parts)


def _ours(texts: Sequence[str], vectors: Matrix) -> tuple[Discovery, _Side]:
    discover(texts[:FEWEST], vectors[:FEWEST])  # imports and caches, not counted
    began, spent = time.perf_counter(), time.process_time()
    found = discover(texts, vectors)
    seconds, processor = time.perf_counter() - began, time.process_time() - spent
    outliers = float((found.assignment < 0).mean())
    return found, _Side(seconds, processor, [cluster.words for cluster in found.clusters], outliers)


def _stock(texts: Sequence[str], vectors: Matrix) -> _Side:
    """Run BERTopic with the settings that it comes with: UMAP, HDBSCAN and all words."""
    _bertopic(texts[:WARM], vectors[:WARM])
    began, spent = time.perf_counter(), time.process_time()
    model, labels = _bertopic(texts, vectors)
    seconds, processor = time.perf_counter() - began, time.process_time() - spent
    names = sorted(set(labels.tolist()) - {-1})
    topics = [[word for word, _ in model.get_topic(name) if word][:WORDS] for name in names]
    return _Side(seconds, processor, topics, float((labels < 0).mean()))


def _bertopic(texts: Sequence[str], vectors: Matrix) -> tuple[Any, npt.NDArray[np.int64]]:
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder

    model = BERTopic(embedding_model=BaseEmbedder())  # the embeddings are given
    labels, _ = model.fit_transform(list(texts), embeddings=vectors)
    return model, np.asarray(labels, dtype=np.int64)


def _kept(before: Discovery, after: Discovery) -> float:
    """The share of comments with a theme before whose theme afterwards is the one that continues it."""
    was, now = before.assignment, after.assignment[: len(before.assignment)]
    links = lineage(was, now, after.centroids @ before.centroids.T)
    heirs = {link.earlier: link.later for link in links if link.kind == "kept"}
    pairs = zip(was.tolist(), now.tolist(), strict=True)
    return float(np.mean([heirs.get(old) == new for old, new in pairs if old >= 0]))


def _figures(texts: Sequence[str], ours: _Side, stock: _Side | None, again: float, kept: float) -> ThemeFigures:
    return ThemeFigures(
        comments=len(texts),
        ours_seconds=round(ours.seconds, 2),
        stock_seconds=round(stock.seconds, 2) if stock else None,
        times_faster=round(stock.seconds / ours.seconds, 1) if stock else None,
        ours_processor_seconds=round(ours.processor, 2),
        stock_processor_seconds=round(stock.processor, 2) if stock else None,
        ours_themes=len(ours.topics),
        stock_themes=len(stock.topics) if stock else None,
        ours_coherence=_coherence(ours, texts),
        stock_coherence=_coherence(stock, texts) if stock else None,
        ours_diversity=round(diversity(ours.topics), 4),
        stock_diversity=round(diversity(stock.topics), 4) if stock else None,
        ours_outliers=round(ours.outliers, 4),
        stock_outliers=round(stock.outliers, 4) if stock else None,
        again_seconds=round(again, 2),
        ids_kept=round(kept, 4),
    )


def _coherence(side: _Side, texts: Sequence[str]) -> float:
    return round(float(np.mean(npmi(side.topics, texts))), 4)
