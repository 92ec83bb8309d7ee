"""The worker's steps: look at every provider's series each night and after recounts, and raise one comment at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage, enqueue, ids, unfinished_of
from earshot.signals import at_once, scans, store, weekly
from earshot.signals.behind import respondents
from earshot.signals.emerging import emerging
from earshot.signals.findings import SERIES_KINDS, Looks, found
from earshot.signals.groups import unequal
from earshot.signals.life import Life, Standing
from earshot.signals.model import Finding, content_hash
from earshot.signals.quiet import quiet
from earshot.signals.reading import read_until, weeks_until

YEARS_READ = timedelta(days=3 * 365)
WEEKS_BACK = 26  # how far a first look, or one after a long pause, records what would have been found
READING = ("import", "deidentify", "analyse", "rollup", "discover")
FEW, PATIENCE = 5, 20  # jobs in hand that a busy house always has; postponements before they are let be
_AGAIN = timedelta(seconds=5)
LOOKED_BACK = "Found when Earshot looked back over the weeks before it watched."

_EVERY_PROVIDER = Query(UUID, "SELECT id FROM org WHERE level = 'provider' ORDER BY id")
_SAVE = Query(
    UUID,
    """
    INSERT INTO signal_scan (id, org_id, as_of, first_week, budget, series, comments, content_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (org_id, as_of, content_hash) DO NOTHING RETURNING id
    """,
)
_SAVE_FINDING = Statement(
    """
    INSERT INTO signal_finding (scan_id, signal_id, org_id, streams, as_of, kind, meaning, since, until, observed,
      expected, weeks_between, respondents, sentence)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    """
)


async def scan(database: Database, payload: Payload) -> None:
    """Daily counts → Signals, for every provider.

    Waits while a heap of comments is being read, since half of them would mislead.
    """
    async with database.transaction() as connection:
        if await _postponed(connection, int(payload.get("tries", 0))):
            return
        await at_once.raise_flagged(connection, None, date.today())
        await at_once.let_go(connection)
        providers = await _EVERY_PROVIDER.all(connection)
    for provider in providers:
        async with database.transaction() as connection:
            await look_at(connection, provider)


async def _postponed(connection: Connection, tries: int) -> bool:
    """Whether this look was put off because reading goes on."""
    reading = await unfinished_of(connection, READING)
    if reading == 0 or (reading <= FEW and tries >= PATIENCE):
        return False
    if await unfinished_of(connection, ["scan"], running_too=False) == 0:
        await enqueue(connection, "scan", {"tries": tries + 1}, priority=-3, later=_AGAIN)
    return True


async def look_at(connection: Connection, provider: UUID) -> None:
    """Look at one provider's series, and record what stood out as of each week since the last look."""
    last = await weekly.last_day(connection, provider)
    if last is None:
        return
    rules = await store.rules(connection, provider)
    first = weekly.monday(await weekly.first_day(connection, provider, last - YEARS_READ) or last)
    looks = await read_until(connection, provider, first, last, rules.false_alarms)
    newest = (await scans.extent(connection, provider)).last
    if not looks.tree.weeks:
        return  # not one week is over yet
    life = await Life.of(connection, provider)
    for as_of in dates(looks.tree.weeks, newest, last):
        back = as_of < last
        findings = found(looks, weeks_until(looks.tree.weeks, as_of) - 1)
        at = datetime.combine(as_of + timedelta(days=1), time(3), UTC) if back else datetime.now(UTC)
        signals = await life.record(findings, of_series, as_of, at, LOOKED_BACK if back else None)
        await _keep(connection, provider, looks, as_of, rules.false_alarms, findings, signals)
    others = [
        *await emerging(connection, provider, looks.tree.name, looks.tree.weeks, rules.false_alarms),
        *await unequal(connection, provider, looks.tree.name, last),
        *await quiet(connection, provider, looks.tree.name, looks.tree.weeks, rules.false_alarms),
    ]
    await life.record(others, lambda signal: not of_series(signal), last, datetime.now(UTC))
    await life.tell()


def of_series(signal: Standing) -> bool:
    """Whether a signal is one of the daily counts, and not of a discovered theme or a group of people."""
    return signal.kind in SERIES_KINDS and not signal.about


def dates(weeks: Sequence[date], newest: date | None, last: date) -> list[date]:
    """The days as of which to record: the Sundays since the `newest` record, half a year at most, and the last day."""
    sundays = [week + timedelta(days=6) for week in weeks]
    missing = [day for day in sundays if day < last and (newest is None or day > newest)]
    return [*missing[-WEEKS_BACK:], last]


async def _keep(
    connection: Connection, provider: UUID, looks: Looks, as_of: date, budget: float, findings: Sequence[Finding],
    signals: dict[str, UUID],
) -> None:  # fmt: skip
    """Record what a look found; the same found again of the same days is not recorded twice."""
    comments = await scans.comments_until(connection, provider, as_of)
    first = looks.tree.weeks[0]
    made = await _SAVE.maybe(
        connection, uuid4(), provider, as_of, first, budget, looks.series, comments, content_hash(findings)
    )
    if made is None:
        return
    for finding in findings:
        people = await respondents(connection, finding)
        subject = finding.subject
        await _SAVE_FINDING.run(
            connection, made, signals[subject.key], subject.org_id, list(subject.streams), as_of, subject.kind,
            finding.meaning, finding.since, finding.until, finding.observed, finding.expected, finding.weeks_between,
            people, finding.sentence,
        )  # fmt: skip


async def raise_one(database: Database, payload: Payload) -> None:
    """Comments that may tell of immediate risk → Signals, with a clock until somebody has seen them."""
    async with database.transaction() as connection:
        await at_once.raise_flagged(connection, ids(payload, "comments"), date.today())


SCAN = Stage("scan", scan, at_once=1, cron="5 2 * * *")
RAISE_ONE = Stage("raise_one", raise_one)
