"""Signing in, in a real browser: a passkey of Chromium's virtual authenticator, codes, an invitation, another site."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID, uuid4

import make
import pytest
from earshot.people import codes, store
from earshot.people.model import How
from earshot.people.passwords import hash_password
from earshot.people.routes import COOKIE
from playwright.async_api import Browser, Page, expect
from trust import Open, Trust

pytestmark = pytest.mark.e2e
PASSWORD, NEW_PASSWORD = "kettle orbit mustard seven", "quartz lantern bishop eleven"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def somebody(trust: Trust, role: str) -> tuple[str, UUID]:
    """A new account with a role over the whole trust; returns its address and id."""
    email = f"{role}.{uuid4().hex[:8]}@invented.example"
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        roles = {role: provider}
        return email, await make.account(db, email=email, password_hash=hash_password(PASSWORD), roles=roles)


async def type_password(page: Page, trust: Trust, email: str, password: str = PASSWORD) -> None:
    await page.goto(f"{trust.stack.console}/sign-in?next=/account")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def keep_codes(page: Page) -> list[str]:
    """Read the recovery codes, say that they are kept, and go on."""
    await expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_focused()
    shown = await page.locator(".ear-recovery__codes code").all_inner_texts()
    await page.get_by_text("I have kept these codes").click()
    await page.get_by_role("button", name="Go on").click()
    return shown


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")


@asynccontextmanager
async def authenticator(page: Page) -> AsyncIterator[None]:
    """A phone with a fingerprint sensor, as far as the browser can tell."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield
    await session.detach()


async def test_promise_38_a_guardian_makes_a_passkey_and_signs_in_with_it_alone(open_page: Open, trust: Trust) -> None:
    email, _ = await somebody(trust, "guardian")
    async with open_page() as page, authenticator(page):
        await type_password(page, trust, email)
        await expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
        await page.get_by_label("What do you call this device?").fill("Test phone")
        await page.get_by_role("button", name="Make a passkey").click()
        assert len(await keep_codes(page)) == 10
        await expect(page.get_by_text("Test phone", exact=True)).to_be_visible()
        await sign_out(page)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or "") if _is_passkey(request.url) else None)
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(page.get_by_role("link", name="Ada Invented, your account")).to_be_visible()
        cookies = await page.context.cookies()
        await page.context.clear_cookies()
        headers = {"content-type": "application/json"}
        replayed = await page.request.post(f"{trust.stack.console}/api/session/passkey", data=sent[0], headers=headers)
        assert (replayed.status, (await replayed.json())["title"]) == (422, "PasskeyRefused")
        assert [cookie["name"] for cookie in cookies] == [COOKIE], "nothing else is kept in the browser"


def _is_passkey(url: str) -> bool:
    return url.endswith("/api/session/passkey")


async def test_promise_38_an_administrator_uses_codes_each_of_them_once(open_page: Open, trust: Trust) -> None:
    email, _ = await somebody(trust, "administrator")
    async with open_page() as page:
        await type_password(page, trust, email)
        await page.get_by_role("button", name="Set up codes").click()
        await expect(page.get_by_alt_text("QR code for your authenticator app")).to_be_visible()
        await page.get_by_text("I cannot scan it").click()
        secret = (await page.locator(".ear-set-up__secret").inner_text()).encode()
        await page.get_by_label("Six-digit code").fill("000000")
        await page.get_by_role("button", name="Use these codes").click()
        await expect(page.get_by_text("This code is not right")).to_be_visible()
        spent = codes.code_at(secret, time.time())
        await page.get_by_label("Six-digit code").fill(spent)
        await page.get_by_role("button", name="Use these codes").click()
        [recovery, *_] = await keep_codes(page)
        await page.wait_for_url("**/account")
        await sign_out(page)
        await type_password(page, trust, email)
        await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        await page.get_by_label("Six-digit code").fill(spent)
        await page.get_by_role("button", name="Go on").click()
        await expect(page.get_by_text("This code is not right, or it was used before")).to_be_visible()
        await page.get_by_role("button", name="use a recovery code").click()
        await page.get_by_label("Recovery code").fill(recovery.lower())
        await page.get_by_role("button", name="Go on").click()
        await expect(page.get_by_text("9 recovery codes left")).to_be_visible()


async def test_an_administrator_invites_a_guardian_whose_role_a_second_person_gives(
    open_page: Open, trust: Trust
) -> None:
    sessions = []
    async with trust.stack.owner() as db:
        for _ in range(2):
            _email, account = await somebody(trust, "administrator")
            sessions.append(await store.open_session(db, account, how=How.PASSKEY, mfa=True))
    name = f"Nia {uuid4().hex[:6]}"
    async with open_page() as page:
        await page.context.add_cookies([{"name": COOKIE, "value": sessions[0], "url": trust.stack.console}])
        await page.goto(f"{trust.stack.console}/people")
        await page.get_by_role("button", name="Invite somebody").click()
        await page.get_by_label("Name", exact=True).fill(name)
        await page.get_by_label("E-mail address").fill(f"{uuid4().hex[:8]}@invented.example")
        await page.get_by_label("Role").select_option("guardian")
        await page.get_by_role("combobox", name="For which place").fill("Invented Trust")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Make the invitation").click()
        await expect(page.get_by_role("heading", name=f"A link for {name}")).to_be_focused()
        link = await page.locator(".ear-invitation__link").inner_text()
        await expect(page.get_by_text(f"{name} is to be Freedom to Speak Up guardian").first).to_be_visible()
    async with open_page() as page:
        await page.context.add_cookies([{"name": COOKIE, "value": sessions[1], "url": trust.stack.console}])
        await page.goto(f"{trust.stack.console}/people")
        await page.get_by_role("button", name="Agree").filter(has_text=name).click()
        await expect(page.get_by_text("Agreed, and done.")).to_be_visible()
    async with open_page() as page:
        await page.goto(link)
        await expect(page.get_by_text(f"Hello {name}")).to_be_visible()
        assert "#" not in page.url, "the token does not stay in the address"
        await page.get_by_label("New password", exact=True).fill("passwordpassword")
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_text("easy to guess")).to_be_visible()
        await page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()


async def test_promise_39_a_password_may_be_pasted_and_changed_and_ends_other_sessions(
    open_page: Open, trust: Trust
) -> None:
    email, account = await somebody(trust, "manager")
    async with trust.stack.owner() as db:
        other = await store.open_session(db, account, how=How.PASSWORD, mfa=False)
    async with open_page() as page:
        await type_password(page, trust, email)
        await page.get_by_role("button", name="Change your password").click()
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.evaluate("words => navigator.clipboard.writeText(words)", NEW_PASSWORD)
        await page.get_by_label("Present password").fill(PASSWORD)
        await page.get_by_label("New password", exact=True).focus()
        await page.keyboard.press("Control+V")
        await expect(page.get_by_label("New password", exact=True)).to_have_value(NEW_PASSWORD)
        await page.get_by_role("button", name="Change the password").click()
        await expect(page.get_by_text("every other session has ended")).to_be_visible()
    async with trust.stack.owner() as db:
        assert await store.use_session(db, other) is None


@contextmanager
def elsewhere(target: str) -> Iterator[str]:
    """Another site, whose page posts to an address of the console."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'<form method="post" action="{target}"><button>Win</button></form>'.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


async def test_promise_42_another_site_in_the_same_browser_can_do_nothing(browser: Browser, trust: Trust) -> None:
    """`localhost` is one site, whatever the port: the session's cookie is sent along, and the origin decides."""
    _email, account = await somebody(trust, "manager")
    async with trust.stack.owner() as db:
        token = await store.open_session(db, account, how=How.PASSWORD, mfa=False)
    begun = "SELECT EXISTS (SELECT FROM totp WHERE account_id = $1)"
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": token, "url": trust.stack.console}])
    page = await context.new_page()
    post = "url => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include'}).then(() => true, () => false)"
    act = f"{trust.stack.console}/api/account/codes"
    with elsewhere(act) as site:
        await page.goto(site)
        await page.evaluate(post, act)
        async with page.expect_response(act) as answered:
            await page.get_by_role("button", name="Win").click()
        refused = await answered.value
        assert (refused.status, (await refused.json())["title"]) == (403, "CrossSite")
    async with trust.stack.owner() as db:
        assert not await db.fetchval(begun, account)
        await page.goto(trust.stack.console)
        assert await page.evaluate(post, act), "from our own page the same post is served"
        assert await db.fetchval(begun, account)
    await context.close()
