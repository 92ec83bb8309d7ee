"""Promise 34: every route, for every role, about one's own and somebody else's. Made from the OpenAPI document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from conftest import role_settings, running
from earshot import apps
from earshot.cases.returns_pack import packs
from earshot.core.config import Settings
from earshot.people.matrix import ACTIONS, MATRIX, Role
from earshot.people.routes import COOKIE
from fastapi import FastAPI
from house import Cluster, House, short_folder
from matrix_routes import Document, Operation
from matrix_world import Person, World, copied, furnish


def document() -> Document:
    """The console's OpenAPI document as this code answers it."""
    app = apps.console(Settings(home=Path("."), role_dsn="postgresql://nobody@localhost/nowhere")).app
    assert isinstance(app, FastAPI)
    return Document(app.openapi())


DOCUMENT = document()
OPERATIONS = DOCUMENT.operations
GUARDED = [one for one in OPERATIONS if one.action not in (None, "open")]
NAMING = [one for one in GUARDED if one.names]
#: What belongs to nobody in particular: background work and models are the whole installation's.
EVERYBODYS = {"job_id", "bundle_id"}
#: Names that are not ids.
UNKNOWN = {"reference": "ZZZZ-ZZZZ"}
#: Where the answer to what is foreign or unknown is another one than 404, and the same for both.
ELSE: dict[tuple[str, str], set[int]] = {
    # filters that find nothing
    ("GET /api/comments", "cluster"): {200},
    ("GET /api/comments/export.{kind}", "cluster"): {200},
    ("GET /api/signals/on-chart", "org"): {200},
    ("POST /api/cases/thank", "ids"): {200},
    ("GET /api/actions", "signal"): {200},
    # somebody or something that cannot be chosen, named beside what is one's own
    ("PATCH /api/cases/{case_id}", "same_as"): {422},
    ("POST /api/actions", "owner_id"): {422},
    ("POST /api/publications", "comment_id"): {422},
    ("PUT /api/publications/{publication_id}", "comment_id"): {422},
    ("PUT /api/actions/{improvement_id}", "owner_id"): {422},
    ("POST /api/cases/{case_id}/owner", "account_id"): {409},
    ("POST /api/cases/{case_id}/owner", "deputy_id"): {409},
    ("POST /api/cases/{case_id}/notes", "pair_id"): {409},
    ("POST /api/cases/{case_id}/locks", "pair_id"): {409},
    ("POST /api/break-glass/{glass_id}/locks", "pair_id"): {409},
    ("POST /api/keys/rotate", "case_id"): {409},
    ("PUT /api/keys/escrow/{org_id}", "first_account_id"): {422},
    ("PUT /api/escalation/{org_id}", "deputy_id"): {422},
    ("PUT /api/keys/escrow/{org_id}", "second_account_id"): {422},
}
#: Where even what is one's own is answered with 404: there is nothing to be had in this house.
NOT_HERE = {"POST /api/session/single-sign-on/link": "no other sign-in is set up"}
#: Sign-in and feeds, whose token stands for their owner: the only routes that anybody may ask.
OPEN = {
    "POST /api/session",
    "DELETE /api/session",
    "GET /api/session/ways",
    "POST /api/session/passkey",
    "POST /api/session/passkey/options",
    "POST /api/session/invitation",
    "POST /api/session/invitation/look",
    "POST /api/session/single-sign-on",
    "GET /api/session/single-sign-on/back",
    "GET /feeds/{token}/atom.xml",
    "GET /feeds/{token}/calendar.ics",
}


def names(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=[one.id for one in operations])


@dataclass
class Matrix:
    """The console of a house with the two providers, and clients for everybody."""

    house: House
    world: World
    client: Callable[[], httpx.AsyncClient]

    async def ask(self, role: Role, operation: Operation, named: dict[str, Any]) -> httpx.Response:
        """What somebody of ours gets."""
        client = self.client()
        client.cookies.set(COOKIE, self.world.ours[role].session)
        pack = next((one.id for one in packs().values() if one.action in ACTIONS[role] and not one.last), "ko41a")
        sent = DOCUMENT.request(operation, named, pack=pack)
        return await client.request(
            sent.method, sent.url, params=sent.params, headers=sent.headers, json=sent.json, files=sent.files
        )

    async def named(self, operation: Operation, person: Person) -> dict[str, Any]:
        """What a request says of somebody's own things."""
        async with self.house.owner() as db:
            return {name: await person.own(db, name, operation.path) for name in sorted(operation.names)}


@asynccontextmanager
async def opened(house: House, world: World) -> AsyncIterator[Matrix]:
    async with running(apps.console(role_settings(house, "console")), "http://console.test") as client:
        yield Matrix(house, world, client)


@pytest_asyncio.fixture(scope="module")
async def furnished(cluster: Cluster) -> AsyncIterator[tuple[House, World]]:
    """A house that nobody is connected to, so that it can be copied."""
    with short_folder() as home:
        house = await cluster.new_house(home)
        async with house.owner() as db:
            world = await furnish(db, house.settings)
        yield house, world
        await cluster.demolish(house)


@pytest_asyncio.fixture(scope="module")
async def matrix(cluster: Cluster, furnished: tuple[House, World]) -> AsyncIterator[Matrix]:
    """For requests that change nothing."""
    house, world = furnished
    async with copied(cluster, house) as copy, opened(copy, world) as matrix:
        yield matrix


@pytest_asyncio.fixture
async def once(cluster: Cluster, furnished: tuple[House, World]) -> AsyncIterator[Matrix]:
    """For requests that change something: of this test alone."""
    house, world = furnished
    async with copied(cluster, house) as copy, opened(copy, world) as matrix:
        yield matrix


def test_every_route_names_an_action_of_the_matrix_or_is_part_of_signing_in() -> None:
    known = {action.name for action in MATRIX}
    assert [one.id for one in OPERATIONS if one.action != "open" and one.action not in known] == []
    assert {one.id for one in OPERATIONS if one.action == "open"} == OPEN
    assert len(GUARDED) > 100


@pytest.mark.slow
@names(GUARDED)
async def test_promise_34_nobody_gets_in_without_signing_in(matrix: Matrix, operation: Operation) -> None:
    sent = DOCUMENT.request(operation, {}, pack="ko41a")
    answer = await matrix.client().request(sent.method, sent.url, params=sent.params, headers=sent.headers)
    assert answer.status_code == 401


@pytest.mark.slow
@names([one for one in GUARDED if any(one.action not in ACTIONS[role] for role in Role)])
async def test_promise_34_a_role_without_the_action_is_refused(matrix: Matrix, operation: Operation) -> None:
    for role in (role for role in Role if operation.action not in ACTIONS[role]):
        for side in (matrix.world.ours, matrix.world.theirs):
            answer = await matrix.ask(role, operation, await matrix.named(operation, side[role]))
            assert answer.status_code == 403 and answer.json()["title"] == "NotAllowed", (role, answer.text)


@pytest.mark.slow
@names(NAMING)
async def test_promise_34_what_is_foreign_is_answered_like_what_does_not_exist(
    matrix: Matrix, operation: Operation
) -> None:
    for role in (role for role in Role if operation.action in ACTIONS[role]):
        own, foreign = [await matrix.named(operation, side[role]) for side in (matrix.world.ours, matrix.world.theirs)]
        for name in own.keys() - EVERYBODYS:
            theirs = await matrix.ask(role, operation, {**own, name: foreign[name]})
            nobodys = await matrix.ask(role, operation, {**own, name: UNKNOWN.get(name, str(uuid4()))})
            assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content), (role, name)
            assert theirs.status_code in ELSE.get((operation.id, name), {404}), (role, name, theirs.text)


async def answered(matrix: Matrix, operation: Operation) -> None:
    """Hold every role that may ask to an answer that is neither a refusal nor a failure."""
    for role in (role for role in Role if operation.action in ACTIONS[role]):
        answer = await matrix.ask(role, operation, await matrix.named(operation, matrix.world.ours[role]))
        assert answer.status_code not in (401, 403, 404) and answer.status_code < 500, (role, answer.text)


@pytest.mark.slow
@names([one for one in GUARDED if one.method == "GET"])
async def test_promise_34_a_role_with_the_action_reads_its_own(matrix: Matrix, operation: Operation) -> None:
    await answered(matrix, operation)


@pytest.mark.slow
@names([one for one in GUARDED if one.method != "GET" and one.id not in NOT_HERE])
async def test_promise_34_a_role_with_the_action_changes_its_own(once: Matrix, operation: Operation) -> None:
    await answered(once, operation)
