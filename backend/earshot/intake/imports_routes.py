"""Imports in the console: a look at a file, a dry run, the import itself, its report and its undoing."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from earshot.core import audit
from earshot.core.crypto import KeyFiles
from earshot.core.errors import FieldError, Invalid, NotAllowed
from earshot.core.work import enqueue
from earshot.intake import imports
from earshot.intake import imports_store as store
from earshot.intake.columns import Mapping
from earshot.intake.spool import Spool
from earshot.orgs import store as orgs_store
from earshot.people.model import Actor
from earshot.people.routes import allowed, database, settings_of

router = APIRouter(prefix="/api/imports", tags=["imports"])
MayImport = Annotated[Actor, Depends(allowed("import"))]

_LISTED = 500  # issues on the page; the CSV report has them all
_LATER = "Rows that an earlier import brought are not told apart here: that is known once it runs."


class ColumnOut(BaseModel):
    """A column of a file: some of what stands in it, and how many of its cells are empty."""

    name: str
    samples: list[str]
    blank: int


class PreviewOut(BaseModel):
    """A file's columns and a first guess of what they hold."""

    file_name: str
    columns: list[ColumnOut]
    rows: int
    mapping: Mapping


class IssueOut(BaseModel):
    """A row that was not imported, its line in the file, and why."""

    line: int
    outcome: Literal["duplicate", "blank", "refused"]
    field: str | None
    reason: str


class ReportOut(BaseModel):
    """What a dry run found: rows = imported + duplicate + blank + refused."""

    rows: int
    imported: int
    duplicate: int
    blank: int
    refused: int
    scores_only: int
    notes: list[str]
    issues: list[IssueOut]
    new_orgs: list[str]


class Queued(BaseModel):
    """An import that the worker will carry out."""

    id: UUID


class ImportOut(BaseModel):
    """One import and how far it is."""

    id: UUID
    file_name: str
    state: Literal["running", "done", "failed", "undone"]
    total: int | None
    rows: int
    imported: int
    duplicate: int
    blank: int
    refused: int
    notes: list[str]
    created_on: date
    undone_on: date | None
    created_by_name: str | None


class ImportDetail(ImportOut):
    """One import with the rows that were not imported, refused ones first, 500 at most."""

    issues: list[IssueOut]


@dataclass(frozen=True)
class Upload:
    """A file and the fields that came with it, in memory only: what people wrote never touches the disk unsealed."""

    name: str
    content: bytes
    fields: dict[str, str]


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40  # bytes; the boundary's own limit on a request's size is far below


async def _upload(request: Request) -> Upload:
    """The multipart request's file and fields; raises `Invalid`."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Invalid("Send the file as multipart/form-data.", fields=[FieldError("file", "Choose a file.")])
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1, max_fields=4).parse()
    except (MultiPartException, KeyError, ValueError):
        raise Invalid("The upload could not be read. Try again.") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid("Choose a file to import.", fields=[FieldError("file", "Choose a file.")])
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        return Upload(_file_name(file.filename), await file.read(), fields)
    finally:
        await form.close()


_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "mapping": {
                            "type": "string",
                            "description": "A Mapping as JSON; guessed where it is left out.",
                        },
                        "dry_run": {"type": "string", "enum": ["true", "false"], "default": "false"},
                    },
                }
            }
        },
    }
}


@router.post("/preview", openapi_extra=_MULTIPART)
async def preview(request: Request, _actor: MayImport) -> PreviewOut:
    """Look at a file: its columns and a guessed mapping. Nothing is kept."""
    upload = await _upload(request)
    found = await asyncio.to_thread(imports.preview, upload.content, upload.name)
    columns = [ColumnOut(name=one.name, samples=one.samples, blank=one.blank) for one in found.columns]
    return PreviewOut(file_name=upload.name, columns=columns, rows=found.rows, mapping=found.mapping)


@router.post("", response_model=ReportOut, responses={202: {"model": Queued}}, openapi_extra=_MULTIPART)
async def start(request: Request, actor: MayImport) -> Response:
    """Import a file, or with `dry_run` say what would happen to each row."""
    upload = await _upload(request)
    given = upload.fields.get("mapping")
    mapping = Mapping.from_json(given) if given else None
    prepared = await asyncio.to_thread(imports.prepare, upload.content, upload.name, mapping)
    if upload.fields.get("dry_run", "false") == "true":
        report = await _rehearse(request, actor, prepared)
        return JSONResponse(report.model_dump(mode="json"))
    import_id = await _queue(request, actor, prepared, upload)
    return JSONResponse({"id": str(import_id)}, 202)


@router.get("")
async def every(request: Request, actor: MayImport) -> list[ImportOut]:
    """Imports, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        return [ImportOut.model_validate(batch, from_attributes=True) for batch in await store.batches(connection)]


@router.get("/{import_id}")
async def one(request: Request, import_id: UUID, actor: MayImport) -> ImportDetail:
    """One import with the rows that were not imported."""
    async with database(request).transaction(actor.scope) as connection:
        batch = await store.batch(connection, import_id)
        issues = await store.issues(connection, import_id, _LISTED)
    found = ImportOut.model_validate(batch, from_attributes=True)
    listed = [IssueOut.model_validate(issue, from_attributes=True) for issue in issues]
    return ImportDetail(**found.model_dump(), issues=listed)


@router.get("/{import_id}/report.csv", response_class=Response)
async def report(request: Request, import_id: UUID, actor: MayImport) -> Response:
    """Every row that was not imported, with line and reason, as CSV."""
    async with database(request).transaction(actor.scope) as connection:
        await store.batch(connection, import_id)
        issues = await store.issues(connection, import_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("line", "outcome", "field", "reason"))
    for issue in issues:
        writer.writerow((issue.line, issue.outcome, _inert(issue.field or ""), _inert(issue.reason)))
    headers = {"Content-Disposition": f'attachment; filename="import-{import_id}.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.delete("/{import_id}", status_code=204)
async def undo(request: Request, import_id: UUID, actor: MayImport) -> Response:
    """Undo an import: the worker takes its rows away."""
    async with database(request).transaction(actor.scope) as connection:
        batch = await store.batch(connection, import_id)
        if batch.undone_on is None:
            await store.mark_undone(connection, import_id)
            await enqueue(connection, "import", {"import_id": import_id}, key=f"undo {import_id}")
            await audit.record(connection, action="import.undone", by=actor.account_id, subject=import_id)
    Spool(settings_of(request)).forget(import_id)
    return Response(status_code=204)


async def _rehearse(request: Request, actor: Actor, prepared: imports.Prepared) -> ReportOut:
    async with database(request).transaction(actor.scope) as connection:
        orgs = await orgs_store.tree(connection)
    base = imports.base_for(prepared.mapping, orgs, _home(actor))
    found = await imports.rehearse(prepared, imports.below(orgs, base), base, today=datetime.now(UTC).date())
    if prepared.mapping.source_id is not None:
        found = found.noting(_LATER)
    return ReportOut.model_validate(found, from_attributes=True)


async def _queue(request: Request, actor: Actor, prepared: imports.Prepared, upload: Upload) -> UUID:
    """Seal the file, then keep the import and its job in one transaction."""
    import_id, settings = uuid4(), settings_of(request)
    spool, blinding = Spool(settings), KeyFiles(settings.keys).blinding()
    await asyncio.to_thread(spool.put, import_id, upload.content)
    try:
        async with database(request).transaction(actor.scope) as connection:
            base = imports.base_for(prepared.mapping, await orgs_store.tree(connection), _home(actor))
            mapping = imports.batch_mapping(prepared.mapping, prepared.file_hash, blinding)
            await store.begin(connection, import_id, base, upload.name, mapping, actor.account_id)
            await enqueue(connection, "import", {"import_id": import_id})
            await audit.record(connection, action="import.begun", by=actor.account_id, subject=import_id, org_id=base)
    except BaseException:
        spool.forget(import_id)
        raise
    return import_id


def _home(actor: Actor) -> UUID:
    if not actor.scope.org_ids:
        raise NotAllowed
    return actor.scope.org_ids[0]


def _file_name(given: str | None) -> str:
    """The name alone, without folders and control characters."""
    last = (given or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or "file"


def _inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
