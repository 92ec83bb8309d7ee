"""The demonstration's people have looked at older comments that needed one of them, and at nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import make
import pytest
import pytest_asyncio
from earshot.analysis import corrections
from earshot.analysis.corrections import RiskGiven
from earshot.core.db import Database
from earshot.core.work import enqueue
from earshot.demonstration.stages import LOOK, ask_people_to_look, look
from earshot.demonstration.verdicts import LEFT_FOR
from earshot.people.model import Role
from house import House

pytestmark = pytest.mark.slow
TODAY = date.today()
LONG_AGO = TODAY - timedelta(days=60)


@dataclass(frozen=True)
class Demonstration:
    """A demonstration's provider with a ward and its two readers, and another provider."""

    house: House
    worker: Database
    ward: UUID
    elsewhere: UUID
    guardian: UUID
    lead: UUID

    async def flagged(
        self,
        *,
        stream: str = "patient",
        said_on: date = LONG_AGO,
        fft: int | None = 2,
        p: float = 0.97,
        channel: str = "demonstration",
        org_id: UUID | None = None,
    ) -> UUID:
        async with self.house.owner() as db:
            made = await make.comment(
                db, settings=self.house.settings, org_id=org_id or self.ward, stream=stream, said_on=said_on, fft=fft
            )
            await make.safety(db, comment_id=made, kinds=("abuse_or_neglect",))
            await db.execute("UPDATE safety_flag SET p = $2 WHERE comment_id = $1", made, p)
            change = "UPDATE response SET channel = $2 WHERE id = (SELECT response_id FROM comment WHERE id = $1)"
            await db.execute(change, made, channel)
        return made

    async def job(self) -> Any:
        """The payload of the newest look that is queued, as the worker reads it; None where none is."""
        async with self.house.owner() as db:
            newest = "SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id DESC LIMIT 1"
            body = await db.fetchval(newest, LOOK.name)
        return None if body is None else json.loads(body)

    async def look(self) -> None:
        """Take the one look that is queued."""
        payload = await self.job()
        async with self.house.owner() as db:
            await db.execute("DELETE FROM pgqueuer WHERE entrypoint = $1", LOOK.name)
        await look(self.worker, payload)

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        async with self.house.owner() as db:
            return [tuple(row) for row in await db.fetch(sql, *args)]

    async def waiting(self) -> set[UUID]:
        return {row[0] for row in await self.rows("SELECT comment_id FROM review_item WHERE looked_at_on IS NULL")}

    async def verdicts(self) -> dict[UUID, tuple[bool, UUID, date]]:
        rows = await self.rows("SELECT comment_id, present, made_by, made_on FROM correction WHERE ended_on IS NULL")
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


@pytest_asyncio.fixture
async def demonstration(house: House) -> AsyncIterator[Demonstration]:
    worker = Database(house.dsn("worker"), max_size=2)
    await worker.open()
    async with house.owner() as db:
        provider = await make.org(db, code="ZZF")
        ward = await make.org(db, code="W", level="team", parent=provider)
        elsewhere = await make.org(db, code="REAL")
        guardian = await make.account(db, email="guardian@invented.example", roles={"guardian": provider})
        lead = await make.account(db, email="lead@invented.example", roles={"quality_lead": provider})
    async with worker.transaction() as db:
        await ask_people_to_look(db, provider, {Role.GUARDIAN: guardian, Role.QUALITY_LEAD: lead}, TODAY)
    yield Demonstration(house, worker, ward, elsewhere, guardian, lead)
    await worker.close()


async def test_older_comments_have_a_verdict_of_somebody_at_a_plausible_time(demonstration: Demonstration) -> None:
    calm = await demonstration.flagged(fft=1)
    grave = await demonstration.flagged(stream="staff", fft=5)
    await demonstration.look()
    verdicts = await demonstration.verdicts()
    assert verdicts[calm][:2] == (False, demonstration.lead)
    assert verdicts[grave][:2] == (True, demonstration.guardian)
    looked = await demonstration.rows("SELECT comment_id, looked_at_by, looked_at_on FROM review_item")
    assert {row[0]: row[1:] for row in looked} == {comment: given[1:] for comment, given in verdicts.items()}
    assert all(LONG_AGO < on <= LONG_AGO + timedelta(days=5) for _, _, on in verdicts.values())


async def test_the_newest_days_wait_for_whoever_tries_it(demonstration: Demonstration) -> None:
    edge = TODAY - LEFT_FOR
    new = {await demonstration.flagged(said_on=edge), await demonstration.flagged(said_on=TODAY)}
    old = await demonstration.flagged(said_on=edge - timedelta(days=1))
    await demonstration.look()
    assert await demonstration.waiting() == new
    assert set(await demonstration.verdicts()) == {old}


async def test_what_somebody_sent_themselves_and_other_providers_are_never_touched(
    demonstration: Demonstration,
) -> None:
    sent = {
        await demonstration.flagged(channel="form"),
        await demonstration.flagged(channel="import"),
        await demonstration.flagged(org_id=demonstration.elsewhere),
    }
    await demonstration.look()
    assert await demonstration.waiting() == sent
    assert await demonstration.verdicts() == {}


async def test_a_second_look_changes_nothing_and_a_person_s_own_verdict_stays(demonstration: Demonstration) -> None:
    mine, theirs = await demonstration.flagged(fft=1), await demonstration.flagged(fft=1)
    async with demonstration.worker.transaction() as db:
        place = await corrections.place(db, mine)
        await corrections.make(db, place, RiskGiven(kind="risk", present=True), demonstration.guardian)
        await db.execute("UPDATE review_item SET looked_at_on = current_date WHERE comment_id = $1", mine)
    payload = await demonstration.job()
    await look(demonstration.worker, payload)
    before = await demonstration.rows("SELECT * FROM correction ORDER BY number")
    await look(demonstration.worker, payload)
    assert await demonstration.rows("SELECT * FROM correction ORDER BY number") == before
    verdicts = await demonstration.verdicts()
    assert verdicts[mine] == (True, demonstration.guardian, TODAY)
    assert verdicts[theirs][:2] == (False, demonstration.lead)


async def test_it_comes_back_while_comments_are_being_read_and_then_no_more(demonstration: Demonstration) -> None:
    async with demonstration.worker.transaction() as db:
        await enqueue(db, "analyse", {"comments": []})
    await demonstration.look()
    assert await demonstration.job() is not None
    late = await demonstration.flagged()
    async with demonstration.house.owner() as db:
        await db.execute("DELETE FROM pgqueuer WHERE entrypoint = 'analyse'")
    await demonstration.look()
    assert await demonstration.job() is None
    assert set(await demonstration.verdicts()) == {late}


async def test_signals_of_counts_stay_as_they_are_and_one_of_a_looked_at_comment_is_acknowledged(
    demonstration: Demonstration,
) -> None:
    comment = await demonstration.flagged()
    async with demonstration.house.owner() as db:
        rise = await make.signal(db, org_id=demonstration.ward, comment_ids=(comment,))
        alone = await make.signal(db, org_id=demonstration.ward, kind="one_comment", comment_ids=(comment,), theme="")
    await demonstration.look()
    states = dict(await demonstration.rows("SELECT id, state FROM signal"))
    assert states == {rise: "new", alone: "acknowledged"}
