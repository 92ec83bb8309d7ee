"""A small trust with a year of comments, its servers running, and a real Chromium to look at it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any, TypeAlias
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.core.db import Connection
from earshot.core.work import enqueue
from earshot.people import store
from earshot.people.model import How
from earshot.people.passwords import hash_password
from earshot.people.routes import COOKIE
from playwright.async_api import Browser, Page, async_playwright
from stack import Stack, new_stack

CHROMIUM = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
EMAIL, PASSWORD = "lead@invented.example", "four unrelated words here"
STREAMS = ("patient", "carer", "staff")
EACH = 60  # comments of each stream


@dataclass
class Trust:
    """The servers, and where things are."""

    stack: Stack
    session: str = ""
    token: str = ""
    comment: UUID | None = None
    signal: UUID | None = None
    outside: list[str] = field(default_factory=list)  # requests of the browser that left the two doors

    def note(self, url: str) -> None:
        """Remember a request that went elsewhere."""
        if not url.startswith((self.stack.public, self.stack.console, "data:", "blob:")):
            self.outside.append(url)


Open: TypeAlias = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture(scope="session")
def trust() -> Iterator[Trust]:
    """A trust with two wards, its comments read by the worker, and all servers running."""
    with new_stack() as stack:
        made = Trust(stack)
        asyncio.run(furnish(made))
        for name in ("worker", "public", "console"):
            stack.start(name)
        asyncio.run(settle(made))
        yield made


async def furnish(trust: Trust) -> None:
    async with trust.stack.owner() as db:
        provider = await make.org(db, code="INV", name="Invented Trust")
        site = await make.org(db, code="INV01", name="Invented Hospital", level="site", parent=provider)
        wards = [
            await make.org(db, code=f"INV01-{n}", name=f"Ward {n}", level="team", parent=site) for n in ("Oak", "Elm")
        ]
        trust.token = await make.link(db, org_id=wards[0])
        for stream in STREAMS:
            for number, remark in enumerate(remarks(stream)):
                sent = await make.submission(
                    db,
                    settings=trust.stack.settings,
                    org_id=wards[number % 2],
                    text=remark["text"],
                    audience=stream,
                    fft=remark.get("fft"),
                    received_on=date.today() - timedelta(days=1 + number * 6),
                )
                await enqueue(db, "deidentify", {"submissions": [sent]})
        account = await make.account(
            db, email=EMAIL, password_hash=hash_password(PASSWORD), roles={"quality_lead": provider}
        )
        trust.session = await store.open_session(db, account, how=How.PASSKEY, mfa=True)


def remarks(stream: str) -> list[dict[str, Any]]:
    """Hand-written comments of the demonstration, those with more than a few words."""
    lines = (files("earshot.demonstration") / f"comments_{stream}.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [remark for remark in found if len(remark["text"]) > 60][:EACH]


async def settle(trust: Trust) -> None:
    """Wait for the worker, then let one discovered theme be there to look at."""
    await trust.stack.settled(180)
    async with trust.stack.owner() as db:
        trust.comment = await db.fetchval(
            "SELECT id FROM comment WHERE stream = 'patient' ORDER BY said_on DESC LIMIT 1"
        )
        assert trust.comment is not None
        cluster = (
            "INSERT INTO cluster SELECT gen_random_uuid(), p.id, 'patient', 1, 'kind night nurses', $2::jsonb,"
            " e.vector, ARRAY[$1::uuid], 1, current_date - 30, current_date FROM embedding e, org p"
            " WHERE e.comment_id = $1::uuid AND p.code = 'INV' RETURNING id"
        )
        made = await db.fetchval(cluster, trust.comment, ["kind", "night", "nurses"])
        belongs = "INSERT INTO comment_cluster SELECT id, $2, org_id, stream FROM comment WHERE id = $1"
        await db.execute(belongs, trust.comment, made)
        trust.signal = await stand_out(db, trust.comment)


async def stand_out(db: Connection, comment: UUID) -> UUID:
    """A signal of each meaning on the comment's ward, and another comment that waits too long; returns the concern."""
    ward = await db.fetchval("SELECT org_id FROM comment WHERE id = $1", comment)
    quiet = "SELECT id FROM comment c WHERE NOT EXISTS (SELECT FROM signal WHERE c.id = ANY (comment_ids)) LIMIT 1"
    unflagged = await db.fetchval(quiet)
    late = datetime.now(UTC) - timedelta(hours=1)
    since, until = date.today() - timedelta(days=20), date.today()
    for kind, meaning in (("praise", "improvement"), ("emerging", "neutral")):
        await make.signal(db, org_id=ward, kind=kind, meaning=meaning, since=since, until=until)
    await make.signal(
        db, org_id=ward, kind="one_comment", since=until, until=until, comment_ids=(unflagged,), due_at=late, theme=""
    )
    return await make.signal(db, org_id=ward, since=since, until=until, comment_ids=(comment,))


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's own Chromium."""
    program = shutil.which("chromium")
    assert program is not None, "these tests need Debian's chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield browser
        await browser.close()


@pytest.fixture
def open_page(browser: Browser, trust: Trust) -> Open:
    """`async with open_page(width=360, script=False, signed_in=True) as page`: a new browser with nothing remembered.

    What goes wrong in a page (an exception, a refused resource, a broken content policy) fails the test.
    """

    @asynccontextmanager
    async def opened(*, width: int = 1280, script: bool = True, signed_in: bool = False) -> AsyncIterator[Page]:
        context = await browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, reduced_motion="reduce"
        )
        if signed_in:
            await context.add_cookies([{"name": COOKIE, "value": trust.session, "url": trust.stack.console}])
        page, wrong = await context.new_page(), []
        page.on("request", lambda request: trust.note(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if "Security Policy" in line.text else None)
        yield page
        await context.close()
        assert wrong == []

    return opened
