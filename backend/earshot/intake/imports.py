"""An import before anything is kept: a look at the file, its mapping, and a dry run that accounts for every row."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from earshot.core.crypto import BlindingKey
from earshot.core.db import Connection
from earshot.core.errors import FieldError, NotFound
from earshot.intake import imports_store as store
from earshot.intake.columns import Mapping, MappingInvalid, Profile, guess, profile
from earshot.intake.placing import Places
from earshot.intake.rows import Content, Table, binary, open_table
from earshot.intake.verdicts import Entry, Judge, Picker, Survey, Verdict, survey
from earshot.orgs import store as orgs_store
from earshot.orgs.model import Org

CHUNK = 500  # rows that are judged, and kept in one transaction
NATION = ("ENG", None, "England")  # code, ODS code and name of the root that an empty house gets
LISTED = 200  # issues in a report; all of them are kept in the database
_SEEN = "its number was seen before, in this file or in an earlier import"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """What became of every row: rows = imported + duplicate + blank + refused."""

    rows: int
    imported: int
    duplicate: int
    blank: int
    refused: int
    scores_only: int  # blank rows whose FFT answer was kept; counted under `blank`
    notes: tuple[str, ...]
    issues: tuple[store.Issue, ...]  # 200 at most, refused rows first
    new_orgs: tuple[str, ...]

    def noting(self, sentence: str) -> Report:
        """The same report with one more note."""
        return replace(self, notes=(*self.notes, sentence))


@dataclass(frozen=True)
class Preview:
    """A file's columns and a first guess of what they hold."""

    columns: tuple[Profile, ...]
    rows: int
    mapping: Mapping


@dataclass(frozen=True)
class Prepared:
    """A file that was read once, with the mapping it is imported by."""

    table: Table
    mapping: Mapping
    found: Survey
    file_hash: bytes

    @property
    def picker(self) -> Picker:
        """Takes cells out of rows by the mapping."""
        return Picker(self.table.columns, self.mapping)


@dataclass
class Tally:
    """Counts verdicts."""

    outcomes: Counter[str] = field(default_factory=Counter)
    scores_only: int = 0
    _issues: dict[str, list[store.Issue]] = field(default_factory=dict)

    def add(self, verdicts: Iterable[Verdict]) -> list[store.Issue]:
        """Take verdicts into account; returns those that are worth a line in the report."""
        fresh = []
        for verdict in verdicts:
            self.outcomes[verdict.outcome] += 1
            self.scores_only += verdict.outcome == "blank" and verdict.entry is not None
            if verdict.outcome != "imported":
                fresh.append(store.Issue(verdict.line, verdict.outcome, verdict.column, verdict.reason or ""))
        for issue in fresh:
            same = self._issues.setdefault(issue.outcome, [])
            if len(same) < LISTED:
                same.append(issue)
        return fresh

    def counts(self) -> tuple[int, int, int, int, int]:
        """Rows, imported, duplicate, blank, refused."""
        names = ("imported", "duplicate", "blank", "refused")
        imported, duplicate, blank, refused = (self.outcomes[name] for name in names)
        return self.outcomes.total(), imported, duplicate, blank, refused

    def report(self, notes: Sequence[str], new_orgs: Sequence[str]) -> Report:
        """The counts as a report."""
        issues = [issue for outcome in ("refused", "duplicate", "blank") for issue in self._issues.get(outcome, ())]
        return Report(*self.counts(), self.scores_only, tuple(notes), tuple(issues[:LISTED]), tuple(new_orgs))


def preview(content: Content, name: str) -> Preview:
    """Look at a file without keeping anything; raises `UnreadableFile`."""
    table = open_table(content, name)
    profiles, rows = profile(table.columns, (row.cells for row in table.rows()))
    return Preview(tuple(profiles), rows, guess(profiles))


def prepare(content: Content, name: str, mapping: Mapping | None) -> Prepared:
    """Read a file once and check its mapping, which is guessed where none is given.

    Raises `UnreadableFile` and `MappingInvalid`.
    """
    table = open_table(content, name)
    if mapping is None:
        mapping = guess(profile(table.columns, (row.cells for row in table.rows()))[0])
    mapping.check(table.columns)
    digest = hashlib.sha256()
    with binary(content) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return Prepared(table, mapping, survey(table.rows(), Picker(table.columns, mapping)), digest.digest())


def base_for(mapping: Mapping, orgs: Sequence[Org], otherwise: UUID) -> UUID:
    """The organisation that rows lie in or below: the mapping's, or `otherwise`; raises `MappingInvalid`."""
    if mapping.org_code is None:
        return otherwise
    code = mapping.org_code.casefold()
    for org in orgs:
        if code in (org.code.casefold(), (org.ods_code or "").casefold()):
            return org.id
    raise MappingInvalid(
        "There is no organisation with this code that you may import for.",
        fields=[FieldError("org_code", "There is no organisation with this code.")],
    )


async def rehearse(
    prepared: Prepared,
    orgs: Sequence[Org],
    base: UUID,
    *,
    today: date,
    connection: Connection | None = None,
    blinding: BlindingKey | None = None,
    progress: Progress | None = None,
) -> Report:
    """A dry run: every row gets its verdict and nothing is kept.

    With a connection that may read the vault and the blinding key, duplicates of earlier imports are found too.
    """
    places = Places(orgs, base, prepared.mapping.org, create=prepared.mapping.create_orgs)
    judge = Judge(prepared.picker, places, prepared.found, today)
    tally, seen, new = Tally(), set[bytes](), dict[str, str]()
    verdicts = map(judge, prepared.table.rows())
    while chunk := await asyncio.to_thread(take_chunk, verdicts):
        marks = {id(one): mark for one in chunk if one.entry and (mark := source_mark(one.entry, blinding))}
        if connection is not None and blinding is not None:
            seen |= await store.known(connection, list(marks.values()))
        settled = [unless_seen(verdict, marks.get(id(verdict)), seen) for verdict in chunk]
        tally.add(settled)
        _note_new(new, settled)
        say_progress(progress, tally, prepared)
    notes = all_notes(prepared, judge, tally)
    if connection is not None and blinding is not None:
        notes += await repeated(connection, prepared, blinding, None)
    return tally.report(notes, list(new.values()))


def batch_mapping(mapping: Mapping, file_hash: bytes, blinding: BlindingKey) -> dict[str, Any]:
    """What a batch keeps of its mapping and file: no content, only a keyed hash that recognises the same file."""
    return {"mapping": mapping.model_dump(mode="json"), "file": blinding.blind("file", file_hash).hex()}


async def base_in(connection: Connection, mapping: Mapping) -> tuple[list[Org], UUID]:
    """The tree that rows lie in and its root; raises `MappingInvalid`, or `NotFound` in an empty house."""
    orgs = await orgs_store.tree(connection)
    root = await store.root(connection)
    if root is None:
        raise NotFound("There are no organisations yet. Load them first: earshot orgs load FILE.")
    base = base_for(mapping, orgs, root)
    return below(orgs, base), base


def imagined(mapping: Mapping) -> tuple[list[Org], UUID]:
    """A tree for a dry run without a database: a nation, and the provider that the mapping names, if any."""
    nation = Org(uuid4(), None, "nation", *NATION, None, False, None, None)
    if mapping.org_code is None:
        return [nation], nation.id
    code = mapping.org_code
    provider = Org(uuid4(), nation.id, "provider", code, None, code, None, False, None, None)
    return [provider], provider.id


def below(orgs: Sequence[Org], base: UUID) -> list[Org]:
    """The organisation `base` and all that lies below it; parents come first in `orgs`."""
    inside = {base}
    for org in orgs:
        if org.parent_id in inside:
            inside.add(org.id)
    return [org for org in orgs if org.id in inside]


def take_chunk(verdicts: Iterator[Verdict]) -> list[Verdict]:
    """The next rows, judged."""
    return list(islice(verdicts, CHUNK))


def source_mark(entry: Entry, blinding: BlindingKey | None) -> bytes | None:
    """What recognises a source's own number: keyed, or a plain hash where a dry run has no key."""
    if entry.source_id is None:
        return None
    parts = ("source", entry.place.provider.code, entry.source_id)
    return blinding.blind(*parts) if blinding else hashlib.sha256("\0".join(parts).encode()).digest()


def unless_seen(verdict: Verdict, mark: bytes | None, seen: set[bytes]) -> Verdict:
    """The verdict, or a duplicate where the mark was seen; sees the mark."""
    if mark is None:
        return verdict
    if mark in seen:
        return duplicate(verdict)
    seen.add(mark)
    return verdict


def duplicate(verdict: Verdict) -> Verdict:
    """The same row as a duplicate."""
    return replace(verdict, outcome="duplicate", column=None, reason=_SEEN, entry=None)


def _note_new(new: dict[str, str], verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        for place in verdict.entry.place.line if verdict.entry else ():
            if place.id is None:
                new.setdefault(place.code, place.name)


def all_notes(prepared: Prepared, judge: Judge, tally: Tally) -> list[str]:
    """What people should know about the file, its dates, scores and numbers."""
    notes = [*prepared.table.notes, *prepared.found.notes(), *judge.notes()]
    if tally.scores_only:
        notes.append(f"{tally.scores_only:,} of the blank rows carry an FFT answer, which counts.")
    if prepared.mapping.source_id is None:
        notes.append("No column holds a number of each row's own, so a second import of these rows would count twice.")
    if prepared.mapping.date is None:
        notes.append(f"No column holds a date; every row is dated {prepared.mapping.default_date}.")
    return notes


async def repeated(connection: Connection, prepared: Prepared, blinding: BlindingKey, this: UUID | None) -> list[str]:
    """A note where rows without numbers of their own were imported before from the very same file."""
    if prepared.mapping.source_id is not None:
        return []
    same = await store.earlier(connection, blinding.blind("file", prepared.file_hash).hex(), this)
    return [f"The very same file was imported on {same.created_on}: undo one of the two."] if same else []


def say_progress(progress: Progress | None, tally: Tally, prepared: Prepared) -> None:
    """Tell how far it is."""
    if progress is not None:
        progress(tally.outcomes.total(), prepared.found.rows)
