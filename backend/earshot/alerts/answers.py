"""What the pages of alerts, subscriptions, watching and escalation get, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from earshot.alerts.model import (
    DELIVERY_MINUTES,
    DEPUTY_MINUTES,
    ROLE_OTHERWISE,
    Cadence,
    Channel,
    DeliveryState,
    Step,
    StepWhy,
    Why,
)
from earshot.people.model import Stream
from earshot.signals.model import Kind, Meaning, State

Theme = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Address = Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]
Zone = Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$")]
#: A time of the clock on the wall; JSON Schema's own "time" would want a time zone with it.
_WALL = WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"})
Clock = Annotated[time, AfterValidator(lambda given: given.replace(second=0, microsecond=0, tzinfo=None)), _WALL]
EscalationRole = Literal["administrator", "guardian", "pals", "manager", "quality_lead"]


_LONGEST_SNOOZE = timedelta(days=366)


def _within_a_year(given: datetime) -> datetime:
    if not 2000 <= given.year < 3000 or given - datetime.now(UTC) > _LONGEST_SNOOZE:
        raise ValueError("Choose a moment within the next year.")
    return given


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SubscriptionIn(_In):
    """What to be told of, when and how. Empty `streams`, `themes` and `kinds` mean all that one may see.

    `least_ratio` is how many times as much, or as little, as expected; immediate risk is told whatever it is. Hours are
    those of `time_zone`; `weekday` 1 is Monday. Quiet hours hold back everything but immediate risk.
    """

    org_id: UUID
    streams: list[Stream] = Field(default=[], max_length=3)
    themes: list[Theme] = Field(default=[], max_length=100)
    kinds: list[Kind] = Field(default=[], max_length=8)
    least_ratio: float | None = Field(default=None, ge=1, le=100)
    channels: list[Channel] = Field(min_length=1, max_length=5)
    cadence: Cadence
    at_time: Clock = time(8)
    weekday: int = Field(default=1, ge=1, le=7)
    month_day: int = Field(default=1, ge=1, le=28)
    time_zone: Zone = "Europe/London"
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None
    weekly_cap: int | None = Field(default=None, ge=1, le=100)
    webhook_url: Address | None = None


class SubscriptionOut(BaseModel):
    """One of one's own subscriptions. `sentence` says it in plain words; `next_due` is when its next digest comes."""

    id: UUID
    org_id: UUID
    org_name: str
    in_sight: bool
    streams: list[Stream]
    themes: list[str]
    kinds: list[Kind]
    least_ratio: float | None
    channels: list[Channel]
    cadence: Cadence
    at_time: Clock
    weekday: int
    month_day: int
    time_zone: str
    quiet_from: Clock | None
    quiet_until: Clock | None
    weekly_cap: int | None
    webhook_url: str | None
    snoozed_until: datetime | None
    made_on: date
    ended_on: date | None
    next_due: datetime | None
    sentence: str


class SubscriptionMade(SubscriptionOut):
    """A new subscription; `webhook_secret` proves to the other programme who calls, and is shown this once."""

    webhook_secret: str | None


class SnoozeIn(_In):
    """Until when to be left alone; null wakes the subscription."""

    until: Annotated[AwareDatetime, AfterValidator(_within_a_year)] | None


class Choice(BaseModel):
    """Something to choose, and what it is called."""

    id: str
    name: str


class Suggested(BaseModel):
    """A subscription that fits one's roles, to take with one click, and why."""

    title: str
    why: str
    subscription: SubscriptionIn


class Choices(BaseModel):
    """Everything that the subscription form offers. `webhook_hosts` is empty where webhooks are not on offer."""

    streams: list[Choice]
    themes: list[Choice]
    kinds: list[Choice]
    channels: list[Choice]
    cadences: list[Choice]
    time_zones: list[str]
    webhook_hosts: list[str]
    suggested: list[Suggested]
    feed_made_on: date | None


class FeedOut(BaseModel):
    """Addresses of one's own calendar and Atom feed; whoever has them can read them, and they are shown this once."""

    calendar: str
    atom: str


class DeliveryOut(BaseModel):
    """One way that an alert went; `sentence` says in words what became of it."""

    channel: Channel
    state: DeliveryState
    fallback: bool
    at: datetime
    sentence: str


class AlertOut(BaseModel):
    """Something that one was told of. `why` one was told; `sentence` is without anybody's words.

    `open` until somebody takes it up; `due_at` is when an urgent one must be acknowledged, and `overdue` where it was
    not. `path` is the page of its evidence.
    """

    id: UUID
    signal_id: UUID
    kind: Kind
    meaning: Meaning
    mark: str
    sentence: str
    org_id: UUID
    org_name: str
    since: date
    until: date
    state: State
    open: bool
    urgent: bool
    why: Why
    why_sentence: str
    made_at: datetime
    told_at: datetime | None
    seen_at: datetime | None
    due_at: datetime | None
    overdue: bool
    deliveries: list[DeliveryOut]
    path: str


class AlertCounts(BaseModel):
    """How many alerts one has not seen, and how many urgent ones nobody has taken up."""

    unseen: int
    urgent: int


class AlertList(BaseModel):
    """One's alerts: urgent and open first, then the newest."""

    items: list[AlertOut]
    counts: AlertCounts


class Watcher(BaseModel):
    """Who subscribes to what, without addresses; `whole` where nothing limits it to some themes, kinds or strength."""

    name: str
    org_id: UUID
    org_name: str
    streams: list[Stream]
    themes: list[str]
    kinds: list[Kind]
    least_ratio: float | None
    channels: list[Channel]
    cadence: Cadence
    snoozed: bool
    whole: bool
    sentence: str


class WatchedUnit(BaseModel):
    """A unit and who watches it. `nobody_for`: whose comments nobody watches; `in_part`: only for some things."""

    org_id: UUID
    name: str
    level: str
    watchers: int
    nobody_for: list[Stream]
    in_part: list[Stream]
    urgent: bool
    state: Literal["watched", "in_part", "nobody"]


class Unreached(BaseModel):
    """An urgent warning that was told to everybody there was to tell, and that nobody has taken up."""

    signal_id: UUID
    org_name: str
    since: datetime
    path: str


class WatchingOut(BaseModel):
    """Who is told of what at a place and below it, and which of its units nobody watches."""

    org_id: UUID
    org_name: str
    streams: list[Stream]
    watchers: list[Watcher]
    units: list[WatchedUnit]
    unwatched: int
    unreached: list[Unreached]
    sentence: str


class PersonOut(BaseModel):
    """Somebody who could be the deputy."""

    id: UUID
    name: str
    roles: list[str]


class EscalationIn(_In):
    """Who is told when nobody answers. Without a deputy the role is told next."""

    deputy_id: UUID | None = None
    role: EscalationRole = ROLE_OTHERWISE
    deputy_minutes: int = Field(default=DEPUTY_MINUTES, ge=5, le=1440)
    delivery_minutes: int = Field(default=DELIVERY_MINUTES, ge=1, le=240)


class StepOut(BaseModel):
    """A step of an urgent warning's way: who was told, when and why."""

    at: datetime
    signal_id: UUID
    org_name: str
    step: Step
    why: StepWhy
    told: int
    sentence: str


class EscalationOut(BaseModel):
    """Who answers for urgent warnings of a place. `from_id` is the place whose rule holds here, if any has one.

    `steps` says the chain in plain words; `people` may be chosen as deputy; `recent` are the newest steps taken.
    """

    org_id: UUID
    org_name: str
    own: bool
    from_id: UUID | None
    from_name: str | None
    deputy: PersonOut | None
    role: EscalationRole
    deputy_minutes: int
    delivery_minutes: int
    acknowledge_hours: float
    steps: list[str]
    people: list[PersonOut]
    roles: list[Choice]
    may_change: bool
    recent: list[StepOut]
