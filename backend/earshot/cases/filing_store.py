"""Filing in the database: who may read a report about a place, and the rows of a sealed case in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.cases.filing import Escrow, PlaceChanged, Recipient, Recipients, SealedCase, new_reference
from earshot.core.db import Connection, Query, Statement
from earshot.core.work import enqueue
from earshot.intake.model import Audience

READ_CASE = "read_case"  # the stage that reads a report once, through its wrap
AT_ONCE = 5  # the priority of that: somebody may be at risk, and a heap of comments can wait


@dataclass(frozen=True)
class Filed:
    """What is told about a case that is kept."""

    id: UUID
    received_on: date
    content_hash: bytes


_HANDLERS = Query(Recipient, "SELECT account_id, name, role, pair_id, public FROM handlers_of($1, $2) ORDER BY name")
_ESCROW = Query(Escrow, "SELECT first_pair_id, first_public, second_pair_id, second_public FROM escrow_of($1)")
# The row that was just filed, or was filed before, is the only one that the public door may see.
_REMEMBER_ONCE = Statement("SELECT set_config('earshot.once', encode($1::bytea, 'hex'), true)")
_FILE = Query(
    UUID,
    """
    INSERT INTO case_file (id, org_id, stream, way, reference, received_on, public, receipt_hash, receipt_sealed,
      content_hash, once_hash, sealed_by, excluded_roles)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id
    """,
)
_KEPT = Query(Filed, "SELECT id, received_on, content_hash FROM case_file WHERE once_hash = $1")
_EXCLUDE = Statement("INSERT INTO case_exclusion (case_id, account_id) SELECT $1, unnest($2::uuid[])")
_LOCK = Statement(
    """
    INSERT INTO case_lock (case_id, pair_id, opens, sealed)
    SELECT $1, pair_id, 'case', sealed FROM unnest($2::uuid[], $3::bytea[]) AS given (pair_id, sealed)
    """
)
_HAND_TO_ESCROW = Statement(
    "INSERT INTO case_escrow (case_id, first_pair_id, second_pair_id, sealed) VALUES ($1, $2, $3, $4)"
)
_WRITE = Statement("INSERT INTO case_text (case_id, n, kind, on_day, sealed) VALUES ($1, $2, $3, $4, $5)")
_STEP = Statement("INSERT INTO case_step (case_id, n, kind, on_day) VALUES ($1, 1, 'filed', $2)")
_WRAP = Statement("INSERT INTO vault.case_wrap (case_id, key_id, sealed) VALUES ($1, $2, $3)")


async def recipients(connection: Connection, org_id: UUID, audience: Audience) -> Recipients:
    """Those who handle reports of an audience about a place and hold a key; nobody, where there are none."""
    handlers = await _HANDLERS.all(connection, org_id, audience)
    return Recipients(tuple(handlers), await _ESCROW.maybe(connection, org_id))


async def known(connection: Connection, once_hash: bytes) -> Filed | None:
    """The case that was kept under this `once_hash`; None where there is none."""
    await _REMEMBER_ONCE.run(connection, once_hash)
    return await _KEPT.maybe(connection, once_hash)


async def file(connection: Connection, case: SealedCase, *, once_hash: bytes) -> Filed:
    """Keep a sealed case and queue its reading; the same `once_hash` again gets the first answer.

    Raises `PlaceChanged` where its id or its receipt belongs to another case.
    """
    await _REMEMBER_ONCE.run(connection, once_hash)
    if await _insert(connection, case, once_hash) is None:
        kept = await _KEPT.maybe(connection, once_hash)
        if kept is None:
            raise PlaceChanged
        return kept
    await _EXCLUDE.run(connection, case.id, sorted(case.excluded.accounts))
    await _LOCK.run(connection, case.id, list(case.locks), list(case.locks.values()))
    if case.escrow is not None:
        pairs = (case.escrow.first_pair_id, case.escrow.second_pair_id)
        await _HAND_TO_ESCROW.run(connection, case.id, *pairs, case.escrow.sealed)
    for n, (kind, sealed) in enumerate(_texts(case).items(), start=1):
        await _WRITE.run(connection, case.id, n, kind, case.received_on, sealed)
    await _STEP.run(connection, case.id, case.received_on)
    await _WRAP.run(connection, case.id, case.wrap_key_id, case.wrap)
    await enqueue(connection, READ_CASE, {"cases": [case.id]}, priority=AT_ONCE)
    return Filed(case.id, case.received_on, case.content_hash)


async def _insert(connection: Connection, case: SealedCase, once_hash: bytes) -> UUID | None:
    return await _FILE.maybe(
        connection,
        case.id,
        case.org_id,
        case.audience,
        case.way,
        new_reference(),
        case.received_on,
        case.public,
        case.receipt_hash,
        case.receipt_sealed,
        case.content_hash,
        once_hash,
        case.sealed_by,
        sorted(case.excluded.roles),
    )


def _texts(case: SealedCase) -> Mapping[str, bytes]:
    contact = {} if case.contact is None else {"contact": case.contact}
    return {"report": case.report, **contact}
