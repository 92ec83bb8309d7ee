"""Filing the invented cases as the public door files real ones, and writing down what was done in them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from earshot.cases import filing, filing_store, keys_store, sealing
from earshot.cases.filing import Excluded, Report, SealedCase
from earshot.cases.key_pairs import HandlerKeys
from earshot.cases.model import due
from earshot.cases.sealing import CaseKeys
from earshot.cases.working_days import england
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import Conflict
from earshot.demonstration.case_history import Event, answered_on, history, unread_after
from earshot.demonstration.cases import Spoken

_TEXT = Query(
    int,
    """
    INSERT INTO case_text (case_id, n, kind, on_day, by_account, sealed)
    SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5 FROM case_text WHERE case_id = $1 RETURNING n
    """,
)
_STEP = Statement(
    """
    INSERT INTO case_step (case_id, n, kind, on_day, by_account)
    SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4 FROM case_step WHERE case_id = $1
    """
)
_DECIDED = Statement(
    """
    UPDATE case_file SET state = $2, version = $3, thanked_on = $4, owner_id = $5, owned_on = $6, elements = $7,
      triaged_on = $8, triaged_by = $9, worker_group = $10, seniority = $11, suggestion = $12, same_as = $13,
      notes_public = $14, closed_on = $15, outcome = $16, learning = $17
    WHERE id = $1
    """
)
_HAND_OFF = Statement(
    """
    INSERT INTO hand_off (case_id, kind, state, text_n, due_on, made_on, sent_on, sent_by, about)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """
)
_ACTION = Statement("INSERT INTO case_action (case_id, text_n, made_on, due_on, done_on) VALUES ($1, $2, $3, $4, $5)")
_ANSWER = Statement("INSERT INTO case_feedback (case_id, question, answer, on_day) VALUES ($1, $2, $3, $4)")
_NOTES_LOCK = Statement("INSERT INTO case_lock (case_id, pair_id, opens, sealed) VALUES ($1, $2, 'notes', $3)")
_SEEN = Statement("INSERT INTO case_seen (case_id, account_id, text_n, given_on) VALUES ($1, $2, $3, $4)")


@dataclass(frozen=True)
class Holder:
    """An invented person who holds a key pair."""

    account_id: UUID
    pair_id: UUID
    keys: HandlerKeys


async def give_key(connection: Connection, account_id: UUID, passphrase: str) -> Holder:
    """Make a key pair for somebody and keep its private half under a passphrase only."""
    keys = HandlerKeys.new()
    pair_id = await keys_store.add_pair(connection, account_id, keys.public)
    if pair_id is None:
        raise Conflict
    lock = keys.lock(passphrase)
    await keys_store.add_key_lock(connection, pair_id, "passphrase", None, lock.salt, dict(lock.settings), lock.sealed)
    return Holder(account_id, pair_id, keys)


async def speak_up(
    connection: Connection, cases: Sequence[Spoken], holders: Mapping[str, Holder], places: Mapping[str, UUID],
    keys: KeyFiles, *, receipts: Mapping[str, str], last: date,
) -> None:  # fmt: skip
    """File cases and write down what was done in them by the last day.

    `holders` are handlers by the names that the cases use, `places` ids of organisations by code, `receipts` those of
    some cases by name; the others' are drawn and forgotten. Raises `KeysMissing`.
    """
    filed: dict[str, UUID] = {}
    for spoken in cases:
        receipt = receipts.get(spoken.name) or sealing.new_receipt()
        case = await _file(connection, spoken, holders, places, keys, receipt, last)
        filed[spoken.name] = case.id
        await _Desk(connection, spoken, case, holders, last).work(filed)


async def _file(
    connection: Connection, spoken: Spoken, holders: Mapping[str, Holder], places: Mapping[str, UUID],
    keys: KeyFiles, receipt: str, last: date,
) -> SealedCase:  # fmt: skip
    """Seal and keep a report under its day; the worker reads it today, so its wrap is sealed to today's key."""
    org_id = places[spoken.org]
    report = Report(
        org_id=org_id,
        audience=spoken.audience,
        way=spoken.way,
        text=spoken.text,
        name=spoken.contact.get("name", ""),
        reach=spoken.contact.get("reach", ""),
        not_to=spoken.not_to,
        excluded=Excluded(frozenset(holders[name].account_id for name in spoken.exclude)),
    )
    to = await filing_store.recipients(connection, org_id, spoken.audience)
    case = filing.seal(report, to, keys.day_key(date.today()), receipt=receipt, today=spoken.day(0, last))
    await filing_store.file(connection, case, once_hash=keys.blind("case", f"demonstration/{report.id}"))
    return case


class _Desk:
    """Writes down what was done in one case."""

    def __init__(
        self, connection: Connection, spoken: Spoken, case: SealedCase, holders: Mapping[str, Holder], last: date
    ) -> None:
        self._connection, self._spoken, self._case = connection, spoken, case
        self._holders, self._last = holders, last
        self._notes = CaseKeys.new(case.id) if spoken.note is not None else None
        self._texts: dict[str, int] = {}  # the number of the last text of each kind

    async def work(self, filed: Mapping[str, UUID]) -> None:
        """Put every event, and what follows from it, into the database."""
        events = history(self._spoken, self._last)
        read = unread_after(events)
        seen = 0
        for at, event in enumerate(events, 1):
            n = await self._write(event)
            seen = n if n is not None and at <= read else seen
        await self._hand_over()
        for question, answer in self._spoken.answers.items():
            day = answered_on(self._spoken, question, self._last)
            await _ANSWER.run(self._connection, self._case.id, question, answer, day)
        if self._notes is not None:
            for pair_id in self._case.locks:
                public = next(one.keys.public for one in self._holders.values() if one.pair_id == pair_id)
                sealed = self._notes.lock_for(public, "lock-notes")
                await _NOTES_LOCK.run(self._connection, self._case.id, pair_id, sealed)
        await self._decide(len(events), filed)
        if self._spoken.owner is not None:
            await _SEEN.run(self._connection, self._case.id, self._account(self._spoken.owner), seen, self._last)

    async def _write(self, event: Event) -> int | None:
        """Keep a step and its text; returns the text's number."""
        by = None if event.by is None else self._account(event.by)
        await _STEP.run(self._connection, self._case.id, event.step, event.day, by)
        if event.kind is None or event.document is None:
            return None
        public = self._notes.public if self._notes is not None and event.kind == "note" else self._case.public
        sealed = sealing.seal_text(public, self._case.id, event.kind, event.document)
        n = await _TEXT.one(self._connection, self._case.id, event.kind, event.day, by, sealed)
        self._texts[event.kind] = n
        return n

    async def _hand_over(self) -> None:
        """The rows of a hand-off and of an action, beside their texts."""
        spoken, by = self._spoken, self._account(self._spoken.owner or "guardian")
        draft, action = spoken.hand_off, spoken.action
        if draft is not None:
            made, sent = self._day(draft.after), None if draft.sent is None else self._day(draft.sent)
            await _HAND_OFF.run(
                self._connection, self._case.id, draft.kind, "draft" if sent is None else "sent",
                self._texts["hand_off"], due(draft.kind, made, england()), made, sent, None if sent is None else by,
                dict(draft.about),
            )  # fmt: skip
        if action is not None:
            made, until = self._day(action.after), self._case.received_on + timedelta(action.due)
            done = None if action.done is None else self._day(action.done)
            await _ACTION.run(self._connection, self._case.id, self._texts["action"], made, until, done)

    async def _decide(self, version: int, filed: Mapping[str, UUID]) -> None:
        """What the console keeps of a case in clear."""
        spoken, closed = self._spoken, self._spoken.closed
        owner = None if spoken.owner is None else self._account(spoken.owner)
        owned_on = None if owner is None else self._day(spoken.owned)
        worked_on = owner is not None or spoken.thanked is not None
        triaged: tuple[Any, ...] = (owned_on, owner) if spoken.elements else (None, None)
        await _DECIDED.run(
            self._connection,
            self._case.id,
            "closed" if closed else "open" if worked_on else "new",
            1 + version,
            None if spoken.thanked is None else self._day(spoken.thanked),
            owner,
            owned_on,
            list(spoken.elements),
            *triaged,
            spoken.group,
            spoken.level,
            spoken.suggestion,
            None if spoken.same_as is None else filed[spoken.same_as],
            None if self._notes is None else self._notes.public,
            None if closed is None else self._day(closed.after),
            None if closed is None else closed.outcome,
            None if closed is None else closed.learning,
        )

    def _day(self, after: int) -> date:
        return self._spoken.day(after, self._last)

    def _account(self, handler: str) -> UUID:
        return self._holders[handler].account_id
