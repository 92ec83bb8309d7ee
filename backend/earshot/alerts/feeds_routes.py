"""Somebody's calendar and Atom feed: whoever has the address reads them, so they hold nothing that tells of people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as FromPath

from earshot.alerts import feeds, feeds_store, store, wording
from earshot.alerts.feeds_store import Fed
from earshot.alerts.model import Subscription
from earshot.alerts.routes import reader
from earshot.alerts.routing import meets
from earshot.core.errors import NotFound
from earshot.people import store as people
from earshot.people.model import Actor
from earshot.people.routes import database, settings_of

router = APIRouter(prefix="/feeds", tags=["alerts"])
Token = Annotated[str, FromPath(pattern=r"^[A-Za-z0-9_-]{43}$", description="Whose feed: it is secret.")]
_OPEN = {"x-action": "open"}  # the token stands for its owner


@router.get(
    "/{token}/atom.xml",
    openapi_extra=_OPEN,
    response_class=Response,
    responses={200: {"content": {"application/atom+xml": {}}}},
)
async def atom(request: Request, token: Token) -> Response:
    """What the subscriptions with this channel met, newest first."""
    actor, found = await _of(request, token, "atom")
    entries = [
        feeds.Entry(each.alert_id, wording.headline(each), wording.numbers(each), each.made_at, f"/signals/{each.id}")
        for each in found
    ]
    console = settings_of(request).console_address
    text = feeds.atom(actor.account_id, entries, console=console, now=datetime.now(UTC))
    return Response(text, media_type="application/atom+xml")


@router.get(
    "/{token}/calendar.ics",
    openapi_extra=_OPEN,
    response_class=Response,
    responses={200: {"content": {"text/calendar": {}}}},
)
async def calendar(request: Request, token: Token) -> Response:
    """What is to be acknowledged, by when or since when, and when to look again at what is watched."""
    _, found = await _of(request, token, "calendar")
    events = [event for each in found for event in _events(each, datetime.now(UTC))]
    return Response(feeds.calendar(events, console=settings_of(request).console_address), media_type="text/calendar")


def _events(each: Fed, now: datetime) -> list[feeds.Event]:
    path, made = f"/signals/{each.id}", []
    if each.due_at is not None and not each.acted_on:
        what = "Overdue" if each.due_at < now else "Acknowledge by now"
        made.append(feeds.Event(f"due-{each.alert_id}", f"{what}: {wording.headline(each)}", each.due_at, now, path))
    if each.review_on is not None:
        title = f"Look again: {wording.headline(each)}"
        made.append(feeds.Event(f"review-{each.alert_id}", title, each.review_on, now, path))
    return made


async def _of(request: Request, token: str, channel: str) -> tuple[Actor, list[Fed]]:
    """Whose token it is, and their alerts that a subscription with this channel meets; raises `NotFound`."""
    async with database(request).transaction() as connection:
        owner = await feeds_store.owner(connection, token)
        if owner is None:
            raise NotFound
        account = await people.account(connection, owner)
        actor = Actor(owner, account.name, account.email, await people.grants(connection, owner))
    async with database(request).transaction(actor.scope) as connection:
        given = [each for each in await store.own(connection, owner) if _feeds(each, channel)]
        found = await feeds_store.fed(connection, owner, reader(actor).fewest)
    return actor, [each for each in found if _wanted(each, given)]


def _feeds(given: Subscription, channel: str) -> bool:
    return given.ended_on is None and channel in given.channels


def _wanted(each: Fed, given: Sequence[Subscription]) -> bool:
    return any(meets(one, each) for one in given)
