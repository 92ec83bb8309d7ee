"""The page spc.md shows clinicians, rule by rule, what an XmR chart finds; drift fails.

Write it anew with `python tests/spec/test_spc_page.py`, and read it before you commit it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from earshot.measures.chart import terminal
from earshot.measures.spc import PointType, Rules, SpecialCause, xmr

PAGE = Path(__file__).with_name("spc.md")
CALM = (5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5)


@dataclass(frozen=True)
class Example:
    """One section: what is explained, a series, and what has to be found at which points (from 1)."""

    heading: str
    words: str
    values: tuple[float, ...]
    found: dict[int, tuple[SpecialCause, PointType]]
    rules: Rules = Rules()  # noqa: RUF009 (frozen)


EXAMPLES = (
    Example(
        "Ordinary variation",
        "Numbers always go up and down a little. While they stay between the limits and make no pattern, nothing "
        "special has happened (common cause). Asking why one month was higher than the last would be a waste of time.",
        CALM,
        {},
    ),
    Example(
        "A point outside the limits",
        "One point above the upper limit or below the lower limit is very unlikely by chance. Ask what happened "
        "then. Here more is worse, so the point is a concern.",
        (*CALM, 12, 5, 6),
        {14: ("Above UCL", "special_cause_concern")},
        Rules("decrease"),
    ),
    Example(
        "Seven points rising or falling",
        "Seven points in a row, each higher than the one before (or each lower), show a trend. Two equal points in "
        "a row end it. All seven points are marked, and their meaning follows the direction of the trend.",
        (8, 4, 9, 5, 8, 4, 9, 3, 4, 5, 6, 7, 8, 9, 6, 8, 5, 7),
        dict.fromkeys(range(8, 15), ("7 Point Trend (Increasing)", "special_cause_improvement")),
    ),
    Example(
        "Two points in three close to a limit",
        "Close means in the outer third between the mean and a limit. When two of three points in a row are close "
        "to a limit and all three lie on the same side of the mean, something may have changed. The points that "
        "are close are marked.",
        (5, 6, 5, 6, 5, 6, 5, 6, 8.5, 7, 8.5, 5, 6, 5, 6, 5),
        dict.fromkeys((9, 11), ("2 in 3 Above CL", "special_cause_neutral_high")),
        Rules("neutral"),
    ),
    Example(
        "Two close points, but on both sides of the mean",
        "The same number of close points means nothing when they lie on different sides.",
        (1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 5.5, -5.5),
        {},
    ),
    Example(
        "Seven points on one side of the mean",
        "Seven points or more in a row above the mean (or below it) show a shift, even if every point lies between "
        "the limits. A point exactly on the mean ends the run.",
        (5, 7, 4, 6, 5, 7, 4, 6, 7.4, 6.4, 7, 6.2, 7.2, 6.4, 7, 4, 5, 4),
        dict.fromkeys(range(8, 16), ("7 Points Above CL", "special_cause_concern")),
        Rules("decrease"),
    ),
    Example(
        "When several rules hold, the first counts",
        "A point that lies outside a limit and also belongs to a trend is named for the limit. The order is: "
        "outside the limits, trend, two in three, one side of the mean. (The limits here are fixed on the first 13.)",
        (*CALM, 4, 5, 6, 7, 8, 9, 10),
        {
            **dict.fromkeys(range(14, 19), ("7 Point Trend (Increasing)", "special_cause_improvement")),
            **dict.fromkeys((19, 20), ("Above UCL", "special_cause_improvement")),
        },
        Rules(fix_after_n_points=13),
    ),
    Example(
        "One extreme point, limits as in the NHS Excel tool",
        "An extreme point widens the limits. Earshot leaves it in unless you ask otherwise, as the NHS Excel tool "
        "does: mean 1.94, limits -3.06 to 6.95.",
        (1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1),
        {5: ("Above UCL", "special_cause_improvement")},
    ),
    Example(
        "One extreme point, with outlier screening",
        "With screening on, steps of at least 3.267 times the average step are left out of the limits, as the R "
        "package NHSRplotthedots does unless told otherwise: mean 1.94, limits -0.72 to 4.60.",
        (1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1),
        {5: ("Above UCL", "special_cause_improvement")},
        Rules(screen_outliers=True),
    ),
    Example(
        "Limits fixed on the first points",
        "To see whether a change helped, fix the limits on the points before it (here the first 13). Later points "
        "then do not move the limits.",
        (*CALM, 2, 3, 2, 3),
        dict.fromkeys((14, 16), ("Below LCL", "special_cause_improvement"))
        | dict.fromkeys((15, 17), ("2 in 3 Below CL", "special_cause_improvement")),
        Rules("decrease", fix_after_n_points=13),
    ),
    Example(
        "New limits after a known change",
        "When a change is known and has lasted, start new limits at that point (rebase). No pattern is counted "
        "across the line. Here there are new limits from point 14.",
        (*CALM, 9, 10, 9, 10, 9, 10, 9, 10, 9, 10, 9, 10, 9),
        {},
        Rules(rebase_at=(14,)),
    ),
    Example(
        "Will the target be met?",
        "The target is compared with the limits of the newest point. Above both limits or below both, the process "
        "will always or never meet it; between them it will at some times and not at others.",
        CALM,
        {},
        Rules("decrease", target=9),
    ),
    Example(
        "Too few points",
        "With fewer than 13 points the limits are on trial: they may still move a good deal.",
        (5, 6, 5, 7, 5),
        {},
    ),
)

HEAD = """# What an XmR chart finds

This page is written by a test from the program itself, so it always shows what Earshot does. The rules are those
of the NHS "Making Data Count" programme.

- The line in the middle (─) is the mean of all points.
- The limits (┄) are the mean plus and minus 2.66 times the average step from one point to the next.
- Nearly all points lie between the limits when nothing special happens.
- **H** marks something unusually high or rising, **L** something unusually low or falling, **•** ordinary variation.
- Whether high is good or bad depends on what is measured: you say which.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(section(example) for example in EXAMPLES)])


def section(example: Example) -> str:
    """One example as Markdown: heading, explanation, numbers and chart."""
    numbers = ", ".join(f"{value:g}" for value in example.values)
    drawing = terminal(xmr(example.values, example.rules), title=f"Points: {numbers}", colour=False)
    return f"## {example.heading}\n\n{example.words}\n\n```text\n{drawing}```\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heading)
def test_each_example_finds_what_it_says(example: Example) -> None:
    points = xmr(example.values, example.rules).points
    found = {p.number: (p.special_cause, p.point_type) for p in points if p.special_cause != "Common Cause"}
    assert found == example.found


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/spec/test_spc_page.py"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
