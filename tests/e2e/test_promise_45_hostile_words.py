"""Promise 45: two hundred hostile texts in comments, names, titles and files run nowhere that they are shown.

The browser obeys the content policy with Trusted Types, as everybody's does, and tells of everything that it refused.
"""

from __future__ import annotations

import asyncio
import csv
import io
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import make
import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
import pytest_asyncio
import report_sample
from axe import settled
from earshot.core.db import Connection
from earshot.dashboards.model import Cell, Column, Row, Table
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from earshot.people.tokens import digest
from earshot.publishing.report_pdf import pdf
from payloads import PAYLOADS
from playwright.async_api import Browser, Page
from trust import Trust

pytestmark = pytest.mark.e2e
DAY = date.today() - timedelta(days=10)
FEW = PAYLOADS[::5]  # forty of them, where a row takes long to make or a page shows few
NAME = PAYLOADS[1] + PAYLOADS[168]  # the provider's: on nearly every page
#: What would be a programme, or lead to one, if it stood in a page as more than text.
LOOKS_ALIVE = """() => [...document.querySelectorAll('*')].filter((one) =>
  (one.tagName.toLowerCase() === 'script' && !/^\\/(assets|public)\\//.test(one.getAttribute('src') ?? ''))
  || ['object', 'embed', 'marquee', 'math', 'template'].includes(one.tagName.toLowerCase()) || one.matches('base[href]')
  || [...one.attributes].some(({ name, value }) => /^on/i.test(name) || name === 'srcdoc'
    || (/^(xlink:)?(href|src|action|formaction|data)$/i.test(name)
      && /^[\\s\\x00-\\x20]*(javascript|vbscript|data:text)/i.test(value))
    || (name === 'content' && /javascript/i.test(value)))
).map((one) => one.outerHTML.slice(0, 200))"""


@dataclass(frozen=True)
class Hostile:
    """Where the hostile texts are, and who reads them."""

    trust: Trust
    session: str
    feed: str
    provider: UUID
    comment: UUID
    signal: UUID
    action: UUID
    publication: UUID
    theme: str


@pytest_asyncio.fixture(scope="module")
async def hostile(trust: Trust) -> AsyncIterator[Hostile]:
    """A provider of its own beside the others, and somebody who may read all of it."""
    async with trust.stack.owner() as db, db.transaction():
        made = await furnish(db, trust)
    yield made


async def furnish(db: Connection, trust: Trust) -> Hostile:
    """Put every text everywhere."""
    provider = await make.org(db, code="XSS", name=NAME)
    reader = await make.account(db, email="reader@xss.example", name=PAYLOADS[5], roles={"administrator": provider})
    await db.execute("INSERT INTO role_grant VALUES ($1, 'quality_lead', $2)", reader, provider)
    wards = [
        await make.org(db, code=f"XSS{n}", name=text, level="team", parent=provider) for n, text in enumerate(PAYLOADS)
    ]
    comments = await said(db, trust, wards)
    await db.executemany(
        "INSERT INTO import_batch (org_id, file_name, mapping, state) VALUES ($1, $2, '{}', 'done')",
        [(provider, f"{text}.csv") for text in PAYLOADS],
    )
    await db.executemany(
        "INSERT INTO form_link (token, org_id, audience, label) VALUES ($1, $2, 'patient', $3)",
        [(secrets.token_hex(6), ward, text) for ward, text in zip(wards[:40], FEW, strict=True)],
    )
    watches = await make.subscription(db, account_id=reader, org_id=provider, cadence="weekly")
    channels = "UPDATE subscription SET themes = $2, channels = '{in_app,mail,atom}' WHERE id = $1"
    await db.execute(channels, watches, list(FEW))
    signals = [
        await make.signal(
            db, org_id=ward, theme=text, since=DAY, until=date.today(), comment_ids=(comment,), measure="theme"
        )
        for ward, comment, text in zip(wards, comments, FEW, strict=False)
    ]
    for signal in signals:
        await make.alert(db, account_id=reader, signal_id=signal, subscription_id=watches)
    actions = [await make.improvement(db, org_id=provider, title=text, themes=(text,)) for text in FEW]
    words = "UPDATE improvement_action SET what_we_heard = title, what_we_did = title, risk_reference = title"
    await db.execute(words + " WHERE org_id = $1", provider)
    items = [await make.publication(db, org_id=wards[0], title=text[:120], did=text) for text in PAYLOADS]
    shown = "UPDATE publication_version SET heard = did, correction = left(did, 300), theme = did, verdict_words = did"
    await db.execute("SET LOCAL session_replication_role = replica")  # what is published cannot be rewritten otherwise
    await db.execute(shown + " WHERE org_id = $1", wards[0])
    await db.execute("SET LOCAL session_replication_role = origin")
    await db.executemany(
        "INSERT INTO feed_key (key_hash, begins, name, org_id, streams, may, period, made_by, expires_on)"
        " VALUES ($1, 'x', $2, $3, '{patient}', '{counts}', 'week', $4, current_date + 9)",
        [(secrets.token_bytes(32), text, provider, reader) for text in FEW],
    )
    token = secrets.token_urlsafe(32)
    await db.execute("INSERT INTO feed_token (account_id, token_hash) VALUES ($1, $2)", reader, digest(token))
    session = await store.open_session(db, reader, how=How.PASSKEY, mfa=True)
    return Hostile(trust, session, token, provider, comments[0], signals[0], actions[0], items[0], PAYLOADS[0])


async def said(db: Connection, trust: Trust, wards: Sequence[UUID]) -> list[UUID]:
    """A comment in each ward, with a theme and a discovered theme that are called by the same text."""
    made = []
    for ward, text in zip(wards, PAYLOADS, strict=True):
        comment = await make.comment(db, settings=trust.stack.settings, org_id=ward, text=text, said_on=DAY)
        cluster = await make.analysed(db, comment_id=comment, theme=text)
        named = "UPDATE cluster SET name = $2, words = $3, last_seen_on = current_date WHERE id = $1"
        await db.execute(named, cluster, text, [text])
        made.append(comment)
    counted = "INSERT INTO daily VALUES ($1, $2, 'patient', 'theme', $3, 9)"
    await db.executemany(counted, [(ward, DAY, text) for ward, text in zip(wards, PAYLOADS, strict=True)])
    return made


class Watch:
    """A browser that reports whatever ran, was refused or looks alive."""

    def __init__(self, browser: Browser, hostile: Hostile) -> None:
        self.browser, self.hostile = browser, hostile
        self.wrong: list[str] = []

    async def open(self) -> Page:
        """A new page of somebody who is signed in."""
        context = await self.browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        cookie = {"name": COOKIE, "value": self.hostile.session, "url": self.hostile.trust.stack.console}
        await context.add_cookies([cookie])  # type: ignore[list-item]
        await context.expose_function("hit", lambda: self.wrong.append("a hostile text ran"))
        page = await context.new_page()
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._said(page, line.text))
        return page

    def _said(self, page: Page, line: str) -> None:
        if "Security Policy" in line or "Trusted" in line:
            self.wrong.append(f"{page.url}: {line[:300]}")

    async def look(self, page: Page) -> str:
        """What a page says, once it is held to have nothing alive in it."""
        alive = await page.evaluate(LOOKS_ALIVE)
        self.wrong += [f"{page.url}: {one}" for one in alive]
        return str(await page.evaluate("document.body.innerText"))


CONSOLE = [
    *("/", "/themes", "/themes/discovered", "/themes/{theme}", "/comments/{comment}", "/import", "/forms", "/people"),
    *("/signals?state=all", "/signals/{signal}", "/signals/map", "/alerts", "/subscriptions", "/watching", "/actions"),
    *("/actions/{action}", "/publish", "/publish/{publication}", "/publish/new?org={provider}", "/quality", "/reports"),
    *("/feeds", "/digest", "/audit", "/measures", "/review"),
]
#: Where nothing of it may stand today: counts of so few are not told, or nobody has done anything yet.
SILENT = {"/audit", "/review"}


async def test_promise_45_no_hostile_text_runs_in_the_console(browser: Browser, hostile: Hostile) -> None:
    watch = Watch(browser, hostile)
    waiting, told = list(CONSOLE), {}
    places = {
        name: getattr(hostile, name) for name in ("comment", "signal", "action", "publication", "provider", "theme")
    }
    places["theme"] = "".join(f"%{byte:02x}" for byte in hostile.theme.encode())

    async def visit() -> None:
        page = await watch.open()
        while waiting:
            path = waiting.pop()
            await page.goto(hostile.trust.stack.console + path.format(**places))
            await settled(page)
            told[path] = await watch.look(page)
        await page.context.close()

    await asyncio.gather(*(visit() for _ in range(3)))
    assert watch.wrong == []
    assert [path for path, text in told.items() if "hit()" not in text and path not in SILENT] == []


async def test_promise_45_all_two_hundred_comments_are_read_as_they_were_written(
    browser: Browser, hostile: Hostile
) -> None:
    watch = Watch(browser, hostile)
    page = await watch.open()
    await page.goto(f"{hostile.trust.stack.console}/comments")
    more = page.get_by_role("button", name="Show more comments")
    for shown in range(50, 201, 25):
        await settled(page)
        await more.click()
        await page.wait_for_function("n => document.querySelectorAll('article').length >= n", arg=shown)
    text = await watch.look(page)
    await page.context.close()
    assert watch.wrong == []
    missing = [payload for payload in PAYLOADS if "".join(payload.split()) not in "".join(text.split())]
    assert missing == []


async def test_promise_45_no_hostile_text_runs_in_the_mail_or_on_the_public_pages(
    browser: Browser, hostile: Hostile
) -> None:
    watch, stack = Watch(browser, hostile), hostile.trust.stack
    page = await watch.open()
    await page.goto(f"{stack.public}/what-we-heard/XSS")
    text = "".join((await watch.look(page)).split())
    assert [payload for payload in PAYLOADS if "".join(payload[:120].split()) not in text] == []
    for path in ("/", "/what-we-heard", f"/f/{await token(hostile)}"):
        await page.goto(stack.public + path)
        assert "hit()" in await watch.look(page), path
    await page.goto(f"{stack.console}/api/publications/{hostile.publication}/preview")
    assert "hit()" in await watch.look(page)
    mail = await page.request.get(f"{stack.console}/api/digests/preview/mail")
    await page.goto("about:blank")
    await page.set_content(await mail.text())  # as a mail programme would, without our content policy
    assert "hit()" in await watch.look(page)
    await page.context.close()
    assert watch.wrong == []


async def token(hostile: Hostile) -> str:
    """The address of a form in a ward with a hostile name."""
    async with hostile.trust.stack.owner() as db:
        found: str = await db.fetchval(
            "SELECT token FROM form_link l JOIN org o ON o.id = l.org_id WHERE o.code = 'XSS0' LIMIT 1"
        )
        return found


async def test_promise_45_feeds_and_tables_hold_text_and_no_programme(browser: Browser, hostile: Hostile) -> None:
    watch, stack = Watch(browser, hostile), hostile.trust.stack
    page = await watch.open()
    atom = await page.request.get(f"{stack.console}/feeds/{hostile.feed}/atom.xml")
    entries = ElementTree.fromstring(await atom.body())
    tags = {one.tag.rpartition("}")[2] for one in entries.iter()}
    assert tags == {"feed", "id", "title", "updated", "author", "name", "entry", "summary", "link"}
    assert any("hit()" in (one.text or "") for one in entries.iter())
    for address in (f"{stack.public}/what-we-heard/XSS/open-data.csv", f"{stack.console}/api/comments/export.csv"):
        answer = await page.request.get(address)
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment")
        cells = [cell for row in csv.reader(io.StringIO((await answer.body()).decode("utf-8-sig"))) for cell in row]
        assert any("hit()" in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    await page.context.close()
    assert watch.wrong == []


def test_promise_45_a_report_s_pdf_shows_hostile_texts_and_runs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_sample, "HOSTILE", PAYLOADS)
    made = report_sample.edition(hostile=True)  # charts, figures and a map; tables show some twenty rows each
    tables = tuple(
        Table("t", PAYLOADS[at], PAYLOADS[at], (Column("t", PAYLOADS[at]),), tuple(map(row, PAYLOADS[at : at + 10])))
        for at in range(0, len(PAYLOADS), 10)
    )
    first, *others = made.content.pages
    pages = (replace(first, blocks=(*first.blocks, *tables)), *others)
    written = pdf(replace(made, content=replace(made.content, pages=pages)))
    with pikepdf.open(io.BytesIO(written)) as opened:
        found = [entry for one in opened.objects for entry in entries_of(one)]
        names = {name for name, _ in found}
        targets = [str(value) for name, value in found if name == "/URI"]
    assert names & {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/EmbeddedFiles", "/RichMedia"} == set()
    assert targets and [target for target in targets if not target.startswith("https://earshot.example/")] == []
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(written))
    assert "".join(text.split()).count("hit()") >= sum(payload.count("hit()") for payload in PAYLOADS)


def row(text: str) -> Row:
    """A line of a table."""
    return Row((Cell(text),))


def entries_of(one: Any) -> Iterator[tuple[str, Any]]:
    """Every name with its value in an object of a PDF and in what lies directly inside it."""
    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        for name, value in one.items():
            yield name, value
            if not getattr(value, "is_indirect", True):
                yield from entries_of(value)
    elif isinstance(one, pikepdf.Array):
        for value in one:
            if not getattr(value, "is_indirect", True):
                yield from entries_of(value)


async def test_promise_45_the_watch_sees_what_would_run(browser: Browser, hostile: Hostile) -> None:
    watch = Watch(browser, hostile)
    page = await watch.open()
    await page.goto(hostile.trust.stack.public)
    await page.evaluate("() => { try { document.body.innerHTML = '<img src=x onerror=hit()>' } catch {} }")
    await page.wait_for_timeout(200)
    assert any("Trusted" in one for one in watch.wrong), "what the policy refuses is reported"
    watch.wrong.clear()
    await page.goto("about:blank")  # where no policy holds
    await page.set_content("<img src=x onerror='hit()'><a href=' javascript:hit()'>x</a>")
    await page.wait_for_timeout(200)
    await watch.look(page)
    assert "a hostile text ran" in watch.wrong and sum("about:blank: <" in one for one in watch.wrong) == 2
    await page.context.close()
