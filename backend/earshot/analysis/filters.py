"""The filters that every page of the console shares: where, when and who spoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query as FromQuery

from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid, NotFound
from earshot.orgs import store as orgs
from earshot.people.model import Stream


@dataclass(frozen=True)
class Filter:
    """What part of everything to look at; None means no limit. `until` is the last day that counts.

    Raises `Invalid` where the first day comes after the last.
    """

    org_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    streams: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.since > self.until:
            raise Invalid(fields=[FieldError("from", "The first day must not come after the last.")])


def filters(
    org: Annotated[UUID | None, FromQuery(description="An organisation: it and all below it.")] = None,
    since: Annotated[date | None, FromQuery(alias="from", description="The first day.")] = None,
    until: Annotated[date | None, FromQuery(alias="to", description="The last day, which counts too.")] = None,
    stream: Annotated[Sequence[Stream] | None, FromQuery(description="Who spoke; may be given several times.")] = None,
) -> Filter:
    """Read the shared filters from the address of a page; raises `Invalid`."""
    return Filter(org, since, until, tuple(dict.fromkeys(str(name) for name in stream)) if stream else None)


async def subtree(connection: Connection, org_id: UUID | None) -> list[UUID] | None:
    """The organisations that a filter means, or None for all that the person may see.

    Raises `NotFound` for one that is unknown or lies outside the person's scope.
    """
    if org_id is None:
        return None
    found = await orgs.below(connection, org_id)
    if not found:
        raise NotFound
    return found
