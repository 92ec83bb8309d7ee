"""Inviting people, roles that two people give, and recovery by two people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from earshot.people import people_store
from earshot.people.model import Role
from house import House
from sign_in import Person, people

pytestmark = pytest.mark.slow
Browsers = Callable[[], httpx.AsyncClient]
NEW_PASSWORD = "quartz lantern bishop eleven"


@pytest_asyncio.fixture
async def staff(house: House, console_clients: Browsers) -> AsyncIterator[dict[str, Person]]:
    roles = {"ada": "administrator", "abe": "administrator", "gwen": "guardian", "mo": "manager"}
    async with people(house, console_clients, **roles) as made:
        for person in made.values():
            await person.sign_in()
            await person.set_up_codes()
        yield made


@pytest_asyncio.fixture
async def place(house: House, staff: dict[str, Person]) -> str:
    async with house.owner() as db:
        return str(await db.fetchval("SELECT id FROM org WHERE code = 'TRUST'"))


async def invite(admin: Person, place: str, role: str, email: str = "new@invented.example") -> httpx.Response:
    about = {"email": email, "name": "Nia Newcomer", "role": role, "org_id": place}
    return await admin.client.post("/api/people", json=about)


async def row(admin: Person, email: str) -> dict[str, Any]:
    found = [p for p in (await admin.client.get("/api/people")).json() if p["email"] == email]
    return dict(found[0])


async def test_somebody_is_invited_sets_a_password_and_comes_in(
    staff: dict[str, Person], place: str, console_clients: Browsers
) -> None:
    invited = (await invite(staff["ada"], place, "manager")).json()
    assert invited["waiting"] is False
    assert "/welcome#" in invited["link"], "what follows the # is sent to nobody"
    token, browser = invited["link"].split("#")[1], console_clients()
    looked = await browser.post("/api/session/invitation/look", json={"token": token})
    assert looked.json() == {"name": "Nia Newcomer", "email": "new@invented.example"}
    weak = await browser.post("/api/session/invitation", json={"token": token, "password": "nia-newcomer-2026"})
    assert weak.json()["errors"][0]["field"] == "password"
    accepted = await browser.post("/api/session/invitation", json={"token": token, "password": NEW_PASSWORD})
    assert (accepted.json()["need"], accepted.json()["roles"][0]["role"]) == ("nothing", "manager")
    again = await console_clients().post("/api/session/invitation", json={"token": token, "password": NEW_PASSWORD})
    assert (again.status_code, again.json()["title"]) == (404, "InvitationOver")
    person = await row(staff["ada"], "new@invented.example")
    assert (person["invited"], person["has_password"], person["managed"]) == (False, True, True)


async def test_an_invitation_ends_after_a_week_and_when_a_newer_one_is_made(
    house: House, staff: dict[str, Person], place: str, console_clients: Browsers
) -> None:
    first = (await invite(staff["ada"], place, "manager")).json()
    second = (await staff["ada"].client.post(f"/api/people/{first['id']}/link")).json()

    async def status(invitation: dict[str, str]) -> int:
        token = {"token": invitation["link"].split("#")[1]}
        return (await console_clients().post("/api/session/invitation/look", json=token)).status_code

    assert [await status(first), await status(second)] == [404, 200]
    async with house.owner() as db:
        await db.execute("UPDATE invitation SET expires_at = expires_at - interval '7 days'")
    assert await status(second) == 404
    assert (await invite(staff["ada"], place, "manager")).status_code == 409, "the address is in use"


@pytest.mark.parametrize("role", ["guardian", "pals", "administrator"])
async def test_a_role_of_power_counts_when_a_second_person_has_agreed(
    staff: dict[str, Person], place: str, role: str
) -> None:
    ada, gwen, mo = staff["ada"], staff["gwen"], staff["mo"]
    given = await ada.client.post(f"/api/people/{mo.account_id}/roles", json={"role": role, "org_id": place})
    assert given.json() == {"waiting": True}
    assert [r["role"] for r in (await row(ada, mo.email))["roles"]] == ["manager"]
    [look] = (await ada.client.get("/api/second-looks")).json()
    assert (look["kind"], look["role"], look["mine"]) == ("give_role", role, True)
    agree = f"/api/second-looks/{look['id']}"
    assert (await ada.client.post(agree, json={"agree": True})).status_code == 409, "nobody agrees with themselves"
    assert (await mo.client.post(agree, json={"agree": True})).status_code == 403
    assert (await gwen.client.post(agree, json={"agree": True})).status_code == 204
    assert {r["role"] for r in (await row(ada, mo.email))["roles"]} == {"manager", role}
    assert (await gwen.client.post(agree, json={"agree": True})).status_code == 404, "decided already"


async def test_a_refused_change_is_not_made(staff: dict[str, Person], place: str) -> None:
    ada, abe, mo = staff["ada"], staff["abe"], staff["mo"]
    await ada.client.post(f"/api/people/{mo.account_id}/roles", json={"role": "guardian", "org_id": place})
    [look] = (await abe.client.get("/api/second-looks")).json()
    assert (await abe.client.post(f"/api/second-looks/{look['id']}", json={"agree": False})).status_code == 204
    assert [r["role"] for r in (await row(ada, mo.email))["roles"]] == ["manager"]
    assert (await abe.client.get("/api/second-looks")).json() == []


async def test_promise_38_a_lost_second_factor_is_reset_by_two_people_and_set_up_anew(
    staff: dict[str, Person],
) -> None:
    ada, abe, gwen = staff["ada"], staff["abe"], staff["gwen"]
    assert (await ada.client.post(f"/api/people/{gwen.account_id}/reset")).json() == {"waiting": True}
    [look] = (await ada.client.get("/api/second-looks")).json()
    agree = f"/api/second-looks/{look['id']}"
    assert (await ada.client.post(agree, json={"agree": True})).status_code == 409
    assert (await gwen.client.post(agree, json={"agree": True})).status_code == 409, "nor does the person it is about"
    assert await gwen.need() == "nothing", "until then everything stays"
    assert (await abe.client.post(agree, json={"agree": True})).status_code == 204
    assert await gwen.need() is None, "every session has ended"
    assert (await gwen.sign_in()).json()["need"] == "enrolment", "the password alone lets nobody in"
    assert (await gwen.client.get("/api/overview")).status_code == 403
    await gwen.set_up_codes()
    assert (await gwen.client.get("/api/overview")).status_code == 200


async def test_a_new_link_for_a_password_does_not_get_past_the_second_factor(
    staff: dict[str, Person], console_clients: Browsers
) -> None:
    ada, gwen, thief = staff["ada"], staff["gwen"], console_clients()
    link = (await ada.client.post(f"/api/people/{gwen.account_id}/link")).json()["link"]
    accepted = await thief.post("/api/session/invitation", json={"token": link.split("#")[1], "password": NEW_PASSWORD})
    assert accepted.json()["need"] == "second_step"
    assert (await thief.get("/api/overview")).status_code == 403
    assert await gwen.need() is None, "the new password ended every session"


async def test_closing_and_opening_an_account(staff: dict[str, Person]) -> None:
    ada, mo = staff["ada"], staff["mo"]
    assert (await ada.client.post(f"/api/people/{mo.account_id}/close")).status_code == 204
    assert await mo.need() is None
    assert (await mo.sign_in()).status_code == 401
    assert (await ada.client.post(f"/api/people/{mo.account_id}/link")).status_code == 409
    assert (await ada.client.post(f"/api/people/{mo.account_id}/open")).status_code == 204
    assert (await mo.sign_in()).status_code == 200


async def test_taking_a_role_away_counts_at_once(staff: dict[str, Person], place: str) -> None:
    ada, mo = staff["ada"], staff["mo"]
    path = f"/api/people/{mo.account_id}/roles/manager/{place}"
    assert (await ada.client.delete(path)).status_code == 204
    assert (await mo.client.get("/api/comments")).status_code == 403
    assert (await ada.client.delete(path)).status_code == 404


async def test_nobody_changes_their_own_roles_and_one_administrator_stays(
    house: House, staff: dict[str, Person], place: str
) -> None:
    ada, abe = staff["ada"], staff["abe"]
    own = f"/api/people/{ada.account_id}"
    for path, body in (
        ("/close", None),
        ("/link", None),
        ("/reset", None),
        ("/roles", {"role": "guardian", "org_id": place}),
    ):
        assert (await ada.client.post(own + path, json=body)).status_code == 404, path
    assert (await ada.client.delete(f"{own}/roles/administrator/{place}")).status_code == 404
    ward = await _ward_with_administrator(house, place, abe.account_id)
    assert (await ada.client.delete(f"/api/people/{abe.account_id}/roles/administrator/{ward}")).status_code == 204


async def test_two_administrators_who_close_each_other_leave_one(house: House, staff: dict[str, Person]) -> None:
    """As when both act at the same moment: the second finds the first closed."""
    ada, abe = staff["ada"], staff["abe"]
    async with house.owner() as db:
        await people_store.close(db, ada.account_id)
        with pytest.raises(people_store.LastAdministrator):
            await people_store.close(db, abe.account_id)
        place = await db.fetchval("SELECT id FROM org WHERE code = 'TRUST'")
        with pytest.raises(people_store.LastAdministrator):
            await people_store.take_role(db, abe.account_id, Role.ADMINISTRATOR, place)


async def _ward_with_administrator(house: House, place: str, account_id: UUID) -> str:
    async with house.owner() as db:
        ward = await make.org(db, code="TRUST1", level="team", parent=UUID(place))
        await db.execute("INSERT INTO role_grant VALUES ($1, 'administrator', $2)", account_id, ward)
        return str(ward)


async def test_an_administrator_sees_and_changes_only_their_own_part(
    house: House, staff: dict[str, Person], place: str, console_clients: Browsers
) -> None:
    async with house.owner() as db:
        other = await make.org(db, code="OTHER")
        stranger = await make.account(db, email="far@invented.example", roles={"manager": other})
        higher = await make.account(db, email="high@invented.example", roles={"quality_lead": UUID(place)})
        ward = await make.org(db, code="TRUST2", level="team", parent=UUID(place))
        await db.execute("INSERT INTO role_grant VALUES ($1, 'manager', $2)", higher, ward)
    async with people(house, console_clients, wanda="administrator") as made:
        wanda = made["wanda"]
        async with house.owner() as db:
            await db.execute("UPDATE role_grant SET org_id = $2 WHERE account_id = $1", wanda.account_id, ward)
        await wanda.sign_in()
        await wanda.set_up_codes()
        seen = {p["email"]: p["managed"] for p in (await wanda.client.get("/api/people")).json()}
        assert seen == {"wanda@invented.example": False, "high@invented.example": False}
        for account in (stranger, higher, uuid4()):
            for act in ("close", "open", "link", "reset"):
                assert (await wanda.client.post(f"/api/people/{account}/{act}")).status_code == 404
        for org in (place, str(other), str(uuid4())):
            assert (await invite(wanda, org, "manager")).status_code == 404
        assert (await wanda.client.get("/api/second-looks")).json() == []
        assert (await wanda.client.delete(f"/api/people/{higher}/roles/quality_lead/{place}")).status_code == 404
        assert (await wanda.client.delete(f"/api/people/{higher}/roles/manager/{ward}")).status_code == 204


async def test_only_administrators_look_after_people(staff: dict[str, Person], place: str) -> None:
    for name in ("gwen", "mo"):
        assert (await staff[name].client.get("/api/people")).status_code == 403
        assert (await invite(staff[name], place, "manager")).status_code == 403
