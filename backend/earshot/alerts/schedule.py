"""When something is due: by the clock on the wall of a time zone, once on the days on which clocks change. Pure.

A time that the wall clock skips in spring runs at the first time after the gap; one that it shows twice in autumn runs
the first time only (as Debian's cron does).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim

from earshot.alerts.model import Cadence

_LOOK_BACK = {
    "hourly": timedelta(hours=3),
    "daily": timedelta(days=3),
    "weekly": timedelta(days=15),
    "monthly": timedelta(days=63),
}


class Scheduled(Protocol):
    """What is told by the clock: a subscription, or a wish for one. `weekday` 1 is Monday."""

    @property
    def cadence(self) -> Cadence: ...
    @property
    def at_time(self) -> time: ...
    @property
    def weekday(self) -> int: ...
    @property
    def month_day(self) -> int: ...
    @property
    def time_zone(self) -> str: ...


def expression(given: Scheduled) -> str:
    """The cadence as a cron expression of five fields; raises `ValueError` for what is told at once."""
    minute, hour = given.at_time.minute, given.at_time.hour
    if given.cadence == "hourly":
        return f"{minute} * * * *"
    if given.cadence == "daily":
        return f"{minute} {hour} * * *"
    if given.cadence == "weekly":
        return f"{minute} {hour} * * {given.weekday % 7}"
    if given.cadence == "monthly":
        return f"{minute} {hour} {given.month_day} * *"
    raise ValueError("What is told at once has no time of its own.")


def next_due(given: Scheduled, now: datetime) -> datetime:
    """The first time after `now` (UTC)."""
    return _after(given, now)


def last_due(given: Scheduled, now: datetime) -> datetime:
    """The newest time that is not after `now` (UTC). It is found forwards, so that it is always one `next_due` gave."""
    due = _after(given, now - _LOOK_BACK[given.cadence])
    while (later := _after(given, due)) <= now:
        due = later
    return due


def _after(given: Scheduled, now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return next(CronSim(expression(given), now.astimezone(ZoneInfo(given.time_zone)))).astimezone(UTC)


def quiet(now: datetime, time_zone: str, quiet_from: time | None, quiet_until: time | None) -> datetime | None:
    """When the quiet hours that hold at `now` end (UTC); None outside of them. They may go over midnight."""
    if quiet_from is None or quiet_until is None:
        return None
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    over_midnight = quiet_until < quiet_from
    within = clock >= quiet_from or clock < quiet_until if over_midnight else quiet_from <= clock < quiet_until
    if not within:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= quiet_from else 0)
    ends = datetime.combine(day, quiet_until, zone)
    return max(ends.astimezone(UTC), now)
