"""The Audit page: the trail of one's own subtree, for administrators, and nobody's words."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn
from earshot.admin.trail import Anchors
from earshot.cli import app
from earshot.core import audit
from earshot.core.config import settings as settings_of_process
from earshot.people.passwords import hash_password
from house import House
from typer.testing import CliRunner

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Trail:
    """Two providers, a guardian of the first, and lines of both."""

    house: House
    ours: UUID
    theirs: UUID
    guardian: UUID


@pytest_asyncio.fixture
async def written(house: House) -> AsyncIterator[Trail]:
    async with house.owner() as db:
        ours, theirs = await make.org(db, code="OURS"), await make.org(db, code="THEIRS")
        guardian = await make.account(db, email="g@invented.example", name="Gwen Invented", roles={"guardian": ours})
        case = await make.case_file(db, org_id=ours)
        for _ in range(60):
            await audit.record(db, action="case.read", by=guardian, subject=case)
        await audit.record(db, action="export.comments", by=None, org_id=ours)
        await audit.record(db, action="role.given", by=None, subject=guardian, org_id=ours)
        await audit.record(db, action="test.theirs", by=None, org_id=theirs)
    yield Trail(house, ours, theirs, guardian)


async def test_an_administrator_reads_the_trail_of_their_own_provider_newest_first(
    written: Trail, signed_in: SignIn
) -> None:
    client = await signed_in("administrator", written.ours)
    first = (await client.get("/api/audit")).json()
    assert (first["total"], first["page"], first["pages"]) == (62, 1, 2)
    assert [line["action"] for line in first["lines"][:3]] == ["role.given", "export.comments", "case.read"]
    assert first["lines"][0]["subject_name"] == "Gwen Invented"
    read = first["lines"][2]
    assert (read["by_name"], read["by_roles"], read["org_name"]) == ("Gwen Invented", ["guardian"], "OURS (invented)")
    assert first["actions"] == ["case.read", "export.comments", "role.given"]
    assert first["people"] == [{"id": str(written.guardian), "name": "Gwen Invented"}]
    assert "n" not in read, "a gap in numbers would tell of lines that one may not see"
    second = (await client.get("/api/audit?page=2")).json()
    assert [line["action"] for line in second["lines"]] == ["case.read"] * 12


async def test_the_trail_is_filtered_by_day_action_and_person(written: Trail, signed_in: SignIn) -> None:
    client = await signed_in("administrator", written.ours)
    day = (await client.get("/api/audit")).json()["lines"][0]["on_day"]

    async def total(query: str) -> int:
        return int((await client.get(f"/api/audit?{query}")).json()["total"])

    assert await total("action=case.read") == 60
    assert await total(f"person={written.guardian}") == 60
    assert await total(f"person={written.theirs}") == 0
    assert await total(f"since={day}&until={day}") == 62
    assert await total("until=2020-01-01") == 0
    assert (await client.get("/api/audit?action=words that are none")).status_code == 422


@pytest.mark.parametrize("role", ["guardian", "pals", "manager", "quality_lead", "analyst"])
async def test_nobody_but_an_administrator_reads_the_trail(written: Trail, signed_in: SignIn, role: str) -> None:
    assert (await (await signed_in(role, written.ours)).get("/api/audit")).status_code == 403


async def test_who_was_let_in_who_was_not_and_who_left_is_kept_without_an_address(
    house: House, console_client: httpx.AsyncClient, signed_in: SignIn
) -> None:
    async with house.owner() as db:
        ours = await make.org(db, code="OURS")
        password_hash = hash_password("four unrelated words here")
        email, roles = "ada@invented.example", {"analyst": ours}
        person = await make.account(db, email=email, password_hash=password_hash, roles=roles)
    for address, password, status in (
        (email, "four unrelated words there", 401),
        ("nobody@marked-mail.example", "four unrelated words here", 401),
        (email, "four unrelated words here", 200),
    ):
        answer = await console_client.post("/api/session", json={"email": address, "password": password})
        assert answer.status_code == status
    assert (await console_client.delete("/api/session")).status_code == 204
    assert (await console_client.delete("/api/session")).status_code == 204, "nobody is left to sign out"
    lines = (await (await signed_in("administrator", ours)).get("/api/audit")).json()["lines"]
    assert [(line["action"], line["by_id"], line["subject"]) for line in reversed(lines)] == [
        ("session.refused", None, str(person)),
        ("session.refused", None, None),
        ("session.password", str(person), None),
        ("session.ended", str(person), None),
    ]
    assert b"marked-mail" not in house.dump()


async def test_what_takes_words_out_or_changes_how_they_come_in_leaves_a_line(house: House, signed_in: SignIn) -> None:
    async with house.owner() as db:
        ours = await make.org(db, code="OURS")
        await make.comment(db, settings=house.settings, org_id=ours)
    client = await signed_in("administrator", ours)
    assert (await client.get("/api/comments/export.csv")).status_code == 200
    given = {"org_id": str(ours), "audience": "patient", "label": "By the door"}
    link = (await client.post("/api/links", json=given)).json()
    assert (await client.patch(f"/api/links/{link['id']}", json={"label": "By the lift"})).status_code == 200
    file = {"file": ("march.csv", b"comment,date\nThe tea was cold.,2026-03-02\n", "text/csv")}
    batch = (await client.post("/api/imports", files=file)).json()
    assert (await client.delete(f"/api/imports/{batch['id']}")).status_code == 204
    assert (await client.post("/api/learning/read-again")).status_code == 202
    rules = {"false_alarms": 3, "acknowledge_hours": 2}
    assert (await client.put("/api/signals/rules", json=rules)).status_code == 200
    lines = (await client.get("/api/audit")).json()["lines"]
    assert [line["action"] for line in reversed(lines)] == [
        "comments.exported", "form.link_made", "form.link_changed", "import.begun", "import.undone",
        "learning.read_again", "signals.rules",
    ]  # fmt: skip
    assert {line["by_name"] for line in lines} == {"Ada Invented"}
    assert b"march.csv" not in repr(lines).encode() and "door" not in repr(lines), "nobody's words"


@pytest.mark.slow
async def test_promise_43_the_command_says_whether_the_trail_is_whole(
    written: Trail, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EARSHOT_HOME", str(written.house.settings.home))
    monkeypatch.setenv("EARSHOT_DATABASE_URL", written.house.owner_dsn)
    settings_of_process.cache_clear()
    anchors, copy, torn = Anchors(written.house.settings.home), tmp_path / "copy", tmp_path / "torn"
    async with written.house.role("worker") as db:
        await anchors.drop(db)
    shutil.copy(anchors.path, copy)
    torn.write_text(copy.read_text() + "2026-03-02 words that somebody put in\n")
    verify, runs = ("audit", "verify"), []
    try:
        runs.append(await in_thread(*verify))
        runs.append(await in_thread("audit", "list", "--action", "role.given"))
        async with written.house.owner() as db:
            await db.execute("ALTER TABLE audit_line DISABLE TRIGGER USER")
            await db.execute("DELETE FROM audit_line WHERE n = 63")
        anchors.path.unlink()  # whoever owns the whole computer would do that, too
        runs.append(await in_thread(*verify))
        runs.append(await in_thread(*verify, "--anchors", str(copy)))
        runs.append(await in_thread(*verify, "--anchors", str(torn)))
        async with written.house.owner() as db:
            await db.execute("UPDATE audit_line SET by_account = NULL WHERE n = 17")
        runs.append(await in_thread(*verify))
    finally:
        settings_of_process.cache_clear()
    assert [status for status, _ in runs] == [0, 0, 0, 1, 1, 1]
    assert "The trail is whole: 63 lines, held against 1 anchors" in runs[0][1]
    assert "role.given" in runs[1][1] and "Gwen Invented" in runs[1][1]
    assert "The trail is whole: 62 lines, held against 0 anchors" in runs[2][1], "only a copy elsewhere knows better"
    assert "Lines from 63 on are missing" in runs[3][1]
    assert "The trail is whole" not in runs[4][1]
    assert "Line 17 is not as it was written" in runs[5][1]


async def in_thread(*arguments: str) -> tuple[int, str]:
    """Run a command, which has an event loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    return done.exit_code, done.output
