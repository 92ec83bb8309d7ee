"""Rows out of an XLSX workbook, once it is sure that it is small: a workbook is a zip file, and may be a bomb."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import python_calamine

from earshot.intake.dates import Cell
from earshot.intake.rows import Content, Row, Table, UnreadableFile, binary, headings, shaped

MOST_BYTES = 300 * 1024 * 1024  # of all parts together, unpacked
MOST_RATIO = 200  # unpacked to packed; sheets of text stay under 30
MOST_SHEETS = 1_000
MOST_CELLS = 20_000_000  # of the rectangle from the first cell to the last: the reader keeps it in memory
_MOST_DIRECTORY = 2 * 1024 * 1024
_SMALL = 1024 * 1024  # under this size a high ratio does no harm

_TOO_BIG = "This workbook unpacks to far more than a table needs, so it was not opened. Save the sheet as CSV."
_BROKEN = "This workbook is damaged or has a password. Save it again as .xlsx or CSV."
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")


def open_workbook(content: Content, name: str) -> Table:
    """The first sheet that holds anything; raises `UnreadableFile` for bombs, damaged files and other zip files."""
    with binary(content) as file:
        _refuse_bombs(file)
    first, columns, is_heading, sheet = _first_sheet(content)

    def rows() -> Iterator[Row]:
        for line, cells in _records(_load(content).get_sheet_by_name(sheet)):
            if line > first or (line == first and not is_heading):
                yield shaped(line, cells, len(columns))

    notes = [] if is_heading else ["The first row holds data, so the columns were numbered."]
    return Table(name, columns, (*notes, f"The sheet “{sheet}” was read."), rows)


def _first_sheet(content: Content) -> tuple[int, tuple[str, ...], bool, str]:
    workbook = _load(content)
    for sheet in workbook.sheet_names:
        for line, cells in _records(workbook.get_sheet_by_name(sheet)):
            while cells and cells[-1] is None:
                cells.pop()
            columns, is_heading = headings(cells)
            return line, columns, is_heading, sheet
    raise UnreadableFile("This workbook is empty.")


def _load(content: Content) -> Any:
    try:
        return python_calamine.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else str(content))
    except Exception:  # the reader has no common class for what it raises on damaged files
        raise UnreadableFile(_BROKEN) from None


def _records(sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    """Each row that is not empty, with its number in the sheet."""
    if sheet.start is None:
        return
    top, left = sheet.start
    for number, values in enumerate(sheet.iter_rows()):
        cells: list[Cell] = [None] * left + [_cell(value) for value in values]
        if any(cell is not None for cell in cells):
            yield top + number + 1, cells


def _cell(value: Any) -> Cell:
    """Formulas come as their values; a time of day or a duration is text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not (isinstance(value, (str, int, float)) or hasattr(value, "year")):
        return str(value)
    return float(value) if isinstance(value, int) else value


def _refuse_bombs(file: BinaryIO) -> None:
    """Raise `UnreadableFile` unless the parts unpack to a reasonable size, measured and not only as they claim."""
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        raise UnreadableFile(_BROKEN) from None
    names = [part.filename for part in parts]
    if "xl/workbook.xml" not in names:
        raise UnreadableFile("This is a zip file but not an Excel workbook (.xlsx). Unpack it, or save it as CSV.")
    if sum(name.startswith("xl/worksheets/") for name in names) > MOST_SHEETS:
        raise UnreadableFile(f"This workbook has more than {MOST_SHEETS:,} sheets. Save the one you need as CSV.")
    _check_sizes(sum(part.file_size for part in parts), sum(part.compress_size for part in parts))
    unpacked = 0
    for part in parts:
        unpacked += _measure(file, part, MOST_BYTES - unpacked)


def _check_directory(file: BinaryIO) -> None:
    """Look at the end of the file before the whole directory is read: a million parts fill the memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 65_557))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) - at < 22:
        raise UnreadableFile(_BROKEN)
    _count, directory = struct.unpack_from("<HI", end, at + 10)
    if directory > _MOST_DIRECTORY:
        raise UnreadableFile(_TOO_BIG)


def _check_sizes(unpacked: int, packed: int) -> None:
    if unpacked > MOST_BYTES or (unpacked > _SMALL and unpacked > MOST_RATIO * max(packed, 1)):
        raise UnreadableFile(_TOO_BIG)


def _measure(file: BinaryIO, part: zipfile.ZipInfo, most: int) -> int:
    """Unpack a part piece by piece and return its true size; sheets are also checked for how far their cells spread."""
    file.seek(part.header_offset)
    header = file.read(30)
    if len(header) < 30 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(_BROKEN)
    file.seek(sum(struct.unpack_from("<HH", header, 26)), io.SEEK_CUR)
    sheet = part.filename.startswith("xl/worksheets/")
    size, tail, rows, columns = 0, b"", 1, 1
    for piece in _unpack(file, part):
        size += len(piece)
        _check_sizes(size, part.compress_size)
        if size > most:
            raise UnreadableFile(_TOO_BIG)
        if sheet:
            for column, row in _CELL.findall(tail + piece):
                rows, columns = max(rows, int(row)), max(columns, _column(column))
            if rows * columns > MOST_CELLS:
                raise UnreadableFile("The cells of this workbook are spread too far apart. Save the sheet as CSV.")
            tail = piece[-24:]
    return size


def _unpack(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    left = part.compress_size
    while left > 0 and (block := file.read(min(left, 65_536))):
        left -= len(block)
        if unpacker is None:
            yield block
            continue
        while block:
            try:
                yield unpacker.decompress(block, 1 << 20)
            except zlib.error:
                raise UnreadableFile(_BROKEN) from None
            block = unpacker.unconsumed_tail


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
