"""How much the net for immediate risk misses: what people found in comments in which it heard nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Missed:
    """The share of unflagged comments that tell of risk all the same, with its 95 % interval."""

    rate: float
    low: float
    high: float


def missed(found: int, looked_at: int) -> Missed | None:
    """Estimate the miss rate from a random sample; None while nobody has looked.

    Wilson's score interval (Wilson 1927, JASA 22:209), which stays honest where nothing was found: it never claims
    that a sample without a miss means that none is missed.

    Args:
        found: comments of the sample that tell of risk. looked_at: comments of the sample with a verdict.
    """
    if not 0 <= found <= looked_at:
        raise ValueError("A sample holds at least as many comments as were found in it.")
    if looked_at == 0:
        return None
    rate = found / looked_at
    spread = _Z * _Z / looked_at
    middle = (rate + spread / 2) / (1 + spread)
    half = _Z * sqrt(rate * (1 - rate) / looked_at + spread / (4 * looked_at)) / (1 + spread)
    return Missed(
        rate, max(0.0, middle - half) if found else 0.0, min(1.0, middle + half) if found < looked_at else 1.0
    )
