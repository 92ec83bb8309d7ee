"""Imports through the console's door and from the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import typer
from earshot.core.config import Settings, settings
from earshot.core.db import Database
from earshot.intake.import_command import import_command
from earshot.intake.placing import Place, code_for
from earshot.intake.stages import carry_out
from earshot.orgs import store as orgs_store
from house import House
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.slow

FIXTURE = Path(__file__).parents[1] / "fixtures" / "imports" / "two_trusts.csv"
SignIn = Callable[[str, UUID], Awaitable[httpx.AsyncClient]]
COUNTS = {"rows": 18, "imported": 7, "duplicate": 1, "blank": 3, "refused": 7}


async def nation(house: House, code: str = "ENG") -> UUID:
    async with house.role("worker") as connection:
        return await orgs_store.add(connection, code=code, name=code, level="nation", parent_id=None)


async def worked(house: House, import_id: str) -> None:
    """What the worker does with the queued job."""
    database = Database(house.dsn("worker"), max_size=3)
    await database.open()
    await carry_out(database, UUID(import_id), house.settings)
    await database.close()


def upload() -> dict[str, tuple[str, bytes]]:
    return {"file": ("../../two trusts.csv", FIXTURE.read_bytes())}


async def test_a_file_goes_from_preview_to_report_and_back(house: House, signed_in: SignIn) -> None:
    client = await signed_in("quality_lead", await nation(house))
    preview = (await client.post("/api/imports/preview", files=upload())).json()
    assert (preview["file_name"], preview["rows"]) == ("two trusts.csv", 18)
    assert {column["name"]: column["blank"] for column in preview["columns"]}["FFT answer"] == 3
    form = {"mapping": json.dumps(preview["mapping"])}
    dry = await client.post("/api/imports", files=upload(), data={**form, "dry_run": "true"})
    assert dry.status_code == 200
    assert {name: dry.json()[name] for name in COUNTS} == COUNTS
    assert "Dale Community" in dry.json()["new_orgs"]
    assert (await client.get("/api/imports")).json() == []

    queued = await client.post("/api/imports", files=upload(), data=form)
    assert queued.status_code == 202
    import_id = queued.json()["id"]
    assert (await client.get(f"/api/imports/{import_id}")).json()["state"] == "running"
    async with house.owner() as owner:
        assert json.loads(await owner.fetchval("SELECT payload FROM pgqueuer")) == {"import_id": import_id}
    await worked(house, import_id)

    done = (await client.get(f"/api/imports/{import_id}")).json()
    assert {name: done[name] for name in COUNTS} == COUNTS
    assert done["state"] == "done" and done["total"] == 18 and done["created_by_name"]
    assert [issue["outcome"] for issue in done["issues"]] == ["refused"] * 7 + ["duplicate"] + ["blank"] * 3
    report = await client.get(f"/api/imports/{import_id}/report.csv")
    assert report.text.count("\r\n") == 12
    assert "4,refused,Date,could be 3 April or 4 March 2022" in report.text

    assert (await client.delete(f"/api/imports/{import_id}")).status_code == 204
    await worked(house, import_id)
    assert (await client.delete(f"/api/imports/{import_id}")).status_code == 204
    undone = (await client.get("/api/imports")).json()[0]
    assert undone["state"] == "undone" and undone["undone_on"]
    async with house.owner() as owner:
        assert await owner.fetchval("SELECT count(*) FROM vault.submission") == 0


async def test_a_csv_report_is_inert_in_a_spreadsheet(house: House, signed_in: SignIn) -> None:
    client = await signed_in("quality_lead", await nation(house))
    content = b"Trust,=cmd()\nNorth,Very kind people\n"
    form = {"mapping": json.dumps({"text": ["=cmd()"], "date": "=cmd()", "org": ["Trust"]})}
    queued = await client.post("/api/imports", files={"file": ("x.csv", content)}, data=form)
    await worked(house, queued.json()["id"])
    assert (
        "2,refused,'=cmd(),is not a date" in (await client.get(f"/api/imports/{queued.json()['id']}/report.csv")).text
    )


@pytest.mark.parametrize(
    ("files", "data"),
    [
        ({}, {"mapping": "{}"}),
        ({"file": ("x.pdf", b"%PDF-1.7")}, {}),
        ({"file": ("x.csv", b"Date,Comment\n2022-01-01,Very kind people\n")}, {"mapping": '{"text": ["Words"]}'}),
        ({"file": ("x.csv", b"Date,Comment\n2022-01-01,Very kind people\n")}, {"mapping": "{"}),
        ({"file": ("x.csv", b"")}, {}),
    ],
)
async def test_what_cannot_be_imported_is_refused_with_a_sentence(
    house: House, signed_in: SignIn, files: dict[str, tuple[str, bytes]], data: dict[str, str]
) -> None:
    client = await signed_in("quality_lead", await nation(house))
    answer = await client.post("/api/imports", files=files, data=data)
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
    async with house.owner() as owner:
        assert await owner.fetchval("SELECT count(*) FROM import_batch") == 0
    assert not (house.settings.home / "spool").exists()


async def test_imports_of_others_do_not_exist(house: House, signed_in: SignIn) -> None:
    here = await signed_in("quality_lead", await nation(house))
    queued = await here.post("/api/imports", files=upload())
    there = await signed_in("quality_lead", await nation(house, "WLS"))
    assert (await there.get("/api/imports")).json() == []
    for import_id in (queued.json()["id"], uuid4()):
        for path in (f"/api/imports/{import_id}", f"/api/imports/{import_id}/report.csv"):
            assert (await there.get(path)).status_code == 404
        assert (await there.delete(f"/api/imports/{import_id}")).status_code == 404
    assert (await here.get("/api/imports")).json()[0]["state"] == "running"


async def test_a_manager_may_not_import(house: House, signed_in: SignIn) -> None:
    client = await signed_in("manager", await nation(house))
    assert (await client.post("/api/imports/preview", files=upload())).status_code == 403
    assert (await client.get("/api/imports")).status_code == 403


@pytest.fixture
def earshot(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[typer.Typer]:
    """The command, in the test's own house."""
    monkeypatch.setenv("EARSHOT_HOME", str(house.settings.home))
    monkeypatch.setenv("EARSHOT_DATABASE_URL", house.owner_dsn)
    settings.cache_clear()
    yield command()
    settings.cache_clear()


def command() -> typer.Typer:
    @contextmanager
    def open_database(given: Settings) -> Iterator[str]:
        assert given.database_url is not None
        yield given.database_url

    app = typer.Typer()
    app.command()(import_command(open_database))
    return app


def run(app: typer.Typer, *words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_command_imports_lists_and_undoes(earshot: typer.Typer) -> None:
    dry = json.loads(run(earshot, str(FIXTURE), "--dry-run", "--json").stdout)
    assert {name: dry[name] for name in COUNTS} == COUNTS
    real = json.loads(run(earshot, str(FIXTURE), "--json").stdout)
    assert {name: real[name] for name in COUNTS} == COUNTS
    again = run(earshot, str(FIXTURE), "--date-order", "dmy")
    assert again.exit_code == 0
    assert "1 were imported, 9 duplicate" in again.stdout
    listed = json.loads(run(earshot, "--list", "--json").stdout)
    assert sorted(one["imported"] for one in listed) == [1, 7]
    assert all(one["id"] in run(earshot, "--list").stdout for one in listed)
    assert run(earshot, "--undo", real["import_id"]).exit_code == 0
    assert json.loads(run(earshot, str(FIXTURE), "--json").stdout)["imported"] == 7


def test_a_dry_run_needs_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EARSHOT_HOME", str(tmp_path / "nowhere"))
    monkeypatch.delenv("EARSHOT_DATABASE_URL", raising=False)
    settings.cache_clear()
    done = run(command(), str(FIXTURE), "--dry-run", "--json")
    settings.cache_clear()
    found = json.loads(done.stdout)
    assert {name: found[name] for name in COUNTS} == COUNTS
    assert any("No database was found" in note for note in found["notes"])
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere.csv",), "There is no such file."),
        ((os.devnull,), "This file is empty."),
        ((str(FIXTURE), "--mapping", "nowhere.json"), "The mapping file cannot be opened."),
        ((str(FIXTURE), "--mapping", str(FIXTURE)), "The mapping cannot be read as JSON with known fields."),
        ((str(FIXTURE), "--date-order", "ydm"), "The date order is one of auto, dmy, mdy and ymd."),
        ((str(FIXTURE), "--org", "NOBODY"), "There is no organisation with this code that you may import for."),
        (("--undo", str(UUID(int=0))), "There is nothing here, or nothing that you may see."),
        ((), "Say which file to import."),
    ],
)
def test_one_plain_sentence_and_exit_code_2(earshot: typer.Typer, words: tuple[str, ...], sentence: str) -> None:
    done = run(earshot, *words)
    assert done.exit_code == 2
    assert done.stderr.strip() == sentence
    assert done.stdout == ""


def test_an_organisation_and_a_mapping_can_be_given(earshot: typer.Typer, tmp_path: Path) -> None:
    file, mapping = tmp_path / "staff.csv", tmp_path / "mapping.json"
    file.write_text("What should we know?;Ward\nThe lift has been broken for weeks;Ward 5\nNobody came;\n")
    document = {"text": ["What should we know?"], "default_date": "2024-05-06", "default_audience": "staff"}
    mapping.write_text(json.dumps({**document, "org": ["Ward"]}))
    assert run(earshot, str(FIXTURE)).exit_code == 0
    dale = code_for(Place("ENG", "England", "nation"), "Dale Community")
    words = (str(file), "--mapping", str(mapping), "--org", dale, "--json")
    refused = json.loads(run(earshot, *words, "--no-create-orgs", "--dry-run").stdout)
    assert (refused["imported"], refused["refused"], refused["issues"][0]["field"]) == (1, 1, "Ward")
    done = json.loads(run(earshot, *words).stdout)
    assert (done["imported"], done["new_orgs"]) == (2, ["Ward 5"])
    assert any("2024-05-06" in note for note in done["notes"])
