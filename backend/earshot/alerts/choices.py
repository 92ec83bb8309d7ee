"""What the subscription form offers, and the subscriptions that fit somebody's roles. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from uuid import UUID

from earshot.alerts.answers import Choice, Choices, SubscriptionIn, Suggested
from earshot.alerts.model import CADENCES, CHANNELS, KIND_NAMES, TIME_ZONES, URGENT
from earshot.alerts.wording import CADENCE_NAMES, CHANNEL_NAMES
from earshot.people.matrix import ACTIONS
from earshot.people.model import Actor, Grant, Stream
from earshot.taxonomy.frameworks import frameworks

_STREAM_NAMES = {Stream.PATIENT: "Patients", Stream.CARER: "Carers", Stream.STAFF: "Staff"}


def choices(
    actor: Actor, names: Mapping[UUID, str], webhook_hosts: Sequence[str], feed_made_on: date | None
) -> Choices:
    """What somebody may choose from; `names` are those of the places in sight, webhooks only where hosts are listed."""
    streams = actor.streams
    themes = dict.fromkeys(
        name for one in frameworks() if {str(stream) for stream in streams} & set(one.streams) for name in one.names
    )
    return Choices(
        streams=[Choice(id=stream, name=_STREAM_NAMES[stream]) for stream in streams],
        themes=[Choice(id=name, name=name) for name in themes],
        kinds=[Choice(id=kind, name=name) for kind, name in KIND_NAMES.items()],
        channels=[
            Choice(id=channel, name=CHANNEL_NAMES[channel])
            for channel in CHANNELS
            if channel != "webhook" or webhook_hosts
        ],
        cadences=[Choice(id=cadence, name=CADENCE_NAMES[cadence]) for cadence in CADENCES],
        time_zones=list(TIME_ZONES),
        webhook_hosts=list(webhook_hosts),
        suggested=[each for grant in _places(actor) for each in _suggested(grant, names[grant.org_id])],
        feed_made_on=feed_made_on,
    )


def _places(actor: Actor) -> list[Grant]:
    """One grant for each place of somebody, one that may act on warnings first."""
    ordered = sorted(actor.grants, key=lambda grant: "triage" not in ACTIONS[grant.role])
    return list({grant.org_id: grant for grant in reversed(ordered)}.values())[::-1]


def _suggested(grant: Grant, name: str) -> list[Suggested]:
    found = []
    if "triage" in ACTIONS[grant.role]:
        found.append(
            Suggested(
                title=f"Immediate risk at {name}, at once",
                why="Your role can act on it, and hours matter.",
                subscription=SubscriptionIn(
                    org_id=grant.org_id, kinds=[URGENT], channels=["in_app", "mail"], cadence="at_once"
                ),
            )
        )
    found.append(
        Suggested(
            title=f"All that is new at {name}, every Monday",
            why="One mail a week: praise first, then what is new and what is overdue.",
            subscription=SubscriptionIn(
                org_id=grant.org_id, channels=["in_app", "mail"], cadence="weekly", at_time=time(8), weekday=1
            ),
        )
    )
    return found
