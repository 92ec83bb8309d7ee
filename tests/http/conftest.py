"""Fixtures of the doors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from door import Public, opened
from house import House


@pytest_asyncio.fixture
async def public(house: House) -> AsyncIterator[Public]:
    """The public door, open, with one provider, a hospital and a ward that has a link."""
    async with opened(house) as public:
        yield public
