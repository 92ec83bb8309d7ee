"""Keys of the people who handle cases: made, changed, lost, taken from leavers; the server never opens any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from desk import HERE, Desk, Person, b64, furnished, notes_body, raw
from earshot.cases import sealing
from earshot.cases.key_pairs import HandlerKeys, PassphraseLock, unlock
from earshot.core.crypto import Unreadable
from earshot.core.db import Database
from earshot.people import store
from earshot.people.routes import COOKIE
from house import House

pytestmark = pytest.mark.slow

FAST = {"m": 19_456, "t": 1, "p": 1}
PHRASE = "four unrelated words here"


@pytest_asyncio.fixture
async def desk(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> AsyncIterator[Desk]:
    yield await furnished(house, console_clients)


@pytest_asyncio.fixture
async def grace(desk: Desk) -> Person:
    return await desk.person("guardian", "Grace Invented")


def locked(keys: HandlerKeys, phrase: str = PHRASE) -> dict[str, Any]:
    """What the browser sends of a private key under a passphrase."""
    lock = keys.lock(phrase, FAST)
    return {"kind": "passphrase", "salt": b64(lock.salt), "settings": FAST, "sealed": b64(lock.sealed)}


def pair(keys: HandlerKeys, **more: Any) -> dict[str, Any]:
    return {"public": b64(keys.public), "lock": locked(keys), **more}


def resealed(person: Person, new: HandlerKeys, locks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The locks of a person's old pair, sealed to a new one as the browser does."""
    made = []
    for lock in locks:
        kind: sealing.LockKind = "lock-case" if lock["opens"] == "case" else "lock-notes"
        keys = person.opens(UUID(lock["case_id"]), lock, kind)
        sealed = b64(keys.lock_for(new.public, kind))
        made.append({"case_id": lock["case_id"], "opens": lock["opens"], "sealed": sealed})
    return made


async def test_a_first_key_pair_is_kept_locked_and_opens_with_the_passphrase_alone(desk: Desk) -> None:
    ada, keys = await desk.person("guardian", "Ada Invented", keys=False), HandlerKeys.new()
    assert (await ada.get("/keys"))["current"] is None
    made = (await ada.send("POST", "/keys", pair(keys), status=201))["current"]
    lock = made["locks"][0]
    kept = PassphraseLock(raw(lock["salt"]), lock["settings"], raw(lock["sealed"]))
    assert unlock(kept, PHRASE, raw(made["public"])) == keys
    assert keys.private not in desk.house.dump() and keys.private.hex().encode() not in desk.house.dump()
    await ada.send("POST", "/keys", pair(HandlerKeys.new()), status=409)
    other = await desk.person("guardian", "Omar Invented", keys=False)
    await other.send("POST", "/keys", pair(keys), status=409)
    assert [one["name"] for one in (await other.get("/keys"))["colleagues"]] == ["Ada Invented"]


@pytest.mark.parametrize(
    "change",
    [
        {"sealed": b64(bytes(59))},
        {"salt": b64(bytes(8))},
        {"settings": None},
        {"settings": {"m": 8, "t": 1, "p": 1}},
        {"kind": "passkey"},
        {"credential_id": b64(b"passkey")},
    ],
)
async def test_a_lock_that_is_too_weak_or_makes_no_sense_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    ada, keys = await desk.person("guardian", "Ada Invented", keys=False), HandlerKeys.new()
    body = {"public": b64(keys.public), "lock": {**locked(keys), **change}}
    await ada.send("POST", "/keys", body, status=422)
    assert (await ada.get("/keys"))["current"] is None


async def test_a_passkey_can_be_another_lock_and_the_last_lock_stays(desk: Desk) -> None:
    ada, keys = await desk.person("guardian", "Ada Invented", keys=False), HandlerKeys.new()
    await ada.send("POST", "/keys/locks", locked(keys), status=409)
    first = (await ada.send("POST", "/keys", pair(keys)))["current"]["locks"][0]
    await ada.send("DELETE", f"/keys/locks/{first['id']}", status=409)
    passkey = {"kind": "passkey", "credential_id": b64(b"key"), "salt": b64(bytes(32)), "sealed": b64(bytes(60))}
    added = await ada.send("POST", "/keys/locks", passkey, status=201)
    assert raw(added["credential_id"]) == b"key"
    other = await desk.person("guardian", "Omar Invented")
    await other.send("DELETE", f"/keys/locks/{added['id']}", status=404)
    await ada.send("DELETE", f"/keys/locks/{first['id']}", status=204)
    await ada.send("DELETE", f"/keys/locks/{first['id']}", status=404)
    await ada.send("DELETE", f"/keys/locks/{added['id']}", status=409)


async def test_changing_keys_shuts_no_case_and_the_old_key_opens_none(desk: Desk, grace: Person) -> None:
    first, second = await desk.case(), await desk.case()
    await grace.change("POST", first, "/notes", notes_body(first, [grace])[1])
    locks = (await grace.get("/keys/case-locks"))["locks"]
    assert len(locks) == 3
    new = HandlerKeys.new()
    made = resealed(grace, new, locks)
    refused = await grace.send("POST", "/keys/rotate", pair(new, case_locks=made[1:]), status=409)
    assert "no new lock" in refused["detail"]
    await grace.send(
        "POST", "/keys/rotate", pair(new, case_locks=[*made, {**made[0], "case_id": str(uuid4())}]), status=409
    )
    keys = await grace.send("POST", "/keys/rotate", pair(new, case_locks=made), status=201)
    assert raw(keys["current"]["public"]) == new.public
    assert [(one["cases"], one["retired_on"]) for one in keys["retired"]] == [(0, str(date.today()))]
    changed = Person(grace.account, grace.name, grace.client, new, UUID(keys["current"]["id"]))
    for case in (first, second):
        page = await changed.get(f"/cases/{case}")
        report = next(text for text in page["texts"] if text["kind"] == "report")
        assert changed.opens(case, page["locks"][0]).open("report", raw(report["sealed"]))["text"]
    late = await desk.case()
    assert (await changed.get(f"/cases/{late}"))["case"]["has_lock"]


async def test_whoever_loses_a_key_is_let_in_again_by_a_colleague(desk: Desk, grace: Person) -> None:
    omar = await desk.person("guardian", "Omar Invented")
    case, new = await desk.case(), HandlerKeys.new()
    keys = await omar.send("POST", "/keys", pair(new, lost=True), status=201)
    again = Person(omar.account, omar.name, omar.client, new, UUID(keys["current"]["id"]))
    handlers = {one["name"]: one["has_lock"] for one in (await grace.get(f"/cases/{case}"))["handlers"]}
    assert handlers == {"Grace Invented": True, "Omar Invented": False}
    opened = grace.opens(case, (await grace.get(f"/cases/{case}"))["locks"][0])
    lock = {"pair_id": str(again.pair), "opens": "case", "sealed": b64(opened.lock_for(new.public))}
    await grace.change("POST", case, "/locks", {"locks": [lock]})
    page = await again.get(f"/cases/{case}")
    assert page["locks"][0]["pair_id"] == str(again.pair), "the lock of the key in use comes first"
    assert again.opens(case, page["locks"][0]).private == opened.private


async def test_a_leaver_loses_every_key_unless_a_case_would_be_left_to_nobody(desk: Desk, grace: Person) -> None:
    omar = await desk.person("guardian", "Omar Invented")
    shared = await desk.case()
    await grace.change("POST", shared, "/owner", {"account_id": str(omar.account), "deputy_id": str(grace.account)})
    only = await desk.case(not_accounts=[grace.account])
    async with desk.house.owner() as db:
        with pytest.raises(store.LastKeys, match="Give a colleague access"):
            await store.disable(db, omar.account)
    assert (await omar.get("/keys"))["current"]["cases"] == 2, "nothing was taken yet"
    una = await desk.person("guardian", "Una Invented")
    keys = omar.opens(only, (await omar.get(f"/cases/{only}"))["locks"][0])
    lock = {"pair_id": str(una.pair), "opens": "case", "sealed": b64(keys.lock_for(una.keys.public))}
    await omar.change("POST", only, "/locks", {"locks": [lock]})
    async with desk.house.owner() as db:
        await store.disable(db, omar.account)
        mine = "SELECT count(*) FROM case_lock l JOIN key_pair k ON k.id = l.pair_id WHERE k.account_id = $1"
        assert await db.fetchval(mine, omar.account) == 0
        secret = "SELECT count(*) FROM key_lock l JOIN key_pair k ON k.id = l.pair_id WHERE k.account_id = $1"
        assert await db.fetchval(secret, omar.account) == 0
    assert (await omar.client.get("/api/cases")).status_code == 401
    assert [one["name"] for one in (await grace.get(f"/cases/{shared}"))["handlers"]] == [
        "Grace Invented",
        "Una Invented",
    ]


async def test_only_an_administrator_names_the_two_of_the_escrow_out_of_those_who_hold_keys(
    desk: Desk, grace: Person
) -> None:
    admin, second = (
        await desk.person("administrator", "Ann Invented"),
        await desk.person("administrator", "Bo Invented"),
    )
    keyless = await desk.person("administrator", "Cy Invented", keys=False)
    stranger = await desk.person("administrator", "Thea Invented", place=desk.theirs)
    body = {"first_account_id": str(admin.account), "second_account_id": str(second.account)}
    await grace.send("PUT", f"/keys/escrow/{desk.trust}", body, status=403)
    await admin.send("PUT", f"/keys/escrow/{desk.theirs}", body, status=404)
    for wrong in (admin, keyless, stranger):
        await admin.send(
            "PUT", f"/keys/escrow/{desk.trust}", {**body, "second_account_id": str(wrong.account)}, status=422
        )
    keys = await admin.send("PUT", f"/keys/escrow/{desk.trust}", body)
    assert [(one["first"]["name"], one["second"]["name"]) for one in keys["escrow"]] == [
        ("Ann Invented", "Bo Invented")
    ]
    assert len((await grace.get("/keys"))["escrow"]) == 1, "handlers know who the two are"
    await stranger.send("DELETE", f"/keys/escrow/{desk.trust}", status=404)
    await admin.send("DELETE", f"/keys/escrow/{desk.trust}", status=204)
    await admin.send("DELETE", f"/keys/escrow/{desk.trust}", status=404)


async def test_an_escrow_follows_a_changed_key_and_ends_with_a_closed_account(desk: Desk, grace: Person) -> None:
    omar = await desk.person("guardian", "Omar Invented")
    admin = await desk.person("administrator", "Ann Invented")
    body = {"first_account_id": str(admin.account), "second_account_id": str(grace.account)}
    await admin.send("PUT", f"/keys/escrow/{desk.trust}", body)
    new = HandlerKeys.new()
    keys = await grace.send("POST", "/keys/rotate", pair(new, case_locks=[]), status=201)
    assert [raw(one["second"]["public"]) for one in keys["escrow"]] == [new.public]
    case = await desk.case()
    assert await desk.sql("SELECT second_pair_id FROM case_escrow WHERE case_id = $1", case) == UUID(
        keys["current"]["id"]
    )
    async with desk.house.owner() as db:
        await store.disable(db, grace.account)
    assert (await omar.get("/keys"))["escrow"] == []


async def test_promise_37_a_case_needs_a_handler_s_key_and_an_administrator_has_none(desk: Desk, grace: Person) -> None:
    admin = await desk.person("administrator", "Ann Invented")
    case = await desk.case("Only Grace may open this: quagmire.")
    await desk.heard(case)
    for method, path in (("GET", "/cases"), ("GET", f"/cases/{case}"), ("POST", "/cases/thank")):
        await admin.send(method, path, {"ids": [str(case)]} if method == "POST" else None, status=403)
    assert (await admin.get("/keys/case-locks"))["locks"] == []
    # Straight at the database, as the console's role with all that an administrator may see.
    async with desk.house.owner() as db:
        session = await store.use_session(db, admin.client.cookies[COOKIE])
    assert session is not None
    database = Database(desk.house.dsn("console"))
    await database.open()
    async with database.transaction(session.actor.scope) as db:
        for table in ("case_file", "case_text", "case_lock", "case_step", "case_escrow", "hand_off", "case_exclusion"):
            assert await db.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    await database.close()
    # With every row of the database and every key file, no private half is there that opens the case.
    files = [path.read_bytes() for path in desk.house.settings.keys.iterdir() if path.is_file()]
    await desk.sql("DELETE FROM vault.case_wrap")  # what the worker does once it has read a report
    async with desk.house.owner() as db:
        rows = await db.fetch("SELECT sealed FROM case_lock UNION ALL SELECT sealed FROM case_text")
    privates = [key for key in files if len(key) == 32]
    assert len(privates) > 4 and len(rows) == 3
    for private in privates:
        for row in rows:
            with pytest.raises(Unreadable):
                sealing.open_lock(case, row["sealed"], private)
            for kind in ("report", "reading"):
                with pytest.raises(Unreadable):
                    sealing.open_text(private, case, kind, row["sealed"])
    assert b"quagmire" not in desk.house.dump()
    page = await grace.get(f"/cases/{case}")
    assert "quagmire" in grace.opens(case, page["locks"][0]).open("report", raw(page["texts"][0]["sealed"]))["text"]


async def test_a_manager_holds_no_keys(desk: Desk) -> None:
    manager = await desk.person("manager", "Max Invented", keys=False)
    for path in ("/keys", "/keys/case-locks", "/break-glass", "/cases", "/cases/choices"):
        await manager.get(path, 403)
    assert (await manager.client.post("/api/keys", json=pair(HandlerKeys.new()), headers=HERE)).status_code == 403
