"""Speaking up for the browser's own script: what to seal to, and a report that it sealed. Nothing here can be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from earshot.cases import filing_store
from earshot.cases.ciphertexts import Base64, LockedKey, Public, SealedKey, SealedText
from earshot.cases.filing import Excluded, Recipients, SealedCase, SealedEscrow
from earshot.cases.filing_store import Filed
from earshot.cases.guessing import Turns
from earshot.cases.model import Way
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Database
from earshot.core.errors import FieldError, Invalid, NotFound, Unavailable
from earshot.core.web import problem_documented
from earshot.intake.doors import Doors
from earshot.intake.model import Audience, Door

MOST_SEALED = 45_056  # bytes of one text: more than this does not fit into the answer to a receipt
_ESCROWED = 32 + 48 + 48

Text = Annotated[SealedText, Field(description="Sealed and padded; at most 44 KiB.")]
Once = Annotated[str, Field(min_length=8, max_length=64, pattern="^[!-~]+$")]


class SpeakUpClosed(Unavailable):
    """Nobody here holds a key to read reports just now, so this is closed and nothing was kept."""


class RecipientOut(BaseModel):
    """Somebody who may read a report about this place."""

    account_id: UUID
    name: str
    role: str
    pair_id: UUID
    public: Public


class EscrowOut(BaseModel):
    """Two people who together may open a case that nobody else can."""

    first_pair_id: UUID
    first_public: Public
    second_pair_id: UUID
    second_public: Public


class DayKeyOut(BaseModel):
    """The public key of the day; its private half is destroyed soon after the day."""

    key_id: str
    public: Public


class SpeakUpOut(BaseModel):
    """What a report about this place is sealed to, now."""

    org_name: str
    today: date
    handlers: list[RecipientOut]
    escrow: EscrowOut | None
    day_key: DayKeyOut


class LockIn(BaseModel):
    """The case's private key, sealed to one handler."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    pair_id: UUID
    sealed: SealedKey


class EscrowIn(BaseModel):
    """The case's private key, sealed to two people one inside the other."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    first_pair_id: UUID
    second_pair_id: UUID
    sealed: Base64


class WrapIn(BaseModel):
    """The report once more, sealed to the key of the day."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    key_id: str = Field(max_length=40)
    sealed: Text


class CaseIn(BaseModel):
    """A report that the browser sealed: codes, and ciphertexts that nobody here can open."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    link: str = Field(max_length=40, description="The token of a link: the part after /s/.")
    once: Once
    id: UUID
    audience: Audience
    way: Way
    day: date = Field(description="The day that the proof of filing is about: `today` of the place.")
    public: Public
    receipt_hash: Public
    receipt_sealed: LockedKey
    content_hash: Public
    report: Text
    contact: Text | None = None
    wrap: WrapIn
    locks: list[LockIn] = Field(min_length=1, max_length=200)
    escrow: EscrowIn | None = None
    excluded_accounts: list[UUID] = Field(default_factory=list, max_length=200)
    excluded_roles: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, max_length=5)

    def case(self, door: Door) -> SealedCase:
        """The rows that this becomes; raises `Invalid`."""
        texts = [text for text in (self.report, self.contact, self.wrap.sealed) if text is not None]
        if any(len(text) > MOST_SEALED for text in texts):
            raise Invalid(fields=[FieldError("report", "Make this shorter")])
        if self.way == "anonymous" and self.contact is not None:
            raise Invalid(fields=[FieldError("contact", "An anonymous report has no name and no address")])
        if self.escrow is not None and len(self.escrow.sealed) != _ESCROWED:
            raise Invalid(fields=[FieldError("escrow", f"This must be {_ESCROWED} bytes long")])
        return SealedCase(
            id=self.id,
            org_id=door.org_id,
            audience=self.audience,
            way=self.way,
            received_on=self.day,
            sealed_by="browser",
            public=self.public,
            receipt_hash=self.receipt_hash,
            receipt_sealed=self.receipt_sealed,
            content_hash=self.content_hash,
            locks={lock.pair_id: lock.sealed for lock in self.locks},
            escrow=None if self.escrow is None else SealedEscrow(**dict(self.escrow)),
            report=self.report,
            contact=self.contact,
            wrap=self.wrap.sealed,
            wrap_key_id=self.wrap.key_id,
            excluded=Excluded(frozenset(self.excluded_accounts), frozenset(self.excluded_roles)),
        )


class FiledOut(BaseModel):
    """A report that is kept. Its receipt was never sent here."""

    received_on: date
    content_hash: Public


@dataclass(frozen=True)
class Place:
    """Where a report goes, and what it can be sealed to now."""

    door: Door
    audience: Audience
    recipients: Recipients


@dataclass(frozen=True)
class Filing:
    """Files reports, for the pages and for the script."""

    database: Database
    keys: KeyFiles
    doors: Doors
    turns: Turns

    async def place(self, token: str, audience: Audience | None) -> Place | None:
        """The place behind a link; None where no link has the token. Raises `SpeakUpClosed`, `KeysMissing`."""
        self.keys.day_key(date.today())
        door = None if "\0" in token else await self.doors.by_token(token)
        if door is None:
            return None
        audience = audience or door.audience
        async with self.database.transaction() as connection:
            return Place(door, audience, await self._recipients(connection, door, audience))

    async def _recipients(self, connection: Connection, door: Door, audience: Audience) -> Recipients:
        found = await filing_store.recipients(connection, door.org_id, audience)
        if not found.handlers:
            raise SpeakUpClosed
        return found

    async def keep(self, case: SealedCase, door: Door, *, once: str) -> Filed:
        """Keep a sealed case, once; raises `PlaceChanged`, `NobodyLeft`, `SpeakUpClosed` and `KeysMissing`."""
        once_hash, today = self.keys.blind("case", once), date.today()
        async with self.database.transaction() as connection:
            known = await filing_store.known(connection, once_hash)
            if known is not None:
                return known
            case.check(await self._recipients(connection, door, case.audience), today, self.keys.day_key(today).key_id)
            return await filing_store.file(connection, case, once_hash=once_hash)

    def add_to(self, router: APIRouter) -> None:
        """Add the two endpoints with their documentation."""
        problems = {
            404: problem_documented("No link has this token."),
            409: problem_documented("Who may read it, or the day, has changed: ask again what to seal to."),
            422: problem_documented("Some of it cannot be used; `errors` says which field and why."),
            429: problem_documented("Too many came at once. Come back after the seconds in Retry-After."),
            503: problem_documented("Closed: nobody holds a key, or a key file is missing. Nothing was kept."),
        }
        router.add_api_route(
            "/api/v1/speak-up/{token}",
            self.show,
            methods=["GET"],
            tags=["speak up"],
            summary="What to seal a report to",
            responses={code: problems[code] for code in (404, 422, 503)},
        )
        router.add_api_route(
            "/api/v1/cases",
            self.accept,
            methods=["POST"],
            status_code=201,
            tags=["speak up"],
            summary="File a sealed report",
            responses={code: problems[code] for code in (404, 409, 422, 429, 503)},
        )

    async def show(self, token: str, audience: Audience | None = None) -> SpeakUpOut:
        """Who may read a report about this place, with the public keys to seal it to."""
        place = await self.place(token, audience)
        if place is None:
            raise NotFound
        today = date.today()
        day, escrow = self.keys.day_key(today), place.recipients.escrow
        return SpeakUpOut(
            org_name=place.door.org_name,
            today=today,
            handlers=[RecipientOut(**vars(one)) for one in place.recipients.handlers],
            escrow=None if escrow is None else EscrowOut(**vars(escrow)),
            day_key=DayKeyOut(key_id=day.key_id, public=day.public.public_bytes_raw()),
        )

    async def accept(self, request: Request, given: CaseIn) -> FiledOut:
        """Keep a report that was sealed in a browser. Repeat the request after a network error: it is kept once."""
        door = None if "\0" in given.link else await self.doors.by_token(given.link)
        if door is None:
            raise NotFound
        case = given.case(door)
        await self.turns.wait(request)
        filed = await self.keep(case, door, once=given.once)
        return FiledOut(received_on=filed.received_on, content_hash=filed.content_hash)
