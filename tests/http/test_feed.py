"""Feeds for other programmes: keys, counts that may leave the house, FHIR in and out, and the view for SQL."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import make
import pandas as pd
import pytest
import pytest_asyncio
from conftest import role_settings, running
from earshot import apps
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.measures.disclosure import share, told
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from earshot.publishing.feed_stages import make_statistics
from fhir.resources.bundle import Bundle as BundleR5
from fhir.resources.operationoutcome import OperationOutcome
from fhir.resources.R4B.bundle import Bundle as BundleR4
from house import Cluster, House, short_folder

pytestmark = pytest.mark.slow

MAY = date(2026, 5, 1)
#: How many patients spoke of waiting, and how they scored, at each ward in May.
WARDS = {"OAK": (2, {"1": 2}), "ELM": (30, {"1": 17, "5": 13}), "ASH": (41, {"1": 33, "2": 8})}
FEED = {"since": "2026-05-01", "until": "2026-05-31"}


@dataclass
class Feeds:
    """Both doors, a provider with three wards and a month of counts, another provider, and somebody who gives keys."""

    house: House
    provider: UUID
    ward: UUID
    elsewhere: UUID
    lead: httpx.AsyncClient
    programme: Callable[[], httpx.AsyncClient]
    public: httpx.AsyncClient

    async def key(self, **more: Any) -> str:
        """A new key."""
        answer = await self.lead.post("/api/feeds/keys", json=self.asked(**more))
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["secret"]
        return secret

    def asked(self, **more: Any) -> dict[str, Any]:
        """What a request for a key says."""
        usual = {"name": "Board dashboard", "org_id": str(self.provider), "streams": ["patient"], "may": ["counts"]}
        return usual | {"expires_on": str(date.today() + timedelta(days=30))} | more

    async def get(self, path: str, secret: str, **query: str) -> httpx.Response:
        """What a programme gets that shows a key."""
        headers = {"authorization": f"Bearer {secret}"}
        return await self.programme().get(f"/api/v1/{path}", params=query, headers=headers)


async def furnish(house: House) -> dict[str, UUID]:
    async with house.owner() as db:
        provider = await make.org(db, code="INV", name="Invented Trust")
        wards = {code: await make.org(db, code=code, level="team", parent=provider) for code in WARDS}
        elsewhere = await make.org(db, code="OTHER")
        for org_id, (n, scores) in [
            *((wards[code], said) for code, said in WARDS.items()),
            (elsewhere, (50, {"1": 50})),
        ]:
            rows = [("responses", "", n), ("comments", "", n), ("theme", "Timeliness", n)]
            rows += [("fft", score, count) for score, count in scores.items()]
            daily = "INSERT INTO daily (org_id, day, stream, measure, label, n) VALUES ($1, $2, $3, $4, $5, $6)"
            for stream in ("patient", "staff"):
                await db.executemany(daily, [(org_id, MAY + timedelta(days=11), stream, *row) for row in rows])
    return {"provider": provider, "ward": wards["ELM"], "elsewhere": elsewhere}


async def statistics(house: House) -> None:
    """What the worker does at night."""
    database = Database(house.dsn("worker"))
    await database.open()
    await make_statistics(database, {})
    await database.close()


@pytest_asyncio.fixture(scope="module")
async def feeds(cluster: Cluster) -> AsyncIterator[Feeds]:
    async with AsyncExitStack() as opened:
        house = await cluster.new_house(opened.enter_context(short_folder()))
        places = await furnish(house)
        await statistics(house)
        console = await opened.enter_async_context(
            running(apps.console(role_settings(house, "console")), "http://console.test")
        )
        public = await opened.enter_async_context(
            running(apps.public(role_settings(house, "public")), "http://say.test")
        )
        async with house.owner() as db:
            lead = await make.account(db, email="lead@invented.example", roles={"quality_lead": places["provider"]})
            token = await store.open_session(db, lead, how=How.PASSKEY, mfa=True)
        signed_in = console()
        signed_in.cookies.set(COOKIE, token)
        yield Feeds(house, **places, lead=signed_in, programme=console, public=public())
        await cluster.demolish(house)


def by(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], Any]:
    return {(row["organisation"], row["measure"], row["label"]): row["n"] for row in rows}


async def test_a_key_is_shown_once_kept_as_a_hash_and_opens_nothing_once_it_is_taken_back(feeds: Feeds) -> None:
    secret = await feeds.key(name="Shown once")
    listed = next(one for one in (await feeds.lead.get("/api/feeds/keys")).json() if one["name"] == "Shown once")
    assert (listed["state"], listed["last_used_on"], "secret" in listed) == ("live", None, False)
    assert secret.startswith(listed["begins"]) and len(listed["begins"]) < 16
    assert secret.encode() not in feeds.house.dump()
    assert (await feeds.get("organisations", secret)).status_code == 200
    used = next(one for one in (await feeds.lead.get("/api/feeds/keys")).json() if one["id"] == listed["id"])
    assert used["last_used_on"] == str(date.today())
    assert (await feeds.lead.delete(f"/api/feeds/keys/{listed['id']}")).status_code == 204
    refused = await feeds.get("organisations", secret)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    async with feeds.house.owner() as db:
        await db.execute(
            "UPDATE feed_key SET revoked_on = NULL, expires_on = current_date - 1 WHERE id = $1", listed["id"]
        )
    assert (await feeds.get("organisations", secret)).status_code == 401


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "k" * 300, "Bearer \x7f"])
async def test_every_route_for_programmes_wants_a_key(feeds: Feeds, given: str) -> None:
    for path in ("organisations", "counts", "counts.csv", "counts.parquet", "fhir/MeasureReport"):
        asked = {**FEED, "measure": "comments", "org": "INV", "period": "2026-05"}
        answer = await feeds.programme().get(f"/api/v1/{path}", params=asked, headers={"authorization": given})
        assert answer.status_code == 401, path


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"expires_on": str(date.today() - timedelta(days=1))}, 422),
        ({"expires_on": str(date.today() + timedelta(days=400))}, 422),
        ({"may": ["everything"]}, 422),
        ({"streams": []}, 422),
    ],
)
async def test_a_key_lasts_a_year_at_most_and_says_what_it_is_for(
    feeds: Feeds, more: dict[str, Any], status: int
) -> None:
    assert (await feeds.lead.post("/api/feeds/keys", json=feeds.asked(**more))).status_code == status


async def test_nobody_gives_a_key_to_what_they_do_not_see_themselves(feeds: Feeds) -> None:
    elsewhere = await feeds.lead.post("/api/feeds/keys", json=feeds.asked(org_id=str(feeds.elsewhere)))
    assert elsewhere.status_code == 404
    async with feeds.house.owner() as db:
        person = await make.account(db, email="admin@invented.example", roles={"administrator": feeds.provider})
        token = await store.open_session(db, person, how=How.PASSKEY, mfa=True)
    administrator = feeds.programme()
    administrator.cookies.set(COOKIE, token)
    answer = await administrator.post("/api/feeds/keys", json=feeds.asked(streams=["staff"]))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "streams")


async def test_every_number_is_the_one_that_the_rule_for_small_numbers_tells(feeds: Feeds) -> None:
    rows = (await feeds.get("counts", await feeds.key(), **FEED)).json()["rows"]
    counts = by(rows)
    assert {one: counts[one, "comments", ""] for one in (*WARDS, "INV")} == {
        "OAK": None, "ELM": None, "ASH": told(41), "INV": told(73),
    }  # fmt: skip
    # Oak's two are hidden; Elm's thirty too, since they would be what is left of the total
    assert counts["INV", "fft", "1"] == told(2 + 17 + 33)
    assert all(n is None or (n >= 5 and n % 5 == 0) for n in counts.values())
    assert {row["organisation"] for row in rows} == {"INV", *WARDS}, "nothing of another provider"
    assert {row["stream"] for row in rows} == {"patient"}, "nothing of another stream"
    themes = {row["taxonomy"] for row in rows if row["measure"] == "theme"}
    assert themes == {"patient-experience/qdc-2023-08"}
    assert all(row["taxonomy"] and row["first_day"] == "2026-05-01" and row["last_day"] == "2026-05-31" for row in rows)


async def test_pages_join_up_and_what_did_not_change_is_not_sent_again(feeds: Feeds) -> None:
    secret = await feeds.key()
    whole = (await feeds.get("counts", secret, **FEED)).json()["rows"]
    found: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = (await feeds.get("counts", secret, **FEED, limit="3", **more)).json()
        found += page["rows"]
        if page["next"] is None:
            break
        more = {"cursor": page["next"]}
    assert found == whole and len(whole) > 9 and len({row["id"] for row in whole}) == len(whole)
    first = await feeds.get("counts", secret, **FEED)
    headers = {"authorization": f"Bearer {secret}", "if-none-match": first.headers["etag"]}
    again = await feeds.programme().get("/api/v1/counts", params=FEED, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert (await feeds.get("counts", secret, **FEED, cursor="nonsense")).status_code == 422


async def test_a_key_for_months_gives_no_weeks_and_days_are_widened(feeds: Feeds) -> None:
    months, weeks = await feeds.key(), await feeds.key(period="week")
    assert (await feeds.get("counts", months, **FEED, period="week")).status_code == 403
    day = {"since": "2026-05-12", "until": "2026-05-12"}
    narrow = (await feeds.get("counts", months, **day)).json()["rows"]
    assert narrow == (await feeds.get("counts", months, **FEED)).json()["rows"]
    assert {row["first_day"] for row in (await feeds.get("counts", weeks, **day)).json()["rows"]} == {"2026-05-11"}


async def test_csv_and_parquet_open_in_other_programs_with_the_same_rows(feeds: Feeds) -> None:
    secret = await feeds.key()
    rows = (await feeds.get("counts", secret, **FEED)).json()["rows"]
    text = (await feeds.get("counts.csv", secret, **FEED)).content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [(line["id"], line["n"]) for line in lines] == [(row["id"], str(row["n"] or "")) for row in rows]
    parquet = await feeds.get("counts.parquet", secret, **FEED)
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    assert list(frame["id"]) == [row["id"] for row in rows]
    assert [None if pd.isna(n) else int(n) for n in frame["n"]] == [row["n"] for row in rows]
    assert (await feeds.get("counts.parquet", secret, **FEED)).content == parquet.content


async def test_late_data_change_a_number_and_not_its_id(feeds: Feeds) -> None:
    secret = await feeds.key()
    before = {row["id"]: row for row in (await feeds.get("counts", secret, **FEED)).json()["rows"]}
    async with feeds.house.owner() as db:
        await db.execute("UPDATE daily SET n = n + 20 WHERE org_id = $1 AND measure = 'theme'", feeds.ward)
    await statistics(feeds.house)
    after = {row["id"]: row for row in (await feeds.get("counts", secret, **FEED)).json()["rows"]}
    changed = {(row["measure"], row["organisation"]) for name, row in after.items() if row["n"] != before[name]["n"]}
    async with feeds.house.owner() as db:
        await db.execute("UPDATE daily SET n = n - 20 WHERE org_id = $1 AND measure = 'theme'", feeds.ward)
    await statistics(feeds.house)
    assert set(after) == set(before) and ("theme", "INV") in changed
    assert {measure for measure, _ in changed} == {"theme"}


async def test_a_login_reads_the_view_below_its_place_and_nothing_else(feeds: Feeds) -> None:
    secret = await feeds.key()
    rows = (await feeds.get("counts", secret, **FEED)).json()["rows"]
    async with feeds.house.owner() as db:
        await db.execute("DROP ROLE IF EXISTS board_reader")
        await db.execute("CREATE ROLE board_reader LOGIN PASSWORD 'invented' IN ROLE earshot_reader")
    dsn = feeds.house.dsn("console").replace("earshot_console", "board_reader")
    reader = await asyncpg.connect(dsn, password="invented")
    try:
        assert await reader.fetchval("SELECT count(*) FROM statistics") == 0, "no line in feed_reader, no rows"
        async with feeds.house.owner() as db:
            line = "INSERT INTO feed_reader (login, org_id, streams) VALUES ('board_reader', $1, ARRAY['patient'])"
            await db.execute(line, feeds.provider)
        seen = await reader.fetch("SELECT id::text, n FROM statistics WHERE first_day = $1", MAY)
        assert {row["id"]: row["n"] for row in seen} == {row["id"]: row["n"] for row in rows}
        for table in ("statistic", "daily", "comment", "weekly_count", "feed_key", "vault.submission"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.fetch(f"SELECT * FROM {table}")
        with pytest.raises(asyncpg.PostgresError):
            await reader.execute("DELETE FROM statistics")
    finally:
        await reader.close()
        async with feeds.house.owner() as db:
            await db.execute("DROP ROLE board_reader")


@pytest.mark.parametrize(("version", "bundle"), [("4.0", BundleR4), ("5.0", BundleR5)])
async def test_measure_reports_are_valid_and_mask_what_is_too_few_to_say(
    feeds: Feeds, version: str, bundle: Any
) -> None:
    headers = {
        "authorization": f"Bearer {await feeds.key()}",
        "accept": f"application/fhir+json; fhirVersion={version}",
    }

    async def report(measure: str, org: str) -> Any:
        asked = {"measure": measure, "org": org, "period": "2026-05"}
        answer = await feeds.programme().get("/api/v1/fhir/MeasureReport", params=asked, headers=headers)
        assert answer.headers["content-type"] == f"application/fhir+json; fhirVersion={version}"
        bundle.model_validate_json(answer.content)
        return answer.json()["entry"][0]["resource"]

    group = (await report("fft_positive", "INV"))["group"][0]
    score = group["measureScoreQuantity" if version == "5.0" else "measureScore"]
    good, all_of_them = 50 + 10, 50 + 10 + 15  # each score rounded: 52, 8 and 13
    assert [one["count"] for one in group["population"]] == [good, all_of_them]
    assert score["value"] == share(good, all_of_them) == 80.0
    hidden = (await report("comments", "OAK"))["group"][0]["population"][0]
    assert "count" not in hidden and hidden["_count"]["extension"][0]["valueCode"] == "masked"
    assert (await report("theme:Timeliness", "INV"))["group"][0]["population"][0]["count"] == told(73)


async def test_what_is_unknown_or_foreign_is_one_operation_outcome(feeds: Feeds) -> None:
    secret = await feeds.key()
    for org in ("OTHER", "NOBODY"):
        answer = await feeds.get("fhir/MeasureReport", secret, measure="comments", org=org, period="2026-05")
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (404, "not-found")
        OperationOutcome.model_validate_json(answer.content)
    answer = await feeds.get("fhir/MeasureReport", secret, measure="comments", org="INV", period="soon")
    assert (answer.status_code, answer.json()["issue"][0]["expression"]) == (422, ["period"])
    running_now = await feeds.get(
        "fhir/MeasureReport", secret, measure="comments", org="INV", period=str(date.today())[:7]
    )
    assert running_now.json() == {"resourceType": "Bundle", "total": 0, "type": "searchset"}


def response(
    *, r5: bool = False, once: str = "a-1", text: str = "Nobody came when I rang.", **more: Any
) -> dict[str, Any]:
    identifier = {"system": "https://kiosk.example", "value": once}
    usual: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "identifier": [identifier] if r5 else identifier,
        "questionnaire": "https://earshot.example/Questionnaire/patient-1|1",
        "status": "completed",
        "subject": {"type": "Organization", "identifier": {"value": "ELM"}},
        "item": [
            {"linkId": "fft", "answer": [{"valueInteger": 4}]},
            {"linkId": "words", "item": [{"linkId": "why", "answer": [{"valueString": text}]}]},
        ],
    }
    return usual | more


async def send(feeds: Feeds, secret: str, body: Mapping[str, Any] | bytes, version: str = "4.0") -> httpx.Response:
    headers = {"authorization": f"Bearer {secret}", "content-type": f"application/fhir+json; fhirVersion={version}"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await feeds.public.post("/api/v1/fhir/QuestionnaireResponse", content=content, headers=headers)


@pytest.mark.parametrize("r5", [False, True])
async def test_a_questionnaire_response_becomes_one_submission_however_often_it_is_sent(feeds: Feeds, r5: bool) -> None:
    secret, version = await feeds.key(may=["send"]), "5.0" if r5 else "4.0"
    body = response(r5=r5, once=f"kiosk-{version}")
    first = await send(feeds, secret, body, version)
    assert first.status_code == 201, first.text
    OperationOutcome.model_validate_json(first.content)
    again = await send(feeds, secret, body, version)
    assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])
    other = await send(feeds, secret, response(r5=r5, once=f"kiosk-{version}", text="Something else."), version)
    assert (other.status_code, other.json()["issue"][0]["code"]) == (409, "duplicate")
    made = UUID(first.headers["location"].rsplit("/", 1)[-1])
    async with feeds.house.owner() as db:
        row = await db.fetchrow("SELECT org_id, audience, channel, sealed FROM vault.submission WHERE id = $1", made)
        jobs = await db.fetchval(
            "SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'utf8') LIKE $1", f"%{made}%"
        )
    assert (row["org_id"], row["audience"], row["channel"], jobs) == (feeds.ward, "patient", "api", 1)
    opened = (
        KeyFiles(feeds.house.settings.keys).opening().open(row["sealed"], info=b"earshot/submission/v1/" + made.bytes)
    )
    assert json.loads(opened) == {"answers": {"why": "Nobody came when I rang."}, "fft": 4, "about": {}}


@pytest.mark.parametrize(
    ("wrong", "status", "element"),
    [
        ({"status": "in-progress"}, 422, "QuestionnaireResponse.status"),
        ({"status": 7}, 422, "QuestionnaireResponse.status"),
        ({"questionnaire": "https://earshot.example/Questionnaire/other"}, 422, "QuestionnaireResponse.questionnaire"),
        ({"subject": {"reference": "Patient/9"}}, 422, "QuestionnaireResponse.subject"),
        ({"subject": {"identifier": {"value": "OTHER"}}}, 422, "QuestionnaireResponse.subject"),
        ({"identifier": None}, 422, "QuestionnaireResponse.identifier"),
        ({"item": [{"linkId": "nhs", "answer": [{"valueString": "CANARY"}]}]}, 422, "QuestionnaireResponse.item[0]"),
        (
            {"item": [{"linkId": "why", "answer": [{"valueDate": "2026-01-01"}]}]},
            422,
            "QuestionnaireResponse.item[0].answer",
        ),
        ({"item": [{"linkId": "fft", "answer": [{"valueInteger": 9}]}]}, 422, "fft"),
        ({"item": []}, 422, "fft"),
        ({"CANARY": "CANARY"}, 422, "QuestionnaireResponse.CANARY"),
        ({"questionnaire": "x/Questionnaire/staff-1"}, 403, None),
    ],
)
async def test_what_cannot_be_used_is_named_by_its_element_and_never_quoted(
    feeds: Feeds, wrong: dict[str, Any], status: int, element: str | None
) -> None:
    body = {key: value for key, value in response(once="never", **wrong).items() if value is not None}
    answer = await send(feeds, await feeds.key(may=["send"]), body)
    OperationOutcome.model_validate_json(answer.content)
    issue = answer.json()["issue"][0]
    assert (answer.status_code, issue.get("expression", [None])[0]) == (status, element)
    assert "CANARY" not in issue["details"]["text"]


async def test_a_key_that_reads_does_not_send_and_the_other_way_round(feeds: Feeds) -> None:
    reads, sends = await feeds.key(), await feeds.key(may=["send"])
    assert (await send(feeds, reads, response(once="x"))).status_code == 403
    assert (await send(feeds, "nonsense", response(once="x"))).status_code == 401
    assert (await send(feeds, sends, b"{")).json()["issue"][0]["code"] == "structure"
    assert (await feeds.get("counts", sends, **FEED)).status_code == 403


async def test_a_programme_that_asks_without_pause_is_told_to_wait(feeds: Feeds) -> None:
    secret = await feeds.key()
    assert (await feeds.get("organisations", secret)).status_code == 200
    async with feeds.house.owner() as db:
        await db.execute("UPDATE bucket SET tokens = -1000, at = clock_timestamp()")
    answer = await feeds.get("organisations", secret)
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= 1
    async with feeds.house.owner() as db:
        await db.execute("DELETE FROM bucket")
