"""Keys of other programmes for the console: which there are, a new one (shown once), and taking one back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from earshot.core import audit
from earshot.core.errors import FieldError, Invalid
from earshot.core.work import enqueue
from earshot.measures.periods import Period
from earshot.people.model import Actor, Stream
from earshot.people.routes import allowed, database
from earshot.publishing import key_store as store
from earshot.publishing.feed_stages import STATISTICS
from earshot.publishing.key import LONGEST, FeedKey, May, fresh_key

router = APIRouter(prefix="/api/feeds/keys", tags=["feeds"])
MayFeeds = Annotated[Actor, Depends(allowed("feeds"))]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class KeyIn(BaseModel):
    """A new key: for which programme, over which place and streams, what it may do, and until which day (a year)."""

    model_config = ConfigDict(extra="forbid")
    name: Name = Field(description="The programme that will use it.")
    org_id: UUID = Field(description="The key opens this organisation and all below it.")
    streams: list[Stream] = Field(min_length=1, max_length=3)
    may: list[May] = Field(min_length=1, max_length=2, description="counts: read counts. send: send answers as FHIR.")
    period: Period = Field("month", description="A key gives counts by week or by month, never both.")
    expires_on: date = Field(description="The last day on which it opens anything.")


class KeyOut(BaseModel):
    """A key; the secret itself is not kept."""

    id: UUID
    begins: str
    name: str
    org_id: UUID
    org_name: str
    streams: list[str]
    may: list[May]
    period: Period
    made_by: str
    made_on: date
    expires_on: date
    revoked_on: date | None
    last_used_on: date | None
    state: Literal["live", "expired", "revoked"]


class NewKeyOut(KeyOut):
    """A key that was just made, with its secret: this is the only time that it is shown."""

    secret: str


@router.get("")
async def every_key(request: Request, actor: MayFeeds) -> list[KeyOut]:
    """The keys to places where one may give them, those that still open something first."""
    async with database(request).transaction(actor.scope) as connection:
        return [_out(key) for key in await store.keys(connection, actor.places("feeds"))]


@router.post("", status_code=201)
async def add(request: Request, actor: MayFeeds, given: KeyIn) -> NewKeyOut:
    """Make a key and show its secret, this once."""
    _check(actor, given)
    fresh = fresh_key()
    async with database(request).transaction(actor.scope) as connection:
        org_id = await store.within(connection, given.org_id, actor.places("feeds"))
        made = await store.add(
            connection, fresh, name=given.name, org_id=org_id, streams=sorted(set(given.streams)),
            may=sorted(set(given.may)), period=given.period, made_by=actor.account_id, expires_on=given.expires_on,
        )  # fmt: skip
        await audit.record(connection, action="feed.key_made", by=actor.account_id, subject=made, org_id=org_id)
        await enqueue(connection, STATISTICS.name, {}, key=STATISTICS.name)  # so that the first request finds counts
        key = await store.key(connection, actor.places("feeds"), made)
    return NewKeyOut(**_out(key).model_dump(), secret=fresh.secret)


@router.delete("/{key_id}", status_code=204)
async def revoke(request: Request, actor: MayFeeds, key_id: UUID) -> Response:
    """Let a key open nothing from now on; it stays listed."""
    async with database(request).transaction(actor.scope) as connection:
        key = await store.key(connection, actor.places("feeds"), key_id)
        await store.revoke(connection, key.id)
        await audit.record(
            connection, action="feed.key_revoked", by=actor.account_id, subject=key.id, org_id=key.org_id
        )
    return Response(status_code=204)


def _check(actor: Actor, given: KeyIn) -> None:
    wrong = []
    if not date.today() <= given.expires_on <= date.today() + LONGEST:
        wrong.append(FieldError("expires_on", "Choose a day from today to a year from now"))
    if not set(given.streams) <= set(actor.streams):
        wrong.append(FieldError("streams", "Choose only people whose counts you may see yourself"))
    if wrong:
        raise Invalid(fields=wrong)


def _out(key: FeedKey) -> KeyOut:
    return KeyOut.model_validate({**vars(key), "state": key.state(date.today())})
