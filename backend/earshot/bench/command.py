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


@bench_app.command("signals")
def signals(
    series: Annotated[int, typer.Option(min=20, max=5000, help="Series of each kind of rise.")] = 400,
    quick: Annotated[bool, typer.Option("--quick", help="A fifth of the series: a first look.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    export: Annotated[Path | None, typer.Option(help="Plant bursts in this export of real comments instead.")] = None,
    reports: Annotated[Path | None, typer.Option(help="Plant bursts in these staff reports instead.")] = None,
    labels: Annotated[Path | None, typer.Option(help="What people found in the export, by Comment ID.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Plant rises in simulated counts or in real text, and compare what each detector finds at equal false alarms."""
    if export or reports:
        _real_text(export, reports, labels, quick, seed, as_json)
        return
    from earshot.bench.signals import measure
    from earshot.bench.signals_page import page

    figures = measure(series=max(20, series // 5) if quick else series, seed=seed, report=_report)
    typer.echo(json.dumps(asdict(figures)) if as_json else page(figures))


def _real_text(
    export: Path | None, reports: Path | None, labels: Path | None, quick: bool, seed: int, as_json: bool
) -> None:
    from earshot.bench.real_text import measure
    from earshot.bench.real_text_page import page

    figures = measure(export=export, reports=reports, labels=labels, quick=quick, seed=seed, report=_report)
    typer.echo(json.dumps(asdict(figures)) if as_json else page(figures))


@bench_app.command("improvement")
def improvement(
    runs: Annotated[int, typer.Option(min=100, max=100_000, help="Changes of each kind.")] = 1000,
) -> None:
    """How often a change that does nothing is called an improvement, and how soon a real one is recognised."""
    from earshot.bench.improvement import table

    typer.echo(table(runs))


@bench_app.command("rollup")
def rollup(
    rounds: Annotated[int, typer.Option(min=1, max=50, help="How often each day is counted.")] = 7,
    as_json: JsonOption = False,
) -> None:
    """Count one more day of 60, 600 and 6,000 comments after a year of 1,200 series, and after four years."""
    from earshot.bench.rollup import measure

    _print(measure(rounds=rounds, report=_report), as_json)


@bench_app.command("digests")
def digests(as_json: JsonOption = False) -> None:
    """Compose and post the weekly digests of 1,000 managers; prints seconds in all and milliseconds each."""
    from earshot.bench.digests import measure

    _print(measure(report=_report), as_json)


@bench_app.command("dashboards")
def dashboards(
    largest: Annotated[
        int, typer.Option(min=100_000, max=20_000_000, help="Comments of the largest store.")
    ] = 5_000_000,
    rounds: Annotated[int, typer.Option(min=5, max=500, help="How often each page is asked.")] = 40,
    as_json: JsonOption = False,
) -> None:
    """Ask for every quality page with 100,000, 500,000 and 5 million comments in the store; prints p95 and ratios."""
    from earshot.bench.dashboards import SIZES, measure

    sizes = sorted({*(size for size in SIZES if size < largest), largest})
    _print(measure(sizes=sizes, rounds=rounds, report=_report), as_json)
