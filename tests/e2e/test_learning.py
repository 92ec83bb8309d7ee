"""A quality lead lets the computer learn from corrections, uses the model and rolls it back, in a real browser."""

from __future__ import annotations

from uuid import UUID

import make
import pytest
from axe import check
from earshot.core.db import Connection
from earshot.core.work import enqueue
from earshot.taxonomy.frameworks import PATIENT_EXPERIENCE
from playwright.async_api import Page, expect
from trust import EMAIL, Open, Trust

pytestmark = pytest.mark.e2e
PLACES = ("Alder", "Birch", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Larch", "Maple", "Oak")


async def corrected(trust: Trust) -> None:
    """Comments that the worker read, and that somebody says are about discharge and very positive."""
    async with trust.stack.owner() as db:
        ward = await db.fetchval("SELECT id FROM org WHERE code = 'INV01-Oak'")
        said = [f"The {place.lower()} barrier kept my ticket, {n} min gone" for place in PLACES for n in range(6)]
        made = [await make.comment(db, settings=trust.stack.settings, org_id=ward, text=text) for text in said]
        await enqueue(db, "analyse", {"comments": made})
    await trust.stack.settled(60)
    async with trust.stack.owner() as db:
        for comment in made:
            await correct(db, comment)


async def correct(db: Connection, comment: UUID) -> None:
    """Take every theme away that was heard, add one, and say what was felt."""
    heard = await db.fetch("SELECT theme FROM comment_theme WHERE comment_id = $1 AND theme <> 'Not assigned'", comment)
    add = (
        "INSERT INTO correction (id, comment_id, org_id, stream, kind, framework, theme, present, sentiment, made_by)"
        " SELECT gen_random_uuid(), c.id, c.org_id, c.stream, $2, $3, $4, $5, $6, a.id"
        " FROM comment c, account a WHERE c.id = $1 AND a.email = $7"
    )
    themes = {**{row["theme"]: False for row in heard}, "Discharge": True}
    for theme, present in themes.items():
        await db.execute(add, comment, "theme", PATIENT_EXPERIENCE, theme, present, None, EMAIL)
    await db.execute(add, comment, "sentiment", None, None, None, 1, EMAIL)


async def press(page: Page, name: str, yes: str) -> None:
    """Press a button of a model, and say yes when asked whether one is sure."""
    await page.get_by_role("button", name=name).first.click()
    await check(page)
    await page.get_by_role("button", name=yes).click()


async def test_somebody_learns_from_corrections_uses_the_model_and_rolls_it_back(open_page: Open, trust: Trust) -> None:
    await corrected(trust)
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/learning")
        await page.get_by_role("button", name="Learn from corrections").click()
        candidate = page.get_by_role("article").filter(has_text="Ready to use")
        await expect(candidate).to_be_visible(timeout=120_000)
        for part in ("Themes", "Feelings"):
            told = candidate.get_by_role("region", name=part)
            await expect(told).to_contain_text("that it had not seen")
            await expect(told).to_contain_text("points")
        await check(page)
        model = await candidate.get_attribute("aria-label")
        await press(page, "Use this one", "Yes, use it")
        mine = page.get_by_role("article", name=model)
        await expect(mine).to_contain_text("In use")
        await press(page, "Roll back", "Yes, roll back")
        await expect(mine).to_contain_text("Rolled back")
        await expect(page.get_by_role("article").filter(has_text="In use")).to_have_count(1)
