"""Promise 41: single sign-on against a real provider (oidc-provider-mock), and against one that lies."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
import pytest_asyncio
from conftest import role_settings, running
from earshot import apps
from earshot.people.oidc import BACK
from house import House
from joserfc import jwt
from joserfc.jwk import RSAKey
from sign_in import Person, people

pytestmark = pytest.mark.slow
START, LINK = "/api/session/single-sign-on", "/api/session/single-sign-on/link"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider of single sign-on on this computer."""
    with oidc_provider_mock.run_server_in_thread(port=0) as server:
        yield f"http://localhost:{server.server_port}"


Console = Callable[[], httpx.AsyncClient]


@pytest_asyncio.fixture
async def console(house: House, provider: str) -> AsyncIterator[Console]:
    """Makes browsers at a console that knows the provider."""
    secret = house.settings.home / "provider-secret"
    secret.write_text("known to both\n")
    known = {"oidc_issuer": provider, "oidc_name": "NHS login", "oidc_client_secret_file": secret}
    settings = role_settings(house, "console").model_copy(update=known)
    async with running(apps.console(settings), settings.console_address) as client:
        yield client


@pytest_asyncio.fixture
async def staff(house: House, console: Console) -> AsyncIterator[dict[str, Person]]:
    async with people(house, console, mo="manager", gwen="guardian", ada="administrator") as made:
        yield made


async def at_provider(address: str, subject: str, email: str = "mo@invented.example") -> str:
    """Sign in at the provider; returns the path and query of the console that it sends the browser back to."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    async with httpx.AsyncClient() as browser:
        known = {"claims": {"email": email}, "userinfo": {}}
        await browser.put(f"{base}/users/{subject}", json=known)
        sent = await browser.post(address, data={"sub": subject})
    back = urlsplit(sent.headers["location"])
    return f"{back.path}?{back.query}"


async def begin(client: httpx.AsyncClient, path: str = START, **about: str) -> str:
    answer = await client.post(path, json=about or {"next": "/comments"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["address"])


async def link(person: Person, subject: str) -> httpx.Response:
    await person.sign_in()
    if await person.need() == "enrolment":
        await person.set_up_codes()
    return await person.client.get(await at_provider(await begin(person.client, LINK), subject))


async def test_promise_41_the_browser_is_sent_with_state_nonce_and_pkce(console: Console, provider: str) -> None:
    asked = parse_qs(urlsplit(await begin(console())).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) > 40
    assert len(asked["nonce"][0]) > 40
    assert asked["redirect_uri"][0].endswith(BACK)
    assert (await console().get("/api/session/ways")).json()["single_sign_on"] == "NHS login"


async def test_promise_41_whoever_was_linked_gets_in_and_the_answer_serves_once(
    console: Console, staff: dict[str, Person]
) -> None:
    mo = staff["mo"]
    assert (await link(mo, "subject-7")).headers["location"] == "/account"
    await mo.client.delete("/api/session")
    browser = console()
    back = await at_provider(await begin(browser), "subject-7")
    arrived = await browser.get(back)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/comments")
    assert (await browser.get("/api/session")).json()["email"] == mo.email
    await browser.delete("/api/session")
    replayed = await browser.get(back)
    assert replayed.headers["location"] == "/sign-in?wrong=refused"
    assert (await browser.get("/api/session")).status_code == 401


async def test_promise_41_an_answer_counts_only_in_the_browser_that_asked(
    console: Console, staff: dict[str, Person]
) -> None:
    await link(staff["mo"], "subject-8")
    browser, stranger = console(), console()
    back = await at_provider(await begin(browser), "subject-8")
    await begin(stranger)
    assert (await stranger.get(back)).headers["location"] == "/sign-in?wrong=refused"
    assert (await stranger.get("/api/session")).status_code == 401


async def test_promise_41_an_e_mail_address_lets_nobody_in(console: Console, staff: dict[str, Person]) -> None:
    browser = console()
    arrived = await browser.get(await at_provider(await begin(browser), "somebody", staff["mo"].email))
    assert arrived.headers["location"] == "/sign-in?wrong=unknown"
    assert (await browser.get("/api/session")).status_code == 401


async def test_promise_41_one_sign_in_belongs_to_one_account(staff: dict[str, Person]) -> None:
    await link(staff["mo"], "subject-9")
    assert (await link(staff["gwen"], "subject-9")).headers["location"] == "/sign-in?wrong=taken"


async def test_promise_41_an_invitation_can_be_accepted_with_single_sign_on(
    console: Console, staff: dict[str, Person], house: House
) -> None:
    ada, browser = staff["ada"], console()
    await ada.sign_in()
    await ada.set_up_codes()
    async with house.owner() as db:
        place = str(await db.fetchval("SELECT id FROM org WHERE code = 'TRUST'"))
    new = {"email": "new@invented.example", "name": "Nia", "role": "analyst", "org_id": place}
    token = (await ada.client.post("/api/people", json=new)).json()["link"].split("#")[1]
    back = await at_provider(await begin(browser, next="/", invitation=token), "nia")
    assert (await browser.get(back)).headers["location"] == "/"
    assert (await browser.get("/api/session")).json()["email"] == "new@invented.example"
    late = await console().post(START, json={"invitation": token})
    assert late.json()["title"] == "InvitationOver"


@pytest.mark.parametrize(
    "address", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_single_sign_on_leads_to_no_other_site(console: Console, staff: dict[str, Person], address: str) -> None:
    await link(staff["mo"], "subject-10")
    browser = console()
    arrived = await browser.get(await at_provider(await begin(browser, next=address), "subject-10"))
    assert arrived.headers["location"] == "/"


async def test_without_a_provider_there_is_no_single_sign_on(console_client: httpx.AsyncClient) -> None:
    assert (await console_client.post(START, json={})).status_code == 404
    assert (await console_client.get(f"{BACK}?code=x&state=y")).headers["location"] == "/sign-in?wrong=refused"
    assert (await console_client.get("/api/session/ways")).json() == {"single_sign_on": None, "demonstration": False}


class Liar:
    """A provider whose id token is what a test says; `claims` and `key` go into the next one."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "right"})
        self.signing, self.algorithm, self.claims = self.key, "RS256", dict[str, Any]()
        self.issuer, self.issuer_says = "", ""

    def doors(self) -> dict[str, Any]:
        """Its description of itself."""
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return {"issuer": self.issuer_says or self.issuer, **{name: f"{self.issuer}/{name}" for name in names}}

    def token(self) -> dict[str, Any]:
        """What it gives for any code."""
        header = {"alg": self.algorithm, "kid": "right"}
        if self.algorithm == "none":
            parts = (json.dumps(part).encode() for part in (header, self.claims))
            signed = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        else:
            signed = jwt.encode(header, self.claims, self.signing)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@contextmanager
def lying() -> Iterator[Liar]:
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = json.dumps(
                liar.token()
                if self.path.startswith("/token")
                else {"keys": [liar.key.as_dict(private=False)]}
                if self.path.startswith("/jwks")
                else liar.doors()
            ).encode()
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - the library's names

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar.issuer = f"http://localhost:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield liar
    server.shutdown()
    server.server_close()


@asynccontextmanager
async def lied_to(house: House, liar: Liar, role: str) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, str]]]:
    """A browser that was sent to the liar, whose "mo" is somebody with a role, and what it is to bring back."""
    settings = role_settings(house, "console").model_copy(update={"oidc_issuer": liar.issuer})
    async with (
        running(apps.console(settings), settings.console_address) as client,
        people(house, client, mo=role) as made,
    ):
        async with house.owner() as db:
            linked = "INSERT INTO single_sign_on (issuer, subject, account_id) VALUES ($1, 'mo', $2)"
            await db.execute(linked, liar.issuer, made["mo"].account_id)
        browser = client()
        asked = parse_qs(urlsplit(await begin(browser)).query)
        now = int(time.time())
        liar.claims = {"iss": liar.issuer, "aud": "earshot", "sub": "mo", "iat": now, "exp": now + 300}
        liar.claims["nonce"] = asked["nonce"][0]
        yield browser, {"code": "any", "state": asked["state"][0]}


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        ("none", True),
        *((fault, False) for fault in ("issuer", "audience", "nonce", "expired", "key", "unsigned", "party", "answer")),
    ],
)
async def test_promise_41_an_id_token_must_fit_in_every_part(house: House, fault: str, arrives: bool) -> None:
    with lying() as liar:
        async with lied_to(house, liar, "manager") as (browser, query):
            spoil(liar, fault)
            if fault == "answer":
                query["iss"] = "https://another.example"
            arrived = await browser.get(BACK, params=query)
            assert arrived.headers["location"] == ("/comments" if arrives else "/sign-in?wrong=refused")
            assert (await browser.get("/api/session")).status_code == (200 if arrives else 401)


@pytest.mark.parametrize(
    ("claims", "need"),
    [
        ({}, "enrolment"),
        ({"amr": ["pwd"]}, "enrolment"),
        ({"amr": "mfa"}, "enrolment"),
        ({"amr": ["pwd", "mfa"]}, "nothing"),
        ({"acr": "AAL3"}, "nothing"),
    ],
)
async def test_promise_41_the_provider_s_word_on_two_factors_is_heeded(
    house: House, claims: dict[str, Any], need: str
) -> None:
    with lying() as liar:
        async with lied_to(house, liar, "guardian") as (browser, query):
            liar.claims |= claims
            await browser.get(BACK, params=query)
            assert (await browser.get("/api/session")).json()["need"] == need


def spoil(liar: Liar, fault: str) -> None:
    """Make one part of the answer wrong."""
    wrong: dict[str, dict[str, Any]] = {
        "issuer": {"iss": "https://another.example"},
        "audience": {"aud": "another-client"},
        "nonce": {"nonce": "of another sign-in"},
        "expired": {"exp": int(time.time()) - 3600},
        "party": {"aud": ["earshot", "another"], "azp": "another"},
    }
    liar.claims |= wrong.get(fault, {})
    if fault == "key":
        liar.signing = RSAKey.generate_key(2048, {"kid": "right"})
    if fault == "unsigned":
        liar.algorithm = "none"


async def test_promise_41_a_provider_that_calls_itself_otherwise_is_not_believed(house: House) -> None:
    with lying() as liar:
        liar.issuer_says = "https://another.example"
        settings = role_settings(house, "console").model_copy(update={"oidc_issuer": liar.issuer})
        async with running(apps.console(settings), settings.console_address) as client:
            assert (await client().post(START, json={})).json()["title"] == "SignOnRefused"
        away = settings.model_copy(update={"oidc_issuer": "http://localhost:9"})
        async with running(apps.console(away), settings.console_address) as client:
            assert (await client().post(START, json={})).json()["title"] == "SignOnAway"
