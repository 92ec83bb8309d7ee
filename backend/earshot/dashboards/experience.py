"""Experience: how it was, and whether it was as good for everybody."""

from __future__ import annotations

from collections import Counter
from datetime import date

from earshot.core.db import Connection
from earshot.dashboards import interpretation, store, themes, words
from earshot.dashboards.blocks import Head, row, share_chart, share_figure, shared
from earshot.dashboards.blocks import counted as cell
from earshot.dashboards.limits import where
from earshot.dashboards.model import Block, Cell, Column, Row, Table, Where
from earshot.dashboards.overview import positive
from earshot.dashboards.reading import Seen, Tally, tally
from earshot.measures.disclosure import TOO_FEW, Sum, protect, share, told
from earshot.measures.model import FFT_POSITIVE

_MEASURES = ("fft", "sentiment", "theme", "theme_negative")
_GROUPED = ("group_fft", "group_positive", "group_comments", "group_negative")
_ASKED_ABOUT = ("patient", "carer")  # few members of staff answer, and a few of them could be recognised
_REMARKS: dict[Where, str] = {
    "inside": "alike, as far as chance allows",
    "above_95": "perhaps better",
    "below_95": "perhaps less good",
    "above_998": "better",
    "below_998": "less good",
    "too_few": TOO_FEW,
}
_GROUP_COLUMNS = (
    Column("group", "Group"),
    Column("answers", "Answers", numeric=True),
    Column("positive", "Good or very good", numeric=True),
    Column("comments", "Comments", numeric=True),
    Column("negative", "Negative", numeric=True),
    Column("remark", "Beside everybody"),
)


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """How it was in three queries."""
    counted = await tally(connection, seen, *_MEASURES)
    rows = await store.series(connection, seen.org_ids, seen.streams, seen.when, ("fft",))
    answers, good = Counter[date](), Counter[date]()
    for one in rows:
        answers[one.start] += one.n
        good[one.start] += one.n if one.label in FFT_POSITIVE.hits else 0
    now, before = positive(counted)
    opens = seen.comments(fft=("1", "2"))
    return [
        share_figure("fft", "Good or very good", "increase", now, before, seen.ago, opens=opens),
        share_chart(
            Head("fft", "Friends and Family Test: good or very good", "percent", "increase", opens),
            seen.when.period, seen.starts, good, answers,
        ),
        _answers(seen, counted),
        _feelings(seen, counted),
        themes.table(
            seen, counted, "themes", "What people said about their experience",
            themes.heard(counted, themes.under("darzi", "experience")),
        ),
        *await _equity(connection, seen),
    ]  # fmt: skip


def _answers(seen: Seen, counted: Tally) -> Table:
    """The six answers to the Friends and Family Test."""
    labels = words.answers("fft")
    shown = protect(
        {**{label: counted.of("fft", (label,)) for label in labels}, "all": counted.of("fft")},
        [Sum("all", tuple(labels))],
    )
    rows = [
        row(name, cell(shown[label]), shared(share(shown[label], shown["all"])), opens=seen.comments(fft=label))
        for label, name in labels.items()
    ]
    columns = (Column("answer", "Answer"), Column("n", "Answers", numeric=True), Column("share", "Share", numeric=True))
    now, before = positive(counted)
    sentence = interpretation.percentage("Good or very good", "increase", now, before, seen.ago)
    return Table("answers", "Overall, how was your experience of our service?", sentence, columns, tuple(rows))


def _feelings(seen: Seen, counted: Tally) -> Table:
    """How comments sounded, from very positive to very negative."""
    counts = {label: counted.of("sentiment", (label,)) for label in words.SENTIMENTS}
    counts |= {"all": counted.of("sentiment")}
    shown = protect(counts, [Sum("all", tuple(words.SENTIMENTS))])
    rows = [
        row(name, cell(shown[label]), shared(share(shown[label], shown["all"])), opens=seen.comments(sentiment=label))
        for label, name in words.SENTIMENTS.items()
    ]
    good, bad = (share(told(counts[one] + counts[two]), told(counts["all"])) for one, two in (("1", "2"), ("4", "5")))
    columns = (Column("how", "How"), Column("n", "Comments", numeric=True), Column("share", "Share", numeric=True))
    return Table("feelings", "How comments sounded", interpretation.feelings(good, bad), columns, tuple(rows))


async def _equity(connection: Connection, seen: Seen) -> list[Block]:
    """One table for each optional question about the person, of patients and carers alone."""
    streams = [name for name in _ASKED_ABOUT if name in seen.visible]
    counted = (
        Tally(await store.totals(connection, seen.org_ids, streams, seen.when, _GROUPED)) if streams else Tally(())
    )
    return [_of_trait(counted, trait, name) for trait, name in words.TRAITS.items()]


def _of_trait(counted: Tally, trait: str, name: str) -> Table:
    known = {f"{trait}={value}": label for value, label in words.answers(trait).items()}
    heard = {*counted.labels("group_fft"), *counted.labels("group_comments")}
    named = {label: words_for for label, words_for in known.items() if label in heard}
    good, answers = (told(counted.of(measure, named)) for measure in ("group_positive", "group_fft"))
    lines = {label: _line(counted, label, words_for, share(good, answers)) for label, words_for in named.items()}
    lies = {label: line[0] for label, line in lines.items()}
    sentence = interpretation.groups(
        name,
        worse=[named[label] for label, found in lies.items() if found == "below_998"],
        better=[named[label] for label, found in lies.items() if found == "above_998"],
        hidden=sum(found == "too_few" for found in lies.values()),
        heard=len(lines),
    )
    title = f"Was it as good for everybody? {name}"
    return Table(f"equity-{trait}", title, sentence, _GROUP_COLUMNS, tuple(row for _, row in lines.values()))


def _line(counted: Tally, label: str, name: str, overall: float | None) -> tuple[Where, Row]:
    answers, good, said, bad = (told(counted.of(measure, (label,))) for measure in _GROUPED)
    lies = where(good, answers, overall)
    cells = (cell(answers), shared(share(good, answers)), cell(said), shared(share(bad, said)), Cell(_REMARKS[lies]))
    return lies, row(name, *cells)
