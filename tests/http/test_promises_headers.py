"""Promise 51: security headers on every answer, and every route of the console guarded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID, uuid4

import httpx
import make
import pytest
from earshot import apps
from earshot.core.config import Settings
from earshot.people.routes import just_proved, session_of, signed_in
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from house import House
from starlette.routing import BaseRoute, Route

pytestmark = pytest.mark.slow

EXPECTED = {
    "content-security-policy": "default-src 'none'",
    "strict-transport-security": "max-age=",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
#: The console's routes that anybody may call; each is a decision.
FOR_ANYBODY = {
    ("GET", "/healthz"),
    ("GET", "/robots.txt"),
    ("GET", "/{path:path}"),  # the page itself, which holds no data
    ("GET", "/unsubscribe/{token}"),  # with the proof from a mail
    ("POST", "/unsubscribe/{token}"),
    ("GET", "/feeds/{token}/calendar.ics"),  # with a token that only its owner's programmes know
    ("GET", "/feeds/{token}/atom.xml"),
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("GET", "/api/session/ways"),
    ("POST", "/api/session/passkey/options"),
    ("POST", "/api/session/passkey"),
    ("POST", "/api/session/single-sign-on"),
    ("GET", "/api/session/single-sign-on/back"),
    ("POST", "/api/session/invitation/look"),
    ("POST", "/api/session/invitation"),
}
#: What somebody may ask who typed their password and still lacks a second step.
FOR_ANYBODY_HALFWAY = {("GET", "/api/session"), ("POST", "/api/session/code"), ("POST", "/api/session/password")}
#: Everything that the public door serves; a new route there is a decision too.
PUBLIC_ROUTES = {
    *(("GET", path) for path in ("/", "/f/{token:path}", "/thanks/{audience}", "/healthz", "/robots.txt")),
    *(("POST", path) for path in ("/", "/f/{token:path}", "/api/v1/submissions")),
    *(("GET", f"/what-we-heard{rest}") for rest in ("", "/{code}", "/{code}/open-data.csv")),
    *((method, path) for method in ("GET", "POST") for path in ("/s", "/s/{token:path}", "/receipt")),
    *(("POST", f"/receipt/{act}") for act in ("message", "answer", "proof")),
    *(("GET", "/api/v1/speak-up/{token}"), ("POST", "/api/v1/cases")),
    *(("POST", f"/api/v1/receipts{act}") for act in ("", "/messages", "/answers")),
}


def check_headers(answer: httpx.Response) -> None:
    words = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
    for name, value in EXPECTED.items():
        assert value in answer.headers.get(name, ""), f"{words}: {name}"
    policy = answer.headers["content-security-policy"]
    for rule in (
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
    ):
        assert rule in policy, f"{words}: {rule}"
    assert "unsafe" not in policy
    assert "cache-control" in answer.headers, words
    assert "server" not in answer.headers, words
    assert "x-powered-by" not in answer.headers, words


def app_of(door: object) -> FastAPI:
    app = door.app  # type: ignore[attr-defined]
    assert isinstance(app, FastAPI)
    return app


def walk(found: Iterable[BaseRoute]) -> Iterator[Route]:
    """Every single route, also those of included routers."""
    for route in found:
        if isinstance(route, Route):
            yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from walk(router.routes)


def routes(app: FastAPI) -> list[tuple[str, str, Dependant | None]]:
    """Method, path and dependencies of every route, without the OpenAPI document."""
    return [
        (method, route.path, route.dependant if isinstance(route, APIRoute) else None)
        for route in walk(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
        if not route.path.endswith("openapi.json")
    ]


def calls(dependant: Dependant) -> set[object]:
    """Every function that a route depends on, at any depth."""
    return {dependant.call, *(call for below in dependant.dependencies for call in calls(below))}


@pytest.fixture
def given(house: House) -> Settings:
    return house.settings.model_copy(update={"role_dsn": house.dsn("console")})


def test_promise_51_every_console_route_is_guarded_but_a_short_list(given: Settings) -> None:
    unguarded, halfway = set(), set()
    for method, path, dependant in routes(app_of(apps.console(given))):
        asked = set() if dependant is None else calls(dependant)
        if session_of not in asked:
            unguarded.add((method, path))
        elif not asked & {signed_in, just_proved}:
            halfway.add((method, path))
    assert unguarded == FOR_ANYBODY
    assert halfway == FOR_ANYBODY_HALFWAY


def test_promise_51_the_public_door_serves_what_it_should_and_nothing_else(given: Settings) -> None:
    assert {(method, path) for method, path, _ in routes(app_of(apps.public(given)))} == PUBLIC_ROUTES


async def every_operation(app: FastAPI, client: httpx.AsyncClient) -> list[httpx.Response]:
    """One answer of every route, with an id that nobody has."""
    answers = []
    for method, path, _ in routes(app):
        filled = re.sub(r"\{job_id\}", "999999", re.sub(r"\{path:path\}", "comments", path))
        filled = re.sub(r"\{audience\}", "patient", filled.replace(":path", ""))
        answers.append(await client.request(method, re.sub(r"\{\w+\}", str(uuid4()), filled)))
    return answers


async def test_promise_51_a_stranger_gets_401_from_every_guarded_route(
    given: Settings, console_client: httpx.AsyncClient
) -> None:
    for answer in await every_operation(app_of(apps.console(given)), console_client):
        check_headers(answer)
        path = answer.request.url.path
        if path.startswith("/api/") and (answer.request.method, path) not in FOR_ANYBODY:
            assert answer.status_code in (401, 422), f"{answer.request.method} {path}"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_promise_51_headers_are_on_every_answer_of_the_console(
    given: Settings, house: House, signed_in: Callable[..., object]
) -> None:
    client = await quality_lead(house, signed_in)
    answers = await every_operation(app_of(apps.console(given)), client)
    answers += [await client.get("/api/no-such-thing"), await client.put("/api/orgs"), await client.get("/no/page")]
    assert {answer.status_code for answer in answers} >= {200, 204, 404, 405, 422}
    for answer in answers:
        check_headers(answer)
        if answer.request.url.path.startswith("/api/"):
            assert answer.headers["cache-control"] == "no-store"


async def quality_lead(house: House, signed_in: Callable[..., object]) -> httpx.AsyncClient:
    async with house.owner() as db:
        org_id: UUID = await make.org(db, code="OURS")
    client = await signed_in("quality_lead", org_id)  # type: ignore[misc]
    assert isinstance(client, httpx.AsyncClient)
    return client


async def test_promise_51_signing_out_clears_what_the_browser_kept(
    house: House, signed_in: Callable[..., object]
) -> None:
    client = await quality_lead(house, signed_in)
    assert (await client.get("/api/session")).status_code == 200
    answer = await client.delete("/api/session")
    check_headers(answer)
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'


async def test_promise_51_headers_are_on_every_answer_of_the_public_door(
    given: Settings, house: House, public_client: httpx.AsyncClient
) -> None:
    async with house.owner() as db:
        token = await make.link(db, org_id=await make.org(db, code="OURS"))
    answers = await every_operation(app_of(apps.public(given)), public_client)
    answers += [await public_client.get(path) for path in (f"/f/{token}", "/no/page", "/api/v1/openapi.json")]
    answers += [await public_client.post("/api/v1/submissions", content=b"x" * 300_000)]
    answers += [await public_client.delete(f"/f/{token}")]
    assert {answer.status_code for answer in answers} >= {200, 404, 405, 413}
    for answer in answers:
        check_headers(answer)
        assert "set-cookie" not in answer.headers


async def test_promise_51_headers_are_on_a_500_which_quotes_nothing(
    house: House, public_client: httpx.AsyncClient, signed_in: Callable[..., object]
) -> None:
    client = await quality_lead(house, signed_in)
    async with house.owner() as db:
        await db.execute(
            "ALTER TABLE form_link RENAME COLUMN token TO worn; ALTER TABLE org RENAME COLUMN name TO worn"
        )
    for answer in (await public_client.get("/f/abcdefgh"), await client.get("/api/orgs")):
        assert answer.status_code == 500
        check_headers(answer)
        assert "token" not in answer.text
        assert "column" not in answer.text
