"""Background work: a row and its job are one transaction, and a job is never dropped.

Jobs travel through pgqueuer in the same database. Work is at least once, so every stage is idempotent. A stage that
fails is tried again with growing pauses, but only once the database answers: pgqueuer turns a retry that it cannot
write into a final failure. After the last try the job is held for a person (`earshot work status`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer import PgQueuer, Queries
from pgqueuer.core.executors import EntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.models import Context, Job
from pgqueuer.types import QueueExecutionMode

from earshot.core.db import DATABASE_AWAY, Connection, Database, Query, Statement
from earshot.core.errors import EarshotError, Unavailable

Payload = Mapping[str, Any]
StageFunction = Callable[[Database, Payload], Awaitable[None]]

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=0.5)
LONGEST_PAUSE = timedelta(seconds=60)
#: A worker that has not said that it lives for this long loses its jobs to another.
HEARTBEAT = timedelta(seconds=10)


class StageFailed(EarshotError):
    """A stage failed. The message names the error's class and place only: its text could quote what somebody wrote."""


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline, or a scheduled job when `cron` is given (five fields, UTC)."""

    name: str
    run: StageFunction
    at_once: int = 0  # how many may run at the same time over all workers; 0 is any number
    cron: str | None = None
    given_up: StageFunction | None = None  # told once when a job of this stage is held for a person


async def enqueue(
    connection: Connection,
    stage: str,
    payload: Payload,
    *,
    key: str | None = None,
    priority: int = 0,
    later: timedelta | None = None,
) -> None:
    """Queue a job inside the caller's transaction, to run at once or `later`.

    A job that waits under the same `key` is not queued again; a higher `priority` runs first, a negative one last.
    """
    queries = Queries.from_asyncpg_connection(connection)
    body = json.dumps(payload, default=str).encode()
    await queries.enqueue(stage, body, priority=priority, execute_after=later, dedupe_key=key, on_conflict="skip")


@dataclass
class PatientExecutor(EntrypointExecutor):
    """Waits until the database answers, then asks for a retry; gives up, and holds the job, after the last one."""

    dsn: str = ""
    given_up: Callable[[Job], Awaitable[None]] | None = None

    async def execute(self, job: Job, context: Context) -> None:
        """Run a job and turn what goes wrong into a retry that carries no text."""
        try:
            await super().execute(job, context)
        except Exception as error:
            away = isinstance(error, (*DATABASE_AWAY, Unavailable))
            if away:
                await _until_answers(self.dsn)
            if job.attempts >= MAX_ATTEMPTS and not away:
                if self.given_up is not None:
                    with suppress(Exception):  # the job is held all the same, and no error's text is kept
                        await self.given_up(job)
                raise _without_text(error) from None
            pause = min(FIRST_PAUSE * 2**job.attempts, LONGEST_PAUSE)
            raise RetryRequested(delay=pause, reason=type(error).__name__) from None


def _without_text(error: Exception) -> StageFailed:
    """The error's class and the lines of code it passed, never its message."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return StageFailed(f"{type(error).__name__} at {where}")


async def _until_answers(dsn: str) -> None:
    """Come back once the database takes connections again, or after two minutes."""
    for _ in range(600):
        try:
            connection = await asyncpg.connect(dsn, timeout=2)
            await connection.close()
        except DATABASE_AWAY:
            await asyncio.sleep(0.2)
        else:
            return


class Worker:
    """Runs stages until told to stop; any number of workers share the work."""

    def __init__(self, dsn: str, stages: Sequence[Stage]) -> None:
        self._dsn, self._stages = dsn, stages
        self._database = Database(dsn, max_size=6)
        self._queue: PgQueuer | None = None
        self._stopped = False

    async def run(self) -> None:
        """Work until `stop`, through restarts of the database."""
        while not self._stopped:
            try:
                await self._work(QueueExecutionMode.continuous)
            except DATABASE_AWAY:  # pgqueuer gives up when it cannot look for work; its jobs are found again
                await _until_answers(self._dsn)

    async def drain(self) -> None:
        """Work until nothing is queued, then come back."""
        await self._work(QueueExecutionMode.drain)

    def stop(self) -> None:
        """Finish the jobs in hand and stop."""
        self._stopped = True
        if self._queue is not None:
            self._queue.shutdown.set()

    async def _work(self, mode: QueueExecutionMode) -> None:
        await self._database.open()
        pool = await asyncpg.create_pool(self._dsn, min_size=2, max_size=5)
        try:
            self._queue = self._register(PgQueuer.from_asyncpg_pool(pool))
            await self._queue.run(
                dequeue_timeout=timedelta(seconds=1),
                batch_size=4,
                max_concurrent_tasks=8,
                heartbeat_timeout=HEARTBEAT,
                mode=mode,
            )
        finally:
            with suppress(*DATABASE_AWAY):
                await asyncio.wait_for(pool.close(), 10)
            await self._database.close()

    def _register(self, queue: PgQueuer) -> PgQueuer:
        for stage in self._stages:
            queue.entrypoint(
                stage.name,
                concurrency_limit=stage.at_once,
                on_failure="hold",
                executor_factory=partial(self._executor, stage),
            )(self._job(stage.run))
            if stage.cron is not None:
                queue.schedule(f"{stage.name}_on_time", stage.cron)(self._due(stage))
        return queue

    def _executor(self, stage: Stage, parameters: EntrypointExecutorParameters) -> PatientExecutor:
        given_up = None if stage.given_up is None else self._job(stage.given_up)
        return PatientExecutor(parameters=parameters, dsn=self._dsn, given_up=given_up)

    def _job(self, function: StageFunction) -> Callable[[Job], Awaitable[None]]:
        async def run(job: Job) -> None:
            await function(self._database, json.loads(job.payload or b"{}"))

        return run

    def _due(self, stage: Stage) -> Callable[[Any], Awaitable[None]]:
        async def due(_schedule: Any) -> None:
            async with self._database.transaction() as connection:
                await enqueue(connection, stage.name, {}, key=stage.name)

        return due


def quiet_queue_logs() -> None:
    """Keep pgqueuer's own log lines away: they quote exceptions, and an exception may quote a person."""
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class StageStatus:
    """How much of one stage waits, runs, is held and was done in the last hour."""

    entrypoint: str
    queued: int
    picked: int
    held: int
    done_recently: int


@dataclass(frozen=True)
class HeldJob:
    """A job that failed to the last try and waits for a person; `error` names a class and lines, never a text."""

    id: int
    entrypoint: str
    attempts: int
    error: str | None
    since: datetime


_STATUS = Query(
    StageStatus,
    """
    SELECT entrypoint, sum(queued)::int AS queued, sum(picked)::int AS picked, sum(held)::int AS held,
           sum(done)::int AS done_recently
    FROM (
      SELECT entrypoint, count(*) FILTER (WHERE status = 'queued') AS queued,
             count(*) FILTER (WHERE status = 'picked') AS picked,
             count(*) FILTER (WHERE status = 'failed') AS held, 0 AS done
      FROM pgqueuer GROUP BY entrypoint
      UNION ALL
      SELECT entrypoint, 0, 0, 0, count(*) FROM pgqueuer_log
      WHERE status = 'successful' AND created > now() - interval '1 hour' GROUP BY entrypoint
    ) counted
    GROUP BY entrypoint ORDER BY entrypoint
    """,
)
_HELD = Query(
    HeldJob,
    """
    SELECT job.id, job.entrypoint, job.attempts, log.traceback ->> 'exception_message' AS error, job.updated AS since
    FROM pgqueuer job
    LEFT JOIN LATERAL (
      SELECT traceback FROM pgqueuer_log WHERE job_id = job.id AND traceback IS NOT NULL ORDER BY id DESC LIMIT 1
    ) log ON true
    WHERE job.status = 'failed' ORDER BY job.id DESC LIMIT 200
    """,
)
_RETRY = Statement(
    """
    UPDATE pgqueuer SET status = 'queued', execute_after = now(), updated = now(), attempts = 0, queue_manager_id = NULL
    WHERE status = 'failed' AND ($1::bigint IS NULL OR id = $1)
    """
)
_WORKERS = Query(
    int,
    """
    SELECT count(DISTINCT queue_manager_id)::int FROM pgqueuer
    WHERE status = 'picked' AND heartbeat > now() - interval '30 s'
    """,
)
_OPEN = Query(int, "SELECT count(*)::int FROM pgqueuer WHERE status IN ('queued', 'picked')")
_HELD_KEYS = Query(
    str, "SELECT dedupe_key FROM pgqueuer WHERE entrypoint = $1 AND status = 'failed' AND dedupe_key IS NOT NULL"
)
_OPEN_OF = Query(
    int,
    "SELECT count(*)::int FROM pgqueuer WHERE entrypoint = ANY ($1) AND status = ANY ($2::text[]::pgqueuer_status[])",
)


async def status(connection: Connection) -> list[StageStatus]:
    """How much waits at each stage."""
    return await _STATUS.all(connection)


async def held(connection: Connection) -> list[HeldJob]:
    """Jobs that wait for a person, newest first."""
    return await _HELD.all(connection)


async def retry(connection: Connection, job_id: int | None = None) -> int:
    """Put one held job, or all of them, back into the queue; returns how many."""
    return await _RETRY.run(connection, job_id)


async def busy_workers(connection: Connection) -> int:
    """How many workers have a job in hand."""
    return await _WORKERS.one(connection)


async def unfinished(connection: Connection) -> int:
    """How many jobs wait or run."""
    return await _OPEN.one(connection)


async def unfinished_of(connection: Connection, stages: Sequence[str], *, running_too: bool = True) -> int:
    """How many jobs of some stages wait or, unless told otherwise, run."""
    return await _OPEN_OF.one(connection, stages, ["queued", "picked"] if running_too else ["queued"])


async def held_keys(connection: Connection, stage: str) -> set[str]:
    """The keys of a stage's jobs that wait for a person, so that a scheduler does not queue them anew each time."""
    return set(await _HELD_KEYS.all(connection, stage))


def ids(payload: Payload, name: str) -> list[UUID]:
    """The ids that a payload carries under a name."""
    return [UUID(value) for value in payload.get(name, ())]
