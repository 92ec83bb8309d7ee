"""Which units somebody watches, for whose comments, and whether wholly or for some things only. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from earshot.alerts.answers import WatchedUnit
from earshot.alerts.model import URGENT, Cadence
from earshot.orgs.model import Org
from earshot.people.matrix import STREAMS, Role, Stream


@dataclass(frozen=True)
class Watch:
    """A subscription of somebody, as others may know of it: no address, and `roles` are all that the person has."""

    id: UUID
    account_id: UUID
    name: str
    place_id: UUID
    place_name: str
    streams: list[str]
    themes: list[str]
    kinds: list[str]
    least_ratio: float | None
    channels: list[str]
    cadence: Cadence
    snoozed_until: datetime | None
    roles: list[str]

    @property
    def heard(self) -> tuple[Stream, ...]:
        """Whose comments it really covers: what was asked for, of what all of the person's roles may read."""
        readable = [STREAMS[Role(role)] for role in self.roles]
        return tuple(
            stream
            for stream in Stream
            if readable and all(stream in each for each in readable) and (not self.streams or stream in self.streams)
        )

    @property
    def whole(self) -> bool:
        """Whether nothing limits it to some themes, kinds or strength."""
        return not self.themes and not self.kinds and self.least_ratio is None

    @property
    def urgent(self) -> bool:
        """Whether it covers immediate risk, which no theme and no strength limits."""
        return not self.kinds or URGENT in self.kinds

    def awake(self, now: datetime) -> bool:
        """Whether it is not snoozed at a moment."""
        return self.snoozed_until is None or self.snoozed_until <= now


def units(tree: Sequence[Org], top: UUID) -> list[Org]:
    """The open places at or below `top` that have no open place below them."""
    inside = [org for org in tree if org.closed_on is None and top in lineage(tree, org.id)]
    parents = {org.parent_id for org in inside}
    return [org for org in inside if org.id not in parents]


def lineage(tree: Sequence[Org], place: UUID) -> list[UUID]:
    """A place and those above it, as far as the tree shows."""
    return _lineage({org.id: org.parent_id for org in tree}, place)


def _lineage(parents: Mapping[UUID, UUID | None], place: UUID) -> list[UUID]:
    found, at = [], place
    while at in parents:
        found.append(at)
        above = parents[at]
        if above is None:
            break
        at = above
    return found


def watched(
    tree: Sequence[Org], top: UUID, watches: Sequence[Watch], streams: Collection[Stream], now: datetime
) -> list[WatchedUnit]:
    """Each unit with who watches it, for the comments of `streams`; those that nobody watches come first."""
    parents = {org.id: org.parent_id for org in tree}
    inside = {org.id for org in tree if top in _lineage(parents, org.id)}
    awake = [watch for watch in watches if watch.awake(now)]
    found = []
    for unit in units(tree, top):
        above = set(_lineage(parents, unit.id))
        # A subscription to a place out of sight lies above all that is in sight.
        over = [watch for watch in awake if watch.place_id in above or watch.place_id not in inside]
        found.append(_unit(unit, over, streams))
    order = ("nobody", "in_part", "watched")
    return sorted(found, key=lambda unit: (order.index(unit.state), unit.name))


def _unit(unit: Org, over: Sequence[Watch], streams: Collection[Stream]) -> WatchedUnit:
    wholly = {stream for watch in over if watch.whole for stream in watch.heard}
    at_all = {stream for watch in over for stream in watch.heard}
    nobody = [stream for stream in Stream if stream in streams and stream not in at_all]
    in_part = [stream for stream in Stream if stream in streams and stream in at_all - wholly]
    people = {watch.account_id for watch in over if set(watch.heard) & set(streams)}
    return WatchedUnit(
        org_id=unit.id,
        name=unit.name,
        level=unit.level,
        watchers=len(people),
        nobody_for=nobody,
        in_part=in_part,
        urgent=any(watch.urgent and set(watch.heard) & set(streams) for watch in over),
        state="nobody" if not people else "in_part" if nobody or in_part else "watched",
    )
