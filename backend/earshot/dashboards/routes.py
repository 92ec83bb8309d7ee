"""The quality dashboards for the console. Thin: a page is asked for by its name and the shared filters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery

from earshot.core.errors import FieldError, Invalid
from earshot.dashboards import answers, pages
from earshot.dashboards.model import EARLIEST, LONGEST, Asked, PageId
from earshot.people.model import Actor, Stream
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/quality", tags=["quality"])

Reader = Annotated[Actor, Depends(allowed("quality"))]


def asked(
    org: Annotated[UUID | None, FromQuery(description="An organisation: it and all below it.")] = None,
    since: Annotated[date | None, FromQuery(description="A day of the first week or month.")] = None,
    until: Annotated[date | None, FromQuery(description="A day of the last week or month.")] = None,
    stream: Annotated[Sequence[Stream] | None, FromQuery(description="Who spoke; may be given several times.")] = None,
) -> Asked:
    """Read what a page is asked about; raises `Invalid` for days in the wrong order or too many of them."""
    today = date.today()
    for name, day in (("since", since), ("until", until)):
        if day is not None and not EARLIEST <= day <= today + timedelta(days=366):
            raise Invalid(fields=[FieldError(name, "Choose a day between July 1948 and a year from now.")])
    if since is not None and until is not None and since > until:
        raise Invalid(fields=[FieldError("since", "The first day must not come after the last.")])
    if since is not None and (until or today) - since > LONGEST:
        raise Invalid(fields=[FieldError("since", "Choose a first day that is at most five years before the last.")])
    return Asked(org, since, until, tuple(dict.fromkeys(str(name) for name in stream)) if stream else None)


@router.get("")
async def quality_pages(_actor: Reader) -> list[answers.QualityPageName]:
    """The pages on offer."""
    return [answers.QualityPageName.model_validate(name) for name in pages.PAGES]


@router.get("/{page}")
async def quality_page(
    request: Request, actor: Reader, page: PageId, given: Annotated[Asked, Depends(asked)]
) -> answers.QualityPage:
    """One page for whole weeks or months, by default the last 13 weeks that were heard; small numbers hidden."""
    async with database(request).transaction(actor.scope) as connection:
        return answers.QualityPage.model_validate(await pages.page(connection, page, given))
