"""`earshot run`: set up, start everything, keep it running, and stop it in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack

import typer

from earshot.core.config import Settings
from earshot.core.errors import EarshotError
from earshot.core.migrate import migrate
from earshot.demonstration.load import DemonstrationSignIns, load_demonstration
from earshot.running.child import BackOff, Child
from earshot.running.errors import CannotRun, ChildWillNotStart
from earshot.running.lock import hold
from earshot.running.parts import mailbox_part, web_parts, worker_part
from earshot.running.ports import Door, check_free, doors, mailbox_door, near_smtp
from earshot.running.postgres import EmbeddedPostgres
from earshot.running.stopping import Stop, deaf, stoppable
from earshot.running.waiting import finish_analysis
from earshot.running.welcome import welcome

_STOP_CHILDREN = 4.0  # seconds; with Postgres's own stop this stays within ten
_OPEN_DOORS = 90.0  # seconds for the doors to answer on a slow computer
_ATTEMPTS = 4  # of a part that ends before the doors answer
_KILLED_RUN = 12.0  # seconds for the ports of a killed run to come free

Report = Callable[[str], None]


def run(settings: Settings, *, setup_only: bool, empty: bool, report: Report = typer.echo) -> int:
    """Run Earshot until somebody stops it; returns the exit status.

    0 after an orderly stop (Ctrl-C, SIGTERM, or the end of `setup_only`), 1 when it could not start: `report` then
    gets one plain sentence and nothing is left running. Call it from the main thread.
    """
    with stoppable():
        try:
            with ExitStack() as house:
                try:
                    _Supervisor(settings, house, report).run(setup_only=setup_only, empty=empty)
                finally:
                    deaf()
        except Stop:
            report("Earshot has stopped. Everything is kept for the next run.")
        except EarshotError as error:
            report(error.message)
            return 1
    return 0


class _Supervisor:
    """What runs, in the order in which it was started; `house` stops it in the opposite order."""

    def __init__(self, settings: Settings, house: ExitStack, report: Report) -> None:
        self._settings = settings
        self._house = house
        self._report = report
        self._children: list[Child] = []
        self._postgres: EmbeddedPostgres | None = None
        self._database_back_off = BackOff()
        self._mailbox = False  # whether the demonstration's own mail box takes the mails

    def run(self, *, setup_only: bool, empty: bool) -> None:
        """Set up; then stop at once, or keep everything running until `Stop`."""
        held = self._house.enter_context(hold(self._settings.home))
        if not setup_only:
            if not empty and self._settings.smtp_url is None:
                self._mailbox = True
                self._settings = self._settings.model_copy(update={"smtp_url": near_smtp()})
            check_free(self._doors, patience=_KILLED_RUN if held.after_crash else 0.0)
        dsn = self._database()
        sign_ins = self._set_up(dsn, empty=empty)
        self._house.callback(self._stop_children)
        if setup_only:
            self._children = [Child(worker_part(self._settings, dsn))]
            finish_analysis(dsn, self._tend, self._report)
            self._report("Set-up is complete.")
            return
        parts = [*web_parts(self._settings, dsn), worker_part(self._settings, dsn)]
        self._children = [Child(part) for part in (*parts, *([mailbox_part(self._settings)] if self._mailbox else []))]
        self._open_doors()
        welcome(self._settings, self._doors, sign_ins, self._report, empty=empty)
        while True:
            time.sleep(0.2)
            self._tend()

    @property
    def _doors(self) -> tuple[Door, ...]:
        """Everything that opens to a browser; raises `SamePort`."""
        public, console = doors(self._settings)
        return (public, console, mailbox_door(self._settings)) if self._mailbox else (public, console)

    def _database(self) -> str:
        """Start the embedded Postgres, unless the settings name another one; return the owner's address."""
        if self._settings.database_url is not None:
            return self._settings.database_url
        self._report("Starting the database …")
        self._postgres = EmbeddedPostgres(self._settings.home)
        self._house.callback(self._postgres.stop)
        self._postgres.start()
        return self._postgres.dsn

    def _set_up(self, dsn: str, *, empty: bool) -> DemonstrationSignIns | None:
        self._report("Bringing the database up to date …")
        asyncio.run(migrate(dsn, self._settings))
        if empty:
            return None
        owner = self._settings.model_copy(update={"database_url": dsn})
        return asyncio.run(load_demonstration(owner, self._report))

    def _open_doors(self) -> None:
        """Start the children and return once both doors answer; raises `ChildWillNotStart`."""
        self._report("Opening the doors …")
        end = time.monotonic() + _OPEN_DOORS
        closed = list(self._doors)
        while closed:
            self._tend()
            time.sleep(0.1)
            closed = [door for door in closed if not door.answers()]
            late = {door.name for door in closed} if time.monotonic() > end else set()
            for child in self._children:
                if child.back_off.failures >= _ATTEMPTS or child.part.name in late:
                    raise ChildWillNotStart(child.part.name, child.part.log)

    def _tend(self) -> None:
        """Start again whatever has ended, each after its wait; the database first."""
        self._tend_database()
        for child in self._children:
            if child.running:
                continue
            if child.started:
                child.finish(time.monotonic())
                wait = child.back_off.failed()
                self._report(f"The {child.part.name} ended; starting it again in {wait:g} seconds.")
            if child.back_off.due:
                child.start()

    def _tend_database(self) -> None:
        if self._postgres is None or self._postgres.pid is not None or not self._database_back_off.due:
            return
        self._report("The database ended; starting it again.")
        self._database_back_off.failed()
        self._database_back_off.began()
        try:
            self._postgres.start()
        except CannotRun as error:
            self._report(error.message)

    def _stop_children(self) -> None:
        """Ask all to stop at once, then wait for each within the same few seconds."""
        for child in self._children:
            child.ask_to_stop()
        end = time.monotonic() + _STOP_CHILDREN
        for child in self._children:
            child.finish(end)
