"""Corrections, the review queue, agreement and the drift log, as people use them through the console's door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn
from house import House

pytestmark = pytest.mark.slow
SITE = {"sec-fetch-site": "same-origin"}


@dataclass(frozen=True)
class Desk:
    """A trust with a ward, another trust, and a quality lead of the first."""

    house: House
    ward: UUID
    theirs: UUID
    lead: httpx.AsyncClient

    async def comment(self, text: str = "The staff were kind.", *, theme: str = "Parking", **other: Any) -> UUID:
        async with self.house.owner() as db:
            made = await make.comment(
                db, settings=self.house.settings, org_id=other.get("org_id", self.ward), text=text,
                stream=other.get("stream", "patient"),
            )  # fmt: skip
            await make.analysed(db, comment_id=made, theme=theme, sentiment=2)
            await db.execute("UPDATE comment_theme SET framework = 'patient-experience' WHERE comment_id = $1", made)
        return made

    async def correct(self, comment: UUID, **given: object) -> httpx.Response:
        return await self.lead.post(f"/api/comments/{comment}/corrections", json=given, headers=SITE)

    async def read(self, path: str, **query: object) -> Any:
        answer = await self.lead.get(path, params={name: str(value) for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def jobs(self, stage: str) -> int:
        async with self.house.owner() as db:
            found: int = await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", stage)
        return found


@pytest_asyncio.fixture
async def desk(house: House, signed_in: SignIn) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS")
        ward = await make.org(db, code="W", level="team", parent=trust)
        theirs = await make.org(db, code="THEIRS")
    yield Desk(house, ward, theirs, await signed_in("quality_lead", trust))


async def test_a_corrected_comment_shows_what_the_person_said_and_says_so(desk: Desk) -> None:
    comment = await desk.comment()
    before = await desk.read(f"/api/comments/{comment}")
    assert (before["corrected"], before["sentiment_by_person"]) == (False, False)
    assert (await desk.correct(comment, kind="theme", theme="Parking", present=False)).status_code == 201
    assert (await desk.correct(comment, kind="theme", theme="Discharge", present=True)).status_code == 201
    assert (await desk.correct(comment, kind="sentiment", sentiment=5)).status_code == 201
    after = await desk.read(f"/api/comments/{comment}")
    assert [(theme["theme"], theme["by_person"]) for theme in after["themes"]] == [("Discharge", True)]
    assert (after["sentiment"], after["sentiment_by_person"], after["corrected"]) == (5, True, True)
    assert (await desk.read("/api/comments", theme="Parking"))["total"] == 0
    assert (await desk.read("/api/comments", theme="Discharge", sentiment=5))["total"] == 1
    assert await desk.jobs("rollup") >= 1, "counts must follow"


async def test_undoing_gives_the_machine_s_reading_back(desk: Desk) -> None:
    comment = await desk.comment()
    made = (await desk.correct(comment, kind="theme", theme="Parking", present=False)).json()
    assert (made["may_be_undone"], made["made_by_name"]) == (True, "Ada Invented")
    undone = await desk.lead.delete(f"/api/corrections/{made['id']}", headers=SITE)
    assert undone.status_code == 204
    assert [theme["theme"] for theme in (await desk.read(f"/api/comments/{comment}"))["themes"]] == ["Parking"]
    assert (await desk.lead.delete(f"/api/corrections/{made['id']}", headers=SITE)).status_code == 409
    (listed,) = await desk.read(f"/api/comments/{comment}/corrections")
    assert (listed["ended_on"] is None, listed["may_be_undone"]) == (False, False)


async def test_a_newer_correction_of_the_same_thing_ends_the_older(desk: Desk) -> None:
    comment = await desk.comment()
    await desk.correct(comment, kind="sentiment", sentiment=5)
    await desk.correct(comment, kind="sentiment", sentiment=4)
    newest, oldest = await desk.read(f"/api/comments/{comment}/corrections")
    assert (newest["sentiment"], newest["ended_on"], oldest["sentiment"]) == (4, None, 5)
    assert oldest["ended_on"] is not None
    assert (await desk.read(f"/api/comments/{comment}"))["sentiment"] == 4


async def test_a_redaction_takes_the_words_out_for_good_and_quotes_them_nowhere(desk: Desk) -> None:
    comment = await desk.comment("Zebedee on nights was kind. Thank you zebedee.")
    answer = await desk.correct(comment, kind="redaction", start=0, end=7, identifier="name")
    assert answer.status_code == 201
    assert "ebedee" not in answer.text
    assert (await desk.read(f"/api/comments/{comment}"))["text"] == "[name 1] on nights was kind. Thank you [name 1]."
    assert (await desk.read("/api/comments", q="zebedee"))["total"] == 0
    assert (await desk.lead.delete(f"/api/corrections/{answer.json()['id']}", headers=SITE)).status_code == 409
    assert await desk.jobs("analyse") == 1, "a text that changed is read again"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"kind": "theme", "theme": "No such theme", "present": True}, 422),
        ({"kind": "theme", "theme": "Not assigned", "present": True}, 422),
        ({"kind": "theme", "theme": "Parking"}, 422),
        ({"kind": "sentiment", "sentiment": 6}, 422),
        ({"kind": "redaction", "start": 5, "end": 5, "identifier": "name"}, 422),
        ({"kind": "opinion"}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused(desk: Desk, given: dict[str, object], status: int) -> None:
    assert (await desk.correct(await desk.comment(), **given)).status_code == status


async def test_comments_of_others_and_unknown_ones_cannot_be_corrected(desk: Desk) -> None:
    for comment in (await desk.comment(org_id=desk.theirs), uuid4()):
        assert (await desk.correct(comment, kind="checked")).status_code == 404
        assert (await desk.lead.get(f"/api/comments/{comment}/corrections")).status_code == 404
    assert (await desk.lead.delete(f"/api/corrections/{uuid4()}", headers=SITE)).status_code == 404


async def test_only_those_who_review_may_correct_and_only_some_may_let_it_learn(desk: Desk, signed_in: SignIn) -> None:
    comment = await desk.comment()
    analyst, manager = await signed_in("analyst", desk.ward), await signed_in("manager", desk.ward)
    path = f"/api/comments/{comment}/corrections"
    assert (await analyst.post(path, json={"kind": "checked"}, headers=SITE)).status_code == 403
    assert (await analyst.get("/api/review")).status_code == 403
    assert (await manager.post(path, json={"kind": "checked"}, headers=SITE)).status_code == 201
    for path in ("/api/learning/retrain", "/api/learning/read-again", "/api/learning/x/activate", "/api/drift"):
        assert (await manager.post(path, headers=SITE)).status_code == 403, path


async def flag(desk: Desk, comment: UUID, reason: str, *, held: bool = False) -> None:
    item = (
        "INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on) SELECT"
        " gen_random_uuid(), submission_id, CASE WHEN $3 THEN NULL ELSE id END, org_id, stream, $2, said_on"
        " FROM comment WHERE id = $1"
    )
    async with desk.house.owner() as db:
        await db.execute(item, comment, reason, held)


async def in_use(desk: Desk, cuts: dict[str, tuple[float, float, float]]) -> None:
    """The model that read every comment: where each theme's band begins, its threshold, and where the band ends."""
    version = "INSERT INTO bundle_version (id, state, reason, thresholds, bands) VALUES ('test', 'active', '', $1, $2)"
    thresholds = {theme: cut for theme, (_, cut, _) in cuts.items()}
    bands = {theme: [low, high] for theme, (low, _, high) in cuts.items()}
    async with desk.house.owner() as db:
        await db.execute(version, thresholds, bands)


async def test_the_queue_puts_risk_first_then_what_nobody_could_read_then_doubt(desk: Desk) -> None:
    await in_use(desk, {"Parking": (0.2, 0.79, 0.9), "Discharge": (0.1, 0.2, 0.7)})
    doubtful, _sure = await desk.comment(), await desk.comment(theme="Discharge")
    foreign, urgent = await desk.comment(theme="Discharge"), await desk.comment(theme="Discharge")
    await flag(desk, foreign, "language")
    await flag(desk, urgent, "safety")
    await flag(desk, await desk.comment(theme="Discharge", org_id=desk.theirs), "safety")
    found = await desk.read("/api/review")
    assert [(item["id"], item["reasons"], item["urgent"]) for item in found["items"]] == [
        (str(urgent), ["safety"], True),
        (str(foreign), ["language"], False),
        (str(doubtful), ["uncertain_theme"], False),
    ]
    assert [item["previous"] for item in found["items"]] == [None, str(urgent), str(foreign)]
    assert [item["next"] for item in found["items"]] == [str(foreign), str(doubtful), None]
    assert found["counts"] == {"person": 1, "safety": 1, "unsure": 1, "sample": 0, "held": 0}
    assert found["items"][0]["comment"]["id"] == str(urgent)
    for kind, comment in (("safety", urgent), ("person", foreign), ("unsure", doubtful)):
        assert [item["id"] for item in (await desk.read("/api/review", kind=kind))["items"]] == [str(comment)]
    await desk.correct(doubtful, kind="checked")
    await desk.correct(urgent, kind="sentiment", sentiment=5)
    assert (await desk.read("/api/review", kind="safety"))["total"] == 1, "only a word about the risk answers it"
    await desk.correct(urgent, kind="risk", present=True)
    assert [item["id"] for item in (await desk.read("/api/review"))["items"]] == [str(foreign)]


async def test_near_misses_are_shown_and_asked_about_nearest_first_and_counted_nowhere(desk: Desk) -> None:
    await in_use(desk, {"Parking": (0.1, 0.2, 0.7), "Discharge": (0.2, 0.6, 0.9)})
    comments = {p: await desk.comment() for p in (0.45, 0.59, 0.57)}
    async with desk.house.owner() as db:
        for p, comment in comments.items():
            await make.considered(db, comment_id=comment, theme="Discharge", p=p)
        await db.execute("UPDATE comment_considered SET framework = 'patient-experience'")
    items = (await desk.read("/api/review", kind="unsure"))["items"]
    near = [str(comments[0.59]), str(comments[0.57])]
    assert [item["id"] for item in items] == near, "0.45 is too far from the threshold to ask about"
    assert [item["reasons"] for item in items] == [["uncertain_theme"]] * 2
    assert [item["uncertainty"] for item in items] == [0.975, 0.925]
    shown = items[0]["comment"]["considered"]
    assert [(one["theme"], round(one["p"], 2)) for one in shown] == [("Discharge", 0.59), ("Considered", 0.3)]
    assert [theme["theme"] for theme in items[0]["comment"]["themes"]] == ["Parking"]
    assert (await desk.read("/api/comments", theme="Discharge"))["total"] == 0
    await desk.correct(comments[0.59], kind="theme", theme="Discharge", present=False)
    after = await desk.read(f"/api/comments/{comments[0.59]}")
    assert [one["theme"] for one in after["considered"]] == ["Considered"], "a person answered that one"
    assert [item["id"] for item in (await desk.read("/api/review", kind="unsure"))["items"]] == near[1:]


async def test_the_likeliest_risk_comes_first_whatever_its_day(desk: Desk) -> None:
    urgent = {}
    for day, p in ((2, 0.6), (9, 0.97), (1, 0.8)):
        comment = await desk.comment(theme="Discharge")
        async with desk.house.owner() as db:
            await make.safety(db, comment_id=comment, kinds=("danger_now", "self_harm"))
            await db.execute("UPDATE safety_flag SET p = $2 WHERE comment_id = $1 AND kind = 'self_harm'", comment, p)
            await db.execute("UPDATE safety_flag SET p = 0.5 WHERE comment_id = $1 AND kind <> 'self_harm'", comment)
            await db.execute("UPDATE review_item SET said_on = said_on - $2::int WHERE comment_id = $1", comment, day)
        urgent[p] = str(comment)
    items = (await desk.read("/api/review"))["items"]
    assert [item["id"] for item in items] == [urgent[0.97], urgent[0.8], urgent[0.6]]
    assert [round(item["risk"], 2) for item in items] == [0.97, 0.8, 0.6]
    first = await desk.read("/api/review", limit=1)
    rest = await desk.read("/api/review", limit=5, after=first["next"])
    assert [item["id"] for item in rest["items"]] == [urgent[0.8], urgent[0.6]]


async def test_pages_of_the_queue_hold_everything_once(desk: Desk) -> None:
    comments = {str(await desk.comment()) for _ in range(5)}
    for comment in comments:
        await flag(desk, UUID(comment), "empty")
    seen: list[str] = []
    after: dict[str, object] = {}
    while True:
        found = await desk.read("/api/review", limit=2, **after)
        seen += [item["id"] for item in found["items"]]
        if found["next"] is None:
            break
        after = {"after": found["next"]}
    assert (len(seen), set(seen), found["total"]) == (5, comments, 5)
    assert (await desk.lead.get("/api/review", params={"after": "!"})).status_code == 422


async def test_a_submission_that_could_not_be_read_is_listed_without_a_word_of_it(desk: Desk) -> None:
    await flag(desk, await desk.comment("Not to be seen", theme="Discharge"), "redaction", held=True)
    found = await desk.read("/api/review")
    assert [(item["comment"], item["reasons"]) for item in found["items"]] == [(None, ["redaction"])]
    assert found["counts"]["held"] == 1


async def test_a_verdict_about_risk_answers_the_audit_sample_too(desk: Desk) -> None:
    comment = await desk.comment(theme="Discharge")
    draw = "INSERT INTO safety_sample (comment_id, org_id, stream) SELECT id, org_id, stream FROM comment WHERE id = $1"
    async with desk.house.owner() as db:
        await db.execute(draw, comment)
    assert [item["reasons"] for item in (await desk.read("/api/review", kind="sample"))["items"]] == [["sample"]]
    made = (await desk.correct(comment, kind="risk", present=False)).json()
    async with desk.house.owner() as db:
        assert await db.fetchval("SELECT risk FROM safety_sample") is False
    assert (await desk.read("/api/review", kind="sample"))["total"] == 0
    await desk.lead.delete(f"/api/corrections/{made['id']}", headers=SITE)
    assert (await desk.read("/api/review", kind="sample"))["total"] == 1


async def test_two_people_code_the_same_comments_blind(desk: Desk, signed_in: SignIn) -> None:
    comments = [await desk.comment(theme="Discharge") for _ in range(6)]
    drawn = await desk.lead.post("/api/agreement/samples", json={"size": 5}, headers=SITE)
    assert (drawn.status_code, drawn.json()) == (201, {"comments": 5})
    other = await signed_in("manager", desk.ward)
    for number in range(5):
        for client in (desk.lead, other):
            following = (await client.get("/api/agreement/next")).json()
            assert (following["done"], following["left"]) == (number, 5 - number)
            assert set(following["comment"]) == {"id", "question", "text", "stream", "org_name"}
            themes = ["Discharge"] if number < 3 else []
            given = {"comment_id": following["comment"]["id"], "themes": themes}
            assert (await client.post("/api/agreement/codings", json=given, headers=SITE)).status_code == 204
            assert (await client.post("/api/agreement/codings", json=given, headers=SITE)).status_code == 409
    assert (await other.get("/api/agreement/next")).json()["comment"] is None
    found = (await desk.lead.get("/api/agreement")).json()
    assert (found["comments"], found["alpha"], found["pair"]["comments"]) == (5, 1.0, 5)
    (theme,) = found["themes"]
    assert (theme["theme"], theme["n"], theme["kappa"]) == ("Discharge", 3, 1.0)
    for given in ({"comment_id": str(comments[0]), "themes": ["Nothing"]}, {"comment_id": "x", "themes": []}):
        assert (await other.post("/api/agreement/codings", json=given, headers=SITE)).status_code == 422
    unknown = {"comment_id": str(uuid4()), "themes": []}
    assert (await other.post("/api/agreement/codings", json=unknown, headers=SITE)).status_code == 404


async def test_a_run_needs_enough_corrections_and_says_how_many_are_missing(desk: Desk) -> None:
    answer = await desk.lead.post("/api/learning/retrain", headers=SITE)
    assert answer.status_code == 409
    assert "correct or check 40 more" in answer.json()["detail"]
    for _ in range(40):
        await desk.correct(await desk.comment(), kind="checked")
    assert (await desk.lead.post("/api/learning/retrain", headers=SITE)).status_code == 202
    found = await desk.read("/api/learning")
    assert (found["waiting"], found["corrections"], found["needed"], found["since"]) == (True, 40, 40, 40)


async def test_a_model_is_put_to_use_and_rolled_back_by_people(desk: Desk) -> None:
    add = "INSERT INTO bundle_version (id, parent, state, reason) VALUES ($1, $2, $3, 'Because.')"
    async with desk.house.owner() as db:
        await db.executemany(add, [("base", None, "active"), ("next", "base", "candidate"), ("bad", "base", "refused")])

    async def post(path: str) -> int:
        return (await desk.lead.post(f"/api/learning/{path}", headers=SITE)).status_code

    async def states() -> dict[str, str]:
        return {version["id"]: version["state"] for version in (await desk.read("/api/learning"))["versions"]}

    assert [await post("bad/activate"), await post("base/activate"), await post("none/activate")] == [409, 409, 404]
    assert await post("next/activate") == 204
    assert await states() == {"base": "replaced", "next": "active", "bad": "refused"}
    assert await post("next/roll-back") == 204
    assert await states() == {"base": "active", "next": "rolled_back", "bad": "refused"}
    assert [await post("base/roll-back"), await post("next/roll-back")] == [409, 409]
    assert await post("read-again") == 202
    assert await desk.jobs("read_again") == 1


async def test_the_drift_log_shows_each_provider_with_a_sentence(desk: Desk) -> None:
    week = "INSERT INTO drift VALUES ($1, 'patient', $2::date, 40, '{}', $3, $4)"
    async with desk.house.owner() as db:
        await db.execute(week, desk.ward, make.DAY, {"not_assigned": 0.7}, {"not_assigned": [0.1, 0.3]})
        await db.execute(week, desk.theirs, make.DAY, {"not_assigned": 0.7}, {})
    (provider,) = (await desk.read("/api/drift"))["providers"]
    assert provider["weeks"] == [
        {
            "week_start": str(make.DAY), "comments": 40, "not_assigned": 0.7, "mean_p": None, "not_english": None,
            "shift": None, "unknown_words": None, "moved": ["not_assigned"],
        }
    ]  # fmt: skip
    assert provider["bands"] == [{"measure": "not_assigned", "low": 0.1, "high": 0.3}]
    assert "fit no theme" in provider["sentence"]
    assert (await desk.lead.post("/api/drift", headers=SITE)).status_code == 202
    assert await desk.jobs("drift") == 1
