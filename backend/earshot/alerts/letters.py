"""The mail that tells of one alert: no words of anybody, no number of few people, and a link to the evidence. Pure."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from earshot.alerts import wording
from earshot.alerts.model import Told, Why
from earshot.core.mail_letter import Letter
from earshot.people.model import Actor

_UK = ZoneInfo("Europe/London")


def letter(
    told: Told, to: Actor, why: Why, *, alert_id: UUID, turn: int, console: str, unsubscribe: str | None
) -> Letter:
    """The mail about an alert; posted once for each turn. Subjects tell no place: they are read over shoulders."""
    return Letter(
        key=f"alert/{alert_id}/{turn}",
        to=to.email,
        account_id=to.account_id,
        kind="alert",
        subject=_subject(told),
        text="\n".join(_lines(told, why, console, unsubscribe)),
        unsubscribe=unsubscribe,
    )


def _subject(told: Told) -> str:
    if told.urgent:
        return "Urgent: a comment may tell of immediate risk"
    return "Earshot: good news" if told.meaning == "improvement" else "Earshot: something new"


def _lines(told: Told, why: Why, console: str, unsubscribe: str | None) -> list[str]:
    lines = [wording.told(told), "", "Open it, with what speaks for it:", f"{console}/signals/{told.id}", ""]
    if told.urgent:
        lines += [_until(told), "Read the comment first. If somebody is in danger now, call 999.", ""]
    lines += [wording.why(why), "Change what you are told:", f"{console}/subscriptions", ""]
    if unsubscribe is not None:
        lines += ["Stop these mails:", unsubscribe, ""]
    return lines


def _until(told: Told) -> str:
    if told.due_at is None:
        return "Please acknowledge it on that page, so that others know that somebody looks after it."
    local = told.due_at.astimezone(_UK)
    until = f"{wording.moment(local)} ({local:%Z})"
    return f"Please acknowledge it on that page before {until}. If nobody does, others are told."
