"""Where a row of an import belongs: its names and codes matched with the tree, or new places added to it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from earshot.intake.answers import one_line, simple
from earshot.intake.columns import level_of
from earshot.orgs.model import LEVELS, Org, above

_NOWHERE = frozenset(("", "unknown", "not known", "n a", "na", "not applicable", "none", "null", "not stated", "other"))


@dataclass(frozen=True)
class Place:
    """An organisation that a row belongs to; `id` is None until a new one is kept."""

    code: str
    name: str
    level: str
    parent: Place | None = None
    id: UUID | None = None
    ods_code: str | None = None

    @property
    def line(self) -> tuple[Place, ...]:
        """This place and what lies above it, outermost first."""
        return (*(self.parent.line if self.parent else ()), self)

    @property
    def provider(self) -> Place:
        """The provider that this place belongs to: numbers of comments and respondents are that provider's own."""
        return next((one for one in self.line if not above("provider", one.level)), self)


@dataclass(frozen=True)
class NotPlaced:
    """Why a row has no place: the column and the reason."""

    column: str | None
    reason: str


class Places:
    """The tree below `base` as an import sees it: finds places by code, ODS code or name, and adds new ones.

    New places get a code made from their names, so the same names give the same code in every import.
    """

    def __init__(self, orgs: Sequence[Org], base: UUID, columns: Sequence[str], *, create: bool) -> None:
        self._create, self._columns = create, columns
        self._children: dict[str, list[Place]] = defaultdict(list)
        self._known: dict[tuple[str, ...], Place | NotPlaced] = {}
        self.base = self._grow(orgs, base)
        self._levels = levels(columns, self.base.level)

    def find(self, cells: Sequence[str]) -> Place | NotPlaced:
        """The place that a row names, outermost column first; an empty inner cell means the level above."""
        names = tuple("" if simple(cell) in _NOWHERE else one_line(cell)[:200] for cell in cells)
        if names not in self._known:
            self._known[names] = self._walk(names)
        return self._known[names]

    def _grow(self, orgs: Sequence[Org], base: UUID) -> Place:
        by_id = {org.id: org for org in orgs}
        places: dict[UUID, Place] = {}

        def place(org: Org) -> Place:
            if org.id not in places:
                above_it = by_id.get(org.parent_id) if org.parent_id and org.id != base else None
                parent = place(above_it) if above_it else None
                places[org.id] = Place(org.code, org.name, org.level, parent, org.id, org.ods_code)
                if parent:
                    self._children[parent.code].append(places[org.id])
            return places[org.id]

        for org in orgs:
            place(org)
        return places[base]

    def _walk(self, names: tuple[str, ...]) -> Place | NotPlaced:
        place = self.base
        if above("provider", place.level) and not any(names[:1]):
            # Without its provider, an inner name such as "Mental health" could be anybody's.
            return NotPlaced(self._columns[0] if self._columns else None, "the row names no organisation")
        for column, level, name in zip(self._columns, self._levels, names, strict=True):
            if not name:
                continue
            step = self._step(place, column, level, name)
            if isinstance(step, NotPlaced):
                return step
            place = step
        if above("provider", place.level):
            return NotPlaced(self._columns[0], f"{place.name} is no provider nor part of one")
        return place

    def _step(self, place: Place, column: str, level: str | None, name: str) -> Place | NotPlaced:
        if place is self.base and _is_called(place, name):
            return place
        found = self._matches(place, level, name)
        if len(found) > 1:
            return NotPlaced(column, "more than one organisation has this name; use its code")
        if found:
            return found[0]
        if not self._create:
            return NotPlaced(column, f"no organisation below {place.name} has this name or code")
        if level is None or not above(level, place.level):
            return NotPlaced(column, f"no organisation below {place.name} has this name, and none can be added there")
        new = Place(code_for(place, name), name, level, place)
        self._children[place.code].append(new)
        return new

    def _matches(self, place: Place, level: str | None, name: str) -> list[Place]:
        """By code first, then by name at the column's level, then directly below, then among those known before."""
        wanted = simple(name)
        below = list(self._below(place))
        for found in (
            [one for one in below if name.casefold() in (one.code.casefold(), (one.ods_code or "").casefold())],
            [one for one in below if one.level == level and simple(one.name) == wanted],
            [one for one in self._children[place.code] if simple(one.name) == wanted],
            [one for one in below if one.id is not None and simple(one.name) == wanted],
        ):
            if found:
                return found
        return []

    def _below(self, place: Place) -> Iterator[Place]:
        for child in self._children[place.code]:
            yield child
            yield from self._below(child)


def levels(columns: Sequence[str], base_level: str) -> list[str | None]:
    """The level of each organisation column: what its heading says, and always below the one before.

    Headings that do not say take the next of provider, service, team. None where no level is left.
    """
    found: list[str | None] = []
    last = base_level
    for column in columns:
        named = level_of(column)
        free = [level for level in ("provider", "service", "team") if above(level, last)]
        level = named if named and (above(named, last) or not found) else (free[0] if free else None)
        found.append(level)
        last = level or LEVELS[-1]
    return found


def code_for(parent: Place, name: str) -> str:
    """A code for a new place: a readable part and a hash that tells equal names in different places apart."""
    path = "\0".join([*(one.code for one in parent.line), simple(name)])
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return f"{readable or 'place'}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def _is_called(place: Place, name: str) -> bool:
    codes = (place.code.casefold(), (place.ods_code or "").casefold())
    return name.casefold() in codes or simple(name) == simple(place.name)
