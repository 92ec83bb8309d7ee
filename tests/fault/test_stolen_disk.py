"""Promise 25 for speaking up: a whole case is lived through, then the disk is stolen while everything runs.

The thief has the database's files with their write-ahead log and temporary files, a dump, a base backup, every log, and
the home folder: all but the folder of keys. Nothing that anybody wrote is in there, in any spelling, and no receipt and
no key that would open it.
"""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import make
import pytest
import speaking
from earshot.cases import sealing
from earshot.cases.stages import turn_day_keys
from earshot.core.crypto import KeyFiles
from earshot.core.db import Database
from earshot.people import store as people
from earshot.people.model import How
from earshot.people.routes import COOKIE
from earshot.running.programs import wheel_programs
from page import Page
from speaking import Browser, Handler, b64
from stack import Stack, new_stack

pytestmark = pytest.mark.fault

#: One word for each thing that somebody writes; all of them made up, so that they are found nowhere else.
WROTE = {
    "report": "quillfeatherly",
    "name": "zebedeemarken",
    "reach": "zebedee@marked-mail.example",
    "not_to": "brambleshanks",
    "from_person": "thistlewickle",
    "from_handler": "pumpernickery",
    "note": "gobbledaxle",
    "hand_off": "snickerdoodler",
    "action": "whifflebatten",
    "outcome": "flibbertigale",
    "without_script": "rumblethwaite",
    "later": "crumplehorned",
}
REPORT = (
    f"On Tuesday night {WROTE['report']} was alone with forty patients on the stroke ward, and the charts were filled"
    f" in as if somebody had been there. Write to {WROTE['reach']} or ask {WROTE['name']}."
)


@dataclass
class Lived:
    """A house in which a case was lived through, and what a thief took of it."""

    stack: Stack
    token: str = ""
    guardian: Handler | None = None
    browser: Browser | None = None
    receipts: list[str] = field(default_factory=list)
    secrets: dict[str, bytes] = field(default_factory=dict)
    taken: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    with new_stack() as stack:
        house = Lived(stack)
        asyncio.run(furnish(house))
        temporary = stack.settings.home / "tmp"
        temporary.mkdir()
        for name in ("public", "console", "worker"):
            stack.start(name, extra={"TMPDIR": str(temporary)})
        asyncio.run(live(house))
        asyncio.run(steal(house))
        yield house


async def furnish(house: Lived) -> None:
    async with house.stack.owner() as db:
        trust = await make.org(db, code="OURS")
        ward = await make.org(db, code="OURS1", level="team", parent=trust)
        house.token = await make.link(db, org_id=ward, audience="staff")
        house.guardian = await speaking.handler(db, org_id=trust)
        await make.escrow(db, org_id=trust)
        # The most talkative Postgres, and too little memory to sort in, so that it writes temporary files.
        for setting in ("log_statement = 'all'", "log_min_error_statement = 'error'", "work_mem = '64kB'"):
            await db.execute(f"ALTER DATABASE earshot SET {setting}")


async def live(house: Lived) -> None:
    """Filed by a browser and without JavaScript, read by the worker, answered, noted, handed off, closed."""
    async with httpx.AsyncClient(base_url=house.stack.public, timeout=60) as public:
        house.browser = Browser(public, house.token)
        said = {"way": "confidential", "name": WROTE["name"], "reach": WROTE["reach"], "not_to": WROTE["not_to"]}
        assert (await house.browser.file(text=REPORT, **said)).status_code == 201
        house.receipts = [house.browser.receipt, await without_script(public, house.token)]
        await house.stack.settled(120)
        assert (await house.browser.write(f"It was {WROTE['from_person']} again.")).status_code == 200
        await handle(house, house.browser.case_id)
        assert (await house.browser.look())["texts"], "the person reads the answer"
        assert (await house.browser.write(f"Thank you, {WROTE['later']}.", once="another message")).status_code == 200
    await house.stack.settled(60)


async def without_script(public: httpx.AsyncClient, token: str) -> str:
    """File as a browser without JavaScript does; returns the receipt of the page."""
    page = Page(await public.get(f"/s/{token}?as=staff"))
    hidden = {given["name"]: given["value"] for given in page.all("input") if given.get("type") == "hidden"}
    said = {**hidden, "way": "anonymous", "text": f"Nobody came when {WROTE['without_script']} called."}
    answer = await public.post(f"/s/{token}", files=[(name, (None, value)) for name, value in said.items()])
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}", answer.text)
    assert found is not None, answer.text
    return sealing.normalise(found[0])


async def handle(house: Lived, case: UUID) -> None:
    """What the guardian does with a case, in their browser: everything is sealed before it is sent."""
    assert house.guardian is not None
    async with house.stack.owner() as db:
        keys = await house.guardian.opens(db, case)
        token = await people.open_session(db, house.guardian.account_id, how=How.PASSKEY, mfa=True)
    notes = sealing.CaseKeys.new(case)
    house.secrets = {"case key": keys.private, "notes key": notes.private, "handler's key": house.guardian.keys.private}

    def sealed(kind: Any) -> str:
        return b64(sealing.seal_text(keys.public, case, kind, {"text": f"I heard {WROTE[kind]} of it."}))

    note = sealing.seal_text(notes.public, case, "note", {"text": f"Think of {WROTE['note']}."})
    to_guardian = notes.lock_for(house.guardian.keys.public, "lock-notes")
    lock = {"pair_id": str(house.guardian.pair_id), "opens": "notes", "sealed": b64(to_guardian)}
    async with httpx.AsyncClient(base_url=house.stack.console, cookies={COOKIE: token}, timeout=60) as console:
        url = f"/api/cases/{case}"
        seen = (await console.get(url)).json()
        texts = {text["kind"]: keys.open(text["kind"], base64.b64decode(text["sealed"])) for text in seen["texts"]}
        assert WROTE["report"] in texts["report"]["text"] and "reading" in texts, "the worker must have read it"
        for path, body in (
            ("/messages", {"sealed": sealed("from_handler")}),
            ("/notes", {"sealed": b64(note), "notes_public": b64(notes.public), "locks": [lock]}),
            ("/hand-offs", {"kind": "pals", "sealed": sealed("hand_off")}),
            ("/actions", {"sealed": sealed("action")}),
            ("/close", {"sealed": sealed("outcome"), "outcome": "action_taken", "learning": "shared"}),
        ):
            version = (await console.get(url)).json()["case"]["version"]
            answer = await console.post(url + path, json=body, headers={"If-Match": f'"{version}"'})
            assert answer.status_code in (200, 201), (path, answer.text)


async def steal(house: Lived) -> None:
    """Copy the disk while a sort lies in temporary files, and take a dump and a base backup."""
    home = house.stack.settings.home
    async with house.stack.owner() as db, db.transaction():
        await db.execute("CHECKPOINT")
        sort = "SELECT sealed FROM case_text, generate_series(1, 400) ORDER BY random()"
        await db.execute(f"DECLARE held CURSOR FOR {sort}")
        await db.execute("FETCH 1 FROM held")
        base_backup(house.stack, home / "backup")
        for path in home.rglob("*"):
            if path.is_file() and path.relative_to(home).parts[0] != "keys":
                house.taken[str(path.relative_to(home))] = path.read_bytes()
    house.taken["dump"] = house.stack.house.dump()


def base_backup(stack: Stack, to: Path) -> None:
    """What an administrator's backup holds: every file of the database, with the log that goes with it."""
    program = str(wheel_programs() / "pg_basebackup")
    subprocess.run([program, "-D", str(to), "-X", "fetch", "-d", stack.postgres.dsn], check=True, capture_output=True)


@dataclass(frozen=True)
class Mark:
    """What to look for: bytes as they are, and bytes in which small letters stand for capitals, too."""

    exactly: frozenset[bytes]
    folded: frozenset[bytes] = frozenset()


def secret(raw: bytes) -> Mark:
    """Bytes as they could lie in a file: as they are, in hex, in base64 wherever in a group of three they begin."""
    return Mark(frozenset({raw, *_base64(raw)}), frozenset({raw.hex().encode()}))


def word(text: str) -> Mark:
    """A word in small letters, in every encoding, in whatever letters it lies there, also backwards."""
    raw, wide = text.encode(), text.encode("utf-16-le")[:-1]  # the same in both orders of bytes, but for its end
    return Mark(frozenset(_base64(raw)), frozenset({raw, raw[::-1], wide, raw.hex().encode(), wide.hex().encode()}))


def _base64(raw: bytes) -> set[bytes]:
    return {
        encode(b"x" * before + raw)[4 if before else 0 : -4]
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
        for before in range(3)
    }


def found(marks: dict[str, Mark], places: dict[str, bytes]) -> list[str]:
    wrong = []
    for place, content in places.items():
        folded = content.lower()
        for name, mark in marks.items():
            if any(one in content for one in mark.exactly) or any(one in folded for one in mark.folded):
                wrong.append(f"{name} in {place}")
    return wrong


def test_the_search_finds_what_is_there() -> None:
    """Guards the other tests: a search that finds nothing anywhere would prove nothing."""
    it = "quillfeatherly"
    hidden = (
        it.encode(), it.upper().encode(), it.encode().hex().upper().encode(), it.encode("utf-16-le"),
        it.encode("utf-16-be"), it[::-1].encode(), base64.b64encode(f"ab{it} and".encode()),
        base64.b64encode(f"a{it} and more".encode()), base64.urlsafe_b64encode(it.encode() + b"."),
    )  # fmt: skip
    places = {str(n): b"before " + one + b" after" for n, one in enumerate(hidden)}
    assert found({"it": word(it)}, places) == [f"it in {n}" for n in range(len(hidden))]
    key = bytes(range(200, 232))
    lies = {"raw": key, "hex": key.hex().upper().encode(), "coded": base64.b64encode(b"." + key + b"...")}
    assert found({"it": secret(key)}, lies) == ["it in raw", "it in hex", "it in coded"]


def test_the_thief_took_everything(lived: Lived) -> None:
    places = "\n".join(lived.taken)
    for folder in ("database/base/", "database/pg_wal/", "pgsql_tmp", "backup/base/", "backup/pg_wal/", "log/"):
        assert folder in places, folder
    assert b"INSERT INTO" in lived.taken["log/postgres.log"], "Postgres must have logged statements"
    assert b"COPY public.case_text" in lived.taken["dump"]
    assert not any(place.startswith("keys") for place in lived.taken)


def test_promise_25_nothing_that_was_written_about_a_case_lies_anywhere_in_clear(lived: Lived) -> None:
    assert found({name: word(text) for name, text in WROTE.items()}, lived.taken) == []


def test_promise_25_no_receipt_and_no_key_to_a_case_lies_anywhere(lived: Lived) -> None:
    marks = {name: secret(raw) for name, raw in lived.secrets.items()}
    for n, receipt in enumerate(lived.receipts):
        marks[f"receipt {n}"] = word(receipt.lower())
        marks[f"receipt {n} as shown"] = word(sealing.shown(receipt).lower())
        marks[f"lookup {n}"] = secret(sealing.lookup(receipt))
        marks[f"key of receipt {n}"] = secret(sealing.receipt_key(receipt))
    assert found(marks, lived.taken) == []


def test_promise_25_the_keys_of_the_house_are_not_among_what_was_taken(lived: Lived) -> None:
    folder = lived.stack.settings.keys
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(".public")}
    assert {"intake.private", "blind", f"day-{date.today()}.private"} <= set(kept)
    assert found({name: secret(raw) for name, raw in kept.items()}, lived.taken) == []


async def test_promise_25_with_the_handler_s_key_the_same_backup_opens(lived: Lived) -> None:
    """What lies there is the case itself, and not nothing: its handler reads it out of the stolen database."""
    assert lived.guardian is not None and lived.browser is not None
    case = lived.browser.case_id
    async with lived.stack.owner() as db:
        keys = await lived.guardian.opens(db, case)
        rows = await db.fetch("SELECT kind, sealed FROM case_text WHERE case_id = $1 AND kind <> 'note'", case)
    read = " ".join(str(keys.open(row["kind"], row["sealed"])) for row in rows)
    assert [name for name, text in WROTE.items() if text not in read] == ["note", "without_script"]
    assert all(row["sealed"].hex().encode() in lived.taken["dump"] for row in rows if row["kind"] == "report")


async def test_promise_25_once_the_day_is_over_not_even_the_folder_of_keys_opens_what_the_worker_read(
    lived: Lived,
) -> None:
    stack = lived.stack
    assert len(KeyFiles(stack.settings.keys).days_before(date.today() + timedelta(days=1))) == 1
    database = Database(stack.house.dsn("worker"))
    await database.open()
    await turn_day_keys(database, stack.settings, date.today() + timedelta(days=1))
    await database.close()
    async with stack.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.case_wrap") == 0
    assert not (stack.settings.keys / f"day-{date.today()}.private").exists()
