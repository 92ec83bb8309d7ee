"""`earshot bench rollup`: what adding one day's comments to a year of series costs, and whether the year matters."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from earshot.core.config import Settings
from earshot.core.db import Database
from earshot.core.migrate import migrate, role_dsn
from earshot.measures.stages import rollup
from earshot.orgs import store as orgs
from earshot.running.postgres import database
from earshot.taxonomy.frameworks import patient_experience

WARDS, THEMES = 60, 20  # 1,200 series
DAYS = 365
TIMES = (1, 10, 100)
LONGER = 4  # times the year, to see whether the past matters
_LAST = date(2026, 1, 1)

# Comments of some days, one after another: a ward, a day and a theme each, analysed.
_SAY = """
WITH said AS (
  SELECT gen_random_uuid() AS id, w.id AS org_id, d.day, number,
    ($3::text[])[1 + (number + extract(doy FROM d.day)::int + w.place::int) % cardinality($3::text[])] AS theme
  FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, place)
  CROSS JOIN unnest($2::date[]) AS d (day) CROSS JOIN generate_series(1, $4::int) AS number
), sent AS (
  INSERT INTO vault.submission (id, org_id, audience, form, channel, response_id, received_on, sealed, key_id, state)
  SELECT id, org_id, 'patient', 'bench', 'api', id, day, '\\x00', 'bench', 'done' FROM said
), answered AS (
  INSERT INTO response (id, org_id, stream, said_on, fft, channel)
  SELECT id, org_id, 'patient', day, 1 + number % 5, 'api' FROM said
), put AS (
  INSERT INTO comment (id, submission_id, response_id, org_id, stream, question, text, said_on)
  SELECT id, id, id, org_id, 'patient', 'Why?', 'We waited and nobody came.', day FROM said
), read AS (
  INSERT INTO analysis (comment_id, org_id, stream, bundle, language, language_p, sentiment, sentiment_p, sentences)
  SELECT id, org_id, 'patient', 'bench', 'en', 1, 1 + number % 5, 1, '[]' FROM said
)
INSERT INTO comment_theme (comment_id, framework, theme, p, words, org_id, stream)
SELECT id, 'patient-experience', theme, 0.9, '[]', org_id, 'patient' FROM said
"""


@dataclass(frozen=True)
class RollupFigures:
    """Seconds to count one more day, as multiples of the smallest day after one year.

    `day_1_10_100` is for days of 60, 600 and 6,000 comments; `after_4_years` for the smallest day after four years of
    comments; `whole_year` for counting the year anew. `smallest_day_ms` gives the unit on this machine.
    """

    series: int
    comments_of_the_year: int
    smallest_day_ms: float
    day_1_10_100: tuple[float, ...]
    after_4_years: float
    whole_year: float


def measure(*, rounds: int, report: Callable[[str], None]) -> RollupFigures:
    """Measure on a database of its own, which is thrown away."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-", dir="/tmp") as home:  # a short socket path
        os.chmod(home, 0o755)  # noqa: S103  # Postgres runs demoted where we are root, and must reach its folder
        settings = Settings(home=Path(home) / "home", database_url=None)
        with database(settings) as dsn:
            return asyncio.run(_measure(dsn, settings, rounds, report))


async def _measure(dsn: str, settings: Settings, rounds: int, report: Callable[[str], None]) -> RollupFigures:
    await migrate(dsn, settings)
    wards = await _furnish(dsn)
    worker = Database(role_dsn(dsn, settings, "earshot_worker"), max_size=2)
    await worker.open()
    year = [_LAST - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    await _say(dsn, wards, year, 1)
    whole = await _timed(worker, wards, year)
    report(f"{len(wards) * len(year):,} comments of a year counted in {whole:.2f} s")
    days = []
    for place, times in enumerate(TIMES, start=1):
        day = _LAST + timedelta(days=place)
        await _say(dsn, wards, [day], times)
        days.append(await _usual(worker, wards, day, rounds))
        report(f"a day of {len(wards) * times:,} comments: {1000 * days[-1]:.1f} ms")
    for back in range(1, LONGER):
        earlier = [day - timedelta(days=DAYS * back) for day in year]
        await _say(dsn, wards, earlier, 1)
        await _timed(worker, wards, earlier)
    later = _LAST + timedelta(days=len(TIMES) + 1)
    await _say(dsn, wards, [later], 1)
    after = await _usual(worker, wards, later, rounds)
    await worker.close()
    return RollupFigures(
        series=WARDS * THEMES,
        comments_of_the_year=len(wards) * len(year),
        smallest_day_ms=round(1000 * days[0], 1),
        day_1_10_100=tuple(round(each / days[0], 2) for each in days),
        after_4_years=round(after / days[0], 2),
        whole_year=round(whole / days[0], 1),
    )


async def _furnish(dsn: str) -> list[UUID]:
    connection = await asyncpg.connect(dsn)
    trust = await orgs.add(connection, code="BENCH", name="Bench", level="provider", parent_id=None, invented=True)
    wards = [
        await orgs.add(
            connection, code=f"BENCH-{ward}", name=f"Ward {ward}", level="team", parent_id=trust, invented=True
        )
        for ward in range(WARDS)
    ]
    await connection.close()
    return wards


async def _say(dsn: str, wards: list[UUID], days: list[date], times: int) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(_SAY, wards, days, list(patient_experience().names[:THEMES]), times)
    await connection.execute("ANALYZE")
    await connection.close()


async def _usual(worker: Database, wards: list[UUID], day: date, rounds: int) -> float:
    """The shortest time of a day: whatever else the computer does only makes it longer."""
    return min([await _timed(worker, wards, [day]) for _ in range(rounds + 1)])


async def _timed(worker: Database, wards: list[UUID], days: list[date]) -> float:
    """Seconds that the roll-up stage takes for some wards and days."""
    cells = [[str(ward), day.isoformat()] for ward in wards for day in days]
    started = time.perf_counter()
    await rollup(worker, {"cells": cells})
    return time.perf_counter() - started
