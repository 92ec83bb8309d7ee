"""Discovered themes that are new or growing and fit no theme of the framework.

A discovered theme overlaps with the framework where half of its comments carry one and the same theme of it. Its weekly
comments are read like any other series, with all comments of the provider's stream as what they are out of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from earshot.core.db import Connection, Query
from earshot.signals.budget import DETECTOR, VERSION, Alarm, alarms, weeks_between
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.episodes import Episode, episode
from earshot.signals.model import Expectation, Finding, Subject
from earshot.signals.wording import Told, sentence
from earshot.taxonomy.model import NOT_ASSIGNED

OVERLAPS = 0.5
FEWEST = 5  # comments in the window
LEAST_EVIDENCE = 1.5  # a Bayes factor of 4.5
SHARE = 0.1  # of the alarm budget
WORDS_NAMED = 3


@dataclass(frozen=True)
class Cluster:
    """A discovered theme; `overlap` is the largest share of its comments that carry one theme of the framework."""

    id: UUID
    stream: str
    words: list[str]
    overlap: float


@dataclass(frozen=True)
class ClusterWeek:
    """Comments of a discovered theme in one week; without one, all comments of the stream."""

    cluster_id: UUID | None
    stream: str
    week: date
    n: int


_CLUSTERS = Query(
    Cluster,
    """
    SELECT k.id, k.stream, ARRAY (SELECT jsonb_array_elements_text(k.words)) AS words,
      coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM comment_cluster m
                  JOIN effective_theme t ON t.comment_id = m.comment_id AND t.theme <> $2
                  WHERE m.cluster_id = k.id GROUP BY t.theme) AS themes)::float8
               / greatest((SELECT count(*) FROM comment_cluster m WHERE m.cluster_id = k.id), 1), 0) AS overlap
    FROM cluster k WHERE k.org_id = $1 AND k.ended_on IS NULL ORDER BY k.id
    """,
)
_WEEKS = Query(
    ClusterWeek,
    """
    SELECT m.cluster_id, CASE c.stream WHEN 'staff' THEN 'staff' ELSE 'patient' END AS stream,
      date_trunc('week', c.said_on)::date AS week, count(*)::int AS n
    FROM comment c JOIN org o ON o.id = c.org_id JOIN org p ON o.path <@ p.path
    LEFT JOIN comment_cluster m ON m.comment_id = c.id
    WHERE p.id = $1 AND c.said_on BETWEEN $2 AND $3
    GROUP BY GROUPING SETS ((m.cluster_id, 2, 3), (2, 3))
    HAVING GROUPING (m.cluster_id) = 1 OR m.cluster_id IS NOT NULL
    """,
)


async def emerging(
    connection: Connection, provider: UUID, place: str, weeks: Sequence[date], budget: float
) -> list[Finding]:
    """What discovered themes of a provider stand out at the end of the newest of `weeks`."""
    clusters = [one for one in await _CLUSTERS.all(connection, provider, NOT_ASSIGNED) if one.overlap < OVERLAPS]
    if not clusters or not weeks:
        return []
    rows = await _WEEKS.all(connection, provider, weeks[0], weeks[-1] + timedelta(days=6))
    return found(clusters, rows, weeks, provider=provider, place=place, budget=budget)


def found(
    clusters: Sequence[Cluster],
    rows: Sequence[ClusterWeek],
    weeks: Sequence[date],
    *,
    provider: UUID,
    place: str,
    budget: float,
) -> list[Finding]:
    """The discovered themes that rise, read from their weekly comments. Pure."""
    readings = read(_panel(clusters, rows, weeks))
    last = len(weeks) - 1
    findings = []
    for alarm in alarms(readings, budget * SHARE, ("rise",)):
        now = episode(readings, alarm, last)
        if now is not None and _worth(readings, alarm, now):
            findings.append(_finding(clusters[alarm.series], readings, alarm, now, weeks, provider, place))
    return findings


def _worth(readings: Readings, alarm: Alarm, now: Episode) -> bool:
    """Whether there is enough to show a person."""
    heard, _ = readings.window(alarm.series, now.best, now.since)
    return heard >= FEWEST and float(readings.evidence["rise"][alarm.series, now.best]) >= LEAST_EVIDENCE


def _panel(clusters: Sequence[Cluster], rows: Sequence[ClusterWeek], weeks: Sequence[date]) -> Panel:
    column = {week: number for number, week in enumerate(weeks)}
    line = {cluster.id: number for number, cluster in enumerate(clusters)}
    counts = np.zeros((len(clusters), len(weeks)))
    every = {stream: np.zeros(len(weeks)) for stream in ("patient", "staff")}
    for row in rows:
        if row.cluster_id is None:
            every[row.stream][column[row.week]] += row.n
        elif row.cluster_id in line:
            counts[line[row.cluster_id], column[row.week]] += row.n
    return Panel.of(counts, np.stack([every[cluster.stream] for cluster in clusters]))


def _finding(
    cluster: Cluster,
    readings: Readings,
    alarm: Alarm,
    now: Episode,
    weeks: Sequence[date],
    provider: UUID,
    place: str,
) -> Finding:
    heard, expected = readings.window(alarm.series, now.best, now.since)
    since, until = weeks[now.since], weeks[now.best] + timedelta(days=6)
    streams = ("staff",) if cluster.stream == "staff" else ("patient", "carer")
    told = Told(
        place, "provider", streams, "cluster", str(cluster.id), since, until, heard, expected,
        words=", ".join(cluster.words[:WORDS_NAMED]),
    )  # fmt: skip
    by_chance = weeks_between(readings, "rise", alarm.series, now.best) / int(readings.judged[:, now.best].sum())
    usual = zip(weeks, readings.expected[alarm.series], readings.judged[alarm.series], strict=True)
    return Finding(
        subject=Subject("emerging", provider, streams, "cluster", str(cluster.id)),
        meaning="neutral",
        since=since,
        until=until,
        observed=heard,
        expected=round(expected, 4),
        statistic=round(float(readings.evidence["rise"][alarm.series, now.best]), 4),
        weeks_between=round(by_chance, 2),
        detector=DETECTOR,
        version=VERSION,
        sentence=sentence("emerging", told),
        expectations=tuple(
            Expectation(week, round(float(mean), 2), round(float(mean + 3 * np.sqrt(mean)), 2))
            for week, mean, judged in usual
            if judged
        ),
    )
