"""Sealing: only the private half opens, only in its own place, and a length gives little away."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from earshot.core.crypto import PAD_TO, KeyFiles, SealingKey, Unreadable, pad, unpad
from earshot.core.errors import KeysMissing
from hypothesis import given
from hypothesis import strategies as some

DAY = date(2020, 3, 2)


@pytest.fixture
def keys(tmp_path: Path) -> KeyFiles:
    files = KeyFiles(tmp_path / "keys")
    files.create()
    return files


def test_what_was_sealed_opens_with_the_private_half(keys: KeyFiles) -> None:
    sealed = keys.sealing().seal("Nobody came for an hour. שלום 🙂".encode(), info=b"row 1")
    assert b"Nobody" not in sealed
    assert keys.opening().open(sealed, info=b"row 1").decode() == "Nobody came for an hour. שלום 🙂"


def test_a_sealed_text_moved_to_another_row_does_not_open(keys: KeyFiles) -> None:
    sealed = keys.sealing().seal(b"words", info=b"row 1")
    with pytest.raises(Unreadable):
        keys.opening().open(sealed, info=b"row 2")


def test_a_changed_or_shortened_text_does_not_open(keys: KeyFiles) -> None:
    sealed = keys.sealing().seal(b"words", info=b"row")
    for broken in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", b"words"):
        with pytest.raises(Unreadable):
            keys.opening().open(broken, info=b"row")


def test_another_house_s_key_does_not_open(keys: KeyFiles, tmp_path: Path) -> None:
    other = KeyFiles(tmp_path / "other")
    other.create()
    with pytest.raises(Unreadable) as caught:
        other.opening().open(keys.sealing().seal(b"words", info=b"row"), info=b"row")
    assert caught.value.__suppress_context__, "the library's own error must not travel with ours"


def test_a_renewed_key_seals_and_the_earlier_one_opens_what_it_sealed_until_it_is_destroyed(keys: KeyFiles) -> None:
    before = keys.sealing()
    old = before.seal(b"old words", info=b"row")
    fresh = keys.renew_intake()
    new = keys.sealing().seal(b"new words", info=b"row")
    assert keys.sealing().key_id == keys.opening().key_id == fresh != before.key_id
    assert keys.exist()
    assert [keys.opening().open(sealed, info=b"row") for sealed in (old, new)] == [b"old words", b"new words"]
    assert list(keys.earlier_intake()) == [before.key_id]
    assert {oct(path.stat().st_mode & 0o777) for path in keys.folder.iterdir()} == {"0o600"}

    keys.destroy_intake(before.key_id)
    assert keys.opening().open(new, info=b"row") == b"new words"
    with pytest.raises(Unreadable):
        keys.opening().open(old, info=b"row")
    assert list(keys.earlier_intake()) == []


def test_the_same_words_are_never_sealed_alike(keys: KeyFiles) -> None:
    assert keys.sealing().seal(b"same", info=b"row") != keys.sealing().seal(b"same", info=b"row")


def test_the_public_half_has_no_way_to_open() -> None:
    assert [name for name in vars(SealingKey) if not name.startswith("_")] == ["seal"]


@given(some.binary(max_size=2_000))
def test_padding_is_undone_and_hides_the_length_to_256_bytes(plain: bytes) -> None:
    padded = pad(plain)
    assert unpad(padded) == plain
    assert len(padded) % PAD_TO == 0
    assert len(plain) < len(padded) <= len(plain) + PAD_TO


@pytest.mark.parametrize("name", ["intake.public", "blind"])
@pytest.mark.parametrize("damage", ["gone", "short"])
def test_a_missing_or_damaged_key_is_noticed_at_once(keys: KeyFiles, name: str, damage: str) -> None:
    keys.sealing()
    path = keys.folder / name
    path.unlink() if damage == "gone" else path.write_bytes(b"short")
    with pytest.raises(KeysMissing):
        keys.sealing() if name == "intake.public" else keys.blind("x")


def test_making_keys_again_never_replaces_them(keys: KeyFiles) -> None:
    before = (keys.folder / "intake.private").read_bytes()
    with pytest.raises(FileExistsError):
        keys.create()
    assert (keys.folder / "intake.private").read_bytes() == before


def test_a_blind_value_is_keyed_and_keeps_its_parts_apart(keys: KeyFiles, tmp_path: Path) -> None:
    other = KeyFiles(tmp_path / "other")
    other.create()
    assert keys.blind("ab", "c") == keys.blind(b"ab", b"c")
    assert keys.blind("ab", "c") != keys.blind("a", "bc")
    assert keys.blind("ab", "c") != other.blind("ab", "c")


def test_a_day_has_one_pair_however_often_it_is_made(keys: KeyFiles) -> None:
    keys.make_day_keys(DAY)
    sealed = keys.day_key(DAY).seal(b"read once", info=b"row")
    keys.make_day_keys(DAY)
    assert keys.day_opening("2020-03-02").open(sealed, info=b"row") == b"read once"
    assert keys.day_key(DAY + timedelta(days=1)).key_id == "2020-03-03"


def test_a_day_that_was_destroyed_neither_seals_nor_opens_and_its_bytes_are_gone(keys: KeyFiles) -> None:
    keys.make_day_keys(DAY)
    private = keys.folder / "day-2020-03-02.private"
    kept = keys.folder / "another name of the same file"
    kept.hardlink_to(private)
    assert keys.days_before(DAY + timedelta(days=1)) == [DAY]
    keys.destroy_day(DAY)
    keys.destroy_day(DAY)
    assert kept.read_bytes() == bytes(32)
    assert keys.days_before(DAY + timedelta(days=1)) == []
    for use in (lambda: keys.day_key(DAY), lambda: keys.day_opening("2020-03-02")):
        with pytest.raises(KeysMissing):
            use()


def test_a_pair_that_was_half_made_is_completed(keys: KeyFiles) -> None:
    keys.make_day_keys(DAY)
    (keys.folder / "day-2020-03-02.public").unlink()
    keys.make_day_keys(DAY)
    sealed = keys.day_key(DAY).seal(b"read once", info=b"row")
    assert keys.day_opening("2020-03-02").open(sealed, info=b"row") == b"read once"


@pytest.mark.parametrize("name", ["../intake", "", "2020-3-2", "intake"])
def test_a_key_id_that_names_no_day_has_no_key(keys: KeyFiles, name: str) -> None:
    with pytest.raises(KeysMissing):
        keys.day_opening(name)
