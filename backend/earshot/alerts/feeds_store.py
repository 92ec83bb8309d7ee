"""Somebody's calendar and Atom feed: the token, of which only a hash is kept, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from earshot.alerts.model import Told
from earshot.core.db import Connection, Query, Statement
from earshot.people.tokens import digest, new_token

NEWEST = 200


@dataclass(frozen=True)
class Fed(Told):
    """An alert of somebody with its signal; `review_on` is when to look again at what they watch."""

    alert_id: UUID
    made_at: datetime
    acknowledged_at: datetime | None
    review_on: date | None


# Row-level security on signals and the rule of few members of staff hold here as in every list.
_FED = Query(
    Fed,
    """
    SELECT a.id AS alert_id, a.made_at, s.id, s.kind, s.meaning, s.org_id, o.name AS org_name, o.level AS org_level,
      above_of(s.org_id) AS above, s.streams, s.measure, s.label, s.about, s.since, s.until, s.observed, s.expected,
      s.statistic, s.respondents, s.sentence, s.state, s.going_on, s.due_at, a.turn, s.acknowledged_at,
      CASE WHEN s.state = 'watching' THEN (SELECT max(e.at)::date + 28 FROM signal_event e
        WHERE e.signal_id = s.id AND e.what = 'watching') END AS review_on
    FROM alert a JOIN signal s ON s.id = a.signal_id JOIN org o ON o.id = s.org_id
    WHERE a.account_id = $1
      AND (NOT 'staff' = ANY (s.streams) OR s.respondents IS NULL OR s.respondents >= $2 OR s.kind = 'one_comment')
    ORDER BY a.made_at DESC, a.id LIMIT $3
    """,
)
_MAKE = Statement(
    """
    INSERT INTO feed_token (account_id, token_hash) VALUES ($1, $2)
    ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, made_on = current_date
    """
)
_DROP = Statement("DELETE FROM feed_token WHERE account_id = $1")
_MADE_ON = Query(date, "SELECT made_on FROM feed_token WHERE account_id = $1")
_OWNER = Query(UUID, "SELECT feed_owner($1)")


async def make(connection: Connection, account_id: UUID) -> str:
    """A new token in place of an earlier one; it is kept nowhere else than where it is given."""
    token = new_token()
    await _MAKE.run(connection, account_id, digest(token))
    return token


async def drop(connection: Connection, account_id: UUID) -> None:
    """Let somebody's token open nothing any more."""
    await _DROP.run(connection, account_id)


async def made_on(connection: Connection, account_id: UUID) -> date | None:
    """When somebody's token was made; None where there is none."""
    return await _MADE_ON.maybe(connection, account_id)


async def owner(connection: Connection, token: str) -> UUID | None:
    """Whose token this is; None for one that opens nothing."""
    found: UUID | None = await _OWNER.maybe(connection, digest(token))
    return found


async def fed(connection: Connection, account_id: UUID, fewest: int) -> list[Fed]:
    """Somebody's newest alerts of signals that they may see, newest first."""
    return await _FED.all(connection, account_id, fewest, NEWEST)
