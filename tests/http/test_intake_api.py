"""`POST /api/v1/submissions`: what is kept, what is refused, and what a repeated request gets."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
from door import Public
from earshot.core.errors import Unavailable
from earshot.intake.acceptance import MOST_WAITING
from earshot.intake.forms import form_for
from earshot.intake.model import Submission

pytestmark = pytest.mark.slow

KIND = {"why": "The staff were kind."}


async def post(public: Public, *, key: str | None = None, **body: Any) -> httpx.Response:
    """A submission by link, with what the test cares about."""
    given = {"link": public.token, "audience": "patient", "answers": KIND, **body}
    headers = {} if key is None else {"Idempotency-Key": key}
    return await public.client.post("/api/v1/submissions", json=given, headers=headers)


def fields(response: httpx.Response) -> list[str]:
    return [error["field"] for error in response.json().get("errors", ())]


async def test_what_was_said_is_sealed_and_its_first_stage_is_queued_before_the_answer(public: Public) -> None:
    response = await post(public, fft=2, about={"age_band": "25_34"})
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/json"
    (row,) = await public.rows()
    assert response.json() == {"id": str(row["id"]), "received_on": date.today().isoformat()}
    assert (row["org_id"], row["channel"], row["form"], row["state"]) == (public.ward, "api", "patient-1", "received")
    assert json.loads(public.opened(row)) == {"answers": KIND, "fft": 2, "about": {"age_band": "25_34"}}
    assert b"kind" not in row["sealed"]
    assert [json.loads(payload) for payload in await public.queued()] == [{"submissions": [str(row["id"])]}]


async def test_a_public_dump_of_the_database_shows_no_word_of_it(public: Public) -> None:
    await post(public, answers={"why": "canaryword"}, key="canary-key-1")
    dump = await asyncio.to_thread(public.house.dump)
    assert b"vault.submission" in dump
    assert b"canary" not in dump


async def test_an_organisation_may_be_named_by_its_code(public: Public) -> None:
    response = await public.client.post("/api/v1/submissions", json={"org": "INV", "audience": "staff", "fft": 5})
    assert response.status_code == 201
    assert [(row["org_id"], row["audience"]) for row in await public.rows()] == [(public.provider, "staff")]


async def test_promise_03_a_replay_gets_the_first_answer_and_another_body_gets_409(public: Public) -> None:
    first = await post(public, key="key-00000001")
    again = await post(public, key="key-00000001")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = await post(public, key="key-00000001", answers={"why": "Something else."})
    assert other.status_code == 409
    assert other.json()["title"] == "OtherBody"
    assert len(await public.rows()) == 1
    assert len(await public.queued()) == 1


async def test_promise_03_a_replay_on_a_later_day_still_gets_the_first_answer(public: Public) -> None:
    first = await post(public, key="key-00000001")
    async with public.house.owner() as db:
        await db.execute("UPDATE vault.submission SET received_on = $1", date.today() - timedelta(days=3))
    again = await post(public, key="key-00000001")
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["received_on"] == (date.today() - timedelta(days=3)).isoformat()


async def test_promise_03_the_same_key_at_the_same_moment_makes_one_row(public: Public) -> None:
    same = [post(public, key="key-00000002") for _ in range(40)]
    other = [post(public, key="key-00000002", answers={"why": "No."}) for _ in range(10)]
    answers = await asyncio.gather(*same, *other)
    (row,) = await public.rows()
    assert [answer.status_code for answer in answers] == [201] * 40 + [409] * 10
    assert {answer.json()["id"] for answer in answers[:40]} == {str(row["id"])}


async def test_many_at_once_are_all_kept_in_few_jobs_and_each_gets_its_own_answer(public: Public) -> None:
    answers = await asyncio.gather(*(post(public, answers={"why": f"number {n}"}) for n in range(300)))
    rows = {str(row["id"]): json.loads(public.opened(row))["answers"]["why"] for row in await public.rows()}
    assert [rows[answer.json()["id"]] for answer in answers] == [f"number {n}" for n in range(300)]
    jobs = [json.loads(payload)["submissions"] for payload in await public.queued()]
    assert sorted(id_ for job in jobs for id_ in job) == sorted(rows)
    assert len(jobs) < 60


async def test_one_that_the_database_refuses_does_not_take_its_neighbours_along(public: Public) -> None:
    nowhere = Submission(org_id=uuid4(), form=form_for("patient"), fft=1)  # breaks a foreign key
    here = [Submission(org_id=public.ward, form=form_for("patient"), fft=1) for _ in range(3)]
    asked = [public.acceptance.accept(one, channel="api") for one in (*here[:2], nowhere, here[2])]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers.pop(2), Unavailable)
    assert {getattr(answer, "id", None) for answer in answers} == {one.id for one in here}
    assert {row["id"] for row in await public.rows()} == {one.id for one in here}


async def test_a_sender_that_hangs_up_does_not_spoil_the_batch(public: Public) -> None:
    sent = [Submission(org_id=public.ward, form=form_for("patient"), fft=1) for _ in range(20)]
    asked = [asyncio.create_task(public.acceptance.accept(one, channel="api")) for one in sent]
    await asyncio.sleep(0)  # all of them wait now
    asked[0].cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert [getattr(answer, "id", None) for answer in answers[1:]] == [one.id for one in sent[1:]]


async def test_closing_keeps_what_waits_and_takes_no_more(public: Public) -> None:
    sent = [Submission(org_id=public.ward, form=form_for("patient"), fft=1) for _ in range(5)]
    asked = [asyncio.create_task(public.acceptance.accept(one, channel="api")) for one in sent]
    await asyncio.sleep(0)  # all of them wait now
    await public.acceptance.close()
    assert {row["id"] for row in await public.rows()} == {one.id for one in sent}
    assert [task.result().id for task in asked] == [one.id for one in sent]
    with pytest.raises(Unavailable):
        await public.acceptance.accept(sent[0], channel="api")


async def test_more_than_can_wait_is_refused_at_once(public: Public) -> None:
    sent = [Submission(org_id=public.ward, form=form_for("patient"), fft=1) for _ in range(MOST_WAITING + 50)]
    asked = (public.acceptance.accept(one, channel="api") for one in sent)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 50
    assert len(await public.rows()) == MOST_WAITING


async def test_promise_27_without_keys_the_answer_is_503_and_nothing_is_kept(public: Public) -> None:
    assert (await post(public)).status_code == 201
    key = public.house.settings.keys / "intake.public"
    raw = key.read_bytes()
    key.unlink()
    refused = await post(public, key="key-00000009")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert refused.json()["title"] == "KeysMissing"
    assert (len(await public.rows()), len(await public.queued())) == (1, 1)
    key.write_bytes(raw)
    assert (await post(public, key="key-00000009")).status_code == 201


async def test_a_database_that_goes_away_gives_503_and_is_used_again_when_it_is_back(public: Public) -> None:
    assert (await post(public)).status_code == 201
    async with public.house.owner() as db:
        await db.execute("ALTER ROLE earshot_public CONNECTION LIMIT 0")
        await db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'earshot_public'")
        try:
            refused = await post(public, key="key-00000010")
        finally:
            await db.execute("ALTER ROLE earshot_public CONNECTION LIMIT -1")
    assert refused.status_code == 503
    assert len(await public.rows()) == 1
    assert (await post(public, key="key-00000010")).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b'{"a":' * 10_000, 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"link":"ward4abc","audience":"patient","answers":{"why":"\\ud800"}}', 400, None),
        (b"[1]", 422, "body"),
        (b'{"link":"ward4abc","audience":"patient","answers":{"why":"a\\u0000b"}}', 422, "answers.why"),
        (b'{"link":"ward4abc","audience":"patient","fft":"2"}', 422, "fft"),
        (b'{"link":"ward4abc","audience":"patient","fft":true}', 422, "fft"),
        (b'{"link":"ward4abc","audience":"patient","fft":1e999}', 422, "fft"),
        (b'{"link":"ward4abc","audience":"nobody","fft":2}', 422, "audience"),
        (b'{"link":"ward4abc","audience":"patient","fft":2,"name":"x"}', 422, "name"),
        (b'{"link":"ward4abc","audience":"patient","answers":{"why":7}}', 422, "answers.why"),
        (b'{"link":"ward4abc","audience":"patient","answers":{"hm":"x"}}', 422, "answers.hm"),
        (b'{"link":"ward4abc","audience":"patient"}', 422, "fft"),
        (b'{"link":"ward4abc","org":"INV","audience":"patient","fft":2}', 422, "link"),
        (b'{"audience":"patient","fft":2}', 422, "link"),
        (b'{"link":"nowhere","audience":"patient","fft":2}', 422, "link"),
        (b'{"link":"a\\u0000b","audience":"patient","fft":2}', 422, "link"),
        (b'{"org":"\\u0000","audience":"patient","fft":2}', 422, "org"),
    ],
)
async def test_hostile_and_mistaken_bodies_are_refused_fast_by_field(
    public: Public, body: bytes, status: int, field: str | None
) -> None:
    begun = time.monotonic()
    response = await public.client.post(
        "/api/v1/submissions", content=body, headers={"Content-Type": "application/json"}
    )
    assert time.monotonic() - begun < 2
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert fields(response) == ([] if field is None else [field])
    assert await public.rows() == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_read(public: Public, kind: str) -> None:
    response = await public.client.post("/api/v1/submissions", content=b"{}", headers={"Content-Type": kind})
    assert response.status_code == 415


@pytest.mark.parametrize("key", ["short", "x" * 201, "with a space", "caf\xe9-caf\xe9"])
async def test_a_key_that_is_no_key_is_refused(public: Public, key: str) -> None:
    response = await public.client.post(
        "/api/v1/submissions",
        json={"link": public.token, "audience": "patient", "fft": 1},
        headers={b"Idempotency-Key": key.encode("latin-1")},
    )
    assert (response.status_code, fields(response)) == (422, ["Idempotency-Key"])


async def test_a_closed_ward_hands_over_to_its_successor(public: Public) -> None:
    async with public.house.owner() as db:
        parent = await db.fetchval("SELECT parent_id FROM org WHERE id = $1", public.ward)
        new = await make.org(db, code="INV01-W5", name="Ward 5", level="team", parent=parent)
        await db.execute("UPDATE org SET closed_on = $2, successor_id = $3 WHERE id = $1", public.ward, make.DAY, new)
    assert (await post(public)).status_code == 201
    assert [row["org_id"] for row in await public.rows()] == [new]


async def test_the_document_describes_the_request_and_every_answer(public: Public) -> None:
    document = (await public.client.get("/api/v1/openapi.json")).json()
    assert "/api/v1/submissions" in document["paths"]
    operation = document["paths"]["/api/v1/submissions"]["post"]
    assert set(operation["responses"]) >= {"201", "400", "408", "409", "413", "415", "422", "503"}
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"link", "org", "audience", "fft", "answers", "about"}
    assert operation["parameters"][0]["name"] == "Idempotency-Key"


async def test_no_cookie_is_set_and_nothing_about_the_sender_is_kept(public: Public) -> None:
    headers = {"User-Agent": "canary-agent", "X-Forwarded-For": "203.0.113.77", "Referer": "http://canary-referrer/"}
    response = await public.client.post(
        "/api/v1/submissions", json={"link": public.token, "audience": "patient", "fft": 1}, headers=headers
    )
    assert response.status_code == 201
    assert "set-cookie" not in response.headers
    dump = await asyncio.to_thread(public.house.dump)
    assert [word for word in (b"canary-agent", b"203.0.113.77", b"canary-referrer") if word in dump] == []


async def test_ids_come_in_no_order_that_tells_when_somebody_spoke(public: Public) -> None:
    ids = [UUID((await post(public)).json()["id"]) for _ in range(12)]
    assert {made.version for made in ids} == {4}
    assert ids != sorted(ids)


async def test_acceptance_says_when_it_is_not_ready(public: Public) -> None:
    (public.house.settings.keys / "blind").unlink()
    with pytest.raises(Unavailable):
        public.acceptance.ready()
