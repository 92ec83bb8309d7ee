"""What became of earlier clusters: told by where their texts are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from earshot_nlp.types import Matrix

Kind = Literal["kept", "split", "merged", "new", "ended"]
Indices = npt.NDArray[np.int64]

SAME = 0.80
"""Centroids at least this alike (cosine) are the same cluster, where no text of the earlier one is left to tell."""

GOES_ON = 1 / 3
"""A cluster goes on where at least this share of its texts stays together."""

PART = 0.15
"""At least this share of an earlier cluster's texts makes a part of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a cluster's history; `earlier` is None for a new one and `later` for one that ended.

    `share` says how much of the earlier cluster's texts are in the later one, 0 to 1; None where there is only one.
    """

    kind: Kind
    earlier: int | None
    later: int | None
    share: float | None


def lineage(before: Indices, after: Indices, like: Matrix) -> list[Link]:
    """Say which later cluster continues, splits from or takes in which earlier one.

    Args:
        before: each text's earlier cluster or -1, shape (texts,). after: its later one or -1.
        like: cosines of centroids, shape (later clusters, earlier clusters).

    Each later cluster is linked once, as kept, split or new; each earlier one that is not kept, as merged or ended.
    """
    shared = _shared(before, after, like.shape)
    sizes = np.bincount(before[before >= 0], minlength=like.shape[1])
    shares = shared / np.maximum(sizes, 1)
    kept = _kept(shared, shares, sizes, like)
    links = [_of_later(later, kept, shared, shares) for later in range(like.shape[0])]
    heirs = set(kept.values())
    return links + [_of_earlier(earlier, shares) for earlier in range(like.shape[1]) if earlier not in heirs]


def _shared(before: Indices, after: Indices, shape: tuple[int, ...]) -> Indices:
    shared = np.zeros(shape, dtype=np.int64)
    both = (before >= 0) & (after >= 0)
    np.add.at(shared, (after[both], before[both]), 1)
    return shared


def _kept(shared: Indices, shares: npt.NDArray[np.float64], sizes: Indices, like: Matrix) -> dict[int, int]:
    """Later → earlier, one to one, so that as many texts as can be stay where they were (Kuhn 1955)."""
    unheard = (sizes == 0) & (like >= SAME)
    worth = np.where(shares >= GOES_ON, shared.astype(np.float64), np.where(unheard, like, 0.0))
    rows, columns = linear_sum_assignment(-worth)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {later: earlier for later, earlier in pairs if worth[later, earlier] > 0}


def _of_later(later: int, kept: dict[int, int], shared: Indices, shares: npt.NDArray[np.float64]) -> Link:
    if later in kept:
        return Link("kept", kept[later], later, float(shares[later, kept[later]]))
    if shared.shape[1]:
        main = int(shared[later].argmax())
        if 2 * shared[later, main] >= shared[later].sum() > 0 and shares[later, main] >= PART:
            return Link("split", main, later, float(shares[later, main]))
    return Link("new", None, later, None)


def _of_earlier(earlier: int, shares: npt.NDArray[np.float64]) -> Link:
    if len(shares):
        main = int(shares[:, earlier].argmax())
        if shares[main, earlier] >= 0.5:
            return Link("merged", earlier, main, float(shares[main, earlier]))
    return Link("ended", earlier, None, None)
