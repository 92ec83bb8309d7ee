"""Looking for themes again, from the console; what was found, with protected counts, is `measures.discovered`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from earshot.analysis import clusters
from earshot.analysis.discovery_answers import DiscoverIn, DiscoveryOut
from earshot.core.errors import NotFound
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/clusters", tags=["themes"])


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
