"""What people do with signals, in a real browser: find them on the Overview, go through them by keyboard, look back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import make
import pytest
from axe import check, settled
from playwright.async_api import Page, expect
from trust import Open, Trust

pytestmark = pytest.mark.e2e
SINCE = date.today() - timedelta(days=20)
COUNTED = (("responses", ""), ("comments", ""), ("theme", "Discharge"), ("theme_negative", "Discharge"))


async def raised(trust: Trust, name: str, kinds: tuple[str, ...] = ("rise",)) -> list[UUID]:
    """A ward of its own with a signal of each kind, each with a sentence to find it by."""
    async with trust.stack.owner() as db:
        site = await db.fetchval("SELECT id FROM org WHERE code = 'INV01'")
        ward = await make.org(db, code=f"INV01-{name}", name=f"Ward {name}", level="team", parent=site)
        made = [
            await make.signal(db, org_id=ward, kind=kind, since=SINCE, until=date.today(), weeks_between=5000.0)
            for kind in kinds
        ]
        for number, signal in enumerate(made, start=1):
            sentence = f"Signal {number} of Ward {name}."
            await db.execute(
                "UPDATE signal SET sentence = $2, statistic = $3 WHERE id = $1", signal, sentence, 99 - number
            )
    return made


async def state(trust: Trust, signal: UUID) -> tuple[str, str | None, bool]:
    """A signal's state, why it was closed, and whether somebody has it."""
    async with trust.stack.owner() as db:
        row = await db.fetchrow("SELECT state, closed_reason, owner_id FROM signal WHERE id = $1", signal)
    return row["state"], row["closed_reason"], row["owner_id"] is not None


async def ward(trust: Trust, name: str) -> UUID:
    async with trust.stack.owner() as db:
        found: UUID = await db.fetchval("SELECT id FROM org WHERE code = $1", f"INV01-{name}")
    return found


async def press(page: Page, key: str, said: str) -> None:
    """Press a key and wait for what the page says."""
    await page.keyboard.press(key)
    await expect(page.get_by_role("status").last).to_have_text(said)


async def test_a_newcomer_goes_from_the_overview_to_a_signal_and_takes_it_on(open_page: Open, trust: Trust) -> None:
    [signal] = await raised(trust, "Acorn")
    async with open_page(signed_in=True) as page:
        await page.goto(trust.stack.console)
        worse = page.get_by_role("region", name="Signals: what stands out now")
        await worse.get_by_role("link", name="Signal 1 of Ward Acorn.").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Signal 1 of Ward Acorn.")
        await settled(page)
        await page.get_by_role("button", name="Take it on").click()
        await expect(page.get_by_text("Ada Invented took it on.")).to_be_visible()
        await page.get_by_role("button", name="It was acted on").click()
        await check(page)
        await page.get_by_label("Note (optional)").fill("More nurses at night.")
        await page.get_by_role("button", name="Note it").click()
        await expect(page.get_by_text("More nurses at night.")).to_be_visible()
        useful = page.get_by_role("group", name="Was this useful?")
        await useful.get_by_role("button", name="No").click()
        await expect(useful.get_by_role("button", name="No")).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("button", name="Show as a table").click()
        await expect(page.get_by_role("table").first).to_be_visible()
        await check(page)
    assert await state(trust, signal) == ("acted_on", None, True)


async def test_signals_are_gone_through_by_keyboard_alone(open_page: Open, trust: Trust) -> None:
    first, second = await raised(trust, "Beech", ("rise", "co_signal"))
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/signals?org={await ward(trust, 'Beech')}")
        await settled(page)
        await press(page, "a", "Acknowledged. Ward Beech.")
        await press(page, "w", "Being watched. Ward Beech.")
        await page.keyboard.press("j")
        await expect(page.get_by_role("link", name="Signal 2 of Ward Beech.")).to_be_focused()
        await press(page, "o", "It is yours now. Ward Beech.")
        await page.keyboard.press("c")
        await check(page)
        await page.get_by_role("button", name="Close the signal").click()
        await expect(page.get_by_text("Choose a reason")).to_be_visible()
        await page.get_by_label("It was a false alarm").check(force=True)
        await page.get_by_role("button", name="Close the signal").click()
        await expect(page.get_by_role("status").last).to_have_text("Closed. Ward Beech.")
        assert await state(trust, second) == ("closed", "false_alarm", True)
        await press(page, "u", "Taken back.")
        await page.keyboard.press("?")
        await expect(page.get_by_role("heading", name="Keys")).to_be_visible()
        await page.keyboard.press("Escape")
    assert await state(trust, first) == ("watching", None, False)
    assert await state(trust, second) == ("new", None, True)


async def test_several_are_acknowledged_at_once_but_never_a_possible_risk(open_page: Open, trust: Trust) -> None:
    signals = await raised(trust, "Cherry", ("rise", "co_signal"))
    async with open_page(width=360, signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/signals")
        await settled(page)
        risk = page.get_by_role("listitem").filter(has_text="One comment that may tell of risk").first
        await expect(risk).to_contain_text("Overdue")
        assert await risk.get_by_role("checkbox").count() == 0
        for number in (1, 2):
            await page.get_by_role("checkbox", name=f"Signal {number} of Ward Cherry.").check()
        together = page.get_by_role("group", name="With those that are ticked")
        await check(page)
        await together.get_by_role("button", name="Acknowledge").click()
        await expect(page.get_by_role("status").last).to_have_text("2 signals: acknowledged.")
    assert [await state(trust, signal) for signal in signals] == [("acknowledged", None, False)] * 2


async def charted(trust: Trust, org: UUID) -> None:
    """Half a year of comments about discharge, one or two a week."""
    days = [date.today() - timedelta(weeks=week) for week in range(26)]
    rows = [(org, day, measure, label, 1 + day.day % 2) for day in days for measure, label in COUNTED]
    async with trust.stack.owner() as db:
        await db.executemany("INSERT INTO daily VALUES ($1, $2, 'patient', $3, $4, $5)", rows)


async def test_the_map_and_a_chart_lead_to_the_signal(open_page: Open, trust: Trust) -> None:
    [signal] = await raised(trust, "Dogwood")
    org = await ward(trust, "Dogwood")
    await charted(trust, org)
    async with open_page(width=360, signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/signals/map?only=true&org={org}")
        await settled(page)
        table = page.get_by_role("table", name="Open signals by unit and theme")
        await expect(table.get_by_role("columnheader", name="Discharge")).to_be_visible()
        await expect(table.get_by_role("rowheader", name="Ward Dogwood")).to_be_visible()
        await table.get_by_role("link", name="Signal 1 of Ward Dogwood.").click()
        await page.wait_for_url(f"**/signals/{signal}")
        await page.goto(f"{trust.stack.console}/measures?org={org}&measure=theme:Discharge")
        mark = page.get_by_role("list", name="Signals on this chart").get_by_role("link")
        await expect(mark).to_contain_text("Signal 1 of Ward Dogwood.")
        await check(page)
        await mark.click()
        await page.wait_for_url(f"**/signals/{signal}")


async def test_somebody_looks_back_and_sets_the_budget_of_false_alarms(open_page: Open, trust: Trust) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/signals/known")
        await settled(page)
        await page.get_by_label("Day").fill("2001-05-17")
        await page.get_by_role("button", name="Look back").click()
        await expect(page.get_by_text("nothing could be known from it")).to_be_visible()
        await expect(page).to_have_url(f"{trust.stack.console}/signals/known?on=2001-05-17")
        await page.get_by_role("link", name="False alarms").click()
        alarms = page.get_by_label("False alarms a month that you can bear")
        await alarms.fill("none")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("link", name="Enter a number of false alarms a month")).to_be_visible()
        await check(page)
        await alarms.fill("2")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Earshot may raise about 2 false alarms a month")).to_be_visible()
        await expect(page.get_by_text("by Ada Invented")).to_be_visible()
