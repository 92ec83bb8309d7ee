"""Themes of the frameworks: how much each is heard, and one of them with examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from earshot.analysis.answers import WeekOut, WordOut, comment_out
from earshot.analysis.filters import Filter
from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.measures import evidence, store
from earshot.measures.answers import FrameworkThemes, ThemeDetail, ThemeRow, Themes, ThemeUnit
from earshot.measures.model import percent, theme_measure
from earshot.measures.series import values
from earshot.measures.view import Tally, View, shown_by_label, unit_tallies, view
from earshot.taxonomy.frameworks import NOT_ASSIGNED, frameworks, of_theme
from earshot.taxonomy.model import Framework

Weekly = dict[tuple[date, str], int | None]


async def themes(connection: Connection, given: Filter, streams: Sequence[str], *, exact: bool) -> Themes:
    """Every theme that was heard in the period, in the one before or in the weeks shown, by framework.

    Unless they are `exact`, counts of staff are told as statistics are.

    `streams` are those that may be read; a framework for nobody among them is left out.
    """
    seen = await view(connection, given, exact=exact)
    return Themes(
        frameworks=[
            await _framework(connection, _within(seen, framework), framework)
            for framework in frameworks()
            if set(framework.streams) & set(streams if given.streams is None else given.streams)
        ]
    )


async def _framework(connection: Connection, seen: View, framework: Framework) -> FrameworkThemes:
    tally = Tally(await store.totals(connection, seen.sources, seen.span), exact=seen.sources.exact)
    weekly: defaultdict[str, Weekly] = defaultdict(dict)
    found = await store.period_counts(connection, seen.sources, "week", seen.weeks, measure="theme")
    for (start, label), n in shown_by_label(found, exact=seen.sources.exact).items():
        weekly[label][start, label] = n
    names = weekly.keys() | {total.label for total in tally.rows("theme")}
    rows = [_row(seen, tally, framework, name, weekly[name]) for name in sorted(names - {NOT_ASSIGNED})]
    return FrameworkThemes(
        id=framework.id,
        name=framework.name,
        version=framework.version,
        note=framework.note,
        themes=sorted(rows, key=lambda row: (-(row.n or 0), -(row.previous or 0), row.theme)),
        not_assigned=tally.of("theme", labels=frozenset({NOT_ASSIGNED}))[0],
    )


def _within(seen: View, framework: Framework) -> View:
    """The same view, of no other streams than the framework's."""
    wanted = framework.streams if seen.sources.streams is None else seen.sources.streams
    streams = tuple(stream for stream in framework.streams if stream in wanted)
    return replace(seen, sources=replace(seen.sources, streams=streams))


def _row(seen: View, tally: Tally, framework: Framework, name: str, weekly: Weekly) -> ThemeRow:
    labels = frozenset({name})
    n, previous = tally.of("theme", labels=labels)
    analysed, _ = tally.of("sentiment")
    negative, _ = tally.of("theme_negative", labels=labels)
    return ThemeRow(
        theme=name,
        group=framework.theme(name).group,
        n=n,
        previous=previous,
        share=_share(n, analysed),
        negative_share=None if (found := percent(negative, n)) is None else round(found / 100, 3),
        weekly=_weeks(seen, framework, name, weekly),
    )


def _weeks(seen: View, framework: Framework, name: str, weekly: Weekly) -> list[WeekOut]:
    counted = values(theme_measure(framework, name), weekly, seen.week_starts())
    return [WeekOut(week_start=week.start, n=None if week.y is None else int(week.y)) for week in counted]


async def detail(connection: Connection, given: Filter, name: str, *, exact: bool) -> ThemeDetail:
    """One theme; raises `NotFound` for one that nothing is called and nobody has spoken about."""
    framework = of_theme(name)
    seen = _within(await view(connection, given, exact=exact), framework)
    rows = await store.period_counts(connection, seen.sources, "week", seen.weeks, measure="theme", label=name)
    if not rows and name not in framework.names:
        raise NotFound
    words = await evidence.words(connection, seen.sources, name, seen.span)
    return ThemeDetail(
        theme=name,
        description=framework.theme(name).description,
        weekly=_weeks(seen, framework, name, shown_by_label(rows, exact=exact)),
        units=await _units(connection, seen, given.org_id, name),
        exemplars=[comment_out(read) for read in await evidence.exemplars(connection, seen.sources, name, seen.span)],
        words=[WordOut(text=word.text, weight=word.weight) for word in words],
    )


async def _units(connection: Connection, seen: View, org_id: UUID | None, name: str) -> list[ThemeUnit]:
    """Units where somebody spoke about the theme, most heard first."""
    found = await store.units(connection, seen.sources, org_id)
    rows = await store.unit_totals(
        connection, [unit.id for unit in found], seen.sources.streams, seen.span, ("theme", "sentiment"), theme=name
    )
    tallies = unit_tallies(rows, exact=seen.sources.exact)
    units = [
        ThemeUnit(org_id=unit.id, name=unit.name, n=n, share=_share(n, tallies[unit.id].of("sentiment")[0]))
        for unit in found
        if unit.id in tallies and (n := tallies[unit.id].of("theme")[0]) != 0
    ]
    return sorted(units, key=lambda unit: (-(unit.n or 0), unit.name))


def _share(part: int | None, whole: int | None) -> float | None:
    """A part of a whole, at most 1; None where either is hidden."""
    if part is None or whole is None:
        return None
    return min(1.0, round(part / whole, 3)) if whole else 0.0
