"""A nurse speaks up from her phone, is answered, and answers back: in a real browser, with and without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from axe import check
from earshot.cases import sealing
from playwright.async_api import Page, Request, expect
from speaking import Handler, from_handler, handler
from trust import Open, Trust

pytestmark = pytest.mark.e2e
WIDTHS = [1280, 360]
BOTH = pytest.mark.parametrize("script", [False, True], ids=["without JavaScript", "with JavaScript"])
WORDS = "At 02:30 I was the only nurse on Ward Oak, and nobody answered the bells for Mrs Quillfeather."
RECEIPT = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")


@pytest_asyncio.fixture
async def guardian(trust: Trust) -> AsyncIterator[Handler]:
    """A guardian of the trust with a key, who leaves after the test."""
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        made = await handler(db, org_id=provider)
        yield made
        await db.execute("UPDATE key_pair SET retired_on = current_date WHERE id = $1", made.pair_id)


async def look(page: Page, name: str, *, script: bool = True) -> None:
    """Check the page (axe itself needs JavaScript), and keep a picture where somebody asked for pictures."""
    await page.mouse.move(0, 0)  # a link under the pointer looks different
    if script:
        await check(page)
    folder = os.environ.get("EARSHOT_TEST_PICTURES", "")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def fill(page: Page, trust: Trust, *, words: str = WORDS) -> None:
    await page.goto(f"{trust.stack.public}/s/{trust.token}?as=staff")
    await page.get_by_label("Anonymously").check()
    await page.get_by_label("What happened?").fill(words)


async def file(page: Page, trust: Trust, *, words: str = WORDS) -> str:
    """Speak up, and return the receipt."""
    await fill(page, trust, words=words)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("We have your report")
    found = RECEIPT.search(await page.locator(".ear-receipt").inner_text())
    assert found is not None
    return found[0]


async def open_receipt(page: Page, trust: Trust, receipt: str) -> None:
    await page.goto(f"{trust.stack.public}/receipt")
    await page.get_by_label("Your receipt code").fill(receipt.lower().replace("-", " "))
    await page.get_by_role("button", name="Open").click()


async def case_of(trust: Trust, receipt: str) -> tuple[UUID, str]:
    """The case of a receipt, and who sealed it."""
    hashed = sealing.receipt_hash(sealing.lookup(sealing.normalise(receipt)))
    async with trust.stack.owner() as db:
        row = await db.fetchrow("SELECT id, sealed_by FROM case_file WHERE receipt_hash = $1", hashed)
        return row["id"], row["sealed_by"]


@BOTH
async def test_promise_19_a_nurse_speaks_up_is_answered_and_answers_back(
    open_page: Open, trust: Trust, guardian: Handler, script: bool
) -> None:
    way = "script" if script else "plain"
    async with open_page(script=script, width=360) as page:
        receipt = await file(page, trust)
        await look(page, f"filed-{way}", script=script)
        assert await page.context.cookies() == []
    case_id, sealed_by = await case_of(trust, receipt)
    assert sealed_by == ("browser" if script else "server")
    async with trust.stack.owner() as db:
        keys = await guardian.opens(db, case_id)
        report = await db.fetchval("SELECT sealed FROM case_text WHERE case_id = $1 AND kind = 'report'", case_id)
        assert keys.open("report", report)["text"] == WORDS
        await from_handler(db, case_id, guardian, "Thank you. Was a doctor called?")
        await db.execute("UPDATE case_file SET thanked_on = current_date - 31, state = 'open' WHERE id = $1", case_id)
    async with open_page(script=script, width=360) as page:
        await open_receipt(page, trust, receipt)
        await expect(page.get_by_text("Was a doctor called?")).to_be_visible()
        await expect(page.get_by_text(WORDS)).to_be_visible()
        await look(page, f"case-{way}", script=script)
        await page.get_by_label("Write a message").fill("Nobody was called before four.")
        await page.get_by_role("button", name="Send the message").click()
        await expect(page.get_by_text("Your message was sent.")).to_be_visible()
        await expect(page.locator(".ear-said").last).to_contain_text("Nobody was called before four.")
        await expect(page.get_by_text("Have you been treated worse")).to_be_visible()
        await page.get_by_label("Yes").check()
        await page.get_by_role("button", name="Answer").click()
        await expect(page.get_by_text("It is wrong to treat anyone worse").first).to_be_visible()
        await expect(page.get_by_text("Have you been treated worse")).to_be_hidden()
        await look(page, f"answered-{way}", script=script)
    async with trust.stack.owner() as db:
        row = await db.fetchrow("SELECT sealed FROM case_text WHERE case_id = $1 AND kind = 'from_person'", case_id)
        answer = await db.fetchval("SELECT answer FROM case_feedback WHERE case_id = $1", case_id)
    assert keys.open("from_person", row["sealed"]) == {"text": "Nobody was called before four."}
    assert answer == "yes"


@pytest.mark.parametrize("sealing_script", [False, True], ids=["sealed by the server", "sealed by the browser"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_of_speaking_up_is_accessible(
    open_page: Open, trust: Trust, guardian: Handler, width: int, sealing_script: bool
) -> None:
    way = f"{'browser' if sealing_script else 'server'}-{width}"
    async with open_page(width=width) as page:
        if not sealing_script:
            await page.route("**/speak.js", lambda route: route.abort())
        for path, name in (
            ("/s", "places"),
            ("/s/nobody-knows", "unknown"),
            (f"/s/{trust.token}?as=staff", "form-staff"),
            (f"/s/{trust.token}?as=patient", "form-patient"),
            ("/receipt", "receipt"),
        ):
            await page.goto(trust.stack.public + path)
            await look(page, f"{name}-{way}")
        await page.goto(f"{trust.stack.public}/s/{trust.token}?as=staff")
        await page.get_by_role("button", name="Send").click()
        await page.wait_for_selector(".nhsuk-error-summary")
        assert await page.locator(".nhsuk-error-summary li").count() == 2
        await look(page, f"errors-{way}")
        await page.get_by_label("Anonymously").check()
        await page.get_by_label("What happened?").fill(WORDS)
        await page.get_by_label("Grace Invented").check()
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Care Quality Commission")).to_be_visible()
        await look(page, f"nobody-left-{way}")
        await open_receipt(page, trust, "no receipt at all")
        await page.wait_for_selector(".nhsuk-error-summary")
        await look(page, f"no-receipt-{way}")
        await open_receipt(page, trust, sealing.new_receipt())
        await expect(page.get_by_text("This code opens nothing")).to_be_visible()
        await look(page, f"nothing-{way}")
        receipt = await file(page, trust)
        await look(page, f"filed-{way}")
        await open_receipt(page, trust, receipt)
        await expect(page.get_by_role("heading", level=1)).to_have_text("We have your report")
        await page.get_by_role("button", name="Send the message").click()
        await page.wait_for_selector(".nhsuk-error-summary")
        await look(page, f"case-{way}")


@dataclass
class Watched:
    """Everything that a browser asked for, with what it sent."""

    requests: list[Request]

    def sent(self) -> str:
        """Addresses, headers and bodies."""
        return "\n".join(
            f"{one.method} {one.url} {one.headers} {(one.post_data_buffer or b'').decode(errors='replace')}"
            for one in self.requests
        )


def watch(page: Page) -> Watched:
    watched = Watched([])
    page.on("request", lambda request: watched.requests.append(request))
    return watched


@BOTH
async def test_promise_17_a_receipt_is_in_no_address_no_referrer_no_history_and_no_title(
    open_page: Open, trust: Trust, guardian: Handler, script: bool
) -> None:
    async with open_page(script=script) as page:
        watched, titles = watch(page), []
        receipt = await file(page, trust)
        titles.append(await page.title())
        await open_receipt(page, trust, receipt)
        await expect(page.get_by_role("heading", level=1)).to_have_text("We have your report")
        titles.append(await page.title())
        await page.get_by_role("button", name="Look for new messages").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("We have your report")
        session = await page.context.new_cdp_session(page)
        history = await session.send("Page.getNavigationHistory")
        forms = (receipt, receipt.replace("-", ""), receipt.lower(), receipt.lower().replace("-", " "))
        kept = f"{titles} {history} {[(one.url, one.headers.get('referer')) for one in watched.requests]}"
        assert [form for form in forms if form in kept] == []
        if script:
            assert [form for form in forms if form in watched.sent()] == [], (
                "with JavaScript it never leaves the device"
            )
            assert WORDS not in watched.sent()


@BOTH
async def test_promise_18_speaking_up_sets_no_cookie_and_keeps_nothing_on_the_device(
    open_page: Open, trust: Trust, guardian: Handler, script: bool
) -> None:
    async with open_page(script=script) as page:
        await open_receipt(page, trust, await file(page, trust))
        await expect(page.get_by_role("heading", level=1)).to_have_text("We have your report")
        state = await page.context.storage_state(indexed_db=True)
        assert state == {"cookies": [], "origins": []}
        if script:
            kept = "Promise.all([caches.keys(), indexedDB.databases(), navigator.serviceWorker.getRegistrations()])"
            assert await page.evaluate(kept) == [[], [], []]
            assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


async def test_promise_18_what_could_not_be_sent_waits_in_memory_as_ciphertext_and_is_filed_once(
    open_page: Open, trust: Trust, guardian: Handler
) -> None:
    async with trust.stack.owner() as db:
        before = await db.fetchval("SELECT count(*) FROM case_file")
    async with open_page(width=360) as page:
        bodies: list[bytes] = []

        async def lose(route: object) -> None:
            bodies.append(route.request.post_data_buffer)  # type: ignore[attr-defined]
            if len(bodies) == 1:
                await route.abort()  # type: ignore[attr-defined]
            elif len(bodies) == 2:
                await route.fetch()  # type: ignore[attr-defined]
                await route.abort()  # type: ignore[attr-defined]
            else:
                await route.continue_()  # type: ignore[attr-defined]

        await page.route("**/api/v1/cases", lose)
        await fill(page, trust)
        for _ in range(2):
            await page.locator("button:visible", has_text=re.compile("^(Send|Try again)$")).first.click()
            await expect(page.get_by_text("Your report was not sent")).to_be_visible()
            await expect(page.get_by_label("What happened?")).to_have_value(WORDS)
        await look(page, "offline")
        state = await page.context.storage_state(indexed_db=True)
        assert state == {"cookies": [], "origins": []}
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("We have your report")
    assert len(bodies) == 3
    assert len(set(bodies)) == 1, "the same ciphertext each time"
    assert b"Quillfeather" not in bodies[0]
    async with trust.stack.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM case_file") == before + 1


async def test_hints_are_shown_on_the_device_while_typing_and_never_stop_anybody(
    open_page: Open, trust: Trust, guardian: Handler
) -> None:
    async with open_page(width=360) as page:
        await fill(page, trust, words="")
        watched = watch(page)
        await page.get_by_label("What happened?").press_sequentially(WORDS)
        hints = page.locator(".ear-hints").first
        await expect(hints).to_contain_text("This may identify you")
        for words in ("02:30", "I was the only nurse", "Mrs Quillfeather"):
            await expect(hints).to_contain_text(words)
        assert await hints.get_attribute("aria-live") == "polite"
        assert watched.requests == [], "nothing that is typed leaves the device"
        await look(page, "hints")
        await page.get_by_label("Openly").check()
        await expect(hints).to_be_hidden()


async def test_the_page_looks_for_replies_by_itself(open_page: Open, trust: Trust, guardian: Handler) -> None:
    async with open_page() as page:
        await page.clock.install()
        receipt = await file(page, trust)
        await open_receipt(page, trust, receipt)
        await expect(page.get_by_role("heading", level=1)).to_have_text("We have your report")
        case_id, _ = await case_of(trust, receipt)
        async with trust.stack.owner() as db:
            await from_handler(db, case_id, guardian, "We looked into it.")
        await page.clock.fast_forward(61_000)
        await expect(page.get_by_text("We looked into it.")).to_be_visible()
        await expect(page.get_by_text("There is something new.")).to_be_visible()


async def test_the_code_can_be_copied_printed_and_the_proof_saved(
    open_page: Open, trust: Trust, guardian: Handler, tmp_path: Path
) -> None:
    async with open_page() as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        receipt = await file(page, trust)
        await page.get_by_role("button", name="Copy the code").click()
        await expect(page.get_by_text("The code is copied").first).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == receipt
        await page.evaluate("() => { globalThis.printed = 0; globalThis.print = () => (globalThis.printed += 1) }")
        await page.get_by_role("button", name="Print this page").click()
        assert await page.evaluate("globalThis.printed") == 1
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Save the proof of filing").click()
        saved = tmp_path / "proof.txt"
        await (await download.value).save_as(saved)
        case_id, _ = await case_of(trust, receipt)
        async with trust.stack.owner() as db:
            content_hash = await db.fetchval("SELECT content_hash FROM case_file WHERE id = $1", case_id)
        assert f"Case: {case_id.hex}\n" in saved.read_text(encoding="utf-8")
        assert f"Proof: {content_hash.hex()}\n" in saved.read_text(encoding="utf-8")
