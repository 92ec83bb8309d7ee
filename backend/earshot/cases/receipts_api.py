"""Receipts for the browser's own script: the answer to a lookup is the same length of noise, whatever is behind it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from earshot.cases import receipts_store, sealing
from earshot.cases.ciphertexts import Base64, Public
from earshot.cases.door_api import MOST_SEALED, Once, Text
from earshot.cases.guessing import Turns
from earshot.cases.receipts import BUNDLE, QUESTIONS, Answer, Asked, Held, Told
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Database
from earshot.core.errors import FieldError, Invalid
from earshot.core.web import problem_documented

_KEPT = 512  # bytes of the answer to a message or to an answer


class LookupIn(BaseModel):
    """What a receipt's holder sends to find the case: it opens nothing that is sealed under the receipt."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    lookup: Public
    after: Annotated[int, Field(ge=0, le=1_000_000, description="Leave out texts up to this number.")] = 0


class MessageIn(BaseModel):
    """A message that the holder sealed to the case."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    lookup: Public
    sealed: Text
    once: Once


class AnswerIn(BaseModel):
    """The answer to one of our questions."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    lookup: Public
    question: Asked
    answer: Answer


class BundleOut(BaseModel):
    """Always as long, whether the receipt was right or not; who holds the receipt can open it."""

    bundle: Base64


@dataclass(frozen=True)
class Receipts:
    """Finds cases by their receipts, for the pages and for the script."""

    database: Database
    keys: KeyFiles
    turns: Turns

    async def told(self, lookup: bytes) -> Told | None:
        """What the holder of a receipt is shown; None where it leads nowhere."""
        async with self.database.transaction() as connection:
            return await receipts_store.told(connection, sealing.receipt_hash(lookup))

    async def write(self, lookup: bytes, sealed: bytes, *, once: str) -> bool:
        """Keep a message; False where the receipt leads nowhere. The same `once` again changes nothing."""
        if len(sealed) > MOST_SEALED:
            raise Invalid(fields=[FieldError("text", "Make this shorter")])
        once_hash = self.keys.blind("case-text", once)
        async with self.database.transaction() as connection:
            held = await self._held(connection, lookup)
            if held is not None:
                await receipts_store.write(connection, held.id, sealed, once_hash=once_hash, today=date.today())
            return held is not None

    async def answer(self, lookup: bytes, question: Asked, answer: Answer) -> bool:
        """Keep the answer to a question; False where the receipt leads nowhere."""
        if answer not in QUESTIONS[question]:
            raise Invalid(fields=[FieldError("answer", "Choose an answer")])
        async with self.database.transaction() as connection:
            held = await self._held(connection, lookup)
            if held is not None:
                await receipts_store.answer(connection, held.id, question, answer, today=date.today())
            return held is not None

    async def _held(self, connection: Connection, lookup: bytes) -> Held | None:
        return await receipts_store.hold(connection, sealing.receipt_hash(lookup))

    def add_to(self, router: APIRouter) -> None:
        """Add the three endpoints with their documentation."""
        described: dict[str, Any] = {
            "methods": ["POST"],
            "tags": ["speak up"],
            "response_model": BundleOut,
            "responses": {
                422: problem_documented("Some of it cannot be used; `errors` says which field and why."),
                429: problem_documented("Too many came at once. Come back after the seconds in Retry-After."),
                503: problem_documented("Earshot cannot answer just now. Nothing was kept."),
            },
        }
        router.add_api_route("/api/v1/receipts", self.show, summary="Look a receipt up", **described)
        router.add_api_route("/api/v1/receipts/messages", self.take_message, summary="Write a message", **described)
        router.add_api_route("/api/v1/receipts/answers", self.take_answer, summary="Answer a question", **described)

    async def show(self, request: Request, given: LookupIn) -> BundleOut:
        """Where a case stands and what was written in it, for whoever holds its receipt; noise for everybody else."""
        async with self.turns.evenly(request):
            told = await self.told(given.lookup)
            document = None if told is None else told.document(date.today(), after=given.after)
            return _bundle(given.lookup, document, length=BUNDLE)

    async def take_message(self, request: Request, given: MessageIn) -> BundleOut:
        """Keep a message. Repeat the request after a network error: it is kept once."""
        async with self.turns.evenly(request):
            kept = await self.write(given.lookup, given.sealed, once=given.once)
            return _bundle(given.lookup, {"kept": True} if kept else None, length=_KEPT)

    async def take_answer(self, request: Request, given: AnswerIn) -> BundleOut:
        """Keep the answer to a question; a later answer takes its place."""
        async with self.turns.evenly(request):
            kept = await self.answer(given.lookup, given.question, given.answer)
            return _bundle(given.lookup, {"kept": True} if kept else None, length=_KEPT)


def _bundle(lookup: bytes, document: dict[str, Any] | None, *, length: int) -> BundleOut:
    """The answer under the lookup; where there is none, the same amount of noise under a key that nobody has."""
    if document is None:
        lookup, document = secrets.token_bytes(32), {}
    return BundleOut(bundle=sealing.seal_bundle(lookup, document, length=length))
