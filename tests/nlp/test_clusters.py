"""Discovered themes: planted groups are found, results repeat, identities survive more data, new groups emerge."""

from __future__ import annotations

import numpy as np
import pytest
from earshot_nlp.cluster_words import together, vocabulary
from earshot_nlp.clusters import assign, default_count, discover
from earshot_nlp.grouping import GRID, Grid, centroids_of, fresh, likeness, nearest
from earshot_nlp.growth import grown
from earshot_nlp.lineage import Link, lineage
from earshot_nlp.types import Matrix

SUBJECTS = ["parking", "food", "noise", "waiting", "nurses"]
CENTRES = np.linalg.qr(np.random.default_rng(42).normal(size=(384, 8)))[0].T


def around(centres: Matrix, each: int, seed: int, scale: float = 0.02) -> Matrix:
    vectors = np.repeat(centres, each, axis=0) + np.random.default_rng(seed).normal(
        scale=scale, size=(each * len(centres), 384)
    )
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def planted(each: int, seed: int = 0) -> tuple[list[str], Matrix, np.ndarray]:
    truth = np.repeat(np.arange(len(SUBJECTS)), each)
    texts = [f"The {SUBJECTS[k]} was number {i} in the {SUBJECTS[k]} list" for i, k in enumerate(truth)]
    return texts, around(CENTRES[: len(SUBJECTS)], each, seed), truth


def ordered(rows: Matrix) -> Grid:
    grid = Grid.of(rows)
    return grid.take(grid.order())


def test_new_texts_join_the_nearest_cluster_or_none() -> None:
    centroids = np.eye(2, 384, dtype=np.float32)
    assert assign(np.eye(3, 384, dtype=np.float32), centroids).tolist() == [0, 1, -1]


def test_the_number_of_clusters_grows_slowly() -> None:
    assert [default_count(n) for n in (20, 3735, 100_000)] == [4, 43, 60]


def test_few_texts_give_no_clusters() -> None:
    texts, vectors, _ = planted(3)
    found = discover(texts, vectors)
    assert found.clusters == () and set(found.assignment.tolist()) == {-1}


def test_products_on_the_grid_are_exact_whatever_the_order_of_summing() -> None:
    rows = Grid.of(around(CENTRES, 40, 3, scale=0.05))
    exact = rows.whole.astype(np.int64) @ rows.whole[:9].T.astype(np.int64)
    assert exact.max() < 2**24, "beyond this, a float would round"
    assert np.array_equal(likeness(rows, rows.take(np.arange(9))).astype(np.int64), exact)
    turned = rows.real[:, ::-1] @ rows.real[:9, ::-1].T
    assert np.array_equal(turned.astype(np.int64), exact)


def test_the_order_of_the_texts_changes_no_centroid() -> None:
    rows = around(CENTRES, 30, 4, scale=0.06)
    shuffled = rows[np.random.default_rng(5).permutation(len(rows))]
    first, second = fresh(ordered(rows), 6, 0), fresh(ordered(shuffled), 6, 0)
    assert np.array_equal(first.whole, second.whole)


def test_a_group_without_rows_stays_where_it_was() -> None:
    rows = Grid.of(around(CENTRES[:1], 12, 6))
    before = Grid.of(np.asarray(CENTRES[:2], dtype=np.float32))
    after = centroids_of(rows, np.zeros(12, np.int64), 2, before)
    assert np.array_equal(after.whole[1], before.whole[1]) and not np.array_equal(after.whole[0], before.whole[0])


def test_a_new_group_emerges_beside_the_earlier_ones_and_only_where_there_is_one() -> None:
    earlier = np.asarray(CENTRES[:5], dtype=np.float32)
    same = grown(ordered(around(CENTRES[:5], 60, 7)), Grid.of(earlier), 5, 0)
    assert len(same) == 5
    more = ordered(np.concatenate([around(CENTRES[:5], 60, 7), around(CENTRES[6:7], 30, 8)]))
    now = grown(more, Grid.of(earlier), 5, 0)
    assert len(now) == 6
    closest = (likeness(Grid.of(np.asarray(CENTRES[[6]], np.float32)), now) / GRID**2).max()
    assert closest > 0.95


def test_groups_that_became_the_same_are_put_together() -> None:
    twice = np.asarray(CENTRES[[0, 0, 1]], dtype=np.float32)
    twice[1] += 0.1 * CENTRES[2]
    twice /= np.linalg.norm(twice, axis=1, keepdims=True)
    now = grown(ordered(around(CENTRES[:2], 80, 9)), Grid.of(twice), 2, 0)
    assert len(now) == 2
    assert sorted(nearest(Grid.of(np.asarray(CENTRES[:2], np.float32)), now)[0].tolist()) == [0, 1]


def test_lineage_tells_what_was_kept_split_merged_begun_and_ended() -> None:
    before = np.repeat([0, 1, 2, 3, -1], [100, 60, 40, 30, 30])
    after = np.concatenate([[0] * 60, [1] * 40, [2] * 60, [2] * 40, [-1] * 30, [3] * 30])
    assert lineage(before, after, np.zeros((4, 4), np.float32)) == [
        Link("kept", 0, 0, 0.6),
        Link("split", 0, 1, 0.4),
        Link("kept", 1, 2, 1.0),
        Link("new", None, 3, None),
        Link("merged", 2, 2, 1.0),
        Link("ended", 3, None, None),
    ]


def test_lineage_goes_by_likeness_where_no_earlier_text_is_left() -> None:
    nobody = np.full(9, -1)
    now = np.repeat([0, 1, 2], 3)
    like = np.array([[0.1, 0.95], [0.5, 0.2], [0.3, 0.3]], np.float32)
    kinds = [(link.kind, link.earlier, link.later) for link in lineage(nobody, now, like)]
    assert kinds == [("kept", 1, 0), ("new", None, 1), ("new", None, 2), ("ended", 0, None)]


def test_everything_is_new_where_nothing_was_found_before() -> None:
    links = lineage(np.full(6, -1), np.repeat([0, 1], 3), np.zeros((2, 0), np.float32))
    assert [link.kind for link in links] == ["new", "new"]


def test_a_cluster_is_named_by_words_that_are_said_together() -> None:
    documents = ["car park full ticket"] * 6 + ["soup cold"] * 6 + ["ticket queue"] * 2 + ["full soup"] * 2
    candidates = [[("park", 1.0), ("soup", 0.8), ("car", 0.7), ("ticket", 0.6)], [("soup", 1.0), ("cold", 0.9)]]
    assert together(candidates, documents, 3) == [("park", "car", "ticket"), ("soup", "cold")]
    assert together([[], []], documents, 3) == [(), ()]


def test_no_stop_word_filler_or_contraction_names_a_cluster() -> None:
    documents = ["the nurses said they didn't go", "nurses said we didn't wait"]
    assert vocabulary(documents) == ["nurses"]
    assert vocabulary(["the and"]) == []


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
    grown_now = discover(more_texts, more, previous=found.centroids)
    earlier = assign(more, found.centroids)
    links = lineage(earlier, grown_now.assignment, grown_now.centroids @ found.centroids.T)
    assert [(link.kind, link.share) for link in links] == [("kept", 1.0)] * 5
    for link in links:
        assert link.earlier is not None and link.later is not None
        assert grown_now.clusters[link.later].words[0] == found.clusters[link.earlier].words[0]
