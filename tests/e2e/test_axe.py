"""Every page at two widths, checked by axe for WCAG 2.2 AA and good practice: nothing to find."""

from __future__ import annotations

import time
from uuid import uuid4

import make
import pytest
from axe import check, settled
from earshot.people import invitation_store, people_store, store
from earshot.people.codes import code_at
from earshot.people.model import How, Role
from earshot.people.passwords import hash_password
from earshot.people.routes import COOKIE
from trust import Open, Trust

pytestmark = pytest.mark.e2e
PASSWORD = "kettle orbit mustard seven"
HASHED = hash_password(PASSWORD)
WIDTHS = [1280, 360]
PUBLIC = ["/", "/f/{token}", "/f/{token}?as=carer", "/f/{token}?as=staff", "/f/nobody-knows", "/thanks/patient"]
CONSOLE = [
    *("/", "/comments", "/comments?q=staff", "/comments?q=nobodywrotethis", "/comments/{comment}", "/themes"),
    *("/themes/discovered", "/themes/Staff%20manner%20%26%20personal%20attributes", "/measures", "/import", "/forms"),
    *("/signals", "/signals?state=all", "/signals?kind=silence&state=closed", "/signals/{signal}", "/signals/map"),
    *("/signals/map?only=true", "/signals/known", "/signals/rules"),
    *("/review", "/review?kind=safety", "/learning", "/learning/coding"),
    *("/returns", "/returns?exact=true", "/work", "/no-such-page", "/comments/00000000-0000-4000-8000-000000000000"),
]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PUBLIC)
async def test_public_pages(open_page: Open, trust: Trust, path: str, width: int) -> None:
    async with open_page(width=width) as page:
        await page.goto(trust.stack.public + path.format(token=trust.token))
        await settled(page)
        await check(page)


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_form_with_errors(open_page: Open, trust: Trust, width: int) -> None:
    async with open_page(width=width) as page:
        await page.goto(f"{trust.stack.public}/f/{trust.token}")
        await page.get_by_role("button", name="Send").click()
        await page.wait_for_selector(".nhsuk-error-summary")
        await check(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", CONSOLE)
async def test_console_pages(open_page: Open, trust: Trust, path: str, width: int) -> None:
    async with open_page(width=width, signed_in=True) as page:
        await page.goto(trust.stack.console + path.format(comment=trust.comment, signal=trust.signal))
        await settled(page)
        await check(page)


@pytest.mark.parametrize("width", WIDTHS)
async def test_signing_in_with_and_without_errors(open_page: Open, trust: Trust, width: int) -> None:
    async with open_page(width=width) as page:
        await page.goto(trust.stack.console)
        await settled(page)
        assert page.url.startswith(f"{trust.stack.console}/sign-in")
        await check(page)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_selector(".nhsuk-error-summary")
        await check(page)


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_step_of_signing_in_and_one_s_own_account(open_page: Open, trust: Trust, width: int) -> None:
    email = f"axe-{uuid4().hex}@invented.example"
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        roles = {"guardian": provider}
        account = await make.account(db, email=email, password_hash=HASHED, roles=roles)
        token = await invitation_store.invite(db, account, by=None)
    async with open_page(width=width) as page:
        await page.goto(f"{trust.stack.console}/welcome#{token}")
        await page.get_by_label("New password", exact=True).fill("too short")
        await page.get_by_role("button", name="Set the password").click()
        await settled(page)
        await check(page)
        await page.get_by_label("New password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Set the password").click()
        await page.get_by_role("button", name="Set up codes").wait_for()
        await check(page)
        await page.get_by_role("button", name="Set up codes").click()
        await page.get_by_text("I cannot scan it").click()
        await check(page)
        secret = (await page.locator(".ear-set-up__secret").inner_text()).encode()
        await page.get_by_label("Six-digit code").fill(code_at(secret, time.time()))
        await page.get_by_role("button", name="Use these codes").click()
        await page.get_by_role("heading", name="Keep your recovery codes").wait_for()
        await check(page)
        await page.goto(f"{trust.stack.console}/account")
        await page.get_by_role("button", name="Add a passkey or codes").click()
        await page.get_by_role("button", name="Change your password").click()
        await settled(page)
        await check(page)
        async with trust.stack.owner() as db:
            old = "UPDATE session SET proved_at = now() - interval '1 hour' WHERE account_id = $1"
            await db.execute(old, account)
        await page.get_by_role("button", name="Make ten new recovery codes").click()
        await page.get_by_role("heading", name="Show again who you are").wait_for()
        await check(page)
        await page.context.clear_cookies()
        await page.goto(f"{trust.stack.console}/sign-in")
        await page.get_by_label("E-mail address").fill(email)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_role("heading", name="One more step").wait_for()
        await check(page)


@pytest.mark.parametrize("width", WIDTHS)
async def test_people_and_changes_that_need_two_of_them(open_page: Open, trust: Trust, width: int) -> None:
    async with trust.stack.owner() as db:
        provider = await db.fetchval("SELECT id FROM org WHERE code = 'INV'")
        ada, abe, mo = [
            await make.account(db, email=f"{role}-{uuid4().hex}@invented.example", roles={role: provider})
            for role in ("administrator", "guardian", "manager")
        ]
        await people_store.ask(db, "give_role", mo, by=ada, role=Role.PALS, org_id=provider)
        await people_store.ask(db, "reset_factors", abe, by=mo)
        token = await store.open_session(db, ada, how=How.PASSKEY, mfa=True)
    async with open_page(width=width) as page:
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": trust.stack.console}])
        await page.goto(f"{trust.stack.console}/people")
        await settled(page)
        await page.get_by_role("button", name="Give a role").first.click()
        await page.get_by_role("button", name="Invite somebody").click()
        await page.get_by_role("button", name="Make the invitation").click()
        await check(page)
        await page.get_by_role("button", name="Close the account").first.click()
        await check(page)
