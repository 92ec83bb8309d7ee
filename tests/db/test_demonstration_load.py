"""Loading the demonstration: whole or not at all, once, sealed, and open to the people who are shown."""

from __future__ import annotations

import asyncio
import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from earshot.cases import receipts_store, sealing, stages
from earshot.cases.key_pairs import PassphraseLock, unlock
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import Unavailable
from earshot.core.work import enqueue
from earshot.demonstration.accounts import DemonstrationSignIns
from earshot.demonstration.cases import every_case
from earshot.demonstration.load import JOB, TO_TRY, TreeInTheWay, load_demonstration
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
        accounts = dict(await db.fetch("SELECT split_part(email, '@', 1), id::text FROM account"))
        provider = await db.fetchval("SELECT id::text FROM org WHERE code = 'ZZF'")
        edge = await db.fetchval("SELECT (current_date - 10)::text")
    readers = {"guardian": accounts["guardian"], "quality_lead": accounts["quality"]}
    assert [json.loads(job["payload"]) for job in jobs] == [{"org_id": provider, "before": edge, "readers": readers}]


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
    assert not any(person.key_passphrase.encode() in dump for person in loaded.sign_ins.people if person.key_passphrase)
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


async def test_its_handlers_open_every_case_with_the_passphrases_shown_and_nobody_else_does(loaded: Loaded) -> None:
    signed = {person.email: person for person in loaded.sign_ins.people}
    async with loaded.house.owner() as db:
        pairs = await db.fetch(
            "SELECT a.email, k.id, k.public, l.salt, l.settings, l.sealed FROM key_pair k"
            " JOIN account a ON a.id = k.account_id JOIN key_lock l ON l.pair_id = k.id"
        )
        locks = await db.fetch(
            "SELECT l.pair_id, l.case_id, l.sealed, t.sealed AS report FROM case_lock l"
            " JOIN case_text t ON t.case_id = l.case_id AND t.kind = 'report' WHERE l.opens = 'case'"
        )
        streams = dict(await db.fetch("SELECT id, stream FROM case_file"))
    keys: dict[UUID, bytes] = {}
    for pair in pairs:
        lock = PassphraseLock(pair["salt"], pair["settings"], pair["sealed"])
        keys[pair["id"]] = unlock(lock, signed[pair["email"]].key_passphrase, pair["public"]).private
    assert len(keys) == 4
    texts = {case.text for case in every_case()}
    opened: Counter[UUID] = Counter()
    for lock in locks:
        report = sealing.open_lock(lock["case_id"], lock["sealed"], keys[lock["pair_id"]]).open(
            "report", lock["report"]
        )
        assert report["text"] in texts
        opened[lock["case_id"]] += 1
    assert set(opened) == set(streams)
    others = [n for case, n in opened.items() if n != (2 if streams[case] == "staff" else 3)]
    assert others == [1], "the one that the deputy must not see"


async def test_no_word_of_an_invented_case_lies_in_clear(loaded: Loaded) -> None:
    dump = loaded.house.dump()
    for case in every_case():
        for text in (case.text, *(message.text for message in case.talk)):
            assert text[:40].encode() not in dump


async def test_the_receipt_shown_leads_to_a_case_with_a_conversation(loaded: Loaded) -> None:
    receipt = sealing.normalise(loaded.sign_ins.receipt)
    async with loaded.house.role("public") as db, db.transaction():
        told = await receipts_store.told(db, sealing.receipt_hash(sealing.lookup(receipt)))
    assert told is not None
    keys = sealing.open_under_receipt(told.held.id, told.held.receipt_sealed, receipt)
    words = [keys.open(text.kind, text.sealed)["text"] for text in told.texts]
    assert words[0] == next(case.text for case in every_case() if case.name == TO_TRY)
    assert [text.kind for text in told.texts] == ["report", "from_handler", "from_person"]


async def test_cases_lie_in_every_state_on_days_of_the_last_year(loaded: Loaded) -> None:
    async with loaded.house.owner() as db:
        states = dict(await db.fetch("SELECT state, count(*) FROM case_file GROUP BY state"))
        quarters = await db.fetchval("SELECT count(DISTINCT date_trunc('quarter', received_on)) FROM case_file")
        later = await db.fetchval(
            "SELECT count(*) FROM (SELECT on_day FROM case_step UNION ALL SELECT on_day FROM case_text) days"
            " WHERE on_day > current_date"
        )
        early = await db.fetchval(
            "SELECT count(*) FROM case_step s JOIN case_file f ON f.id = s.case_id WHERE s.on_day < f.received_on"
        )
        disordered = await db.fetchval(
            "SELECT count(*) FROM case_step a JOIN case_step b USING (case_id) WHERE a.n < b.n AND a.on_day > b.on_day"
        )
        unread = await db.fetchval(
            "SELECT count(*) FROM case_text t JOIN case_seen s USING (case_id)"
            " WHERE t.kind = 'from_person' AND t.n > s.text_n"
        )
        jobs = await db.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'read_case'")
    assert set(states) == {"new", "open", "closed"}
    assert quarters >= 4
    assert (later, early, disordered) == (0, 0, 0)
    assert unread == 1
    assert jobs == sum(states.values())


async def test_the_worker_reads_every_invented_case_and_one_is_first_in_the_queue(loaded: Loaded) -> None:
    worker = Database(loaded.house.dsn("worker"), max_size=2)
    await worker.open()
    async with worker.connection() as db:
        ids = [row["id"] for row in await db.fetch("SELECT id FROM case_file")]
    await stages.read(worker, ids, loaded.house.settings)
    await worker.close()
    async with loaded.house.owner() as db:
        row = await db.fetchrow("SELECT risk, risk_kinds, read_on FROM case_file WHERE 'self_harm' = ANY (risk_kinds)")
        heard = dict(await db.fetch("SELECT risk, count(*) FROM case_file GROUP BY risk"))
        left = await db.fetchval("SELECT count(*) FROM vault.case_wrap")
    assert row["risk"]
    assert heard[False] >= 10
    assert set(heard) == {True, False}
    assert left == 0
