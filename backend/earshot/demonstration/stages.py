"""The worker's step of the demonstration: its invented people look at older comments that needed one of them.

Without it, eighteen months of invented comments would all seem to have waited unread. It touches only what came
through the demonstration's own channel, never what anybody says on a form there, and leaves the newest days alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from earshot.analysis import browse, corrections
from earshot.analysis.corrections import RiskGiven
from earshot.core.db import Connection, Database, Query, Statement
from earshot.core.work import Payload, Stage, enqueue, unfinished_of
from earshot.demonstration.verdicts import LEFT_FOR, Waiting
from earshot.people.model import Role

_READING = ("deidentify", "analyse")
_AGAIN = timedelta(seconds=5)
_BRIEF = 1  # the priority: a moment's work, and people may be looking at the Overview already

_DUE = Query(
    UUID,
    """
    SELECT DISTINCT v.comment_id
    FROM review_item v JOIN comment c ON c.id = v.comment_id JOIN response r ON r.id = c.response_id
    JOIN org o ON o.id = c.org_id JOIN org p ON o.path <@ p.path
    WHERE p.id = $1 AND r.channel = 'demonstration' AND c.said_on < $2 AND v.looked_at_on IS NULL
    ORDER BY v.comment_id
    """,
)
_WAITING = Query(
    Waiting,
    """
    SELECT c.id AS comment_id, c.stream, c.said_on, r.fft,
      coalesce((SELECT max(f.p) FROM safety_flag f WHERE f.comment_id = c.id), 0)::float8 AS risk
    FROM comment c JOIN response r ON r.id = c.response_id
    WHERE c.id = $1 AND EXISTS (SELECT FROM review_item v WHERE v.comment_id = c.id AND v.looked_at_on IS NULL)
    """,
)
# The functions that people's own verdicts go through know no other day than today.
_LOOKED_ON = Statement(
    """
    UPDATE review_item SET looked_at_on = $3
    WHERE comment_id = $1 AND looked_at_by = $2 AND looked_at_on = current_date
    """
)
_MADE_ON = Statement("UPDATE correction SET made_on = $2 WHERE id = $1")


async def ask_people_to_look(connection: Connection, provider: UUID, people: Mapping[Role, UUID], today: date) -> None:
    """Queue the looks at a provider's comments, inside the caller's transaction; `people` are accounts by role."""
    readers = {role: people[role] for role in (Role.GUARDIAN, Role.QUALITY_LEAD)}
    payload = {"org_id": provider, "before": today - LEFT_FOR, "readers": readers}
    await enqueue(connection, LOOK.name, payload, priority=_BRIEF)


async def look(database: Database, payload: Payload) -> None:
    """Comments that wait for a person → their verdicts, up to a day; comes back while comments are being read."""
    readers = {Role(role): UUID(account) for role, account in payload["readers"].items()}
    async with database.transaction() as connection:
        reading = await unfinished_of(connection, _READING) > 0  # asked first, so that the last look misses nothing
        due = await _DUE.all(connection, UUID(payload["org_id"]), date.fromisoformat(payload["before"]))
    for comment_id in due:
        async with database.transaction() as connection:
            await _judge(connection, comment_id, readers)
    if reading:
        async with database.transaction() as connection:
            await enqueue(connection, LOOK.name, payload, priority=_BRIEF, later=_AGAIN)


async def _judge(connection: Connection, comment_id: UUID, readers: Mapping[Role, UUID]) -> None:
    """Give a verdict as the Review page does, unless somebody real was quicker. No count depends on verdicts."""
    place = await corrections.place(connection, comment_id)
    waiting = await _WAITING.maybe(connection, comment_id)
    if waiting is None:
        return
    reader = readers[waiting.reader]
    given = RiskGiven(kind="risk", present=waiting.tells_of_risk)
    made = await corrections.make(connection, place, given, reader)
    await browse.looked_at(connection, comment_id, reader)
    await _MADE_ON.run(connection, made.id, waiting.looked_on)
    await _LOOKED_ON.run(connection, comment_id, reader, waiting.looked_on)


LOOK = Stage("demonstration_look", look, at_once=1)
