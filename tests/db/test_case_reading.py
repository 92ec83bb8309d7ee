"""A report is read once: what was understood is sealed to its case, and what opened it for the worker is destroyed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import make
import pytest
import speaking
from earshot.cases import filing, filing_store, sealing, stages
from earshot.cases.filing import Report
from earshot.cases.key_pairs import HandlerKeys
from earshot.cases.model import STAFF_ELEMENTS
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import KeysMissing
from earshot.intake.model import Audience
from house import House

CANARY = "quagmire-bassoon-heliotrope"
TOLD = f"Sister Margaret Oakenfield shouted at the {CANARY} trainee on nights and nobody dared to speak up about it."


@dataclass(frozen=True)
class Filed:
    """A case with its handler's keys, so that a test can open what lies in the database."""

    id: UUID
    handler: HandlerKeys


async def filed(house: House, *, text: str = TOLD, audience: Audience = "staff", day: date | None = None) -> Filed:
    """Somebody spoke up about a provider that has one guardian with a key pair."""
    today, keys = day or date.today(), KeyFiles(house.settings.keys)
    keys.make_day_keys(today)
    async with house.owner() as db:
        org_id = await make.org(db, code=f"P{uuid4().hex[:8]}")
        handler = await speaking.handler(db, org_id=org_id)
        to = await filing_store.recipients(db, org_id, audience)
        report = Report(org_id, audience, "anonymous", text)
        case = filing.seal(report, to, keys.day_key(today), receipt=sealing.new_receipt(), today=today)
        async with db.transaction():
            await filing_store.file(db, case, once_hash=report.id.bytes)
    return Filed(report.id, handler.keys)


async def read(house: House, *cases: Filed) -> None:
    """The worker reads, under its own role."""
    async with working(house) as database:
        await stages.read(database, [case.id for case in cases], house.settings)


@asynccontextmanager
async def working(house: House) -> AsyncIterator[Database]:
    """The worker's database."""
    database = Database(house.dsn("worker"), max_size=2)
    await database.open()
    yield database
    await database.close()


async def found(house: House, case: Filed) -> tuple[dict[str, Any], dict[str, Any]]:
    """The reading as its handler opens it, and the case in clear."""
    async with house.owner() as db:
        row = dict(await db.fetchrow("SELECT * FROM case_file WHERE id = $1", case.id))
        lock = await db.fetchval("SELECT sealed FROM case_lock WHERE case_id = $1", case.id)
        readings = await db.fetch("SELECT sealed FROM case_text WHERE case_id = $1 AND kind = 'reading'", case.id)
    keys = sealing.open_lock(case.id, lock, case.handler.private)
    assert len(readings) == 1
    return keys.open("reading", readings[0]["sealed"]), row


@pytest.mark.slow
async def test_promise_25_no_words_of_a_report_lie_in_the_database_before_or_after_it_is_read(house: House) -> None:
    case = await filed(house)
    before = house.dump()
    await read(house, case)
    after = house.dump()
    for dump in (before, after):
        assert str(case.id).encode() in dump
        for word in (CANARY, "Oakenfield", "shouted", "trainee"):
            assert word.encode() not in dump
    reading, _ = await found(house, case)
    assert CANARY in reading["text"]


@pytest.mark.slow
async def test_a_reading_says_what_was_told_without_names_and_its_wrap_is_gone(house: House) -> None:
    case = await filed(house)
    await read(house, case)
    reading, row = await found(house, case)
    assert "Oakenfield" not in reading["text"]
    assert reading["unreadable"] is False
    assert reading["identifiers"]
    assert reading["language"] == "en"
    assert len(reading["embedding"]) == 384
    assert sum(number * number for number in reading["embedding"]) == pytest.approx(1, abs=0.05)
    assert all(reading["text"][one["start"] : one["end"]].strip() for one in reading["sentences"])
    assert row["risk"] is False
    assert row["read_on"] == date.today()
    assert row["version"] == 1, "nobody who has the case open loses what they decided"
    assert 0 <= row["criticality"] <= 4
    async with house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") == 0
        steps = await db.fetch("SELECT n, kind FROM case_step WHERE case_id = $1 ORDER BY n", case.id)
        texts = await db.fetch("SELECT n, kind FROM case_text WHERE case_id = $1 ORDER BY n", case.id)
    assert [tuple(step) for step in steps] == [(1, "filed"), (2, "read")]
    assert [tuple(text) for text in texts] == [(1, "report"), (2, "reading")]


@pytest.mark.slow
async def test_staff_get_the_elements_of_the_returns_and_patients_their_themes(house: House) -> None:
    staff = await filed(
        house, text="My manager bullied me in front of the team and humiliated me every day for months."
    )
    patient = await filed(house, text="The food was cold every day and the portions were tiny.", audience="patient")
    await read(house, staff, patient)
    of_staff, of_patient = (await found(house, staff))[0], (await found(house, patient))[0]
    assert "Bullying or harassment" in [one["label"] for one in of_staff["elements"]]
    assert {one["label"] for one in of_staff["elements"]} <= set(STAFF_ELEMENTS)
    assert of_staff["elements"][0]["words"]
    assert "Food & drink provision & facilities" in [one["label"] for one in of_patient["elements"]]
    assert of_patient["elements"] == of_patient["themes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "risk", "language"),
    [
        ("I cannot go on, I am going to kill myself tonight.", True, "en"),
        (
            "Since I reported him I am kept off every shift that I asked for, and told that I brought it on myself.",
            False,
            "en",
        ),
        ("La enfermera me gritó delante de todos y nadie quiso escucharme cuando pedí ayuda.", True, "es"),
        ("!!!", None, None),
    ],
)
async def test_what_may_be_urgent_or_cannot_be_told_is_shown_first(
    house: House, text: str, risk: bool | None, language: str | None
) -> None:
    case = await filed(house, text=text)
    await read(house, case)
    reading, row = await found(house, case)
    assert row["risk"] is risk
    assert reading["unreadable"] is False
    assert language is None or reading["language"] == language
    if language == "en":
        heard = [one["kind"] for one in reading["safety"]]
        assert heard
        assert row["risk_kinds"] == [kind for kind in heard if kind != "retaliation"]


@pytest.mark.slow
async def test_reading_again_changes_nothing_and_two_workers_read_once(house: House) -> None:
    case = await filed(house)
    await asyncio.gather(read(house, case), read(house, case))
    first = await found(house, case)
    await read(house, case)
    assert await found(house, case) == first


@pytest.mark.parametrize("damage", ["its day's key is gone", "its ciphertext was changed", "it is no report"])
async def test_a_report_that_cannot_be_opened_is_marked_for_a_person(house: House, damage: str) -> None:
    case, keys = await filed(house), KeyFiles(house.settings.keys)
    async with house.owner() as db:
        if damage == "its day's key is gone":
            keys.destroy_day(date.today())
        elif damage == "its ciphertext was changed":
            await db.execute("UPDATE vault.case_wrap SET sealed = sealed || 'x'::bytea")
        else:
            wrong = keys.day_key(date.today()).seal(b'{"text": 7}', info=sealing.info(case.id, "wrap"))
            await db.execute("UPDATE vault.case_wrap SET sealed = $1", wrong)
    await read(house, case)
    reading, row = await found(house, case)
    assert reading == stages.UNREADABLE
    assert (row["risk"], row["criticality"], row["read_on"]) == (None, None, date.today())
    async with house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") == 0


@pytest.mark.slow
async def test_a_case_that_was_sealed_to_no_key_at_all_waits_for_a_person(house: House) -> None:
    case = await filed(house)
    async with house.owner() as db:
        await db.execute("UPDATE case_file SET public = $1", bytes(32))
    await read(house, case)
    async with house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM case_text WHERE kind = 'reading'") == 0
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") == 0
        assert tuple(await db.fetchrow("SELECT risk, read_on FROM case_file")) == (None, date.today())


async def test_a_reading_that_fails_at_every_try_is_given_up_to_a_person(house: House) -> None:
    case = await filed(house)
    async with working(house) as database:
        await stages.give_up(database, {"cases": [str(case.id)]})
    reading, row = await found(house, case)
    assert reading == stages.UNREADABLE
    assert row["risk"] is None


@pytest.mark.slow
async def test_while_the_folder_of_keys_is_away_reports_wait(house: House) -> None:
    case = await filed(house)
    key = house.settings.keys / "intake.private"
    away = key.rename(house.settings.home / "away")
    with pytest.raises(KeysMissing):
        await read(house, case)
    async with house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") == 1
    away.rename(key)
    await read(house, case)
    assert (await found(house, case))[0]["unreadable"] is False


@pytest.mark.slow
async def test_promise_30_the_key_of_a_day_is_destroyed_once_the_day_is_over_and_nothing_waits(house: House) -> None:
    keys, today = KeyFiles(house.settings.keys), date.today()
    yesterday = today - timedelta(days=1)
    case = await filed(house, day=yesterday)
    async with house.owner() as db:
        backup = await db.fetchval("SELECT sealed FROM vault.case_wrap")
    opened = keys.day_opening(str(yesterday)).open(backup, info=sealing.info(case.id, "wrap"))
    assert CANARY in json.loads(opened)["text"]
    async with working(house) as database:
        await stages.turn_day_keys(database, house.settings, today)
        assert keys.days_before(today) == [yesterday], "something still waits to be read with it"
        await read(house, case)
        await stages.turn_day_keys(database, house.settings, today)
    assert keys.days_before(today) == []
    with pytest.raises(KeysMissing):
        keys.day_opening(str(yesterday))
    assert keys.day_key(today).key_id == str(today)
    assert keys.day_key(today + timedelta(days=1)).key_id == str(today + timedelta(days=1))


async def test_a_report_whose_job_was_lost_is_queued_again_the_next_day(house: House) -> None:
    case = await filed(house, day=date.today() - timedelta(days=1))
    async with house.owner() as db:
        await db.execute("DELETE FROM pgqueuer")
        async with working(house) as database:
            for _ in range(2):
                await stages.turn_day_keys(database, house.settings, date.today())
        jobs = await db.fetch("SELECT entrypoint, payload FROM pgqueuer")
    assert [(job["entrypoint"], json.loads(job["payload"])) for job in jobs] == [
        ("read_case", {"cases": [str(case.id)]})
    ]
