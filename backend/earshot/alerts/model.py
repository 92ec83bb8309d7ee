"""What somebody subscribes to, what they were told, and who answers for what is urgent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from earshot.core.errors import EarshotError, FieldError, Invalid
from earshot.signals.model import KINDS, Kind, Meaning, State

Channel = Literal["in_app", "mail", "webhook", "calendar", "atom"]
Cadence = Literal["at_once", "hourly", "daily", "weekly", "monthly"]
Why = Literal["subscribed", "deputy", "role"]
Step = Literal["subscribers", "deputy", "role", "nobody"]
StepWhy = Literal["raised", "nobody_subscribed", "not_acknowledged", "not_delivered"]
DeliveryState = Literal["waiting", "delivered", "failed"]

CHANNELS: tuple[Channel, ...] = ("in_app", "mail", "webhook", "calendar", "atom")
CADENCES: tuple[Cadence, ...] = ("at_once", "hourly", "daily", "weekly", "monthly")
#: What a kind of signal is called where people choose.
KIND_NAMES: dict[Kind, str] = {
    "one_comment": "Immediate risk in one comment",
    "co_signal": "Staff and patients complain of the same",
    "rise": "Something rises",
    "silence": "A place falls silent",
    "emerging": "Something new that fits no theme",
    "inequity": "One group fares worse",
    "fall": "Something falls",
    "praise": "Praise",
}
URGENT: Kind = "one_comment"
OPEN_STATES: tuple[State, ...] = ("new", "reopened")
DEPUTY_MINUTES, DELIVERY_MINUTES = 60, 10
ROLE_OTHERWISE: Final = "quality_lead"  # who is told last where a place has no rule of its own
TIME_ZONES = (
    "Europe/London", "Europe/Dublin", "Europe/Jersey", "Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Gibraltar",
    "Europe/Paris", "Europe/Berlin", "Asia/Nicosia", "Atlantic/Stanley", "UTC",
)  # fmt: skip

assert set(KIND_NAMES) == set(KINDS)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


class SubscriptionEnded(EarshotError):
    """This subscription has ended. Restore it first."""

    status = 409


@dataclass(frozen=True)
class Subscription:
    """What somebody wants to be told of: where, who spoke, what about, how strong; and when and how.

    Empty `streams`, `themes` and `kinds` mean all. `least_ratio` is how many times as much as expected (or as little).
    `at_time`, `weekday` (1 Monday), `month_day` and the quiet hours are those of `time_zone`.
    """

    id: UUID
    account_id: UUID
    org_id: UUID
    org_name: str
    streams: list[str]
    themes: list[str]
    kinds: list[str]
    least_ratio: float | None
    channels: list[str]
    cadence: Cadence
    at_time: time
    weekday: int
    month_day: int
    time_zone: str
    quiet_from: time | None
    quiet_until: time | None
    weekly_cap: int | None
    webhook_url: str | None
    snoozed_until: datetime | None
    made_on: date
    ended_on: date | None

    def asleep(self, now: datetime) -> bool:
        """Whether it is snoozed at a moment."""
        return self.snoozed_until is not None and self.snoozed_until > now


@dataclass(frozen=True)
class Wish:
    """A subscription as somebody asks for it; raises `Invalid` naming each field that makes no sense."""

    org_id: UUID
    streams: Sequence[str]
    themes: Sequence[str]
    kinds: Sequence[str]
    least_ratio: float | None
    channels: Sequence[str]
    cadence: Cadence
    at_time: time
    weekday: int
    month_day: int
    time_zone: str
    quiet_from: time | None
    quiet_until: time | None
    weekly_cap: int | None
    webhook_url: str | None

    def __post_init__(self) -> None:
        wrong = list(self._wrong())
        if wrong:
            raise Invalid(fields=wrong)

    def _wrong(self) -> list[FieldError]:
        wrong = []
        if self.time_zone not in _time_zones():
            wrong.append(FieldError("time_zone", "Choose a time zone from the list."))
        if (self.quiet_from is None) != (self.quiet_until is None):
            wrong.append(FieldError("quiet_until", "Give both ends of the quiet hours, or neither."))
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            wrong.append(FieldError("quiet_until", "Quiet hours must end at another time than they begin."))
        if ("webhook" in self.channels) != (self.webhook_url is not None):
            wrong.append(FieldError("webhook_url", "Give the address of the other programme, or leave webhooks out."))
        if "webhook" in self.channels and self.cadence != "at_once":
            wrong.append(FieldError("cadence", "A webhook is called at once. Choose that, or leave webhooks out."))
        return wrong

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its hours."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True)
class Told:
    """A signal as routing and telling need it, with the places at and above its own."""

    id: UUID
    kind: Kind
    meaning: Meaning
    org_id: UUID
    org_name: str
    org_level: str
    above: list[UUID]
    streams: list[str]
    measure: str
    label: str
    about: str
    since: date
    until: date
    observed: int
    expected: float | None
    statistic: float | None
    respondents: int | None
    sentence: str  # the signal's own, with its numbers
    state: State
    going_on: bool
    due_at: datetime | None
    turn: int  # 1, and one more for each time that it was opened again

    @property
    def urgent(self) -> bool:
        """Whether it may tell of immediate risk."""
        return self.kind == URGENT

    @property
    def acted_on(self) -> bool:
        """Whether somebody has taken it up or closed it, so that colleagues need no telling."""
        return self.state not in OPEN_STATES


@dataclass(frozen=True)
class Escalation:
    """Who is told when nobody answers an urgent warning of a place: a deputy first, then everybody with a role."""

    org_id: UUID
    org_name: str
    deputy_id: UUID | None
    deputy_name: str | None
    role: str
    deputy_minutes: int
    delivery_minutes: int


@dataclass(frozen=True)
class DueAlert:
    """An alert for a digest, in words that may leave the house.

    `headline` says what, where and since when; `numbers` how many, protected, or nothing. `observed` and `expected` are
    to the nearest five, None for too few to say. `label` is the theme, several with `|` between them, or an id that
    nobody should read (of an emerging theme). `path` is the page of the evidence in the console.
    """

    alert_id: UUID
    subscription_id: UUID
    signal_id: UUID
    kind: Kind
    meaning: Meaning
    org_id: UUID
    org_name: str
    label: str
    streams: list[str]
    headline: str
    numbers: str
    since: date
    until: date
    observed: int | None
    expected: int | None
    path: str
