"""Overview, themes and measures as the console gets them, from hand-made daily counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection, Database, Query
from earshot.core.web import Boundary, speak_plainly
from earshot.measures import routes
from earshot.measures.stages import recount
from earshot.people import store as people
from earshot.people.model import How
from earshot.people.routes import COOKIE
from fastapi import FastAPI
from house import House

pytestmark = pytest.mark.slow

MONDAY = date(2026, 3, 2)
PAGES = ("/api/overview", "/api/themes", "/api/themes/detail", "/api/measures/series", "/api/measures/units")
NEEDED = {"measure": "comments", "theme": "Discharge"}


@dataclass
class Desk:
    """The console of two trusts; `client` is signed in as somebody of the first, which has two wards."""

    house: House
    client: httpx.AsyncClient
    trust: UUID
    north: UUID
    south: UUID
    theirs: UUID

    async def sign_in(self, role: str, org_id: UUID | None = None) -> None:
        async with self.house.owner() as db:
            account = await make.account(db, email=f"{uuid4()}@invented.example", roles={role: org_id or self.trust})
            self.client.cookies.set(COOKIE, await people.open_session(db, account, how=How.PASSKEY, mfa=True))

    async def read(self, path: str, **query: object) -> Any:
        asked = {"from" if name == "since" else name: str(value) for name, value in query.items()}
        response = await self.client.get(path, params=asked)
        assert response.status_code == 200, response.text
        return response.json()

    async def count(self, org_id: UUID, weeks: int, measure: str, label: str, n: int, **other: Any) -> None:
        """The same count on the Monday of each of some weeks, from MONDAY or from `first`."""
        first, stream = other.get("first", MONDAY), other.get("stream", "patient")
        rows = [(org_id, first + timedelta(weeks=week), stream, measure, label, n) for week in range(weeks)]
        async with self.house.owner() as db:
            await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, $5, $6)", rows)

    async def heard(self, org_id: UUID, weeks: int, n: int, **other: Any) -> None:
        """Comments, with as many responses, analysed as half very positive and half negative."""
        for measure, label, part in (
            ("comments", "", n),
            ("responses", "", n),
            ("fft", "1", n),
            ("sentiment", "1", n - n // 2),
            ("sentiment", "4", n // 2),
        ):
            if part:
                await self.count(org_id, weeks, measure, label, part, **other)


@pytest_asyncio.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        north = await make.org(db, code="N", name="North ward", level="team", parent=trust)
        south = await make.org(db, code="S", name="South ward", level="team", parent=trust)
        theirs = await make.org(db, code="THEIRS", name="Their Trust")
    database, app = Database(house.dsn("console"), custom_plans=True), FastAPI()
    app.state.database, app.state.settings = database, house.settings
    speak_plainly(app)
    app.include_router(routes.router)
    await database.open()
    transport = httpx.ASGITransport(Boundary(app, 262_144, 10))
    async with httpx.AsyncClient(transport=transport, base_url="http://earshot.test") as client:
        desk = Desk(house, client, trust, north, south, theirs)
        await desk.sign_in("quality_lead")
        yield desk
    await database.close()


async def test_an_empty_house_answers_every_page_with_nothing(desk: Desk) -> None:
    overview = await desk.read("/api/overview")
    assert overview["heard"]["comments"] == overview["needs_person"] == 0
    assert (overview["first_day"], overview["last_day"], overview["weekly"], overview["changes"]) == (
        None,
        None,
        [],
        [],
    )
    assert overview["fft"] == {"positive_percent": None, "previous": None, "responses": 0}
    assert [unit["name"] for unit in overview["units"]] == ["North ward", "South ward"]
    assert [one["themes"] for one in (await desk.read("/api/themes"))["frameworks"]] == [[], []]
    detail = await desk.read("/api/themes/detail", theme="Discharge")
    assert (detail["weekly"], detail["units"], detail["exemplars"], detail["words"]) == ([], [], [], [])
    series = await desk.read("/api/measures/series", measure="comments")
    assert (series["points"], series["variation"], series["sentence"]) == ([], None, "There are no points to show.")
    units = await desk.read("/api/measures/units", measure="fft_positive")
    assert [(unit["last"], unit["variation"], unit["points"]) for unit in units] == [(None, None, 0)] * 2


async def test_without_days_the_overview_compares_the_last_28_days_heard_with_those_before(desk: Desk) -> None:
    await desk.heard(desk.north, 8, 10)
    await desk.heard(desk.south, 4, 6, first=MONDAY + timedelta(weeks=4), stream="carer")
    overview = await desk.read("/api/overview")
    last = MONDAY + timedelta(weeks=7)
    assert (overview["from"], overview["to"]) == (str(last - timedelta(days=27)), str(last))
    assert overview["previous_to"] == str(last - timedelta(days=28))
    assert overview["heard"] == {
        "comments": 64,
        "responses": 64,
        "previous_comments": 40,
        "previous_responses": 40,
        "by_stream": [
            {"stream": "patient", "comments": 40, "previous": 40},
            {"stream": "carer", "comments": 24, "previous": 0},
            {"stream": "staff", "comments": 0, "previous": 0},
        ],
    }
    assert overview["fft"] == {"positive_percent": 100.0, "previous": 100.0, "responses": 64}
    assert overview["sentiment"][3] == {"label": 4, "n": 32, "previous": 20}
    assert {(unit["name"], unit["comments"], unit["previous"]) for unit in overview["units"]} == {
        ("North ward", 40, 40),
        ("South ward", 24, 0),
    }
    assert (overview["first_day"], overview["last_day"]) == (str(MONDAY), str(last))


async def test_the_week_that_is_not_over_is_no_bar(desk: Desk) -> None:
    await desk.heard(desk.north, 3, 4)
    weekly = (await desk.read("/api/overview"))["weekly"]
    assert weekly == [{"week_start": str(MONDAY + timedelta(weeks=week)), "comments": 4} for week in range(2)]


async def test_filters_narrow_by_organisation_stream_and_days(desk: Desk) -> None:
    await desk.sign_in("guardian")
    await desk.heard(desk.north, 4, 10)
    await desk.heard(desk.south, 4, 6, stream="staff")
    assert (await desk.read("/api/overview", org=desk.north))["heard"]["comments"] == 40
    staff = (await desk.read("/api/overview", stream="staff"))["heard"]
    assert (staff["comments"], [row["stream"] for row in staff["by_stream"]]) == (24, ["staff"])
    asked = {"since": MONDAY, "to": MONDAY + timedelta(days=6)}
    assert (await desk.read("/api/overview", **asked))["heard"]["comments"] == 16


async def test_a_stream_that_a_role_may_not_read_is_neither_counted_nor_named(desk: Desk) -> None:
    await desk.heard(desk.north, 4, 10)
    await desk.heard(desk.north, 4, 6, stream="staff")
    await desk.sign_in("analyst")
    heard = (await desk.read("/api/overview"))["heard"]
    assert (heard["comments"], [row["stream"] for row in heard["by_stream"]]) == (40, ["patient", "carer"])
    assert (await desk.read("/api/overview", stream="staff"))["heard"]["comments"] == 0


async def test_another_trust_looks_like_one_that_does_not_exist(desk: Desk) -> None:
    await desk.heard(desk.theirs, 4, 50)
    for path in PAGES:
        foreign = await desk.client.get(path, params={**NEEDED, "org": str(desk.theirs)})
        unknown = await desk.client.get(path, params={**NEEDED, "org": str(uuid4())})
        assert (foreign.status_code, foreign.json()) == (404, unknown.json()), path
    assert (await desk.read("/api/overview"))["heard"]["comments"] == 0
    assert "Their Trust" not in (await desk.client.get("/api/overview")).text


async def test_filters_that_make_no_sense_are_refused_by_field(desk: Desk) -> None:
    refused = (
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"stream": "visitor"}, "stream.0"),
        ({"org": "1"}, "org"),
    )
    for path in PAGES:
        for query, field in refused:
            response = await desk.client.get(path, params={**NEEDED, **query})
            assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field), (path, query)


async def test_charts_that_make_no_sense_are_refused(desk: Desk) -> None:
    await desk.heard(desk.north, 4, 10)
    refused: tuple[tuple[dict[str, str], int], ...] = (
        ({"measure": "nothing"}, 404),
        ({"measure": "theme:Nobody said this"}, 404),
        ({"measure": "theme:\0"}, 422),
        ({"measure": "comments", "period": "year"}, 422),
        ({"measure": "comments", "target": "NaN"}, 422),
        ({"measure": "comments", "rebase": "2030-01-01"}, 422),
        ({}, 422),
    )
    for query, status in refused:
        assert (await desk.client.get("/api/measures/series", params=query)).status_code == status, query
    assert (await desk.client.get("/api/themes/detail", params={"theme": "Nobody said this"})).status_code == 404


async def test_no_day_is_too_far_away(desk: Desk) -> None:
    await desk.heard(desk.north, 4, 10)
    for path in PAGES:
        for day in ("0001-01-01", "9999-12-31"):
            for name in ("from", "to"):
                response = await desk.client.get(path, params={**NEEDED, name: day})
                assert response.status_code == 200, (path, name, day)


async def test_a_theme_that_is_heard_more_than_expected_is_said_in_words(desk: Desk) -> None:
    await desk.heard(desk.north, 16, 40)
    for theme in ("Discharge", "Parking", "Food & drink provision & facilities"):
        await desk.count(desk.north, 16, "theme", theme, 4)
    later = MONDAY + timedelta(weeks=12)
    await desk.count(desk.south, 4, "theme", "Discharge", 8, first=later)
    await desk.count(desk.south, 4, "theme_negative", "Discharge", 7, first=later)
    (change,) = (await desk.read("/api/overview"))["changes"]
    assert change == {
        "theme": "Discharge",
        "n": 48,
        "previous": 16,
        "expected": 16.2,
        "direction": "up",
        "kind": "concern",
        "sentence": "Comments about ‘Discharge’ rose: 48 of 160 in 4 weeks, where about 16 were expected.",
    }


async def test_themes_come_most_heard_first_with_shares_and_those_not_assigned_apart(desk: Desk) -> None:
    await desk.heard(desk.north, 4, 10)
    await desk.count(desk.north, 4, "theme", "Discharge", 5)
    await desk.count(desk.north, 4, "theme_negative", "Discharge", 2)
    await desk.count(desk.north, 1, "theme", "Parking", 3)
    await desk.count(desk.north, 4, "theme", "Not assigned", 1)
    themes = (await desk.read("/api/themes"))["frameworks"][0]
    assert [(row["theme"], row["n"], row["share"], row["negative_share"]) for row in themes["themes"]] == [
        ("Discharge", 20, 0.5, 0.4),
        ("Parking", 3, 0.075, None),
    ]
    assert themes["themes"][1]["weekly"] == [
        {"week_start": str(MONDAY + timedelta(weeks=week)), "n": n} for week, n in enumerate((3, 0, 0))
    ]
    assert (themes["not_assigned"], themes["id"]) == (4, "patient-experience")


async def test_what_staff_say_is_counted_by_a_framework_of_its_own(desk: Desk) -> None:
    await desk.sign_in("guardian")
    await desk.heard(desk.north, 2, 10)
    await desk.count(desk.north, 2, "theme", "Discharge", 5)
    await desk.heard(desk.north, 2, 4, stream="staff")
    await desk.count(desk.north, 2, "theme", "We work flexibly", 2, stream="staff")
    await desk.count(desk.north, 2, "theme", "Not assigned", 1, stream="staff")
    patients, staff = (await desk.read("/api/themes"))["frameworks"]
    assert [(row["theme"], row["group"], row["n"], row["share"]) for row in patients["themes"]] == [
        ("Discharge", "Care journey", 10, 0.5)
    ]
    assert [(row["theme"], row["group"], row["n"], row["share"]) for row in staff["themes"]] == [
        ("We work flexibly", "People Promise", 4, 0.5)
    ]
    assert (patients["not_assigned"], staff["not_assigned"]) == (0, 2)
    assert "often wrong" in staff["note"]
    heard = await desk.read("/api/themes", stream="staff")
    assert [one["id"] for one in heard["frameworks"]] == ["staff"]
    detail = await desk.read("/api/themes/detail", theme="We work flexibly")
    assert [(unit["n"], unit["share"]) for unit in detail["units"]] == [(4, 0.5)]
    chart = await desk.read("/api/measures/series", measure="theme:We work flexibly", period="week")
    assert [point["y"] for point in chart["points"]] == [2]  # the second week is not over


async def test_whoever_is_no_guardian_gets_counts_of_staff_as_statistics_tell_them(desk: Desk) -> None:
    """Small ones are missing, others rounded, and a total is the sum of what is shown: taking away tells nothing."""
    await desk.heard(desk.north, 4, 11)
    await desk.heard(desk.north, 4, 3, stream="staff")
    await desk.heard(desk.south, 1, 3, stream="staff")
    await desk.count(desk.north, 4, "theme", "We work flexibly", 2, stream="staff")
    await desk.count(desk.south, 1, "theme", "We are a team", 2, stream="staff")
    exact = {}
    for role in ("guardian", "quality_lead"):
        await desk.sign_in(role)
        overview = await desk.read("/api/overview")
        staff = await desk.read("/api/overview", stream="staff", org=desk.south)
        themes = (await desk.read("/api/themes"))["frameworks"][1]["themes"]
        weeks = await desk.read("/api/measures/series", measure="comments", stream="staff")
        units = await desk.read("/api/measures/units", measure="comments", stream="staff")
        detail = await desk.read("/api/themes/detail", theme="We are a team")
        exact[role] = (
            [overview["heard"]["comments"], *(one["comments"] for one in overview["heard"]["by_stream"])],
            [week["comments"] for week in overview["weekly"]],
            (staff["heard"]["comments"], staff["fft"]["responses"], staff["units"]),
            {row["theme"]: (row["n"], row["share"]) for row in themes},
            [point["y"] for point in weeks["points"]],
            [unit["last"] for unit in units],
            [(unit["n"], unit["share"]) for unit in detail["units"]],
        )
    assert exact["guardian"] == (
        [59, 44, 0, 15],
        [17, 14, 14],
        (3, 3, []),
        {"We work flexibly": (8, 0.533), "We are a team": (2, 0.133)},
        [6, 3, 3],
        [3, 0],
        [(2, 0.667)],
    )
    assert exact["quality_lead"] == (
        [59, 44, 0, 15],
        [16, 11, 11],
        (None, None, []),
        {"We work flexibly": (10, 0.667), "We are a team": (None, None)},
        [5, None, None],
        [None, 0],
        [(None, None)],
    )


async def test_who_may_not_read_staff_comments_is_shown_no_staff_themes(desk: Desk) -> None:
    await desk.count(desk.north, 1, "theme", "We work flexibly", 2, stream="staff")
    await desk.sign_in("manager")
    assert [one["id"] for one in (await desk.read("/api/themes"))["frameworks"]] == ["patient-experience"]


async def test_one_theme_shows_units_different_comments_and_the_words_that_spoke_for_it(desk: Desk) -> None:
    async with desk.house.owner() as db:
        for ward, text in (
            (desk.north, "We waited five hours for the tablets."),
            (desk.north, "We waited five hours for the tablets."),
            (desk.south, "Nobody told us when we could go home."),
            (desk.south, "Parking is dear and there is never any space."),
        ):
            theme = "Parking" if "Parking" in text else "Discharge"
            await said(db, desk.house, ward, text, theme)
        await recount(db, [(ward, MONDAY) for ward in (desk.north, desk.south)])
    detail = await desk.read("/api/themes/detail", theme="Discharge")
    assert sorted(comment["text"] for comment in detail["exemplars"]) == [
        "Nobody told us when we could go home.",
        "We waited five hours for the tablets.",
    ]
    assert detail["units"] == [
        {"org_id": str(desk.north), "name": "North ward", "n": 2, "share": 1.0},
        {"org_id": str(desk.south), "name": "South ward", "n": 1, "share": 0.5},
    ]
    assert detail["words"] == [{"text": "home", "weight": 1.5}, {"text": "waited", "weight": 1.0}]
    assert detail["description"] and detail["weekly"] == [{"week_start": str(MONDAY), "n": 3}]


async def test_only_open_comments_need_a_person(desk: Desk) -> None:
    async with desk.house.owner() as db:
        for _ in range(2):
            comment = await make.comment(db, settings=desk.house.settings, org_id=desk.north)
            for reason in ("language", "empty"):
                item = (
                    "INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on) SELECT"
                    " gen_random_uuid(), submission_id, id, org_id, stream, $2, said_on FROM comment WHERE id = $1"
                )
                await db.execute(item, comment, reason)
        await db.execute("UPDATE review_item SET looked_at_on = current_date WHERE comment_id = $1", comment)
    assert (await desk.read("/api/overview"))["needs_person"] == 1


async def test_a_series_has_limits_findings_and_no_point_where_too_few_answered(desk: Desk) -> None:
    for week in range(16):
        n = 3 if week == 5 else 10
        first = MONDAY + timedelta(weeks=week)
        await desk.count(desk.north, 1, "responses", "", n, first=first)
        await desk.count(desk.north, 1, "fft", "1", n - week % 2 - (6 if week == 14 else 0), first=first)
        if week % 2 or week == 14:
            await desk.count(desk.north, 1, "fft", "5", 6 if week == 14 else 1, first=first)
    series = await desk.read("/api/measures/series", measure="fft_positive", target=80)
    assert len(series["points"]) == 15, "the sixteenth week is not over"
    assert series["points"][5]["y"] is None and series["points"][5]["n"] == 3
    newest = series["points"][-1]
    assert (newest["y"], newest["n"], newest["label"]) == (40.0, 10, "8 Jun 2026")
    assert (newest["special_cause_type"], newest["point_type"]) == ("Below LCL", "special_cause_concern")
    assert series["variation"] == "special_cause_concern"
    assert (series["assurance"], series["target"]) == ("inconsistent", 80.0)
    assert series["warnings"] == ["No percentage for 1 week: fewer than 5 answers are too few to say."]


async def test_a_quiet_ward_has_zeros_up_to_where_its_trust_was_heard_but_none_before_its_first_day(desk: Desk) -> None:
    await desk.heard(desk.south, 9, 5)
    await desk.heard(desk.north, 2, 5, first=MONDAY + timedelta(weeks=2))
    series = await desk.read("/api/measures/series", measure="comments", org=desk.north)
    assert [point["y"] for point in series["points"]] == [5, 5, 0, 0, 0, 0]
    assert series["points"][0]["start"] == str(MONDAY + timedelta(weeks=2))


async def test_weeks_in_which_the_whole_trust_sent_nothing_are_no_data_and_not_zero(desk: Desk) -> None:
    await desk.heard(desk.north, 2, 5)
    await desk.heard(desk.north, 2, 5, first=MONDAY + timedelta(weeks=9))
    series = await desk.read("/api/measures/series", measure="comments")
    assert [point["y"] for point in series["points"]] == [5, 5, None, None, None, None, None, None, None, 5]
    assert "No data for 7 weeks: nothing came from the provider, which is not the same as zero." in series["warnings"]


async def test_a_trust_whose_feed_stopped_has_no_zeros_because_another_goes_on(desk: Desk) -> None:
    async with desk.house.owner() as db:
        account = await make.account(
            db, email=f"{uuid4()}@invented.example", roles={"quality_lead": desk.trust, "analyst": desk.theirs}
        )
        desk.client.cookies.set(COOKIE, await people.open_session(db, account, how=How.PASSKEY, mfa=True))
    await desk.heard(desk.north, 3, 5)
    await desk.heard(desk.theirs, 12, 5)
    units = await desk.read("/api/measures/units", measure="comments")
    assert {unit["name"]: unit["points"] for unit in units} == {"Our Trust": 3, "Their Trust": 11}


async def test_a_closed_ward_has_no_zeros_after_it_closed(desk: Desk) -> None:
    await desk.heard(desk.south, 9, 5)
    await desk.heard(desk.north, 2, 5)
    async with desk.house.owner() as db:
        await db.execute("UPDATE org SET closed_on = $2 WHERE id = $1", desk.north, MONDAY + timedelta(days=20))
    series = await desk.read("/api/measures/series", measure="comments", org=desk.north)
    assert [point["y"] for point in series["points"]] == [5, 5, 0]
    units = await desk.read("/api/measures/units", measure="comments")
    assert {unit["name"]: unit["points"] for unit in units} == {"North ward": 3, "South ward": 8}


async def test_months_and_new_limits_from_a_day(desk: Desk) -> None:
    await desk.heard(desk.north, 18, 10)
    months = (await desk.read("/api/measures/series", measure="comments", period="month"))["points"]
    assert [(point["label"], point["y"]) for point in months] == [
        ("Mar 2026", 50),
        ("Apr 2026", 40),
        ("May 2026", 40),
    ]
    rebased = await desk.read("/api/measures/series", measure="comments", period="month", rebase="2026-04-15")
    assert [point["mean"] for point in rebased["points"]] == [50, 40, 40]


async def test_units_are_those_below_the_one_in_view_with_the_same_chart_as_their_own(desk: Desk) -> None:
    await desk.heard(desk.north, 20, 5)
    await desk.count(desk.north, 1, "comments", "", 40, first=MONDAY + timedelta(weeks=18, days=1))
    await desk.heard(desk.south, 4, 5, first=MONDAY + timedelta(weeks=16))
    north, south = await desk.read("/api/measures/units", measure="comments")
    own = await desk.read("/api/measures/series", measure="comments", org=desk.north)
    assert (north["last"], north["points"], north["variation"]) == (45, 19, "special_cause_neutral_high")
    assert (own["points"][-1]["y"], own["variation"]) == (45, north["variation"])
    assert (south["last"], south["points"], south["variation"]) == (5, 3, None), "three weeks are too few for an icon"
    assert await desk.read("/api/measures/units", measure="comments", org=desk.north) == []
    overview = await desk.read("/api/overview")
    assert [unit["variation"] for unit in overview["units"]] == ["special_cause_neutral_high", None]


async def test_somebody_with_one_ward_sees_that_ward_and_no_table_of_it(desk: Desk) -> None:
    await desk.heard(desk.north, 4, 10)
    await desk.heard(desk.south, 4, 10)
    await desk.sign_in("manager", desk.north)
    overview = await desk.read("/api/overview")
    assert (overview["heard"]["comments"], overview["units"]) == (40, [])


async def test_measures_are_listed_with_the_way_that_is_better(desk: Desk) -> None:
    listed = {row["id"]: (row["unit"], row["improvement_direction"]) for row in await desk.read("/api/measures")}
    assert listed["comments"] == ("count", "neutral")
    assert listed["fft_positive"] == ("percent", "increase")
    assert listed["theme:Negative experience & dissatisfaction"] == ("count", "decrease")


async def test_nobody_reads_without_signing_in(desk: Desk) -> None:
    desk.client.cookies.clear()
    for path in (*PAGES, "/api/measures"):
        assert (await desk.client.get(path, params=NEEDED)).status_code == 401, path


async def test_more_units_take_no_more_queries(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.heard(desk.north, 4, 5)
    queries: list[Query[Any]] = []
    for name in ("all", "maybe"):
        run = getattr(Query, name)

        async def noted(query: Query[Any], *args: object, run: Any = run) -> Any:
            queries.append(query)
            return await run(query, *args)

        monkeypatch.setattr(Query, name, noted)

    async def asked(path: str) -> int:
        queries.clear()
        await desk.read(path, **NEEDED)
        return len(queries)

    few = [await asked(path) for path in PAGES]
    async with desk.house.owner() as db:
        more = [await make.org(db, code=f"W{n}", level="team", parent=desk.trust) for n in range(6)]
    for ward in more:
        await desk.heard(ward, 4, 5)
    assert [await asked(path) for path in PAGES] == few
    assert max(few) <= 14, few


async def said(db: Connection, house: House, ward: UUID, text: str, theme: str) -> None:
    """An analysed comment; the word that speaks for its theme is "home" or "waited"."""
    comment = await make.comment(db, settings=house.settings, org_id=ward, text=text, said_on=MONDAY)
    await db.execute("INSERT INTO analysis VALUES ($1, $2, 'patient', 'test', 'en', 1, 4, 0.9, '[]')", comment, ward)
    words = [{"text": "Home", "weight": 1.5}] if "home" in text else [{"text": "waited", "weight": 0.5}]
    theme_row = "INSERT INTO comment_theme VALUES ($1, 'patient-experience', $2, 0.8, $3, $4, 'patient')"
    await db.execute(theme_row, comment, theme, words, ward)
