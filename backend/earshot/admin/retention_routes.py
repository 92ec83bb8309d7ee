"""The Retention page: what is kept how long and who says so, what the next night removes, holds, and erasing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from earshot.admin import retention_store as store
from earshot.admin.retention import LONGEST, CaseStillOpen, Kind, KindName, OnHold, Reason, local_days, schedule
from earshot.admin.stages import ERASE_STAGE, RETENTION_STAGE
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import NotFound
from earshot.core.work import enqueue
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/retention", tags=["retention"])
May = Annotated[Actor, Depends(allowed("retention"))]
Handler = Annotated[Actor, Depends(allowed("cases"))]
Reference = Annotated[str, Path(min_length=3, max_length=20, pattern=r"^[0-9A-Za-z-]+$")]


class KindOut(BaseModel):
    """One kind of thing. The counts are of the last night, or of when somebody counted; None where none may be seen."""

    kind: KindName
    name: str
    counted_from: str
    days: int
    local: bool
    removes: str
    source: str
    due: int | None
    held: int | None
    next_on: date | None
    counted_on: date | None


class RuleOut(BaseModel):
    """Days that an organisation set for itself."""

    org_id: UUID
    org_name: str
    kind: str
    days: int
    set_on: date


class HoldOut(BaseModel):
    """An order that nothing of a place and below be removed."""

    id: UUID
    org_id: UUID
    org_name: str
    reason: Reason
    set_by: str | None
    set_on: date


class StoneOut(BaseModel):
    """That something was here and was erased."""

    subject: UUID
    kind: Literal["case", "response"]
    why: Literal["asked", "retention"]
    by_name: str | None
    on_day: date


class RetentionOut(BaseModel):
    """The schedule with its version, what organisations changed in it, holds that last, and the newest erasures."""

    version: str
    kinds: list[KindOut]
    rules: list[RuleOut]
    holds: list[HoldOut]
    erasures: list[StoneOut]


class RuleIn(BaseModel):
    """How many days an organisation keeps a kind."""

    model_config = ConfigDict(extra="forbid")
    days: int = Field(ge=1, le=LONGEST)


class HoldIn(BaseModel):
    """Where nothing may be removed, and why, in one of a few words."""

    model_config = ConfigDict(extra="forbid")
    org_id: UUID
    reason: Reason


class EraseIn(BaseModel):
    """The id of a comment, as its page shows it."""

    model_config = ConfigDict(extra="forbid")
    comment_id: UUID


class HeldCaseOut(BaseModel):
    """A case that must be kept."""

    reference: str
    org_name: str
    state: str


@router.get("")
async def retention(request: Request, actor: May) -> RetentionOut:
    """The schedule and what is due, for the person's own subtree."""
    async with database(request).transaction(actor.scope) as connection:
        sums = await store.sums(connection)
        return RetentionOut(
            version=schedule().version,
            kinds=[_kind(kind, sums, actor) for kind in schedule().kinds],
            rules=[RuleOut(**asdict(rule)) for rule in await store.rules(connection)],
            holds=[HoldOut(**asdict(hold)) for hold in await store.holds(connection)],
            erasures=[StoneOut(**asdict(stone)) for stone in await store.stones(connection)],
        )


def _kind(kind: Kind, sums: dict[str, store.Sum], actor: Actor) -> KindOut:
    """How many cases there are is for those who handle them; an administrator may be whom one is about."""
    counted_on = max((one.counted_on for one in sums.values()), default=None)
    if not kind.local or counted_on is None or (kind.kind.startswith("cases") and not actor.may("cases")):
        return KindOut(**asdict(kind), due=None, held=None, next_on=None, counted_on=None)
    found = sums.get(kind.kind) or store.Sum(kind.kind, 0, 0, None, counted_on)
    return KindOut(**asdict(kind), due=found.due, held=found.held, next_on=found.next_on, counted_on=found.counted_on)


@router.post("/dry-run", status_code=204)
async def dry_run(request: Request, actor: May) -> Response:
    """Let the worker count again what is due; nothing is removed."""
    async with database(request).transaction(actor.scope) as connection:
        await enqueue(connection, RETENTION_STAGE, {"dry_run": True}, key="retention/dry-run")
    return Response(status_code=204)


@router.put("/rules/{org_id}/{kind}", status_code=204)
async def set_rule(request: Request, actor: May, org_id: UUID, kind: KindName, given: RuleIn) -> Response:
    """Set how many days an organisation, with all below it, keeps a kind."""
    days = local_days(schedule()[kind], given.days)
    async with database(request).transaction(actor.scope) as connection:
        await store.sees_org(connection, org_id)
        await store.set_rule(connection, org_id, kind, days, actor.account_id)
        await audit.record(connection, action="retention.rule_set", by=actor.account_id, org_id=org_id)
    return Response(status_code=204)


@router.delete("/rules/{org_id}/{kind}", status_code=204)
async def drop_rule(request: Request, actor: May, org_id: UUID, kind: KindName) -> Response:
    """Go back to the days of the schedule."""
    async with database(request).transaction(actor.scope) as connection:
        if not await store.drop_rule(connection, org_id, kind):
            raise NotFound
        await audit.record(connection, action="retention.rule_dropped", by=actor.account_id, org_id=org_id)
    return Response(status_code=204)


@router.post("/holds", status_code=201)
async def set_hold(request: Request, actor: May, given: HoldIn) -> HoldOut:
    """Order that nothing of a place and all below it be removed until the hold is lifted."""
    async with database(request).transaction(actor.scope) as connection:
        await store.sees_org(connection, given.org_id)
        made = await store.set_hold(connection, given.org_id, given.reason, actor.account_id)
        await audit.record(connection, action="hold.set", by=actor.account_id, subject=made, org_id=given.org_id)
        return next(HoldOut(**asdict(hold)) for hold in await store.holds(connection) if hold.id == made)


@router.delete("/holds/{hold_id}", status_code=204)
async def lift_hold(request: Request, actor: May, hold_id: UUID) -> Response:
    """Lift a hold; what is past its time goes in the next night."""
    async with database(request).transaction(actor.scope) as connection:
        org_id = await store.lift_hold(connection, hold_id, actor.account_id)
        await audit.record(connection, action="hold.lifted", by=actor.account_id, subject=hold_id, org_id=org_id)
    return Response(status_code=204)


@router.post("/erasures", status_code=204)
async def erase_response(request: Request, actor: May, given: EraseIn) -> Response:
    """Erase a comment with the whole response that it came in, and all that was derived from it; not to be undone."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.erasable_response(connection, given.comment_id)
        await _ask(connection, "response", found, actor)
    return Response(status_code=204)


@router.get("/cases")
async def held_cases(request: Request, actor: Handler) -> list[HeldCaseOut]:
    """Cases of the person's own scope that must be kept."""
    async with database(request).transaction(actor.scope) as connection:
        return [HeldCaseOut(**asdict(one)) for one in await store.held_cases(connection)]


@router.put("/cases/{reference}/hold", status_code=204)
async def hold_case(request: Request, actor: Handler, reference: Reference) -> Response:
    """Order that one case be kept, whatever the schedule says."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.hold_case(connection, reference.upper(), held=True)
        await audit.record(connection, action="case.hold_set", by=actor.account_id, subject=found)
    return Response(status_code=204)


@router.delete("/cases/{reference}/hold", status_code=204)
async def release_case(request: Request, actor: Handler, reference: Reference) -> Response:
    """End that order."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.hold_case(connection, reference.upper(), held=False)
        await audit.record(connection, action="case.hold_lifted", by=actor.account_id, subject=found)
    return Response(status_code=204)


@router.delete("/cases/{reference}", status_code=204)
async def erase_case(request: Request, actor: Handler, reference: Reference) -> Response:
    """Erase a closed case with every key to it, before its time; not to be undone."""
    async with database(request).transaction(actor.scope) as connection:
        await _ask(connection, "case", await store.erasable_case(connection, reference.upper()), actor)
    return Response(status_code=204)


async def _ask(connection: Connection, kind: str, found: store.Erasable, actor: Actor) -> None:
    if found.on_hold:
        raise OnHold
    if not found.closed:
        raise CaseStillOpen
    job = {"kind": kind, "id": found.id, "by": actor.account_id}
    await enqueue(connection, ERASE_STAGE, job, key=f"erase/{found.id}")
