"""Subscriptions, alerts, watching and escalation through the console's door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4
from xml.etree import ElementTree

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn, role_settings, running
from earshot import apps
from earshot.alerts.feeds import ATOM
from house import House
from icalendar import Calendar

pytestmark = pytest.mark.slow

HERE = {"sec-fetch-site": "same-origin"}
WISH = {"channels": ["in_app", "mail"], "cadence": "weekly", "at_time": "07:30", "weekday": 5}


@dataclass(frozen=True)
class Desk:
    """A trust with two wards, and somebody of it."""

    house: House
    sign_in: SignIn
    lead: httpx.AsyncClient
    trust: UUID
    oak: UUID
    elm: UUID

    async def ask(
        self, method: str, path: str, status: int = 200, client: httpx.AsyncClient | None = None, **sent: Any
    ) -> Any:
        answer = await (client or self.lead).request(method, f"/api{path}", headers=HERE, **sent)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def house_rows(self, sql: str, *arguments: object) -> None:
        async with self.house.owner() as db:
            await db.execute(sql, *arguments)

    async def subscribe(self, client: httpx.AsyncClient | None = None, **given: Any) -> Any:
        wish = {"org_id": str(self.trust), **WISH, **given}
        return await self.ask("POST", "/subscriptions", 201, client, json=wish)


@pytest_asyncio.fixture
async def desk(house: House, signed_in: SignIn) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        oak, elm = [
            await make.org(db, code=f"W-{name}", name=f"{name} Ward", level="team", parent=trust)
            for name in ("Oak", "Elm")
        ]
    yield Desk(house, signed_in, await signed_in("quality_lead", trust), trust, oak, elm)


async def test_a_subscription_is_made_changed_snoozed_ended_and_restored(desk: Desk) -> None:
    choices = await desk.ask("GET", "/subscriptions/choices")
    assert [each["id"] for each in choices["channels"]] == ["in_app", "mail", "calendar", "atom"]
    assert choices["webhook_hosts"] == []
    suggested = choices["suggested"][0]
    assert suggested["title"] == "Immediate risk at Our Trust, at once"
    taken = await desk.ask("POST", "/subscriptions", 201, json=suggested["subscription"])
    assert taken["next_due"] is None and taken["webhook_secret"] is None
    made = await desk.subscribe(themes=["Transport"], streams=["patient"], least_ratio=2)
    assert made["sentence"] == (
        "Every warning and all praise about Transport from patients, at least 2 times what was expected:"
        " every Friday at 07:30, in Earshot and by e-mail."
    )
    path = f"/subscriptions/{made['id']}"
    changed = await desk.ask("PUT", path, json={"org_id": str(desk.oak), **WISH, "cadence": "daily"})
    assert (changed["org_name"], changed["themes"], changed["cadence"]) == ("Oak Ward", [], "daily")
    soon = datetime.now(UTC) + timedelta(days=9)
    asleep = await desk.ask("POST", f"{path}/snooze", json={"until": soon.isoformat()})
    assert datetime.fromisoformat(asleep["snoozed_until"]) == soon
    await desk.ask("POST", f"{path}/snooze", 422, json={"until": "2200-01-01T08:00:00Z"})
    assert (await desk.ask("POST", f"{path}/snooze", json={"until": None}))["snoozed_until"] is None
    await desk.ask("DELETE", path, 204)
    await desk.ask("PUT", path, 409, json={"org_id": str(desk.oak), **WISH})
    listed = await desk.ask("GET", "/subscriptions")
    assert [each["id"] for each in listed] == [taken["id"], made["id"]], "what ended comes last"
    assert (await desk.ask("POST", f"{path}/restore"))["ended_on"] is None


async def test_what_makes_no_sense_is_named_field_by_field(desk: Desk) -> None:
    for wrong, field in (
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"channels": ["webhook"], "cadence": "at_once"}, "webhook_url"),
        ({"channels": ["webhook"], "webhook_url": "https://hooks.example.org/x"}, "cadence"),
        ({"channels": ["webhook"], "cadence": "at_once", "webhook_url": "https://evil.example/x"}, "webhook_url"),
        ({"channels": []}, "channels"),
    ):
        refused = await desk.ask("POST", "/subscriptions", 422, json={"org_id": str(desk.trust), **WISH, **wrong})
        assert [each["field"] for each in refused["errors"]] == [field], refused
    await desk.ask("POST", "/subscriptions", 404, json={"org_id": str(uuid4()), **WISH})


async def test_nobody_reads_or_changes_anybody_elses(desk: Desk) -> None:
    made = await desk.subscribe()
    other = await desk.sign_in("administrator", desk.trust)
    assert await desk.ask("GET", "/subscriptions", client=other) == []
    for method, path, sent in (
        ("PUT", "", {"org_id": str(desk.trust), **WISH}),
        ("DELETE", "", None),
        ("POST", "/snooze", {"until": None}),
        ("POST", "/restore", None),
    ):
        await desk.ask(method, f"/subscriptions/{made['id']}{path}", 404, other, json=sent)


async def test_the_bell_counts_and_the_list_says_why_and_what(desk: Desk) -> None:
    made = await desk.subscribe()
    async with desk.house.owner() as db:
        rise = await make.signal(db, org_id=desk.oak, observed=9)
        few = await make.signal(db, org_id=desk.oak, streams=("staff",), respondents=3)
        risk = await make.signal(db, org_id=desk.elm, kind="one_comment", comment_ids=(desk.elm,), theme="danger_now")
        me = await db.fetchval("SELECT account_id FROM subscription")
        for signal in (rise, few, risk):
            await make.alert(
                db, account_id=me, signal_id=signal, subscription_id=UUID(made["id"]), urgent=signal == risk
            )
    assert await desk.ask("GET", "/alerts/count") == {"unseen": 2, "urgent": 1}, "few members of staff: guardians only"
    found = await desk.ask("GET", "/alerts")
    assert [item["signal_id"] for item in found["items"]] == [str(risk), str(rise)], "what is urgent comes first"
    assert found["items"][1]["sentence"] == (
        "Negative comments from patients about ‘Discharge’ on Oak Ward have risen since 2 March."
    ), "four were expected, and four is too few to say"
    seen = await desk.ask("POST", f"/alerts/{found['items'][1]['id']}/seen")
    assert seen["seen_at"] is not None and seen["why_sentence"] == "You subscribed to this."
    assert [item["signal_id"] for item in (await desk.ask("GET", "/alerts?seen=false"))["items"]] == [str(risk)]
    assert await desk.ask("POST", "/alerts/seen-all") == {"unseen": 0, "urgent": 1}, "seeing acknowledges nothing"
    await desk.ask("POST", f"/alerts/{uuid4()}/seen", 404)


async def test_watching_shows_who_subscribes_to_what_and_whom_nobody_watches(desk: Desk) -> None:
    assert (await desk.ask("GET", "/watching"))["sentence"] == (
        "No people subscribe to something here. 2 of 2 units are watched by nobody."
    )
    manager = await desk.sign_in("manager", desk.oak)
    await desk.subscribe(manager, org_id=str(desk.oak))
    await desk.subscribe(org_id=str(desk.elm), kinds=["one_comment"], channels=["in_app"])
    page = await desk.ask("GET", "/watching")
    units = {unit["name"]: unit for unit in page["units"]}
    assert (units["Oak Ward"]["state"], units["Oak Ward"]["nobody_for"]) == ("in_part", ["staff"])
    assert (units["Elm Ward"]["state"], units["Elm Ward"]["in_part"]) == ("in_part", ["patient", "carer", "staff"])
    assert page["unwatched"] == 0 and {each["org_name"] for each in page["watchers"]} == {"Oak Ward", "Elm Ward"}
    theirs = await desk.ask("GET", "/watching", client=manager)
    assert [each["org_name"] for each in theirs["watchers"]] == ["Oak Ward"]
    assert theirs["units"][0]["state"] == "watched", "a manager is not told of comments that they may not read"
    await desk.ask("GET", f"/watching?org={desk.elm}", 404, manager)
    await desk.ask("GET", "/watching", 403, await desk.sign_in("analyst", desk.trust))


async def test_a_rule_of_escalation_holds_below_until_a_place_has_its_own(desk: Desk) -> None:
    manager = await desk.sign_in("manager", desk.trust)
    nothing = await desk.ask("GET", f"/escalation/{desk.oak}")
    assert (nothing["own"], nothing["from_id"], nothing["role"], nothing["deputy"]) == (
        False,
        None,
        "quality_lead",
        None,
    )
    [deputy] = [each for each in nothing["people"] if each["roles"] == ["manager"]]
    given = {"deputy_id": deputy["id"], "role": "manager", "deputy_minutes": 30}
    made = await desk.ask("PUT", f"/escalation/{desk.trust}", json=given)
    assert made["own"] and made["deputy"]["name"] == "Ada Invented" and "30 minutes" in " ".join(made["steps"])
    below = await desk.ask("GET", f"/escalation/{desk.oak}")
    assert (below["own"], below["from_name"], below["deputy_minutes"]) == (False, "Our Trust", 30)
    refused = await desk.ask("PUT", f"/escalation/{desk.oak}", 422, json={"deputy_id": str(uuid4())})
    assert refused["errors"][0]["field"] == "deputy_id"
    await desk.ask("PUT", f"/escalation/{desk.oak}", 403, manager, json=given)
    assert (await desk.ask("DELETE", f"/escalation/{desk.trust}"))["from_id"] is None


async def test_a_feed_opens_with_its_token_alone_and_shows_what_its_owner_may_see(desk: Desk) -> None:
    await desk.subscribe(channels=["atom", "calendar"], themes=["Discharge"])
    made = await desk.ask("POST", "/subscriptions/feed", 201)
    assert (await desk.ask("GET", "/subscriptions/choices"))["feed_made_on"] is not None
    due = datetime.now(UTC) + timedelta(hours=1)
    async with desk.house.owner() as db:
        me, mine = await db.fetchrow("SELECT account_id, id FROM subscription")
        rise = await make.signal(db, org_id=desk.oak, observed=12)
        food = await make.signal(db, org_id=desk.oak, theme="Food")
        few = await make.signal(db, org_id=desk.oak, streams=("staff",), respondents=3)
        risk = await make.signal(
            db, org_id=desk.elm, kind="one_comment", comment_ids=(desk.elm,), theme="danger_now", due_at=due
        )
        for signal in (rise, food, few, risk):
            await make.alert(db, account_id=me, signal_id=signal, subscription_id=mine)
        assert await db.fetchval("SELECT count(*) FROM feed_token WHERE token_hash = $1", made["atom"].encode()) == 0
    nobody = httpx.AsyncClient(transport=desk.lead._transport, base_url="http://console.test")
    atom, calendar = [urlsplit(made[name]).path for name in ("atom", "calendar")]
    answer = await nobody.get(atom)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    links = [link.get("href") for link in ElementTree.fromstring(answer.content).iter(f"{{{ATOM}}}link")]
    assert sorted(str(link).rsplit("/", 1)[1] for link in links) == sorted(map(str, (rise, risk)))
    [event] = Calendar.from_ical((await nobody.get(calendar)).content).walk("VEVENT")
    assert event.decoded("dtstart") == due.replace(microsecond=0) and str(risk) in str(event["url"])
    await desk.house_rows("DELETE FROM role_grant WHERE account_id = $1", me)
    assert b"<entry>" not in (await nobody.get(atom)).content, "a token opens what its owner may still see"
    await desk.house_rows("UPDATE account SET disabled_on = current_date WHERE id = $1", me)
    for path in (atom, f"/feeds/{'x' * 43}/atom.xml", f"/feeds/{'x' * 43}/calendar.ics"):
        assert (await nobody.get(path)).status_code == 404
    await nobody.aclose()


async def test_a_new_token_closes_the_old_and_both_can_be_let_go(desk: Desk) -> None:
    first, second = [await desk.ask("POST", "/subscriptions/feed", 201) for _ in range(2)]
    codes = [(await desk.lead.get(urlsplit(each["atom"]).path)).status_code for each in (first, second)]
    assert codes == [404, 200]
    await desk.ask("DELETE", "/subscriptions/feed", 204)
    assert (await desk.lead.get(urlsplit(second["atom"]).path)).status_code == 404


async def test_a_webhook_s_secret_is_shown_once_and_only_listed_hosts_are_on_offer(desk: Desk) -> None:
    listed = role_settings(desk.house, "console").model_copy(update={"webhook_hosts": "hooks.example.org"})
    async with running(apps.console(listed), "http://console.test") as client:
        lead = client()
        lead.cookies.update(desk.lead.cookies)
        choices = await desk.ask("GET", "/subscriptions/choices", client=lead)
        assert choices["webhook_hosts"] == ["hooks.example.org"]
        wish = {"channels": ["webhook"], "cadence": "at_once", "webhook_url": "https://hooks.example.org/in"}
        made = await desk.subscribe(lead, **wish)
        assert made["webhook_secret"].startswith("whsec_")
        assert made["webhook_secret"] not in (await lead.get("/api/subscriptions")).text
