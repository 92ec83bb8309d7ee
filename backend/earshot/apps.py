"""The two doors: which rooms each serves, under which database role, behind which limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from earshot.admin import audit_routes, retention_routes
from earshot.admin import routes as admin
from earshot.alerts import feeds_routes as alert_feeds
from earshot.alerts import routes as alerts
from earshot.alerts import watching_routes
from earshot.analysis import (
    agreement_routes,
    discovery_routes,
    drift_routes,
    learning_routes,
    review_routes,
    safety_routes,
)
from earshot.analysis import routes as analysis
from earshot.cases import break_glass_routes, hand_off_routes, keys_routes, returns_routes
from earshot.cases import routes as cases
from earshot.cases.door_routes import speak_up_router
from earshot.core.config import Settings, settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.core.errors import EarshotError, NotFound
from earshot.core.visitors import Visitors
from earshot.core.web import Boundary, problem_documented, speak_plainly
from earshot.dashboards import routes as dashboards
from earshot.digests import post_routes
from earshot.digests import routes as digests
from earshot.improvement import library_routes
from earshot.improvement import routes as improvement
from earshot.intake import imports_routes, links_routes
from earshot.intake.acceptance import Acceptance
from earshot.intake.routes import public_router
from earshot.measures import routes as measures
from earshot.orgs import routes as orgs
from earshot.people import (
    account_routes,
    invitation_routes,
    people_routes,
    sign_on_routes,
    step_routes,
)
from earshot.people import routes as people
from earshot.publishing import key_routes, report_routes
from earshot.publishing import routes as publications
from earshot.publishing.feed_routes import feed_app
from earshot.publishing.fhir_in_routes import fhir_in_app
from earshot.publishing.fhir_out_routes import fhir_out_app
from earshot.publishing.public_routes import heard_router
from earshot.signals import routes as signals
from earshot.signals import watch_routes
from earshot.taxonomy import routes as taxonomy

_DESCRIPTION = "Earshot listens: what patients, carers and staff say is heard in time."
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_ROTATION_LIMIT = 4 * 1024 * 1024  # bytes: a new lock for each of thousands of cases


class NoRoleAddress(EarshotError):
    """This process was started without EARSHOT_ROLE_DSN. Start Earshot with `earshot run`."""


def public(given: Settings | None = None) -> Boundary:
    """The public door: forms, answers and the submissions API, as role `earshot_public`."""
    config = given or settings()
    database = _database(config, max_size=8)
    acceptance, visitors = Acceptance(database, KeyFiles(config.keys)), Visitors(config.keys, config.proxies)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        forgetting = asyncio.create_task(visitors.forget_each_day(database))
        yield
        forgetting.cancel()
        await asyncio.wait([forgetting])
        await acceptance.close()
        await database.close()

    app = _app("Earshot: say something", lifespan, openapi_url="/api/v1/openapi.json")
    _keep(app, config, database)
    _serve_health(app)
    _serve_files(app, "/public", "public")
    app.include_router(speak_up_router(database, KeyFiles(config.keys), visitors))
    app.include_router(heard_router(database))
    app.include_router(public_router(database, acceptance))
    app.mount("/api/v1/fhir", fhir_in_app(database, acceptance))  # other programmes, with a key
    return Boundary(
        app,
        limit=config.body_limit_bytes,
        deadline=config.body_deadline_seconds,
        # Nobody is signed in at this door, so another site can borrow nothing. Over plain HTTP our own form arrives
        # without Sec-Fetch-Site and, because of no-referrer, with the Origin "null": a check would turn people away.
        free_of_origin=("/",),
    )


def console(given: Settings | None = None) -> Boundary:
    """The console: everything that needs a sign-in, as role `earshot_console`."""
    config = given or settings()
    database = _database(config, max_size=10, custom_plans=True)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        yield
        await database.close()

    app = _app("Earshot console", lifespan, openapi_url="/api/openapi.json")
    _keep(app, config, database)
    _serve_health(app)
    for room in (people, orgs, taxonomy, measures, dashboards, analysis, imports_routes, links_routes):
        app.include_router(people.declared(room.router))
    for room in (admin, audit_routes, retention_routes):
        app.include_router(people.declared(room.router))
    for room in (step_routes, invitation_routes, sign_on_routes, account_routes, people_routes):
        app.include_router(people.declared(room.router))
    app.include_router(people.declared(people_routes.looks_router))
    for room in (review_routes, learning_routes, agreement_routes, drift_routes, safety_routes, discovery_routes):
        app.include_router(people.declared(room.router))
    for room in (watch_routes, signals):  # the names before the ids
        app.include_router(people.declared(room.router))
    for room in (alerts, watching_routes, alert_feeds, digests, post_routes):
        app.include_router(people.declared(room.router))
    app.include_router(post_routes.pages)
    for room in (cases, hand_off_routes, keys_routes, break_glass_routes, returns_routes):
        app.include_router(people.declared(room.router))
    for room in (improvement, library_routes):
        app.include_router(people.declared(room.router))
    app.include_router(people.declared(improvement.register_router))
    for room in (report_routes, key_routes, publications):
        app.include_router(people.declared(room.router))
    app.mount("/api/v1/fhir", fhir_out_app(database, config.console_address))
    app.mount("/api/v1", feed_app(database))  # other programmes: a key in place of a sign-in
    _serve_files(app, "/assets", "assets")
    _serve_files(app, "/public", "public")  # posters wear the form's styles
    _serve_console_page(app)
    return Boundary(
        app,
        limit=config.body_limit_bytes,
        deadline=config.body_deadline_seconds,
        larger=(("/api/imports", config.import_limit_bytes), ("/api/keys/rotate", _ROTATION_LIMIT)),
        free_of_origin=("/unsubscribe/",),  # one click in a mail programme (RFC 8058): the address itself is the proof
    )


def _app(title: str, lifespan: Lifespan, *, openapi_url: str) -> FastAPI:
    # The interactive documentation pages load scripts from elsewhere: the OpenAPI document itself is enough.
    app = FastAPI(
        title=title,
        description=_DESCRIPTION,
        lifespan=lifespan,
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        responses={"default": problem_documented("Something is in the way; `detail` says what to do.")},
    )
    speak_plainly(app)
    return app


def _database(config: Settings, *, max_size: int, custom_plans: bool = False) -> Database:
    if config.role_dsn is None:
        raise NoRoleAddress
    return Database(config.role_dsn, max_size=max_size, custom_plans=custom_plans)


def _keep(app: FastAPI, config: Settings, database: Database) -> None:
    app.state.settings, app.state.database = config, database


def _serve_health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return PlainTextResponse("ok")

    @app.get("/robots.txt", include_in_schema=False)
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")


def built_pages() -> Path:
    """Where the built front end lies: inside an installed package, or in the checkout's `frontend/dist`."""
    packaged = Path(str(files("earshot"))) / "web"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "frontend" / "dist"


class _BuiltFiles(StaticFiles):
    """Built files, which may be kept: hashed names for ever, stable names for an hour."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        hashed = str(self.directory).endswith("assets")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "public, max-age=3600"
        return response


def _serve_files(app: FastAPI, path: str, folder: str) -> None:
    app.mount(path, _BuiltFiles(directory=built_pages() / folder, check_dir=False), name=folder)


def _serve_console_page(app: FastAPI) -> None:
    page = built_pages() / "console.html"

    @app.get("/{path:path}", include_in_schema=False)
    async def console_page(request: Request, path: str) -> Response:
        """The console's one page, whatever its address, since the browser's own router reads that."""
        if path.startswith("api/") or not page.is_file():
            raise NotFound
        return FileResponse(page, headers={"cache-control": "no-cache"})
