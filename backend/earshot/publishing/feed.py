"""Counts as they may leave the house: every number of a period protected together with all that it adds up to. Pure.

A feed is read by programmes, which ask for everything and compare. So numbers are not protected request by request but
once for each period and stream, over all organisations, and kept: whoever asks, and however often, gets the same ones.
Three things are left out so that nothing can be taken away from something else: days (only whole weeks or months that
are over), totals over several streams, and weeks beside months under one key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from earshot.measures.disclosure import Sum, protect
from earshot.taxonomy.frameworks import of_theme

Counted = tuple[UUID, str, str]  # organisation, measure, label

#: What is told: how many answered and wrote, scores, feelings, and themes with how many spoke ill of them.
MEASURES = ("responses", "comments", "fft", "sentiment", "theme", "theme_negative")
#: A measure that stands alone, and the one whose labels split it up.
_WHOLES = {"responses": "fft", "comments": "sentiment"}
_TAXONOMY = {"fft": "nhs-fft/2020-04", "sentiment": "earshot-sentiment/1"}
_COUNTS = "earshot-counts/1"
#: A total is told by its parts (scores, feelings) only where it is at least so large.
SPLIT_FROM = 20
_REST, _OWN = "rest", "own"
_THEMES = ("theme", "theme_negative")


@dataclass(frozen=True)
class Family:
    """Numbers of one organisation that belong together: a whole, and parts that may leave a rest."""

    whole: tuple[str, str]
    parts: tuple[tuple[str, str], ...]


def taxonomy_of(measure: str, label: str) -> str:
    """By which words a number was sorted: the name and version of a framework, a form or a scale."""
    if measure in _THEMES:
        framework = of_theme(label)
        return f"{framework.id}/{framework.version}"
    return _TAXONOMY.get(measure, _COUNTS)


def families(counts: Mapping[Counted, int]) -> list[Family]:
    """The families of numbers: answers by score, comments by feeling, and each theme with its negative part."""
    labels: dict[str, set[str]] = {}
    for _, measure, label in counts:
        labels.setdefault(measure, set()).add(label)
    whole = [
        Family((name, ""), tuple((split, label) for label in sorted(labels.get(split, ()))))
        for name, split in _WHOLES.items()
        if name in labels or split in labels
    ]
    themes = sorted(labels.get("theme", set()) | labels.get("theme_negative", set()))
    return [*whole, *(Family(("theme", name), (("theme_negative", name),)) for name in themes)]


def protected(parents: Mapping[UUID, UUID | None], counts: Mapping[Counted, int]) -> dict[Counted, int | None]:
    """What may be told of one period and stream: a rounded count, None for too few to say; what is left out is nobody.

    `parents` is the whole tree; `counts` are of each organisation with all below it. Organisations add up to the one
    above them together with what was said about that one itself, and parts to their whole together with the rest.
    """
    told: dict[Counted, int | None] = {}
    children: dict[UUID, list[UUID]] = {}
    for one, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(one)
    for family in families(counts):
        told |= _family(family, children, parents, counts)
    return told


def _family(
    family: Family,
    children: Mapping[UUID, list[UUID]],
    parents: Mapping[UUID, UUID | None],
    counts: Mapping[Counted, int],
) -> dict[Counted, int | None]:
    keys = (family.whole, *family.parts)
    heard = {org for org in parents if any(counts.get((org, *key), 0) for key in keys)}
    near = heard | {org for org, parent in parents.items() if parent in heard}  # below a small total 0 tells too much
    lines = {org: _line(family, {key: counts.get((org, *key), 0) for key in keys}) for org in near}
    numbers = {f"{org}/{part}": n for org in near for part, n in lines[org].items()}
    sums = [Sum(f"{org}/0", tuple(f"{org}/{part}" for part in line if part != "0")) for org, line in lines.items()]
    for org in near & set(children):
        for part in lines[org]:
            below = [f"{child}/{part}" for child in children[org] if part in lines.get(child, ())]
            own = f"{org}/{part}/{_OWN}"
            numbers[own] = numbers[f"{org}/{part}"] - sum(numbers[name] for name in below)
            sums.append(Sum(f"{org}/{part}", (*below, own)))
    shown = protect(numbers, [one for one in sums if one.parts])
    return {
        (org, *key): n
        for org in near
        for place, key in enumerate(keys)
        if (n := shown.get(f"{org}/{place}")) != 0 and (org in heard or f"{org}/{place}" in shown)
    }


def _line(family: Family, found: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """The numbers of one organisation by their place in the family: parts, and a rest, only where there are enough.

    A few answers that are split up would hide each other and then their own total: the total alone says more.
    """
    parts = sum(found[key] for key in family.parts)
    whole = max(found[family.whole], parts)  # two tables never disagree for longer than a transaction
    if whole < SPLIT_FROM:
        return {"0": whole}
    line = {"0": whole} | {str(place): found[key] for place, key in enumerate(family.parts, start=1)}
    return line | {_REST: whole - parts} if family.parts else line


def rows(told: Mapping[Counted, int | None]) -> Iterator[tuple[UUID, str, str, int | None, str]]:
    """Lines to keep: organisation, measure, label, count, taxonomy."""
    for (org, measure, label), n in sorted(told.items(), key=lambda item: (str(item[0][0]), *item[0][1:])):
        yield org, measure, label, n, taxonomy_of(measure, label)
