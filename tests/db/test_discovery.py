"""Discovered themes in the database: identities that stay, what became of them, and a look that did not end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import make
import numpy as np
import pytest
import pytest_asyncio
from earshot.admin import erasure
from earshot.analysis import clusters, discovery
from earshot.analysis.browse import Search
from earshot.core.db import Database
from earshot.core.work import MAX_ATTEMPTS, Payload, Stage, Worker, quiet_queue_logs
from house import House

SUBJECTS = ("parking", "soup", "noise", "waiting", "nurses", "letters", "lifts")
CENTRES = np.linalg.qr(np.random.default_rng(42).normal(size=(384, len(SUBJECTS))))[0].T
TODAY = date(2026, 6, 30)


@dataclass(frozen=True)
class Trust:
    """A provider with what a worker needs to find its themes."""

    house: House
    id: UUID
    worker: Database

    async def hears(self, subject: int, count: int, *, said_on: date, seed: int = 0) -> list[UUID]:
        """So many comments on a subject, analysed, with embeddings around the subject's direction."""
        draw = np.random.default_rng([subject, seed])
        heard = []
        async with self.house.owner() as db:
            for number in range(count):
                vector = CENTRES[subject] + draw.normal(scale=0.02, size=384)
                text = f"The {SUBJECTS[subject]} {SUBJECTS[subject]} number {number}"
                heard.append(
                    await make.comment(db, settings=self.house.settings, org_id=self.id, text=text, said_on=said_on)
                )
                await db.execute(
                    "INSERT INTO analysis (comment_id, org_id, stream, bundle, language, language_p, sentiment,"
                    " sentiment_p, sentences) VALUES ($1, $2, 'patient', 'test', 'en', 1, 2, 0.9, '[]')",
                    heard[-1],
                    self.id,
                )
                await db.execute(
                    "INSERT INTO embedding VALUES ($1, $2, 'patient', 'test', ($3::text)::halfvec)",
                    heard[-1],
                    self.id,
                    str((vector / np.linalg.norm(vector)).round(5).tolist()),
                )
        return heard

    async def look(self) -> None:
        """Ask for themes as a person does, and do the job that was queued."""
        async with self.worker.transaction() as db:
            await clusters.ask(db, self.id)
        async with self.house.owner() as db:
            run = await db.fetchval("SELECT id FROM discovery ORDER BY number DESC LIMIT 1")
            await db.execute("DELETE FROM pgqueuer")
        await discovery.discover(self.worker, {"org_id": str(self.id), "discovery_id": str(run)})

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        async with self.house.owner() as db:
            return [dict(row) for row in await db.fetch(sql, *values)]

    async def found(self, until: date | None = None) -> Sequence[clusters.ClusterRow]:
        async with self.house.owner() as db:
            return await clusters.found(db, Search(until=until))


@pytest_asyncio.fixture
async def trust_(house: House) -> AsyncIterator[Trust]:
    async with house.owner() as db:
        provider = await make.org(db, code="OURS")
    worker = Database(house.dsn("worker"), max_size=3)
    await worker.open()
    yield Trust(house, provider, worker)
    await worker.close()


async def states(trust: Trust) -> list[str]:
    return [row["state"] for row in await trust.rows("SELECT state FROM discovery ORDER BY number")]


async def test_a_look_that_waits_is_not_doubled_and_every_provider_gets_its_own(trust_: Trust) -> None:
    async with trust_.house.owner() as db:
        await make.org(db, code="SECOND")
    await discovery.discover(trust_.worker, {})
    await discovery.discover(trust_.worker, {"org_id": str(trust_.id)})
    assert await states(trust_) == ["waiting", "waiting"]
    jobs = await trust_.rows("SELECT dedupe_key FROM pgqueuer WHERE entrypoint = 'discover'")
    assert len({job["dedupe_key"] for job in jobs}) == len(jobs) == 2


async def test_a_look_with_too_few_comments_ends_with_nothing(trust_: Trust) -> None:
    await trust_.look()
    assert await trust_.rows("SELECT state, comments, clusters FROM discovery") == [
        {"state": "done", "comments": 0, "clusters": 0}
    ]


async def test_a_look_whose_job_is_held_has_failed_and_may_be_tried_again(trust_: Trust) -> None:
    async def breaks(database: Database, payload: Payload) -> None:
        async with database.transaction() as db:
            await db.execute("UPDATE discovery SET state = 'running'")
        raise ZeroDivisionError

    async with trust_.worker.transaction() as db:
        await clusters.ask(db, trust_.id)
    async with trust_.house.owner() as db:
        await db.execute("UPDATE pgqueuer SET attempts = $1", MAX_ATTEMPTS)
    quiet_queue_logs()
    assert discovery.DISCOVER.given_up is not None
    await Worker(trust_.house.dsn("worker"), [Stage("discover", breaks, given_up=discovery.DISCOVER.given_up)]).drain()
    assert await states(trust_) == ["failed"]
    assert (await trust_.rows("SELECT status::text FROM pgqueuer"))[0]["status"] == "failed"
    async with trust_.worker.transaction() as db:
        await clusters.ask(db, trust_.id)
    assert await states(trust_) == ["failed", "waiting"]
    async with trust_.house.owner() as db:
        last = await clusters.last_run(db)
    assert last is not None and last.state == "waiting"


@pytest.mark.slow
async def test_themes_keep_their_identity_and_a_new_one_emerges(trust_: Trust) -> None:
    for subject in range(6):
        await trust_.hears(subject, 12, said_on=TODAY - timedelta(300))
    await trust_.look()
    before = await trust_.rows("SELECT id, number, name FROM cluster ORDER BY number")
    assert len(before) == 6
    assert {row["kind"] for row in await trust_.rows("SELECT kind FROM cluster_lineage")} == {"new"}
    new = await trust_.hears(6, 20, said_on=TODAY, seed=1)
    await trust_.hears(0, 3, said_on=TODAY, seed=1)
    await trust_.look()
    after = await trust_.rows("SELECT id, number, name FROM cluster ORDER BY number")
    assert after[:6] == before, "id, number and name stay"
    assert [row["number"] for row in after] == [1, 2, 3, 4, 5, 6, 7]
    members = await trust_.rows("SELECT comment_id FROM comment_cluster WHERE cluster_id = $1", after[6]["id"])
    assert {row["comment_id"] for row in members} == set(new)
    last = await trust_.rows("SELECT kind FROM cluster_lineage WHERE number > 6 ORDER BY kind")
    assert [row["kind"] for row in last] == ["kept"] * 6 + ["new"]
    assert {row.number: row.is_new for row in await trust_.found()} == {n: n == 7 for n in range(1, 8)}


@pytest.mark.slow
async def test_a_period_shows_the_same_whatever_is_heard_after_it(trust_: Trust) -> None:
    end = TODAY - timedelta(100)
    for subject in range(6):
        await trust_.hears(subject, 12, said_on=end - timedelta(5 if subject == 5 else 200))
    await trust_.look()
    then = {row.number: (row.n, row.is_new, row.weekly) for row in await trust_.found(until=end)}
    await trust_.hears(6, 20, said_on=TODAY, seed=1)
    await trust_.look()
    assert {row.number: (row.n, row.is_new, row.weekly) for row in await trust_.found(until=end)} == then
    assert [is_new for _, is_new, _ in then.values()].count(True) == 1


@pytest.mark.slow
async def test_a_theme_that_became_another_is_told_with_it_and_its_number_is_never_given_again(trust_: Trust) -> None:
    heard = [await trust_.hears(subject, 12, said_on=TODAY - timedelta(300)) for subject in range(6)]
    await trust_.look()
    twin = "00000000-0000-0000-0000-00000000000a"
    async with trust_.house.owner() as db:  # as if the parking comments had been two themes
        await db.execute(
            "INSERT INTO cluster SELECT $1, k.org_id, k.stream, 7, 'twin', words, centroid, exemplars, 5,"
            " first_seen_on, last_seen_on FROM cluster k JOIN comment_cluster m ON m.cluster_id = k.id"
            " WHERE m.comment_id = $2",
            UUID(twin),
            heard[0][0],
        )
        await db.execute(
            "UPDATE comment_cluster SET cluster_id = $1 WHERE comment_id = ANY ($2)", UUID(twin), heard[0][:5]
        )
    await trust_.look()
    merged = await trust_.rows("SELECT earlier_id, share FROM cluster_lineage WHERE kind = 'merged'")
    assert merged == [{"earlier_id": UUID(twin), "share": 1.0}]
    history = [(row.n, row.history) for row in await trust_.found() if row.history]
    assert [(n, [(step["kind"], step["name"]) for step in steps]) for n, steps in history] == [
        (12, [("merged", "twin")])
    ]
    async with trust_.house.owner() as db:
        ended = await clusters.ended(db)
    assert [(row.name, row.number) for row in ended] == [("twin", 7)] and ended[0].into
    await trust_.hears(6, 20, said_on=TODAY, seed=1)
    await trust_.look()
    assert sorted(row.number for row in await trust_.found()) == [1, 2, 3, 4, 5, 6, 8]


@pytest.mark.slow
async def test_looking_twice_at_the_same_comments_changes_nothing(trust_: Trust) -> None:
    for subject in range(6):
        await trust_.hears(subject, 12, said_on=TODAY)
    await trust_.look()
    shown = "SELECT id, number, name, words, exemplars, size FROM cluster ORDER BY number"
    first = await trust_.rows(shown), await trust_.rows("SELECT * FROM comment_cluster ORDER BY comment_id")
    await trust_.look()
    assert (await trust_.rows(shown), await trust_.rows("SELECT * FROM comment_cluster ORDER BY comment_id")) == first


@pytest.mark.slow
async def test_promise_31_an_erased_comment_is_gone_from_the_next_look_for_themes(trust_: Trust) -> None:
    for subject in range(6):
        await trust_.hears(subject, 12, said_on=TODAY)
    [gone] = await trust_.hears(0, 1, said_on=TODAY, seed=1)
    async with trust_.house.owner() as db:
        await db.execute("UPDATE comment SET text = 'The parking quillwhisker', redactions = 1 WHERE id = $1", gone)
        response = await db.fetchval("SELECT response_id FROM comment WHERE id = $1", gone)
    await trust_.look()
    sizes = "SELECT size FROM cluster ORDER BY number"
    assert sorted(row["size"] for row in await trust_.rows(sizes)) == [12, 12, 12, 12, 12, 13]
    async with trust_.worker.transaction() as db:
        await erasure.erase_responses(db, [response], why="asked", by=None)
    await trust_.look()
    assert [row["size"] for row in await trust_.rows(sizes)] == [12] * 6
    assert await trust_.rows("SELECT comments FROM discovery ORDER BY number") == [{"comments": 73}, {"comments": 72}]
    assert b"quillwhisker" not in trust_.house.dump()
