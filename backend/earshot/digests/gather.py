"""Gathers what one person is to be told, out of what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from earshot.alerts import store as alerts
from earshot.alerts.model import DueAlert
from earshot.core.db import Connection
from earshot.digests import store
from earshot.digests.compose import Material, compose, days, shortened, sparkline
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
    streams = all_streams(due.streams, [stream.value for stream in actor.streams])
    told = await alerts.due_alerts(connection, due.account_id, due.subscription_ids)
    lines = dict(zip([one.signal_id for one in told], await _signals(connection, told, streams), strict=True))
    praise = [lines[one.signal_id] for one in told if one.kind == "praise"]
    material = Material(praise=praise, signals=[lines[one.signal_id] for one in told if one.kind != "praise"])
    if due.cadence != "hourly":  # what is counted by days has no place in what comes by the hour
        org_ids = await store.below(connection, [place.id for place in places], granted)
        material = await _work(connection, material, org_ids, streams, since, until)
    digest = compose(
        material,
        name=actor.name,
        cadence=due.cadence,
        period=due.period,
        since=since,
        until=until,
        places=[place.name for place in places],
    )
    return Gathered(digest, tuple(one.alert_id for one in told))


def covered(due: Due, earlier: datetime) -> tuple[date, date]:
    """The whole days that a digest speaks of: from that of the one before to yesterday; today for an hourly one."""
    zone = ZoneInfo(due.time_zone)
    today = due.period.astimezone(zone).date()
    if due.cadence == "hourly":
        return today, today
    first = max(earlier, due.period - _LONGEST).astimezone(zone).date()
    until = today - timedelta(days=1)
    return min(first, until), until


async def _signals(connection: Connection, told: Sequence[DueAlert], streams: Sequence[str]) -> list[Line]:
    """A line for each alert: a row of bars where there are enough people, and a quote where the rule allows one."""
    many = {one.signal_id: one.until for one in told if one.observed is not None}
    weeks = await store.weeks(connection, many) if many else {}
    quotes = await store.quotes(connection, list(many), streams) if many else {}
    return [_signal(one, weeks.get(one.signal_id), quotes.get(one.signal_id)) for one in told]


def _signal(one: DueAlert, weeks: Sequence[int] | None, quote: str | None) -> Line:
    spark, words = sparkline(weeks) if weeks is not None else ("", "")
    return Line(one.headline, one.path, one.numbers, spark, words, None if quote is None else shortened(quote))


async def _work(
    connection: Connection,
    material: Material,
    org_ids: Sequence[UUID],
    streams: Sequence[str],
    since: date,
    until: date,
) -> Material:
    """The same with praise, what is overdue and what changed."""
    praise = await reading.praise(connection, org_ids, streams, since, until)
    late = await reading.overdue(connection, org_ids, until + timedelta(days=1), streams=streams)
    changed = await reading.changed(connection, org_ids, since, until, streams=streams)
    return replace(
        material,
        praise=[
            *material.praise,
            *(
                Line(f"{one.org_name}: {one.sentence}", one.path, quote=shortened(one.quote) if one.quote else None)
                for one in praise
            ),
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
