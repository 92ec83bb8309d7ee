"""What people speak about more or less than before, beyond what chance explains. Pure.

A theme's count is compared with its share of all comments over the twelve weeks before, so that a busier month, in
which every theme is heard more, is not a change of any theme. The count to come is negative binomial: Poisson noise,
widened by how little is known from the weeks before and by how unevenly themes came then. Over all themes and streams
the false discovery rate is held at 10 % (Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995, 289-300).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from earshot.measures.disclosure import told
from earshot.measures.model import FEWEST
from earshot.taxonomy.model import Polarity

Kind = Literal["concern", "improvement", "neutral"]
Way = Literal["up", "down"]

BASELINE_WEEKS = 12
FEWEST_WEEKS = 4  # weeks with comments that a comparison needs
FALSE_DISCOVERIES = 0.1
MOSTLY_NEGATIVE, RARELY_NEGATIVE = 0.5, 0.2
PRIOR = 0.5  # Jeffreys' prior of a Poisson rate: a theme never heard before is not impossible
_SPEAKERS = {"patient": "Patients’ comments", "carer": "Carers’ comments", "staff": "Staff comments"}


@dataclass(frozen=True)
class ThemeCounts:
    """A theme in one stream: comments in the period, how many of them negative, and in each week of the baseline."""

    theme: str
    stream: str
    polarity: Polarity
    n: int
    negative: int
    previous: int
    weeks: tuple[int, ...]


@dataclass(frozen=True)
class StreamCounts:
    """All analysed comments of a stream in the period and in each week of the baseline."""

    n: int
    weeks: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """A theme that is heard more or less than expected."""

    theme: str
    n: int
    previous: int | None
    expected: float
    direction: Way
    kind: Kind
    sentence: str


def changes(
    themes: Sequence[ThemeCounts],
    streams: dict[str, StreamCounts],
    *,
    days: int,
    most: int,
    told_of: frozenset[str] = frozenset(),
) -> list[Change]:
    """The themes of a period of `days` that stand out, most telling first, at most `most`.

    Numbers of the streams in `told_of` are told as statistics are; what has too few to say is left out.
    """
    fit = {name for name, counts in streams.items() if _comparable(counts)}
    tested = [theme for theme in themes if theme.stream in fit and (theme.n or sum(theme.weeks))]
    unevenness = {name: dispersion([t.weeks for t in tested if t.stream == name], streams[name].weeks) for name in fit}
    scored = []
    for theme in tested:
        stream = streams[theme.stream]
        ratio = stream.n / sum(stream.weeks)
        expected = (sum(theme.weeks) + PRIOR) * ratio
        p = two_sided(theme.n, expected, expected * unevenness[theme.stream] * (1 + ratio))
        scored.append((p, expected, theme))
    passing = discoveries([p for p, _, _ in scored], FALSE_DISCOVERIES)
    found = sorted((scored[place] for place in passing), key=lambda row: row[:2])
    several = len({theme.stream for theme in tested}) > 1
    shown = [
        _told(theme, expected, streams[theme.stream].n) if theme.stream in told_of else
        _Shown(theme, theme.n, theme.previous, streams[theme.stream].n, expected, _about(expected))
        for _, expected, theme in found
    ]  # fmt: skip
    return [_change(one, days, several) for one in shown if one is not None][:most]


def dispersion(themes: Sequence[Sequence[int]], weeks: Sequence[int]) -> float:
    """How much more unevenly themes came over the weeks than chance explains: 1 for Poisson, at least 1.

    Pearson's statistic over its degrees of freedom, pooled over the themes that were expected at least once a week.
    """
    total, heard = sum(weeks), [week for week, n in enumerate(weeks) if n]
    statistic, freedom = 0.0, 0
    for theme in themes:
        if sum(theme) < len(heard):
            continue
        for week in heard:
            expected = sum(theme) * weeks[week] / total
            statistic += (theme[week] - expected) ** 2 / expected
        freedom += len(heard) - 1
    return max(1.0, statistic / freedom) if freedom > 0 else 1.0


def two_sided(n: int, mean: float, variance: float) -> float:
    """The chance of a count as far from the mean as `n`, to either side: twice the smaller tail, at most 1.

    The count is negative binomial with this mean (above 0) and variance (above the mean).
    """
    size = mean * mean / (variance - mean)
    again = mean / (mean + size)  # the chance in each trial that counts one more
    log_mass = (
        math.lgamma(n + size) - math.lgamma(size) - math.lgamma(n + 1) + size * math.log1p(-again) + n * math.log(again)
    )
    mass = tail = math.exp(log_mass)
    count = n
    # From n away from the mean, terms shrink to nothing; a lower tail may first rise to a mode below the mean.
    while mass > tail * 1e-16 and (n >= mean or count > 0):
        if n >= mean:
            mass *= again * (count + size) / (count + 1)
            count += 1
        else:
            mass *= count / (again * (count - 1 + size))
            count -= 1
        tail += mass
    return min(1.0, 2 * tail)


def discoveries(chances: Sequence[float], rate: float) -> list[int]:
    """The places of those chances that pass at a false discovery rate (Benjamini and Hochberg's step-up)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    passing = [rank for rank, place in enumerate(order, start=1) if chances[place] <= rate * rank / len(chances)]
    return order[: max(passing, default=0)]


def kind_of(way: Way, polarity: Polarity, negative: int, n: int) -> Kind:
    """Whether a change is good, bad or neither: by the theme's own meaning, else by what was said when it rose."""
    if polarity != "none":
        return "improvement" if (way == "up") == (polarity == "good") else "concern"
    if way == "down" or n == 0:
        return "neutral"
    if negative / n >= MOSTLY_NEGATIVE:
        return "concern"
    return "improvement" if negative / n <= RARELY_NEGATIVE else "neutral"


def _comparable(stream: StreamCounts) -> bool:
    return stream.n > 0 and sum(1 for week in stream.weeks if week) >= FEWEST_WEEKS


@dataclass(frozen=True)
class _Shown:
    """A change with the numbers that may be shown of it."""

    theme: ThemeCounts
    n: int
    previous: int | None
    of_all: int
    expected: float
    about: str


def _told(theme: ThemeCounts, expected: float, of_all: int) -> _Shown | None:
    """The numbers as statistics tell them; None where there are too few to say."""
    n, all_told, about = told(theme.n), told(of_all), told(round(expected))
    if n is None or all_told is None:
        return None
    if about is None:
        return _Shown(theme, n, told(theme.previous), all_told, FEWEST / 2, f"fewer than {FEWEST}")
    return _Shown(theme, n, told(theme.previous), all_told, float(about), str(about))


def _change(shown: _Shown, days: int, several: bool) -> Change:
    theme, about = shown.theme, shown.about
    way: Way = "up" if shown.n > shown.expected else "down"
    who = _SPEAKERS[theme.stream] if several else "Comments"
    verb = "rose" if way == "up" else "fell"
    when = f"{days // 7} weeks" if days % 7 == 0 and days > 7 else f"{days} days"
    sentence = (
        f"{who} about ‘{theme.theme}’ {verb}: {shown.n} of {shown.of_all} in {when}, where "
        f"{about if about.startswith('fewer') else f'about {about}'} {'was' if about == '1' else 'were'} expected."
    )
    kind = kind_of(way, theme.polarity, theme.negative, theme.n)
    return Change(theme.theme, shown.n, shown.previous, round(shown.expected, 1), way, kind, sentence)


def _about(expected: float) -> str:
    return "1" if expected < 1.5 else str(round(expected))
