"""Alerts in the database and through the real worker: who is told, proof of it, and on to the deputy and a role."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import make
import pytest
import pytest_asyncio
from earshot.alerts import stages, store, webhooks
from earshot.core.config import Settings, settings
from earshot.core.db import Database, Scope
from earshot.core.work import Worker, enqueue
from earshot.worker import STAGES
from house import House
from mail_sink import Sink, listening, new_sink
from standardwebhooks import Webhook

pytestmark = pytest.mark.slow
HOURS = timedelta(hours=1)
ALWAYS_QUIET = {"quiet_from": time(0), "quiet_until": time(23, 59, 59)}


@dataclass
class Ward:
    """A ward of a trust, the people who look after it, a worker and a mail server."""

    house: House
    worker: Database
    sink: Sink
    trust: UUID
    ward: UUID
    people: dict[str, UUID] = field(default_factory=dict)

    @property
    def config(self) -> Settings:
        return settings()

    async def person(self, name: str, role: str, place: UUID | None = None) -> UUID:
        async with self.house.owner() as db:
            self.people[name] = await make.account(
                db, email=f"{name.lower()}@invented.example", name=name, roles={role: place or self.ward}
            )
        return self.people[name]

    async def subscribe(self, name: str, **columns: Any) -> UUID:
        async with self.house.owner() as db:
            made = await make.subscription(db, account_id=self.people[name], org_id=self.ward)
            if columns:
                given = ", ".join(f"{column} = ${number}" for number, column in enumerate(columns, 2))
                await db.execute(f"UPDATE subscription SET {given} WHERE id = $1", made, *columns.values())
        return made

    async def signal(self, **given: Any) -> UUID:
        async with self.house.owner() as db:
            return await make.signal(db, org_id=self.ward, **given)

    async def risk(self) -> UUID:
        """A comment that may tell of immediate risk, read by the real worker."""
        async with self.house.owner() as db:
            made = await make.comment(db, settings=self.house.settings, org_id=self.ward, said_on=date.today())
            await make.safety(db, comment_id=made, kinds=("danger_now",))
            await enqueue(db, "raise_one", {"comments": [made]})
        await self.work()
        [(signal,)] = await self.rows("SELECT id FROM signal WHERE kind = 'one_comment'")
        return UUID(str(signal))

    async def route(self, *signals: UUID) -> None:
        await stages.route_signals(self.worker, {"signals": [str(each) for each in signals]})

    async def round(self, later: timedelta = timedelta()) -> None:
        await stages.one_round(self.worker, self.config, datetime.now(UTC) + later)

    async def work(self) -> None:
        """What the worker process does until nothing waits."""
        await Worker(self.house.dsn("worker"), STAGES).drain()

    async def rows(self, sql: str, *arguments: object) -> list[Any]:
        async with self.house.owner() as db:
            return [tuple(row.values()) for row in await db.fetch(sql, *arguments)]

    async def told(self, signal: UUID) -> list[Any]:
        """Who has which alert of a signal, and how it went."""
        sql = (
            "SELECT p.name, a.why, a.state, (SELECT string_agg(concat_ws(' ', d.channel, d.state, d.why), ', '"
            " ORDER BY d.channel) FROM alert_delivery d WHERE d.alert_id = a.id)"
            " FROM alert a JOIN account p ON p.id = a.account_id WHERE a.signal_id = $1 ORDER BY a.made_at, p.name"
        )
        return await self.rows(sql, signal)

    async def acknowledge(self, signal: UUID) -> None:
        async with self.house.owner() as db:
            await db.execute("UPDATE signal SET state = 'acknowledged', acknowledged_at = now() WHERE id = $1", signal)


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with listening(new_sink()) as made:
        yield made


@pytest_asyncio.fixture
async def ward(house: House, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ward]:
    monkeypatch.setenv("EARSHOT_HOME", str(house.settings.home))
    monkeypatch.setenv("EARSHOT_SMTP_URL", sink.url)
    settings.cache_clear()
    worker = Database(house.dsn("worker"))
    await worker.open()
    async with house.owner() as db:
        trust = await make.org(db, code="T", name="Our Trust")
        place = await make.org(db, code="W", name="Oak Ward", level="team", parent=trust)
    sink.mood = "takes"
    sink.mails.clear()
    yield Ward(house, worker, sink, trust, place)
    await worker.close()
    settings.cache_clear()


async def test_a_possible_risk_goes_from_the_subscriber_to_the_deputy_and_then_to_a_role(ward: Ward) -> None:
    await ward.person("Manager", "manager")
    await ward.person("Deputy", "quality_lead", ward.trust)
    await ward.person("Guardian", "guardian", ward.trust)
    await ward.subscribe("Manager", **ALWAYS_QUIET)
    rule = "INSERT INTO escalation (org_id, deputy_id, role) VALUES ($1, $2, 'guardian')"
    await ward.rows(rule, ward.trust, ward.people["Deputy"])
    risk = await ward.risk()
    assert [mail.count(b"may tell of immediate risk") > 0 for mail in ward.sink.mails] == [True], "in quiet hours too"
    assert b"The staff were kind" not in ward.sink.mails[0], "a comment's words never travel"
    await ward.round()
    assert await ward.told(risk) == [("Manager", "subscribed", "told", "in_app waiting, mail delivered")]

    await ward.round(3.9 * HOURS)
    assert len(await ward.told(risk)) == 1, "four hours to acknowledge it"
    ward.sink.mood = "refuses"
    await ward.round(4.1 * HOURS)
    await ward.work()
    assert [row[:2] for row in await ward.told(risk)][1:] == [("Deputy", "deputy")]
    await ward.round(4.15 * HOURS)
    deputy, guardian = (await ward.told(risk))[1:]
    assert deputy[3] == "in_app waiting, mail failed refused"
    assert guardian[:2] == ("Guardian", "role"), "nobody waits for a mail that was refused"
    ward.sink.mood = "takes"
    await ward.work()
    assert len(ward.sink.mails) == 2
    steps = await ward.rows("SELECT step, why, told FROM alert_step ORDER BY id")
    assert steps == [("subscribers", "raised", 1), ("deputy", "not_acknowledged", 1), ("role", "not_delivered", 1)]
    await ward.acknowledge(risk)
    await ward.round(24 * HOURS)
    assert len(await ward.rows("SELECT FROM alert_step")) == 3, "the clock has stopped"
    assert await ward.rows("SELECT next_at FROM alert_clock") == [(None,)]


async def test_where_nobody_subscribed_the_chain_begins_at_once_and_ends_where_nobody_is_left(ward: Ward) -> None:
    await ward.person("Analyst", "analyst")  # sees it, and cannot take it on
    await ward.person("Lead", "quality_lead")
    await ward.person("Elsewhere", "quality_lead", await ward_of_another_trust(ward))
    risk = await ward.risk()
    assert [row[:2] for row in await ward.told(risk)] == [("Lead", "role")], "quality leads where there is no rule"
    await ward.round(1.1 * HOURS)
    steps = await ward.rows("SELECT step, why, told FROM alert_step ORDER BY id")
    assert steps == [("role", "nobody_subscribed", 1), ("nobody", "not_acknowledged", 0)]


async def ward_of_another_trust(ward: Ward) -> UUID:
    async with ward.house.owner() as db:
        return await make.org(db, code="X")


async def test_what_is_not_seen_in_earshot_goes_by_mail_and_what_is_seen_needs_none(ward: Ward) -> None:
    await ward.person("Manager", "manager")
    await ward.person("Other", "manager")
    for name in ("Manager", "Other"):
        await ward.subscribe(name, channels=["in_app"])
    risk = await ward.risk()
    await ward.rows("UPDATE alert SET seen_at = now() WHERE account_id = $1", ward.people["Other"])
    await ward.round(timedelta(minutes=11))
    assert [row[3] for row in await ward.told(risk)] == ["in_app failed not_seen, mail waiting", "in_app delivered"]
    await ward.work()
    await ward.round(timedelta(minutes=12))
    assert (await ward.told(risk))[0][3] == "in_app failed not_seen, mail delivered"
    assert len(ward.sink.mails) == 1
    assert await ward.rows("SELECT step FROM alert_clock") == [("subscribers",)], "nobody else is bothered"


async def test_once_somebody_has_acted_colleagues_are_not_told(ward: Ward) -> None:
    await ward.person("Early", "manager")
    await ward.person("Late", "manager")
    await ward.person("Weekly", "manager")
    await ward.subscribe("Early")
    await ward.subscribe("Late", **ALWAYS_QUIET)
    weekly = await ward.subscribe("Weekly", cadence="weekly")
    rise = await ward.signal()
    await ward.route(rise)
    await ward.round()
    assert [row[:3:2] for row in await ward.told(rise)] == [
        ("Early", "told"),
        ("Late", "waiting"),
        ("Weekly", "waiting"),
    ]
    async with ward.worker.transaction() as db:
        [waiting] = await store.due_alerts(db, ward.people["Weekly"], [weekly])
        assert (
            waiting.headline
            == "Negative comments from patients about ‘Discharge’ on Oak Ward have risen since 2 March."
        )
        assert (waiting.observed, waiting.expected, waiting.numbers) == (10, None, "")
    await ward.acknowledge(rise)
    async with ward.worker.transaction() as db:
        assert await store.due_alerts(db, ward.people["Weekly"], [weekly]) == []
    await ward.round(25 * HOURS)
    assert [row[2] for row in await ward.told(rise)] == ["told", "settled", "settled"]


async def test_two_routers_and_two_rounds_at_once_tell_everybody_once(ward: Ward) -> None:
    for number in range(6):
        await ward.person(f"P{number}", "manager")
        await ward.subscribe(f"P{number}")
    rise, risk = await ward.signal(), await ward.signal(kind="one_comment", comment_ids=(uuid4(),), theme="danger_now")
    await asyncio.gather(*(ward.route(rise, risk) for _ in range(4)))
    await asyncio.gather(*(ward.round() for _ in range(4)))
    assert await ward.rows("SELECT count(*), count(DISTINCT (account_id, signal_id)) FROM alert") == [(12, 12)]
    assert await ward.rows("SELECT count(*) FROM letter") == [(12,)]
    assert await ward.rows("SELECT count(*) FROM alert_step") == [(1,)], "one clock for one warning"
    await ward.work()
    assert len(ward.sink.mails) == 12 and len(set(ward.sink.ids())) == 12


async def test_a_signal_that_is_opened_again_is_told_again_and_one_that_only_goes_on_is_not(ward: Ward) -> None:
    await ward.person("Manager", "manager")
    await ward.subscribe("Manager")
    rise = await ward.signal()
    for _ in range(2):
        await ward.route(rise)
        await ward.round()
    assert await ward.rows("SELECT count(*) FROM letter") == [(1,)]
    again = "INSERT INTO signal_event (signal_id, org_id, streams, what) VALUES ($1, $2, '{patient}', 'reopened')"
    await ward.rows(again, rise, ward.ward)
    await ward.route(rise)
    await ward.round()
    assert await ward.rows("SELECT count(*) FROM letter") == [(2,)]


async def test_a_weekly_cap_lets_the_most_telling_through_and_tells_the_rest_when_there_is_room(ward: Ward) -> None:
    await ward.person("Manager", "manager")
    await ward.subscribe("Manager", weekly_cap=2)
    signals = [await ward.signal(theme=f"Theme {n}") for n in range(4)]
    for weight, signal in enumerate(signals):
        await ward.rows("UPDATE signal SET statistic = $2 WHERE id = $1", signal, float(weight))
    await ward.route(*signals)
    for later in (0, 7, 100):
        await ward.round(later * HOURS)
    told = (
        "SELECT s.statistic FROM alert a JOIN signal s ON s.id = a.signal_id"
        " WHERE a.state = 'told' AND a.why = 'subscribed' ORDER BY 1"
    )
    assert await ward.rows(told) == [(2.0,), (3.0,)]
    risk = await ward.signal(kind="one_comment", comment_ids=(uuid4(),), theme="danger_now")
    await ward.route(risk)
    await ward.round()
    assert [row[2] for row in await ward.told(risk)] == ["told"], "no cap holds immediate risk back"
    await ward.round(8 * 24 * HOURS)
    assert len(await ward.rows(told)) == 5


async def test_nobody_is_told_of_what_they_may_not_see_also_when_that_changes_before_the_telling(ward: Ward) -> None:
    for name, role in (
        ("Manager", "manager"),
        ("Lead", "quality_lead"),
        ("Guardian", "guardian"),
        ("Gone", "guardian"),
    ):
        await ward.person(name, role)
        await ward.subscribe(name)
    await ward.rows("UPDATE account SET disabled_on = current_date WHERE name = 'Gone'")
    few = await ward.signal(streams=("staff",), respondents=4)
    await ward.route(few)
    assert [row[0] for row in await ward.told(few)] == ["Guardian"], "fewer than five members of staff"
    many = await ward.signal(streams=("staff",), respondents=5)
    await ward.route(many)
    assert [row[0] for row in await ward.told(many)] == ["Guardian", "Lead"]
    await ward.rows("DELETE FROM role_grant WHERE account_id = $1", ward.people["Lead"])
    await ward.round()
    assert {row[0]: row[2] for row in await ward.told(many)} == {"Guardian": "told", "Lead": "settled"}


async def test_row_level_security_keeps_what_somebody_subscribes_to_and_was_told_their_own(ward: Ward) -> None:
    for name in ("Manager", "Other"):
        await ward.person(name, "manager")
        await ward.subscribe(name)
    await ward.route(await ward.signal())
    await ward.round()
    console = Database(ward.house.dsn("console"))
    await console.open()
    tables = ("subscription", "alert", "alert_delivery", "feed_token")
    for account_id in (ward.people["Manager"], None):
        async with console.transaction(Scope((ward.trust,), ("patient", "carer", "staff"), account_id)) as db:
            seen = {table: await db.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
            owners = {row[0] for row in await db.fetch("SELECT account_id FROM alert")}
        assert owners == ({account_id} if account_id else set())
        assert seen["subscription"] == seen["alert"] == (1 if account_id else 0)
    scope = Scope((ward.ward,), ("patient",), ward.people["Manager"])
    for owner, place in ((ward.people["Other"], ward.ward), (ward.people["Manager"], ward.trust)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with console.transaction(scope) as db:
                await make.subscription(db, account_id=owner, org_id=place)
    await console.close()


@contextmanager
def other_programme(answers: list[int]) -> Iterator[tuple[str, list[Any]]]:
    """A real server that answers each call with the next status; what came in, and where it listens."""
    came: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(answers.pop(0))
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()


async def test_a_webhook_is_called_signed_again_after_a_failure_and_never_where_it_is_not_listed(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ward.person("Manager", "manager")
    with other_programme([503, 302, 204]) as (address, came):
        mine = await ward.subscribe("Manager", channels=["webhook"], webhook_url=f"{address}/in")
        await ward.route(await ward.signal())
        await ward.round()
        [(delivery,)] = await ward.rows("SELECT id FROM alert_delivery WHERE channel = 'webhook'")
        monkeypatch.setenv("EARSHOT_WEBHOOK_HOSTS", address)
        settings.cache_clear()
        states = []
        for _ in range(3):
            await stages.call_webhook(ward.worker, {"delivery": str(delivery)})
            states += await ward.rows("SELECT state, attempts FROM alert_delivery WHERE channel = 'webhook'")
        assert states == [("waiting", 1), ("waiting", 2), ("delivered", 3)], "a redirect is not followed"
        await stages.call_webhook(ward.worker, {"delivery": str(delivery)})
        assert len(came) == 3, "what was taken is not sent again"
        headers, body = came[-1]
        secret = webhooks.WebhookKey(ward.house.settings.keys).secret(mine)
        assert Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
        assert len({sent["webhook-id"] for sent, _ in came}) == 1, "the other side can tell a repetition"
        assert set(json.loads(body)["data"]) & {"sentence", "text", "words", "comment_ids"} == set()
        monkeypatch.setenv("EARSHOT_WEBHOOK_HOSTS", "hooks.example.org")
        settings.cache_clear()
        await ward.route(await ward.signal(theme="Food"))
        await ward.round()
        [(other,)] = await ward.rows("SELECT id FROM alert_delivery WHERE state = 'waiting'")
        await stages.call_webhook(ward.worker, {"delivery": str(other)})
        assert len(came) == 3
        failed = await ward.rows("SELECT why FROM alert_delivery WHERE state = 'failed'")
        assert failed == [("not_allowed",)]
