"""`POST /api/v1/fhir/QuestionnaireResponse` at the public door: an answer that another programme collected.

It lies at the public door since only that one may put something in, and it can read nothing of what was said.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response

from earshot.core.db import Database
from earshot.core.errors import FieldError, Invalid, NotFound, WrongEncoding
from earshot.intake.acceptance import Acceptance
from earshot.intake.doors import Doors
from earshot.intake.model import Accepted, Door, Submission
from earshot.publishing import fhir, fhir_in, key_store
from earshot.publishing.feed_routes import KeyNotFor, programme_of
from earshot.publishing.key import Programme

_KINDS = ("application/fhir+json", "application/json")


def fhir_in_app(served: Database, acceptance: Acceptance) -> FastAPI:
    """The app for what other programmes send, to be mounted at `/api/v1/fhir` of the public door."""
    app, doors = fhir.fhir_app("Earshot: answers as FHIR", served), Doors(served)

    @app.post("/QuestionnaireResponse", status_code=201)
    async def send(
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        """Keep one answer. Its identifier, or an Idempotency-Key, makes sending it again harmless."""
        kind = request.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() not in _KINDS:
            raise WrongEncoding
        programme = await programme_of(served, authorization, "send")
        given = fhir_in.read(await request.body(), fhir.version_of(kind))
        once = given.once or idempotency_key
        if once is None:
            told = "Give each answer an identifier, so that sending it again does not count twice"
            raise Invalid(fields=[FieldError("QuestionnaireResponse.identifier", told)])
        door = await _door(served, doors, programme, given)
        submission = Submission(
            org_id=door.org_id, form=given.form, answers=given.answers, fft=given.fft, about=given.about
        )
        kept = await acceptance.accept(submission, channel="api", once=f"fhir|{programme.id}|{once}")
        return _answer(kept)

    return app


async def _door(served: Database, doors: Doors, programme: Programme, given: fhir_in.Response) -> Door:
    """Where the answer goes; raises `KeyNotFor` and `Invalid` where the key does not reach."""
    if given.form.audience not in programme.streams:
        raise KeyNotFor
    nowhere = Invalid(fields=[FieldError("QuestionnaireResponse.subject", "This key opens nothing of this name")])
    door = await doors.by_code(given.org, given.form.audience)
    if door is None:
        raise nowhere
    try:
        async with served.transaction() as connection:
            await key_store.within(connection, door.org_id, [programme.org_id])
    except NotFound:
        raise nowhere from None
    return door


def _answer(kept: Accepted) -> Response:
    words = "This was kept before: nothing was counted twice." if kept.replayed else "Kept: stored, sealed and queued."
    headers = {"Location": f"/api/v1/fhir/QuestionnaireResponse/{kept.id}"}
    if kept.replayed:
        headers["Idempotency-Replayed"] = "true"
    body = json.dumps(fhir.outcome("information", [("informational", words, None)])).encode()
    return Response(body, 200 if kept.replayed else 201, headers, fhir.media("R4"))
