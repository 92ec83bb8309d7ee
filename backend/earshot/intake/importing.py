"""An import carried out: what is new is sealed and kept chunk by chunk, and can be taken back.

Each chunk is one transaction: sealed submissions, their first job, the counters and the reasons. A run that dies
therefore leaves a batch that can be gone on with (the counters say where) or undone, and nothing twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from uuid import UUID, uuid4

from earshot.core.crypto import BlindingKey, KeyFiles, SealingKey
from earshot.core.db import Connection, Database
from earshot.core.errors import Conflict
from earshot.core.work import enqueue
from earshot.intake import imports_store as store
from earshot.intake.imports import (
    Prepared,
    Progress,
    Report,
    Tally,
    all_notes,
    below,
    duplicate,
    repeated,
    say_progress,
    source_mark,
    take_chunk,
    unless_seen,
)
from earshot.intake.model import SEALED_FOR
from earshot.intake.placing import Place, Places
from earshot.intake.verdicts import Entry, Judge, Verdict
from earshot.orgs import store as orgs_store

FIRST_STAGE = "deidentify"
BATCH = 200  # submissions in one job
CELLS = 500  # organisation-days in one roll-up job


class ImportMoved(Conflict):
    """This import was undone, or another worker goes on with it."""


@dataclass
class Run:
    """One import being carried out under the worker's role."""

    database: Database
    plan: store.Plan
    prepared: Prepared
    keys: KeyFiles
    today: date
    progress: Progress | None = None
    _tally: Tally = field(default_factory=Tally)
    _ids: dict[str, UUID] = field(default_factory=dict)
    _done: int = 0

    async def carry_out(self) -> Report:
        """Import every row that is not done yet and close the batch; raises `ImportMoved` once it was undone."""
        self._sealing, self._blinding = self.keys.sealing(), self.keys.blinding()
        async with self.database.transaction() as connection:
            await store.set_total(connection, self.plan.id, self.prepared.found.rows)
            orgs = await orgs_store.tree(connection)
        mapping = self.prepared.mapping
        places = Places(below(orgs, self.plan.org_id), self.plan.org_id, mapping.org, create=mapping.create_orgs)
        judge = Judge(self.prepared.picker, places, self.prepared.found, self.today)
        self._done = self.plan.rows
        verdicts = map(judge, islice(self.prepared.table.rows(), self._done, None))
        while chunk := await asyncio.to_thread(take_chunk, verdicts):
            await self._keep(chunk)
            say_progress(self.progress, self._tally, self.prepared)
        return await self._finish(judge)

    async def _keep(self, chunk: list[Verdict]) -> None:
        async with self.database.transaction() as connection:
            held = await store.hold(connection, self.plan.id)
            if held.state != "running" or held.rows != self._done:
                raise ImportMoved
            settled = await self._settle(connection, chunk)
            fresh, before = self._tally.add(settled), Tally()
            before.add(settled)
            await store.add_issues(connection, self.plan.id, self.plan.org_id, fresh)
            await store.advance(connection, self.plan.id, before.counts())
        self._done += len(chunk)

    async def _settle(self, connection: Connection, chunk: list[Verdict]) -> list[Verdict]:
        """Keep what is new of a chunk and call the rest duplicates."""
        marks = {
            verdict.line: mark
            for verdict in chunk
            if verdict.entry and (mark := source_mark(verdict.entry, self._blinding))
        }
        seen = await store.known(connection, list(marks.values()))
        settled = [unless_seen(verdict, marks.get(verdict.line), seen) for verdict in chunk]
        kept = {verdict.line: verdict.entry for verdict in settled if verdict.entry}
        await self._keep_places(connection, kept.values())
        sealed = {line: self._sealed(entry, marks.get(line)) for line, entry in kept.items()}
        new = await store.keep(connection, self.plan.id, self._sealing.key_id, list(sealed.values()))
        ids = [
            one.id for one in sealed.values() if one.id in new
        ]  # in the file's order: a respondent's rows stay together
        for start in range(0, len(ids), BATCH):
            await enqueue(connection, FIRST_STAGE, {"submissions": ids[start : start + BATCH]})
        lost = {line for line, one in sealed.items() if one.id not in new}  # somebody else's import was faster
        return [duplicate(verdict) if verdict.line in lost else verdict for verdict in settled]

    async def _keep_places(self, connection: Connection, entries: Iterable[Entry]) -> None:
        """Keep the new organisations that rows belong to, outermost first."""
        missing = {one.code: one for entry in entries for one in entry.place.line if self._id(one) is None}
        if missing:
            await store.alone(connection)
        for place in missing.values():
            known = await orgs_store.by_code(connection, place.code)
            self._ids[place.code] = known.id if known else await self._add(connection, place)

    async def _add(self, connection: Connection, place: Place) -> UUID:
        parent_id = self._id(place.parent) if place.parent else None
        return await orgs_store.add(
            connection,
            code=place.code,
            name=place.name,
            level=place.level,
            parent_id=parent_id,
            import_id=self.plan.id,
        )

    def _id(self, place: Place) -> UUID | None:
        return place.id or self._ids.get(place.code)

    def _sealed(self, entry: Entry, mark: bytes | None) -> store.Sealed:
        submission_id, org_id = uuid4(), self._id(entry.place)
        assert org_id is not None  # kept just before
        return store.Sealed(
            id=submission_id,
            org_id=org_id,
            audience=entry.audience,
            response_id=_response_id(entry, self._blinding) or submission_id,
            source_hash=mark,
            received_on=entry.said_on,
            sealed=_seal(entry, submission_id, self._sealing),
        )

    async def _finish(self, judge: Judge) -> Report:
        notes = all_notes(self.prepared, judge, self._tally)
        async with self.database.transaction() as connection:
            notes += await repeated(connection, self.prepared, self._blinding, self.plan.id)
            await store.finish(connection, self.plan.id, "done", notes)
            new = await store.new_orgs(connection, self.plan.id)
        return self._tally.report(notes, new)


async def undo(connection: Connection, import_id: UUID) -> int:
    """Take an import back within the caller's transaction; returns how many organisation-days are counted again."""
    cells = await store.forget(connection, import_id)
    for start in range(0, len(cells), CELLS):
        part = [(cell.org_id, cell.day) for cell in cells[start : start + CELLS]]
        await enqueue(connection, "rollup", {"cells": part})
    return len(cells)


def _response_id(entry: Entry, blinding: BlindingKey) -> UUID | None:
    """Rows of one respondent are one response, so that the score counts once; a name-based UUID without the name."""
    if entry.respondent is None:
        return None
    named = blinding.blind("respondent", entry.place.provider.code, entry.audience, entry.respondent)
    return UUID(bytes=named[:16], version=5)


def _seal(entry: Entry, submission_id: UUID, key: SealingKey) -> bytes:
    payload = {"answers": dict(entry.answers), "fft": entry.fft, "about": {}}
    plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return key.seal(plain, info=SEALED_FOR + submission_id.bytes)
