"""Digests from signal to mail and page, the post, and ending mails with one click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
import time_machine
from conftest import SignIn
from earshot.alerts import store as alerts
from earshot.alerts.schedule import last_due
from earshot.core import mail, mail_bounce, mail_stop
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Database
from earshot.core.mail import Letter
from earshot.core.mail_message import PADDED
from earshot.digests import notice, stages
from house import House
from mail_sink import Sink, listening, new_sink

pytestmark = pytest.mark.slow
UNTIL = date(2026, 3, 15)
QUOTE = "We waited five hours for the tablets to take home."


@dataclass(frozen=True)
class Trust:
    """A trust with a ward, its manager and somebody who looks after the post."""

    house: House
    sign_in: SignIn
    trust: UUID
    ward: UUID
    manager: UUID
    client: httpx.AsyncClient

    async def signal(self, db: Connection, *, n: int = 12, stream: str = "patient") -> UUID:
        """A rise in `n` comments that waits for the manager's digest, with a quote behind it."""
        comment = await make.comment(
            db, settings=self.house.settings, org_id=self.ward, text=QUOTE, said_on=UNTIL, stream=stream
        )
        signal = await make.signal(
            db, org_id=self.ward, streams=(stream,), theme="Discharge", since=UNTIL - timedelta(days=13), until=UNTIL,
            observed=n, respondents=n, comment_ids=(comment,),
        )  # fmt: skip
        rows = [(self.ward, UNTIL - timedelta(weeks=w), stream, k) for w, k in ((0, n), (1, 2), (3, 6), (20, 50))]
        await db.executemany(
            "INSERT INTO daily VALUES ($1, $2, $3, 'theme_negative', 'Discharge', $4) ON CONFLICT DO NOTHING", rows
        )
        alert = (
            "INSERT INTO alert (account_id, signal_id, subscription_id, why, cadence, channels, urgent)"
            " SELECT account_id, $1, id, 'subscribed', cadence, channels, false FROM subscription WHERE account_id = $2"
        )
        await db.execute(alert, signal, self.manager)
        return signal

    async def write(self) -> datetime:
        """What the worker does when the manager's week is due."""
        database = Database(self.house.dsn("worker"))
        await database.open()
        async with database.transaction() as db:
            period = last_due((await alerts.own(db, self.manager))[0], datetime.now(UTC))
            await stages.write(db, self.house.settings, self.manager, "weekly", period)
        await database.close()
        return period


@pytest_asyncio.fixture
async def trust(house: House, signed_in: SignIn) -> AsyncIterator[Trust]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        ward = await make.org(db, code="OAK", name="Oak Ward", level="team", parent=trust)
        client = await signed_in("manager", ward)
        manager: UUID = await db.fetchval("SELECT id FROM account WHERE email = $1", f"manager.{ward}@invented.example")
        await make.subscription(db, account_id=manager, org_id=ward, cadence="weekly")
    yield Trust(house, signed_in, trust, ward, manager, client)


async def letters(house: House) -> list[Any]:
    async with house.owner() as db:
        return list(await db.fetch("SELECT * FROM letter ORDER BY posted_at"))


async def test_a_signal_comes_as_one_digest_with_its_row_of_bars_and_one_quote(trust: Trust) -> None:
    async with trust.house.owner() as db:
        signal = await trust.signal(db)
    preview = (await trust.client.get("/api/digests/preview?cadence=weekly")).json()
    (section,) = preview["digest"]["sections"]
    (line,) = section["lines"]
    assert line["path"] == f"/signals/{signal}"
    assert line["numbers"] == "", "four were expected, which is too few to say"
    assert line["spark"] == "▁▁▁▁▁▁▁▁▅▁·█" and "the last: about 10" in line["spark_words"]
    assert line["quote"] == QUOTE and preview["subscribed"] is True and preview["next_at"]
    page = await trust.client.get("/api/digests/preview/mail?cadence=weekly")
    assert QUOTE in page.text and "sandbox" in page.headers["content-security-policy"]
    assert await letters(trust.house) == [], "a preview sends nothing"

    await trust.write()
    await trust.write()  # the scheduler strikes twice
    (letter,) = await letters(trust.house)
    assert QUOTE in letter["body"] and QUOTE in letter["html"] and QUOTE not in letter["subject"]
    async with trust.house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM digest") == 1
        assert QUOTE not in await db.fetchval("SELECT content::text FROM digest"), "a quote is kept nowhere else"
        assert await db.fetchval("SELECT state FROM alert WHERE signal_id = $1", signal) == "told"
        assert await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'send_mail'") == 1
    listed = (await trust.client.get("/api/digests")).json()
    (item,) = listed["items"]
    assert item["mail"]["state"] == "waiting" and item["news"] is True and "1 new signal" in item["subject"]
    one = (await trust.client.get(f"/api/digests/{item['id']}")).json()
    assert one["sections"][0]["lines"][0] == {**line, "quote": None}
    other = await trust.sign_in("quality_lead", trust.trust)
    assert (await other.get(f"/api/digests/{item['id']}")).status_code == 404, "a digest is its owner's"
    assert (await trust.client.get("/api/digests/preview?cadence=weekly")).json()["digest"]["news"] is False


async def test_promise_32_no_quote_of_a_small_group_of_a_risk_or_that_a_person_must_see_first(trust: Trust) -> None:
    async with trust.house.owner() as db:
        signals = [await trust.signal(db, n=n) for n in (9, 12, 12)]
        _, risk, unseen = [
            (await db.fetchval("SELECT comment_ids FROM signal WHERE id = $1", signal))[0] for signal in signals
        ]
        await make.safety(db, comment_id=risk, kinds=("danger_now",))
        await db.execute("UPDATE review_item SET looked_at_on = current_date WHERE comment_id = $1", risk)
        await db.execute(
            "INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on) SELECT"
            " gen_random_uuid(), submission_id, id, org_id, stream, 'language', said_on FROM comment WHERE id = $1",
            unseen,
        )
    await trust.write()
    (letter,) = await letters(trust.house)
    assert all(f"/signals/{signal}" in letter["body"] for signal in signals)
    assert "tablets" not in letter["body"] and "tablets" not in letter["html"]


async def test_nothing_new_is_said_once_then_nothing_until_there_is(trust: Trust) -> None:
    async with trust.house.owner() as db:
        await db.execute("UPDATE subscription SET cadence = 'weekly', made_on = '2026-01-01'")
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=True) as clock:
        for _ in range(3):
            await trust.write()
            clock.shift(timedelta(days=7))
        async with trust.house.owner() as db:
            states = [row[0] for row in await db.fetch("SELECT state FROM digest ORDER BY period")]
            assert states == ["nothing_new", "silent", "silent"]
            await trust.signal(db)
        await trust.write()
    subjects = [row["subject"] for row in await letters(trust.house)]
    assert subjects[0] == "Nothing new this week: Oak Ward" and len(subjects) == 2 and "1 new signal" in subjects[1]


async def test_one_click_ends_a_kind_of_mail_and_nobody_else_can(
    trust: Trust, console_client: httpx.AsyncClient
) -> None:
    path = mail_stop.unsubscribe_path(KeyFiles(trust.house.settings.keys), trust.manager, "weekly")
    asked = await console_client.get(path)
    assert asked.status_code == 200 and "your weekly digest" in asked.text and '<form method="post"' in asked.text
    assert (await trust.client.get("/api/digests")).json()["stopped"] == [], "looking ends nothing: scanners look"
    cross = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
    clicked = await console_client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=cross)
    assert clicked.status_code == 200 and "set-cookie" not in clicked.headers
    assert (await trust.client.get("/api/digests")).json()["stopped"] == ["weekly"]
    async with trust.house.owner() as db:
        await trust.signal(db)
        database = Database(trust.house.dsn("worker"))
        await database.open()
        await db.execute("UPDATE subscription SET made_on = current_date - 30")
        await stages.digest_round(database, {})
        assert await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'digest'") == 0
        wanted = {"about": "weekly", "wanted": True}
        here = {"sec-fetch-site": "same-origin"}
        assert (await trust.client.put("/api/digests/mails", json=wanted, headers=here)).json() == {"stopped": []}
        await stages.digest_round(database, {})
        await stages.digest_round(database, {})
        assert await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'digest'") == 1
        await database.close()
    for wrong in ("/unsubscribe/AAAA", path[:-3]):
        for method in ("GET", "POST"):
            assert (await console_client.request(method, wrong)).status_code == 404


async def test_the_post_shows_what_became_of_mails_and_sends_again_only_what_may_be(trust: Trust) -> None:
    lead = await trust.sign_in("quality_lead", trust.trust)
    async with trust.house.owner() as db:
        elsewhere = await make.org(db, code="THEIRS")
        made = {}
        for key, to in (
            ("a", "ada@trust.example"),
            ("b", "ada@trust.example\nBcc: x@y.example"),
            ("c", "ada@trust.example"),
        ):
            made[key] = await mail.post(db, Letter(key, to, trust.manager, "notice", "Subject canary", "Text canary"))
        await db.execute("UPDATE letter SET state = 'maybe_sent' WHERE id = $1", made["a"])
        await db.execute("UPDATE letter SET state = 'sent', body = NULL WHERE id = $1", made["c"])
        mark = await db.fetchval("SELECT mark FROM letter WHERE id = $1", made["c"])
        report = (
            'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n'
            "Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.2.2\n\n--b\nContent-Type: message/rfc822\n\n"
            f"Message-ID: <{mark}@trust.example>\n\n--b--\n"
        )
        assert await mail_bounce.note(db, report.encode())
    page = (await lead.get("/api/post")).json()
    assert "canary" not in str(page) and page["server"] is False
    assert page["counts"] == {"waiting": 0, "sending": 0, "sent": 0, "maybe_sent": 1, "refused": 1, "bounced": 1}
    found = {item["id"]: item for item in page["items"]}
    assert found[str(made["b"])]["why"] == "This is not an address that mail can be sent to."
    assert found[str(made["c"])]["why"] == "The mailbox takes no mail (5.2.2)."
    assert [found[str(made[key])]["may_send_again"] for key in "abc"] == [True, True, False]
    here = {"sec-fetch-site": "same-origin"}
    again = await lead.post(f"/api/post/{made['a']}/send-again", headers=here)
    assert again.json()["state"] == "waiting"
    assert (await lead.post(f"/api/post/{made['c']}/send-again", headers=here)).status_code == 409
    assert (await lead.post(f"/api/post/{uuid4()}/send-again", headers=here)).status_code == 404
    foreign = await trust.sign_in("quality_lead", elsewhere)
    assert (await foreign.get("/api/post")).json()["items"] == []
    assert (await foreign.post(f"/api/post/{made['b']}/send-again", headers=here)).status_code == 404
    assert (await trust.client.get("/api/post")).status_code == 403


async def thirty_days(house: House, sink: Sink, spoke_up: set[int], trust: UUID) -> list[tuple[int, time]]:
    """The guardian's mails of thirty days, over a change of the clocks: bytes, and time of day where they are read."""
    database = Database(house.dsn("worker"))
    await database.open()
    start, seen = datetime(2026, 3, 16, 0, 2, tzinfo=UTC), []
    for day in range(30):
        async with house.owner() as db:
            if day in spoke_up:
                await make.case_file(db, org_id=trust, received_on=(start + timedelta(days=day)).date())
            for hour in (0, 7, 8, 8.5, 9, 13):
                with time_machine.travel(start + timedelta(days=day, hours=hour), tick=False) as clock:
                    came = len(sink.mails)
                    await stages.remind_guardians(database, {})
                    for letter_id in [
                        row[0] for row in await db.fetch("SELECT id FROM letter WHERE state = 'waiting'")
                    ]:
                        await mail.send_mail(database, {"letter": str(letter_id)})
                    if len(sink.mails) > came:
                        local = datetime.now(UTC).astimezone(notice.ZONE)
                        seen.append((len(sink.mails[-1]), local.time()))
                    del clock
    await database.close()
    return seen


async def test_promise_29_guardians_mails_are_as_long_and_come_at_the_same_hour_whether_or_not_anything_came(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = new_sink()
    sending = Settings(home=house.settings.home, smtp_url=sink.url, mail_from="earshot@trust.example")
    monkeypatch.setattr(mail, "settings", lambda: sending)
    monkeypatch.setattr(stages, "settings", lambda: sending)
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Canary Ward")
        await make.account(db, email="guardian@trust.example", roles={"guardian": trust})
        await make.account(db, email="manager@trust.example", roles={"manager": trust})
    with listening(sink):
        seen = await thirty_days(house, sink, {3, 4, 11, 20}, trust)
    assert len(seen) == len(sink.mails) == 30
    assert {size for size, _ in seen} == {PADDED}
    assert {at for _, at in seen} == {time(9, 2)}, "by the clock on the wall, also when it changes"
    own = {b"date:", b"message-id:", b"content-type: multipart", b"list-unsubscribe: "}
    alike = {
        tuple(line for line in mail.split(b"\r\n") if not line.lower().startswith((*own, b"--earshot-", b"boundary=")))
        for mail in sink.mails
    }
    assert len(alike) == 1, "every word is the same"
    assert all(b"Canary" not in mail and b"Ward" not in mail for mail in sink.mails)
