"""A framework of themes: what each means, and whether hearing more of it is good or bad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Polarity = Literal["good", "bad", "none"]


@dataclass(frozen=True)
class Theme:
    """One category of a framework. `polarity` says what more of it means; most themes are neither good nor bad."""

    name: str
    group: str
    description: str
    polarity: Polarity


@dataclass(frozen=True)
class Framework:
    """A versioned list of themes."""

    id: str
    version: str
    name: str
    source: str
    themes: tuple[Theme, ...]

    def theme(self, name: str) -> Theme:
        """A theme by its name; one that a bundle knows and this version does not is shown all the same."""
        found = next((theme for theme in self.themes if theme.name == name), None)
        return found or Theme(name, "General", "", "none")
