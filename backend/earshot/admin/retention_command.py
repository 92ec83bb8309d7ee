"""`earshot retention` and `earshot erase`: what is due, removing it, and erasing one thing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import typer

from earshot.admin import erasure, keeping
from earshot.admin.audit_command import WithDatabase
from earshot.admin.retention import OnHold, schedule
from earshot.admin.stages import RETENTION_STAGE
from earshot.core.db import Connection
from earshot.core.work import enqueue


def add_retention(app: typer.Typer, with_database: WithDatabase) -> None:
    """Add both commands."""

    @app.command("retention")
    def retention(
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what is due; remove nothing.")] = False,
    ) -> None:
        """Remove what is past its time; a running worker does it, tonight in any case."""
        if not dry_run:
            with_database(lambda connection: enqueue(connection, RETENTION_STAGE, {}, key=RETENTION_STAGE))
            typer.echo("Asked. A worker removes what is due; the Retention page and the audit trail say what it was.")
            return
        plan = with_database(lambda connection: keeping.count(connection, date.today()))
        typer.echo(f"Schedule {schedule().version}. Nothing was removed.")
        for kind in schedule().kinds:
            of_kind = [one for one in plan if one.kind == kind.kind]
            days = [one.next_on for one in of_kind if one.next_on is not None]
            after = f", the next on {min(days)}" if days else ""
            counts = f"{sum(one.due for one in of_kind)} due, {sum(one.held for one in of_kind)} on hold{after}"
            typer.echo(f"  {kind.name}: {kind.days} days; {counts if kind.local else 'removed every night'}")

    @app.command("erase")
    def erase(
        kind: Annotated[Literal["case", "response"], typer.Argument(help="What to erase.")],
        subject: Annotated[UUID, typer.Argument(help="Its id.")],
    ) -> None:
        """Erase a closed case or a response with all that was derived from it. This cannot be undone."""

        async def gone(connection: Connection) -> bool:
            if kind == "case":
                return await erasure.erase_case(connection, subject, why="asked", by=None)
            return await erasure.erase_responses(connection, [subject], why="asked", by=None) == 1

        if not with_database(gone):
            raise OnHold("There is no such thing, or it is on hold, or it is a case that is not closed.")
        typer.echo("Erased. Counts are made again as soon as a worker runs.")
