"""A return as a file: one line for each number as CSV, a sheet for people as XLSX. Cells are inert in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from earshot.analysis.export import Kind, inert
from earshot.cases.returns import Cell, Filled, checked, missing
from earshot.cases.returns_period import ReturnPeriod

HIDDEN = "*"
_HEADER = ("return", "version", "organisation", "ODS code", "first day", "last day", "cell", "table", "line", "column",
           "value", "where from")  # fmt: skip


@dataclass(frozen=True)
class ReturnFile:
    """A return and what goes on top of its file; `hidden` are the codes of cells that show a star."""

    filled: Filled
    org_name: str
    ods_code: str | None
    period: ReturnPeriod
    hidden: frozenset[str]
    exact: bool
    mark: str | None = None  # the hash of a return that was sent

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it."""
        small = f"{HIDDEN} hides a number of fewer than five people, or one that would give such a number away."
        exact = "Exact numbers: for the national collection only. Do not pass this file on."
        sent = f"As sent. SHA-256: {self.mark}" if self.mark else "Not sent yet: a draft."
        return (exact if self.exact else small, sent)


def render(file: ReturnFile, kind: Kind) -> bytes:
    """The file's bytes; the same return gives the same CSV."""
    return _csv(file) if kind is Kind.CSV else _xlsx(file)


def _shown(cell: Cell, file: ReturnFile) -> int | str:
    if cell.code in file.hidden:
        return HIDDEN
    return "" if cell.value is None else cell.value


def _lines(file: ReturnFile) -> Iterator[tuple[int | str, ...]]:
    pack, period = file.filled.pack, file.period
    head = (pack.id, pack.version, file.org_name, file.ods_code or "", str(period.first), str(period.last))
    for table in file.filled.tables:
        for row in table.rows:
            for column, cell in zip(table.section.columns, row.cells, strict=True):
                words = (cell.code, table.section.title, row.line.label, column.label)
                yield (*head, *words, _shown(cell, file), "typed in" if cell.typed else "counted by Earshot")


def _csv(file: ReturnFile) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADER)
    for line in _lines(file):
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in line])
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark by which Excel knows UTF-8


def _xlsx(file: ReturnFile) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        styles = {"bold": book.add_format({"bold": True}), "title": book.add_format({"bold": True, "font_size": 14})}
        _write_return(book.add_worksheet("Return"), file, styles)
        _write_lists(book.add_worksheet("Notes"), file, styles)
    return out.getvalue()


def _write_return(sheet: Any, file: ReturnFile, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 12, 14)
    pack = file.filled.pack
    place = f"{file.org_name} ({file.ods_code})" if file.ods_code else file.org_name
    sheet.write_string(0, 0, inert(pack.title), styles["title"])
    for row, line in enumerate((place, file.period.label, *file.notes), start=1):
        sheet.write_string(row, 0, inert(line))
    at = 6
    for table in file.filled.tables:
        sheet.write_string(at, 0, inert(table.section.title), styles["bold"])
        for column, named in enumerate(table.section.columns, start=1):
            sheet.write_string(at, column, inert(named.label), styles["bold"])
        for filled_row in table.rows:
            at += 1
            sheet.write_string(at, 0, inert(filled_row.line.label))
            for column, cell in enumerate(filled_row.cells, start=1):
                sheet.write(at, column, _shown(cell, file))
        at += 2


def _write_lists(sheet: Any, file: ReturnFile, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 110)
    pack = file.filled.pack
    lists = (
        ("Still missing", missing(file.filled) or ("Nothing.",)),
        ("Checks", tuple(f"{'Holds' if one.holds else 'Does not hold'}: {one.says}" for one in checked(file.filled))),
        ("Check against the live document", pack.check),
        ("Sources", tuple(f"{one.what}: {one.address}" for one in pack.sources)),
    )
    at = 0
    for title, lines in lists:
        sheet.write_string(at, 0, title, styles["bold"])
        for offset, line in enumerate(lines, start=1):
            sheet.write_string(at + offset, 0, inert(line))
        at += len(lines) + 2
