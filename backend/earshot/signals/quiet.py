"""Groups of people who are heard from much less than they were: by age, ethnic group, disability or main language.

A group is counted out of all patients and carers who answered that question in the same week, so that a quieter month,
in which fewer of everybody answer, is no silence of a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from earshot.core.db import Connection, Query
from earshot.signals.budget import DETECTOR, VERSION, alarms, weeks_between
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.episodes import Episode, episode
from earshot.signals.findings import LEAST_EVIDENCE, SILENT_BELOW
from earshot.signals.groups import NOT_SAID, STREAMS, TRAITS
from earshot.signals.model import Finding, Subject
from earshot.signals.wording import Told, sentence

SHARE = 0.05  # of the alarm budget
FEWEST = 8.0  # answers that must have been expected: of fewer, nothing honest can be said


@dataclass(frozen=True)
class GroupWeek:
    """Answers of one group of people in one week."""

    trait: str
    value: str
    week: date
    n: int


_WEEKS = Query(
    GroupWeek,
    """
    SELECT a.key AS trait, a.value, date_trunc('week', r.said_on)::date AS week, count(*)::int AS n
    FROM response r JOIN org o ON o.id = r.org_id JOIN org p ON o.path <@ p.path
    CROSS JOIN jsonb_each_text(r.about) AS a
    WHERE p.id = $1 AND r.stream = ANY ($2) AND r.said_on BETWEEN $3 AND $4 AND a.key = ANY ($5) AND a.value <> ALL ($6)
    GROUP BY 1, 2, 3
    """,
)


async def quiet(
    connection: Connection, provider: UUID, place: str, weeks: Sequence[date], budget: float
) -> list[Finding]:
    """The groups of a provider that have gone quiet at the end of the newest of `weeks`."""
    if not weeks:
        return []
    until = weeks[-1] + timedelta(days=6)
    rows = await _WEEKS.all(connection, provider, STREAMS, weeks[0], until, TRAITS, NOT_SAID)
    return found(rows, weeks, provider=provider, place=place, budget=budget)


def found(
    rows: Sequence[GroupWeek], weeks: Sequence[date], *, provider: UUID, place: str, budget: float
) -> list[Finding]:
    """The same from counted answers. Pure."""
    groups = sorted({(row.trait, row.value) for row in rows})
    readings = read(_panel(rows, groups, weeks))
    last, findings = len(weeks) - 1, []
    for alarm in alarms(readings, budget * SHARE, ("fall",)):
        now = episode(readings, alarm, last)
        if now is not None and _worth(readings, alarm.series, now):
            about = "=".join(groups[alarm.series])
            findings.append(_finding(readings, alarm.series, now, weeks, Subject(
                "silence", provider, STREAMS, "responses", "", about
            ), place))  # fmt: skip
    return findings


def _panel(rows: Sequence[GroupWeek], groups: Sequence[tuple[str, str]], weeks: Sequence[date]) -> Panel:
    column = {week: number for number, week in enumerate(weeks)}
    line = {group: number for number, group in enumerate(groups)}
    counts = np.zeros((len(groups), len(weeks)))
    every = {trait: np.zeros(len(weeks)) for trait in TRAITS}
    for row in rows:
        counts[line[row.trait, row.value], column[row.week]] += row.n
        every[row.trait][column[row.week]] += row.n
    exposure = np.stack([every[trait] for trait, _ in groups]) if groups else counts
    return Panel.of(counts, exposure)


def _worth(readings: Readings, series: int, now: Episode) -> bool:
    """Whether half or more of enough is missing, with enough evidence to show a person."""
    heard, expected = readings.window(series, now.best, now.since)
    evidence = float(readings.evidence["fall"][series, now.best])
    return expected >= FEWEST and heard <= SILENT_BELOW * expected and evidence >= LEAST_EVIDENCE


def _finding(
    readings: Readings, series: int, now: Episode, weeks: Sequence[date], subject: Subject, place: str
) -> Finding:
    heard, expected = readings.window(series, now.best, now.since)
    since, until = weeks[now.since], weeks[now.best] + timedelta(days=6)
    told = Told(place, "provider", STREAMS, "responses", "", since, until, heard, expected, about=subject.about)
    by_chance = weeks_between(readings, "fall", series, now.best) / int(readings.judged[:, now.best].sum())
    return Finding(
        subject=subject,
        meaning="concern",
        since=since,
        until=until,
        observed=heard,
        expected=round(expected, 4),
        statistic=round(float(readings.evidence["fall"][series, now.best]), 4),
        weeks_between=round(by_chance, 2),
        detector=DETECTOR,
        version=VERSION,
        sentence=sentence("silence", told),
    )
