"""A report as slides: one idea a slide, native charts that can be edited, and what each says in the notes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any

from pptx import Presentation
from pptx.chart import data as chart_data
from pptx.dml import color
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import PP_ALIGN
from pptx.util import Emu, Inches, Pt

from earshot.dashboards.model import Block, Chart, Figure, Funnel, Map, Table
from earshot.publishing.report import LANGUAGE, STATES, Edition, described, name_of, sources
from earshot.publishing.report_charts import MARKS
from earshot.publishing.report_pdf import LETTERS
from earshot.publishing.report_zip import frozen

_DATA: Any = chart_data  # python-pptx carries types in some places only
_RGB: Any = color.RGBColor
_WIDTH, _HEIGHT = Inches(13.333), Inches(7.5)
_LEFT, _TOP, _BODY = Inches(0.7), Inches(1.45), Inches(11.93)
_BLUE, _INK, _GREY, _PALE, _WHITE, _LINE = (
    _RGB(*bytes.fromhex(one)) for one in ("005EB8", "212B32", "4C6272", "F0F4F5", "FFFFFF", "D8DDE0")
)
_LIMITS = {
    "low95": "lower 95 % limit",
    "high95": "upper 95 % limit",
    "low998": "lower 99.8 % limit",
    "high998": "upper 99.8 % limit",
}
_SHAPES = {
    "o": XL_MARKER_STYLE.CIRCLE,
    "^": XL_MARKER_STYLE.TRIANGLE,
    "s": XL_MARKER_STYLE.SQUARE,
    "D": XL_MARKER_STYLE.DIAMOND,
    "v": XL_MARKER_STYLE.DIAMOND,
}
_LINES, _CARDS, _WEEKS, _SOURCES = 11, 6, 13, 8  # of one slide


def pptx(edition: Edition) -> bytes:
    """The presentation's bytes: the same edition gives the same ones."""
    slides = _Slides(edition)
    slides.opening()
    for page in edition.content.pages:
        figures = [block for block in page.blocks if isinstance(block, Figure)]
        for some in _by(figures, _CARDS):
            slides.figures(page.title, some)
        for block in page.blocks:
            if isinstance(block, Chart) and block.points:
                slides.chart(page.title, block)
            elif isinstance(block, Funnel):
                slides.funnel(page.title, block)
            elif isinstance(block, Table | Map) and block.rows:
                slides.table(page.title, block)
        slides.nothing(page.title, [one for one in page.blocks if _empty(one)])
    slides.sources()
    return slides.packed()


def _empty(block: Block) -> bool:
    """Whether there is nothing to draw or to list."""
    return (isinstance(block, Table | Map) and not block.rows) or (isinstance(block, Chart) and not block.points)


def _by(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """The items, so many at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


class _Slides:
    """The presentation while it is made."""

    def __init__(self, edition: Edition) -> None:
        self._edition, self._deck = edition, Presentation()
        self._deck.slide_width, self._deck.slide_height = _WIDTH, _HEIGHT
        told = self._deck.core_properties
        told.title, told.author, told.language = edition.title, "Earshot", LANGUAGE
        told.comments, told.last_modified_by, told.revision = edition.mark, "Earshot", edition.n
        told.created = told.modified = datetime.combine(edition.made_on, time(), UTC).replace(tzinfo=None)

    def packed(self) -> bytes:
        """The file's bytes."""
        out = io.BytesIO()
        self._deck.save(out)
        return frozen(out.getvalue(), f"{self._edition.made_on}T00:00:00Z")

    def _slide(self, title: str, notes: str) -> Any:
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[5])  # a title and nothing else
        head = slide.shapes.title
        head.left, head.top, head.width, head.height = _LEFT, Inches(0.4), _BODY, Inches(0.9)
        head.text_frame.word_wrap = True
        _write(head.text_frame, title, size=28 if len(title) <= 55 else 22, bold=True, colour=_BLUE)
        slide.notes_slide.notes_text_frame.text = notes
        self._foot(slide)
        return slide

    def _foot(self, slide: Any) -> None:
        content = self._edition.content
        foot = slide.shapes.add_textbox(_LEFT, Inches(7.0), _BODY, Inches(0.35))
        words = f"{content.org_name} · {content.period} · version {self._edition.n} · {len(self._deck.slides)}"
        _write(foot.text_frame, words, size=10, colour=_GREY)

    def opening(self) -> None:
        """The first slide: what this is, of when, and how to read it."""
        content = self._edition.content
        small = content.pages[0].small_numbers if content.pages else ""
        slide = self._slide(self._edition.title, f"{small}\n\n{self._edition.mark}")
        box = slide.shapes.add_textbox(_LEFT, _TOP, _BODY, Inches(4.5)).text_frame
        box.word_wrap = True
        _write(box, content.period, size=24, bold=True)
        for line in (f"What {content.who} said about {content.org_name}, and what was done about it.", small):
            _write(box, line, size=16, more=True)
        _write(box, self._edition.mark, size=10, colour=_GREY, more=True)

    def figures(self, title: str, figures: Sequence[Figure]) -> None:
        """Up to six numbers as cards."""
        notes = "\n".join(f"{one.name}: {one.text}. {one.sentence}" for one in figures)
        slide = self._slide(title, notes)
        wide, high, gap = Inches(3.8), Inches(2.45), Inches(0.26)
        for place, one in enumerate(figures):
            row, column = divmod(place, 3)
            box = slide.shapes.add_textbox(_LEFT + column * (wide + gap), _TOP + row * (high + gap), wide, high)
            box.fill.solid()
            box.fill.fore_color.rgb = _PALE
            frame = box.text_frame
            frame.word_wrap = True
            _write(frame, one.name, size=14, bold=True)
            _write(frame, one.text, size=20 if len(one.text) > 9 else 32, bold=True, colour=_BLUE, more=True)
            if one.compared:
                _write(frame, one.compared, size=12, colour=_GREY, more=True)
            _write(frame, one.sentence, size=12, more=True)

    def chart(self, title: str, block: Chart) -> None:
        """A line with its mean and limits, what is unusual as series of their own, and what it says beside it."""
        data = _DATA.CategoryChartData(number_format="General")
        data.categories = [f"{point.start.day} {point.start:%b %Y}" for point in block.points]
        data.add_series("%" if block.unit == "percent" else block.unit, [point.value for point in block.points])
        kinds = sorted({point.type for point in block.points if point.type not in (None, "common_cause")}, key=str)
        for kind in kinds:
            data.add_series(MARKS[str(kind)][2], [one.value if one.type == kind else None for one in block.points])
        limits = {"mean": block.mean, "upper limit": block.upper, "lower limit": block.lower}
        for name, value in limits.items():
            if value is not None:
                data.add_series(name, [value] * len(block.points))
        drawn = self._drawn(title, block, XL_CHART_TYPE.LINE_MARKERS, data)
        first, *rest = drawn.plots[0].series
        _mark(first, "common_cause", line=True)
        for one, kind in zip(rest, kinds, strict=False):
            _mark(one, str(kind), line=False)
        for one in rest[len(kinds) :]:
            _limit(one, dashed=one.name != "mean")
        if block.unit in ("percent", "%"):
            known = [one.value for one in block.points] + [block.lower, block.upper]
            _percent(drawn, [value for value in known if value is not None])

    def funnel(self, title: str, block: Funnel) -> None:
        """Units between the limits of chance."""
        data = _DATA.XyChartData(number_format="General")
        for name, words in _LIMITS.items():
            side = data.add_series(words)
            for limit in block.limits:
                side.add_data_point(limit.n, getattr(limit, name))
        units = data.add_series("units")
        for point in block.points:
            if point.n is not None and point.value is not None:
                units.add_data_point(point.n, point.value)
        drawn = self._drawn(title, block, XL_CHART_TYPE.XY_SCATTER, data)
        *limits, dots = drawn.plots[0].series
        for one in limits:
            _limit(one, dashed=" 95" in one.name)
        _mark(dots, "common_cause", line=False)
        ends = [end for limit in block.limits for end in (limit.low998, limit.high998)]
        _percent(drawn, ends + [one.value for one in block.points if one.value is not None])

    def _drawn(self, title: str, block: Chart | Funnel, kind: Any, data: Any) -> Any:
        slide = self._slide(f"{title}: {name_of(block)}", described(block))
        framed = slide.shapes.add_chart(kind, _LEFT, _TOP, Inches(8.2), Inches(5.4), data)
        _alternative(framed, name_of(block), described(block))
        drawn = framed.chart
        drawn.has_title = False
        drawn.has_legend = True
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        drawn.font.size = Pt(12)
        drawn.value_axis.major_gridlines.format.line.color.rgb = _LINE
        said = slide.shapes.add_textbox(Inches(9.2), _TOP + Inches(0.4), Inches(3.43), Inches(4.6)).text_frame
        said.word_wrap = True
        _write(said, block.sentence, size=16)
        return drawn

    def table(self, title: str, block: Table | Map) -> None:
        """Lines under headings, so many on a slide."""
        head, *lines = _letters(block) if isinstance(block, Map) else _texts(block)
        numeric = [column.numeric for column in block.columns] if isinstance(block, Table) else []
        parts = list(_by(lines, -(-len(lines) // -(-len(lines) // _LINES))))
        for place, some in enumerate(parts, start=1):
            of = f" ({place} of {len(parts)})" if len(parts) > 1 else ""
            notes = described(block) if isinstance(block, Map) else block.sentence
            slide = self._slide(f"{title}: {name_of(block)}{of}", notes)
            said = slide.shapes.add_textbox(_LEFT, Inches(1.25), _BODY, Inches(0.6)).text_frame
            said.word_wrap = True
            _write(said, block.sentence, size=14 if len(block.sentence) <= 220 else 11)
            _fill(slide, name_of(block), block.sentence, [head, *some], numeric)

    def nothing(self, title: str, blocks: Sequence[Block]) -> None:
        """What there is nothing to show of, and why."""
        if not blocks:
            return
        told = [f"{name_of(block)}: {block.sentence}" for block in blocks]
        slide = self._slide(f"{title}: nothing to show", "\n".join(told))
        box = slide.shapes.add_textbox(_LEFT, _TOP, _BODY, Inches(5)).text_frame
        box.word_wrap = True
        for place, words in enumerate(told):
            _write(box, words, size=14, more=place > 0)

    def sources(self) -> None:
        """Where each number comes from."""
        for some in _by(list(sources(self._edition.content)), _SOURCES):
            slide = self._slide("Where each number comes from", "\n".join(f"{one.id}: {one.link}" for one in some))
            lines = [["Name", "What it shows", "What that is"], *([one.id, one.name, one.what] for one in some)]
            framed = _fill(slide, "Where each number comes from", "The name of each block and what it is.", lines, [])
            for row, one in zip(list(framed.table.rows)[1:], some, strict=True):
                row.cells[0].text_frame.paragraphs[0].runs[0].hyperlink.address = one.link


def _texts(table: Table) -> list[list[str]]:
    return [[column.name for column in table.columns], *([cell.text for cell in row.cells] for row in table.rows)]


def _letters(block: Map) -> list[list[str]]:
    """A map by its last weeks, each state as a letter that its heading explains."""
    legend = "Unit (" + ", ".join(f"{letter} {STATES[state]}" for state, letter in LETTERS.items()) + ")"
    weeks = [f"{week.day} {week:%b}" for week in block.columns[-_WEEKS:]]
    return [[legend, *weeks], *([row.name, *(LETTERS[one] for one in row.cells[-_WEEKS:])] for row in block.rows)]


def _fill(slide: Any, name: str, words: str, lines: Sequence[Sequence[str]], numeric: Sequence[bool]) -> Any:
    columns = len(lines[0])
    framed = slide.shapes.add_table(len(lines), columns, _LEFT, Inches(2.05), _BODY, Inches(0.38) * len(lines))
    _alternative(framed, name, words)
    first = 0.4 if columns > 1 else 1
    for place, column in enumerate(framed.table.columns):
        column.width = Emu(int(_BODY * (first if place == 0 else (1 - first) / (columns - 1))))
    for number, (row, line) in enumerate(zip(framed.table.rows, lines, strict=True)):
        for place, (cell, value) in enumerate(zip(row.cells, line, strict=True)):
            _write(cell.text_frame, value, size=12 if columns <= 6 else 10, bold=number == 0)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _PALE if number == 0 else _WHITE
            if place < len(numeric) and numeric[place]:
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
    return framed


def _write(frame: Any, words: str, *, size: int, bold: bool = False, colour: Any = _INK, more: bool = False) -> None:
    """Write a paragraph; `more` adds one, otherwise the first is filled."""
    paragraph = frame.add_paragraph() if more else frame.paragraphs[0]
    run = paragraph.add_run()
    run.text = words
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
    paragraph.alignment = PP_ALIGN.LEFT
    run._r.get_or_add_rPr().set("lang", LANGUAGE)
    if more:
        paragraph.space_before = Pt(6)


def _mark(series: Any, kind: str, *, line: bool) -> None:
    """Points in the colour and shape of what they mean, with a line between them or none."""
    hexadecimal, shape, _ = MARKS[kind]
    colour = _RGB(*bytes.fromhex(hexadecimal.removeprefix("#")))
    series.smooth = False
    series.marker.style, series.marker.size = _SHAPES[shape], 8 if line else 11
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = colour
    series.marker.format.line.color.rgb = colour
    if line:
        series.format.line.color.rgb = colour
    else:
        series.format.line.fill.background()


def _limit(series: Any, *, dashed: bool) -> None:
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE
    series.format.line.color.rgb = _INK
    series.format.line.width = Pt(1.25)
    series.format.line.dash_style = MSO_LINE.DASH if dashed else MSO_LINE.SOLID


def _percent(drawn: Any, values: Sequence[float]) -> None:
    """Let percentages fill the drawing, in whole tens."""
    drawn.value_axis.minimum_scale = max(0, min(values, default=0) // 10 * 10)
    drawn.value_axis.maximum_scale = min(100, max(values, default=100) // 10 * 10 + 10)


def _alternative(framed: Any, name: str, words: str) -> None:
    """Name a chart or table, and say in words what it shows."""
    told = framed._element.nvGraphicFramePr.cNvPr
    told.set("name", name)
    told.set("descr", words)
