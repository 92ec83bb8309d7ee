"""Promises 15, 16 and 25: what a busy, failing house leaves behind in its database, its logs and on its disk.

One house is lived in once: every route is called with marks on everything that a sender gives away, things are made
to fail, and the worker reads all of it. The tests then look for the marks.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import make
import pytest
from earshot.cases import sealing
from earshot.core.db import Connection
from earshot.people.passwords import hash_password
from speaking import Browser, b64, handler
from stack import Stack, new_stack

pytestmark = pytest.mark.slow

ADDRESS = "127.0.0.77"  # where the respondent's request comes from
SENDER = {
    "address": ADDRESS,
    "forwarded": "203.0.113.77",
    "agent": "MarkedBrowser/7.77",
    "referrer": "marked-referrer.example",
}
HEADERS = {
    "User-Agent": SENDER["agent"],
    "Referer": f"https://{SENDER['referrer']}/ward?nurse=77",
    "X-Forwarded-For": SENDER["forwarded"],
    "X-Real-IP": SENDER["forwarded"],
    "Forwarded": f"for={SENDER['forwarded']}",
}
#: What identifies people in the text: it may be nowhere in clear but in the sender's own request.
CONTACTS = {
    "name": "Quillfeather",
    "e-mail": "zebedee.mark@marked-mail.example",
    "phone": "07700 900177",
    "number": "943 476 5919",
    "postcode": "ZE77 7QQ",
}
#: Free text and what people type elsewhere: it may be in no log.
TYPED = {
    "words": "marmaladewhisker",
    "search": "searchwhisker",
    "password": "correct horse marked staple",
    "account": "marked.person@earshot-staff.example",
    "key": "idempotency-whisker-77",
    "field": "fieldwhisker",
    "address": "pathwhisker",
    "cell": "cellwhisker",
    "label": "labelwhisker",
}
TEXT = (
    f"The {TYPED['words']} was kind. My consultant was Dr {CONTACTS['name']}. Ring me on {CONTACTS['phone']} or write"
    f" to {CONTACTS['e-mail']}. My NHS number is {CONTACTS['number']} and I live at {CONTACTS['postcode']}."
)


@dataclass
class LivedIn:
    """The house, and copies of what a thief could take of it at two moments."""

    stack: Stack
    token: str = ""
    org: UUID = field(default_factory=uuid4)
    statuses: set[int] = field(default_factory=set)
    unread: dict[str, bytes] = field(default_factory=dict)  # before the worker read anything
    taken: dict[str, bytes] = field(default_factory=dict)  # at the end
    receipts: dict[str, str] = field(default_factory=dict)  # of those who spoke up, and what finds their cases

    @property
    def logs(self) -> dict[str, bytes]:
        """Every log."""
        return {name: content for name, content in self.taken.items() if name.startswith("log/")}

    def take(self) -> dict[str, bytes]:
        """A dump of the database and every file of the home, the keys left out."""
        home = self.stack.settings.home
        files = {
            str(path.relative_to(home)): path.read_bytes()
            for path in home.rglob("*")
            if path.is_file() and path.relative_to(home).parts[0] != "keys"
        }
        return {**files, "dump": self.stack.house.dump()}


@pytest.fixture(scope="module")
def lived_in() -> Iterator[LivedIn]:
    with new_stack() as stack:
        house = LivedIn(stack)
        asyncio.run(furnish(house))
        stack.start("public")
        stack.start("console")
        asyncio.run(speak(house))
        house.unread = house.take()
        stack.start("worker")
        asyncio.run(live(house))
        house.taken = house.take()
        yield house


async def furnish(house: LivedIn) -> None:
    async with house.stack.owner() as db:
        house.org = await make.org(db, code="OURS")
        ward = await make.org(db, code="OURS1", level="team", parent=house.org)
        house.token = await make.link(db, org_id=ward)
        await handler(db, org_id=house.org)
        password = hash_password(TYPED["password"])
        roles = {"quality_lead": house.org}
        await make.account(db, email=TYPED["account"], password_hash=password, roles=roles)
        # The most talkative Postgres: every statement, also those that fail. Its parameters stay off, as we set them.
        for setting in ("log_statement = 'all'", "log_min_error_statement = 'error'", "log_min_messages = 'info'"):
            await db.execute(f"ALTER DATABASE earshot SET {setting}")


def somebody(address: str) -> httpx.AsyncClient:
    """A respondent, or a member of staff, with everything that a browser gives away."""
    transport = httpx.AsyncHTTPTransport(local_address=ADDRESS)
    return httpx.AsyncClient(base_url=address.replace("localhost", "127.0.0.1"), headers=HEADERS, transport=transport)


async def speak(house: LivedIn) -> None:
    """Every route of the public door, well and badly used."""
    url, words, query = "/api/v1/submissions", TEXT, f"?{TYPED['search']}={quote(TEXT)}"
    said = {"link": house.token, "audience": "patient", "fft": 2, "answers": {"why": words}}
    form = {"audience": "patient", "fft": "2", "why": words, "better": words}
    async with somebody(house.stack.public) as client:
        key, json = {"Idempotency-Key": TYPED["key"]}, {"Content-Type": "application/json"}
        answers = [
            await client.post(url, json=said, headers=key),
            await client.post(url, json=said, headers=key),
            await client.post(url, json={**said, "fft": 5}, headers=key),
            await client.post(url, json={**said, TYPED["field"]: words}),
            await client.post(url, json={**said, "fft": words, "audience": words, "about": {TYPED["field"]: words}}),
            await client.post(url, json={**said, "answers": {TYPED["field"]: words * 1_000}}),
            await client.post(url, content=words.encode()),
            await client.post(url, content=b'{"answers":' + words.encode(), headers=json),
            await client.post(url + query, json={**said, "link": words[:40]}),
            await client.get("/" + query),
            await client.post("/" + query, data={"place": words}),
            await client.get(f"/f/{house.token}{query}"),
            await client.post(f"/f/{house.token}{query}", data=form),
            await client.post(f"/f/{house.token}", data={**form, "fft": words, TYPED["field"]: words}),
            await client.post(f"/f/{TYPED['address']}", data=form),
            await client.get(f"/thanks/patient{query}"),
            await client.get(f"/no/{TYPED['address']}{query}"),
            await client.get("/healthz" + query),
        ]
    house.statuses |= {answer.status_code for answer in answers}


async def speak_up(house: LivedIn) -> None:
    """Speaking up with and without JavaScript, and coming back with the receipt, well and badly used."""
    path, query = f"/s/{house.token}", f"?{TYPED['search']}={quote(TEXT)}"
    form = {"audience": "staff", "way": "confidential", "once": TYPED["key"], "text": TEXT, "not_to": TYPED["words"]}
    form |= {"name": CONTACTS["name"], "reach": CONTACTS["phone"], "earlier": TYPED["field"]}
    async with somebody(house.stack.public) as client:
        answers = [
            await client.get(path + query),
            await client.post(path + query, data={**form, "way": TEXT, TYPED["field"]: TEXT}),
            await client.post(f"/s/{TYPED['address']}", data=form),
            await client.post("/s" + query, data={"place": TYPED["search"]}),
            await client.post("/api/v1/cases", json={"report": TEXT, TYPED["field"]: TEXT}),
            await client.get(f"/api/v1/speak-up/{TYPED['address']}{query}"),
            await client.post("/receipt" + query, data={"receipt": TYPED["words"]}),
            await client.post("/api/v1/receipts", json={"lookup": TEXT}),
        ]
        filed = await client.post(path, data=form)
        nurse, answers = Browser(client, house.token), [*answers, filed]
        shown = re.search("[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}", filed.text)
        if shown is not None:
            receipt = sealing.normalise(shown[0])
            house.receipts[f"receipt {len(house.receipts)}"] = shown[0]
            house.receipts |= marks_of(len(house.receipts), receipt)
            typed = {"receipt": shown[0], "text": TEXT, "once": TYPED["key"], "question": TEXT, "answer": TEXT}
            for act in ("", "/message", "/answer", "/proof"):
                answers.append(await client.post(f"/receipt{act}{query}", data=typed))
            answers.append(await nurse.file(text=TEXT, way="open", name=CONTACTS["name"], reach=CONTACTS["e-mail"]))
            answers.append(await nurse.write(TEXT))
            assert (await nurse.look())["place"]
            house.receipts |= marks_of(len(house.receipts), nurse.receipt)
    house.statuses |= {answer.status_code for answer in answers}


def marks_of(number: int, receipt: str) -> dict[str, str]:
    """A receipt, and what is derived from it, as any of them might be written down."""
    raw = {"lookup": sealing.lookup(receipt), "key": sealing.receipt_key(receipt)}
    written = {name: (each.hex(), b64(each)) for name, each in raw.items()}
    return {f"{name} {number}/{n}": one for name, both in written.items() for n, one in enumerate(both)} | {
        f"receipt {number}": receipt
    }


async def look(house: LivedIn) -> None:
    """Every kind of route of the console, well and badly used."""
    query = {"q": TYPED["search"], "theme": TYPED["search"], "language": TYPED["search"][:8], "after": TYPED["search"]}
    table = f"Comment,Date,Trust\n{TYPED['cell']} {TEXT!r},2026-03-01,OURS\n".encode()
    link = {"org_id": str(house.org), "audience": "patient", "label": TYPED["label"], "expires_on": None}
    async with somebody(house.stack.console) as client:
        wrong = {"email": TYPED["account"], "password": TYPED["password"] + "!"}
        answers = [
            await client.post("/api/session", json=wrong),
            await client.post("/api/session", json={**wrong, TYPED["field"]: TYPED["words"]}),
            await client.post("/api/session", json={**wrong, "password": TYPED["password"]}),
        ]
        document = (await client.get("/api/openapi.json")).json()
        for path, operations in document["paths"].items():
            if "get" in operations:
                address = path.replace("{job_id}", "1").replace("{theme}", TYPED["search"])
                address = address if "{" not in address else address[: address.index("{")] + str(uuid4())
                answers += [await client.get(address, params=query), await client.get(address)]
        upload = {"file": (f"{TYPED['cell']}.csv", table, "text/csv")}
        answers += [
            await client.post("/api/links", json=link),
            await client.post("/api/links", json={**link, "org_id": TYPED["field"]}),
            await client.post("/api/imports/preview", files=upload),
            await client.post("/api/imports", files=upload, data={"mapping": TYPED["words"], "dry_run": "true"}),
            await client.get(f"/api/{TYPED['address']}"),
        ]
    house.statuses |= {answer.status_code for answer in answers}


async def live(house: LivedIn) -> None:
    """Everything once in good health, then once more while the database refuses."""
    await speak_up(house)
    await look(house)
    await house.stack.settled(120)
    async with house.stack.owner() as db:
        # A constraint's message quotes the whole row: the most talkative way to fail.
        await db.execute("ALTER TABLE comment ADD CONSTRAINT never CHECK (text = '') NOT VALID")
        await speak(house)
        await until_tried_again(db)
        for change in ("analysis RENAME TO worn", "org RENAME COLUMN name TO worn"):
            await db.execute(f"ALTER TABLE {change}")
    await speak(house)
    await speak_up(house)
    await look(house)


async def until_tried_again(db: Connection) -> None:
    ends = time.monotonic() + 60
    while not await db.fetchval("SELECT count(*) FROM pgqueuer WHERE attempts >= 2"):
        assert time.monotonic() < ends, "the worker should fail and try again"
        await asyncio.sleep(0.2)


def found(marks: dict[str, str], places: dict[str, bytes]) -> list[str]:
    """Which mark is where, also as an address or a JSON string would write it."""
    wrong = []
    for place, content in places.items():
        folded = content.lower()
        for name, mark in marks.items():
            spellings = {mark, quote(mark), mark.replace(" ", "+"), mark.replace(" ", "")}
            if any(spelling.lower().encode() in folded for spelling in spellings):
                wrong.append(f"{name} in {place}")
    return wrong


def test_the_house_was_lived_in(lived_in: LivedIn) -> None:
    """Guards the other tests: marks that nobody made cannot be found."""
    assert lived_in.statuses >= {200, 201, 303, 401, 404, 409, 422, 500}
    assert {"log/public.log", "log/console.log", "log/worker.log", "log/postgres.log"} <= set(lived_in.logs)
    assert b"INSERT INTO comment" in lived_in.logs["log/postgres.log"], "Postgres must have logged statements"
    assert TYPED["words"].encode() in lived_in.taken["dump"], "the worker must have read the comment"
    assert TYPED["label"].encode() in lived_in.taken["dump"]


def test_promise_15_no_address_agent_or_referrer_is_kept_anywhere(lived_in: LivedIn) -> None:
    assert found(SENDER, lived_in.taken) == []


def test_promise_16_no_receipt_is_in_any_log_nor_anything_that_is_derived_from_it(lived_in: LivedIn) -> None:
    assert len(lived_in.receipts) >= 10
    assert found(lived_in.receipts, lived_in.logs) == []


def test_promise_21_no_receipt_is_in_the_database_or_on_the_disk(lived_in: LivedIn) -> None:
    assert found(lived_in.receipts, lived_in.taken) == []


def test_promise_16_no_free_text_and_nothing_typed_is_in_any_log(lived_in: LivedIn) -> None:
    assert found(TYPED | CONTACTS, lived_in.logs) == []


def test_promise_16_a_failed_job_quotes_nobody(lived_in: LivedIn) -> None:
    dump = lived_in.taken["dump"]
    start = dump.index(b"COPY public.pgqueuer")
    queue = b"".join(part.split(b"\n\\.\n")[0] for part in dump[start:].split(b"COPY public.pgqueuer")[1:])
    assert queue
    assert found(TYPED | CONTACTS, {"the queue's tables": queue}) == []


def test_promise_25_before_the_worker_reads_it_nothing_that_was_said_is_anywhere_in_clear(lived_in: LivedIn) -> None:
    assert found({"words": TYPED["words"], "key": TYPED["key"], **CONTACTS}, lived_in.unread) == []
    assert b"COPY vault.submission" in lived_in.unread["dump"]


def test_promise_25_a_stolen_database_and_disk_without_keys_give_no_contact_details(lived_in: LivedIn) -> None:
    """What people are shown is the de-identified comment, so its words are in the database; who said it is not."""
    assert found({**CONTACTS, "key": TYPED["key"], "password": TYPED["password"]}, lived_in.taken) == []
    assert any(name.startswith("database/pg_wal/") for name in lived_in.taken), "the write-ahead log was searched too"


def test_promise_25_the_keys_lie_outside_the_database(lived_in: LivedIn) -> None:
    keys = [path.read_bytes() for path in (lived_in.stack.settings.keys).iterdir() if path.name != "intake.public"]
    assert keys
    assert [place for place, content in lived_in.taken.items() if any(key in content for key in keys)] == []
