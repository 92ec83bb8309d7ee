"""Discovered themes for the console: what was found, and looking again."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from earshot.analysis import clusters
from earshot.analysis.browse import Search
from earshot.analysis.discovery_answers import ClusterOut, ClustersOut, DiscoverIn, DiscoveryOut, EndedOut
from earshot.analysis.filters import Filter, filters, subtree
from earshot.core.errors import NotFound
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/clusters", tags=["themes"])


@router.get("")
async def discovered(
    request: Request,
    actor: Annotated[Actor, Depends(allowed("themes"))],
    given: Annotated[Filter, Depends(filters)],
) -> ClustersOut:
    """Discovered themes with their counts under the filters, most heard first."""
    async with database(request).transaction(actor.scope) as connection:
        within = await subtree(connection, given.org_id)
        search = Search(org_ids=within, since=given.since, until=given.until, streams=given.streams)
        rows = await clusters.found(connection, search)
        ended = await clusters.ended(connection)
        last = await clusters.last_run(connection)
    return ClustersOut(
        discovery=DiscoveryOut(state="none")
        if last is None
        else DiscoveryOut.model_validate(last, from_attributes=True),
        clusters=[ClusterOut.model_validate(row, from_attributes=True) for row in rows],
        ended=[EndedOut.model_validate(row, from_attributes=True) for row in ended],
    )


@router.post("/discover", status_code=202)
async def discover(
    request: Request, actor: Annotated[Actor, Depends(allowed("discover"))], given: DiscoverIn
) -> DiscoveryOut:
    """Find themes again, in the background; a look that already waits or runs is not doubled."""
    async with database(request).transaction(actor.scope) as connection:
        providers = await clusters.providers_of(connection, given.org)
        if not providers:
            raise NotFound
        for provider in providers:
            await clusters.ask(connection, provider)
    return DiscoveryOut(state="waiting", asked_on=date.today())
