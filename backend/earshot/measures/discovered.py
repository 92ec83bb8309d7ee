"""Discovered themes as somebody may see them: of staff as statistics tell it, except for guardians."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from earshot.analysis import clusters
from earshot.analysis.browse import Search
from earshot.analysis.clusters import ClusterRow, Run
from earshot.analysis.discovery_answers import ClusterOut, ClustersOut, DiscoveryOut, EndedOut
from earshot.analysis.filters import Filter, subtree
from earshot.core.db import Connection
from earshot.measures.disclosure import Sum, protect


async def discovered(connection: Connection, given: Filter, *, exact: bool) -> ClustersOut:
    """Discovered themes with their counts under the filters, most heard first; raises `NotFound` as `subtree` does."""
    within = await subtree(connection, given.org_id)
    search = Search(org_ids=within, since=given.since, until=given.until, streams=given.streams)
    rows = [as_seen(row, exact=exact) for row in await clusters.found(connection, search)]
    ended = await clusters.ended(connection)
    return ClustersOut(
        discovery=_look(await clusters.last_run(connection), exact=exact),
        clusters=in_order(rows),
        ended=[EndedOut.model_validate(row, from_attributes=True) for row in ended],
    )


def as_seen(row: ClusterRow, *, exact: bool) -> ClusterOut:
    """A theme with exact counts, or, of staff, protected ones.

    The share of another theme that came along is left out then: a third can be one of three.
    """
    given: dict[str, Any] = dict(vars(row))
    if row.stream == "staff" and not exact:
        given |= _protected(row)
        given["history"] = [{**step, "share": None} for step in row.history]
    return ClusterOut.model_validate(given)


def in_order(rows: Sequence[ClusterOut]) -> list[ClusterOut]:
    """Themes ordered by what is shown, so that the order tells no more than the numbers do."""
    return sorted(rows, key=lambda row: (-(row.n or 0), -(row.size or 0), row.number))


def _protected(row: ClusterRow) -> dict[str, Any]:
    """Both counts, and the weeks where they can be told beside them; without them it is not even said which there were.

    A week that is listed was heard, so seven of them beside "5" would be one comment each.
    """
    both = {"n": row.n, "size": row.size, "others": row.size - row.n}
    weeks = {week["week_start"]: week["n"] for week in row.weekly}
    sums = [Sum("size", ("n", "others")), Sum("n", tuple(weeks))]
    alone, beside = protect(both, sums), protect({**both, **weeks}, sums)
    told = alone["n"] is not None and all(alone[name] == beside[name] for name in both)
    weekly = [{"week_start": week, "n": beside[week]} for week in weeks] if told else []
    return {"n": alone["n"], "size": alone["size"], "weekly": weekly}


def _look(run: Run | None, *, exact: bool) -> DiscoveryOut:
    """How the last look went; the comments that it read are of all streams, so a few of staff could be taken out."""
    if run is None:
        return DiscoveryOut(state="none")
    found = DiscoveryOut.model_validate(run, from_attributes=True)
    return found if exact else found.model_copy(update={"comments": None})
