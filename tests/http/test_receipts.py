"""Receipts: what they open, what is written with them, and what they give away to nobody."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

import httpx
import pytest
import speaking
from earshot.cases import sealing
from earshot.cases.guessing import LOOKUPS
from earshot.cases.receipts import BUNDLE, Feedback, Held, Told, fitting
from earshot.core import audit, visitors
from earshot.core.budget import TooOften
from earshot.core.crypto import Unreadable
from earshot.core.db import Database
from earshot.core.visitors import Visitors, address_of, network_of
from page import Page
from speaking import Browser, Hospital, b64

pytestmark = pytest.mark.slow

TODAY = date.today()


async def filed(hospital: Hospital, **said: Any) -> Browser:
    nurse = hospital.browser()
    assert (await nurse.file(**said)).status_code == 201
    return nurse


async def look_up(hospital: Hospital, lookup: bytes, **more: Any) -> httpx.Response:
    return await hospital.public.client.post("/api/v1/receipts", json={"lookup": b64(lookup), **more})


async def post(hospital: Hospital, path: str, **fields: str) -> httpx.Response:
    """A page's form, posted without JavaScript."""
    files = {name: (None, value) for name, value in fields.items()}
    return await hospital.public.client.post(path, files=files)


async def change(hospital: Hospital, sql: str, *args: object) -> None:
    async with hospital.public.house.owner() as db:
        await db.execute(sql, *args)


async def test_a_receipt_opens_the_whole_conversation(hospital: Hospital) -> None:
    nurse = await filed(hospital, text="Nobody answers the bells.")
    async with hospital.public.house.owner() as db:
        await speaking.from_handler(db, nurse.case_id, hospital.guardian, "Thank you. Which bay?")
    assert (await nurse.write("Bay two.")).status_code == 200
    seen = await nurse.look()
    said = [
        (one["by"], nurse.keys().open(one["kind"], base64.b64decode(one["sealed"]))["text"]) for one in seen["texts"]
    ]
    assert said == [
        ("You", "Nobody answers the bells."),
        ("Grace Invented, Freedom to Speak Up Guardian", "Thank you. Which bay?"),
        ("You", "Bay two."),
    ]
    assert (seen["place"], seen["more"], seen["status"]) == ("Ward 4", False, "We have your report")
    assert [one["words"] for one in seen["events"]] == ["We received your report"]
    async with hospital.public.house.owner() as db:
        keys = await hospital.guardian.opens(db, nurse.case_id)
        sql = "SELECT n, sealed, on_day FROM case_text WHERE case_id = $1 AND kind = 'from_person'"
        row = await db.fetchrow(sql, nurse.case_id)
        version = await db.fetchval("SELECT version FROM case_file")
    assert keys.open("from_person", row["sealed"]) == {"text": "Bay two."}
    assert (row["n"], row["on_day"], version) == (3, TODAY, 2)


async def test_notes_of_handlers_and_readings_of_the_computer_are_not_for_the_receipt(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    async with hospital.public.house.owner() as db:
        for kind in ("note", "reading", "hand_off", "action"):
            await speaking.from_handler(db, nurse.case_id, hospital.guardian, "Not for the person.", kind=kind)
    assert [one["kind"] for one in (await nurse.look())["texts"]] == ["report"]
    assert (await nurse.write("Is anybody there?")).status_code == 200
    assert [one["n"] for one in (await nurse.look())["texts"]] == [1, 6], "numbers go on after what is hidden"


async def test_a_message_sent_again_after_a_lost_answer_is_kept_once(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    for _ in range(3):
        assert (await nurse.write("Are you there?", once="the first")).status_code == 200
    await nurse.write("Are you there?", once="the second")
    assert [one["kind"] for one in (await nurse.look())["texts"]] == ["report", "from_person", "from_person"]


async def test_a_long_conversation_comes_in_several_answers_of_one_length(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    for number in range(4):
        await nurse.write("😊" * 9_000, once=f"message {number}")
    seen, after, answers = [], 0, 0
    while True:
        part = await nurse.look(after)
        seen += [one["n"] for one in part["texts"]]
        answers += 1
        if not part["more"]:
            break
        after = seen[-1]
    assert (seen, answers) == ([1, 2, 3, 4, 5], 4)


def test_a_text_that_never_fits_comes_without_itself() -> None:
    small, large = {"n": 1, "sealed": "x" * 10}, {"n": 2, "sealed": "x" * 1_000}
    assert fitting([small, large], 200) == ([small, {"n": 2, "sealed": ""}], False)
    assert fitting([small] * 9, 100) == ([small] * 3, True)


async def test_who_read_it_and_what_happened_is_told_by_day(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    async with hospital.public.house.owner() as db:
        for _ in range(2):
            async with db.transaction():
                await audit.record(db, action="case.read", by=hospital.guardian.account_id, subject=nurse.case_id)
        await db.execute("UPDATE case_file SET thanked_on = current_date")
        sql = "INSERT INTO case_step (case_id, n, kind, by_account) VALUES ($1, $2, $3, $4)"
        for n, kind in enumerate(("thanked", "owned", "noted", "break_glass_asked"), start=2):
            await db.execute(sql, nurse.case_id, n, kind, hospital.guardian.account_id)
        given = (
            "INSERT INTO hand_off (case_id, kind, state, text_n, sent_on) VALUES ($1, 'pals', 'sent', 1, current_date),"
            " ($1, 'lfpse', 'draft', 1, NULL)"
        )
        await db.execute(given, nurse.case_id)
    seen = await nurse.look()
    assert [one["words"] for one in seen["events"]] == [
        "We received your report",
        "You were thanked",
        "It has someone to look after it",
        "Someone asked to open it in an emergency",
        "Opened by a guardian",
        "It was passed to the Patient Advice and Liaison Service (PALS)",
    ]
    assert {one["on"] for one in seen["events"]} == {f"{TODAY.day} {TODAY:%B %Y}"}
    assert seen["status"] == "Someone is looking into it"
    assert "Grace" not in str([one["words"] for one in seen["events"]])


async def test_closing_tells_the_outcome_and_asks_whether_they_would_do_it_again(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    async with hospital.public.house.owner() as db:
        await speaking.from_handler(db, nurse.case_id, hospital.guardian, "Two more nurses at night.", kind="outcome")
    closed = (
        "UPDATE case_file SET state = 'closed', closed_on = current_date, outcome = 'action_taken', learning = 'shared'"
    )
    await change(hospital, closed)
    seen = await nurse.look()
    assert (seen["status"], seen["sentence"]) == (
        "It is closed",
        "Something was changed because of what you said. What was learned was shared, without saying who spoke.",
    )
    assert [one["kind"] for one in seen["texts"]] == ["report", "outcome"]
    assert seen["question"]["wording"] == "Given your experience, would you speak up again?"
    assert list(seen["question"]["options"]) == ["yes", "no", "maybe", "dont_know"]
    assert (await nurse.answer("again", "no")).status_code == 200
    assert (await nurse.answer("again", "maybe")).status_code == 200
    assert (await nurse.look())["question"] is None
    async with hospital.public.house.owner() as db:
        assert [tuple(row) for row in await db.fetch("SELECT question, answer FROM case_feedback")] == [
            ("again", "maybe")
        ]
    assert (await nurse.answer("detriment_30", "maybe")).status_code == 422
    assert (await nurse.answer("again", "never")).status_code == 422


@pytest.mark.parametrize(
    ("state", "days", "answered", "asked"),
    [
        ("open", 29, [], None),
        ("open", 30, [], "detriment_30"),
        ("open", 90, ["detriment_30"], "detriment_90"),
        ("open", 100, ["detriment_90"], None),
        ("open", 400, [], "detriment_180"),
        ("closed", 400, [], "again"),
        ("closed", 400, ["again"], "detriment_180"),
        ("closed", 180, ["again", "detriment_180"], None),
        ("closed", 5, ["again"], None),
    ],
)
def test_whether_somebody_was_treated_worse_is_asked_after_30_90_and_180_days(
    state: Any, days: int, answered: list[Any], asked: str | None
) -> None:
    since = TODAY - timedelta(days=days)
    closed_on = since if state == "closed" else None
    thanked_on = since if state == "open" else since - timedelta(days=50)
    held = Held(
        UUID(int=1), "Ward", "anonymous", since, b"", b"", b"", "browser", state, thanked_on, closed_on, None, None
    )
    told = Told(held, [], [], [], [], [], [Feedback(code, "no") for code in answered])
    question = told.question(TODAY)
    assert (question and question.code) == asked


async def test_without_javascript_the_server_opens_the_case_answers_and_forgets(hospital: Hospital) -> None:
    nurse = await filed(hospital, text="Nobody answers <the> bells.")
    async with hospital.public.house.owner() as db:
        await speaking.from_handler(db, nurse.case_id, hospital.guardian, "Which bay?")
    typed = sealing.shown(nurse.receipt).lower().replace("-", " ")
    page = Page(await post(hospital, "/receipt", receipt=typed))
    assert "Nobody answers <the> bells." in page.text
    assert "Which bay?" in page.text
    once = page.values["once"]
    sent = await post(hospital, "/receipt/message", receipt=typed, text="Bay two.", once=once)
    again = await post(hospital, "/receipt/message", receipt=typed, text="Bay two.", once=once)
    assert [Page(answer).text.count("Bay two.") for answer in (sent, again)] == [1, 1]
    assert "Your message was sent." in sent.text
    empty = await post(hospital, "/receipt/message", receipt=typed, text=" ", once="other-once")
    assert "Your message is empty" in Page(empty).text
    await change(hospital, "UPDATE case_file SET state = 'closed', closed_on = current_date - 31")
    assert "would you speak up again?" in (await post(hospital, "/receipt", receipt=typed)).text
    thanks = await post(hospital, "/receipt/answer", receipt=typed, question="again", answer="yes")
    assert "Thank you for your answer." in thanks.text
    worse = await post(hospital, "/receipt/answer", receipt=typed, question="detriment_30", answer="yes")
    assert "It is wrong to treat anyone worse for speaking up." in worse.text
    nothing = await post(hospital, "/receipt/answer", receipt=typed, question="detriment_30")
    assert "Choose an answer" in Page(nothing).text or "treated worse" not in Page(nothing).text


async def test_the_proof_of_filing_can_be_kept_and_checked_by_hand(hospital: Hospital) -> None:
    words = "Nobody answers the bells."
    nurse = await filed(hospital, text=words)
    answer = await post(hospital, "/receipt/proof", receipt=nurse.receipt)
    assert answer.headers["content-disposition"] == 'attachment; filename="proof-of-filing.txt"'
    found = dict(re.findall(r"^(Date|Case|Salt|Text|Proof): (\S+)$", answer.text, re.MULTILINE))
    assert found["Text"] == hashlib.sha256(bytes.fromhex(found["Salt"]) + words.encode()).hexdigest()
    by_hand = (
        b"earshot/filing/v2" + bytes.fromhex(found["Case"]) + found["Date"].encode() + bytes.fromhex(found["Text"])
    )
    assert found["Proof"] == hashlib.sha256(by_hand).hexdigest()
    async with hospital.public.house.owner() as db:
        assert (await db.fetchval("SELECT content_hash FROM case_file")).hex() == found["Proof"]
    assert (await nurse.look())["proof"] == {"day": found["Date"], "content_hash": found["Proof"]}
    shown = Page(await post(hospital, "/receipt", receipt=nurse.receipt)).text
    assert [line for line in ("Salt", "Text", "Proof") if f"{line}: {found[line]}" not in shown] == []


@pytest.mark.parametrize("said", [{}, {"text": "No salt."}, {"text": "Half a salt.", "salt": "00ff"}])
async def test_a_report_that_a_programme_sealed_wrongly_opens_nothing_and_breaks_nothing(
    hospital: Hospital, said: dict[str, str]
) -> None:
    nurse = hospital.browser()
    body = await nurse.body()
    assert nurse.sealed is not None
    body["report"] = b64(sealing.seal_text(nurse.sealed.public, nurse.case_id, "report", said))
    assert (await hospital.public.client.post("/api/v1/cases", json=body)).status_code == 201
    for path in ("/receipt", "/receipt/proof"):
        answer = await post(hospital, path, receipt=nurse.receipt)
        assert answer.status_code == 200
        assert "This code opens nothing" in answer.text


async def test_promise_25_who_has_the_database_cannot_check_a_guess_against_the_proof_of_filing(
    hospital: Hospital,
) -> None:
    """Neither the salt nor the salted hash of the words lies there, in any form: only their hash with the case's id."""
    nurse = await filed(hospital, text="Help")
    answer = await post(hospital, "/receipt/proof", receipt=nurse.receipt)
    found = dict(re.findall(r"^(Salt|Text|Proof): (\S+)$", answer.text, re.MULTILINE))
    dump = hospital.public.house.dump()
    assert found["Proof"].encode() in dump
    for name in ("Salt", "Text"):
        raw = bytes.fromhex(found[name])
        assert [form for form in (raw, found[name].encode(), base64.b64encode(raw)) if form in dump] == []


@pytest.mark.parametrize("typed", ["", "too short", "U" * 24, "7K" * 20, "\0" * 24])
async def test_what_is_no_receipt_is_said_at_once(hospital: Hospital, typed: str) -> None:
    answer = await post(hospital, "/receipt", receipt=typed)
    assert answer.status_code == 422
    assert "#receipt" in {given["href"] for given in Page(answer).all("a")}


async def wrong_lookups(hospital: Hospital, right: Browser) -> dict[str, bytes]:
    """Receipts that open nothing: never given, of another trust's erased case, and of an erased one of ours."""
    erased, closed = await filed(hospital), await filed(hospital)
    await change(hospital, "DELETE FROM case_file WHERE id = $1", erased.case_id)
    await change(
        hospital, "UPDATE case_file SET receipt_hash = $2 WHERE id = $1", closed.case_id, secrets.token_bytes(32)
    )
    return {
        "never given": secrets.token_bytes(32),
        "erased": erased.lookup,
        "expired": closed.lookup,
        "one letter off": sealing.lookup(right.receipt[:-1] + ("A" if right.receipt[-1] != "A" else "B")),
    }


async def test_promise_22_right_and_wrong_receipts_get_answers_of_one_status_shape_and_length(
    hospital: Hospital,
) -> None:
    nurse = await filed(hospital, text="x" * 5_000)
    wrong = await wrong_lookups(hospital, nurse)
    sealed = b64(bytes(48 + 256))
    for path, rest in (
        ("/api/v1/receipts", {}),
        ("/api/v1/receipts", {"after": 7}),
        ("/api/v1/receipts/messages", {"sealed": sealed, "once": "one-message"}),
        ("/api/v1/receipts/answers", {"question": "again", "answer": "yes"}),
    ):
        right = await hospital.public.client.post(path, json={"lookup": b64(nurse.lookup), **rest})
        others = [await hospital.public.client.post(path, json={"lookup": b64(one), **rest}) for one in wrong.values()]
        assert {(one.status_code, len(one.content)) for one in others} == {(right.status_code, len(right.content))}
        assert {tuple(sorted(one.headers.items())) for one in others} == {tuple(sorted(right.headers.items()))}
        assert right.status_code == 200
        for lookup, other in zip(wrong.values(), others, strict=True):
            with pytest.raises(Unreadable):
                sealing.open_bundle(lookup, base64.b64decode(other.json()["bundle"]))
    first, second = [await look_up(hospital, nurse.lookup) for _ in range(2)]
    assert len(base64.b64decode(first.json()["bundle"])) == BUNDLE
    assert first.content != second.content, "right ones change as wrong ones do"


async def test_promise_22_pages_without_javascript_have_one_status_and_length(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    right = await post(hospital, "/receipt", receipt=nurse.receipt)
    wrong = await post(hospital, "/receipt", receipt=sealing.new_receipt())
    proof = await post(hospital, "/receipt/proof", receipt=sealing.new_receipt())
    assert (right.status_code, len(right.content)) == (wrong.status_code, len(wrong.content)) == (200, 65_536)
    assert len(proof.content) == len(wrong.content)
    assert "This code opens nothing" in wrong.text
    assert {"set-cookie", "location"} & {*right.headers, *wrong.headers} == set()


async def test_promise_17_no_page_puts_a_receipt_into_an_address_or_a_title(hospital: Hospital) -> None:
    nurse = await filed(hospital)
    plain, shown = nurse.receipt, sealing.shown(nurse.receipt)
    for path in ("/receipt", "/receipt/message", "/receipt/answer", "/receipt/proof"):
        answer = await post(hospital, path, receipt=shown, text="Hello.", question="again", answer="yes")
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Page(answer)
        addresses = [given[name] for _, given in page.tags for name in ("href", "src", "action") if name in given]
        (title,) = re.findall("<title>(.*?)</title>", answer.text, re.DOTALL)
        assert [address for address in [*addresses, title] if plain in address or shown in address] == []
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
    for path in ("/receipt", "/api/v1/receipts"):
        assert (await hospital.public.client.get(f"{path}?receipt={plain}")).status_code in (200, 405)
        assert plain not in (await hospital.public.client.get(f"{path}?receipt={plain}")).text


async def test_promise_24_only_a_keyed_hash_of_the_network_is_kept_and_both_go_the_next_day(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filed(hospital)
    await look_up(hospital, secrets.token_bytes(32))
    folder = hospital.public.house.settings.keys
    async with hospital.public.house.owner() as db:
        keys = [row["key"] for row in await db.fetch("SELECT key FROM bucket")]
        assert len(keys) == 6, "two purposes, each twice for the network and once for everybody"
        today_file = folder / f"visitors-{TODAY}"
        today = today_file.read_bytes()
        networks = ["127.0.0.0/24", "127.0.0.1", "nowhere", network_of("127.0.0.1")]
        plain = [hashlib.sha256(one.encode()).digest() for one in networks]
        assert not set(keys) & set(plain)
    dump = hospital.public.house.dump()
    assert [one for one in ("127.0.0", "testclient") if one.encode() in dump] == []

    class Tomorrow(date):
        @classmethod
        def today(cls) -> Self:
            return cls.fromordinal(TODAY.toordinal() + 1)

    monkeypatch.setattr(visitors, "date", Tomorrow)
    database = Database(hospital.public.house.dsn("public"))
    await database.open()
    later = Visitors(folder)
    async with database.transaction() as connection:
        await later.forget_earlier_days(connection)
    await database.close()
    assert not today_file.exists()
    assert later.mark("127.0.0.1", "receipt") not in keys
    assert today not in [path.read_bytes() for path in folder.glob("visitors-*")]
    async with hospital.public.house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM bucket") == 0
    after = hospital.public.house.dump()
    assert [key for key in keys if key.hex().encode() in after] == []


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        (None, "nowhere"),
        ("testclient", "nowhere"),
    ],
)
def test_addresses_are_counted_by_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("203.0.113.7", 0, "10.0.0.1"),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.0.0.9", 2, "203.0.113.7"),
        ("203.0.113.7", 2, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
    ],
)
def test_only_what_our_own_proxies_say_of_an_address_counts(forwarded: str, proxies: int, address: str) -> None:
    assert address_of("10.0.0.1", forwarded, proxies) == address


async def test_promise_23_one_network_that_guesses_on_and_on_waits_longer_and_longer_and_is_then_refused(
    hospital: Hospital,
) -> None:
    async with hospital.public.house.role("public") as db:
        mine, theirs = secrets.token_bytes(32), secrets.token_bytes(32)
        waits = [await LOOKUPS.network.turn(db, mine) for _ in range(70)]
        assert waits[:60] == [0] * 60
        assert waits[60:] == sorted(waits[60:])
        assert 8 < waits[-1] <= LOOKUPS.network.longest_wait
        with pytest.raises(TooOften) as refused:
            await LOOKUPS.network.turn(db, mine)
        assert refused.value.headers == {"Retry-After": "10"}
        assert await LOOKUPS.network.turn(db, theirs) == 0, "others do not pay for it"


async def test_promise_23_a_network_that_guesses_too_often_gets_429_and_the_page_says_so(hospital: Hospital) -> None:
    await look_up(hospital, secrets.token_bytes(32))
    await change(hospital, "UPDATE bucket SET tokens = -100")
    for answer in (
        await look_up(hospital, secrets.token_bytes(32)),
        await post(hospital, "/receipt", receipt=sealing.new_receipt()),
    ):
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "10"
        assert "please wait a moment" in answer.text
