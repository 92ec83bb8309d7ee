"""The miss rate of the risk net, from a sample that people read."""

from __future__ import annotations

import pytest
from earshot.analysis.missed import missed


def test_nothing_is_claimed_before_anybody_has_looked() -> None:
    assert missed(0, 0) is None


def test_no_miss_in_a_sample_does_not_mean_that_none_is_missed() -> None:
    estimate = missed(0, 100)
    assert estimate is not None
    assert (estimate.rate, estimate.low) == (0.0, 0.0)
    assert estimate.high == pytest.approx(0.0370, abs=5e-4)  # z² / (n + z²)


def test_the_interval_is_wilsons() -> None:
    estimate = missed(15, 148)  # Newcombe 1998, Statistics in Medicine 17:857, table I: 0.0624 to 0.1605
    assert estimate is not None
    assert estimate.rate == pytest.approx(0.1014, abs=5e-5)
    assert estimate.low == pytest.approx(0.0624, abs=5e-5)
    assert estimate.high == pytest.approx(0.1605, abs=5e-5)


@pytest.mark.parametrize(("found", "looked_at"), [(1, 0), (-1, 5), (6, 5)])
def test_a_sample_that_cannot_be_is_refused(found: int, looked_at: int) -> None:
    with pytest.raises(ValueError, match="sample"):
        missed(found, looked_at)
