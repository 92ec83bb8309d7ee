"""The page rare.md shows clinicians what T and G charts find in events that happen a few times a year; drift fails.

Write it anew with `python tests/spec/test_rare_page.py`, and read it before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from earshot.measures.rare import g_chart, t_chart
from earshot.measures.spc import PointType, Rules, SpecialCause, XmrChart

PAGE = Path(__file__).with_name("rare.md")
FOUND: dict[SpecialCause, str] = {
    "Above UCL": "longer than the upper limit",
    "7 Points Below CL": "one of seven below the centre line",
}
MEANINGS: dict[PointType, str] = {
    "special_cause_improvement": "better",
    "special_cause_concern": "worse",
}


@dataclass(frozen=True)
class Example:
    """One section: what is explained, the gaps, how they are charted, and what is found at which gaps (from 1)."""

    heading: str
    words: str
    unit: str
    chart: Callable[..., XmrChart]
    gaps: tuple[int, ...]
    found: dict[int, SpecialCause]
    rules: Rules = Rules()  # noqa: RUF009 (frozen)


EXAMPLES = (
    Example(
        "Nothing special",
        "Days between two safeguarding comments. The gaps differ a great deal, as gaps between rare events do. None\n"
        "is too long, and they make no pattern.",
        "days",
        t_chart,
        (40, 90, 25, 120, 60, 35, 80, 150, 30, 70, 110, 45, 8, 75),
        {},
    ),
    Example(
        "It happens more often",
        "The limits are fixed on the first 12 gaps. Then seven gaps in a row are shorter than the centre line: the\n"
        "event has become more frequent. One short gap alone would say nothing.",
        "days",
        t_chart,
        (40, 90, 25, 120, 60, 35, 80, 150, 30, 70, 110, 95, 20, 28, 13, 26, 14, 27, 16),
        dict.fromkeys(range(13, 20), "7 Points Below CL"),
        Rules(fix_after_n_points=12),
    ),
    Example(
        "It has become rarer",
        "A gap above the upper limit: it has not happened for far longer than before. Ask what helped.",
        "days",
        t_chart,
        (14, 6, 15, 7, 3, 16, 4, 25, 6, 14, 7, 5, 11, 160),
        {14: "Above UCL"},
    ),
    Example(
        "Counting comments, not days",
        "Comments heard between two that tell of a fall. This chart (G) stays fair when more or fewer people answer\n"
        "than before. It has no lower limit; seven gaps below the centre line (the median) show more frequent events.",
        "comments",
        g_chart,
        (210, 95, 330, 160, 60, 280, 120, 400, 75, 190, 240, 230, 40, 66, 21, 90, 35, 52, 30),
        dict.fromkeys(range(13, 20), "7 Points Below CL"),
        Rules(fix_after_n_points=12),
    ),
    Example(
        "Not rare at all",
        "Where many gaps are 0 the events are not rare, and the chart says so.",
        "days",
        t_chart,
        (0, 2, 0, 1, 3, 0, 1, 0, 2, 1, 0, 4, 0, 1),
        {},
    ),
)

HEAD = """# What T and G charts find

This page is written by a test from the program itself, so it always shows what Earshot does.

Some things are told a few times a year: a safeguarding concern, a fall with harm. Counts of them a month are nearly
all 0, and an XmR chart of zeros says nothing. So these charts show the gap from one event to the next. A **short** gap
means that it happens **more often**.

- A **T chart** shows time. Its limits are those of an XmR chart of the gaps' 3.6th roots, taken back to days.
- A **G chart** shows how many comments (or patients) there were between. Its upper limit is g + 3 √(g (g + 1)), where g
  is the mean gap. By chance alone about 1 gap in 50 is above it.
- **H** marks a gap that is unusually long, **L** one that is unusually short.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(section(example) for example in EXAMPLES)])


def section(example: Example) -> str:
    """One example as Markdown: heading, explanation, limits and a table of the gaps."""
    found = example.chart(example.gaps, example.rules)
    limits = found.points[0].limits
    lower = "" if limits.lpl is None else f"lower limit {limits.lpl:.1f}, "
    lines = [
        f"## {example.heading}\n\n{example.words}\n",
        f"Centre line {limits.mean:.1f}, {lower}upper limit {limits.upl:.1f} {example.unit}.\n",
        f"| gap | {example.unit} | found |\n| --- | --- | --- |",
        *(f"| {point.number} | {point.value:g} | {words(point.special_cause, point.point_type, point.letter)} |"
          for point in found.points),
        "",
    ]  # fmt: skip
    lines += [f"- {warning}" for warning in found.warnings] + [""] * bool(found.warnings)
    return "\n".join(lines)


def words(cause: SpecialCause, kind: PointType, letter: str) -> str:
    """What was found at a gap, or a dot."""
    return letter if cause == "Common Cause" else f"{letter} {FOUND[cause]} ({MEANINGS[kind]})"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heading)
def test_each_example_finds_what_it_says(example: Example) -> None:
    points = example.chart(example.gaps, example.rules).points
    assert {p.number: p.special_cause for p in points if p.special_cause != "Common Cause"} == example.found


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/spec/test_rare_page.py"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
