"""The guardians' daily reminder: the same words every day at the same hour, whether or not anybody spoke up. Pure.

Mail is read by more people than it is written to. A message that came only when somebody had spoken up, or that was
longer or worded otherwise then, would tell a ward manager or whoever runs the mail server that it happened, and when.
"""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from earshot.core.mail_letter import Letter

AT = time(9, 0)
ZONE = ZoneInfo("Europe/London")
_SUBJECT = "Speaking up: please look into Earshot today"
_TEXT = """\
Please sign in to Earshot and open Cases. What people tell you stands
only there:
{console}/cases

You get this message every day at the same time, and it is always the
same, whether or not anything came. So nobody who sees your mail can
tell if somebody spoke up.

Stop these mails:
{console}{unsubscribe}
"""


def day_of(now: datetime) -> date | None:
    """The day whose reminder is due at a moment, or None before its hour."""
    local = now.astimezone(ZONE)
    return local.date() if local.time() >= AT else None


def key(account_id: UUID, day: date) -> str:
    """One reminder for each guardian and day."""
    return f"{day_prefix(day)}{account_id}"


def day_prefix(day: date) -> str:
    """What the keys of a day's reminders begin with."""
    return f"notice/{day.isoformat()}/"


def letter(account_id: UUID, address: str, day: date, *, console: str, unsubscribe: str) -> Letter:
    """The reminder of a day."""
    return Letter(
        key=key(account_id, day),
        to=address,
        account_id=account_id,
        kind="notice",
        subject=_SUBJECT,
        text=_TEXT.format(console=console, unsubscribe=unsubscribe),
        unsubscribe=f"{console}{unsubscribe}",
        padded=True,
    )
