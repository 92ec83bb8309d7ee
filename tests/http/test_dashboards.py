"""The quality dashboards at the console: every page from ward to board, small numbers hidden, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
import time_machine
from conftest import SignIn
from earshot.core.db import Connection
from earshot.dashboards.pages import PAGES
from house import House

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 22)
FIRST = date(2026, 5, 18)  # the Monday 26 weeks before the last whole week but one
WEEKS = 26
IDS = [page.id for page in PAGES]


@dataclass(frozen=True)
class Board:
    """A trust with three wards of 40, 40 and 3 answers a week, another trust, and people who look."""

    house: House
    sign_in: SignIn
    trust: UUID
    wards: tuple[UUID, UUID, UUID]
    theirs: UUID

    async def read(self, page: str, role: str = "quality_lead", at: UUID | None = None, **asked: Any) -> Any:
        client = await self.sign_in(role, at or self.trust)
        answer = await client.get(f"/api/quality/{page}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def count(self, org_id: UUID, measure: str, label: str, n: int, weeks: int = WEEKS, **other: Any) -> None:
        """The same count on a day of each of some weeks."""
        rows = [
            (org_id, FIRST + timedelta(weeks=week), other.get("stream", "patient"), measure, label, n)
            for week in range(other.get("first", 0), weeks)
        ]
        async with self.house.owner() as db:
            await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, $5, $6)", rows)

    async def heard(self, org_id: UUID, n: int, good: int, **other: Any) -> None:
        """Answers of each week, so many of them good, the others poor and negative."""
        for measure, label, part in (
            ("comments", "", n),
            ("responses", "", n),
            ("fft", "1", good),
            ("fft", "4", n - good),
            ("sentiment", "2", good),
            ("sentiment", "4", n - good),
            ("theme", "Discharge", n),
            ("theme_negative", "Discharge", n - good),
        ):
            if part:
                await self.count(org_id, measure, label, part, **other)


def block(page: Any, id: str) -> Any:
    return next(one for one in page["blocks"] if one["id"] == id)


def numbers(found: Any) -> Iterator[float]:
    """Every number of a page that is a count."""
    if isinstance(found, dict):
        counted = found.get("unit") not in (None, "percent", "days")
        for name, value in found.items():
            if name in ("value", "number", "n") and isinstance(value, int | float) and (counted or name == "n"):
                yield value
            elif name in ("blocks", "points", "rows", "cells"):
                yield from numbers(value)
    elif isinstance(found, list):
        for one in found:
            yield from numbers(one)


@pytest_asyncio.fixture
async def board(house: House, signed_in: SignIn) -> AsyncIterator[Board]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        wards = [await make.org(db, code=f"W{n}", name=f"Ward {n}", level="team", parent=trust) for n in (1, 2, 3)]
        theirs = await make.org(db, code="THEIRS", name="Their Trust")
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=True):
        yield Board(house, signed_in, trust, (wards[0], wards[1], wards[2]), theirs)


async def fill(board: Board) -> None:
    first, second, third = board.wards
    await board.heard(first, 40, 36)
    await board.heard(second, 40, 16)
    await board.heard(third, 3, 2)
    await board.heard(first, 12, 6, stream="staff")
    for label, n, good in (("age_band=25_34", 20, 18), ("age_band=75_84", 20, 4), ("ethnicity=asian", 1, 1)):
        for measure, part in (("group", n), ("group_fft", n), ("group_positive", good), ("group_comments", n)):
            await board.count(first, measure, label, part)


async def test_a_house_where_nobody_was_heard_yet_shows_every_page(board: Board) -> None:
    for page in IDS:
        for at in (board.trust, board.wards[0]):
            found = await board.read(page, "guardian", at)
            assert found["blocks"], page
            assert all(one.get("sentence") for one in found["blocks"]), page
            assert set(numbers(found)) <= {0}, page
    client = await board.sign_in("guardian", board.trust)
    names = (await client.get("/api/quality")).json()
    assert [one["id"] for one in names] == IDS


async def test_every_page_says_what_it_shows_in_words_and_opens_what_is_behind_it(board: Board) -> None:
    await fill(board)
    for page in IDS:
        for at in (board.trust, board.wards[0]):
            found = await board.read(page, "quality_lead", at)
            assert (found["since"], found["until"], found["period"]) == ("2026-08-17", "2026-11-15", "week")
            assert found["org_id"] == str(at)
            for one in found["blocks"]:
                assert one["sentence"].endswith((".", "?")), one["sentence"]
                assert "None" not in one["sentence"]
                for opens in [one.get("opens"), *(row.get("opens") for row in one.get("rows", []))]:
                    assert opens is None or re.match(r"/(comments|signals)\?org=|/cases$|/actions/", opens), opens
            assert all(n == 0 or (n >= 5 and n % 5 == 0) for n in numbers(found)), page


async def test_the_overview_rounds_what_it_counts_and_works_percentages_out_from_that(board: Board) -> None:
    await fill(board)
    page = await board.read("overview", since="2026-08-17", until="2026-11-15")
    comments = block(page, "comments")
    assert (comments["text"], comments["value"], comments["compared"]) == (
        "1,235",
        1235,
        "1,235 in the 13 weeks before",
    )
    assert comments["opens"] == f"/comments?org={board.trust}&from=2026-08-17&to=2026-11-15"
    assert "chance" in comments["sentence"]
    chart = next(one for one in page["blocks"] if one["kind"] == "chart" and one["id"] == "comments")
    assert [point["value"] for point in chart["points"]] == [95] * 13
    assert (chart["mean"], chart["variation"]) == (95, "common_cause")
    who = {row["cells"][0]["text"]: row["cells"][1]["text"] for row in block(page, "who")["rows"]}
    assert who == {"Patients": "1,080", "Carers": "0", "Staff": "155"}
    assert page["note"] == ""
    assert "1 to 4" in page["small_numbers"] or "One to 4" in page["small_numbers"]


async def test_nothing_is_compared_with_a_time_in_part_of_which_nobody_was_heard_yet(board: Board) -> None:
    await fill(board)
    for page in IDS:
        found = await board.read(page, since="2026-08-10", until="2026-11-15")
        compared = [one["compared"] for one in found["blocks"] if one.get("compared")]
        assert set(compared) <= {"nothing to compare: first heard in the week of 18 May 2026"}, page
        for one in found["blocks"]:
            assert not re.search(r"than in|than before|much the same|on before", one["sentence"]), one["sentence"]
    themes = block(await board.read("overview", since="2026-08-10", until="2026-11-15"), "themes")
    assert [cell["text"] for cell in themes["rows"][0]["cells"][:3]] == ["Discharge", "1,330", "not known"]
    assert "first heard in the week of 18 May 2026" in themes["sentence"]


async def test_a_small_ward_shows_neither_its_weeks_nor_how_they_add_up(board: Board) -> None:
    await fill(board)
    page = await board.read("overview", at=board.wards[2])
    chart = next(one for one in page["blocks"] if one["kind"] == "chart" and one["id"] == "comments")
    assert {point["value"] for point in chart["points"]} == {None}
    assert "too few" in chart["sentence"]
    assert block(page, "comments")["value"] == 40
    week = await board.read("overview", at=board.wards[2], since="2026-11-09", until="2026-11-15")
    assert block(week, "comments")["text"] == "too few to say"


async def test_days_are_widened_to_whole_weeks_or_months_and_it_is_said(board: Board) -> None:
    await fill(board)
    page = await board.read("overview", since="2026-10-07", until="2026-10-08")
    assert (page["since"], page["until"], page["period"]) == ("2026-10-05", "2026-10-11", "week")
    assert page["note"] == "Statistics are for whole weeks: this page shows 5 October 2026 to 11 October 2026."
    month = await board.read("overview", since="2026-10-01", until="2026-10-31")
    assert (month["period"], month["note"]) == ("month", "")
    assert block(month, "comments")["value"] == 380  # four Mondays
    long = await board.read("overview", since="2025-01-15", until="2026-11-15")
    assert (long["since"], long["until"], long["period"]) == ("2025-01-01", "2026-11-30", "month")


async def test_experience_says_for_which_groups_it_was_less_good_and_hides_small_ones(board: Board) -> None:
    await fill(board)
    page = await board.read("experience", at=board.wards[0])
    age = block(page, "equity-age_band")
    assert "less good for ‘75 to 84’" in age["sentence"] and "better for ‘25 to 34’" in age["sentence"]
    assert [row["cells"][5]["text"] for row in age["rows"]] == ["better", "less good"]
    answers = {row["cells"][0]["text"]: row["cells"][1]["number"] for row in block(page, "answers")["rows"]}
    assert answers == {
        "Very good": 545, "Good": 0, "Neither good nor poor": 0, "Poor": 130, "Very poor": 0, "Don't know": 0,
    }  # fmt: skip
    week = await board.read("experience", at=board.wards[0], since="2026-11-09", until="2026-11-15")
    assert block(week, "equity-ethnicity")["rows"][0]["cells"][1]["text"] == "too few to say"
    assert "nobody told us" in block(week, "equity-disability")["sentence"]
    staff = await board.read("experience", at=board.wards[0], stream="staff")
    assert block(staff, "equity-age_band")["rows"] == []


async def test_the_funnel_sets_units_beside_each_other_and_calls_only_what_chance_does_not_explain(
    board: Board,
) -> None:
    await fill(board)
    funnel = block(await board.read("funnel", stream="patient"), "fft")
    assert {point["name"]: point["where"] for point in funnel["points"]} == {
        "Ward 1": "above_998",
        "Ward 2": "below_998",
        "Ward 3": "inside",
    }
    assert (
        "league table" in funnel["sentence"] and "Ward 1 and Ward 2 lie outside the outer lines" in funnel["sentence"]
    )
    wide, narrow = funnel["limits"][0], funnel["limits"][-1]
    assert wide["n"] < narrow["n"] and wide["high998"] - wide["low998"] > narrow["high998"] - narrow["low998"]
    assert funnel["limits"][0]["low998"] < funnel["limits"][0]["low95"] < funnel["overall"]
    assert block(await board.read("funnel", at=board.wards[0]), "fft")["points"] == []


async def test_the_map_of_silence_tells_heard_from_fewer_from_silent_from_not_there_yet(board: Board) -> None:
    first, second, third = board.wards
    await board.count(first, "responses", "", 30)
    await board.count(second, "responses", "", 30, weeks=WEEKS - 1)
    await board.count(third, "responses", "", 30, weeks=WEEKS - 1)
    await board.count(third, "responses", "", 6, first=WEEKS - 1)
    async with board.house.owner() as db:
        young = await make.org(db, code="W4", name="Ward 4", level="team", parent=board.trust)
    await board.count(young, "responses", "", 30, first=WEEKS - 2)
    found = block(await board.read("silence"), "silence")
    assert (len(found["columns"]), found["columns"][-1]) == (13, "2026-11-09")
    last = {row["name"]: (row["cells"][-3], row["cells"][-1]) for row in found["rows"]}
    assert last == {
        "Ward 1": ("heard", "heard"),
        "Ward 2": ("heard", "silent"),
        "Ward 3": ("heard", "fewer"),
        "Ward 4": ("no_data", "heard"),
    }
    assert "nothing was heard from Ward 2" in found["sentence"] and "Ward 3" in found["sentence"]


async def test_both_sides_are_compared_where_staff_may_be_seen_and_it_is_said_where_not(board: Board) -> None:
    first = board.wards[0]
    for stream, good, bad in (
        ("patient", "Staff manner & personal attributes", "Number & deployment of staff"),
        ("staff", "We are a team", "Patient safety or quality"),
    ):
        await board.count(first, "theme", good, 40, stream=stream)
        await board.count(first, "theme", bad, 40, stream=stream)
        await board.count(first, "theme_negative", bad, 36, stream=stream)
    await board.count(first, "responses", "", 90)
    both = block(await board.read("triangulation"), "both")
    assert "complain much about safe." in both["sentence"]
    assert {row["cells"][0]["text"]: row["cells"][5]["text"] for row in both["rows"]}["Safe"] == "both complain more"
    alone = await board.read("triangulation", "manager", first)
    assert "does not show what staff say" in block(alone, "both")["sentence"]
    assert block(alone, "both")["rows"][0]["cells"][3]["number"] == 0
    questions = block(await board.read("cqc"), "questions")
    safe = questions["rows"][0]
    assert [cell["text"] for cell in safe["cells"][:4]] == ["Safe", "520", "0", "520"]
    assert safe["opens"].endswith("dimension=cqc%3Asafe")


async def spoke_up(db: Connection, org_id: UUID, n: int, again: str | None = None) -> None:
    for _ in range(n):
        case = await make.case_file(db, org_id=org_id, received_on=date(2026, 10, 6))
        sql = (
            "UPDATE case_file SET elements = '{Bullying or harassment}', state = 'closed', closed_on = $2 WHERE id = $1"
        )
        await db.execute(sql, case, date(2026, 10, 26))
        text = "INSERT INTO case_text (case_id, n, kind, on_day, sealed) VALUES ($1, 1, 'from_handler', $2, 'x')"
        await db.execute(text, case, date(2026, 10, 9))
        if again is not None:
            await db.execute("INSERT INTO case_feedback VALUES ($1, 'again', $2)", case, again)


async def test_speaking_up_is_counted_for_a_provider_by_those_who_may_and_never_for_a_ward(board: Board) -> None:
    async with board.house.owner() as db:
        await spoke_up(db, board.wards[0], 8, "yes")
        await spoke_up(db, board.wards[0], 3, "no")
    await board.count(board.wards[0], "responses", "", 30)
    page = await board.read("speaking-up", "guardian")
    assert (block(page, "cases")["value"], block(page, "again")["value"]) == (10, 100.0)
    elements = {row["cells"][0]["text"]: row["cells"][1]["text"] for row in block(page, "elements")["rows"]}
    assert elements["Bullying or harassment"] == "10" and elements["Patient safety or quality"] == "0"
    table = next(one for one in page["blocks"] if one["kind"] == "table" and one["id"] == "again")
    again = {row["cells"][0]["text"]: row["cells"][1]["text"] for row in table["rows"]}
    assert (again["No"], again["Yes"]) == ("too few to say", "too few to say")  # 8 of 11 would tell the 3
    for role, at in (("guardian", board.wards[0]), ("manager", board.wards[0]), ("analyst", board.trust)):
        hidden = (await board.read("speaking-up", role, at))["blocks"]
        assert [(one["id"], one["text"]) for one in hidden] == [("cases", "not shown here")], role
    times = block(await board.read("response", "guardian"), "cases")
    staff = next(row for row in times["rows"] if row["cells"][0]["text"] == "Staff")
    assert [cell["text"] for cell in staff["cells"]] == ["Staff", "10", "10", "3 days", "10", "20 days"]
    assert block(await board.read("response", "guardian", board.wards[0]), "cases")["rows"] == []
    for row in block(await board.read("response", "manager"), "cases")["rows"]:
        assert [cell["text"] for cell in row["cells"][1:3]] == ["0", "0"]


async def test_a_median_needs_five_and_hides_warnings_about_a_few_members_of_staff(board: Board) -> None:
    await board.count(board.wards[0], "responses", "", 30)
    async with board.house.owner() as db:
        for n in range(6):
            made = await make.signal(db, org_id=board.wards[0])
            sql = (
                "UPDATE signal SET raised_at = '2026-11-02', acknowledged_at = $2, state = 'acknowledged' WHERE id = $1"
            )
            await db.execute(sql, made, TODAY - timedelta(days=15 - n) if n < 4 else None)
        few = await make.signal(db, org_id=board.wards[0], streams=("staff",), respondents=2)
        await db.execute("UPDATE signal SET raised_at = '2026-11-02' WHERE id = $1", few)
        page = await board.read("response")
        assert block(page, "raised")["value"] == 5  # 6, and not the one about two members of staff
        assert block(page, "acknowledged")["text"] == "too few to say"
        await db.execute("UPDATE signal SET acknowledged_at = '2026-11-03 12:00' WHERE acknowledged_at IS NULL")
        page = await board.read("response")
    found = block(page, "acknowledged")
    assert found["value"] is not None and found["sentence"].endswith("This is from about 5.")
    assert block(page, "closed")["value"] is None


async def test_effective_shows_what_was_changed_and_whether_it_helped(board: Board) -> None:
    async with board.house.owner() as db:
        lead = await make.account(db, email="lead@invented.example", roles={"quality_lead": board.trust})
        sql = (
            "INSERT INTO improvement_action"
            " (id, org_id, streams, title, what_we_heard, state, started_on, made_by, made_on) VALUES"
            " (gen_random_uuid(), $1, $2, $3, 'Nobody came.', 'under_way', '2026-08-02', $4, '2026-08-01')"
        )
        await db.execute(sql, board.wards[0], ["patient"], "A bell at every bed", lead)
        await db.execute(sql, board.wards[0], ["staff"], "A rota that people know", lead)
    await board.count(board.wards[0], "responses", "", 30)
    changes = block(await board.read("effective"), "changes")
    assert {tuple(cell["text"] for cell in row["cells"]) for row in changes["rows"]} == {
        ("A bell at every bed", "Ward 1", "Under way", "Too early to say"),
        ("A rota that people know", "Ward 1", "Under way", "Too early to say"),
    }
    assert changes["sentence"].startswith("2 changes agreed. 0 proved to help")
    alone = block(await board.read("effective", "manager", board.wards[0]), "changes")
    assert [row["cells"][0]["text"] for row in alone["rows"]] == ["A bell at every bed"]
    assert alone["rows"][0]["opens"].startswith("/actions/")


async def test_wrong_days_unknown_pages_and_other_peoples_places_are_refused(board: Board) -> None:
    client: httpx.AsyncClient = await board.sign_in("manager", board.trust)
    for asked in (
        {"since": "2026-03-02", "until": "2026-03-01"},
        {"since": "1900-01-01"},
        {"until": "9999-12-31"},
        {"since": "2010-01-01", "until": "2026-01-01"},
        {"since": "yesterday"},
        {"stream": "nobody"},
        {"org": "nowhere"},
    ):
        answer = await client.get("/api/quality/overview", params=asked)
        assert answer.status_code == 422, asked
    assert (await client.get("/api/quality/league-table")).status_code == 422
    for page in IDS:
        for place in (board.theirs, uuid4()):
            assert (await client.get(f"/api/quality/{page}", params={"org": str(place)})).status_code == 404
    client.cookies.clear()
    assert (await client.get("/api/quality/overview")).status_code == 401


async def test_somebody_with_two_places_sees_both_together(board: Board) -> None:
    await fill(board)
    async with board.house.owner() as db:
        email = f"quality_lead.{board.wards[0]}@invented.example"
        account = await make.account(db, email=email, roles={"quality_lead": board.wards[0]})
        await db.execute("INSERT INTO role_grant VALUES ($1, 'quality_lead', $2)", account, board.wards[1])
    page = await board.read("overview", at=board.wards[0])
    assert (page["org_id"], page["org_name"]) == (None, "Everything you may see")
    assert block(page, "comments")["value"] == 1195
