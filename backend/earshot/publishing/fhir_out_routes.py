"""`GET /api/v1/fhir/MeasureReport` at the console's door: counts for programmes that speak FHIR."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request, Response
from fastapi import Query as FromQuery

from earshot.core.db import Database
from earshot.core.errors import FieldError, Invalid, NotFound
from earshot.measures.periods import Period, end_of, start_of
from earshot.publishing import feed_store as store
from earshot.publishing import fhir, fhir_out
from earshot.publishing.feed import taxonomy_of
from earshot.publishing.feed_routes import MayRead, answer
from earshot.publishing.key import Programme

_MOST = 10_000  # rows: the themes and answers of one place and period are some hundred


def fhir_out_app(served: Database, address: str) -> FastAPI:
    """The app for programmes that read FHIR, to be mounted at `/api/v1/fhir`; `address` is the console's own."""
    app = fhir.fhir_app("Earshot: counts as FHIR", served)

    @app.get("/MeasureReport")
    async def measure_reports(
        request: Request,
        programme: MayRead,
        measure: Annotated[str, FromQuery(max_length=120, description="comments, fft_positive, theme:NAME and so on.")],
        org: Annotated[str, FromQuery(max_length=40, description="Code or ODS code of one organisation.")],
        period: Annotated[str, FromQuery(max_length=10, description="A month (2026-03), or a day of a week or month.")],
        accept: Annotated[str, Header()] = "",
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A summary report for each stream that the key opens; none for a period that is not over."""
        version = fhir.version_of(accept)
        counted = fhir_out.counted(measure)
        if counted is None:
            raise Invalid(fields=[FieldError("measure", "Ask for comments, responses, fft_positive or theme:NAME")])
        first = _first(period, programme.period)
        found = await _reports(served, programme, counted, org.replace("\0", ""), first, address, version)
        body = json.dumps(fhir_out.bundle(found), ensure_ascii=False, sort_keys=True).encode()
        return answer(body, fhir.media(version), if_none_match)

    return app


def _first(period: str, kind: Period) -> date:
    try:
        day = date.fromisoformat(f"{period}-01" if len(period) == 7 else period)
    except ValueError:
        day = date.min
    if not 2000 <= day.year < 2200:
        raise Invalid(fields=[FieldError("period", "Give a month as 2026-03, or a day as 2026-03-02")])
    return start_of(day, kind)


async def _reports(
    served: Database,
    programme: Programme,
    counted: fhir_out.Counted,
    code: str,
    first: date,
    address: str,
    version: fhir.Version,
) -> list[dict[str, Any]]:
    wanted = store.Wanted(programme.period, first, first, code, counted.measure)
    async with served.transaction(programme.scope) as connection:
        org = next((one for one in await store.organisations(connection) if code in (one.code, one.ods_code)), None)
        if org is None:
            raise NotFound
        rows = await store.rows(connection, wanted, limit=_MOST)
    last = end_of(first, programme.period)
    if last >= date.today():
        return []
    own = [row for row in rows if row.organisation == org.code]
    return [
        fhir_out.measure_report(
            fhir_out.Reported(
                counted, org.ods_code or org.code, org.name, stream, first, last,
                max((row.made_on for row in own if row.stream == stream), default=None),
                taxonomy_of(counted.measure, counted.label or ""),
            ),
            {(row.measure, row.label): row.n for row in own if row.stream == stream},
            address,
            version,
        )
        for stream in programme.streams
    ]  # fmt: skip
