"""How groups go on when data grows: from where they were, with new ones where comments fit badly but agree, and
without those that have become the same.
"""

from __future__ import annotations

import numpy as np

from earshot_nlp.grouping import GRID, Grid, Indices, centroids_of, fresh, likeness, nearest, settle
from earshot_nlp.types import Matrix

ROUNDS = 1
"""Rounds in which centroids follow their comments, before and after new groups emerge; more of them would move comments
between groups for little.
"""

MERGE = 0.93
"""Two centroids at least this alike (cosine) have become one group."""

EMERGING = 3
"""So many new groups may emerge in one search beyond what the number of comments makes room for."""

WORST = 0.2
"""The share of comments, those farthest from their centroids, among which new groups are looked for."""

GAIN = 0.10
"""A new group's comments are on average so much more like their own centroid (cosine) than like any earlier one."""

APART = 0.80
"""A new group's centroid is less like (cosine) every other's: two halves of one group are more alike."""

_ONE = float(GRID) ** 2  # a cosine of 1, on the grid


def grown(rows: Grid, previous: Grid, count: int, random_state: int) -> Grid:
    """Centroids of the groups that there are now: those of the last search first, as far as they go on.

    Args:
        rows: all comments, in their order. previous: the last search's centroids.
        count: how many groups so many comments have room for.
    """
    centroids = _merged(rows, settle(rows, previous, ROUNDS))
    room = max(count - len(centroids), 0) + EMERGING
    return settle(rows, _emerged(rows, centroids, room, random_state), ROUNDS)


def _merged(rows: Grid, centroids: Grid) -> Grid:
    """Put together those that have become the same, the most alike first."""
    while len(centroids) > 1:
        like = likeness(centroids, centroids)
        np.fill_diagonal(like, -1)
        first, second = divmod(int(like.argmax()), len(centroids))
        if like[first, second] < MERGE * _ONE:
            break
        groups, _ = nearest(rows, centroids)
        groups[groups == max(first, second)] = min(first, second)
        groups[groups > max(first, second)] -= 1
        rest = np.delete(np.arange(len(centroids)), max(first, second))
        centroids = centroids_of(rows, groups, len(rest), centroids.take(rest))
    return centroids


def _emerged(rows: Grid, centroids: Grid, room: int, random_state: int) -> Grid:
    """Add groups of those comments that no group fits well, where they are many and like each other."""
    _, best = nearest(rows, centroids)
    cut = np.sort(best)[int(WORST * len(rows))]
    left = rows.take(np.flatnonzero(best <= cut))
    before = best[best <= cut]
    fewest = max(10, len(rows) // (4 * len(centroids)))
    found = fresh(left, max(2, len(left) // (2 * fewest)), random_state)
    groups, own = nearest(left, found)
    for _ in range(room):
        apart = likeness(found, centroids).max(axis=1) < APART * _ONE
        gains = [
            _gain(own, before, np.flatnonzero(groups == group), fewest) if apart[group] else 0
            for group in range(len(found))
        ]
        if max(gains) == 0:
            break
        new = found.take(np.array([gains.index(max(gains))]))
        before = np.maximum(before, nearest(left, new)[1])  # the next must fit better than this one, too
        centroids = _joined(centroids, new)
    return centroids


def _gain(own: Matrix, before: Matrix, members: Indices, fewest: int) -> int:
    """How much better all of a group's comments fit now, on the grid; 0 where they are few or it helps them little."""
    if len(members) < fewest:
        return 0
    total = int((own[members] - before[members]).astype(np.int64).sum())
    return total if total >= GAIN * _ONE * len(members) else 0


def _joined(first: Grid, second: Grid) -> Grid:
    return Grid(np.concatenate([first.whole, second.whole]), np.concatenate([first.real, second.real]))
