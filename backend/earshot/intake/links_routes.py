"""Links to forms for the console: who answers where, as an address, a QR code and a poster."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from earshot.core import audit
from earshot.core.errors import FieldError, Invalid
from earshot.intake import pages, store
from earshot.intake.model import Audience, Link
from earshot.people.model import Actor
from earshot.people.routes import allowed, database, settings_of

router = APIRouter(prefix="/api/links", tags=["links"])
MayForms = Annotated[Actor, Depends(allowed("forms"))]

Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class LinkOut(BaseModel):
    """A link, its address, and whether it now leads to the provider's form."""

    id: UUID
    token: str
    url: str
    org_id: UUID
    org_name: str
    audience: Audience
    label: str
    created_on: date
    expires_on: date | None
    expired: bool


class LinkIn(BaseModel):
    """A new link. `label` says where it will hang; `expires_on` is the last day that it leads to this organisation."""

    model_config = ConfigDict(extra="forbid")
    org_id: UUID
    audience: Audience
    label: Label
    expires_on: date | None = None


class LinkChange(BaseModel):
    """What changes; what is left out stays. An `expires_on` of null takes the last day away."""

    model_config = ConfigDict(extra="forbid")
    label: Label | None = None
    expires_on: date | None = None

    def of(self, link: Link) -> tuple[str, date | None]:
        """The link's label and last day after the change."""
        given = self.model_fields_set
        label = self.label if "label" in given and self.label is not None else link.label
        return label, self.expires_on if "expires_on" in given else link.expires_on


@router.get("")
async def every_link(request: Request, actor: MayForms, org: UUID | None = None) -> list[LinkOut]:
    """Links of an organisation and all below it."""
    async with database(request).transaction(actor.scope) as connection:
        return [_out(request, link) for link in await store.links(connection, org)]


@router.post("", status_code=201)
async def add(request: Request, actor: MayForms, given: LinkIn) -> LinkOut:
    """Make a link."""
    _not_past(given.expires_on)
    async with database(request).transaction(actor.scope) as connection:
        made = await store.add_link(
            connection,
            org_id=given.org_id,
            audience=given.audience,
            label=given.label,
            expires_on=given.expires_on,
        )
        await audit.record(
            connection, action="form.link_made", by=actor.account_id, subject=made.id, org_id=given.org_id
        )
    return _out(request, made)


@router.patch("/{link_id}")
async def change(request: Request, actor: MayForms, link_id: UUID, given: LinkChange) -> LinkOut:
    """Change a link's label or its last day; a day in the past ends it at once."""
    async with database(request).transaction(actor.scope) as connection:
        label, expires_on = given.of(await store.link(connection, link_id))
        changed = await store.change_link(connection, link_id, label=label, expires_on=expires_on)
        await audit.record(connection, action="form.link_changed", by=actor.account_id, subject=link_id)
    return _out(request, changed)


@router.get("/{link_id}/qr.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
async def qr(request: Request, actor: MayForms, link_id: UUID) -> Response:
    """The link as a QR code (error correction Q: a scratched poster still works)."""
    drawn = BytesIO()
    segno.make(_url(request, await _link(request, actor, link_id)), error="q", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.get("/{link_id}/poster", response_class=HTMLResponse)
async def poster(request: Request, actor: MayForms, link_id: UUID) -> HTMLResponse:
    """A page to print and hang up."""
    link = await _link(request, actor, link_id)
    return HTMLResponse(pages.poster(link, _url(request, link)))


async def _link(request: Request, actor: Actor, link_id: UUID) -> Link:
    async with database(request).transaction(actor.scope) as connection:
        return await store.link(connection, link_id)


def _url(request: Request, link: Link) -> str:
    return f"{settings_of(request).public_address}/f/{link.token}"


def _out(request: Request, link: Link) -> LinkOut:
    return LinkOut(
        id=link.id,
        token=link.token,
        url=_url(request, link),
        org_id=link.org_id,
        org_name=link.org_name,
        audience=link.audience,
        label=link.label,
        created_on=link.created_on,
        expires_on=link.expires_on,
        expired=link.expired(date.today()),
    )


def _not_past(expires_on: date | None) -> None:
    if expires_on is not None and expires_on < date.today():
        raise Invalid(fields=[FieldError("expires_on", "Choose today or a later day")])
