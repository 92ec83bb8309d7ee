"""Improvement through the console's door: agreeing, changing by version, undoing, and what staff's numbers tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn
from house import House

pytestmark = pytest.mark.slow

HERE = {"sec-fetch-site": "same-origin"}
TODAY = date.today()
WORDS = {"title": "Quieter nights", "what_we_heard": "Noise at night."}


@dataclass(frozen=True)
class Desk:
    """A trust with a ward, and a quality lead of it."""

    house: House
    sign_in: SignIn
    lead: httpx.AsyncClient
    trust: UUID
    ward: UUID

    async def send(
        self, method: str, path: str, body: Any = None, *, version: int | None = None, status: int = 200, by: Any = None
    ) -> Any:
        """What is answered to a request of the lead, or of somebody else."""
        headers = HERE | ({} if version is None else {"if-match": f'"{version}"'})
        answer = await (by or self.lead).request(method, f"/api{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def agree(self, **given: Any) -> Any:
        return await self.send("POST", "/actions", {**WORDS, "org_id": str(self.ward), **given}, status=201)


@pytest_asyncio.fixture
async def desk(house: House, signed_in: SignIn) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        ward = await make.org(db, code="W7", name="Ward 7", level="team", parent=trust)
    yield Desk(house, signed_in, await signed_in("quality_lead", trust), trust, ward)


def given(action: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An action as its form sends it."""
    names = (
        "title", "what_we_heard", "what_we_did", "state", "owner_id", "due_on", "started_on", "themes", "measure_id",
        "wanted", "risk_reference", "risk_address",
    )  # fmt: skip
    return {**{name: action[name] for name in names}, **changes}


async def test_a_change_that_answers_a_signal_marks_it_as_acted_on(desk: Desk) -> None:
    async with desk.house.owner() as db:
        signal = await make.signal(db, org_id=desk.ward)
    made = await desk.agree(signal_ids=[str(signal)])
    assert (made["verdict"], made["streams"], made["signals"]) == (None, ["patient"], 1)
    life = await desk.send("GET", f"/signals/{signal}")
    assert life["signal"]["state"] == "acted_on"
    assert life["events"][-1]["note"] == "A change was agreed: Quieter nights"
    again = await desk.agree(signal_ids=[str(signal)], title="A second change")
    assert again["signals"] == 1, "a signal that was acted on can be answered once more"
    listed = await desk.send("GET", f"/actions?signal={signal}")
    assert {item["title"] for item in listed["items"]} == {"Quieter nights", "A second change"}


async def test_nobody_overwrites_what_they_have_not_seen(desk: Desk) -> None:
    made = await desk.agree()
    path = f"/actions/{made['id']}"
    changed = await desk.send("PUT", path, given(made, title="Silent nights"), version=1)
    assert (changed["title"], changed["version"]) == ("Silent nights", 2)
    await desk.send("PUT", path, given(made), version=1, status=412)
    await desk.send("PUT", path, given(made), status=428)
    log = {"on_day": TODAY.isoformat(), "who": "patients", "how": "led"}
    await desk.send("POST", f"{path}/log", log, version=1, status=412)
    await desk.send("POST", f"{path}/log", log | {"note": "Mrs Smith came."}, version=2, status=422)
    assert (await desk.send("POST", f"{path}/log", log, version=2))["version"] == 3


async def test_a_closing_is_taken_back_by_who_closed_and_by_nobody_else(desk: Desk) -> None:
    made = await desk.agree(state="under_way", started_on=TODAY.isoformat())
    path = f"/actions/{made['id']}"
    await desk.send("POST", f"{path}/undo", version=1, status=409)
    await desk.send("PUT", path, given(made, state="finished"), version=1, status=422)
    closed = await desk.send("PUT", path, given(made, state="finished", what_we_did="Soft bins."), version=1)
    assert closed["closed_on"] == TODAY.isoformat()
    await desk.send("POST", f"{path}/cycles", {"started_on": TODAY.isoformat(), "plan": "x"}, version=2, status=409)
    other = await desk.sign_in("pals", desk.trust)
    await desk.send("POST", f"{path}/undo", version=2, status=409, by=other)
    assert not (await desk.send("GET", path, by=other))["may_undo"]
    assert (await desk.send("GET", path))["may_undo"]
    opened = await desk.send("POST", f"{path}/undo", version=2)
    assert (opened["state"], opened["closed_on"], opened["what_we_did"]) == ("under_way", None, "Soft bins.")


async def test_the_chart_begins_anew_with_a_reason_and_the_day_can_be_taken_back(desk: Desk) -> None:
    made = await desk.agree(measure_id="comments", wanted="lower", state="under_way", started_on=TODAY.isoformat())
    path, day = f"/actions/{made['id']}", (TODAY - timedelta(days=70)).isoformat()
    await desk.send("POST", f"{path}/rebase", {"on_day": day}, version=1, status=422)
    await desk.send("POST", f"{path}/rebase", {"on_day": day, "reason": "A new building."}, version=1)
    effect = await desk.send("GET", f"{path}/effect")
    assert [(mark["kind"], mark["on_day"]) for mark in effect["marks"]] == [
        ("rebased", day),
        ("begun", made["started_on"]),
    ]
    assert (effect["verdict"], effect["error_rate"]) == ("unproven", 0.05)
    assert [look["weeks"] for look in effect["looks"]] == [4, 8, 12]
    await desk.send("POST", f"{path}/rebase", {"on_day": day, "take_back": True}, version=2)
    assert (await desk.send("GET", path))["rebases"] == []
    await desk.send("POST", f"{path}/rebase", {"on_day": day, "take_back": True}, version=3, status=409)


async def test_what_a_member_of_staff_said_is_not_told_by_the_chart_of_an_action(desk: Desk) -> None:
    began = TODAY - timedelta(weeks=5)
    async with desk.house.owner() as db:
        rows = [
            (desk.ward, began + timedelta(weeks=week), "staff", measure, n)
            for week in range(-20, 5) for measure, n in (("responses", 8), ("comments", 3 if week % 2 else 8))
        ]  # fmt: skip
        await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, '', $5)", rows)
        action = await make.improvement(
            db, org_id=desk.ward, streams=("staff",), state="under_way", started_on=began, measure="comments",
            wanted="lower",
        )  # fmt: skip
    effect = await desk.send("GET", f"/actions/{action}/effect")
    assert effect["small_numbers"] and {week["y"] for week in effect["weeks"]} == {None, 10.0}
    guardian = await desk.sign_in("guardian", desk.trust)
    exact = await desk.send("GET", f"/actions/{action}/effect", by=guardian)
    assert not exact["small_numbers"] and {week["y"] for week in exact["weeks"]} == {3.0, 8.0}
    manager = await desk.sign_in("manager", desk.trust)
    await desk.send("GET", f"/actions/{action}/effect", by=manager, status=404)


async def test_owners_streams_themes_and_measures_are_held_to_what_there_is(desk: Desk) -> None:
    async with desk.house.owner() as db:
        analyst = await make.account(db, email="a@invented.example", roles={"analyst": desk.ward})
    body = {**WORDS, "org_id": str(desk.ward)}
    for wrong in ({"owner_id": str(analyst)}, {"themes": ["Nonsense"]}, {"measure_id": "theme:", "wanted": "lower"}):
        answer = await desk.send("POST", "/actions", body | wrong, status=422)
        assert answer["errors"][0]["field"] == next(iter(wrong))
    manager = await desk.sign_in("manager", desk.ward)
    refused = await desk.send("POST", "/actions", body | {"streams": ["staff"]}, status=422, by=manager)
    assert refused["errors"][0]["field"] == "streams"
    choices = await desk.send("GET", f"/actions/choices?org={desk.ward}")
    assert str(analyst) not in {one["id"] for one in choices["owners"]} and choices["owners"]


async def test_only_what_was_proven_goes_into_the_library_and_a_file_is_taken_in_entry_by_entry(desk: Desk) -> None:
    async with desk.house.owner() as db:
        action = await make.improvement(
            db, org_id=desk.ward, state="finished", started_on=TODAY, measure="comments", wanted="lower"
        )
        words = {"title": "Soft bins", "what_we_heard": "Noise.", "what_we_did": "New bins.", "no_comment": True}
        await desk.send("POST", f"/actions/{action}/share", words, status=409)
        await db.execute("INSERT INTO improvement_look VALUES ($1, 8, 'improved', 'It fell.', '{}')", action)
        assert (await desk.send("POST", f"/actions/{action}/share", words))["shared"]
        assert (await desk.send("GET", "/library")) == {"items": [], "waiting": 1}, "nobody reads it before the worker"
        vector = "[" + ",".join(["1"] * 384) + "]"
        await db.execute("UPDATE library_entry SET vector = ($1::text)::halfvec", vector)
    file = await desk.send("GET", "/library/export")
    assert (file["format"], file["from"], len(file["entries"])) == ("earshot-library", "Our Trust", 1)
    file["entries"] += [
        file["entries"][0] | {"title": "Ask Mr Smith"},
        {"title": 3},
        file["entries"][0] | {"source": "B"},
    ]
    told = await desk.send("POST", "/library/import", file)
    assert (told["added"], told["known"]) == (1, 1)
    assert [(one["number"], one["title"]) for one in told["refused"]] == [(2, "Ask Mr Smith"), (3, "")]
    await desk.send("POST", "/library/import", file | {"format": "another"}, status=422)


async def test_levels_of_assurance_keep_their_history_and_reasons(desk: Desk) -> None:
    body = {"org_id": str(desk.ward), "level": "enhanced", "reasons": "Two signals about discharge."}
    await desk.send("PUT", "/assurance", body)
    now = await desk.send("PUT", "/assurance", body | {"level": "routine", "reasons": "Both are closed."})
    assert [step["level_name"] for step in now["now"]] == ["Routine"]
    assert [step["reasons"] for step in now["history"]] == ["Both are closed.", "Two signals about discharge."]
    await desk.send("PUT", "/assurance", body | {"level": "panic"}, status=422)
    await desk.send("PUT", "/assurance", body | {"org_id": str(uuid4())}, status=404)


async def test_the_register_lists_actions_with_their_verdicts(desk: Desk) -> None:
    await desk.agree(title="=1+1", risk_reference="RR-7")
    answer = await desk.lead.get("/api/register.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert ",'=1+1," in answer.text and "RR-7" in answer.text and "not measured" in answer.text
