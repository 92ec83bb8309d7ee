"""The `earshot backtest` command: weekly counts in, the alarms that would have been raised out. Needs no database."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table as Drawn

from earshot.signals.backtest import NothingToRead, Raised, Summary, Table, as_document, replay, table
from earshot.signals.budget import RAREST
from earshot.signals.evidence import Side

Direction = Literal["rise", "fall", "both"]
SIDES: dict[str, tuple[Side, ...]] = {"rise": ("rise",), "fall": ("fall",), "both": ("rise", "fall")}
WEEKS_A_YEAR = 52


def backtest(
    file: Annotated[Path, typer.Argument(help="A CSV with series,week_start,count and, if known, exposure.")],
    budget: Annotated[
        float, typer.Option(help="False alarms a month that you can bear over all the series of the file.")
    ],
    direction: Annotated[
        Direction, typer.Option(help="What to watch for; with both, the budget is shared equally.")
    ] = "rise",
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON an alarm, and a summary last.")] = False,
) -> None:
    """Replay weekly counts and show which alarms Earshot would have raised, week by week, without looking ahead.

    A week of a series that has no row holds no data: write zeros down.
    The first 12 weeks of a series teach what is usual, so none is raised
    in them. An alarm that goes on is the same alarm; it has ended when it
    was quiet for four weeks. expected_false_alarms is how many alarms so
    strong a month chance alone would raise over all series of the file.
    """
    found = _read(file)
    raised, summary = replay(found, budget, SIDES[direction])
    for bad in found.bad:
        typer.echo(f"line {bad.line}: {bad.reason}", err=True)
    if not as_json:
        _draw(raised, summary)
        return
    for alarm in raised:
        typer.echo(json.dumps(asdict(alarm)))
    typer.echo(json.dumps(as_document(summary, found.bad)))


def _read(file: Path) -> Table:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return table(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise NothingToRead(f"{file.name} cannot be read as a UTF-8 text file.") from error


def _draw(raised: list[Raised], summary: Summary) -> None:
    console = Console()
    drawn = Drawn("series", "raised in week", "since", "heard", "expected", "by chance")
    for alarm in raised:
        drawn.add_row(
            f"{alarm.series} {'▲' if alarm.direction == 'rise' else '▼'}",
            alarm.week_start,
            alarm.since,
            str(alarm.heard),
            f"{alarm.expected:.1f}",
            by_chance(alarm.weeks_between_by_chance),
        )
    console.print(drawn if raised else "No alarm.")
    console.print(
        f"{summary.alarms} alarms in {summary.series} series, {summary.first_week} to {summary.last_week}. "
        f"With a budget of {summary.budget:g} false alarms a month, about {summary.expected_false_alarms:g} are "
        f"expected by chance in the {summary.weeks_watched} weeks that were watched. "
        f"{summary.bad_rows} of {summary.rows + summary.bad_rows} rows were left out."
    )


def by_chance(weeks: float) -> str:
    """How often chance alone raises such an alarm in this one series."""
    if weeks >= RAREST:
        return "once in thousands of years"
    if weeks >= 2 * WEEKS_A_YEAR:
        return f"once in {weeks / WEEKS_A_YEAR:,.0f} years"
    return f"once in {weeks:.0f} weeks"
