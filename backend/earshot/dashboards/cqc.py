"""The five key questions of the Care Quality Commission, by a mapping of themes that is a versioned file."""

from __future__ import annotations

from earshot.core.db import Connection
from earshot.dashboards import interpretation, themes, words
from earshot.dashboards.blocks import counted as cell
from earshot.dashboards.blocks import earlier, row, shared
from earshot.dashboards.model import Block, Column, Row, Table
from earshot.dashboards.reading import Seen, Tally, tally
from earshot.measures.disclosure import Sum, protect, share, told
from earshot.taxonomy.frameworks import mappings
from earshot.taxonomy.model import Dimension


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """All five questions in one query: what was heard under each, and the themes behind it."""
    mapping = next(one for one in mappings() if one.id == "cqc")
    counted = await tally(connection, seen, "theme", "theme_negative")
    mentions = [(one.name, told(counted.of("theme", mapping.under(one.id)))) for one in mapping.dimensions]
    sentence = f"{interpretation.questions(mentions)} {mapping.note}{interpretation.not_compared(seen.ago)}"
    table = Table(
        "questions", "What was heard by key question", sentence,
        _columns(seen), tuple(_row(seen, counted, one, mapping.under(one.id)) for one in mapping.dimensions),
    )  # fmt: skip
    return [
        table,
        *(
            themes.table(seen, counted, one.id, one.name, themes.heard(counted, mapping.under(one.id)))
            for one in mapping.dimensions
        ),
    ]


def _columns(seen: Seen) -> tuple[Column, ...]:
    return (
        Column("question", "Key question"),
        *(Column(stream, words.STREAMS[stream], numeric=True) for stream in seen.visible),
        Column("all", "Mentions", numeric=True),
        Column("negative", "Negative", numeric=True),
        Column("before", "Negative before", numeric=True),
    )


def _row(seen: Seen, counted: Tally, one: Dimension, names: tuple[str, ...]) -> Row:
    counts = {stream: counted.of("theme", names, stream) for stream in seen.visible}
    shown = protect({**counts, "all": sum(counts.values())}, [Sum("all", tuple(counts))])
    before = shared(share(told(counted.before("theme_negative", names)), told(counted.before("theme", names))))
    return row(
        one.name,
        *(cell(shown[name]) for name in (*counts, "all")),
        shared(share(told(counted.of("theme_negative", names)), shown["all"])),
        earlier(before, seen.ago),
        opens=seen.comments(dimension=f"cqc:{one.id}"),
    )
