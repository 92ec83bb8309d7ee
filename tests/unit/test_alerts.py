"""Alerts without a database: who is told of what, when, over which channel, and in which words."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from earshot.alerts import feeds, routing, schedule, watching, webhooks, wording
from earshot.alerts.letters import letter
from earshot.alerts.model import Cadence, Escalation, Subscription, Told, Wish
from earshot.core.errors import Invalid
from earshot.orgs.model import Org
from earshot.people.model import Actor, Grant, Role, Stream
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from standardwebhooks import Webhook, WebhookVerificationError

LONDON = ZoneInfo("Europe/London")
TRUST, WARD, OTHER = uuid4(), uuid4(), uuid4()
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def told(**given: Any) -> Told:
    """A rise of complaints about discharge on Oak Ward: ten where four were expected."""
    known: dict[str, Any] = {
        "id": uuid4(), "kind": "rise", "meaning": "concern", "org_id": WARD, "org_name": "Oak Ward",
        "org_level": "team", "above": [TRUST, WARD], "streams": ["patient"], "measure": "theme_negative",
        "label": "Discharge", "about": "", "since": date(2026, 3, 2), "until": date(2026, 3, 8), "observed": 10,
        "expected": 4.0, "statistic": 3.0, "respondents": 9, "sentence": "Its own sentence with 10 and 4.",
        "state": "new", "going_on": True, "due_at": None, "turn": 1,
    }  # fmt: skip
    return Told(**{**known, **given})


def subscription(**given: Any) -> Subscription:
    """Everything at the trust, at once, in Earshot and by mail."""
    known: dict[str, Any] = {
        "id": uuid4(), "account_id": uuid4(), "org_id": TRUST, "org_name": "Our Trust", "streams": [], "themes": [],
        "kinds": [], "least_ratio": None, "channels": ["in_app", "mail"], "cadence": "at_once", "at_time": time(8),
        "weekday": 1, "month_day": 1, "time_zone": "Europe/London", "quiet_from": None, "quiet_until": None,
        "weekly_cap": None, "webhook_url": None, "snoozed_until": None, "made_on": date(2026, 1, 1), "ended_on": None,
    }  # fmt: skip
    return Subscription(**{**known, **given})


def actor(*roles: tuple[Role, UUID], account_id: UUID | None = None) -> Actor:
    grants = tuple(Grant(role, place, "") for role, place in roles)
    return Actor(account_id or uuid4(), "Ada", "ada@invented.example", grants)


def planned(signal: Told, *subscriptions: Subscription, role: Role = Role.QUALITY_LEAD) -> list[routing.Planned]:
    people = {each.account_id: actor((role, TRUST), account_id=each.account_id) for each in subscriptions}
    return routing.plan(signal, subscriptions, people, NOW)


RISK = told(kind="one_comment", label="danger_now", observed=1, expected=None, statistic=0.9, respondents=1)


@pytest.mark.parametrize(
    ("asked", "signal", "met"),
    [
        ({}, told(), True),
        ({"org_id": OTHER}, told(), False),
        ({"streams": ["carer"]}, told(), False),
        ({"streams": ["staff"]}, told(kind="co_signal", streams=["patient", "staff"]), True),
        ({"kinds": ["fall"]}, told(), False),
        ({"themes": ["Discharge"]}, told(label="Food|Discharge"), True),
        ({"themes": ["Food"]}, told(), False),
        ({"themes": ["Food"]}, told(kind="silence", label=""), False),
        ({"least_ratio": 2.5}, told(), True),
        ({"least_ratio": 2.6}, told(), False),
        ({"least_ratio": 2.0}, told(kind="fall", observed=4, expected=8.0), True),
        ({"least_ratio": 100.0}, told(kind="silence", observed=0, expected=8.0, label=""), True),
        ({"themes": ["Food"], "least_ratio": 100.0}, RISK, True),
        ({"kinds": ["praise"]}, RISK, False),
    ],
)
def test_a_subscription_meets_what_it_asks_for(asked: dict[str, Any], signal: Told, met: bool) -> None:
    assert routing.meets(subscription(**asked), signal) is met


def test_strength_counts_both_ways() -> None:
    assert routing.strength(told()) == routing.strength(told(observed=4, expected=10.0)) == 2.5
    assert routing.strength(told(expected=None)) == math.inf


@pytest.mark.parametrize(
    ("roles", "signal", "seen"),
    [
        ([(Role.MANAGER, WARD)], told(), True),
        ([(Role.MANAGER, OTHER)], told(), False),
        ([(Role.MANAGER, TRUST)], told(streams=["staff"]), False),
        ([(Role.QUALITY_LEAD, TRUST)], told(streams=["staff"], respondents=5), True),
        ([(Role.QUALITY_LEAD, TRUST)], told(streams=["staff"], respondents=4), False),
        ([(Role.GUARDIAN, TRUST)], told(streams=["staff"], respondents=1), True),
        ([(Role.GUARDIAN, TRUST), (Role.MANAGER, OTHER)], told(streams=["staff"]), False),
        ([(Role.GUARDIAN, TRUST), (Role.QUALITY_LEAD, OTHER)], told(streams=["staff"], respondents=4), False),
        ([(Role.QUALITY_LEAD, TRUST)], replace(RISK, streams=["staff"]), True),
        ([], told(), False),
    ],
)
def test_somebody_is_told_only_of_what_they_may_see(roles: list[Any], signal: Told, seen: bool) -> None:
    assert routing.sees(actor(*roles), signal) is seen


def test_one_person_is_told_once_by_the_quickest_of_their_subscriptions() -> None:
    me = uuid4()
    weekly = subscription(account_id=me, cadence="weekly", channels=["mail", "atom"])
    at_once = subscription(account_id=me, channels=["in_app"], themes=["Discharge"])
    [one] = planned(told(), weekly, at_once)
    assert (one.subscription_id, one.cadence, one.channels, one.due_at) == (at_once.id, "at_once", ("in_app",), NOW)
    [other] = planned(told(label="Food"), weekly, at_once)
    assert (other.subscription_id, other.due_at, other.channels) == (weekly.id, None, ("mail",))
    [risk] = planned(RISK, weekly, at_once)
    assert (risk.urgent, risk.cadence, risk.channels, risk.due_at) == (True, "at_once", ("in_app", "mail"), NOW)


def test_quiet_hours_hold_back_everything_but_immediate_risk_and_snoozing_all_until_one_wakes() -> None:
    quiet = subscription(quiet_from=time(9), quiet_until=time(17, 30))
    assert planned(told(), quiet)[0].due_at == datetime(2026, 3, 10, 17, 30, tzinfo=UTC)
    assert planned(RISK, quiet)[0].due_at == NOW
    me, tomorrow = uuid4(), NOW + timedelta(days=1)
    asleep = subscription(account_id=me, snoozed_until=tomorrow)
    assert planned(RISK, asleep) == [], "others are told"
    assert planned(told(), asleep)[0].due_at == tomorrow
    [awake] = planned(told(), asleep, subscription(account_id=me, cadence="weekly"))
    assert awake.cadence == "weekly", "what sleeps holds nothing else back"
    assert len(planned(RISK, subscription(snoozed_until=NOW))) == 1, "awake again"


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-03-28T23:30", "2026-03-29T06:00"),  # the night is an hour shorter: seven o'clock is 06:00 UTC
        ("2026-10-24T23:30", "2026-10-25T07:00"),
        ("2026-06-01T05:59", "2026-06-01T06:00"),
        ("2026-06-01T06:00", None),
        ("2026-06-01T20:59", None),
        ("2026-06-01T21:00", "2026-06-02T06:00"),
    ],
)
def test_quiet_hours_over_midnight_end_by_the_clock_on_the_wall(at: str, ends: str | None) -> None:
    found = schedule.quiet(datetime.fromisoformat(f"{at}+00:00"), "Europe/London", time(22), time(7))
    assert found == (None if ends is None else datetime.fromisoformat(f"{ends}+00:00"))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times(),
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_quiet_hours_always_end_within_a_day_or_so(at: datetime, begin: time, end: time, zone: str) -> None:
    begin, end = begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    now = at.replace(tzinfo=UTC)
    ends = schedule.quiet(now, zone, begin, end)
    assert ends is None or timedelta() <= ends - now <= timedelta(hours=25)


def dues(wish: Subscription, first: datetime, last: datetime) -> list[datetime]:
    """What a scheduler does that looks every five minutes, and runs where what was last due is something new."""
    found, at = [schedule.last_due(wish, first)], first
    while (at := at + FIVE_MINUTES) <= last:
        due = schedule.last_due(wish, at)
        if due != found[-1]:
            found.append(due)
    return found[1:]


def test_promise_11_a_daily_job_at_half_past_one_runs_once_on_both_days_on_which_clocks_change() -> None:
    daily = subscription(cadence="daily", at_time=time(1, 30))
    spring = dues(daily, datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, 23, tzinfo=UTC))
    assert [due.astimezone(LONDON).isoformat() for due in spring] == [
        "2026-03-28T01:30:00+00:00",
        "2026-03-29T02:00:00+01:00",  # half past one does not exist that night
        "2026-03-30T01:30:00+01:00",
    ]
    autumn = dues(daily, datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, 23, tzinfo=UTC))
    assert [due.astimezone(LONDON).isoformat() for due in autumn] == [
        "2026-10-24T01:30:00+01:00",
        "2026-10-25T01:30:00+01:00",  # and not again at half past one an hour later
        "2026-10-26T01:30:00+00:00",
    ]


@given(
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(["hourly", "daily", "weekly", "monthly"]), st.times(), st.integers(1, 7), st.integers(1, 28),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_promise_11_what_was_last_due_and_what_is_next_leave_no_gap_and_never_overlap(
    zone: str, cadence: Cadence, at: time, weekday: int, month_day: int, moment: datetime
) -> None:
    wish = subscription(time_zone=zone, cadence=cadence, at_time=at, weekday=weekday, month_day=month_day)
    now = moment.replace(tzinfo=UTC)
    last, coming = schedule.last_due(wish, now), schedule.next_due(wish, now)
    assert last <= now < coming
    assert schedule.next_due(wish, last) == coming
    if cadence == "daily":
        days = coming.astimezone(ZoneInfo(zone)).date() - last.astimezone(ZoneInfo(zone)).date()
        assert days == timedelta(days=1), "once on every day of the wall's calendar"


def test_what_is_told_at_once_has_no_time_of_its_own() -> None:
    with pytest.raises(ValueError, match="at once"):
        schedule.next_due(subscription(), NOW)


def test_the_most_telling_comes_first() -> None:
    weak, strong, praise = told(statistic=1.0), told(statistic=9.0), told(statistic=20.0, meaning="improvement")
    assert sorted([praise, weak, RISK, strong], key=routing.telling) == [RISK, strong, weak, praise]
    assert [routing.left_this_week(*each) for each in ((None, 9), (3, 1), (3, 5))] == [None, 2, 0]


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (told(), "Negative comments from patients about ‘Discharge’ on Oak Ward have risen since 2 March."),
        (told(observed=12, expected=5.2), "risen since 2 March. About 10 where about 5 were expected."),
        (told(observed=4, expected=0.2), "have risen since 2 March."),
        (told(kind="silence", label="", observed=0, expected=12.0), "Much less than usual is heard from patients"),
        (told(kind="emerging", label=str(OTHER)), "Something new or growing is said by patients on Oak Ward"),
        (told(streams=["staff"], respondents=3), "Something has changed in what a few members of staff say."),
        (replace(RISK, streams=["staff"]), "A comment from a member of staff may tell of immediate risk."),
        (told(kind="co_signal", streams=["patient", "staff"]), "Patients and staff both complain more about"),
    ],
)
def test_headlines_carry_no_number_of_few_and_nobody_s_words(signal: Told, words: str) -> None:
    said = wording.told(signal)
    assert words in said and "Its own sentence" not in said
    assert str(OTHER) not in said and not any(f" {n} " in said for n in (1, 3, 4))


def test_a_mail_tells_no_place_in_its_subject_and_urgent_ones_cannot_be_unsubscribed() -> None:
    risk = replace(RISK, due_at=datetime(2026, 6, 1, 12, tzinfo=UTC), streams=["staff"])
    me = actor((Role.QUALITY_LEAD, TRUST))
    mail = letter(risk, me, "deputy", alert_id=OTHER, turn=2, console="https://earshot.example", unsubscribe=None)
    assert (mail.key, mail.subject) == (f"alert/{OTHER}/2", "Urgent: a comment may tell of immediate risk")
    assert "before 1 June 2026, 13:00 (BST)" in mail.text and "Oak Ward" not in mail.text
    assert f"https://earshot.example/signals/{risk.id}" in mail.text and "You are the deputy" in mail.text


def test_wishes_that_make_no_sense_are_refused() -> None:
    fields = list(Wish.__dataclass_fields__)
    good = {name: getattr(subscription(), name) for name in fields}
    assert Wish(**good).zone.key == "Europe/London"
    with pytest.raises(Invalid) as refused:
        Wish(**{**good, "time_zone": "Mars", "quiet_from": time(1), "channels": ["webhook"]})
    assert [error.field for error in refused.value.fields] == ["time_zone", "quiet_until", "webhook_url"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://hooks.example.org/a", True),
        ("http://hooks.example.org/a", False),
        ("https://hooks.example.org:444/a", False),
        ("https://evil.example/?hooks.example.org", False),
        ("https://hooks.example.org@evil.example/", False),
        ("https://hooks.example.org.evil.example/", False),
        ("http://10.0.0.5:8080/x", True),
        ("https://10.0.0.5:8080/x", False),
        ("ftp://hooks.example.org/a", False),
        ("https://[hooks.example.org/a", False),
    ],
)
def test_only_listed_hosts_are_called(url: str, allowed: bool) -> None:
    assert webhooks.permitted(url, ("hooks.example.org", "http://10.0.0.5:8080")) is allowed
    assert not webhooks.permitted(url, ())


def test_a_webhook_s_body_is_signed_and_carries_nobody_s_words(tmp_path: Any) -> None:
    key = webhooks.WebhookKey(tmp_path)
    secret = key.secret(TRUST)
    assert secret == webhooks.WebhookKey(tmp_path).secret(TRUST) != key.secret(OTHER)
    body = webhooks.body(OTHER, told(observed=12), "https://earshot.example/signals/1", NOW)
    data = json.loads(body)["data"]
    assert (data["observed"], data["expected"]) == (10, None), "to the nearest five, and four is too few to say"
    assert "Its own sentence" not in body and "9" not in str(data.get("respondents", ""))
    at = datetime.now(UTC)
    name = f"msg_{OTHER.hex}"
    headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp()))}
    headers["webhook-signature"] = Webhook(secret).sign(name, at, body)
    assert Webhook(secret).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace("rise", "fall"), headers)


def test_feeds_are_read_by_other_programs_and_nothing_in_them_is_markup() -> None:
    nasty = '<script>alert(1)</script> & "ward"\x0b\nBEGIN:VEVENT'
    entry = feeds.Entry(OTHER, nasty, "About 10.", NOW, "/signals/1")
    raw = feeds.atom(TRUST, [entry], console="https://earshot.example", now=NOW)
    root = ElementTree.fromstring(raw)
    space = {"a": feeds.ATOM}
    assert root.findtext("a:entry/a:title", namespaces=space) == nasty.replace("\x0b", " ")
    assert b"<script" not in raw and root.findtext("a:updated", namespaces=space) == "2026-03-10T12:00:00Z"
    link = root.find("a:entry/a:link", space)
    assert link is not None and link.get("href") == "https://earshot.example/signals/1"
    events = [
        feeds.Event("due-1", f"Overdue: {nasty}", NOW, NOW, "/signals/1"),
        feeds.Event("review-1", "Look again", date(2026, 4, 7), NOW, "/signals/2"),
    ]
    read = Calendar.from_ical(feeds.calendar(events, console="https://earshot.example"))
    made = list(read.walk("VEVENT"))
    assert [str(each["uid"]) for each in made] == ["due-1@earshot", "review-1@earshot"], "no event was smuggled in"
    assert made[0].decoded("dtstart") == NOW and made[1].decoded("dtstart") == date(2026, 4, 7)


def org(org_id: UUID, parent: UUID | None, name: str, *, closed: bool = False) -> Org:
    closed_on = date(2026, 1, 1) if closed else None
    return Org(org_id, parent, "team", name, None, name, None, True, closed_on, None)


def watch(place: UUID, roles: Sequence[str] = ("guardian",), **given: Any) -> watching.Watch:
    known: dict[str, Any] = {
        "id": uuid4(), "account_id": uuid4(), "name": "Ada", "place_id": place, "place_name": "", "streams": [],
        "themes": [], "kinds": [], "least_ratio": None, "channels": ["mail"], "cadence": "weekly",
        "snoozed_until": None, "roles": list(roles),
    }  # fmt: skip
    return watching.Watch(**{**known, **given})


def test_a_unit_is_watched_wholly_in_part_or_by_nobody() -> None:
    elm, shut = uuid4(), uuid4()
    tree = [
        org(TRUST, None, "Trust"),
        org(WARD, TRUST, "Oak"),
        org(elm, TRUST, "Elm"),
        org(shut, TRUST, "Shut", closed=True),
    ]

    def states(*watches: watching.Watch) -> dict[str, Any]:
        found = watching.watched(tree, TRUST, watches, tuple(Stream), NOW)
        return {unit.name: (unit.state, unit.nobody_for, unit.in_part) for unit in found}

    nobody: Any = ("nobody", list(Stream), [])
    assert states() == {"Oak": nobody, "Elm": nobody}, "closed places need nobody"
    assert states(watch(WARD))["Oak"] == ("watched", [], []) and states(watch(WARD))["Elm"] == nobody
    assert states(watch(TRUST))["Elm"] == ("watched", [], [])
    assert states(watch(OTHER))["Elm"] == ("watched", [], []), "from a place above that is out of sight"
    assert states(watch(WARD, snoozed_until=NOW + timedelta(days=1)))["Oak"] == nobody
    assert states(watch(WARD, ("manager",)))["Oak"] == ("in_part", [Stream.STAFF], [])
    assert states(watch(WARD, ("guardian", "manager")))["Oak"] == ("in_part", [Stream.STAFF], []), (
        "only what all roles read"
    )
    assert states(watch(WARD, kinds=["one_comment"]))["Oak"] == ("in_part", [], list(Stream))
    assert states(watch(WARD, ("manager",), streams=["staff"]))["Oak"] == nobody, "asked for what they may not read"


def test_the_chain_is_said_in_plain_steps() -> None:
    rule = Escalation(TRUST, "Trust", uuid4(), "Bo Deputy", "guardian", 30, 10)
    said = " ".join(wording.chain(rule, 4))
    assert "after 4 hours" in said and "Bo Deputy is told" in said and "after 30 minutes, all Freedom to" in said
    assert "Bo" not in " ".join(wording.chain(replace(rule, deputy_id=None, deputy_name=None), 1))
