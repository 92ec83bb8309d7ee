"""What people come to do, done in a real browser: say something, and hear what was said."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe import check, settled
from playwright.async_api import Page, expect
from trust import EMAIL, PASSWORD, Open, Trust

pytestmark = pytest.mark.e2e
CSV = "Comment ID,Trust,Date,Comment,FFT answer\n" + "".join(
    f"new-{n},Invented Trust,{2 + n:02}/03/2026,The porter brought wheelbarrow number {n}.,1\n" for n in range(1, 21)
)


async def kept(trust: Trust) -> int:
    async with trust.stack.owner() as db:
        count: int = await db.fetchval("SELECT count(*) FROM vault.submission")
        return count


async def fill_and_send(page: Page, words: str) -> None:
    await page.get_by_label("Very good").check()
    await page.locator("textarea").first.fill(words)
    await page.get_by_role("button", name="Send").click()


@pytest.mark.parametrize("script", [False, True], ids=["without JavaScript", "with JavaScript"])
async def test_promise_19_the_form_can_be_found_filled_and_sent(open_page: Open, trust: Trust, script: bool) -> None:
    before = await kept(trust)
    async with open_page(script=script, width=360) as page:
        await page.goto(trust.stack.public)
        await page.get_by_role("link", name="Ward Oak").click()
        await fill_and_send(page, "Somebody brought my dad a cup of tea at midnight.")
        await page.wait_for_url("**/thanks/patient")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert await page.context.cookies() == [], "saying something sets no cookie"
    assert await kept(trust) == before + 1


@pytest.mark.parametrize("script", [False, True], ids=["without JavaScript", "with JavaScript"])
async def test_promise_19_errors_keep_what_was_typed(open_page: Open, trust: Trust, script: bool) -> None:
    before = await kept(trust)
    async with open_page(script=script) as page:
        await page.goto(f"{trust.stack.public}/f/{trust.token}")
        words = "x" * 10_001
        await fill_and_send(page, words)
        await expect(page.locator(".nhsuk-error-summary")).to_be_visible()
        assert await page.locator("textarea").first.input_value() == words
        assert await page.get_by_label("Very good").is_checked()
        assert words not in page.url
    assert await kept(trust) == before


async def test_somebody_signs_in_looks_around_and_imports_a_file(open_page: Open, trust: Trust, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_text(CSV, encoding="utf-8")
    async with open_page() as page:
        await page.goto(trust.stack.console)
        await page.get_by_label("E-mail address").fill(EMAIL)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
        menu = page.get_by_role("navigation", name="Main")
        for name in ("Comments", "Themes", "Measures"):
            await menu.get_by_role("link", name=name).click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await menu.get_by_role("button", name="Manage").click()
        await menu.get_by_role("link", name="Import").click()
        await import_file(page, file)
        await trust.stack.settled(60)
        await page.goto(f"{trust.stack.console}/comments?q=wheelbarrow")
        await page.get_by_role("button", name="Show all dates").click()
        await expect(page.get_by_text("20 comments").first).to_be_visible()


async def import_file(page: Page, file: Path) -> None:
    """Choose, try out, and bring in; the mapping that Earshot guessed is right."""
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_role("button", name="Try it out").click()
    bring_in = page.get_by_role("button", name="Import 20 rows")
    await expect(bring_in).to_be_visible()
    await check(page)
    await bring_in.click()
    await page.wait_for_url("**/import/*")
    await settled(page)
    await check(page)


async def test_promise_20_no_request_of_the_browser_leaves_our_own_address(open_page: Open, trust: Trust) -> None:
    """Also watches every request of the tests before this one."""
    async with open_page(signed_in=True) as page:
        for path in ("/", "/signals", "/comments", "/themes", "/measures", "/import", "/forms", "/work"):
            await page.goto(trust.stack.console + path)
            await page.wait_for_load_state("networkidle")
        await page.goto(f"{trust.stack.public}/f/{trust.token}")
        await page.wait_for_load_state("networkidle")
    assert trust.outside == []
