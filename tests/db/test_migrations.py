"""The schema's history: forwards, backwards and forwards again, and two hosts at once."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

import pytest
from alembic import command
from earshot.core.migrate import alembic_config, migrate
from earshot.running.programs import wheel_programs
from house import Cluster, House, connected, database

MIGRATE = """
import asyncio, sys
from pathlib import Path
from earshot.core.config import Settings
from earshot.core.migrate import migrate
asyncio.run(migrate(sys.argv[1], Settings(home=Path(sys.argv[2]))))
"""


def schema(dsn: str) -> str:
    """The database's schema in words, without the random mark that pg_dump puts in."""
    dump = subprocess.run(
        [wheel_programs() / "pg_dump", "--schema-only", "--dbname", dsn], capture_output=True, check=True, text=True
    )
    return re.sub(r"\\(un)?restrict \S+", "", dump.stdout)


async def test_migrations_go_up_down_and_up_again_to_the_same_schema(house: House) -> None:
    before = schema(house.owner_dsn)
    await asyncio.to_thread(command.downgrade, alembic_config(house.owner_dsn), "base")
    assert "CREATE TABLE public.org" not in schema(house.owner_dsn)
    await migrate(house.owner_dsn, house.settings)
    assert schema(house.owner_dsn) == before


async def test_migrating_twice_changes_nothing(house: House) -> None:
    before = schema(house.owner_dsn)
    keys = {path.name: path.read_bytes() for path in house.settings.keys.iterdir()}
    await migrate(house.owner_dsn, house.settings)
    assert schema(house.owner_dsn) == before
    assert {path.name: path.read_bytes() for path in house.settings.keys.iterdir()} == keys


@pytest.mark.slow
async def test_promise_12_two_hosts_that_migrate_at_once_both_succeed(cluster: Cluster) -> None:
    async with connected(database(cluster.postgres.dsn, "postgres")) as connection:
        await connection.execute("CREATE DATABASE twohosts")
    dsn = database(cluster.postgres.dsn, "twohosts")
    hosts = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, dsn, str(cluster.home)) for _ in range(2)
    ]
    assert [await host.wait() for host in hosts] == [0, 0]
    assert schema(dsn) == schema(database(cluster.postgres.dsn, "earshot"))
    async with connected(dsn) as connection:
        assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
        assert await connection.fetchval("SELECT count(*) FROM vault.sealing_key") == 1


async def test_a_lost_key_is_not_replaced_by_a_new_one(house: House) -> None:
    (house.settings.keys / "intake.private").unlink()
    await migrate(house.owner_dsn, house.settings)
    assert not (house.settings.keys / "intake.private").exists()


def test_the_keys_are_for_their_owner_alone(cluster: Cluster) -> None:
    folder = cluster.home / "keys"
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o600"}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


async def test_a_postgres_without_the_extensions_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from earshot.core import migrate as module

    monkeypatch.setattr(module, "_EXTENSIONS", ("vector", "no_such_extension"))
    with pytest.raises(module.ExtensionMissing, match="no_such_extension"):
        await migrate(house.owner_dsn, house.settings)
