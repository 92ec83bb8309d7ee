"""One conversation with a mail server, and what became of a message in it."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPReadTimeoutError, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings

from earshot.core.config import Settings, WrongSetting

COMMAND = 20.0  # seconds that a server may take to answer a command
END_OF_DATA = 120.0  # … and to say that it has taken a message: it may be looking for viruses (RFC 5321, 4.5.3.2.6)
_REFUSES_US = (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError)
_NEARBY = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Outcome:
    """What became of a try; `why` is in our own words with the server's number, and holds none of the server's text."""

    state: Literal["sent", "later", "refused", "maybe_sent", "left"]
    why: str | None = None


class _NoLongerOurs(Exception):
    """Another worker has this letter in hand."""


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed over; `use_tls` from the first byte on, `start_tls` after the greeting."""

    host: str
    port: int
    use_tls: bool = False
    start_tls: bool = False
    username: str | None = None
    password: str | None = None

    async def deliver(
        self, message: bytes, *, sender: str, to: str, about_to: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Hand one message over; `about_to` commits that its text goes out now, or says that another does it.

        Never raises for anything that a server or a network does. Only a connection that breaks after the text went
        out and before the server's answer leaves it open whether the message was taken.
        """
        smtp = SMTP(
            hostname=self.host, port=self.port, timeout=COMMAND, use_tls=self.use_tls, start_tls=self.start_tls,
            username=self.username, password=self.password, local_hostname=sender.rpartition("@")[2],
        )  # fmt: skip
        try:
            return await _converse(smtp, message, sender=sender, to=to, about_to=about_to)
        except _NoLongerOurs:
            return Outcome("left")
        except SMTPResponseException as error:
            return _answered(error)
        except aiosmtplib.SMTPTimeoutError:
            return Outcome("later", "The mail server did not answer in time.")
        except (SMTPException, OSError, ssl.SSLError):
            return Outcome("later", "The mail server could not be reached.")
        finally:
            smtp.close()


async def _converse(
    smtp: SMTP, message: bytes, *, sender: str, to: str, about_to: Callable[[], Awaitable[bool]]
) -> Outcome:
    await smtp.connect()
    await smtp.mail(sender)
    await smtp.rcpt(to)
    ready = await smtp.execute_command(b"DATA")
    if ready.code != 354:
        raise SMTPResponseException(ready.code, ready.message)
    if not await about_to():
        raise _NoLongerOurs
    assert smtp.protocol is not None
    try:
        smtp.protocol.write(PERIOD_REGEX.sub(b"..", normalize_message_line_endings(message)) + b".\r\n")
        taken = await smtp.protocol.read_response(END_OF_DATA)
    except (SMTPReadTimeoutError, SMTPServerDisconnected, OSError):
        return Outcome("maybe_sent", "The connection broke before the mail server said that it has the message.")
    if taken.code // 100 != 2:
        raise SMTPResponseException(taken.code, taken.message)
    return Outcome("sent")


def _answered(error: SMTPResponseException) -> Outcome:
    """A number of 400 and something asks for patience, of 500 and something refuses (RFC 5321, 4.2.1).

    A server that refuses Earshot itself, before it knows of any letter, has refused no letter.
    """
    number = _number(error)
    if isinstance(error, _REFUSES_US):
        return Outcome("later", f"The mail server does not let Earshot in ({number}).")
    if error.code // 100 == 5:
        return Outcome("refused", f"The mail server refused it ({number}).")
    return Outcome("later", f"The mail server asked to try again later ({number}).")


def _number(error: SMTPResponseException) -> str:
    """The server's number, with the more exact one of RFC 3463 where it gives one: "550 5.1.1"."""
    exact = error.message.split(maxsplit=1)[0] if error.message.split() else ""
    told = exact.count(".") == 2 and exact.replace(".", "").isdigit() and len(exact) < 12
    return f"{error.code} {exact}" if told else str(error.code)


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server of the settings, or None; raises `WrongSetting`."""
    if settings.smtp_url is None:
        return None
    parts = urlsplit(settings.smtp_url)
    host, safe = parts.hostname or "localhost", parts.scheme in ("smtps", "starttls")
    if parts.username is not None and not safe and host not in _NEARBY:
        raise WrongSetting("EARSHOT_SMTP_URL: a password travels only with smtps:// or starttls://.")
    return MailServer(
        host=host,
        port=parts.port or {"smtps": 465, "starttls": 587}.get(parts.scheme, 25),
        use_tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "starttls",
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.username is None else _password(settings),
    )


def _password(settings: Settings) -> str:
    if settings.smtp_password_file is None:
        raise WrongSetting("EARSHOT_SMTP_PASSWORD_FILE: say which file holds the password of the name in the address.")
    try:
        return settings.smtp_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WrongSetting("EARSHOT_SMTP_PASSWORD_FILE: this file cannot be read.") from None
