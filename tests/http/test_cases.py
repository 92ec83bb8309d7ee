"""Cases through the console's door: who sees which, what handlers do with them, and that nobody's work is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from desk import ADD_TEXT, CANARY, HERE, Desk, Person, b64, furnished, notes_body, raw
from earshot.cases import sealing
from house import House

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def desk(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> AsyncIterator[Desk]:
    yield await furnished(house, console_clients)


@pytest_asyncio.fixture
async def grace(desk: Desk) -> Person:
    return await desk.person("guardian", "Grace Invented")


@pytest_asyncio.fixture
async def omar(desk: Desk) -> Person:
    return await desk.person("guardian", "Omar Invented")


async def test_a_guardian_opens_what_was_written_and_every_look_is_kept(desk: Desk, grace: Person) -> None:
    case = await desk.case("The rota is unsafe.", way="confidential")
    await desk.heard(case, criticality=3)
    answer = await grace.client.get(f"/api/cases/{case}")
    page = answer.json()
    assert answer.headers["etag"] == '"1"'
    keys = grace.opens(case, page["locks"][0])
    texts = {text["kind"]: keys.open(text["kind"], raw(text["sealed"])) for text in page["texts"]}
    assert texts["report"]["text"] == "The rota is unsafe."
    assert texts["contact"]["name"] == "Nora Invented"
    assert page["case"]["criticality"] == 3
    assert keys.open("reading", raw(page["case"]["reading"]))["text"] == "Nobody comes at night."
    assert [one["name"] for one in page["handlers"]] == ["Grace Invented"]
    assert await desk.audited(case) == ["case.read"]
    await grace.get(f"/cases/{case}")
    assert await desk.audited(case) == ["case.read", "case.read"]


async def test_the_queue_can_be_read_in_one_go_and_says_so_once_a_day(desk: Desk, grace: Person) -> None:
    case = await desk.case()
    assert (await grace.get("/cases"))["items"][0]["reading"] is None
    assert await desk.audited(case) == []
    await desk.heard(case)
    for _ in range(2):
        item = (await grace.get("/cases"))["items"][0]
        assert grace.opens(case, item["lock"]).open("reading", raw(item["reading"]))["text"]
    assert await desk.audited(case) == ["case.read"]


async def test_the_queue_begins_with_risk_then_late_thanks_then_criticality_then_age(desk: Desk, grace: Person) -> None:
    long_ago, lately = date.today() - timedelta(days=20), date.today() - timedelta(days=1)
    made: dict[str, UUID] = {}
    for name, day, risk, criticality in (
        ("older", lately, False, 1),
        ("newer", date.today(), False, 1),
        ("critical", date.today(), False, 4),
        ("late", long_ago, False, 0),
        ("risk", date.today(), True, 2),
        ("unread", lately, None, None),
    ):
        made[name] = await desk.case(day=day)
        if risk is not None:
            await desk.heard(made[name], risk=risk, criticality=criticality)
    names = {str(case): name for name, case in made.items()}
    assert [names[one] for one in await grace.ids()] == ["risk", "unread", "late", "critical", "older", "newer"]
    counts = (await grace.get("/cases"))["counts"]
    assert (counts["total"], counts["must_look"], counts["thanks_overdue"], counts["owner_overdue"]) == (6, 2, 1, 1)


async def test_thanks_in_bulk_are_given_once_and_the_clock_stops(desk: Desk, grace: Person, omar: Person) -> None:
    cases = [await desk.case(day=date.today() - timedelta(days=20)) for _ in range(3)]
    assert (await grace.get("/cases"))["counts"]["thanks_overdue"] == 3
    ids = [str(case) for case in cases]
    first, second = await asyncio.gather(
        grace.send("POST", "/cases/thank", {"ids": [*ids, str(uuid4())]}),
        omar.send("POST", "/cases/thank", {"ids": ids[::-1]}),
    )
    assert sorted([one["id"] for one in [*first["items"], *second["items"]]]) == sorted(ids)
    queue = await grace.get("/cases")
    assert queue["counts"]["thanks_overdue"] == 0
    assert {(item["state"], item["version"]) for item in queue["items"]} == {("open", 2)}


async def test_a_case_is_sorted_by_what_a_person_decides(desk: Desk, grace: Person) -> None:
    case = await desk.case()
    body = {
        "elements": ["Patient safety or quality", "Bullying or harassment"],
        "worker_group": "nursing_midwifery",
        "seniority": "worker",
        "suggestion": "corrected",
        "way": "confidential",
    }
    sorted_case = await grace.change("PATCH", case, body=body)
    assert {name: sorted_case[name] for name in body} == body
    assert sorted_case["triaged_on"] == str(date.today())
    await grace.change("PATCH", case, body={"elements": ["Parking"]}, status=422)
    await grace.change("PATCH", case, body={"worker_group": "kings"}, status=422)
    await grace.change("PATCH", case, body={}, status=422)
    assert (await grace.change("PATCH", case, body={"seniority": None}))["elements"] == body["elements"]
    choices = await grace.get("/cases/choices")
    assert "Parking" in choices["elements"]["patient"]
    assert len(choices["worker_groups"]) == 11
    told = await desk.case(audience="patient")
    assert (await grace.change("PATCH", told, body={"elements": ["Parking"]}))["elements"] == ["Parking"]


async def test_a_change_needs_the_version_that_was_seen(desk: Desk, grace: Person, omar: Person) -> None:
    case = await desk.case()
    answer = await grace.send("PATCH", f"/cases/{case}", {"seniority": "worker"}, status=428)
    assert "If-Match" in answer["detail"]
    seen = await grace.version(case)
    await omar.send("PATCH", f"/cases/{case}", {"seniority": "manager"}, version=seen)
    lost = await grace.send("PATCH", f"/cases/{case}", {"seniority": "worker"}, version=seen, status=412)
    assert "Somebody else changed this case since you opened it" in lost["detail"]
    assert (await grace.get(f"/cases/{case}"))["case"]["seniority"] == "manager"
    for nonsense in ('"two"', "*", '"99999999999999999999"', ""):
        headers = {"sec-fetch-site": "same-origin", "If-Match": nonsense}
        refused = await grace.client.patch(f"/api/cases/{case}", json={"seniority": "worker"}, headers=headers)
        assert refused.status_code == 412


async def test_every_kind_of_change_is_refused_on_a_stale_version(desk: Desk, grace: Person) -> None:
    case, other = await desk.case(), await desk.case()
    await grace.change("POST", case, "/hand-offs", {"kind": "pals", "sealed": await desk.told(case, "hand_off")})
    await grace.change("POST", case, "/actions", {"sealed": await desk.told(case, "action")})
    page = await grace.get(f"/cases/{case}")
    hand_off, action = page["hand_offs"][0]["id"], page["actions"][0]["id"]
    keys = grace.opens(case, page["locks"][0])
    lock = {"pair_id": str(grace.pair), "opens": "case", "sealed": b64(keys.lock_for(grace.keys.public))}
    reference = await desk.reference(other)
    changes: list[tuple[str, str, Any]] = [
        ("PATCH", "", {"seniority": "worker"}),
        ("POST", "/owner", {"account_id": str(grace.account)}),
        ("POST", "/messages", {"sealed": await desk.told(case, "from_handler")}),
        ("POST", "/notes", notes_body(case, [grace])[1]),
        ("POST", "/hand-offs", {"kind": "pals", "sealed": await desk.told(case, "hand_off")}),
        ("PATCH", f"/hand-offs/{hand_off}", {"state": "sent"}),
        ("POST", "/actions", {"sealed": await desk.told(case, "action")}),
        ("PATCH", f"/actions/{action}", {"done": True}),
        ("POST", "/link", {"reference": reference}),
        ("POST", "/locks", {"locks": [lock]}),
        ("POST", "/close", {"sealed": await desk.told(case, "outcome"), "outcome": "resolved"}),
    ]
    before = await grace.get(f"/cases/{case}")
    for method, path, body in changes:
        await grace.send(method, f"/cases/{case}{path}", body, version=before["case"]["version"] - 1, status=412)
        await grace.send(method, f"/cases/{case}{path}", body, status=428)
    assert await grace.get(f"/cases/{case}") == before
    for method, path, body in changes:
        await grace.change(method, case, path, body)
    await grace.send("POST", f"/cases/{case}/reopen", version=1, status=412)


async def test_handlers_and_the_person_write_to_each_other_under_the_case_key(desk: Desk, grace: Person) -> None:
    case = await desk.case()
    await grace.get(f"/cases/{case}")
    await desk.sql(ADD_TEXT, case, "from_person", b"sealed")
    assert [item["unread"] for item in (await grace.get("/cases"))["items"]] == [1]
    assert (await grace.get(f"/cases/{case}"))["case"]["unread"] == 1
    assert (await grace.get("/cases"))["counts"]["unread"] == 0, "reading it is what makes it read"
    await grace.change("POST", case, "/messages", {"sealed": await desk.told(case, "from_handler", text="Which ward?")})
    page = await grace.get(f"/cases/{case}")
    assert page["case"]["state"] == "open"
    written = page["texts"][-1]
    assert (written["kind"], written["by"]) == ("from_handler", "Grace Invented")
    by_receipt = sealing.open_under_receipt(
        case, await desk.sql("SELECT receipt_sealed FROM case_file WHERE id = $1", case), desk.receipts[case]
    )
    assert by_receipt.open("from_handler", raw(written["sealed"]))["text"] == "Which ward?"
    for wrong in (b64(b"plain words"), b64(bytes(48)), b64(bytes(48 + 255)), "not base64!", b64(bytes(300_000))):
        answer = await grace.client.post(
            f"/api/cases/{case}/messages",
            json={"sealed": wrong},
            headers={"If-Match": f'"{page["case"]["version"]}"', "sec-fetch-site": "same-origin"},
        )
        assert answer.status_code in (413, 422)


async def test_private_notes_have_a_key_of_their_own_that_every_handler_of_the_case_gets(
    desk: Desk, grace: Person, omar: Person
) -> None:
    case = await desk.case()
    keys, body = notes_body(case, [grace, omar])
    await grace.change("POST", case, "/notes", {**body, "locks": body["locks"][:1]}, status=409)
    await grace.change("POST", case, "/notes", {"sealed": body["sealed"]}, status=409)
    await grace.change("POST", case, "/notes", body)
    page = await omar.get(f"/cases/{case}")
    lock = next(one for one in page["locks"] if one["opens"] == "notes")
    opened = omar.opens(case, lock, "lock-notes")
    note = next(text for text in page["texts"] if text["kind"] == "note")
    assert opened.open("note", raw(note["sealed"]))["text"] == "Ring HR first."
    assert opened.private == keys.private
    receipt = desk.receipts[case]
    sealed = await desk.sql("SELECT receipt_sealed FROM case_file WHERE id = $1", case)
    assert sealing.open_under_receipt(case, sealed, receipt).private != keys.private
    _, another = notes_body(case, [grace, omar])
    await omar.change("POST", case, "/notes", another, status=412)
    again = b64(sealing.seal_text(keys.public, case, "note", {"text": "Done."}))
    await omar.change("POST", case, "/notes", {"sealed": again})


async def test_nobody_takes_a_case_on_who_may_not_see_it_or_cannot_open_it(
    desk: Desk, grace: Person, omar: Person
) -> None:
    case = await desk.case(not_accounts=[omar.account])
    newcomer = await desk.person("guardian", "Una Invented")
    manager = await desk.person("manager", "Max Invented")
    for person, reason in (
        (omar, "must not see it"),
        (newcomer, "Give Una Invented access first"),
        (manager, "does not handle cases"),
    ):
        for body in (
            {"account_id": str(person.account)},
            {"account_id": str(grace.account), "deputy_id": str(person.account)},
        ):
            refused = await grace.change("POST", case, "/owner", body, status=409)
            assert reason in refused["detail"]
    owned = await grace.change("POST", case, "/owner", {"account_id": str(grace.account)})
    assert owned["owner"]["name"] == "Grace Invented"
    assert await grace.ids(mine=True) == [str(case)]
    assert (await grace.change("POST", case, "/owner", {}))["owner"] is None
    same = {"account_id": str(grace.account), "deputy_id": str(grace.account)}
    await grace.change("POST", case, "/owner", same, status=422)


async def test_people_whom_a_case_excludes_find_no_trace_of_it(desk: Desk, grace: Person, omar: Person) -> None:
    pals = await desk.person("pals", "Pat Invented")
    named = await desk.case(audience="patient", not_accounts=[omar.account])
    by_role = await desk.case(audience="patient", not_roles=["pals"])
    plain = await desk.case(audience="patient")
    assert set(await grace.ids()) == {str(named), str(by_role), str(plain)}
    assert set(await omar.ids()) == {str(by_role), str(plain)}
    assert set(await pals.ids()) == {str(named), str(plain)}
    assert (await omar.get("/cases"))["counts"]["total"] == 2
    assert [one["name"] for one in (await grace.get(f"/cases/{named}"))["handlers"]] == [
        "Grace Invented",
        "Pat Invented",
    ]
    assert [one["name"] for one in (await grace.get(f"/cases/{by_role}"))["handlers"]] == [
        "Grace Invented",
        "Omar Invented",
    ]
    for person, hidden in ((omar, named), (pals, by_role)):
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"seniority": "worker"}),
            ("POST", "/messages", {"sealed": await desk.told(hidden, "from_handler")}),
            ("POST", "/link", {"reference": await desk.reference(plain)}),
        ):
            theirs = await person.send(method, f"/cases/{hidden}{path}", body, version=1, status=404)
            nobodys = await person.send(method, f"/cases/{uuid4()}{path}", body, version=1, status=404)
            assert theirs == nobodys
        await person.change("POST", plain, "/link", {"reference": await desk.reference(hidden)}, status=404)
        assert (await person.send("POST", "/cases/thank", {"ids": [str(hidden)]}))["items"] == []
    await grace.change("PATCH", plain, body={"same_as": str(named)})
    assert (await omar.get(f"/cases/{plain}"))["same"] == []
    assert (await omar.get(f"/cases/{plain}"))["case"]["same_as"] is None
    await omar.change("PATCH", plain, body={"seniority": "worker"})
    assert (await grace.get(f"/cases/{plain}"))["case"]["same_as"] == str(named), "what one cannot see is not lost"


async def test_cases_of_another_trust_or_another_stream_are_unknown(desk: Desk, grace: Person) -> None:
    theirs = await desk.person("guardian", "Thea Invented", place=desk.theirs)
    pals = await desk.person("pals", "Pat Invented")
    staff, patient = await desk.case(), await desk.case(audience="patient")
    assert await theirs.ids() == []
    await theirs.get(f"/cases/{staff}", 404)
    assert await pals.ids() == [str(patient)]
    await pals.get(f"/cases/{staff}", 404)
    assert await grace.ids(stream="staff") == [str(staff)]
    assert set(await grace.ids(org_id=desk.ward)) == {str(staff), str(patient)}
    await grace.get("/cases", 404, org_id=desk.theirs)


async def test_near_duplicates_are_linked_both_ways_and_people_stay_apart(desk: Desk, grace: Person) -> None:
    first, second, third = [await desk.case() for _ in range(3)]
    await grace.change("PATCH", second, body={"same_as": str(first)})
    await grace.change("PATCH", third, body={"same_as": str(first)})
    for case, others in ((first, {second, third}), (second, {first, third})):
        assert {one["id"] for one in (await grace.get(f"/cases/{case}"))["same"]} == {str(other) for other in others}
    assert len(await grace.ids()) == 3
    await grace.change("PATCH", first, body={"same_as": str(first)}, status=422)
    await grace.change("PATCH", first, body={"same_as": str(uuid4())}, status=422)
    await grace.change("PATCH", third, body={"same_as": None})
    assert (await grace.get(f"/cases/{third}"))["same"] == []


async def test_a_lost_receipt_is_mended_by_a_link_to_the_earlier_case(desk: Desk, grace: Person) -> None:
    earlier, later = await desk.case(), await desk.case()
    reference = await desk.reference(earlier)
    await grace.change("POST", later, "/link", {"reference": f" {reference.lower()} "})
    assert (await grace.get(f"/cases/{later}"))["continues"] == {"id": str(earlier), "reference": reference}
    assert [one["id"] for one in (await grace.get(f"/cases/{earlier}"))["continued_by"]] == [str(later)]
    await grace.change("POST", later, "/link", {"reference": "NONE-SUCH"}, status=404)
    await grace.change("POST", later, "/link", {"reference": await desk.reference(later)}, status=422)


async def test_a_hand_off_is_a_draft_that_a_person_sends(desk: Desk, grace: Person) -> None:
    case = await desk.case(audience="patient")
    body = {"kind": "complaint", "sealed": await desk.told(case, "hand_off"), "about": {"subject": "patient_care"}}
    drafted = await grace.change("POST", case, "/hand-offs", body)
    assert drafted["hand_off_due"] is not None
    hand_off = (await grace.get(f"/cases/{case}"))["hand_offs"][0]
    assert (hand_off["state"], hand_off["about"], hand_off["overdue"]) == ("draft", {"subject": "patient_care"}, False)
    path = f"/hand-offs/{hand_off['id']}"
    newer = {"sealed": await desk.told(case, "hand_off", text="Better."), "about": {"subject": "staff_numbers"}}
    await grace.change("PATCH", case, path, newer)
    assert (await grace.change("PATCH", case, path, {"state": "sent"}))["hand_off_due"] is None
    sent = (await grace.get(f"/cases/{case}"))["hand_offs"][0]
    assert (sent["state"], sent["sent_by"], sent["about"]) == ("sent", "Grace Invented", {"subject": "staff_numbers"})
    assert sent["text_n"] > hand_off["text_n"]
    await grace.change("PATCH", case, path, {"state": "withdrawn"}, status=409)
    await grace.change("PATCH", case, f"/hand-offs/{uuid4()}", {"state": "sent"}, status=404)
    words = {**body, "about": {"subject": "Sister Jones shouted"}}
    await grace.change("POST", case, "/hand-offs", words, status=422)


async def test_a_case_is_closed_with_an_outcome_and_can_be_opened_again(desk: Desk, grace: Person) -> None:
    case = await desk.case()
    await grace.change("POST", case, "/reopen", status=409)
    closing = {"sealed": await desk.told(case, "outcome"), "outcome": "action_taken", "learning": "shared"}
    closed = await grace.change("POST", case, "/close", closing)
    assert (closed["state"], closed["outcome"], closed["closed_on"]) == ("closed", "action_taken", str(date.today()))
    assert await grace.ids() == []
    assert await grace.ids(state="closed") == [str(case)]
    for method, path, body in (
        ("PATCH", "", {"seniority": "worker"}),
        ("POST", "/owner", {}),
        ("POST", "/actions", {"sealed": await desk.told(case, "action")}),
        ("POST", "/close", closing),
    ):
        assert "closed" in (await grace.change(method, case, path, body, status=409))["detail"]
    assert (await grace.change("POST", case, "/reopen"))["state"] == "open"
    steps = [step["kind"] for step in (await grace.get(f"/cases/{case}"))["steps"]]
    assert steps == ["filed", "closed", "reopened"]
    assert [line for line in await desk.audited(case) if line != "case.read"] == ["case.closed", "case.reopened"]


async def test_a_closed_case_comes_back_when_its_person_writes_again(desk: Desk, grace: Person) -> None:
    case, other = await desk.case(), await desk.case()
    await desk.heard(other)
    await grace.change("POST", case, "/close", {"sealed": await desk.told(case, "outcome"), "outcome": "resolved"})
    assert await grace.ids() == [str(other)]
    await desk.sql(ADD_TEXT, case, "from_person", b"sealed")
    assert await grace.ids() == [str(case), str(other)]
    item = (await grace.get("/cases"))["items"][0]
    assert (item["state"], item["awaits_answer"], item["unread"]) == ("closed", True, 1)
    await grace.change("POST", case, "/messages", {"sealed": await desk.told(case, "from_handler")})
    assert await grace.ids() == [str(other)]


async def test_every_step_is_told_in_a_sentence(desk: Desk, grace: Person) -> None:
    case = await desk.case()
    await grace.send("POST", "/cases/thank", {"ids": [str(case)]})
    await grace.change("POST", case, "/owner", {"account_id": str(grace.account)})
    await grace.change("POST", case, "/actions", {"sealed": await desk.told(case, "action"), "due_on": "2027-01-08"})
    action = (await grace.get(f"/cases/{case}"))["actions"][0]
    assert (action["due_on"], action["done_on"]) == ("2027-01-08", None)
    await grace.change("PATCH", case, f"/actions/{action['id']}", {"done": True})
    await grace.change("PATCH", case, f"/actions/{uuid4()}", {"done": True}, status=404)
    page = await grace.get(f"/cases/{case}")
    assert page["actions"][0]["done_on"] == str(date.today())
    assert [step["text"] for step in page["steps"]] == [
        "Somebody spoke up.",
        "Grace Invented thanked the person.",
        "Grace Invented settled who looks after it.",
        "Grace Invented noted an action.",
        "Grace Invented noted that an action is done.",
    ]


async def test_access_is_given_by_somebody_who_can_open_the_case(desk: Desk, grace: Person) -> None:
    case = await desk.case()
    una = await desk.person("guardian", "Una Invented")
    item = (await una.get("/cases"))["items"][0]
    assert (item["has_lock"], item["lock"], (await una.get("/cases"))["counts"]["locked"]) == (False, None, 1)
    keys = grace.opens(case, (await grace.get(f"/cases/{case}"))["locks"][0])
    locks = [{"pair_id": str(una.pair), "opens": "case", "sealed": b64(keys.lock_for(una.keys.public))}]
    await una.change("POST", case, "/locks", {"locks": locks}, status=409)
    stranger = await desk.person("guardian", "Thea Invented", place=desk.theirs)
    wrong = [{**locks[0], "pair_id": str(stranger.pair)}]
    await grace.change("POST", case, "/locks", {"locks": wrong}, status=409)
    await grace.change("POST", case, "/locks", {"locks": [{**locks[0], "opens": "notes"}]}, status=409)
    await grace.change("POST", case, "/locks", {"locks": locks})
    page = await una.get(f"/cases/{case}")
    assert una.opens(case, page["locks"][0]).private == keys.private
    assert "case.access_given" in await desk.audited(case)


@pytest.mark.slow
@pytest.mark.parametrize("role", ["manager", "analyst"])
async def test_promise_36_managers_read_themes_and_no_word_of_a_case(desk: Desk, grace: Person, role: str) -> None:
    async with desk.house.owner() as db:
        comment = await make.comment(db, settings=desk.house.settings, org_id=desk.ward, text="The tea was cold.")
        await make.analysed(db, comment_id=comment, theme="Food & drink")
    case = await desk.case(f"{CANARY} at night.", audience="patient", way="confidential")
    await desk.heard(case, risk=True)
    await grace.change("POST", case, "/notes", notes_body(case, [grace], text=CANARY)[1])
    await grace.change("POST", case, "/hand-offs", {"kind": "pals", "sealed": await desk.told(case, "hand_off")})
    page = await grace.get(f"/cases/{case}")
    reference, hand_off = page["case"]["reference"], page["hand_offs"][0]["id"]
    secrets = [CANARY, "Nora Invented", reference, hand_off, str(case)]
    secrets += [each["sealed"] for each in [*page["texts"], *page["locks"]]]
    reader = await desk.person(role, "Max Invented", keys=False)
    ids = {"org_id": desk.ward, "comment_id": comment, "hand_off_id": hand_off, "reference": reference}
    told = await everything_that_is_answered(reader, ids, case)
    assert {path: secret for path, answer in told.items() for secret in secrets if secret in answer} == {}
    assert all(word in told["GET /api/comments"] for word in ("Food & drink", "The tea was cold.")), "this is read"
    assert len(told) > 60


async def everything_that_is_answered(reader: Person, ids: Mapping[str, object], otherwise: UUID) -> dict[str, str]:
    """What every route of the console answers to somebody, except those that end their session.

    Paths are filled with `ids`, and with `otherwise` where there is none; what is sent is empty.
    """
    told = {}
    for path, methods in (await reader.get("/openapi.json"))["paths"].items():
        filled = re.sub(r"{(\w+)}", lambda name: str(ids.get(name[1], otherwise)), path)
        for method in (each for each in methods if not path.startswith(("/api/session", "/api/account"))):
            answer = await reader.client.request(method, filled, json={}, headers={**HERE, "If-Match": '"1"'})
            assert answer.status_code < 500, path
            told[f"{method.upper()} {path}"] = answer.text
    return told
