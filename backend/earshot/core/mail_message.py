"""A letter as the bytes that an SMTP server takes (RFC 5322, MIME). Pure."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from earshot.core.mail_letter import Letter, on_one_line

PADDED = 16_384  # bytes: a padded message is a whole multiple of this long
_POLICY = SMTP.clone(cte_type="7bit")
_WHOLE_HEADERS = _POLICY.clone(max_line_length=900)  # an address that is broken over lines opens nothing


def message_id(mark: str, sender: str) -> str:
    """The same Message-ID for every try of a letter."""
    return f"<{mark}@{sender.rpartition('@')[2]}>"


def as_bytes(letter: Letter, *, sender: str, at: datetime) -> bytes:
    """The whole message with CRLF line ends, the same for the same letter and time; `sender` is an address."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address("Earshot", addr_spec=sender)
    message["To"] = letter.to
    message["Subject"] = on_one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(letter.mark, sender)
    message["Auto-Submitted"] = "auto-generated"  # no answering machine answers (RFC 3834)
    if letter.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{on_one_line(letter.unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    elif letter.padded:
        message.make_alternative()
    if message.is_multipart():
        message.set_boundary(f"earshot-{letter.mark}")
    return _padded(message) if letter.padded else message.as_bytes(policy=_WHOLE_HEADERS)


def _padded(message: EmailMessage) -> bytes:
    """Lines of dots before the first part, which readers of mail pass over, fill the message up."""
    message.preamble = "."
    lines, more = divmod(-len(message.as_bytes(policy=_WHOLE_HEADERS)) % PADDED, 64)
    message.preamble = "." * (1 + more) + ("\n" + "." * 62) * lines
    return message.as_bytes(policy=_WHOLE_HEADERS)
