"""Loading the demonstration: organisations, links, people, and eighteen months of sealed submissions.

All of it is one transaction: a run that is cut off leaves nothing behind, and the next one starts afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID, uuid5

from earshot.cases import keys_store
from earshot.cases.sealing import normalise
from earshot.core.config import Settings
from earshot.core.crypto import BlindingKey, KeyFiles, SealingKey
from earshot.core.db import Connection, Database, Statement
from earshot.core.errors import EarshotError
from earshot.core.migrate import role_dsn
from earshot.core.work import enqueue
from earshot.demonstration.accounts import (
    DemonstrationSignIns,
    give_codes,
    give_keys,
    known_sign_ins,
    make_sign_ins,
    open_accounts,
)
from earshot.demonstration.case_load import speak_up
from earshot.demonstration.cases import every_case
from earshot.demonstration.loop import plan_loop
from earshot.demonstration.model import Said, Unit
from earshot.demonstration.plan import plan
from earshot.demonstration.remarks import every_remark, organisations
from earshot.demonstration.seasons import WEEKLY
from earshot.demonstration.stages import ask_people_to_look
from earshot.demonstration.stories import CLOSED_FOR, PROVIDER, WARD_6
from earshot.intake import store as intake
from earshot.intake.acceptance import FIRST_STAGE
from earshot.intake.forms import form_for
from earshot.intake.model import Audience, Submission
from earshot.orgs import store as orgs
from earshot.orgs.model import Org, OrgRow
from earshot.people.factor_key import FactorKey
from earshot.people.model import Role

__all__ = ["DemonstrationSignIns", "load_demonstration"]

Report = Callable[[str], None]

JOB = 200  # submissions of one job
TO_TRY = "theatre_count"  # the case whose receipt is shown, so that its page can be tried
_NAMES = UUID("0b0c5d5e-6c0e-4f57-9a53-3d3f6a7e5b10")  # ids are derived, so the same day gives the same demonstration
_ALONE = Statement("SELECT pg_advisory_xact_lock(5160238715)")  # any constant: two hosts that start at once agree
_LABELS: dict[Audience, str] = {
    "patient": "Poster by the door",
    "carer": "Card for carers",
    "staff": "Poster in the staff room",
}


class TreeInTheWay(EarshotError):
    """The demonstration cannot be added to these organisations. Start with --empty to go on without it."""

    status = 409


async def load_demonstration(settings: Settings, report: Report) -> DemonstrationSignIns | None:
    """Load the demonstration, unless it is there; returns who may sign in, or None where that is not known here.

    `settings.database_url` is the owner's address of a migrated database. Raises `TreeInTheWay`, `KeysMissing` or
    `Unavailable`, and then nothing was loaded.
    """
    database = Database(role_dsn(settings.database_url or "", settings, "earshot_worker"), max_size=1)
    await database.open()
    try:
        async with database.transaction() as connection:
            await _ALONE.run(connection)
            if await orgs.by_code(connection, PROVIDER) is not None:
                return known_sign_ins(settings)
            return await _load(connection, settings, report)
    finally:
        await database.close()


async def _load(connection: Connection, settings: Settings, report: Report) -> DemonstrationSignIns:
    last = date.today() - timedelta(days=1)
    rows = _tree(last)
    report("Making the demonstration: the invented Fenmoor and Vale NHS Trust …")
    loaded = await orgs.load(connection, rows)
    if loaded.problems:
        raise TreeInTheWay(f"{TreeInTheWay.__doc__} {loaded.problems[0].reason}")
    placed = {org.code: org for org in await orgs.tree(connection)}
    sign_ins = make_sign_ins(settings)
    places = {code: org.id for code, org in placed.items()}
    people = await open_accounts(connection, sign_ins, places)
    await give_codes(connection, sign_ins, people, FactorKey(settings.keys))
    await _hang_posters(connection, [placed[row.code] for row in rows])
    responses = plan(_units(rows), every_remark(), last=last)
    kept = await _keep(connection, responses, placed, KeyFiles(settings.keys), last)
    kept.reverse()  # newest first: what people look at first is read first, but after what real people send
    for start in range(0, len(kept), JOB):
        await enqueue(connection, FIRST_STAGE, {"submissions": kept[start : start + JOB]}, priority=-1)
    looking = {Role.GUARDIAN: people["guardian"], Role.QUALITY_LEAD: people["quality"]}
    await ask_people_to_look(connection, placed[PROVIDER].id, looking, date.today())
    await enqueue(connection, "discover", {"org_id": placed[PROVIDER].id}, priority=-2)
    await _speak_up(connection, sign_ins, people, places, KeyFiles(settings.keys), last)
    await plan_loop(connection, people, places, last)
    report(f"Sealed {len(kept):,} responses of eighteen months; the worker reads them now, newest first.")
    return sign_ins


async def _speak_up(
    connection: Connection, sign_ins: DemonstrationSignIns, people: dict[str, UUID], places: dict[str, UUID],
    keys: KeyFiles, last: date,
) -> None:  # fmt: skip
    """Give handlers their keys, name the two people of the escrow, and file the invented cases."""
    holders = await give_keys(connection, sign_ins, people)
    keys.make_day_keys(date.today())
    couple = (holders["admin"].pair_id, holders["deputy"].pair_id)
    await keys_store.set_couple(connection, places[PROVIDER], *couple)
    receipts = {TO_TRY: normalise(sign_ins.receipt)} if sign_ins.receipt else {}
    await speak_up(connection, every_case(), holders, places, keys, receipts=receipts, last=last)


def _tree(last: date) -> list[OrgRow]:
    """The organisations; the closed ward has always been closed for the same time."""
    closed = last - CLOSED_FOR
    return [replace(row, closed_on=closed) if row.code == WARD_6 else row for row in organisations()]


def _units(rows: Sequence[OrgRow]) -> list[Unit]:
    return [Unit(row.code, row.setting, row.closed_on) for row in rows if row.setting is not None]


async def _hang_posters(connection: Connection, places: Sequence[Org]) -> None:
    """Links for patients and carers at every open unit; for patients and staff at every site and the provider."""
    for place in places:
        audiences: tuple[Audience, ...] = ()
        if place.level in ("site", "provider"):
            audiences = ("patient", "staff")
        elif place.setting is not None and place.closed_on is None and WEEKLY[place.setting][0]:
            audiences = ("patient", "carer")
        for audience in audiences:
            await intake.add_link(connection, org_id=place.id, audience=audience, label=_LABELS[audience])


async def _keep(
    connection: Connection, responses: Sequence[Said], placed: dict[str, Org], keys: KeyFiles, last: date
) -> list[UUID]:
    """Seal every response and put it into the vault under its day; returns the ids, oldest first."""
    sealing, blinding = keys.sealing(), keys.blinding()
    kept: list[UUID] = []
    for day, of_day in groupby(responses, key=lambda said: said.day):
        rows = [_sealed(_submission(said, placed[said.unit].id, last), sealing, blinding) for said in of_day]
        await intake.keep(connection, rows, key_id=sealing.key_id, today=day)
        kept += [row.id for row in rows]
    return kept


def _submission(said: Said, org_id: UUID, last: date) -> Submission:
    made = uuid5(_NAMES, f"{last}/{said.number}")
    return Submission(org_id, form_for(said.audience), said.answers, said.fft, said.about, made)


def _sealed(submission: Submission, sealing: SealingKey, blinding: BlindingKey) -> intake.Sealed:
    return intake.Sealed(
        id=submission.id,
        org_id=submission.org_id,
        audience=submission.audience,
        form=submission.form.id,
        channel="demonstration",
        idempotency_hash=blinding.blind("idempotency", "demonstration", submission.id.bytes),
        body_hash=blinding.blind("body", submission.canonical),
        sealed=sealing.seal(submission.payload, info=submission.info),
    )
