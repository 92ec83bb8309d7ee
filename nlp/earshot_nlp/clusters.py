"""Themes that nobody named beforehand: groups of comments found in the text, whose identities stay on refit.

The only module that uses BERTopic, which is imported when it is first needed because that takes seconds. Its slots for
reduction and clustering stay empty: k-means on the sphere gave even, readable groups on real comments, where density
methods left many comments out or found a handful of groups, and its arithmetic can be made exact (`grouping`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer

from earshot_nlp.cluster_words import WORD, together, vocabulary
from earshot_nlp.features import folded, plain
from earshot_nlp.grouping import GRID, Grid, fresh, nearest
from earshot_nlp.growth import grown
from earshot_nlp.lineage import Link, lineage
from earshot_nlp.types import Matrix

__all__ = ["OUTLIER", "Cluster", "Discovery", "Link", "assign", "default_count", "discover", "lineage"]

OUTLIER = -1
WORDS = 8
CANDIDATES = 25
"""Words of a cluster among which its `WORDS` are chosen."""

SAMPLE = 15_000
"""Which words occur, and which occur together, is counted in about so many texts, evenly spaced."""

FEWEST = 3
"""A cluster of fewer texts is none: they join the next."""

EXEMPLARS = 3
LEAST_SIMILARITY = 0.25
"""A text whose cosine with every centroid is lower belongs to no cluster."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """A group found in the text: its words (best first), its size, and the indices of three typical but different
    texts.
    """

    id: int
    words: tuple[str, ...]
    size: int
    exemplars: tuple[int, ...]
    centroid: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Discovery:
    """Clusters, largest first, and each text's cluster id (-1: none), shape (texts,)."""

    clusters: tuple[Cluster, ...]
    assignment: Indices

    @property
    def centroids(self) -> Matrix:
        """The clusters' mean embeddings, length 1, shape (clusters, 384), in the order of the clusters."""
        return np.asarray([cluster.centroid for cluster in self.clusters], dtype=np.float32).reshape(
            len(self.clusters), -1
        )


def discover(
    texts: Sequence[str],
    embeddings: Matrix,
    *,
    count: int | None = None,
    previous: Matrix | None = None,
    random_state: int = 0,
) -> Discovery:
    """Find groups of texts that speak of the same.

    Args:
        texts: de-identified texts. embeddings: their embeddings, shape (texts, 384), rows of length 1.
        count: how many clusters to look for; None lets it grow with the square root of the number of texts.
        previous: centroids of the last fit; the search starts from them, so that most texts stay where they were,
            while new clusters may emerge and those that became the same are put together.
        random_state: the same number and data give the same result, on any machine and in any order.

    Fewer than 20 texts give no clusters. Texts like no cluster's centroid are outliers (-1).
    """
    if len(texts) != len(embeddings):
        raise ValueError("There must be one embedding for each text.")
    assignment = np.full(len(texts), OUTLIER, dtype=np.int64)
    read = np.flatnonzero(np.linalg.norm(embeddings, axis=1) > 0.5)
    if len(read) < 20:
        return Discovery((), assignment)
    rows = Grid.of(embeddings[read])
    centroids = _centroids(rows.take(rows.order()), count or default_count(len(read)), previous, random_state)
    assignment[read], kept = _settled(rows, centroids)
    return _describe(texts, embeddings, assignment, kept)


def default_count(texts: int) -> int:
    """Give the number of clusters looked for among so many texts: √(n/2), between 4 and 60."""
    return int(np.clip(round((texts / 2) ** 0.5), 4, 60))


def assign(embeddings: Matrix, centroids: Matrix) -> Indices:
    """Give each embedding the index of its most similar centroid, or -1 below LEAST_SIMILARITY.

    This is how new texts join clusters without a refit.
    """
    if not len(centroids):
        return np.full(len(embeddings), OUTLIER, dtype=np.int64)
    likeness = embeddings @ centroids.T
    best = likeness.argmax(axis=1)
    return np.where(likeness.max(axis=1) >= LEAST_SIMILARITY, best, OUTLIER).astype(np.int64)


def _centroids(rows: Grid, count: int, previous: Matrix | None, random_state: int) -> Grid:
    if previous is not None and len(previous):
        return grown(rows, Grid.of(previous), count, random_state)
    return fresh(rows, count, random_state)


def _settled(rows: Grid, centroids: Grid) -> tuple[Indices, Matrix]:
    """Each row's cluster or -1, and the centroids of those clusters that enough rows have joined."""
    while len(centroids):
        joined, like = nearest(rows, centroids)
        joined[like < LEAST_SIMILARITY * GRID**2] = OUTLIER
        sizes = np.bincount(joined[joined >= 0], minlength=len(centroids))
        if sizes.min() >= FEWEST:
            return joined, np.asarray(centroids.real / np.float32(GRID))
        centroids = centroids.take(np.flatnonzero(sizes >= FEWEST))
    return np.full(len(rows), OUTLIER, dtype=np.int64), np.zeros((0, rows.whole.shape[1]), np.float32)


def _describe(texts: Sequence[str], embeddings: Matrix, assignment: Indices, centroids: Matrix) -> Discovery:
    """Number the clusters by size, name them by their words and choose their exemplars."""
    sizes = np.bincount(assignment[assignment >= 0], minlength=len(centroids))
    order = sorted(range(len(centroids)), key=lambda group: (-int(sizes[group]), group))
    renumbered = np.full(len(assignment), OUTLIER, dtype=np.int64)
    for number, group in enumerate(order):
        renumbered[assignment == group] = number
    words = _words(texts, renumbered, len(order))
    clusters = []
    for number, group in enumerate(order):
        members = np.flatnonzero(renumbered == number)
        chosen = _exemplars(members, embeddings, centroids[group])
        clusters.append(Cluster(number, words[number], len(members), chosen, centroids[group]))
    return Discovery(tuple(clusters), renumbered)


def _words(texts: Sequence[str], assignment: Indices, count: int) -> list[tuple[str, ...]]:
    """Name clusters by class-based TF-IDF (Grootendorst 2022), computed by BERTopic on groups that are
    already known.
    """
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.vectorizers import ClassTfidfTransformer

    inside = np.flatnonzero(assignment >= 0).tolist()
    found: list[list[tuple[str, float]]] = [[] for _ in range(count)]
    documents = [folded(plain(texts[index])).replace("someone", " ") or "-" for index in inside]
    sample = documents[:: 1 + len(documents) // SAMPLE]
    known = vocabulary(sample)
    if not known:
        return [() for _ in range(count)]
    topics: Any = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(vocabulary=known, token_pattern=WORD),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True),
        top_n_words=CANDIDATES,
    )
    topics.fit(documents, embeddings=np.zeros((len(inside), 2)), y=assignment[inside])
    mapped = dict(zip(topics.topics_, assignment[inside].tolist(), strict=True))
    for topic, number in mapped.items():
        found[number] = [(word, float(weight)) for word, weight in topics.get_topic(topic) if word and weight > 0]
    return together(found, sample, WORDS)


def _exemplars(members: Indices, embeddings: Matrix, centroid: npt.NDArray[np.float32]) -> tuple[int, ...]:
    """Choose typical texts that differ: maximal marginal relevance (Carbonell and Goldstein 1998), half and half."""
    near = members[np.argsort(-(embeddings[members] @ centroid), kind="stable")][:50]
    chosen: list[int] = []
    while len(chosen) < min(EXEMPLARS, len(near)):
        likeness = embeddings[near] @ centroid
        if chosen:
            likeness = 0.5 * likeness - 0.5 * (embeddings[near] @ embeddings[chosen].T).max(axis=1)
        likeness[np.isin(near, chosen)] = -np.inf
        chosen.append(int(near[likeness.argmax()]))
    return tuple(chosen)
