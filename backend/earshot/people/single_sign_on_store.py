"""Whom a provider of single sign-on means, by its own name and number, in the database."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement

_WHO = Query(
    UUID,
    """
    SELECT s.account_id FROM single_sign_on s JOIN account a ON a.id = s.account_id AND a.disabled_on IS NULL
    WHERE issuer = $1 AND subject = $2
    """,
)
_LINK = Query(
    UUID,
    """
    INSERT INTO single_sign_on (issuer, subject, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
    RETURNING account_id
    """,
)
_SINCE = Query(date, "SELECT made_on FROM single_sign_on WHERE account_id = $1")
_UNLINK = Statement("DELETE FROM single_sign_on WHERE account_id = $1")


async def account_of(connection: Connection, issuer: str, subject: str) -> UUID | None:
    """The open account of a provider's subject; an e-mail address decides nothing."""
    return await _WHO.maybe(connection, issuer, subject)


async def link(connection: Connection, account_id: UUID, *, issuer: str, subject: str) -> bool:
    """Link an account to a provider's subject; False where either is linked already."""
    return await _LINK.maybe(connection, issuer, subject, account_id) is not None


async def linked_since(connection: Connection, account_id: UUID) -> date | None:
    """The day since which an account is linked."""
    return await _SINCE.maybe(connection, account_id)


async def unlink(connection: Connection, account_id: UUID) -> bool:
    """Forget the link; False where there was none."""
    return await _UNLINK.run(connection, account_id) == 1
