"""What some people add about themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from earshot.intake.model import Audience

_AGES: Mapping[str, float] = {
    "under_16": 1,
    "16_24": 6,
    "25_34": 10,
    "35_44": 11,
    "45_54": 13,
    "55_64": 16,
    "65_74": 19,
    "75_84": 16,
    "85_over": 7,
    "prefer_not_to_say": 1,
}
_AGES_AT: Mapping[str, Mapping[str, float]] = {
    "maternity": {"16_24": 18, "25_34": 52, "35_44": 28, "prefer_not_to_say": 2},
    "children": {"under_16": 80, "16_24": 20},
    "ward": {"25_34": 3, "45_54": 8, "55_64": 15, "65_74": 26, "75_84": 30, "85_over": 18},
}
_CARERS: Mapping[str, float] = {"25_34": 12, "35_44": 20, "45_54": 24, "55_64": 22, "65_74": 14, "75_84": 8}
_STAFF: Mapping[str, float] = {"16_24": 8, "25_34": 27, "35_44": 27, "45_54": 22, "55_64": 14, "65_over": 2}
_ETHNICITY = {"white": 80, "asian": 9, "black": 5, "mixed": 2, "another": 2, "prefer_not_to_say": 2}
_DISABILITY = {"none": 55, "limits_a_little": 20, "limits_a_lot": 14, "no_limit": 8, "prefer_not_to_say": 3}
_ANSWERS: Mapping[Audience, float] = {"patient": 0.5, "carer": 0.4, "staff": 0.15}  # staff fear to be recognised


def about_person(audience: Audience, setting: str, random: Random) -> dict[str, str]:
    """Optional answers, for the share of people who give any; most of those give all three."""
    if random.random() > _ANSWERS[audience]:
        return {}
    ages = _AGES_AT.get(setting, _AGES)
    if audience != "patient":
        ages = _CARERS if audience == "carer" else _STAFF
    asked = {"age_band": ages, "ethnicity": _ETHNICITY, "disability": _DISABILITY}
    return {code: _one(shares, random) for code, shares in asked.items() if random.random() < 0.85}


def _one(shares: Mapping[str, float], random: Random) -> str:
    return random.choices(list(shares), list(shares.values()))[0]
