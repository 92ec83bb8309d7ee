"""The worker's step of the library: take names out of an entry, and embed it so that themes find it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from earshot.analysis import reading
from earshot.core.db import Database
from earshot.core.work import Payload, Stage, ids
from earshot.improvement import library_store
from earshot.improvement.library import Entry
from earshot.improvement.library_store import Kept

SPEAKER = "patient"  # what was heard and done is told in the words of those who use a service


async def read(database: Database, payload: Payload) -> None:
    """Library entries as people wrote them → the same without names, and with an embedding."""
    async with database.transaction() as connection:
        unread = await library_store.unread(connection, ids(payload, "entries"))
    for kept in unread:
        await _read(database, kept)


async def _read(database: Database, kept: Kept) -> None:
    """One entry; one that cannot be de-identified is let go, since it might name somebody."""
    entry = kept.entry
    texts = [entry.title, entry.what_we_heard, entry.what_we_did, entry.result, told(entry)]
    heard = await reading.hear([(text, SPEAKER) for text in texts])
    found = [one for one in heard if one is not None]
    async with database.transaction() as connection:
        if len(found) < len(texts):
            await library_store.drop(connection, kept.id)
            return
        title, what_we_heard, what_we_did, result = (one.text for one in found[:4])
        clean = replace(entry, title=title, what_we_heard=what_we_heard, what_we_did=what_we_did, result=result)
        vector = "[" + ",".join(f"{value:.5g}" for value in found[4].analysis.embedding.tolist()) + "]"
        await library_store.keep_read(connection, kept.id, clean, vector)


def told(entry: Entry) -> str:
    """What of an entry is compared with what people say: the words for what was heard, not for what was done."""
    return f"{entry.title}. {entry.what_we_heard}"


def job(entry_ids: list[UUID]) -> dict[str, object]:
    """The payload of a job of this stage."""
    return {"entries": [str(entry_id) for entry_id in entry_ids]}


LIBRARY = Stage("library", read)
