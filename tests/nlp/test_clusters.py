"""Discovered themes: planted groups are found, results repeat, identities survive more data."""

from __future__ import annotations

import numpy as np
import pytest
from earshot_nlp.clusters import assign, default_count, discover, match
from earshot_nlp.types import Matrix

SUBJECTS = ["parking", "food", "noise", "waiting", "nurses"]


def planted(each: int, seed: int = 0) -> tuple[list[str], Matrix, np.ndarray]:
    draw = np.random.default_rng(seed)
    centres = np.linalg.qr(np.random.default_rng(42).normal(size=(384, len(SUBJECTS))))[0].T
    truth = np.repeat(np.arange(len(SUBJECTS)), each)
    vectors = centres[truth] + draw.normal(scale=0.02, size=(len(truth), 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"The {SUBJECTS[k]} was number {i} in the {SUBJECTS[k]} list" for i, k in enumerate(truth)]
    return texts, vectors.astype(np.float32), truth


def test_the_same_previous_clusters_are_matched_one_to_one() -> None:
    centroids = np.eye(5, 384, dtype=np.float32)
    new = np.concatenate([centroids[[3, 0, 4]], np.eye(9, 384, dtype=np.float32)[[8]]])
    assert match(centroids, new) == {0: 3, 1: 0, 2: 4}
    assert match(np.zeros((0, 384), np.float32), new) == {}


def test_new_texts_join_the_nearest_cluster_or_none() -> None:
    centroids = np.eye(2, 384, dtype=np.float32)
    assert assign(np.eye(3, 384, dtype=np.float32), centroids).tolist() == [0, 1, -1]


def test_the_number_of_clusters_grows_slowly() -> None:
    assert [default_count(n) for n in (20, 3735, 100_000)] == [4, 43, 60]


def test_few_texts_give_no_clusters() -> None:
    texts, vectors, _ = planted(3)
    found = discover(texts, vectors)
    assert found.clusters == () and set(found.assignment.tolist()) == {-1}


@pytest.mark.slow
def test_planted_groups_are_found_named_and_kept_when_data_grows() -> None:
    texts, vectors, truth = planted(30)
    found = discover([*texts, ""], np.concatenate([vectors, np.zeros((1, 384), np.float32)]), count=5)
    assert found.assignment[-1] == -1
    assert len(found.clusters) == 5
    for cluster in found.clusters:
        members = np.flatnonzero(found.assignment == cluster.id)
        assert len(set(truth[members])) == 1 and cluster.size == 30
        assert cluster.words[0] == SUBJECTS[truth[members[0]]]
        assert len(set(cluster.exemplars)) == 3 and set(cluster.exemplars) <= set(members.tolist())
    again = discover([*texts, ""], np.concatenate([vectors, np.zeros((1, 384), np.float32)]), count=5)
    assert np.array_equal(found.assignment, again.assignment)
    more_texts, more, _ = planted(33, seed=1)
    grown = discover(more_texts, more, previous=found.centroids)
    pairs = match(found.centroids, grown.centroids)
    assert sorted(pairs) == sorted(pairs.values()) == [0, 1, 2, 3, 4]
    for new, old in pairs.items():
        assert grown.clusters[new].words[0] == found.clusters[old].words[0]
