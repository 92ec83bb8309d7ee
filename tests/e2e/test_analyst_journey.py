"""What an analyst comes for: a key for their own programme, and counts that it reads page by page or as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import make
import pyarrow.parquet
import pytest
from axe import check, settled
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from playwright.async_api import Page, expect
from trust import Open, Trust

pytestmark = pytest.mark.e2e
SPAN = {"since": f"{date.today().year - 1}-01-01", "until": date.today().isoformat()}
EACH = 40


async def new_key(page: Page, name: str) -> str:
    """Make a key on the page of feeds; returns the secret that is shown this once."""
    await page.get_by_role("button", name="Make a key").click()
    await page.get_by_label("Which programme will use it?").fill(name)
    await page.get_by_role("button", name="Make the key").click()
    card = page.get_by_role("region", name=f"The key for {name}")
    await expect(card).to_be_visible()
    return await card.locator("code").inner_text()


@pytest.mark.parametrize("width", [1280, 360])
async def test_a_key_is_shown_once_and_opens_nothing_once_it_is_taken_back(
    open_page: Open, trust: Trust, width: int
) -> None:
    name = f"Power BI {uuid4().hex[:6]}"
    async with open_page(width=width, signed_in=True) as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto(f"{trust.stack.console}/feeds")
        await settled(page)
        await page.get_by_role("button", name="Make a key").click()
        await page.get_by_role("button", name="Make the key").click()
        await expect(page.get_by_role("alert")).to_contain_text("Say which programme will use it")
        await check(page)
        await page.get_by_role("button", name="Cancel").click()
        secret = await new_key(page, name)
        await page.get_by_role("button", name="Copy the key").click()
        await expect(page.get_by_text("The key is copied.")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == secret
        await check(page)
        await page.get_by_role("button", name="I have it").click()
        await page.reload()
        await settled(page)
        await expect(page.get_by_role("rowheader", name=name)).to_be_visible()
        assert secret not in await page.content()
        show = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=f"{trust.stack.console}/api/v1", headers=show) as programme:
            assert (await programme.get("/organisations")).status_code == 200
            await page.get_by_role("button", name=f"Take back the key for {name}").click()
            await check(page)
            await page.get_by_role("button", name="Take it back").click()
            await expect(page.get_by_text(f"The key for {name} opens nothing any more.")).to_be_visible()
            assert (await programme.get("/organisations")).status_code == 401


async def test_the_analyst_reads_counts_page_by_page_and_as_csv_and_parquet(open_page: Open, trust: Trust) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/feeds")
        await settled(page)
        secret = await new_key(page, f"Notebook {uuid4().hex[:6]}")
    await trust.stack.settled(60)
    show = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=f"{trust.stack.console}/api/v1", headers=show, timeout=30) as programme:
        rows = await every_row(programme)
        taken = await programme.get("/counts.csv", params=SPAN)
        listed = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
        table = pyarrow.parquet.read_table(io.BytesIO((await programme.get("/counts.parquet", params=SPAN)).content))
        again = await programme.get("/counts.csv", params=SPAN, headers={"If-None-Match": taken.headers["ETag"]})
    assert len(rows) > EACH, "more than one page"
    numbers = {row["id"]: row["n"] for row in rows}
    assert len(numbers) == len(rows), "no row comes twice"
    assert {row["id"]: int(row["n"]) if row["n"] else None for row in listed} == numbers
    assert dict(zip(table["id"].to_pylist(), table["n"].to_pylist(), strict=True)) == numbers
    assert {n % 5 for n in numbers.values() if n is not None} == {0}, "rounded; what is too few has no number"
    assert again.status_code == 304


async def every_row(programme: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Ask on with `next` until there is none."""
    rows: list[dict[str, Any]] = []
    asked = {**SPAN, "limit": str(EACH)}
    while True:
        answer = await programme.get("/counts", params=asked)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        rows += body["rows"]
        if body["next"] is None:
            return rows
        asked["cursor"] = body["next"]


async def test_an_analyst_sees_quality_and_reports_but_gives_no_keys(open_page: Open, trust: Trust) -> None:
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        person = await make.account(db, email=f"{uuid4().hex}@invented.example", roles={"analyst": provider})
        token = await store.open_session(db, person, how=How.PASSKEY, mfa=True)
    async with open_page() as page:
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": trust.stack.console}])
        await page.goto(f"{trust.stack.console}/quality")
        await settled(page)
        menu = page.get_by_role("navigation", name="Main")
        await expect(menu.get_by_role("link", name=re.compile("^(Quality|Reports)$"))).to_have_count(2)
        await expect(menu.get_by_role("link", name="Feeds")).to_have_count(0)
        await page.get_by_role("link", name="Make a report").click()
        await expect(page.get_by_text("It counts the people whose answers you may see")).to_be_visible()
        await page.goto(f"{trust.stack.console}/feeds")
        await expect(page.get_by_role("alert")).to_be_visible()
