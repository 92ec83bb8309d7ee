"""Inequity: a real difference is found, one among few people is not, and places are compared with themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from earshot.signals.bounds import Unwatchable
from earshot.signals.inequity import FEWEST_HEARD, Difference, differences, mid_p, q_values
from scipy.stats import hypergeom

pytestmark = pytest.mark.slow

Counts = npt.NDArray[np.int64]


def by_pair(told: Counts, heard: Counts) -> dict[tuple[int, int], Difference]:
    return {(found.group, found.theme): found for found in differences(told, heard)}


def alike(seed: int, groups: int = 5, themes: int = 30, strata: int = 4) -> tuple[Counts, Counts]:
    """Groups that tell of every theme as often as the others of their place, where places differ widely."""
    rng = np.random.default_rng(seed)
    heard = rng.integers(20, 200, (groups, strata))
    rate = rng.uniform(0.02, 0.3, (themes, strata))
    return rng.binomial(heard[:, None, :], rate[None]), heard


def test_a_planted_difference_is_found_and_no_other() -> None:
    told, heard = alike(1)
    told[2, 7] = np.random.default_rng(9).binomial(heard[2], 0.55)
    shown = {(found.group, found.theme) for found in differences(told, heard) if found.beyond_chance}
    assert (2, 7) in shown
    assert len({theme for _, theme in shown}) <= 2  # where one group tells more, the others tell less than the rest
    found = by_pair(told, heard)[2, 7]
    assert found.ratio is not None and found.low is not None and found.high is not None
    assert 1 < found.low < found.ratio < found.high
    assert found.ratio < found.told / found.expected  # drawn towards no difference


def test_where_nobody_differs_hardly_anything_is_shown() -> None:
    shown = [sum(found.beyond_chance for found in differences(*alike(seed))) for seed in range(6)]
    assert sum(count > 0 for count in shown) <= 2  # each whole look has a chance of about one in ten


def test_a_group_that_meets_another_ward_is_compared_there() -> None:
    heard = np.array([[300, 20], [20, 300]])
    told = np.array([[[90, 1]], [[6, 15]]])  # the first ward tells of it in 30 % of comments, the second in 5 %
    assert not any(found.beyond_chance for found in differences(told, heard))
    pooled = differences(told.sum(axis=2, keepdims=True), heard.sum(axis=1, keepdims=True))
    assert all(found.beyond_chance for found in pooled)


def test_few_people_are_not_compared() -> None:
    heard = np.array([[FEWEST_HEARD - 1], [500]])
    few = by_pair(np.array([[[15]], [[20]]]), heard)[0, 0]
    assert few.too_few and few.ratio is None and not few.beyond_chance
    rare = by_pair(np.array([[[2]], [[2]]]), np.array([[100], [100]]))[0, 0]
    assert rare.too_few


def test_the_chance_is_the_exact_one_of_a_single_table() -> None:
    told, heard = np.array([[9], [11]]), np.array([[30], [120]])
    law = hypergeom(150, 20, 30)
    assert mid_p(told, heard, 0) == pytest.approx(2 * (law.sf(9) + law.pmf(9) / 2))


def test_several_places_add_up_exactly() -> None:
    told, heard = np.array([[3, 5], [4, 2]]), np.array([[10, 20], [15, 12]])
    chance = {(a, b): hypergeom.pmf(a, 25, 7, 10) * hypergeom.pmf(b, 32, 7, 20) for a in range(8) for b in range(8)}
    above = sum(p for (a, b), p in chance.items() if a + b > 8)
    at = sum(p for (a, b), p in chance.items() if a + b == 8)
    below = sum(p for (a, b), p in chance.items() if a + b < 8)
    assert mid_p(told, heard, 0) == pytest.approx(min(1, 2 * (min(above, below) + at / 2)))


def test_q_values_by_hand() -> None:
    found = q_values(np.array([[0.01, 0.04], [np.nan, 0.03]]))
    assert found[0].tolist() == pytest.approx([0.03, 0.04])
    assert np.isnan(found[1, 0]) and found[1, 1] == pytest.approx(0.04)


@pytest.mark.parametrize(("told", "heard"), [([[1]], [[1]]), ([[[5]]], [[4]]), ([[[1]]], [[4], [4]])])
def test_what_does_not_fit_is_refused(told: list[object], heard: list[object]) -> None:
    with pytest.raises(Unwatchable):
        differences(np.array(told), np.array(heard))
