"""Speaking up: cases of staff, counted for a whole provider, and what became of them. Never a text and never a ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earshot.cases.returns import Fact, counted
from earshot.core.db import Connection, Query
from earshot.dashboards import interpretation, words
from earshot.dashboards.blocks import count_figure, row, share_figure, shared
from earshot.dashboards.blocks import counted as cell
from earshot.dashboards.model import Block, Column, Figure, Table
from earshot.dashboards.reading import Seen
from earshot.measures.disclosure import TOO_FEW, Sum, protect, share, told
from earshot.measures.periods import Span

ELEMENTS = (
    "Patient safety or quality",
    "Worker safety or wellbeing",
    "Bullying or harassment",
    "Inappropriate attitudes or behaviours",
    "Detriment from speaking up",
)
WAYS: Mapping[str, str] = {"open": "Openly", "confidential": "Confidentially", "anonymous": "Anonymously"}
AGAIN: Mapping[str, str] = {"yes": "Yes", "no": "No", "maybe": "Maybe", "dont_know": "Don’t know"}
STATES: Mapping[str, str] = {"new": "New", "open": "Being worked on", "closed": "Closed"}


@dataclass(frozen=True)
class _Row:
    way: str
    elements: Sequence[str]
    state: str
    again: str
    detriment: Sequence[str]
    n: int


_FACTS = Query(
    _Row,
    """
    SELECT f.way, f.elements, f.state, f.again, f.detriment, sum(f.n)::int AS n
    FROM unnest($1::uuid[]) AS place (id) CROSS JOIN LATERAL speak_up_facts(place.id, $2, $3) AS f
    GROUP BY 1, 2, 3, 4, 5
    """,
)
_SEES = Query(
    bool, "SELECT bool_and(acts_over(id, ARRAY['guardian', 'quality_lead'])) FROM unnest($1::uuid[]) AS p (id)"
)


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """Cases of people who spoke up, in three queries; one figure that says why where they may not be counted."""
    if seen.below_provider:
        return [
            _not_here("Cases are counted for a whole provider only. For one ward the number could tell who it was.")
        ]
    if not await _SEES.one(connection, seen.org_ids):
        return [_not_here("Guardians and quality leads of the whole place see these numbers.")]
    now = await _facts(connection, seen, seen.when.span)
    before = await _facts(connection, seen, seen.when.before().span)
    return [*_figures(seen, now, before), *_tables(now)]


def _not_here(why: str) -> Figure:
    return Figure("cases", "Cases", None, "not shown here", "cases", None, why)


async def _facts(connection: Connection, seen: Seen, span: Span) -> list[Fact]:
    rows = await _FACTS.all(connection, seen.org_ids, span.since, span.until)
    return [
        Fact(
            one.n,
            {
                "way": frozenset({one.way}),
                "element": frozenset(one.elements),
                "state": frozenset({one.state}),
                "again": frozenset({one.again}),
                "detriment": frozenset(one.detriment),
            },
        )
        for one in rows
    ]


def _of(facts: Sequence[Fact], name: str, values: Sequence[str]) -> int:
    return counted(facts, {name: frozenset(values)})


def _figures(seen: Seen, now: Sequence[Fact], before: Sequence[Fact]) -> list[Block]:
    ago = seen.ago
    cases, cases_before = told(counted(now, {})), told(counted(before, {}))
    detriment = told(_of(now, "detriment", ("yes",)))
    again = [(told(_of(facts, "again", ("yes",))), told(_of(facts, "again", tuple(AGAIN)))) for facts in (now, before)]
    figure = count_figure("cases", "Cases", "cases", cases, cases_before, ago, opens="/cases")
    summary = interpretation.speaking_up(cases, detriment, share(*again[0]))
    return [
        figure,
        share_figure("again", "Would speak up again", "increase", again[0], again[1], ago),
        count_figure(
            "detriment", "Said that they were treated worse for it", "people", detriment,
            told(_of(before, "detriment", ("yes",))), ago,
        ),
        Figure("summary", "In short", None, words.number(cases), "cases", None, summary),
    ]  # fmt: skip


def _tables(facts: Sequence[Fact]) -> list[Table]:
    every = counted(facts, {})
    return [
        _table("ways", "How they spoke up", "Each case counts once.", facts, "way", WAYS, every, adds_up=True),
        _table(
            "elements", "What it was about", "A case can be about several things, so it counts under each.",
            facts, "element", {name: name for name in ELEMENTS}, every, adds_up=False,
        ),
        _table("states", "What became of them", "As it stands today.", facts, "state", STATES, every, adds_up=True),
        _table(
            "again", "Would you speak up again?", "Only people who were asked and answered.", facts, "again", AGAIN,
            _of(facts, "again", tuple(AGAIN)), adds_up=True,
        ),
    ]  # fmt: skip


def _table(
    id: str,
    title: str,
    sentence: str,
    facts: Sequence[Fact],
    of: str,
    names: Mapping[str, str],
    every: int,
    *,
    adds_up: bool,
) -> Table:
    counts = {value: _of(facts, of, (value,)) for value in names}
    shown = protect({**counts, "all": every}, [Sum("all", tuple(counts))] if adds_up else [])
    most = max(((n, names[value]) for value, n in shown.items() if n and value != "all"), default=None)
    columns = (Column("name", title), Column("n", "Cases", numeric=True), Column("share", "Share", numeric=True))
    rows = tuple(row(names[value], cell(shown[value]), shared(share(shown[value], shown["all"]))) for value in counts)
    said = f" Most often: {most[1]}." if most is not None else f" Each is {TOO_FEW}." if every else ""
    return Table(id, title, sentence + said, columns, rows)
