"""A framework of themes: what each means, and whether hearing more of it is good or bad; and mappings that sort themes
into somebody else's dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Polarity = Literal["good", "bad", "none"]

NOT_ASSIGNED = "Not assigned"


class TaxonomyRefused(Exception):
    """A framework or a mapping contradicts itself or another. Put its data file right."""

    status = 500


@dataclass(frozen=True)
class Theme:
    """One category of a framework. `polarity` says what more of it means; most themes are neither good nor bad."""

    name: str
    group: str
    description: str
    polarity: Polarity


@dataclass(frozen=True)
class Framework:
    """A versioned list of themes, for the streams whose comments it reads. `note` says what people should know."""

    id: str
    version: str
    name: str
    source: str
    note: str
    streams: tuple[str, ...]
    themes: tuple[Theme, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the themes that say something."""
        return tuple(theme.name for theme in self.themes if theme.name != NOT_ASSIGNED)

    def theme(self, name: str) -> Theme:
        """A theme by its name; one that a bundle knows and this version does not is shown all the same."""
        found = next((theme for theme in self.themes if theme.name == name), None)
        return found or Theme(name, "General", "", "none")


@dataclass(frozen=True)
class Dimension:
    """One dimension of a mapping, such as a CQC key question."""

    id: str
    name: str
    description: str


@dataclass(frozen=True)
class Mapping:
    """A versioned way to sort the themes of every framework into dimensions; a theme may have several or none."""

    id: str
    version: str
    name: str
    source: str
    note: str
    dimensions: tuple[Dimension, ...]
    themes: MappingOf[str, tuple[str, ...]]

    def of(self, theme: str) -> tuple[str, ...]:
        """The dimensions of a theme, by id."""
        return self.themes.get(theme, ())

    def under(self, dimension: str) -> tuple[str, ...]:
        """The themes of a dimension, by name."""
        return tuple(theme for theme, dimensions in self.themes.items() if dimension in dimensions)


def check(frameworks: Sequence[Framework], mappings: Sequence[Mapping]) -> None:
    """Make sure that names mean one thing and that every theme is placed; raises `TaxonomyRefused`."""
    names = [name for framework in frameworks for name in framework.names]
    streams = [stream for framework in frameworks for stream in framework.streams]
    for what, listed in (("theme", names), ("stream", streams)):
        if len(set(listed)) < len(listed):
            raise TaxonomyRefused(f"Two frameworks share a {what}.")
    for mapping in mappings:
        dimensions = {dimension.id for dimension in mapping.dimensions}
        if set(mapping.themes) != set(names):
            raise TaxonomyRefused(f"{mapping.id} must place every theme: {sorted(set(names) ^ set(mapping.themes))}")
        for theme, placed in mapping.themes.items():
            if set(placed) - dimensions or len(set(placed)) < len(placed):
                raise TaxonomyRefused(f"{mapping.id} places {theme!r} in an unknown dimension, or in one twice.")
