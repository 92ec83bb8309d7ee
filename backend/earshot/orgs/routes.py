"""The organisation tree for the console."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from earshot.orgs import store
from earshot.orgs.model import Org
from earshot.people.model import Actor
from earshot.people.routes import database, signed_in

router = APIRouter(prefix="/api/orgs", tags=["organisations"])


@router.get("")
async def tree(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> list[Org]:
    """Every organisation that the person may see, parents before children."""
    async with database(request).transaction(actor.scope) as connection:
        return await store.tree(connection)
