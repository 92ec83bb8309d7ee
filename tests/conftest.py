"""Fixtures that every test may ask for by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import make
import pytest
import pytest_asyncio
from asgi_lifespan import LifespanManager
from earshot import apps
from earshot.core.config import Settings
from earshot.core.web import Boundary
from earshot.people import store
from earshot.people.model import How
from earshot.people.routes import COOKIE
from house import Cluster, House, built, running_postgres, short_folder
from trust import browser, open_page, trust

__all__ = ["browser", "open_page", "trust"]  # fixtures, made in their own module

SignIn: TypeAlias = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One Postgres for this process of tests, with a migrated database to copy."""
    with short_folder() as home, running_postgres(home) as postgres:
        asyncio.run(built(postgres))
        yield Cluster(postgres, home)


@pytest_asyncio.fixture
async def house(cluster: Cluster) -> AsyncIterator[House]:
    """A migrated database and keys of this test's own."""
    with short_folder() as home:
        house = await cluster.new_house(home)
        yield house
        await cluster.demolish(house)


@pytest.fixture
def migrated(house: House) -> House:
    """Another name for `house`."""
    return house


@pytest.fixture
def settings(house: House) -> Settings:
    """The settings of `house`."""
    return house.settings


@asynccontextmanager
async def running(app: Boundary, address: str) -> AsyncIterator[Callable[[], httpx.AsyncClient]]:
    """An app between its start and its end; what is given makes clients of it."""
    async with AsyncExitStack() as opened:
        served: Any = await opened.enter_async_context(LifespanManager(app))
        clients: list[httpx.AsyncClient] = []

        def client() -> httpx.AsyncClient:
            transport = httpx.ASGITransport(served.app, raise_app_exceptions=False)
            clients.append(httpx.AsyncClient(transport=transport, base_url=address))
            return clients[-1]

        yield client
        for each in clients:
            await each.aclose()


def role_settings(house: House, role: str) -> Settings:
    """The settings that one door's process gets: the address of its own role, and not the owner's."""
    return house.settings.model_copy(update={"role_dsn": house.dsn(role), "database_url": None})


@pytest_asyncio.fixture
async def public_client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the public door."""
    async with running(apps.public(role_settings(house, "public")), "http://say.test") as client:
        yield client()


@pytest_asyncio.fixture
async def console_clients(house: House) -> AsyncIterator[Callable[[], httpx.AsyncClient]]:
    """Makes people at the console's door who have not signed in."""
    async with running(apps.console(role_settings(house, "console")), "http://console.test") as client:
        yield client


@pytest.fixture
def console_client(console_clients: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    """Somebody at the console's door who has not signed in."""
    return console_clients()


@pytest.fixture
def signed_in(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> SignIn:
    """`await signed_in("manager", org_id)`: a client of the console with a session of an account with that role."""

    async def sign_in(role: str, org_id: UUID) -> httpx.AsyncClient:
        async with house.owner() as db:
            email = f"{role}.{org_id}@invented.example"
            account = await db.fetchval("SELECT id FROM account WHERE email = $1", email)
            account = account or await make.account(db, email=email, roles={role: org_id})
            token = await store.open_session(db, account, how=How.PASSKEY, mfa=True)
        client = console_clients()
        client.cookies.set(COOKIE, token)
        return client

    return sign_in
