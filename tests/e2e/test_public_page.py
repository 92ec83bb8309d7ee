"""What people hear back: one person writes it, another approves it, anybody reads it, with and without JavaScript."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import make
import pytest
from axe import check, settled
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from playwright.async_api import Page
from trust import Open, Trust

pytestmark = pytest.mark.e2e
HARD = (
    "Following numerous communications the organisation commenced a comprehensive environmental improvement initiative."
)
PLAIN = "You told us that the ward was loud at night. Bins were banged and lights were left on."


async def session(trust: Trust, role: str, name: str) -> str:
    """A new colleague's session."""
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        email = f"{uuid4().hex}@invented.example"
        account = await make.account(db, email=email, name=name, roles={role: provider})
        return await store.open_session(db, account, how=How.PASSKEY, mfa=True)


async def become(page: Page, trust: Trust, token: str) -> None:
    """Go on as somebody else."""
    await page.context.add_cookies([{"name": COOKIE, "value": token, "url": trust.stack.console}])


async def write(page: Page, trust: Trust, title: str) -> None:
    """Write a draft in plain words after a first try in officialese, and be told what was hard."""
    await page.goto(f"{trust.stack.console}/publish")
    await settled(page)
    await page.get_by_role("link", name="Write something").click()
    await page.get_by_label("Title").fill(title)
    await page.get_by_label("What did you hear?").fill(HARD)
    await page.get_by_text("Too hard: the NHS advises 9 to 11 years").wait_for()
    await page.get_by_text("commenced: try “started”").wait_for()
    await check(page)
    await page.get_by_label("What did you hear?").fill(PLAIN)
    await page.get_by_text("Good: the NHS advises 9 to 11 years").wait_for()
    await page.get_by_label("What did you do?").fill("We moved the bins. We dim the lights at ten.")
    await page.get_by_label("First day").fill(str(date.today() - timedelta(days=360)))
    choice = page.get_by_label("Whose words? (optional)")
    await choice.select_option(index=1)
    await page.get_by_role("button", name="Save the draft").click()
    await page.get_by_role("heading", name=title, level=1).wait_for()


@pytest.mark.parametrize("width", [1280, 360])
async def test_from_a_draft_to_the_public_page_and_off_again(open_page: Open, trust: Trust, width: int) -> None:
    title = f"Quieter nights {width}"
    writer, lead = await session(trust, "manager", "Mo Writer"), await session(trust, "quality_lead", "Lee Reader")
    async with open_page(width=width) as page:
        await become(page, trust, writer)
        await write(page, trust, title)
        await settled(page)
        assert not await page.get_by_role("button", name="Approve").count(), "nobody approves what they wrote"
        address = page.url
        await become(page, trust, lead)
        await page.goto(address)
        await settled(page)
        await check(page)
        async with page.expect_popup() as opened:
            await page.get_by_role("link", name="Preview as the public will see it").click()
        preview = await opened.value
        await preview.get_by_text("This is a preview.").wait_for()
        await check(preview)
        await preview.close()
        await page.get_by_role("button", name="Approve").click()
        await page.get_by_role("button", name="Approve it").click()
        await page.get_by_text("It is on the public page.", exact=True).wait_for()
        await page.goto(f"{trust.stack.public}/what-we-heard/INV")
        await page.get_by_role("heading", name=title).wait_for()
        await check(page)
        await page.goto(f"{trust.stack.public}/what-we-heard")
        await check(page)
    async with open_page(width=width, script=False) as page:
        await page.goto(f"{trust.stack.public}/thanks/patient")
        await page.get_by_role("link", name="See what other people told us").click()
        await page.get_by_role("link", name="Invented Trust").click()
        item = page.get_by_role("article", name=title)
        assert PLAIN in await item.inner_text() and await item.get_by_role("blockquote").count() == 1
        assert "We have not measured whether it helped" in await item.inner_text()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download all of this as a table").click()
        assert (await (await download.value).path()).read_text(encoding="utf-8-sig").count(title) == 1
    async with open_page(width=width) as page:
        await become(page, trust, lead)
        await page.goto(address)
        await page.get_by_role("button", name="Withdraw").click()
        await page.get_by_label("Why?").fill("A date was wrong.")
        await check(page)
        await page.get_by_role("button", name="Take it off").click()
        await page.get_by_text("It is off the public page.", exact=True).wait_for()
        assert title not in await (await page.request.get(f"{trust.stack.public}/what-we-heard/INV")).text()
        await page.get_by_role("button", name="Undo the last step").click()
        await page.get_by_text("The last step is taken back.").wait_for()
        assert title in await (await page.request.get(f"{trust.stack.public}/what-we-heard/INV")).text()


async def test_words_that_run_from_right_to_left_do_so_in_a_page_that_runs_from_left_to_right(
    open_page: Open, trust: Trust
) -> None:
    async with trust.stack.owner() as db:
        ward = await db.fetchval("SELECT id FROM org WHERE code = 'INV01-Oak'")
        await make.publication(db, org_id=ward, title="راتیں اب پرسکون ہیں", did="A title in Urdu.")
    async with open_page(width=360) as page:
        await page.goto(f"{trust.stack.public}/what-we-heard/INV01-Oak")
        heading = page.get_by_role("heading", name="راتیں اب پرسکون ہیں")
        assert await heading.evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert await page.evaluate("getComputedStyle(document.body).direction") == "ltr"
        await check(page)
