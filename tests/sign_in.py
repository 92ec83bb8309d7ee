"""People at the console's door, for tests of signing in: with a password, codes and a passkey of their own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import make
from authenticator import Authenticator
from earshot.people import codes
from earshot.people.passwords import hash_password
from house import House

PASSWORD = "kettle orbit mustard seven"
HASHED = hash_password(PASSWORD)


@dataclass
class Person:
    """Somebody with a browser; `at` moves their clock, so that a second code can be had without waiting."""

    client: httpx.AsyncClient
    email: str
    account_id: UUID
    secret: bytes = b""
    recovery_codes: tuple[str, ...] = ()

    async def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        """Type address and password."""
        return await self.client.post("/api/session", json={"email": self.email, "password": password})

    def code(self, steps: int = 0) -> str:
        """What the authenticator app shows now, or some steps of 30 seconds later or earlier."""
        return codes.code_at(self.secret, time.time() + steps * codes.STEP)

    async def give_code(self, code: str) -> httpx.Response:
        """Type a code."""
        return await self.client.post("/api/session/code", json={"code": code})

    async def set_up_codes(self) -> httpx.Response:
        """Set up codes with the one of the step before, so that the present one is still unspent."""
        begun = (await self.client.post("/api/account/codes")).json()
        self.secret = begun["secret"].encode()
        answer = await self.client.post("/api/account/codes/confirm", json={"code": self.code(-1)})
        self.recovery_codes = tuple(answer.json().get("recovery_codes", ()))
        return answer

    async def set_up_passkey(self, authenticator: Authenticator, name: str = "Phone") -> httpx.Response:
        """Add a passkey."""
        asked = await self.client.post("/api/account/passkeys/options")
        credential = authenticator.create(asked.json()["options"])
        return await self.client.post("/api/account/passkeys", json={"name": name, "credential": credential})

    async def need(self) -> str | None:
        """What the session still lacks; None where nobody is signed in."""
        answer = await self.client.get("/api/session")
        return answer.json()["need"] if answer.status_code == 200 else None


async def passkey_answer(client: httpx.AsyncClient, authenticator: Authenticator) -> dict[str, Any]:
    """A signed answer to a new challenge, not sent yet."""
    asked = (await client.post("/api/session/passkey/options")).json()
    return {"credential": authenticator.get(asked["options"])}


@asynccontextmanager
async def people(
    house: House, client: Callable[[], httpx.AsyncClient], **roles: str
) -> AsyncIterator[dict[str, Person]]:
    """People by name, each with a role over one provider `TRUST`, and a browser of their own."""
    async with house.owner() as db:
        place = await db.fetchval("SELECT id FROM org WHERE code = 'TRUST'") or await make.org(db, code="TRUST")
        made = {}
        for name, role in roles.items():
            email = f"{name}@invented.example"
            account = await make.account(db, email=email, password_hash=HASHED, name=name.title(), roles={role: place})
            made[name] = Person(client(), email, account)
    yield made
