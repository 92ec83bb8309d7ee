"""`POST /api/v1/submissions`: the form for programmes, such as kiosks, apps and text-message suppliers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earshot.core.errors import FieldError, Invalid, WrongEncoding
from earshot.core.web import plain_fields, problem_documented
from earshot.intake.acceptance import Acceptance
from earshot.intake.doors import Doors
from earshot.intake.forms import form_for
from earshot.intake.model import LONGEST_TEXT, Accepted, Audience, Door, NotJson, Submission

_ONCE = re.compile(r"[!-~]{8,200}")

Code = Annotated[str, Field(max_length=40)]


class SubmissionIn(BaseModel):
    """What somebody said, and where. Give `link` or `org`, and `fft` or at least one answer."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    link: str | None = Field(None, max_length=40, description="The token of a link: the part after /f/.")
    org: str | None = Field(None, max_length=40, description="The code or ODS code of an organisation.")
    audience: Audience = Field(description="Who speaks.")
    fft: int | None = Field(
        None, ge=1, le=6, description="1 Very good, 2 Good, 3 Neither good nor poor, 4 Poor, 5 Very poor, 6 Don't know."
    )
    answers: dict[Code, Annotated[str, Field(max_length=4 * LONGEST_TEXT)]] = Field(
        default_factory=dict,
        max_length=20,
        description="Answers in a person's own words by question: why, better; involved (carer); know (staff).",
    )
    about: dict[Code, Code] = Field(
        default_factory=dict,
        max_length=20,
        description="Optional answers by question: age_band, ethnicity, disability, main_language.",
    )


class SubmissionOut(BaseModel):
    """The answer to a submission that is kept."""

    id: UUID
    received_on: date


@dataclass(frozen=True)
class SubmissionsApi:
    """The one endpoint. It reads the raw body itself: the framework's own way costs more than all the rest."""

    doors: Doors
    acceptance: Acceptance

    def add_to(self, router: APIRouter) -> None:
        """Add the endpoint with its documentation."""
        router.add_api_route(
            "/api/v1/submissions",
            self.submit,
            methods=["POST"],
            status_code=201,
            response_class=Response,
            tags=["submissions"],
            summary="Say something",
            responses=_RESPONSES,
            openapi_extra=_REQUEST,
        )

    async def submit(self, request: Request) -> Response:
        """Keep one submission. It is safe once the answer is 201: it is stored, sealed and queued.

        Send an `Idempotency-Key` (a random UUID is best) and repeat the request after a network error: a replay gets
        the first answer again, with `Idempotency-Replayed: true`. The same key with another body gets 409.
        """
        once = _once(request.headers.get("idempotency-key"))
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise WrongEncoding
        given = _read(await request.body())
        door = await self._door(given)
        submission = Submission(
            org_id=door.org_id,
            form=form_for(given.audience),
            answers=given.answers,
            fft=given.fft,
            about=given.about,
        )
        return _answer(await self.acceptance.accept(submission, channel="api", once=once))

    async def _door(self, given: SubmissionIn) -> Door:
        if (given.link is None) == (given.org is None):
            raise Invalid(fields=[FieldError("link", "Give either link or org")])
        if given.link is not None:
            field, door = "link", await self.doors.by_token(_known(given.link))
        else:
            field, door = "org", await self.doors.by_code(_known(given.org or ""), given.audience)
        if door is None:
            raise Invalid(fields=[FieldError(field, "Nothing here has this name")])
        return door


def _read(body: bytes) -> SubmissionIn:
    try:
        return SubmissionIn.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise NotJson from None
        raise Invalid(fields=plain_fields(found)) from None


def _known(name: str) -> str:
    """A name as Postgres can compare it: it takes no NUL."""
    return name.replace("\0", "")


def _once(key: str | None) -> str | None:
    if key is not None and _ONCE.fullmatch(key) is None:
        raise Invalid(fields=[FieldError("Idempotency-Key", "Use 8 to 200 visible ASCII characters")])
    return key


def _answer(accepted: Accepted) -> Response:
    body = f'{{"id":"{accepted.id}","received_on":"{accepted.received_on}"}}'
    headers: Mapping[str, str] | None = {"idempotency-replayed": "true"} if accepted.replayed else None
    return Response(body, 201, headers, "application/json")


_RESPONSES: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "Kept.",
        "content": {"application/json": {"schema": SubmissionOut.model_json_schema()}},
        "headers": {
            "Idempotency-Replayed": {
                "description": "Given, and true, where this is the answer to an earlier request.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        },
    },
    400: problem_documented("Not JSON."),
    408: problem_documented("The request took too long to arrive."),
    409: problem_documented("The Idempotency-Key was used with another body."),
    413: problem_documented("Too large."),
    415: problem_documented("Not application/json, or compressed."),
    422: problem_documented("Some of it cannot be used; `errors` says which field and why."),
    503: problem_documented(
        "Nothing was kept. Try again after the seconds in Retry-After, with the same Idempotency-Key."
    ),
}
_REQUEST: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The sender's own word for this submission, 8 to 200 visible ASCII characters.",
            "schema": {"type": "string", "pattern": "^[!-~]{8,200}$"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": SubmissionIn.model_json_schema()}},
    },
}
