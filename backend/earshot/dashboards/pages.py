"""The pages of the quality dashboards by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from earshot.core.db import Connection
from earshot.dashboards import (
    cqc,
    effective,
    experience,
    funnel,
    overview,
    reading,
    response,
    safe,
    silence,
    speaking_up,
    triangulation,
)
from earshot.dashboards.model import Asked, Block, Page, PageId, PageName
from earshot.dashboards.reading import Seen

PAGES: tuple[PageName, ...] = (
    PageName("overview", "Overview", "How much was heard, how people felt, and what stands out."),
    PageName("safe", "Safe", "What people say that bears on safety, and possible risks that somebody looked at."),
    PageName("effective", "Effective", "Whether care works, and whether agreed changes helped."),
    PageName("experience", "Experience", "What it was like, and whether it was as good for everybody."),
    PageName("cqc", "CQC questions", "What was heard by the five key questions of the Care Quality Commission."),
    PageName("speaking-up", "Speaking up", "Cases of staff who spoke up, counted, and what became of them."),
    PageName("response", "Response times", "How soon somebody answered, and how soon it was settled."),
    PageName("funnel", "Units compared", "Which units differ by more than chance, without a league table."),
    PageName("triangulation", "Patients and staff", "What patients and staff both speak about."),
    PageName("silence", "Who is not heard", "Which units were heard, less than usual, or not at all."),
)


_BLOCKS: Mapping[PageId, Callable[[Connection, Seen], Awaitable[list[Block]]]] = {
    "overview": overview.blocks,
    "safe": safe.blocks,
    "effective": effective.blocks,
    "experience": experience.blocks,
    "cqc": cqc.blocks,
    "speaking-up": speaking_up.blocks,
    "response": response.blocks,
    "funnel": funnel.blocks,
    "triangulation": triangulation.blocks,
    "silence": silence.blocks,
}


async def page(connection: Connection, page_id: PageId, asked: Asked, today: date | None = None) -> Page:
    """One page as the transaction's scope shows it; raises `NotFound` for an organisation out of scope."""
    seen = await reading.seen(connection, asked, today or date.today())
    return Page(
        id=page_id,
        title=next(one.title for one in PAGES if one.id == page_id),
        org_id=seen.org_id,
        org_name=seen.org_name,
        since=seen.when.span.since,
        until=seen.when.span.until,
        period=seen.when.period,
        note=reading.widened(asked, seen.when),
        blocks=await _BLOCKS[page_id](connection, seen),
    )
