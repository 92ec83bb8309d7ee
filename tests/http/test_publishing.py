"""The public page from a draft to what anybody reads: two people, frozen counts, quotes by the rule, and a way back."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
import pytest
import pytest_asyncio
from conftest import role_settings, running
from earshot import apps
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from house import Cluster, House, short_folder
from make import DAY
from page import Page

pytestmark = pytest.mark.slow

NOISE, FOOD, QUIET = "Noise at night", "Food", "Parking"
WORDS = "The bins were loud all night and I could not sleep."
COUNT = "INSERT INTO daily (org_id, day, stream, measure, label, n) VALUES ($1, $2, $3, $4, $5, $6)"


@dataclass
class Desk:
    """A trust with two wards and twelve weeks of counts, the console and the public door."""

    house: House
    console: Callable[[], httpx.AsyncClient]
    public: httpx.AsyncClient
    trust: UUID
    ward: UUID
    theirs: UUID
    comment: UUID

    async def person(self, role: str, place: UUID | None = None) -> httpx.AsyncClient:
        """Somebody who signed in."""
        async with self.house.owner() as db:
            made = await make.account(
                db, email=f"{uuid4()}@invented.example", name=f"Pat {role}", roles={role: place or self.trust}
            )
            token = await store.open_session(db, made, how=How.PASSKEY, mfa=True)
        client = self.console()
        client.cookies.set(COOKIE, token)
        client.headers["sec-fetch-site"] = "same-origin"
        return client

    def words(self, **more: Any) -> dict[str, Any]:
        """What a manager writes."""
        return {
            "org_id": str(self.ward),
            "title": "Quieter nights",
            "heard": "You told us that nights were loud.",
            "did": "We moved the bins.",
            "theme": NOISE,
            "since": str(DAY),
            "until": str(DAY + timedelta(days=83)),
            **more,
        }

    async def begun(self, writer: httpx.AsyncClient, **more: Any) -> Any:
        """A draft."""
        answer = await writer.post("/api/publications", json=self.words(**more))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def heard(self, code: str = "OURS") -> Page:
        """What anybody reads."""
        return Page(await self.public.get(f"/what-we-heard/{code}"))


async def act(client: httpx.AsyncClient, made: Any, step: str, body: Any = None, status: int = 200) -> Any:
    """Do something with a publication as it stands."""
    answer = await client.post(
        f"/api/publications/{made['id']}/{step}", json=body, headers={"if-match": f'"{made["revision"]}"'}
    )
    assert answer.status_code == status, answer.text
    return answer.json()


async def change(client: httpx.AsyncClient, made: Any, status: int = 200, **more: Any) -> Any:
    """Change a publication's words."""
    body = {name: made["versions"][0][name] for name in ("title", "heard", "did", "theme", "since", "until")} | more
    answer = await client.put(
        f"/api/publications/{made['id']}", json=body, headers={"if-match": f'"{made["revision"]}"'}
    )
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest_asyncio.fixture(scope="module")
async def desk(cluster: Cluster) -> AsyncIterator[Desk]:
    """One trust for all of these tests: each makes what it needs."""
    with short_folder() as home:
        house = await cluster.new_house(home)
        async with house.owner() as db:
            trust = await make.org(db, code="OURS", name="Our Trust")
            ward = await make.org(db, code="W7", name="Ward 7", level="team", parent=trust)
            theirs = await make.org(db, code="THEIRS", name="Their Trust")
            for week in range(12):
                day = DAY + timedelta(weeks=week)
                for measure, label, n in (("comments", "", 10), ("theme", NOISE, 4 if week < 6 else 0)):
                    if n:
                        await db.execute(COUNT, ward, day, "patient", measure, label, n)
            await db.execute(COUNT, ward, DAY, "patient", "theme", FOOD, 3)
            await db.execute(COUNT, ward, DAY, "staff", "comments", "", 2)
            comment = await make.comment(db, settings=house.settings, org_id=ward, text=f"Hello. {WORDS}")
            await make.analysed(db, comment_id=comment, theme=NOISE)
            await make.considered(db, comment_id=comment, theme=FOOD, p=0.2)
        async with AsyncExitStack() as opened:
            console = await opened.enter_async_context(
                running(apps.console(role_settings(house, "console")), "http://console.test")
            )
            public = await opened.enter_async_context(
                running(apps.public(role_settings(house, "public")), "http://say.test")
            )
            yield Desk(house, console, public(), trust, ward, theirs, comment)
        await cluster.demolish(house)


async def test_one_writes_another_approves_and_only_then_does_anybody_read_it(desk: Desk) -> None:
    writer, lead = await desk.person("manager", desk.ward), await desk.person("quality_lead")
    made = await desk.begun(writer, title="Bins moved away")
    assert (made["may_edit"], made["may_approve"], made["may_withdraw"]) == (True, False, False)
    assert "Bins moved away" not in (await desk.heard()).text
    await act(writer, made, "approve", status=403)
    out = await act(lead, made, "approve")
    assert [v["state"] for v in out["versions"]] == ["approved"] and out["versions"][0][
        "approved_by"
    ] == "Pat quality_lead"
    page = await desk.heard()
    assert "Bins moved away" in page.text and "Pat" not in page.text
    assert (
        "About “Noise at night”: about 25 comments, or 21 in every 100." in page.text
        and "about 120 comments" in page.text
    )
    assert "We have not measured whether it helped" in page.text
    listed = Page(await desk.public.get("/what-we-heard"))
    assert "Our Trust" in listed.text and "Their Trust" not in listed.text
    assert "Bins moved away" in (await desk.heard("W7")).text, "a ward's address shows its own"


async def test_nobody_approves_what_they_wrote_or_changed(desk: Desk) -> None:
    lead, other = await desk.person("quality_lead"), await desk.person("quality_lead")
    made = await desk.begun(lead)
    refused = await act(lead, made, "approve", status=403)
    assert refused["title"] == "OwnWords"
    made = await change(other, made, title="Quieter nights now")
    for writer in (lead, other):
        seen = (await writer.get(f"/api/publications/{made['id']}")).json()
        assert not seen["may_approve"]
        await act(writer, made, "approve", status=403)
    await act(await desk.person("pals"), made, "approve")


async def test_withdrawing_correcting_and_taking_back_leave_every_version_where_it_was(desk: Desk) -> None:
    writer, lead, pals = [await desk.person(role) for role in ("manager", "quality_lead", "pals")]
    first = await act(lead, await desk.begun(writer, title="Loud nights, version one"), "approve")
    await change(writer, first, 422, title="Loud nights, version two")  # a correction says what it corrects
    second = await change(writer, first, title="Loud nights, version two", correction="The month was wrong.")
    assert "version one" in (await desk.heard()).text, "what is public stays until the correction is approved"
    second = await act(lead, second, "approve")
    page = await desk.heard()
    assert "version two" in page.text and "version one" not in page.text and "The month was wrong." in page.text
    assert [(v["n"], v["state"]) for v in second["versions"]] == [(2, "approved"), (1, "replaced")]
    back = await act(pals, second, "undo")
    assert "version one" in (await desk.heard()).text
    assert [(v["n"], v["state"]) for v in back["versions"]] == [(2, "draft"), (1, "approved")]
    await act(pals, back, "undo", status=409)
    out = await act(lead, back, "approve")
    gone = await act(pals, out, "withdraw", {"because": "A date was wrong."})
    assert "version two" not in (await desk.heard()).text and gone["may_undo"] and not gone["may_withdraw"]
    again = await act(lead, gone, "undo")
    assert "version two" in (await desk.heard()).text
    assert [step["step"] for step in again["steps"]][:4] == ["undone", "withdrawn", "approved", "undone"]
    async with desk.house.owner() as db:
        lines = await db.fetch("SELECT action FROM audit_line WHERE subject = $1 ORDER BY n", UUID(again["id"]))
    assert [row[0].split(".")[1] for row in lines] == [
        "approved",
        "approved",
        "undone",
        "approved",
        "withdrawn",
        "undone",
    ]


async def test_two_people_at_once_lose_nothing(desk: Desk) -> None:
    writer, lead = await desk.person("manager"), await desk.person("quality_lead")
    made = await desk.begun(writer)
    await change(writer, made, title="Other words")
    await act(lead, made, "approve", status=412)
    answer = await lead.post(f"/api/publications/{made['id']}/approve")
    assert answer.status_code == 428
    now = (await lead.get(f"/api/publications/{made['id']}")).json()
    dropped = await lead.delete(f"/api/publications/{made['id']}/draft", headers={"if-match": f'"{now["revision"]}"'})
    assert dropped.status_code == 204
    assert (await lead.get(f"/api/publications/{made['id']}")).status_code == 404


async def test_counts_are_whole_weeks_protected_and_told_before_and_after_the_change(desk: Desk) -> None:
    writer = await desk.person("manager")
    made = await desk.begun(writer, since="2026-03-04", until="2026-05-20", changed_on="2026-04-15")
    numbers = made["versions"][0]["numbers"]
    assert numbers == [
        {"since": "2026-03-02", "until": "2026-04-12", "about": 25, "heard": 60},
        {"since": "2026-04-13", "until": "2026-05-24", "about": 0, "heard": 60},
    ]
    assert made["versions"][0]["counts"][1].endswith("about 60 comments. About “Noise at night”: no comments.")
    few = await desk.begun(writer, theme=FOOD)
    assert few["versions"][0]["numbers"][0]["about"] is None, "three people are too few to say"
    assert "About “Food”: too few to say." in few["versions"][0]["counts"][0]
    refused = await writer.post("/api/publications", json=desk.words(since="2026-05-01", until="2026-03-01"))
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "until"


async def test_staff_are_counted_only_by_those_who_read_them(desk: Desk) -> None:
    manager, lead = await desk.person("manager"), await desk.person("quality_lead")
    asked = desk.words(whose="staff", theme=None)
    assert (await manager.post("/api/publications", json=asked)).status_code == 403
    made = (await lead.post("/api/publications", json=asked)).json()
    assert made["versions"][0]["numbers"][0]["heard"] is None, "two members of staff are too few to say"
    assert (await manager.get(f"/api/publications/{made['id']}")).status_code == 404
    ask = {"org": str(desk.ward), "from": str(DAY), "to": "2026-05-24", "whose": "staff"}
    assert (await lead.get("/api/publications/quotes", params=ask)).json()["items"] == []


async def test_words_are_quoted_only_from_a_large_enough_group_without_a_flag(desk: Desk) -> None:
    writer, lead = await desk.person("manager"), await desk.person("quality_lead")
    ask = {"org": str(desk.ward), "theme": NOISE, "from": str(DAY), "to": "2026-05-24"}
    offered = (await writer.get("/api/publications/quotes", params=ask)).json()
    assert [one["text"] for one in offered["items"]] == [f"Hello. {WORDS}"] and offered["fewest"] == 10
    few = (await writer.get("/api/publications/quotes", params={**ask, "theme": FOOD})).json()
    assert few["items"] == [], "three comments are no group"
    quote = {"comment_id": str(desk.comment), "text": WORDS}
    for wrong in ({**quote, "text": "The bins were never loud at all."}, {**quote, "comment_id": str(uuid4())}):
        refused = await writer.post("/api/publications", json=desk.words(quote=wrong))
        assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "quote"
    made = await desk.begun(writer, title="With a quote", quote=quote)
    await act(lead, made, "approve")
    assert WORDS in (await desk.heard()).text
    waiting = await desk.begun(writer, title="With a quote that may no longer be shown", quote=quote)
    async with desk.house.owner() as db:
        await db.execute(
            "INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on)"
            " SELECT gen_random_uuid(), submission_id, id, org_id, stream, 'redaction', said_on"
            " FROM comment WHERE id = $1",
            desk.comment,
        )
    await act(lead, waiting, "approve", status=422)


async def test_a_text_that_seems_to_name_somebody_is_refused(desk: Desk) -> None:
    writer = await desk.person("manager")
    for field, text in (("heard", "Mrs Patel was left alone."), ("did", "Write to kim@trust.example.")):
        refused = await writer.post("/api/publications", json=desk.words(**{field: text}))
        assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == field
        assert "Patel" not in refused.text and "kim@" not in refused.text


async def test_open_data_says_the_same_and_is_inert_in_a_spreadsheet(desk: Desk) -> None:
    writer, lead = await desk.person("manager"), await desk.person("quality_lead")
    formula = '=HYPERLINK("http://x.example","click")'
    await act(lead, await desk.begun(writer, title=formula, theme=FOOD, did="@SUM(1)"), "approve")
    answer = await desk.public.get("/what-we-heard/OURS/open-data.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    row = next(row for row in rows if row["theme"] == FOOD and "HYPERLINK" in row["title"])
    assert (row["title"], row["what_we_did"]) == ("'" + formula, "'@SUM(1)")
    assert (row["comments_about_theme"], row["comments"], row["organisation_code"]) == ("", "120", "W7")
    page = await desk.heard()
    assert formula in page.text and [a for a in page.all("a") if "x.example" in a.get("href", "")] == []


async def test_the_pages_need_no_script_and_lead_from_the_form_and_back(desk: Desk) -> None:
    page = Page(await desk.public.get("/what-we-heard/OURS"))
    assert [tag.get("src") for tag in page.all("script")] == ["/public/form.js"]
    assert {"/", "/what-we-heard"} <= {link.get("href") for link in page.all("a")}
    thanks = Page(await desk.public.get("/thanks/patient"))
    assert "/what-we-heard" in {link.get("href") for link in thanks.all("a")}
    unknown = await desk.public.get("/what-we-heard/NOBODY")
    assert unknown.status_code == 404 and "We do not know this place" in unknown.text
    assert (await desk.public.get("/what-we-heard/a%00b")).status_code == 404
    nothing = await desk.public.get("/what-we-heard/THEIRS")
    assert nothing.status_code == 200 and "There is nothing here yet" in nothing.text


async def test_a_preview_is_what_the_public_page_will_be(desk: Desk) -> None:
    writer, lead = await desk.person("manager"), await desk.person("quality_lead")
    made = await desk.begun(writer, title="Seen before it is out")
    preview = await writer.get(f"/api/publications/{made['id']}/preview")
    assert "This is a preview" in preview.text and preview.headers["content-type"].startswith("text/html")
    await act(lead, made, "approve")

    def article(html: str) -> str:
        begins = html.index(f'id="item-{made["id"]}"')
        return html[begins : html.index("</article>", begins)]

    public = (await desk.public.get("/what-we-heard/W7")).text
    without_day = [line for line in article(public).splitlines() if "Published on" not in line]
    assert without_day == [line for line in article(preview.text).splitlines() if "Ward 7</span></p>" not in line]


async def test_a_reading_age_is_told_as_one_types(desk: Desk) -> None:
    writer = await desk.person("manager")
    text = "We commenced numerous environmental improvement initiatives."
    told = (await writer.post("/api/publications/reading-age", json={"text": text})).json()
    assert not told["plain"] and told["advised"] == [9, 11] and told["hard_words"][0]["instead"] is not None
    nothing = (await writer.post("/api/publications/reading-age", json={"text": ""})).json()
    assert nothing["age"] is None and nothing["hard_words"] == []


async def test_an_improvement_action_makes_a_first_draft_and_its_verdict_is_told_with_its_error_rate(
    desk: Desk,
) -> None:
    writer, lead = await desk.person("manager"), await desk.person("quality_lead")
    began = DAY + timedelta(weeks=6)
    async with desk.house.owner() as db:
        action = await make.improvement(
            db, org_id=desk.ward, title="Bins that close softly", state="under_way", started_on=began,
            streams=("patient", "carer"), measure="comments", wanted="lower", themes=(NOISE,),
        )  # fmt: skip
    first = (await writer.get("/api/publications/suggestion", params={"improvement": str(action)})).json()
    assert (first["title"], first["theme"], first["changed_on"]) == ("Bins that close softly", NOISE, str(began))
    made = await desk.begun(writer, **first)
    assert (made["versions"][0]["verdict"], made["proof_changed"]) == ("unproven", False)
    async with desk.house.owner() as db:
        look = "INSERT INTO improvement_look (action_id, weeks, state, sentence, figures) VALUES ($1, 8, $2, $3, '{}')"
        await db.execute(look, action, "improved", "Fewer people spoke about it.")
    seen = (await lead.get(f"/api/publications/{made['id']}")).json()
    assert seen["proof_changed"], "the page must not say less than the chart does by now"
    made = await change(writer, seen, changed_on=str(began))
    page_words = "It helped. Fewer people spoke about it."
    assert made["versions"][0]["helped"] == "It helped" and not made["proof_changed"]
    await act(lead, made, "approve")
    text = " ".join((await desk.heard()).text.split())
    assert page_words in text and "wrong about 1 time in 20 when nothing has really changed" in text
    elsewhere = await writer.post(
        "/api/publications", json=desk.words(org_id=str(desk.trust), improvement_id=str(action))
    )
    assert elsewhere.status_code == 201, "a trust may tell of its ward"
    foreign = await desk.person("manager", desk.theirs)
    refused = await foreign.get("/api/publications/suggestion", params={"improvement": str(action)})
    assert refused.status_code == 404


async def test_a_theme_s_counts_make_a_first_draft(desk: Desk) -> None:
    writer = await desk.person("manager")
    names = (await writer.get("/api/frameworks")).json()["frameworks"][0]["themes"]
    theme = names[0]["name"]
    made = (await writer.get("/api/publications/suggestion", params={"org": str(desk.ward), "theme": theme})).json()
    assert (made["theme"], made["whose"], made["changed_on"]) == (theme, "patients", None)
    for wrong in ({"org": str(desk.theirs)}, {"org": str(desk.ward), "theme": "no such theme"}, {}):
        assert (await writer.get("/api/publications/suggestion", params=wrong)).status_code == 404
