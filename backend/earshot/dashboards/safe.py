"""Safe: what bears on safety, and possible risks to somebody that a person had to look at."""

from __future__ import annotations

from earshot.core.db import Connection
from earshot.dashboards import interpretation, response, themes
from earshot.dashboards.blocks import count_figure, share_figure
from earshot.dashboards.model import Block, Figure
from earshot.dashboards.reading import Seen, tally
from earshot.measures.disclosure import TOO_FEW, told

_DIMENSION = "darzi:safety"


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """What was said about safety in three queries."""
    counted = await tally(connection, seen, "theme", "theme_negative")
    names = themes.under(*_DIMENSION.split(":"))
    ago, opens = seen.ago, seen.comments(dimension=_DIMENSION)
    n, before = told(counted.of("theme", names)), told(counted.before("theme", names))
    return [
        count_figure("mentions", "Mentions of safety", "mentions", n, before, ago, opens=opens),
        share_figure(
            "negative", "Negative mentions of safety", "decrease", (told(counted.of("theme_negative", names)), n),
            (told(counted.before("theme_negative", names)), before), ago,
            opens=seen.comments(dimension=_DIMENSION, sentiment=("4", "5")),
        ),
        *await _risks(connection, seen),
        await themes.negative_chart(
            connection, seen, "safety", "Negative mentions of safety", names, _DIMENSION
        ),
        themes.table(seen, counted, "themes", "What people said about safety", themes.heard(counted, names)),
    ]  # fmt: skip


async def _risks(connection: Connection, seen: Seen) -> list[Figure]:
    """Comments that may tell of a risk to somebody now, and how soon somebody looked."""
    found = await response.warnings(connection, seen, ("one_comment",))
    raised, before, ago = told(found.raised), told(found.before), seen.ago
    opens = seen.signals(kind="one_comment", state="all")
    looked = found.acknowledged_after
    return [
        count_figure("risks", "Possible risks to somebody", "comments", raised, before, ago, opens=opens),
        Figure(
            "looked", "Time until somebody looked", looked,
            TOO_FEW if looked is None else interpretation.days_in_words(looked), "days", None,
            interpretation.times("Until somebody looked", looked, told(found.acknowledged)), opens,
        ),
    ]  # fmt: skip
