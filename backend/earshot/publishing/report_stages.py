"""The worker's steps that make a quality report, and that look every night whether data came late."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from earshot.core.config import settings
from earshot.core.db import Connection, Database, Scope
from earshot.core.work import Payload, Stage, enqueue
from earshot.dashboards.model import Asked, Page
from earshot.dashboards.pages import PAGES, page
from earshot.orgs import store as orgs
from earshot.publishing import report_store as store
from earshot.publishing.report import Content, Edition
from earshot.publishing.report_pdf import pdf
from earshot.publishing.report_sheets import xlsx
from earshot.publishing.report_slides import pptx
from earshot.publishing.report_store import FrozenFile, Report
from earshot.taxonomy.frameworks import frameworks, mappings

LATE_FOR = timedelta(days=92)  # after the end of its period a report is looked at again for so long
FILES: tuple[tuple[str, Callable[[Edition], bytes]], ...] = (("pdf", pdf), ("pptx", pptx), ("xlsx", xlsx))


async def make_report(database: Database, payload: Payload) -> None:
    """A report that was asked for → its frozen files, or a note that nothing is different from the last version."""
    report_id = UUID(payload["report"])
    async with database.transaction() as connection:
        report = await store.report(connection, None, report_id)
        if report.state not in ("waiting", "making"):
            return
        await store.begin(connection, report_id, len(PAGES) + len(FILES))
    content = await _content(database, report)
    async with database.transaction() as connection:
        before = await store.last(connection, report_id)
        if before is not None and before.content == content.hash:
            await store.unchanged(connection, report_id, before.id)
            return
    edition = Edition(content, 1 if before is None else before.n + 1, date.today())
    made = [await _file(database, report_id, place, edition) for place in range(len(FILES))]
    async with database.transaction() as connection:
        newer = await store.last(connection, report_id)
        if (newer and newer.id) != (before and before.id):  # somebody else's was faster: look again at what it says
            await enqueue(connection, store.STAGE, {"report": str(report_id)})
            return
        await store.freeze(connection, report_id, n=edition.n, content=content.hash, on=edition.made_on, made=made)


async def _content(database: Database, report: Report) -> Content:
    asked = Asked(report.org_id, report.since, report.until, tuple(report.streams))
    scope = Scope((report.org_id,), tuple(report.streams), account_id=report.asked_by)
    pages: list[Page] = []
    for done, name in enumerate(PAGES, start=1):
        async with database.transaction(scope) as connection:
            pages.append(await page(connection, name.id, asked))
        await _step(database, report.id, done)
    async with database.transaction() as connection:
        org = await orgs.org(connection, report.org_id)
    return Content(
        org_name=org.name,
        org_code=org.ods_code or org.code,
        since=report.since,
        until=report.until,
        streams=tuple(report.streams),
        taxonomies=(
            *(f"{one.name} ({one.id}/{one.version})" for one in frameworks()),
            *(f"{one.name} ({one.id}/{one.version})" for one in mappings()),
        ),
        address=settings().console_address,
        pages=tuple(pages),
    )


async def _file(database: Database, report_id: UUID, place: int, edition: Edition) -> tuple[str, FrozenFile]:
    kind, write = FILES[place]
    made = await asyncio.to_thread(write, edition)
    await _step(database, report_id, len(PAGES) + place + 1)
    return kind, FrozenFile(made, hashlib.sha256(made).digest())


async def _step(database: Database, report_id: UUID, done: int) -> None:
    async with database.transaction() as connection:
        await store.step(connection, report_id, done)


async def give_up(database: Database, payload: Payload) -> None:
    """Note that a report could not be made, so that nobody waits for it."""
    async with database.transaction() as connection:
        await store.failed(connection, UUID(payload["report"]))


async def look_for_late_data(database: Database, _payload: Payload) -> None:
    """Make every recent report once more; one that says the same is forgotten, another becomes a new version."""
    async with database.transaction() as connection:
        await _queue(connection, await store.ask_again(connection, date.today() - LATE_FOR))


async def _queue(connection: Connection, report_ids: list[UUID]) -> None:
    for report_id in report_ids:
        await enqueue(connection, store.STAGE, {"report": str(report_id)}, priority=-2)


REPORT = Stage(store.STAGE, make_report, at_once=1, given_up=give_up)
REPORTS_LATE = Stage("reports_late", look_for_late_data, at_once=1, cron="10 4 * * *")
