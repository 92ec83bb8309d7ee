"""Fixtures that every test may ask for by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from earshot.core.config import Settings
from house import Cluster, House, built, running_postgres, short_folder


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
