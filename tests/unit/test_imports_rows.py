"""Files as they come: encodings, delimiters, headings, broken rows, workbooks and bombs."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from earshot.intake import workbook as workbook_room
from earshot.intake.rows import Table, UnreadableFile, open_table

PLAIN = "Date,Comment\n2022-03-01,The café was “fine”\n"


def table(content: bytes | str, encoding: str = "utf-8") -> Table:
    return open_table(content if isinstance(content, bytes) else content.encode(encoding), "file")


def cells(content: bytes | str, encoding: str = "utf-8") -> list[tuple[object, ...]]:
    return [row.cells for row in table(content, encoding).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_common_encoding_is_read(encoding: str) -> None:
    assert cells(PLAIN, encoding) == [("2022-03-01", "The café was “fine”")]


def test_windows_encoding_is_told() -> None:
    assert any("Windows-1252" in note for note in table(PLAIN, "cp1252").notes)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_common_delimiter_is_found(delimiter: str) -> None:
    lines = [["Date", "Comment, all of it", "Ward"], ["2022-03-01", "Good; kind | quick", "5"]]
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    assert cells(content) == [("2022-03-01", "Good; kind | quick", "5")]


def test_excel_may_name_the_delimiter() -> None:
    assert [row.line for row in table("sep=;\nDate;Comment\n2022-03-01;a, b, c\n").rows()] == [3]


def test_lines_are_those_of_the_file_where_cells_have_several() -> None:
    content = 'Date,Comment\n2022-03-01,"one\ntwo\nthree"\n\n2022-03-02,four\n'
    assert [row.line for row in table(content).rows()] == [2, 6]


def test_equal_and_empty_headings_are_told_apart() -> None:
    assert table("Date,Comment,Comment,\n2022-03-01,a,b,c\n").columns == ("Date", "Comment", "Comment (2)", "Column 4")


def test_a_file_without_headings_keeps_its_first_row() -> None:
    found = table("2022-03-01,It was good\n2022-03-02,It was bad\n")
    assert found.columns == ("Column 1", "Column 2")
    assert [row.line for row in found.rows()] == [1, 2]


def test_short_rows_are_filled_and_long_rows_are_faulty() -> None:
    short, long, trailing = table("Date,Comment,Ward\n2022-03-01\n2022-03-02,a,b,c\n2022-03-03,a,b,,\n").rows()
    assert short.cells == ("2022-03-01", None, None)
    assert short.fault is None and trailing.fault is None
    assert "quotation mark" in (long.fault or "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"%PDF-1.7 x",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff\xe0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x1f\x8b\x08",
        bytes(range(1, 32)) * 50,
        b"Date,Comment\n2022-03-01,\xff\xfe" + b"x" * 1_000_001,
        b'Date,Comment\n2022-03-01,"' + b"never closed\n" * 90_000,
        b"PK\x03\x04 cut short",
    ],
)
def test_what_is_no_table_gets_a_plain_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        list(table(content).rows())
    assert caught.value.message.endswith(".")


def test_a_folder_and_a_missing_file_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="folder"):
        open_table(tmp_path, "x")
    with pytest.raises(UnreadableFile, match="no such file"):
        open_table(tmp_path / "x.csv", "x")


def sheet(rows: list[list[object]], *, first_sheet_empty: bool = False) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"}) as book:
        if first_sheet_empty:
            book.add_worksheet("Notes")
        page = book.add_worksheet("Answers")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                page.write(number, column, value)
    return out.getvalue()


def test_a_workbook_gives_dates_as_dates_and_formulas_as_values() -> None:
    rows: list[list[object]] = [["Date", "Score", "Comment"], [date(2022, 4, 3), 1, "Good"], [], ["x", 2.5, '=1+"a"']]
    found = open_table(sheet(rows, first_sheet_empty=True), "book.xlsx")
    assert found.columns == ("Date", "Score", "Comment")
    assert [(row.line, row.cells) for row in found.rows()] == [
        (2, (date(2022, 4, 3), 1.0, "Good")),
        (4, ("x", 2.5, 0.0)),
    ]
    assert "The sheet “Answers” was read." in found.notes


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return out.getvalue()


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="not an Excel workbook"):
        table(archive({"a.txt": b"a"}))


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        table(archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"\0" * 30_000_000}))


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    honest = archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"\0" * 30_000_000})
    lying = honest.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 3_000))
    assert lying != honest
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        table(lying)


def test_too_many_sheets_are_refused() -> None:
    parts = {f"xl/worksheets/sheet{number}.xml": b"<a/>" for number in range(1_001)}
    with pytest.raises(UnreadableFile, match="more than 1,000 sheets"):
        table(archive({"xl/workbook.xml": b"<a/>", **parts}))


def test_cells_far_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Date")
        page.write(1_048_575, 16_383, "far away")
    monkeypatch.setattr(workbook_room, "_load", lambda _content: pytest.fail("it was opened"))
    with pytest.raises(UnreadableFile, match="spread too far apart"):
        table(out.getvalue())
