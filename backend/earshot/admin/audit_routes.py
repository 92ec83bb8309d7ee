"""The Audit page: who did what, on which day, in the administrator's own subtree, and nobody's words."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery
from pydantic import BaseModel

from earshot.admin import audit_store
from earshot.admin.audit_store import PAGE, Wanted
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/audit", tags=["audit"])
May = Annotated[Actor, Depends(allowed("audit"))]


class LineOut(BaseModel):
    """One line: the day, a dotted word for what was done, who did it as what, and to whom or what."""

    on_day: date
    action: str
    by_id: UUID | None
    by_name: str | None
    by_roles: list[str]
    subject: UUID | None
    subject_name: str | None
    org_name: str | None


class AuditPersonOut(BaseModel):
    """Somebody whom the trail names."""

    id: UUID
    name: str


class AuditOut(BaseModel):
    """One page of the trail, and what can be chosen in its filters."""

    lines: list[LineOut]
    total: int
    page: int
    pages: int
    actions: list[str]
    people: list[AuditPersonOut]


@router.get("")
async def trail(
    request: Request,
    actor: May,
    since: date | None = None,
    until: date | None = None,
    action: Annotated[str | None, FromQuery(max_length=60, pattern=r"^[a-z_]+(\.[a-z_]+)+$")] = None,
    person: UUID | None = None,
    page: Annotated[int, FromQuery(ge=1, le=100_000)] = 1,
) -> AuditOut:
    """The lines of the person's own subtree, newest first."""
    wanted = Wanted(since, until, action, person)
    async with database(request).transaction(actor.scope) as connection:
        total = await audit_store.total(connection, wanted)
        found = await audit_store.lines(connection, wanted, page)
        return AuditOut(
            lines=[LineOut(**{**asdict(line), "by_roles": _roles(line.by_roles)}) for line in found],
            total=total,
            page=page,
            pages=max(1, -(-total // PAGE)),
            actions=await audit_store.actions(connection),
            people=[AuditPersonOut(**asdict(one)) for one in await audit_store.people(connection)],
        )


def _roles(joined: str) -> list[str]:
    return joined.split(",") if joined else []
