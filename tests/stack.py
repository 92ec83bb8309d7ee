"""The real thing for a test: Postgres, web servers and workers as processes of their own, to be killed on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from earshot.core.config import Settings
from earshot.core.db import Connection
from earshot.core.migrate import migrate
from earshot.running.lifeline import tied
from earshot.running.parts import Part, web_parts, worker_part
from earshot.running.ports import doors
from earshot.running.postgres import EmbeddedPostgres
from house import House, connected, running_postgres, short_folder


@dataclass
class Stack:
    """A migrated database with durable settings, and the processes that were started on it."""

    postgres: EmbeddedPostgres
    settings: Settings
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def house(self) -> House:
        """The same database and settings, for tests that look inside."""
        return House(self.settings, self.postgres.dsn)

    @property
    def public(self) -> str:
        """The public door's address."""
        return doors(self.settings)[0].address

    @property
    def console(self) -> str:
        """The console's address."""
        return doors(self.settings)[1].address

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Connection]:
        """A connection as the owner."""
        async with connected(self.postgres.dsn) as connection:
            yield connection

    def parts(self) -> dict[str, Part]:
        """What `earshot run` would start, by short name."""
        public, console = web_parts(self.settings, self.postgres.dsn)
        return {"public": public, "console": console, "worker": worker_part(self.settings, self.postgres.dsn)}

    def start(self, name: str, *, before: tuple[str, ...] = (), extra: Mapping[str, str] | None = None) -> None:
        """Start `public`, `console` or `worker` as `earshot run` does, and wait until a door answers."""
        part = self.parts()[name]
        self.launch(name, (*before, *part.command), {**part.environment, **(extra or {})}, part.log)
        door = doors(self.settings)[name == "console"]
        if name != "worker" and not before:
            wait_until(lambda: self._ended(name) or door.answers(), seconds=60, what=f"the {door.name} to answer")
            assert not self._ended(name), part.log.read_text(errors="replace")

    def _ended(self, name: str) -> bool:
        return self.processes[name].poll() is not None

    def launch(self, name: str, command: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        """Start a process in a group of its own."""
        log.parent.mkdir(mode=0o700, exist_ok=True)
        with log.open("ab") as output:
            self.processes[name] = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=tied(signal.SIGKILL),
            )

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        """Kill a process with all that it started, and wait until it is gone."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        process.wait(20)

    def crash_postgres(self) -> None:
        """End Postgres at once without a checkpoint, as `pg_ctl stop -m immediate` does."""
        pid = self.postgres.pid
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: self.postgres.pid is None, seconds=20, what="Postgres to end")

    def logs(self) -> dict[str, bytes]:
        """What every part has written to its log so far."""
        return {path.name: path.read_bytes() for path in (self.settings.home / "log").iterdir()}

    async def settled(self, seconds: float = 120) -> None:
        """Return once no job waits or runs."""
        ends = time.monotonic() + seconds
        async with self.owner() as db:
            while left := await db.fetchval("SELECT count(*) FROM pgqueuer WHERE status IN ('queued', 'picked')"):
                assert time.monotonic() < ends, f"{left} jobs are still open"
                await asyncio.sleep(0.2)


@contextmanager
def new_stack(
    *, disk: Callable[[Path], AbstractContextManager[object]] = nullcontext, **changes: object
) -> Iterator[Stack]:
    """A stack on free ports in a home of its own, ended with everything that was started on it.

    `disk` may put a file system of its own under the home; `changes` are settings.
    """
    with short_folder() as home, disk(home), running_postgres(home) as postgres:
        ports = free_ports(2)
        settings = Settings.model_validate({"home": home, "public_port": ports[0], "console_port": ports[1], **changes})
        asyncio.run(migrate(postgres.dsn, settings))
        stack = Stack(postgres, settings)
        try:
            yield stack
        finally:
            for name in list(stack.processes):
                stack.kill(name)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Return once `true()`; fail with words after `seconds`."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"waited {seconds:g} seconds for {what}"
        time.sleep(0.05)
