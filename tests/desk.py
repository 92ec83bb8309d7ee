"""The desk of people who handle cases: real key pairs, real sealed reports, and clients of the console."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import make
from earshot.cases import filing, filing_store, sealing
from earshot.cases.filing import Excluded, Report
from earshot.cases.key_pairs import HandlerKeys
from earshot.cases.model import Way
from earshot.cases.sealing import CaseKeys, LockKind, TextKind
from earshot.core.crypto import KeyFiles
from earshot.intake.model import Audience
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from house import House

HERE = {"sec-fetch-site": "same-origin"}
ADD_TEXT = "INSERT INTO case_text (case_id, n, kind, sealed) SELECT $1, texts + 1, $2, $3 FROM last_of_case($1)"
CANARY = "quagmire-bassoon-heliotrope"


def b64(raw: bytes) -> str:
    """Bytes as they travel in JSON."""
    return base64.b64encode(raw).decode()


def raw(text: str) -> bytes:
    """Bytes as they came in JSON."""
    return base64.b64decode(text)


@dataclass(frozen=True)
class Person:
    """Somebody at the console with a key pair of their own, if they hold one."""

    account: UUID
    name: str
    client: httpx.AsyncClient
    keys: HandlerKeys
    pair: UUID | None

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        """What a page gets; without a body, nothing."""
        answer = await self.client.get(f"/api{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def send(
        self, method: str, path: str, body: Any = None, *, status: int | None = None, version: int | None = None
    ) -> Any:
        """What a page gets after a change, about `version` of a case if one is given; success unless told otherwise."""
        headers = HERE | ({} if version is None else {"If-Match": f'"{version}"'})
        answer = await self.client.request(method, f"/api{path}", json=body, headers=headers)
        assert answer.status_code in ((200, 201, 204) if status is None else (status,)), answer.text
        return answer.json() if answer.content else None

    async def version(self, case: UUID) -> int:
        """The version that a case has now."""
        found: int = (await self.get(f"/cases/{case}"))["case"]["version"]
        return found

    async def change(
        self, method: str, case: UUID, path: str = "", body: Any = None, *, status: int | None = None
    ) -> Any:
        """Change a case as it stands now."""
        return await self.send(method, f"/cases/{case}{path}", body, status=status, version=await self.version(case))

    async def ids(self, **query: Any) -> list[str]:
        """The cases of one's queue in its order."""
        return [item["id"] for item in (await self.get("/cases", **query))["items"]]

    def opens(self, case: UUID, lock: Mapping[str, Any], kind: LockKind = "lock-case") -> CaseKeys:
        """The key of a case, or of its notes, out of a lock."""
        return sealing.open_lock(case, raw(lock["sealed"]), self.keys.private, kind)


@dataclass
class Desk:
    """A trust with a ward, another trust, and the people whom a test puts there."""

    house: House
    clients: Callable[[], httpx.AsyncClient]
    trust: UUID
    ward: UUID
    theirs: UUID
    receipts: dict[UUID, str] = field(default_factory=dict)

    async def person(self, role: str, name: str, *, place: UUID | None = None, keys: bool = True) -> Person:
        """Somebody with a role at the trust, unless another place is given."""
        mine, account = HandlerKeys.new(), None
        async with self.house.owner() as db:
            email = f"{name.lower().replace(' ', '.')}@invented.example"
            account = await make.account(db, email=email, name=name, roles={role: place or self.trust})
            pair = await make.key_pair(db, account_id=account, public=mine.public) if keys else None
            token = await store.open_session(db, account, how=How.PASSKEY, mfa=True)
        client = self.clients()
        client.cookies.set(COOKIE, token)
        return Person(account, name, client, mine, pair)

    async def case(
        self,
        text: str = f"Nobody comes at night, {CANARY} said.",
        *,
        audience: Audience = "staff",
        way: Way = "anonymous",
        place: UUID | None = None,
        not_accounts: Sequence[UUID] = (),
        not_roles: Sequence[str] = (),
        day: date | None = None,
    ) -> UUID:
        """Somebody spoke up through the public door's own code, sealed to whoever handles cases of the place."""
        keys, today, receipt = KeyFiles(self.house.settings.keys), date.today(), sealing.new_receipt()
        keys.make_day_keys(today)
        excluded = Excluded(frozenset(not_accounts), frozenset(not_roles))
        name = "" if way == "anonymous" else "Nora Invented"
        report = Report(place or self.ward, audience, way, text, name=name, excluded=excluded)
        async with self.house.role("public") as db, db.transaction():
            whom = await filing_store.recipients(db, report.org_id, audience)
            sealed = filing.seal(report, whom, keys.day_key(today), receipt=receipt, today=today)
            await filing_store.file(db, sealed, once_hash=report.id.bytes)
        if day is not None:
            await self.sql("UPDATE case_file SET received_on = $2 WHERE id = $1", report.id, day)
        self.receipts[report.id] = receipt
        return report.id

    async def heard(self, case: UUID, *, risk: bool | None = False, criticality: int | None = None) -> None:
        """The computer has read a case."""
        async with self.house.owner() as db:
            public = await db.fetchval("SELECT public FROM case_file WHERE id = $1", case)
            sealed = sealing.seal_text(public, case, "reading", {"text": "Nobody comes at night."})
            await db.execute(
                ADD_TEXT,
                case,
                "reading",
                sealed,
            )
            sql = "UPDATE case_file SET read_on = current_date, risk = $2, criticality = $3 WHERE id = $1"
            await db.execute(sql, case, risk, criticality)

    async def sql(self, sql: str, *args: object) -> Any:
        """The first value of what the owner of the database is told."""
        async with self.house.owner() as db:
            return await db.fetchval(sql, *args)

    async def reference(self, case: UUID) -> str:
        """The name that staff use for a case."""
        found: str = await self.sql("SELECT reference FROM case_file WHERE id = $1", case)
        return found

    async def told(self, case: UUID, kind: TextKind, **said: str) -> str:
        """A text sealed to a case, in base64."""
        public = await self.sql("SELECT public FROM case_file WHERE id = $1", case)
        return b64(sealing.seal_text(public, case, kind, said or {"text": "Thank you."}))

    async def audited(self, case: UUID) -> list[str]:
        """What the audit trail says was done to a case, oldest first."""
        async with self.house.owner() as db:
            return [
                row[0] for row in await db.fetch("SELECT action FROM audit_line WHERE subject = $1 ORDER BY n", case)
            ]


async def furnished(house: House, clients: Callable[[], httpx.AsyncClient]) -> Desk:
    """A trust with a ward, and another trust; nobody is there yet."""
    async with house.owner() as db:
        trust = await make.org(db, code="OURS", name="Our Trust")
        ward = await make.org(db, code="W7", name="Ward 7", level="team", parent=trust)
        theirs = await make.org(db, code="THEIRS", name="Their Trust")
    return Desk(house, clients, trust, ward, theirs)


def notes_body(case: UUID, people: Sequence[Person], text: str = "Ring HR first.") -> tuple[CaseKeys, dict[str, Any]]:
    """The first private note of a case, with the notes' own key for some people."""
    keys = CaseKeys.new(uuid4() if case is None else case)
    locks = [
        {"pair_id": str(one.pair), "opens": "notes", "sealed": b64(keys.lock_for(one.keys.public, "lock-notes"))}
        for one in people
    ]
    sealed = b64(sealing.seal_text(keys.public, case, "note", {"text": text}))
    return keys, {"sealed": sealed, "notes_public": b64(keys.public), "locks": locks}
