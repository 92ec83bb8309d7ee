"""Speaking up at the public door: the form, what is kept of it, and what is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest
import speaking
from earshot.cases import filing, sealing
from earshot.core.crypto import KeyFiles
from page import Page
from speaking import Hospital

pytestmark = pytest.mark.slow

WORDS = "On Tuesday night nobody answered the bells on bay two."


async def form(hospital: Hospital, audience: str = "staff") -> Page:
    response = await hospital.public.client.get(f"/s/{hospital.public.token}?as={audience}")
    assert response.status_code == 200
    return Page(response)


async def send(hospital: Hospital, values: dict[str, Any]) -> httpx.Response:
    """Post the form as a browser without JavaScript does; a list is several ticked boxes."""
    fields = [(name, one) for name, given in values.items() for one in (given if isinstance(given, list) else [given])]
    files = [(name, (None, value)) for name, value in fields]
    return await hospital.public.client.post(f"/s/{hospital.public.token}", files=files)


async def filled(hospital: Hospital, **said: Any) -> dict[str, Any]:
    page = await form(hospital)
    hidden = {given["name"]: given["value"] for given in page.all("input") if given.get("type") == "hidden"}
    return {**hidden, "way": "anonymous", "text": WORDS, **said}


def receipt_in(response: httpx.Response) -> str:
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}", response.text)
    assert found is not None, response.text
    return found[0]


async def cases(hospital: Hospital) -> list[Any]:
    async with hospital.public.house.owner() as db:
        rows: list[Any] = await db.fetch("SELECT * FROM case_file ORDER BY id")
        return rows


async def texts(hospital: Hospital, case_id: Any) -> dict[str, Any]:
    """Every text of a case, opened by the guardian."""
    async with hospital.public.house.owner() as db:
        keys = await hospital.guardian.opens(db, case_id)
        rows = await db.fetch("SELECT kind, sealed FROM case_text WHERE case_id = $1 ORDER BY n", case_id)
        return {row["kind"]: keys.open(row["kind"], row["sealed"]) for row in rows}


async def test_promise_19_the_form_to_speak_up_is_plain_html_and_small(hospital: Hospital) -> None:
    response = await hospital.public.client.get(f"/s/{hospital.public.token}?as=staff")
    page = Page(response)
    assert len(response.content) < 30_000
    (only,) = page.all("form")
    assert (only["method"], only["action"]) == ("post", f"/s/{hospital.public.token}")
    assert "Grace Invented, Freedom to Speak Up Guardian" in page.text
    assert "sends your words to our server, and the server seals them" in page.text
    labelled = {given["for"] for given in page.all("label")}
    fields = [*page.all("input"), *page.all("textarea")]
    assert [given["id"] for given in fields if given.get("type") != "hidden" and given["id"] not in labelled] == []
    assert len(page.ids) == len(set(page.ids))
    assert {"set-cookie"} & set(response.headers) == set()


@pytest.mark.parametrize(("audience", "chosen"), [("staff", None), ("patient", "open"), ("carer", "open")])
async def test_staff_choose_how_and_patients_begin_with_a_named_reply(
    hospital: Hospital, audience: str, chosen: str | None
) -> None:
    assert (await form(hospital, audience)).values.get("way") == chosen


async def test_without_javascript_the_server_seals_and_shows_the_receipt_once(hospital: Hospital) -> None:
    response = await send(hospital, await filled(hospital, not_to="My matron"))
    assert response.status_code == 200
    (case,) = await cases(hospital)
    assert (case["sealed_by"], case["way"], case["stream"], case["org_id"]) == (
        "server",
        "anonymous",
        "staff",
        hospital.public.ward,
    )
    receipt = sealing.normalise(receipt_in(response))
    assert case["receipt_hash"] == sealing.receipt_hash(sealing.lookup(receipt))
    ((kind, report),) = (await texts(hospital, case["id"])).items()
    assert (kind, report) == ("report", {"text": WORDS, "not_to": "My matron", "salt": report["salt"]})
    keys = sealing.open_under_receipt(case["id"], case["receipt_sealed"], receipt)
    assert keys.public == case["public"]
    hashed = sealing.text_hash(sealing.salt_from(report["salt"]), WORDS)
    assert case["content_hash"] == sealing.content_hash(case["id"], date.today(), hashed)
    for line in (f"Salt: {report['salt']}\n", f"Text: {hashed.hex()}\n", f"Proof: {case['content_hash'].hex()}\n"):
        assert line in response.text


async def test_a_second_press_on_send_files_nothing_more_and_shows_the_same_receipt(hospital: Hospital) -> None:
    values = await filled(hospital)
    first, second = await send(hospital, values), await send(hospital, values)
    assert receipt_in(first) == receipt_in(second)
    assert first.text == second.text
    other = await send(hospital, {**values, "text": "Something else."})
    assert receipt_in(other) != receipt_in(first)
    assert len(await cases(hospital)) == 2


async def test_a_report_is_read_by_a_job_of_the_same_transaction(hospital: Hospital) -> None:
    await send(hospital, await filled(hospital))
    (case,) = await cases(hospital)
    async with hospital.public.house.owner() as db:
        payload = await db.fetchval("SELECT payload FROM pgqueuer WHERE entrypoint = 'read_case'")
        wrap = await db.fetchrow("SELECT * FROM vault.case_wrap")
    assert str(case["id"]).encode() in payload
    opening = KeyFiles(hospital.public.house.settings.keys).day_opening(wrap["key_id"])
    assert WORDS.encode() in opening.open(wrap["sealed"], info=sealing.info(case["id"], "wrap"))


async def test_name_and_reach_are_kept_only_where_they_were_meant(hospital: Hospital) -> None:
    named = {"name": "Nora Invented", "reach": "extension 5"}
    await send(hospital, await filled(hospital, way="confidential", **named))
    (case,) = await cases(hospital)
    assert (await texts(hospital, case["id"]))["contact"] == named
    await send(hospital, await filled(hospital, **named))
    (anonymous,) = [row for row in await cases(hospital) if row["way"] == "anonymous"]
    assert "contact" not in await texts(hospital, anonymous["id"])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"way": ""}, "way"),
        ({"way": "loudly"}, "way"),
        ({"text": " \r\n "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"way": "open"}, "name"),
        ({"earlier": "x" * 301}, "earlier"),
        ({"exclude": ["nobody"]}, "exclude"),
    ],
)
async def test_what_is_wrong_is_named_and_what_was_typed_stays(
    hospital: Hospital, given: dict[str, Any], field: str
) -> None:
    response = await send(hospital, await filled(hospital, **{"not_to": "My matron", **given}))
    page = Page(response)
    assert response.status_code == 422
    assert f"#{field}" in {link["href"] for link in page.all("a")}
    assert field in page.ids
    assert page.values["not_to"] == "My matron"
    assert page.values["text"].strip() == given.get("text", WORDS).strip()
    assert await cases(hospital) == []


async def test_whoever_must_not_see_it_gets_no_key_to_it(hospital: Hospital) -> None:
    async with hospital.public.house.owner() as db:
        second = await speaking.handler(db, org_id=hospital.public.provider, name="Hugh Invented")
    await send(hospital, await filled(hospital, exclude=[str(second.account_id)]))
    (case,) = await cases(hospital)
    async with hospital.public.house.owner() as db:
        pairs = [row["pair_id"] for row in await db.fetch("SELECT pair_id FROM case_lock")]
        excluded = [row["account_id"] for row in await db.fetch("SELECT account_id FROM case_exclusion")]
    assert pairs == [hospital.guardian.pair_id]
    assert excluded == [second.account_id]
    assert case["excluded_roles"] == []


async def test_where_everybody_must_not_see_it_other_ways_are_shown_and_nothing_is_kept(hospital: Hospital) -> None:
    response = await send(hospital, await filled(hospital, exclude=[str(hospital.guardian.account_id)]))
    assert response.status_code == 422
    assert "nobody here could read your report" in Page(response).text
    for outside in ("Care Quality Commission", "NHS England", "Protect"):
        assert outside in response.text
    assert WORDS in response.text
    assert await cases(hospital) == []


async def test_patients_may_keep_a_whole_role_out_and_staff_reports_never_reach_pals(hospital: Hospital) -> None:
    async with hospital.public.house.owner() as db:
        pals = await speaking.handler(db, org_id=hospital.public.provider, role="pals", name="Paul Invented")
    assert "Paul Invented" not in (await form(hospital, "staff")).text
    assert "Paul Invented, PALS" in (await form(hospital, "patient")).text
    await send(hospital, await filled(hospital, audience="patient", exclude=["guardian"]))
    (case,) = await cases(hospital)
    assert (case["excluded_roles"], case["stream"]) == (["guardian"], "patient")
    async with hospital.public.house.owner() as db:
        assert [row["pair_id"] for row in await db.fetch("SELECT pair_id FROM case_lock")] == [pals.pair_id]


async def test_a_browser_files_ciphertexts_only(hospital: Hospital) -> None:
    nurse = hospital.browser()
    response = await nurse.file(text=WORDS, way="confidential", name="Nora Invented", reach="")
    assert response.status_code == 201
    (case,) = await cases(hospital)
    assert case["sealed_by"] == "browser"
    kept = await texts(hospital, case["id"])
    hashed = sealing.text_hash(sealing.salt_from(kept["report"]["salt"]), WORDS)
    assert response.json() == {
        "received_on": date.today().isoformat(),
        "content_hash": speaking.b64(sealing.content_hash(case["id"], date.today(), hashed)),
    }
    assert kept["contact"] == {"name": "Nora Invented", "reach": ""}
    assert WORDS.encode() not in hospital.public.house.dump()


async def test_sending_again_after_a_lost_answer_files_it_once(hospital: Hospital) -> None:
    nurse = hospital.browser()
    body = await nurse.body()
    answers = [await hospital.public.client.post("/api/v1/cases", json=body) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(await cases(hospital)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"day": (date.today() - timedelta(days=1)).isoformat()},
        {"locks": [{"pair_id": str(uuid4()), "sealed": speaking.b64(bytes(80))}]},
        {"excluded_accounts": [str(uuid4())]},
        {"excluded_roles": ["matron"]},
        {"wrap": {"key_id": "2020-01-01", "sealed": speaking.b64(bytes(48 + 256))}},
    ],
)
async def test_what_was_sealed_to_others_or_another_day_is_asked_for_again(
    hospital: Hospital, change: dict[str, Any]
) -> None:
    answer = await hospital.public.client.post("/api/v1/cases", json={**await hospital.browser().body(), **change})
    assert answer.status_code == 409
    assert await cases(hospital) == []


@pytest.mark.parametrize(
    "change",
    [
        {"report": speaking.b64(bytes(300))},
        {"report": speaking.b64(bytes(48 + 256 * 200))},
        {"contact": speaking.b64(bytes(48 + 256))},
        {"receipt_hash": speaking.b64(bytes(31))},
        {"once": "short"},
        {"words": "in clear"},
        {"report": "not base64!"},
    ],
)
async def test_what_is_not_sealed_as_agreed_is_refused_without_quoting_it(
    hospital: Hospital, change: dict[str, Any]
) -> None:
    answer = await hospital.public.client.post("/api/v1/cases", json={**await hospital.browser().body(), **change})
    assert answer.status_code == 422
    assert all(str(value) not in answer.text for value in change.values())
    assert await cases(hospital) == []


async def test_somebody_else_s_case_cannot_be_taken_over(hospital: Hospital) -> None:
    first, second = hospital.browser(), hospital.browser()
    await first.file()
    second.case_id = first.case_id
    assert (await second.file()).status_code == 409
    assert len(await cases(hospital)) == 1


async def test_two_people_of_an_escrow_get_it_sealed_one_inside_the_other(hospital: Hospital) -> None:
    async with hospital.public.house.owner() as db:
        pairs = [await speaking.handler(db, org_id=hospital.public.provider, role="administrator") for _ in range(2)]
        sql = "INSERT INTO escrow (org_id, first_pair_id, second_pair_id) VALUES ($1, $2, $3)"
        await db.execute(sql, hospital.public.provider, pairs[0].pair_id, pairs[1].pair_id)
    assert "two named people" in (await form(hospital)).text
    nurse = hospital.browser()
    assert (await nurse.file()).status_code == 201
    async with hospital.public.house.owner() as db:
        sealed = await db.fetchval("SELECT sealed FROM case_escrow")
    inner = sealing.escrow_inner(nurse.case_id, sealed, pairs[1].keys.private)
    assert sealing.open_escrow(nurse.case_id, inner, pairs[0].keys.private).public == nurse.keys().public


def test_an_escrow_is_left_out_where_one_of_its_people_must_not_see_it() -> None:
    def somebody() -> filing.Recipient:
        return filing.Recipient(uuid4(), "Ada", "guardian", uuid4(), bytes(32))

    one, two = somebody(), somebody()
    escrow = filing.Escrow(one.pair_id, bytes(32), uuid4(), bytes(32))
    everybody = filing.Recipients((one, two), escrow)
    left = everybody.without(filing.Excluded(frozenset({one.account_id})))
    assert left == filing.Recipients((two,), None)
    assert everybody.without(filing.Excluded()) == replace(everybody, handlers=(one, two))


@pytest.mark.parametrize("missing", ["blind", "day"])
async def test_promise_27_without_keys_speaking_up_is_closed_and_nothing_is_kept(
    hospital: Hospital, missing: str
) -> None:
    values, body = await filled(hospital), await hospital.browser().body()
    folder = hospital.public.house.settings.keys
    for path in folder.glob(f"{missing}*"):
        path.unlink()
    answers = [await send(hospital, values), await hospital.public.client.post("/api/v1/cases", json=body)]
    if missing == "day":
        answers.append(await hospital.public.client.get(f"/s/{hospital.public.token}"))
        answers.append(await hospital.public.client.get(f"/api/v1/speak-up/{hospital.public.token}"))
    assert [answer.status_code for answer in answers] == [503] * len(answers)
    assert all("Retry-After" in answer.headers for answer in answers)
    assert WORDS in answers[0].text, "what was typed is not lost"
    assert await cases(hospital) == []
    assert WORDS.encode() not in hospital.public.house.dump()


async def test_promise_27_where_nobody_holds_a_key_speaking_up_is_closed(hospital: Hospital) -> None:
    values = await filled(hospital)
    async with hospital.public.house.owner() as db:
        await db.execute("UPDATE key_pair SET retired_on = current_date")
    shown = await hospital.public.client.get(f"/s/{hospital.public.token}")
    assert shown.status_code == 503
    assert "Care Quality Commission" in shown.text
    sent = await send(hospital, values)
    assert sent.status_code == 503
    assert WORDS in sent.text
    assert await cases(hospital) == []


async def test_promise_28_staff_see_days_and_no_order_of_arrival(
    hospital: Hospital, signed_in: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    """Neither a time nor a number that grows is in what the console may read of a case, nor in what it answers."""
    for _ in range(4):
        assert (await hospital.browser().file()).status_code == 201
    readable = (
        "SELECT table_name, column_name, data_type FROM information_schema.columns c WHERE table_name = ANY ($1)"
        " AND has_column_privilege('earshot_console', table_name, column_name, 'SELECT')"
    )
    tables = ["case_file", "case_text", "case_step", "case_lock", "case_exclusion", "case_escrow", "case_feedback"]
    async with hospital.public.house.owner() as db:
        columns = await db.fetch(readable, tables)
        drawn = await db.fetchval("SELECT count(*) FROM pg_sequences WHERE sequencename LIKE 'case%'")
    assert {row["table_name"] for row in columns} == set(tables)
    assert [tuple(row) for row in columns if re.match("time|interval", row["data_type"])] == []
    assert drawn == 0
    guardian = await signed_in("guardian", hospital.public.provider)
    queue = await guardian.get("/api/cases")
    assert queue.status_code == 200
    references = re.findall('"reference":"([^"]+)"', queue.text)
    assert len(references) == 4
    assert references == sorted(references), "cases of one day come by their random names"
    (case, *_) = await cases(hospital)
    one = await guardian.get(f"/api/cases/{case['id']}")
    assert one.status_code == 200
    assert re.findall(r"\d\d:\d\d", queue.text + one.text) == []


def test_promise_28_references_tell_no_order() -> None:
    drawn = [filing.new_reference() for _ in range(2_000)]
    rises = sum(later > earlier for earlier, later in pairwise(drawn))
    assert 850 < rises < 1_150, "as many rises as falls"
    assert max(Counter(drawn).values()) == 1


async def test_promise_21_a_receipt_of_the_server_has_120_bits_and_is_kept_nowhere(hospital: Hospital) -> None:
    receipts = {receipt_in(await send(hospital, await filled(hospital))) for _ in range(4)}
    assert len(receipts) == 4
    assert all(len(sealing.normalise(receipt)) * 5 >= 112 for receipt in receipts)
    dump = hospital.public.house.dump()
    for receipt in receipts:
        plain = sealing.normalise(receipt)
        seen = (receipt, plain, plain.encode().hex(), sealing.lookup(plain).hex(), sealing.receipt_key(plain).hex())
        assert [form for form in seen if form.encode() in dump] == []


async def test_every_form_and_every_thanks_lead_to_speaking_up(hospital: Hospital) -> None:
    client, token = hospital.public.client, hospital.public.token
    for audience in ("patient", "carer", "staff"):
        links = {given.get("href") for given in Page(await client.get(f"/f/{token}?as={audience}")).all("a")}
        assert f"/s/{token}?as={audience}" in links
        assert "/s" in {given.get("href") for given in Page(await client.get(f"/thanks/{audience}")).all("a")}
    assert "/receipt" in {given.get("href") for given in Page(await client.get("/")).all("a")}
    places = await client.post("/s", data={"place": "ward"})
    assert f"/s/{token}" in {given.get("href") for given in Page(places).all("a")}


@pytest.mark.parametrize("path", ["/s/nobody-knows", "/s/%00"])
async def test_a_link_that_nobody_knows_leads_to_the_places(hospital: Hospital, path: str) -> None:
    response = await hospital.public.client.get(path)
    assert response.status_code == 200
    assert "We do not know the link that you used" in response.text
    assert (await hospital.public.client.get(f"/api/v1/speak-up/{path[3:]}")).status_code == 404


async def test_too_many_reports_from_one_network_wait_and_keep_their_words(hospital: Hospital) -> None:
    values = await filled(hospital)
    answers = [await send(hospital, {**values, "text": f"{WORDS} {n}"}) for n in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [200] * 30
    assert answers[30].status_code == 429
    assert int(answers[30].headers["Retry-After"]) > 0
    assert f"{WORDS} 30" in answers[30].text
