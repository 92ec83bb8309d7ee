"""What the quality pages get, as the OpenAPI document describes it: `dashboards.model` once more."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earshot.dashboards.model import PageId, State, Where
from earshot.measures.periods import Period
from earshot.measures.spc import Assurance, PointType


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class QualityFigure(_Out):
    """One number in large type; `text` says it, or why it cannot be told."""

    kind: Literal["figure"]
    id: str
    name: str
    value: float | None
    text: str
    unit: str
    compared: str | None
    sentence: str
    opens: str | None


class QualityPoint(_Out):
    """One week or month of a chart."""

    start: date
    value: float | None
    type: PointType | None


class QualityChart(_Out):
    """A measure over time; the limits are missing where there are too few points."""

    kind: Literal["chart"]
    id: str
    title: str
    sentence: str
    unit: str
    points: list[QualityPoint]
    mean: float | None
    lower: float | None
    upper: float | None
    variation: PointType | None
    assurance: Assurance | None
    opens: str | None


class QualityColumn(_Out):
    """One column of a table."""

    key: str
    name: str
    numeric: bool


class QualityCell(_Out):
    """What stands in a table, and the number where it is one."""

    text: str
    number: float | None


class QualityRow(_Out):
    """One line of a table, its cells in the order of the columns."""

    cells: list[QualityCell]
    opens: str | None


class QualityTable(_Out):
    """A table."""

    kind: Literal["table"]
    id: str
    title: str
    sentence: str
    columns: list[QualityColumn]
    rows: list[QualityRow]


class QualityFunnelPoint(_Out):
    """A unit among the limits of a funnel."""

    org_id: UUID
    name: str
    n: int | None
    value: float | None
    where: Where


class QualityFunnelLimit(_Out):
    """The limits for a unit with `n` answers, in per cent."""

    n: int
    low95: float
    high95: float
    low998: float
    high998: float


class QualityFunnel(_Out):
    """Units beside each other without a league table."""

    kind: Literal["funnel"]
    id: str
    title: str
    sentence: str
    overall: float | None
    points: list[QualityFunnelPoint]
    limits: list[QualityFunnelLimit]
    opens: str | None


class QualityMapRow(_Out):
    """A unit, and its state in each week."""

    org_id: UUID
    name: str
    cells: list[State]


class QualityMap(_Out):
    """Units by weeks."""

    kind: Literal["map"]
    id: str
    title: str
    sentence: str
    columns: list[date]
    rows: list[QualityMapRow]


QualityBlock = Annotated[
    QualityFigure | QualityChart | QualityTable | QualityFunnel | QualityMap, Field(discriminator="kind")
]


class QualityPage(_Out):
    """One page of the quality dashboards, all its numbers protected; `note` says how the days were widened."""

    id: PageId
    title: str
    org_id: UUID | None
    org_name: str
    since: date
    until: date
    period: Period
    note: str
    blocks: list[QualityBlock]
    small_numbers: str


class QualityPageName(_Out):
    """A page on offer."""

    id: PageId
    title: str
    about: str
