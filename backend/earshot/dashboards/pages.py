"""The pages of the quality dashboards by their names."""

from __future__ import annotations

from datetime import date, timedelta

from earshot.analysis.filters import subtree
from earshot.core.db import Connection
from earshot.dashboards.model import USUAL_WEEKS, Asked, Figure, Page, PageId, PageName, whole
from earshot.measures import disclosure, store
from earshot.measures.periods import end_of, start_of
from earshot.measures.store import Sources
from earshot.orgs import store as orgs

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


async def page(connection: Connection, page_id: PageId, asked: Asked) -> Page:
    """One page as the transaction's scope shows it; raises `NotFound` for an organisation out of scope."""
    org_ids = await subtree(connection, asked.org_id)
    sources = Sources(org_ids, asked.streams)
    coverage = await store.coverage(connection, sources, asked.org_id)
    until = asked.until or coverage.last_day or date.today()
    since = asked.since or start_of(until, "week") - timedelta(weeks=USUAL_WEEKS - 1)
    when = whole(since, until)
    rows = await store.period_counts(connection, sources, "week", when.span, measure="comments")
    n = disclosure.told(sum(row.n for row in rows))
    text = disclosure.TOO_FEW if n is None else f"{n:,}"
    name = next(one for one in PAGES if one.id == page_id)
    org_name = "Everything you may see" if asked.org_id is None else (await orgs.org(connection, asked.org_id)).name
    figure = Figure(
        "comments", "Comments", n, text, "comments", None,
        f"{text} comments from {when.span.since} to {end_of(when.starts[-1], when.period)}.",
    )  # fmt: skip
    return Page(
        page_id, name.title, asked.org_id, org_name, when.span.since, when.span.until, when.period, "", [figure]
    )
