"""The public door for tests of what it answers, without a server in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import make
from asgi_lifespan import LifespanManager
from earshot import apps
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.intake.acceptance import Acceptance
from house import House


@dataclass
class Public:
    """The public door of a house with one provider, a hospital and a ward that has a link.

    `acceptance` is a second one beside the door's own, as in another process, for tests of what happens inside.
    """

    house: House
    client: httpx.AsyncClient
    acceptance: Acceptance
    provider: UUID
    ward: UUID
    token: str

    async def rows(self) -> list[Any]:
        """Everything in the vault, as the owner sees it."""
        async with self.house.owner() as db:
            rows: list[Any] = await db.fetch("SELECT * FROM vault.submission ORDER BY id")
            return rows

    async def queued(self) -> list[bytes]:
        """The payloads of the first stage's jobs."""
        async with self.house.owner() as db:
            rows = await db.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'deidentify' ORDER BY id")
            return [row["payload"] for row in rows]

    def opened(self, row: Any) -> bytes:
        """A sealed payload in clear, as the worker reads it."""
        keys = KeyFiles(self.house.settings.keys).opening()
        return keys.open(row["sealed"], info=b"earshot/submission/v1/" + row["id"].bytes)


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[Public]:
    """The public door of a house, open until the end."""
    async with house.owner() as db:
        provider = await make.org(db, code="INV", name="Invented Trust")
        site = await make.org(db, code="INV01", name="Invented Hospital", level="site", parent=provider)
        ward = await make.org(db, code="INV01-W4", name="Ward 4", level="team", parent=site)
        token = await make.link(db, org_id=ward, token="ward4abc")
    database = Database(house.dsn("public"))
    acceptance = Acceptance(database, KeyFiles(house.settings.keys))
    app = apps.public(house.settings.model_copy(update={"role_dsn": house.dsn("public")}))
    await database.open()
    async with LifespanManager(app) as running:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://earshot.test") as client:
            yield Public(house, client, acceptance, provider, ward, token)
    await acceptance.close()
    await database.close()
