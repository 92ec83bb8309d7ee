"""People who speak up, and those who handle it, for tests: sealing as a browser does, opening as handlers do."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from door import Public
from earshot.cases import filing, sealing
from earshot.cases.door_api import EscrowOut, RecipientOut, SpeakUpOut
from earshot.cases.filing import Escrow, Recipient, Recipients, Report, SealedCase
from earshot.cases.key_pairs import HandlerKeys
from earshot.core.crypto import SealingKey
from earshot.core.db import Connection


def b64(raw: bytes) -> str:
    """Bytes as the API takes them."""
    return base64.b64encode(raw).decode()


@dataclass(frozen=True)
class Handler:
    """Somebody with a key to whom reports are sealed."""

    account_id: UUID
    pair_id: UUID
    keys: HandlerKeys = field(repr=False)

    async def opens(self, db: Connection, case_id: UUID) -> sealing.CaseKeys:
        """The keys of a case, by this person's lock."""
        sql = "SELECT sealed FROM case_lock WHERE case_id = $1 AND pair_id = $2 AND opens = 'case'"
        return sealing.open_lock(case_id, await db.fetchval(sql, case_id, self.pair_id), self.keys.private)


async def handler(db: Connection, *, org_id: UUID, role: str = "guardian", name: str = "Grace Invented") -> Handler:
    """A guardian or a PALS person of a place, with a key pair."""
    account = await make.account(db, email=f"{uuid4()}@invented.example", name=name, roles={role: org_id})
    keys = HandlerKeys.new()
    return Handler(account, await make.key_pair(db, account_id=account, public=keys.public), keys)


@dataclass
class Browser:
    """A browser with JavaScript: it asks what to seal to, seals, and keeps the receipt to itself."""

    client: httpx.AsyncClient
    token: str
    receipt: str = field(default_factory=sealing.new_receipt)
    once: str = field(default_factory=lambda: str(uuid4()))
    case_id: UUID = field(default_factory=uuid4)
    sealed: SealedCase | None = None

    async def place(self, audience: str = "staff") -> SpeakUpOut:
        """What a report is sealed to now."""
        answer = await self.client.get(f"/api/v1/speak-up/{self.token}", params={"audience": audience})
        assert answer.status_code == 200, answer.text
        return SpeakUpOut.model_validate(answer.json())

    async def body(self, **said: Any) -> dict[str, Any]:
        """What is posted for a report: `text`, `way`, `excluded` and so on."""
        audience = said.pop("audience", "staff")
        place = await self.place(audience)
        said = {"way": "anonymous", "text": "The night shift is alone with forty patients.", **said}
        report = Report(org_id=uuid4(), audience=audience, id=self.case_id, **said)
        day = SealingKey(place.day_key.key_id, X25519PublicKey.from_public_bytes(place.day_key.public))
        self.sealed = filing.seal(report, _recipients(place), day, receipt=self.receipt, today=place.today)
        return as_json(self.sealed, link=self.token, once=self.once)

    async def file(self, **said: Any) -> httpx.Response:
        """Seal a report and send it."""
        return await self.client.post("/api/v1/cases", json=await self.body(**said))

    @property
    def lookup(self) -> bytes:
        """What finds the case."""
        return sealing.lookup(self.receipt)

    async def look(self, after: int = 0) -> dict[str, Any]:
        """What the receipt opens."""
        given = {"lookup": b64(self.lookup), "after": after}
        answer = await self.client.post("/api/v1/receipts", json=given)
        assert answer.status_code == 200, answer.text
        return self.opened(answer.content)

    def opened(self, body: bytes) -> dict[str, Any]:
        """The answer to a lookup, opened."""
        return sealing.open_bundle(self.lookup, base64.b64decode(json.loads(body)["bundle"]))

    def keys(self) -> sealing.CaseKeys:
        """The keys of the case, by its receipt."""
        assert self.sealed is not None
        return sealing.open_under_receipt(self.case_id, self.sealed.receipt_sealed, self.receipt)

    async def write(self, text: str, *, once: str = "one message") -> httpx.Response:
        """Send a message."""
        assert self.sealed is not None
        sealed = sealing.seal_text(self.sealed.public, self.case_id, "from_person", {"text": text})
        given = {"lookup": b64(self.lookup), "sealed": b64(sealed), "once": once.replace(" ", "-")}
        return await self.client.post("/api/v1/receipts/messages", json=given)

    async def answer(self, question: str, answer: str) -> httpx.Response:
        """Answer one of our questions."""
        given = {"lookup": b64(self.lookup), "question": question, "answer": answer}
        return await self.client.post("/api/v1/receipts/answers", json=given)


def _recipients(place: SpeakUpOut) -> Recipients:
    return Recipients(tuple(_recipient(one) for one in place.handlers), _escrow(place.escrow))


def _recipient(given: RecipientOut) -> Recipient:
    return Recipient(given.account_id, given.name, given.role, given.pair_id, given.public)


def _escrow(given: EscrowOut | None) -> Escrow | None:
    return None if given is None else Escrow(**dict(given))


def as_json(case: SealedCase, *, link: str, once: str) -> dict[str, Any]:
    """A sealed case as the browser's script sends it."""
    escrow = case.escrow and {
        "first_pair_id": str(case.escrow.first_pair_id),
        "second_pair_id": str(case.escrow.second_pair_id),
        "sealed": b64(case.escrow.sealed),
    }
    return {
        "link": link,
        "once": once,
        "id": str(case.id),
        "audience": case.audience,
        "way": case.way,
        "day": case.received_on.isoformat(),
        "public": b64(case.public),
        "receipt_hash": b64(case.receipt_hash),
        "receipt_sealed": b64(case.receipt_sealed),
        "content_hash": b64(case.content_hash),
        "report": b64(case.report),
        "contact": None if case.contact is None else b64(case.contact),
        "wrap": {"key_id": case.wrap_key_id, "sealed": b64(case.wrap)},
        "locks": [{"pair_id": str(pair), "sealed": b64(lock)} for pair, lock in case.locks.items()],
        "escrow": escrow or None,
        "excluded_accounts": [str(one) for one in case.excluded.accounts],
        "excluded_roles": sorted(case.excluded.roles),
    }


async def from_handler(
    db: Connection, case_id: UUID, by: Handler, text: str, *, kind: str = "from_handler", on: date | None = None
) -> None:
    """A message or an outcome of a handler, sealed in their browser and kept as the console keeps it."""
    public = await db.fetchval("SELECT public FROM case_file WHERE id = $1", case_id)
    sealed = sealing.seal_text(public, case_id, kind, {"text": text})  # type: ignore[arg-type]
    sql = (
        "INSERT INTO case_text (case_id, n, kind, on_day, by_account, sealed) SELECT $1, max(n) + 1, $2,"
        " coalesce($3, current_date), $4, $5 FROM case_text WHERE case_id = $1"
    )
    async with db.transaction():  # numbers are given under the case's lock: the worker may be reading it
        await db.execute("SELECT FROM case_file WHERE id = $1 FOR UPDATE", case_id)
        await db.execute(sql, case_id, kind, on, by.account_id, sealed)


@dataclass
class Hospital:
    """The public door of a house, with a guardian of the trust who holds a key."""

    public: Public
    guardian: Handler

    def browser(self) -> Browser:
        """Somebody who speaks up about the ward."""
        return Browser(self.public.client, self.public.token)
