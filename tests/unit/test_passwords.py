"""Promise 39: passwords of 15 characters or more, no rules of composition, common ones refused offline."""

from __future__ import annotations

import time

import pytest
from earshot.core.errors import Invalid
from earshot.people.guessing import common_words, is_common
from earshot.people.passwords import LONGEST, hash_password, matches

pytestmark = pytest.mark.slow

COMMON = [
    *("passwordpassword", "Password1234567", "P@ssw0rdP@ssw0rd!", "iloveyouforever", "qwertyuiopasdfgh"),
    *("123456789012345", "aaaaaaaaaaaaaaa", "abcdefghijklmno", "correct horse battery staple", "Welcome2024Welcome"),
    *(
        "letmein-letmein-letmein",
        "1qaz2wsx3edc4rfv",
        "Liverpool-Football",
        "summer2024summer2025",
        "monkey dragon 2023!!",
    ),
    *("changeme changeme", "HospitalWard2026!", "zxcvbnmasdfghjkl", "q1w2e3r4t5y6u7i8o9p0"),
]
UNCOMMON = [
    *("four unrelated words here", "kettle orbit mustard seven", "ünïcödé stöhnt wäldlich", "83b1ff0c96aa41d7e2"),
    *("my cat sleeps on the radiator", "the lift is broken again today", "849302759182734", "kYq%vT2mW!sLx9@z"),
]


@pytest.mark.parametrize("password", COMMON)
def test_promise_39_common_passwords_are_refused_though_they_are_long(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        hash_password(password)
    assert "easy to guess" in refused.value.fields[0].message


@pytest.mark.parametrize("password", UNCOMMON)
async def test_promise_39_no_composition_is_asked_for(password: str) -> None:
    assert await matches(password, hash_password(password))


@pytest.mark.parametrize("about", [("Marguerite Oyelaran-Blythe",), ("marguerite.oyelaran@fenmoor.example",)])
def test_promise_39_words_about_the_person_are_worth_nothing(about: tuple[str, ...]) -> None:
    assert is_common("Marguerite-Oyelaran-2026", about)
    assert not is_common("Marguerite-Oyelaran-2026")
    with pytest.raises(Invalid):
        hash_password("earshot earshot 12")


@pytest.mark.parametrize(
    ("length", "fits"), [(14, False), (15, True), (64, True), (128, True), (256, True), (257, False)]
)
async def test_promise_39_fifteen_characters_are_enough_and_many_more_are_allowed(length: int, fits: bool) -> None:
    password = ("orbit kettle mustard plinth vexed walrus jumble quartz " * 6)[:length]
    if fits:
        assert await matches(password, hash_password(password))
    else:
        with pytest.raises(Invalid):
            hash_password(password)


async def test_promise_39_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    composed, apart = "caf\u00e9 orbit mustard plinth", "cafe\u0301 orbit mustard plinth"
    assert await matches(apart, hash_password(composed))
    assert not await matches(composed + "x", hash_password(composed))
    assert not await matches(composed, None)
    assert not await matches("!", "!"), "what is no hash opens nothing"
    assert LONGEST == 256


def test_the_list_comes_with_earshot_and_even_an_odd_password_is_judged_at_once() -> None:
    assert len(common_words()) > 5_000
    began = time.perf_counter()
    assert not is_common("monkeydragonsoccerbatman" * 10 + "orbit")
    assert time.perf_counter() - began < 1
