"""When could we have known? What a look had found by a day, and the same look made again from today's counts.

The roll-ups know on which day something was said, not on which day it reached Earshot. So the look is made again from
all that was said up to that day, and compared with what was recorded: where comments came late or were corrected since,
the two hashes differ, and the answer says by how many comments.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from earshot.core.db import Connection
from earshot.measures.disclosure import told
from earshot.orgs import store as orgs
from earshot.people.model import Stream
from earshot.signals import scans
from earshot.signals.answers import FoundOut, Known, RecordedScan, ReplayedScan
from earshot.signals.few import is_of_staff, retold, roughly
from earshot.signals.findings import found
from earshot.signals.model import content_hash
from earshot.signals.reading import read_until, weeks_until
from earshot.signals.scans import Found, Provider, Scan
from earshot.signals.store import Reader
from earshot.signals.watch import provider
from earshot.signals.wording import chance

NOTHING_YET = (
    "Earshot has recorded no look at these comments for that day or earlier, so nothing could be known from it."
)
RECORDED = "This is what the look at all that had been said by {} found."
SAME = "The same look was made again just now and found exactly the same."
LATE = (
    "The same look was made again just now and found something else: {} comment{} of those days came later, or were "
    "taken away."
)
OTHERWISE = (
    "The same look was made again just now and found something else, though there are as many comments: some were "
    "corrected or read anew, or organisations changed."
)
PART = "It cannot be made again here, since you see only a part of the provider."


async def known(
    connection: Connection, reader: Reader, streams: tuple[Stream, ...], on: date, org_id: UUID | None
) -> Known:
    """What could be known on a day. `streams` are those that the person may read.

    Raises `NotFound` where no provider is in sight.
    """
    place = await provider(connection, org_id)
    scan = await scans.newest_until(connection, place.id, on)
    extent = await scans.extent(connection, place.id)
    rows = await scans.found(connection, scan.id, org_id, reader.fewest) if scan else []
    whole = len(streams) == len(Stream) and bool(await orgs.below(connection, place.id))
    replay = await _again(connection, place, scan) if scan and whole else None
    return Known(
        on=on,
        provider_id=place.id,
        provider_name=place.name,
        recorded=RecordedScan.model_validate(scan, from_attributes=True) if scan else None,
        replay=replay,
        found=[_found(row, exact=reader.fewest <= 1) for row in rows],
        explanation=_explained(scan, replay),
        first_scan=extent.first,
        last_scan=extent.last,
    )


async def _again(connection: Connection, place: Provider, scan: Scan) -> ReplayedScan:
    """The recorded look again, from the counts of its days alone."""
    looks = await read_until(connection, place.id, scan.first_week, scan.as_of, scan.budget)
    findings = found(looks, weeks_until(looks.tree.weeks, scan.as_of) - 1)
    made = content_hash(findings)
    late = await scans.comments_until(connection, place.id, scan.as_of) - scan.comments
    return ReplayedScan(content_hash=made, equal=made == scan.content_hash, late=late)


def _explained(scan: Scan | None, replay: ReplayedScan | None) -> str:
    if scan is None:
        return NOTHING_YET
    recorded = RECORDED.format(f"{scan.as_of.day} {scan.as_of:%B %Y}")
    if replay is None:
        return f"{recorded} {PART}"
    if replay.equal:
        return f"{recorded} {SAME}"
    if replay.late == 0:
        return f"{recorded} {OTHERWISE}"
    return f"{recorded} {LATE.format(abs(replay.late), '' if abs(replay.late) == 1 else 's')}"


def _found(row: Found, *, exact: bool) -> FoundOut:
    given = {**vars(row), "chance": chance(row.kind, row.weeks_between)}
    if not exact and is_of_staff(row.kind, row.streams):
        given["observed"], given["expected"] = told(row.observed), roughly(row.expected)
        given["sentence"] = retold(row.sentence, row.observed, row.expected)
    return FoundOut.model_validate(given)
