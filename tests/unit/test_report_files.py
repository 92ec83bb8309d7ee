"""A quality report as PDF, slides and sheets, opened again by other programs."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import pdf_ua
import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from earshot.dashboards.model import Chart
from earshot.publishing.report import Edition, sources, whole
from earshot.publishing.report_pdf import pdf
from earshot.publishing.report_sheets import xlsx
from earshot.publishing.report_slides import pptx
from pptx import Presentation
from report_sample import edition

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written() -> bytes:
    return pdf(edition())


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def test_the_pdf_passes_every_point_of_pdf_ua_that_a_machine_can_check(written: bytes) -> None:
    with opened(written) as found:
        assert pdf_ua.problems(found) == []


def remove_language(found: pikepdf.Pdf) -> None:
    del found.Root.Lang


def remove_words_of_a_figure(found: pikepdf.Pdf) -> None:
    for one in found.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure" and "/Alt" in one:
            del one["/Alt"]


def remove_scope(found: pikepdf.Pdf) -> None:
    for one in found.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/TH" and "/A" in one:
            del one["/A"]


def skip_a_heading(found: pikepdf.Pdf) -> None:
    for one in found.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/H2":
            one["/S"] = pikepdf.Name("/H4")


def paint_without_a_tag(found: pikepdf.Pdf) -> None:
    found.pages[0].contents_add(b"0 0 10 10 re f")


def mark_what_no_structure_knows(found: pikepdf.Pdf) -> None:
    found.pages[0].contents_add(b"/P <</MCID 9999>> BDC 0 0 10 10 re f EMC")


def hide_the_title(found: pikepdf.Pdf) -> None:
    del found.Root.ViewerPreferences


def forget_what_a_link_says(found: pikepdf.Pdf) -> None:
    for page in found.pages:
        for note in page.obj.get("/Annots", []):
            note.Contents = ""


def take_a_font_out(found: pikepdf.Pdf) -> None:
    for one in found.objects:
        if isinstance(one, pikepdf.Dictionary):
            for name in ("/FontFile2", "/FontFile3"):
                if name in one:
                    del one[name]


@pytest.mark.parametrize(
    ("spoil", "point"),
    [
        (remove_language, "11-001"),
        (remove_words_of_a_figure, "13-004"),
        (remove_scope, "15-003"),
        (skip_a_heading, "14-003"),
        (paint_without_a_tag, "01-004"),
        (mark_what_no_structure_knows, "01-006"),
        (hide_the_title, "07-002"),
        (forget_what_a_link_says, "28-012"),
        (take_a_font_out, "31-001"),
    ],
)
def test_the_check_finds_what_is_spoilt(written: bytes, spoil: Callable[[pikepdf.Pdf], None], point: str) -> None:
    with opened(written) as found:
        spoil(found)
        assert {one[:6] for one in pdf_ua.problems(found)} == {point}


def test_the_pdf_can_be_read_out_and_says_where_each_number_comes_from(written: bytes) -> None:
    document = pypdfium2.PdfDocument(written)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    assert document.get_metadata_value("Title") == "Quality report: Invented Trust"
    for one in sources(edition().content):
        assert one.id in text
    assert "too few to say" in text and edition().content.hash.hex()[:20] in text.replace("\r\n", "").replace(" ", "")
    with opened(written) as found:
        links = [
            note.A.URI for page in found.pages for note in page.obj.get("/Annots", []) if "/URI" in note.get("/A", {})
        ]
    assert {str(link) for link in links} == {one.link for one in sources(edition().content)}


@pytest.mark.parametrize("write", [pdf, pptx, xlsx])
def test_the_same_report_is_the_same_bytes_and_another_version_is_not(write: Callable[[Edition], bytes]) -> None:
    first = write(edition())
    time.sleep(1.1)  # longer than the second that a clock in a file would show
    assert write(edition()) == first
    assert write(edition(n=3)) != first


def test_every_slide_has_a_title_and_notes_and_charts_are_native_and_described() -> None:
    deck = Presentation(io.BytesIO(pptx(edition())))
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert all(titles) and len(set(titles)) == len(titles)
    assert all(slide.notes_slide.notes_text_frame.text.strip() for slide in deck.slides)
    frames: list[Any] = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart or shape.has_table]
    assert [frame.has_chart for frame in frames].count(True) == 3
    for frame in frames:
        assert len(frame._element.nvGraphicFramePr.cNvPr.get("descr")) > 10
    trend = next(frame.chart for frame in frames if frame.has_chart)
    assert list(trend.plots[0].series[0].values) == [120, 135, 110, None, 125, 130, 140, 120, 115, 190, 210, 80]


def test_the_workbook_has_a_sheet_for_each_page_and_names_the_source_of_each_number() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(edition())))
    assert book.sheetnames == [
        "About",
        "Overview",
        "Units compared",
        "Who is not heard",
        "Where each number comes from",
    ]
    listed = [row[0] for row in book["Where each number comes from"].iter_rows(min_row=2, values_only=True)]
    assert listed == [one.id for one in sources(edition().content)]
    cells = [cell for row in book["Overview"].iter_rows(values_only=True) for cell in row]
    assert 455 in cells and "too few to say" in cells


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        (("2026-07-01", "2026-09-30"), ("2026-06-29", "2026-09-27")),  # thirteen weeks
        (("2026-10-01", "2026-12-31"), ("2026-09-28", "2026-12-27")),  # the next ones
        (("2026-03-03", "2026-03-04"), ("2026-03-02", "2026-03-08")),
        (("2025-04-03", "2026-03-30"), ("2025-04-01", "2026-03-31")),  # a year: months
    ],
)
def test_a_report_is_of_whole_weeks_or_from_a_year_on_of_whole_months(
    asked: tuple[str, str], days: tuple[str, str]
) -> None:
    since, until = (date.fromisoformat(one) for one in asked)
    assert tuple(map(str, whole(since, until))) == days


def test_no_file_carries_a_script_a_macro_or_an_address_elsewhere(written: bytes) -> None:
    for content in (pptx(edition()), xlsx(edition())):
        with ZipFile(io.BytesIO(content)) as parts:
            assert not [name for name in parts.namelist() if "vba" in name.lower() or "externalLink" in name]
    assert b"/JavaScript" not in written and b"/Launch" not in written


def test_a_chart_of_which_nothing_was_heard_is_told_in_words() -> None:
    made = edition()
    first, *others = made.content.pages
    silent = tuple(replace(block, points=()) if isinstance(block, Chart) else block for block in first.blocks)
    told = replace(made, content=replace(made.content, pages=(replace(first, blocks=silent), *others)))
    slides = Presentation(io.BytesIO(pptx(told))).slides
    words = [shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame]
    assert any("nothing to show" in text for text in words)
    assert any("Comments each month" in text for text in words)
    assert pdf(told).startswith(b"%PDF")
