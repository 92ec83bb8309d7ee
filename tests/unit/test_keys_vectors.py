"""Browser and server seal alike: each opens what the other made.

`python tests/unit/test_keys_vectors.py` makes the server's file anew, `npm run vectors` in frontend the browser's.
"""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from earshot.cases import sealing
from earshot.cases.key_pairs import HandlerKeys, PassphraseLock, unlock
from earshot.cases.sealing import CaseKeys
from earshot.core.crypto import OpeningKey, SealingKey

FOLDER = Path(__file__).parents[2] / "frontend" / "src" / "keys"
FROM_HERE, FROM_THERE = FOLDER / "vectors.json", FOLDER / "made.json"
CASE = UUID("00112233-4455-6677-8899-aabbccddeeff")
RECEIPT = "K7Q2MX4D0123456789ABCDEF"
SALT = bytes(range(240, 256))
REPORT = {
    "text": "Nobody came for an hour. שלום 🙂",
    "answers": {"where": "Ward 4"},
    "not_to": "",
    "salt": SALT.hex(),
}
PASSPHRASE, STRETCHING = "ﬁne café ① words", {"m": 64, "t": 1, "p": 1}
SECRETS = {
    name: bytes(range(at, at + 32)).hex()
    for at, name in enumerate(("case", "handler", "first", "second", "day"), start=1)
}


def passkey_key(prf: bytes, salt: bytes) -> AESGCM:
    """The key of a passkey's lock: only browsers make one, so the server has no code for it."""
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"earshot/keypair/prf/v1").derive(prf))


def vectors() -> dict[str, Any]:
    """Everything that travels between browser and server, sealed here."""
    secret = {name: bytes.fromhex(value) for name, value in SECRETS.items()}
    keys, handler = CaseKeys(CASE, secret["case"]), HandlerKeys(secret["handler"])
    first, second = HandlerKeys(secret["first"]).public, HandlerKeys(secret["second"]).public
    day = X25519PrivateKey.from_private_bytes(secret["day"])
    lookup, text_hash = sealing.lookup(RECEIPT), sealing.text_hash(SALT, str(REPORT["text"]))
    lock = handler.lock(PASSPHRASE, STRETCHING)
    prf, salt, nonce = bytes(range(32)), bytes(range(32, 64)), bytes(12)
    passkey = nonce + passkey_key(prf, salt).encrypt(nonce, handler.private, b"earshot/keypair/v1/" + handler.public)
    return {
        "case_id": str(CASE),
        "receipt": RECEIPT,
        "shown": sealing.shown(RECEIPT),
        "lookup": lookup.hex(),
        "receipt_hash": sealing.receipt_hash(lookup).hex(),
        "receipt_key": sealing.receipt_key(RECEIPT).hex(),
        "private": SECRETS,
        "public": {name: HandlerKeys(value).public.hex() for name, value in secret.items()},
        "lock_case": keys.lock_for(handler.public).hex(),
        "lock_notes": keys.lock_for(handler.public, "lock-notes").hex(),
        "escrow": keys.escrow(first, second).hex(),
        "under_receipt": keys.under_receipt(RECEIPT).hex(),
        "report": REPORT,
        "report_sealed": sealing.seal_text(keys.public, CASE, "report", REPORT).hex(),
        "wrap_sealed": sealing.seal_wrap(
            SealingKey("2026-03-02", day.public_key()), CASE, text=REPORT["text"], audience="staff"  # type: ignore[arg-type]
        ).hex(),
        "day": "2026-03-02",
        "text_hash": text_hash.hex(),
        "content_hash": sealing.content_hash(CASE, date(2026, 3, 2), text_hash).hex(),
        "bundle": sealing.seal_bundle(lookup, REPORT, length=1_024).hex(),
        "passphrase": PASSPHRASE,
        "passphrase_lock": {"salt": lock.salt.hex(), "settings": dict(lock.settings), "sealed": lock.sealed.hex()},
        "passkey_lock": {"prf": prf.hex(), "salt": salt.hex(), "sealed": passkey.hex()},
    }  # fmt: skip


@pytest.mark.parametrize("path", [FROM_HERE, FROM_THERE], ids=["made by the server", "made by a browser"])
def test_server_and_browser_open_what_either_made(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    raw = {name: bytes.fromhex(value) for name, value in made.items() if name.endswith(("_sealed", "escrow"))}
    raw |= {name: bytes.fromhex(made[name]) for name in ("lock_case", "lock_notes", "under_receipt")}
    secret = {name: bytes.fromhex(value) for name, value in made["private"].items()}
    case_id, keys = UUID(made["case_id"]), CaseKeys(UUID(made["case_id"]), secret["case"])
    assert sealing.open_lock(case_id, raw["lock_case"], secret["handler"]) == keys
    assert sealing.open_lock(case_id, raw["lock_notes"], secret["handler"], "lock-notes") == keys
    assert sealing.open_under_receipt(case_id, raw["under_receipt"], made["receipt"]) == keys
    inner = sealing.escrow_inner(case_id, raw["escrow"], secret["second"])
    assert sealing.open_escrow(case_id, inner, secret["first"]) == keys
    assert keys.open("report", raw["report_sealed"]) == made["report"]
    day = OpeningKey("day", X25519PrivateKey.from_private_bytes(secret["day"]))
    wrapped = json.loads(day.open(raw["wrap_sealed"], info=sealing.info(case_id, "wrap")))
    assert wrapped == {"text": made["report"]["text"], "audience": "staff"}


@pytest.mark.parametrize("path", [FROM_HERE, FROM_THERE], ids=["made by the server", "made by a browser"])
def test_locks_of_a_handler_s_key_open_wherever_they_were_made(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    handler = HandlerKeys(bytes.fromhex(made["private"]["handler"]))
    given = made["passphrase_lock"]
    lock = PassphraseLock(bytes.fromhex(given["salt"]), given["settings"], bytes.fromhex(given["sealed"]))
    assert unlock(lock, unicodedata.normalize("NFKC", made["passphrase"]), handler.public) == handler
    passkey = {name: bytes.fromhex(value) for name, value in made["passkey_lock"].items()}
    sealed, bound = passkey["sealed"], b"earshot/keypair/v1/" + handler.public
    opened = passkey_key(passkey["prf"], passkey["salt"]).decrypt(sealed[:12], sealed[12:], bound)
    assert opened == handler.private


def test_the_server_s_file_is_what_the_server_makes_now() -> None:
    made, now = json.loads(FROM_HERE.read_text(encoding="utf-8")), vectors()
    assert set(made) == set(now)
    drawn = {name for name in now if isinstance(now[name], str) and made[name] != now[name]}
    assert drawn == {"lock_case", "lock_notes", "escrow", "under_receipt", "report_sealed", "wrap_sealed", "bundle"}
    assert {len(made[name]) - len(now[name]) for name in drawn} == {0}
    there = json.loads(FROM_THERE.read_text(encoding="utf-8"))
    fixed = [name for name in there if name not in drawn | {"passphrase_lock", "passkey_lock"}]
    assert {name: there[name] for name in fixed} == {name: now[name] for name in fixed}
    assert there["passphrase_lock"]["settings"] == {"m": 65_536, "t": 3, "p": 1}


if __name__ == "__main__":
    FROM_HERE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
