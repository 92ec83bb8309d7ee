"""The formats of speaking up: who opens what, who does not, and what a length or a receipt gives away."""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from earshot.cases import filing, sealing
from earshot.cases.key_pairs import HandlerKeys, unlock
from earshot.cases.sealing import CaseKeys, NotAReceipt
from earshot.core.crypto import KeyFiles, SealingKey, Unreadable, hpke_seal
from hypothesis import given
from hypothesis import strategies as some

CASE = UUID("5e7c0ffe-0000-4000-8000-000000000001")
KEYS = CaseKeys.new(CASE)
WORDS = some.text(some.characters(exclude_categories=["Cs"]), max_size=1_500)
RECEIPTS = some.text(sealing.SYMBOLS, min_size=24, max_size=24)


@pytest.fixture
def keys(tmp_path: Path) -> KeyFiles:
    files = KeyFiles(tmp_path / "keys")
    files.create()
    return files


def test_promise_21_a_receipt_has_at_least_112_bits_and_repeats_no_pattern() -> None:
    drawn = [sealing.new_receipt() for _ in range(2_000)]
    assert len(set(sealing.SYMBOLS)) == 32
    assert 24 * math.log2(32) >= 112
    assert {len(one) for one in drawn} == {24}
    assert len(set(drawn)) == len(drawn)
    for place in range(24):  # every symbol comes at every place: 2,000 draws miss one of 32 by chance once in 10^27
        assert {one[place] for one in drawn} == set(sealing.SYMBOLS)


@given(WORDS)
def test_promise_26_the_length_of_a_sealed_text_hides_the_text_s_length_to_256_bytes(text: str) -> None:
    sealed = sealing.seal_text(KEYS.public, CASE, "report", {"text": text})
    plain = len(json.dumps({"text": text}, ensure_ascii=False, separators=(",", ":")).encode())
    assert (len(sealed) - 48) % 256 == 0
    assert len(sealed) == 48 + 256 * (plain // 256 + 1)


def test_promise_26_lengths_of_many_texts_fall_into_few_classes() -> None:
    lengths = {len(sealing.seal_text(KEYS.public, CASE, "report", {"text": "x" * n})) for n in range(0, 1_000, 7)}
    assert lengths == {48 + 256 * n for n in range(1, 5)}


@given(WORDS, some.sampled_from(["report", "contact", "from_person", "note"]))
def test_a_text_opens_with_the_case_s_key_in_its_own_place_only(text: str, kind: sealing.TextKind) -> None:
    sealed = sealing.seal_text(KEYS.public, CASE, kind, {"text": text})
    assert KEYS.open(kind, sealed) == {"text": text}
    for case_id, purpose, keys in (
        (uuid4(), kind, KEYS),
        (CASE, "outcome", KEYS),
        (CASE, kind, CaseKeys.new(CASE)),
    ):
        with pytest.raises(Unreadable):
            sealing.open_text(keys.private, case_id, purpose, sealed)


def test_something_sealed_that_is_no_document_is_unreadable_and_not_quoted() -> None:
    for inner in (b"", b"no marker", b"not json\x80", b'["a list"]\x80'):
        sealed = hpke_seal(KEYS.public, inner, info=sealing.info(CASE, "report"))
        with pytest.raises(Unreadable) as caught:
            KEYS.open("report", sealed)
        assert caught.value.__suppress_context__


@given(RECEIPTS, some.data())
def test_a_receipt_is_read_however_it_is_typed(receipt: str, data: some.DataObject) -> None:
    typed = sealing.shown(receipt)
    assert [len(group) for group in typed.split("-")] == [4] * 6
    for symbol, alike in (("0", "oO"), ("1", "iIlL")):
        typed = typed.replace(symbol, data.draw(some.sampled_from(alike)))
    typed = data.draw(some.sampled_from([typed, typed.lower(), typed.replace("-", " "), f"\n{typed}\t"]))
    assert sealing.normalise(typed) == receipt
    assert sealing.normalise(typed.replace("-", "\u2011")) == receipt


@pytest.mark.parametrize("typed", ["", "K7Q2", "U" * 24, "0" * 23, "0" * 25, "ä" * 24])
def test_what_is_no_receipt_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(NotAReceipt) as caught:
        sealing.normalise(typed)
    assert len(typed) < 5 or typed not in caught.value.message


def test_what_is_sent_to_find_a_case_opens_nothing_and_what_is_stored_finds_nothing() -> None:
    receipt = sealing.new_receipt()
    sent = sealing.lookup(receipt)
    stored = sealing.receipt_hash(sent)
    assert stored == hashlib.sha256(sent).digest()
    assert len({sent, stored, sealing.receipt_key(receipt)}) == 3
    sealed = KEYS.under_receipt(receipt)
    assert sealing.open_under_receipt(CASE, sealed, receipt) == KEYS
    with pytest.raises(Unreadable):
        sealing.open_under_receipt(CASE, sealed, sealing.new_receipt())
    with pytest.raises(Unreadable):
        sealing.open_under_receipt(uuid4(), sealed, receipt)


def test_every_answer_to_a_lookup_is_equally_long() -> None:
    sent = secrets.token_bytes(32)
    answers = [{}, {"status": "We have your report."}, {"status": "x" * 2_000}]
    bundles = [sealing.seal_bundle(sent, answer, length=4_096) for answer in answers]
    assert {len(bundle) for bundle in bundles} == {4_096}
    assert [sealing.open_bundle(sent, bundle) for bundle in bundles] == answers
    with pytest.raises(Unreadable):
        sealing.open_bundle(secrets.token_bytes(32), bundles[0])
    with pytest.raises(sealing.BundleTooLarge):
        sealing.seal_bundle(sent, {"status": "x" * 4_096}, length=4_096)


def test_a_lock_opens_for_its_handler_alone_and_only_for_its_purpose() -> None:
    one, other = HandlerKeys.new(), HandlerKeys.new()
    sealed = KEYS.lock_for(one.public)
    assert len(sealed) == 80
    assert sealing.open_lock(CASE, sealed, one.private) == KEYS
    with pytest.raises(Unreadable):
        sealing.open_lock(CASE, sealed, other.private)
    with pytest.raises(Unreadable):
        sealing.open_lock(CASE, sealed, one.private, "lock-notes")
    with pytest.raises(Unreadable):
        sealing.open_lock(uuid4(), sealed, one.private)


def test_promise_37_an_escrow_needs_both_people() -> None:
    first, second = HandlerKeys.new(), HandlerKeys.new()
    sealed = KEYS.escrow(first.public, second.public)
    inner = sealing.escrow_inner(CASE, sealed, second.private)
    assert sealing.open_escrow(CASE, inner, first.private) == KEYS
    assert KEYS.private not in sealed + inner
    for wrong in (lambda: sealing.escrow_inner(CASE, sealed, first.private),
                  lambda: sealing.open_escrow(CASE, sealed, first.private),
                  lambda: sealing.open_escrow(CASE, inner, second.private)):  # fmt: skip
        with pytest.raises(Unreadable):
            wrong()


def test_the_proof_of_filing_can_be_worked_out_by_hand() -> None:
    salt = sealing.new_salt()
    text = hashlib.sha256(salt + "Nobody listened. 🙂".encode()).digest()
    assert sealing.text_hash(salt, "Nobody listened. 🙂") == text
    by_hand = hashlib.sha256(b"earshot/filing/v2" + CASE.bytes + b"2026-03-02" + text).digest()
    assert sealing.content_hash(CASE, date(2026, 3, 2), text) == by_hand
    assert sealing.content_hash(CASE, date(2026, 3, 2), sealing.text_hash(salt, "Nobody listened.")) != by_hand


def test_two_reports_of_the_same_words_have_nothing_in_common_by_which_to_guess_them() -> None:
    to = filing.Recipients((filing.Recipient(uuid4(), "Ada", "guardian", uuid4(), HandlerKeys.new().public),))
    day = SealingKey("2026-03-02", X25519PrivateKey.generate().public_key())
    proofs = set()
    for _ in range(20):
        report = filing.Report(uuid4(), "staff", "anonymous", "Help", id=CASE)
        sealed = filing.seal(report, to, day, receipt=sealing.new_receipt(), today=date(2026, 3, 2))
        assert len(report.salt) == 16
        assert report.document["salt"] == report.salt.hex()
        proofs |= {sealed.content_hash, sealing.text_hash(report.salt, "Help"), report.salt}
    assert len(proofs) == 60


@pytest.mark.parametrize("shown", ["", "00" * 15, "00" * 17, "zz" * 16])
def test_what_is_no_salt_is_refused(shown: str) -> None:
    with pytest.raises(ValueError):
        sealing.salt_from(shown)


def test_no_private_key_is_in_what_is_printed_of_it() -> None:
    handler = HandlerKeys.new()
    assert "private" not in repr(KEYS) + repr(handler)


def test_a_handler_s_key_opens_with_the_passphrase_however_it_is_typed() -> None:
    keys = HandlerKeys.new()
    lock = keys.lock("ﬁne café ① words")
    assert keys.private not in lock.sealed
    assert unlock(lock, "fine cafe\u0301 1 words", keys.public) == keys
    with pytest.raises(Unreadable):
        unlock(lock, "fine café 1 word", keys.public)
    with pytest.raises(Unreadable):
        unlock(lock, "fine café 1 words", HandlerKeys.new().public)


def test_a_wrap_opens_with_the_key_of_its_day_in_its_own_place(keys: KeyFiles) -> None:
    day = date.today()
    sealed = sealing.seal_wrap(keys.day_key(day), CASE, text="Nobody came.", audience="staff")
    opened = json.loads(keys.day_opening(str(day)).open(sealed, info=b"earshot/case/v1/" + CASE.bytes + b"/wrap"))
    assert opened == {"text": "Nobody came.", "audience": "staff"}
