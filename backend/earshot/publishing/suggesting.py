"""First drafts for the public page, out of what Earshot knows: an improvement action, or a theme's counts.

They are only a beginning: a person puts them into plain words, and another person reads them.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.improvement import store as improvements
from earshot.measures.periods import end_of, start_of
from earshot.orgs import store as orgs
from earshot.publishing.answers import SuggestionOut
from earshot.publishing.model import LONGEST_TITLE, LONGEST_WORDS
from earshot.taxonomy.frameworks import of_theme

WEEKS = 12  # before and after a change
_WEEKS = timedelta(weeks=WEEKS)


async def from_action(connection: Connection, improvement_id: UUID) -> SuggestionOut:
    """What an improvement action says of itself, with the weeks before and after it; raises `NotFound`."""
    action = await improvements.action(connection, improvement_id)
    started = action.started_on
    last = last_whole_week(date.today())
    until = last if started is None else max(min(_week_ends(started + _WEEKS), last), _week_ends(started))
    return SuggestionOut(
        org_id=action.org_id,
        whose="staff" if set(action.streams) == {"staff"} else "patients",
        improvement_id=action.id,
        title=action.title[:LONGEST_TITLE],
        heard=action.what_we_heard[:LONGEST_WORDS],
        did=action.what_we_did[:LONGEST_WORDS],
        theme=action.themes[0] if action.themes else None,
        since=start_of((started or until) - _WEEKS, "week"),
        until=until,
        changed_on=started,
    )


async def from_theme(connection: Connection, org_id: UUID | None, theme: str | None) -> SuggestionOut:
    """The last twelve whole weeks of a theme in a place; raises `NotFound` where either is unknown."""
    if org_id is None:
        raise NotFound
    place = await orgs.org(connection, org_id)
    if theme is not None and theme not in of_theme(theme).names:
        raise NotFound
    until = last_whole_week(date.today())
    streams = of_theme(theme).streams if theme is not None else ("patient",)
    return SuggestionOut(
        org_id=place.id,
        whose="staff" if "staff" in streams else "patients",
        improvement_id=None,
        title=theme or "",
        heard="" if theme is None else f"You told us about {theme[0].lower()}{theme[1:]}.",
        did="",
        theme=theme,
        since=until + timedelta(days=1) - _WEEKS,
        until=until,
        changed_on=None,
    )


def last_whole_week(today: date) -> date:
    """The Sunday of the last week that is over."""
    return start_of(today, "week") - timedelta(days=1)


def _week_ends(day: date) -> date:
    return end_of(start_of(day, "week"), "week")
