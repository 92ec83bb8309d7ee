"""The demonstration's mail box: a real SMTP server, and pages on which a mail can do nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import running
from earshot.core.config import Settings
from earshot.core.mail_letter import Letter
from earshot.core.mail_message import as_bytes
from earshot.core.mail_server import mail_server
from earshot.running import mailbox_store
from earshot.running.mailbox import mailbox
from earshot.running.mailbox_store import MailStore
from stack import free_ports

HTML = "<html><head></head><body><script>alert(1)</script><a href='/signals'>Falls rose</a></body></html>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, smtp_url=f"smtp://127.0.0.1:{free_ports(1)[0]}")


async def hand_over(settings: Settings, letter: Letter) -> str:
    async def yes() -> bool:
        return True

    server = mail_server(settings)
    assert server is not None
    message = as_bytes(letter, sender="earshot@localhost", at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    outcome = await server.deliver(message, sender="earshot@localhost", to=letter.to, about_to=yes)
    return outcome.state


async def test_a_mail_that_was_sent_is_shown_as_html_in_a_sealed_frame_and_as_text(settings: Settings) -> None:
    async with running(mailbox(settings), "http://mail.test") as client:
        browser = client()
        assert "No mail yet" in (await browser.get("/")).text
        letter = Letter(
            "one", "ada@trust.example", None, "digest", "<b>Weekly</b>", "Falls rose.\n.\nAbout 10", HTML,
            "javascript:alert(1)",
        )  # fmt: skip
        assert await hand_over(settings, letter) == "sent"
        page = await browser.get("/")
        assert "&lt;b&gt;Weekly&lt;/b&gt;" in page.text and "<b>Weekly" not in page.text
        assert "script-src" not in page.headers["content-security-policy"], "what is not named is not allowed"
        path = page.text.split('href="/mails/')[1].split('"')[0]
        mail = await browser.get(f"/mails/{path}")
        assert f'src="/mails/{path}/html"' in mail.text and 'sandbox="allow-popups' in mail.text
        assert "javascript:" not in mail.text
        frame = await browser.get(f"/mails/{path}/html")
        policy = frame.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
        text = await browser.get(f"/mails/{path}?as=text")
        assert "Falls rose.\n.\nAbout 10" in text.text, "a line with a dot alone does not end a mail"
        assert "List-Unsubscribe" in (await browser.get(f"/mails/{path}/source")).text
        for wrong in (f"/mails/{path[:-1]}0000", "/mails/..%2f..%2fetc%2fpasswd", "/mails/coming"):
            assert (await browser.get(wrong)).status_code == 404
        assert (await browser.post("/empty")).status_code == 303
        assert "No mail yet" in (await browser.get("/")).text


def test_the_newest_mails_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_store, "KEPT", 5)
    store = MailStore(tmp_path / "mailbox")
    for number in range(8):
        store.add(f"Subject: {number}\n\n".encode())
    assert [mail.subject for mail in store.mails()] == [str(number) for number in range(7, 2, -1)]
