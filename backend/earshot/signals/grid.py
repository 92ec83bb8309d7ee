"""The map: units by themes, each with its count and its strongest open signal, by letter and by state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from earshot.analysis.filters import Filter, subtree
from earshot.core.db import Connection, Query
from earshot.measures.disclosure import added, seen
from earshot.measures.periods import Span, earlier
from earshot.measures.view import view
from earshot.signals import store, weekly
from earshot.signals.answers import MapCell, MapUnit, SignalMap, mark
from earshot.signals.model import Signal
from earshot.signals.store import Reader, Wanted
from earshot.signals.weekly import UnitTheme
from earshot.taxonomy.frameworks import frameworks

DAYS = 56
EVERYTHING = ""  # the column of signals about all that is said, such as a silence
MOST = 500
_OPEN = ("new", "acknowledged", "watching", "acted_on", "reopened")


@dataclass(frozen=True)
class _Leaf:
    id: UUID
    name: str
    level: str


_LEAVES = Query(
    _Leaf,
    """
    SELECT o.id, o.name, o.level FROM org o
    WHERE ($1::uuid[] IS NULL OR o.id = ANY ($1)) AND o.closed_on IS NULL
      AND NOT EXISTS (SELECT FROM org c WHERE c.parent_id = o.id)
    ORDER BY o.path
    """,
)


async def grid(connection: Connection, reader: Reader, given: Filter) -> SignalMap:
    """The units in view that have none below them, by the themes heard there in eight weeks or with a signal."""
    org_ids = await subtree(connection, given.org_id)
    exact = reader.fewest <= 1
    leaves = await _LEAVES.all(connection, org_ids)
    until = (await view(connection, given, exact=exact)).span.until
    span = Span(earlier(until, DAYS - 1), until)
    ids = [leaf.id for leaf in leaves]
    rows = await weekly.unit_themes(connection, ids, given.streams, span)
    heard = _heard(rows, exact=exact)
    wanted = Wanted(org_ids=ids, streams=given.streams, states=_OPEN)
    signals = by_cell(await store.listed(connection, reader, wanted, MOST))
    themes = _themes({theme for _, theme in (*heard, *signals)})
    known = {org_id for org_id, _ in heard}
    return SignalMap(
        units=[MapUnit(org_id=leaf.id, name=leaf.name, level=leaf.level) for leaf in leaves],
        themes=themes,
        cells=[
            _cell(leaf, theme, heard.get((leaf.id, theme), 0), signals.get((leaf.id, theme), []), leaf.id in known)
            for leaf in leaves
            for theme in themes
        ],
    )


def by_cell(signals: Sequence[Signal]) -> dict[tuple[UUID, str], list[Signal]]:
    """Signals by unit and theme, in the order given; those about no single theme lie under `EVERYTHING`."""
    names = set(_names())
    found: dict[tuple[UUID, str], list[Signal]] = {}
    for signal in signals:
        for theme in signal.label.split("|"):
            found.setdefault((signal.org_id, theme if theme in names else EVERYTHING), []).append(signal)
    return found


def _heard(rows: Sequence[UnitTheme], *, exact: bool) -> dict[tuple[UUID, str], int | None]:
    """How often each theme was heard in each unit, of staff as statistics tell it unless it may be `exact`."""
    found: defaultdict[tuple[UUID, str], list[int | None]] = defaultdict(list)
    for row in rows:
        found[row.org_id, row.theme].append(seen(row.stream, row.n, exact=exact))
    return {key: added(counts) for key, counts in found.items()}


def _themes(names: set[str]) -> list[str]:
    """Themes in the frameworks' own order; first of all what concerns all that is said."""
    return [EVERYTHING, *(name for name in _names() if name in names)]


def _names() -> list[str]:
    return [name for framework in frameworks() for name in framework.names]


def _cell(leaf: _Leaf, theme: str, n: int | None, signals: list[Signal], heard: bool) -> MapCell:
    strongest = signals[0] if signals else None
    if strongest is None:
        quiet = "Nothing unusual." if heard else "No data."
        return MapCell(
            org_id=leaf.id, theme=theme, n=n, mark="·" if heard else "–", meaning=None, state=None,
            signal_id=None, signals=0, text=quiet,
        )  # fmt: skip
    return MapCell(
        org_id=leaf.id, theme=theme, n=n, mark=mark(strongest), meaning=strongest.meaning, state=strongest.state,
        signal_id=strongest.id, signals=len(signals), text=strongest.sentence,
    )  # fmt: skip
