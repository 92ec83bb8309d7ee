"""What the board lead comes for: how good care was from provider to ward, on the screen, on paper and as a report."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pypdfium2  # type: ignore[import-untyped]
import pytest
from axe import check, settled
from playwright.async_api import Page, expect
from pptx import Presentation
from trust import Open, Trust

pytestmark = pytest.mark.e2e
FILES = {"PDF": "pdf", "Slides": "pptx", "Numbers": "xlsx"}


async def test_every_quality_page_reads_well_on_a_desk_and_on_a_phone(open_page: Open, trust: Trust) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/quality")
        await settled(page)
        tabs = page.get_by_role("navigation", name="Quality")
        names = await tabs.get_by_role("link").all_inner_texts()
        assert len(names) == 10
        for name in names:
            tab = tabs.get_by_role("link", name=name, exact=True)
            await tab.click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(f"Quality: {name}")
            await settled(page)
            await expect(tab).to_be_in_viewport()
            await check_wide_and_narrow(page)
        await page.goto(f"{trust.stack.console}/reports")
        await settled(page)
        await check_wide_and_narrow(page)


async def check_wide_and_narrow(page: Page) -> None:
    """The page as a desk and as a phone shows it."""
    for width in (1280, 360):
        await page.set_viewport_size({"width": width, "height": 900})
        await check(page)


async def test_the_board_lead_goes_down_to_a_ward_opens_a_number_and_comes_back(open_page: Open, trust: Trust) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/quality/experience?when=all")
        places = page.get_by_role("navigation", name="Places above and inside")
        for place in ("Invented Hospital", "Ward Oak"):
            await places.get_by_text(re.compile(r"Places inside \(\d+\)")).click()
            await places.get_by_role("link", name=place, exact=True).click()
            await expect(places.locator("strong")).to_have_text(place)
            await settled(page)
        assert "/quality/experience?" in page.url
        await page.get_by_role("navigation", name="Quality").get_by_role("link", name="Overview").click()
        await settled(page)
        number = page.locator("a.ear-figure__number").first
        await expect(number).to_be_visible()
        await number.click()
        await expect(page).not_to_have_url(re.compile("/quality"))
        await settled(page)
        assert "org=" in page.url, "the number opens what is behind it at the same place"
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("Page not found")
        await page.go_back()
        await places.get_by_role("link", name="Invented Trust").click()
        await expect(places.locator("strong")).to_have_text("Invented Trust")


async def test_a_funnel_is_gone_through_by_keyboard_and_read_as_a_table(open_page: Open, trust: Trust) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/quality/funnel?when=all")
        await settled(page)
        funnel = page.locator(".ear-funnel svg[role=group]").first
        first = funnel.get_by_role("link").first
        await first.focus()
        said = await first.get_attribute("aria-label")
        assert said is not None
        await expect(page.get_by_role("table").first).to_contain_text(said.split(":")[0])
        await page.keyboard.press("End")
        await expect(funnel.get_by_role("link").last).to_be_focused()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/quality/funnel?*org=*")


async def test_a_quality_page_makes_a_decent_paper(open_page: Open, trust: Trust, tmp_path: Path) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/quality?when=all")
        await settled(page)
        await page.pdf(path=tmp_path / "board.pdf", format="A4", tagged=True)
    with pypdfium2.PdfDocument(tmp_path / "board.pdf") as paper:
        words = "\n".join(sheet.get_textpage().get_text_bounded() for sheet in paper)
        assert len(paper) <= 6
    for said in ("Quality: Overview", "Invented Trust", "too few to say", "Printed from Earshot on"):
        assert said in words
    for screen_only in ("Sign out", "Make a report", "Skip to main content", "Dates", "Show as a table"):
        assert screen_only not in words


async def test_the_board_lead_makes_a_report_in_one_click_and_takes_all_three_files(
    open_page: Open, trust: Trust, tmp_path: Path
) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/quality")
        await settled(page)
        await page.get_by_role("link", name="Make a report").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Reports")
        await page.get_by_role("button", name="Make the report").click()
        await expect(page.get_by_text("The report of Invented Trust is ready.")).to_be_visible(timeout=60_000)
        await page.get_by_text("Is my copy the right one?").first.click()
        await check(page)
        taken = {kind: await download(page, name, tmp_path) for name, kind in FILES.items()}
        for file in taken.values():
            await expect(page.get_by_text(hashlib.sha256(file.read_bytes()).hexdigest())).to_be_visible()
        await page.get_by_role("button", name="Make the report").click()
        await expect(page.get_by_text("Nothing has changed since the version before")).to_be_visible(timeout=60_000)
    with pypdfium2.PdfDocument(taken["pdf"]) as paper:
        assert "Invented Trust" in paper[0].get_textpage().get_text_bounded()
    assert len(Presentation(str(taken["pptx"])).slides) > 1
    assert len(openpyxl.load_workbook(taken["xlsx"], read_only=True).sheetnames) > 1


async def download(page: Page, name: str, folder: Path) -> Path:
    """Click a file of the newest report, and keep it."""
    async with page.expect_download() as caught:
        await page.get_by_role("link", name=re.compile(rf"^{name} ")).first.click()
    file = await caught.value
    await file.save_as(folder / file.suggested_filename)
    return folder / file.suggested_filename
