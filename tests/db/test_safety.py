"""What the net for immediate risk hears reaches a person at once, and nothing but a person takes it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.analysis import stages
from earshot.core.db import Database
from house import House

RISKY = "The staff were busy. He was left in his own mess for 6 hours."
CALM = "I was dying for a cuppa and the volunteer brought me one."


@dataclass(frozen=True)
class Ward:
    """A ward with a comment that tells of risk and one that does not."""

    house: House
    worker: Database
    risky: UUID
    calm: UUID

    async def analyse(self) -> None:
        await stages.analyse(self.worker, {"comments": [str(self.risky), str(self.calm)]})


@pytest_asyncio.fixture
async def ward(house: House) -> AsyncIterator[Ward]:
    async with house.owner() as db:
        org = await make.org(db, code="W")
        risky, calm = [await make.comment(db, settings=house.settings, org_id=org, text=text) for text in (RISKY, CALM)]
    worker = Database(house.dsn("worker"), max_size=3)
    await worker.open()
    yield Ward(house, worker, risky, calm)
    await worker.close()


async def test_a_comment_that_may_tell_of_risk_is_flagged_and_waits_for_a_person(ward: Ward) -> None:
    await ward.analyse()
    async with ward.house.owner() as db:
        flags = await db.fetch("SELECT comment_id, kind, evidence_start, evidence_end, stream FROM safety_flag")
        waiting = await db.fetch("SELECT comment_id, looked_at_on FROM review_item WHERE reason = 'safety'")
    assert [(row["comment_id"], row["kind"], row["stream"]) for row in flags] == [
        (ward.risky, "abuse_or_neglect", "patient")
    ]
    assert "his own mess" in RISKY[flags[0]["evidence_start"] : flags[0]["evidence_end"]]
    assert [tuple(row) for row in waiting] == [(ward.risky, None)]


async def test_reading_again_neither_repeats_nor_clears_what_was_heard(ward: Ward) -> None:
    await ward.analyse()
    async with ward.house.owner() as db:
        await db.execute("UPDATE comment SET text = $2, redactions = 1 WHERE id = $1", ward.risky, CALM)
    await ward.analyse()
    async with ward.house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM safety_flag") == 1
        assert await db.fetchval("SELECT count(*) FROM review_item WHERE looked_at_on IS NULL") == 1


async def test_some_comments_without_a_flag_are_drawn_for_people_and_no_flagged_one(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "DRAWN", 1)
    await ward.analyse()
    await ward.analyse()
    async with ward.house.owner() as db:
        drawn = await db.fetch("SELECT comment_id, risk, looked_at_on FROM safety_sample")
    assert [tuple(row) for row in drawn] == [(ward.calm, None, None)]
