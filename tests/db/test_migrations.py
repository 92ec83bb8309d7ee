"""The schema's history: forwards, backwards and forwards again, and two hosts at once."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from earshot.core import audit
from earshot.core.config import Settings
from earshot.core.db import ROLES
from earshot.core.migrate import DatabaseRefused, OwnerTooWeak, alembic_config, migrate
from earshot.running.programs import wheel_programs
from house import Cluster, House, connected, database

pytestmark = pytest.mark.slow

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


async def test_an_ordinary_owner_sets_up_once_an_administrator_has_made_the_extension(
    cluster: Cluster, tmp_path: Path
) -> None:
    async with connected(database(cluster.postgres.dsn, "postgres")) as connection:
        await connection.execute("CREATE ROLE landlord LOGIN CREATEROLE")
        await connection.execute(f"GRANT {', '.join(ROLES)} TO landlord WITH ADMIN OPTION")  # made by another owner
        await connection.execute("CREATE DATABASE rented OWNER landlord")
    dsn = database(cluster.postgres.dsn, "rented")
    shutil.copytree(cluster.home / "keys", tmp_path / "keys")  # the roles' passwords belong to the whole cluster
    rented = House(Settings(home=tmp_path, database_url=dsn), dsn.replace("//earshot@", "//landlord@"))
    with pytest.raises(OwnerTooWeak, match='permission denied to create extension "vector"'):
        await migrate(rented.owner_dsn, rented.settings)
    async with connected(dsn) as connection:
        await connection.execute("CREATE EXTENSION vector")
    await migrate(rented.owner_dsn, rented.settings)
    async with rented.role("worker") as connection:
        england = await connection.fetchval(
            "INSERT INTO org (path, level, code, name) VALUES ('e', 'nation', 'E', 'England') RETURNING id"
        )
    async with rented.role("console") as connection:
        assert await connection.fetchval("SELECT count(*) FROM org") == 0
        await connection.execute("SELECT set_config('earshot.scope', $1, false)", str(england))
        assert await connection.fetchval("SELECT name FROM org") == "England"
        person = await connection.fetchval("SELECT gen_random_uuid()")
        await audit.record(connection, action="test.rented", by=person, org_id=england)
    async with rented.role("worker") as connection:
        line = await audit.last(connection)
    assert line is not None and (line.n, line.action, line.org_id) == (1, "test.rented", england)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://earshot@/nowhere?host={folder}", "nowhere"),
        ("postgresql://x@127.0.0.1:9/x", ""),
        ("nonsense", ""),
    ],
)
async def test_a_database_that_does_not_open_gets_one_plain_sentence(cluster: Cluster, address: str, says: str) -> None:
    with pytest.raises(DatabaseRefused, match=f"(?s)^The database did not open.*{says}") as refused:
        await migrate(address.format(folder=cluster.postgres.sockets), Settings(home=cluster.home))
    assert "\n" not in refused.value.message


async def test_a_postgres_without_the_extensions_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from earshot.core import migrate as module

    monkeypatch.setattr(module, "_EXTENSIONS", ("vector", "no_such_extension"))
    with pytest.raises(module.ExtensionMissing, match="no_such_extension"):
        await migrate(house.owner_dsn, house.settings)
