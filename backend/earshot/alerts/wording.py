"""Alerts in plain sentences that may leave the house: nobody's words, and no number of few people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from earshot.alerts.model import KIND_NAMES, Escalation, Subscription, Told, Wish
from earshot.measures.disclosure import told as shown
from earshot.signals import wording
from earshot.signals.model import FEWEST_STAFF

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROLE_NAMES = {
    "administrator": "administrators",
    "guardian": "Freedom to Speak Up guardians",
    "pals": "PALS officers",
    "manager": "managers",
    "quality_lead": "quality leads",
}
CHANNEL_NAMES = {
    "in_app": "In Earshot",
    "mail": "By e-mail",
    "webhook": "To another programme (webhook)",
    "calendar": "In your calendar",
    "atom": "In your feed reader (Atom)",
}
CADENCE_NAMES = {
    "at_once": "At once",
    "hourly": "Every hour",
    "daily": "Every day",
    "weekly": "Every week",
    "monthly": "Every month",
}
_BY = {
    "in_app": "in Earshot",
    "mail": "by e-mail",
    "webhook": "by a webhook",
    "calendar": "in the calendar",
    "atom": "in the Atom feed",
}
_FAILED = {
    "refused": "the mail was refused",
    "bounced": "the mail came back",
    "maybe_sent": "nobody can say whether the mail arrived",
    "late": "the mail did not leave in time",
    "unanswered": "the other programme did not answer",
    "not_allowed": "the other programme’s address is not allowed any more",
    "not_seen": "nobody looked in time",
}
_WENT = {
    "mail": {"waiting": "The e-mail is on its way.", "delivered": "The e-mail was handed over to the mail server."},
    "webhook": {"waiting": "The other programme is being called.", "delivered": "The other programme took it."},
    "in_app": {"waiting": "It waits in Earshot.", "delivered": "It was seen in Earshot."},
}
_STEP_WHY = {
    "raised": "when it was raised",
    "nobody_subscribed": "since nobody had subscribed",
    "not_acknowledged": "since nobody had acknowledged it in time",
    "not_delivered": "since no message could be delivered before",
}


def headline(told: Told) -> str:
    """What a signal is, where and since when: no number, and of an emerging theme not even its words."""
    place = wording.where(told.org_name, told.org_level)
    if told.kind == "one_comment":
        if "staff" in told.streams:  # one member of staff must not be looked for on a ward
            return "A comment from a member of staff may tell of immediate risk."
        return told.sentence
    if "staff" in told.streams and told.respondents is not None and told.respondents < FEWEST_STAFF:
        return "Something has changed in what a few members of staff say."
    since = f"since {wording.day(told.since, told.until)}"
    who = wording.speakers(told.streams)
    if told.kind == "silence":
        return f"Much less than usual is heard from {who} {place} {since}."
    if told.kind == "emerging":
        return f"Something new or growing is said by {who} {place} that fits no theme, {since}."
    if told.kind == "inequity":
        theme = f" about ‘{told.label}’" if told.label else ""
        return f"One group of people fares differently from others{theme} {place}, {since}."
    about = f" about {' and '.join(f'‘{theme}’' for theme in told.label.split('|'))}" if told.label else ""
    if told.kind == "co_signal":
        return f"{_capital(who)} both complain more{about} {place} {since}."
    change = "fallen" if told.kind == "fall" else "risen"
    return f"{_counted(told.measure)} from {who}{about} {place} have {change} {since}."


def told(signal: Told) -> str:
    """A signal in one sentence or two: the headline, and the protected numbers where they can be said."""
    return " ".join(part for part in (headline(signal), numbers(signal)) if part)


def numbers(told: Told) -> str:
    """How many, protected: "About 10 where about 5 were expected."; "" where that cannot be said."""
    observed, expected = protected(told)
    if told.urgent or not observed or expected is None:
        return ""
    were = f"about {expected} were" if expected else "next to none was"
    return f"About {observed} where {were} expected."


def protected(told: Told) -> tuple[int | None, int | None]:
    """Observed and expected as they may leave the house: to the nearest five, or None for too few to say."""
    expected = None if told.expected is None else shown(round(told.expected))
    return shown(told.observed), expected


def subscription(given: Subscription | Wish) -> str:
    """A subscription in a sentence: what, when and how."""
    how = " and ".join(_BY[channel] for channel in _BY if channel in given.channels)
    return f"{_what(given.kinds, given.themes, given.streams, given.least_ratio)}: {when(given)}, {how}."


def watch(
    kinds: Sequence[str], themes: Sequence[str], streams: Sequence[str], least_ratio: float | None, cadence: str
) -> str:
    """Somebody else's subscription in a sentence: what and how often."""
    return f"{_what(kinds, themes, streams, least_ratio)}: {_lower(CADENCE_NAMES[cadence])}."


def _what(kinds: Sequence[str], themes: Sequence[str], streams: Sequence[str], least_ratio: float | None) -> str:
    named = [_lower(name) for kind, name in KIND_NAMES.items() if kind in kinds]
    what = ", ".join(named) if named else "every warning and all praise"
    about = f" about {', '.join(themes)}" if themes else ""
    who = f" from {wording.speakers(streams)}" if streams else ""
    strong = f", at least {least_ratio:g} times what was expected" if least_ratio is not None else ""
    return _capital(f"{what}{about}{who}{strong}")


def watching(people: int, units: int, unwatched: int) -> str:
    """How well a place is watched, in a sentence."""
    who = "One person subscribes" if people == 1 else f"{people or 'No'} people subscribe"
    if not units:
        return f"{who} to something here."
    if not unwatched:
        return f"{who} to something here, and every unit is watched by somebody."
    what = f"{unwatched} of {units} units are" if unwatched > 1 else f"1 of {units} units is"
    return f"{who} to something here. {what} watched by nobody."


def when(given: Subscription | Wish) -> str:
    """When somebody is told, in words."""
    clock = f"{given.at_time:%H:%M}"
    zone = "" if given.time_zone == "Europe/London" else f" ({given.time_zone})"
    if given.cadence == "at_once":
        return "at once"
    if given.cadence == "hourly":
        return f"every hour at {given.at_time:%M} minutes past"
    if given.cadence == "daily":
        return f"every day at {clock}{zone}"
    if given.cadence == "weekly":
        return f"every {_DAYS[given.weekday - 1]} at {clock}{zone}"
    return f"on day {given.month_day} of every month at {clock}{zone}"


def delivery(channel: str, state: str, why: str | None, *, fallback: bool) -> str:
    """What became of one way that an alert went."""
    instead = " Another way had failed." if fallback else ""
    if state == "failed":
        return f"{CHANNEL_NAMES[channel]}: {_FAILED.get(why or '', 'it could not be delivered')}.{instead}"
    return _WENT[channel][state] + instead


def why(reason: str, given: Escalation | None = None) -> str:
    """Why somebody was told."""
    if reason == "deputy":
        return "You are the deputy for urgent warnings here, and nobody had taken this one up."
    if reason == "role":
        return "Nobody had taken this urgent warning up, so everybody with your role was told."
    return "You subscribed to this."


def step(name: str, reason: str, told: int) -> str:
    """A step of an urgent warning's way."""
    people = "one person" if told == 1 else f"{told} people"
    if name == "nobody":
        return "There was nobody left to tell."
    who = {"subscribers": "Subscribers were told", "deputy": "The deputy was told", "role": "A whole role was told"}
    return f"{who[name]} ({people}), {_STEP_WHY[reason]}."


def chain(rule: Escalation, acknowledge_hours: float) -> list[str]:
    """An escalation in plain steps."""
    deputy = rule.deputy_name or None
    hours = "1 hour" if acknowledge_hours == 1 else f"{acknowledge_hours:g} hours"
    steps = ["Everybody who subscribed to immediate risk here is told at once, also in their quiet hours."]
    if deputy is not None:
        steps.append(f"If nobody has acknowledged it after {hours}, or nobody subscribed, {deputy} is told.")
        steps.append(
            f"If {deputy} has not acknowledged it after {minutes(rule.deputy_minutes)}, all {ROLE_NAMES[rule.role]} of"
            " this place are told."
        )
    else:
        steps.append(
            f"If nobody has acknowledged it after {hours}, or nobody subscribed, all {ROLE_NAMES[rule.role]} of this"
            " place are told."
        )
    steps.append(
        f"A message that is not proven to have left after {minutes(rule.delivery_minutes)} goes another way, and where"
        " there is none, to the next person."
    )
    return steps


def minutes(number: int) -> str:
    """A number of minutes in words: "1 hour", "90 minutes"."""
    if number % 60 == 0:
        return "1 hour" if number == 60 else f"{number // 60} hours"
    return "1 minute" if number == 1 else f"{number} minutes"


def moment(at: datetime) -> str:
    """A moment as people say it."""
    return f"{at.day} {at:%B} {at.year}, {at:%H:%M}"


def _counted(measure: str) -> str:
    if measure in ("theme_negative", "negative"):
        return "Negative comments"
    if measure == "positive":
        return "Comments without a complaint"
    if measure == "fft_poor":
        return "Poor scores"
    return "Responses" if measure == "responses" else "Comments"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
