"""`earshot mail`: mails that came back, as a mail server hands them over."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from earshot.core import mail_bounce
from earshot.core.db import Connection

Answer = TypeVar("Answer")
WithDatabase = Callable[[Callable[[Connection], Awaitable[Answer]]], Answer]


def mail_app(with_database: WithDatabase[bool]) -> typer.Typer:
    """The commands; `with_database` runs a job in one transaction as the worker's role."""
    app = typer.Typer(no_args_is_help=True, help="The post.")

    @app.callback()
    def group() -> None:
        """Keep `bounce` a command of its own while it is the only one."""

    @app.command("bounce")
    def bounce() -> None:
        """Read a mail that came back from standard input and note it at its letter.

        For a mail server's pipe: it ends with 0 whatever it reads, since an error would make the server send yet
        another mail.
        """
        raw = sys.stdin.buffer.read(mail_bounce.LARGEST)
        noted = mail_bounce.read_bounce(raw) is not None and with_database(lambda c: mail_bounce.note(c, raw))
        typer.echo("Noted." if noted else "This mail does not say that one of Earshot's letters came back.")

    return app
