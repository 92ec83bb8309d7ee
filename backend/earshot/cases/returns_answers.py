"""What the page of returns gets and sends, as the OpenAPI document describes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earshot.cases.returns import Check, Filled, Table, cell_names
from earshot.cases.returns_pack import Pack
from earshot.cases.returns_period import PeriodKind, ReturnPeriod
from earshot.cases.returns_reading import Reconciled
from earshot.cases.returns_store import Place, Sent

Number = Annotated[int, Field(ge=0, le=10_000_000)]
CellCode = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


class PeriodOut(BaseModel):
    """A period of a return, with the days on which it can be sent as far as they can be worked out."""

    first: date
    last: date
    label: str
    opens_on: date
    closes_on: date


class PlaceOut(BaseModel):
    """A provider that returns are made for."""

    id: UUID
    name: str
    ods_code: str | None


class ReferenceOut(BaseModel):
    """A public page that a return follows."""

    model_config = ConfigDict(from_attributes=True)
    what: str
    address: str


class PackOut(BaseModel):
    """A return that one may see; periods newest first. `check` lists what to compare with the live document."""

    id: str
    title: str
    version: str
    about: str
    kind: PeriodKind
    may_send: bool
    periods: list[PeriodOut]
    places: list[PlaceOut]
    sources: list[ReferenceOut]
    check: list[str]


class CellOut(BaseModel):
    """A number; None where it is hidden or where nobody knows it."""

    code: str
    value: int | None
    hidden: bool
    typed: bool
    required: bool


class LineOut(BaseModel):
    """One line of a table."""

    code: str
    label: str
    cells: list[CellOut]


class SectionOut(BaseModel):
    """One table."""

    code: str
    title: str
    about: str
    columns: list[str]
    rows: list[LineOut]


class CheckOut(BaseModel):
    """Whether a rule holds, and where it does not."""

    says: str
    holds: bool
    where: list[str]


class ChangeOut(BaseModel):
    """A number that is another one than was sent; without numbers where the difference is of a few people."""

    name: str
    sent: int | None
    now: int | None


class ReconciledOut(BaseModel):
    """An earlier quarter of the year against what was sent for it; `sent_on` is None where nothing was."""

    period: str
    sent_on: date | None
    changes: list[ChangeOut]


class SentOut(BaseModel):
    """A return as it was noted as sent; `hash` is SHA-256 in hexadecimal. `n` counts those for one period."""

    id: UUID
    period: PeriodOut
    n: int
    sent_on: date
    by: str
    hash: str


class ReturnOut(BaseModel):
    """A return as it stands, or as it was sent. Unless `exact`, small numbers are hidden."""

    pack: str
    title: str
    place: PlaceOut
    period: PeriodOut
    exact: bool
    may_send: bool
    sent: SentOut | None
    sections: list[SectionOut]
    missing: list[str]
    checks: list[CheckOut]
    reconciles: list[ReconciledOut]


class CodesOut(BaseModel):
    """What can be noted of a complaint under one name of its `about`: codes and their words."""

    name: str
    title: str
    codes: dict[str, str]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TypedIn(_In):
    """Numbers that Earshot cannot know, by the codes of cells; null takes one away."""

    org: UUID
    period: date
    values: dict[CellCode, Number | None] = Field(min_length=1, max_length=500)


class SendIn(_In):
    """That a return was sent as it stands now."""

    org: UUID
    period: date


def place_out(place: Place) -> PlaceOut:
    """A provider, for the page."""
    return PlaceOut(id=place.id, name=place.name, ods_code=place.ods_code)


def period_out(period: ReturnPeriod, pack: Pack) -> PeriodOut:
    """A period, for the page."""
    return PeriodOut(
        first=period.first,
        last=period.last,
        label=period.label,
        opens_on=period.opens(pack.window),
        closes_on=period.closes(pack.window),
    )


def pack_out(pack: Pack, periods: Sequence[ReturnPeriod], places: Sequence[Place], *, may_send: bool) -> PackOut:
    """A return, for the page."""
    return PackOut(
        id=pack.id,
        title=pack.title,
        version=pack.version,
        about=pack.about,
        kind=pack.period,
        may_send=may_send,
        periods=[period_out(period, pack) for period in periods],
        places=[place_out(place) for place in places],
        sources=[ReferenceOut.model_validate(source) for source in pack.sources],
        check=list(pack.check),
    )


def section_out(table: Table, hidden: frozenset[str]) -> SectionOut:
    """One table, for the page; cells of `hidden` give no number."""
    rows = [
        LineOut(
            code=row.line.code,
            label=row.line.label,
            cells=[
                CellOut(
                    code=cell.code,
                    value=None if cell.code in hidden else cell.value,
                    hidden=cell.code in hidden,
                    typed=cell.typed,
                    required=cell.required,
                )
                for cell in row.cells
            ],
        )
        for row in table.rows
    ]
    section = table.section
    columns = [column.label for column in section.columns]
    return SectionOut(code=section.code, title=section.title, about=section.about, columns=columns, rows=rows)


def check_out(check: Check) -> CheckOut:
    """A rule, for the page."""
    return CheckOut(says=check.says, holds=check.holds, where=list(check.where))


def sent_out(sent: Sent, period: ReturnPeriod, pack: Pack) -> SentOut:
    """A return that was sent, for the list."""
    return SentOut(
        id=sent.id,
        period=period_out(period, pack),
        n=sent.n,
        sent_on=sent.on_day,
        by=sent.by_name,
        hash=sent.hash.hex(),
    )


def reconciled_out(found: Reconciled) -> ReconciledOut:
    """An earlier quarter, for the page."""
    names = cell_names(found.now)
    changes = [ChangeOut(name=names.get(one.code, one.code), sent=one.sent, now=one.now) for one in found.changes]
    sent_on = found.sent.on_day if found.sent else None
    return ReconciledOut(period=found.period.label, sent_on=sent_on, changes=changes)


def typed_codes(filled: Filled) -> frozenset[str]:
    """The cells that may be typed in."""
    return frozenset(code for code, cell in filled.cells.items() if cell.typed)
