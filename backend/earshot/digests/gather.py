"""Gathers what one person is to be told, out of what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from earshot.core.db import Connection
from earshot.digests import store
from earshot.digests.compose import Material, compose, days, shortened
from earshot.digests.model import Digest, Due, Line, all_streams
from earshot.improvement import reading
from earshot.people.model import Actor

_LONGEST = timedelta(days=92)  # what a digest after a long silence looks back over


@dataclass(frozen=True)
class Gathered:
    """A digest, and the alerts that it tells."""

    digest: Digest
    alert_ids: tuple[UUID, ...]


async def gather(connection: Connection, actor: Actor, due: Due, earlier: datetime) -> Gathered:
    """Compose what somebody is told of the time from `earlier`, the period before, to the one that is due."""
    since, until = covered(due, earlier)
    granted = [grant.org_id for grant in actor.grants]
    places = await store.places(connection, due.places, granted)
    asked = [place.id for place in places]
    streams = all_streams(due.streams, [stream.value for stream in actor.streams])
    material = await _material(connection, due, asked, granted, streams, since, until)
    digest = compose(
        material,
        name=actor.name,
        cadence=due.cadence,
        period=due.period,
        since=since,
        until=until,
        places=[place.name for place in places],
    )
    return Gathered(digest, ())


def covered(due: Due, earlier: datetime) -> tuple[date, date]:
    """The whole days that a digest speaks of: from that of the one before to yesterday; today for an hourly one."""
    zone = ZoneInfo(due.time_zone)
    today = due.period.astimezone(zone).date()
    if due.cadence == "hourly":
        return today, today
    first = max(earlier, due.period - _LONGEST).astimezone(zone).date()
    until = today - timedelta(days=1)
    return min(first, until), until


async def _material(
    connection: Connection,
    due: Due,
    asked: Sequence[UUID],
    granted: Sequence[UUID],
    streams: Sequence[str],
    since: date,
    until: date,
) -> Material:
    if due.cadence == "hourly":  # what counts by days has no place in what comes by the hour
        return Material()
    org_ids = await store.below(connection, asked, granted)
    praise = await reading.praise(connection, org_ids, streams, since, until)
    late = await reading.overdue(connection, org_ids, until + timedelta(days=1), streams=streams)
    changed = await reading.changed(connection, org_ids, since, until, streams=streams)
    return Material(
        praise=[
            Line(f"{one.org_name}: {one.sentence}", one.path, quote=shortened(one.quote) if one.quote else None)
            for one in praise
        ],
        overdue=[
            Line(f"{one.title}, {one.org_name}", one.path, numbers=_late(one.owner_name, one.due_on)) for one in late
        ],
        changed=[Line(f"{one.title}, {one.org_name}: {one.sentence}", one.path) for one in changed],
        newly_overdue=any(since - timedelta(days=1) <= one.due_on for one in late),
    )


def _late(owner: str | None, due_on: date) -> str:
    whose = f"{owner} looks after it." if owner else "Nobody looks after it."
    return f"It should have been done {days(due_on, due_on)}. {whose}"
