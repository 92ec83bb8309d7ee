"""Letters as bytes: nothing in them begins a header of its own, and padded ones tell nothing by their size."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from earshot.core.config import Settings, WrongSetting
from earshot.core.mail import FIRST_PAUSE, LONGEST_PAUSE, pause_after
from earshot.core.mail_bounce import read_bounce
from earshot.core.mail_letter import Letter, is_address
from earshot.core.mail_message import PADDED, as_bytes
from earshot.core.mail_server import MailServer, mail_server
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def letter(**changes: object) -> Letter:
    fields: dict[str, object] = {
        "key": "k", "to": "ada@trust.example", "account_id": None, "kind": "notice", "subject": "Hello", "text": "Hi",
    }  # fmt: skip
    return Letter(**{**fields, **changes})  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@how(max_examples=50)
@given(subject=TEXT, text=TEXT)
def test_no_subject_or_text_begins_a_header_of_its_own(subject: str, text: str) -> None:
    given = letter(subject=f"x\r\nBcc: other@trust.example\r\n\r\n{subject}", text=f"\r\nBcc: a@b.example\r\n{text}")
    message = read(as_bytes(given, sender="earshot@trust.example", at=AT))
    assert message["Bcc"] is None
    assert message["To"] == "ada@trust.example"
    assert set(message) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "ada@trust.example\r\nBcc: b@c.example", "ada@trust.example\r\nRCPT TO:<b@c.example>", "a b@trust.example",
        "a@b@trust.example", "<ada@trust.example>", "ada@trust.example,b@c.example", "ada", "@trust.example", "ada@",
        "ada@trust.example\n", "ada@trust\x00.example", "ädä@trust.example",
    ],
)  # fmt: skip
def test_what_could_end_a_header_or_a_command_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_an_address_is_an_address() -> None:
    assert is_address("ada.o'neill+ward-7@nhs-trust.example")


@how(max_examples=30)
@given(text=TEXT, html=st.none() | TEXT)
def test_promise_29_a_padded_letter_is_as_long_as_any_other(text: str, html: str | None) -> None:
    given = letter(text=text, html=html, padded=True)
    raw = as_bytes(given, sender="earshot@trust.example", at=AT)
    assert len(raw) == PADDED
    assert max(map(len, raw.split(b"\r\n"))) < 998
    body = read(raw).get_body(("plain",))
    assert body is not None and body.get_content().split() == text.split()


def test_the_message_id_follows_from_the_key_and_says_nothing_of_it() -> None:
    one = read(as_bytes(letter(key="digest/1"), sender="earshot@trust.example", at=AT))
    same = read(as_bytes(letter(key="digest/1", subject="Other"), sender="earshot@trust.example", at=AT))
    other = read(as_bytes(letter(key="digest/2"), sender="earshot@trust.example", at=AT))
    assert one["Message-ID"] == same["Message-ID"] != other["Message-ID"]
    assert "digest" not in one["Message-ID"]


def test_one_click_ends_such_mails() -> None:
    address = f"https://earshot.trust.example/unsubscribe/{'x' * 90}"
    raw = as_bytes(letter(unsubscribe=address), sender="earshot@trust.example", at=AT)
    assert f"List-Unsubscribe: <{address}>\r\n".encode() in raw, "whole, on one line"
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_pauses_grow_up_to_an_hour() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 40)]
    assert pauses[0] == FIRST_PAUSE and pauses[1] == 2 * FIRST_PAUSE and pauses[-1] == LONGEST_PAUSE
    assert pauses == sorted(pauses)


MARK = letter().mark
STATUS = """\
From: MAILER-DAEMON@mail.example
To: earshot@trust.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; ada@trust.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such person
--b
Content-Type: {kind}

Message-ID: <{mark}@trust.example>
Subject: Hello

--b--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back_is_known_by_its_message_id(kind: str) -> None:
    bounce = read_bounce(STATUS.format(action="failed", status="5.1.1", kind=kind, mark=MARK).encode())
    assert bounce is not None and bounce.mark == MARK
    assert bounce.why == "The address is not known there (5.1.1)."


@pytest.mark.parametrize(
    "raw",
    [
        STATUS.format(action="delayed", status="4.4.7", kind="message/rfc822", mark=MARK),
        STATUS.format(action="failed", status="5.1.1", kind="message/rfc822", mark="someone-else"),
        STATUS.format(action="failed", status="5.1.1", kind="application/octet-stream", mark=MARK),
        f"From: ada@trust.example\nIn-Reply-To: <{MARK}@trust.example>\n\nI am away.",
        "",
    ],
)
def test_a_delay_an_answer_and_nonsense_are_no_mails_that_came_back(raw: str) -> None:
    assert read_bounce(raw.encode()) is None


@given(raw=st.binary(max_size=400))
def test_whatever_is_read_for_a_mail_that_came_back_is_only_read(raw: bytes) -> None:
    assert read_bounce(raw) is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 25)),
        ("smtps://mail.example", MailServer("mail.example", 465, use_tls=True)),
        ("starttls://mail.example:2525", MailServer("mail.example", 2525, start_tls=True)),
    ],
)
def test_the_address_of_a_mail_server_says_how_to_speak_to_it(url: str, server: MailServer) -> None:
    assert mail_server(Settings(smtp_url=url)) == server


def test_without_a_mail_server_there_is_none() -> None:
    assert mail_server(Settings()) is None


def test_a_password_travels_only_sealed() -> None:
    with pytest.raises(WrongSetting, match="smtps"):
        mail_server(Settings(smtp_url="smtp://name@mail.example"))
    with pytest.raises(WrongSetting, match="PASSWORD_FILE"):
        mail_server(Settings(smtp_url="smtps://name@mail.example"))
