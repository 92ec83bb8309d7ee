"""axe-core in the browser: WCAG 2.2 AA and good practice."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

AXE = Path(__file__).parents[1] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def settled(page: Page) -> None:
    """Wait until the page has its heading and has fetched what it shows, on a slow computer too."""
    await page.wait_for_selector("h1")
    await page.wait_for_load_state("networkidle")
    await page.wait_for_selector(".ear-loading", state="detached")


async def check(page: Page) -> None:
    """Run axe, injected past the content policy as a debugger would, and look for a sideways scroll bar."""
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    await session.detach()
    wrong = [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert wrong == [], "\n".join(wrong)
    assert len(found["passes"]) > 10
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
