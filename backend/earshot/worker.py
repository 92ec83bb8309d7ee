"""The pipeline on one screen.

    submission ─ deidentify ─▶ comment ─ analyse ─▶ analysis ─ rollup ─▶ daily counts
    file ─ import ─▶ submissions          embeddings ─ discover ─▶ discovered themes
    corrections ─ learn ─▶ a model that somebody may put to use ─ read_again ─▶ analyse
    every week: comments ─ drift ─▶ whether they moved away from the first weeks
    every night, and after recounts: daily counts ─ scan ─▶ signals
    a comment that may tell of immediate risk ─ raise_one ─▶ a signal at once
    signals ─ route_signals ─▶ alerts of whoever subscribed and may see them ─ alert_round, every minute ─▶ letters and
        webhooks (call_webhook); what is urgent goes on to the deputy and a role until somebody has acknowledged it
    every hour: the newest line of the audit trail ─ anchor ─▶ a file outside the database
    every night: what is past its time ─ retention ─▶ nothing; what somebody asked to erase ─ erase ─▶ a tombstone
    what somebody speaks up about ─ read_case ─▶ a reading sealed to its case, and whether somebody may be at risk
    every hour: day_keys ─▶ the keys of today and tomorrow; those of days that are over are destroyed
    every night: cases that nobody works on ─ case_clock ─▶ the deputy's
    every night: changes ─ remeasure ─▶ whether they helped; every hour: comments ─ praise ─▶ the team they praise
    what worked ─ library ─▶ the same without names, found by themes
    every five minutes: subscriptions ─ digest_round ─▶ who is due ─ digest ─▶ one letter for each person and period
    every day at nine: remind_guardians ─▶ the same letter, whether or not anybody spoke up
    a letter ─ send_mail ─▶ a mail server; every minute: mail_round ─▶ letters that a dead worker left, and old ones
    every night: daily counts of weeks and months that are over ─ statistics ─▶ what other programmes may read
    a quality report that was asked for ─ report ─▶ frozen files; every night ─ reports_late ─▶ new versions
    an erased response, once it is counted no more ─ refreeze ─▶ published counts without it
    only in the demonstration: older comments that needed a person ─ demonstration_look ─▶ invented people's verdicts;
        once all was read, demonstration_loop ─▶ changes, whether they helped, subscriptions and a publication

Each stage writes its rows and queues the next in one transaction, and can run twice without harm.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import date

import uvloop

from earshot.admin.stages import ANCHOR, ERASE, RETENTION
from earshot.alerts.stages import ALERT_ROUND, CALL_WEBHOOK, ROUTE_SIGNALS
from earshot.analysis.discovery import DISCOVER
from earshot.analysis.drift_stages import DRIFT
from earshot.analysis.learning_stages import LEARN, READ_AGAIN
from earshot.analysis.stages import ANALYSE, DEIDENTIFY
from earshot.cases.clock_stages import CASE_CLOCK
from earshot.cases.stages import DAY_KEYS, READ_CASE
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.errors import KeysMissing
from earshot.core.mail import MAIL_ROUND, SEND_MAIL
from earshot.core.work import Worker, quiet_queue_logs
from earshot.demonstration.loop import LOOP
from earshot.demonstration.stages import LOOK
from earshot.digests.stages import DIGEST, DIGEST_ROUND, REMIND_GUARDIANS
from earshot.improvement.library_stages import LIBRARY
from earshot.improvement.recognition import PRAISE
from earshot.improvement.stages import REMEASURE
from earshot.intake.stages import IMPORT
from earshot.measures.stages import ROLLUP
from earshot.publishing.feed_stages import STATISTICS
from earshot.publishing.report_stages import REPORT, REPORTS_LATE
from earshot.publishing.stages import REFREEZE
from earshot.signals.stages import RAISE_ONE, SCAN

STAGES = (
    IMPORT,
    DEIDENTIFY,
    ANALYSE,
    ROLLUP,
    DISCOVER,
    LEARN,
    READ_AGAIN,
    DRIFT,
    SCAN,
    RAISE_ONE,
    ROUTE_SIGNALS,
    ALERT_ROUND,
    CALL_WEBHOOK,
    ANCHOR,
    RETENTION,
    ERASE,
    REFREEZE,
    READ_CASE,
    DAY_KEYS,
    CASE_CLOCK,
    REMEASURE,
    PRAISE,
    LIBRARY,
    DIGEST_ROUND,
    DIGEST,
    REMIND_GUARDIANS,
    SEND_MAIL,
    MAIL_ROUND,
    STATISTICS,
    REPORT,
    REPORTS_LATE,
    LOOK,
    LOOP,
)


def work(dsn: str, settings: Settings, *, drain: bool = False) -> None:
    """Run a worker until it is told to stop, or with `drain` until nothing waits."""
    quiet_queue_logs()
    with suppress(KeysMissing):  # the form says that it is closed then, and what was sent waits
        KeyFiles(settings.keys).make_day_keys(date.today())
    uvloop.run(_work(dsn, drain=drain))


async def _work(dsn: str, *, drain: bool) -> None:
    worker = Worker(dsn, STAGES)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, worker.stop)
    await (worker.drain() if drain else worker.run())
