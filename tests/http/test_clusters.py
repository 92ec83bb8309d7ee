"""Discovered themes through the console's door: how the last look went, and looking again."""

from __future__ import annotations

import make
from conftest import SignIn
from house import House

SITE = {"sec-fetch-site": "same-origin"}


async def test_a_look_that_failed_is_said_and_can_be_tried_again(house: House, signed_in: SignIn) -> None:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS")
        await db.execute("INSERT INTO discovery (id, org_id, state) VALUES (gen_random_uuid(), $1, 'failed')", trust)
    lead = await signed_in("quality_lead", trust)
    assert (await lead.get("/api/clusters")).json()["discovery"]["state"] == "failed"
    for _ in range(2):  # somebody presses the button twice
        asked = await lead.post("/api/clusters/discover", json={"org": str(trust)}, headers=SITE)
        assert asked.status_code == 202
    assert (await lead.get("/api/clusters")).json()["discovery"]["state"] == "waiting"
    async with house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'discover'") == 1
        assert await db.fetchval("SELECT count(*) FROM discovery WHERE state = 'waiting'") == 1


async def test_a_theme_tells_its_history_and_ended_ones_are_named(house: House, signed_in: SignIn) -> None:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS")
        here, gone = [
            await make.analysed(db, comment_id=await make.comment(db, settings=house.settings, org_id=trust))
            for _ in range(2)
        ]
        await db.execute("DELETE FROM comment_cluster WHERE cluster_id = $1", gone)
        await db.execute("UPDATE cluster SET name = 'gone', number = 9, ended_on = current_date WHERE id = $1", gone)
        await db.execute("UPDATE cluster SET name = 'here' WHERE id = $1", here)
        run = await db.fetchval(
            "INSERT INTO discovery (id, org_id, state, comments, clusters)"
            " VALUES (gen_random_uuid(), $1, 'done', 2, 1) RETURNING id",
            trust,
        )
        await db.execute(
            "INSERT INTO cluster_lineage (org_id, stream, discovery_id, kind, earlier_id, later_id, share)"
            " VALUES ($1, 'patient', $2, 'merged', $3, $4, 0.75)",
            *(trust, run, gone, here),
        )
    reader = await signed_in("analyst", trust)
    answer = (await reader.get("/api/clusters")).json()
    assert [one["name"] for one in answer["clusters"]] == ["here"]
    step = answer["clusters"][0]["history"][0]
    assert (step["kind"], step["name"], step["number"], step["share"]) == ("merged", "gone", 9, 0.75)
    assert [(one["name"], one["into"]) for one in answer["ended"]] == [("gone", "here")]


async def test_nobody_sees_another_trusts_themes_or_their_history(house: House, signed_in: SignIn) -> None:
    async with house.owner() as db:
        ours, theirs = await make.org(db, code="OURS"), await make.org(db, code="THEIRS")
        await make.one_of_everything(db, settings=house.settings, org_id=theirs)
        await db.execute("UPDATE cluster SET ended_on = current_date")
    reader = await signed_in("analyst", ours)
    answer = (await reader.get("/api/clusters")).json()
    assert answer == {"discovery": answer["discovery"], "clusters": [], "ended": []}
    assert answer["discovery"]["state"] == "none"
