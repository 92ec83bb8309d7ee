"""Promises 38 and 40: two factors where they are needed, codes and passkeys once, sessions that end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio
from authenticator import Authenticator
from earshot.people.routes import COOKIE
from house import House
from sign_in import PASSWORD, Person, passkey_answer, people

pytestmark = pytest.mark.slow
NEW_PASSWORD = "quartz lantern bishop eleven"


@pytest_asyncio.fixture
async def staff(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> AsyncIterator[dict[str, Person]]:
    async with people(house, console_clients, gwen="guardian", mo="manager", ada="administrator") as made:
        yield made


@pytest.fixture
def key(house: House) -> Authenticator:
    return Authenticator(house.settings.console_address)


async def may_read(person: Person) -> int:
    """The answer of a page that every role may read."""
    return (await person.client.get("/api/overview")).status_code


@pytest.mark.parametrize("name", ["gwen", "ada"])
async def test_promise_38_a_password_alone_lets_no_guardian_or_administrator_in(
    staff: dict[str, Person], name: str
) -> None:
    person = staff[name]
    answer = (await person.sign_in()).json()
    assert (answer["need"], answer["may"], answer["roles"]) == ("enrolment", [], [])
    for path in ("/api/overview", "/api/comments", "/api/account", "/api/orgs", "/api/people", "/api/keys"):
        refused = await person.client.get(path)
        assert (refused.status_code, refused.json()["title"]) == (403, "MfaNeeded"), path
    assert (await person.client.delete("/api/session")).status_code == 204
    assert await person.need() is None


async def test_promise_38_a_role_without_much_power_needs_no_second_factor_but_may_have_one(
    staff: dict[str, Person],
) -> None:
    mo = staff["mo"]
    assert (await mo.sign_in()).json()["need"] == "nothing"
    assert await may_read(mo) == 200
    assert (await mo.set_up_codes()).status_code == 200
    assert (await mo.sign_in()).json()["need"] == "second_step", "who has a second factor must use it"
    assert await may_read(mo) == 403


async def test_promise_38_a_code_opens_the_door_once_and_never_again(staff: dict[str, Person]) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    assert (await gwen.set_up_codes()).status_code == 200
    assert await gwen.need() == "nothing"
    assert (await gwen.sign_in()).json()["need"] == "second_step"
    code = gwen.code()
    assert (await gwen.give_code(code)).status_code == 200
    assert await may_read(gwen) == 200
    await gwen.sign_in()
    for spent in (code, gwen.code(-1)):
        assert (await gwen.give_code(spent)).status_code == 422, "spent, or older than a spent one"
    assert await may_read(gwen) == 403
    assert (await gwen.give_code(gwen.code(1))).status_code == 200, "a clock that is fast by half a minute"


async def test_promise_38_of_two_who_send_the_same_code_at_once_one_gets_in(
    staff: dict[str, Person], console_clients: Callable[[], httpx.AsyncClient]
) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    await gwen.set_up_codes()
    thief = Person(console_clients(), gwen.email, gwen.account_id)
    await gwen.sign_in()
    await thief.sign_in()
    code = gwen.code()
    answers = sorted([(await gwen.give_code(code)).status_code, (await thief.give_code(code)).status_code])
    assert answers == [200, 422]


async def test_promise_38_whoever_knows_the_password_alone_cannot_add_a_factor_of_their_own(
    staff: dict[str, Person], key: Authenticator
) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    await gwen.set_up_codes()
    await gwen.sign_in()
    for path in ("/codes", "/passkeys/options", "/recovery-codes"):
        assert (await gwen.client.post(f"/api/account{path}")).json()["title"] == "MfaNeeded", path
    change = {"present": PASSWORD, "password": NEW_PASSWORD}
    assert (await gwen.client.put("/api/account/password", json=change)).json()["title"] == "MfaNeeded"
    assert (await gwen.client.post("/api/session/password", json={"password": PASSWORD})).status_code == 422


async def test_promise_38_codes_cannot_be_guessed(staff: dict[str, Person]) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    await gwen.set_up_codes()
    await gwen.sign_in()
    wrong = str((int(gwen.code()) + 1) % 1_000_000).zfill(6)
    answers = [(await gwen.give_code(wrong)).status_code for _ in range(12)]
    assert set(answers) == {422, 429}
    assert (await gwen.give_code(gwen.code())).status_code == 429, "the right one waits its turn too"


async def test_promise_38_a_passkey_alone_lets_in_and_its_answer_cannot_be_played_back(
    staff: dict[str, Person], key: Authenticator, console_clients: Callable[[], httpx.AsyncClient]
) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    assert (await gwen.set_up_passkey(key)).status_code == 201
    assert await gwen.need() == "nothing"
    browser = console_clients()
    answer = await passkey_answer(browser, key)
    let_in = await browser.post("/api/session/passkey", json=answer)
    assert (let_in.status_code, let_in.json()["need"]) == (200, "nothing")
    assert (await browser.get("/api/overview")).status_code == 200
    again = await console_clients().post("/api/session/passkey", json=answer)
    assert (again.status_code, again.json()["title"]) == (422, "PasskeyRefused")


@pytest.mark.parametrize("fault", ["copied", "unverified", "elsewhere", "stranger", "late", "own challenge"])
async def test_promise_38_a_passkey_is_refused_when_it_is(
    house: House, staff: dict[str, Person], key: Authenticator, fault: str
) -> None:
    gwen, client = staff["gwen"], staff["mo"].client
    await gwen.sign_in()
    await gwen.set_up_passkey(key)
    await client.post("/api/session/passkey", json=await passkey_answer(client, key))
    await client.delete("/api/session")
    if fault == "copied":
        key.count -= 1
    elif fault == "unverified":
        key.verifies = False
    elif fault == "elsewhere":
        key.origin = "https://earshot.example.net"
    elif fault == "stranger":
        key.credential_id = b"somebody else's"
    answer = await passkey_answer(client, key)
    if fault == "late":
        async with house.owner() as db:
            await db.execute("UPDATE sign_in_challenge SET expires_at = now() - interval '1 second'")
    elif fault == "own challenge":
        answer = {"credential": key.get({"challenge": "bXkgb3duIGNoYWxsZW5nZQ"})}
    refused = await client.post("/api/session/passkey", json=answer)
    assert (refused.status_code, refused.json()["title"]) == (422, "PasskeyRefused")
    assert COOKIE not in client.cookies


async def test_promise_38_a_recovery_code_stands_in_once(staff: dict[str, Person]) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    await gwen.set_up_codes()
    assert len(set(gwen.recovery_codes)) == 10
    await gwen.sign_in()
    typed = gwen.recovery_codes[0].lower().replace("-", " ")
    assert (await gwen.give_code(typed)).json()["need"] == "nothing"
    await gwen.sign_in()
    assert (await gwen.give_code(gwen.recovery_codes[0])).status_code == 422
    assert (await gwen.client.get("/api/session")).json()["need"] == "second_step"


async def test_promise_38_secrets_of_codes_lie_sealed_and_recovery_codes_as_hashes(
    house: House, staff: dict[str, Person]
) -> None:
    gwen = staff["gwen"]
    await gwen.sign_in()
    await gwen.set_up_codes()
    dump = house.dump()
    assert b"COPY public.totp" in dump
    assert gwen.secret not in dump
    assert gwen.secret.hex().encode() not in dump
    assert [code for code in gwen.recovery_codes if code.encode() in dump] == []
    (house.settings.keys / "factors").unlink()
    await gwen.sign_in()
    assert (await gwen.give_code(gwen.code())).status_code == 503, "without the key file no code is believed"


async def test_the_only_second_factor_of_a_guardian_cannot_be_removed(
    staff: dict[str, Person], key: Authenticator
) -> None:
    gwen, mo = staff["gwen"], staff["mo"]
    await gwen.sign_in()
    await gwen.set_up_codes()
    assert (await gwen.client.delete("/api/account/codes")).json()["title"] == "LastFactor"
    await gwen.set_up_passkey(key)
    assert (await gwen.client.delete("/api/account/codes")).status_code == 204
    await mo.sign_in()
    await mo.set_up_codes()
    assert (await mo.client.delete("/api/account/codes")).status_code == 204
    assert (await mo.client.get("/api/account")).json()["recovery_codes_left"] == 0
    assert (await mo.sign_in()).json()["need"] == "nothing"


async def test_changes_of_the_sign_in_need_a_proof_of_minutes_ago(house: House, staff: dict[str, Person]) -> None:
    mo = staff["mo"]
    await mo.sign_in()
    async with house.owner() as db:
        await db.execute("UPDATE session SET proved_at = now() - interval '11 minutes'")
    assert (await mo.client.post("/api/account/codes")).json()["title"] == "ProveAgain"
    old = mo.client.cookies[COOKIE]
    wrong = await mo.client.post("/api/session/password", json={"password": "not this one at all"})
    assert wrong.status_code == 422
    assert (await mo.client.post("/api/session/password", json={"password": PASSWORD})).status_code == 200
    assert mo.client.cookies[COOKIE] != old
    assert (await mo.client.post("/api/account/codes")).status_code == 200


async def test_promise_40_every_sign_in_and_every_step_up_has_a_new_id(
    staff: dict[str, Person], console_clients: Callable[[], httpx.AsyncClient]
) -> None:
    gwen, ids = staff["gwen"], []
    gwen.client.cookies.set(COOKIE, "chosen by somebody else", domain="console.test")
    for act in (gwen.sign_in, gwen.set_up_codes, gwen.sign_in, lambda: gwen.give_code(gwen.code())):
        await act()
        ids.append(gwen.client.cookies[COOKIE])
    assert len(set(ids)) == 4
    for old in ("chosen by somebody else", *ids[:-1]):
        client = console_clients()
        client.cookies.set(COOKIE, old)
        assert (await client.get("/api/session")).status_code == 401


@pytest.mark.parametrize(
    ("column", "age", "lives"),
    [
        ("last_seen_at", "29 minutes", True),
        ("last_seen_at", "31 minutes", False),
        ("created_at", "11 hours 59 minutes", True),
        ("created_at", "12 hours 1 minute", False),
    ],
)
async def test_promise_40_a_session_ends_when_idle_and_when_old(
    house: House, staff: dict[str, Person], column: str, age: str, lives: bool
) -> None:
    mo = staff["mo"]
    await mo.sign_in()
    sql = {
        "last_seen_at": "UPDATE session SET last_seen_at = now() - $1::text::interval",
        "created_at": "UPDATE session SET created_at = now() - $1::text::interval",
    }
    async with house.owner() as db:
        await db.execute(sql[column], age)
    assert await may_read(mo) == (200 if lives else 401)


async def test_promise_40_proving_again_makes_a_session_no_younger(house: House, staff: dict[str, Person]) -> None:
    mo = staff["mo"]
    await mo.sign_in()
    async with house.owner() as db:
        await db.execute("UPDATE session SET created_at = now() - interval '11 hours 59 minutes'")
        await mo.client.post("/api/session/password", json={"password": PASSWORD})
        await db.execute("UPDATE session SET created_at = created_at - interval '2 minutes'")
    assert await may_read(mo) == 401


@pytest.mark.parametrize("how", ["sign-out", "new password", "ended from the list", "all others ended", "closed"])
async def test_promise_40_a_session_in_another_browser_ends_within_a_second(
    house: House, staff: dict[str, Person], console_clients: Callable[[], httpx.AsyncClient], how: str
) -> None:
    mo, ada = staff["mo"], staff["ada"]
    other = Person(console_clients(), mo.email, mo.account_id)
    await mo.sign_in()
    await other.sign_in()
    assert await may_read(other) == 200
    await ada.sign_in()
    await ada.set_up_codes()
    listed = (await mo.client.get("/api/account")).json()["sessions"]
    assert [set(session) for session in listed] == [{"id", "opened_on", "how", "mfa", "here"}] * 2
    assert sorted(session["here"] for session in listed) == [False, True]
    began = time.monotonic()
    if how == "sign-out":
        stolen, mo.client = mo.client, other.client
        assert (await other.client.delete("/api/session")).status_code == 204
        assert await may_read(mo) == 401
        other.client = stolen
        assert (await other.client.delete("/api/session")).status_code == 204
    elif how == "new password":
        change = {"present": PASSWORD, "password": NEW_PASSWORD}
        assert (await mo.client.put("/api/account/password", json=change)).status_code == 200
        assert await may_read(mo) == 200, "the session that changed it goes on"
        began = time.monotonic()
    elif how == "ended from the list":
        [there] = [session["id"] for session in listed if not session["here"]]
        assert (await mo.client.delete(f"/api/account/sessions/{there}")).status_code == 204
        assert (await mo.client.delete(f"/api/account/sessions/{there}")).status_code == 404
    elif how == "all others ended":
        assert (await mo.client.delete("/api/account/sessions")).status_code == 204
        assert await may_read(mo) == 200
    else:
        assert (await ada.client.post(f"/api/people/{mo.account_id}/close")).status_code == 204
    assert await may_read(other) == 401
    assert time.monotonic() - began < 1


async def test_promise_40_nobody_ends_somebody_else_s_session(staff: dict[str, Person]) -> None:
    mo, ada = staff["mo"], staff["ada"]
    await mo.sign_in()
    [mine] = (await mo.client.get("/api/account")).json()["sessions"]
    await ada.sign_in()
    await ada.set_up_codes()
    assert (await ada.client.delete(f"/api/account/sessions/{mine['id']}")).status_code == 404
    assert await may_read(mo) == 200


async def test_promise_39_one_s_own_password_is_changed_with_the_present_one_and_checked(
    staff: dict[str, Person],
) -> None:
    mo = staff["mo"]
    await mo.sign_in()

    async def change(present: str, password: str) -> list[str]:
        answer = await mo.client.put("/api/account/password", json={"present": present, "password": password})
        return [error["field"] for error in answer.json().get("errors", [])]

    assert await change("not the present one", NEW_PASSWORD) == ["present"]
    assert await change(PASSWORD, "too short") == ["password"]
    assert await change(PASSWORD, "mo@invented.example.2026") == ["password"]
    assert await change(PASSWORD, "passwordpassword") == ["password"]
    assert await change(PASSWORD, NEW_PASSWORD) == []
    assert (await mo.sign_in()).status_code == 401
    assert (await mo.sign_in(NEW_PASSWORD)).status_code == 200
