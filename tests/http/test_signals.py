"""Signals through the console's door: who sees which, what people do with them, and what stands beside the list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn
from house import House

pytestmark = pytest.mark.slow

HERE = {"sec-fetch-site": "same-origin"}
MONDAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Desk:
    """A trust with a ward, another trust, and somebody of the first."""

    house: House
    sign_in: SignIn
    lead: httpx.AsyncClient
    trust: UUID
    ward: UUID
    theirs: UUID

    async def signal(self, **given: Any) -> UUID:
        async with self.house.owner() as db:
            return await make.signal(db, **{"org_id": self.ward, **given})

    async def read(self, path: str, client: httpx.AsyncClient | None = None, **query: Any) -> Any:
        answer = await (client or self.lead).get(f"/api/signals{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self, client: httpx.AsyncClient | None = None, **query: Any) -> list[str]:
        return [item["id"] for item in (await self.read("", client, **query))["items"]]

    async def do(self, signal: UUID, status: int = 200, **change: Any) -> Any:
        answer = await self.lead.post(f"/api/signals/{signal}/changes", json=change, headers=HERE)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def desk(house: House, signed_in: SignIn) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        ward = await make.org(db, code="W7", name="Ward 7", level="team", parent=trust)
        theirs = await make.org(db, code="THEIRS")
    yield Desk(house, signed_in, await signed_in("quality_lead", trust), trust, ward, theirs)


async def test_everybody_sees_the_signals_of_their_own_subtree_and_streams(desk: Desk) -> None:
    ours, staff = await desk.signal(), await desk.signal(streams=("patient", "staff"))
    await desk.signal(org_id=desk.theirs)
    assert set(await desk.ids()) == {str(ours), str(staff)}
    manager = await desk.sign_in("manager", desk.ward)
    assert await desk.ids(manager) == [str(ours)], "a signal of two streams is for those who may read both"
    stranger = await desk.sign_in("quality_lead", desk.theirs)
    assert (await stranger.get(f"/api/signals/{ours}")).status_code == 404


async def test_few_members_of_staff_are_shown_to_guardians_alone_but_a_possible_risk_to_all_readers(desk: Desk) -> None:
    few = await desk.signal(streams=("staff",), respondents=4)
    risk = await desk.signal(streams=("staff",), respondents=1, kind="one_comment", comment_ids=(desk.ward,))
    quiet = await desk.signal(streams=("staff",), respondents=None, kind="silence")
    assert set(await desk.ids()) == {str(risk), str(quiet)}
    assert (await desk.lead.get(f"/api/signals/{few}")).status_code == 404
    guardian = await desk.sign_in("guardian", desk.trust)
    assert str(few) in await desk.ids(guardian)


async def test_what_waits_too_long_comes_first_then_one_comment_then_what_goes_on(desk: Desk) -> None:
    rise = await desk.signal(weeks_between=900.0)
    praise = await desk.signal(meaning="improvement", kind="praise")
    soon, late = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(hours=1)
    waits = await desk.signal(kind="one_comment", comment_ids=(desk.ward,), due_at=soon)
    overdue = await desk.signal(kind="one_comment", comment_ids=(desk.trust,), due_at=late)
    assert await desk.ids() == [str(overdue), str(waits), str(rise), str(praise)]
    counts = (await desk.read(""))["counts"]
    assert (counts["open"], counts["overdue"], counts["at_once"], counts["unowned"]) == (4, 1, 2, 4)


async def test_filters_narrow_the_list(desk: Desk) -> None:
    rise = await desk.signal()
    praise = await desk.signal(org_id=desk.trust, kind="praise", meaning="improvement", streams=("carer",))
    await desk.do(rise, action="own", revision=1)
    assert await desk.ids(kind="praise") == await desk.ids(stream="carer") == [str(praise)]
    assert await desk.ids(unowned=True) == await desk.ids(meaning="improvement") == [str(praise)]
    assert await desk.ids(org=desk.ward) == [str(rise)]
    await desk.do(rise, action="close", reason="known", revision=2)
    assert await desk.ids() == [str(praise)]
    assert await desk.ids(state="closed") == [str(rise)]
    later: dict[str, Any] = {"from": MONDAY + timedelta(days=99)}
    assert await desk.ids(**later) == []


async def test_a_signal_goes_through_its_life_and_every_step_is_kept(desk: Desk) -> None:
    signal = await desk.signal()
    for revision, (action, state) in enumerate(
        [("own", "new"), ("acknowledge", "acknowledged"), ("watch", "watching"), ("act", "acted_on")], start=1
    ):
        changed = await desk.do(signal, action=action, revision=revision, note="Spoke to the ward.")
        assert (changed["state"], changed["revision"]) == (state, revision + 1)
    assert changed["owner"]["name"] == "Ada Invented"
    await desk.do(signal, action="close", reason="dealt_with", revision=5)
    await desk.do(signal, action="reopen", revision=6)
    page = await desk.read(f"/{signal}")
    assert [event["what"] for event in page["events"]] == [
        *("raised", "owned", "acknowledged", "watching", "acted_on", "closed", "reopened"),
    ]
    assert page["events"][5]["text"] == "Ada Invented closed it. Dealt with."
    assert page["events"][1]["note"] == "Spoke to the ward."
    assert page["signal"]["closed_reason"] is None
    assert set(page["may"]) == {"acknowledge", "watch", "act", "close", "release", "undo"}


async def test_a_step_that_came_too_late_or_makes_no_sense_changes_nothing(desk: Desk) -> None:
    signal = await desk.signal()
    await desk.do(signal, action="acknowledge", revision=1)
    assert "somebody else" in (await desk.do(signal, 412, action="watch", revision=1))["detail"].lower()
    await desk.do(signal, 409, action="acknowledge", revision=2)
    await desk.do(signal, 409, action="reopen", revision=2)
    assert "say why" in (await desk.do(signal, 422, action="close", revision=2))["detail"].lower()
    await desk.do(signal, 422, action="close", reason="faded", revision=2)
    assert (await desk.read(f"/{signal}"))["signal"]["revision"] == 2
    analyst = await desk.sign_in("analyst", desk.trust)
    answer = await analyst.post(f"/api/signals/{signal}/changes", json={"action": "watch", "revision": 2}, headers=HERE)
    assert answer.status_code == 403
    assert (await desk.read(f"/{signal}", analyst))["may"] == []


async def test_one_s_own_last_step_can_be_undone_once_and_the_clock_runs_again(desk: Desk) -> None:
    late = datetime.now(UTC) - timedelta(hours=1)
    signal = await desk.signal(kind="one_comment", comment_ids=(desk.ward,), due_at=late)
    await desk.do(signal, action="acknowledge", revision=1)
    assert (await desk.read(f"/{signal}"))["signal"]["overdue"] is False
    undone = await desk.do(signal, action="undo", revision=2)
    assert (undone["state"], undone["overdue"], undone["acknowledged_at"]) == ("new", True, None)
    await desk.do(signal, 409, action="undo", revision=3)
    guardian = await desk.sign_in("guardian", desk.trust)
    await guardian.post(f"/api/signals/{signal}/changes", json={"action": "own", "revision": 3}, headers=HERE)
    await desk.do(signal, 409, action="undo", revision=4)


async def test_was_this_useful_is_answered_once_a_person_and_gives_each_detector_its_precision(desk: Desk) -> None:
    signal, other = await desk.signal(), await desk.signal()
    closed = await desk.signal()
    async with desk.house.owner() as db:
        await db.execute("DELETE FROM signal_answer WHERE signal_id = ANY ($1)", [closed, other])
    await desk.do(closed, action="close", reason="false_alarm", revision=1)
    answers = []
    for useful in (True, False):
        answer = await desk.lead.post(f"/api/signals/{signal}/useful", json={"useful": useful}, headers=HERE)
        answers.append(answer.json())
    assert answers == [{"yes": 2, "no": 0, "mine": True}, {"yes": 1, "no": 1, "mine": False}]
    [row] = await desk.read("/precision")
    assert (row["signals"], row["useful"], row["not_useful"], row["unanswered"]) == (3, 1, 1, 1)
    assert row["precision"] == 0.5
    assert 0 < row["low"] < 0.5 < row["high"] < 1


async def test_a_look_in_review_acknowledges_the_signal_of_that_comment(desk: Desk) -> None:
    async with desk.house.owner() as db:
        comment = await make.comment(db, settings=desk.house.settings, org_id=desk.ward)
        await make.safety(db, comment_id=comment, kinds=("danger_now",))
        signal = await make.signal(db, org_id=desk.ward, kind="one_comment", comment_ids=(comment,))
    looked = await desk.lead.post(f"/api/comments/{comment}/looked-at", headers=HERE)
    assert looked.status_code == 204
    page = await desk.read(f"/{signal}")
    assert page["signal"]["state"] == "acknowledged"
    assert page["signal"]["comment_id"] == page["evidence"][0]["comment"]["id"] == str(comment)
    assert (page["events"][-1]["by"], page["events"][-1]["note"]) == ("Ada Invented", "Looked at in Review.")


async def test_a_page_shows_the_weeks_with_what_was_expected_the_evidence_and_what_is_related(desk: Desk) -> None:
    async with desk.house.owner() as db:
        comment = await make.comment(db, settings=desk.house.settings, org_id=desk.ward, said_on=MONDAY)
        for week, n in ((-1, 2), (0, 7), (1, 2)):
            day = MONDAY + timedelta(weeks=week)
            for measure, label in (("theme_negative", "Discharge"), ("responses", ""), ("sentiment", "4")):
                await db.execute(
                    "INSERT INTO daily VALUES ($1, $2, 'patient', $3, $4, $5)", desk.ward, day, measure, label, n
                )
        signal = await make.signal(db, org_id=desk.ward, comment_ids=(comment,))
        rows = [{"start": MONDAY.isoformat(), "expected": 2.0, "limit": 6.2}]
        await db.execute("UPDATE signal SET expectations = $2 WHERE id = $1", signal, rows)
        near = await make.signal(db, org_id=desk.trust, streams=("carer",))
        await make.signal(db, org_id=desk.trust, theme="Parking")
    page = await desk.read(f"/{signal}")
    weeks = {week["start"]: week for week in page["chart"]["weeks"]}
    assert weeks["2026-03-02"] == {
        "start": "2026-03-02", "label": "2 Mar 2026", "n": 7, "exposure": 7, "expected": 2.0, "limit": 6.2,
        "marked": True,
    }  # fmt: skip
    assert (weeks["2026-02-23"]["n"], weeks["2026-02-23"]["marked"]) == (2, False)
    assert weeks["2026-02-16"]["n"] is None, "before anybody was heard there is no data"
    assert [one["comment"]["id"] for one in page["evidence"]] == [str(comment)]
    assert [one["id"] for one in page["related"]] == [str(near)]
    assert page["signal"]["chance"].startswith("One alarm this strong every 14 weeks is expected by chance")
    assert (page["signal"]["ratio"], page["signal"]["measure_id"]) == (2.25, "theme:Discharge")


async def test_what_a_detector_expected_of_staff_is_drawn_for_guardians_alone(desk: Desk) -> None:
    async with desk.house.owner() as db:
        for measure, label in (("theme_negative", "Discharge"), ("responses", "")):
            await db.execute("INSERT INTO daily VALUES ($1, $2, 'staff', $3, $4, 7)", desk.ward, MONDAY, measure, label)
        signal = await make.signal(db, org_id=desk.ward, streams=("staff",))
        rows = [{"start": MONDAY.isoformat(), "expected": 2.0, "limit": 6.2}]
        await db.execute("UPDATE signal SET expectations = $2 WHERE id = $1", signal, rows)
    drawn = []
    for client in (await desk.sign_in("guardian", desk.trust), desk.lead):
        weeks = (await desk.read(f"/{signal}", client))["chart"]["weeks"]
        drawn += [(week["n"], week["expected"], week["limit"]) for week in weeks if week["start"] == "2026-03-02"]
    assert drawn == [(7, 2.0, 6.2), (5, None, None)]


async def test_the_map_has_a_letter_and_a_sentence_for_every_unit_and_theme(desk: Desk) -> None:
    signal = await desk.signal()
    async with desk.house.owner() as db:
        await make.org(db, code="W8", name="Ward 8", level="team", parent=desk.trust)
        for theme in ("Discharge", "Parking"):
            await db.execute("INSERT INTO daily VALUES ($1, $2, 'patient', 'theme', $3, 4)", desk.ward, MONDAY, theme)
        await db.execute("INSERT INTO daily VALUES ($1, $2, 'patient', 'comments', '', 8)", desk.ward, MONDAY)
    drawn = await desk.read("/map")
    assert [unit["name"] for unit in drawn["units"]] == ["Ward 7", "Ward 8"]
    assert drawn["themes"] == ["", "Discharge", "Parking"]
    cells = {(cell["org_id"], cell["theme"]): cell for cell in drawn["cells"]}
    assert len(cells) == 6
    told = cells[str(desk.ward), "Discharge"]
    assert (told["mark"], told["meaning"], told["n"], told["signal_id"]) == ("C", "concern", 4, str(signal))
    assert cells[str(desk.ward), "Parking"]["mark"] == "·"
    assert {cell["mark"] for cell in drawn["cells"] if cell["org_id"] != str(desk.ward)} == {"–"}


async def test_the_overview_s_top_names_each_place_once_and_counts_what_cannot_wait(desk: Desk) -> None:
    first = await desk.signal()
    await desk.signal(theme="Parking")
    better = await desk.signal(org_id=desk.trust, kind="fall", meaning="improvement")
    await desk.signal(kind="one_comment", comment_ids=(desk.ward,))
    top = await desk.read("/top")
    assert [(one["signal"]["org_id"], one["more"]) for one in top["concerns"]] == [(str(desk.ward), 1)]
    assert first
    assert [one["signal"]["id"] for one in top["improvements"]] == [str(better)]
    assert (top["at_once"], top["open"]) == (1, 4)


async def test_signals_are_drawn_on_the_chart_of_their_own_organisation_and_measure(desk: Desk) -> None:
    signal = await desk.signal()
    drawn = await desk.read("/on-chart", measure="theme:Discharge", org=desk.ward)
    assert [(one["signal_id"], one["mark"], one["since"]) for one in drawn] == [(str(signal), "C", str(MONDAY))]
    assert await desk.read("/on-chart", measure="theme:Discharge", org=desk.trust) == []
    assert await desk.read("/on-chart", measure="comments", org=desk.ward) == []
    assert (await desk.lead.get("/api/signals/on-chart", params={"measure": "nonsense"})).status_code == 404


async def test_the_alarm_budget_is_read_by_all_and_set_by_those_who_see_the_whole_provider(desk: Desk) -> None:
    usual = await desk.read("/rules")
    assert (usual["false_alarms"], usual["acknowledge_hours"], usual["may_change"]) == (4, 4, True)
    wanted = {"false_alarms": 1, "acknowledge_hours": 2}
    answer = await desk.lead.put("/api/signals/rules", json=wanted, headers=HERE)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["false_alarms"], answer.json()["set_by"]) == (1, "Ada Invented")
    assert "about 1 false alarm a month" in answer.json()["sentence"]
    part = await desk.sign_in("quality_lead", desk.ward)
    seen = await desk.read("/rules", part)
    assert (seen["provider_name"], seen["false_alarms"], seen["may_change"]) == ("Our Trust", 1, False)
    assert (await part.put("/api/signals/rules", json=wanted, headers=HERE)).status_code == 403
    manager = await desk.sign_in("manager", desk.trust)
    assert (await manager.put("/api/signals/rules", json=wanted, headers=HERE)).status_code == 403
    refused = await desk.lead.put("/api/signals/rules", json={**wanted, "false_alarms": 0}, headers=HERE)
    assert refused.status_code == 422


async def test_before_the_first_look_nothing_could_be_known(desk: Desk) -> None:
    before = await desk.read("/known", on=MONDAY)
    assert (before["recorded"], before["found"], before["first_scan"]) == (None, [], None)
    assert "nothing could be known" in before["explanation"]
