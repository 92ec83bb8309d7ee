"""The worker learns from corrections, keeps what it learned in files, and reads with the model that people chose."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import make
import pytest
import pytest_asyncio
from earshot.analysis import learning, learning_stages, reading, stages
from earshot.core.db import Connection, Database
from earshot.taxonomy.frameworks import PATIENT_EXPERIENCE
from house import House

pytestmark = pytest.mark.slow

PLACES = [
    *("Alder", "Birch", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Larch", "Maple"),
    *("Nettle", "Oak", "Pine", "Rowan", "Sorrel", "Thyme"),
]


@pytest_asyncio.fixture
async def worker(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The worker's database; what it learns goes into the house's own folder."""
    monkeypatch.setattr(learning_stages, "settings", lambda: house.settings)
    database = Database(house.dsn("worker"))
    await database.open()
    yield database
    await database.close()
    await reading.use(None, house.settings.home)


async def corrected(db: Connection, house: House, ward: UUID) -> UUID:
    """Comments that people say are about discharge and very positive, which the shipped model hears otherwise."""
    person = await make.account(db, email=f"{uuid4()}@invented.example", roles={"quality_lead": ward})
    add = (
        "INSERT INTO correction (id, comment_id, org_id, stream, kind, framework, theme, present, made_by)"
        " VALUES (gen_random_uuid(), $1, $2, 'patient', 'theme', $3, $4, $5, $6)"
    )
    feel = (
        "INSERT INTO correction (id, comment_id, org_id, stream, kind, sentiment, made_by)"
        " VALUES (gen_random_uuid(), $1, $2, 'patient', 'sentiment', 1, $3)"
    )
    for number, place in enumerate(PLACES * 4):
        text = f"The {place.lower()} barrier swallowed my ticket, {number} minutes gone"
        comment = await make.comment(db, settings=house.settings, org_id=ward, text=text)
        await make.analysed(db, comment_id=comment, theme="Staff manner & personal attributes")
        await db.execute("UPDATE comment_theme SET framework = $2 WHERE comment_id = $1", comment, PATIENT_EXPERIENCE)
        for name, present in (("Discharge", True), ("Staff manner & personal attributes", False)):
            await db.execute(add, comment, ward, PATIENT_EXPERIENCE, name, present, person)
        await db.execute(feel, comment, ward, person)
    return person


async def states(db: Connection) -> dict[str, str]:
    return {row["id"]: row["state"] for row in await db.fetch("SELECT id, state FROM bundle_version")}


async def read(worker: Database, comment: UUID) -> tuple[str, list[str]]:
    """The model that read a comment and the themes that it heard."""
    await stages.analyse(worker, {"comments": [str(comment)]})
    async with worker.connection() as db:
        bundle = await db.fetchval("SELECT bundle FROM analysis WHERE comment_id = $1", comment)
        rows = await db.fetch("SELECT theme FROM comment_theme WHERE comment_id = $1", comment)
    return bundle, [row["theme"] for row in rows]


async def test_corrections_make_a_candidate_that_reads_once_it_is_put_to_use(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="W")
        person = await corrected(db, house, ward)
        fresh = await make.comment(
            db, settings=house.settings, org_id=ward, text="The willow barrier swallowed my ticket, 99 minutes gone"
        )
        shipped, before = await read(worker, fresh)
        assert "Discharge" not in before
        assert await states(db) == {shipped: "active"}
        await learning_stages.learn(worker, {"account_id": str(person)})
        row = await db.fetchrow("SELECT * FROM bundle_version WHERE state = 'candidate'")
        assert (row["parent"], row["made_by"]) == (shipped, person)
        assert row["scores"]["macro_f1"]["after"] > row["scores"]["macro_f1"]["before"]
        felt = row["scores"]["sentiment"]
        assert (felt["used"], felt["accuracy"]["after"] > felt["accuracy"]["before"]) == (True, True)
        assert row["bands"].keys() == row["thresholds"].keys()
        manifest = json.loads((house.settings.home / "bundles" / row["id"] / "manifest.json").read_text())
        assert (manifest["id"], manifest["meta"]["parent"]) == (row["id"], shipped)
        assert await read(worker, fresh) == (shipped, before), "nothing changes before somebody says so"
        async with worker.transaction() as connection:
            await learning.activate(connection, row["id"])
        assert await read(worker, fresh) == (row["id"], ["Discharge"])
        assert await db.fetchval("SELECT sentiment FROM analysis WHERE comment_id = $1", fresh) == 1
        async with worker.transaction() as connection:
            await learning.roll_back(connection, row["id"])
        assert await read(worker, fresh) == (shipped, before)
        assert await db.fetchval("SELECT sentiment FROM analysis WHERE comment_id = $1", fresh) > 1


async def test_who_says_only_what_was_felt_has_said_nothing_about_themes(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="W")
        person = await make.account(db, email="felt@invented.example", roles={"quality_lead": ward})
        sql = (
            "INSERT INTO correction (id, comment_id, org_id, stream, kind, sentiment, made_by)"
            " VALUES (gen_random_uuid(), $1, $2, 'patient', $3, $4, $5)"
        )
        for kind, sentiment in (("sentiment", 5), ("checked", None)):
            comment = await make.comment(db, settings=house.settings, org_id=ward, text=kind)
            await make.analysed(db, comment_id=comment, theme="Parking", sentiment=2)
            await db.execute(
                "UPDATE comment_theme SET framework = $2 WHERE comment_id = $1", comment, PATIENT_EXPERIENCE
            )
            await db.execute(sql, comment, ward, kind, sentiment, person)
        staff = await make.comment(db, settings=house.settings, org_id=ward, text="staff", stream="staff")
        await make.analysed(db, comment_id=staff, sentiment=4)
        await db.execute(sql, staff, ward, "checked", None, person)
    async with worker.connection() as connection:
        found = {one.text: (one.themes, one.sentiment) for one in await learning.corrected(connection)}
    assert found == {"sentiment": (None, 5), "checked": (["Parking"], 2), "staff": (None, 4)}


async def test_too_few_wordings_leave_a_refusal_with_its_reason(house: House, worker: Database) -> None:
    await learning_stages.learn(worker, {})
    async with house.owner() as db:
        row = await db.fetchrow("SELECT reason, scores FROM bundle_version WHERE state = 'refused'")
    assert "too few" in row["reason"]
    assert row["scores"] is None
    assert not list((house.settings.home).glob("bundles/*"))


async def test_a_model_whose_files_are_gone_gives_way_to_the_shipped_one(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="W")
        comment = await make.comment(db, settings=house.settings, org_id=ward)
        await db.execute(
            "INSERT INTO bundle_version (id, parent, state, reason) VALUES ('gone', 'shipped', 'active', 'Learned.')"
        )
        shipped, _ = await read(worker, comment)
        assert shipped != "gone"
        assert await states(db) == {"gone": "active", shipped: "replaced"}


async def test_older_comments_are_read_again_behind_everything_new(house: House, worker: Database) -> None:
    async with house.owner() as db:
        ward = await make.org(db, code="W")
        for _ in range(3):
            comment = await make.comment(db, settings=house.settings, org_id=ward)
            await make.analysed(db, comment_id=comment)
        await learning_stages.read_again(worker, {})
        jobs = await db.fetch("SELECT priority, payload FROM pgqueuer WHERE entrypoint = 'analyse'")
        assert [(job["priority"] < 0, len(json.loads(job["payload"])["comments"])) for job in jobs] == [(True, 3)]
