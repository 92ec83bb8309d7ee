"""What can be measured, and percentages that small numbers do not get. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from earshot.measures.spc import Direction
from earshot.taxonomy.model import Framework, Polarity

Unit = Literal["count", "percent"]

FEWEST = 5  # a percentage of fewer answers than this says too little
THEME = "theme:"
_BETTER: dict[Polarity, Direction] = {"good": "increase", "bad": "decrease", "none": "neutral"}


@dataclass(frozen=True)
class Measure:
    """Something that is counted in `daily` under `source`.

    A percent is the share of the labels `hits` among all labels; a count of one theme has its name as `label`.
    """

    id: str
    name: str
    unit: Unit
    improvement_direction: Direction
    source: str
    hits: frozenset[str] = frozenset()
    label: str | None = None


COMMENTS = Measure("comments", "Comments", "count", "neutral", "comments")
RESPONSES = Measure("responses", "Responses", "count", "neutral", "responses")
#: Very good and good, of all six answers, "don't know" among them: NHS England's Friends and Family Test.
FFT_POSITIVE = Measure(
    "fft_positive", "Friends and Family Test: positive", "percent", "increase", "fft", frozenset({"1", "2"})
)
NEGATIVE_SHARE = Measure(
    "negative_share", "Negative comments", "percent", "decrease", "sentiment", frozenset({"4", "5"})
)
GENERAL = (COMMENTS, RESPONSES, FFT_POSITIVE, NEGATIVE_SHARE)


def catalogue(frameworks: Sequence[Framework]) -> list[Measure]:
    """Every measure: the general ones, then a count of each theme of each framework."""
    return [*GENERAL, *(theme_measure(one, name) for one in frameworks for name in one.names)]


def measure(frameworks: Sequence[Framework], measure_id: str) -> Measure | None:
    """A measure by its id, or None where nothing is called so."""
    if measure_id.startswith(THEME) and len(measure_id) > len(THEME):
        name = measure_id.removeprefix(THEME)
        return theme_measure(next((one for one in frameworks if name in one.names), frameworks[0]), name)
    return next((general for general in GENERAL if general.id == measure_id), None)


def theme_measure(framework: Framework, name: str) -> Measure:
    """How many comments are about a theme."""
    direction = _BETTER[framework.theme(name).polarity]
    return Measure(THEME + name, f"Theme: {name}", "count", direction, "theme", label=name)


def percent(part: int | None, whole: int | None) -> float | None:
    """A part as a percentage with one decimal, or None where either is hidden or the whole is too small to say.

    At most 100, which rounding of counts of staff alone could make it exceed.
    """
    if part is None or whole is None or whole < FEWEST:
        return None
    return min(100.0, round(100 * part / whole, 1))
