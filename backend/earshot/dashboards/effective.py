"""Effective: whether care works, and whether it works together."""

from __future__ import annotations

from earshot.core.db import Connection
from earshot.dashboards import themes, words
from earshot.dashboards.blocks import count_figure, share_figure
from earshot.dashboards.model import Block
from earshot.dashboards.reading import Seen, tally
from earshot.measures.disclosure import told

_DIMENSION = "darzi:effectiveness"


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """What was said about whether care works, in two queries."""
    counted = await tally(connection, seen, "theme", "theme_negative")
    names = themes.under(*_DIMENSION.split(":"))
    ago, opens = words.span(seen.when), seen.comments(dimension=_DIMENSION)
    n, before = told(counted.of("theme", names)), told(counted.before("theme", names))
    title = "Negative mentions of how care works"
    return [
        count_figure("mentions", "Mentions of how care works", "mentions", n, before, ago, opens=opens),
        share_figure(
            "negative", title, "decrease", (told(counted.of("theme_negative", names)), n),
            (told(counted.before("theme_negative", names)), before), ago,
            opens=seen.comments(dimension=_DIMENSION, sentiment=("4", "5")),
        ),
        await themes.negative_chart(connection, seen, "effective", title, names, _DIMENSION),
        themes.table(seen, counted, "themes", "What people said about how care works", themes.heard(counted, names)),
    ]  # fmt: skip
