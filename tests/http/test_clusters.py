"""Discovered themes through the console's door: how the last look went, and looking again."""

from __future__ import annotations

from datetime import date
from typing import Any

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


async def test_whoever_is_no_guardian_gets_counts_of_staff_as_statistics_tell_them(
    house: House, signed_in: SignIn
) -> None:
    """Themes of patients and of staff in two weeks, and one of two members of staff that split from another."""
    async with house.owner() as db:
        trust = await make.org(db, code="OURS")
        found = {}
        for name, stream, days in (
            ("care", "patient", [2] * 2 + [9] * 6),
            ("pay", "staff", [2] * 6 + [9] * 9),
            ("rota", "staff", [2] * 2),
        ):
            ids = [
                await make.comment(db, settings=house.settings, org_id=trust, stream=stream, said_on=date(2026, 3, day))
                for day in days
            ]
            found[name] = await make.analysed(db, comment_id=ids[0])
            await db.execute("UPDATE cluster SET name = $2 WHERE id = $1", found[name], name)
            for each in ids[1:]:
                await db.execute(
                    "INSERT INTO comment_cluster VALUES ($1, $2, $3, $4)", each, found[name], trust, stream
                )
        run = await db.fetchval(
            "INSERT INTO discovery (id, org_id, state, comments, clusters)"
            " VALUES (gen_random_uuid(), $1, 'done', 25, 3) RETURNING id",
            trust,
        )
        await db.execute(
            "INSERT INTO cluster_lineage (org_id, stream, discovery_id, kind, earlier_id, later_id, share)"
            " VALUES ($1, 'staff', $2, 'split', $3, $4, 0.333)",
            *(trust, run, found["pay"], found["rota"]),
        )
    shown = {}
    for role in ("guardian", "quality_lead"):
        reader = await signed_in(role, trust)
        answer = (await reader.get("/api/clusters")).json()
        late = (await reader.get("/api/clusters", params={"from": "2026-03-09"})).json()["clusters"]
        came = [step["share"] for one in answer["clusters"] for step in one["history"]]
        shown[role] = (counts(answer["clusters"]), counts(late), came, answer["discovery"]["comments"])
    assert shown["guardian"] == (
        {"pay": (15, 15, [6, 9]), "care": (8, 8, [2, 6]), "rota": (2, 2, [2])},
        {"pay": (9, 15, [9]), "care": (6, 8, [6])},
        [0.333],
        25,
    )
    assert shown["quality_lead"] == (
        {"pay": (15, 15, [5, 10]), "care": (8, 8, [2, 6]), "rota": (None, None, [])},
        {"pay": (10, 15, [10]), "care": (6, 8, [6])},
        [None],
        None,
    )


def counts(found: list[dict[str, Any]]) -> dict[str, tuple[int | None, int | None, list[int | None]]]:
    return {one["name"]: (one["n"], one["size"], [week["n"] for week in one["weekly"]]) for one in found}


async def test_nobody_sees_another_trusts_themes_or_their_history(house: House, signed_in: SignIn) -> None:
    async with house.owner() as db:
        ours, theirs = await make.org(db, code="OURS"), await make.org(db, code="THEIRS")
        await make.one_of_everything(db, settings=house.settings, org_id=theirs)
        await db.execute("UPDATE cluster SET ended_on = current_date")
    reader = await signed_in("analyst", ours)
    answer = (await reader.get("/api/clusters")).json()
    assert answer == {"discovery": answer["discovery"], "clusters": [], "ended": []}
    assert answer["discovery"]["state"] == "none"
