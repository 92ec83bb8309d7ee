"""Small numbers stay hidden, and so do the numbers that would give them away. Pure.

A count of one to four people is hidden. Where counts add up to a total that is shown, a hidden count could be worked
out again, so the next smallest beside it is hidden too (complementary suppression), until neither adding up nor
taking away, over all the sums of a table together, tells anything about fewer than five people.

Statistics go one step further (`protect`): what is shown is rounded to the nearest 5, as NHS England does for Hospital
Episode Statistics, and percentages, charts, limits and rankings are worked out from those protected numbers. Whatever
is done with them later can then tell no more than they do themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.measures.model import FEWEST

SCORE_FEWEST = 5  # answers that a score or an average needs
QUOTES_FEWEST = 10  # comments that a group must have before one of them is quoted
ROUNDED_TO = 5
TOO_FEW = "too few to say"

_ZERO = 1e-9
_ANYTHING = 10**12  # more people than there are: a hidden number that need not be small
_ROUNDS = 100  # bounds settle in two or three

Range = tuple[int, int]  # the least and the most that a number may be


@dataclass(frozen=True)
class Sum:
    """Counts that add up to another one, all by their names."""

    total: str
    parts: tuple[str, ...]


def small(count: int, fewest: int = FEWEST) -> bool:
    """Whether a count is of so few people that they might be known by it; nobody is not few."""
    return 0 < count < fewest


def told(count: int) -> int | None:
    """A count as statistics tell it: nobody is 0, one to four is None (`TOO_FEW`), all else the nearest multiple of 5.

    Source: NHS England, "HES analysis guide: disclosure control" (rounding to the nearest 5 since September 2018).
    Raises `ValueError` for a count below 0.
    """
    if count < 0:
        raise ValueError("a count is not below 0")
    if small(count):
        return None
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def meant(shown: int | None) -> Range:
    """The counts that a number told by `told` may stand for: 10 for 8 to 12, 5 for 5 to 7, none for 1 to 4."""
    if shown is None:
        return 1, FEWEST - 1
    if shown == 0:
        return 0, 0
    return max(FEWEST, shown - ROUNDED_TO // 2), shown + ROUNDED_TO // 2


def share(part: int | None, whole: int | None) -> float | None:
    """A part as a percentage with one decimal, from protected numbers and so telling no more than they do.

    None where either is hidden or the whole is nobody; never over 100, which rounding alone could make it.
    """
    if part is None or not whole:
        return None
    return min(100.0, round(100 * part / whole, 1))


def seen(stream: str, count: int, *, exact: bool) -> int | None:
    """A count on a working screen: of staff as statistics tell it, unless the reader may have it `exact`.

    Patients' and carers' counts are exact there: one reads the very comments, so a count tells nothing more.
    """
    return count if exact or stream != "staff" else told(count)


def added(shown: Iterable[int | None]) -> int | None:
    """The sum of what is shown, so that taking away reveals nothing; None where all that there is, is hidden."""
    counts = list(shown)
    total = sum(count or 0 for count in counts)
    return None if total == 0 and None in counts else total


def quotes_may_show(group: int) -> bool:
    """Whether a group of so many comments is large enough for one of them to be quoted."""
    return group >= QUOTES_FEWEST


def protect(counts: Mapping[str, int], sums: Sequence[Sum] = ()) -> dict[str, int | None]:
    """Every count as it may be shown: `told`, or None where it is small or would give a small one away.

    Three rules, until none hides anything more: complementary suppression as in `hidden`; under a total that is hidden
    nothing is told, not even a 0, or else four parts of a total of four would be known to be one each; and no hidden
    number may be left with a single value by the ranges (`meant`) of the numbers around it.
    """
    out = set(hidden(counts, sums))
    true = _true(counts, sums)
    while more := _under_hidden_totals(true, out) or _pinned_more(counts, true, out):
        out |= more
    return {name: None if name in out else told(count) for name, count in counts.items()}


def ranges(shown: Mapping[str, int | None], sums: Sequence[Sum]) -> dict[str, Range] | None:
    """What each number may be, for a reader who adds up and takes away ranges until nothing more follows.

    A hidden number is taken to be 1 to 4 (0 to 4 below a hidden total). None where that cannot be, so that the reader
    learns that some of the hidden numbers are larger, though not which.
    """
    below_hidden = {part for one in sums if shown[one.total] is None for part in one.parts}
    start = {
        name: (0, FEWEST - 1) if value is None and name in below_hidden else meant(value)
        for name, value in shown.items()
    }
    return _settled(start, sums)


def _true(counts: Mapping[str, int], sums: Sequence[Sum]) -> list[Sum]:
    known = [_present(one, counts) for one in sums]
    return [one for one in known if one is not None and sum(counts[part] for part in one.parts) == counts[one.total]]


def _under_hidden_totals(sums: Sequence[Sum], out: set[str]) -> set[str]:
    return {part for one in sums if one.total in out for part in one.parts} - out


def _pinned_more(counts: Mapping[str, int], sums: Sequence[Sum], out: set[str]) -> set[str]:
    """One further count for each sum in which a hidden one can be only one number; empty where none can."""
    shown = {name: None if name in out else told(count) for name, count in counts.items()}
    found = ranges(shown, sums) or _settled(
        {name: (0, _ANYTHING) if value is None else meant(value) for name, value in shown.items()}, sums
    )
    pinned = {name for name in out if found is not None and found[name][0] == found[name][1]}
    telling = [one for one in sums if pinned & {one.total, *one.parts}]
    more = {name for one in telling if (name := _next(one, counts, out)) is not None}
    return more or ({name for one in sums if (name := _next(one, counts, out)) is not None} if telling else set())


def _settled(start: Mapping[str, Range], sums: Sequence[Sum]) -> dict[str, Range] | None:
    """The ranges that the sums leave of these; None where they leave nothing of one."""
    found = dict(start)
    for _ in range(_ROUNDS):
        before = dict(found)
        for one in sums:
            _tighten(found, one)
        if any(low > high for low, high in found.values()):
            return None
        if found == before:
            break
    return found


def _tighten(found: dict[str, Range], one: Sum) -> None:
    low, high = (sum(found[part][end] for part in one.parts) for end in (0, 1))
    least, most = max(found[one.total][0], low), min(found[one.total][1], high)
    found[one.total] = least, most
    for part in one.parts:
        its_low, its_high = found[part]
        found[part] = max(its_low, least - (high - its_high)), min(its_high, most - (low - its_low))


def hidden(counts: Mapping[str, int], sums: Sequence[Sum], fewest: int = FEWEST) -> frozenset[str]:
    """The names of the counts to hide: the small ones, and as many others as keep them hidden.

    `sums` are all the sums that somebody who reads the table knows of; names that `counts` does not have are passed
    over, and so is a sum that does not add up, since it gives nothing away. Every count that is not named may be shown.
    """
    true = _true(counts, sums)
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
