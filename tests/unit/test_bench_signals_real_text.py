"""`earshot bench signals --export/--reports`: real comments planted as bursts, on small made-up files."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from earshot.bench.bursts import DEALT, LASTS, Heard, Item, TooLittleText, score
from earshot.bench.real_text import EXPORT, REPORTS, NotThisFile, from_export, from_reports
from earshot.bench.signals import OURS
from earshot.cli import app
from typer.testing import CliRunner

WAITING = "They kept us waiting for hours and the appointment was late again, visit {}."
KIND = "The nurses were kind and listened to me, visit {}."


def _made(weeks: int, a_week: float, read_right: float = 1.0) -> Heard:
    """Comments on waiting, of which a part is read as what it is, among ten a week that say nothing in particular."""
    rng = np.random.default_rng(5)
    items = []
    for week in range(weeks):
        for place in range(rng.poisson(a_week)):
            heard = frozenset({"waiting"}) if rng.random() < read_right else frozenset[str]()
            items.append(Item(week, "ward", heard, frozenset({"waiting"}), f"waiting {week} {place}"))
        nothing: frozenset[str] = frozenset()
        items += [Item(week, "ward", nothing, nothing, f"other {week} {place}") for place in range(10)]
    return Heard("made", weeks, tuple(items), per_comment=True)


def test_bursts_of_a_frequent_theme_are_found_at_few_false_alarms() -> None:
    found = [one for one in score(_made(60, 3.0), bursts=12, seed=1) if (one.detector, one.calm) == (OURS, DEALT)]
    tripled = [one for one in found if one.factor == 3.0]
    assert sum(one.within_8 * one.bursts for one in tripled) / sum(one.bursts for one in tripled) > 0.5
    assert all(one.false_alarms <= 0.2 and one.bursts > 0 for one in found)


@pytest.mark.slow
def test_misreadings_hide_bursts() -> None:
    def found(read_right: float) -> float:
        cells = score(_made(60, 3.0, read_right), bursts=12, seed=1)
        return sum(one.within_8 * one.bursts for one in cells if (one.detector, one.calm) == (OURS, DEALT))

    assert found(0.3) < found(1.0)


def test_a_method_without_enough_history_is_not_scored() -> None:
    detectors = {one.detector for one in score(_made(60, 2.0), bursts=4, seed=1)}
    assert "Farrington flexible" not in detectors
    assert {OURS, "XmR weekly", "EARS C2"} <= detectors


def test_too_few_weeks_are_said() -> None:
    with pytest.raises(TooLittleText):
        score(_made(LASTS + 4, 3.0), bursts=4, seed=1)


def _written(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([columns, *rows])
    return path


def _reports(path: Path) -> Path:
    rng = np.random.default_rng(2)
    factors = ("Communications;", "Equipment;", "Communications;Equipment;")
    rows: list[tuple[str, ...]] = [
        (f"{(date(2001, 1, 1) + timedelta(int(day))):%m/%d/%Y} 10:00", factors[number % 3], "Fatigue;", f"It {number}.")
        for number, day in enumerate(sorted(rng.integers(0, 420, 400)))
    ]
    return _written(path, REPORTS, rows)


def test_reports_are_counted_by_every_factor_in_the_order_of_dates_that_the_file_shows(tmp_path: Path) -> None:
    heard, line = from_reports(_reports(tmp_path / "reports.csv"))
    assert heard.weeks == 60
    assert {factor for item in heard.items for factor in item.read} == {"Communications", "Equipment", "Fatigue"}
    assert line.startswith("reports: ")


def test_a_file_without_the_columns_is_refused_by_name(tmp_path: Path) -> None:
    path = _written(tmp_path / "other.csv", ("Date", "Text"), [("01/02/2021", "Late.")])
    with pytest.raises(NotThisFile, match=r"other\.csv lacks the columns Event Start Date"):
        from_reports(path)


@pytest.mark.slow
def test_the_command_prints_what_was_found(tmp_path: Path) -> None:
    path = str(_reports(tmp_path / "reports.csv"))
    arguments = ["bench", "signals", "--reports", path, "--quick"]
    told, again = (CliRunner().invoke(app, arguments) for _ in range(2))
    assert told.exit_code == 0
    assert "| reports, out of all, ×2, 0.5 a week or more" in told.stdout
    assert told.stdout == again.stdout


@pytest.mark.slow
def test_comments_are_read_by_the_pipeline_and_mixed_dates_are_left_out(tmp_path: Path) -> None:
    days = [date(2021, 6, 7) + timedelta(3 * step) for step in range(120)]
    rows: list[tuple[str, ...]] = [
        (f"A{n}", "A", f"{day:%d/%m/%Y}", "Wards", "What was good?", (WAITING if n % 2 else KIND).format(n))
        for n, day in enumerate(days)
    ]
    mixed = [
        ("B1", "B", "25/01/2022", "Wards", "Why?", "It was late."),
        ("B2", "B", "1/26/2022", "Wards", "Why?", "Hm."),
    ]
    path = _written(tmp_path / "export.csv", EXPORT, [*rows, *mixed, ("A999", "A", "25/06/2021", "Wards", "Why?", "")])
    heard, line = from_export(path, None, lambda line: None)
    assert len(heard.items) == 120
    assert heard.weeks == 52
    assert line == "export: 120 of 123 rows in 52 weeks"
    late = [item for item in heard.items if "waiting" in item.text]
    assert sum("Timeliness of care" in item.read for item in late) > len(late) / 2
    assert all(item.true == item.read for item in heard.items)
