"""The pages of a receipt for a browser without JavaScript: the server opens the case in memory, shows it and forgets.

The receipt travels in the body of a post, never in an address. The pages that answer one have one status, come in one
length and leave on the beat, whether the receipt was right or not.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.datastructures import FormData

from earshot.cases import pages, sealing
from earshot.cases.filing import LONGEST_MESSAGE, tidied
from earshot.cases.pages import CasePage, Event, OpenedText
from earshot.cases.receipts import QUESTIONS, Answer, Asked, Told, proof_of_filing, said, thanks_for
from earshot.cases.receipts_api import Receipts
from earshot.cases.sealing import CaseKeys, NotAReceipt
from earshot.core.budget import TooOften
from earshot.core.crypto import Unreadable
from earshot.core.errors import FieldError, Unavailable

_MOST_FIELDS = 10


@dataclass(frozen=True)
class ReceiptPages:
    """Typing a receipt, and what it opens."""

    receipts: Receipts

    def add_to(self, router: APIRouter) -> None:
        """Add the pages."""
        for path, page, method in (
            ("/receipt", self.ask, "GET"),
            ("/receipt", self.show, "POST"),
            ("/receipt/message", self.take_message, "POST"),
            ("/receipt/answer", self.take_answer, "POST"),
            ("/receipt/proof", self.save_proof, "POST"),
        ):
            router.add_route(path, page, methods=[method], include_in_schema=False)

    async def ask(self, _request: Request) -> Response:
        """Where a receipt is typed."""
        return HTMLResponse(pages.receipt())

    async def show(self, request: Request) -> Response:
        """What a receipt opens."""
        return await self._answer(request, self._opened)

    async def take_message(self, request: Request) -> Response:
        """Keep a message, sealed here, and show the case again."""
        return await self._answer(request, self._written)

    async def take_answer(self, request: Request) -> Response:
        """Keep the answer to a question, and show the case again."""
        return await self._answer(request, self._answered)

    async def save_proof(self, request: Request) -> Response:
        """The proof of filing as a file."""
        return await self._answer(request, self._proof)

    async def _answer(self, request: Request, respond: Any) -> Response:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            typed = _line(form, "receipt")
            try:
                receipt = sealing.normalise(typed)
                async with self.receipts.turns.evenly(request):
                    found: Response = await respond(_Holder(receipt, form))
                    return found
            except NotAReceipt as error:
                wrong = FieldError("receipt", error.message)
                return HTMLResponse(pages.receipt(typed=typed[:60], errors=[wrong]), error.status)
            except Unreadable:  # filed by a programme of its sender's own, which sealed something else
                return HTMLResponse(pages.nothing())
            except (Unavailable, TooOften) as error:
                return HTMLResponse(pages.shut(error), error.status, headers=dict(error.headers))

    async def _opened(self, holder: _Holder, **shown: Any) -> Response:
        told = await self.receipts.told(holder.lookup)
        return HTMLResponse(pages.nothing() if told is None else holder.page(told, **shown).html())

    async def _written(self, holder: _Holder) -> Response:
        text = tidied(holder.line("text"))
        wrong = _wrong_message(text)
        told = None if wrong else await self.receipts.told(holder.lookup)
        if wrong or told is None:
            return await self._opened(holder, errors=[wrong] if wrong else (), typed=text)
        keys = holder.keys(told)
        sealed = sealing.seal_text(keys.public, keys.case_id, "from_person", {"text": text})
        digest = hashlib.sha256(text.encode()).hexdigest()
        await self.receipts.write(holder.lookup, sealed, once=f"{holder.line('once')[:64]}/{digest}")
        return await self._opened(holder, note="Your message was sent.")

    async def _answered(self, holder: _Holder) -> Response:
        chosen = _chosen(holder.line("question"), holder.line("answer"))
        if chosen is None:
            return await self._opened(holder, errors=[FieldError("answer", "Choose an answer")])
        await self.receipts.answer(holder.lookup, *chosen)
        return await self._opened(holder, note=thanks_for(*chosen))

    async def _proof(self, holder: _Holder) -> Response:
        told = await self.receipts.told(holder.lookup)
        if told is None:
            return HTMLResponse(pages.nothing())
        headers = {"content-disposition": 'attachment; filename="proof-of-filing.txt"'}
        return PlainTextResponse(holder.proof(told, holder.keys(told)), headers=headers)


@dataclass(frozen=True)
class _Holder:
    """Somebody with a receipt, for the length of one request."""

    receipt: str
    form: FormData

    @property
    def lookup(self) -> bytes:
        return sealing.lookup(self.receipt)

    def line(self, name: str) -> str:
        return _line(self.form, name)

    def keys(self, told: Told) -> CaseKeys:
        """The case's keys: whoever was found by a receipt is opened by it."""
        return sealing.open_under_receipt(told.held.id, told.held.receipt_sealed, self.receipt)

    def proof(self, told: Told, keys: CaseKeys) -> str:
        report = next(text for text in told.texts if text.kind == "report")
        held, opened = told.held, keys.open("report", report.sealed)
        try:
            salt, text = sealing.salt_from(str(opened["salt"])), str(opened["text"])
        except (KeyError, ValueError):
            raise Unreadable from None
        return proof_of_filing(held.id, held.received_on, salt=salt, text=text, content_hash=held.content_hash)

    def page(self, told: Told, **shown: Any) -> CasePage:
        keys, (status, sentence) = self.keys(told), told.status()
        return CasePage(
            receipt=sealing.shown(self.receipt),
            place=told.held.org_name,
            status=status,
            sentence=sentence,
            texts=[
                OpenedText(told.writer(text), said(text.on_day), words_of(keys.open(text.kind, text.sealed)))
                for text in told.texts
            ],
            events=[Event(said(day), words) for day, words in told.events()],
            question=told.question(date.today()),
            proof=self.proof(told, keys),
            **shown,
        )


def words_of(document: dict[str, Any]) -> str:
    """What a text of a case says: its words, and below them what was learned."""
    return "\n\n".join(str(document[name]) for name in ("text", "learning") if document.get(name))


def _wrong_message(text: str) -> FieldError | None:
    if not text:
        return FieldError("text", "Your message is empty")
    over = len(text) - LONGEST_MESSAGE
    return FieldError("text", f"Make this shorter by {over:,} characters") if over > 0 else None


def _chosen(question: str, answer: str) -> tuple[Asked, Answer] | None:
    for code, answers in QUESTIONS.items():
        for one in answers:
            if (code, one) == (question, answer):
                return code, one
    return None


def _line(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
