"""`earshot import`: a file of comments from the command line, dry or for good."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer
from asyncpg.exceptions import PostgresError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from earshot.core.config import Settings, settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import DATABASE_AWAY, Database
from earshot.core.errors import EarshotError, Unavailable
from earshot.core.migrate import migrate, role_dsn
from earshot.intake import importing, imports
from earshot.intake import imports_store as store
from earshot.intake.columns import Mapping, MappingInvalid
from earshot.intake.dates import DateOrder
from earshot.intake.imports import Prepared, Report
from earshot.orgs import store as orgs_store

OpenDatabase = Callable[[Settings], AbstractContextManager[str]]
_WITHOUT_DATABASE = "No database was found, so duplicates are only those within this file."


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line."""

    file: Path
    mapping: Path | None
    org: str | None
    create_orgs: bool
    date_order: DateOrder
    quiet: bool


def import_command(open_database: OpenDatabase) -> Callable[..., None]:
    """The command, given the way to open the house's database: a running one, or its own for as long as it needs."""

    def command(
        file: Annotated[Path | None, typer.Argument(help="A CSV or XLSX file of comments.")] = None,
        mapping: Annotated[
            Path | None, typer.Option(help="A JSON file that says which column holds what; guessed without it.")
        ] = None,
        org: Annotated[str | None, typer.Option(help="Code of the organisation that the rows lie in or below.")] = None,
        create_orgs: Annotated[
            bool, typer.Option("--create-orgs/--no-create-orgs", help="Add organisations that are not known yet.")
        ] = True,
        date_order: Annotated[
            str, typer.Option(help="How the file writes dates: auto, dmy, mdy or ymd.", metavar="ORDER")
        ] = "auto",
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and keep nothing.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
        undo: Annotated[UUID | None, typer.Option(metavar="IMPORT", help="Take an earlier import back.")] = None,
        list_them: Annotated[bool, typer.Option("--list", help="List imports.")] = False,
    ) -> None:
        """Import comments from a CSV or XLSX file and account for every row."""
        with _plainly():
            if undo is not None:
                _undo(open_database, undo, as_json)
            elif list_them:
                _list(open_database, as_json)
            elif file is None:
                raise MappingInvalid("Say which file to import.")
            elif date_order not in ("auto", "dmy", "mdy", "ymd"):
                raise MappingInvalid("The date order is one of auto, dmy, mdy and ymd.")
            else:
                asked = Asked(file, mapping, org, create_orgs, date_order, as_json)  # type: ignore[arg-type]
                _import(open_database, asked, dry_run=dry_run)

    return command


def _import(open_database: OpenDatabase, asked: Asked, *, dry_run: bool) -> None:
    prepared = _prepared(asked)
    if dry_run:
        report = _rehearse(open_database, prepared, asked)
        _print(report, None, asked.quiet)
        return
    with open_database(settings()) as dsn:
        import_id, report = asyncio.run(_carry_out(dsn, prepared, asked))
    _print(report, import_id, asked.quiet)


def _prepared(asked: Asked) -> Prepared:
    mapping = None
    if asked.mapping is not None:
        try:
            mapping = Mapping.from_json(asked.mapping.read_bytes())
        except OSError:
            raise MappingInvalid("The mapping file cannot be opened.") from None
    else:
        mapping = imports.preview(asked.file, asked.file.name).mapping
    changes: dict[str, Any] = {}
    if asked.org is not None:
        changes["org_code"] = asked.org
    if not asked.create_orgs:
        changes["create_orgs"] = False
    if asked.date_order != "auto":
        changes["date_order"] = asked.date_order
    return imports.prepare(asked.file, asked.file.name, mapping.model_copy(update=changes))


def _rehearse(open_database: OpenDatabase, prepared: Prepared, asked: Asked) -> Report:
    """A dry run never makes a database: where there is none, it goes without."""
    house = settings()
    with ExitStack() as opened:
        dsn = None
        if house.database_url is not None or (house.home / "database" / "PG_VERSION").exists():
            dsn = opened.enter_context(open_database(house))
        return asyncio.run(_rehearse_with(dsn, prepared, asked))


async def _rehearse_with(dsn: str | None, prepared: Prepared, asked: Asked) -> Report:
    with _bar(asked.quiet) as progress:
        if dsn is not None:
            try:
                return await _rehearse_in(dsn, prepared, progress)
            except (PostgresError, OSError, Unavailable):
                pass  # it is away, or no house is in it yet: no tables, no role of ours
        orgs, base = imports.imagined(prepared.mapping)
        report = await imports.rehearse(prepared, orgs, base, today=date.today(), progress=progress)
    return report.noting(_WITHOUT_DATABASE)


async def _rehearse_in(dsn: str, prepared: Prepared, progress: imports.Progress) -> Report:
    house = settings()
    async with _worker(dsn, house) as database, database.connection() as connection:
        if await store.root(connection) is None:
            orgs, base = imports.imagined(prepared.mapping)
        else:
            orgs, base = await imports.base_in(connection, prepared.mapping)
        blinding = KeyFiles(house.keys).blinding()
        return await imports.rehearse(
            prepared, orgs, base, today=date.today(), connection=connection, blinding=blinding, progress=progress
        )


async def _carry_out(dsn: str, prepared: Prepared, asked: Asked) -> tuple[UUID, Report]:
    house, import_id = settings(), uuid4()
    await migrate(dsn, house)
    keys = KeyFiles(house.keys)
    async with _worker(dsn, house) as database:
        async with database.transaction() as connection:
            if await store.root(connection) is None:
                code, _ods, name = imports.NATION
                await orgs_store.add(connection, code=code, name=name, level="nation", parent_id=None)
            _orgs, base = await imports.base_in(connection, prepared.mapping)
            mapping = imports.batch_mapping(prepared.mapping, prepared.file_hash, keys.blinding())
            await store.begin(connection, import_id, base, asked.file.name, mapping, None)
            plan = await store.plan(connection, import_id)
        with _bar(asked.quiet) as progress:
            run = importing.Run(database, plan, prepared, keys, date.today(), progress)
            return import_id, await run.carry_out()


def _undo(open_database: OpenDatabase, import_id: UUID, as_json: bool) -> None:
    async def take_back(dsn: str) -> store.Batch:
        async with _worker(dsn, settings()) as database, database.transaction() as connection:
            found = await store.batch(connection, import_id)
            await importing.undo(connection, import_id)
            return found

    with open_database(settings()) as dsn:
        batch = asyncio.run(take_back(dsn))
    if as_json:
        typer.echo(json.dumps({"undone": str(import_id), "imported": batch.imported}))
    else:
        typer.echo(f"Undone: {batch.imported:,} comments of {batch.file_name} are gone.")


def _list(open_database: OpenDatabase, as_json: bool) -> None:
    async def all_of(dsn: str) -> list[store.Batch]:
        async with _worker(dsn, settings()) as database, database.transaction() as connection:
            return await store.batches(connection)

    with open_database(settings()) as dsn:
        batches = asyncio.run(all_of(dsn))
    if as_json:
        typer.echo(json.dumps([asdict(batch) for batch in batches], default=str))
        return
    for one in batches:
        typer.echo(
            f"{one.id}  {one.created_on}  {one.state}  {one.file_name}: {one.rows:,} rows, {one.imported:,} imported, "
            f"{one.duplicate:,} duplicate, {one.blank:,} blank, {one.refused:,} refused"
        )
    if not batches:
        typer.echo("Nothing was imported yet.")


def _print(report: Report, import_id: UUID | None, as_json: bool) -> None:
    if as_json:
        document = asdict(report) | ({} if import_id is None else {"import_id": str(import_id)})
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    done = "would be" if import_id is None else "were"
    typer.echo(
        f"{report.rows:,} rows: {report.imported:,} {done} imported, {report.duplicate:,} duplicate, "
        f"{report.blank:,} blank ({report.scores_only:,} with a score), {report.refused:,} refused."
    )
    for note in report.notes:
        typer.echo(f"- {note}")
    if report.new_orgs:
        typer.echo(f"- New organisations: {', '.join(report.new_orgs)}.")
    refused = [issue for issue in report.issues if issue.outcome == "refused"][:10]
    for issue in refused:
        typer.echo(f"  line {issue.line}: {issue.field or 'row'}: {issue.reason}")
    if report.refused > len(refused):
        typer.echo(
            f"  … and {report.refused - len(refused):,} more refused rows; --json lists the first {imports.LISTED}."
        )
    if import_id is not None:
        typer.echo(f"To take it back: earshot import --undo {import_id}")


@contextmanager
def _plainly() -> Iterator[None]:
    """One plain sentence and exit code 2 instead of a traceback."""
    try:
        yield
    except EarshotError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(2) from None
    except DATABASE_AWAY:
        typer.echo("The database does not answer. Start it, or look at EARSHOT_DATABASE_URL.", err=True)
        raise typer.Exit(2) from None


@contextmanager
def _bar(quiet: bool) -> Iterator[imports.Progress]:
    columns = (TextColumn("Reading rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), disable=quiet, transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@asynccontextmanager
async def _worker(dsn: str, house: Settings) -> AsyncIterator[Database]:
    database = Database(role_dsn(dsn, house, "earshot_worker"), max_size=2)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
