"""The embedded Postgres: the wheel's programs, run as a child on a private socket, its data in the home."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from earshot.core.config import Settings
from earshot.running.account import Account, postgres_account
from earshot.running.errors import AlreadyRunning, NotOurHome, PostgresWillNotStart
from earshot.running.leftovers import clear
from earshot.running.lifeline import tied
from earshot.running.lock import alone, hold, visiting
from earshot.running.logs import open_log
from earshot.running.programs import programs_for, wheel_programs

_PORT = 5432  # only part of the socket's name: nothing listens on the network
_LONGEST_FOLDER = 88  # a socket's address has 108 bytes, and the name of the socket itself needs some
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}

# For a computer with 2 cores and 4 GB. What people wrote must never reach the log: no statements and no parameters,
# nor errors (a constraint's message quotes the row), since the application sees each error itself.
_CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "1",
    "max_parallel_maintenance_workers": "0",  # parallel index builds outgrow a container's 64 MB of /dev/shm
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "cluster_name": "earshot",
}


class EmbeddedPostgres:
    """A Postgres of our own: data in `home/database`, a socket that only we may open, no network.

    Postgres enters its folders through descriptors that we opened for it, so the home itself may lie under a
    folder that is closed to the account that it runs under. Start it from the main thread: it ends with the
    thread that started it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.data = self.home / "database"
        self.sockets = _socket_folder(self.home)
        self.log = self.home / "log" / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """The owner's address: the superuser `earshot` of the database `earshot` over the private socket."""
        return f"postgresql://earshot@/earshot?host={quote(str(self.sockets))}"

    @property
    def pid(self) -> int | None:
        """The number of our running Postgres process, or None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Make the database where there is none yet, start it and return once it answers.

        Call it while holding the home's lock. What a killed run left behind is ended and repaired first.
        Raises `PostgresWillNotStart` with the place of the log.
        """
        self.stop()  # one of ours that was killed keeps its number, and Postgres out, until we take note of its end
        account = postgres_account(self.data)
        self._make_folders(account)
        programs = programs_for(account, self.home)
        clear(self.data, self.sockets)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(account, programs)
        self._launch(account, programs)
        self.wait_until_ready()

    def stop(self) -> None:
        """Stop it in an orderly way, or at once where that takes too long; the next start then repairs it."""
        if self._process is None:
            return
        for sign, seconds in ((signal.SIGINT, 5), (signal.SIGQUIT, 2), (signal.SIGKILL, 5)):
            if self._process.poll() is None:
                self._process.send_signal(sign)
            try:
                self._process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Return once the database answers; raises `PostgresWillNotStart` when it ends or stays silent."""
        end = time.monotonic() + seconds
        while not self.answers():
            if self._process is not None and self._process.poll() is not None:
                raise PostgresWillNotStart("it ended at once.", self.log)
            if time.monotonic() > end:
                raise PostgresWillNotStart(f"it gave no answer in {seconds:.0f} seconds.", self.log)
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it accepts connections now."""
        ask = [str(wheel_programs() / "pg_isready"), "-q", "-U", "earshot", "-d", "earshot"]
        ask += ["-h", str(self.sockets), "-p", str(_PORT)]
        return subprocess.run(ask, env=_ENVIRONMENT, check=False).returncode == 0

    @classmethod
    @contextmanager
    def attach_or_start(cls, home: Path) -> Iterator[EmbeddedPostgres]:
        """The running Postgres of `home`, or else our own for as long as the block lasts."""
        postgres = cls(home)
        with visiting(postgres.home) as visit, ExitStack() as ours:
            try:
                ours.enter_context(hold(postgres.home))
            except AlreadyRunning:
                postgres.wait_until_ready()
            else:
                ours.callback(postgres.stop)
                ours.callback(alone, visit)  # runs first: other visitors finish before it stops
                postgres.start()
            yield postgres

    def _make_folders(self, account: Account) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.log.parent.mkdir(mode=0o700, exist_ok=True)
        except PermissionError:
            raise NotOurHome(self.home) from None
        account.own(self.data)
        if self.sockets.parent != self.home:
            _refuse_foreign(self.sockets, account)
        account.own(self.sockets)

    def _initialise(self, account: Account, programs: Path) -> None:
        """Make a new cluster beside its place and move it there when complete: half of one is never used."""
        fresh = self.home / "database.new"
        shutil.rmtree(fresh, ignore_errors=True)
        account.own(fresh)
        with _door(fresh) as (number, door):
            self._set_up([str(programs / "initdb"), *_initdb_options(door)], "", number, account)
            single = [
                str(programs / "postgres"),
                "--single",
                "-c",
                "exit_on_error=true",
                "-D",
                door,
                "postgres",
            ]
            self._set_up(single, "CREATE DATABASE earshot", number, account)
        self.data.rmdir()
        fresh.rename(self.data)

    def _set_up(self, command: list[str], words: str, door: int, account: Account) -> None:
        """Run one step of the first set-up to its end, saying `words` to it."""
        done = subprocess.run(
            command,
            input=words.encode(),
            capture_output=True,
            env=_ENVIRONMENT,
            cwd="/",
            pass_fds=(door,),
            check=False,
            **account.arguments,
        )
        if done.returncode != 0:
            with open_log(self.log) as log:
                log.write(done.stdout + done.stderr)
            raise PostgresWillNotStart("its first set-up failed.", self.log)

    def _launch(self, account: Account, programs: Path) -> None:
        options = [word for name, value in _CONFIGURATION.items() for word in ("-c", f"{name}={value}")]
        with (
            _door(self.data) as (data, data_door),
            _door(self.sockets) as (sockets, sockets_door),
            open_log(self.log) as log,
        ):
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data_door, "-k", sockets_door, "-p", str(_PORT), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_ENVIRONMENT,
                cwd="/",
                pass_fds=(data, sockets),
                start_new_session=True,  # a Ctrl-C in the terminal is for us to handle, in our order
                preexec_fn=tied(signal.SIGINT),
                **account.arguments,
            )


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The owner's address of the database in use: the one of `EARSHOT_DATABASE_URL`, or the embedded one.

    For commands such as `earshot import`: they use a running Earshot's database, or start it while they last.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres.attach_or_start(settings.home) as postgres:
        yield postgres.dsn


def _initdb_options(door: str) -> list[str]:
    return [
        *("-D", door, "-U", "earshot", "--auth-local=trust", "--auth-host=reject"),
        *("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]


@contextmanager
def _door(folder: Path) -> Iterator[tuple[int, str]]:
    """An open descriptor of `folder`, and the path by which a child that inherits it gets in."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield number, f"/proc/self/fd/{number}"
    finally:
        os.close(number)


def _refuse_foreign(folder: Path, account: Account) -> None:
    """Refuse a folder in a place open to all that somebody else made, or that leads elsewhere."""
    if not os.path.lexists(folder):
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        raise NotOurHome(folder)


def _socket_folder(home: Path) -> Path:
    """`home/run`, or a short private folder where that path is too long for a socket's address."""
    folder = home / "run"
    if len(os.fsencode(folder)) <= _LONGEST_FOLDER:
        return folder
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(f"/tmp/earshot-{os.geteuid()}-{mark}")  # noqa: S108 - made private, and refused if somebody else owns it
