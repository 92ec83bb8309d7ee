"""Links, doors and sealed submissions in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import NotFound
from earshot.intake.model import Audience, Door, Link, Place
from earshot.orgs import store as orgs
from earshot.orgs.model import Org

LISTED = 50  # places on the start page; more are found by name
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # no two that look alike: tokens are typed from posters
_LONGEST_SUCCESSION = 20  # so that a ring of successors ends


@dataclass(frozen=True)
class Sealed:
    """One row for the vault."""

    id: UUID
    org_id: UUID
    audience: Audience
    form: str
    channel: str
    idempotency_hash: bytes
    body_hash: bytes
    sealed: bytes


@dataclass(frozen=True)
class Kept:
    """What is known here of a submission in the vault: enough to recognise a replay."""

    id: UUID
    idempotency_hash: bytes
    body_hash: bytes | None
    received_on: date


@dataclass(frozen=True)
class _LinkedOrg:
    org_id: UUID
    audience: Audience
    expires_on: date | None


_KEEP = Query(
    UUID,
    """
    INSERT INTO vault.submission
      (id, org_id, audience, form, channel, response_id, idempotency_hash, body_hash, received_on, sealed, key_id)
    SELECT id, org_id, audience, form, channel, id, idempotency_hash, body_hash, $9, sealed, $10
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::bytea[])
      AS sent (id, org_id, audience, form, channel, idempotency_hash, body_hash, sealed)
    ORDER BY idempotency_hash  -- two processes that keep the same keys wait for each other in the same order
    ON CONFLICT (idempotency_hash) DO NOTHING
    RETURNING id
    """,
)
_KEPT = Query(
    Kept,
    "SELECT id, idempotency_hash, body_hash, received_on FROM vault.submission WHERE idempotency_hash = ANY ($1)",
)
_LINKED = Query(  # typed from a poster, capital letters mean nothing
    _LinkedOrg,
    """
    SELECT org_id, audience, expires_on FROM form_link WHERE token = ANY (ARRAY[$1, lower($1)])
    ORDER BY token = $1 DESC LIMIT 1
    """,
)
_PROVIDER = Query(
    Org,
    """
    SELECT p.id, p.parent_id, p.level, p.code, p.ods_code, p.name, p.setting, p.invented, p.closed_on, p.successor_id
    FROM org o JOIN org p ON p.path @> o.path WHERE o.id = $1 AND p.level = 'provider'
    """,
)
_PLACES = Query(
    Place,
    """
    SELECT token, name, site_name, provider_name FROM (
      SELECT DISTINCT ON (o.path) l.token, o.path, o.name,
        (SELECT s.name FROM org s WHERE s.path @> o.path AND s.level = 'site' AND s.id <> o.id) AS site_name,
        (SELECT p.name FROM org p WHERE p.path @> o.path AND p.level = 'provider') AS provider_name
      FROM form_link l JOIN org o ON o.id = l.org_id
      WHERE (l.expires_on IS NULL OR l.expires_on >= current_date)
        AND (o.closed_on IS NULL OR o.closed_on > current_date)
      ORDER BY o.path, array_position(ARRAY['patient', 'carer', 'staff'], l.audience), l.token
    ) open
    WHERE (SELECT coalesce(bool_and(position(word IN lower(concat_ws(' ', name, site_name, provider_name))) > 0), true)
           FROM unnest($1::text[]) AS word)
    ORDER BY provider_name NULLS FIRST, site_name NULLS FIRST, name, token LIMIT $2
    """,
)
_LINKS = Query(
    Link,
    """
    SELECT l.id, l.token, l.org_id, o.name AS org_name, l.audience, l.label, l.created_on, l.expires_on
    FROM form_link l JOIN org o ON o.id = l.org_id
    WHERE $1::uuid[] IS NULL OR l.org_id = ANY ($1) ORDER BY o.path, l.audience, l.label, l.id
    """,
)
_ONE_LINK = Query(
    Link,
    """
    SELECT l.id, l.token, l.org_id, o.name AS org_name, l.audience, l.label, l.created_on, l.expires_on
    FROM form_link l JOIN org o ON o.id = l.org_id WHERE l.id = $1
    """,
)
_ADD_LINK = Query(
    UUID,
    """
    INSERT INTO form_link (token, org_id, audience, label, expires_on) VALUES ($1, $2, $3, $4, $5) RETURNING id
    """,
)
_CHANGE_LINK = Statement("UPDATE form_link SET label = $2, expires_on = $3 WHERE id = $1")


async def keep(connection: Connection, rows: Sequence[Sealed], *, key_id: str, today: date) -> set[UUID]:
    """Insert sealed submissions and return the ids that are new; one whose idempotency hash is known stays out.

    Every row carries an idempotency hash: row-level security lets the public door read back no other.
    """
    return set(
        await _KEEP.all(
            connection,
            [row.id for row in rows],
            [row.org_id for row in rows],
            [row.audience for row in rows],
            [row.form for row in rows],
            [row.channel for row in rows],
            [row.idempotency_hash for row in rows],
            [row.body_hash for row in rows],
            [row.sealed for row in rows],
            today,
            key_id,
        )
    )


async def kept(connection: Connection, idempotency_hashes: Sequence[bytes]) -> list[Kept]:
    """Submissions that are in the vault under these idempotency hashes."""
    return await _KEPT.all(connection, idempotency_hashes)


async def door_by_token(connection: Connection, token: str, today: date) -> Door | None:
    """Where a link leads: its organisation, or the provider once it has expired; None where no link has the token."""
    linked = await _LINKED.maybe(connection, token)
    if linked is None:
        return None
    asked = await orgs.org(connection, linked.org_id)
    if linked.expires_on is not None and linked.expires_on < today:
        asked = await _PROVIDER.maybe(connection, asked.id) or asked
    return await _door(connection, asked, linked.org_id, linked.audience, today)


async def door_by_code(connection: Connection, code: str, audience: Audience, today: date) -> Door | None:
    """The organisation with a code or an ODS code, or its successor; None where nothing has the code."""
    asked = await orgs.by_code(connection, code)
    return None if asked is None else await _door(connection, asked, asked.id, audience, today)


async def _door(connection: Connection, asked: Org, first: UUID, audience: Audience, today: date) -> Door:
    found = await _open(connection, asked, today)
    provider = await _PROVIDER.maybe(connection, found.id)
    return Door(
        org_id=found.id,
        org_name=found.name,
        provider_name=None if provider is None else provider.name,
        audience=audience,
        moved=found.id != first,
        invented=found.invented,
    )


async def _open(connection: Connection, org: Org, today: date) -> Org:
    """The organisation, its successor where it is closed, or the one above; the last of them is heard all the same."""
    for _ in range(_LONGEST_SUCCESSION):
        following = org.successor_id or org.parent_id
        if org.closed_on is None or org.closed_on > today or following is None:
            break
        org = await orgs.org(connection, following)
    return org


async def places(connection: Connection, words: Sequence[str]) -> list[Place]:
    """Open organisations with a form, by provider and site, whose names hold every word; one more than `LISTED`."""
    return await _PLACES.all(connection, [word.lower() for word in words], LISTED + 1)


async def links(connection: Connection, org_id: UUID | None) -> list[Link]:
    """Links of an organisation and all below it, or of everything in scope; raises `NotFound` outside the scope."""
    below = None if org_id is None else await orgs.below(connection, org_id)
    if below == []:
        raise NotFound
    return await _LINKS.all(connection, below)


async def link(connection: Connection, link_id: UUID) -> Link:
    """One link in scope; raises `NotFound`."""
    return await _ONE_LINK.one(connection, link_id)


async def add_link(
    connection: Connection, *, org_id: UUID, audience: Audience, label: str, expires_on: date | None = None
) -> Link:
    """A new link to an organisation in scope; raises `NotFound` outside it."""
    await orgs.org(connection, org_id)
    made = await _ADD_LINK.one(connection, new_token(), org_id, audience, label, expires_on)
    return await link(connection, made)


async def change_link(connection: Connection, link_id: UUID, *, label: str, expires_on: date | None) -> Link:
    """Another label or last day for a link in scope; raises `NotFound` outside it."""
    if not await _CHANGE_LINK.run(connection, link_id, label, expires_on):
        raise NotFound
    return await link(connection, link_id)


def new_token() -> str:
    """Eight letters and digits (about 40 bits: unique, and short enough to type from a poster)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))
