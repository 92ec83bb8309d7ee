"""Breaking the glass: neither of the two opens a case alone, and everybody concerned can see that it was done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from desk import Desk, Person, b64, furnished, notes_body, raw
from earshot.cases import receipts_store, sealing
from earshot.core.crypto import Unreadable
from house import House

pytestmark = pytest.mark.slow

REASON = "Grace is away and somebody may be in danger."


@dataclass(frozen=True)
class Couple:
    """A desk whose escrow two administrators hold, a guardian, and a case that she alone can open."""

    desk: Desk
    first: Person
    second: Person
    grace: Person
    case: UUID

    async def ask(self) -> str:
        """The first of the two asks; returns the request's id."""
        body = {"reference": await self.desk.reference(self.case), "reason": REASON}
        asked: str = (await self.first.send("POST", "/break-glass", body, status=201))["id"]
        return asked

    async def inner(self) -> bytes:
        """What the second takes the outer layer from, in their browser."""
        item = (await self.second.get("/break-glass"))["items"][0]
        assert item["part"] == "second" and item["inner_sealed"] is None
        return sealing.escrow_inner(self.case, raw(item["outer_sealed"]), self.second.keys.private)

    async def agreed(self) -> str:
        """Asked and agreed; returns the request's id."""
        glass = await self.ask()
        await self.second.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(await self.inner())})
        return glass


@pytest_asyncio.fixture
async def couple(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> AsyncIterator[Couple]:
    desk = await furnished(house, console_clients)
    first, second = (
        await desk.person("administrator", "Ann Invented"),
        await desk.person("administrator", "Bo Invented"),
    )
    grace = await desk.person("guardian", "Grace Invented")
    body = {"first_account_id": str(first.account), "second_account_id": str(second.account)}
    await first.send("PUT", f"/keys/escrow/{desk.trust}", body)
    yield Couple(desk, first, second, grace, await desk.case("The lift shaft is open."))


async def test_promise_37_two_people_open_a_case_together_and_neither_alone(couple: Couple) -> None:
    await couple.first.get(f"/cases/{couple.case}", 403)
    glass = await couple.ask()
    await couple.first.get(f"/break-glass/{glass}", 403)
    item = (await couple.first.get("/break-glass"))["items"][0]
    assert (item["part"], item["state"], item["outer_sealed"], item["inner_sealed"]) == ("first", "waiting", None, None)
    outer = await couple.desk.sql("SELECT sealed FROM case_escrow WHERE case_id = $1", couple.case)
    with pytest.raises(Unreadable):
        sealing.escrow_inner(couple.case, outer, couple.first.keys.private)
    inner = await couple.inner()
    with pytest.raises(Unreadable):
        sealing.open_escrow(couple.case, inner, couple.second.keys.private)
    await couple.first.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(inner)}, status=403)
    await couple.grace.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(inner)}, status=403)
    await couple.second.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(inner)})
    await couple.second.get(f"/break-glass/{glass}", 403)
    opened = await couple.first.get(f"/break-glass/{glass}")
    keys = sealing.open_escrow(couple.case, raw(opened["glass"]["inner_sealed"]), couple.first.keys.private)
    assert keys.open("report", raw(opened["texts"][0]["sealed"]))["text"] == "The lift shaft is open."
    await couple.second.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(inner)}, status=409)
    await couple.second.send("POST", f"/break-glass/{glass}/refuse", status=409)


async def test_it_leaves_marks_for_the_handlers_for_the_auditor_and_for_the_person(couple: Couple) -> None:
    glass = await couple.agreed()
    await couple.first.get(f"/break-glass/{glass}")
    page = await couple.grace.get(f"/cases/{couple.case}")
    (mark,) = page["break_glass"]
    assert (mark["asked_by"], mark["agreed_by"], mark["state"]) == ("Ann Invented", "Bo Invented", "opened")
    assert mark["reason"] == REASON
    steps = [step["kind"] for step in page["steps"]]
    assert steps == ["filed", "break_glass_asked", "break_glass_agreed", "break_glass_opened"]
    audited = await couple.desk.audited(couple.case)
    assert [line for line in audited if line.startswith("break")] == [
        "break_glass.ask",
        "break_glass.agree",
        "break_glass.open",
    ]
    assert (await couple.grace.get("/break-glass"))["items"][0]["part"] == "handler"
    lookup = sealing.lookup(couple.desk.receipts[couple.case])
    async with couple.desk.house.role("public") as db, db.transaction():
        told = await receipts_store.told(db, sealing.receipt_hash(lookup))
    assert told is not None
    assert [step.kind for step in told.steps] == steps, "the person who spoke sees that it was opened"


async def test_the_second_can_refuse_and_then_nothing_opens(couple: Couple) -> None:
    glass = await couple.ask()
    inner = await couple.inner()
    body = {"reference": await couple.desk.reference(couple.case), "reason": REASON}
    await couple.first.send("POST", "/break-glass", body, status=409)
    await couple.first.send("POST", f"/break-glass/{glass}/refuse", status=403)
    refused = await couple.second.send("POST", f"/break-glass/{glass}/refuse")
    assert (refused["state"], refused["outer_sealed"]) == ("refused", None)
    await couple.second.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(inner)}, status=409)
    await couple.first.get(f"/break-glass/{glass}", 403)
    assert await couple.ask() != glass, "it can be asked again"


async def test_what_was_opened_shuts_again_after_a_week(couple: Couple) -> None:
    glass = await couple.agreed()
    await couple.first.get(f"/break-glass/{glass}")
    await couple.desk.sql("UPDATE break_glass SET agreed_on = $1", date.today() - timedelta(days=7))
    await couple.first.get(f"/break-glass/{glass}", 403)
    item = (await couple.first.get("/break-glass"))["items"][0]
    assert (item["state"], item["inner_sealed"]) == ("over", None)
    await couple.ask()


async def test_a_handler_without_a_lock_is_given_one_and_private_notes_stay_shut(couple: Couple) -> None:
    await couple.grace.change("POST", couple.case, "/notes", notes_body(couple.case, [couple.grace])[1])
    una = await couple.desk.person("guardian", "Una Invented")
    glass = await couple.agreed()
    opened = await couple.first.get(f"/break-glass/{glass}")
    assert {text["kind"] for text in opened["texts"]} == {"report"}
    assert {one["name"]: one["has_lock"] for one in opened["handlers"]} == {
        "Grace Invented": True,
        "Una Invented": False,
    }
    keys = sealing.open_escrow(couple.case, raw(opened["glass"]["inner_sealed"]), couple.first.keys.private)
    lock = {"pair_id": str(una.pair), "opens": "case", "sealed": b64(keys.lock_for(una.keys.public))}
    await couple.second.send("POST", f"/break-glass/{glass}/locks", {"locks": [lock]}, status=403)
    for wrong in ({**lock, "opens": "notes"}, {**lock, "pair_id": str(couple.first.pair)}):
        await couple.first.send("POST", f"/break-glass/{glass}/locks", {"locks": [wrong]}, status=409)
    await couple.first.send("POST", f"/break-glass/{glass}/locks", {"locks": [lock]}, status=201)
    page = await una.get(f"/cases/{couple.case}")
    assert una.opens(couple.case, page["locks"][0]).private == keys.private


async def test_strangers_and_those_whom_the_case_excludes_have_no_part_in_it(couple: Couple) -> None:
    stranger = await couple.desk.person("administrator", "Thea Invented", place=couple.desk.theirs)
    body = {"reference": await couple.desk.reference(couple.case), "reason": REASON}
    unknown = await stranger.send("POST", "/break-glass", {**body, "reference": "NONE-SUCH"}, status=404)
    for person in (stranger, couple.second, couple.grace):
        assert await person.send("POST", "/break-glass", body, status=404) == unknown
    glass = await couple.ask()
    foreign = await stranger.get(f"/break-glass/{glass}", 404)
    assert foreign == await stranger.get(f"/break-glass/{uuid4()}", 404) == unknown
    assert await stranger.get("/break-glass") == {"items": [], "may_ask": False}
    assert (await couple.first.get("/break-glass"))["may_ask"]
    exclude = "INSERT INTO case_exclusion (case_id, account_id) VALUES ($1, $2)"
    await couple.desk.sql(exclude, couple.case, couple.second.account)
    assert (await couple.second.get("/break-glass"))["items"] == []
    await couple.second.send("POST", f"/break-glass/{glass}/agree", {"inner_sealed": b64(bytes(80))}, status=404)
