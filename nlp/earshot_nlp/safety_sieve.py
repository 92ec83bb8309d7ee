"""Which phrases may stand in a text at all: a quick look for the letters that each of them needs.

Searching for hundreds of phrases letter by letter is slow, and nearly no text holds any of them. From the way a phrase
is written one can tell a few strings of which every match must hold at least one ("slapped" or "smacked" …). Only
phrases one of whose strings stands in the text are searched for, so that no match is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

KEY = 3
"""Strings shorter than this say too little, and this many letters are looked up at once."""

_PIECE = re.compile(
    r"\(\?(?::|=|!|<=|<!)|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}\??|[*+?]\??|[()|.^$]|.", re.DOTALL
)
_SPECIAL = frozenset(".^$")
Strings = frozenset[str]


class Sieve:
    """Finds the phrases that may match a text.

    Args:
        phrases: regular expressions in the notation of the shipped list. Raises ValueError at groups that are captured.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        self._always: list[int] = []
        self._by_key: dict[str, list[tuple[str, int]]] = {}
        for number, phrase in enumerate(phrases):
            needed = needles(phrase)
            if needed is None:
                self._always.append(number)
                continue
            for needle in sorted(needed):
                self._by_key.setdefault(needle[:KEY], []).append((needle, number))

    def candidates(self, low: str) -> list[int]:
        """Give the numbers of the phrases that may match a text in lower case, ascending."""
        found = set(self._always)
        for key in {low[at : at + KEY] for at in range(len(low) - KEY + 1)} & self._by_key.keys():
            found.update(number for needle, number in self._by_key[key] if needle in low)
        return sorted(found)


def needles(phrase: str) -> Strings | None:
    """Give strings of which every match of a phrase holds at least one, or None where none of `KEY` letters is sure."""
    pieces = _PIECE.findall(phrase)
    found, at = _alternatives(pieces, 0)
    if at != len(pieces):
        raise ValueError("A phrase has one bracket too many.")
    return found


def _alternatives(pieces: Sequence[str], at: int) -> tuple[Strings | None, int]:
    """Read branches up to the closing bracket; every branch must be sure of something."""
    branches: list[Strings | None] = []
    while True:
        branch, at = _branch(pieces, at)
        branches.append(branch)
        if at == len(pieces) or pieces[at] == ")":
            break
        at += 1
    sure = [branch for branch in branches if branch is not None]
    return (frozenset().union(*sure) if len(sure) == len(branches) else None), at


def _branch(pieces: Sequence[str], at: int) -> tuple[Strings | None, int]:
    """Read one branch; of all that it must hold, the strings that say most are kept."""
    best: Strings | None = None
    run = ""
    while at < len(pieces) and pieces[at] not in ("|", ")"):
        piece = pieces[at]
        inner, at = _inner(pieces, at)
        optional, repeated = _count(pieces[at]) if at < len(pieces) else (False, False)
        at += 1 if optional or repeated else 0
        if _letter(piece):
            run += "" if optional else piece[-1]
            best = _better(best, frozenset([run]) if len(run) >= KEY else None)
            run = "" if optional or repeated else run
        else:
            run = run if piece == "\\b" else ""
            best = _better(best, None if optional else inner)
    return best, at


def _inner(pieces: Sequence[str], at: int) -> tuple[Strings | None, int]:
    """Read one piece, a bracket with all that is in it; what stands around a match is no part of it."""
    if pieces[at] == "(":
        raise ValueError("Write brackets of phrases as (?: … ).")
    if not pieces[at].startswith("(?"):
        return None, at + 1
    found, end = _alternatives(pieces, at + 1)
    return (found if pieces[at] == "(?:" else None), end + 1


def _count(piece: str) -> tuple[bool, bool]:
    """Whether a piece says that what stands before it may be absent, or may come several times."""
    if piece[0] in "*?" or piece.startswith(("{0", "{,")):
        return True, False
    return False, piece[0] == "+" or (piece[0] == "{" and len(piece) > 1)


def _letter(piece: str) -> bool:
    if len(piece) == 2 and piece[0] == "\\":
        return not piece[1].isalnum()
    return len(piece) == 1 and piece not in _SPECIAL


def _better(one: Strings | None, other: Strings | None) -> Strings | None:
    """The set whose shortest string is longer; of equal ones the smaller."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other, key=lambda found: (min(map(len, found)), -len(found)))
