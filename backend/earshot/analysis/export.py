"""Comments as files. A cell that a spreadsheet would run as a formula is made inert."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import xlsxwriter

from earshot.analysis.browse import Read

MOST = 100_000  # rows of one file
HEADER = (
    "date", "organisation", "who spoke", "question", "comment", "friends and family test", "sentiment",
    "sentiment probability", "themes", "language", "model",
)  # fmt: skip


class Kind(StrEnum):
    """File formats."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA = {
    Kind.CSV: "text/csv; charset=utf-8",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def render(rows: Sequence[Read], kind: Kind) -> bytes:
    """The file's bytes."""
    return _csv(rows) if kind is Kind.CSV else _xlsx(rows)


def inert(cell: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _cells(rows: Sequence[Read]) -> Iterator[tuple[str | float | None, ...]]:
    for row in rows:
        themes = "; ".join(_theme(theme) for theme in row.themes)
        sure = None if row.sentiment_p is None or row.sentiment_by_person else round(row.sentiment_p, 3)
        yield (
            row.said_on.isoformat(), row.org_name, row.stream, row.question, row.text, row.fft, row.sentiment,
            sure, themes, row.language, row.bundle,
        )  # fmt: skip


def _theme(theme: dict[str, Any]) -> str:
    how = "a person says so" if theme["by_person"] else f"{theme['p']:.0%}"
    return f"{theme['theme']} ({how})"


def _csv(rows: Sequence[Read]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for cells in _cells(rows):
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark by which Excel knows UTF-8


def _xlsx(rows: Sequence[Read]) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Comments")
        sheet.write_row(0, 0, HEADER)
        for number, cells in enumerate(_cells(rows), start=1):
            sheet.write_row(number, 0, [inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()
