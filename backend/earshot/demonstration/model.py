"""The nouns of the demonstration: where people are heard, what they might say, and what one of them said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from earshot.intake.model import Audience


@dataclass(frozen=True)
class Unit:
    """A ward, team or practice where people are heard; `setting` says which comments fit it."""

    code: str
    setting: str
    closed_on: date | None = None

    def open_on(self, day: date) -> bool:
        """Whether somebody could be heard there that day."""
        return self.closed_on is None or day < self.closed_on


@dataclass(frozen=True)
class Remark:
    """A comment written by hand, the score its author would give, and where it could have been said.

    One with a `story` is said only where and while that story goes on.
    """

    text: str
    fft: int | None
    audience: Audience
    about: str
    settings: frozenset[str] = frozenset()
    story: str | None = None

    def fits(self, setting: str) -> bool:
        """Whether it could have been said in such a place."""
        return setting in self.settings or "any" in self.settings


@dataclass(frozen=True)
class Said:
    """One response of the demonstration: a score, words, or both."""

    number: int
    day: date
    unit: str
    audience: Audience
    fft: int | None
    answers: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
