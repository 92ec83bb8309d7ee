"""FHIR at both doors: which version a programme speaks, and every problem as an OperationOutcome."""

from __future__ import annotations

import json
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from earshot.core.db import Database
from earshot.core.errors import EarshotError, Invalid, NotFound
from earshot.core.web import plain_fields

Version = Literal["R4", "R5"]
NUMBERS: dict[Version, str] = {"R4": "4.0", "R5": "5.0"}
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"

#: The kinds of issue (http://hl7.org/fhir/issue-type) that our errors are.
_CODES = {400: "structure", 401: "login", 403: "forbidden", 404: "not-found", 409: "duplicate", 413: "too-long",
          415: "not-supported", 422: "invalid", 429: "throttled", 503: "transient"}  # fmt: skip


def version_of(header: str) -> Version:
    """The version that a Content-Type or Accept header names (`fhirVersion=5.0`); R4 where it names none."""
    return "R5" if "fhirversion=5" in header.replace(" ", "").lower() else "R4"


def media(version: Version) -> str:
    """The media type of a resource."""
    return f"application/fhir+json; fhirVersion={NUMBERS[version]}"


def outcome(severity: Literal["error", "information"], issues: list[tuple[str, str, str | None]]) -> dict[str, Any]:
    """An OperationOutcome: for each issue its kind, a plain sentence, and the element that it is about."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": severity, "code": code, "details": {"text": words}}
            | ({"expression": [element]} if element else {})
            for code, words, element in issues
        ],
    }


def refused(error: EarshotError) -> Response:
    """An error as an OperationOutcome under its own status."""
    code = _CODES.get(error.status, "exception")
    issues: list[tuple[str, str, str | None]] = [(code, field.message, field.field) for field in error.fields]
    body = json.dumps(outcome("error", issues or [(code, error.message, None)])).encode()
    return Response(body, error.status, headers=dict(error.headers), media_type=media("R4"))


def fhir_app(title: str, served: Database) -> FastAPI:
    """An app whose every problem is an OperationOutcome, to be mounted at `/api/v1/fhir`."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None)
    app.state.database = served

    @app.exception_handler(EarshotError)
    async def _named(_request: Request, error: EarshotError) -> Response:
        return refused(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> Response:
        return refused(Invalid(fields=plain_fields(error.errors())))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        named = NotFound() if error.status_code == 404 else EarshotError(str(error.detail))
        named.status = error.status_code
        return refused(named)

    return app
