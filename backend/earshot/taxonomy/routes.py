"""The frameworks and mappings for the console: what each theme means, and where it belongs in other people's terms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from earshot.people.model import Actor, Stream
from earshot.people.routes import signed_in
from earshot.taxonomy.frameworks import frameworks, mappings
from earshot.taxonomy.model import NOT_ASSIGNED, Framework, Polarity, Theme

router = APIRouter(prefix="/api/frameworks", tags=["themes"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ThemeMeaning(_Out):
    """A theme, what it means, and its dimensions, written `mapping:dimension`."""

    name: str
    group: str
    description: str
    polarity: Polarity
    dimensions: list[str]


class FrameworkMeaning(_Out):
    """A framework, whose comments are read by it, and its themes."""

    id: str
    version: str
    name: str
    source: str
    note: str
    streams: list[Stream]
    themes: list[ThemeMeaning]


class DimensionOut(_Out):
    """One dimension; the id is written `mapping:dimension`."""

    id: str
    name: str
    description: str


class MappingOut(_Out):
    """A way to sort themes into dimensions."""

    id: str
    version: str
    name: str
    source: str
    note: str
    dimensions: list[DimensionOut]


class FrameworksOut(_Out):
    """Every framework, and every mapping of their themes."""

    frameworks: list[FrameworkMeaning]
    mappings: list[MappingOut]


@router.get("")
async def every(_actor: Annotated[Actor, Depends(signed_in)]) -> FrameworksOut:
    """The frameworks by which comments are read, and the mappings of their themes to CQC key questions and others."""
    return FrameworksOut(
        frameworks=[_framework(one) for one in frameworks()],
        mappings=[
            MappingOut(
                id=one.id,
                version=one.version,
                name=one.name,
                source=one.source,
                note=one.note,
                dimensions=[
                    DimensionOut(id=f"{one.id}:{each.id}", name=each.name, description=each.description)
                    for each in one.dimensions
                ],
            )
            for one in mappings()
        ],
    )


def _framework(one: Framework) -> FrameworkMeaning:
    return FrameworkMeaning(
        id=one.id,
        version=one.version,
        name=one.name,
        source=one.source,
        note=one.note,
        streams=[Stream(stream) for stream in one.streams],
        themes=[_theme(theme) for theme in one.themes if theme.name != NOT_ASSIGNED],
    )


def _theme(theme: Theme) -> ThemeMeaning:
    placed = [f"{one.id}:{dimension}" for one in mappings() for dimension in one.of(theme.name)]
    return ThemeMeaning(
        name=theme.name,
        group=theme.group,
        description=theme.description,
        polarity=theme.polarity,
        dimensions=placed,
    )
