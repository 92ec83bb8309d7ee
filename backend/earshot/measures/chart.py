"""Draw an XmR chart for people: as an SVG picture, in a terminal, and in sentences. Pure: gives text.

Colours are those of NHS "Making Data Count"; a letter always says the same as a colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from earshot.measures.spc import Assurance, Point, PointType, SpecialCause, XmrChart

COLOURS: Final[dict[PointType, str]] = {
    "common_cause": "#a6a6a6",
    "special_cause_improvement": "#00b0f0",
    "special_cause_concern": "#e46c0a",
    "special_cause_neutral_high": "#490092",
    "special_cause_neutral_low": "#490092",
}
MEANINGS: Final[dict[PointType, str]] = {
    "common_cause": "ordinary variation",
    "special_cause_improvement": "improvement",
    "special_cause_concern": "concern",
    "special_cause_neutral_high": "unusually high",
    "special_cause_neutral_low": "unusually low",
}
FINDINGS: Final[dict[SpecialCause, str]] = {
    "Common Cause": "ordinary variation",
    "Above UCL": "above the upper limit",
    "Below LCL": "below the lower limit",
    "7 Point Trend (Increasing)": "rising, seven points or more in a row",
    "7 Point Trend (Decreasing)": "falling, seven points or more in a row",
    "2 in 3 Above CL": "close to the upper limit, two points in three",
    "2 in 3 Below CL": "close to the lower limit, two points in three",
    "7 Points Above CL": "above the mean, seven points or more in a row",
    "7 Points Below CL": "below the mean, seven points or more in a row",
}
PROMISES: Final[dict[Assurance, tuple[str, str]]] = {
    "consistent_pass": ("P", "The target will be met if nothing changes."),
    "consistent_fail": ("F", "The target will not be met unless something changes."),
    "inconsistent": ("?", "The target will be met at some times and missed at others."),
}
INK, LINE, TARGET = "#212b32", "#4c6272", "#d5281b"
SHOWN = 240  # more points than this cannot be told apart; the newest are drawn
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 840, 440, 64, 24, 92, 64
ROWS = 15


@dataclass(frozen=True)
class Scale:
    """A straight line from values to places, `size` long, with the lowest value at 0."""

    low: float
    high: float
    size: float

    def place(self, value: float) -> float:
        """Where a value lies, from 0 (lowest) to `size` (highest)."""
        return (value - self.low) / (self.high - self.low) * self.size


def sentences(chart: XmrChart) -> list[str]:
    """Say in plain words what the chart shows: the last point, the target, each finding and each warning."""
    if not chart.points:
        return ["There are no points to show."]
    lines = [_variation(chart)]
    if chart.assurance:
        lines.append(PROMISES[chart.assurance][1])
    for cause, words in FINDINGS.items():
        found = [point.number for point in chart.points if point.special_cause == cause]
        if found and cause != "Common Cause":
            kind = next(p.point_type for p in chart.points if p.special_cause == cause)
            lines.append(f"{words[0].upper()}{words[1:]} ({MEANINGS[kind]}): {_numbers(found)}.")
    return [*lines, *chart.warnings]


def terminal(chart: XmrChart, *, title: str, width: int = 80, colour: bool = True) -> str:
    """Draw the chart in at most `width` columns (40 at least), with the newest points if not all fit.

    H, L and • mark points, ─ the mean, ┄ the limits, ═ the target; `colour` adds ANSI colours to the letters.
    """
    room = max(width, 40) - 11
    points = chart.points[-min(room, SHOWN) :]
    lines = [title, ""]
    if points:
        lines += [*_grid(chart, points, room, colour), _foot(points, room), "", _key(points[-1], chart)]
    return "\n".join([*lines, *(f"- {line}" for line in sentences(chart))]) + "\n"


def svg(chart: XmrChart, *, title: str) -> str:
    """Draw the chart as a stand-alone SVG picture of 840 by 440 pixels with a title and a description.

    Styles are attributes, never `style=`, so a strict content security policy lets it through.
    """
    points = chart.points[-SHOWN:]
    description = escape(" ".join(sentences(chart)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"',
        f'aria-label={quoteattr(title)} font-family="Arial, sans-serif" font-size="13" fill="{INK}">',
        f"<title>{escape(title)}</title><desc>{description}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="24" y="34" font-size="20" font-weight="bold">{escape(_short(title, 52))}</text>',
        f'<text x="24" y="58" fill="{LINE}">{escape(_subtitle(chart, points))}</text>',
        *_icons(chart),
    ]
    if points:
        parts += _plot(chart, points)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _variation(chart: XmrChart) -> str:
    last = chart.points[-1]
    if last.special_cause == "Common Cause":
        return "The newest point shows ordinary variation (common cause): nothing unusual."
    return (
        f"The newest point shows something unusual (special cause: {MEANINGS[last.point_type]}):"
        f" {FINDINGS[last.special_cause]}."
    )


def _numbers(numbers: Sequence[int]) -> str:
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    shown = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in spans[-12:])
    earlier = "…, " if len(spans) > 12 else ""
    return f"point{'s' if len(numbers) > 1 else ''} {earlier}{shown}"


def _extent(chart: XmrChart, points: Sequence[Point]) -> tuple[float, float]:
    values = [point.value for point in points]
    for limits in {point.limits for point in points}:
        values += [value for value in (limits.mean, limits.lpl, limits.upl) if value is not None]
    if chart.rules.target is not None:
        values.append(chart.rules.target)
    low, high = min(values), max(values)
    # Equal values, and differences too small to divide, get a scale around them.
    margin = (high - low) * 0.06 if high - low > 1e-300 else max(abs(high) * 0.1, 1.0)
    return low - margin, high + margin


def _number(value: float) -> str:
    return f"{value:.4g}".replace("e+", "e")


# Terminal


def _grid(chart: XmrChart, points: Sequence[Point], room: int, colour: bool) -> list[str]:
    step = max(1, min(4, room // len(points)))
    scale = Scale(*_extent(chart, points), ROWS - 1)

    def row(value: float) -> int:
        return ROWS - 1 - round(scale.place(value))

    cells = [[" "] * (step * len(points)) for _ in range(ROWS)]
    for i, point in enumerate(points):
        limits, columns = point.limits, slice(i * step, (i + 1) * step)
        for value, mark in (
            (chart.rules.target, "═"),
            (limits.lpl, "┄"),
            (limits.upl, "┄"),
            (limits.mean, "─"),
        ):
            if value is not None:
                cells[row(value)][columns] = mark * step
    for i, point in enumerate(points):
        cells[row(point.value)][i * step + step // 2] = _mark(point, colour)
    names = _row_names(points[-1], row)
    return [f"{names.get(i, ''):>9} │{''.join(line)}".rstrip() for i, line in enumerate(cells)]


def _row_names(last: Point, row: Callable[[float], int]) -> dict[int, str]:
    limits = (last.limits.lpl, last.limits.upl, last.limits.mean)
    return {row(value): _number(value) for value in limits if value is not None}


def _mark(point: Point, colour: bool) -> str:
    if not colour or point.point_type == "common_cause":
        return point.letter
    red, green, blue = (int(COLOURS[point.point_type][i : i + 2], 16) for i in (1, 3, 5))
    return f"\x1b[1;38;2;{red};{green};{blue}m{point.letter}\x1b[0m"


def _foot(points: Sequence[Point], room: int) -> str:
    step = max(1, min(4, room // len(points)))
    first, last = str(points[0].number), str(points[-1].number)
    gap = step * len(points) - len(first) - len(last)
    return " " * 11 + (first + " " * gap + last if gap > 0 else last)


def _key(last: Point, chart: XmrChart) -> str:
    limits = last.limits
    parts = [f"─ mean {_number(limits.mean)}"]
    if limits.lpl is not None and limits.upl is not None:
        parts.append(f"┄ limits {_number(limits.lpl)} to {_number(limits.upl)}")
    if chart.rules.target is not None:
        parts.append(f"═ target {_number(chart.rules.target)}")
    high, low = {
        "increase": ("high, better", "low, worse"),
        "decrease": ("high, worse", "low, better"),
        "neutral": ("high", "low"),
    }[chart.rules.improvement_direction]
    return "   ".join(parts) + f"\nH unusually {high}   L unusually {low}   • ordinary"


# SVG


def _plot(chart: XmrChart, points: Sequence[Point]) -> list[str]:
    across = Scale(0.5, len(points) + 0.5, WIDTH - LEFT - RIGHT)
    up = Scale(*_extent(chart, points), HEIGHT - TOP - BOTTOM)
    first = points[0].number

    def x(number: float) -> float:
        return round(LEFT + across.place(number - first + 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - up.place(value), 1)

    parts = [*_axes(points, up, x, y)]
    if chart.rules.target is not None:
        parts.append(_level(x(first - 0.5), x(points[-1].number + 0.5), y(chart.rules.target), TARGET, "8 3 2 3"))
    for _, members in groupby(points, key=lambda point: point.group):
        parts += _group(list(members), x, y)
    return [*parts, *(_dot(point, x(point.number), y(point.value)) for point in points), _legend(chart)]


def _axes(points: Sequence[Point], up: Scale, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    bottom = HEIGHT - BOTTOM
    parts = [f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="{LINE}"/>']
    parts += [
        f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{_number(value)}</text>'
        for value in _ticks(up.low, up.high)
    ]
    every = math.ceil(len(points) / 24)
    parts += [
        f'<text x="{x(point.number)}" y="{bottom + 18}" text-anchor="middle">{point.number}</text>'
        for point in points[::every]
    ]
    return parts


def _ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / 7
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _group(points: Sequence[Point], x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    limits = points[0].limits
    start, end = x(points[0].number - 0.5), x(points[-1].number + 0.5)
    parts = [_level(start, end, y(limits.mean), INK, "")]
    parts += [_level(start, end, y(v), LINE, "5 4") for v in (limits.lpl, limits.upl) if v is not None]
    line = " ".join(f"{x(point.number)},{y(point.value)}" for point in points)
    return [*parts, f'<polyline points="{line}" fill="none" stroke="#a6a6a6" stroke-width="2"/>']


def _level(start: float, end: float, height: float, colour: str, dashes: str) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{start} {height}H{end}" fill="none" stroke="{colour}" stroke-width="1.5"{dashed}/>'


def _dot(point: Point, x: float, y: float) -> str:
    colour, words = COLOURS[point.point_type], f"Point {point.number}: {_number(point.value)}"
    if point.special_cause == "Common Cause":
        return f'<circle cx="{x}" cy="{y}" r="4.5" fill="{colour}"><title>{words}</title></circle>'
    words += f", {FINDINGS[point.special_cause]} ({MEANINGS[point.point_type]})"
    label = y - 9 if point.letter == "H" else y + 18
    return (
        f'<circle cx="{x}" cy="{y}" r="5.5" fill="{colour}" stroke="{INK}"><title>{words}</title></circle>'
        f'<text x="{x}" y="{label:.1f}" text-anchor="middle" font-size="11"'
        f' font-weight="bold">{point.letter}</text>'
    )


def _icons(chart: XmrChart) -> list[str]:
    if not chart.points or chart.variation is None:
        return []
    colour = COLOURS[chart.variation]
    icons = [_icon(WIDTH - 48, colour, chart.points[-1].letter, f"Variation: {MEANINGS[chart.variation]}")]
    if chart.assurance:
        letter, words = PROMISES[chart.assurance]
        fill = {"P": COLOURS["special_cause_improvement"], "F": COLOURS["special_cause_concern"]}.get(letter)
        icons.append(_icon(WIDTH - 108, fill or COLOURS["common_cause"], letter, f"Target: {words}"))
    return icons


def _icon(x: int, colour: str, letter: str, words: str) -> str:
    return (
        f'<circle cx="{x}" cy="42" r="23" fill="#ffffff" stroke="{colour}" stroke-width="6">'
        f"<title>{escape(words)}</title></circle>"
        f'<text x="{x}" y="50" text-anchor="middle" font-size="22" font-weight="bold">{letter}</text>'
    )


def _legend(chart: XmrChart) -> str:
    words = {
        "increase": "Higher is better.",
        "decrease": "Lower is better.",
        "neutral": "Neither way is better.",
    }[chart.rules.improvement_direction]
    target = " Dash and dot: target." if chart.rules.target is not None else ""
    letters = "H: unusually high or rising. L: unusually low or falling. Line: mean. Dashes: limits."
    return f'<text x="{LEFT}" y="{HEIGHT - 18}" fill="{LINE}">{words} {letters}{target}</text>'


def _subtitle(chart: XmrChart, points: Sequence[Point]) -> str:
    if not points:
        return "There are no points to show."
    limits = points[-1].limits
    parts = [f"Mean {_number(limits.mean)}"]
    if limits.lpl is not None and limits.upl is not None:
        parts.append(f"limits {_number(limits.lpl)} to {_number(limits.upl)}")
    if chart.rules.target is not None:
        parts.append(f"target {_number(chart.rules.target)}")
    if len(points) < len(chart.points):
        parts.append(f"the newest {len(points)} of {len(chart.points)} points")
    return ", ".join(parts)


def _short(title: str, most: int) -> str:
    return title if len(title) <= most else title[: most - 1].rstrip() + "…"
