"""`earshot bench digests`: composing and posting the weekly digests of a thousand managers, one after another."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from earshot.alerts import store as alerts
from earshot.core.config import Settings
from earshot.core.db import Connection, Database
from earshot.core.migrate import migrate, role_dsn
from earshot.digests import stages
from earshot.digests.due import due
from earshot.orgs import store as orgs
from earshot.running.postgres import database
from earshot.taxonomy.frameworks import patient_experience

TRUSTS, SERVICES, TEAMS = 10, 10, 10  # of each one above: a thousand teams
COMMENTS = 30  # of a team in the twelve weeks
SIGNALS = 3  # of a team, which wait for its manager's digest

_PEOPLE = """
WITH made AS (
  INSERT INTO account (email, name, password_hash)
  SELECT 'manager-' || o.id || '@bench.example', 'Manager of ' || o.name, '!' FROM org o WHERE o.level = 'team'
  RETURNING id, email
), placed AS (SELECT m.id, o.id AS org_id FROM made m JOIN org o ON m.email = 'manager-' || o.id || '@bench.example'),
granted AS (INSERT INTO role_grant (account_id, role, org_id) SELECT id, 'manager', org_id FROM placed)
INSERT INTO subscription (account_id, place_id, channels, cadence, weekday, made_on)
SELECT id, org_id, '{in_app,mail}', 'weekly', 1, current_date - 60 FROM placed
"""
_COMMENTS = """
WITH said AS (
  SELECT gen_random_uuid() AS id, o.id AS org_id, number, current_date - 1 - (number * 84 / $1::int) AS day
  FROM org o CROSS JOIN generate_series(0, $1::int - 1) AS number WHERE o.level = 'team'
), sent AS (
  INSERT INTO vault.submission (id, org_id, audience, form, channel, response_id, received_on, sealed, key_id, state)
  SELECT id, org_id, 'patient', 'bench', 'api', id, day, '\\x00', 'bench', 'done' FROM said
), answered AS (
  INSERT INTO response (id, org_id, stream, said_on, fft, channel)
  SELECT id, org_id, 'patient', day, 1 + number % 5, 'api' FROM said
), put AS (
  INSERT INTO comment (id, submission_id, response_id, org_id, stream, question, text, said_on)
  SELECT id, id, id, org_id, 'patient', 'Why?', 'We waited for hours and nobody came to tell us why.', day FROM said
), read AS (
  INSERT INTO analysis (comment_id, org_id, stream, bundle, language, language_p, sentiment, sentiment_p, sentences)
  SELECT id, org_id, 'patient', 'bench', 'en', 1, 1 + number % 5, 1, '[]' FROM said
)
INSERT INTO praise (comment_id, org_id, stream, said_on)
SELECT id, org_id, 'patient', day FROM said WHERE number % 5 = 0
"""
_COUNTS = """
INSERT INTO daily (org_id, day, stream, measure, label, n)
SELECT o.id, current_date - 1 - 7 * week, 'patient', 'theme_negative', theme, 5 + (week + length(theme)) % 9
FROM org o CROSS JOIN generate_series(0, 11) AS week CROSS JOIN unnest($1::text[]) AS theme WHERE o.level = 'team'
"""
_SIGNALS = """
WITH raised AS (
  INSERT INTO signal (id, subject, kind, meaning, org_id, streams, measure, label, since, until, observed, expected,
    statistic, weeks_between, detector, detector_version, sentence, respondents, comment_ids)
  SELECT gen_random_uuid(), o.id || theme, 'rise', 'concern', o.id, '{patient}', 'theme_negative', theme,
    current_date - 14, current_date - 1, 14, 7, 3, 20, 'bench', '1', 'Comments rose.', 14,
    ARRAY (SELECT c.id FROM comment c WHERE c.org_id = o.id ORDER BY c.said_on DESC LIMIT 14)
  FROM org o CROSS JOIN unnest($1::text[]) AS theme WHERE o.level = 'team' RETURNING id, org_id
)
INSERT INTO alert (account_id, signal_id, subscription_id, why, cadence, channels, urgent)
SELECT s.account_id, r.id, s.id, 'subscribed', 'weekly', s.channels, false
FROM raised r JOIN subscription s ON s.place_id = r.org_id
"""
_WORK = """
WITH made AS (
  INSERT INTO improvement_action
    (id, org_id, streams, title, what_we_heard, state, started_on, due_on, owner_id, made_by)
  SELECT gen_random_uuid(), s.place_id, '{patient}', 'Change ' || number, 'Waiting', 'under_way', current_date - 40,
    current_date + 2 - 4 * number, s.account_id, s.account_id
  FROM subscription s CROSS JOIN generate_series(0, 1) AS number RETURNING id
)
INSERT INTO improvement_look (action_id, weeks, state, sentence, figures, looked_on)
SELECT id, 12, 'improved', 'It helped.', '{}', current_date - 2 FROM made
"""


@dataclass(frozen=True)
class DigestFigures:
    """Seconds to compose and post every digest on one connection, milliseconds for each, and what stands in them."""

    managers: int
    organisations: int
    comments: int
    finding_who_is_due_seconds: float
    composing_seconds: float
    ms_each: float
    letters: int
    with_a_quote: int
    bytes_each: int


def measure(*, report: Callable[[str], None]) -> DigestFigures:
    """Measure on a database of its own, which is thrown away."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-", dir="/tmp") as home:  # a short socket path
        os.chmod(home, 0o755)  # noqa: S103  # Postgres runs demoted where we are root, and must reach its folder
        settings = Settings(home=Path(home) / "home", database_url=None)
        with database(settings) as dsn:
            return asyncio.run(_measure(dsn, settings, report))


async def _measure(dsn: str, settings: Settings, report: Callable[[str], None]) -> DigestFigures:
    await migrate(dsn, settings)
    owner = await asyncpg.connect(dsn)
    await _furnish(owner)
    report("a tree of a thousand teams is furnished")
    worker = Database(role_dsn(dsn, settings, "earshot_worker"), max_size=2)
    await worker.open()
    now = datetime.now(UTC)
    started = time.perf_counter()
    async with worker.transaction() as connection:
        found = due(await alerts.subscriptions(connection), now)
    finding = time.perf_counter() - started
    started = time.perf_counter()
    for one in found:
        async with worker.transaction() as connection:
            await stages.write(connection, settings, one.account_id, one.cadence, one.period)
    composing = time.perf_counter() - started
    figures = await owner.fetchrow(
        "SELECT count(*) AS n, count(*) FILTER (WHERE body LIKE '%nobody came%') AS quoted,"
        " avg(length(body) + length(html))::int AS size, (SELECT count(*) FROM org) AS orgs,"
        " (SELECT count(*) FROM comment) AS comments FROM letter"
    )
    await worker.close()
    await owner.close()
    return DigestFigures(
        managers=len(found),
        organisations=figures["orgs"],
        comments=figures["comments"],
        finding_who_is_due_seconds=round(finding, 2),
        composing_seconds=round(composing, 2),
        ms_each=round(1000 * composing / max(1, len(found)), 1),
        letters=figures["n"],
        with_a_quote=figures["quoted"],
        bytes_each=figures["size"],
    )


async def _furnish(owner: Connection) -> None:
    async with owner.transaction():
        for trust in range(TRUSTS):
            top = await _org(owner, f"T{trust}", "provider", None)
            for service in range(SERVICES):
                middle = await _org(owner, f"T{trust}-S{service}", "service", top)
                for team in range(TEAMS):
                    await _org(owner, f"T{trust}-S{service}-W{team}", "team", middle)
    themes = list(patient_experience().names[:SIGNALS])
    await owner.execute(_PEOPLE)
    await owner.execute(_COMMENTS, COMMENTS)
    await owner.execute(_COUNTS, themes)
    await owner.execute(_SIGNALS, themes)
    await owner.execute(_WORK)
    await owner.execute("ANALYZE")


async def _org(owner: Connection, code: str, level: str, parent: UUID | None) -> UUID:
    return await orgs.add(owner, code=code, name=f"Place {code}", level=level, parent_id=parent, invented=True)
