"""Themes that a group of people complains about more than others in the same places, out of optional answers.

Half a year of patients' and carers' comments is compared, place by place. Staff are left out: few answer, and a few
members of staff could be recognised.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from earshot.core.db import Connection, Query
from earshot.signals.inequity import Difference, differences
from earshot.signals.model import Finding, Subject
from earshot.signals.wording import Told, sentence

TRAITS = ("age_band", "ethnicity", "disability", "main_language")
DAYS = 182
DETECTOR, VERSION = "earshot-groups", "1"
STREAMS = ("carer", "patient")
NOT_SAID = ("prefer_not_to_say", "")


@dataclass(frozen=True)
class Heard:
    """Comments of a group at a place; with a theme, those that complain about it."""

    trait: str
    value: str
    org_id: UUID
    theme: str | None
    n: int


_HEARD = Query(
    Heard,
    """
    WITH said AS (
      SELECT c.id, c.org_id, e.sentiment, a.key AS trait, a.value
      FROM comment c JOIN org o ON o.id = c.org_id JOIN org p ON o.path <@ p.path
      JOIN response r ON r.id = c.response_id
      JOIN effective_sentiment e ON e.comment_id = c.id
      CROSS JOIN jsonb_each_text(r.about) AS a
      WHERE p.id = $1 AND c.stream = ANY ($2) AND c.said_on BETWEEN $3 AND $4
        AND a.key = ANY ($5) AND a.value <> ALL ($6)
    )
    SELECT trait, value, org_id, NULL::text AS theme, count(*)::int AS n FROM said GROUP BY 1, 2, 3
    UNION ALL
    SELECT s.trait, s.value, s.org_id, t.theme, count(DISTINCT s.id)::int
    FROM said s JOIN LATERAL (  -- OFFSET 0: look up each comment's themes, rather than join all there are
      SELECT e.theme FROM effective_theme e WHERE e.comment_id = s.id OFFSET 0
    ) t ON t.theme <> 'Not assigned'
    WHERE s.sentiment >= 4 GROUP BY 1, 2, 3, 4
    """,
)


async def unequal(connection: Connection, provider: UUID, place: str, last: date) -> list[Finding]:
    """The themes that one group complains about more than others, beyond chance, in the half year until `last`."""
    since = last - timedelta(days=DAYS - 1)
    rows = await _HEARD.all(connection, provider, STREAMS, since, last, TRAITS, NOT_SAID)
    return found(rows, provider=provider, place=place, since=since, until=last)


def found(rows: Sequence[Heard], *, provider: UUID, place: str, since: date, until: date) -> list[Finding]:
    """The same from counted comments, trait by trait. Pure."""
    of_trait: defaultdict[str, list[Heard]] = defaultdict(list)
    for row in rows:
        of_trait[row.trait].append(row)
    return [
        _finding(difference, about, theme, provider, place, since, until)
        for trait, counted in sorted(of_trait.items())
        for difference, about, theme in _told_more(trait, counted)
    ]


def _told_more(trait: str, rows: Sequence[Heard]) -> list[tuple[Difference, str, str]]:
    """What groups of one trait tell more of, with the group's and the theme's name."""
    groups = sorted({row.value for row in rows})
    themes = sorted({row.theme for row in rows if row.theme is not None})
    places = sorted({row.org_id for row in rows})
    if len(groups) < 2 or not themes:
        return []
    told = np.zeros((len(groups), len(themes), len(places)), dtype=np.int64)
    heard = np.zeros((len(groups), len(places)), dtype=np.int64)
    for row in rows:
        group, stratum = groups.index(row.value), places.index(row.org_id)
        if row.theme is None:
            heard[group, stratum] += row.n
        else:
            told[group, themes.index(row.theme), stratum] += row.n
    return [
        (one, f"{trait}={groups[one.group]}", themes[one.theme])
        for one in differences(told, heard)
        if one.beyond_chance and one.told > one.expected
    ]


def _finding(one: Difference, about: str, theme: str, provider: UUID, place: str, since: date, until: date) -> Finding:
    told = Told(
        place, "provider", STREAMS, "theme_negative", theme, since, until, one.told, one.expected, about=about
    )  # fmt: skip
    return Finding(
        subject=Subject("inequity", provider, STREAMS, "theme_negative", theme, about),
        meaning="concern",
        since=since,
        until=until,
        observed=one.told,
        expected=round(one.expected, 4),
        statistic=round(-math.log(max(one.chance or 1.0, 1e-12)), 4),
        weeks_between=None,
        detector=DETECTOR,
        version=VERSION,
        sentence=sentence("inequity", told),
    )
