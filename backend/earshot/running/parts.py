"""The processes that make up a running Earshot: how each is started, and with which rights to the database."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from earshot.core.config import Settings
from earshot.core.migrate import role_dsn
from earshot.running.ports import Door, doors, mailbox_door

# Every option of the web server, in one place. Half-sent requests hold a place each, so there are far more places
# than the 300 that an attacker of promise 48 takes; headers must arrive within 8 seconds.
GRANIAN = (
    *("--interface", "asgi", "--factory", "--loop", "uvloop", "--http", "1", "--no-ws"),
    *("--workers", "1", "--backlog", "2048", "--backpressure", "2048"),
    *("--http1-header-read-timeout", "8000", "--workers-kill-timeout", "3"),
    *("--log-level", "warning", "--no-access-log"),
)


@dataclass(frozen=True)
class Part:
    """One process: its name in plain words, its command line, its environment and its log."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path


def web_parts(settings: Settings, owner_dsn: str) -> list[Part]:
    """The public door and the console, each with its own database role only."""
    public, console = doors(settings)
    return [
        _web(settings, owner_dsn, public, "public"),
        _web(settings, owner_dsn, console, "console"),
    ]


def worker_part(settings: Settings, owner_dsn: str) -> Part:
    """The worker, with its own database role only."""
    command = (sys.executable, "-m", "earshot.cli", "worker")
    return _part(settings, owner_dsn, "worker", "worker", command)


def mailbox_part(settings: Settings) -> Part:
    """The demonstration's mail box: an SMTP server and its pages, without any right to the database."""
    door = mailbox_door(settings)
    where = ("--host", door.bind, "--port", str(door.port))
    command = (sys.executable, "-m", "granian", *GRANIAN, *where, "earshot.running.web:mailbox")
    return Part(door.name, command, _environment(settings), settings.home / "log" / "mailbox.log")


def _web(settings: Settings, owner_dsn: str, door: Door, app: str) -> Part:
    where = ("--host", door.bind, "--port", str(door.port))
    command = (sys.executable, "-m", "granian", *GRANIAN, *where, f"earshot.running.web:{app}")
    return _part(settings, owner_dsn, door.name, app, command)


def _part(settings: Settings, owner_dsn: str, name: str, short: str, command: tuple[str, ...]) -> Part:
    environment = _environment(settings)
    environment |= {
        "EARSHOT_ROLE_DSN": role_dsn(owner_dsn, settings, f"earshot_{short}"),
        "NUMBA_CACHE_DIR": environment.get("NUMBA_CACHE_DIR", str(settings.home / "cache" / "numba")),
        "LOKY_MAX_CPU_COUNT": environment.get("LOKY_MAX_CPU_COUNT", str(os.cpu_count() or 1)),  # containers hide cores
        "PYTHONUNBUFFERED": "1",
    }
    return Part(name, command, environment, settings.home / "log" / f"{short}.log")


def _environment(settings: Settings) -> dict[str, str]:
    """What every part is given: the settings, and no right to the database."""
    withheld = ("EARSHOT_DATABASE_URL", "EARSHOT_ROLE_DSN")
    environment = {key: value for key, value in os.environ.items() if key not in withheld}
    environment |= {
        "EARSHOT_HOME": str(settings.home),
        # Addresses that people are shown, and that passkeys are bound to, carry the ports.
        "EARSHOT_PUBLIC_PORT": str(settings.public_port),
        "EARSHOT_CONSOLE_PORT": str(settings.console_port),
        "EARSHOT_MAILBOX_PORT": str(settings.mailbox_port),
        "EARSHOT_MAIL_FROM": settings.mail_from,
    }
    if settings.smtp_url is not None:
        environment["EARSHOT_SMTP_URL"] = settings.smtp_url
    return environment
