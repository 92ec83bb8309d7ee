"""A house for a test: a migrated database of its own, key files, and the addresses of the three roles."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from earshot.core.config import Settings
from earshot.core.db import Connection, prepare_connection
from earshot.core.migrate import migrate, role_dsn
from earshot.running.postgres import EmbeddedPostgres
from earshot.running.programs import wheel_programs

_NUMBERS = count(1)


@dataclass(frozen=True)
class House:
    """One database and its settings; `settings.home` holds the keys and belongs to this test alone."""

    settings: Settings
    owner_dsn: str

    def dsn(self, role: str) -> str:
        """The address of the database for `public`, `console` or `worker`."""
        return role_dsn(self.owner_dsn, self.settings, f"earshot_{role}")

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Connection]:
        """A connection as the owner, a superuser here: sees every row whatever the policies say."""
        async with connected(self.owner_dsn) as connection:
            yield connection

    @asynccontextmanager
    async def role(self, role: str) -> AsyncIterator[Connection]:
        """A connection under one of the three application roles."""
        async with connected(self.dsn(role)) as connection:
            yield connection

    def dump(self) -> bytes:
        """The whole database as `pg_dump` writes it: what a thief of a backup holds."""
        program = wheel_programs() / "pg_dump"
        done = subprocess.run([program, "--dbname", self.owner_dsn], capture_output=True, check=True)
        return done.stdout


@dataclass(frozen=True)
class Cluster:
    """A running Postgres with one migrated database that others are copied from."""

    postgres: EmbeddedPostgres
    home: Path

    async def new_house(self, home: Path) -> House:
        """A fresh copy of the migrated database; `home` gets a copy of the keys, so a test may take them away."""
        name = f"test_{next(_NUMBERS)}"
        async with connected(database(self.postgres.dsn, "postgres")) as connection:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE earshot STRATEGY file_copy")
        shutil.copytree(self.home / "keys", home / "keys")
        dsn = database(self.postgres.dsn, name)
        return House(Settings(home=home, database_url=dsn), dsn)

    async def demolish(self, house: House) -> None:
        """Drop the copy, whoever is still connected."""
        name = urlsplit(house.owner_dsn).path.lstrip("/")
        async with connected(database(self.postgres.dsn, "postgres")) as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def short_folder() -> Iterator[Path]:
    """A temporary folder with a name short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="earshot-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def running_postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    """A Postgres with its data in `home`, stopped at the end."""
    postgres = EmbeddedPostgres(home)
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()


async def built(postgres: EmbeddedPostgres) -> None:
    """Migrate the database that others are copied from, and trade its safety for speed."""
    async with connected(postgres.dsn) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(f"ALTER SYSTEM SET {name} = off")
        await connection.execute("SELECT pg_reload_conf()")
    await migrate(postgres.dsn, Settings(home=postgres.home))


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """A connection that is closed at the end."""
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        await prepare_connection(connection)
        yield connection
    finally:
        await connection.close()


def database(dsn: str, name: str) -> str:
    """The same address with another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
