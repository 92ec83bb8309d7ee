"""Promises 30 and 31: what is past its time, or was erased, is gone with all that was derived from it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import make
import pytest
import pytest_asyncio
from earshot.admin import erasure, keeping
from earshot.admin import retention_store as store
from earshot.core import audit
from earshot.core.crypto import KeyFiles, Unreadable
from earshot.core.db import Database
from earshot.core.work import Worker
from earshot.intake.model import SEALED_FOR
from earshot.measures.stages import ROLLUP, rollup
from house import House

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 22)
CANARY = "quillwhisker"


@dataclass(frozen=True)
class Ward:
    """A provider with a ward, and a worker."""

    house: House
    provider: UUID
    ward: UUID
    worker: Database

    async def said(self, text: str, days_ago: int, *, org_id: UUID | None = None) -> tuple[UUID, UUID]:
        """A comment with a row in every table that is derived from one; returns its id and its response's."""
        async with self.house.owner() as db:
            made = await make.comment(
                db,
                settings=self.house.settings,
                org_id=org_id or self.ward,
                text=text,
                said_on=TODAY - timedelta(days_ago),
            )
            await db.execute(
                "UPDATE vault.submission SET state = 'done', received_on = $1", TODAY - timedelta(days_ago)
            )
            cluster = await make.analysed(db, comment_id=made)
            await db.execute("UPDATE cluster SET words = $2, name = $3 WHERE id = $1", cluster, [text], text)
            await make.safety(db, comment_id=made, kinds=("danger_now",))
            await db.execute("DELETE FROM drift")  # one row for a ward's week, whatever was said in it
            await make.learned(db, comment_id=made)
            await make.signal(db, org_id=self.provider, comment_ids=(made,))
            await db.execute(
                "UPDATE signal SET words = $2 WHERE comment_ids = ARRAY[$1::uuid]", made, [{"text": text, "weight": 1}]
            )
            return made, await db.fetchval("SELECT response_id FROM comment WHERE id = $1", made)

    async def closed_case(self, days_ago: int, *, stream: str = "staff", text: bytes = b"") -> UUID:
        """A case closed so many days ago, with a lock, a text and everything that hangs on it."""
        async with self.house.owner() as db:
            case = await make.case_file(db, org_id=self.ward, stream=stream)
            handler = await make.account(db, email=f"{case}@invented.example", roles={"guardian": self.provider})
            pair = await make.key_pair(db, account_id=handler)
            closed = "UPDATE case_file SET state = 'closed', closed_on = $2, receipt_sealed = $3 WHERE id = $1"
            await db.execute(closed, case, TODAY - timedelta(days_ago), b"receipt-" + text)
            for table, columns, values in (
                ("case_lock", "pair_id, opens, sealed", (pair, "case", b"lock-" + text)),
                ("case_text", "n, kind, sealed", (1, "report", b"text-" + text)),
                ("case_step", "n, kind", (1, "filed")),
                ("hand_off", "kind, text_n", ("pals", 1)),
                ("case_action", "text_n", (1,)),
                ("case_feedback", "question, answer", ("again", "yes")),
                ("break_glass", "asked_by, reason", (handler, "absence")),
                ("case_exclusion", "account_id", (handler,)),
                ("vault.case_wrap", "key_id, sealed", ("2026-01-01", b"wrap-" + text)),
            ):
                marks = ", ".join(f"${n}" for n in range(2, len(values) + 2))
                await db.execute(f"INSERT INTO {table} (case_id, {columns}) VALUES ($1, {marks})", case, *values)
            second = await make.key_pair(db, account_id=await make.account(db, email=f"2{case}@x.example", roles={}))
            await db.execute("INSERT INTO case_escrow VALUES ($1, $2, $3, $4)", case, pair, second, b"escrow-" + text)
        return case

    async def night(self, today: date = TODAY) -> keeping.Removed:
        return await keeping.remove(self.worker, self.house.settings, today)

    async def drain(self) -> None:
        """Do the counting that was queued."""
        await Worker(self.house.dsn("worker"), [ROLLUP]).drain()

    async def left(self, table: str) -> int:
        async with self.house.owner() as db:
            return int(await db.fetchval(f"SELECT count(*) FROM {table}"))


@pytest_asyncio.fixture
async def ward(house: House) -> AsyncIterator[Ward]:
    async with house.owner() as db:
        provider = await make.org(db, code="OURS")
        ward = await make.org(db, code="OURS1", level="team", parent=provider)
    worker = Database(house.dsn("worker"), max_size=3)
    await worker.open()
    yield Ward(house, provider, ward, worker)
    await worker.close()


OF_A_COMMENT = (
    "response", "comment", "analysis", "comment_theme", "comment_considered", "embedding", "comment_cluster",
    "safety_flag", "review_item", "correction", "coding_sample", "coding",
)  # fmt: skip
OF_A_CASE = (
    "case_file", "case_lock", "case_escrow", "case_text", "case_step", "case_exclusion", "hand_off", "case_action",
    "case_feedback", "break_glass", "vault.case_wrap",
)  # fmt: skip


def shapes(word: str) -> list[bytes]:
    """A word as it could lie in a file."""
    raw = word.encode()
    return [
        raw,
        raw.hex().encode(),
        word.encode("utf-16-le"),
        *(base64.b64encode(b"x" * n + raw)[4:-4] for n in range(3)),
    ]


def traces(house: House, word: str) -> list[str]:
    """Where a word lies: in a dump, or in a file of the home."""
    places = {"dump": house.dump()}
    places |= {str(path): path.read_bytes() for path in house.settings.home.rglob("*") if path.is_file()}
    return [name for name, raw in places.items() if any(shape in raw for shape in shapes(word))]


async def test_promise_30_a_comment_past_its_time_is_gone_with_all_that_came_of_it(ward: Ward) -> None:
    await ward.said(f"The {CANARY} was late.", 3_654)
    kept, _ = await ward.said("The porter was kind.", 3_653)
    assert traces(ward.house, CANARY) == ["dump"]
    removed = await ward.night()
    await ward.drain()
    assert removed.kinds["responses"] == 1
    assert traces(ward.house, CANARY) == []
    assert {table: await ward.left(table) for table in OF_A_COMMENT if table != "review_item"} == {
        table: 1 for table in OF_A_COMMENT if table != "review_item"
    }
    async with ward.house.owner() as db:
        assert await db.fetchval("SELECT id FROM comment") == kept
        assert await db.fetch("SELECT exemplars, size FROM cluster ORDER BY size DESC") == [([kept], 1), ([], 0)]
        assert await db.fetchval("SELECT count(*) FROM cluster WHERE ended_on IS NULL") == 1
        assert await db.fetchval("SELECT count(*) FROM signal WHERE comment_ids = '{}' AND words = '[]'") == 1
        days = await db.fetch("SELECT DISTINCT day FROM daily")
        assert [row[0] for row in days] == [TODAY - timedelta(3_653)], "what was counted is counted anew"
        assert await db.fetchval("SELECT count(*) FROM audit_line WHERE action = 'retention.responses'") == 1


async def test_promise_30_a_case_past_its_time_is_gone_with_every_key_to_it(ward: Ward) -> None:
    past = await ward.closed_case(2_193, text=CANARY.encode())
    kept = await ward.closed_case(2_192)
    patients = await ward.closed_case(2_193, stream="patient")
    async with ward.house.owner() as db:
        await db.execute("UPDATE case_file SET same_as = $1 WHERE id = $2", past, kept)
    assert traces(ward.house, CANARY) == ["dump"], "sealed texts are hex in a dump"
    removed = await ward.night()
    assert removed.kinds == {"cases_staff": 1}
    assert traces(ward.house, CANARY) == []
    assert {table: await ward.left(table) for table in OF_A_CASE} == dict.fromkeys(OF_A_CASE, 2)
    async with ward.house.owner() as db:
        assert {row[0] for row in await db.fetch("SELECT id FROM case_file")} == {kept, patients}
        stone = await db.fetchrow("SELECT subject, kind, why, by_account, org_id FROM erasure")
        assert tuple(stone) == (past, "case", "retention", None, ward.provider)
        line = await audit.last(db)
    assert line is not None and (line.action, line.subject, line.org_id) == ("case.erased", past, ward.provider)


async def test_promise_30_a_backup_past_its_time_opens_nowhere_since_its_key_is_destroyed(ward: Ward) -> None:
    keys = KeyFiles(ward.house.settings.keys)
    async with ward.house.owner() as db:
        sent = await make.submission(
            db, settings=ward.house.settings, org_id=ward.ward, text=CANARY, received_on=TODAY - timedelta(91)
        )
        await db.execute("UPDATE vault.submission SET state = 'done'")
        await db.execute("UPDATE vault.sealing_key SET created_on = $1", TODAY - timedelta(91))
        stolen: bytes = await db.fetchval("SELECT sealed FROM vault.submission")
    old = keys.opening().key_id
    info = SEALED_FOR + sent.bytes
    assert CANARY.encode() in keys.opening().open(stolen, info=info), "a backup with the keys of its day opens"

    assert (await ward.night()).kinds == {"originals": 1}
    assert old in keys.earlier_intake(), "it rests for a day, in case a sender is half-way"
    assert (await ward.night(TODAY + timedelta(1))).keys == 0, "files are not touched before a day is over"
    assert (await ward.night(date.today() + timedelta(2))).keys == 1
    assert keys.earlier_intake() == {}
    with pytest.raises(Unreadable):
        keys.opening().open(stolen, info=info)
    assert await ward.left("vault.submission") == 1, "its row stays, so that the same is not read in twice"


async def test_promise_30_a_key_stays_while_something_needs_it(ward: Ward) -> None:
    keys = KeyFiles(ward.house.settings.keys)
    later = date.today() + timedelta(5)
    async with ward.house.owner() as db:
        await make.submission(db, settings=ward.house.settings, org_id=ward.ward, received_on=later)
        await db.execute("UPDATE vault.sealing_key SET created_on = $1", later - timedelta(30))
    assert (await ward.night(later)).keys == 0
    assert len(keys.earlier_intake()) == 1
    async with ward.house.owner() as db:
        await db.execute("UPDATE vault.submission SET sealed = ''")
    spool = ward.house.settings.home / "spool"
    spool.mkdir()
    (spool / f"{uuid4()}.sealed").write_bytes(b"waits")
    assert (await ward.night(later)).keys == 0, "an upload that waits may be sealed with it"
    next(spool.iterdir()).unlink()
    assert (await ward.night(later)).keys == 1


async def test_promise_30_whatever_hangs_on_a_case_or_a_comment_goes_with_it(house: House) -> None:
    """A table that somebody adds later must not keep what was erased, nor keep it from being erased."""
    sql = """
    SELECT conrelid::regclass || '.' || a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
    WHERE c.contype = 'f' AND c.confdeltype <> 'c'
      AND c.confrelid = ANY ('{case_file,case_text,response,comment,coding_sample,embedding}'::regclass[])
    """
    async with house.owner() as db:
        stay = {row[0] for row in await db.fetch(sql)}
    assert stay == {"case_file.same_as", "case_file.continues_id"}, "those are emptied by hand"


async def test_what_is_on_hold_stays(ward: Ward) -> None:
    await ward.said("The tea was cold.", 4_000)
    case = await ward.closed_case(4_000)
    other = await ward.closed_case(4_000)
    async with ward.house.owner() as db:
        await db.execute("UPDATE case_file SET legal_hold = true WHERE id = $1", other)
        hold = await db.fetchval(
            "INSERT INTO retention_hold (org_id, reason) VALUES ($1, 'inquest') RETURNING id", ward.provider
        )
    assert (await ward.night()).kinds == {}
    plan = await planned(ward)
    assert plan == {("cases_staff", 0, 2), ("responses", 0, 1), ("originals", 0, 1)}
    async with ward.worker.transaction() as db:
        assert not await erasure.erase_case(db, case, why="asked", by=None)
        response = await db.fetchval("SELECT id FROM response")
        assert await erasure.erase_responses(db, [response], why="asked", by=None) == 0
    async with ward.house.owner() as db:
        await db.execute("UPDATE retention_hold SET lifted_on = current_date WHERE id = $1", hold)
    assert (await ward.night()).kinds == {"cases_staff": 1, "responses": 1}
    async with ward.house.owner() as db:
        assert [row[0] for row in await db.fetch("SELECT id FROM case_file")] == [other]


async def planned(ward: Ward) -> set[tuple[str, int, int]]:
    async with ward.worker.transaction() as db:
        return {(one.kind, one.due, one.held) for one in await keeping.count(db, TODAY)}


async def test_a_dry_run_counts_and_says_when_the_next_comes_due_and_removes_nothing(ward: Ward) -> None:
    await ward.said("The tea was cold.", 3_700)
    await ward.said("The soup was hot.", 3_600)
    await ward.closed_case(3_700)
    async with ward.worker.transaction() as db:
        plan = {one.kind: one for one in await keeping.count(db, TODAY)}
        kept = await store.sums(db)
    assert (plan["responses"].due, plan["responses"].next_on) == (1, TODAY + timedelta(3_653 - 3_600 + 1))
    assert (plan["cases_staff"].due, plan["cases_staff"].org_id) == (1, ward.provider), "never by the ward"
    assert (kept["responses"].due, kept["responses"].counted_on) == (1, TODAY)
    assert await ward.left("comment") == 2 and await ward.left("case_file") == 1


async def test_an_organisation_sets_its_own_days_and_the_nearest_rule_counts(ward: Ward) -> None:
    await ward.said("On the ward.", 20)
    await ward.said("At the provider.", 20, org_id=ward.provider)
    async with ward.house.owner() as db:
        rule = "INSERT INTO retention_rule (org_id, kind, days) VALUES ($1, 'responses', $2)"
        await db.execute(rule, ward.provider, 10)
        await db.execute(rule, ward.ward, 30)
    assert (await ward.night()).kinds == {"responses": 1}
    async with ward.house.owner() as db:
        assert await db.fetchval("SELECT text FROM comment") == "On the ward."


async def test_old_sessions_work_logs_and_lost_uploads_go_too(ward: Ward, tmp_path: Path) -> None:
    spool = ward.house.settings.home / "spool"
    spool.mkdir()
    (spool / f"{uuid4()}.sealed").write_bytes(b"lost")
    async with ward.house.owner() as db:
        person = await make.account(db, email="a@invented.example", roles={})
        for hours in (1, 72):
            await db.execute(
                "INSERT INTO session (token_hash, account_id, created_at) VALUES ($1, $2, now() - $3::interval)",
                *(bytes([hours]), person, timedelta(hours=hours)),
            )
            log = (
                "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint)"
                " VALUES (now() - $1::interval, 1, 'successful', 0, 'x')"
            )
            await db.execute(log, timedelta(hours=hours * 24))
    removed = await ward.night(date.today())
    assert (removed.kinds["sessions"], removed.kinds["work"], removed.kinds.get("uploads")) == (1, 1, None)
    assert (await ward.night(date.today() + timedelta(9))).kinds["uploads"] == 1
    assert list(spool.iterdir()) == []


async def test_an_open_case_is_never_erased(ward: Ward) -> None:
    case = await ward.closed_case(4_000)
    async with ward.house.owner() as db:
        await db.execute("UPDATE case_file SET state = 'open', closed_on = NULL")
    assert (await ward.night()).kinds == {}
    async with ward.worker.transaction() as db:
        assert not await erasure.erase_case(db, case, why="asked", by=None)


async def recounted(ward: Ward) -> Sequence[tuple[str, int]]:
    async with ward.house.owner() as db:
        rows = await db.fetch("SELECT measure, n FROM daily WHERE measure IN ('comments', 'responses') ORDER BY 1")
        return [tuple(row) for row in rows]


async def test_promise_31_an_erased_comment_leaves_counts_vectors_and_models_and_a_stone_without_words(
    ward: Ward,
) -> None:
    gone, response = await ward.said(f"The {CANARY} was late.", 5)
    stays, _ = await ward.said("The porter was kind.", 5)
    async with ward.house.owner() as db:
        person = await make.account(db, email="a@invented.example", roles={"administrator": ward.provider})
        shared = await db.fetchval("SELECT cluster_id FROM comment_cluster WHERE comment_id = $1", stays)
        await db.execute("UPDATE comment_cluster SET cluster_id = $1", shared)
        sideways = "[" + ",".join(["0", "1"] + ["0"] * 382) + "]"
        await db.execute("UPDATE embedding SET vector = ($2::text)::halfvec WHERE comment_id = $1", gone, sideways)
        await db.execute(
            "UPDATE cluster SET exemplars = $2, words = $3, name = $4, size = 2 WHERE id = $1",
            *(shared, [gone, stays], [CANARY, "porter", "porter kind"], f"{CANARY}, porter, porter kind"),
        )
        await db.execute(
            "INSERT INTO bundle_version (id, state, reason, last_correction) VALUES ('b', 'active', 'x', 10)"
        )
        await db.execute("DELETE FROM pgqueuer")
    await rollup(ward.worker, {"cells": [[str(ward.ward), (TODAY - timedelta(5)).isoformat()]]})
    assert await recounted(ward) == [("comments", 2), ("responses", 2)]

    async with ward.worker.transaction() as db:
        assert await erasure.erase_responses(db, [response], why="asked", by=person) == 1
    async with ward.house.owner() as db:
        queued = {row[0] for row in await db.fetch("SELECT entrypoint FROM pgqueuer")}
        assert {"rollup", "learn"} <= queued, "counts are made again, and so is what was learned from it"
        await db.execute("DELETE FROM pgqueuer WHERE entrypoint <> 'rollup'")
    await ward.drain()
    assert await recounted(ward) == [("comments", 1), ("responses", 1)]
    assert traces(ward.house, CANARY) == []
    async with ward.house.owner() as db:
        theme = await db.fetchrow("SELECT name, words, exemplars, size FROM cluster WHERE id = $1", shared)
        assert tuple(theme) == ("porter, porter kind", ["porter", "porter kind"], [stays], 1)
        one = "[" + ",".join(["1"] + ["0"] * 383) + "]"
        sql = "SELECT centroid <=> ($2::text)::halfvec FROM cluster WHERE id = $1"
        assert await db.fetchval(sql, shared, one) == pytest.approx(0, abs=1e-6), "its vector is out of the centre"
        stone = await db.fetchrow("SELECT subject, kind, why, by_account, org_id FROM erasure")
        assert tuple(stone) == (response, "response", "asked", person, ward.ward)
        line = await audit.last(db)
    assert line is not None and (line.action, line.by_account, line.subject) == ("response.erased", person, response)


async def test_promise_31_a_word_that_another_comment_still_says_stays_in_the_name_of_a_theme(ward: Ward) -> None:
    _, response = await ward.said("The porter was late.", 5)
    stays, _ = await ward.said("The porter was kind.", 5)
    async with ward.house.owner() as db:
        shared = await db.fetchval("SELECT cluster_id FROM comment_cluster WHERE comment_id = $1", stays)
        await db.execute("UPDATE comment_cluster SET cluster_id = $1", shared)
        await db.execute("UPDATE cluster SET words = $2, name = 'porter' WHERE id = $1", shared, ["porter", "late"])
    async with ward.worker.transaction() as db:
        await erasure.erase_responses(db, [response], why="asked", by=None)
    async with ward.house.owner() as db:
        assert tuple(await db.fetchrow("SELECT name, words FROM cluster WHERE id = $1", shared)) == (
            "porter",
            ["porter"],
        )


async def test_the_same_file_does_not_bring_an_erased_answer_back(ward: Ward) -> None:
    _, response = await ward.said("The porter was late.", 5)
    async with ward.house.owner() as db:
        await db.execute("UPDATE vault.submission SET source_hash = 'row 7'")
    async with ward.worker.transaction() as db:
        await erasure.erase_responses(db, [response], why="asked", by=None)
    async with ward.house.owner() as db:
        assert tuple(await db.fetchrow("SELECT source_hash, sealed FROM vault.submission")) == (b"row 7", b"")
