"""What counts as a change: tails against exact sums, false discoveries under chance alone, and honest words."""

from __future__ import annotations

import math
import random

import pytest
from earshot.measures.changes import (
    Kind,
    StreamCounts,
    ThemeCounts,
    Way,
    changes,
    discoveries,
    dispersion,
    kind_of,
    two_sided,
)
from earshot.taxonomy.model import Polarity


def theme(name: str, n: int, weeks: tuple[int, ...], **other: object) -> ThemeCounts:
    given = {"stream": "patient", "polarity": "none", "negative": 0, "previous": sum(weeks[-4:]), **other}
    return ThemeCounts(theme=name, n=n, weeks=weeks, **given)  # type: ignore[arg-type]


def negative_binomial(k: int, mean: float, variance: float) -> float:
    size = mean**2 / (variance - mean)
    p = mean / variance
    return math.exp(
        math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * math.log(p) + k * math.log(1 - p)
    )


@pytest.mark.parametrize("n", [0, 1, 4, 17, 31, 90])
@pytest.mark.parametrize("mean", [0.3, 2.0, 17.0, 60.0])
@pytest.mark.parametrize("spread", [1.05, 1.33, 3.0])
def test_the_two_sided_chance_is_twice_the_smaller_tail(n: int, mean: float, spread: float) -> None:
    masses = [negative_binomial(k, mean, mean * spread) for k in range(3000)]
    tail = math.fsum(masses[n:]) if n >= mean else math.fsum(masses[: n + 1])
    assert two_sided(n, mean, mean * spread) == pytest.approx(min(1.0, 2 * tail), rel=1e-6, abs=1e-12)


def test_the_chance_of_very_large_counts_is_found_without_overflow() -> None:
    assert two_sided(90_000, 100_000, 134_000) < 1e-100
    assert two_sided(10**6, 10**6, 2 * 10**6) == pytest.approx(1.0, abs=1e-3)


def test_discoveries_follow_the_step_up_rule() -> None:
    # Benjamini and Hochberg 1995, section 4.1: four of their fifteen are found at 5 %.
    paper = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ]  # fmt: skip
    assert discoveries(paper, 0.05) == [0, 1, 2, 3]
    assert discoveries([0.9, 0.04, 0.04], 0.06) == [1, 2], "a larger rank may carry a chance that its own would not"
    assert discoveries([], 0.1) == []


def test_even_weeks_are_poisson_and_bursts_are_not() -> None:
    assert dispersion([(5, 5, 5, 5)], (10, 10, 10, 10)) == 1.0
    assert dispersion([(20, 0, 0, 0)], (10, 10, 10, 10)) == pytest.approx(20.0)
    assert dispersion([(10, 20, 0, 30)], (10, 20, 0, 30)) == 1.0, "busier weeks are no unevenness of a theme"


def test_a_theme_that_doubles_is_found_and_said_in_a_plain_sentence() -> None:
    steady = [theme(f"Theme {number}", 20, (5,) * 12) for number in range(10)]
    rising = theme("Supplying medication", 40, (5,) * 12, negative=30)
    found = changes([*steady, rising], {"patient": StreamCounts(220, (55,) * 12)}, days=28, most=6)
    assert [change.theme for change in found] == ["Supplying medication"]
    assert (found[0].direction, found[0].kind, found[0].n, found[0].previous) == ("up", "concern", 40, 20)
    assert found[0].sentence == (
        "Comments about ‘Supplying medication’ rose: 40 of 220 in 4 weeks, where about 20 were expected."
    )


def test_a_busier_month_is_no_change_of_any_theme() -> None:
    doubled = [theme(f"Theme {number}", 40, (5,) * 12) for number in range(10)]
    assert changes(doubled, {"patient": StreamCounts(400, (50,) * 12)}, days=28, most=6) == []


def test_with_several_streams_the_sentence_says_who_spoke() -> None:
    rows = [
        theme("Parking", 40, (5,) * 12),
        *(theme("Parking", 20, (5,) * 12, stream=stream) for stream in ("carer", "staff")),
    ]
    streams = dict.fromkeys(("patient", "carer", "staff"), StreamCounts(200, (50,) * 12))
    (change,) = changes(rows, streams, days=10, most=6)
    assert (
        change.sentence
        == "Patients’ comments about ‘Parking’ rose: 40 of 200 in 10 days, where about 20 were expected."
    )


def test_too_short_a_past_says_nothing() -> None:
    weeks = (0,) * 9 + (50,) * 3
    rising = theme("Parking", 60, (0,) * 9 + (5,) * 3)
    assert changes([rising], {"patient": StreamCounts(200, weeks)}, days=28, most=6) == []
    assert changes([rising], {}, days=28, most=6) == []


def test_chance_alone_is_seldom_called_a_change() -> None:
    """Twenty themes whose true share never changes, in 300 made-up places: at most one place in ten shows anything."""
    chance = random.Random(20260302)
    shown = 0
    for _ in range(300):
        weeks = [[sum(chance.random() < 0.05 for _ in range(60)) for _ in range(12)] for _ in range(20)]
        now = [sum(chance.random() < 0.05 for _ in range(240)) for _ in range(20)]
        rows = [theme(f"Theme {i}", now[i], tuple(weeks[i])) for i in range(20)]
        shown += bool(changes(rows, {"patient": StreamCounts(240, (60,) * 12)}, days=28, most=6))
    assert shown <= 30


@pytest.mark.parametrize(
    ("way", "polarity", "negative", "kind"),
    [
        ("up", "good", 9, "improvement"),
        ("down", "good", 0, "concern"),
        ("up", "bad", 0, "concern"),
        ("down", "bad", 9, "improvement"),
        ("up", "none", 6, "concern"),
        ("up", "none", 1, "improvement"),
        ("up", "none", 4, "neutral"),
        ("down", "none", 9, "neutral"),
    ],
)
def test_the_kind_comes_from_the_theme_or_from_what_was_said(
    way: Way, polarity: Polarity, negative: int, kind: Kind
) -> None:
    assert kind_of(way, polarity, negative, 10) == kind
