"""From a signal to a change and to the proof that it helped, in a real browser; what worked, praise and levels."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import make
import pytest
from axe import check, settled
from earshot.core.work import enqueue
from playwright.async_api import Page, expect
from trust import Open, Trust

pytestmark = pytest.mark.e2e
BEGAN = date.today() - timedelta(weeks=14, days=date.today().weekday())  # a Monday
THEME = "Discharge"


async def counted(trust: Trust) -> UUID:
    """A ward where discharge was often complained of, and less often since the change; returns the signal of it."""
    async with trust.stack.owner() as db:
        site = await db.fetchval("SELECT id FROM org WHERE code = 'INV01'")
        ward = await make.org(db, code="INV01-Yew", name="Ward Yew", level="team", parent=site)
        rows = []
        for week in range(-60, 14):
            day, rare = BEGAN + timedelta(weeks=week, days=2), week % 2
            themes = 1 + rare if week >= 0 else 9 if week >= -3 else 5 + rare
            rows += [(ward, day, "patient", "responses", "", 20), (ward, day, "patient", "comments", "", 20)]
            rows += [(ward, day, "patient", "theme", THEME, themes)]
        await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, $5, $6)", rows)
        since = BEGAN - timedelta(weeks=3)
        signal = await make.signal(
            db, org_id=ward, measure="theme", theme=THEME, since=since, until=BEGAN - timedelta(days=1)
        )
        raised = datetime.combine(BEGAN - timedelta(days=2), time(3), UTC)
        sentence = "Comments about Discharge rose on Ward Yew."
        await db.execute("UPDATE signal SET raised_at = $2, sentence = $3 WHERE id = $1", signal, raised, sentence)
    return signal


async def work(trust: Trust, stage: str) -> None:
    """Let the worker do what it would do at night."""
    async with trust.stack.owner() as db, db.transaction():
        await enqueue(db, stage, {})
    await trust.stack.settled()


async def both_widths(page: Page) -> None:
    """Nothing for axe to find, on a screen and on a phone."""
    await settled(page)
    await check(page)
    await page.set_viewport_size({"width": 360, "height": 780})
    await check(page)
    await page.set_viewport_size({"width": 1280, "height": 900})


async def agree(page: Page, trust: Trust, signal: UUID) -> None:
    """Agree a change on a signal's page, and say when it began."""
    await page.goto(f"{trust.stack.console}/signals/{signal}")
    await page.get_by_role("button", name="Agree a change").click()
    await expect(page.get_by_label("What people told you")).to_have_value("Comments about Discharge rose on Ward Yew.")
    await page.get_by_role("button", name="Agree it").click()
    await expect(page.get_by_role("link", name="Enter what you want to change, in a few words")).to_be_visible()
    await both_widths(page)
    await page.get_by_label("What do you want to change?").fill("Medicines ready before noon")
    await page.get_by_label("The change began on").fill(BEGAN.isoformat())
    await page.get_by_label("What you do about it").fill("The pharmacist comes to the morning round.")
    await page.get_by_role("button", name="Agree it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Medicines ready before noon")
    await page.get_by_role("button", name="The change has begun").click()
    await expect(page.get_by_text("Not proven yet.").first).to_be_visible()


async def write_down(page: Page) -> None:
    """A cycle, and who was involved: never who by name."""
    await page.get_by_role("button", name="New cycle").click()
    await page.get_by_label("Plan: what will you try").fill("One bay for a week.")
    await page.get_by_label("Begins on").fill((BEGAN + timedelta(weeks=1)).isoformat())
    await page.get_by_label("Act: what now?").select_option("adopt")
    await page.get_by_role("button", name="Save the cycle").click()
    await expect(page.get_by_role("heading", name="Cycle 1")).to_be_visible()
    await page.get_by_role("button", name="Note who was involved").click()
    await page.get_by_label("How many people").fill("6")
    await page.get_by_label("Note (optional)").fill("Mrs Winter told us what she needs.")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("link", name="This seems to hold somebody's name.")).to_be_visible()
    await page.get_by_label("Note (optional)").fill("Told us what they need.")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Patients (6): were asked")).to_be_visible()


async def close_and_share(page: Page, trust: Trust) -> None:
    """Finish, take it back, finish again, and put what worked into the library."""
    await page.get_by_role("button", name="Finish it").click()
    await page.get_by_role("button", name="Take the closing back").click()
    await page.get_by_role("button", name="Finish it").click()
    await page.get_by_role("button", name="Share what worked").click()
    await page.get_by_role("button", name="Put it there").click()
    await expect(page.get_by_role("link", name="Read the words over")).to_be_visible()
    await page.get_by_label("No comment and no name is in these words").check()
    await check(page)
    await page.get_by_role("button", name="Put it there").click()
    await expect(page.get_by_text("It is in the library of what worked.")).to_be_visible()
    await trust.stack.settled()


async def test_a_change_is_agreed_on_a_signal_proven_by_the_series_and_shared(
    open_page: Open, trust: Trust, tmp_path: Path
) -> None:
    signal = await counted(trust)
    async with open_page(signed_in=True) as page:
        await agree(page, trust, signal)
        await write_down(page)
        await work(trust, "remeasure")
        await page.reload()
        effect = page.get_by_role("region", name="Did it help?")
        await expect(effect.get_by_text("It helped.").first).to_be_visible()
        await expect(effect.get_by_text("in 100 comments before").first).to_be_visible()
        await effect.get_by_text("How Earshot decides, and how often it is wrong").click()
        await expect(effect.get_by_text("Of 100 changes that do nothing, about 5 at most")).to_be_visible()
        await effect.get_by_role("button", name="Show as a table").click()
        await expect(effect.get_by_role("cell", name="set aside").first).to_be_visible()
        await both_widths(page)
        await close_and_share(page, trust)
        await page.goto(f"{trust.stack.console}/actions?org=")
        await page.get_by_role("button", name="Closed").click()
        await expect(page.get_by_role("link", name="Medicines ready before noon")).to_be_visible()
        await both_widths(page)
        await library(page, trust, tmp_path)
    async with trust.stack.owner() as db:
        assert await db.fetchval("SELECT state FROM signal WHERE id = $1", signal) == "acted_on"


async def library(page: Page, trust: Trust, folder: Path) -> None:
    """What worked is there; it travels as a file, and what is refused of another's file is told."""
    await page.goto(f"{trust.stack.console}/library")
    await expect(page.get_by_role("heading", name="Medicines ready before noon")).to_be_visible()
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="Export for another organisation").click()
    path = folder / "worked.json"
    await (await begun.value).save_as(path)
    file = json.loads(path.read_text())
    assert [entry["title"] for entry in file["entries"]] == ["Medicines ready before noon"]
    other = file["entries"][0] | {"source": "Another Trust", "title": "Letters before people leave"}
    file["entries"] += [other, other | {"title": "Ask Mr Winter"}]
    path.write_text(json.dumps(file))
    await page.get_by_label("Library file of another organisation").set_input_files(path)
    await page.get_by_role("button", name="Take it in").click()
    await expect(page.get_by_text("1 entry was added, 1 known already, 1 refused.")).to_be_visible()
    await expect(page.get_by_role("cell", name="It seems to hold somebody's name.")).to_be_visible()
    await both_widths(page)


async def test_praise_reaches_the_team_and_levels_keep_their_reasons(open_page: Open, trust: Trust) -> None:
    await work(trust, "praise")
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/praise?when=12w")
        await expect(page.get_by_role("rowheader", name="Ward").first).to_be_visible()
        await expect(page.get_by_role("blockquote").first).to_be_visible()
        await both_widths(page)
        await page.goto(f"{trust.stack.console}/assurance")
        await page.get_by_role("button", name="Save the level").click()
        await expect(page.get_by_role("link", name="Enter the reasons")).to_be_visible()
        await page.get_by_label("Level", exact=True).select_option("enhanced")
        await page.get_by_label("Reasons").fill("Signals about discharge on two wards.")
        await page.get_by_role("button", name="Save the level").click()
        now = page.get_by_role("region", name="Now")
        await expect(now.get_by_role("cell", name="Enhanced")).to_be_visible()
        await both_widths(page)
