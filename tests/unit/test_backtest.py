"""`earshot backtest`: the file as it comes, bad rows by line, one alarm a line, and nothing known before its time."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from earshot.cli import app
from earshot.signals.backtest import NothingToRead, Raised, replay, table
from earshot.signals.backtest_command import by_chance
from earshot.signals.simulate import Change, World, counts
from typer.testing import CliRunner

START = date(2023, 1, 2)
RISE = 80
HEADER = "series,week_start,count"


def week(number: int) -> str:
    return (START + timedelta(weeks=number)).isoformat()


def lines(weeks: int, *, until: int | None = None) -> list[str]:
    """Six wards in which nothing changes and two that treble in week 80, one after the other."""
    rng = np.random.default_rng(11)
    quiet = counts(World(2.0), 6, weeks, rng)[0]
    rising = counts(World(2.0), 2, weeks, rng, Change(RISE, 3.0))[0]
    return [
        f"ward {row},{week(column)},{int(n)}"
        for row, series in enumerate(np.concatenate([quiet, rising]))
        for column, n in enumerate(series)
        if until is None or column < until
    ]


def raised(rows: list[str], budget: float = 0.5, header: str = HEADER) -> list[Raised]:
    return replay(table([header, *rows]), budget)[0]


def test_planted_rises_are_found_and_named() -> None:
    found = [a for a in raised(lines(110)) if a.series in ("ward 6", "ward 7") and a.week_start >= week(RISE)]
    assert {alarm.series for alarm in found} == {"ward 6", "ward 7"}
    for alarm in found:
        assert alarm.week_start <= week(RISE + 8)
        assert week(RISE - 2) <= alarm.since <= week(RISE + 3)
        assert 0 < alarm.expected_false_alarms <= 0.5
        assert alarm.heard > 1.5 * alarm.expected


def test_a_rise_that_goes_on_is_one_alarm() -> None:
    found = [alarm.series for alarm in raised(lines(104), 0.2) if alarm.week_start >= week(RISE)]
    assert found.count("ward 6") == found.count("ward 7") == 1


def test_the_file_cut_at_some_weeks_gives_the_same_alarms_until_then() -> None:
    same_when_cut(range(14, 100, 17))


@pytest.mark.slow
def test_the_file_cut_at_any_week_gives_the_same_alarms_until_then() -> None:
    same_when_cut(range(1, 100))


def same_when_cut(cuts: range) -> None:
    whole = raised(lines(100), 3)
    assert len(whole) > 5
    for cut in cuts:
        assert raised(lines(100, until=cut), 3) == [alarm for alarm in whole if alarm.week_start < week(cut)], cut


def test_a_series_that_begins_later_changes_nothing_before() -> None:
    late = [f"late,{week(number)},4" for number in range(70, 100)]
    with_late, without = raised([*lines(100), *late], 3), raised(lines(100), 3)
    first = [alarm for alarm in with_late if alarm.week_start < week(70)]
    assert first == [alarm for alarm in without if alarm.week_start < week(70)]
    assert first


def test_the_order_of_rows_does_not_matter() -> None:
    rows = lines(90)
    assert raised(rows[::-1]) == raised(rows)


def test_bad_rows_are_told_by_line_and_left_out() -> None:
    rows = [
        "a,2024-01-01,3",
        "a,2024-01-03,4",
        ",2024-01-08,1",
        "a,8 January 2024,1",
        "a,2024-01-08,-1",
        "a,2024-01-08,1.5",
        "a,2024-01-08,",
        "a,2024-01-15,nan",
        "",
        "a,2024-01-22,2",
    ]
    found = table([HEADER, *rows])
    assert [bad.line for bad in found.bad] == [3, 4, 5, 6, 7, 8, 9]
    assert "already" in found.bad[0].reason and "date" in found.bad[2].reason
    assert found.panel.counts.tolist() == [[3, 0, 0, 2]]
    assert found.panel.observed.tolist() == [[True, False, False, True]]


def test_exposure_is_used_and_checked() -> None:
    rows = ["a,2024-01-01,3,40", "a,2024-01-08,0,0", "a,2024-01-15,2,0", "a,2024-01-22,2,", "a,2024-01-29,1,-3"]
    found = table([HEADER + ",exposure", *rows])
    assert found.panel.exposure.tolist() == [[40, 0]]
    assert found.panel.observed.tolist() == [[True, False]]
    assert [bad.line for bad in found.bad] == [4, 5, 6]


def test_a_week_may_begin_on_any_day_and_is_named_as_it_was_written() -> None:
    rows = lines(100)
    sundays = [
        f"{r.split(',')[0]},{date.fromisoformat(r.split(',')[1]) - timedelta(1)},{r.split(',')[2]}" for r in rows
    ]
    assert [(a.series, date.fromisoformat(a.week_start) + timedelta(1)) for a in raised(sundays)] == [
        (a.series, date.fromisoformat(a.week_start)) for a in raised(rows)
    ]


@pytest.mark.parametrize("text", [[], ["series,week,count", "a,2024-01-01,1"], [HEADER], [HEADER, "a,nonsense,1"]])
def test_a_file_without_counts_is_refused(text: list[str]) -> None:
    with pytest.raises(NothingToRead):
        table(text)


def test_how_often_by_chance_is_said_in_words() -> None:
    assert [by_chance(weeks) for weeks in (14.2, 520, 1e6)] == [
        "once in 14 weeks", "once in 10 years", "once in thousands of years",
    ]  # fmt: skip


# The command


def written(folder: Path, rows: list[str]) -> str:
    path = folder / "counts.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return str(path)


def test_json_is_a_line_an_alarm_and_the_summary_last(tmp_path: Path) -> None:
    file = written(tmp_path, [*lines(100), "x,then,1"])
    done = CliRunner().invoke(app, ["backtest", file, "--budget", "0.5", "--json"])
    assert done.exit_code == 0
    *alarms, summary = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"series", "week_start", "detector", "expected_false_alarms"} <= set(alarms[0])
    assert summary["summary"] is True
    assert summary["alarms"] == len(alarms) > 1
    assert (summary["series"], summary["weeks"], summary["weeks_watched"]) == (8, 100, 88)
    assert summary["expected_false_alarms"] == pytest.approx(0.5 * 88 / 4.348, abs=0.01)
    assert summary["bad"] == [{"line": 802, "reason": "week_start is not a date such as 2026-11-16"}]
    assert done.stderr.startswith("line 802: ")


def test_without_json_people_read_a_table(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["backtest", written(tmp_path, lines(100)), "--budget", "0.5"])
    assert done.exit_code == 0
    assert "ward 6 ▲" in done.stdout and "by chance" in done.stdout


def test_falls_are_watched_when_asked_for(tmp_path: Path) -> None:
    gone = [row if int(n) < 60 else f"{row.rsplit(',', 1)[0]},0" for row, n in _numbered(lines(90))]
    file = written(tmp_path, gone)
    both = CliRunner().invoke(app, ["backtest", file, "--budget", "1", "--direction", "both", "--json"])
    directions = [json.loads(line).get("direction") for line in both.stdout.splitlines()]
    assert directions.count("fall") >= 6


def _numbered(rows: list[str]) -> list[tuple[str, int]]:
    return [(row, (date.fromisoformat(row.split(",")[1]) - START).days // 7) for row in rows]


@pytest.mark.parametrize("budget", ["0", "-2"])
def test_a_budget_of_nothing_is_refused(tmp_path: Path, budget: str) -> None:
    done = CliRunner().invoke(app, ["backtest", written(tmp_path, lines(20)), "--budget", budget])
    assert done.exit_code != 0
