"""`earshot bench …`: figures as ratios of one run, for people or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

bench_app = typer.Typer(no_args_is_help=True, help="Measure this machine: ratios within one run.")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programmes.")]


def _report(line: str) -> None:
    typer.echo(line, err=True)


def _print(figures: Any, as_json: bool) -> None:
    document = asdict(figures)
    if as_json:
        typer.echo(json.dumps(document))
        return
    for name, value in document.items():
        typer.echo(f"{name.replace('_', ' '):<28}{'not measured' if value is None else value}")


@bench_app.command("intake")
def intake(
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds of load in each round.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3,
    connections: Annotated[int, typer.Option(min=1, max=256)] = 32,
    as_json: JsonOption = False,
) -> None:
    """Load the submissions endpoint and a bare insert in turns; prints both rates and their ratio."""
    from earshot.bench.intake import measure

    _print(measure(seconds=seconds, rounds=rounds, connections=connections, report=_report), as_json)


@bench_app.command("analyse")
def analyse(
    comments: Annotated[int, typer.Option(min=100, max=100_000)] = 2000,
    compare: Annotated[bool, typer.Option(help="Also run presidio-analyzer on the same texts.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Comments a second for each stage and in all, peak memory, and the ratio to presidio-analyzer alone."""
    from earshot.bench.analyse import measure

    _print(measure(comments=comments, compare=compare, report=_report), as_json)


@bench_app.command("themes")
def themes(
    comments: Annotated[int, typer.Option(min=500, max=200_000)] = 50_000,
    file: Annotated[Path | None, typer.Option(help="A CSV of real comments, instead of composed ones.")] = None,
    text: Annotated[str, typer.Option(help="The file's column that holds the comments.")] = "text",
    compare: Annotated[bool, typer.Option(help="Also run BERTopic as it comes on the same embeddings.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Time, coherence and diversity of discovered themes against stock BERTopic, and how many comments stay put."""
    from earshot.bench.themes import measure

    _print(measure(comments=comments, file=file, column=text, compare=compare, report=_report), as_json)
