"""The Retention page and its commands: what is due, days of one's own, holds, and erasing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn
from earshot.admin.stages import ERASE, RETENTION
from earshot.cli import app
from earshot.core.config import settings as settings_of_process
from earshot.core.work import Worker
from house import House
from typer.testing import CliRunner

pytestmark = pytest.mark.slow
LONG_AGO = date.today() - timedelta(4_000)


@dataclass(frozen=True)
class Trust:
    """Two providers; the first has a ward with an old comment and an old closed case."""

    house: House
    ours: UUID
    ward: UUID
    theirs: UUID
    comment: UUID
    reference: str

    async def count(self, sql: str) -> int:
        async with self.house.owner() as db:
            return int(await db.fetchval(sql))

    async def lines(self) -> list[str]:
        async with self.house.owner() as db:
            return [row[0] for row in await db.fetch("SELECT action FROM audit_line ORDER BY n")]

    async def drain(self) -> None:
        await Worker(self.house.dsn("worker"), [RETENTION, ERASE]).drain()


@pytest.fixture
def home(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's settings are those of the house, as a worker's and a command's are."""
    monkeypatch.setenv("EARSHOT_HOME", str(house.settings.home))
    monkeypatch.setenv("EARSHOT_DATABASE_URL", house.owner_dsn)
    settings_of_process.cache_clear()
    yield
    settings_of_process.cache_clear()


@pytest_asyncio.fixture
async def trust_(house: House, home: None) -> AsyncIterator[Trust]:
    async with house.owner() as db:
        ours, theirs = await make.org(db, code="OURS"), await make.org(db, code="THEIRS")
        ward = await make.org(db, code="OURS1", level="team", parent=ours)
        comment = await make.comment(db, settings=house.settings, org_id=ward, said_on=LONG_AGO)
        case = await make.case_file(db, org_id=ward)
        await db.execute("UPDATE case_file SET state = 'closed', closed_on = $1", LONG_AGO)
        reference = await db.fetchval("UPDATE case_file SET reference = 'K7Q2-MX4D' RETURNING reference")
        assert case
    yield Trust(house, ours, ward, theirs, comment, reference)


async def kinds(client: httpx.AsyncClient) -> dict[str, dict[str, object]]:
    return {kind["kind"]: kind for kind in (await client.get("/api/retention")).json()["kinds"]}


async def test_an_administrator_sees_the_schedule_who_says_so_and_what_was_counted(
    trust_: Trust, signed_in: SignIn
) -> None:
    client = await signed_in("administrator", trust_.ours)
    before = await kinds(client)
    assert before["responses"]["due"] is None, "nobody has counted yet"
    assert "Records Management Code" in str(before["cases_patients"]["source"])
    assert (await client.post("/api/retention/dry-run")).status_code == 204
    await trust_.drain()
    after = await kinds(client)
    assert (after["responses"]["due"], after["responses"]["held"]) == (1, 0)
    assert after["cases_staff"]["due"] is None, "how many cases there are is for those who handle them"
    assert await trust_.count("SELECT count(*) FROM comment") == 1, "counting removes nothing"
    theirs = await signed_in("administrator", trust_.theirs)
    assert (await kinds(theirs))["responses"]["due"] is None


async def test_days_of_ones_own_are_set_and_dropped(trust_: Trust, signed_in: SignIn) -> None:
    client = await signed_in("administrator", trust_.ours)
    rule = f"/api/retention/rules/{trust_.ward}/responses"
    assert (await client.put(rule, json={"days": 4_200})).status_code == 204
    [shown] = (await client.get("/api/retention")).json()["rules"]
    assert (shown["org_name"], shown["kind"], shown["days"]) == ("OURS1 (invented)", "responses", 4_200)
    assert (await client.post("/api/retention/dry-run")).status_code == 204
    await trust_.drain()
    assert (await kinds(client))["responses"]["due"] == 0
    assert (await client.delete(rule)).status_code == 204
    assert (await client.delete(rule)).status_code == 404
    assert await trust_.lines() == ["retention.rule_set", "retention.rule_dropped"]
    for days in (0, 40_000):
        assert (await client.put(rule, json={"days": days})).status_code == 422
    assert (await client.put(f"/api/retention/rules/{trust_.ward}/work", json={"days": 5})).status_code == 422


async def test_another_provider_s_places_answer_as_if_they_were_not_there(trust_: Trust, signed_in: SignIn) -> None:
    client = await signed_in("administrator", trust_.theirs)
    answers = [
        await client.put(f"/api/retention/rules/{trust_.ward}/responses", json={"days": 9}),
        await client.put(f"/api/retention/rules/{uuid4()}/responses", json={"days": 9}),
        await client.post("/api/retention/holds", json={"org_id": str(trust_.ward), "reason": "claim"}),
        await client.post("/api/retention/erasures", json={"comment_id": str(trust_.comment)}),
        await client.post("/api/retention/erasures", json={"comment_id": str(uuid4())}),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}


async def test_a_hold_keeps_things_until_it_is_lifted(trust_: Trust, signed_in: SignIn) -> None:
    client = await signed_in("administrator", trust_.ours)
    made = await client.post("/api/retention/holds", json={"org_id": str(trust_.ours), "reason": "inquest"})
    assert made.status_code == 201 and made.json()["reason"] == "inquest"
    refused = await client.post("/api/retention/erasures", json={"comment_id": str(trust_.comment)})
    assert refused.status_code == 409 and "be kept" in refused.json()["detail"]
    handler = await signed_in("guardian", trust_.ours)
    assert (await handler.delete(f"/api/retention/cases/{trust_.reference}")).status_code == 409
    assert (await client.delete(f"/api/retention/holds/{made.json()['id']}")).status_code == 204
    assert (await client.delete(f"/api/retention/holds/{made.json()['id']}")).status_code == 404
    assert (await client.get("/api/retention")).json()["holds"] == []
    assert await trust_.lines() == ["hold.set", "hold.lifted"]


async def test_an_administrator_erases_a_comment_and_a_tombstone_stays(trust_: Trust, signed_in: SignIn) -> None:
    client = await signed_in("administrator", trust_.ours)
    asked = [await client.post("/api/retention/erasures", json={"comment_id": str(trust_.comment)}) for _ in range(2)]
    assert [answer.status_code for answer in asked] == [204, 204]
    await trust_.drain()
    assert await trust_.count("SELECT count(*) FROM response") == 0
    [stone] = (await client.get("/api/retention")).json()["erasures"]
    assert (stone["kind"], stone["why"], stone["by_name"]) == ("response", "asked", "Ada Invented")
    assert await trust_.lines() == ["response.erased"]


async def test_a_handler_holds_releases_and_erases_a_case(trust_: Trust, signed_in: SignIn) -> None:
    client = await signed_in("guardian", trust_.ours)
    case = f"/api/retention/cases/{trust_.reference}"
    assert (await client.put(f"/api/retention/cases/{trust_.reference.lower()}/hold")).status_code == 204
    assert (await client.get("/api/retention/cases")).json() == [
        {"reference": "K7Q2-MX4D", "org_name": "OURS1 (invented)", "state": "closed"}
    ]
    assert (await client.delete(case)).status_code == 409
    assert (await client.delete(f"{case}/hold")).status_code == 204
    assert (await client.delete(case)).status_code == 204
    await trust_.drain()
    assert await trust_.count("SELECT count(*) FROM case_file") == 0
    assert await trust_.lines() == ["case.hold_set", "case.hold_lifted", "case.erased"]
    assert (await client.delete(case)).status_code == 404


async def test_an_open_case_and_somebody_else_s_case_are_not_erased(trust_: Trust, signed_in: SignIn) -> None:
    case = f"/api/retention/cases/{trust_.reference}"
    strangers = [await signed_in("guardian", trust_.theirs), await signed_in("pals", trust_.ours)]
    assert [(await client.delete(case)).status_code for client in strangers] == [404, 404]
    assert (await (await signed_in("administrator", trust_.ours)).delete(case)).status_code == 403
    async with trust_.house.owner() as db:
        await db.execute("UPDATE case_file SET state = 'open', closed_on = NULL")
    open_case = await (await signed_in("guardian", trust_.ours)).delete(case)
    assert open_case.status_code == 409 and "Close the case first" in open_case.json()["detail"]


async def test_the_commands_count_first_then_remove_and_erase(trust_: Trust) -> None:
    async def run(*arguments: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        return done.exit_code, done.output

    status, dry = await run("retention", "--dry-run")
    assert status == 0 and "Nothing was removed" in dry
    assert "Comments and answers: 3653 days; 1 due, 0 on hold" in dry
    assert "Cases of staff who spoke up: 2192 days; 1 due, 0 on hold" in dry
    assert await trust_.count("SELECT count(*) FROM case_file") == 1
    response = str(await the_response(trust_.house))
    assert (await run("erase", "response", response))[0] == 0
    assert (await run("erase", "response", response))[0] != 0, "there is nothing any more"
    assert (await run("retention"))[0] == 0
    await trust_.drain()
    assert await trust_.count("SELECT count(*) FROM case_file") == 0


async def the_response(house: House) -> UUID:
    async with house.owner() as db:
        found: UUID = await db.fetchval("SELECT id FROM response")
        return found
