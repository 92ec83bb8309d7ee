"""Whether what is said, or how well it is read, has moved away from the first weeks: figures, bands and a sentence.

The band of a figure is what the first weeks would give by chance: a week of theirs is drawn, and as many comments of it
as were heard, again and again (two-stage bootstrap: Davison and Hinkley 1997, section 3.8). So neither chance nor an
ordinary week counts as a move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

Measure = Literal["not_assigned", "mean_p", "not_english", "shift", "unknown_words"]
MEASURES: tuple[Measure, ...] = ("not_assigned", "mean_p", "not_english", "shift", "unknown_words")
BASELINE = 12  # weeks
FEWEST = 10  # comments of a week that make a figure

_SAYS: dict[Measure, tuple[str, str]] = {
    "not_assigned": ("more comments than usual fit no theme", "fewer comments than usual fit no theme"),
    "mean_p": ("themes are found with more certainty than usual", "themes are found with less certainty than usual"),
    "not_english": ("more comments than usual are not in English", "fewer comments than usual are not in English"),
    "shift": ("people speak about other things than at first", "people speak about the same things as at first"),
    "unknown_words": ("more words than usual are unknown to the model", "fewer words than usual are unknown"),
}
_ADVICE: frozenset[Measure] = frozenset({"not_assigned", "mean_p", "shift", "unknown_words"})


@dataclass(frozen=True)
class Week:
    """One week of one stream of a provider; a measure without a figure had nothing to be worked out from."""

    org_id: UUID
    org_name: str
    stream: str
    week_start: date
    comments: int
    figures: dict[str, float]
    bands: dict[str, list[float]]

    @property
    def moved(self) -> list[Measure]:
        """The measures that lie beyond their band."""
        return [measure for measure in MEASURES if outside(self.figures, self.bands, measure)]


def outside(figures: Mapping[str, float], bands: Mapping[str, Sequence[float]], measure: Measure) -> bool:
    """Whether a figure lies beyond its band; a week of the baseline has no bands."""
    if measure not in figures or measure not in bands:
        return False
    low, high = bands[measure]
    return not low <= figures[measure] <= high


def sentence(weeks: Sequence[Week]) -> str:
    """What the last of a provider's weeks, oldest first, tells in plain words."""
    if not weeks or not weeks[-1].bands:
        return f"The first {BASELINE} weeks are still being gathered; moves are told after that."
    last = weeks[-1]
    if not last.moved:
        return "What is said, and how well it is read, is much as it was in the first weeks."
    parts = [_SAYS[name][0 if last.figures[name] > last.bands[name][1] else 1] for name in last.moved]
    advice = " Correct some of the newest comments, then let the model learn." if _ADVICE & set(last.moved) else ""
    return f"In the week of {last.week_start.day} {last.week_start:%B %Y} {' and '.join(parts)}.{advice}"


@dataclass(frozen=True)
class Figures:
    """A week that was worked out, ready to be written."""

    org_id: UUID
    stream: str
    week_start: date
    comments: int
    languages: dict[str, int]
    figures: dict[str, float]
    bands: dict[str, list[float]]


@dataclass(frozen=True)
class Heard:
    """How many comments a stream of a provider had in a week, and whether that week was worked out before."""

    week_start: date
    comments: int
    known: bool


@dataclass(frozen=True)
class Said:
    """What drift is worked out from; `p` is the mean probability of the comment's themes, None where it has none."""

    week_start: date
    text: str
    language: str
    p: float | None
    vector: str


_PROVIDERS = Query(UUID, "SELECT id FROM org WHERE level = 'provider' ORDER BY id")
_HEARD = Query(
    Heard,
    """
    SELECT date_trunc('week', c.said_on)::date AS week_start, count(*)::int AS comments,
      bool_or(d.org_id IS NOT NULL) AS known
    FROM org p JOIN org o ON o.path <@ p.path JOIN comment c ON c.org_id = o.id
    JOIN embedding e ON e.comment_id = c.id JOIN analysis a ON a.comment_id = c.id
    LEFT JOIN drift d
      ON d.org_id = p.id AND d.stream = c.stream AND d.week_start = date_trunc('week', c.said_on)::date
    WHERE p.id = $1 AND c.stream = $2 AND c.said_on < date_trunc('week', current_date)::date
    GROUP BY 1 HAVING count(*) >= $3 ORDER BY 1
    """,
)
# Of a busy week some hundreds say enough; which ones is a matter of a hash, so that it is always the same ones.
_SAID = Query(
    Said,
    """
    SELECT week_start, text, language, p, vector FROM (
      SELECT date_trunc('week', c.said_on)::date AS week_start, c.text, a.language, e.vector::text AS vector,
        (SELECT avg(t.p)::float8 FROM comment_theme t WHERE t.comment_id = c.id AND t.theme <> 'Not assigned') AS p,
        row_number() OVER (PARTITION BY date_trunc('week', c.said_on) ORDER BY hashtextextended(c.id::text, 7)) AS place
      FROM org p JOIN org o ON o.path <@ p.path JOIN comment c ON c.org_id = o.id
      JOIN embedding e ON e.comment_id = c.id JOIN analysis a ON a.comment_id = c.id
      WHERE p.id = $1 AND c.stream = $2 AND date_trunc('week', c.said_on)::date = ANY ($3)
    ) one WHERE place <= $4 ORDER BY week_start, place
    """,
)
_KEEP = Statement(
    """
    INSERT INTO drift (org_id, stream, week_start, comments, languages, figures, bands)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
    """
)
_WEEKS = Query(
    Week,
    """
    SELECT d.org_id, o.name AS org_name, d.stream, d.week_start, d.comments, d.figures, d.bands
    FROM drift d JOIN org o ON o.id = d.org_id
    WHERE ($1::uuid[] IS NULL OR d.org_id = ANY ($1)) AND ($2::text[] IS NULL OR d.stream = ANY ($2))
      AND ($3::date IS NULL OR d.week_start >= $3) AND ($4::date IS NULL OR d.week_start <= $4)
    ORDER BY o.name, d.org_id, d.stream, d.week_start
    """,
)


async def providers(connection: Connection) -> list[UUID]:
    """Every provider."""
    return await _PROVIDERS.all(connection)


async def heard(connection: Connection, provider: UUID, stream: str) -> list[Heard]:
    """The weeks that are over and in which enough was said, oldest first."""
    return await _HEARD.all(connection, provider, stream, FEWEST)


async def said(connection: Connection, provider: UUID, stream: str, weeks: Sequence[date], most: int) -> list[Said]:
    """At most so many comments of each of the weeks."""
    return await _SAID.all(connection, provider, stream, weeks, most)


async def keep(connection: Connection, weeks: Sequence[Figures]) -> None:
    """Write weeks down; one that was worked out before stays as it is."""
    rows: list[tuple[Any, ...]] = [
        (week.org_id, week.stream, week.week_start, week.comments, week.languages, week.figures, week.bands)
        for week in weeks
    ]
    await _KEEP.each(connection, rows)


async def weeks(
    connection: Connection,
    org_ids: Sequence[UUID] | None,
    streams: Sequence[str] | None,
    since: date | None,
    until: date | None,
) -> list[Week]:
    """Weeks of the providers in the person's scope, by provider and stream, oldest first."""
    return await _WEEKS.all(connection, org_ids, streams, since, until)
