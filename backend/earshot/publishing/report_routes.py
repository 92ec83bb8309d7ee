"""Quality reports for the console: asking for one, how far it is, and its frozen files."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi import Query as FromQuery
from pydantic import BaseModel, ConfigDict

from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid
from earshot.core.work import enqueue
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.publishing import key_store
from earshot.publishing import report_store as store
from earshot.publishing.report import LONGEST, whole

router = APIRouter(prefix="/api/reports", tags=["reports"])
MayReports = Annotated[Actor, Depends(allowed("reports"))]


class Kind(StrEnum):
    """File formats of a report."""

    PDF = "pdf"
    PPTX = "pptx"
    XLSX = "xlsx"


_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA = {
    Kind.PDF: "application/pdf",
    Kind.PPTX: f"{_OFFICE}.presentationml.presentation",
    Kind.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
}


class ReportIn(BaseModel):
    """Which report to make. Its days become the whole weeks that end in them, or months from a year on."""

    model_config = ConfigDict(extra="forbid")
    org: UUID
    since: date
    until: date


class FileOut(BaseModel):
    """A frozen file: its address, size in bytes and SHA-256 in hexadecimal."""

    kind: Kind
    path: str
    size: int
    sha256: str


class ReportOut(BaseModel):
    """A report and how far it is: `done` of `steps`. `version` counts those of the same place, days and streams.

    `unchanged`: nothing was different from the version `same_as`. `newest`: no later version was made since.
    """

    id: UUID
    org_id: UUID
    org_name: str
    since: date
    until: date
    streams: list[str]
    version: int | None
    state: Literal["waiting", "making", "ready", "unchanged", "failed"]
    done: int
    steps: int
    same_as: UUID | None
    late: bool
    newest: bool
    asked_by: str
    asked_on: date
    made_on: date | None
    files: list[FileOut]


@router.post("", status_code=202)
async def ask(request: Request, actor: MayReports, given: ReportIn) -> ReportOut:
    """Make a report in the background, of the streams that one may see."""
    since, until = _days(given)
    async with database(request).transaction(actor.scope) as connection:
        org_id = await key_store.within(connection, given.org, actor.places("reports"))
        asked = store.Asked(org_id, since, until, sorted(actor.streams), actor.account_id)
        made = await store.ask(connection, asked)
        await enqueue(connection, store.STAGE, {"report": str(made)})
        await audit.record(connection, action="report.asked", by=actor.account_id, subject=made, org_id=org_id)
        return (await _out(connection, [await store.report(connection, None, made)]))[0]


@router.get("")
async def reports(
    request: Request,
    actor: MayReports,
    org: Annotated[UUID | None, FromQuery(description="Only reports of this organisation.")] = None,
) -> list[ReportOut]:
    """The reports of one's places, newest first."""
    async with database(request).transaction(actor.scope) as connection:
        places = actor.places("reports")
        only = None if org is None else [await key_store.within(connection, org, places)]
        return await _out(connection, await store.reports(connection, places, only))


@router.get("/{report_id}")
async def one_report(request: Request, actor: MayReports, report_id: UUID) -> ReportOut:
    """One report and how far it is."""
    async with database(request).transaction(actor.scope) as connection:
        return (await _out(connection, [await store.report(connection, actor.places("reports"), report_id)]))[0]


@router.get("/{report_id}/report.{kind}", response_class=Response)
async def one_file(
    request: Request,
    actor: MayReports,
    report_id: UUID,
    kind: Kind,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A frozen file of a report: the same bytes for ever, with their SHA-256 in `Repr-Digest` (RFC 9530)."""
    async with database(request).transaction(actor.scope) as connection:
        report = await store.report(connection, actor.places("reports"), report_id)
        found = await store.file(connection, report.id, kind)
        await audit.record(
            connection, action="report.taken", by=actor.account_id, subject=report.id, org_id=report.org_id
        )
    tag = f'"{found.hash.hex()}"'
    headers = {
        "Content-Disposition": f'attachment; filename="quality-{report.since}-{report.until}-v{report.n}.{kind}"',
        "ETag": tag,
        "Repr-Digest": f"sha-256=:{base64.b64encode(found.hash).decode()}:",
    }
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=MEDIA[kind], headers=headers)


def _days(given: ReportIn) -> tuple[date, date]:
    wrong = None
    if given.until < given.since:
        wrong = FieldError("until", "Choose a last day on or after the first one")
    elif given.since.year < 2000 or given.since > date.today():
        wrong = FieldError("since", "Choose a first day that has been")
    elif given.until - given.since > LONGEST:
        wrong = FieldError("until", "Choose two years or less")
    if wrong is not None:
        raise Invalid(fields=[wrong])
    return whole(given.since, given.until)


async def _out(connection: Connection, found: Sequence[store.Report]) -> list[ReportOut]:
    files = await store.files(connection, [report.id for report in found])
    return [
        ReportOut.model_validate(
            {
                **vars(report),
                "version": report.n,
                "asked_by": report.asked_by_name,
                "files": [
                    FileOut(
                        kind=Kind(one.kind),
                        path=f"/api/reports/{report.id}/report.{one.kind}",
                        size=one.size,
                        sha256=one.sha256,
                    )
                    for one in files
                    if one.report_id == report.id
                ],
            }
        )
        for report in found
    ]
