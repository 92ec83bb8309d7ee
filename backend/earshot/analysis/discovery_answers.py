"""What the console gets of discovered themes."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from earshot.analysis.answers import WeekOut


class ExemplarOut(BaseModel):
    """A comment that shows what a theme is about."""

    id: UUID
    text: str
    said_on: date


class StepOut(BaseModel):
    """A step in a theme's history: it split from another one, or took another one in.

    `share` is the part of the other theme's comments that came along, 0 to 1; missing where it might tell of a few
    members of staff.
    """

    kind: Literal["split", "merged"]
    number: int
    name: str
    share: float | None
    noted_on: date


class EndedOut(BaseModel):
    """A theme that is heard no more by itself; `into` names the theme that took it in, if one did."""

    number: int
    name: str
    into: str | None
    ended_on: date


class ClusterOut(BaseModel):
    """A discovered theme. Its id, number and name stay while it goes on.

    Counts are missing where there are too few members of staff to say, or where they would give such a count away.
    """

    id: UUID
    number: int
    name: str
    stream: str
    words: list[str]
    size: int | None
    n: int | None
    first_seen_on: date
    last_seen_on: date
    is_new: bool
    weekly: list[WeekOut]
    exemplars: list[ExemplarOut]
    history: list[StepOut]


class DiscoveryOut(BaseModel):
    """How the last look for themes went; how many comments it read, of all streams, is told to guardians alone."""

    state: Literal["none", "waiting", "running", "done", "failed"]
    asked_on: date | None = None
    comments: int | None = None
    clusters: int | None = None


class ClustersOut(BaseModel):
    """Discovered themes, how they were found, and those that ended lately."""

    discovery: DiscoveryOut
    clusters: list[ClusterOut]
    ended: list[EndedOut]


class DiscoverIn(BaseModel):
    """Which organisation to find themes for: the provider that it belongs to is used."""

    org: UUID | None = None
