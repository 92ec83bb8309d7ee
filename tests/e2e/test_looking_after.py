"""Looking after the house in a real browser: the audit trail, and what is kept how long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import make
import pytest
from axe import check, settled
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from playwright.async_api import Page, expect
from trust import Open, Trust

pytestmark = pytest.mark.e2e
WIDTHS = [1280, 360]


@asynccontextmanager
async def as_administrator(open_page: Open, trust: Trust, *, width: int = 1280) -> AsyncIterator[Page]:
    """A page of somebody who administers the trust and handles cases there, too."""
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        email = "looks.after@invented.example"
        found = await db.fetchval("SELECT id FROM account WHERE email = $1", email)
        roles = {"administrator": provider, "guardian": provider}
        person = found or await make.account(db, email=email, name="Ada Invented", roles=roles)
        token = await store.open_session(db, person, how=How.PASSKEY, mfa=True)
    async with open_page(width=width) as page:
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": trust.stack.console}])
        yield page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/audit", "/audit?until=2020-01-01", "/retention"])
async def test_pages_of_looking_after(open_page: Open, trust: Trust, path: str, width: int) -> None:
    async with as_administrator(open_page, trust, width=width) as page:
        await page.goto(trust.stack.console + path)
        await settled(page)
        await check(page)


async def test_an_administrator_holds_a_ward_cannot_erase_there_lifts_the_hold_and_erases(
    open_page: Open, trust: Trust
) -> None:
    async with trust.stack.owner() as db:
        sql = "SELECT id FROM comment WHERE stream = 'patient' AND id <> $1 ORDER BY said_on LIMIT 1"
        comment = await db.fetchval(sql, trust.comment)
    async with as_administrator(open_page, trust) as page:
        await page.goto(f"{trust.stack.console}/retention")
        await settled(page)
        await page.get_by_role("combobox", name="Remove nothing of").fill("Invented Trust")
        await page.keyboard.press("Enter")
        await page.get_by_label("Why").select_option("inquest")
        await page.get_by_role("region", name="Holds").get_by_role("button", name="Put on hold").click()
        await expect(page.get_by_role("region", name="Holds").get_by_text("An inquest, since")).to_be_visible()
        await erase(page, f"{trust.stack.console}/comments/{comment}")
        await expect(page.get_by_text("Somebody ordered that this be kept.")).to_be_visible()
        await page.get_by_role("button", name="Lift the hold of Invented Trust").click()
        await expect(page.get_by_text("Nothing is on hold.")).to_be_visible()
        await erase(page, f"{trust.stack.console}/comments/{comment}")
        await expect(page.get_by_text("The comment is being erased.")).to_be_visible()
        await trust.stack.settled(60)
        await page.goto(f"{trust.stack.console}/comments/{comment}")
        await expect(page.get_by_text("There is nothing here")).to_be_visible()
        await page.goto(f"{trust.stack.console}/audit?action=response.erased")
        await expect(page.get_by_role("cell", name="Erased a comment")).to_be_visible()
        await expect(page.get_by_role("cell", name="Ada Invented (administrator, guardian)")).to_be_visible()


async def erase(page: Page, address: str) -> None:
    await page.get_by_label("Address of the comment's page").fill(address)
    await page.get_by_role("button", name="Erase", exact=True).first.click()
    await page.get_by_role("button", name="Erase it").click()
