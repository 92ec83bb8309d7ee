"""Every page at two widths, checked by axe for WCAG 2.2 AA and good practice: nothing to find."""

from __future__ import annotations

import pytest
from axe import check, settled
from trust import Open, Trust

pytestmark = pytest.mark.e2e
WIDTHS = [1280, 360]
PUBLIC = ["/", "/f/{token}", "/f/{token}?as=carer", "/f/{token}?as=staff", "/f/nobody-knows", "/thanks/patient"]
CONSOLE = [
    *("/", "/comments", "/comments?q=staff", "/comments?q=nobodywrotethis", "/comments/{comment}", "/themes"),
    *("/themes/discovered", "/themes/Staff%20manner%20%26%20personal%20attributes", "/measures", "/import", "/forms"),
    *("/signals", "/signals?state=all", "/signals?kind=silence&state=closed", "/signals/{signal}", "/signals/map"),
    *("/signals/map?only=true", "/signals/known", "/signals/rules"),
    *("/review", "/review?kind=safety", "/learning", "/learning/coding"),
    *("/work", "/no-such-page", "/comments/00000000-0000-4000-8000-000000000000"),
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
