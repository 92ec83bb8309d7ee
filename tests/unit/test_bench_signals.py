"""`earshot bench signals`: thresholds set to equal false alarms, peers by their own rules, and the page."""

from __future__ import annotations

import json

import numpy as np
import pytest
from earshot.bench.peers import PEERS, ears, farrington, poisson_cusum, xmr
from earshot.bench.signals import (
    BASELINES,
    CHANGES,
    FALSE_ALARMS_A_YEAR,
    FOLLOWED,
    HISTORY,
    OURS,
    calibrate,
    first_alarm,
    share,
)
from earshot.bench.signals_page import page
from earshot.cli import app
from earshot.signals.ears import Ears, c2
from earshot.signals.simulate import Change, World, counts
from typer.testing import CliRunner


def test_thresholds_give_the_false_alarms_that_are_wanted() -> None:
    scores = np.random.default_rng(1).normal(size=(1500, 52))
    threshold, rate = calibrate(scores, 0.0)
    assert rate == pytest.approx(FALSE_ALARMS_A_YEAR, abs=0.01)
    assert rate <= FALSE_ALARMS_A_YEAR
    assert 2 < threshold < 4


def test_a_detector_that_cannot_be_made_quiet_enough_says_nothing() -> None:
    scores = np.where(np.random.default_rng(1).random((500, 52)) < 0.1, 1.0, 0.0)
    threshold, rate = calibrate(scores, 0.0)
    assert threshold == np.inf
    assert rate == 0


def test_delays_count_from_the_first_week_of_the_rise() -> None:
    scores = np.zeros((3, FOLLOWED))
    scores[0, 0] = scores[1, 7] = 9
    delays = first_alarm(scores, 5, 0.0)
    assert delays.tolist() == [1, 8, FOLLOWED + 1]
    assert [share(delays, 4), share(delays, 8)] == [0.333, 0.667]


def test_peers_score_by_their_own_rules() -> None:
    drawn = counts(World(4.0), 3, HISTORY + 10, np.random.default_rng(2))[0]
    bounds = c2(drawn, Ears(alpha=0.02, min_sigma=0.5))
    assert ((ears(drawn, HISTORY) > Ears(alpha=0.02).z) == bounds.alarm[:, HISTORY:]).all()
    before = drawn[0, :HISTORY]
    by_hand = (drawn[0, HISTORY] - before.mean()) / np.abs(np.diff(before)).mean()
    assert xmr(drawn, HISTORY)[0, 0] == pytest.approx(by_hand)
    assert farrington(drawn, HISTORY).shape == (3, 10)
    assert (farrington(drawn, HISTORY) >= 0).all()


def test_the_cusum_adds_up_what_is_above() -> None:
    drawn = np.concatenate([np.ones((1, HISTORY)), np.array([[3.0, 3.0, 0.0]])], axis=1)
    step = 3 * np.log(2) - 1
    assert poisson_cusum(drawn, HISTORY)[0].tolist() == pytest.approx([step, 2 * step, 2 * step - 1])


@pytest.mark.parametrize("slow", [False, True])
def test_a_rise_takes_the_course_that_is_said(slow: bool) -> None:
    course = Change(10, 3.0, slow).course(30)
    assert (course[:10] == 1).all()
    assert (course[18:] == 3).all()
    assert course[10] == (1.25 if slow else 3)


@pytest.mark.slow
def test_the_bench_prints_every_cell_and_the_same_figures_again() -> None:
    arguments = ["bench", "signals", "--series", "20", "--json"]
    done, again = (CliRunner().invoke(app, arguments) for _ in range(2))
    assert done.exit_code == 0
    assert done.stdout == again.stdout
    figures = json.loads(done.stdout)
    assert len(figures["cells"]) == len(BASELINES) * len(CHANGES) * (1 + len(PEERS))
    best = [cell["within_8"] for cell in figures["cells"] if cell["detector"] == OURS]
    assert sum(best) >= max(
        sum(cell["within_8"] for cell in figures["cells"] if cell["detector"] == name) for name in PEERS
    )
    assert 0.6 < figures["kept"] / figures["promised"] < 1.5
    assert all(one["with_8"] >= one["alone_8"] for one in figures["added"])


@pytest.mark.slow
def test_people_get_tables() -> None:
    from earshot.bench.signals import measure

    told = page(measure(series=20, seed=3, report=lambda line: None))
    assert "| 0.25 |" in told
    assert all(name in told for name in (OURS, *PEERS))
