"""`earshot bench signals --export FILE --reports FILE`: bursts of real comments in real weeks, with known starts."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from earshot.bench.bursts import Found, Heard, Item, TooLittleText, score
from earshot.core.errors import EarshotError
from earshot.intake.answers import has_words, simple
from earshot.intake.dates import order_seen, read, settle

EXPORT = ("Comment ID", "Trust", "Date", "Service type 1", "FFT question", "FFT answer")
REPORTS = ("Event Start Date", "Contributing Factors", "Human Factors", "Narrative")
BURSTS, QUICK_BURSTS = 60, 30  # of each factor
SMALLEST_SERVICE = 100  # comments: a service with fewer has no series to speak of
STRAGGLERS = 0.01  # the share of rows that may lie far before all others


class NotThisFile(EarshotError):
    """The file lacks columns that are needed. Give an export as it came, with its first line."""

    def __init__(self, file: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"{file} lacks the columns {', '.join(missing)}. Give an export as it came, first line and all."
        )


@dataclass(frozen=True)
class RealText:
    """What was found in real text: how much of each file could be used, and how each detector did."""

    used: list[str]
    found: list[Found]
    seed: int


def measure(
    *,
    export: Path | None,
    reports: Path | None,
    labels: Path | None,
    quick: bool,
    seed: int,
    report: Callable[[str], None],
) -> RealText:
    """Plant bursts in what the files hold and score them.

    Raises `NotThisFile` where columns are missing and `TooLittleText` where too few weeks can be read.
    """
    used: list[str] = []
    found: list[Found] = []
    scenes: list[Heard] = []
    if export:
        heard, line = from_export(export, labels, report)
        scenes, used = [heard], [line]
    if reports:
        heard, line = from_reports(reports)
        scenes += [heard, replace(heard, name=f"{heard.name}, out of all", per_comment=True)]
        used += [line]
    for scene in scenes:
        report(f"planting bursts: {scene.name}")
        found += score(scene, bursts=QUICK_BURSTS if quick else BURSTS, seed=seed)
    return RealText(used, found, seed)


def from_export(path: Path, labels: Path | None, report: Callable[[str], None]) -> tuple[Heard, str]:
    """Comments by theme and service, as the language library reads them; only trusts with dates in one order.

    `labels` says what comments are, by Comment ID: without it, what they were read as is believed.
    """
    every = _rows(path, EXPORT)
    said = [row for row in every if has_words(row["FFT answer"])]
    days = _days(said, "Date", "Trust")
    services = Counter(row["Service type 1"].strip() for row, day in zip(said, days, strict=True) if day)
    placed = [
        (row, day)
        for row, day in zip(said, days, strict=True)
        if day and row["Service type 1"].strip() and services[row["Service type 1"].strip()] >= SMALLEST_SERVICE
    ]
    readings = _readings([row for row, _ in placed], report)
    known = {} if labels is None else _labels(labels)
    items = [
        Item(0, row["Service type 1"].strip(), themes, _true(row, themes, known), simple(row["FFT answer"]))
        for (row, _), themes in zip(placed, readings, strict=True)
    ]
    heard = _in_weeks("export", items, [day for _, day in placed], per_comment=True)
    told = f"export: {len(heard.items)} of {len(every)} rows in {heard.weeks} weeks"
    return heard, told + _agreement([row["Comment ID"] for row, _ in placed], readings, known)


def _true(row: Mapping[str, str], themes: frozenset[str], known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What a comment is: what people said; none where they were not asked about it, so that it is never planted."""
    return known.get(row["Comment ID"], frozenset()) if known else themes


def _agreement(ids: Sequence[str], readings: Sequence[frozenset[str]], known: Mapping[str, frozenset[str]]) -> str:
    """How many of people's labels were read too, of the comments that have any; empty without labels."""
    both = [(known[name], themes) for name, themes in zip(ids, readings, strict=True) if name in known]
    labels = sum(len(people) for people, _ in both)
    if not labels:
        return ""
    read_too = sum(len(people & themes) for people, themes in both)
    return f"; people labelled {len(both)} of them, and {read_too / labels:.0%} of their {labels} labels were read too"


def from_reports(path: Path) -> tuple[Heard, str]:
    """Staff's safety reports by contributing and human factor, as those who filed them ticked them."""
    rows = _rows(path, REPORTS)
    days = _days(rows, "Event Start Date")
    placed = [(row, day) for row, day in zip(rows, days, strict=True) if day]
    items = []
    for row, _ in placed:
        ticked = (factor.strip() for factor in f"{row['Contributing Factors']};{row['Human Factors']}".split(";"))
        factors = frozenset(factor for factor in ticked if factor)
        items.append(Item(0, "staff", factors, factors, simple(row["Narrative"])))
    heard = _in_weeks("reports", items, [day for _, day in placed], per_comment=False)
    return heard, f"reports: {len(heard.items)} of {len(rows)} rows in {heard.weeks} weeks"


def _rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if missing := [name for name in needed if name not in (rows.fieldnames or ())]:
            raise NotThisFile(path.name, missing)
        return [{name: row[name] or "" for name in needed} for row in rows]


def _days(rows: Sequence[Mapping[str, str]], column: str, by: str | None = None) -> list[date | None]:
    """The day of each row; a provider that mixes orders has none at all, since its clear days would leave gaps."""
    meant = [read(row[column]) for row in rows]
    whose = [row[by] if by else "" for row in rows]
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for name, one in zip(whose, meant, strict=True):
        seen[name][one.kind] += 1
    mixed = {name for name, kinds in seen.items() if kinds["dmy"] and kinds["mdy"]}
    today = date.today()
    return [
        None if name in mixed else settle(one, order_seen(seen[name]), today=today).day
        for name, one in zip(whose, meant, strict=True)
    ]


def _in_weeks(name: str, items: Sequence[Item], days: Sequence[date], *, per_comment: bool) -> Heard:
    """Number the weeks, Mondays first, from where all but a few stragglers begin."""
    if not days:
        raise TooLittleText
    numbers = np.array([(day.toordinal() - 1) // 7 for day in days])
    first = int(np.sort(numbers)[int(len(numbers) * STRAGGLERS)])
    kept = tuple(
        Item(int(number) - first, item.group, item.read, item.true, item.text)
        for item, number in zip(items, numbers, strict=True)
        if number >= first
    )
    return Heard(name, int(numbers.max()) - first + 1, kept, per_comment)


def _readings(rows: Sequence[Mapping[str, str]], report: Callable[[str], None]) -> list[frozenset[str]]:
    """The themes of each row, de-identified and read as the worker does it."""
    from earshot_nlp.pipeline import Pipeline
    from earshot_nlp.types import Redaction, Text

    report(f"reading {len(rows)} comments")
    pipeline = Pipeline.load()
    clean = pipeline.redact([row["FFT answer"] for row in rows])
    texts = [
        Text(one.text if isinstance(one, Redaction) else "", row["FFT question"])
        for one, row in zip(clean, rows, strict=True)
    ]
    return [frozenset(theme.label for theme in one.themes) for one in pipeline.analyse(texts)]


def _labels(path: Path) -> dict[str, frozenset[str]]:
    """What people found in each comment, by Comment ID: the columns with a 1."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if "Comment ID" not in (rows.fieldnames or ()):
            raise NotThisFile(path.name, ["Comment ID"])
        return {row["Comment ID"]: frozenset(name for name, value in row.items() if value == "1") for row in rows}
