"""Tables and charts of themes, as several pages show them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from earshot.core.db import Connection
from earshot.dashboards import interpretation, store
from earshot.dashboards.blocks import Head, counted, earlier, row, share_chart, shared
from earshot.dashboards.chance import counts_differ
from earshot.dashboards.model import Chart, Column, Table
from earshot.dashboards.reading import Seen, Tally
from earshot.measures.disclosure import share, told
from earshot.taxonomy.frameworks import NOT_ASSIGNED, mappings

SHOWN = 10
COLUMNS = (
    Column("theme", "Theme"),
    Column("comments", "Comments", numeric=True),
    Column("before", "Before", numeric=True),
    Column("negative", "Negative", numeric=True),
)


def heard(tally: Tally, among: Collection[str] | None = None) -> list[str]:
    """The themes that were counted, most heard first, all or those `among` some."""
    names = [name for name in tally.labels("theme") if name != NOT_ASSIGNED and (among is None or name in among)]
    return sorted(names, key=lambda name: (-(told(tally.of("theme", (name,))) or 0), name))


def table(seen: Seen, tally: Tally, id: str, title: str, names: Sequence[str]) -> Table:
    """Themes with how many comments are about each, now and before, and how many of those are negative.

    They are ordered by what is shown, so that the order tells no more than the numbers do.
    """
    shown = [(name, told(tally.of("theme", (name,))), told(tally.before("theme", (name,)))) for name in names]
    ago = seen.ago
    risen = [name for name, n, before in shown if ago.begun is None and counts_differ(n, before) == "more"]
    rows = [
        row(
            name, counted(n), earlier(counted(before), ago),
            shared(share(told(tally.of("theme_negative", (name,))), n)),
            opens=seen.comments(theme=name),
        )
        for name, n, before in shown[:SHOWN]
    ]  # fmt: skip
    sentence = interpretation.themes([(name, n) for name, n, _ in shown], risen)
    sentence += interpretation.not_compared(ago) if rows else ""
    return Table(id, title, sentence, COLUMNS, tuple(rows))


async def negative_chart(
    connection: Connection, seen: Seen, id: str, title: str, names: Sequence[str], dimension: str
) -> Chart:
    """How many in a hundred mentions of some themes are negative, by week or month."""
    rows = await store.series(connection, seen.org_ids, seen.streams, seen.when, ("theme", "theme_negative"), names)
    by_measure: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for one in rows:
        by_measure[one.measure][one.start] += one.n
    head = Head(id, title, "percent", "decrease", seen.comments(dimension=dimension, sentiment=("4", "5")))
    return share_chart(head, seen.when.period, seen.starts, by_measure["theme_negative"], by_measure["theme"])


def under(mapping_id: str, dimension: str) -> tuple[str, ...]:
    """The themes of one dimension of a mapping."""
    mapping = next(one for one in mappings() if one.id == mapping_id)
    return mapping.under(dimension)
