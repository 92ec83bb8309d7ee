"""The token of somebody's calendar and Atom feed, of which only a hash is kept."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.people.tokens import digest, new_token

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
