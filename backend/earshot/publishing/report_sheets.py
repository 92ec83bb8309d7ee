"""A report as a workbook: a sheet for each page, every block as a table, and where each number comes from."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from earshot.analysis.export import inert
from earshot.publishing.report import Edition, Line, name_of, rows_of, sources
from earshot.publishing.report_zip import frozen

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
_WIDE = 42  # characters
_TITLE = 31  # the longest name that a sheet may have


def xlsx(edition: Edition) -> bytes:
    """The workbook's bytes: the same edition gives the same ones. No cell is a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": edition.title, "author": "Earshot", "comments": edition.mark})
        styles = {
            "title": book.add_format({"bold": True, "font_size": 16, "font_color": "#005EB8"}),
            "block": book.add_format({"bold": True, "font_size": 12}),
            "head": book.add_format({"bold": True, "bg_color": "#F0F4F5", "bottom": 1, "text_wrap": True}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _about(book.add_worksheet("About"), edition, styles)
        for page in edition.content.pages:
            sheet = book.add_worksheet(page.title[:_TITLE])
            _write_page(sheet, page.title, [(name_of(one), one.sentence, rows_of(one)) for one in page.blocks], styles)
        _sources(book.add_worksheet("Where each number comes from"), edition, styles)
    return frozen(out.getvalue(), f"{edition.made_on}T00:00:00Z")


def _about(sheet: Any, edition: Edition, styles: dict[str, Any]) -> None:
    content = edition.content
    sheet.set_column(0, 0, 110, styles["text"])
    lines = (
        content.period,
        f"What {content.who} said about {content.org_name} ({content.org_code}).",
        content.pages[0].small_numbers if content.pages else "",
        "An empty cell, or “too few to say”, stands for a number that is not told.",
        f"Words by which comments were sorted: {'; '.join(content.taxonomies)}.",
        edition.mark,
    )
    sheet.write_string(0, 0, inert(edition.title), styles["title"])
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, inert(line), styles["text"])


def _write_page(sheet: Any, title: str, blocks: list[tuple[str, str, list[Line]]], styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, _WIDE)
    sheet.set_column(1, 60, 14)
    sheet.write_string(0, 0, inert(title), styles["title"])
    at = 2
    for name, sentence, lines in blocks:
        sheet.write_string(at, 0, inert(name), styles["block"])
        sheet.write_string(at + 1, 0, inert(sentence))
        at = _write_lines(sheet, at + 2, lines, styles) + 1


def _write_lines(sheet: Any, at: int, lines: list[Line], styles: dict[str, Any]) -> int:
    """Write a table with its headings, and return the row below it."""
    for place, line in enumerate(lines):
        for column, cell in enumerate(line):
            style = styles["head"] if place == 0 else None
            if isinstance(cell, str):
                sheet.write_string(at, column, inert(cell), style)
            elif cell is not None:
                sheet.write_number(at, column, cell, style)
        at += 1
    return at


def _sources(sheet: Any, edition: Edition, styles: dict[str, Any]) -> None:
    for column, width in enumerate((34, 24, _WIDE, _WIDE, 90)):
        sheet.set_column(column, column, width)
    head: Line = ("Name", "Page", "What it shows", "What that is", "Where to look it up")
    lines = [(one.id, one.page, one.name, one.what, one.link) for one in sources(edition.content)]
    _write_lines(sheet, 0, [head, *lines], styles)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(lines), len(head) - 1)
