"""`earshot audit`: whether the trail is whole, and what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import typer

from earshot.admin import audit_store, trail
from earshot.core.config import settings
from earshot.core.db import Connection

Answer = TypeVar("Answer")


class WithDatabase(Protocol):
    """Runs a job in one transaction of the worker's role."""

    def __call__(self, job: Callable[[Connection], Awaitable[Answer]], /) -> Answer:
        """What the job answers."""


_SAYS: dict[trail.Why, str] = {
    "edited": "Line {n} is not as it was written: somebody edited it.",
    "removed": "Line {n} is missing: somebody removed it.",
    "removed_at_the_end": "Lines from {n} on are missing: an anchor outside the database knows of them.",
    "anchored_otherwise": "Line {n} is not what the anchor outside the database says: somebody wrote the trail anew.",
}


def audit_app(with_database: WithDatabase) -> typer.Typer:
    """The commands."""
    app = typer.Typer(no_args_is_help=True, help="The audit trail: who did what, and whether it is whole.")

    @app.command("verify")
    def verify(
        anchors: Annotated[
            Path | None, typer.Option(help="A copy of the file of anchors, kept elsewhere, to hold the trail against.")
        ] = None,
    ) -> None:
        """Read the whole trail; exit status 1, and the first line that was edited or removed, where it is not whole."""
        known = trail.Anchors(settings().home).read() if anchors is None else trail.read_anchors(anchors)
        verdict = with_database(lambda connection: trail.verify(connection, known))
        if verdict.broken is not None:
            typer.echo(_SAYS[verdict.broken.why].format(n=verdict.broken.n), err=True)
            raise typer.Exit(1)
        typer.echo(f"The trail is whole: {verdict.lines} lines, held against {verdict.anchors} anchors.")

    @app.command("list")
    def listed(
        page: Annotated[int, typer.Option(min=1, help="Pages of 50 lines, the newest first.")] = 1,
        action: Annotated[str | None, typer.Option(help='Only lines with this word, such as "case.read".')] = None,
    ) -> None:
        """Print lines, the newest first."""
        found = with_database(lambda db: audit_store.lines(db, audit_store.Wanted(action=action), page))
        for line in found:
            what = line.subject_name or (str(line.subject) if line.subject else "")
            typer.echo(f"{line.on_day}  {line.action:<24} {line.by_name or 'nobody':<24} {what}")
        if not found:
            typer.echo("No lines.")

    return app
