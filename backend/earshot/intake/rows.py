"""Rows out of a CSV or XLSX file, one after the other, with the line each begins on.

CSV is streamed: memory does not grow with the file. Encodings, delimiters and headings are found out, not asked for.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from earshot.core.errors import Invalid
from earshot.intake import dates
from earshot.intake.answers import one_line
from earshot.intake.dates import Cell

Content: TypeAlias = Path | bytes

LONGEST_LINE = 1_000_000  # characters: more means that a quotation mark is missing, or that this is no table
MOST_COLUMNS = 2_000
_HEAD = 65_536
_DELIMITERS = ",;\t|"

csv.field_size_limit(LONGEST_LINE)  # for the whole process; the default is 131,072


class UnreadableFile(Invalid):
    """This file cannot be read as a table. Save it as CSV (UTF-8) or XLSX and try again."""


@dataclass(frozen=True)
class Row:
    """One row: the physical line it begins on, counted from 1, its cells, and what is wrong with its shape."""

    line: int
    cells: tuple[Cell, ...]
    fault: str | None = None


@dataclass(frozen=True)
class Table:
    """A file as a table: its headings, what was found out about it, and its rows as often as they are asked for."""

    name: str
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]


def open_table(content: Content, name: str) -> Table:
    """Recognise a file by its first bytes and open it; raises `UnreadableFile` with a sentence that says what to do."""
    from earshot.intake.workbook import open_workbook  # it raises this module's error, so it must come second

    with binary(content) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise UnreadableFile("This file is empty.")
    if head.startswith(b"PK"):
        return open_workbook(content, name)
    for magic, sentence in _OTHERS.items():
        if head.startswith(magic):
            raise UnreadableFile(sentence)
    return _open_text(content, name, head)


def binary(content: Content) -> BinaryIO:
    """The bytes of a file, from disk or from memory."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    try:
        return content.open("rb")
    except IsADirectoryError:
        raise UnreadableFile("This is a folder, not a file.") from None
    except FileNotFoundError:
        raise UnreadableFile("There is no such file.") from None
    except OSError:
        raise UnreadableFile("This file cannot be opened.") from None


_OTHERS = {
    b"\xd0\xcf\x11\xe0": "This is an old Excel file (.xls), or one with a password. Save it as .xlsx or CSV, without "
    "a password.",
    b"%PDF": "This is a PDF. Ask for the table itself, as CSV or XLSX.",
    b"\x89PNG": "This is a picture. Ask for the table itself, as CSV or XLSX.",
    b"\xff\xd8\xff": "This is a picture. Ask for the table itself, as CSV or XLSX.",
    b"GIF8": "This is a picture. Ask for the table itself, as CSV or XLSX.",
    b"\x1f\x8b": "This file is compressed. Unpack it first.",
    b"Rar!": "This file is compressed. Unpack it first.",
    b"7z\xbc\xaf": "This file is compressed. Unpack it first.",
}


def headings(cells: Sequence[Cell]) -> tuple[tuple[str, ...], bool]:
    """The names of the columns and whether the first row is a heading: empty and repeated names are told apart."""
    texts = [one_line(str(cell)) if cell is not None else "" for cell in cells]
    if len(texts) > MOST_COLUMNS:
        raise UnreadableFile(f"This file has more than {MOST_COLUMNS:,} columns.")
    is_heading = not any(_is_data(cell) for cell in cells)
    names: list[str] = []
    for number, text in enumerate(texts, start=1):
        wanted = (text if is_heading else "") or f"Column {number}"
        name, copy = wanted, 2
        while name in names:
            name, copy = f"{wanted} ({copy})", copy + 1
        names.append(name)
    return tuple(names), is_heading


def shaped(line: int, cells: Sequence[Cell], width: int) -> Row:
    """A row as wide as the heading; one with more filled cells is faulty, one with fewer is filled up."""
    extra = any(cell not in (None, "") for cell in cells[width:])
    fault = None
    if extra:
        fault = f"the row has {len(cells)} cells, the heading {width}: a quotation mark may be missing"
    return Row(line, (*cells[:width], *[None] * (width - len(cells))), fault)


def _is_data(cell: Cell) -> bool:
    """A heading is neither a number, nor a date, nor a story."""
    if cell is None or isinstance(cell, str):
        text = one_line(cell or "")
        number = re.fullmatch(r"[-+]?\d+(?:[.,]\d+)?", text)
        return bool(number) or len(text) > 400 or dates.read(text).kind not in ("missing", "impossible")
    return True


def _open_text(content: Content, name: str, head: bytes) -> Table:
    encoding = _encoding(content, head)
    told, delimiter = _delimiter(content, encoding)

    def records() -> Iterator[tuple[int, list[str]]]:
        with binary(content) as file:
            yield from _records(file, encoding, delimiter, skip=1 if told else 0)

    first = next(records(), None)
    if first is None:
        raise UnreadableFile("This file is empty.")
    columns, is_heading = headings(first[1])

    def rows() -> Iterator[Row]:
        for number, (line, cells) in enumerate(records()):
            if number or not is_heading:
                yield shaped(line, cells, len(columns))

    notes = [] if is_heading else ["The first row holds data, so the columns were numbered."]
    if encoding == "cp1252":
        notes.append("The file is not in UTF-8; it was read as Windows-1252 (Western European).")
    return Table(name, columns, tuple(notes), rows)


def _encoding(content: Content, head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 5:  # plain letters in UTF-16 have every other byte empty
        return "utf-16-le" if odd > even else "utf-16-be"
    strange = sum(byte < 9 or 13 < byte < 32 for byte in sample) - sample.count(0)
    if strange > len(sample) // 50:
        raise UnreadableFile("This is not a table of text. Save it as CSV (UTF-8) or XLSX and try again.")
    return "utf-8" if _is_utf8(content) else "cp1252"


def _is_utf8(content: Content) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with binary(content) as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(content: Content, encoding: str) -> tuple[bool, str]:
    """The delimiter, and whether a first line `sep=;` named it: the one that gives the most even, widest rows."""
    with binary(content) as file:
        start = list(_lines(file, encoding, most=1))
    if start and (named := re.fullmatch(r"sep=(.)\s*", start[0], re.IGNORECASE)):
        return True, named[1]
    return False, max(_DELIMITERS, key=lambda delimiter: _evenness(content, encoding, delimiter))


def _evenness(content: Content, encoding: str, delimiter: str) -> float:
    widths = []
    with binary(content) as file:
        try:
            for _line, cells in _records(file, encoding, delimiter):
                widths.append(len(cells))
                if len(widths) == 50:
                    break
        except UnreadableFile:
            pass  # the real reading says so; here it only ends the sample
    if not widths or widths[0] == 1:
        return 0
    return widths[0] * sum(width == widths[0] for width in widths) / len(widths)


def _records(file: BinaryIO, encoding: str, delimiter: str, *, skip: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Each record and the physical line it begins on; empty lines are no records."""
    lines = _lines(file, encoding)
    for _ in range(skip):
        next(lines, None)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        line = reader.line_num + 1 + skip
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise UnreadableFile(
                f"From line {line} on, a cell has more than {LONGEST_LINE:,} characters: a quotation mark is missing."
            ) from None
        if cells:
            yield line, cells


def _lines(file: BinaryIO, encoding: str, most: int | None = None) -> Iterator[str]:
    errors = "replace" if encoding == "cp1252" else "strict"
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    number = 0
    try:
        while (most is None or number < most) and (line := text.readline(LONGEST_LINE + 1)):
            number += 1
            if len(line) > LONGEST_LINE:
                raise UnreadableFile(f"Line {number} has more than {LONGEST_LINE:,} characters, so this is no table.")
            yield line
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"The characters after line {number} cannot be read. Save the file as CSV (UTF-8)."
        ) from None
