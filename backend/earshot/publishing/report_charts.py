"""The charts of a report as SVG. The same chart gives the same bytes; no colour says anything that a shape does not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from earshot.dashboards.model import Chart, Funnel, FunnelPoint, Where

_INK, _GRID, _BLUE, _ORANGE, _PURPLE, _GREY = "#212b32", "#d8dde0", "#005eb8", "#b54708", "#490092", "#768692"
#: Colour, shape and words of a point, by what it is: Making Data Count's meanings, in colours with enough contrast.
MARKS: dict[str, tuple[str, str, str]] = {
    "common_cause": (_GREY, "o", "as usual"),
    "special_cause_improvement": (_BLUE, "^", "unusual: better"),
    "special_cause_concern": (_ORANGE, "s", "unusual: worse"),
    "special_cause_neutral_high": (_PURPLE, "D", "unusual: high"),
    "special_cause_neutral_low": (_PURPLE, "v", "unusual: low"),
}
_FUNNEL: dict[Where, tuple[str, str, str]] = {
    "inside": (_GREY, "o", "inside the limits"),
    "above_95": (_BLUE, "^", "above 95 %"),
    "below_95": (_ORANGE, "v", "below 95 %"),
    "above_998": (_BLUE, "D", "above 99.8 %"),
    "below_998": (_ORANGE, "s", "below 99.8 %"),
}
_STYLE: Any = {
    "svg.hashsalt": "earshot",  # ids in the file are made from this and the content, not from chance
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": _INK,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def chart_svg(chart: Chart) -> bytes:
    """A line over time with its mean and limits; a period that is too few to say leaves a gap."""
    with mpl.rc_context(_STYLE):
        canvas, axes = _canvas(4.9, 2.1)
        places = range(len(chart.points))
        values = [float("nan") if point.value is None else point.value for point in chart.points]
        axes.plot(places, values, color=_GREY, linewidth=1.2, zorder=2)
        _line(axes, chart.mean, "-", "mean")
        for limit in (chart.lower, chart.upper):
            _line(axes, limit, (0, (4, 3)), "limits" if limit == chart.upper else None)
        _marks(axes, [(x, y, MARKS[point.type or "common_cause"]) for x, y, point in zip(places, values, chart.points,
                                                                                         strict=True)])  # fmt: skip
        _begins(axes, chart)
        axes.set_ylabel("%" if chart.unit == "percent" else chart.unit)
        _from_to(axes, [*values, *(one for one in (chart.lower, chart.upper) if one is not None)], chart.unit)
        return _svg(canvas)


def funnel_svg(funnel: Funnel) -> bytes:
    """Units by how many answered, between the limits of chance; those outside are named."""
    with mpl.rc_context(_STYLE):
        canvas, axes = _canvas(4.9, 2.6)
        n = [limit.n for limit in funnel.limits]
        for low, high, dash, label in (("low95", "high95", (0, (4, 3)), "95 %"), ("low998", "high998", "-", "99.8 %")):
            for side in (low, high):
                values = [getattr(limit, side) for limit in funnel.limits]
                axes.plot(n, values, color=_GREY, linestyle=dash, linewidth=0.9, label=label if side == high else None)
        _line(axes, funnel.overall, "-", "all together")
        told = [point for point in funnel.points if point.n is not None and point.value is not None]
        axes.set_xlabel("answers")
        _marks(axes, [(point.n, point.value, _FUNNEL[point.where]) for point in told if point.where in _FUNNEL])
        _names(axes, [point for point in told if point.where not in ("inside", "too_few")][:8])
        axes.set_ylabel("%")
        ends = [*(one.low998 for one in funnel.limits), *(one.high998 for one in funnel.limits)]
        _from_to(axes, [*ends, *(one.value for one in told if one.value is not None)], "percent")
        return _svg(canvas)


def _canvas(width: float, height: float) -> tuple[Canvas, Any]:
    """An empty drawing of so many inches, drawn without the state that pyplot keeps."""
    canvas = Canvas(figsize=(width, height), layout="constrained")
    axes = canvas.add_subplot()
    axes.grid(axis="y", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return canvas, axes


def _line(axes: Any, at: float | None, dash: object, label: str | None) -> None:
    if at is not None:
        axes.axhline(at, color=_INK, linestyle=dash, linewidth=0.9, label=label, zorder=1)


def _marks(axes: Any, points: Sequence[tuple[float | None, float | None, tuple[str, str, str]]]) -> None:
    for mark in dict.fromkeys(mark for _, _, mark in points):
        colour, shape, words = mark
        here = [(x, y) for x, y, one in points if one == mark]
        axes.scatter(*zip(*here, strict=True), color=colour, marker=shape, s=22, zorder=3, label=words)
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.12 if axes.get_xlabel() == "" else -0.24),
        ncols=4,
        frameon=False,
        fontsize=7,
        handlelength=1.6,
    )


def _from_to(axes: Any, values: Sequence[float], unit: str) -> None:
    """Counts from nobody up; percentages as far as they go, since what counts is how they move."""
    known = [value for value in values if value == value]
    if unit in ("percent", "%"):
        top = min(101.0, max(known, default=100.0) // 10 * 10 + 11)
        axes.set_ylim(max(0.0, min(known, default=0.0) // 10 * 10 - 1), top)
    elif all(value >= 0 for value in known):
        axes.set_ylim(bottom=0)


def _begins(axes: Any, chart: Chart) -> None:
    step = max(1, -(-len(chart.points) // 8))
    places = list(range(0, len(chart.points), step))
    axes.set_xticks(places, [f"{chart.points[at].start.day} {chart.points[at].start:%b}" for at in places])


def _names(axes: Any, points: Sequence[FunnelPoint]) -> None:
    for point in points:
        axes.annotate(point.name, (point.n, point.value), xytext=(4, 4), textcoords="offset points", fontsize=7)


def _svg(canvas: Canvas) -> bytes:
    out = io.BytesIO()
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
