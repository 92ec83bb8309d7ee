"""The public pages: a form that works without JavaScript, keeps what was typed, and never leads to an error."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date, timedelta

import httpx
import make
import pytest
from door import Public
from earshot.intake.model import AUDIENCES
from page import Page

pytestmark = pytest.mark.slow

YESTERDAY = date.today() - timedelta(days=1)


async def show(public: Public, path: str | None = None) -> Page:
    response = await public.client.get(path or f"/f/{public.token}")
    assert response.status_code == 200
    return Page(response)


async def send(public: Public, values: dict[str, str], token: str | None = None) -> httpx.Response:
    return await public.client.post(f"/f/{token or public.token}", files={k: (None, v) for k, v in values.items()})


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_promise_19_the_page_is_a_plain_small_form(public: Public, audience: str) -> None:
    response = await public.client.get(f"/f/{public.token}?as={audience}")
    page = Page(response)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert len(response.content) < 30_000
    (form,) = page.all("form")
    assert (form["method"], form["action"]) == ("post", f"/f/{public.token}")
    assert page.values["audience"] == audience
    assert "Overall, how was your experience of our service?" in page.text
    assert "Ward 4, Invented Trust" in page.text
    assert page.all("html")[0]["lang"] == "en-GB"
    assert page.all("html")[0]["dir"] == "ltr"
    assert {given.get("dir") for given in page.all("textarea")} == {"auto"}


async def test_promise_20_every_address_on_the_pages_is_our_own(public: Public) -> None:
    for path in ("/", f"/f/{public.token}", "/thanks/staff", "/f/unknown"):
        page = await show(public, path)
        addresses = [given[name] for _, given in page.tags for name in ("href", "src", "action") if name in given]
        assert [address for address in addresses if not re.match(r"/(?!/)|#|tel:|data:,$", address)] == []
        assert page.all("style") == []
        assert [given for given in page.all("script") if "src" not in given] == []
        assert not [given for _, given in page.tags if "style" in given or any(name.startswith("on") for name in given)]


async def test_every_field_has_a_label_and_ids_are_unique(public: Public) -> None:
    page = await show(public)
    labelled = {given["for"] for given in page.all("label")}
    fields = [*page.all("input"), *page.all("textarea"), *page.all("select")]
    assert [given["id"] for given in fields if given.get("type") != "hidden" and given["id"] not in labelled] == []
    assert len(page.ids) == len(set(page.ids))


async def test_what_was_filled_in_is_kept_and_thanked_for(public: Public) -> None:
    values = (await show(public)).values | {"fft": "5", "why": "Nobody came.\r\nTwice.", "age_band": "75_84"}
    response = await send(public, values)
    assert (response.status_code, response.headers["location"]) == (303, "/thanks/patient")
    (row,) = await public.rows()
    assert (row["org_id"], row["audience"], row["form"], row["channel"]) == (
        public.ward,
        "patient",
        "patient-1",
        "form",
    )
    assert json.loads(public.opened(row)) == {
        "answers": {"why": "Nobody came.\nTwice."},
        "fft": 5,
        "about": {"age_band": "75_84"},
    }


async def test_a_form_sent_the_old_way_is_read_too(public: Public) -> None:
    response = await public.client.post(f"/f/{public.token}", data={"why": "Café, 谢谢, شكرا", "audience": "carer"})
    assert response.headers["location"] == "/thanks/carer"
    assert json.loads(public.opened((await public.rows())[0]))["answers"] == {"why": "Café, 谢谢, شكرا"}


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_the_answer_page_thanks_and_says_where_to_get_help_now(public: Public, audience: str) -> None:
    page = await show(public, f"/thanks/{audience}")
    assert "Thank you" in page.text
    assert "What happens next" in page.text
    assert {given.get("href") for given in page.all("a")} >= {"tel:999", "tel:111", "tel:116123"}
    assert ("Freedom to Speak Up Guardian" in page.text) == (audience == "staff")


async def test_errors_come_back_with_a_summary_that_links_to_fields_and_all_that_was_typed(public: Public) -> None:
    typed = (await show(public)).values | {
        "fft": "3",
        "why": "x" * 10_001,
        "better": "<b>&amp;\n</textarea>",
        "age_band": "16_24",
    }
    response = await send(public, typed)
    page = Page(response)
    assert response.status_code == 422
    assert page.values == typed
    assert page.text.count("Make this answer shorter by 1 characters") == 2
    links = [given["href"] for given in page.all("a") if given.get("href", "").startswith("#")]
    assert links == ["#maincontent", "#why"]
    (area,) = (given for given in page.all("textarea") if given["id"] == "why")
    assert set(area["aria-describedby"].split()) <= set(page.ids)
    assert page.all("details")[0].get("open") == ""
    assert "Error: Tell us about your care" in page.text
    assert await public.rows() == []


async def test_a_form_sent_over_plain_http_is_kept_though_its_origin_is_null(public: Public) -> None:
    headers = {"Origin": "null"}  # what browsers send from a page without referrer where Sec-Fetch-Site is left out
    response = await public.client.post(f"/f/{public.token}", data={"fft": "4"}, headers=headers)
    assert response.status_code == 303


async def test_an_empty_form_is_asked_for_one_answer(public: Public) -> None:
    response = await send(public, (await show(public)).values)
    page = Page(response)
    assert response.status_code == 422
    assert {"href": "#fft"} in page.all("a")
    assert "fft" in page.ids
    assert "tell us something in your own words" in page.text


@pytest.mark.parametrize("score", ["0", "7", "very good", "²", "1\0"])
async def test_a_score_that_nobody_offered_is_refused_kindly(public: Public, score: str) -> None:
    response = await send(public, {"fft": score})
    assert response.status_code == 422
    assert "Choose one of the 6 answers" in response.text


async def test_a_second_click_on_send_is_the_same_submission(public: Public) -> None:
    values = (await show(public)).values | {"why": "Once."}
    answers = await asyncio.gather(*(send(public, values) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(await public.rows()) == 1


async def test_going_back_and_saying_something_else_is_heard_as_well(public: Public) -> None:
    values = (await show(public)).values
    await send(public, values | {"why": "First thought."})
    assert (await send(public, values | {"why": "Second thought."})).status_code == 303
    assert len(await public.rows()) == 2


async def test_two_people_who_say_the_same_are_two(public: Public) -> None:
    for _ in range(2):
        await send(public, (await show(public)).values | {"why": "Nothing"})
    assert len(await public.rows()) == 2


async def test_an_expired_link_leads_to_the_providers_form(public: Public) -> None:
    async with public.house.owner() as db:
        await make.link(db, org_id=public.ward, token="old", audience="staff", expires_on=YESTERDAY)
    page = await show(public, "/f/old")
    assert "no longer in use" in page.text
    assert "Invented Trust" in page.text
    assert page.values["audience"] == "staff"
    assert (await send(public, page.values | {"fft": "1"}, "old")).status_code == 303
    assert [row["org_id"] for row in await public.rows()] == [public.provider]


async def test_a_link_that_ends_today_still_works(public: Public) -> None:
    async with public.house.owner() as db:
        await make.link(db, org_id=public.ward, token="today", expires_on=date.today())
    assert "Ward 4" in (await show(public, "/f/today")).text


@pytest.mark.parametrize("token", ["nobody", "%00", "x" * 500, "", "/a/b/", "..%2f..", "%F0%9F%98%80"])
async def test_an_unknown_link_leads_kindly_to_the_start_page(public: Public, token: str) -> None:
    page = await show(public, f"/f/{token}")
    assert "We do not know the link" in page.text
    assert "/f/ward4abc" in [given.get("href") for given in page.all("a")]


async def test_a_link_typed_in_capital_letters_is_known(public: Public) -> None:
    assert "Ward 4" in (await show(public, "/f/WARD4ABC")).text


async def test_a_ring_of_closed_organisations_still_takes_what_people_say(public: Public) -> None:
    async with public.house.owner() as db:
        await db.execute("UPDATE org SET closed_on = $1, successor_id = $2", make.DAY, public.ward)
        await db.execute("UPDATE org SET successor_id = $2 WHERE id = $1", public.ward, public.provider)
    assert (await send(public, {"fft": "1"})).status_code == 303
    assert len(await public.rows()) == 1


async def test_the_start_page_lists_open_places_and_finds_them_by_name(public: Public) -> None:
    async with public.house.owner() as db:
        shut = await make.org(db, code="SHUT", name="Shut Ward", level="team", parent=public.provider)
        await db.execute("UPDATE org SET closed_on = $2 WHERE id = $1", shut, make.DAY)
        await make.link(db, org_id=shut, token="shut")
        await make.link(db, org_id=public.provider, token="gone", expires_on=YESTERDAY)
        await make.link(db, org_id=public.ward, token="carers", audience="carer")
    page = await show(public, "/")
    assert [given["href"] for given in page.all("a") if given["href"].startswith("/f/")] == ["/f/ward4abc"]
    found = Page(await public.client.post("/", data={"place": "invented WARD hospital"}))
    assert "/f/ward4abc" in [given.get("href") for given in found.all("a")]
    missed = Page(await public.client.post("/", data={"place": "dentist 100%_"}))
    assert "Nothing here has that name" in missed.text
    assert missed.values["place"] == "dentist 100%_"


async def test_a_long_list_is_cut_and_says_so(public: Public) -> None:
    async with public.house.owner() as db:
        for n in range(60):
            team = await make.org(db, code=f"T{n}", name=f"Team {n}", level="team", parent=public.provider)
            await make.link(db, org_id=team, token=f"team{n}")
    response = await public.client.get("/")
    page = Page(response)
    assert len([given for given in page.all("a") if given["href"].startswith("/f/")]) == 50
    assert "There are more places than fit here" in page.text
    assert len(response.content) < 30_000


async def test_promise_27_without_keys_the_form_is_closed_and_what_was_typed_is_given_back(public: Public) -> None:
    values = (await show(public)).values | {"why": "Do not lose this."}
    for name in ("intake.public", "blind"):
        (public.house.settings.keys / name).rename(public.house.settings.home / name)
        closed = await public.client.get(f"/f/{public.token}")
        assert (closed.status_code, closed.headers["retry-after"]) == (503, "10")
        assert "closed for the moment" in closed.text
        refused = await send(public, values)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert Page(refused).values == values
        (public.house.settings.home / name).rename(public.house.settings.keys / name)
    assert await public.rows() == []
    assert (await send(public, values)).status_code == 303


async def test_a_database_that_is_away_closes_the_form_and_gives_back_what_was_typed(public: Public) -> None:
    values = {"audience": "staff", "once": "0123456789", "fft": "5", "why": "Do not lose this.", "know": "Nor this."}
    async with public.house.owner() as db:
        await db.execute("ALTER ROLE earshot_public CONNECTION LIMIT 0")
        await db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'earshot_public'")
        try:
            answers = [await public.client.get(path) for path in ("/", f"/f/{public.token}")]
            refused = await send(public, values)
        finally:
            await db.execute("ALTER ROLE earshot_public CONNECTION LIMIT -1")
    assert [answer.status_code for answer in answers] == [503, 503]
    assert refused.status_code == 503
    assert Page(refused).values.items() >= values.items()


async def test_no_cookie_no_cache_and_no_referrer(public: Public) -> None:
    answers = [await public.client.get(path) for path in ("/", f"/f/{public.token}", "/thanks/staff", "/thanks/nobody")]
    answers.append(await send(public, {"fft": "1"}))
    for answer in answers:
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 303]


async def test_a_file_is_not_taken(public: Public) -> None:
    response = await public.client.post(f"/f/{public.token}", files={"why": ("note.txt", b"hello")})
    assert response.status_code == 400
    assert await public.rows() == []


async def test_a_link_that_changes_is_remembered_only_for_a_moment(
    public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    await show(public)
    monkeypatch.setattr("earshot.intake.doors.time.monotonic", lambda: 1e12)
    async with public.house.owner() as db:
        await db.execute("UPDATE form_link SET expires_on = $1", YESTERDAY)
    assert "no longer in use" in (await show(public)).text
