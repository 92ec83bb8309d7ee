"""What a guardian does on a Monday, in a real browser: unlock, triage by keyboard, answer, note, hand on, close."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import make
import pytest
import pytest_asyncio
from axe import check, settled
from earshot.cases import filing, filing_store, sealing
from earshot.cases.filing import Report
from earshot.cases.key_pairs import HandlerKeys
from earshot.cases.model import Way
from earshot.core.crypto import KeyFiles
from earshot.intake.model import Audience
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from playwright.async_api import Browser, Page, expect
from stack import Stack
from trust import Trust

pytestmark = pytest.mark.e2e
PASSPHRASE = "seven green kettles at dawn"
WIDTHS = [1280, 360]
ALONE = "On Sunday night I was the only nurse for thirty patients again. Nobody came when I called, it was unsafe."
BULLIED = "Sister Jane Doe shouts at the new starters and humiliates them in front of patients. It is bullying."
HOIST = "The hoist on our ward is broken and two of us hurt our backs. It was reported and nothing was done."
PAIN = "My mother waited nine hours for pain relief and nobody told us why."
REPORTS: tuple[tuple[str, Audience, Way, int], ...] = (
    (BULLIED, "staff", "confidential", 9),
    (ALONE, "staff", "anonymous", 6),
    (ALONE.replace("Sunday", "that Sunday"), "staff", "anonymous", 5),
    (HOIST, "staff", "open", 1),
    (PAIN, "carer", "open", 1),
)


@dataclass
class Desk:
    """A ward of its own with people who handle its cases, and the cases in the order in which they came."""

    stack: Stack
    ward: UUID
    accounts: dict[str, UUID] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    cases: list[UUID] = field(default_factory=list)
    receipts: dict[UUID, str] = field(default_factory=dict)

    async def handler(self, name: str, *, role: str = "guardian", keys: bool = True) -> None:
        """Somebody who handles cases, with keys under PASSPHRASE."""
        async with self.stack.owner() as db:
            email = f"{name.lower().replace(' ', '.')}.{self.ward}@invented.example"
            account = await make.account(db, email=email, name=name, roles={role: self.ward})
            self.accounts[name] = account
            self.sessions[name] = await store.open_session(db, account, how=How.PASSKEY, mfa=True)
            if keys:
                await lock_keys(db, account, HandlerKeys.new())

    async def speak_up(self, text: str, audience: Audience, way: Way, days: int) -> UUID:
        """Somebody spoke up some days ago, through the public door's own code."""
        keys, today = KeyFiles(self.stack.settings.keys), date.today()
        keys.make_day_keys(today)
        report = Report(self.ward, audience, way, text, name="" if way == "anonymous" else "Nora Invented", reach="")
        async with self.stack.owner() as db:
            whom = await filing_store.recipients(db, self.ward, audience)
            receipt = self.receipts[report.id] = sealing.new_receipt()
            sealed = filing.seal(report, whom, keys.day_key(today), receipt=receipt, today=today)
            await filing_store.file(db, sealed, once_hash=report.id.bytes)
            sql = "UPDATE case_file SET received_on = $2 WHERE id = $1"
            await db.execute(sql, report.id, today - timedelta(days=days))
        self.cases.append(report.id)
        return report.id

    async def value(self, sql: str, *args: object) -> Any:
        """The first value that the owner of the database is told."""
        async with self.stack.owner() as db:
            return await db.fetchval(sql, *args)

    async def reference(self, place: int) -> str:
        """The name that staff use for the case that came as number `place`."""
        found: str = await self.value("SELECT reference FROM case_file WHERE id = $1", self.cases[place])
        return found


async def lock_keys(db: Any, account: UUID, keys: HandlerKeys) -> None:
    pair, lock = await make.key_pair(db, account_id=account, public=keys.public), keys.lock(PASSPHRASE)
    sql = "INSERT INTO key_lock (pair_id, kind, salt, settings, sealed) VALUES ($1, 'passphrase', $2, $3, $4)"
    await db.execute(sql, pair, lock.salt, dict(lock.settings), lock.sealed)


async def empty_desk(stack: Stack, name: str) -> Desk:
    """A ward of its own where nobody is yet."""
    async with stack.owner() as db:
        site = await db.fetchval("SELECT id FROM org WHERE code = 'INV01'")
        return Desk(stack, await make.org(db, code=f"INV01-{name}", name=f"Ward {name}", level="team", parent=site))


async def opened_desk(stack: Stack) -> Desk:
    """A ward with two guardians and five reports that the worker has read."""
    desk = await empty_desk(stack, "Yew")
    await desk.handler("Grace Invented")
    await desk.handler("Dev Invented")
    for report in REPORTS:
        await desk.speak_up(*report)
    await stack.settled(120)
    return desk


Enter: TypeAlias = Callable[..., AbstractAsyncContextManager[Page]]


@pytest_asyncio.fixture(scope="module")
async def desk(trust: Trust) -> Desk:
    """One desk for these tests; each leaves the cases of the others alone."""
    return await opened_desk(trust.stack)


@pytest.fixture
def enter(browser: Browser, trust: Trust, desk: Desk) -> Enter:
    """`async with enter("Grace Invented", width=360) as page`: somebody's own browser, signed in, keys locked."""

    @asynccontextmanager
    async def entered(name: str, *, width: int = 1280, at: Desk = desk) -> AsyncIterator[Page]:
        context = await browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        await context.add_cookies([{"name": COOKIE, "value": at.sessions[name], "url": at.stack.console}])
        page, wrong = await context.new_page(), []
        page.on("request", lambda request: trust.note(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if "Security Policy" in line.text else None)
        yield page
        await context.close()
        assert wrong == []

    return entered


async def unlock(page: Page) -> None:
    """Type the passphrase; Argon2id takes some seconds."""
    await page.get_by_role("textbox", name="Your passphrase").fill(PASSPHRASE)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Your keys are unlocked in this tab")).to_be_visible(timeout=60_000)


async def press(page: Page, key: str, said: str) -> None:
    """Press a key and wait for what the page says."""
    await page.keyboard.press(key)
    await expect(page.get_by_role("status").last).to_have_text(said)


async def told(page: Page, words: str) -> None:
    """Wait until a case's page says what was done."""
    await expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


async def row(desk: Desk, place: int) -> Any:
    """A case as the database has it."""
    async with desk.stack.owner() as db:
        return await db.fetchrow("SELECT * FROM case_file WHERE id = $1", desk.cases[place])


@pytest.mark.parametrize("width", WIDTHS)
async def test_what_people_wrote_is_shown_only_while_keys_are_open(enter: Enter, desk: Desk, width: int) -> None:
    async with enter("Grace Invented", width=width) as page:
        await page.goto(f"{desk.stack.console}/cases?org={desk.ward}")
        await settled(page)
        await check(page)
        await page.get_by_role("textbox", name="Your passphrase").fill("not my passphrase at all")
        await page.get_by_role("button", name="Unlock").click()
        await expect(page.get_by_text("This passphrase does not open your keys")).to_be_visible(timeout=60_000)
        await unlock(page)
        await expect(page.get_by_text("hoist on our ward")).to_be_visible()
        await expect(page.get_by_text("2 people may tell of the same event.")).to_be_visible()
        await check(page)
        await page.get_by_role("link", name=f"Case {await desk.reference(3)}").click()
        await expect(page.get_by_role("heading", name="What they wrote")).to_be_visible()
        await check(page)
        await page.get_by_role("button", name="Show it as it was written").click()
        await page.get_by_role("button", name="Show who it is").click()
        await expect(page.get_by_text("Nora Invented")).to_be_visible()
        await page.get_by_role("button", name="Lock now").click()
        await expect(page.get_by_role("heading", name="Your keys are locked")).to_be_visible()
        await expect(page.get_by_text("hoist on our ward")).to_have_count(0)
        stored = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert "hoist" not in stored
        assert "private" not in stored


async def test_three_cases_are_triaged_by_keyboard_alone(enter: Enter, desk: Desk) -> None:
    first, second, hoist = [await desk.reference(place) for place in (0, 1, 3)]
    async with enter("Grace Invented") as page:
        await page.goto(f"{desk.stack.console}/cases?org={desk.ward}")
        await settled(page)
        await unlock(page)
        await expect(page.get_by_text("hoist on our ward")).to_be_visible()
        await page.get_by_role("link", name=f"Case {first}").focus()
        await press(page, "t", f"Thanked {first}.")
        await press(page, "u", "Taken back. Nothing was sent.")
        await press(page, "t", f"Thanked {first}.")
        await page.keyboard.press("a")
        await expect(page.get_by_role("status").last).to_contain_text(f"Accepted for {first}: Bullying or harassment")
        await press(page, "o", f"{first}: yours now.")
        await page.keyboard.press("j")
        await expect(page.get_by_role("link", name=f"Case {second}")).to_be_focused()
        await press(page, "t", f"Thanked {second}.")
        await press(page, "o", f"{second}: yours now.")
        await page.get_by_role("link", name=f"Case {hoist}").focus()
        await page.keyboard.press("e")
        await expect(page.get_by_role("heading", name=f"What is {hoist} about?")).to_be_visible()
        await check(page)
        await page.get_by_label("Patient safety or quality").check(force=True)
        await page.get_by_label("Worker group").select_option("nursing_midwifery")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status").last).to_have_text(f"Sorted {hoist}.")
        await page.keyboard.press("x")
        await page.get_by_role("group", name="With those that are ticked").get_by_role("button", name="Thank").click()
        await page.keyboard.press("?")
        await expect(page.get_by_role("heading", name="Keys", exact=True)).to_be_visible()
        await page.keyboard.press("Escape")
        # Leaving the queue sends what still waits for its ten seconds.
        await page.get_by_role("link", name="Overview", exact=True).click()
        await expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    grace = desk.accounts["Grace Invented"]
    one, two, three = await row(desk, 0), await row(desk, 1), await row(desk, 3)
    assert (one["suggestion"], one["owner_id"], one["thanked_on"]) == ("accepted", grace, date.today())
    assert (two["owner_id"], two["thanked_on"], two["state"]) == (grace, date.today(), "open")
    assert (three["suggestion"], three["worker_group"], three["thanked_on"]) == (
        "corrected",
        "nursing_midwifery",
        date.today(),
    )
    assert "Patient safety or quality" in three["elements"]


async def test_a_case_is_answered_noted_handed_on_and_closed(enter: Enter, desk: Desk) -> None:
    case, reference = desk.cases[4], await desk.reference(4)
    async with enter("Grace Invented") as page:
        await page.goto(f"{desk.stack.console}/cases/{case}")
        await settled(page)
        await unlock(page)
        await page.get_by_role("button", name="Take it on").click()
        await told(page, "Settled who looks after it.")
        await page.get_by_label("Write to the person").fill("Thank you. Which ward was it?")
        await page.get_by_role("button", name="Send").click()
        await told(page, "Your message is sealed and kept for the person.")
        await page.get_by_label("Write a note").fill("Ask the pain team.")
        await page.get_by_role("button", name="Keep the note").click()
        await told(page, "The note is kept.")
        await page.get_by_role("button", name="Draft: Complaint").click()
        draft = page.get_by_role("textbox", name="Draft")
        await expect(draft).to_be_visible()
        assert f"Reference: {reference}" in await draft.input_value()
        await draft.fill("Nine hours without pain relief.")
        await check(page)
        await page.get_by_role("button", name="I have sent it").click()
        await told(page, "Marked as sent.")
        await page.get_by_label("What will be done").fill("Pain rounds at night")
        await page.get_by_role("button", name="Add", exact=True).click()
        await told(page, "The action is noted.")
        await page.get_by_role("checkbox", name="Pain rounds at night").check()
        await told(page, "Noted as done.")
        await page.get_by_role("button", name="Close the case").click()
        await expect(page.get_by_text("Choose what came of it")).to_be_visible()
        await page.get_by_label("What came of it", exact=True).select_option("action_taken")
        await page.get_by_label("Tell the person what came of it").fill("There are pain rounds at night now.")
        await page.get_by_role("button", name="Close the case").click()
        await told(page, "Closed. The person sees the outcome with their receipt.")
        await check(page)
    closed = await row(desk, 4)
    assert (closed["state"], closed["outcome"]) == ("closed", "action_taken")
    assert await said_to_the_person(desk, 4) == ["Thank you. Which ward was it?", "There are pain rounds at night now."]
    sql = "SELECT state FROM hand_off WHERE case_id = $1"
    assert await desk.value(sql, case) == "sent"


async def said_to_the_person(desk: Desk, place: int) -> list[str]:
    """What the holder of the receipt reads of a case."""
    case = desk.cases[place]
    async with desk.stack.owner() as db:
        under = await db.fetchval("SELECT receipt_sealed FROM case_file WHERE id = $1", case)
        keys = sealing.open_under_receipt(case, under, desk.receipts[case])
        sql = "SELECT kind, sealed FROM case_text WHERE case_id = $1 AND kind IN ('from_handler', 'outcome') ORDER BY n"
        return [keys.open(text["kind"], text["sealed"])["text"] for text in await db.fetch(sql, case)]


async def test_promise_44_what_was_typed_is_kept_when_somebody_else_was_faster(enter: Enter, desk: Desk) -> None:
    address, typed = f"{desk.stack.console}/cases/{desk.cases[2]}", "Could you say which Sunday it was?"
    async with enter("Grace Invented") as grace, enter("Dev Invented") as dev:
        for page in (grace, dev):
            await page.goto(address)
            await settled(page)
            await unlock(page)
        await grace.get_by_label("Write to the person").fill(typed)
        await dev.get_by_role("button", name="Take it on").click()
        await told(dev, "Settled who looks after it.")
        await grace.get_by_role("button", name="Send").click()
        await expect(grace.get_by_role("heading", name="Somebody else changed this")).to_be_visible()
        await check(grace)
        await grace.get_by_role("button", name="Load it again").click()
        await expect(grace.get_by_text("With Dev Invented")).to_be_visible()
        await expect(grace.get_by_label("Write to the person")).to_have_value(typed)
        await grace.get_by_role("button", name="Send").click()
        await told(grace, "Your message is sealed and kept for the person.")
    assert await said_to_the_person(desk, 2) == [typed]


@pytest.mark.parametrize("width", WIDTHS)
async def test_somebody_makes_keys_is_given_access_and_changes_them(enter: Enter, desk: Desk, width: int) -> None:
    name = f"Newcomer {width}"
    await desk.handler(name, keys=False)
    address = f"{desk.stack.console}/cases/{desk.cases[0]}"
    async with enter(name, width=width) as page:
        await page.goto(f"{desk.stack.console}/keys")
        await settled(page)
        await check(page)
        await page.get_by_label("Passphrase", exact=True).fill("too short")
        await page.get_by_role("button", name="Make my keys").click()
        await expect(page.get_by_text("Use at least 15 characters")).to_be_visible()
        await typed_twice(page, PASSPHRASE)
        await page.get_by_role("button", name="Make my keys").click()
        await expect(page.get_by_text("Your keys are made.")).to_be_visible(timeout=60_000)
        await check(page)
        await page.goto(address)
        await expect(page.get_by_role("heading", name="You cannot open this case")).to_be_visible()
        async with enter("Grace Invented") as grace:
            await grace.goto(address)
            await unlock(grace)
            await grace.get_by_role("button", name=f"Give access to {name}").click()
            await told(grace, f"{name} can open this case now.")
        await page.goto(address)
        await unlock(page)
        await expect(page.get_by_role("heading", name="What they wrote")).to_be_visible()
        await page.goto(f"{desk.stack.console}/keys")
        await unlock(page)
        await page.get_by_role("button", name="Renew your keys").click()
        await typed_twice(page, PASSPHRASE)
        await page.get_by_role("button", name="Make new keys", exact=True).click()
        await expect(page.get_by_text("You have new keys.")).to_be_visible(timeout=60_000)
        await page.get_by_role("link", name="Queue").click()
        await expect(page.get_by_text("shouts at the new starters")).to_be_visible()


async def typed_twice(page: Page, passphrase: str) -> None:
    await page.get_by_label("Passphrase", exact=True).fill(passphrase)
    await page.get_by_label("The same passphrase again").fill(passphrase)


async def test_a_manager_finds_no_way_to_cases(enter: Enter, desk: Desk) -> None:
    await desk.handler("Max Invented", role="manager", keys=False)
    async with enter("Max Invented") as page:
        await page.goto(desk.stack.console)
        await settled(page)
        menu = page.get_by_role("navigation", name="Main")
        await expect(menu.get_by_role("link", name="Comments")).to_be_visible()
        await expect(menu.get_by_role("link", name="Cases")).to_have_count(0)
        await page.goto(f"{desk.stack.console}/cases/{desk.cases[0]}")
        await expect(page.get_by_role("alert").first).to_be_visible()
        await expect(page.get_by_text(await desk.reference(0))).to_have_count(0)


async def emergency(trust: Trust) -> Desk:
    """A ward whose only guardian can no longer open the one case, and the two people of its escrow."""
    desk = await empty_desk(trust.stack, "Fir")
    for name, role in (
        ("Gina Invented", "guardian"),
        ("Abe Invented", "administrator"),
        ("Bea Invented", "administrator"),
    ):
        await desk.handler(name, role=role)
    async with desk.stack.owner() as db:
        sql = (
            "INSERT INTO escrow (org_id, first_pair_id, second_pair_id) SELECT $1, a.id, b.id"
            " FROM key_pair a, key_pair b WHERE a.account_id = $2 AND b.account_id = $3"
        )
        await db.execute(sql, desk.ward, desk.accounts["Abe Invented"], desk.accounts["Bea Invented"])
    case = await desk.speak_up(HOIST, "staff", "anonymous", 1)
    async with desk.stack.owner() as db:
        await db.execute("DELETE FROM case_lock WHERE case_id = $1", case)
    return desk


async def test_promise_37_two_people_together_open_a_case_that_its_handlers_cannot(enter: Enter, trust: Trust) -> None:
    fir = await emergency(trust)
    reference, page_of = await fir.reference(0), f"{fir.stack.console}/keys/emergency"
    async with enter("Abe Invented", at=fir) as first, enter("Bea Invented", at=fir, width=360) as second:
        await first.goto(page_of)
        await first.get_by_label("Reference of the case").fill(reference)
        await first.get_by_label("Why it must be opened").fill("The guardian has lost her keys.")
        await first.get_by_role("button", name="Ask the second person").click()
        await expect(first.get_by_role("heading", name=f"Case {reference} Waits for the second person")).to_be_visible()
        await expect(first.get_by_role("button", name="Agree")).to_have_count(0)
        await second.goto(page_of)
        await unlock(second)
        await second.get_by_role("button", name="Agree").click()
        await second.get_by_role("button", name="Yes, I agree").click()
        await expect(second.get_by_role("heading", name=f"Case {reference} Agreed")).to_be_visible()
        await expect(second.get_by_role("button", name="Open the case")).to_have_count(0)
        await check(second)
        await first.reload()
        await unlock(first)
        await first.get_by_role("button", name="Open the case").click()
        await expect(first.get_by_text(HOIST)).to_be_visible()
        await check(first)
        await first.get_by_role("button", name="Give them the key").click()
        await told(first, "They can open the case now.")
    async with enter("Gina Invented", at=fir) as guardian:
        await guardian.goto(f"{fir.stack.console}/cases/{fir.cases[0]}")
        await unlock(guardian)
        await expect(guardian.get_by_role("heading", name="What they wrote")).to_be_visible()
        await expect(guardian.get_by_text("Opening in an emergency, asked by Abe Invented")).to_be_visible()


async def test_an_administrator_names_the_two_people_and_does_without_them_again(enter: Enter, trust: Trust) -> None:
    ash = await empty_desk(trust.stack, "Ash")
    for name, role in (("Gil Invented", "guardian"), ("Ann Invented", "administrator")):
        await ash.handler(name, role=role)
    async with enter("Ann Invented", at=ash, width=360) as page:
        await page.goto(f"{ash.stack.console}/keys")
        await settled(page)
        couple = page.get_by_role("region", name="Two people for an emergency")
        await couple.get_by_role("button", name="Name these two").click()
        await expect(couple.get_by_text("Choose an organisation and two people.")).to_be_visible()
        await couple.get_by_label("Who asks").select_option(label="Gil Invented")
        await couple.get_by_label("Who agrees").select_option(label="Ann Invented")
        await couple.get_by_role("button", name="Name these two").click()
        await expect(couple.get_by_text("Gil Invented asks, Ann Invented agrees.")).to_be_visible()
        await check(page)
        await couple.get_by_role("button", name="Do without").click()
        await expect(couple.get_by_text("Nobody is named yet.")).to_be_visible()
    assert await ash.value("SELECT count(*) FROM escrow WHERE org_id = $1", ash.ward) == 0


AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
    "automaticPresenceSimulation": True,
}
MAKE_PASSKEY = """() => navigator.credentials.create({ publicKey: {
    rp: { name: "Earshot" }, user: { id: new Uint8Array(8), name: "grace", displayName: "Grace" },
    challenge: new Uint8Array(32), pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" }, extensions: { prf: {} },
} }).then(() => null)"""


async def test_a_passkey_opens_the_keys_without_the_passphrase(browser: Browser, desk: Desk) -> None:
    address = desk.stack.console.replace("127.0.0.1", "localhost")  # passkeys belong to names, never to numbers
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": desk.sessions["Dev Invented"], "url": address}])
    page = await context.new_page()
    device = await context.new_cdp_session(page)
    await device.send("WebAuthn.enable")
    await device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await page.goto(f"{address}/keys")
    await page.evaluate(MAKE_PASSKEY)
    await unlock(page)
    await page.get_by_role("button", name="Let a passkey open them too").click()
    await told(page, "That passkey opens your keys too.")
    await page.get_by_role("button", name="Lock now").click()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_text("Your keys are unlocked in this tab")).to_be_visible()
    await page.get_by_role("link", name="Queue").click()
    await expect(page.get_by_text("hoist on our ward")).to_be_visible()
    await context.close()
