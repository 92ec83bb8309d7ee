"""The overview: what was heard in a period, how it compares with the one before, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from earshot.analysis.filters import Filter
from earshot.core.db import Connection
from earshot.measures import evidence, store, trends
from earshot.measures.answers import (
    ChangeOut,
    FftOut,
    Heard,
    Overview,
    SentimentOut,
    StreamHeard,
    UnitOut,
    WeekComments,
)
from earshot.measures.changes import BASELINE_WEEKS, Change, StreamCounts, ThemeCounts, changes
from earshot.measures.model import COMMENTS, FFT_POSITIVE, percent
from earshot.measures.periods import earlier
from earshot.measures.series import icon, values
from earshot.measures.spc import Rules
from earshot.measures.store import BaselineWeek, Total
from earshot.measures.view import Tally, View, shown_by_label, unit_tallies, view
from earshot.people.model import Stream
from earshot.taxonomy.frameworks import NOT_ASSIGNED, of_theme

CHANGES_SHOWN = 6


async def overview(connection: Connection, given: Filter, streams: Sequence[Stream], *, exact: bool) -> Overview:
    """The whole overview in nine queries, however many units there are; `streams` are those that may be read.

    Unless they are `exact`, counts of staff are told as statistics are.
    """
    seen = await view(connection, given, exact=exact)
    totals = await store.totals(connection, seen.sources, seen.span)
    tally = Tally(totals, exact=exact)
    weeks = await store.period_counts(connection, seen.sources, "week", seen.weeks, measure="comments")
    weekly = values(COMMENTS, shown_by_label(weeks, exact=exact), seen.week_starts())
    before = seen.span.before()
    return Overview(
        since=seen.span.since,
        until=seen.span.until,
        previous_from=before.since,
        previous_to=before.until,
        heard=_heard(tally, [name for name in streams if given.streams is None or name in given.streams]),
        fft=_fft(tally),
        sentiment=_sentiment(tally),
        needs_person=await evidence.needing_a_person(connection, seen.sources, given.since, given.until),
        weekly=[
            WeekComments(week_start=week.start, comments=None if week.y is None else int(week.y)) for week in weekly
        ],
        changes=[ChangeOut.model_validate(change) for change in await _changes(connection, seen, totals)],
        units=await _units(connection, seen, given),
        first_day=seen.coverage.first_day,
        last_day=seen.coverage.last_day,
    )


def _heard(tally: Tally, streams: Sequence[Stream]) -> Heard:
    comments, previous_comments = tally.of("comments")
    responses, previous_responses = tally.of("responses")
    by_stream = [(stream, *tally.of("comments", stream=stream)) for stream in streams]
    return Heard(
        comments=comments,
        responses=responses,
        previous_comments=previous_comments,
        previous_responses=previous_responses,
        by_stream=[StreamHeard(stream=stream, comments=n, previous=p) for stream, n, p in by_stream],
    )


def _fft(tally: Tally) -> FftOut:
    positive, positive_before = tally.of("fft", labels=FFT_POSITIVE.hits)
    answers, answers_before = tally.of("fft")
    return FftOut(
        positive_percent=percent(positive, answers),
        previous=percent(positive_before, answers_before),
        responses=answers,
    )


def _sentiment(tally: Tally) -> list[SentimentOut]:
    counted = [(label, *tally.of("sentiment", labels=frozenset({str(label)}))) for label in range(1, 6)]
    return [SentimentOut(label=label, n=n, previous=previous) for label, n, previous in counted]


async def _changes(connection: Connection, seen: View, totals: Sequence[Total]) -> list[Change]:
    """What changed beyond chance; found from exact counts, and told of staff as statistics are."""
    begins = earlier(seen.span.since, 7 * BASELINE_WEEKS)
    weeks = await store.baseline(connection, seen.sources, begins, seen.span.since)
    told_of = frozenset() if seen.sources.exact else frozenset({"staff"})
    return changes(
        _theme_counts(totals, weeks), _stream_counts(totals, weeks), days=seen.span.days, most=CHANGES_SHOWN,
        told_of=told_of,
    )  # fmt: skip


def _theme_counts(totals: Sequence[Total], weeks: Sequence[BaselineWeek]) -> list[ThemeCounts]:
    """Every theme that was heard in the period or in the baseline, by stream."""
    baseline: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * BASELINE_WEEKS)
    for row in weeks:
        if row.measure == "theme":
            baseline[row.stream, row.label][row.week] += row.n
    heard = {(total.stream, total.label): total for total in totals if total.measure == "theme"}
    negative = {(total.stream, total.label): total.n for total in totals if total.measure == "theme_negative"}
    return [
        ThemeCounts(
            theme=theme,
            stream=stream,
            polarity=of_theme(theme).theme(theme).polarity,
            n=heard[stream, theme].n if (stream, theme) in heard else 0,
            negative=negative.get((stream, theme), 0),
            previous=heard[stream, theme].previous if (stream, theme) in heard else 0,
            weeks=tuple(baseline[stream, theme]),
        )
        for stream, theme in sorted(heard.keys() | baseline.keys())
        if theme != NOT_ASSIGNED
    ]


def _stream_counts(totals: Sequence[Total], weeks: Sequence[BaselineWeek]) -> dict[str, StreamCounts]:
    """Analysed comments by stream: each has exactly one sentiment."""
    baseline: defaultdict[str, list[int]] = defaultdict(lambda: [0] * BASELINE_WEEKS)
    for row in weeks:
        if row.measure == "sentiment":
            baseline[row.stream][row.week] += row.n
    return {
        stream: StreamCounts(
            sum(total.n for total in totals if total.measure == "sentiment" and total.stream == stream), tuple(counts)
        )
        for stream, counts in baseline.items()
    }


async def _units(connection: Connection, seen: View, given: Filter) -> list[UnitOut]:
    found = await store.units(connection, seen.sources, given.org_id)
    ids, streams = [unit.id for unit in found], seen.sources.streams
    tallies = unit_tallies(
        await store.unit_totals(connection, ids, streams, seen.span, ("comments", "fft")), exact=seen.sources.exact
    )
    heard = {unit.id: tallies.get(unit.id, Tally((), exact=True)) for unit in found}
    until = replace(given, since=None, until=seen.span.until)
    rules = Rules(COMMENTS.improvement_direction)
    weekly = await trends.unit_charts(
        connection, found, seen.coverage, until, COMMENTS, "week", rules, exact=seen.sources.exact
    )
    return [
        UnitOut(
            org_id=unit.id,
            name=unit.name,
            level=unit.level,
            comments=heard[unit.id].of("comments")[0],
            previous=heard[unit.id].of("comments")[1],
            positive_percent=percent(
                heard[unit.id].of("fft", labels=FFT_POSITIVE.hits)[0], heard[unit.id].of("fft")[0]
            ),
            variation=icon(weekly[unit.id]),
        )
        for unit in found
        if unit.closed_on is None or heard[unit.id].of("comments") != (0, 0)
    ]
