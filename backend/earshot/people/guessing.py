"""Is a long password a common one? Pure, apart from the list that comes with Earshot.

Nobody's list of stolen passwords holds many of fifteen characters: people lengthen a common one instead. So a password
is taken apart, and refused where hardly more than one or two well-known pieces, walks over the keyboard, short numbers
and the person's own words are left. The pieces are the commonest entries of the list of zxcvbn 4.5.0 (MIT, © 2016
Daniel Wolf, https://github.com/dwolfhub/zxcvbn-python) and some of our own.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_MOST_PIECES = 2  # different ones: "passwordpassword" has one
_MOST_ODD = 2  # characters that belong to no piece
_LONGEST_NUMBER = 4  # digits: a year; longer ones are somebody's own
_SHORTEST_WALK = 3
_WALKS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop", "1234567890", "0123456789"),
    *("abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm"),
)
_STANDS_FOR = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"})
_State = tuple[int, frozenset[str]]  # odd characters so far, different pieces so far


@cache
def common_words() -> frozenset[str]:
    """The list of common passwords and the words that they are made of, in lower case."""
    packed = (files("earshot.people") / "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def is_common(password: str, about: Iterable[str] = ()) -> bool:
    """Whether a password is made of little but common pieces and words `about` the person, however they are written."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    own = frozenset(word for text in about for word in re.findall(r"[^\W_]{3,}", text.casefold()))
    spellings = {folded, folded.translate(_STANDS_FOR)}
    return any(_falls_apart("".join(filter(str.isalnum, spelling)), own) for spelling in spellings)


def _falls_apart(text: str, own: frozenset[str]) -> bool:
    """Whether some way to cut the text leaves few enough pieces and odd characters."""
    reached: list[set[_State]] = [set() for _ in range(len(text) + 1)]
    reached[0].add((0, frozenset()))
    for start in range(len(text)):
        if not reached[start]:
            continue
        free, words = _pieces(text, start, own)
        for odd, used in reached[start]:
            for end in free:
                reached[end].add((odd, used))
            for end in words:
                longer = used | {text[start:end]}
                if len(longer) <= _MOST_PIECES:
                    reached[end].add((odd, longer))
            if odd < _MOST_ODD:
                reached[start + 1].add((odd + 1, used))
    return bool(reached[-1])


def _pieces(text: str, start: int, own: frozenset[str]) -> tuple[set[int], set[int]]:
    """Where pieces that begin at `start` end: those that cost nothing, and words of the list."""
    ends = range(start + 1, min(len(text), start + 45) + 1)
    free = {end for end in ends if _costs_nothing(text[start:end], own)}
    number = re.compile(r"\d+").match(text, start)
    if number and number.end() - start <= _LONGEST_NUMBER and not text[:start][-1:].isdigit():
        free.add(number.end())
    return free, {end for end in ends if end - start >= 3 and text[start:end] in common_words()}


def _costs_nothing(piece: str, own: frozenset[str]) -> bool:
    """Words about the person, one character again and again, and walks over the keyboard."""
    if piece in own:
        return True
    if len(piece) < _SHORTEST_WALK:
        return False
    return len(set(piece)) == 1 or any(piece in walk or piece[::-1] in walk for walk in _WALKS)
