"""The frameworks and mappings that are shipped, read from their data files and checked against each other."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from earshot.taxonomy.model import NOT_ASSIGNED as NOT_ASSIGNED
from earshot.taxonomy.model import Dimension, Framework, Mapping, Theme, check

PATIENT_EXPERIENCE = "patient-experience"
STAFF = "staff"


@cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework; each stream has exactly one, and no two share the name of a theme."""
    return _shipped()[0]


@cache
def mappings() -> tuple[Mapping, ...]:
    """Every mapping of themes to dimensions: CQC key questions, and the dimensions of quality."""
    return _shipped()[1]


def patient_experience() -> Framework:
    """The patient-experience framework."""
    return next(framework for framework in frameworks() if framework.id == PATIENT_EXPERIENCE)


def of_stream(stream: str) -> Framework:
    """The framework by which comments of a stream are read."""
    return next((one for one in frameworks() if stream in one.streams), patient_experience())


def of_theme(name: str) -> Framework:
    """The framework that a theme belongs to; the patients' for one that nobody knows."""
    return next((one for one in frameworks() if name in one.names), patient_experience())


def themes_under(dimension: str) -> list[str] | None:
    """The themes of a dimension that is written `mapping:dimension`, such as `cqc:safe`; None for one unknown."""
    mapping_id, _, wanted = dimension.partition(":")
    for mapping in mappings():
        if mapping.id == mapping_id and wanted in {one.id for one in mapping.dimensions}:
            return list(mapping.under(wanted))
    return None


@cache
def _shipped() -> tuple[tuple[Framework, ...], tuple[Mapping, ...]]:
    known = tuple(_framework(_read("frameworks", name)) for name in ("patient_experience", "staff"))
    mapped = tuple(_mapping(_read("mappings", name)) for name in ("cqc", "darzi"))
    check(known, mapped)
    return known, mapped


def _read(folder: str, name: str) -> dict[str, Any]:
    text = (files("earshot.taxonomy") / folder / f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _framework(raw: dict[str, Any]) -> Framework:
    themes = tuple(Theme(**theme) for theme in raw.pop("themes"))
    return Framework(**{**raw, "streams": tuple(raw["streams"])}, themes=themes)


def _mapping(raw: dict[str, Any]) -> Mapping:
    dimensions = tuple(Dimension(**dimension) for dimension in raw["dimensions"])
    themes = {theme: tuple(placed) for theme, placed in raw["themes"].items()}
    return Mapping(**{**raw, "dimensions": dimensions, "themes": themes})
