"""What the public door reads of publications: approved versions and nothing else, whatever it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from earshot.core.db import Connection, Query
from earshot.publishing.model import Proof, Verdict
from earshot.publishing.pages import Item, Listed
from earshot.publishing.store import numbers_of


@dataclass(frozen=True)
class _Row:
    publication_id: UUID
    n: int
    org_name: str
    org_code: str
    title: str
    heard: str
    did: str
    correction: str
    theme: str | None
    numbers: list[dict[str, Any]]
    recounted_on: date | None
    verdict: Verdict | None
    verdict_words: str
    error_rate: float | None
    approved_on: date
    quote: str | None


_PROVIDERS = Query(
    Listed,
    """
    SELECT p.code, p.name, p.invented, count(*)::int AS items
    FROM publication_version v JOIN org o ON o.id = v.org_id JOIN org p ON p.path @> o.path AND p.level = 'provider'
    WHERE v.state = 'approved' GROUP BY p.id, p.code, p.name, p.invented ORDER BY p.name, p.code
    """,
)
_ITEMS = Query(
    _Row,
    """
    SELECT v.publication_id, v.n, o.name AS org_name, o.code AS org_code, v.title, v.heard, v.did, v.correction,
      v.theme, v.numbers, v.recounted_on, v.verdict, v.verdict_words, v.error_rate, v.approved_on, q.text AS quote
    FROM org place JOIN org o ON o.path <@ place.path JOIN publication_version v ON v.org_id = o.id
    LEFT JOIN publication_quote q ON q.version_id = v.id
    WHERE place.id = $1 AND v.state = 'approved' ORDER BY v.approved_on DESC, v.publication_id
    """,
)


async def providers(connection: Connection) -> list[Listed]:
    """Providers of which something is published."""
    return await _PROVIDERS.all(connection)


async def items(connection: Connection, org_id: UUID) -> list[Item]:
    """What is published of an organisation and all below it, newest first."""
    return [_item(row) for row in await _ITEMS.all(connection, org_id)]


def _item(row: _Row) -> Item:
    return Item(
        id=row.publication_id,
        n=row.n,
        org_name=row.org_name,
        org_code=row.org_code,
        title=row.title,
        heard=row.heard,
        did=row.did,
        correction=row.correction,
        theme=row.theme,
        numbers=numbers_of(row.numbers),
        recounted_on=row.recounted_on,
        proof=Proof(row.verdict, row.verdict_words, row.error_rate),
        approved_on=row.approved_on,
        quote=row.quote,
    )
