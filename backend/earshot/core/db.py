"""The database: plain SQL beside the function that runs it, rows as frozen dataclasses, scope per transaction."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, LiteralString, TypeAlias, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from earshot.core.errors import NotFound, Unavailable

Connection: TypeAlias = Any  # an asyncpg connection, pooled or not; asyncpg carries no types
Row = TypeVar("Row")

ROLES = ("earshot_public", "earshot_console", "earshot_worker")

#: What asyncpg raises when the database is away or going away, rather than when a query is wrong.
DATABASE_AWAY: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection's end was being read when it was used
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
)


@dataclass(frozen=True)
class Query(Generic[Row]):
    """One SQL statement and the type of its rows: a frozen dataclass, or a plain type for a single column."""

    row: type[Row]
    sql: LiteralString

    def __post_init__(self) -> None:
        QUERIES.append(self)

    async def all(self, connection: Connection, *args: object) -> list[Row]:
        """Every row."""
        return [self._make(record) for record in await connection.fetch(self.sql, *args)]

    async def maybe(self, connection: Connection, *args: object) -> Row | None:
        """The first row, or None."""
        record = await connection.fetchrow(self.sql, *args)
        return None if record is None else self._make(record)

    async def one(self, connection: Connection, *args: object) -> Row:
        """The first row; raises `NotFound` where there is none."""
        row = await self.maybe(connection, *args)
        if row is None:
            raise NotFound
        return row

    def _make(self, record: Any) -> Row:
        return self.row(**record) if is_dataclass(self.row) else record[0]

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that the row type expects, or None for a single plain column."""
        return tuple(field.name for field in fields(self.row)) if is_dataclass(self.row) else None


@dataclass(frozen=True)
class Statement:
    """One SQL statement that returns no rows."""

    sql: LiteralString

    def __post_init__(self) -> None:
        STATEMENTS.append(self)

    async def run(self, connection: Connection, *args: object) -> int:
        """Run it and return how many rows it touched."""
        tag: str = await connection.execute(self.sql, *args)
        count = tag.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def each(self, connection: Connection, rows: Sequence[Sequence[object]]) -> None:
        """Run it once for each row of arguments."""
        await connection.executemany(self.sql, rows)


#: Every query and statement of the programme, so that a test can prepare each one on the migrated database.
QUERIES: list[Query[Any]] = []
STATEMENTS: list[Statement] = []


@dataclass(frozen=True)
class Scope:
    """What one transaction may see: organisation subtrees by their roots, and streams.

    `account_id` is who acts; `case_org_ids` and `case_streams` say whose cases that person handles, as `case_roles`.
    """

    org_ids: tuple[UUID, ...]
    streams: tuple[str, ...]
    account_id: UUID | None = None
    case_org_ids: tuple[UUID, ...] = ()
    case_streams: tuple[str, ...] = ()
    case_roles: tuple[str, ...] = ()


_SET_SCOPE: LiteralString = """
SELECT set_config('earshot.scope', $1, true), set_config('earshot.streams', $2, true),
  set_config('earshot.account', $3, true), set_config('earshot.case_scope', $4, true),
  set_config('earshot.case_streams', $5, true), set_config('earshot.case_roles', $6, true)
"""


class Database:
    """A pool of connections under one role."""

    def __init__(self, dsn: str, *, max_size: int = 8, custom_plans: bool = False) -> None:
        self._dsn, self._max_size = dsn, max_size
        self._settings = {"plan_cache_mode": "force_custom_plan"} if custom_plans else {}
        self._pool: Any = None

    async def open(self) -> None:
        """Connect; a database that is away is met again at the first use."""
        if self._pool is None:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=0,
                max_size=self._max_size,
                init=prepare_connection,
                server_settings={**self._settings, "application_name": "earshot"},
                timeout=5,
                command_timeout=60,
            )

    async def close(self) -> None:
        """Let every connection go."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    @property
    def pool(self) -> Any:
        """The asyncpg pool itself, for the work queue."""
        return self._pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection without a transaction; a database that is away raises `Unavailable`."""
        try:
            connection = await self._pool.acquire(timeout=5)
        except DATABASE_AWAY:
            raise Unavailable from None
        try:
            yield connection
        except DATABASE_AWAY:
            raise Unavailable from None
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self, scope: Scope | None = None) -> AsyncIterator[Connection]:
        """A transaction that sees only `scope`; without one, row-level security shows nothing to the console role."""
        async with self.connection() as connection, connection.transaction():
            if scope is not None:
                await connection.execute(
                    _SET_SCOPE,
                    ",".join(map(str, scope.org_ids)),
                    ",".join(scope.streams),
                    "" if scope.account_id is None else str(scope.account_id),
                    ",".join(map(str, scope.case_org_ids)),
                    ",".join(scope.case_streams),
                    ",".join(scope.case_roles),
                )
            yield connection


async def prepare_connection(connection: Connection) -> None:
    """Let json columns travel as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_to_json, decoder=json.loads, schema="pg_catalog")


def _to_json(value: object) -> str:
    """JSON text; a text is taken to be JSON already, since pgqueuer hands its headers over that way."""
    return value if isinstance(value, str) else json.dumps(value)


def with_role(dsn: str, role: str, password: str) -> str:
    """The same database address under another role."""
    parts = urlsplit(dsn)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{host}"))
