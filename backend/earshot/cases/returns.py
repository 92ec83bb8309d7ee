"""Filling a return in: counting, checking, saying what is missing, and hiding small numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from earshot.cases.returns_pack import Line, Pack, Rule, Section
from earshot.measures import disclosure
from earshot.measures.disclosure import Sum, small

_Value = Callable[[str, Line, Line], int | None]  # of a cell: its code, its line, its column
_REST = "/rest"  # what is left of a total beside a part of it: nobody sees it, but anybody can work it out


@dataclass(frozen=True)
class Fact:
    """So many things that are alike: the values that they have of each dimension."""

    n: int
    of: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Cell:
    """One number of a return; `value` is None where nobody knows it yet."""

    code: str
    value: int | None
    typed: bool
    required: bool


@dataclass(frozen=True)
class FilledRow:
    """One line of a table with its cells, in the order of the columns."""

    line: Line
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """One section, filled in."""

    section: Section
    rows: tuple[FilledRow, ...]


@dataclass(frozen=True)
class Check:
    """Whether a rule of the pack holds; `where` names the lines in which it does not."""

    says: str
    holds: bool
    where: tuple[str, ...]


@dataclass(frozen=True)
class Filled:
    """A return as it stands."""

    pack: Pack
    tables: tuple[Table, ...]

    @property
    def cells(self) -> dict[str, Cell]:
        """Every cell by its code."""
        return {cell.code: cell for table in self.tables for row in table.rows for cell in row.cells}

    @property
    def numbers(self) -> dict[str, int]:
        """Every number that is known, by the code of its cell."""
        return {code: cell.value for code, cell in self.cells.items() if cell.value is not None}


@dataclass(frozen=True)
class Restated:
    """A number that was sent and is another one now; both are None where even the difference would say too much."""

    code: str
    sent: int | None
    now: int | None


def fill(pack: Pack, facts: Sequence[Fact], typed: Mapping[str, int], units: Sequence[tuple[str, str]] = ()) -> Filled:
    """Count what a pack asks for.

    `typed` are numbers that people typed in, by the codes of cells; `units` are (code, name) of the places that lines
    may stand for.
    """

    def value(code: str, line: Line, column: Line) -> int | None:
        return typed.get(code) if line.typed or column.typed else counted(facts, {**line.where, **column.where})

    return _filled(pack, units, value)


def as_sent(pack: Pack, numbers: Mapping[str, int], units: Sequence[tuple[str, str]]) -> Filled:
    """A return with the numbers that were sent, whatever would be counted today."""
    return _filled(pack, units, lambda code, _line, _column: numbers.get(code))


def _filled(pack: Pack, units: Sequence[tuple[str, str]], value: _Value) -> Filled:
    places = tuple(Line(code, name, {"unit": frozenset({code})}) for code, name in units)

    def row(section: Section, line: Line) -> FilledRow:
        codes = [(f"{section.code}.{line.code}.{column.code}", column) for column in section.columns]
        cells = (
            Cell(code, value(code, line, column), line.typed or column.typed, line.required and column.required)
            for code, column in codes
        )
        return FilledRow(line, tuple(cells))

    def table(section: Section) -> Table:
        lines = places if section.rows_from == "unit" else section.rows
        return Table(section, tuple(row(section, line) for line in lines))

    return Filled(pack, tuple(table(section) for section in pack.sections))


def counted(facts: Sequence[Fact], where: Mapping[str, frozenset[str]]) -> int:
    """How many things have one of the values asked for of every dimension that `where` names."""
    return sum(fact.n for fact in facts if all(fact.of.get(name, frozenset()) & asked for name, asked in where.items()))


def checked(filled: Filled) -> tuple[Check, ...]:
    """Every rule of the pack, and whether it holds; a rule about numbers that nobody knows yet waits, unbroken."""
    return tuple(_check(rule, filled) for rule in filled.pack.rules)


def _check(rule: Rule, filled: Filled) -> Check:
    numbers = filled.numbers
    broken = [total for total, parts in _meant(rule, filled) if not _holds(rule, numbers, total, parts)]
    names = cell_names(filled)
    return Check(rule.says, not broken, tuple(names[code] for code in broken))


def _holds(rule: Rule, numbers: Mapping[str, int], total: str, parts: Sequence[str]) -> bool:
    if total not in numbers:
        return True
    if rule.kind == "at_most":
        return all(numbers[part] <= numbers[total] for part in parts if part in numbers)
    known = sum(numbers[part] for part in parts if part in numbers)
    return known == numbers[total] if all(part in numbers for part in parts) else known <= numbers[total]


def _meant(rule: Rule, filled: Filled) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The cells that a rule is about: a total and its parts, for each line or column that it is said of."""
    codes = list(filled.cells)
    table = next((table for table in filled.tables if table.section.code == rule.for_each), None)
    rows = [row.line.code for row in table.rows] if table else [""]
    columns = [column.code for column in table.section.columns if not column.typed] if table else [""]
    every = [rule.total, *rule.parts]
    for row in rows if any("{row}" in one for one in every) else rows[:1]:
        for column in columns if any("{column}" in one for one in every) else columns[:1]:
            total, *parts = (one.replace("{row}", row).replace("{column}", column) for one in every)
            found = tuple(code for code in codes if any(fnmatchcase(code, part) for part in parts))
            if total in codes and found:
                yield total, found


def missing(filled: Filled) -> tuple[str, ...]:
    """What is still needed, in plain words."""
    return tuple(dict.fromkeys(said for table in filled.tables for said in _missing(table)))


def _missing(table: Table) -> Iterator[str]:
    for row in table.rows:
        wanted = [cell for cell in row.cells if cell.typed and cell.required and cell.value is None]
        if wanted:
            yield f"{row.line.label}: not recorded in Earshot; type it in."
        if row.line.unknown and any(cell.value for cell in row.cells):
            yield row.line.unknown


def kept_small(filled: Filled) -> frozenset[str]:
    """The codes of the cells to hide: small numbers, and what would give them away by any rule of the pack."""
    counts = filled.numbers
    sums = list(_sums(filled))
    for one in sums:
        for rest in (part for part in one.parts if part.endswith(_REST)):
            counts[rest] = counts[one.total] - counts[one.parts[0]]
    return frozenset(code for code in disclosure.hidden(counts, sums) if not code.endswith(_REST))


def _sums(filled: Filled) -> Iterator[Sum]:
    """Everything that a reader could add up or take away."""
    numbers = filled.numbers
    for rule in filled.pack.rules:
        for total, parts in _meant(rule, filled):
            known = tuple(part for part in parts if part in numbers)
            if total not in numbers or not known:
                continue
            if rule.kind == "adds_up":
                yield Sum(total, known)
            else:
                yield from (Sum(total, (part, part + _REST)) for part in known if numbers[part] <= numbers[total])


def restated(sent: Mapping[str, int], now: Mapping[str, int], hidden: frozenset[str] | None) -> tuple[Restated, ...]:
    """The numbers that changed since they were sent.

    Of cells that are hidden, and where the difference is of a few people, only that it changed is told. Where `hidden`
    is None, everything is.
    """
    changed = [(code, sent.get(code, 0), now.get(code, 0)) for code in dict.fromkeys([*sent, *now])]

    def told(code: str, before: int, after: int) -> Restated:
        few = hidden is not None and (code in hidden or small(abs(after - before)))
        return Restated(code, None, None) if few else Restated(code, before, after)

    return tuple(told(*one) for one in changed if one[1] != one[2])


def cell_names(filled: Filled) -> dict[str, str]:
    """Every cell in words, by its code: its line, and its column where there are several."""
    names = {}
    for table in filled.tables:
        for row in table.rows:
            for column, cell in zip(table.section.columns, row.cells, strict=True):
                more = f", {column.label}" if len(table.section.columns) > 1 else ""
                names[cell.code] = f"{table.section.title}: {row.line.label}{more}"
    return names
