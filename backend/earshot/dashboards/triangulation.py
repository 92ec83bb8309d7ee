"""Patients and staff: what both speak about. Their themes differ, so they are compared by the CQC's key questions."""

from __future__ import annotations

from earshot.core.db import Connection
from earshot.dashboards import interpretation
from earshot.dashboards.blocks import counted as cell
from earshot.dashboards.blocks import row, shared
from earshot.dashboards.chance import Pair, shares_differ
from earshot.dashboards.model import Block, Cell, Column, Row, Table
from earshot.dashboards.reading import Seen, Tally, tally
from earshot.dashboards.themes import heard, table
from earshot.measures.disclosure import share, told
from earshot.taxonomy.frameworks import mappings
from earshot.taxonomy.model import Dimension, Mapping

_SIDES = (("patient", "carer"), ("staff",))
_COLUMNS = (
    Column("question", "Key question"),
    Column("patients", "Patients and carers", numeric=True),
    Column("patients_negative", "Negative", numeric=True),
    Column("staff", "Staff", numeric=True),
    Column("staff_negative", "Negative", numeric=True),
    Column("remark", "Both"),
)


async def blocks(connection: Connection, seen: Seen) -> list[Block]:
    """Both sides by key question in one query, and the themes of each."""
    counted = await tally(connection, seen, "theme", "theme_negative")
    mapping = next(one for one in mappings() if one.id == "cqc")
    shared_by = [one for one in mapping.dimensions if _both(counted, mapping, one)]
    sentence = interpretation.both([one.name for one in shared_by], set(_SIDES[1]) <= set(seen.visible))
    rows = tuple(_row(seen, counted, mapping, one, one in shared_by) for one in mapping.dimensions)
    tables = [
        table(seen, counted.only(side), f"themes-{side[0]}", title, heard(counted.only(side)))
        for side, title in zip(_SIDES, ("Themes of patients and carers", "Themes of staff"), strict=True)
        if set(side) & set(seen.visible)
    ]
    return [Table("both", "The same question seen from two sides", sentence, _COLUMNS, rows), *tables]


def _side(counted: Tally, mapping: Mapping, one: Dimension | None, side: tuple[str, ...]) -> Pair:
    """Negative mentions and all mentions of a question, or of all questions, by one side; protected."""
    names = mapping.under(one.id) if one is not None else tuple(mapping.themes)
    negative, said = (sum(counted.of(what, names, who) for who in side) for what in ("theme_negative", "theme"))
    return told(negative), told(said)


def _both(counted: Tally, mapping: Mapping, one: Dimension) -> bool:
    """Whether both sides speak worse of a question than of all questions together, beyond chance."""
    return all(
        shares_differ(_side(counted, mapping, one, side), _side(counted, mapping, None, side)) == "more"
        for side in _SIDES
    )


def _row(seen: Seen, counted: Tally, mapping: Mapping, one: Dimension, both: bool) -> Row:
    sides = [_side(counted, mapping, one, side) for side in _SIDES]
    numbers = [entry for bad, n in sides for entry in (cell(n), shared(share(bad, n)))]
    return row(
        one.name, *numbers, Cell("both complain more" if both else ""), opens=seen.comments(dimension=f"cqc:{one.id}")
    )
