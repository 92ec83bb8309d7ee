"""Composing digests: praise first, one screen, nothing of few people, nothing from another address."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from earshot.alerts.model import Subscription
from earshot.core.crypto import KeyFiles
from earshot.core.mail_stop import stopping, unsubscribe_path
from earshot.digests.compose import Material, compose, days, intro, shortened, sparkline, subject
from earshot.digests.due import due, earlier, together
from earshot.digests.gather import covered
from earshot.digests.html import html, unsubscribe_page
from earshot.digests.model import Digest, Line, all_streams
from earshot.digests.notice import day_of
from earshot.digests.stages import state_of
from earshot.digests.store import Before
from earshot.digests.text import text
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)
CONSOLE = "https://earshot.trust.example"


def line(words: str, **changes: object) -> Line:
    return replace(Line(words, "/signals/1"), **changes)  # type: ignore[arg-type]


def digest(material: Material, **changes: object) -> Digest:
    fields: dict[str, object] = {
        "name": "Ada", "cadence": "weekly", "period": MONDAY, "since": date(2026, 2, 23), "until": date(2026, 3, 1),
        "places": ["Ward 7"],
    }  # fmt: skip
    return compose(material, **{**fields, **changes})  # type: ignore[arg-type]


FULL = Material(
    praise=[line("Ward 7: about 15 people praised the team.", path="/praise?org=1", quote="So kind to my mother")],
    signals=[
        line(
            "Negative comments about ‘Discharge’ have risen.", numbers="About 10 where about 5 were expected.",
            spark="▁▂█", spark_words="3 weeks, the last: about 15", quote="We waited <five> hours & nobody told us",
        )
    ],
    overdue=[line("Quieter bins, Ward 7", path="/actions/2", numbers="It should have been done on 1 March 2026.")],
    changed=[line("Call bells, Ward 7: it helped.", path="/actions/3")],
    newly_overdue=True,
)  # fmt: skip


def test_praise_stands_first_and_work_last() -> None:
    sections = digest(replace(FULL)).sections
    assert [section.id for section in sections] == ["praise", "signals", "overdue", "changed"]


def test_what_does_not_fit_on_one_screen_is_a_link() -> None:
    made = digest(Material(signals=[line(f"Signal {n}") for n in range(12)]))
    assert len(made.sections[0].lines) == 4 and made.sections[0].more == 8
    assert f"- And 8 more\n  {CONSOLE}/signals" in text(made, console=CONSOLE, unsubscribe="/u")
    assert "12 new signals" in subject(made)


def test_old_overdue_work_alone_is_no_news() -> None:
    late = Material(overdue=[line("Bins")])
    assert not digest(late).news
    assert digest(replace(late, newly_overdue=True)).news
    assert not digest(Material()).news


def test_every_line_opens_its_evidence_in_both_kinds_of_mail() -> None:
    made = digest(FULL)
    plain = text(made, console=CONSOLE, unsubscribe="/unsubscribe/x")
    page = html(made, console=CONSOLE, unsubscribe="/unsubscribe/x")
    for path in ("/praise?org=1", "/signals/1", "/actions/2", "/actions/3", "/unsubscribe/x"):
        assert f"{CONSOLE}{path}" in plain
        assert f'href="{CONSOLE}{path}"' in page
    assert max(map(len, plain.splitlines())) <= 78


def test_the_html_mail_loads_nothing_and_runs_nothing() -> None:
    page = html(digest(FULL), console=CONSOLE, unsubscribe="/unsubscribe/x")
    addresses = {address for address in re.findall(r"https?://[^\s\"'<>)]+", page) if not address.startswith(CONSOLE)}
    assert all("w3.org" in address for address in addresses), addresses
    assert re.findall(r"<(?:img|script|link|iframe|object|form|input)\b", page, re.IGNORECASE) == []
    assert "url(" not in page and "@import" not in page
    assert "We waited &lt;five&gt; hours &amp; nobody told us" in page
    assert 'lang="en-GB"' in page and "width=device-width" in page


@how(max_examples=40)
@given(words=ANY, quote=ANY, place=ANY)
def test_whatever_a_theme_a_place_or_a_quote_is_called_the_mail_is_whole(words: str, quote: str, place: str) -> None:
    made = digest(Material(signals=[line(words, quote=quote)]), places=[place])
    page = html(made, console=CONSOLE, unsubscribe="/u")
    assert "Stop these mails" in page and page.count("<html") == 1
    assert f"{CONSOLE}/signals/1" in text(made, console=CONSOLE, unsubscribe="/u")


def test_nothing_new_says_so_and_no_more() -> None:
    made = digest(Material())
    assert subject(made) == "Nothing new this week: Ward 7"
    assert intro(made).startswith("Nothing new was heard about Ward 7 from 23 February to 1 March 2026.")
    assert "WARNINGS" not in text(made, console=CONSOLE, unsubscribe="/u")


@pytest.mark.parametrize(
    ("before", "state"),
    [
        (None, "nothing_new"),
        (Before(MONDAY - timedelta(days=7), False, None), "nothing_new"),
        (Before(MONDAY - timedelta(days=7), True, MONDAY - timedelta(days=7)), "silent"),
        (Before(MONDAY - timedelta(days=1), False, MONDAY - timedelta(days=3)), "silent"),
        (Before(MONDAY - timedelta(days=1), False, MONDAY - timedelta(days=8)), "nothing_new"),
    ],
)
def test_nothing_new_is_said_once_and_weekly_at_most(before: Before | None, state: str) -> None:
    assert state_of(digest(Material()), before, MONDAY) == state
    assert state_of(digest(FULL), before, MONDAY) == "news"


@pytest.mark.parametrize(
    ("counts", "bars", "words"),
    [
        ([0, 10, 20], "▁▅█", "3 weeks, the last: about 20"),
        ([0, 3, 20], "▁·█", "3 weeks, the last: about 20, a dot for too few to say"),
        ([10, 4], "█·", "2 weeks, the last: too few to say, a dot for too few to say"),
        ([11, 0], "█▁", "2 weeks, the last: none"),
        ([1, 2, 3], "", ""),
        ([0, 0], "", ""),
        ([], "", ""),
    ],
)
def test_promise_32_a_row_of_bars_tells_nothing_of_few_people(counts: list[int], bars: str, words: str) -> None:
    assert sparkline(counts) == (bars, words)


@given(counts=st.lists(st.integers(0, 60), min_size=1, max_size=12), where=st.integers(0, 11), other=st.integers(1, 4))
def test_promise_32_one_to_four_people_look_the_same_in_a_row_of_bars(
    counts: list[int], where: int, other: int
) -> None:
    few = [other if at == where % len(counts) else n for at, n in enumerate(counts)]
    same = [1 if at == where % len(counts) else n for at, n in enumerate(counts)]
    assert sparkline(few) == sparkline(same)


def test_a_long_quote_is_cut_at_a_word() -> None:
    cut = shortened("word " * 100)
    assert len(cut) < 225 and cut.endswith("word …")
    assert shortened("short\n one") == "short one"


def test_days_are_said_as_people_say_them() -> None:
    assert days(date(2026, 3, 2), date(2026, 3, 2)) == "on 2 March 2026"
    assert days(date(2026, 3, 2), date(2026, 3, 8)) == "2 to 8 March 2026"
    assert days(date(2025, 12, 29), date(2026, 1, 4)) == "29 December 2025 to 4 January 2026"


def subscription(**changes: object) -> Subscription:
    fields: dict[str, object] = {
        "id": uuid4(), "account_id": UUID(int=1), "org_id": UUID(int=2), "org_name": "Ward 7", "streams": [],
        "themes": [], "kinds": [], "least_ratio": None, "channels": ["mail"], "cadence": "daily",
        "at_time": time(8), "weekday": 1, "month_day": 1, "time_zone": "Europe/London", "quiet_from": None,
        "quiet_until": None, "weekly_cap": None, "webhook_url": None, "snoozed_until": None,
        "made_on": date(2026, 1, 5), "ended_on": None,
    }  # fmt: skip
    return Subscription(**{**fields, **changes})  # type: ignore[arg-type]


def test_what_is_due_at_one_moment_is_one_digest() -> None:
    ward, clinic = subscription(), subscription(org_id=UUID(int=3), streams=["patient"])
    evening = subscription(at_time=time(17))
    found = due([ward, clinic, evening], MONDAY + timedelta(minutes=3))
    assert {(one.period, len(one.subscription_ids)) for one in found} == {
        (MONDAY, 2),
        (datetime(2026, 3, 1, 17, tzinfo=UTC), 1),
    }
    assert earlier(together([ward], MONDAY), ward) == MONDAY - timedelta(days=1)


@pytest.mark.parametrize(
    "left_out",
    [{"cadence": "at_once"}, {"channels": ["in_app"]}, {"made_on": date(2026, 3, 2)}],
)
def test_no_digest_is_due_for_what_goes_another_way_or_was_asked_for_today(left_out: dict[str, object]) -> None:
    assert due([subscription(**left_out)], MONDAY + timedelta(minutes=3)) == []


def test_a_digest_speaks_of_whole_days_that_are_over() -> None:
    one = together([subscription(cadence="weekly")], MONDAY)
    assert covered(one, MONDAY - timedelta(days=7)) == (date(2026, 2, 23), date(2026, 3, 1))
    daily = together([subscription()], MONDAY)
    assert covered(daily, MONDAY - timedelta(days=1)) == (date(2026, 3, 1), date(2026, 3, 1))


def test_streams_are_those_asked_for_that_may_be_read() -> None:
    assert all_streams([frozenset({"staff"})], ["patient", "carer"]) == []
    assert all_streams([frozenset(), frozenset({"staff"})], ["patient", "carer"]) == ["patient", "carer"]


def test_the_reminder_is_due_from_nine_by_the_clock_on_the_wall() -> None:
    assert day_of(datetime(2026, 7, 1, 7, 59, tzinfo=UTC)) is None
    assert day_of(datetime(2026, 7, 1, 8, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert day_of(datetime(2026, 1, 7, 8, 59, tzinfo=UTC)) is None


@pytest.fixture
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    made = KeyFiles(tmp_path_factory.mktemp("keys"))
    made.create()
    return made


def test_an_address_to_end_mails_opens_for_its_own_mail_only(keys: KeyFiles) -> None:
    person, other = uuid4(), uuid4()
    token = unsubscribe_path(keys, person, "weekly").rpartition("/")[2]
    found = stopping(keys, token)
    assert found is not None and (found.account_id, found.about) == (person, "weekly")
    foreign = unsubscribe_path(keys, other, "daily").rpartition("/")[2]
    changes: list[Callable[[str], str]] = [
        lambda text: text[:-1], lambda text: "A" + text[1:], lambda text: text[:22] + foreign[22:], lambda _: "",
        lambda _: "ä", lambda text: text + "AAAA",
    ]  # fmt: skip
    for change in changes:
        assert stopping(keys, change(token)) is None
    assert stopping(keys, unsubscribe_path(keys, person, "everything").rpartition("/")[2]) is None


def test_the_page_that_ends_mails_needs_no_script() -> None:
    page = unsubscribe_page("asks", "your weekly digest")
    assert '<form method="post"><button' in page and "your weekly digest" in page
