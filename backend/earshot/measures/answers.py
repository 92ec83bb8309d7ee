"""What the pages of measures, themes and the overview get, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earshot.analysis.answers import CommentOut, WeekOut, WordOut
from earshot.measures.changes import Kind, Way
from earshot.measures.model import Unit
from earshot.measures.spc import Assurance, Direction, PointType, SpecialCause
from earshot.people.model import Stream


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, populate_by_name=True, serialize_by_alias=True)


class StreamHeard(_Out):
    """Comments of one stream, in the period and in the one before."""

    stream: Stream
    comments: int | None
    previous: int | None


class Heard(_Out):
    """How much was heard; a number is missing where only a few members of staff were."""

    comments: int | None
    responses: int | None
    previous_comments: int | None
    previous_responses: int | None
    by_stream: list[StreamHeard]


class FftOut(_Out):
    """The Friends and Family Test; percentages are missing where fewer than five answered."""

    positive_percent: float | None
    previous: float | None
    responses: int | None


class SentimentOut(_Out):
    """Comments of one sentiment, 1 (very positive) to 5 (very negative)."""

    label: int
    n: int | None
    previous: int | None


class WeekComments(_Out):
    """Comments of one week, from Monday."""

    week_start: date
    comments: int | None


class ChangeOut(_Out):
    """A theme that is heard more or less than expected."""

    theme: str
    n: int
    previous: int | None
    expected: float
    direction: Way
    kind: Kind
    sentence: str


class UnitOut(_Out):
    """One organisation below the one in view; the variation is that of its weekly comments."""

    org_id: UUID
    name: str
    level: str
    comments: int | None
    previous: int | None
    positive_percent: float | None
    variation: PointType | None


class Overview(_Out):
    """What was heard, and what changed."""

    since: date = Field(alias="from")
    until: date = Field(alias="to")
    previous_from: date
    previous_to: date
    heard: Heard
    fft: FftOut
    sentiment: list[SentimentOut]
    needs_person: int | None
    weekly: list[WeekComments]
    changes: list[ChangeOut]
    units: list[UnitOut]
    first_day: date | None
    last_day: date | None


class ThemeRow(_Out):
    """A theme in the period; shares lie between 0 and 1."""

    theme: str
    group: str
    n: int | None
    previous: int | None
    share: float | None
    negative_share: float | None
    weekly: list[WeekOut]


class FrameworkThemes(_Out):
    """A framework's themes that were heard, most heard first; `note` says what people should know of it."""

    id: str
    name: str
    version: str
    note: str
    themes: list[ThemeRow]
    not_assigned: int | None


class Themes(_Out):
    """What was heard, by the framework that reads whoever spoke."""

    frameworks: list[FrameworkThemes]


class ThemeUnit(_Out):
    """A theme in one organisation; the share is of its comments, between 0 and 1."""

    org_id: UUID
    name: str
    n: int | None
    share: float | None


class ThemeDetail(_Out):
    """One theme, with examples."""

    theme: str
    description: str
    weekly: list[WeekOut]
    units: list[ThemeUnit]
    exemplars: list[CommentOut]
    words: list[WordOut]


class MeasureOut(_Out):
    """Something that can be charted."""

    id: str
    name: str
    unit: Unit
    improvement_direction: Direction


class PointOut(_Out):
    """One point of an XmR chart; `n` is what a percentage is a part of."""

    start: date
    label: str
    y: float | None
    n: int | None
    mean: float | None
    lpl: float | None
    upl: float | None
    special_cause_type: SpecialCause | None
    point_type: PointType | None


class Series(_Out):
    """A measure over time with its XmR chart."""

    measure: MeasureOut
    points: list[PointOut]
    variation: PointType | None
    assurance: Assurance | None
    target: float | None
    warnings: list[str]
    sentence: str


class MeasureUnit(_Out):
    """A measure in one organisation below the one in view."""

    org_id: UUID
    name: str
    level: str
    last: float | None
    mean: float | None
    variation: PointType | None
    assurance: Assurance | None
    points: int
