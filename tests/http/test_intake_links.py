"""Links in the console: made, changed, drawn and printed, and only inside one's own part of the tree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4
from xml.etree import ElementTree

import httpx
import make
import pytest
import pytest_asyncio
from earshot.core.db import Database
from earshot.core.web import Boundary, speak_plainly
from earshot.intake import links_routes
from earshot.people import store as people
from earshot.people.model import How
from earshot.people.routes import COOKIE
from fastapi import FastAPI
from house import House

pytestmark = pytest.mark.slow

TOMORROW = date.today() + timedelta(days=1)


@dataclass
class Desk:
    """The console of two trusts; `client` is signed in as somebody of the first."""

    house: House
    client: httpx.AsyncClient
    ours: UUID
    theirs: UUID
    their_link: UUID

    async def sign_in(self, role: str) -> None:
        async with self.house.owner() as db:
            account = await make.account(db, email=f"{role}@invented.example", roles={role: self.ours})
            self.client.cookies.set(COOKIE, await people.open_session(db, account, how=How.PASSKEY, mfa=True))

    async def add(self, **given: object) -> httpx.Response:
        body = {"org_id": str(self.ours), "audience": "patient", "label": "Poster by the door", **given}
        return await self.client.post("/api/links", json=body)


@pytest_asyncio.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        ours = await make.org(db, code="OURS", name="Our Trust")
        theirs = await make.org(db, code="THEIRS", name="Their Trust")
        await make.link(db, org_id=theirs, token="theirs")
        their_link = await db.fetchval("SELECT id FROM form_link")
    database, app = Database(house.dsn("console"), custom_plans=True), FastAPI()
    app.state.database, app.state.settings = database, house.settings
    speak_plainly(app)
    app.include_router(links_routes.router)
    await database.open()
    transport = httpx.ASGITransport(Boundary(app, 262_144, 10))
    async with httpx.AsyncClient(transport=transport, base_url="http://earshot.test") as client:
        desk = Desk(house, client, ours, theirs, their_link)
        await desk.sign_in("administrator")
        yield desk
    await database.close()


async def test_a_new_link_has_a_short_address_that_leads_to_the_form(desk: Desk) -> None:
    made = await desk.add(expires_on=TOMORROW.isoformat())
    assert made.status_code == 201
    link = made.json()
    assert link["url"] == f"{desk.house.settings.public_address}/f/{link['token']}"
    assert len(link["token"]) == 8
    assert (link["org_name"], link["audience"], link["expired"]) == ("Our Trust", "patient", False)
    assert (await desk.client.get("/api/links")).json() == [link]


async def test_a_link_can_be_renamed_ended_and_opened_again(desk: Desk) -> None:
    link = (await desk.add(label="Old")).json()
    address = f"/api/links/{link['id']}"
    renamed = (await desk.client.patch(address, json={"label": " New "})).json()
    assert renamed == link | {"label": "New"}
    ended = (await desk.client.patch(address, json={"expires_on": "2020-01-01"})).json()
    assert (ended["label"], ended["expires_on"], ended["expired"]) == ("New", "2020-01-01", True)
    reopened = (await desk.client.patch(address, json={"expires_on": None})).json()
    assert reopened == renamed


async def test_links_are_listed_for_an_organisation_and_all_below_it(desk: Desk) -> None:
    async with desk.house.owner() as db:
        ward = await make.org(db, code="OURS-1", level="team", parent=desk.ours)
    top, below = (await desk.add()).json(), (await desk.add(org_id=str(ward))).json()
    assert (await desk.client.get("/api/links", params={"org": str(desk.ours)})).json() == [top, below]
    assert (await desk.client.get("/api/links", params={"org": str(ward)})).json() == [below]


async def test_the_qr_code_is_a_plain_picture(desk: Desk) -> None:
    link = (await desk.add()).json()
    response = await desk.client.get(f"/api/links/{link['id']}/qr.svg")
    assert response.headers["content-type"] == "image/svg+xml"
    picture = ElementTree.fromstring(response.content)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert "style" not in response.text


async def test_the_poster_shows_code_address_and_last_day_and_makes_labels_harmless(desk: Desk) -> None:
    link = (await desk.add(label="<script>alert(1)</script>", expires_on=TOMORROW.isoformat())).json()
    page = (await desk.client.get(f"/api/links/{link['id']}/poster")).text
    assert link["url"] in page
    assert f'src="/api/links/{link["id"]}/qr.svg"' in page
    assert f"{TOMORROW.day} {TOMORROW:%B %Y}" in page
    assert "<script" not in page


async def test_what_belongs_to_another_trust_looks_like_what_does_not_exist(desk: Desk) -> None:
    for link_id in (desk.their_link, uuid4()):
        answers = [
            await desk.client.patch(f"/api/links/{link_id}", json={"label": "Mine"}),
            await desk.client.get(f"/api/links/{link_id}/qr.svg"),
            await desk.client.get(f"/api/links/{link_id}/poster"),
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
    for org_id in (desk.theirs, uuid4()):
        assert (await desk.add(org_id=str(org_id))).status_code == 404
        assert (await desk.client.get("/api/links", params={"org": str(org_id)})).status_code == 404
    assert (await desk.client.get("/api/links")).json() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"label": "  "}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"label": "x" * 121}, "label"),
        ({"audience": "visitor"}, "audience"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"expires_on": "tomorrow"}, "expires_on"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_link_that_makes_no_sense_is_refused_by_field(desk: Desk, given: dict[str, str], field: str) -> None:
    response = await desk.add(**given)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_only_roles_that_may_work_with_forms_get_in(desk: Desk) -> None:
    await desk.sign_in("analyst")
    assert (await desk.client.get("/api/links")).status_code == 403
    desk.client.cookies.clear()
    assert (await desk.client.get("/api/links")).status_code == 401
