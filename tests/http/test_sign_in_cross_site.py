"""Promise 42: posts from other sites are refused, whoever is signed in."""

from __future__ import annotations

from uuid import UUID

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn
from house import House
from sign_in import HASHED, PASSWORD

pytestmark = pytest.mark.slow

HOST = "console.test"
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": f"http://{HOST}"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": f"http://{HOST}.evil.example"},
    {"origin": f"http://{HOST}:8080"},
]
OWN: list[dict[str, str]] = [
    {"sec-fetch-site": "same-origin", "origin": f"http://{HOST}"},
    {"origin": f"http://{HOST}"},
    {},
]


@pytest_asyncio.fixture
async def org_id(house: House) -> UUID:
    async with house.owner() as db:
        return await make.org(db, code="TRUST")


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_promise_42_no_other_site_signs_anybody_in_or_out(
    house: House, signed_in: SignIn, org_id: UUID, headers: dict[str, str]
) -> None:
    client = await signed_in("manager", org_id)
    for method, path in (
        ("DELETE", "/api/session"),
        ("POST", "/api/session"),
        ("POST", "/api/session/code"),
        ("POST", "/api/session/passkey/options"),
        ("POST", "/api/session/single-sign-on"),
        ("PUT", "/api/account/password"),
        ("DELETE", "/api/account/sessions"),
        ("PATCH", "/api/links/x"),
    ):
        refused = await client.request(method, path, headers=headers, json={})
        assert (refused.status_code, refused.json()["title"]) == (403, "CrossSite"), (method, path)
    assert (await client.get("/api/session")).status_code == 200, "still signed in"


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_promise_42_the_console_s_own_page_is_served(
    signed_in: SignIn, org_id: UUID, headers: dict[str, str]
) -> None:
    client = await signed_in("manager", org_id)
    assert (await client.delete("/api/session", headers=headers)).status_code == 204


async def test_promise_42_the_session_travels_from_our_own_pages_only(
    house: House, console_client: httpx.AsyncClient, org_id: UUID
) -> None:
    async with house.owner() as db:
        await make.account(db, email="mo@invented.example", password_hash=HASHED, roles={"manager": org_id})
    answer = await console_client.post("/api/session", json={"email": "mo@invented.example", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "samesite=strict" in cookie
    assert "httponly" in cookie
