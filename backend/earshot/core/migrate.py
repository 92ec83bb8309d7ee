"""Bring a database to the present: roles, their passwords, the schema, and the keys of a new house."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles, write_once
from earshot.core.db import DATABASE_AWAY, ROLES, Connection, with_role
from earshot.core.errors import EarshotError

_LOCK = 7_239_120_418  # any constant: two hosts that migrate at once must choose the same one
_TOO_STRONG = "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = $1"
_EXTENSIONS = ("vector", "pg_trgm", "ltree", "unaccent", "btree_gin")


class ExtensionMissing(EarshotError):
    """This Postgres lacks an extension it needs. Install it (Debian: postgresql-NN-pgvector)."""


class PostgresTooOld(EarshotError):
    """Earshot needs Postgres 15 or newer."""


class DatabaseRefused(EarshotError):
    """The database did not open. Check that it runs, and the address, user and password in EARSHOT_DATABASE_URL."""

    status = 503


class OwnerTooWeak(EarshotError):
    """The user of EARSHOT_DATABASE_URL lacks a right that set-up needs; deploy/README.md says how to grant it."""


def role_dsn(owner_dsn: str, settings: Settings, role: str) -> str:
    """The address of the database for one of the three application roles."""
    return with_role(owner_dsn, role, _passwords(settings)[role])


async def migrate(owner_dsn: str, settings: Settings) -> None:
    """Bring the database to the newest schema; any number of hosts may do this at once.

    Raises `DatabaseRefused`, `PostgresTooOld`, `ExtensionMissing` or `OwnerTooWeak`, each with what to do.
    """
    async with _owner(owner_dsn) as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _check(connection)
        await _make_roles(connection, _passwords(settings))
        await asyncio.to_thread(command.upgrade, alembic_config(owner_dsn), "head")
        await _make_keys(connection, settings)


@asynccontextmanager
async def _owner(dsn: str) -> AsyncIterator[Connection]:
    """A connection of the owner; closing it ends the session, and with it the lock."""
    try:
        connection = await asyncpg.connect(dsn, timeout=30)
    except DATABASE_AWAY:
        raise DatabaseRefused from None
    except ValueError:  # an address that cannot be read
        raise DatabaseRefused from None
    except asyncpg.PostgresError as error:
        raise DatabaseRefused(f"{DatabaseRefused.__doc__} Postgres says: {error.args[0]}.") from None
    try:
        yield connection
    except asyncpg.InsufficientPrivilegeError as error:
        raise OwnerTooWeak(f"{OwnerTooWeak.__doc__} Postgres says: {error.args[0]}.") from None
    finally:
        await connection.close()


def alembic_config(owner_dsn: str) -> Config:
    """Alembic's settings for a database; its messages stay quiet."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["dsn"] = owner_dsn
    return config


async def _check(connection: Connection) -> None:
    if connection.get_server_version().major < 15:
        raise PostgresTooOld
    known = {row["name"] for row in await connection.fetch("SELECT name FROM pg_available_extensions")}
    missing = [name for name in _EXTENSIONS if name not in known]
    if missing:
        raise ExtensionMissing(f"{ExtensionMissing.__doc__} Missing: {', '.join(missing)}.")


async def _make_roles(connection: Connection, passwords: dict[str, str]) -> None:
    for role in ROLES:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await connection.execute(f"CREATE ROLE {role}")
        # Postgres keeps only a verifier (SCRAM); the password itself is generated here from [A-Za-z0-9_-].
        await connection.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{passwords[role]}'")
        if await connection.fetchval(_TOO_STRONG, role):  # only then: no ordinary owner may even say NOSUPERUSER
            await connection.execute(f"ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")


def _passwords(settings: Settings) -> dict[str, str]:
    """The three roles' passwords, made once and kept beside the keys."""
    path = settings.keys / "roles.json"
    if not path.exists():
        settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = {role: secrets.token_urlsafe(24) for role in ROLES}
        with suppress(FileExistsError):  # another process made them between our look and our write
            write_once(path, json.dumps(fresh).encode())
    passwords: dict[str, str] = json.loads(path.read_bytes())
    return passwords


async def _make_keys(connection: Connection, settings: Settings) -> None:
    """Make keys for a new house only: where something was sealed before, a lost key must be found, not replaced."""
    files = KeyFiles(settings.keys)
    if not await connection.fetchval("SELECT count(*) FROM vault.sealing_key"):
        if not files.exist():
            files.create()
        await connection.execute("INSERT INTO vault.sealing_key (key_id) VALUES ($1)", files.sealing().key_id)
