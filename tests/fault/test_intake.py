"""Promises 1 to 5: nothing acknowledged is lost and nothing counts twice, whatever is killed or fills up."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import make
import pytest
from load import Load
from stack import Stack, new_stack

pytestmark = pytest.mark.fault


@pytest.fixture
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        yield made


async def opened(stack: Stack) -> Load:
    """Start the public door of a ward."""
    async with stack.owner() as db:
        ward = await make.org(db, code="WARD4", level="team")
        token = await make.link(db, org_id=ward)
    stack.start("public")
    return Load(stack.public, token)


async def kept(stack: Stack) -> set[UUID]:
    async with stack.owner() as db:
        return {row[0] for row in await db.fetch("SELECT id FROM vault.submission")}


async def queued(stack: Stack) -> list[UUID]:
    """The submissions that jobs of the first stage name, as often as they name them."""
    async with stack.owner() as db:
        jobs = await db.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'deidentify'")
    return [UUID(submission) for job in jobs for submission in json.loads(job["payload"])["submissions"]]


async def test_promise_01_03_05_nothing_acknowledged_is_lost_when_the_web_process_is_killed(stack: Stack) -> None:
    load = await opened(stack)
    async with load.sending():
        await load.until("201", 300)
        stack.kill("public")
        await asyncio.sleep(0.3)
    assert load.answers["broken"] > 0, "it must die under load"
    rows = await kept(stack)
    assert set(load.acknowledged.values()) - rows == set(), "acknowledged and lost"
    assert sorted(await queued(stack)) == sorted(rows), "promise 5: every row has its job, every job its row"

    stack.start("public")
    first = dict(load.acknowledged)
    async with load.client() as client:
        for key in load.sent:
            answer = await load.send(client, key)
            assert answer is not None
            assert answer.status_code == 201
    assert {key: load.acknowledged[key] for key in first} == first, "promise 3: a replay gets the first answer"
    assert len(await kept(stack)) == len(load.sent), "promise 3: nothing counts twice"
    assert sorted(await queued(stack)) == sorted(await kept(stack))


async def test_promise_03_a_key_used_again_for_other_words_is_refused(stack: Stack) -> None:
    load = await opened(stack)
    async with load.client() as client:
        await load.send(client, "the-same-key")
        other = {**load.body("the-same-key"), "fft": 5}
        answer = await client.post("/api/v1/submissions", json=other, headers={"Idempotency-Key": "the-same-key"})
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(await kept(stack)) == 1


async def test_promise_03_the_same_key_from_many_at_once_is_kept_once(stack: Stack) -> None:
    load = await opened(stack)
    async with load.client() as client:
        answers = await asyncio.gather(*(load.send(client, "one-and-only") for _ in range(40)))
    assert {answer.json()["id"] for answer in answers if answer} == {str(load.acknowledged["one-and-only"])}
    assert load.answers == {"201": 40}
    assert len(await kept(stack)) == 1


async def test_promise_02_a_crashed_database_means_503_and_the_same_web_process_recovers(stack: Stack) -> None:
    load = await opened(stack)
    process = stack.processes["public"]
    async with load.sending():
        await load.until("201", 300)
        stack.crash_postgres()
        await load.until("503", 100)
        stack.postgres.start()
        after = load.answers["201"]
        await load.until("201", after + 300)
    assert set(load.answers) == {"201", "503"}, load.answers
    assert load.impatient == [], "every 503 says when to come back"
    rows = await kept(stack)
    assert set(load.acknowledged.values()) - rows == set(), "acknowledged and lost"
    assert sorted(await queued(stack)) == sorted(rows)
    assert process.poll() is None


def may_mount() -> bool:
    """Whether this process may mount a file system: root outside a tight container."""
    test = "mount -t tmpfs none /tmp && umount /tmp"
    return (
        os.geteuid() == 0 and subprocess.run(["unshare", "-m", "sh", "-c", test], capture_output=True).returncode == 0
    )


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own under the whole home, filled by somebody else's file."""

    ballast: Path

    async def fill(self, _stack: Stack) -> None:
        """Take all the space but 200 KB: room for a few dozen rows."""
        free = os.statvfs(self.ballast.parent).f_bavail * os.statvfs(self.ballast.parent).f_frsize
        with self.ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - 200_000)

    async def empty(self, _stack: Stack) -> None:
        """Give the space back."""
        self.ballast.unlink()


class Imitation:
    """Where nothing may be mounted, Postgres itself says that the disk is full, with the same error code."""

    async def fill(self, stack: Stack) -> None:
        """Refuse every new row in the vault."""
        async with stack.owner() as db:
            await db.execute(
                "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$;"
                " CREATE TRIGGER disk_full BEFORE INSERT ON vault.submission EXECUTE FUNCTION disk_full()"
            )

    async def empty(self, stack: Stack) -> None:
        """Let rows in again."""
        async with stack.owner() as db:
            await db.execute("DROP TRIGGER disk_full ON vault.submission")


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=220m,mode=755", "earshot-test", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


MECHANISM = "on-a-small-disk" if may_mount() else "imitated-since-nothing-may-be-mounted-here"


@pytest.mark.parametrize("mechanism", [MECHANISM])
async def test_promise_04_a_full_disk_refuses_with_503_and_loses_nothing(
    full_disk: tuple[Stack, SmallDisk | Imitation], mechanism: str
) -> None:
    stack, disk = full_disk
    load = await opened(stack)
    async with load.sending():
        await load.until("201", 100)
    await disk.fill(stack)
    async with load.sending():
        await load.until("503", 50)
    assert set(load.answers) == {"201", "503"}, load.answers
    assert load.impatient == []
    async with load.client() as client:
        assert (await client.get(f"/f/{load.token}")).status_code == 200, "the form can still be read"
    async with stack.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.submission") >= 100, "what is there can be read"
    await disk.empty(stack)
    before = load.answers["201"]
    async with load.sending():
        await load.until("201", before + 100)
    assert set(load.acknowledged.values()) - await kept(stack) == set(), "acknowledged and lost"
    assert sorted(await queued(stack)) == sorted(await kept(stack))
    assert stack.processes["public"].poll() is None, "no restart was needed"


@pytest.fixture
def full_disk() -> Iterator[tuple[Stack, SmallDisk | Imitation]]:
    if not may_mount():
        with new_stack() as stack:
            yield stack, Imitation()
        return
    with new_stack(disk=small_disk) as stack:
        yield stack, SmallDisk(stack.settings.home / "somebody-elses-file")
