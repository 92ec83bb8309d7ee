"""Themes that nobody named beforehand: groups of comments found in the text, whose identities stay on refit.

The only module that uses BERTopic, which is imported when it is first needed because that takes seconds. Its slots for
reduction and clustering stay empty: on 3,735 real comments k-means on 50 principal components gave even, readable
groups in a second, where density methods left many comments out or found a handful of groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer

from earshot_nlp.features import folded, plain
from earshot_nlp.types import Matrix

OUTLIER = -1
COMPONENTS = 50
WORDS = 8
EXEMPLARS = 3
LEAST_SIMILARITY = 0.25
"""A text whose cosine with every centroid is lower belongs to no cluster."""

SAME_CLUSTER = 0.80
"""Centroids of two fits at least this alike (cosine) are the same cluster."""

_WORD = r"(?u)\b[^\W\d_][\w'’]+\b"

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
        previous: centroids of the last fit; the search starts from them, so that most texts stay where they were.
        random_state: the same number and data give the same result.

    Fewer than 20 texts give no clusters. Texts like no cluster's centroid are outliers (-1).
    """
    if len(texts) != len(embeddings):
        raise ValueError("There must be one embedding for each text.")
    assignment = np.full(len(texts), OUTLIER, dtype=np.int64)
    read = np.flatnonzero(np.linalg.norm(embeddings, axis=1) > 0.5)
    if len(read) < 20:
        return Discovery((), assignment)
    vectors = np.asarray(embeddings[read], dtype=np.float32)
    groups = _group(vectors, count or default_count(len(read)), previous, random_state)
    centroids = _centroids(vectors, groups)
    assignment[read] = assign(vectors, centroids)
    kept = [group for group in range(len(centroids)) if (assignment == group).sum() >= 3]
    return _describe(texts, embeddings, assignment, centroids, kept)


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


def match(previous: Matrix, new: Matrix) -> dict[int, int]:
    """Say which new cluster is which earlier one: new index → earlier index, by cosine, one to one (Kuhn 1955).

    Clusters without a partner of cosine SAME_CLUSTER or more are new and are left out.
    """
    if not len(previous) or not len(new):
        return {}
    likeness = np.asarray(new, dtype=np.float64) @ np.asarray(previous, dtype=np.float64).T
    rows, columns = linear_sum_assignment(-likeness)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if likeness[row, column] >= SAME_CLUSTER}


def _group(vectors: Matrix, count: int, previous: Matrix | None, random_state: int) -> Indices:
    """Cluster in the space of the main components, where directions that only noise uses are gone."""
    components = min(COMPONENTS, *vectors.shape)
    space = PCA(components, svd_solver="covariance_eigh").fit(vectors)
    reduced = _unit(space.transform(vectors))
    if previous is not None and 1 < len(previous) <= len(vectors):
        means = KMeans(len(previous), init=_unit(space.transform(previous)), n_init=1)
    else:
        different = len(np.unique(reduced.round(4), axis=0))
        means = KMeans(min(count, different), n_init=4, random_state=random_state)
    return np.asarray(means.fit_predict(reduced), dtype=np.int64)


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _centroids(vectors: Matrix, groups: Indices) -> Matrix:
    means = np.stack([vectors[groups == group].mean(axis=0) for group in np.unique(groups)])
    return _unit(means)


def _describe(
    texts: Sequence[str], embeddings: Matrix, assignment: Indices, centroids: Matrix, kept: Sequence[int]
) -> Discovery:
    """Number the kept clusters by size, name them by their words and choose their exemplars."""
    order = sorted(kept, key=lambda group: (-int((assignment == group).sum()), group))
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
    named: list[tuple[str, ...]] = [() for _ in range(count)]
    documents = [folded(plain(texts[index])).replace("someone", " ") or "-" for index in inside]
    vocabulary = _vocabulary(documents)
    if not vocabulary:
        return named
    topics: Any = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(vocabulary=vocabulary, token_pattern=_WORD),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True),
        top_n_words=WORDS,
    )
    topics.fit(documents, embeddings=np.zeros((len(inside), 2)), y=assignment[inside])
    mapped = dict(zip(topics.topics_, assignment[inside].tolist(), strict=True))
    for topic, number in mapped.items():
        named[number] = tuple(word for word, weight in topics.get_topic(topic) if word and weight > 0)
    return named


def _vocabulary(documents: Sequence[str]) -> list[str]:
    """Give the words that may name a cluster: no stop words, and none so rare that only chance put it there."""
    least = 2 if len(documents) < 500 else 5
    words = CountVectorizer(stop_words="english", token_pattern=_WORD, min_df=min(least, len(documents)))
    try:
        words.fit(documents)
    except ValueError:  # nothing but stop words and rare ones
        return []
    return [str(word) for word in words.get_feature_names_out()]


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
