"""Comments that may tell of immediate risk, through the console's door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import make
import pytest_asyncio
from conftest import SignIn
from house import House

TEXT = "The nurse slapped my mum."


@dataclass(frozen=True)
class Desk:
    """A trust's flagged and calm comment, another trust's flagged one, and a quality lead of the first."""

    house: House
    lead: httpx.AsyncClient
    flagged: UUID
    calm: UUID

    async def read(self, path: str, **query: str) -> Any:
        answer = await self.lead.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def desk(house: House, signed_in: SignIn) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        ours, theirs = await make.org(db, code="OURS"), await make.org(db, code="THEIRS")
        flagged, calm, other = [
            await make.comment(db, settings=house.settings, org_id=org, text=text)
            for org, text in ((ours, TEXT), (ours, "All was well."), (theirs, TEXT))
        ]
        for comment in (flagged, other):
            await make.safety(db, comment_id=comment, kinds=("abuse_or_neglect",), start=4, end=99)
    yield Desk(house, await signed_in("quality_lead", ours), flagged, calm)


async def test_a_comment_says_what_risk_it_may_tell_of_and_in_which_words(desk: Desk) -> None:
    comment = await desk.read(f"/api/comments/{desk.flagged}")
    assert comment["safety"] == [{"kind": "abuse_or_neglect", "p": 0.9, "start": 4, "end": len(TEXT)}]
    assert comment["needs_person"] == "safety"
    assert (await desk.read(f"/api/comments/{desk.calm}"))["safety"] == []


async def test_the_filter_finds_flagged_comments_of_ones_own_trust_only(desk: Desk) -> None:
    page = await desk.read("/api/comments", safety="true")
    assert [comment["id"] for comment in page["items"]] == [str(desk.flagged)]
    assert page["total"] == 1
    assert (await desk.read("/api/comments"))["total"] == 2


async def test_a_look_clears_what_waits_and_the_flag_stays(desk: Desk) -> None:
    assert (await desk.read("/api/safety"))["waiting"] == 1
    path = f"/api/comments/{desk.flagged}/looked-at"
    assert (await desk.lead.post(path, headers={"sec-fetch-site": "same-origin"})).status_code == 204
    watch = await desk.read("/api/safety")
    assert (watch["waiting"], watch["flagged"]) == (0, 1)
    assert (await desk.read("/api/comments", safety="true"))["total"] == 1


async def test_the_sample_says_how_much_is_missed_and_how_sure_that_is(desk: Desk) -> None:
    draw = "INSERT INTO safety_sample (comment_id, org_id, stream) SELECT id, org_id, stream FROM comment WHERE id = $1"
    async with desk.house.owner() as db:
        await db.execute(draw, desk.calm)
    assert (await desk.read("/api/safety"))["sample"] == {"drawn": 1, "looked_at": 0, "missed": 0, "estimate": None}
    async with desk.house.owner() as db:
        await db.execute("UPDATE safety_sample SET risk = true, looked_at_on = current_date")
    sample = (await desk.read("/api/safety"))["sample"]
    assert (sample["looked_at"], sample["missed"]) == (1, 1)
    assert sample["estimate"]["rate"] == 1.0
    assert 0.1 < sample["estimate"]["low"] < 0.3
    assert (await desk.read("/api/comments", safety="true"))["total"] == 2, "what a person found is listed too"
