"""`earshot verify-filing`: a proof holds or it does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from earshot.cases.receipts import proof_of_filing
from earshot.cases.sealing import content_hash, text_hash
from earshot.cases.verify_command import NoProof, WrongProof, verify_filing

WORDS = "Nobody answers the bells.\nNobody came."
SALT = b"sixteen letters "


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    case_id, day = uuid4(), date(2026, 3, 2)
    proof = content_hash(case_id, day, text_hash(SALT, WORDS))
    path = tmp_path / "proof-of-filing.txt"
    path.write_text(proof_of_filing(case_id, day, salt=SALT, text=WORDS, content_hash=proof), encoding="utf-8")
    return path


@pytest.mark.parametrize("words", [WORDS, WORDS + "\n", WORDS.replace("\n", "\r\n")])
def test_a_proof_and_its_words_hold(proof: Path, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = proof.with_name("words.txt")
    text.write_bytes(words.encode())
    verify_filing(proof, text)
    assert "These words were filed on 2026-03-02." in capsys.readouterr().out
    verify_filing(proof)
    assert "A report was filed on 2026-03-02." in capsys.readouterr().out


def test_other_words_do_not_hold(proof: Path) -> None:
    text = proof.with_name("words.txt")
    text.write_text(WORDS.replace("Nobody came", "Somebody came"), encoding="utf-8")
    with pytest.raises(WrongProof):
        verify_filing(proof, text)


def test_words_do_not_hold_with_another_salt(proof: Path) -> None:
    text = proof.with_name("words.txt")
    text.write_text(WORDS, encoding="utf-8")
    proof.write_text(proof.read_text(encoding="utf-8").replace(SALT.hex(), "00" * 16), encoding="utf-8")
    with pytest.raises(WrongProof):
        verify_filing(proof, text)


def test_the_first_words_cannot_be_passed_off_as_the_end_of_the_salt(proof: Path) -> None:
    text = proof.with_name("words.txt")
    text.write_text(WORDS.removeprefix("Nobody "), encoding="utf-8")
    longer = (SALT + b"Nobody ").hex()
    proof.write_text(proof.read_text(encoding="utf-8").replace(SALT.hex(), longer), encoding="utf-8")
    with pytest.raises(NoProof):
        verify_filing(proof, text)


def test_another_day_does_not_hold(proof: Path) -> None:
    proof.write_text(proof.read_text(encoding="utf-8").replace("2026-03-02", "2026-03-01"), encoding="utf-8")
    with pytest.raises(WrongProof):
        verify_filing(proof)


@pytest.mark.parametrize(
    "content", [b"", b"Date: 2026-03-02\n", b"\xff\xfe\x00", b"Date: x\nCase: y\nSalt: v\nText: z\nProof: w\n"]
)
def test_what_is_no_proof_is_said(proof: Path, content: bytes) -> None:
    proof.write_bytes(content)
    with pytest.raises(NoProof):
        verify_filing(proof)
