"""Small numbers stay hidden, and so do the numbers that would give them away. Pure.

A count of one to four people is hidden. Where counts add up to a total that is shown, a hidden count could be worked
out again, so the next smallest beside it is hidden too (complementary suppression), until neither adding up nor
taking away, over all the sums of a table together, tells anything about fewer than five people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.measures.model import FEWEST

_ZERO = 1e-9


@dataclass(frozen=True)
class Sum:
    """Counts that add up to another one, all by their names."""

    total: str
    parts: tuple[str, ...]


def small(count: int, fewest: int = FEWEST) -> bool:
    """Whether a count is of so few people that they might be known by it; nobody is not few."""
    return 0 < count < fewest


def hidden(counts: Mapping[str, int], sums: Sequence[Sum], fewest: int = FEWEST) -> frozenset[str]:
    """The names of the counts to hide: the small ones, and as many others as keep them hidden.

    `sums` are all the sums that somebody who reads the table knows of; names that `counts` does not have are passed
    over, and so is a sum that does not add up, since it gives nothing away. Every count that is not named may be shown.
    """
    known = [_present(one, counts) for one in sums]
    true = [one for one in known if one is not None and sum(counts[part] for part in one.parts) == counts[one.total]]
    out = {name for name, count in counts.items() if small(count, fewest)}
    while more := _more(counts, true, out, fewest):
        out |= more
    return frozenset(out)


def _present(one: Sum, counts: Mapping[str, int]) -> Sum | None:
    parts = tuple(part for part in one.parts if part in counts)
    return Sum(one.total, parts) if parts and one.total in counts else None


def _more(counts: Mapping[str, int], sums: Sequence[Sum], out: set[str], fewest: int) -> set[str]:
    """One further count for each sum that gives something away; empty where none does."""
    telling = [one for one in sums if _tells(one, counts, out, fewest)]
    if not telling:
        given_away = _determined(sums, out)
        telling = [one for one in sums if given_away & {one.total, *one.parts}]
    return {name for one in telling if (name := _next(one, counts, out)) is not None}


def _tells(one: Sum, counts: Mapping[str, int], out: set[str], fewest: int) -> bool:
    """Whether this sum alone gives a hidden count away, or how many people the hidden ones have together."""
    gone = [part for part in one.parts if part in out]
    if one.total in out:
        return not gone
    return bool(gone) and (len(gone) == 1 or sum(counts[part] for part in gone) < fewest)


def _determined(sums: Sequence[Sum], out: set[str]) -> set[str]:
    """The hidden counts that follow from all the sums together: those that no solution of them can change."""
    names = sorted(out)
    if not names or not sums:
        return set()
    place = {name: index for index, name in enumerate(names)}
    rows = np.zeros((len(sums), len(names)))
    for row, one in zip(rows, sums, strict=True):
        for name, sign in ((one.total, -1.0), *((part, 1.0) for part in one.parts)):
            if name in place:
                row[place[name]] += sign
    free = _free(rows)
    return {name for name, index in place.items() if free.shape[1] == 0 or np.abs(free[index]).max() < _ZERO}


def _free(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A basis of everything that the sums leave open: the null space, one column for each direction."""
    _, strengths, directions = np.linalg.svd(rows)
    rank = int((strengths > _ZERO * max(rows.shape)).sum())
    return np.asarray(directions[rank:].T, dtype=np.float64)


def _next(one: Sum, counts: Mapping[str, int], out: set[str]) -> str | None:
    """The next to hide: the smallest part that is somebody, else a part that is nobody, and the total last of all."""
    left = [part for part in one.parts if part not in out]
    some = [part for part in left if counts[part] > 0]
    for choice in (some, left, [one.total] if one.total not in out else []):
        if choice:
            return _smallest(choice, counts)
    return None


def _smallest(names: Iterable[str], counts: Mapping[str, int]) -> str:
    return min(names, key=lambda name: (counts[name], name))
