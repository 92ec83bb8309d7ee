"""Quality reports at the console: asked for, made by the worker, frozen, and made anew when data came late."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import make
import openpyxl  # type: ignore[import-untyped]
import pdf_ua
import pikepdf
import pytest
import pytest_asyncio
from conftest import role_settings, running
from earshot import apps
from earshot.core.db import Database
from earshot.dashboards.pages import PAGES
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from earshot.publishing import report_stages
from earshot.publishing.report_stages import give_up, look_for_late_data, make_report
from house import Cluster, House, short_folder
from pptx import Presentation

pytestmark = pytest.mark.slow

TODAY = date.today()
UNTIL = TODAY.replace(day=1) - timedelta(days=1)
SINCE = (UNTIL.replace(day=1) - timedelta(days=40)).replace(day=1)
DAILY = "INSERT INTO daily (org_id, day, stream, measure, label, n) VALUES ($1, $2, $3, $4, $5, $6)"


@dataclass
class Trust:
    """A provider with two wards and half a year of counts, its worker, and people."""

    house: House
    provider: UUID
    ward: UUID
    worker: Database
    door: Callable[[], httpx.AsyncClient]

    async def sign_in(self, role: str) -> httpx.AsyncClient:
        """Somebody new with a role over the provider."""
        async with self.house.owner() as db:
            person = await make.account(db, email=f"{uuid4()}@invented.example", roles={role: self.provider})
            token = await store.open_session(db, person, how=How.PASSKEY, mfa=True)
        client = self.door()
        client.cookies.set(COOKIE, token)
        return client

    async def ask(self, person: httpx.AsyncClient) -> dict[str, Any]:
        """Ask for a report and let the worker make it."""
        asked = {"org": str(self.provider), "since": str(SINCE + timedelta(days=3)), "until": str(UNTIL)}
        answer = await person.post("/api/reports", json=asked)
        assert answer.status_code == 202, answer.text
        assert (answer.json()["state"], answer.json()["done"]) == ("waiting", 0)
        await make_report(self.worker, {"report": answer.json()["id"]})
        found: dict[str, Any] = (await person.get(f"/api/reports/{answer.json()['id']}")).json()
        return found


async def furnish(house: House) -> tuple[UUID, UUID]:
    async with house.owner() as db:
        provider = await make.org(db, code="INV", name="Invented Trust")
        wards = [await make.org(db, code=f"W{n}", name=f"Ward {n}", level="team", parent=provider) for n in range(2)]
        rows = []
        for place, ward in enumerate(wards):
            for day in range(200):
                when, n = UNTIL - timedelta(days=day), 3 + (day * 7 + place) % 5
                for stream in ("patient", "staff"):
                    rows += [(ward, when, stream, measure, "", n) for measure in ("responses", "comments")]
                    rows += [(ward, when, stream, "sentiment", "2", n - 1), (ward, when, stream, "sentiment", "5", 1)]
                rows += [(ward, when, "patient", "fft", "1", n), (ward, when, "patient", "theme", "Timeliness", 2)]
        await db.executemany(DAILY, rows)
    return provider, wards[0]


@pytest_asyncio.fixture(scope="module")
async def trust_of_reports(cluster: Cluster) -> AsyncIterator[Trust]:
    async with AsyncExitStack() as opened:
        house = await cluster.new_house(opened.enter_context(short_folder()))
        provider, ward = await furnish(house)
        door = await opened.enter_async_context(
            running(apps.console(role_settings(house, "console")), "http://console.test")
        )
        worker = Database(house.dsn("worker"))
        await worker.open()
        yield Trust(house, provider, ward, worker, door)
        await worker.close()
        await cluster.demolish(house)


async def test_a_report_is_made_frozen_and_made_anew_only_when_data_came_late(trust_of_reports: Trust) -> None:
    trust = trust_of_reports
    lead = await trust.sign_in("quality_lead")
    first = await trust.ask(lead)
    assert (first["state"], first["version"], first["newest"]) == ("ready", 1, True)
    days = [date.fromisoformat(first[name]) for name in ("since", "until")]
    assert (days[0].weekday(), days[1].weekday()) == (0, 6) and days[1] <= UNTIL, "whole weeks that end in the period"
    assert first["done"] == first["steps"] == len(PAGES) + 3
    files = {}
    for one in first["files"]:
        answer = await lead.get(one["path"])
        files[one["kind"]] = answer.content
        assert hashlib.sha256(answer.content).hexdigest() == one["sha256"] == answer.headers["etag"].strip('"')
        again = await lead.get(one["path"], headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    with pikepdf.open(BytesIO(files["pdf"])) as written:
        assert pdf_ua.problems(written) == []
    assert len(Presentation(BytesIO(files["pptx"])).slides) > len(PAGES)
    book = openpyxl.load_workbook(BytesIO(files["xlsx"]))
    assert {"About", "Where each number comes from", *(page.title for page in PAGES)} == set(book.sheetnames)

    same = await trust.ask(lead)
    assert (same["state"], same["same_as"], same["files"]) == ("unchanged", first["id"], [])

    async with trust.house.owner() as db:
        await db.execute("UPDATE report SET made_on = current_date - 1")
    await look_for_late_data(trust.worker, {})
    await queued(trust)
    assert len((await lead.get("/api/reports")).json()) == 2, "nothing was late: nothing is new"

    async with trust.house.owner() as db:
        await db.execute(DAILY, trust.ward, days[1], "carer", "comments", "", 40)
    await look_for_late_data(trust.worker, {})
    await queued(trust)
    newest, *_ = [one for one in (await lead.get("/api/reports")).json() if one["state"] == "ready"]
    assert (newest["version"], newest["late"], newest["newest"]) == (2, True, True)
    old = (await lead.get(f"/api/reports/{first['id']}")).json()
    assert (old["version"], old["newest"]) == (1, False)
    assert (await lead.get(f"/api/reports/{first['id']}/report.pdf")).content == files["pdf"], "what was made stays"


async def queued(trust: Trust) -> None:
    """Make every report that waits."""
    async with trust.house.owner() as db:
        waiting = await db.fetch("SELECT id FROM report WHERE state = 'waiting'")
    for row in waiting:
        await make_report(trust.worker, {"report": str(row["id"])})


async def test_who_may_not_see_staff_sees_no_report_that_was_made_with_them(trust_of_reports: Trust) -> None:
    trust = trust_of_reports
    lead, analyst = [await trust.sign_in(role) for role in ("quality_lead", "analyst")]
    asked = {"org": str(trust.provider), "since": str(SINCE), "until": str(UNTIL)}
    made = (await lead.post("/api/reports", json=asked)).json()
    assert made["streams"] == ["carer", "patient", "staff"]
    assert (await analyst.get(f"/api/reports/{made['id']}")).status_code == 404
    own = (await analyst.post("/api/reports", json=asked)).json()
    assert own["streams"] == ["carer", "patient"]
    assert {one["id"] for one in (await analyst.get("/api/reports")).json()} == {own["id"]}
    assert (await lead.get(f"/api/reports/{own['id']}")).status_code == 200


async def test_a_report_that_cannot_be_made_says_so(trust_of_reports: Trust) -> None:
    trust = trust_of_reports
    lead = await trust.sign_in("quality_lead")
    asked = {"org": str(trust.provider), "since": str(SINCE), "until": str(UNTIL)}
    made = (await lead.post("/api/reports", json=asked)).json()
    await give_up(trust.worker, {"report": made["id"]})
    assert (await lead.get(f"/api/reports/{made['id']}")).json()["state"] == "failed"
    assert report_stages.REPORT.given_up is give_up
    assert (await lead.get(f"/api/reports/{made['id']}/report.pdf")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"since": "2026-03-31", "until": "2026-03-01"}, "until"),
        ({"since": "2020-01-01", "until": "2026-03-01"}, "until"),
        ({"since": "1999-01-01", "until": "1999-03-01"}, "since"),
        ({"since": "2999-01-01", "until": "2999-03-01"}, "since"),
    ],
)
async def test_a_period_that_cannot_be_is_refused(trust_of_reports: Trust, wrong: dict[str, str], field: str) -> None:
    lead = await trust_of_reports.sign_in("quality_lead")
    answer = await lead.post("/api/reports", json={"org": str(trust_of_reports.provider), **wrong})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_not_even_the_worker_changes_what_was_frozen(trust_of_reports: Trust) -> None:
    async with trust_of_reports.house.role("worker") as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("UPDATE report_file SET content = 'x'")
