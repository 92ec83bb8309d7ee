"""A quality report written by hand: one of each kind of block, and words that a spreadsheet would run."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from earshot.dashboards.model import (
    Block,
    Cell,
    Chart,
    Column,
    Figure,
    Funnel,
    FunnelLimit,
    FunnelPoint,
    Map,
    MapRow,
    Page,
    PageId,
    Point,
    Row,
    State,
    Table,
)
from earshot.measures.spc import PointType
from earshot.publishing.report import Content, Edition

HOSTILE = ("=HYPERLINK(A1)", "+1+1", "-2+3", "@SUM(A1)", "\tcmd", "\rcmd")
SINCE, UNTIL = date(2026, 10, 1), date(2026, 12, 31)
_STATES: tuple[State, ...] = ("heard", "fewer", "silent", "heard", "no_data")


def edition(*, hostile: bool = False, n: int = 2) -> Edition:
    """The report, with hostile words in place of ordinary ones where asked for."""
    names = HOSTILE if hostile else tuple(f"Theme {number}" for number in range(6))
    pages = (
        _page("overview", "Overview", (*_figures(names[0]), _trend(), _share(), _themes(names))),
        _page("funnel", "Units compared", (_funnel(names),)),
        _page("silence", "Who is not heard", (_silence(names),)),
    )
    org = HOSTILE[0] if hostile else "Invented Trust"
    content = Content(
        org, "ZZF", SINCE, UNTIL, ("carer", "patient"), ("Patient experience (qdc)",), "https://earshot.example", pages
    )
    return Edition(content, n, date(2027, 1, 8))


def _page(page_id: PageId, title: str, blocks: tuple[Block, ...]) -> Page:
    return Page(page_id, title, None, "Invented Trust", SINCE, UNTIL, "month", "Days were widened to months.", blocks)


def _figures(name: str) -> tuple[Figure, ...]:
    return (
        Figure("comments", name, 455, "455", "comments", "420 before", "More were heard than before.", "/comments"),
        Figure("fft", "Friends and Family Test", 91.2, "91.2 %", "percent", "90.1 % before", "No more than chance."),
        Figure("risks", "Possible risks", None, "too few to say", "comments", None, "Somebody looked at each one."),
    )


def _trend() -> Chart:
    values = (120, 135, 110, None, 125, 130, 140, 120, 115, 190, 210, 80)
    types: tuple[PointType, ...] = (
        ("common_cause",) * 9 + ("special_cause_concern",) * 2 + ("special_cause_improvement",)
    )
    points = tuple(
        Point(date(2026, month, 1), value, kind) for month, value, kind in zip(range(1, 13), values, types, strict=True)
    )
    said = "In most months between 60 and 200 comments came. November had more than chance explains."
    return Chart("trend", "Comments each month", said, "comments", points, 130.0, 60.0, 200.0, opens="/measures")


def _share() -> Chart:
    points = tuple(Point(date(2026, month, 1), 88 + month % 5) for month in range(1, 13))
    return Chart(
        "share", "Friends and Family Test: positive", "Nine in ten said good.", "percent", points, 90.0, 85.0, 96.0
    )


def _themes(names: tuple[str, ...]) -> Table:
    rows = tuple(
        Row((Cell(name), Cell(str(50 - place * 5), 50 - place * 5) if place < 4 else Cell("too few to say")))
        for place, name in enumerate(names)
    )
    columns = (Column("theme", "Theme"), Column("n", "Comments", numeric=True))
    return Table("themes", "What was spoken about most", "Waiting was named most often.", columns, rows)


def _funnel(names: tuple[str, ...]) -> Funnel:
    points = (
        FunnelPoint(UUID(int=1), names[0], 100, 75.0, "below_998"),
        FunnelPoint(UUID(int=2), names[1], 300, 97.0, "above_95"),
        *(FunnelPoint(UUID(int=9 + n), f"Ward {n}", 40 + n * 20, 88.0 + n % 5, "inside") for n in range(12)),
        FunnelPoint(UUID(int=3), "Ward Ash", None, None, "too_few"),
    )
    limits = tuple(
        FunnelLimit(n, 90 - 60 / n**0.5, min(100, 90 + 60 / n**0.5), 90 - 95 / n**0.5, min(100, 90 + 95 / n**0.5))
        for n in range(20, 400, 20)
    )
    return Funnel("units", "Friends and Family Test by unit", "One unit lies below the limits.", 90.0, points, limits)


def _silence(names: tuple[str, ...]) -> Map:
    weeks = tuple(date(2026, 10, 5) + timedelta(weeks=week) for week in range(13))
    rows = tuple(
        MapRow(UUID(int=place), f"{name} of the hospital", tuple(_STATES[(place + week) % 5] for week in range(13)))
        for place, name in enumerate(names)
    )
    return Map("weeks", "Who was heard each week", "Two units were silent for three weeks.", weeks, rows)
