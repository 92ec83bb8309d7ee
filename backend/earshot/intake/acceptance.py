"""Acceptance: a submission is acknowledged only after the commit that keeps it and queues its first stage.

What waits is kept together in one transaction, so that a busy minute costs a few commits instead of thousands. A
caller gets its own answer: a neighbour's bad luck, or a neighbour that hangs up, changes nothing for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from earshot.core.crypto import BlindingKey, KeyFiles, SealingKey
from earshot.core.db import DATABASE_AWAY, Database
from earshot.core.errors import EarshotError, KeysMissing, Unavailable
from earshot.core.work import enqueue
from earshot.intake import store
from earshot.intake.model import Accepted, Channel, OtherBody, Submission

FIRST_STAGE = "deidentify"
BATCH = 256  # submissions kept in one transaction
MOST_WAITING = 2_000  # more than this is refused at once rather than kept waiting
PATIENCE = 10.0  # seconds that one transaction may take
_BREATH = 8  # submissions sealed before others on the event loop get a turn: about a millisecond

log = logging.getLogger("earshot")


@dataclass(frozen=True)
class Keys:
    """The two keys that the public door holds."""

    sealing: SealingKey
    blinding: BlindingKey


@dataclass
class KeysAtHand:
    """The keys in memory, for as long as their files lie unchanged in the folder."""

    files: KeyFiles
    _seen: tuple[tuple[int, ...], ...] = ()
    _keys: Keys | None = None

    def take(self) -> Keys:
        """The keys; raises `KeysMissing` as soon as a file is gone."""
        seen = tuple(self._look(self.files.folder / name) for name in ("intake.public", "blind"))
        if self._keys is None or seen != self._seen:
            self._keys, self._seen = Keys(self.files.sealing(), self.files.blinding()), seen
        return self._keys

    def _look(self, path: Path) -> tuple[int, ...]:
        try:
            found = path.stat()
        except OSError:
            self._keys = None
            raise KeysMissing from None
        return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@dataclass(frozen=True, eq=False)
class Waiting:
    """A submission whose sender waits for the answer."""

    submission: Submission
    channel: Channel
    once: str | None  # the sender's word for "this one": an Idempotency-Key, or a form's hidden field
    answer: asyncio.Future[Accepted] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def accept(self, accepted: Accepted) -> None:
        """Answer, unless the sender has hung up."""
        if not self.answer.done():
            self.answer.set_result(accepted)

    def refuse(self, error: EarshotError) -> None:
        """Answer with an error of this sender's own, unless it has hung up."""
        if not self.answer.done():
            self.answer.set_exception(type(error)(error.message))

    def seal(self, keys: Keys) -> store.Sealed:
        """The row for the vault."""
        blind, submission = keys.blinding.blind, self.submission
        once, kind = (self.once, self.channel) if self.once is not None else (submission.id.bytes, "id")
        # Who goes back in the browser, changes the words and sends again has said something new: nothing is lost.
        content = submission.canonical if self.channel == "form" else b""
        return store.Sealed(
            id=submission.id,
            org_id=submission.org_id,
            audience=submission.audience,
            form=submission.form.id,
            channel=self.channel,
            idempotency_hash=blind("idempotency", kind, once, content),
            body_hash=blind("body", submission.canonical),
            sealed=keys.sealing.seal(submission.payload, info=submission.info),
        )


class Acceptance:
    """Keeps submissions; one per process of the public door."""

    def __init__(self, database: Database, key_files: KeyFiles) -> None:
        self._database, self._keys = database, KeysAtHand(key_files)
        self._waiting: list[Waiting] = []
        self._keeper: asyncio.Task[None] | None = None
        self._closing = False

    def ready(self) -> None:
        """Raise `KeysMissing` where nothing could be sealed now."""
        self._keys.take()

    async def accept(self, submission: Submission, *, channel: Channel, once: str | None = None) -> Accepted:
        """Keep a submission and answer once it is safe; the same `once` and content again gets the first answer.

        Raises `OtherBody` where `once` was used for other content (API only), and `Unavailable` or `KeysMissing` where
        nothing was kept.
        """
        if self._closing or len(self._waiting) >= MOST_WAITING:
            raise Unavailable
        waiting = Waiting(submission, channel, once)
        self._waiting.append(waiting)
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_all())
        return await waiting.answer

    async def close(self) -> None:
        """Keep what still waits, and take nothing more."""
        self._closing = True
        if self._keeper is not None:
            await self._keeper

    async def _keep_all(self) -> None:
        try:
            await asyncio.sleep(0)  # let everybody who is about to ask join the first batch
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._keep_or_refuse(batch)
        finally:
            self._keeper = None

    async def _keep_or_refuse(self, batch: Sequence[Waiting]) -> None:
        try:
            await self._keep(batch)
        except EarshotError as error:
            _refuse(batch, error)
        except DATABASE_AWAY:
            _refuse(batch, Unavailable())
        except Exception as error:
            # Only the class: its message may quote what somebody wrote.
            log.error("keeping %d submissions failed: %s", len(batch), type(error).__name__)
            if len(batch) == 1:
                _refuse(batch, Unavailable())
            else:  # one of them may be at fault: the others must not pay for it
                for waiting in batch:
                    await self._keep_or_refuse([waiting])
        finally:
            _refuse(batch, Unavailable())  # reaches only those who have no answer, should this task be cancelled

    async def _keep(self, batch: Sequence[Waiting]) -> None:
        keys, today = self._keys.take(), date.today()
        rows = await _sealed(batch, keys)
        first = {row.idempotency_hash: row for row in reversed(rows)}  # of two alike in one batch, the earlier
        async with asyncio.timeout(PATIENCE), self._database.transaction() as connection:
            new = await store.keep(connection, list(first.values()), key_id=keys.sealing.key_id, today=today)
            if new:
                await enqueue(connection, FIRST_STAGE, {"submissions": sorted(map(str, new))})
            known = [mark for mark, row in first.items() if row.id not in new]
            kept = await store.kept(connection, known) if known else []
        found = {one.idempotency_hash: one for one in (*kept, *_as_kept(first, new, today))}
        for waiting, row in zip(batch, rows, strict=True):
            _answer(waiting, row, found.get(row.idempotency_hash))


async def _sealed(batch: Sequence[Waiting], keys: Keys) -> list[store.Sealed]:
    rows: list[store.Sealed] = []
    for waiting in batch:
        rows.append(waiting.seal(keys))
        if len(rows) % _BREATH == 0:
            await asyncio.sleep(0)
    return rows


def _as_kept(first: dict[bytes, store.Sealed], new: set[UUID], today: date) -> Iterator[store.Kept]:
    for mark, row in first.items():
        if row.id in new:
            yield store.Kept(row.id, mark, row.body_hash, today)


def _answer(waiting: Waiting, row: store.Sealed, kept: store.Kept | None) -> None:
    if kept is None:  # erased between the two queries
        waiting.refuse(Unavailable())
    elif kept.body_hash != row.body_hash:
        waiting.refuse(OtherBody())
    else:
        waiting.accept(Accepted(kept.id, kept.received_on, replayed=kept.id != row.id))


def _refuse(batch: Sequence[Waiting], error: EarshotError) -> None:
    for waiting in batch:
        waiting.refuse(error)
