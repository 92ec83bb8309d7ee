"""What a ward manager comes for, in a real browser: be told, take it up, read the digest, and have it their own way."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import make
import pytest
import pytest_asyncio
from axe import check, settled
from earshot.alerts import store as subscriptions
from earshot.alerts.schedule import last_due
from earshot.core.mail import Letter, post
from earshot.core.work import enqueue
from earshot.people import store
from earshot.people.model import How
from earshot.people.passwords import hash_password
from earshot.people.routes import COOKIE
from playwright.async_api import Page, expect
from trust import Open, Trust

pytestmark = pytest.mark.e2e
PASSWORD = "kettle orbit mustard seven"
WIDTHS = (360, 1280)
RISK = "I told them I had been hurting myself again and cannot keep myself safe. Nobody phoned me back all weekend."
END = re.compile("^End.*At once, tell me")
AT_ONCE = "Immediate risk at Ward Rowan, at once"


@pytest_asyncio.fixture(scope="module")
async def ward(trust: Trust) -> UUID:
    """A ward that nobody watches yet, its manager, and a rise in complaints that is not told to anybody."""
    async with trust.stack.owner() as db:
        site = await db.fetchval("SELECT id FROM org WHERE code = 'INV01'")
        made = await make.org(db, code="INV01-Rowan", name="Ward Rowan", level="team", parent=site)
        await make.link(db, org_id=made, token="rowan234")
        hashed = hash_password(PASSWORD)
        await make.account(
            db, email="rowan@invented.example", name="Rose Invented", password_hash=hashed, roles={"manager": made}
        )
    return made


async def both_widths(page: Page) -> None:
    """Nothing for axe to find on a phone, nor on a desk."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await check(page)


async def sign_in(page: Page, trust: Trust) -> None:
    await page.goto(trust.stack.console)
    await page.get_by_label("E-mail address").fill("rowan@invented.example")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


async def say(page: Page, trust: Trust, words: str) -> None:
    """A patient sends the form of the ward, and the worker goes through all its stages."""
    await page.goto(f"{trust.stack.public}/f/rowan234")
    await page.get_by_label("Very poor").check()
    await page.locator("textarea").first.fill(words)
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/thanks/patient")
    await trust.stack.settled(60)


async def took(page: Page, title: str) -> None:
    """Take a suggested subscription with one click."""
    await page.get_by_role("button", name=title).click()
    await expect(page.get_by_role("status").last).to_have_text("Subscribed.")
    await expect(page.get_by_role("button", name=title)).to_have_count(0)


async def weekly_digest_is_due(trust: Trust) -> None:
    """The worker writes the manager's digest of the newest week, as it does on Mondays."""
    async with trust.stack.owner() as db:
        account = await db.fetchval("SELECT id FROM account WHERE email = 'rowan@invented.example'")
        [weekly] = [one for one in await subscriptions.own(db, account) if one.cadence == "weekly"]
        period = last_due(weekly, datetime.now(UTC)).isoformat()
        await enqueue(db, "digest", {"account": account, "cadence": "weekly", "period": period})
    await trust.stack.settled(60)


async def test_a_manager_is_told_takes_it_up_reads_the_digest_and_ends_a_subscription(
    open_page: Open, trust: Trust, ward: UUID
) -> None:
    async with open_page() as patient, open_page() as page:
        await sign_in(page, trust)
        await page.get_by_role("link", name="Alerts: none new").click()
        await page.get_by_role("link", name="Choose what you want to be told of").click()
        await settled(page)
        await both_widths(page)
        await took(page, AT_ONCE)
        await took(page, "All that is new at Ward Rowan, every Monday")
        await expect(page.get_by_role("heading", name="Every Monday at 8am, tell me of everything")).to_be_visible()

        await say(patient, trust, RISK)
        async with trust.stack.owner() as db:
            rise = await make.signal(db, org_id=ward, weeks_between=5000.0)
            await enqueue(db, "route_signals", {"signals": [rise]})
        await trust.stack.settled(60)

        await page.reload()
        await page.get_by_role("link", name="Alerts: 1 new, 1 urgent").click()
        await settled(page)
        told = page.get_by_role("listitem").filter(has_text="One comment that may tell of risk")
        await expect(told).to_contain_text("Acknowledge it within 3 hours")
        await expect(told).to_contain_text("You subscribed to this.")
        await both_widths(page)
        await told.get_by_role("link").click()
        await page.wait_for_url("**/signals/*")
        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.get_by_text("Rose Invented acknowledged it.")).to_be_visible()
        await page.get_by_role("link", name="Alerts: none new").click()
        await expect(told).to_contain_text("Acknowledged")
        await expect(told.get_by_role("button")).to_have_count(0)

        await page.get_by_role("link", name="Digest").click()
        await settled(page)
        mail = page.frame_locator("iframe")
        await expect(mail.get_by_role("heading", level=1)).to_be_visible()
        await both_widths(page)
        await page.get_by_label("As plain text").check(force=True)
        await expect(page.get_by_label("The digest as plain text")).to_contain_text("Discharge")
        await page.get_by_label("To read here").check(force=True)
        await expect(
            page.get_by_role("region", name="The next one").get_by_role("link", name="Discharge")
        ).to_be_visible()

        await weekly_digest_is_due(trust)
        await page.reload()
        past = page.get_by_role("region", name="Earlier ones")
        await expect(past).to_contain_text("Waiting: ")
        await past.get_by_role("button", name="Read it").click()
        await both_widths(page)
        await page.get_by_role("button", name="Stop this mail").click()
        await expect(page.get_by_text("You stopped this mail.")).to_be_visible()
        await past.get_by_role("link", name="Discharge").click()
        await page.wait_for_url(f"**/signals/{rise}")
        await page.get_by_role("link", name="Alerts: 1 new").click()
        await page.get_by_role("link", name="Discharge").focus()
        await page.keyboard.press("s")
        await expect(page.get_by_role("status").last).to_have_text("Marked as seen: Ward Rowan.")
        await page.get_by_role("link", name="Alerts: none new").wait_for()

        await page.goto(f"{trust.stack.console}/subscriptions")
        await page.get_by_role("button", name="Send them again").click()
        await expect(page.get_by_text("Sent again from now on: the weekly digest.")).to_be_visible()
        await page.get_by_role("button", name="a week").first.click()
        await expect(page.get_by_text("Snoozed until")).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_text("Snoozed until")).to_have_count(0)
        await page.get_by_role("button", name=END).click()
        await expect(page.get_by_role("heading", name=AT_ONCE)).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("status").last).to_have_text("Taken back.")
        await expect(page.get_by_role("button", name=END)).to_be_visible()


async def test_a_subscription_is_made_by_keyboard_and_says_what_is_missing(open_page: Open, trust: Trust) -> None:
    async with open_page(signed_in=True) as page:
        await page.goto(f"{trust.stack.console}/subscriptions")
        await settled(page)
        await page.get_by_role("button", name="New subscription").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="What do you want to be told of?")).to_be_focused()
        for way in ("In Earshot", "E-mail"):
            await page.get_by_label(way, exact=True).focus()
            await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Choose how you want to be told")).to_be_visible()
        await both_widths(page)
        await page.get_by_role("link", name="Choose how you want to be told").press("Enter")
        await expect(page.get_by_label("In Earshot", exact=True)).to_be_focused()
        await page.keyboard.press("Space")
        await page.get_by_label("Calendar", exact=True).press("Space")
        await page.get_by_label("How often").select_option("Every week")
        await page.get_by_label("Day of the week").select_option("Friday")
        await page.get_by_label("Time", exact=True).fill("07:30")
        await expect(page.locator("form").get_by_text("Every Friday at 7:30am")).to_be_visible()
        await page.get_by_role("button", name="Subscribe", exact=True).press("Enter")
        await expect(page.get_by_role("heading", name="Every Friday at 7:30am")).to_be_visible()
        await page.get_by_role("button", name="Make the addresses").click()
        await expect(page.get_by_role("heading", name="it is shown only once")).to_be_focused()
        await expect(page.get_by_text("/calendar.ics")).to_be_visible()
        await both_widths(page)
        await page.get_by_role("button", name="I have it").click()
        await expect(page.get_by_text("/calendar.ics")).to_have_count(0)


async def quiet_trust(trust: Trust) -> str:
    """A provider where nobody is told of anything and a mail was refused; returns the session of its quality lead."""
    async with trust.stack.owner() as db:
        provider = await make.org(db, code="QUIET", name="Quiet Trust")
        await make.org(db, code="QUIET-Yarrow", name="Ward Yarrow", level="team", parent=provider)
        await make.account(db, email="deputy@invented.example", name="Dee Invented", roles={"manager": provider})
        lead = await make.account(db, email="quiet@invented.example", roles={"quality_lead": provider})
        letter = Letter("quiet", "quiet@invented.example", lead, "notice", subject="Welcome", text="Welcome.")
        refused = "UPDATE letter SET state = 'refused', why = 'There is no such mailbox.' WHERE id = $1"
        await db.execute(refused, await post(db, letter))
        return await store.open_session(db, lead, how=How.PASSKEY, mfa=True)


async def test_a_quality_lead_sees_who_watches_what_and_the_post(open_page: Open, trust: Trust) -> None:
    session = await quiet_trust(trust)
    async with open_page() as page:
        await page.context.add_cookies([{"name": COOKIE, "value": session, "url": trust.stack.console}])
        await page.goto(f"{trust.stack.console}/watching")
        await settled(page)
        units = page.get_by_role("table", name="Units and who is told of them")
        await expect(units.get_by_role("row", name="Ward Yarrow")).to_contain_text("Nobody watches it")
        await page.get_by_role("button", name="Make a rule for here").click()
        await page.get_by_label("Deputy", exact=True).select_option("Dee Invented")
        await page.get_by_label("Minutes that the deputy has").fill("2")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("link", name="Enter minutes from 5 to 1440")).to_be_visible()
        await both_widths(page)
        await page.get_by_label("Minutes that the deputy has").fill("30")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("If Dee Invented has not acknowledged it after 30 minutes")).to_be_visible()
        await page.get_by_role("button", name="Take it away").click()
        await expect(page.get_by_text("Dee Invented")).to_have_count(0)

        await page.goto(f"{trust.stack.console}/post")
        await settled(page)
        await expect(page.get_by_text("No mail server is set.")).to_be_visible()
        await page.get_by_label("Refused").check(force=True)
        await page.wait_for_url("**/post?state=refused")
        await expect(page.get_by_role("cell", name="There is no such mailbox.")).to_be_visible()
        await both_widths(page)
        await page.get_by_role("button", name="Send again").click()
        await expect(page.get_by_text("It is sent again.")).to_be_visible()
        await expect(page.get_by_role("heading", name="No mail is like this")).to_be_visible()
        await page.get_by_label("Waiting").check(force=True)
        await expect(page.get_by_role("rowheader", name="quiet@invented.example")).to_be_visible()
