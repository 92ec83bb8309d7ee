"""Fixtures of the doors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from door import Public, opened
from earshot.cases import guessing
from house import House
from speaking import Hospital, handler


@pytest_asyncio.fixture
async def public(house: House) -> AsyncIterator[Public]:
    """The public door, open, with one provider, a hospital and a ward that has a link."""
    async with opened(house) as public:
        yield public


@pytest_asyncio.fixture
async def hospital(public: Public, monkeypatch: pytest.MonkeyPatch) -> Hospital:
    """The same door, with a guardian of the provider who holds a key; answers leave on a quicker beat."""
    monkeypatch.setattr(guessing, "BEAT", 0.01)
    async with public.house.owner() as db:
        return Hospital(public, await handler(db, org_id=public.provider))
