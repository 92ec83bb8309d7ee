"""The `earshot` command."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from earshot.admin.audit_command import audit_app
from earshot.admin.retention_command import add_retention
from earshot.bench.command import bench_app
from earshot.cases.verify_command import verify_filing
from earshot.core import migrate as migration
from earshot.core.config import settings
from earshot.core.db import Connection, prepare_connection
from earshot.core.errors import EarshotError, FieldError, Invalid, NotFound
from earshot.digests.mail_command import mail_app
from earshot.intake.import_command import import_command
from earshot.measures.command import spc
from earshot.people.store import Account
from earshot.running.postgres import database
from earshot.signals.backtest_command import backtest

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Earshot: what is said is heard in time.")
orgs_app = typer.Typer(no_args_is_help=True, help="The tree of organisations.")
user_app = typer.Typer(no_args_is_help=True, help="People who sign in.")
work_app = typer.Typer(no_args_is_help=True, help="Background work: what waits, and what is held for a person.")
themes_app = typer.Typer(no_args_is_help=True, help="Discovered themes.")
for _name, _group in {
    "orgs": orgs_app,
    "user": user_app,
    "work": work_app,
    "themes": themes_app,
    "bench": bench_app,
}.items():
    app.add_typer(_group, name=_name)
app.command("spc")(spc)
app.command("verify-filing")(verify_filing)
app.command("backtest")(backtest)
app.command("import")(import_command(database))

Answer = TypeVar("Answer")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programmes.")]


def _with_database(job: Callable[[Connection], Awaitable[Answer]]) -> Answer:
    """Run a job in one transaction as the worker's role, on the running database or one started for the purpose."""

    async def run(dsn: str) -> Answer:
        await migration.migrate(dsn, settings())
        connection = await asyncpg.connect(migration.role_dsn(dsn, settings(), "earshot_worker"), timeout=30)
        try:
            await prepare_connection(connection)
            async with connection.transaction():
                return await job(connection)
        finally:
            await connection.close()

    with database(settings()) as dsn:
        return asyncio.run(run(dsn))


app.add_typer(audit_app(_with_database), name="audit")
add_retention(app, _with_database)
app.add_typer(mail_app(_with_database), name="mail")


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table if rows else f"{title}: none.")


@app.command()
def run(
    setup_only: Annotated[bool, typer.Option("--setup-only", help="Set everything up, then stop.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Start without the demonstration.")] = False,
) -> None:
    """Start everything: Postgres, the public door, the console and the worker."""
    from earshot.running.supervisor import run as supervise

    raise typer.Exit(supervise(settings(), setup_only=setup_only, empty=empty))


@app.command()
def migrate() -> None:
    """Bring the database to the present; may run on several hosts at once."""
    with database(settings()) as dsn:
        asyncio.run(migration.migrate(dsn, settings()))
    typer.echo("The database is up to date.")


@app.command()
def worker(
    drain: Annotated[bool, typer.Option("--drain", help="Stop when nothing waits.")] = False,
) -> None:
    """Work through the queue; any number of workers share it."""
    from earshot.worker import work

    if settings().role_dsn is not None:
        work(settings().role_dsn or "", settings(), drain=drain)
        return
    with database(settings()) as dsn:
        work(migration.role_dsn(dsn, settings(), "earshot_worker"), settings(), drain=drain)


@app.command()
def roles() -> None:
    """Print who may do what, as `deploy/roles.md` has it."""
    from earshot.people.roles_page import roles_page

    typer.echo(roles_page(), nl=False)


@work_app.command("status")
def work_status(as_json: JsonOption = False) -> None:
    """List what waits at each stage, and every held job."""
    from earshot.core import work

    async def read(connection: Connection) -> tuple[list[work.StageStatus], list[work.HeldJob]]:
        return await work.status(connection), await work.held(connection)

    stages, held = _with_database(read)
    if as_json:
        typer.echo(json.dumps({"stages": [vars(s) for s in stages], "held": [vars(h) for h in held]}, default=str))
        return
    _table(
        "Stages",
        ("stage", "waiting", "running", "held", "done in the last hour"),
        [(s.entrypoint, s.queued, s.picked, s.held, s.done_recently) for s in stages],
    )
    _table("Held jobs", ("job", "stage", "since", "why"), [(h.id, h.entrypoint, h.since, h.error) for h in held])


@work_app.command("retry")
def work_retry(
    job: Annotated[int | None, typer.Argument(help="The job's number; all held jobs when left out.")] = None,
) -> None:
    """Put held jobs back into the queue."""
    from earshot.core import work

    count = _with_database(lambda connection: work.retry(connection, job))
    typer.echo(f"{count} job{'' if count == 1 else 's'} will be tried again.")


@orgs_app.command("load")
def orgs_load(file: Annotated[Path, typer.Argument(help="A CSV with code,name,level,parent_code and more.")]) -> None:
    """Load organisations from a CSV; what is there already is brought up to date, and nothing is deleted."""
    from earshot.orgs import files, store

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows, problems = files.read(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file.name} cannot be read as a UTF-8 text file.") from error
    loaded = _with_database(lambda connection: store.load(connection, rows))
    typer.echo(f"{loaded.added} added, {loaded.changed} changed.")
    refused = [*problems, *loaded.problems]
    for problem in sorted(refused, key=lambda p: p.line):
        typer.echo(f"line {problem.line}, {problem.field}: {problem.reason}", err=True)
    raise typer.Exit(2 if refused else 0)


@orgs_app.command("list")
def orgs_list(as_json: JsonOption = False) -> None:
    """Print the tree."""
    from earshot.orgs import store

    orgs = _with_database(store.tree)
    if as_json:
        typer.echo(json.dumps([vars(org) for org in orgs], default=str))
        return
    depth: dict[Any, int] = {}
    for org in orgs:
        depth[org.id] = depth.get(org.parent_id, -1) + 1
        closed = f" (closed {org.closed_on})" if org.closed_on else ""
        typer.echo(f"{'  ' * depth[org.id]}{org.name} [{org.code}, {org.level}]{closed}")


@user_app.command("add")
def user_add(
    email: str,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help="administrator, guardian, pals, manager, quality_lead or analyst.")],
    org: Annotated[str, typer.Option(help="The code of the organisation, with all below it.")],
) -> None:
    """Add somebody who may sign in; the password is asked for, or read from standard input."""
    from earshot.orgs import store as orgs
    from earshot.people import store
    from earshot.people.model import Role
    from earshot.people.passwords import hash_password

    if role not in tuple(Role):
        raise Invalid(fields=[FieldError("role", f"Choose one of {', '.join(Role)}.")])
    password_hash = hash_password(_password(), about=(email, name))

    async def add(connection: Connection) -> None:
        found = await orgs.by_code(connection, org)
        if found is None:
            raise NotFound(f"No organisation has the code {org}.")
        account = await store.account_by_email(connection, email)
        account_id = (
            account.id
            if account
            else await store.add_account(connection, email=email, name=name, password_hash=password_hash)
        )
        await store.give_role(connection, account_id, Role(role), found.id)
        await _account(connection, email, "people.give_role")

    _with_database(add)
    typer.echo(f"{email} is {role.replace('_', ' ')} for {org}.")


@user_app.command("password")
def user_password(email: str) -> None:
    """Set a new password and end every session of that account."""
    from earshot.people import store
    from earshot.people.passwords import hash_password

    password_hash = hash_password(_password())

    async def change(connection: Connection) -> None:
        await store.set_password(connection, (await _account(connection, email, "account.password")).id, password_hash)

    _with_database(change)
    typer.echo("The password is set.")


@user_app.command("disable")
def user_disable(email: str) -> None:
    """Close an account and end its sessions; the last administrator of a place stays."""
    from earshot.people import people_store

    async def close(connection: Connection) -> None:
        await people_store.close(connection, (await _account(connection, email, "people.close")).id)

    _with_database(close)
    typer.echo("The account is closed.")


@user_app.command("enable")
def user_enable(email: str) -> None:
    """Open a closed account again, with the roles that it has."""
    from earshot.people import store

    async def reopen(connection: Connection) -> None:
        await store.enable(connection, (await _account(connection, email, "people.open")).id)

    _with_database(reopen)
    typer.echo("The account is open.")


@user_app.command("take-role")
def user_take_role(
    email: str,
    role: Annotated[str, typer.Option(help="The role to take away.")],
    org: Annotated[str, typer.Option(help="The code of the organisation.")],
) -> None:
    """Take a role away; the last administrator of a place stays."""
    from earshot.orgs import store as orgs
    from earshot.people import people_store
    from earshot.people.model import Role

    if role not in tuple(Role):
        raise Invalid(fields=[FieldError("role", f"Choose one of {', '.join(Role)}.")])

    async def take(connection: Connection) -> None:
        found = await orgs.by_code(connection, org)
        if found is None:
            raise NotFound(f"No organisation has the code {org}.")
        await people_store.take_role(
            connection, (await _account(connection, email, "people.take_role")).id, Role(role), found.id
        )

    _with_database(take)
    typer.echo(f"{email} is no longer {role.replace('_', ' ')} for {org}.")


@user_app.command("link")
def user_link(email: str) -> None:
    """Print a link with which somebody sets a new password, within a week and once; their second factor stays."""
    from earshot.people import invitation_store

    async def invite(connection: Connection) -> str:
        return await invitation_store.invite(connection, (await _account(connection, email, "people.link")).id, by=None)

    typer.echo(f"{settings().console_address}/welcome#{_with_database(invite)}")


@user_app.command("reset-factors")
def user_reset_factors(email: str) -> None:
    """Forget somebody's second factors and end their sessions; they set up new ones. Opens no case for anybody."""
    from earshot.people import people_store

    async def reset(connection: Connection) -> None:
        await people_store.reset_factors(connection, (await _account(connection, email, "people.reset_factors")).id)

    _with_database(reset)
    typer.echo("The second factors are forgotten. New ones are set up at the next sign-in.")


@user_app.command("totp")
def user_totp(email: str) -> None:
    """Print the six-digit code of one of the demonstration's invented people, and of nobody else."""
    import time

    from earshot.people import codes, factors_store
    from earshot.people.factor_key import FactorKey

    async def code(connection: Connection) -> str:
        account = await _account(connection, email)
        kept = await factors_store.totp(connection, account.id)
        if not account.invented or kept is None:
            raise NotFound("Nobody invented has that address, or they use no codes.")
        return codes.code_at(FactorKey(settings().keys).open(kept.sealed, account_id=account.id), time.time())

    typer.echo(_with_database(code))


@user_app.command("list")
def user_list() -> None:
    """List who may sign in."""
    from earshot.people import store

    people = _with_database(store.accounts)
    _table(
        "People", ("e-mail", "name", "state"), [(p.email, p.name, "closed" if p.disabled else "open") for p in people]
    )


async def _account(connection: Connection, email: str, action: str | None = None) -> Account:
    """Somebody's account, and a line in the audit trail for what the command line does with it."""
    from earshot.core import audit
    from earshot.people import store

    found = await store.account_by_email(connection, email)
    if found is None:
        raise NotFound("Nobody has that address.")
    if action is not None:
        await audit.record(connection, action=action, by=None, subject=found.id)
    return found


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@themes_app.command("discover")
def themes_discover(
    org: Annotated[str | None, typer.Option(help="The code of a provider; every provider when left out.")] = None,
) -> None:
    """Ask for discovered themes to be found again; a running worker does it."""
    from earshot.core.work import enqueue
    from earshot.orgs import store as orgs

    async def ask(connection: Connection) -> None:
        found = await orgs.by_code(connection, org) if org else None
        if org and found is None:
            raise NotFound(f"No organisation has the code {org}.")
        await enqueue(connection, "discover", {"org_id": found.id} if found else {})

    _with_database(ask)
    typer.echo("Asked. A worker finds themes now; `earshot work status` shows how far it is.")


@themes_app.command("list")
def themes_list() -> None:
    """Print the discovered themes, most heard first."""
    from earshot.analysis import clusters
    from earshot.analysis.browse import Search

    found = _with_database(lambda connection: clusters.found(connection, Search()))
    _table(
        "Discovered themes", ("number", "name", "who", "comments"), [(c.number, c.name, c.stream, c.n) for c in found]
    )


def main() -> None:
    """Run a command; an error of ours is one plain sentence, never a traceback."""
    try:
        app()
    except EarshotError as error:
        for line in [error.message, *(f"{field.field}: {field.message}" for field in error.fields)]:
            typer.echo(line, err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
