"""How far two people who read the same comments agree: pure functions, chance taken out.

Cohen's kappa (1960) for two people and one theme, with the large-sample interval of Fleiss, Cohen and Everitt (1969);
Krippendorff's alpha (2011, nominal) for any number of people, some of whom may not have answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

_Z = 1.959964  # 95 % of a normal distribution


@dataclass(frozen=True)
class Kappa:
    """Agreement of two people about yes and no. `kappa` is None where chance leaves nothing to agree about."""

    n: int
    agreement: float
    kappa: float | None
    low: float | None
    high: float | None


def kappa(pairs: Iterable[tuple[bool, bool]]) -> Kappa:
    """Cohen's kappa of two people's answers to the same questions, with a 95 % interval; raises ValueError for none."""
    counts = Counter(pairs)
    n = counts.total()
    if not n:
        raise ValueError("There is nothing to compare.")
    p = {cell: counts[cell] / n for cell in ((True, True), (True, False), (False, True), (False, False))}
    observed = p[True, True] + p[False, False]
    first = {side: p[side, True] + p[side, False] for side in (True, False)}
    second = {side: p[True, side] + p[False, side] for side in (True, False)}
    chance = sum(first[side] * second[side] for side in (True, False))
    if 1 - chance < 1e-12:
        return Kappa(n, observed, None, None, None)
    value = (observed - chance) / (1 - chance)
    half = _Z * _standard_error(p, first, second, value, chance, n)
    return Kappa(n, observed, value, max(value - half, -1.0), min(value + half, 1.0))


def _standard_error(
    p: dict[tuple[bool, bool], float],
    first: dict[bool, float],
    second: dict[bool, float],
    value: float,
    chance: float,
    n: int,
) -> float:
    """Fleiss, Cohen and Everitt (1969), formula 13, for two categories."""
    on = sum(p[side, side] * (1 - (first[side] + second[side]) * (1 - value)) ** 2 for side in (True, False))
    off = (1 - value) ** 2 * sum(p[side, not side] * (second[side] + first[not side]) ** 2 for side in (True, False))
    rest = (value - chance * (1 - value)) ** 2
    return sqrt(max(on + off - rest, 0.0) / n) / (1 - chance)


def alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal values: each unit holds the values it was given, by as many as answered.

    None where no unit has two values, or where all values are the same: then there was nothing to tell apart.
    """
    weights: dict[tuple[Hashable, Hashable], float] = {}
    for values in units:
        counts, m = Counter(values), len(values)
        if m < 2:
            continue
        for one in counts:
            for other in counts:
                pairs = counts[one] * (counts[other] - (one == other))
                weights[one, other] = weights.get((one, other), 0.0) + pairs / (m - 1)
    totals: dict[Hashable, float] = {}
    for (one, _), weight in weights.items():
        totals[one] = totals.get(one, 0.0) + weight
    n = sum(totals.values())
    expected = n * n - sum(total * total for total in totals.values())
    if n < 2 or expected <= 0:
        return None
    observed = sum(weight for (one, other), weight in weights.items() if one != other)
    return 1 - (n - 1) * observed / expected


@dataclass(frozen=True)
class Coding:
    """The themes that one person saw in one comment."""

    comment: Hashable
    person: Hashable
    themes: frozenset[str]


@dataclass(frozen=True)
class ThemeAgreement:
    """How two people agree about one theme; `n` comments have it by at least one of them."""

    theme: str
    n: int
    kappa: Kappa


@dataclass(frozen=True)
class Agreement:
    """How people agree: all of them by alpha, and the two with most comments in common by kappa, theme by theme."""

    comments: int
    alpha: float | None
    pair: tuple[Hashable, Hashable] | None
    pair_comments: int
    themes: tuple[ThemeAgreement, ...]


def agreement(codings: Iterable[Coding]) -> Agreement:
    """Compare codings of the same comments; a decision is one theme of one comment, there or not.

    Only themes that somebody saw are decisions: those that nobody ever saw would be agreed on without reading.
    """
    by_comment: dict[Hashable, dict[Hashable, frozenset[str]]] = {}
    for coding in codings:
        by_comment.setdefault(coding.comment, {})[coding.person] = coding.themes
    shared = {comment: said for comment, said in by_comment.items() if len(said) > 1}
    names = sorted({theme for said in shared.values() for themes in said.values() for theme in themes})
    units = [[theme in themes for themes in said.values()] for said in shared.values() for theme in names]
    pair = _pair(shared.values())
    both = [(said[pair[0]], said[pair[1]]) for said in shared.values() if pair and set(pair) <= said.keys()]
    themes = [_theme(name, both) for name in names if any(name in one | other for one, other in both)]
    return Agreement(
        len(shared), alpha(units), pair, len(both), tuple(sorted(themes, key=lambda row: (-row.n, row.theme)))
    )


def _theme(name: str, both: Sequence[tuple[frozenset[str], frozenset[str]]]) -> ThemeAgreement:
    return ThemeAgreement(
        name,
        sum(name in one | other for one, other in both),
        kappa((name in one, name in other) for one, other in both),
    )


def _pair(shared: Iterable[dict[Hashable, frozenset[str]]]) -> tuple[Hashable, Hashable] | None:
    """The two people with most comments in common; of several, those first by name."""
    counts: Counter[tuple[Hashable, Hashable]] = Counter()
    for said in shared:
        people = sorted(said, key=str)
        counts.update((one, other) for at, one in enumerate(people) for other in people[at + 1 :])
    return min(counts, key=lambda pair: (-counts[pair], str(pair))) if counts else None


def sentence(value: float | None) -> str:
    """What alpha means, by Krippendorff's own marks (2004, page 241)."""
    if value is None:
        return "There is not enough yet to say how far people agree: two people must code the same comments."
    if value >= 0.8:
        return "People agree well: what one codes, another can rely on."
    if value >= 0.667:
        return "People agree enough for first conclusions. Talk about the themes with the lowest figures."
    return "People agree too little to rely on the codes. Talk about what each theme means, then code again."
