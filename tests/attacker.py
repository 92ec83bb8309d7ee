"""Somebody who compares what they are told: every number is a range, and ranges are added up and taken away.

What is counted is cut into pieces by all the numbers that a reader holds: answers counted by the same numbers lie in
one piece. Each number then says between what its pieces add up to, and those bounds are tightened until nothing more
follows (bounds propagation, as in the auditing of suppressed tables: Duncan and Lambert, JASA 81, 1986, 10-18).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Atom: TypeAlias = tuple[str, ...]
Meant: TypeAlias = Callable[[int | None], tuple[int, int]]

FEW = range(1, 5)  # people whom nobody may count
_ENDLESS = 10**9
_ROUNDS = 30


@dataclass(frozen=True)
class Told:
    """A number that somebody was told: what it counts, what it said (None: too few), and the truth.

    `alone`: it was protected without any other, so that too few is one to four. Beside others a 0 may be hidden too.
    """

    what: str
    atoms: frozenset[Atom]
    shown: int | None
    true: int
    alone: bool = False

    @property
    def hides(self) -> tuple[int, int]:
        """What a hidden number is taken to be."""
        return (FEW[0] if self.alone else 0), FEW[-1]


@dataclass(frozen=True)
class Recovered:
    """A number of one to four people that follows from what was told."""

    what: str
    true: int


def recovered(told: Sequence[Told], meant: Meant) -> list[Recovered]:
    """The small numbers that these numbers give away; `meant` is what a number that is shown may stand for.

    Hidden ones are taken to be at most four. Where that cannot be, some of them hide a larger one, and the reader has
    to start again with hidden numbers of any size.
    """
    together = list({(one.atoms, one.shown, one.alone): one for one in told}.values())
    for largest in (FEW[-1], _ENDLESS):
        found = _bounds(together, meant, largest)
        if found is not None:
            return _pinned(together, *found)
    return []


def _bounds(
    told: Sequence[Told], meant: Meant, largest: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]] | None:
    """What each piece may be, and which number has which piece; None where no pieces fit."""
    has = _pieces(told)
    hidden = [(one.hides[0], max(one.hides[1], largest)) for one in told]
    say = np.asarray([of if one.shown is None else meant(one.shown) for one, of in zip(told, hidden, strict=True)])
    low, high = np.zeros(has.shape[1], dtype=np.int64), np.full(has.shape[1], _ENDLESS, dtype=np.int64)
    for _ in range(_ROUNDS):
        least, most = has @ low, has @ high
        if (least > say[:, 1]).any() or (most < say[:, 0]).any():
            return None
        new_low = np.where(has, say[:, :1] - (most[:, None] - high), 0).max(axis=0).clip(low)
        new_high = np.where(has, say[:, 1:] - (least[:, None] - low), _ENDLESS).min(axis=0).clip(max=high)
        if (new_low > new_high).any():
            return None
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    return low, high, has


def _pieces(told: Sequence[Told]) -> npt.NDArray[np.bool_]:
    """Which number has which piece, shape (numbers, pieces)."""
    holders: dict[Atom, int] = {}
    for place, one in enumerate(told):
        for atom in one.atoms:
            holders[atom] = holders.get(atom, 0) | 1 << place
    kinds = sorted(set(holders.values()))
    return np.asarray([[bool(kind >> place & 1) for kind in kinds] for place in range(len(told))], dtype=np.bool_)


def _pinned(
    told: Sequence[Told], low: npt.NDArray[np.int64], high: npt.NDArray[np.int64], has: npt.NDArray[np.bool_]
) -> list[Recovered]:
    """Small numbers that can be only one: those that were told as too few, and what is left of one without another."""
    out = []
    for one, mine in zip(told, has, strict=True):
        if one.shown is None and one.true in FEW and low[mine].sum() == high[mine].sum() == one.true:
            out.append(Recovered(one.what, one.true))
    size, true = has.sum(axis=1), np.asarray([one.true for one in told])
    within = (has.astype(np.int32) @ has.T.astype(np.int32) == size) & (size < size[:, None])
    left = true[:, None] - true
    for place, part in np.argwhere(within & (left >= FEW[0]) & (left <= FEW[-1])):
        rest = has[place] & ~has[part]
        if low[rest].sum() == high[rest].sum() == left[place, part]:
            out.append(Recovered(f"{told[place].what} without {told[part].what}", int(left[place, part])))
    return out
