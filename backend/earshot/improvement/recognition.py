"""Praise reaches the team that it is for: a stage collects it, people and digests read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage
from earshot.improvement.praise import Names, Team, best
from earshot.measures.disclosure import quotes_may_show, told

COLLECTED_BACK = timedelta(days=92)  # praise older than this is history, and nobody's news
_AT_ONCE = 2000


@dataclass(frozen=True)
class PraiseLine:
    """What a digest says of a team's praise; `path` opens it in the console."""

    org_name: str
    sentence: str
    quote: str | None
    path: str


@dataclass(frozen=True)
class Praised:
    """One comment of praise for a team: the words, and whether the reader may open the comment itself."""

    comment_id: UUID
    org_id: UUID
    org_name: str
    stream: str
    said_on: date
    named: bool
    words: str
    text: str | None
    sentences: list[dict[str, Any]] | None


@dataclass(frozen=True)
class PraisedTeam:
    """How much praise a team had in a period."""

    org_id: UUID
    org_name: str
    n: int


@dataclass(frozen=True)
class _New:
    id: UUID
    org_id: UUID
    provider_id: UUID | None
    stream: str
    said_on: date
    text: str
    sentences: list[dict[str, Any]]
    heard: int


@dataclass(frozen=True)
class _Quotable:
    org_id: UUID
    text: str
    sentences: list[dict[str, Any]]
    heard: int


# Praise is a comment that is very positive throughout, of which nothing tells of a risk.
_NEW = Query(
    _New,
    """
    SELECT c.id, c.org_id, (SELECT p.id FROM org o JOIN org p ON p.path @> o.path AND p.level = 'provider'
        WHERE o.id = c.org_id LIMIT 1) AS provider_id,
      c.stream, c.said_on, c.text, a.sentences,
      (SELECT count(*)::int FROM comment k WHERE k.org_id = c.org_id AND k.stream = c.stream
        AND k.said_on BETWEEN c.said_on - 27 AND c.said_on) AS heard
    FROM comment c JOIN analysis a ON a.comment_id = c.id
    WHERE a.sentiment = 1 AND c.said_on >= $1 AND length(c.text) >= 15
      AND NOT EXISTS (SELECT FROM praise p WHERE p.comment_id = c.id)
      AND NOT EXISTS (SELECT FROM safety_flag f WHERE f.comment_id = c.id)
    ORDER BY c.said_on, c.id LIMIT $2
    """,
)
_TEAMS = Query(
    Team,
    """
    SELECT o.id, o.name FROM org o JOIN org p ON o.path <@ p.path
    WHERE p.id = $1 AND o.level IN ('team', 'service') AND o.closed_on IS NULL
    """,
)
_KEEP = Statement(
    """
    INSERT INTO praise (comment_id, org_id, stream, said_on, named, words) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    """
)
# What a person took words out of, what turned out to tell of a risk, and what was read anew as no praise.
_FOLLOW = Statement(
    """
    DELETE FROM praise p USING comment c
    WHERE c.id = p.comment_id AND ((p.words <> '' AND strpos(c.text, p.words) = 0)
      OR EXISTS (SELECT FROM safety_flag f WHERE f.comment_id = c.id)
      OR EXISTS (SELECT FROM analysis a WHERE a.comment_id = c.id AND a.sentiment > 2))
    """
)
_LIST = Query(
    Praised,
    """
    SELECT p.comment_id, p.org_id, o.name AS org_name, p.stream, p.said_on, p.named, p.words, c.text, a.sentences
    FROM praise p JOIN org o ON o.id = p.org_id LEFT JOIN comment c ON c.id = p.comment_id
    LEFT JOIN analysis a ON a.comment_id = c.id
    WHERE ($1::uuid[] IS NULL OR p.org_id = ANY ($1)) AND ($2::text[] IS NULL OR p.stream = ANY ($2))
      AND ($3::date IS NULL OR p.said_on >= $3) AND ($4::date IS NULL OR p.said_on <= $4)
    ORDER BY p.said_on DESC, p.comment_id, p.org_id LIMIT $5
    """,
)
_BY_TEAM = Query(
    PraisedTeam,
    """
    SELECT p.org_id, o.name AS org_name, count(*)::int AS n
    FROM praise p JOIN org o ON o.id = p.org_id
    WHERE ($1::uuid[] IS NULL OR p.org_id = ANY ($1)) AND ($2::text[] IS NULL OR p.stream = ANY ($2))
      AND ($3::date IS NULL OR p.said_on >= $3) AND ($4::date IS NULL OR p.said_on <= $4)
    GROUP BY p.org_id, o.name ORDER BY n DESC, o.name, p.org_id
    """,
)
# Candidates for a quote: never staff, newest first, with how many comments their group had in the period.
_QUOTABLE = Query(
    _Quotable,
    """
    SELECT p.org_id, c.text, a.sentences, h.heard
    FROM praise p JOIN comment c ON c.id = p.comment_id AND c.org_id = p.org_id
    JOIN analysis a ON a.comment_id = c.id
    JOIN LATERAL (
      SELECT count(*)::int AS heard FROM comment k
      WHERE k.org_id = p.org_id AND k.stream = p.stream AND k.said_on BETWEEN $3 AND $4
    ) h ON true
    WHERE p.org_id = ANY ($1) AND p.stream = ANY ($2) AND p.stream <> 'staff' AND p.said_on BETWEEN $3 AND $4
      AND NOT EXISTS (SELECT FROM safety_flag f WHERE f.comment_id = c.id)
    ORDER BY p.said_on DESC, c.id LIMIT 200
    """,
)


async def collect(database: Database, payload: Payload) -> None:
    """Comments that are praise → the team where it was said, and every team of the provider that it names."""
    del payload
    teams: dict[UUID, Names] = {}
    async with database.transaction() as connection:
        await _FOLLOW.run(connection)
    while True:
        async with database.transaction() as connection:
            new = await _NEW.all(connection, date.today() - COLLECTED_BACK, _AT_ONCE)
            for one in new:
                if one.provider_id is not None and one.provider_id not in teams:
                    teams[one.provider_id] = Names(await _TEAMS.all(connection, one.provider_id))
            await _KEEP.each(connection, [row for one in new for row in _rows(one, teams)])
        if len(new) < _AT_ONCE:
            return


def _rows(one: _New, teams: dict[UUID, Names]) -> list[tuple[object, ...]]:
    """The praise of one comment: for its own place, and for each other team that it names."""
    rows: list[tuple[object, ...]] = [(one.id, one.org_id, one.stream, one.said_on, False, "")]
    names = teams.get(one.provider_id) if one.provider_id is not None else None
    if names is None or one.stream == "staff" or not quotes_may_show(one.heard):
        return rows
    for team_id in names.named(one.text):
        words = names.sentence(team_id, one.text, one.sentences)
        if team_id != one.org_id and words:
            rows.append((one.id, team_id, one.stream, one.said_on, True, words))
    return rows


async def listed(
    connection: Connection,
    org_ids: Sequence[UUID] | None,
    streams: Sequence[str] | None,
    since: date | None,
    until: date | None,
    limit: int,
) -> list[Praised]:
    """Praise in scope, newest first; None means any."""
    return await _LIST.all(connection, org_ids, streams, since, until, limit)


async def by_team(
    connection: Connection,
    org_ids: Sequence[UUID] | None,
    streams: Sequence[str] | None,
    since: date | None,
    until: date | None,
) -> list[PraisedTeam]:
    """How much praise each team had, most praised first."""
    return await _BY_TEAM.all(connection, org_ids, streams, since, until)


async def lines(
    connection: Connection, org_ids: Sequence[UUID], streams: Sequence[str], since: date, until: date
) -> list[PraiseLine]:
    """A line for each team that was praised; numbers are protected, and a quote needs a group of ten or more."""
    quotes: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in await _QUOTABLE.all(connection, org_ids, streams, since, until):
        words = best(row.text, row.sentences)
        if words is not None and quotes_may_show(row.heard):
            quotes[row.org_id].append(words)
    return [
        PraiseLine(
            team.org_name, _sentence(team.n), next(iter(quotes[team.org_id]), None), f"/praise?org={team.org_id}"
        )
        for team in await by_team(connection, org_ids, streams, since, until)
    ]


def _sentence(n: int) -> str:
    about = told(n)
    return "Fewer than five people praised you." if about is None else f"About {about} people praised you."


PRAISE = Stage("praise", collect, at_once=1, cron="25 * * * *")
