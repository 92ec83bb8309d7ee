"""What was erased leaves the public page: frozen counts are counted anew, and quotes that may not be shown are gone.

A quote of an erased comment goes with it in the database at once. Counting anew can leave so few that others' words may
not be shown any longer. Drafts and old versions are counted anew too, so that no copy of the erased stays anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from earshot.core.db import Connection
from earshot.publishing import counting, quotes, store
from earshot.publishing.model import STREAMS, Draft, Publication, Version


async def refreeze(connection: Connection, cells: Sequence[tuple[UUID, date]]) -> int:
    """Count every version anew that counted one of these organisation-days; returns how many numbers changed."""
    changed = 0
    for publication_id in await store.counting(connection, cells):
        publication = await store.one(connection, publication_id)
        for version in publication.versions:
            changed += await _again(connection, publication, version)
    return changed


async def _again(connection: Connection, publication: Publication, version: Version) -> bool:
    draft = version.draft
    numbers = await counting.numbers(
        connection, publication.org_id, STREAMS[publication.whose], draft.theme, draft.stretches
    )
    if not any(number.heard != 0 for number in numbers):
        numbers = ()  # all of it is gone: "no comments" would not be true of that time
    unquoted = await _unquote(connection, publication, version, draft)
    if numbers == version.numbers and not unquoted:
        return False
    await store.recount(connection, version.id, numbers)
    await store.take_step(connection, publication.id, version.n, "recounted", None)
    return True


async def _unquote(connection: Connection, publication: Publication, version: Version, draft: Draft) -> bool:
    try:
        await quotes.check(connection, publication.org_id, publication.whose, draft)
    except quotes.MayNotBeQuoted:
        await store.unquote(connection, version.id)
        return True
    return False
