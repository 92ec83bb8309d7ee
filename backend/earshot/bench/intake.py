"""`earshot bench intake`: the real endpoint against a bare handler, in turns, on the same server, pool and database."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import uvloop

from earshot.bench.load import Result, load, post
from earshot.core.config import Settings
from earshot.core.migrate import migrate, role_dsn
from earshot.orgs import store as orgs
from earshot.running.parts import GRANIAN
from earshot.running.postgres import database

_TEXT = (
    "We waited three hours in the corridor with my mum, who is 84, and nobody told us what was happening until the "
    "night nurse came. She was kind and explained everything, but by then Mum had missed her tea and her tablets."
)
_TOKEN = "bench00000"  # noqa: S105  # a form link's token is printed on posters


@dataclass(frozen=True)
class IntakeFigures:
    """Submissions and bare inserts a second (medians over the rounds), their ratio, and latencies in milliseconds."""

    submissions_per_second: float
    bare_per_second: float
    ratio: float
    submissions_p50_ms: float
    submissions_p99_ms: float
    bare_p50_ms: float
    bare_p99_ms: float
    rounds: int
    connections: int
    kept: int


def measure(*, seconds: float, rounds: int, connections: int, report: Callable[[str], None]) -> IntakeFigures:
    """Run the comparison on a database of its own, which is thrown away; raises `WrongAnswer` on any error answer."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-", dir="/tmp") as home:  # a short socket path
        os.chmod(home, 0o755)  # noqa: S103  # Postgres runs demoted where we are root, and must reach its folder
        settings = Settings(home=Path(home) / "home", database_url=None)
        with database(settings) as dsn:
            return uvloop.run(_measure(dsn, settings, seconds, rounds, connections, report))


async def _measure(
    dsn: str, settings: Settings, seconds: float, rounds: int, connections: int, report: Callable[[str], None]
) -> IntakeFigures:
    await migrate(dsn, settings)
    await _furnish(dsn)
    real: list[Result] = []
    bare: list[Result] = []
    public_dsn = role_dsn(dsn, settings, "earshot_public")
    async with (
        _serving("earshot.apps:public", settings, public_dsn) as real_port,
        _serving("earshot.bench.bare:app", settings, public_dsn) as bare_port,
    ):
        for port, make in ((real_port, _submissions()), (bare_port, _rows())):
            await load(port, make, seconds=1, connections=connections)  # warm-up, not counted
        for number in range(1, rounds + 1):
            real.append(await load(real_port, _submissions(), seconds=seconds, connections=connections))
            bare.append(await load(bare_port, _rows(), seconds=seconds, connections=connections))
            report(f"round {number}: {real[-1].per_second:.0f} submissions/s, {bare[-1].per_second:.0f} bare/s")
    connection = await asyncpg.connect(dsn)
    kept: int = await connection.fetchval("SELECT count(*) FROM vault.submission")
    await connection.close()
    return _figures(real, bare, rounds, connections, kept)


def _figures(real: list[Result], bare: list[Result], rounds: int, connections: int, kept: int) -> IntakeFigures:
    def middle(results: list[Result], figure: Callable[[Result], float]) -> float:
        return statistics.median(figure(result) for result in results)

    ratios = [ours.per_second / theirs.per_second for ours, theirs in zip(real, bare, strict=True)]
    return IntakeFigures(
        submissions_per_second=round(middle(real, lambda r: r.per_second), 1),
        bare_per_second=round(middle(bare, lambda r: r.per_second), 1),
        ratio=round(statistics.median(ratios), 3),
        submissions_p50_ms=round(middle(real, lambda r: 1000 * r.quantile(0.5)), 2),
        submissions_p99_ms=round(middle(real, lambda r: 1000 * r.quantile(0.99)), 2),
        bare_p50_ms=round(middle(bare, lambda r: 1000 * r.quantile(0.5)), 2),
        bare_p99_ms=round(middle(bare, lambda r: 1000 * r.quantile(0.99)), 2),
        rounds=rounds,
        connections=connections,
        kept=kept,
    )


async def _furnish(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    nation = await orgs.add(connection, code="BENCH", name="Bench", level="nation", parent_id=None, invented=True)
    ward = await orgs.add(connection, code="BENCH-W", name="Bench ward", level="service", parent_id=nation)
    await connection.execute(
        "INSERT INTO form_link (token, org_id, audience, label) VALUES ($1, $2, 'patient', 'Bench')", _TOKEN, ward
    )
    await connection.execute(
        "CREATE TABLE bare (id uuid PRIMARY KEY, link text, audience text, fft int, answer text);"
        "GRANT INSERT ON bare TO earshot_public"
    )
    await connection.close()


def _submissions() -> Callable[[], bytes]:
    body = json.dumps({"link": _TOKEN, "audience": "patient", "fft": 4, "answers": {"why": _TEXT}}).encode()
    run, numbers = os.urandom(8).hex(), itertools.count()
    return lambda: post("/api/v1/submissions", body, f"Idempotency-Key: {run}-{next(numbers)}")


def _rows() -> Callable[[], bytes]:
    body = json.dumps({"link": _TOKEN, "audience": "patient", "fft": 4, "answers": {"why": _TEXT}}).encode()
    return lambda: post("/bare", body)


@asynccontextmanager
async def _serving(app: str, settings: Settings, dsn: str) -> AsyncIterator[int]:
    """The app behind granian with the options of a real run, on a free port, once it answers."""
    with _free_port() as port:
        pass
    command = [sys.executable, "-m", "granian", *GRANIAN, "--host", "127.0.0.1", "--port", str(port), app]
    environment = {**os.environ, "EARSHOT_HOME": str(settings.home), "EARSHOT_ROLE_DSN": dsn}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220, S603
    try:
        for _ in range(300):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        yield port
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]
