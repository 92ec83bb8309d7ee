"""What a return asks for: which numbers, in which tables, by which rules. All of it is data: no code knows a return.

The packs lie in `packs/`, one JSON file each. Where the live document was not public they say what to check against it.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from earshot.cases.returns_period import PeriodKind, ReturnPeriod, Window

_STRICT = ConfigDict(extra="forbid")
#: What is counted: cases of staff, answers to the Friends and Family Test, or complaints that were handed on.
Counted = Literal["speak_up", "answers", "complaints"]


@dataclass(frozen=True, config=_STRICT)
class Line:
    """One line or column of a table; a cell counts what matches the `where` of both.

    `where` names values of a dimension; a fact matches that has one of them. A typed line is what Earshot cannot know.
    `unknown` is what to say where this line of unknowns counts anything.
    """

    code: str
    label: str
    where: dict[str, frozenset[str]] = field(default_factory=dict)
    typed: bool = False
    required: bool = True
    unknown: str | None = None


@dataclass(frozen=True, config=_STRICT)
class Section:
    """One table of a return; its lines may be the places of an organisation."""

    code: str
    title: str
    about: str
    columns: tuple[Line, ...]
    rows: tuple[Line, ...]
    rows_from: Literal["unit"] | None = None


@dataclass(frozen=True, config=_STRICT)
class Rule:
    """Counts that add up to a total, or of which none may be more than it, by the codes of cells.

    `*` stands for every line of a section, `{row}` and `{column}` for each line and column of the section `for_each`.
    """

    kind: Literal["adds_up", "at_most"]
    total: str
    parts: tuple[str, ...]
    says: str
    for_each: str | None = None


@dataclass(frozen=True, config=_STRICT)
class Reference:
    """A public page that a pack follows."""

    what: str
    address: str


@dataclass(frozen=True, config=_STRICT)
class Pack:
    """One version of one return. `check` lists what to compare with the live document before it is sent."""

    id: str
    title: str
    version: str
    period: PeriodKind
    first: date
    last: date | None
    counts: Counted
    action: str
    sends: str
    about: str
    window: Window
    reconciles: bool
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]
    sources: tuple[Reference, ...]
    check: tuple[str, ...]

    def covers(self, period: ReturnPeriod) -> bool:
        """Whether the return was asked for in a period."""
        return period.first >= self.first and (self.last is None or period.last <= self.last)


_PACKS = TypeAdapter(Pack)
_COMPLAINTS = "ko41a"


@cache
def packs() -> dict[str, Pack]:
    """Every pack by its id, in the order of their ids."""
    folder = files("earshot.cases") / "packs"
    texts = sorted((path.name, path.read_bytes()) for path in folder.iterdir() if path.name.endswith(".json"))
    read = [_PACKS.validate_json(text) for _, text in texts]
    return {pack.id: pack for pack in read}


def complaint_codes() -> tuple[Section, ...]:
    """The tables of the return of complaints whose lines are codes of a hand-off: each counts one dimension."""
    return tuple(
        section
        for section in packs()[_COMPLAINTS].sections
        if section.rows and all(line.where.keys() == {section.code} for line in section.rows)
    )
