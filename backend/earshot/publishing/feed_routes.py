"""What other programmes read: organisations and counts, with a key in place of a sign-in."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi import Query as FromQuery
from pydantic import BaseModel, Field

from earshot.core.budget import Budget
from earshot.core.db import Database
from earshot.core.errors import EarshotError, FieldError, Invalid, NotAllowed, NotSignedIn
from earshot.core.web import problem_documented, speak_plainly
from earshot.measures.disclosure import TOO_FEW
from earshot.measures.periods import Period, end_of, start_of
from earshot.people.routes import database
from earshot.publishing import feed_files as files
from earshot.publishing import feed_store as store
from earshot.publishing import key_store
from earshot.publishing.key import May, Programme

MOST = 200_000  # rows of one file
_BUDGET = Budget(per_second=5, burst=100)
_LONGEST_KEY = 100
SMALL_NUMBERS = (
    f"n is null where it is {TOO_FEW}: one to four people, or a number that would give such a number away. "
    "Others are rounded to the nearest 5, so they need not add up. What has no row is nobody."
)


class KeyRefused(NotSignedIn):
    """This needs a key that is known, not revoked and not past its last day. Send it as `Authorization: Bearer KEY`."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Say how to show a key."""
        return {"WWW-Authenticate": "Bearer"}


class KeyNotFor(NotAllowed):
    """This key is for something else. Ask whoever gave it for one that allows this."""


class TooMany(EarshotError):
    """This is more than one file holds. Ask for fewer periods, one organisation or one measure."""

    status = 413


async def programme_of(connection_of: Database, authorization: str | None, may: May) -> Programme:
    """Who shows this key; raises `KeyRefused`, `KeyNotFor` and `TooOften`."""
    kind, _, secret = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not secret or len(secret) > _LONGEST_KEY or not secret.isascii():
        raise KeyRefused
    async with connection_of.transaction() as connection:
        found = await key_store.use(connection, secret.strip())
    if found is None:
        raise KeyRefused
    if may not in found.may:
        raise KeyNotFor
    async with connection_of.transaction() as connection:
        await _BUDGET.turn(connection, hashlib.sha256(b"feed/" + found.id.bytes).digest())
    return found


def keyed(may: May) -> Callable[..., Coroutine[Any, Any, Programme]]:
    """A dependency: the programme whose key allows this; see `programme_of`."""

    async def guard(request: Request, authorization: Annotated[str | None, Header()] = None) -> Programme:
        return await programme_of(database(request), authorization, may)

    return guard


MayRead = Annotated[Programme, Depends(keyed("counts"))]


class OrganisationOut(BaseModel):
    """An organisation; `parent` is the code of the one above it."""

    code: str
    ods_code: str | None
    name: str
    level: str
    parent: str | None
    closed_on: date | None


class CountOut(BaseModel):
    """One number of a whole week or month. `id` stays the same when late data change `n`."""

    id: str
    organisation: str
    ods_code: str | None
    period: Period
    first_day: date
    last_day: date
    stream: str
    measure: str
    label: str
    n: int | None = Field(description=SMALL_NUMBERS)
    too_few: bool
    taxonomy: str = Field(description="Name and version of the framework, form or scale that sorted it.")
    made_on: date


class CountsOut(BaseModel):
    """A page of numbers, oldest period first; `next` is the cursor of the page behind it, null at the end."""

    rows: list[CountOut]
    next: str | None
    period: Period
    small_numbers: str


def wanted(
    programme: MayRead,
    since: Annotated[date, FromQuery(description="Widened to the week or month that it lies in.")],
    until: Annotated[date, FromQuery(description="Widened likewise. A period that is not over has no numbers.")],
    period: Annotated[Period | None, FromQuery(description="Whichever the key is for; the other is refused.")] = None,
    org: Annotated[str | None, FromQuery(max_length=40, description="Code or ODS code: only it and below.")] = None,
    measure: Annotated[str | None, FromQuery(max_length=40)] = None,
) -> store.Wanted:
    """Read what the address asks for; raises `KeyNotFor` for the kind of period that the key is not for."""
    if period is not None and period != programme.period:
        raise KeyNotFor(f"This key gives counts by {programme.period}. Weeks and months need a key each.")
    if not 2000 <= since.year <= until.year < 2200:
        raise Invalid(fields=[FieldError("since", "Choose days from the year 2000 on, the first one first")])
    clean = [None if one is None else one.replace("\0", "") for one in (org, measure)]
    return store.Wanted(
        programme.period, start_of(since, programme.period), start_of(until, programme.period), clean[0], clean[1]
    )


Asked = Annotated[store.Wanted, Depends(wanted)]
Seen = Annotated[str | None, Header(alias="If-None-Match")]
router = APIRouter(tags=["feed"])


@router.get("/organisations")
async def organisations(request: Request, programme: MayRead) -> list[OrganisationOut]:
    """The organisations that the key opens, those above before those below."""
    async with database(request).transaction(programme.scope) as connection:
        return [OrganisationOut(**vars(one)) for one in await store.organisations(connection)]


@router.get("/counts", response_model=CountsOut)
async def counts(
    request: Request,
    programme: MayRead,
    asked: Asked,
    if_none_match: Seen = None,
    cursor: Annotated[str | None, FromQuery(max_length=600, description="`next` of the page before.")] = None,
    limit: Annotated[int, FromQuery(ge=1, le=2_000)] = 500,
) -> Response:
    """Counts of whole weeks or months, small numbers hidden. Ask again with `If-None-Match` to learn what is new."""
    after = None if cursor is None else _place(cursor)
    async with database(request).transaction(programme.scope) as connection:
        found = await store.rows(connection, asked, after=after, limit=limit + 1)
    page = CountsOut(
        rows=[_out(row, asked.period) for row in found[:limit]],
        next=_cursor(found[limit - 1].place) if len(found) > limit else None,
        period=asked.period,
        small_numbers=SMALL_NUMBERS,
    )
    return answer(page.model_dump_json().encode(), "application/json", if_none_match)


@router.get("/counts.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def counts_csv(request: Request, programme: MayRead, asked: Asked, if_none_match: Seen = None) -> Response:
    """The same rows as CSV; an empty n is too few to say."""
    return answer(files.csv_of(await _all(request, programme, asked), asked.period), files.CSV, if_none_match)


@router.get("/counts.parquet", response_class=Response, responses={200: {"content": {files.PARQUET: {}}}})
async def counts_parquet(request: Request, programme: MayRead, asked: Asked, if_none_match: Seen = None) -> Response:
    """The same rows as Parquet; a null n is too few to say."""
    return answer(files.parquet_of(await _all(request, programme, asked), asked.period), files.PARQUET, if_none_match)


async def _all(request: Request, programme: Programme, asked: store.Wanted) -> list[store.Row]:
    async with database(request).transaction(programme.scope) as connection:
        found = list(await store.rows(connection, asked, limit=MOST + 1))
    if len(found) > MOST:
        raise TooMany
    return found


def answer(body: bytes, media: str, seen: str | None) -> Response:
    """Bytes with an ETag of their content, or 304 where the programme has them already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if seen is not None and tag in (part.strip().removeprefix("W/") for part in seen.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)


def _out(row: store.Row, period: Period) -> CountOut:
    return CountOut(
        id=str(row.id), organisation=row.organisation, ods_code=row.ods_code, period=period, first_day=row.first_day,
        last_day=end_of(row.first_day, period), stream=row.stream, measure=row.measure, label=row.label, n=row.n,
        too_few=row.n is None, taxonomy=row.taxonomy, made_on=row.made_on,
    )  # fmt: skip


def _cursor(place: store.Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(vars(place).values()), default=str).encode()).decode()


def _place(cursor: str) -> store.Place:
    try:
        first_day, *words = json.loads(base64.urlsafe_b64decode(cursor))
        place = store.Place(date.fromisoformat(first_day), *words)
        if all(isinstance(word, str) and "\0" not in word for word in words):
            return place
    except (ValueError, TypeError):
        pass
    raise Invalid(fields=[FieldError("cursor", "Use what `next` of the page before says, as it is")])


def feed_app(served: Database) -> FastAPI:
    """The app of other programmes, to be mounted at `/api/v1` of the console's door."""
    app = FastAPI(
        title="Earshot for other programmes",
        description="Counts for other dashboards. Every request shows a key: `Authorization: Bearer KEY`.",
        docs_url=None,
        redoc_url=None,
        responses={"default": problem_documented("Something is in the way; `detail` says what to do.")},
    )
    app.state.database = served
    speak_plainly(app)
    app.include_router(router)
    return app
