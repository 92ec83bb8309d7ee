"""Loading the demonstration: whole or not at all, once, sealed, and open to the people who are shown."""

from __future__ import annotations

import asyncio
import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import Unavailable
from earshot.core.work import enqueue
from earshot.demonstration.accounts import DemonstrationSignIns
from earshot.demonstration.load import JOB, TreeInTheWay, load_demonstration
from earshot.demonstration.model import Said
from earshot.demonstration.plan import plan
from earshot.people import store as people
from earshot.people.model import Actor, Role
from earshot.people.passwords import matches
from house import Cluster, House, short_folder

pytestmark = pytest.mark.slow

COUNTS = "SELECT (SELECT count(*) FROM org), (SELECT count(*) FROM account), (SELECT count(*) FROM vault.submission)"


@dataclass(frozen=True)
class Loaded:
    """A house with the whole demonstration, for tests that only look."""

    house: House
    sign_ins: DemonstrationSignIns
    reported: tuple[str, ...]


def quiet(_line: str) -> None:
    """Where a test does not care what is reported."""


@pytest.fixture(scope="module")
def loaded(cluster: Cluster) -> Iterator[Loaded]:
    """Loaded once, since it is some seconds' work."""
    with short_folder() as home:
        house = asyncio.run(cluster.new_house(home))
        reported: list[str] = []
        sign_ins = asyncio.run(load_demonstration(house.settings, reported.append))
        assert sign_ins is not None
        yield Loaded(house, sign_ins, tuple(reported))
        asyncio.run(cluster.demolish(house))


async def test_a_second_run_changes_nothing_and_shows_the_same_sign_ins(loaded: Loaded) -> None:
    reported: list[str] = []
    async with loaded.house.owner() as db:
        before = tuple(await db.fetchrow(COUNTS))
        assert await load_demonstration(loaded.house.settings, reported.append) == loaded.sign_ins
        assert tuple(await db.fetchrow(COUNTS)) == before
    assert before[2] > 5_500
    assert len(loaded.reported) == 2
    assert reported == []


async def test_every_submission_is_sealed_dated_and_in_one_job(loaded: Loaded) -> None:
    key = KeyFiles(loaded.house.settings.keys).opening()
    async with loaded.house.owner() as db:
        rows = await db.fetch("SELECT id, sealed, channel, received_on FROM vault.submission")
        jobs = await db.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'deidentify'")
        newest = await db.fetchval("SELECT current_date - max(received_on) FROM vault.submission")
    queued = Counter(made for job in jobs for made in json.loads(job["payload"])["submissions"])
    assert queued == Counter(str(row["id"]) for row in rows)
    assert max(len(json.loads(job["payload"])["submissions"]) for job in jobs) == JOB
    assert {row["channel"] for row in rows} == {"demonstration"}
    assert newest == 1
    for row in rows[:20]:
        sent = json.loads(key.open(row["sealed"], info=b"earshot/submission/v1/" + row["id"].bytes))
        assert set(sent) == {"answers", "fft", "about"}


async def test_its_people_are_asked_to_look_at_what_is_older_than_ten_days(loaded: Loaded) -> None:
    async with loaded.house.owner() as db:
        jobs = await db.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'demonstration_look'")
        roles = dict(await db.fetch("SELECT role, account_id::text FROM role_grant"))
        provider = await db.fetchval("SELECT id::text FROM org WHERE code = 'ZZF'")
        edge = await db.fetchval("SELECT (current_date - 10)::text")
    assert [json.loads(job["payload"]) for job in jobs] == [
        {"org_id": provider, "before": edge, "readers": {role: roles[role] for role in ("guardian", "quality_lead")}}
    ]


async def test_the_people_shown_can_sign_in_and_see_what_is_said_of_them(loaded: Loaded) -> None:
    seen: dict[Role, tuple[set[str], int]] = {}
    console = Database(loaded.house.dsn("console"), max_size=1)
    await console.open()
    for person in loaded.sign_ins.people:
        async with console.connection() as db:
            account = await people.account_by_email(db, person.email)
            assert account is not None
            assert await matches(person.password, account.password_hash)
            grants = await people.grants(db, account.id)
        actor = Actor(account.id, account.name, account.email, grants)
        async with console.transaction(actor.scope) as db:
            seen[grants[0].role] = (set(actor.streams), await db.fetchval("SELECT count(*) FROM org"))
    await console.close()
    async with loaded.house.owner() as db:
        every = await db.fetchval("SELECT count(*) FROM org")
    assert set(seen) == set(Role)
    assert seen[Role.QUALITY_LEAD][1] == seen[Role.ADMINISTRATOR][1] == every
    assert "staff" in seen[Role.GUARDIAN][0]
    assert "staff" not in seen[Role.MANAGER][0]
    assert 1 < seen[Role.MANAGER][1] < seen[Role.ANALYST][1] < every


async def test_passphrases_lie_only_in_a_file_that_only_its_owner_reads(loaded: Loaded) -> None:
    path = loaded.house.settings.home / "demonstration.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    dump = loaded.house.dump()
    assert all(person.email.encode() in dump for person in loaded.sign_ins.people)
    assert not any(person.password.encode() in dump for person in loaded.sign_ins.people)
    elsewhere = path.rename(path.with_suffix(".moved"))
    try:
        assert await load_demonstration(loaded.house.settings, quiet) is None
    finally:
        elsewhere.rename(path)


async def test_every_open_unit_of_patients_has_a_link_and_the_closed_one_leads_to_its_successor(loaded: Loaded) -> None:
    async with loaded.house.owner() as db:
        linked = await db.fetch(
            "SELECT o.code, o.level, array_agg(l.audience ORDER BY l.audience) AS audiences"
            " FROM form_link l JOIN org o ON o.id = l.org_id GROUP BY o.code, o.level"
        )
        closed = await db.fetch(
            "SELECT o.code, s.closed_on AS next_closed FROM org o JOIN org s ON s.id = o.successor_id"
            " WHERE o.closed_on < current_date"
        )
        settings = await db.fetchval("SELECT count(*) FROM org WHERE setting NOT IN ('estates', 'corporate')")
    by_level = Counter(row["level"] for row in linked)
    assert by_level == {"team": settings - 1, "site": 4, "provider": 1}
    assert all(row["audiences"] == ["carer", "patient"] for row in linked if row["level"] == "team")
    assert all("staff" in row["audiences"] for row in linked if row["level"] == "site")
    assert len(closed) == 1
    assert closed[0]["next_closed"] is None
    assert closed[0]["code"] not in {row["code"] for row in linked}


async def test_a_tree_in_the_way_is_named_and_nothing_is_loaded(house: House) -> None:
    async with house.owner() as db:
        await db.execute(
            "INSERT INTO org (path, level, code, name) VALUES ('taken', 'provider', 'ZZF01', 'Somebody else')"
        )
        with pytest.raises(TreeInTheWay, match="ZZF01"):
            await load_demonstration(house.settings, quiet)
        assert tuple(await db.fetchrow(COUNTS)) == (1, 0, 0)


async def test_a_run_that_is_cut_off_leaves_nothing_and_the_next_one_completes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(connection: Any, stage: str, payload: Any, **options: Any) -> None:
        await enqueue(connection, stage, payload, **options)
        raise ConnectionResetError

    def short(*given: Any, **options: Any) -> list[Said]:
        return plan(*given, **options)[:300]

    monkeypatch.setattr("earshot.demonstration.load.plan", short)
    with monkeypatch.context() as cut:
        cut.setattr("earshot.demonstration.load.enqueue", cut_off)
        with pytest.raises(Unavailable):
            await load_demonstration(house.settings, quiet)
    async with house.owner() as db:
        assert tuple(await db.fetchrow(COUNTS)) == (0, 0, 0)
        assert await db.fetchval("SELECT count(*) FROM pgqueuer") == 0
        sign_ins = await load_demonstration(house.settings, quiet)
        assert sign_ins is not None
        assert tuple(await db.fetchrow(COUNTS))[1:] == (len(sign_ins.people), 300)
