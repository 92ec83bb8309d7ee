"""The `earshot spc` command: a series in, its XmR chart out. Needs no database and no model."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

from earshot.measures.chart import sentences, svg, terminal
from earshot.measures.spc import Direction, Rules, SeriesRefused, XmrChart, xmr

EXAMPLE = 'echo \'{"y":[3,5,4,6,5],"improvement_direction":"decrease"}\' | earshot spc'
TITLE = "XmR chart"
KNOWN = {
    "y",
    "improvement_direction",
    "screen_outliers",
    "fix_after_n_points",
    "rebase_at",
    "target",
    "title",
}


def spc(
    json_out: Annotated[bool, typer.Option("--json", help="Print JSON; draw nothing.")] = False,
    svg_file: Annotated[Path, typer.Option("--svg", help="Where to write the picture.")] = Path("spc.svg"),
) -> None:
    """Draw an XmR (SPC) chart of a series and name its special causes.

    Reads a JSON object from standard input: y (numbers, oldest first)
    and, if wanted, improvement_direction (increase, decrease or neutral),
    screen_outliers (true or false), fix_after_n_points, rebase_at (a list
    of points, counted from 1), target and title.
    """
    # A terminal that cannot show a character gets a question mark rather than an error.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        question = read_question(_standard_input())
        chart = xmr(*series_and_rules(question))
        title = "".join(letter for letter in _text(question, "title", TITLE) if letter.isprintable())
    except SeriesRefused as error:
        _stop(error.message)
    if json_out:
        unknown = sorted(set(question) - KNOWN)
        typer.echo(json.dumps(answer(chart, ignored=len(unknown)), allow_nan=False))
        return
    colour = "NO_COLOR" not in os.environ
    typer.echo(terminal(chart, title=title, width=shutil.get_terminal_size().columns, colour=colour))
    _write(svg_file, svg(chart, title=title))
    typer.echo(f"Picture: {svg_file}")


def read_question(text: bytes) -> dict[str, Any]:
    """Read the JSON object of a question; raises SeriesRefused when it is none."""
    try:
        question = json.loads(text)
    except (ValueError, RecursionError):
        raise SeriesRefused("standard input", f"this is not JSON. Try: {EXAMPLE}") from None
    if not isinstance(question, dict):
        raise SeriesRefused("standard input", f"this is not a JSON object. Try: {EXAMPLE}")
    return question


def series_and_rules(question: dict[str, Any]) -> tuple[list[float], Rules]:
    """Take the values and the rules out of a question; raises SeriesRefused naming the wrong field."""
    series = question.get("y")
    if not isinstance(series, list):
        raise SeriesRefused("y", "give a list of numbers, oldest first.")
    values = [_number(value, "y", f"point {place} is") for place, value in enumerate(series, start=1)]
    screen = question.get("screen_outliers")
    if screen is not None and not isinstance(screen, bool):
        raise SeriesRefused("screen_outliers", "use true or false.")
    target = question.get("target")
    rules = Rules(
        improvement_direction=cast(Direction, _text(question, "improvement_direction", "increase")),
        screen_outliers=bool(screen),
        fix_after_n_points=_whole(question.get("fix_after_n_points"), "fix_after_n_points"),
        rebase_at=_points(question.get("rebase_at")),
        target=None if target is None else _number(target, "target", "this is"),
    )
    return values, rules


def answer(chart: XmrChart, *, ignored: int = 0) -> dict[str, object]:
    """The chart as plain JSON: one value a point in each list, null for limits that cannot be worked out."""
    limits = [point.limits for point in chart.points]
    notes = [f"{ignored} unknown field{'s were' if ignored > 1 else ' was'} ignored."] if ignored else []
    return {
        "mean": [each.mean for each in limits],
        "lpl": [each.lpl for each in limits],
        "upl": [each.upl for each in limits],
        "near_lpl": [each.near_lpl for each in limits],
        "near_upl": [each.near_upl for each in limits],
        "rebase_group": [point.group for point in chart.points],
        "special_cause_type": [point.special_cause for point in chart.points],
        "point_type": [point.point_type for point in chart.points],
        "variation": chart.variation,
        "assurance": chart.assurance,
        "warnings": [*chart.warnings, *notes],
        "summary": sentences(chart),
    }


def _standard_input() -> bytes:
    if sys.stdin.isatty():
        raise SeriesRefused("standard input", f"send the series as JSON. Try: {EXAMPLE}")
    return sys.stdin.buffer.read()


def _number(value: object, field: str, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SeriesRefused(field, f"{what} not a number.")
    try:
        return float(value)
    except OverflowError:
        raise SeriesRefused(field, f"{what} not an ordinary number.") from None


def _whole(value: object, field: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise SeriesRefused(field, "use whole numbers.")
    return int(value)


def _points(value: object) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise SeriesRefused("rebase_at", "give a list of point numbers, counted from 1.")
    return tuple(point for each in value if (point := _whole(each, "rebase_at")) is not None)


def _text(question: dict[str, Any], field: str, usual: str) -> str:
    value = question.get(field)
    if value is None:
        return usual
    if not isinstance(value, str):
        raise SeriesRefused(field, "give words in quotation marks.")
    return value


def _write(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        _stop(f"--svg: the picture could not be written to {path}: {error.strerror}.")


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
