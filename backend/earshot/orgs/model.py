"""Levels of organisation and the rules of the tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

LEVELS = ("nation", "region", "icb", "provider", "site", "service", "team")


@dataclass(frozen=True)
class Org:
    """An organisation as people see it."""

    id: UUID
    parent_id: UUID | None
    level: str
    code: str
    ods_code: str | None
    name: str
    setting: str | None
    invented: bool
    closed_on: date | None
    successor_id: UUID | None


@dataclass(frozen=True)
class OrgRow:
    """One line of an organisations file."""

    line: int
    code: str
    name: str
    level: str
    parent_code: str | None
    ods_code: str | None
    setting: str | None
    invented: bool
    opened_on: date | None
    closed_on: date | None
    successor_code: str | None


@dataclass(frozen=True)
class OrgProblem:
    """A line that cannot be loaded, and why."""

    line: int
    field: str
    reason: str


def above(level: str, parent_level: str) -> bool:
    """Whether an organisation of `level` may lie below one of `parent_level`."""
    return LEVELS.index(parent_level) < LEVELS.index(level)
