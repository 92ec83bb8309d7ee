"""Effective: whether care works, and whether agreed changes helped."""

from __future__ import annotations

from collections.abc import Mapping

from earshot.analysis.filters import subtree
from earshot.core.db import Connection
from earshot.dashboards import interpretation, themes
from earshot.dashboards.blocks import count_figure, share_figure
from earshot.dashboards.model import Block, Cell, Column, Row, Table
from earshot.dashboards.reading import Seen, tally
from earshot.improvement import store
from earshot.improvement.model import Action, State, Verdict
from earshot.measures.disclosure import told

CHANGES_SHOWN = 20
_DIMENSION = "darzi:effectiveness"
_STATES: Mapping[State, str] = {
    "planned": "Planned",
    "under_way": "Under way",
    "finished": "Finished",
    "stopped": "Stopped",
}
_VERDICTS: Mapping[Verdict, str] = {"improved": "It helped", "worse": "It became worse", "unproven": "Not proven"}
_COLUMNS = (
    Column("what", "What"),
    Column("where", "Where"),
    Column("state", "State"),
    Column("helped", "Did it help?"),
)


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """What was said about whether care works, and what became of agreed changes, in four queries."""
    counted = await tally(connection, seen, "theme", "theme_negative")
    names = themes.under(*_DIMENSION.split(":"))
    ago, opens = seen.ago, seen.comments(dimension=_DIMENSION)
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
        await _changes(connection, seen),
    ]  # fmt: skip


async def _changes(connection: Connection, seen: Seen) -> Table:
    """Agreed changes of the place and all below it; what somebody did tells of nobody who spoke."""
    org_ids = await subtree(connection, seen.asked.org_id)
    found = [
        action
        for action in await store.actions(connection, org_ids, streams=seen.visible)
        if action.made_on <= seen.when.span.until
    ]
    rows = tuple(
        Row(
            (Cell(action.title), Cell(action.org_name), Cell(_STATES[action.state]), Cell(_helped(action))),
            f"/actions/{action.id}",
        )
        for action in found[:CHANGES_SHOWN]
    )
    proven = sum(action.look_state == "improved" for action in found)
    sentence = interpretation.changes(len(found), proven, sum(action.look_state == "worse" for action in found))
    return Table("changes", "What was changed, and whether it helped", sentence, _COLUMNS, rows)


def _helped(action: Action) -> str:
    return "Too early to say" if action.look_state is None else _VERDICTS[action.look_state]
