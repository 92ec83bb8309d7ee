"""The plain CUSUM: the documented alarms, R's sums, and the sum by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from earshot.signals.bounds import Unwatchable
from earshot.signals.cusum import Cusum, cusum

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "vectors" / "outbreak_detection.json"
FILES = [HERE / "fixtures" / "outbreaks.json", *([SHARED] if SHARED.exists() else [])]
FIXTURE: dict[str, Any] = json.loads(FILES[0].read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8"))["documented"] for path in FILES]


@pytest.mark.parametrize("vectors", VECTORS)
def test_documented_alarms(vectors: dict[str, Any]) -> None:
    known = vectors["epysurv_salmonella"]
    listed, first = known["alarms"]["Cusum"], known["first_test_index_1based"] - 1
    rules = Cusum(listed["params"]["reference_value"], listed["params"]["decision_boundary"])
    alarm = cusum(known["series"], first, rules).alarm
    assert not alarm[:first].any()
    assert (np.flatnonzero(alarm[first:]) + 1).tolist() == listed["alarm_index_in_test_1based"]


def test_sums_and_alarms_equal_those_of_r() -> None:
    found, rules = cusum(FIXTURE["series"]["rising"], 330), Cusum()
    sums = rules.decision + rules.reference - (found.upper - found.expected) / np.sqrt(found.expected)
    # algo.cusum of surveillance 1.20.3, weeks 330 to 338; a bound tells the sum of the week before it
    of_r = [0.362009267, 0, 0.362009267, 2.197467763, 2.068327287, 2.430336553, 3.283495563, 3.645504830, 6.954412555]
    assert sums[331:].tolist() == pytest.approx(of_r)
    assert found.alarm[330:].tolist() == [False] * 5 + [True] * 5


def test_the_sum_by_hand() -> None:
    # Usual 4, sd 2. Standardised less 1: 8 adds 1, 6 adds 0, 7 adds 0.5, 10 adds 2; 0 takes 3 off; and 8 adds 1.
    found = cusum([3, 5, 8, 6, 7, 10, 0, 8], 2, Cusum(reference=1, decision=2))
    assert found.alarm.tolist() == [False, False, False, False, False, True, False, False]
    assert found.upper[2:].tolist() == [10, 8, 8, 7, 3, 9]
    assert np.isnan(found.upper[:2]).all() and (found.expected[2:] == 4).all()
    assert found.score[5] == 2  # 10 is twice as far from 4 as 7


def test_it_goes_on_after_an_alarm() -> None:
    assert cusum([4] * 8 + [40, 4, 4], 8).alarm.tolist() == [False] * 8 + [True] * 3


def test_the_first_comment_ever_is_an_alarm_and_silence_is_none() -> None:
    found = cusum([0] * 9 + [1, 0], 8)
    assert found.alarm.tolist() == [False] * 9 + [True] * 2
    assert found.upper[8:].tolist() == [0, 0, 0]


def test_many_series_at_once_give_what_each_gives_alone() -> None:
    counts = np.random.default_rng(4).poisson(2, (3, 4, 50))
    found = cusum(counts, 20)
    assert found.alarm.any()
    assert found.upper[1, 2] == pytest.approx(cusum(counts[1, 2], 20).upper, nan_ok=True)
    assert (found.alarm[..., 20:] == (counts[..., 20:] >= found.upper[..., 20:])).all()


@pytest.mark.parametrize("first", [-1, 0, 5])
def test_weeks_to_learn_from_and_to_watch_are_needed(first: int) -> None:
    with pytest.raises(Unwatchable, match="first"):
        cusum([1] * 5, first)


@pytest.mark.parametrize("rules", [{"reference": 0}, {"decision": -1}])
def test_settings_that_make_no_sense_are_refused(rules: dict[str, float]) -> None:
    with pytest.raises(Unwatchable):
        Cusum(**rules)
