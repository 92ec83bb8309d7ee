"""Whether two protected numbers differ by more than chance and rounding together. Pure.

Source: the normal approximations to the difference of two Poisson counts and of two binomial shares, in Altman, Machin,
Bryant, Gardner, "Statistics with Confidence", 2nd edition, 2000, chapters 6 and 7; at 99 %, since a page compares much.
"""

from __future__ import annotations

import math
from typing import Literal

from earshot.measures.disclosure import ROUNDED_TO

Way = Literal["more", "less", "alike"]
Pair = tuple[int | None, int | None]  # a part and its whole, both protected

_SURE = 2.576
_SLACK = ROUNDED_TO // 2


def counts_differ(now: int | None, before: int | None) -> Way | None:
    """Whether a count differs from the one before; None where one of them cannot be told."""
    if now is None or before is None:
        return None
    far = abs(now - before) - 2 * _SLACK > _SURE * math.sqrt(now + before)
    return ("more" if now > before else "less") if far else "alike"


def shares_differ(one: Pair, other: Pair) -> Way | None:
    """Whether a share differs from another one; None where one of them cannot be told."""
    (part, whole), (other_part, other_whole) = one, other
    if part is None or not whole or other_part is None or not other_whole:
        return None
    p, q = min(1.0, part / whole), min(1.0, other_part / other_whole)
    noise = math.sqrt(p * (1 - p) / whole + q * (1 - q) / other_whole)
    slack = 2 * _SLACK / whole + 2 * _SLACK / other_whole
    far = abs(p - q) - slack > _SURE * noise
    return ("more" if p > q else "less") if far else "alike"
