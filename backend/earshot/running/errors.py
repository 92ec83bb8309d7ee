"""What can keep Earshot from starting: each class says in one sentence what to do."""

from __future__ import annotations

from pathlib import Path

from earshot.core.errors import EarshotError


class CannotRun(EarshotError):
    """Earshot could not start. The files in the log folder of its data say why."""

    status = 503


class AlreadyRunning(CannotRun):
    """Earshot is already running here; stop it first."""

    def __init__(self, home: Path, process: str) -> None:
        super().__init__(
            f"Earshot is already running here (process {process}); stop it first, "
            f"or set EARSHOT_HOME to another folder than {home}."
        )


class PortBusy(CannotRun):
    """Another programme listens on the port; choose another one."""

    def __init__(self, port: int, variable: str) -> None:
        super().__init__(f"Port {port} is already in use; set {variable} to a free port and start again.")


class PortRefused(CannotRun):
    """This computer does not let Earshot listen there; choose another port or address."""

    def __init__(self, bind: str, port: int, variable: str) -> None:
        super().__init__(
            f"Earshot may not listen on {bind} port {port}; set {variable} to a port above 1024, "
            f"or EARSHOT_BIND to an address of this computer."
        )


class SamePort(CannotRun):
    """Each door needs its own port; set EARSHOT_PUBLIC_PORT and EARSHOT_CONSOLE_PORT to different numbers."""


class PostgresWillNotStart(CannotRun):
    """The database did not start; its log says why."""

    def __init__(self, why: str, log: Path) -> None:
        super().__init__(f"The database did not start: {why} Its log is {log}.")


class NoPlaceForPostgres(CannotRun):
    """Postgres may not run as root, and its own user can read no copy of it; use another EARSHOT_HOME."""


class NoOrdinaryAccount(CannotRun):
    """Postgres may not run as root; add a user `postgres` or `nobody` to this computer."""


class NotOurHome(CannotRun):
    """The data belongs to somebody else; start Earshot as that user or choose another folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"You may not write in {folder}; start Earshot as the user who owns it, "
            f"or set EARSHOT_HOME to a folder of your own."
        )


class HomeUnusable(CannotRun):
    """No data can be kept there; set EARSHOT_HOME to another folder."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"No data can be kept in {folder} ({why}); set EARSHOT_HOME to another folder.")


class NoRoom(CannotRun):
    """The disk is full; make room, or set EARSHOT_HOME to a folder on another disk."""

    def __init__(self, folder: Path, needed: int) -> None:
        super().__init__(
            f"The disk of {folder} is full: Earshot needs {needed // 1_000_000} MB to start. "
            f"Make room, or set EARSHOT_HOME to a folder on another disk."
        )


class ChildWillNotStart(CannotRun):
    """A part of Earshot ended again and again; its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"The {name} did not start; its log is {log}.")


class WorkHeld(CannotRun):
    """Some of what people wrote could not be read; `earshot work status` says why."""

    def __init__(self, held: int) -> None:
        super().__init__(
            f"Set-up is complete, but {held} piece{'' if held == 1 else 's'} of work could not be done: "
            f"`earshot work status` says why, and `earshot work retry` tries again."
        )
