"""The page alarms.md shows clinicians what raises an alarm, what does not, and what chance does; drift fails.

Write it anew with `python tests/spec/test_alarms_page.py`, and read it before you commit it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from earshot.signals.backtest_command import by_chance
from earshot.signals.budget import Alarm, alarms, weeks_between
from earshot.signals.co_signal import together
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.evidence import Side

PAGE = Path(__file__).with_name("alarms.md")
#: Two years in which nothing changes: four a week, scattered about as chance does it (drawn once, then kept).
CALM = (
    *(4, 2, 5, 7, 3, 4, 6, 1, 4, 5, 3, 2, 6, 4, 8, 3, 5, 4, 2, 3, 4, 6, 5, 1, 3, 7),
    *(5, 4, 2, 6, 3, 4, 0, 5, 4, 7, 2, 3, 5, 4, 6, 4, 3, 2, 5, 9, 4, 3, 6, 2, 4, 5),
    *(3, 5, 4, 2, 7, 4, 3, 5, 1, 6, 4, 5, 3, 4, 8, 2, 4, 6, 3, 5, 4, 1, 5, 3, 6, 4),
    *(2, 5, 4, 6, 3, 7, 4, 3, 5, 2, 4, 6, 4, 3, 5, 4, 2, 6, 5, 3, 4, 7, 1, 4, 5, 3),
)
LATER = len(CALM)
ORDINARY = 60  # weeks: what chance does so often is not worth a word
A_MONTH = 1 / 24  # a false alarm in two years in each series, so that the examples can be read one by one


@dataclass(frozen=True)
class Example:
    """What is explained, the weeks after two calm years, and the weeks from then (from 1) in which an alarm begins."""

    heading: str
    words: str
    after: tuple[int, ...]
    rises: tuple[int, ...] = ()
    falls: tuple[int, ...] = ()
    busy: tuple[int, ...] = ()  # how many times as many were asked in each week
    missing: tuple[int, ...] = ()  # weeks without data, from 1

    def readings(self) -> Readings:
        counts = np.array([[*CALM, *self.after]], dtype=float)
        exposure, observed = np.full(counts.shape, 40.0), np.ones(counts.shape, dtype=bool)
        if self.busy:
            exposure[0, LATER:] *= self.busy
        observed[0, [LATER + week - 1 for week in self.missing]] = False
        return read(Panel.of(counts, exposure, observed))


EXAMPLES = (
    Example(
        "A sudden rise",
        "Twice as many as usual, from one week to the next. No single week is far out: the sum of a few weeks tells.",
        (8, 9, 7, 10, 8, 7),
        rises=(3,),
    ),
    Example(
        "A slow rise",
        "It takes eight weeks until there are twice as many. The alarm comes in the eighth, and says since when.",
        (4, 5, 6, 5, 7, 6, 8, 8, 9, 8),
        rises=(8,),
    ),
    Example(
        "A very bad week",
        "One week can be enough, if it is bad enough.",
        (17, 4, 5, 3, 4, 2, 5),
        rises=(1,),
    ),
    Example(
        "One loud week that chance explains",
        "Twice the usual in one week, then as before: chance does that now and then.",
        (8, 4, 3, 5, 4, 6),
    ),
    Example(
        "A busy week",
        "Twice as many comments in weeks in which twice as many people were asked: nothing has changed.",
        (8, 9, 7, 10, 8, 7),
        busy=(2, 2, 2, 2, 2, 2),
    ),
    Example(
        "A ward that falls silent",
        "Nothing is heard any more, though the feed comes in.",
        (0, 0, 0, 0),
        falls=(1,),
    ),
    Example(
        "A feed that stopped",
        "No data is not zero: nobody is called silent because a file did not come.",
        (0, 0, 0, 0, 4, 5, 3),
        missing=(1, 2, 3, 4),
    ),
    Example(
        "An alarm that goes on is the same alarm",
        "One alarm is raised and stands. After half a year the new level counts as the usual one, and the alarm ends.",
        (9, 8, 10, 7, 9, 8, 9, 10, 8, 7) * 4,
        rises=(3,),
    ),
)  # fmt: skip

HEAD = f"""# What raises an alarm

This page is written by a test from the program itself, so it always shows what Earshot does. It is for clinicians,
guardians and analysts who want to know what its alarms mean before they trust them.

For each week Earshot says how many comments the past leads it to expect, and weighs how much better a change explains
the last weeks than chance does. It need not be told how large the change is or when it began. How strong the
evidence is, it says by how often chance alone would raise such an alarm in that series.

Each example begins after two calm years with four comments a week. The budget is one false alarm in two years in
the series: an alarm (▲ or ▼) is raised when chance would do it less often than that. The {len(CALM)} calm weeks
themselves raise {{calm}}.
"""


def begun(readings: Readings, side: Side) -> list[Alarm]:
    """The alarms that begin after the calm years."""
    return [alarm for alarm in alarms(readings, A_MONTH, (side,)) if alarm.week >= LATER]


def page() -> str:
    """The whole page as Markdown."""
    calm = len(alarms(Example("", "", ()).readings(), A_MONTH))
    return "\n".join(
        [HEAD.format(calm=f"{calm or 'no'} alarm{'' if calm == 1 else 's'}"), *map(section, EXAMPLES), pair()]
    )


def section(example: Example) -> str:
    readings = example.readings()
    rises = {alarm.week: alarm for alarm in begun(readings, "rise")}
    falls = {alarm.week: alarm for alarm in begun(readings, "fall")}
    rows = [row(readings, week, rises, falls) for week in range(LATER, LATER + min(len(example.after), 12))]
    table = ["| week | heard | expected | by chance | |", "| --- | --- | --- | --- | --- |", *rows]
    return "\n".join([f"## {example.heading}", "", example.words, "", *table, ""])


def row(readings: Readings, week: int, rises: dict[int, Alarm], falls: dict[int, Alarm]) -> str:
    """One week: what was heard and expected, how often chance does as much, and the alarm that begins in it."""
    number = week - LATER + 1
    if not readings.panel.observed[0, week]:
        return f"| {number} | no data | | | |"
    side: Side = "rise" if readings.evidence["rise"][0, week] >= readings.evidence["fall"][0, week] else "fall"
    told = ""
    for mark, raised in (("▲", rises), ("▼", falls)):
        if week in raised:
            alarm = raised[week]
            told = (
                f"{mark} since week {alarm.since - LATER + 1}: {alarm.heard} where {alarm.expected:.1f} were expected"
            )
    chance = weeks_between(readings, side, 0, week)
    often = by_chance(chance) if chance > ORDINARY else "ordinary"
    return f"| {number} | {readings.panel.counts[0, week]:g} | {readings.expected[0, week]:.1f} | {often} | {told} |"


def pair() -> str:
    """Patients and staff of one ward, each alone and together."""
    patients, staff = joint()
    both = together(patients, staff)
    lines = [
        f"| {week - LATER + 1} | {patients.panel.counts[0, week]:g} | {staff.panel.counts[0, week]:g} | "
        + " | ".join(by_chance(weeks_between(one, "rise", 0, week)) for one in (patients, staff, both))
        + " |"
        for week in range(LATER, LATER + 4)
    ]
    return "\n".join(
        [
            "## Patients and staff together", "",
            "Both rise by half or more. Neither alone is worth an alarm yet; together they are.", "",
            "| week | patients | staff | patients alone, by chance | staff alone, by chance | together, by chance |",
            "| --- | --- | --- | --- | --- | --- |", *lines, "",
        ]
    )  # fmt: skip


def joint() -> tuple[Readings, Readings]:
    patients = np.array([[*CALM, 7, 6, 8, 7]], dtype=float)
    staff = np.array([[*(CALM[52:] + CALM[:52]), 6, 8, 6, 7]], dtype=float)
    return read(Panel.of(patients)), read(Panel.of(staff))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heading)
def test_alarms_begin_where_the_page_says(example: Example) -> None:
    readings = example.readings()
    assert tuple(alarm.week - LATER + 1 for alarm in begun(readings, "rise")) == example.rises
    assert tuple(alarm.week - LATER + 1 for alarm in begun(readings, "fall")) == example.falls


def test_together_is_rarer_by_chance_than_either_alone() -> None:
    patients, staff = joint()
    both = weeks_between(together(patients, staff), "rise", 0, LATER + 3)
    alone = [weeks_between(one, "rise", 0, LATER + 3) for one in (patients, staff)]
    assert max(alone) < 104 < both


def test_the_page_shows_what_earshot_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python tests/spec/test_alarms_page.py` and read the page"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
