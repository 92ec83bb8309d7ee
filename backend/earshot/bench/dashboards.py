"""`earshot bench dashboards`: what each quality page costs with few and with many comments in the store.

Each size has a database of its own with the same places, filled with COPY: comments and answers, and their weekly and
monthly counts drawn as chance would have them. Pages are asked through the console itself, signed in, with row-level
security on, the sizes in turns, so that whatever else the computer does slows all of them alike.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import httpx
import numpy as np
import numpy.typing as npt

from earshot.apps import console
from earshot.core.config import Settings
from earshot.core.db import prepare_connection
from earshot.core.migrate import migrate, role_dsn
from earshot.dashboards.pages import PAGES
from earshot.orgs import store as orgs
from earshot.people import store as people
from earshot.people.model import How
from earshot.people.routes import COOKIE
from earshot.running.postgres import database
from earshot.taxonomy.frameworks import frameworks

SIZES = (100_000, 500_000, 5_000_000)
TRUSTS, WARDS, WEEKS = 10, 20, 52
_FIRST = date(2025, 1, 6)  # a Monday
_STREAMS = {"patient": 0.7, "carer": 0.1, "staff": 0.2}
_BATCH = 50_000
_TEXT = "We waited and nobody came to tell us how long it would take."
_FASTER = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET max_wal_size = '8GB'",
    "SELECT pg_reload_conf()",
)
_COPIES = (
    ("bench_1", "CREATE DATABASE bench_1 TEMPLATE earshot STRATEGY file_copy"),
    ("bench_2", "CREATE DATABASE bench_2 TEMPLATE earshot STRATEGY file_copy"),
    ("bench_3", "CREATE DATABASE bench_3 TEMPLATE earshot STRATEGY file_copy"),
    ("bench_4", "CREATE DATABASE bench_4 TEMPLATE earshot STRATEGY file_copy"),
)
Lines = Iterator[bytes]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PageTimes:
    """One page asked of one level, or of every level together: the 95th percentile in milliseconds for each size.

    `ratio` is the largest size by the smallest: of medians for one level, since a 95th percentile of a few rounds is
    mostly the noise of the computer, and of the 95th percentiles for every level together.
    """

    page: str
    level: str
    p95_ms: tuple[float, ...]
    ratio: float


@dataclass(frozen=True)
class DashboardFigures:
    """Every page, at three levels and over all of them; `worst_p95_ms` is a whole page's at the largest size."""

    comments: tuple[int, ...]
    rounds: int
    levels: tuple[PageTimes, ...]
    pages: tuple[PageTimes, ...]
    worst_p95_ms: float
    worst_ratio: float
    worst_level_ratio: float


@dataclass(frozen=True)
class _Cells:
    """Everything that is counted of a ward in a week: stream, measure, label and how often for each comment."""

    keys: tuple[tuple[str, str, str], ...]
    rates: np.ndarray


def measure(*, sizes: Sequence[int], rounds: int, report: Callable[[str], None]) -> DashboardFigures:
    """Measure on databases of their own, which are thrown away."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-", dir="/tmp") as home:  # a short socket path
        os.chmod(home, 0o755)  # noqa: S103  # Postgres runs demoted where we are root, and must reach its folder
        settings = Settings(home=Path(home) / "home", database_url=None)
        with database(settings) as dsn:
            return asyncio.run(_measure(dsn, settings, sizes, rounds, report))


async def _measure(
    dsn: str, settings: Settings, sizes: Sequence[int], rounds: int, report: Callable[[str], None]
) -> DashboardFigures:
    await migrate(dsn, settings)
    places, session = await _furnish(dsn)
    await _faster(dsn)
    async with AsyncExitStack() as open_apps:
        clients = []
        for place, size in enumerate(sizes):
            started = time.perf_counter()
            filled = await _filled(dsn, place, size, places)
            report(f"{size:,} comments loaded in {time.perf_counter() - started:.0f} s")
            given = settings.model_copy(update={"role_dsn": role_dsn(filled, settings, "earshot_console")})
            clients.append(await open_apps.enter_async_context(_client(given, session)))
        levels = {"all trusts": places[0][0], "one trust": places[1][0], "one ward": places[2][0]}
        apart: list[PageTimes] = []
        pages: list[PageTimes] = []
        for page in PAGES:
            times = [await _asked(clients, page.id, org_id, rounds) for org_id in levels.values()]
            apart += [_level(page.id, name, each) for name, each in zip(levels, times, strict=True)]
            pages.append(_together(page.id, np.concatenate(times, axis=1)))
            for one in (*apart[-len(levels) :], pages[-1]):
                p95 = " / ".join(f"{each:.0f}" for each in one.p95_ms)
                report(f"{one.page:<14} {one.level:<11} p95 {p95} ms, {one.ratio:.2f} times")
    return DashboardFigures(
        comments=tuple(sizes),
        rounds=rounds,
        levels=tuple(apart),
        pages=tuple(pages),
        worst_p95_ms=max(page.p95_ms[-1] for page in pages),
        worst_ratio=max(page.ratio for page in pages),
        worst_level_ratio=max(level.ratio for level in apart),
    )


async def _furnish(dsn: str) -> tuple[list[list[UUID]], str]:
    """A region of trusts with wards (each level's ids), and the session of a quality lead of all of it."""
    connection = await asyncpg.connect(dsn)
    await prepare_connection(connection)

    async def add(code: str, level: str, parent: UUID | None) -> UUID:
        return await orgs.add(connection, code=code, name=code, level=level, parent_id=parent, invented=True)

    region = await add("BENCH", "region", None)
    trusts = [await add(f"T{trust}", "provider", region) for trust in range(TRUSTS)]
    wards = [await add(f"{trust}-{ward}", "team", id) for trust, id in enumerate(trusts) for ward in range(WARDS)]
    account = await connection.fetchval(
        "INSERT INTO account (email, name, password_hash) VALUES ('lead@bench.example', 'Lead', '!') RETURNING id"
    )
    await connection.execute("INSERT INTO role_grant VALUES ($1, 'quality_lead', $2)", account, region)
    session = await people.open_session(connection, account, how=How.PASSKEY, mfa=True)
    await connection.close()
    return [[region], trusts, wards], session


async def _faster(dsn: str) -> None:
    """Let the databases of this run be loaded without waiting for the disk: they are thrown away."""
    connection = await asyncpg.connect(dsn)
    for statement in _FASTER:
        await connection.execute(statement)
    await connection.close()


async def _filled(dsn: str, place: int, comments: int, places: list[list[UUID]]) -> str:
    """A copy of the furnished database with so many comments in it; its address."""
    name, copied = _COPIES[place]
    connection = await asyncpg.connect(_other(dsn, "postgres"))
    await connection.execute(copied)
    await connection.close()
    connection = await asyncpg.connect(_other(dsn, name))
    # Keys to other tables are not looked up, and the indexes by which people search comments are left out: no quality
    # page reads a comment, and building them would take most of an hour.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("DROP INDEX comment_search, comment_newest, comment_day, comment_response, response_day")
    cells, chance = _cells(), np.random.default_rng(comments)
    every = comments / (TRUSTS * WARDS * WEEKS)
    counts = chance.poisson(every * cells.rates, (TRUSTS, WARDS, WEEKS, len(cells.rates)))
    said = np.bincount(np.arange(comments) % (TRUSTS * WARDS * WEEKS), minlength=TRUSTS * WARDS * WEEKS)
    for table, columns, lines in (
        ("response", "id, org_id, stream, said_on, fft, channel", _responses(said, places[2])),
        ("comment", "id, submission_id, response_id, org_id, stream, question, text, said_on", _said(said, places[2])),
        ("weekly_count", _COUNTED, _counts(counts, cells, places, monthly=False)),
        ("monthly_count", _COUNTED, _counts(counts, cells, places, monthly=True)),
    ):
        await _copy(connection, table, columns, lines)
    await connection.execute("ANALYZE weekly_count, monthly_count, org")
    await connection.close()
    return _other(dsn, name)


_COUNTED = "org_id, measure, start, label, stream, n"


def _other(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _copy(connection: Any, table: str, columns: str, lines: Lines) -> None:
    async def source() -> AsyncIterator[bytes]:
        batch: list[bytes] = []
        for line in lines:
            batch.append(line)
            if len(batch) == _BATCH:
                yield b"".join(batch)
                batch.clear()
        yield b"".join(batch)

    await connection.copy_to_table(table, source=source(), columns=columns.split(", "), format="text", timeout=900)


def _cells() -> _Cells:
    """What is counted, and how often for each comment that is heard."""
    found: dict[tuple[str, str, str], float] = {}
    for stream, share in _STREAMS.items():
        found |= {(stream, measure, ""): share for measure in ("comments", "responses")}
        found |= {
            (stream, "fft", str(label)): share * part for label, part in enumerate((0.5, 0.3, 0.1, 0.05, 0.05), 1)
        }
        found |= {(stream, "sentiment", str(n)): share * part for n, part in enumerate((0.3, 0.3, 0.1, 0.2, 0.1), 1)}
        names = next(one for one in frameworks() if stream in one.streams).names
        for place, name in enumerate(names, 1):
            found[stream, "theme", name] = share / (place + 2)
            found[stream, "theme_negative", name] = 0.3 * share / (place + 2)
    for group in ("age_band=25_34", "age_band=65_74", "age_band=75_84", "ethnicity=asian", "ethnicity=white"):
        for measure, part in (
            ("group_fft", 0.2),
            ("group_positive", 0.16),
            ("group_comments", 0.2),
            ("group_negative", 0.06),
        ):
            found["patient", measure, group] = part
    return _Cells(tuple(found), np.array(list(found.values())))


def _responses(said: np.ndarray, wards: Sequence[UUID]) -> Lines:
    for number, (ward, day, stream) in enumerate(_each(said, wards)):
        yield f"{number:032x}\t{ward}\t{stream}\t{day}\t{1 + number % 5}\tapi\n".encode()


def _said(said: np.ndarray, wards: Sequence[UUID]) -> Lines:
    for number, (ward, day, stream) in enumerate(_each(said, wards)):
        id = f"{number:032x}"
        yield f"{id}\t{id}\t{id}\t{ward}\t{stream}\tWhy?\t{_TEXT}\t{day}\n".encode()


def _each(said: np.ndarray, wards: Sequence[UUID]) -> Iterator[tuple[UUID, str, str]]:
    """The ward, the day and the stream of each comment."""
    streams = ("patient",) * 7 + ("carer",) + ("staff",) * 2
    for place, n in enumerate(said):
        ward, week = divmod(place, WEEKS)
        days = [(_FIRST + timedelta(weeks=week, days=day)).isoformat() for day in range(7)]
        for number in range(int(n)):
            yield wards[ward], days[number % 7], streams[number % 10]


def _counts(counts: np.ndarray, cells: _Cells, places: list[list[UUID]], *, monthly: bool) -> Lines:
    """Weekly or monthly counts of each ward, each trust, and all of them, as COPY wants them."""
    starts = [_FIRST + timedelta(weeks=week) for week in range(WEEKS)]
    if monthly:
        months = sorted({start.replace(day=1) for start in starts})
        place = [months.index(start.replace(day=1)) for start in starts]
        counts = np.stack([counts[:, :, [p == m for p in place]].sum(axis=2) for m in range(len(months))], axis=2)
        starts = months
    levels = (counts.sum(axis=(0, 1))[None], counts.sum(axis=1), counts.reshape(-1, *counts.shape[2:]))
    keys = [(measure, label, stream) for stream, measure, label in cells.keys]
    for ids, table in zip(places, levels, strict=True):
        for org_id, of_org in zip(ids, table, strict=True):
            for week, cell in zip(*np.nonzero(of_org), strict=True):
                measure, label, stream = keys[cell]
                yield f"{org_id}\t{measure}\t{starts[week]}\t{label}\t{stream}\t{of_org[week, cell]}\n".encode()


@asynccontextmanager
async def _client(settings: Settings, session: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in at the console of one database."""
    app: Any = console(settings)
    async with app.app.router.lifespan_context(app.app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.bench") as client:
            client.cookies.set(COOKIE, session)
            yield client


async def _asked(clients: Sequence[httpx.AsyncClient], page: str, org_id: UUID, rounds: int) -> Times:
    """Milliseconds of each request, shape (sizes, rounds). Sizes take turns; the first round is not counted."""
    times = np.zeros((len(clients), rounds + 1))
    for turn in range(rounds + 1):
        for place, client in enumerate(clients):
            started = time.perf_counter()
            answer = await client.get(f"/api/quality/{page}", params={"org": str(org_id)})
            answer.raise_for_status()
            times[place, turn] = 1000 * (time.perf_counter() - started)
    return times[:, 1:]


def _level(page: str, level: str, times: Times) -> PageTimes:
    middle = np.median(times, axis=1)
    return PageTimes(page, level, _p95(times), round(float(middle[-1] / middle[0]), 2))


def _together(page: str, times: Times) -> PageTimes:
    p95 = _p95(times)
    return PageTimes(page, "every level", p95, round(p95[-1] / p95[0], 2))


def _p95(times: Times) -> tuple[float, ...]:
    return tuple(round(float(one), 1) for one in np.percentile(times, 95, axis=1))
