"""A scan's findings become signals: new ones are raised, open ones extended, and those that faded are laid to rest.

Repeated evidence extends what is open. What somebody closed stays closed while the same alarm goes on; a new alarm
about the same opens it again, so that its history stays in one place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from earshot.core.db import Connection, Query, Statement
from earshot.core.work import enqueue
from earshot.signals.behind import behind
from earshot.signals.model import FADES_AFTER, Finding, Kind, State

REOPENS_WITHIN = 182  # days after which a closed signal is history, and the same again is a new one


@dataclass(frozen=True)
class Standing:
    """A signal that a finding may belong to."""

    id: UUID
    subject: str
    kind: Kind
    about: str
    state: State
    since: date
    until: date
    going_on: bool
    owner_id: UUID | None
    observed: int
    expected: float | None


# The newest signal of each subject, closed or not; locked, so that two looks at once agree.
_STANDING = Query(
    Standing,
    """
    SELECT s.id, s.subject, s.kind, s.about, s.state, s.since, s.until, s.going_on, s.owner_id, s.observed, s.expected
    FROM signal s
    WHERE s.org_id IN (SELECT o.id FROM org o JOIN org p ON o.path <@ p.path WHERE p.id = $1)
      AND s.kind <> 'one_comment'
      AND NOT EXISTS (SELECT FROM signal n WHERE n.subject = s.subject AND n.kind <> 'one_comment'
        AND (n.raised_at, n.id) > (s.raised_at, s.id))
    ORDER BY s.id FOR UPDATE
    """,
)
_RAISE = Statement(
    """
    INSERT INTO signal (id, subject, kind, meaning, org_id, streams, measure, label, about, since, until, observed,
      expected, statistic, weeks_between, detector, detector_version, sentence, expectations, raised_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
    """
)
_EXTEND = Statement(
    """
    UPDATE signal SET until = $2, observed = $3, expected = $4, statistic = $5, weeks_between = $6,
      detector = $7, detector_version = $8, sentence = $9, expectations = $10, meaning = $11, since = $12,
      going_on = true
    WHERE id = $1
    """
)
_REOPEN = Statement(
    """
    UPDATE signal SET state = 'reopened', closed_reason = NULL, acknowledged_at = NULL, revision = revision + 1
    WHERE id = $1
    """
)
_FADE = Statement("UPDATE signal SET going_on = false WHERE id = $1")
_REST = Statement("UPDATE signal SET state = 'closed', closed_reason = 'faded', revision = revision + 1 WHERE id = $1")
_BEHIND = Statement("UPDATE signal SET words = $2, comment_ids = $3, respondents = $4 WHERE id = $1")
_EVENT = Statement(
    """
    INSERT INTO signal_event (signal_id, org_id, streams, at, what, note, was, figures)
    SELECT id, org_id, streams, $2, $3, $4, $5, $6 FROM signal WHERE id = $1
    """
)


class Life:
    """One provider's signals while looks at its series are recorded, oldest first, inside the caller's transaction."""

    def __init__(self, connection: Connection, standing: Sequence[Standing]) -> None:
        self._connection = connection
        self._by_subject = {signal.subject: signal for signal in standing}
        self._touched: dict[UUID, Finding] = {}

    @classmethod
    async def of(cls, connection: Connection, provider: UUID) -> Life:
        """The signals of a provider as they stand, locked until the transaction ends."""
        return cls(connection, await _STANDING.all(connection, provider))

    async def record(
        self,
        findings: Sequence[Finding],
        looked_for: Callable[[Standing], bool],
        as_of: date,
        at: datetime,
        note: str | None = None,
    ) -> dict[str, UUID]:
        """Make signals of what was found up to `as_of`; returns the signal of each finding's subject.

        `looked_for` says which signals would have been found again: those that were not have faded. `note` goes with
        what is raised.
        """
        found = {finding.subject.key: finding for finding in findings}
        signals = {key: await self._met(finding, at, note) for key, finding in found.items()}
        for subject, signal in list(self._by_subject.items()):
            if subject not in found and signal.state != "closed" and looked_for(signal):
                await self._quiet(signal, as_of, at)
        return signals

    async def tell(self) -> None:
        """Look up what stands behind every signal that was raised or extended, and queue the telling of people."""
        for signal_id, finding in self._touched.items():
            told = await behind(self._connection, finding)
            await _BEHIND.run(self._connection, signal_id, told.words, told.comment_ids, told.respondents)
        if self._touched:
            await enqueue(self._connection, "route_signals", {"signals": list(self._touched)})

    async def _met(self, finding: Finding, at: datetime, note: str | None) -> UUID:
        known = self._by_subject.get(finding.subject.key)
        if known is None or (known.state == "closed" and (finding.since - known.until).days > REOPENS_WITHIN):
            return await self._raise(finding, at, note)
        if known.state == "closed":
            if finding.since <= known.until:
                return known.id  # the alarm that somebody has dealt with goes on
            await _REOPEN.run(self._connection, known.id)
            await self._event(known.id, at, "reopened", "The same was heard again.", {"state": "closed"}, finding)
        await self._extend(known, finding, at)
        return known.id

    async def _raise(self, finding: Finding, at: datetime, note: str | None) -> UUID:
        made, subject = uuid4(), finding.subject
        await _RAISE.run(
            self._connection, made, subject.key, subject.kind, finding.meaning, subject.org_id, list(subject.streams),
            subject.measure, subject.label, subject.about, finding.since, finding.until, finding.observed,
            finding.expected, finding.statistic, finding.weeks_between, finding.detector, finding.version,
            finding.sentence, _expectations(finding), at,
        )  # fmt: skip
        await self._event(made, at, "raised", note, {}, finding)
        self._keep(made, finding, "new")
        return made

    async def _extend(self, known: Standing, finding: Finding, at: datetime) -> None:
        await _EXTEND.run(
            self._connection, known.id, finding.until, finding.observed, finding.expected, finding.statistic,
            finding.weeks_between, finding.detector, finding.version, finding.sentence, _expectations(finding),
            finding.meaning, finding.since,
        )  # fmt: skip
        if finding.until > known.until:
            await self._event(known.id, at, "extended", None, {}, finding)
        self._keep(known.id, finding, "reopened" if known.state == "closed" else known.state, known.owner_id)

    async def _quiet(self, signal: Standing, as_of: date, at: datetime) -> None:
        if signal.going_on:
            await _FADE.run(self._connection, signal.id)
            await self._event(signal.id, at, "faded", None, {}, None)
        untouched = signal.state in ("new", "reopened") and signal.owner_id is None
        rests = untouched and as_of - signal.until >= timedelta(days=FADES_AFTER)
        if rests:
            await _REST.run(self._connection, signal.id)
            await self._event(signal.id, at, "closed", None, {"state": signal.state}, None, {"reason": "faded"})
        state: State = "closed" if rests else signal.state
        self._by_subject[signal.subject] = Standing(**{**vars(signal), "going_on": False, "state": state})

    def _keep(self, signal_id: UUID, finding: Finding, state: State, owner_id: UUID | None = None) -> None:
        self._touched[signal_id] = finding
        subject = finding.subject
        self._by_subject[subject.key] = Standing(
            signal_id, subject.key, subject.kind, subject.about, state, finding.since, finding.until, True, owner_id,
            finding.observed, finding.expected,
        )  # fmt: skip

    async def _event(
        self, signal_id: UUID, at: datetime, what: str, note: str | None, was: dict[str, str], finding: Finding | None,
        figures: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        told = figures or {}
        if finding is not None:
            told = {"observed": finding.observed, "expected": finding.expected, "until": finding.until.isoformat()}
        await _EVENT.run(self._connection, signal_id, at, what, note, was, told)


def _expectations(finding: Finding) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(json.dumps([asdict(each) for each in finding.expectations], default=str))
    return rows
