"""Groups of like vectors, found by arithmetic that is exact, so that every machine finds the same.

Vectors are put on a grid of whole numbers. Products and sums of those stay below 2^24 and 2^31, where floating point
and integers make no rounding error, so neither the number of threads nor the processor changes a decision; and the
rows are sorted first, so that their order changes none either. The method is k-means on the sphere (Dhillon and Modha,
Machine Learning 42, 2001), begun by k-means++ (Arthur and Vassilvitskii, 2007) or where the last search ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from earshot_nlp.types import Matrix

GRID = 4000
"""Steps from 0 to 1: a rounded row of 384 stays shorter than 4096, so that a product of two stays below 2^24."""

ROUNDS = 20
"""Rounds of moving centroids from a fresh start; few comments move after them."""

LAST_ROUNDS = 10
"""Rounds over all rows, once the best start is known."""

SAMPLE = 6_000
"""Fresh starts are tried on so many rows, evenly spaced."""

STARTS = 3

Whole = npt.NDArray[np.int32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows on the grid: as whole numbers for sums, and the same as floats for products; both (rows, dimensions)."""

    whole: Whole
    real: Matrix

    @classmethod
    def of(cls, rows: Matrix) -> Grid:
        """Put rows of length 1 (or of zeros) on the grid."""
        real = np.rint(np.asarray(rows, dtype=np.float32) * np.float32(GRID))
        return cls(real.astype(np.int32), real)

    def __len__(self) -> int:
        return len(self.whole)

    def take(self, rows: Indices) -> Grid:
        """Only some rows."""
        return Grid(self.whole[rows], self.real[rows])

    def order(self) -> Indices:
        """The rows' order by their values, whatever order they came in."""
        joined = np.ascontiguousarray(self.whole).view(np.dtype((np.void, self.whole.shape[1] * 4))).ravel()
        return np.argsort(joined, kind="stable").astype(np.int64)


def likeness(rows: Grid, centroids: Grid) -> Matrix:
    """Cosines times GRID², whole numbers, shape (rows, centroids)."""
    return np.asarray(rows.real @ centroids.real.T, dtype=np.float32)


def nearest(rows: Grid, centroids: Grid) -> tuple[Indices, Matrix]:
    """Each row's most similar centroid (the first of equals) and how similar it is, cosine times GRID²."""
    like = likeness(rows, centroids)
    best = like.argmax(axis=1)
    return best.astype(np.int64), like[np.arange(len(best)), best]


def centroids_of(rows: Grid, groups: Indices, count: int, before: Grid | None = None) -> Grid:
    """The groups' mean directions; a group without rows stays where it was `before`."""
    inside = np.flatnonzero(groups >= 0)
    ones = np.ones(len(inside), dtype=np.int32)
    members = csr_matrix((ones, (groups[inside], inside)), shape=(count, len(rows)))
    sums = np.asarray(members @ rows.whole, dtype=np.int64)
    sizes = np.bincount(groups[inside], minlength=count)
    # Sixteenths keep the mean of a loose group precise; their squares add up below 2^53, exactly.
    means = np.rint(16.0 * sums / np.maximum(sizes, 1)[:, None])
    lengths = np.sqrt((means * means).sum(axis=1, keepdims=True))
    real = np.rint(means / np.maximum(lengths, 1.0) * GRID).astype(np.float32)
    if before is not None:
        real[sizes == 0] = before.real[sizes == 0]
    return Grid(real.astype(np.int32), real)


def settle(rows: Grid, centroids: Grid, rounds: int) -> Grid:
    """Move centroids to the means of the rows that are nearest to them, until nothing moves or `rounds` are over."""
    groups: Indices | None = None
    for _ in range(rounds):
        now, _likeness = nearest(rows, centroids)
        if groups is not None and np.array_equal(now, groups):
            break
        groups, centroids = now, centroids_of(rows, now, len(centroids), centroids)
    return centroids


def fresh(rows: Grid, count: int, random_state: int) -> Grid:
    """Centroids from nothing: the best of a few starts on a sample, settled on all rows. `rows` are in their order."""
    step = max(1, -(-len(rows) // SAMPLE))
    sample = rows.take(np.arange(0, len(rows), step))
    best, most = sample, -1
    for start in range(STARTS):
        found = settle(sample, _spread(sample, count, random_state + start), ROUNDS)
        total = int(nearest(sample, found)[1].astype(np.int64).sum())
        if total > most:
            best, most = found, total
    return settle(rows, best, LAST_ROUNDS)


def _spread(rows: Grid, count: int, random_state: int) -> Grid:
    """Seeds far from each other: each drawn with a chance that grows with its distance to those before (k-means++)."""
    draw = np.random.default_rng(random_state)
    chosen = [int(draw.integers(len(rows)))]
    lengths = (rows.real * rows.real).sum(axis=1).astype(np.int64)
    apart = _distance(rows, lengths, chosen[0])
    while len(chosen) < count and apart.any():
        up_to = np.cumsum(apart)
        chosen.append(int(np.searchsorted(up_to, draw.integers(up_to[-1]), side="right")))
        apart = np.minimum(apart, _distance(rows, lengths, chosen[-1]))
    return rows.take(np.array(chosen, dtype=np.int64))


def _distance(rows: Grid, lengths: Indices, one: int) -> Indices:
    """The squared distance of each row to one of them, a whole number; `lengths` are the rows' own, squared."""
    products = (rows.real @ rows.real[one]).astype(np.int64)
    return np.asarray(np.maximum(lengths + lengths[one] - 2 * products, 0))
