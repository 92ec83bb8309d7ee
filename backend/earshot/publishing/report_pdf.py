"""A report as a tagged PDF (PDF/UA-1): typst refuses to write what it cannot make conform."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from earshot.dashboards.model import Block, Chart, Figure, Funnel, Map, Table
from earshot.publishing.report import KINDS, LANGUAGE, STATES, WHERE, Edition, day, described, name_of, sources
from earshot.publishing.report_charts import chart_svg, funnel_svg

#: What a state of the silence map is called in one letter; the legend says them in full.
LETTERS = {"heard": "H", "fewer": "L", "silent": "N", "no_data": "–"}
_SHOWN = 40  # lines of one table; the spreadsheet has all


def pdf(edition: Edition) -> bytes:
    """The PDF's bytes: the same edition gives the same ones. Everything that it needs ships with its packages."""
    data = json.dumps(_document(edition), ensure_ascii=False)
    write: Any = typst.compile  # its own types refuse bytes
    made = write(
        _template(),
        font_paths=[_fonts()],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"data": data},
        timestamp=datetime.combine(edition.made_on, time(), UTC),
    )
    assert isinstance(made, bytes)
    return made


def _template() -> bytes:
    return (files("earshot.publishing") / "templates" / "report.typ").read_bytes()


@cache
def _fonts() -> Path:
    """The fonts that ship with matplotlib."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def _document(edition: Edition) -> dict[str, Any]:
    content = edition.content
    return {
        "title": edition.title,
        "language": LANGUAGE,
        "org": content.org_name,
        "code": content.org_code,
        "period": content.period,
        "who": content.who,
        "mark": edition.mark,
        "version": edition.n,
        "made": day(edition.made_on),
        "taxonomies": content.taxonomies,
        "small": content.pages[0].small_numbers if content.pages else "",
        "letters": [[letter, STATES[state]] for state, letter in LETTERS.items()],
        "pages": [
            {"id": page.id, "title": page.title, "note": page.note, "blocks": [_block(one) for one in page.blocks]}
            for page in content.pages
        ],
        "sources": [[one.id, one.name, KINDS_SHORT[one.what], one.link] for one in sources(content)],
    }


KINDS_SHORT = {words: kind for kind, words in KINDS.items()}


def _block(block: Block) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": block.kind, "id": block.id, "name": name_of(block), "sentence": block.sentence}
    if isinstance(block, Figure):
        return made | {"text": block.text, "compared": block.compared}
    if isinstance(block, Chart):
        return made | {"svg": chart_svg(block).decode(), "alt": described(block)}
    if isinstance(block, Funnel):
        return made | {"svg": funnel_svg(block).decode(), "alt": described(block), "rows": _outside(block)}
    if isinstance(block, Table):
        return made | _table(block)
    return made | _map(block)


def _table(table: Table) -> dict[str, Any]:
    lines = [[cell.text for cell in row.cells] for row in table.rows]
    return {
        "columns": [{"name": column.name, "numeric": column.numeric} for column in table.columns],
        "rows": lines[:_SHOWN],
        "left": max(0, len(lines) - _SHOWN),
    }


def _outside(funnel: Funnel) -> list[list[str]]:
    return [
        [point.name, f"{point.n:,}", f"{point.value:g} %", WHERE[point.where]]
        for point in funnel.points
        if point.where not in ("inside", "too_few") and point.n is not None and point.value is not None
    ]


def _map(block: Map) -> dict[str, Any]:
    return {
        "weeks": [f"{week.day} {week:%b}" for week in block.columns],
        "rows": [[row.name, *(LETTERS[state] for state in row.cells)] for row in block.rows[:_SHOWN]],
        "left": max(0, len(block.rows) - _SHOWN),
    }
