"""A quality report: the pages of the dashboards for whole months, and where each of its numbers comes from. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TypeAlias

from earshot.dashboards.model import Block, Chart, Figure, Funnel, Map, Page, Table
from earshot.measures.periods import end_of, start_of

Line: TypeAlias = tuple[str | float | None, ...]

LONGEST = timedelta(days=731)
YEAR = timedelta(days=364)
LANGUAGE = "en-GB"
WHO = {"patient": "patients", "carer": "carers", "staff": "staff"}
#: What a kind of block is, for the page that says where numbers come from.
KINDS = {
    "figure": "one number, counted over the whole period",
    "chart": "one number for each week or month, with XmR limits (mean ± 2.66 × mean moving range)",
    "table": "a table of numbers",
    "funnel": "units beside the limits that chance alone would give (95 % and 99.8 %)",
    "map": "units by weeks: heard, heard less than usual, not heard",
}


@dataclass(frozen=True)
class Content:
    """Everything that a report says, apart from its version and the day on which it was made."""

    org_name: str
    org_code: str
    since: date
    until: date
    streams: tuple[str, ...]
    taxonomies: tuple[str, ...]
    address: str  # of the console, without a slash at its end
    pages: tuple[Page, ...]

    @property
    def period(self) -> str:
        """The days in words."""
        return f"{day(self.since)} to {day(self.until)}"

    @property
    def who(self) -> str:
        """Whose words it is about."""
        names = [WHO[stream] for stream in self.streams]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]

    @property
    def hash(self) -> bytes:
        """SHA-256 of everything that it says (32 bytes): equal where nothing that can be read is different."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).digest()


@dataclass(frozen=True)
class Edition:
    """A report's content as one version, made on a day."""

    content: Content
    n: int
    made_on: date

    @property
    def title(self) -> str:
        """What the report is called."""
        return f"Quality report: {self.content.org_name}"

    @property
    def mark(self) -> str:
        """By which the version is known: its number, its day, and the hash of what it says."""
        return f"Version {self.n}, made on {day(self.made_on)}. SHA-256 of the content: {self.content.hash.hex()}"


@dataclass(frozen=True)
class Source:
    """Where a number comes from: the page and block it stands in, what that is, and where to look it up."""

    page: str
    id: str
    name: str
    what: str
    says: str
    link: str


def whole(since: date, until: date) -> tuple[date, date]:
    """The days of a report: whole months where a year or more was asked for, else the weeks that end in it.

    A chart needs twelve points to say what is usual: a quarter has them in weeks. Each week belongs to the one period
    that it ends in, so reports of one quarter after another hold every week once.
    """
    months = start_of(since, "month"), end_of(start_of(until, "month"), "month")
    if months[1] - months[0] >= YEAR:
        return months
    first = start_of(since, "week")
    return first, max(start_of(until + timedelta(days=1), "week") - timedelta(days=1), end_of(first, "week"))


def day(one: date) -> str:
    """A day as people write it."""
    return f"{one.day} {one:%B %Y}"


def name_of(block: Block) -> str:
    """What a block is called."""
    return block.name if isinstance(block, Figure) else block.title


def sources(content: Content) -> Iterator[Source]:
    """Every block of every page, with a link to what lies behind it."""
    for page in content.pages:
        for block in page.blocks:
            opens = getattr(block, "opens", None) or f"/quality/{page.id}"
            yield Source(
                page=page.title,
                id=f"{page.id}/{block.id}/{block.kind}",
                name=name_of(block),
                what=KINDS[block.kind],
                says=block.sentence,
                link=content.address + opens,
            )


def described(block: Chart | Funnel | Map) -> str:
    """A chart in words, for whoever cannot see it: what it shows, what it says, and its ends."""
    if isinstance(block, Funnel):
        told = [point for point in block.points if point.value is not None]
        return f"Funnel plot of {len(told)} units. {block.title}. {block.sentence}"
    if isinstance(block, Map):
        return f"Map of {len(block.rows)} units over {len(block.columns)} weeks. {block.title}. {block.sentence}"
    told_points = [point for point in block.points if point.value is not None]
    ends = ""
    if told_points:
        first, last = told_points[0], told_points[-1]
        ends = (
            f" From {first.value:g} in the period that began on {day(first.start)}"
            f" to {last.value:g} in the one that began on {day(last.start)}."
        )
    return f"Line chart of {len(told_points)} periods, in {block.unit}. {block.title}. {block.sentence}{ends}"


def rows_of(block: Block) -> list[Line]:
    """A block as a table, its first row the headings: what a screen reader or a spreadsheet gets of it."""
    if isinstance(block, Figure):
        value = block.text if block.value is None else block.value
        return [("What", "Value", "Unit"), (block.name, value, block.unit)]
    lines: list[Line]
    if isinstance(block, Table):
        lines = [tuple(cell.text if cell.number is None else cell.number for cell in row.cells) for row in block.rows]
        return [tuple(column.name for column in block.columns), *lines]
    if isinstance(block, Chart):
        limits = (block.mean, block.lower, block.upper)
        lines = [(point.start.isoformat(), point.value, *limits, point.type or "") for point in block.points]
        return [("Begins", "Value", "Mean", "Lower limit", "Upper limit", "Variation"), *lines]
    if isinstance(block, Funnel):
        lines = [(point.name, point.n, point.value, WHERE[point.where]) for point in block.points]
        return [("Unit", "Answers", "Percentage", "Where it lies"), *lines]
    lines = [(row.name, *(STATES[state] for state in row.cells)) for row in block.rows]
    return [("Unit", *(week.isoformat() for week in block.columns)), *lines]


WHERE = {
    "inside": "inside the limits",
    "above_95": "above the 95 % limit",
    "below_95": "below the 95 % limit",
    "above_998": "above the 99.8 % limit",
    "below_998": "below the 99.8 % limit",
    "too_few": "too few to say",
}
STATES = {"heard": "heard", "fewer": "less than usual", "silent": "not heard", "no_data": "no data"}
