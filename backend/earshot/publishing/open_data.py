"""What is published, as an open table: one line for each stretch of weeks of each item.

Cells are inert in a spreadsheet. Counts are the public page's protected ones: an empty cell stands for too few to say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from earshot.analysis.export import inert
from earshot.publishing.model import Number
from earshot.publishing.pages import Item

MEDIA = "text/csv; charset=utf-8"
HEADER = (
    "id", "version", "published_on", "organisation_code", "organisation", "title", "what_we_heard", "what_we_did",
    "did_it_help", "did_it_help_in_words", "error_rate", "theme", "from", "to", "comments_about_theme", "comments",
    "quote", "correction",
)  # fmt: skip


def table(items: Sequence[Item]) -> bytes:
    """The file's bytes, with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for item in items:
        for number in item.numbers or (None,):
            cells = (
                str(item.id), item.n, item.approved_on, item.org_code, item.org_name, item.title, item.heard, item.did,
                item.proof.verdict or "not measured", item.proof.words, item.proof.error_rate, item.theme,
                *_counts(number), item.quote, item.correction,
            )  # fmt: skip
            writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _counts(number: Number | None) -> tuple[date | int | None, ...]:
    return (None,) * 4 if number is None else (number.since, number.until, number.about, number.heard)
