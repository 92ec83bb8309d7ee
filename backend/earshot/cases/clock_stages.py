"""The clock of cases: what its owner lets lie goes to the deputy, and what a leaver owned to nobody or the deputy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from earshot.cases import texts_store
from earshot.cases.model import deputy_takes_over
from earshot.cases.working_days import england
from earshot.core import audit
from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage


@dataclass(frozen=True)
class _Owned:
    """A case that somebody looks after: the last day on which they did something, and whether they and the deputy can.

    Somebody can who has an account and a lock that their key pair in use opens.
    """

    id: UUID
    version: int
    owner_can: bool
    deputy_id: UUID | None
    deputy_can: bool
    last_step: date


_OWNED = Query(
    _Owned,
    """
    SELECT f.id, f.version, able.owner AS owner_can, f.deputy_id, able.deputy AS deputy_can,
      greatest(f.owned_on, (SELECT max(s.on_day) FROM case_step s
        WHERE s.case_id = f.id AND s.by_account = f.owner_id)) AS last_step
    FROM case_file f, LATERAL (
      SELECT coalesce(bool_or(a.id = f.owner_id), false) AS owner,
        coalesce(bool_or(a.id = f.deputy_id), false) AS deputy
      FROM case_lock l JOIN key_pair k ON k.id = l.pair_id AND k.retired_on IS NULL
      JOIN account a ON a.id = k.account_id AND a.disabled_on IS NULL
      WHERE l.case_id = f.id AND l.opens = 'case'
    ) able
    WHERE f.state <> 'closed' AND f.owner_id IS NOT NULL ORDER BY f.id
    """,
)
_HAND_OVER = Statement(
    """
    UPDATE case_file SET owner_id = $3, deputy_id = NULL, owned_on = CASE WHEN $3::uuid IS NOT NULL THEN $4::date END,
      version = version + 1
    WHERE id = $1 AND version = $2
    """
)


async def case_clock(database: Database, payload: Payload) -> None:
    """Cases whose owner left, or did nothing for five working days → the deputy's; nobody's where there is none.

    An owner who is still there keeps a case that has no deputy who can open it.
    """
    today = date.today()
    async with database.transaction() as connection:
        for owned in await _OWNED.all(connection):
            await _look(connection, owned, today)


async def _look(connection: Connection, owned: _Owned, today: date) -> None:
    quiet = deputy_takes_over(owned.last_step, today, england())
    if owned.owner_can and not (quiet and owned.deputy_can):
        return
    heir = owned.deputy_id if owned.deputy_can else None
    if not await _HAND_OVER.run(connection, owned.id, owned.version, heir, today):
        return  # somebody is at work on it this moment
    step = "owner_left" if heir is None else "deputy"
    await texts_store.add_step(connection, owned.id, step, heir)
    await audit.record(connection, action=f"case.{step}", by=None, subject=owned.id)


CASE_CLOCK = Stage("case_clock", case_clock, at_once=1, cron="20 3 * * *")
