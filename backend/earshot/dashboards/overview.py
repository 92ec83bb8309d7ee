"""Overview: how much was heard and from whom, how people felt, and what they spoke about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from earshot.core.db import Connection
from earshot.dashboards import interpretation, store, themes, words
from earshot.dashboards.blocks import Head, count_chart, count_figure, row, share_chart, share_figure, shared
from earshot.dashboards.blocks import counted as cell
from earshot.dashboards.model import Block, Column, Table
from earshot.dashboards.reading import Seen, Tally, tally
from earshot.measures.disclosure import Sum, protect, share, told
from earshot.measures.model import FFT_POSITIVE, NEGATIVE_SHARE

_MEASURES = ("comments", "responses", "fft", "sentiment", "theme", "theme_negative")
_CHARTED = ("comments", "fft", "sentiment")
Shown: TypeAlias = Mapping[str, int | None]


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """The overview in two queries."""
    counted = await tally(connection, seen, *_MEASURES)
    rows = await store.series(connection, seen.org_ids, seen.streams, seen.when, _CHARTED)
    comments: Counter[date] = Counter()
    shares: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for one in rows:
        if one.measure == "comments":
            comments[one.start] += one.n
        else:
            shares[one.measure][one.start] += one.n
            hits = FFT_POSITIVE.hits if one.measure == "fft" else NEGATIVE_SHARE.hits
            shares[one.measure + "/hits"][one.start] += one.n if one.label in hits else 0
    when, starts = seen.when.period, seen.starts
    shown = _protected(seen, counted, {start: comments[start] for start in starts})
    good, negative = seen.comments(fft=("1", "2")), seen.comments(sentiment=("4", "5"))
    return [
        *_figures(seen, counted, shown),
        count_chart(
            Head("comments", "Comments", "comments", "neutral", seen.comments()), when,
            {start: shown[start.isoformat()] for start in starts},
        ),
        share_chart(
            Head("fft", "Friends and Family Test: good or very good", "percent", "increase", good),
            when, starts, shares["fft/hits"], shares["fft"],
        ),
        share_chart(
            Head("negative", "Negative comments", "percent", "decrease", negative),
            when, starts, shares["sentiment/hits"], shares["sentiment"],
        ),
        who_spoke(seen, shown),
        themes.table(seen, counted, "themes", "What people spoke about most", themes.heard(counted)),
    ]  # fmt: skip


def _figures(seen: Seen, counted: Tally, shown: Shown) -> list[Block]:
    ago = seen.ago
    fft, fft_before = positive(counted)
    return [
        count_figure(
            "comments", "Comments", "comments", shown["all"], told(counted.before("comments")), ago,
            opens=seen.comments(),
        ),
        share_figure("fft", "Good or very good", "increase", fft, fft_before, ago, opens=seen.comments(fft=("1", "2"))),
        share_figure(
            "negative", "Negative comments", "decrease",
            (told(counted.of("sentiment", NEGATIVE_SHARE.hits)), told(counted.of("sentiment"))),
            (told(counted.before("sentiment", NEGATIVE_SHARE.hits)), told(counted.before("sentiment"))),
            ago, opens=seen.comments(sentiment=("4", "5")),
        ),
    ]  # fmt: skip


def positive(counted: Tally) -> tuple[tuple[int | None, int | None], tuple[int | None, int | None]]:
    """Good and very good answers of all answers to the Friends and Family Test, now and before, protected."""
    now = told(counted.of("fft", FFT_POSITIVE.hits)), told(counted.of("fft"))
    return now, (told(counted.before("fft", FFT_POSITIVE.hits)), told(counted.before("fft")))


def _protected(seen: Seen, counted: Tally, weeks: Mapping[date, int]) -> dict[str, int | None]:
    """Comments by stream, by week or month, and "all" of them: one table, since each adds up to the same."""
    streams = {stream: counted.of("comments", stream=stream) for stream in seen.visible}
    named = {start.isoformat(): n for start, n in weeks.items()}
    sums = [Sum("all", tuple(streams)), Sum("all", tuple(named))]
    return protect({**streams, **named, "all": sum(streams.values())}, [one for one in sums if one.parts])


def who_spoke(seen: Seen, shown: Shown) -> Table:
    """Comments of patients, carers and staff, as far as the reader may see them."""
    rows = [
        row(
            words.STREAMS[stream],
            cell(shown[stream]),
            shared(share(shown[stream], shown["all"])),
            opens=seen.comments(stream=stream),
        )
        for stream in seen.visible
    ]
    columns = (
        Column("who", "Who"),
        Column("comments", "Comments", numeric=True),
        Column("share", "Share", numeric=True),
    )
    sentence = interpretation.who([(words.STREAMS[stream], shown[stream]) for stream in seen.visible])
    return Table("who", "Who spoke", sentence, columns, tuple(rows))
