"""Counts as they may leave the house, attacked by linear programming: what a reader of all of them could work out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pytest
from earshot.measures.disclosure import meant, told
from earshot.publishing.feed import SPLIT_FROM, Counted, families, protected, taxonomy_of
from scipy.optimize import linprog

TOP, EAST, WEST = (UUID(int=n) for n in (1, 2, 3))
WARDS = [UUID(int=10 + n) for n in range(6)]
PARENTS: dict[UUID, UUID | None] = {
    TOP: None, EAST: TOP, WEST: TOP, **{ward: EAST if place < 3 else WEST for place, ward in enumerate(WARDS)},
}  # fmt: skip
SCORES = ("1", "2", "5")


def world(seed: int, most: int) -> dict[Counted, int]:
    """Answers of six wards by score, and of their two sites and the provider; some were said of a site itself."""
    chance = random.Random(seed)
    own: dict[Counted, int] = {}
    for org in (*WARDS, EAST):
        scores = {score: chance.randint(0, most) for score in SCORES}
        own |= {(org, "fft", score): n for score, n in scores.items()}
        own[org, "responses", ""] = sum(scores.values()) + chance.choice((0, 0, 1))
    counts: dict[Counted, int] = {}
    for (org, measure, label), n in own.items():
        above: UUID | None = org
        while above is not None:
            counts[above, measure, label] = counts.get((above, measure, label), 0) + n
            above = PARENTS[above]
    return counts


def reach(
    counts: Mapping[Counted, int], shown: Mapping[Counted, int | None], *, exact: bool = False
) -> dict[Counted, tuple[float, float]]:
    """Between which values each hidden small count must lie, for whoever knows the tree and how counts are rounded.

    The reader also knows that nothing is said of the provider and of the western site themselves. `exact`: as if
    numbers were told as they are.
    """
    keys = [(org, *key) for org in PARENTS for key in [("responses", ""), *(("fft", score) for score in SCORES)]]
    place = {key: at for at, key in enumerate(keys)}
    equal: list[npt.NDArray[np.float64]] = []
    least: list[npt.NDArray[np.float64]] = []
    for org in PARENTS:
        parts = [(org, "fft", score) for score in SCORES]
        least.append(_row(place, (org, "responses", ""), parts))  # scores together are no more than the answers
        below = [child for child, parent in PARENTS.items() if parent == org]
        rows = [_row(place, (org, what, label), [(one, what, label) for one in below]) for _, what, label in keys[:4]]
        (equal if org in (TOP, WEST) else least).extend(rows if below else [])
    bounds = [_bounds(shown, key, exact) for key in keys]
    found = {}
    for key in (key for key in keys if 0 < counts.get(key, 0) < 5):
        ends = []
        for sign in (1, -1):
            wanted = np.zeros(len(keys))
            wanted[place[key]] = sign
            end = linprog(wanted, np.array(least), np.zeros(len(least)), np.array(equal), np.zeros(len(equal)), bounds)
            assert end.status == 0
            ends.append(sign * end.fun)
        found[key] = (round(ends[0], 6), round(ends[1], 6))
    return found


def _row(place: Mapping[Counted, int], total: Counted, parts: list[Counted]) -> npt.NDArray[np.float64]:
    row = np.zeros(len(place))
    row[place[total]] = -1
    for part in parts:
        row[place[part]] = 1
    return row


def _bounds(shown: Mapping[Counted, int | None], key: Counted, exact: bool) -> tuple[int, int]:
    """What a number may be: any that is hidden, since a larger one may be hidden for the sake of a small one."""
    n = shown.get(key, 0)
    if n is None:
        return 0, 1_000
    return (n, n) if exact else meant(n)


@pytest.mark.parametrize("seed", range(6))
def test_no_small_count_can_be_worked_out_from_all_that_is_told(seed: int) -> None:
    counts = world(seed, most=(3, 9, 30)[seed % 3])
    shown = protected(PARENTS, counts)
    assert all(n is None or n == told(counts[key]) for key, n in shown.items())
    hidden = reach(counts, shown)
    assert hidden, "a world without small counts would prove nothing"
    assert [key for key, (least, most) in hidden.items() if int(most) - int(np.ceil(least)) < 1] == []


def test_the_attack_finds_small_counts_where_only_those_are_left_out() -> None:
    counts = world(1, most=9)
    careless = {key: None if 0 < n < 5 else n for key, n in counts.items()}
    found = reach(counts, careless, exact=True)
    given_away = [key for key, (least, most) in found.items() if least == most]
    assert given_away and all(found[key] == (counts[key], counts[key]) for key in given_away)


def test_a_small_total_is_not_split_up_and_a_large_one_is() -> None:
    few, many = {(TOP, "responses", ""): 12, (TOP, "fft", "1"): 12}, {(TOP, "responses", ""): 40, (TOP, "fft", "1"): 40}
    assert protected({TOP: None}, few) == {(TOP, "responses", ""): 10, (TOP, "fft", "1"): None}
    assert protected({TOP: None}, many) == {(TOP, "responses", ""): 40, (TOP, "fft", "1"): 40}
    assert 12 < SPLIT_FROM <= 40


def test_below_a_small_total_nobody_is_hidden_too() -> None:
    shown = protected({TOP: None, EAST: TOP, WEST: TOP}, {(TOP, "comments", ""): 3, (EAST, "comments", ""): 3})
    assert shown == dict.fromkeys([(TOP, "comments", ""), (EAST, "comments", ""), (WEST, "comments", "")])


def test_every_number_says_by_which_words_it_was_sorted() -> None:
    assert taxonomy_of("theme", "Timeliness") == "patient-experience/qdc-2023-08"
    assert taxonomy_of("theme_negative", "We are compassionate and inclusive") == "staff/2026-11"
    assert taxonomy_of("fft", "1") == "nhs-fft/2020-04" and taxonomy_of("comments", "") == "earshot-counts/1"
    found = families({(TOP, "theme", "Timeliness"): 1, (TOP, "sentiment", "4"): 1})
    assert [family.whole for family in found] == [("comments", ""), ("theme", "Timeliness")]
