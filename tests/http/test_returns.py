"""Returns at the console: who sees which, what is typed in, exported and kept as sent, and what nobody may learn."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import openpyxl  # type: ignore[import-untyped]
import pytest
import pytest_asyncio
import time_machine
from conftest import SignIn
from earshot.core.db import Connection
from house import House

pytestmark = pytest.mark.slow

NHSE, NGO, FFT, COMPLAINTS = "nhse-2026", "ngo-2024", "fft-monthly", "ko41a"
AUTUMN = "2026-11-22"


@dataclass(frozen=True)
class Trust:
    """A provider with a ward, and another one that is nobody's business here."""

    house: House
    id: UUID
    ward: UUID
    other: UUID
    sign_in: SignIn

    async def person(self, role: str) -> httpx.AsyncClient:
        return await self.sign_in(role, self.id)

    def ask(self, period: str = AUTUMN, **more: Any) -> dict[str, Any]:
        return {"org": str(self.id), "period": period, **more}


@pytest_asyncio.fixture
async def trust_of_returns(house: House, signed_in: SignIn) -> AsyncIterator[Trust]:
    async with house.owner() as db:
        ours = await make.org(db, code="ZZF", name="Invented Trust")
        ward = await make.org(db, code="ZZF-W4", name="Ward 4", level="team", parent=ours)
        other = await make.org(db, code="ZZG", name="Another Trust")
    with time_machine.travel("2026-11-22", tick=True):
        yield Trust(house, ours, ward, other, signed_in)


async def cases(
    db: Connection,
    org_id: UUID,
    n: int,
    *,
    received_on: date = date(2026, 10, 6),
    group: str = "nursing_midwifery",
    stream: str = "staff",
    elements: Sequence[str] = ("Bullying or harassment",),
) -> list[UUID]:
    made = [await make.case_file(db, org_id=org_id, stream=stream, received_on=received_on) for _ in range(n)]
    sql = "UPDATE case_file SET worker_group = $2, seniority = 'worker', elements = $3 WHERE id = ANY ($1)"
    await db.execute(sql, made, group, list(elements))
    return made


async def complaint(db: Connection, org_id: UUID, about: dict[str, str]) -> None:
    case = await make.case_file(db, org_id=org_id, stream="patient")
    sql = (
        "INSERT INTO hand_off (case_id, kind, state, text_n, sent_on, about)"
        " VALUES ($1, 'complaint', 'sent', 1, '2026-06-01', $2)"
    )
    await db.execute(sql, case, about)


def numbers(body: dict[str, Any]) -> dict[str, int | str | None]:
    """The cells of a return as a reader sees them."""
    cells = [cell for section in body["sections"] for row in section["rows"] for cell in row["cells"]]
    return {cell["code"]: "*" if cell["hidden"] else cell["value"] for cell in cells}


async def test_a_quarterly_return_counts_says_what_is_missing_exports_and_opens_again(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    async with trust.house.owner() as db:
        await cases(db, trust.ward, 9)
        await cases(db, trust.ward, 7, group="students")
        await cases(db, trust.id, 1, received_on=date(2026, 9, 30))  # the quarter before
        await cases(db, trust.other, 5)
        await cases(db, trust.ward, 6, stream="patient")
    guardian = await trust.person("guardian")
    body = (await guardian.get(f"/api/returns/{NHSE}", params=trust.ask())).json()
    seen = numbers(body)
    assert seen["total.cases.n"] == 16 and seen["groups.students.n"] == 7 and seen["elements.bullying.n"] == 16
    assert all(check["holds"] for check in body["checks"])
    assert body["period"]["label"].startswith("Quarter 3 of 2026/27") and body["period"]["opens_on"] == "2027-01-11"
    assert "People who work here" in " ".join(body["missing"])

    typed = {"org": str(trust.id), "period": AUTUMN, "values": {"total.workers.n": 4_100, "total.guardians.n": 2}}
    assert (await guardian.put(f"/api/returns/{NHSE}/values", json=typed)).status_code == 204
    exact = trust.ask(exact=True)
    after = (await guardian.get(f"/api/returns/{NHSE}", params=exact)).json()
    assert after["missing"] == [] and numbers(after)["total.guardians.n"] == 2

    text = await guardian.get(f"/api/returns/{NHSE}/export.csv", params=exact)
    assert text.headers["content-disposition"] == 'attachment; filename="nhse-2026-2026-10-01.csv"'
    lines = {line["cell"]: line for line in csv.DictReader(io.StringIO(text.content.decode("utf-8-sig")))}
    assert lines["total.cases.n"]["value"] == "16" and lines["total.workers.n"]["where from"] == "typed in"
    book = openpyxl.load_workbook(
        io.BytesIO((await guardian.get(f"/api/returns/{NHSE}/export.xlsx", params=exact)).content)
    )
    assert book.sheetnames == ["Return", "Notes"]
    assert 4_100 in [cell.value for row in book["Return"].iter_rows() for cell in row]


async def test_small_numbers_stay_hidden_from_whoever_does_not_send_the_return(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    async with trust.house.owner() as db:
        await cases(db, trust.ward, 20)
        await cases(db, trust.ward, 2, group="students")
        await cases(db, trust.ward, 6, group="estates")
    lead = await trust.person("quality_lead")
    body = (await lead.get(f"/api/returns/{NHSE}", params=trust.ask())).json()
    seen = numbers(body)
    assert seen["groups.students.n"] == "*" and seen["groups.estates.n"] == "*" and seen["total.cases.n"] == 28
    assert not body["exact"] and not body["may_send"]
    assert (await lead.get(f"/api/returns/{NHSE}", params=trust.ask(exact=True))).status_code == 403
    assert (await lead.get(f"/api/returns/{NHSE}/export.csv", params=trust.ask(exact=True))).status_code == 403
    shared = await lead.get(f"/api/returns/{NHSE}/export.csv", params=trust.ask())
    lines = {line["cell"]: line["value"] for line in csv.DictReader(io.StringIO(shared.content.decode("utf-8-sig")))}
    assert lines["groups.students.n"] == "*"
    guardian = await trust.person("guardian")
    assert numbers((await guardian.get(f"/api/returns/{NHSE}", params=trust.ask())).json()) == seen
    exact = (await guardian.get(f"/api/returns/{NHSE}", params=trust.ask(exact=True))).json()
    assert numbers(exact)["groups.students.n"] == 2


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("guardian", {NGO, NHSE}),
        ("quality_lead", {NGO, NHSE, FFT, COMPLAINTS}),
        ("administrator", {FFT, COMPLAINTS}),
        ("pals", {COMPLAINTS}),
    ],
)
async def test_each_role_sees_the_returns_of_its_own(trust_of_returns: Trust, role: str, sees: set[str]) -> None:
    trust = trust_of_returns
    client = await trust.person(role)
    listed = (await client.get("/api/returns")).json()
    assert {pack["id"] for pack in listed} == sees
    assert all([place["name"] for place in pack["places"]] == ["Invented Trust"] for pack in listed)
    for pack in (NHSE, FFT, COMPLAINTS):
        status = (await client.get(f"/api/returns/{pack}", params=trust.ask())).status_code
        assert status == (200 if pack in sees else 403)


async def test_a_manager_and_an_analyst_see_no_return(trust_of_returns: Trust) -> None:
    for role in ("manager", "analyst"):
        assert (await (await trust_of_returns.person(role)).get("/api/returns")).status_code == 403


async def test_another_provider_is_as_unknown_as_one_that_does_not_exist(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    client = await trust.person("quality_lead")
    ward, other, nobody = [
        await client.get(f"/api/returns/{FFT}", params={**trust.ask(), "org": str(org)})
        for org in (trust.ward, trust.other, uuid4())
    ]
    assert ward.status_code == other.status_code == nobody.status_code == 404
    assert ward.content == other.content == nobody.content
    assert (await client.get("/api/returns/no-such-return", params=trust.ask())).status_code == 404


async def test_a_quarter_that_a_return_was_not_made_for_is_refused(trust_of_returns: Trust) -> None:
    guardian = await trust_of_returns.person("guardian")
    for pack, day in ((NGO, "2026-07-01"), (NHSE, "2026-06-30"), (NHSE, "2027-01-01"), (NHSE, "0001-01-01")):
        assert (await guardian.get(f"/api/returns/{pack}", params=trust_of_returns.ask(day))).status_code == 422


async def test_only_what_earshot_cannot_know_can_be_typed_in(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    guardian, lead = await trust.person("guardian"), await trust.person("quality_lead")
    typed = {"org": str(trust.id), "period": AUTUMN, "values": {"total.workers.n": 4_100}}
    assert (await lead.put(f"/api/returns/{NHSE}/values", json=typed)).status_code == 403
    counted = {**typed, "values": {"total.cases.n": 3}}
    assert (await guardian.put(f"/api/returns/{NHSE}/values", json=counted)).status_code == 422
    assert (await guardian.put(f"/api/returns/{NHSE}/values", json=typed)).status_code == 204
    gone = {**typed, "values": {"total.workers.n": None}}
    assert (await guardian.put(f"/api/returns/{NHSE}/values", json=gone)).status_code == 204
    body = (await guardian.get(f"/api/returns/{NHSE}", params=trust.ask(exact=True))).json()
    assert numbers(body)["total.workers.n"] is None


async def test_a_case_that_goes_on_after_a_lost_receipt_counts_once(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    async with trust.house.owner() as db:
        first, again = await cases(db, trust.ward, 2)
        await db.execute("UPDATE case_file SET continues_id = $1 WHERE id = $2", first, again)
    guardian = await trust.person("guardian")
    body = (await guardian.get(f"/api/returns/{NHSE}", params=trust.ask(exact=True))).json()
    assert numbers(body)["total.cases.n"] == 1


async def test_a_case_kept_from_somebody_is_in_no_number_and_no_sent_return_that_they_see(
    trust_of_returns: Trust,
) -> None:
    trust = trust_of_returns
    guardian, lead = await trust.person("guardian"), await trust.person("quality_lead")
    async with trust.house.owner() as db:
        await cases(db, trust.ward, 8)
        named, role = (await cases(db, trust.ward, 2, group="students"))[:2]
        second = await make.account(db, email="second@invented.example", roles={"guardian": trust.id})
        await db.execute("INSERT INTO case_exclusion VALUES ($1, $2)", named, second)
        await db.execute("UPDATE case_file SET excluded_roles = '{quality_lead}' WHERE id = $1", role)
    sent = {"org": str(trust.id), "period": AUTUMN}
    assert (await guardian.post(f"/api/returns/{NHSE}/sent", json=sent)).status_code == 201
    exact = trust.ask(exact=True)
    assert numbers((await guardian.get(f"/api/returns/{NHSE}", params=exact)).json())["total.cases.n"] == 10
    assert numbers((await lead.get(f"/api/returns/{NHSE}", params=trust.ask())).json())["total.cases.n"] == 9
    org = {"org": str(trust.id)}
    assert len((await guardian.get(f"/api/returns/{NHSE}/sent", params=org)).json()) == 1
    assert (await lead.get(f"/api/returns/{NHSE}/sent", params=org)).json() == []
    async with trust.house.owner() as db:
        kept = await db.fetchrow("SELECT kept_from, kept_from_roles FROM return_frozen")
        assert kept == ([second], ["quality_lead"])


async def test_what_was_sent_stays_as_it_was_and_carries_its_hash(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    guardian = await trust.person("guardian")
    async with trust.house.owner() as db:
        await cases(db, trust.ward, 6)
    sending = {"org": str(trust.id), "period": AUTUMN}
    first = (await guardian.post(f"/api/returns/{NHSE}/sent", json=sending)).json()
    async with trust.house.owner() as db:
        await cases(db, trust.ward, 5)
    again = (await guardian.post(f"/api/returns/{NHSE}/sent", json=sending)).json()
    assert (first["n"], again["n"]) == (1, 2) and first["hash"] != again["hash"] and len(first["hash"]) == 64
    as_sent = trust.ask(exact=True, sent=first["id"])
    body = (await guardian.get(f"/api/returns/{NHSE}", params=as_sent)).json()
    assert numbers(body)["total.cases.n"] == 6 and body["sent"]["hash"] == first["hash"]
    one, two = [(await guardian.get(f"/api/returns/{NHSE}/export.csv", params=as_sent)).content for _ in range(2)]
    assert one == two
    book = openpyxl.load_workbook(
        io.BytesIO((await guardian.get(f"/api/returns/{NHSE}/export.xlsx", params=as_sent)).content)
    )
    assert any(first["hash"] in str(cell.value) for row in book["Return"].iter_rows() for cell in row)
    async with trust.house.owner() as db:
        done = await db.fetch("SELECT action FROM audit_line WHERE action LIKE 'return.%'")
        assert {row[0] for row in done} >= {"return.sent", "return.exact", "return.exported"}


async def test_the_fourth_quarter_reconciles_the_first_three(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    with time_machine.travel("2026-03-10", tick=True):
        guardian, lead = await trust.person("guardian"), await trust.person("quality_lead")
        async with trust.house.owner() as db:
            await cases(db, trust.ward, 6, received_on=date(2025, 5, 1))
            await cases(db, trust.ward, 9, received_on=date(2025, 8, 1))
        for day in ("2025-04-01", "2025-07-01"):
            sending = {"org": str(trust.id), "period": day}
            assert (await guardian.post(f"/api/returns/{NGO}/sent", json=sending)).status_code == 201
        async with trust.house.owner() as db:
            await cases(db, trust.ward, 2, received_on=date(2025, 6, 30))  # written up late
        fourth = trust.ask("2026-01-01")
        exact = (await guardian.get(f"/api/returns/{NGO}", params={**fourth, "exact": True})).json()["reconciles"]
        assert [quarter["period"][:9] for quarter in exact] == ["Quarter 1", "Quarter 2", "Quarter 3"]
        assert [quarter["sent_on"] is None for quarter in exact] == [False, False, True]
        changed = {change["name"]: (change["sent"], change["now"]) for change in exact[0]["changes"]}
        assert changed["All cases: Cases received in the quarter"] == (6, 8) and exact[1]["changes"] == []
        shared = (await lead.get(f"/api/returns/{NGO}", params=fourth)).json()["reconciles"]
        told = {change["name"]: (change["sent"], change["now"]) for change in shared[0]["changes"]}
        assert set(told) == set(changed) and set(told.values()) == {(None, None)}
        third = (await guardian.get(f"/api/returns/{NGO}", params=trust.ask("2025-10-01"))).json()
        assert third["reconciles"] == []


async def test_the_friends_and_family_test_is_counted_by_answer_place_kind_and_way(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    async with trust.house.owner() as db:
        await db.execute("UPDATE org SET setting = 'ward' WHERE id = $1", trust.ward)
        bay = await make.org(db, code="ZZF-W4-B", name="Bay B", level="team", parent=trust.ward)
        daily = "INSERT INTO daily VALUES ($1, $2, $3, 'fft', $4, $5)"
        for place, stream, label, n in (
            *((trust.ward, "patient", "1", 30), (trust.ward, "carer", "5", 6), (bay, "patient", "2", 8)),
            *((trust.id, "patient", "6", 7), (trust.other, "patient", "1", 90), (trust.ward, "staff", "1", 50)),
        ):
            await db.execute(daily, place, date(2026, 10, 6), stream, label, n)
        answer = (
            "INSERT INTO response (id, org_id, stream, said_on, fft, channel)"
            " SELECT gen_random_uuid(), $1, 'patient', '2026-10-06', 1, $2 FROM generate_series(1, $3)"
        )
        await db.execute(answer, trust.ward, "form", 21)
        await db.execute(answer, trust.ward, "import", 30)
    lead = await trust.person("quality_lead")
    body = (await lead.get(f"/api/returns/{FFT}", params=trust.ask("2026-10-01"))).json()
    seen = numbers(body)
    assert seen["total.all.responses"] == 51 and seen["total.all.very_good"] == 30
    assert seen["settings.inpatient.responses"] == 44 and seen["settings.other.dont_know"] == 7
    assert seen[f"units.{bay}.good"] == 8 and seen["modes.online.n"] == 21
    places = next(section for section in body["sections"] if section["code"] == "units")
    assert [row["label"] for row in places["rows"]] == ["Invented Trust", "Ward 4", "Bay B"]
    assert any("Text message (SMS): not recorded in Earshot; type it in." in said for said in body["missing"])
    assert any(said.startswith("The kind of service is not said") for said in body["missing"])
    assert (await lead.get(f"/api/returns/{FFT}/export.xlsx", params=trust.ask("2026-10-01"))).status_code == 200


async def test_complaints_count_once_in_all_and_once_for_each_matter(trust_of_returns: Trust) -> None:
    trust = trust_of_returns
    async with trust.house.owner() as db:
        about = {"subject": "communications", "subject_2": "waiting_times", "age": "65_74", "status": "patient"}
        for _ in range(6):
            await complaint(db, trust.ward, about)
        for _ in range(7):
            await complaint(db, trust.id, {"subject": "a word that is no code of the list"})
    pals = await trust.person("pals")
    body = (await pals.get(f"/api/returns/{COMPLAINTS}", params=trust.ask())).json()
    seen = numbers(body)
    assert seen["total.received.n"] == 13 and seen["subject.communications.n"] == seen["subject.waiting_times.n"] == 6
    assert seen["subject.not_known.n"] == 7 and seen["age.65_74.n"] == 6 and seen["age.not_known.n"] == 7
    assert all(check["holds"] for check in body["checks"])


async def test_what_can_be_noted_of_a_complaint_is_what_the_return_counts(trust_of_returns: Trust) -> None:
    codes = (await (await trust_of_returns.person("guardian")).get("/api/returns/complaint-codes")).json()
    assert [each["name"] for each in codes] == ["outcome", "age", "status", "service", "subject", "profession"]
    assert all("not_known" in each["codes"] for each in codes)
    assert (await (await trust_of_returns.person("analyst")).get("/api/returns/complaint-codes")).status_code == 403


async def test_how_a_complaint_ended_is_noted_after_it_was_sent_and_nothing_else_is_changed(
    trust_of_returns: Trust,
) -> None:
    trust = trust_of_returns
    async with trust.house.owner() as db:
        await complaint(db, trust.ward, {"age": "0_5"})
        case, hand_off = await db.fetchrow("SELECT case_id, id FROM hand_off")
    pals = await trust.person("pals")
    path, seen = f"/api/cases/{case}/hand-offs/{hand_off}", {"If-Match": '"1"'}
    withdrawn = {"state": "withdrawn", "about": {"outcome": "upheld"}}
    assert (await pals.patch(path, json=withdrawn, headers=seen)).status_code == 409
    noted = await pals.patch(path, json={"about": {"age": "0_5", "outcome": "upheld"}}, headers=seen)
    assert noted.status_code == 200
    body = (await pals.get(f"/api/returns/{COMPLAINTS}", params=trust.ask(exact=True))).json()
    assert numbers(body)["outcome.upheld.n"] == 1 and numbers(body)["age.0_5.n"] == 1


async def test_the_database_counts_cases_only_for_whom_the_matrix_lets_see_returns(house: House) -> None:
    from earshot.core.db import Database
    from earshot.people.matrix import ACTIONS, Role
    from earshot.people.model import Actor, Grant

    async with house.owner() as db:
        ours = await make.org(db, code="ZZF")
        await cases(db, ours, 3)
        await complaint(db, ours, {"age": "0_5"})
        people = {role: await make.account(db, email=f"{role}@invented.example", roles={role: ours}) for role in Role}
    database = Database(house.dsn("console"))
    await database.open()
    counted = {
        "return_speak_up": "SELECT count(*) FROM speak_up_facts($1, '2026-01-01', '2026-12-31')",
        "return_complaints": "SELECT count(*) FROM complaint_facts($1, '2026-01-01', '2026-12-31')",
    }
    for role, account in people.items():
        actor = Actor(account, "Ada", "ada@invented.example", (Grant(role, ours, "ZZF"),))
        async with database.transaction(actor.scope) as db:
            for action, sql in counted.items():
                assert bool(await db.fetchval(sql, ours)) == (action in ACTIONS[role]), (role, action)
    await database.close()
